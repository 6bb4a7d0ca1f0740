//! What the model and the reading for it brought to light, each as a small example.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sync_core::testing::{Fault, ManualClock, MemorySink, MemorySource};
use sync_core::{
    Brake, BrakeLimit, Error, ErrorKind, Flow, FlowSettings, Identity, Item, Job, MemoryStore, Outcome, Page,
    ReadFrom, Reason, Rebind, Receipt, RejectFilter, Result, RetrySettings, RunContext, Sink, Source,
    SourceIdentity, SourceInfo, SourceKind, StepEnd, Store, SystemicLimit, Write,
};

use super::land::{Row, Way, lock, ready};
use super::play::{Play, Ran, polled};
use crate::world::name;

const ALL: u64 = 100_000;

fn world(way: Way, change: impl FnOnce(FlowSettings) -> FlowSettings) -> Play {
    let mut play = Play::new(7, way).with_keys(6).with_settings(|settings| {
        let off = settings.batch(2).page_budget(50).absences(1).brake(Brake::off());
        change(off.systemic(SystemicLimit::Off))
    });
    (0..6).for_each(|n| play.put(&format!("k{n}")));
    play
}

fn one_at_a_time(settings: FlowSettings) -> FlowSettings {
    let one = BrakeLimit::new(1, 0);
    settings.brake(Brake::off().removals(one).emptyings(one))
}

fn untick(play: &mut Play, numbers: impl IntoIterator<Item = u64>) {
    for n in numbers {
        play.edit(&format!("k{n}"), |row| row.map(|row| Row { ticked: false, ..row }));
    }
}

fn there(play: &Play) -> Vec<String> {
    lock(&play.shelf).rows.keys().cloned().collect()
}

#[test]
fn the_first_page_of_a_full_pass_is_read_again_after_it_was_held() {
    let mut play = world(Way::Snapshot, |settings| settings.systemic(SystemicLimit::above(1, 40)));
    for key in ["k0", "k1"] {
        play.edit(key, |row| row.map(|row| Row { poison: true, ..row }));
    }
    play.step(0, ALL);
    assert_eq!(play.error.as_ref().map(Error::kind), Some(ErrorKind::SystemicFailure));
    assert_eq!(play.approve(), 1);
    play.until_end();
    let rejects = ready(play.raw.rejects(&RejectFilter::all())).unwrap();
    assert_eq!(rejects.iter().map(|reject| reject.key.as_str()).collect::<Vec<_>>(), ["k0", "k1"]);
    assert_eq!(there(&play), ["k2", "k3", "k4", "k5"]);
}

#[test]
fn a_full_pass_that_fails_after_a_cycle_of_changes_is_told() {
    let mut play = world(Way::Feed, |settings| settings);
    play.until_end();
    play.advance(Duration::from_secs(2 * 3_600));
    let faults = play.land.source_faults.clone();
    // the changes, then the list of everything
    faults.on_call(faults.calls() + 2, Fault::FailBefore);
    assert_eq!(play.step(0, ALL), None);
    assert_eq!(play.error.as_ref().map(Error::kind), Some(ErrorKind::Transient));
}

#[test]
fn a_full_pass_gets_on_with_one_page_per_step() {
    for way in [Way::Feed, Way::Keyset, Way::Queue, Way::Reconciled] {
        let mut play = world(way, |settings| settings.batch(1).page_budget(1));
        play.advance(Duration::from_secs(60));
        play.until_end();
        play.advance(Duration::from_secs(2 * 3_600));
        play.until_end();
        assert_eq!(there(&play).len(), 6);
    }
}

#[test]
fn an_approval_in_the_middle_of_a_cycle_of_changes_goes_through() {
    let mut play = world(Way::Feed, |settings| one_at_a_time(settings).batch(1).page_budget(1));
    play.until_end();
    untick(&mut play, 0..3);
    play.until_end();
    untick(&mut play, 3..4);
    play.put("k4");
    assert_eq!(play.step(0, ALL), Some(StepEnd::More));
    assert_eq!(play.approve(), 1);
    play.until_end();
    assert_eq!(there(&play), ["k4", "k5"]);
}

#[test]
fn an_approval_in_the_middle_of_a_full_pass_waits_for_the_next_one() {
    let mut play = world(Way::Snapshot, |settings| one_at_a_time(settings).batch(1).page_budget(1));
    play.until_end();
    untick(&mut play, 0..4);
    play.until_end();
    // the first is gone, the second is held once more
    (0..2).for_each(|_| assert_eq!(play.step(0, ALL), Some(StepEnd::More)));
    assert_eq!(play.approve(), 1);
    (0..2).for_each(|_| play.until_end());
    assert_eq!(there(&play), ["k4", "k5"]);
}

#[test]
fn held_emptyings_of_a_source_without_look_up_go_with_a_full_pass() {
    let mut play = world(Way::FeedWithoutLookUp, one_at_a_time);
    play.until_end();
    for n in 0..4 {
        play.edit(&format!("k{n}"), |row| row.map(|row| Row { empty: true, ..row }));
    }
    play.until_end();
    assert_eq!(play.approve(), 1);
    play.until_end();
    assert_eq!(lock(&play.shelf).rows.values().filter(|out| out.empty).count(), 4);
    assert_eq!(play.approve(), 0);
}

/// Dies between the write and its commit, wherever that is, and comes again after its lease lapsed.
fn wherever_it_dies(make: impl Fn() -> Play, then: impl Fn(&mut Play)) {
    let mut in_between = 0;
    for polls in 1..40 {
        let mut play = make();
        let written = lock(&play.shelf).written;
        play.step(0, polls);
        play.check();
        in_between += u32::from(lock(&play.shelf).written > written);
        play.advance(Duration::from_secs(120));
        then(&mut play);
        play.quiesce();
    }
    assert!(in_between > 3, "it never died after a write: {in_between}");
}

const WAYS: [Way; 8] = [
    Way::Snapshot,
    Way::SnapshotWithLookUp,
    Way::ShiftingWithLookUp,
    Way::Keyset,
    Way::Feed,
    Way::FeedWithoutLookUp,
    Way::Queue,
    Way::SwallowingQueue,
];

#[test]
fn what_was_written_before_a_crash_and_vanished_since_goes_from_the_target() {
    for way in WAYS {
        for gone in [true, false] {
            wherever_it_dies(
                || world(way, |settings| settings),
                |play| {
                    (0..6).for_each(|n| {
                        let out = |row: Row| if gone { None } else { Some(Row { ticked: false, ..row }) };
                        play.edit(&format!("k{n}"), |row| row.and_then(out));
                    });
                },
            );
        }
    }
}

#[test]
fn what_was_written_before_a_crash_and_changed_back_since_is_written_again() {
    for way in WAYS {
        let set = |play: &mut Play, value| {
            (0..6).for_each(|n| play.edit(&format!("k{n}"), |row| row.map(|row| Row { value, ..row })));
        };
        wherever_it_dies(
            || {
                let mut play = world(way, |settings| settings);
                set(&mut play, 1);
                play.advance(Duration::from_secs(60));
                play.until_end();
                set(&mut play, 2);
                play.advance(Duration::from_secs(60));
                play
            },
            |play| set(play, 1),
        );
    }
}

#[test]
fn a_sink_that_fails_after_it_wrote_a_part_leaves_nothing_unknown_and_an_intent_that_does_not_grow() {
    for way in WAYS {
        let mut play = world(way, |settings| settings);
        play.advance(Duration::from_secs(60));
        let mut stored = Vec::new();
        for _ in 0..5 {
            *lock(&play.land.breaks_at) = Some(play.land.sink_faults.calls() + 1);
            assert_eq!(play.step(0, ALL), None);
            play.check();
            let state = ready(play.raw.read_page(&play.land.part(0), Default::default())).unwrap();
            let position: serde_json::Value = serde_json::from_str(&state.position.unwrap()).unwrap();
            stored.push((position["writing"].to_string(), state.population));
        }
        assert!(stored[1..].windows(2).all(|pair| pair[0] == pair[1]), "{way:?}: {stored:?}");
        assert_eq!(stored[4].1.active, 2, "{way:?}: the first page alone");
        (0..6).for_each(|n| play.edit(&format!("k{n}"), |_| None));
        play.quiesce();
        assert_eq!(there(&play), Vec::<String>::new());
    }
}

#[test]
fn a_first_load_that_is_repeated_empties_nothing() {
    let mut play = world(Way::Feed, one_at_a_time);
    (0..6).for_each(|n| play.edit(&format!("k{n}"), |row| row.map(|row| Row { empty: true, ..row })));
    for _ in 0..3 {
        play.land.sink_faults.on_next_call(Fault::FailBefore);
        assert_eq!(play.step(0, ALL), None);
    }
    play.until_end();
    assert_eq!((there(&play).len(), play.approve()), (6, 0));
}

#[test]
fn another_source_does_not_make_forget_what_was_being_written() {
    for keep in [Rebind::FromStart, Rebind::KeepPosition] {
        let mut play = world(Way::Snapshot, |settings| settings);
        *lock(&play.land.breaks_at) = Some(1);
        assert_eq!(play.step(0, ALL), None);
        ready(play.clean().rebind(keep)).unwrap();
        play.check();
        play.edit("k0", |_| None);
        play.until_end();
        assert_eq!(there(&play), ["k1", "k2", "k3", "k4", "k5"]);
    }
}

#[test]
fn what_a_repeat_refuses_may_have_been_written_before() {
    #[derive(Debug, Default)]
    struct Late(Mutex<Vec<&'static str>>);
    #[async_trait::async_trait]
    impl Sink for Late {
        type Record = i64;
        async fn write(&self, batch: &[Write<i64>]) -> Result<Vec<Outcome>> {
            let mut heard = lock(&self.0);
            heard.push(if matches!(batch, [Write::Remove { .. }]) { "removed" } else { "written" });
            match heard.len() {
                1 => Err(Error::new(ErrorKind::Transient, "the answer is lost")),
                2 => Ok(vec![Outcome::rejected(Reason::new("closed meanwhile"))]),
                _ => Ok(vec![Outcome::applied()]),
            }
        }
    }
    let source = Arc::new(MemorySource::token());
    source.put("k", 1);
    let sink = Arc::new(Late::default());
    let flow = Flow::new(name(), source.clone(), Identity, sink.clone(), Arc::new(MemoryStore::new()))
        .with_settings(
            FlowSettings::default().retry(RetrySettings::default().pauses(Duration::ZERO, Duration::ZERO)),
        )
        .with_clock(Arc::new(ManualClock::default()));
    step(&flow).unwrap();
    source.put_deleted("k");
    step(&flow).unwrap();
    assert_eq!(*lock(&sink.0), ["written", "written", "removed"]);
}

fn flow<S: Source<Record = i64> + 'static>(source: S, store: &Arc<MemoryStore>) -> Flow {
    Flow::new(name(), source, Identity, MemorySink::new(), store.clone())
        .with_settings(one_at_a_time(FlowSettings::default()))
        .with_clock(Arc::new(ManualClock::default()))
}

fn step(flow: &Flow) -> Result<StepEnd> {
    let run = RunContext::default();
    match polled(pin!(flow.step(&run)), ALL) {
        Ran::Ready(done) => done.map(|tally| tally.end),
        Ran::UnderWay | Ran::Hangs => panic!("the step hangs"),
    }
}

#[test]
fn what_a_cycle_held_that_was_cut_short_can_be_approved() {
    #[derive(Debug, Default)]
    struct Cut(AtomicU32);
    #[async_trait::async_trait]
    impl Source for Cut {
        type Record = i64;
        type Cursor = u32;
        fn describe(&self) -> SourceInfo {
            SourceInfo::new(SourceKind::Token, SourceIdentity::new("cut", "feed"))
        }
        async fn read(&self, _: ReadFrom<&u32>, _: usize) -> Result<Page<i64, u32>> {
            let keys = (0..5).map(|n| format!("k{n}"));
            Ok(match self.0.fetch_add(1, Ordering::SeqCst) {
                0 => Page::last(keys.map(|key| Item::upsert(key, 1)).collect(), Some(0)),
                _ => Page::cut_short(keys.map(Item::deleted).collect(), Some(1)),
            })
        }
    }
    let flow = flow(Cut::default(), &Arc::new(MemoryStore::new()));
    step(&flow).unwrap();
    assert_eq!(step(&flow).unwrap_err().kind(), ErrorKind::Incomplete);
    let held = ready(flow.status()).unwrap().parts.remove(0).held;
    assert_eq!(held.map(|held| held.removals), Some(5));
}

#[test]
fn unreadable_records_of_a_queue_are_rejects_of_their_own() {
    #[derive(Debug)]
    struct Queue(Mutex<Vec<&'static str>>);
    #[async_trait::async_trait]
    impl Source for Queue {
        type Record = i64;
        type Cursor = u32;
        fn describe(&self) -> SourceInfo {
            SourceInfo::new(SourceKind::Queue, SourceIdentity::new("queue", "changes"))
        }
        async fn read(&self, _: ReadFrom<&u32>, _: usize) -> Result<Page<i64, u32>> {
            let waiting = lock(&self.0).clone();
            let first = waiting.first().map(|id| Item::bad(None, Error::invalid("bad")).with_receipt(*id));
            let items = first.into_iter().collect();
            Ok(if waiting.len() > 1 { Page::more(items, 0) } else { Page::last(items, None) })
        }
        async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
            lock(&self.0).retain(|id| outcomes.iter().all(|(receipt, _)| receipt.as_str() != *id));
            Ok(())
        }
    }
    let store = Arc::new(MemoryStore::new());
    let flow = flow(Queue(Mutex::new(vec!["a", "b", "c"])), &store);
    step(&flow).unwrap();
    assert_eq!(ready(store.count_rejects(&RejectFilter::all())).unwrap().count, 3);
}

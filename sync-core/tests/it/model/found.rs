//! What the model and the reading for it brought to light, each as a small example.

use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sync_core::testing::{Fault, ManualClock, MemorySink};
use sync_core::{
    Brake, BrakeLimit, Error, ErrorKind, Flow, FlowSettings, Identity, Item, Job, MemoryStore, Page,
    ReadFrom, Reason, Receipt, RejectFilter, Result, RunContext, Source, SourceIdentity, SourceInfo,
    SourceKind, StepEnd, Store, SystemicLimit,
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

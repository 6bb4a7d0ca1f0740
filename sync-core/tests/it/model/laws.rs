//! The laws L1 to L11, L16 to L18 and L25 to L28, each by name. The model checks most of them everywhere; here each has its
//! own small example.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{Config, TestRunner};
use sync_core::testing::{
    Fault, Faults, ManualClock, MemoryChanges, MemorySink, MemorySource, store_history,
};
use sync_core::{
    Acquired, Brake, BrakeLimit, Clock, Error, ErrorKind, Flow, FlowSettings, Holder, Identity, Item, Job,
    Key, KeysetSource, Link, LinkRef, Links, Mapped, Mapper, MemoryStore, Outcome, Page, PageCommit, Part,
    Pause, ReadFrom, Reason, Rebind, RejectFilter, Result, RunContext, Sink, Source, SourceIdentity,
    SourceInfo, SourceKind, StepEnd, Store, SystemicLimit, Write,
};

use super::land::{Row, Way, lock, ready};
use super::play::{Play, Ran, polled};
use crate::world::{TTL, finish, name};

const ALL: u64 = 100_000;

/// A world of small pages in which these keys exist.
fn world(way: Way, keys: u64) -> Play {
    let mut play = Play::new(7, way).with_keys(keys).with_settings(|settings| {
        settings.batch(2).page_budget(50).absences(1).systemic(SystemicLimit::Off).brake(Brake::off())
    });
    for n in 0..keys {
        play.put(&key(&play, n));
    }
    play
}

fn key(play: &Play, n: u64) -> String {
    format!("{}k{n}", play.land.way.parts()[0])
}

/// Polls by hand until it is done.
fn done<T>(future: impl Future<Output = T>) -> T {
    match polled(pin!(future), ALL) {
        Ran::Ready(done) => done,
        Ran::UnderWay | Ran::Hangs => panic!("it hangs"),
    }
}

fn there(play: &Play) -> BTreeSet<String> {
    lock(&play.shelf).rows.keys().cloned().collect()
}

fn numbers(numbers: impl IntoIterator<Item = u64>) -> BTreeSet<String> {
    numbers.into_iter().map(|n| format!("k{n}")).collect()
}

/// Has a world of this many polls, the step of which dies there, until a step gets to its end.
fn wherever_it_dies(make: impl Fn() -> Play, mut then: impl FnMut(Play)) {
    for polls in 1.. {
        let mut play = make();
        let ended = play.step(0, polls).is_some();
        play.check();
        play.advance(TTL * 2);
        then(play);
        if ended {
            assert!(polls > 20, "the crash points are not real: {polls}");
            return;
        }
    }
}

fn seeds(ways: &[Way], prepare: impl Fn(Play) -> Play + Copy) {
    for &way in ways {
        (1_000_000..1_000_005).for_each(|seed| super::play(seed, way, prepare));
    }
}

#[test]
fn l01_no_loss_if_the_overlap_is_skew_plus_commit_lag() {
    let (skew, lag) = (TimeDelta::seconds(5), TimeDelta::seconds(20));
    for (overlap, is_found) in [(25, true), (24, false)] {
        let store = Arc::new(MemoryStore::new());
        let clock = Arc::new(ManualClock::default());
        let now = clock.now();
        let list = Arc::new(MemoryChanges::new());
        let sink = Arc::new(MemorySink::new());
        let flow = |list: Arc<MemoryChanges<i64>>| {
            let source = KeysetSource::new(list).overlap(Duration::from_secs(overlap));
            Flow::new(name(), source.clock(clock.clone()), Identity, sink.clone(), store.clone())
                .with_clock(clock.clone())
        };
        // our clock is ahead of the source's, and a row dated in the future takes the mark up to it
        list.put(now + TimeDelta::days(1), "future", 1);
        done(finish(&flow(list.clone())));
        // stamped by the source's clock a lag ago, and committed there only now
        list.put(now - skew - lag, "late", 2);
        done(finish(&flow(list.clone())));
        assert_eq!(sink.records().contains_key(&Key::from("late")), is_found, "overlap of {overlap} s");
    }
    seeds(&[Way::Keyset, Way::KeysetWithoutTies], |play| play);
}

#[test]
fn l02_the_position_is_never_ahead_of_the_target() {
    for way in [Way::Feed, Way::PartsOfFeeds] {
        // what the position passed is looked at after each step
        wherever_it_dies(|| world(way, 5), |mut play| play.quiesce());
    }
}

#[test]
fn l03_the_position_only_rises() {
    for way in [Way::Keyset, Way::KeysetWithoutTies, Way::Feed] {
        wherever_it_dies(
            || world(way, 5),
            |mut play| {
                for n in [4, 0, 2] {
                    play.put(&key(&play, n));
                    play.advance(Duration::from_secs(20));
                    // compares with the position before
                    play.until_end();
                }
                play.quiesce();
            },
        );
    }
}

#[test]
fn l04_applying_a_part_twice_is_applying_it_once() {
    for way in [Way::SnapshotWithLookUp, Way::Feed, Way::SwallowingQueue, Way::Keyset] {
        let make = || {
            let mut play = world(way, 5);
            play.edit("k1", |row| row.map(|row| Row { ticked: false, ..row }));
            play.put("k0");
            play
        };
        let mut once = make();
        once.quiesce();
        let once = lock(&once.shelf).rows.clone();
        wherever_it_dies(make, |mut play| {
            play.quiesce();
            assert_eq!(lock(&play.shelf).rows, once);
        });
    }
}

#[test]
fn l05_nothing_older_overwrites_what_is_newer() {
    for way in [Way::Feed, Way::Queue, Way::SwallowingQueue, Way::Keyset, Way::SnapshotWithLookUp] {
        for polls in 1..60 {
            let mut play = world(way, 4);
            play.until_end();
            play.put("k1");
            play.put("k2");
            // the target tells when a lower version comes
            play.step_around(polls, |play, _| {
                play.put("k1");
                ready(play.raw.replay_rejects(&RejectFilter::all())).unwrap();
            });
            play.check();
            play.quiesce();
        }
    }
}

#[test]
fn l06_every_record_is_counted_once() {
    let mut play = world(Way::Feed, 6);
    play.edit("k1", |row| row.map(|row| Row { ticked: false, ..row }));
    play.edit("k2", |row| row.map(|row| Row { poison: true, ..row }));
    play.edit("k3", |row| row.map(|row| Row { bad: true, ..row }));
    lock(&play.shelf).refused.insert("k4".to_owned());
    let mut sum = [0; 5];
    wherever_it_dies(
        || {
            let mut play = world(Way::Feed, 6);
            play.edit("k1", |row| row.map(|row| Row { ticked: false, ..row }));
            play
        },
        // the observer adds each page up, the step its pages
        |mut play| play.quiesce(),
    );
    play.until_end();
    for counts in play.counts() {
        let page = [counts.fetched, counts.applied, counts.unchanged, counts.left_out, counts.rejected];
        sum = std::array::from_fn(|at| sum[at] + page[at]);
    }
    let [fetched, rest @ ..] = sum;
    assert_eq!(fetched, rest.iter().sum::<u64>());
    assert!(rest.iter().all(|count| *count > 0), "{sum:?}");
}

#[test]
fn l07_a_rejected_record_is_in_the_rejects_or_before_the_position() {
    let make = || {
        let mut play = world(Way::Feed, 6);
        play.edit("k0", |row| row.map(|row| Row { poison: true, ..row }));
        play.edit("k3", |row| row.map(|row| Row { bad: true, ..row }));
        play.edit("k5", |row| row.map(|row| Row { link: Some(1), ..row }));
        lock(&play.shelf).refused.insert("k2".to_owned());
        play
    };
    wherever_it_dies(make, |mut play| {
        play.until_end();
        let mut rejected: Vec<_> = ready(play.raw.rejects(&RejectFilter::all())).unwrap();
        rejected.sort_by(|a, b| a.key.cmp(&b.key));
        let rejected: BTreeSet<String> = rejected.iter().map(|reject| reject.key.to_string()).collect();
        assert_eq!(rejected, numbers([0, 2, 3, 5]));
    });
}

#[test]
fn l08_bad_records_stop_themselves_alone() {
    for way in [Way::Snapshot, Way::Feed, Way::Queue, Way::Keyset, Way::PartsOfFeeds] {
        for bad in 0..64_u64 {
            let mut play = world(way, 6);
            for n in (0..6).filter(|n| bad & (1 << n) != 0) {
                let key = key(&play, n);
                match n % 4 {
                    0 => play.edit(&key, |row| row.map(|row| Row { poison: true, ..row })),
                    1 => play.edit(&key, |row| row.map(|row| Row { bad: true, ..row })),
                    2 => _ = lock(&play.shelf).refused.insert(key),
                    _ => _ = lock(&play.shelf).cursed.insert(key),
                }
            }
            play.advance(Duration::from_secs(60));
            play.until_end();
            let good = (0..6).filter(|n| bad & (1 << n) == 0).map(|n| key(&play, n)).collect();
            assert_eq!(there(&play), good, "{way:?} {bad:b}");
        }
    }
}

/// Mappers do not panic, says their contract. One that does ends the step like a crash: nothing of the page is sent or
/// committed, the panic reaches the caller, and the same flow goes on once the mapper is mended.
#[test]
fn l09_a_mapper_that_fails_makes_rejects_and_one_that_panics_is_a_crash() {
    #[derive(Debug, Default)]
    struct Panics(AtomicBool);
    impl Mapper<i64> for Panics {
        type Out = i64;
        fn map(&self, _: &Key, record: i64, _: &Links) -> Result<Mapped<i64>, Reason> {
            assert!(record != 3 || !self.0.load(Ordering::Relaxed), "scripted");
            if record == 2 { Err(Reason::new("two")) } else { Ok(Mapped::Send(record)) }
        }
    }
    #[derive(Debug)]
    struct Lent(Arc<Panics>);
    impl Mapper<i64> for Lent {
        type Out = i64;
        fn map(&self, key: &Key, record: i64, links: &Links) -> Result<Mapped<i64>, Reason> {
            self.0.map(key, record, links)
        }
    }
    let mapper = Arc::new(Panics(AtomicBool::new(true)));
    let source = MemorySource::token().wire_page(2);
    (1..=5).for_each(|n| source.put(format!("k{n}"), n));
    let (store, sink) = (Arc::new(MemoryStore::new()), Arc::new(MemorySink::new()));
    let flow = Flow::new(name(), source, Lent(mapper.clone()), sink.clone(), store.clone())
        .with_settings(FlowSettings::default().batch(2))
        .with_clock(Arc::new(ManualClock::default()));
    let run = RunContext::default();
    let caught = catch_unwind(AssertUnwindSafe(|| match polled(pin!(flow.step(&run)), ALL) {
        Ran::Ready(_) => panic!("the panic did not reach the caller"),
        Ran::UnderWay | Ran::Hangs => panic!("the step hangs"),
    }));
    let said = caught.unwrap_err();
    assert_eq!(said.downcast_ref::<&str>().copied(), Some("scripted"));
    assert_eq!(sink.log().iter().map(Key::as_str).collect::<Vec<_>>(), ["k1"]);
    mapper.0.store(false, Ordering::Relaxed);
    done(finish(&flow));
    assert_eq!(sink.records().values().copied().collect::<Vec<_>>(), [1, 3, 4, 5]);
    assert_eq!(ready(store.rejects(&RejectFilter::all())).unwrap()[0].reason.code(), "two");
}

#[test]
fn l10_only_a_complete_pass_a_tombstone_or_a_look_up_removes() {
    for way in [Way::Snapshot, Way::SnapshotWithLookUp] {
        let mut play = world(way, 6);
        play.until_end();
        play.edit("k0", |_| None);
        let calls = play.land.source_faults.calls();
        // the list breaks off at its last page, again and again
        for n in 0..3 {
            let faults = play.land.source_faults.clone();
            faults.on_call(faults.calls() + if n == 0 { 3 } else { 1 }, Fault::FailBefore);
            play.step(0, ALL);
            assert_eq!(there(&play), numbers(0..6));
        }
        assert!(play.land.source_faults.calls() > calls + 3);
        play.until_end();
        assert_eq!(there(&play), numbers(1..6));
    }
    // records that slip from page to page are not believed to be gone without a look-up
    for (way, removes) in [(Way::Shifting, false), (Way::ShiftingWithLookUp, true)] {
        let mut play = world(way, 6);
        play.until_end();
        play.edit("k0", |_| None);
        (0..3).for_each(|_| play.until_end());
        assert_eq!(there(&play).contains("k0"), !removes);
    }
    // a tombstone needs no pass
    let mut play = world(Way::FeedWithoutLookUp, 6);
    play.until_end();
    play.edit("k0", |_| None);
    play.until_end();
    assert_eq!(there(&play), numbers(1..6));
}

#[test]
fn l11_no_cycle_takes_more_away_than_the_brake_allows() {
    for way in
        [Way::Snapshot, Way::SnapshotWithLookUp, Way::Feed, Way::FeedWithoutLookUp, Way::Queue, Way::Keyset]
    {
        for gone in 0..=6 {
            let mut play = world(way, 6).with_settings(|settings| {
                let limit = BrakeLimit::new(2, 0);
                settings.brake(Brake::default().removals(limit).emptyings(limit))
            });
            play.advance(Duration::from_secs(60));
            play.until_end();
            for n in 0..gone {
                play.edit(&key(&play, n), |row| row.map(|row| Row { ticked: false, ..row }));
            }
            play.advance(Duration::from_secs(60));
            play.until_end();
            let removed = lock(&play.shelf).removed;
            assert!(removed <= 2, "{way:?}: {removed} of {gone} were removed");
            (0..3).for_each(|_| play.until_end());
            assert_eq!(lock(&play.shelf).removed, removed, "{way:?}: what is held goes in portions");
            assert_eq!(play.approve(), usize::from(removed < gone), "{way:?} {gone}");
            (0..2).for_each(|_| play.until_end());
            assert_eq!(there(&play), numbers(gone..6), "{way:?}: an approval let {gone} not go");
            assert_eq!(play.approve(), 0, "something is still held");
        }
    }
}

#[test]
fn l16_an_instance_that_stood_still_commits_nothing_more() {
    let mut stopped = 0;
    // from the third poll on it has the lease
    for polls in 3..60 {
        let mut play = world(Way::Feed, 6);
        let part = play.land.part(0);
        let mut revisions = Vec::new();
        play.sleepwalk_to(polls, |play| {
            revisions.push(ready(play.raw.read_page(&part, Default::default())).unwrap().revision);
        });
        let revision = ready(play.raw.read_page(&part, Default::default())).unwrap().revision;
        if let [taken_over] = revisions[..] {
            assert_eq!(revision, taken_over, "an old fence committed after {polls} polls");
            stopped += 1;
        }
        play.quiesce();
    }
    assert!(stopped > 20, "the pauses are not real: {stopped}");
}

#[test]
fn l17_nobody_else_works_until_the_lease_lapses_and_fences_rise() {
    for polls in 4..40 {
        let mut play = world(Way::Feed, 6);
        play.step_around(polls, |play, _| {
            let written = lock(&play.shelf).written;
            let end = play.step(1, ALL);
            assert!(matches!(end, Some(StepEnd::Paused(Pause::HeldElsewhere { .. }))), "{end:?}");
            assert_eq!(lock(&play.shelf).written, written);
        });
        play.quiesce();
    }
    let play = world(Way::Feed, 1);
    let (one, two) = (Holder::from("one"), Holder::from("two"));
    let mut last = 0;
    for round in 0..20 {
        let (first, second) = if round % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let Acquired::Granted(lease) = ready(play.raw.acquire(&name(), first, TTL)).unwrap() else {
            panic!("the lease is free")
        };
        assert!(lease.fence > last, "a fence that does not rise");
        last = lease.fence;
        let other = ready(play.raw.acquire(&name(), second, TTL)).unwrap();
        assert!(matches!(other, Acquired::HeldBy { .. }), "two hold one lease");
        play.clock.advance(TTL);
    }
}

/// A position as it is stored: of a full pass under way, with something held, or between two cycles.
fn stored(seed: u64) -> Option<(Play, Part, String)> {
    let ways = [Way::Snapshot, Way::SwallowingQueue, Way::KeysetWithoutTies];
    let way = ways[usize::try_from(seed % 3).unwrap()];
    let mut play = Play::new(seed, way);
    (0..30).for_each(|_| play.operate());
    play.put("k0");
    play.step(0, ALL);
    play.land.source_faults.clear();
    play.store_faults.clear();
    play.land.sink_faults.clear();
    play.advance(TTL * 60);
    play.step(0, ALL);
    play.advance(TTL * 2);
    let part = play.land.part(0);
    let text = ready(play.raw.read_page(&part, Default::default())).unwrap().position?;
    Some((play, part, text))
}

#[test]
fn l18_a_store_compares_and_sets_as_if_one_commit_came_after_the_other() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    runtime.block_on(store_history(&[store], 8, 60)).unwrap();
}

#[test]
fn l25_a_position_comes_back_as_it_was_and_a_corrupted_one_is_told() {
    let mut shapes = BTreeSet::new();
    for (play, part, text) in (0..30).filter_map(stored) {
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        shapes.extend(value.as_object().unwrap().keys().cloned());
        // read and written again, whatever is in it
        ready(play.clean().rebind(Rebind::KeepPosition)).unwrap();
        let again = ready(play.raw.read_page(&part, Default::default())).unwrap().position.unwrap();
        let again: serde_json::Value = serde_json::from_str(&again).unwrap();
        let mut value = value;
        value.as_object_mut().unwrap().remove("as_of");
        assert_eq!(again, value);
    }
    assert!(
        shapes.contains("cursor") && shapes.contains("pass") && shapes.contains("passed_at"),
        "{shapes:?}"
    );
    let (_, _, text) = stored(1).unwrap();
    let wound = prop_oneof![
        (0..text.len(), 0..128_u8).prop_map(|(at, byte)| (at, Some(char::from(byte)), 1)),
        (0..text.len(), 1..40_usize).prop_map(|(at, cut)| (at, None, cut)),
        (0..text.len()).prop_map(|at| (at, None, usize::MAX)),
        Just((0, Some('{'), 0)),
    ];
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(300) });
    runner
        .run(&wound, |(at, put, cut)| {
            let mut broken: Vec<char> = text.chars().collect();
            let end = at.saturating_add(cut).min(broken.len());
            broken.splice(at..end, put);
            let broken: String = broken.into_iter().collect();
            let play = world(Way::SwallowingQueue, 2);
            let part = play.land.part(0);
            let lease = match ready(play.raw.acquire(&name(), &Holder::from("x"), TTL)).unwrap() {
                Acquired::Granted(lease) => lease,
                other => panic!("{other:?}"),
            };
            ready(play.raw.commit(&part, &lease, PageCommit::new(0, broken.clone()))).unwrap();
            ready(play.raw.give_back(&lease)).unwrap();
            let run = RunContext::default();
            let flow = play.clean();
            let Ran::Ready(done) = polled(pin!(flow.step(&run)), ALL) else { panic!("the step hangs") };
            let is_json = serde_json::from_str::<serde_json::Value>(&broken).is_ok();
            match done {
                // a letter within a name or a number may still be a position
                Ok(_) => assert!(is_json, "{broken}"),
                Err(error) => {
                    let told =
                        [ErrorKind::UnknownFormat, ErrorKind::FingerprintMismatch, ErrorKind::WentBack];
                    assert!(told.contains(&error.kind()), "{broken}: {error}");
                    assert_eq!(lock(&play.shelf).written, 0, "something was sent");
                }
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn l26_what_is_acknowledged_was_committed() {
    for way in [Way::Queue, Way::SwallowingQueue, Way::Reconciled] {
        let make = || {
            let mut play = world(way, 5);
            play.edit("k1", |row| row.map(|row| Row { poison: true, ..row }));
            play
        };
        // the queue compares each acknowledgement with the store
        wherever_it_dies(make, |mut play| {
            let committed = ready(play.raw.read_page(&play.land.part(0), Default::default())).unwrap();
            let given = lock(&play.land.truths)[0].next_receipt;
            let left = lock(&play.land.truths)[0].queue.len() as u64;
            assert!(left == given || committed.revision > 0, "acknowledged without a commit");
            play.quiesce();
            assert!(lock(&play.land.truths)[0].queue.is_empty());
        });
        // one that is never taken is told, not tried for ever
        let mut play = make();
        play.land.source_faults.on_call(2, Fault::FailBefore);
        assert_eq!(play.step(0, ALL), None);
        assert_eq!(play.error.as_ref().map(Error::kind), Some(ErrorKind::Transient));
        play.quiesce();
    }
}

static LIVE: AtomicI64 = AtomicI64::new(0);
static MOST: AtomicI64 = AtomicI64::new(0);

/// Knows how many of its kind there are.
#[derive(serde::Serialize)]
struct Counted(u64);

impl Counted {
    fn new(n: u64) -> Self {
        MOST.fetch_max(LIVE.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        Self(n)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        LIVE.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn l27_no_more_records_live_than_the_pages_in_flight_hold() {
    const BATCH: usize = 20;
    #[derive(Debug)]
    struct Endless;
    #[async_trait::async_trait]
    impl Source for Endless {
        type Record = Counted;
        type Cursor = u64;
        fn describe(&self) -> SourceInfo {
            SourceInfo::new(SourceKind::Token, SourceIdentity::new("endless", "numbers"))
        }
        async fn read(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<Counted, u64>> {
            let start = if let ReadFrom::After(at) = from { *at } else { 0 };
            let end = start + limit.min(10) as u64;
            let items = (start..end).map(|n| Item::upsert(format!("k{n:04}"), Counted::new(n))).collect();
            Ok(if end >= 1_000 { Page::last(items, Some(end)) } else { Page::more(items, end) })
        }
    }
    #[derive(Debug)]
    struct Pit;
    #[async_trait::async_trait]
    impl Sink for Pit {
        type Record = Counted;
        async fn write(&self, batch: &[Write<Counted>]) -> Result<Vec<Outcome>> {
            // gives way, so that the next page is read meanwhile
            Faults::none().around(async { Ok(batch.iter().map(|_| Outcome::applied()).collect()) }).await
        }
    }
    let flow = Flow::new(name(), Endless, Identity, Pit, Arc::new(MemoryStore::new()))
        .with_settings(FlowSettings::default().batch(BATCH).page_budget(100))
        .with_clock(Arc::new(ManualClock::default()));
    assert_eq!(done(finish(&flow)).applied, 1_000);
    assert_eq!(LIVE.load(Ordering::SeqCst), 0, "records are kept");
    // one page is written while the next one is read
    let most = MOST.load(Ordering::SeqCst);
    assert!(most <= 2 * BATCH as i64, "{most} records at once");
    assert!(most > BATCH as i64, "nothing is read ahead: {most}");
}

/// Keeps all that is traced as one text.
#[derive(Debug, Default, Clone)]
struct Ear(Arc<Mutex<String>>);

impl tracing::field::Visit for Ear {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        writeln!(lock(&self.0), "{field}={value:?}").unwrap();
    }
}

impl tracing::Subscriber for Ear {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        span.record(&mut self.clone());
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[test]
fn l28_no_content_of_a_record_shows_anywhere() {
    const CANARY: &str = "canary-7f3a";
    #[derive(Debug, Clone, serde::Serialize)]
    struct Secret(&'static str, i64);
    #[derive(Debug)]
    struct Picky;
    impl Mapper<Secret> for Picky {
        type Out = Secret;
        fn map(&self, key: &Key, record: Secret, _: &Links) -> Result<Mapped<Secret>, Reason> {
            match record.1 {
                1 => Err(Reason::new("odd").with_detail(format!("{key} is {CANARY}"))),
                2 => Err(Reason::missing_link(LinkRef::of_a("k", "waits")).with_detail(CANARY)),
                3 => Ok(Mapped::LeaveOut(Reason::new("left-out").with_detail(CANARY))),
                _ => Ok(Mapped::Send(record)),
            }
        }
    }
    #[derive(Debug)]
    struct Chatty;
    #[async_trait::async_trait]
    impl Sink for Chatty {
        type Record = Secret;
        async fn write(&self, batch: &[Write<Secret>]) -> Result<Vec<Outcome>> {
            let refused = |write: &Write<Secret>| write.key().as_str() == "k5";
            if batch.iter().any(refused) {
                return Err(Error::invalid("refused").with_detail(CANARY));
            }
            let learned = |write: &Write<Secret>| {
                Outcome::applied_as(CANARY).with_link(Link::new("k", format!("a-{}", write.key()), CANARY))
            };
            Ok(batch.iter().map(learned).collect())
        }
    }
    let ear = Ear::default();
    let mut shown = String::new();
    tracing::subscriber::with_default(ear.clone(), || {
        let source = MemorySource::snapshot().wire_page(3);
        (0..9).for_each(|n| source.put(format!("k{n}"), Secret(CANARY, n)));
        let source = Arc::new(source);
        let store = Arc::new(MemoryStore::new());
        let flow = Flow::new(name(), source.clone(), Picky, Chatty, store.clone())
            .with_settings(
                FlowSettings::default()
                    .batch(3)
                    .absences(1)
                    .brake(Brake::off().removals(BrakeLimit::new(1, 0))),
            )
            .with_clock(Arc::new(ManualClock::default()));
        let run = RunContext::default();
        for _ in 0..3 {
            let Ran::Ready(done) = polled(pin!(flow.step(&run)), ALL) else { panic!("the step hangs") };
            writeln!(shown, "{done:?} {flow:?} {:?}", ready(flow.status())).unwrap();
            if let Err(error) = done {
                writeln!(shown, "{error}").unwrap();
            }
            // the second cycle finds much missing, and the third one is refused as a whole
            source.clear();
            source.put("k0", Secret(CANARY, 7));
        }
        let rejects = ready(store.rejects(&RejectFilter::all())).unwrap();
        assert!(rejects.iter().any(|reject| reject.reason.detail().is_some_and(|it| it.contains(CANARY))));
        assert!(rejects.len() >= 3, "{rejects:?}");
        writeln!(shown, "{rejects:?}").unwrap();
        let item: Item<Secret> =
            Item::bad(None, Error::invalid("bad").with_detail(CANARY)).with_raw(CANARY.as_bytes());
        writeln!(shown, "{item:?}").unwrap();
    });
    let heard = lock(&ear.0).clone();
    assert!(heard.contains("held back"), "nothing was traced: {heard}");
    assert!(!heard.contains(CANARY), "{heard}");
    assert!(!shown.contains(CANARY), "{shown}");
}

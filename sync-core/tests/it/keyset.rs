//! Lists ordered by a time stamp: rules C1 to C8 and the failures F01 to F12.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use sync_core::testing::{Fault, Faults, ManualClock, MemoryChanges, MemorySink};
use sync_core::{
    ChangeList, ChangePage, ChangeRow, Clock, ErrorKind, Flow, FlowSettings, Identity, Item, Job, Keyset,
    KeysetInfo, KeysetSource, MemoryStore, MissingInstant, Page, Point, ReadFrom, RejectFilter, Resolution,
    RetrySettings, RunContext, Source, SourceIdentity, Store,
};

use crate::world::{TTL, crash_after, finish, five, name};

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000 + seconds, 0).unwrap()
}

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) list: Arc<MemoryChanges<i64>>,
    pub(crate) sink: Arc<MemorySink<i64>>,
    overlap: Duration,
    batch: usize,
}

impl World {
    pub(crate) fn new(list: MemoryChanges<i64>, batch: usize) -> Self {
        let clock = Arc::new(ManualClock::at(at(1_000)));
        let store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        let (list, sink) = (Arc::new(list), Arc::new(MemorySink::new()));
        Self { clock, store, list, sink, overlap: Duration::ZERO, batch }
    }

    pub(crate) fn overlap(mut self, seconds: u64) -> Self {
        self.overlap = Duration::from_secs(seconds);
        self
    }

    pub(crate) fn source(&self) -> KeysetSource<Arc<MemoryChanges<i64>>> {
        KeysetSource::new(self.list.clone()).overlap(self.overlap).clock(self.clock.clone())
    }

    pub(crate) fn flow(&self) -> Flow {
        Flow::new(name(), self.source(), Identity, self.sink.clone(), self.store.clone())
            .with_settings(
                FlowSettings::default().batch(self.batch).lease_ttl(TTL).retry(RetrySettings::none()),
            )
            .with_clock(self.clock.clone())
    }

    pub(crate) async fn cycle(&self) -> [u64; 5] {
        five(finish(&self.flow()).await)
    }

    pub(crate) fn holds(&self) -> BTreeMap<String, i64> {
        self.sink.records().into_iter().map(|(key, value)| (key.to_string(), value)).collect()
    }
}

#[tokio::test]
async fn f01_rows_of_one_instant_across_page_borders_are_neither_lost_nor_resent_wherever_it_crashes() {
    for ties in [true, false] {
        for polls in 0.. {
            let list = MemoryChanges::new().faults(Faults::none());
            let list = if ties { list } else { list.without_ties() };
            let world = World::new(list, 4);
            for n in 0..3 {
                world.list.put(at(1), format!("a{n}"), n);
            }
            for n in 0..7 {
                world.list.put(at(2), format!("b{n}"), n);
            }
            world.list.put(at(3), "c", 1);
            let finished = {
                let (flow, run) = (world.flow(), RunContext::default());
                crash_after(polls, flow.step(&run)).is_some()
            };
            let before_crash = world.sink.log().len();
            world.clock.advance(TTL);
            world.cycle().await;
            assert_eq!(world.holds().len(), 11, "after {polls} polls, ties {ties}");
            let doubles = world.sink.log().len() - 11;
            // at most the page in hand is sent again
            assert!(doubles <= if ties { 4 } else { 11 } && (doubles == 0 || before_crash > 0), "{doubles}");
            if finished {
                assert_eq!(world.sink.log().len(), 11, "resent for nothing");
                break;
            }
        }
    }
}

#[tokio::test]
async fn f06_a_row_changed_between_two_pages_hides_no_other() {
    let reads = Faults::none();
    let world = World::new(MemoryChanges::new().faults(reads), 2);
    for n in 0..6 {
        world.list.put(at(n), format!("k{n}"), 0);
    }
    let flow = world.flow().with_settings(FlowSettings::default().batch(2).page_budget(1));
    let run = RunContext::default();
    flow.step(&run).await.unwrap();
    // it moves to the end; with offsets the row after the border would move into the page already read
    world.list.put(at(50), "k0", 1);
    while flow.step(&run).await.unwrap().end == sync_core::StepEnd::More {}
    world.cycle().await;
    let expected: Vec<_> = (0..6).map(|n| (format!("k{n}"), i64::from(n == 0))).collect();
    assert_eq!(world.holds().into_iter().collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn f02_rows_committed_late_with_an_earlier_stamp_are_found_within_the_overlap() {
    for (overlap, found) in [(30, true), (5, false)] {
        let world = World::new(MemoryChanges::new(), 10).overlap(overlap);
        world.list.put(at(100), "a", 1);
        world.cycle().await;
        world.list.put(at(90), "late", 2);
        let counts = world.cycle().await;
        assert_eq!(world.holds().contains_key("late"), found);
        assert_eq!(counts, if found { [2, 1, 1, 0, 0] } else { [1, 0, 1, 0, 0] });
    }
}

#[tokio::test]
async fn a_list_that_looks_up_removes_what_is_gone_in_one_full_pass_and_replays_old_rejects() {
    for (list, looks_up) in [(MemoryChanges::new(), true), (MemoryChanges::new().without_fetch(), false)] {
        let world = World::new(list, 10);
        for (second, key) in [(1, "gone"), (2, "refused"), (500, "latest")] {
            world.list.put(at(second), key, 1);
        }
        world.sink.refuse("refused", true);
        world.cycle().await;
        world.sink.refuse("refused", false);
        world.store.replay_rejects(&RejectFilter::all()).await.unwrap();
        world.cycle().await;
        assert_eq!(world.holds().contains_key("refused"), looks_up);

        world.list.remove("gone");
        let flow = world.flow().with_settings(FlowSettings::default().full_pass(Duration::from_secs(3_600)));
        for is_left in [!looks_up, false] {
            finish(&flow).await;
            assert_eq!(world.holds().contains_key("gone"), is_left);
            world.clock.advance(Duration::from_secs(3_600));
        }
    }
}

#[tokio::test]
async fn a_full_pass_at_a_time_of_the_day_comes_with_the_first_cycle_after_it() {
    let world = World::new(MemoryChanges::new(), 10);
    world.list.put(at(1), "gone", 1);
    world.list.put(at(2), "stays", 1);
    let settings = FlowSettings::default().full_pass_at("00:15:00".parse().unwrap());
    let flow = world.flow().with_settings(settings);
    let instant = |text: &str| text.parse().unwrap();
    world.clock.set(instant("2026-11-21T11:00:00Z"));
    finish(&flow).await;
    world.list.remove("gone");
    for (now, is_left) in [("2026-11-21T23:14:59Z", true), ("2026-11-21T23:15:00Z", false)] {
        world.clock.set(instant(now));
        finish(&flow).await;
        assert_eq!(world.holds().contains_key("gone"), is_left, "{now}");
    }
    world.list.remove("stays");
    world.list.put(at(500), "latest", 1);
    world.clock.set(instant("2026-11-22T22:00:00Z"));
    finish(&flow).await;
    assert!(world.holds().contains_key("stays"), "once a day");
}

#[tokio::test]
async fn f11_a_row_from_the_future_is_applied_and_does_not_move_the_mark() {
    let world = World::new(MemoryChanges::new(), 10);
    world.list.set_as_of(at(200));
    world.list.put(at(100), "a", 1);
    world.list.put(at(315_360_000), "future", 2);
    assert_eq!(world.cycle().await, [2, 2, 0, 0, 0]);
    world.list.set_as_of(at(300));
    world.list.put(at(250), "b", 3);
    world.cycle().await;
    assert!(world.holds().contains_key("b"));
    assert_eq!(world.sink.log().len(), 3);
}

#[tokio::test]
async fn f12_an_idle_list_causes_no_effects_and_no_drift() {
    let world = World::new(MemoryChanges::new(), 10).overlap(10);
    world.list.put(at(100), "a", 1);
    world.list.put(at(100), "b", 1);
    world.cycle().await;
    for _ in 0..5 {
        world.clock.advance(Duration::from_secs(600));
        assert_eq!(world.cycle().await, [2, 0, 2, 0, 0]);
    }
    assert_eq!(world.sink.log().len(), 2);
}

#[tokio::test]
async fn f10_stamps_finer_than_the_filter_are_floored_and_lose_nothing() {
    let list = MemoryChanges::new().without_ties().resolution(Resolution::Seconds);
    let world = World::new(list, 2);
    let millis = |n: i64| at(7) + TimeDelta::milliseconds(n);
    for n in 0..5 {
        world.list.put(millis(n * 199), format!("k{n}"), n);
    }
    world.cycle().await;
    world.list.put(millis(999), "late", 1);
    world.cycle().await;
    assert_eq!(world.holds().len(), 6);
    assert_eq!(world.sink.log().len(), 6);
}

#[tokio::test]
async fn a_list_that_filters_by_the_day_goes_on_in_the_next_cycle() {
    let world = World::new(MemoryChanges::new().resolution(Resolution::Days), 10).overlap(60);
    world.clock.set(at(400_000));
    let day = 86_400;
    world.list.put(at(0), "a", 1);
    world.list.put(at(day), "b", 1);
    assert_eq!(world.cycle().await, [2, 2, 0, 0, 0]);
    world.list.put(at(2 * day), "c", 1);
    // the overlap reaches into the day before
    assert_eq!(world.cycle().await, [3, 1, 2, 0, 0]);
    assert_eq!(world.cycle().await[1], 0);
}

#[tokio::test]
async fn a_row_from_the_future_in_a_list_that_filters_by_the_second_holds_nothing_up() {
    let world = World::new(MemoryChanges::new().resolution(Resolution::Seconds), 10);
    world.list.set_as_of(at(200) + TimeDelta::milliseconds(700));
    world.list.put(at(100), "a", 1);
    world.list.put(at(315_360_000), "future", 2);
    assert_eq!(world.cycle().await, [2, 2, 0, 0, 0]);
    // within the second of the mark, and before it
    world.list.put(at(200) + TimeDelta::milliseconds(300), "b", 3);
    assert_eq!(world.cycle().await, [2, 1, 1, 0, 0]);
}

#[test]
fn a_list_that_filters_more_coarsely_than_its_stamps_goes_on_without_ties() {
    let info = || KeysetInfo::new(SourceIdentity::new("s", "e"));
    assert!(info().with_resolution(Resolution::Micros).ties);
    for coarse in [Resolution::Millis, Resolution::Seconds, Resolution::Days] {
        assert!(!info().with_resolution(coarse).ties);
    }
}

#[tokio::test]
async fn a_row_without_a_key_is_the_same_reject_wherever_it_stands() {
    #[derive(Debug)]
    struct Keyless(std::sync::atomic::AtomicI64);
    #[async_trait::async_trait]
    impl ChangeList for Keyless {
        type Record = i64;
        fn describe(&self) -> KeysetInfo {
            KeysetInfo::new(SourceIdentity::new("s", "e"))
        }
        async fn read(&self, _: Option<&Point>, _: usize) -> sync_core::Result<ChangePage<i64>> {
            // one row less stands before it each time
            let before = self.0.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
            let mut rows: Vec<_> =
                (0..before).map(|n| ChangeRow::new(at(1), n, Item::upsert(n.to_string(), 1))).collect();
            rows.push(ChangeRow::new(at(1), 7, Item::bad(None, sync_core::Error::invalid("no key"))));
            Ok(ChangePage::new(rows, true))
        }
    }
    let world = World::new(MemoryChanges::new(), 10);
    let source = KeysetSource::new(Keyless(3.into())).overlap(Duration::ZERO);
    let flow = Flow::new(name(), source, Identity, world.sink.clone(), world.store.clone());
    finish(&flow).await;
    finish(&flow).await;
    let rejects = world.store.rejects(&RejectFilter::all().limit(10)).await.unwrap();
    assert_eq!(rejects.len(), 1);
    assert_eq!((rejects[0].key.as_str(), rejects[0].attempts), ("unkeyed:7", 2));
}

#[tokio::test]
async fn c2_a_run_of_one_instant_longer_than_a_page_is_read_in_one_go() {
    let world = World::new(MemoryChanges::new().without_ties(), 3);
    for n in 0..50 {
        world.list.put(at(5), format!("k{n:02}"), n);
    }
    world.list.put(at(6), "after", 1);
    assert_eq!(world.cycle().await, [51, 51, 0, 0, 0]);
}

#[tokio::test]
async fn c8_a_row_without_an_instant_is_treated_as_asked() {
    for (policy, expected) in [
        (MissingInstant::Process, Ok([2, 2, 0, 0, 0])),
        (MissingInstant::Reject, Ok([2, 1, 0, 0, 1])),
        (MissingInstant::Fail, Err(ErrorKind::Invalid)),
    ] {
        let world = World::new(MemoryChanges::new(), 10);
        world.list.put(at(1), "dated", 1);
        world.list.put_undated("undated", 2);
        let source = world.source().missing_instant(policy);
        let flow = Flow::new(name(), source, Identity, world.sink.clone(), world.store.clone());
        let result = flow.step(&RunContext::default()).await;
        assert_eq!(result.map(|tally| five(tally.counts)).map_err(|e| e.kind()), expected);
    }
}

#[tokio::test]
async fn a_list_out_of_order_is_an_error_and_commits_nothing_of_that_page() {
    #[derive(Debug)]
    struct Jumbled(Vec<(i64, i64)>);
    #[async_trait::async_trait]
    impl ChangeList for Jumbled {
        type Record = i64;
        fn describe(&self) -> KeysetInfo {
            KeysetInfo::new(SourceIdentity::new("s", "e"))
        }
        async fn read(&self, _: Option<&Point>, _: usize) -> sync_core::Result<ChangePage<i64>> {
            let rows =
                self.0.iter().map(|(t, tie)| ChangeRow::new(at(*t), *tie, Item::upsert(tie.to_string(), 1)));
            Ok(ChangePage::new(rows.collect(), false))
        }
    }
    for rows in [vec![(2, 1), (1, 2)], vec![(1, 2), (1, 1)], vec![(1, 1), (1, 1)], vec![]] {
        let source = KeysetSource::new(Jumbled(rows.clone()));
        let error = source.read(ReadFrom::Start, 10).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OrderViolation, "{rows:?}");
    }
    // a list that ignores where to go on gives the same page for ever
    let source = KeysetSource::new(Jumbled(vec![(1, 1), (2, 2)]));
    let page = source.read(ReadFrom::Start, 10).await.unwrap();
    let error = source.read(ReadFrom::After(page.next.as_ref().unwrap()), 10).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OrderViolation);
}

#[tokio::test]
async fn a_failed_read_within_a_cycle_keeps_the_bound_of_the_cycle() {
    let world = World::new(MemoryChanges::new().faults(Faults::at(2, Fault::FailBefore)), 1);
    world.list.put(at(1), "a", 1);
    world.list.put(at(2), "b", 1);
    assert_eq!(five(world.flow().step(&RunContext::default()).await.unwrap().counts), [1, 1, 0, 0, 0]);
    world.clock.advance(Duration::from_secs(3_600));
    let began = world.clock.now();
    world.cycle().await;
    let state = world.store.read_page(&sync_core::Part::whole(&name()), Default::default()).await.unwrap();
    let position: serde_json::Value = serde_json::from_str(&state.position.unwrap()).unwrap();
    let keyset: Keyset = serde_json::from_value(position["cursor"].clone()).unwrap();
    assert_eq!(keyset.mark(), Some(at(2)));
    assert!(position["cursor"]["cycle"].is_null() && keyset.mark() < Some(began));
}

/// What happens to the list between two reads.
#[derive(Debug, Clone)]
enum Step {
    /// A row is committed with a stamp so many seconds old.
    Change { key: u8, age: i64 },
    /// Time passes.
    Wait(u64),
    /// A wire page is read and committed.
    Read,
    /// The process restarts: what was read and not committed is forgotten.
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..12, 0i64..10).prop_map(|(key, age)| Step::Change { key, age }),
        2 => (0u64..20).prop_map(Step::Wait),
        4 => Just(Step::Read),
        1 => Just(Step::Crash),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// L1 and L3: with an overlap of at least the commit lag nothing is lost, and the mark never goes back.
    #[test]
    fn whatever_changes_while_it_is_read_nothing_is_lost_and_the_mark_never_goes_back(
        steps in prop::collection::vec(step(), 1..60), wire in 1usize..5, ties: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let list = if ties { MemoryChanges::new().wire_page(wire) } else { MemoryChanges::new().without_ties() };
            let world = World::new(list, wire).overlap(10);
            world.list.set_as_of(world.clock.now());
            let source = world.source();
            let mut cursor: Option<Keyset> = None;
            let mut seen = BTreeMap::new();
            let mut truth = BTreeMap::new();
            let mut marks = vec![None];
            let mut value = 0;
            let read = async |cursor: &mut Option<Keyset>, seen: &mut BTreeMap<String, i64>| {
                // every position survives its storage
                let stored = serde_json::to_string(&cursor).unwrap();
                let from: Option<Keyset> = serde_json::from_str(&stored).unwrap();
                assert_eq!(&from, cursor);
                let from = from.as_ref().map_or(ReadFrom::Start, ReadFrom::After);
                let page: Page<i64, Keyset> = source.read(from, wire).await.unwrap();
                for item in page.items {
                    if let Item::Upsert { key, record, .. } = item {
                        seen.insert(key.to_string(), record);
                    }
                }
                *cursor = page.next;
                page.end
            };
            for step in steps {
                match step {
                    Step::Change { key, age } => {
                        value += 1;
                        truth.insert(key.to_string(), value);
                        world.list.put(world.clock.now() - TimeDelta::seconds(age), key.to_string(), value);
                    }
                    Step::Wait(seconds) => {
                        world.clock.advance(Duration::from_secs(seconds));
                        world.list.set_as_of(world.clock.now());
                    }
                    Step::Read => {
                        read(&mut cursor, &mut seen).await;
                    }
                    Step::Crash => {
                        let (mut forgotten, mut unseen) = (cursor.clone(), BTreeMap::new());
                        read(&mut forgotten, &mut unseen).await;
                    }
                }
                marks.push(cursor.as_ref().and_then(Keyset::mark));
            }
            // quiescence: the cycle under way is finished, and one whole cycle follows
            for _ in 0..2 {
                while !read(&mut cursor, &mut seen).await {}
            }
            prop_assert_eq!(seen, truth);
            prop_assert!(marks.is_sorted());
            Ok(())
        })?;
    }
}

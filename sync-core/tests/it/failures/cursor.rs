//! F03 to F20: positions that lose or repeat records.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sync_core::testing::{Fault, Faults, MemoryChanges, MemorySink, MemorySource};
use sync_core::watchdog::{Facts, FlowPolicy, Freshness, Policy, check};
use sync_core::{
    Clock, Flow, FlowName, FlowSettings, Identity, Job, Keyset, Outcome, PageCommit, Part, PartList, Parts,
    PlanSettings, ReadFrom, RunContext, Sink, Source, SourceKind, StepEnd, Write,
};

use super::{BAD, Bench, Shop};
use crate::keyset::{World, at};
use crate::world::{finish, five, holding, name};

/// The mark of a list that was read to its end.
async fn mark(world: &World) -> Option<DateTime<Utc>> {
    let state = world.store.read_page(&Part::whole(&name()), Default::default()).await.unwrap();
    let position: serde_json::Value = serde_json::from_str(&state.position.unwrap()).unwrap();
    serde_json::from_value::<Keyset>(position["cursor"].clone()).unwrap().mark()
}

#[tokio::test]
async fn f03_a_row_committed_between_the_bound_and_the_read_is_found() {
    let world = World::new(MemoryChanges::new(), 10);
    world.list.set_as_of(at(100));
    world.list.put(at(90), "a", 1);
    // committed after the bound was taken and before the read
    world.list.put(at(105), "b", 1);
    world.cycle().await;
    assert_eq!(mark(&world).await, Some(at(100)));
    world.list.put(at(102), "c", 1);
    world.cycle().await;
    assert_eq!(world.holds().len(), 3);
}

#[tokio::test]
async fn f04_a_row_that_shows_after_one_with_a_higher_id_is_found() {
    let world = World::new(MemoryChanges::new(), 10).overlap(10);
    world.list.put(at(100), "reserved first", 1);
    world.list.put(at(101), "visible first", 1);
    world.cycle().await;
    // the first one is committed only now, with its old stamp and id
    world.list.put(at(100), "reserved first", 2);
    assert_eq!(world.cycle().await, [2, 1, 1, 0, 0]);
    assert_eq!(world.holds()["reserved first"], 2);
}

#[tokio::test]
async fn f05_the_mark_of_a_long_cycle_is_the_bound_from_its_beginning() {
    let world = World::new(MemoryChanges::new(), 1);
    world.list.set_as_of(at(200));
    world.list.put(at(100), "a", 1);
    world.list.put(at(110), "b", 1);
    let flow = world.flow().with_settings(FlowSettings::default().batch(1).page_budget(1));
    flow.step(&RunContext::default()).await.unwrap();
    world.list.set_as_of(at(300));
    world.list.put(at(250), "c", 1);
    while flow.step(&RunContext::default()).await.unwrap().end == StepEnd::More {}
    assert_eq!(mark(&world).await, Some(at(200)));
    world.list.put(at(240), "d", 1);
    world.cycle().await;
    assert!(world.holds().contains_key("d"));
}

#[tokio::test]
async fn f07_a_row_inserted_before_the_pages_already_read_repeats_and_hides_no_other() {
    let world = World::new(MemoryChanges::new(), 2).overlap(100);
    for n in 0..6 {
        world.list.put(at(10 + n), format!("k{n}"), 1);
    }
    let flow = world.flow().with_settings(FlowSettings::default().batch(2).page_budget(1));
    flow.step(&RunContext::default()).await.unwrap();
    world.list.put(at(5), "head", 1);
    while flow.step(&RunContext::default()).await.unwrap().end == StepEnd::More {}
    let log: Vec<_> = world.sink.log().iter().map(ToString::to_string).collect();
    assert_eq!(log, ["k0", "k1", "k2", "k3", "k4", "k5"]);
    world.cycle().await;
    assert!(world.holds().contains_key("head"));
}

#[tokio::test]
async fn f08_a_stamp_of_any_zone_is_the_same_instant() {
    for stamp in ["2026-11-21T08:00:00Z", "2026-11-21T13:30:00+05:30", "2026-11-20T22:00:00-10:00"] {
        let world = World::new(MemoryChanges::new(), 10);
        world.clock.set(at(1_000_000));
        world.list.put(DateTime::parse_from_rfc3339(stamp).unwrap().to_utc(), "a", 1);
        world.cycle().await;
        assert_eq!(mark(&world).await, DateTime::from_timestamp(1_795_248_000, 0), "{stamp}");
    }
}

#[tokio::test]
async fn f09_a_position_of_the_first_version_goes_on_where_it_was() {
    let world = World::new(MemoryChanges::new(), 10);
    world.list.put(at(100), "before", 1);
    world.list.put(at(200), "after", 1);
    let info = world.source().describe();
    let position = format!(
        r#"{{"format":1,"kind":"keyset","source":"{}","cursor":{{"mark":"{}"}}}}"#,
        info.identity.fingerprint(),
        at(150).to_rfc3339()
    );
    let lease = match world.store.acquire(&name(), &"h".into(), Duration::from_secs(1)).await.unwrap() {
        sync_core::Acquired::Granted(lease) => lease,
        other => panic!("{other:?}"),
    };
    world.store.commit(&Part::whole(&name()), &lease, PageCommit::new(0, position)).await.unwrap();
    world.store.give_back(&lease).await.unwrap();
    assert_eq!(world.cycle().await, [1, 1, 0, 0, 0]);
    assert_eq!(world.holds().len(), 1);
}

#[tokio::test]
async fn f13_a_row_backdated_beyond_the_overlap_is_found_by_the_next_full_pass() {
    let day = Duration::from_secs(86_400);
    let world = World::new(MemoryChanges::new(), 10).overlap(10);
    let settings = || FlowSettings::default().full_pass(day);
    world.list.put(at(100), "a", 1);
    finish(&world.flow().with_settings(settings())).await;
    world.list.put(at(50), "backdated", 1);
    finish(&world.flow().with_settings(settings())).await;
    assert_eq!(world.holds().len(), 1);
    world.clock.advance(day);
    finish(&world.flow().with_settings(settings())).await;
    assert_eq!(world.holds().len(), 2);
}

#[tokio::test]
async fn f15_the_position_stays_small_however_many_rows_share_an_instant() {
    let world = World::new(MemoryChanges::new(), 100);
    for n in 0..3_000 {
        world.list.put(at(5), format!("k{n}"), 1);
    }
    let flow = world.flow().with_settings(FlowSettings::default().batch(100).page_budget(1));
    let mut largest = 0;
    while flow.step(&RunContext::default()).await.unwrap().end == StepEnd::More {
        let state = world.store.read_page(&Part::whole(&name()), Default::default()).await.unwrap();
        largest = largest.max(state.position.unwrap().len());
    }
    assert!(largest < 500, "{largest} bytes");
    assert_eq!(world.sink.log().len(), 3_000);
}

#[tokio::test]
async fn f16_events_of_one_position_are_committed_together_or_not_at_all() {
    let faults = Faults::at(1, Fault::FailBefore);
    let source = Arc::new(MemorySource::token().wire_page(5));
    for n in 0..10 {
        source.put(format!("k{n}"), n);
    }
    let world = crate::world::World::new(MemorySource::token(), MemorySink::new());
    let sink = Arc::new(MemorySink::new().faults(faults));
    let flow = || {
        Flow::new(name(), source.clone(), Identity, sink.clone(), world.store.clone())
            .with_settings(FlowSettings::default().batch(2).retry(sync_core::RetrySettings::none()))
    };
    flow().step(&RunContext::default()).await.unwrap_err();
    assert_eq!(world.position().await, 0);
    assert_eq!(five(finish(&flow()).await), [10, 10, 0, 0, 0]);
    assert_eq!(sink.records().len(), 10);
}

/// A target that takes each record in two calls, of which the second may fail.
#[derive(Debug)]
struct TwoTables {
    first: Mutex<BTreeMap<String, i64>>,
    second: MemorySink<i64>,
}

#[async_trait::async_trait]
impl Sink for TwoTables {
    type Record = i64;

    async fn write(&self, batch: &[Write<i64>]) -> sync_core::Result<Vec<Outcome>> {
        for write in batch {
            if let Write::Upsert { key, record, .. } = write {
                self.first.lock().unwrap().insert(key.to_string(), *record);
            }
        }
        self.second.write(batch).await
    }
}

#[tokio::test]
async fn f17_a_record_that_becomes_several_is_done_only_when_all_of_them_are() {
    let bench = Bench::new(Shop::new(SourceKind::Token));
    bench.shop.put("a", 1);
    let second = MemorySink::new().faults(Faults::at(1, Fault::FailBefore));
    let sink = Arc::new(TwoTables { first: Mutex::default(), second });
    let flow = Flow::new(name(), bench.shop.clone(), Identity, sink.clone(), bench.store.clone())
        .with_settings(bench.settings.clone());
    flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!((sink.first.lock().unwrap().len(), sink.second.records().len()), (1, 0));
    assert_eq!(five(finish(&flow).await), [1, 1, 0, 0, 0]);
    assert_eq!(sink.second.records().len(), 1);
}

/// A feed per contractor.
#[derive(Debug, Default)]
pub(super) struct Contractors {
    listed: Mutex<BTreeMap<String, Arc<Shop>>>,
    retired: Mutex<Vec<String>>,
}

impl Contractors {
    pub(super) fn insert(&self, name: impl Into<String>, shop: Shop) -> Arc<Shop> {
        let shop = Arc::new(shop);
        self.listed.lock().unwrap().insert(name.into(), shop.clone());
        shop
    }

    pub(super) fn shop(&self, name: &str) -> Arc<Shop> {
        self.listed.lock().unwrap()[name].clone()
    }

    fn add(&self, name: String) {
        self.insert(name, Shop::new(SourceKind::Token)).put("price", 1);
    }

    /// Nobody needs these any more.
    fn retire(&self, names: &[&str]) {
        *self.retired.lock().unwrap() = names.iter().map(ToString::to_string).collect();
    }
}

#[async_trait::async_trait]
impl Parts for Contractors {
    type Source = Arc<Shop>;

    async fn list(&self) -> sync_core::Result<PartList> {
        let retired = self.retired.lock().unwrap().clone();
        let listed = self.listed.lock().unwrap();
        let listed: PartList = listed.keys().filter(|name| !retired.contains(name)).cloned().collect();
        Ok(listed.retiring(retired))
    }

    fn source(&self, part: &str) -> Arc<Shop> {
        self.shop(part)
    }
}

#[tokio::test]
async fn f18_each_of_20_000_parts_has_its_own_position_and_a_new_one_begins_at_its_beginning() {
    let bench = Bench::snapshot();
    let parts = Arc::new(Contractors::default());
    for n in 0..20_000 {
        parts.add(format!("c{n:05}"));
    }
    let flow = |pages| {
        Flow::over_parts(name(), parts.clone(), Identity, bench.sink.clone(), bench.store.clone())
            .with_settings(bench.settings.clone().page_budget(pages))
            .with_clock(bench.clock.clone())
    };
    assert_eq!(five(finish(&flow(30_000)).await), [20_000, 20_000, 0, 0, 0]);
    let first = bench.clock.now();
    bench.clock.advance(Duration::from_secs(60));
    parts.add("newcomer".to_owned());
    parts.shop("c00007").put("price", 2);
    // one contractor's list is away: its age grows, that of no other
    parts.shop("c00009").fail("read", sync_core::ErrorKind::Transient);
    let tally = flow(50).step(&RunContext::default()).await.unwrap();
    assert_eq!(five(tally.counts), [2, 2, 0, 0, 0]);
    let status = flow(50).status().await.unwrap();
    assert_eq!(status.parts.len(), 20_001);
    let late: Vec<_> = status.parts.iter().filter(|part| part.last_ok_at == Some(first)).collect();
    assert_eq!((late.len(), late[0].name.as_str()), (20_001 - 50, "c00009"));
}

#[tokio::test]
async fn a_part_that_is_retired_is_watched_no_longer_and_forgotten_if_the_target_has_nothing_of_it() {
    let bench = Bench::snapshot();
    let parts = Arc::new(Contractors::default());
    for name in ["a", "b", "c"] {
        parts.add(name.to_owned());
    }
    parts.shop("b").put("bad", BAD);
    // nothing of it is in the target
    parts.insert("c", Shop::new(SourceKind::Token)).put("bad", BAD);
    let flow = || {
        Flow::over_parts(name(), parts.clone(), Identity, bench.sink.clone(), bench.store.clone())
            .with_settings(bench.settings.clone())
            .with_clock(bench.clock.clone())
    };
    let late = async || {
        let fresh = Freshness::within(Duration::from_secs(60));
        let policy = FlowPolicy::new(name(), fresh, bench.clock.now()).rejects(0, Duration::from_secs(60));
        let policy = Policy::default().flow(policy);
        let facts = Facts::gather(&*bench.store, &policy).await.unwrap();
        let told = check(bench.clock.now() + TimeDelta::hours(1), &facts, &policy);
        let told = told.iter().map(|alert| format!("{} {}", alert.part, alert.kind.as_str()));
        told.collect::<Vec<_>>().join(", ")
    };
    finish(&flow()).await;
    let all = "a late, b late, b degraded, c late, c degraded";
    assert_eq!(late().await, all);
    // one that was never read is nothing to forget
    parts.retire(&["b", "c", "d"]);
    flow().plan(&RunContext::default(), PlanSettings::default()).await.unwrap();
    assert_eq!(late().await, all, "a plan changes nothing");
    finish(&flow()).await;
    assert_eq!(late().await, "a late");
    let known: Vec<_> = flow().status().await.unwrap().parts.into_iter().map(|part| part.name).collect();
    assert_eq!(known, ["a", "b"]);
    // what is listed is needed, and goes on from where it was
    parts.shop("b").put("price", 2);
    parts.retire(&[]);
    assert_eq!(five(finish(&flow()).await), [2, 1, 0, 0, 1]);
    assert_eq!(late().await, all);
}

#[tokio::test]
async fn f19_where_to_go_on_does_not_depend_on_what_is_in_the_target() {
    let world = World::new(MemoryChanges::new(), 10).overlap(60);
    world.list.put(at(100), "a", 1);
    world.cycle().await;
    // somebody else wrote newer records there
    let other = Arc::new(MemorySource::snapshot());
    other.put("newest", 9);
    let name = FlowName::new("demo/other").unwrap();
    finish(&Flow::new(name, other, Identity, world.sink.clone(), world.store.clone())).await;
    world.list.put(at(90), "late", 1);
    world.cycle().await;
    assert!(world.holds().contains_key("late"));
}

#[tokio::test]
async fn f20_stock_has_its_own_position_beside_that_of_its_goods() {
    let goods = World::new(MemoryChanges::new(), 10);
    let stock = MemoryChanges::new();
    goods.list.put(at(500), "good", 1);
    stock.put(at(100), "good", 7);
    let stock = Arc::new(stock);
    let name = FlowName::new("demo/stock").unwrap();
    let sink = Arc::new(MemorySink::new());
    let flow = || {
        let source = sync_core::KeysetSource::new(stock.clone()).clock(goods.clock.clone());
        Flow::new(name.clone(), source, Identity, sink.clone(), goods.store.clone())
    };
    goods.cycle().await;
    finish(&flow()).await;
    // the good itself does not change, and its stamp is far ahead
    stock.put(at(200), "good", 8);
    assert_eq!(five(finish(&flow()).await)[1], 1);
    assert_eq!(sink.records().values().copied().collect::<Vec<_>>(), [8]);
    assert_eq!(goods.holds(), holding(&[("good", 1)]));
}

#[tokio::test]
async fn c4_the_overlap_is_at_least_as_long_as_the_last_cycle_took_by_the_own_clock() {
    for (took, found) in [(30, true), (2, false)] {
        let world = World::new(MemoryChanges::new(), 1).overlap(5);
        world.list.put(at(100), "a", 1);
        world.list.put(at(110), "b", 1);
        let flow = world.flow().with_settings(FlowSettings::default().batch(1).page_budget(1));
        flow.step(&RunContext::default()).await.unwrap();
        world.clock.advance(Duration::from_secs(took));
        flow.step(&RunContext::default()).await.unwrap();
        world.list.put(at(90), "late", 1);
        world.cycle().await;
        assert_eq!(world.holds().contains_key("late"), found, "{took} s");
        // the next one is short again
        world.list.put(at(91), "later", 1);
        world.cycle().await;
        assert!(!world.holds().contains_key("later"));
    }
}

#[tokio::test]
async fn c4_where_the_source_tells_its_clock_the_cycle_is_timed_by_it() {
    let world = World::new(MemoryChanges::new(), 1);
    world.list.set_as_of(at(200));
    world.list.put(at(100), "a", 1);
    world.list.put(at(110), "b", 1);
    let flow = world.flow().with_settings(FlowSettings::default().batch(1).page_budget(1));
    flow.step(&RunContext::default()).await.unwrap();
    world.list.set_as_of(at(230));
    flow.step(&RunContext::default()).await.unwrap();
    world.list.put(at(85), "late", 1);
    world.cycle().await;
    assert!(world.holds().contains_key("late"));
}

#[tokio::test]
async fn c4_a_stored_position_without_a_duration_is_read() {
    let old: Keyset = serde_json::from_str(r#"{"mark":"2026-11-21T08:00:00Z"}"#).unwrap();
    assert_eq!(old.mark(), DateTime::from_timestamp(1_795_248_000, 0));
    let world = World::new(MemoryChanges::new(), 10).overlap(5);
    world.clock.set(at(1_000_000));
    world.list.put(old.mark().unwrap() - chrono::TimeDelta::seconds(5), "in the overlap", 1);
    world.list.put(old.mark().unwrap() - chrono::TimeDelta::seconds(6), "before it", 1);
    let page = world.source().read(ReadFrom::After(&old), 10).await.unwrap();
    assert_eq!(page.items.len(), 1);
}

//! Back-fills and rewinds.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sync_core::testing::{Faults, FaultyStore, ManualClock, MemoryChanges, MemorySink};
use sync_core::{
    Clock, Error, ErrorKind, Flow, FlowSettings, Identity, Item, Job, Key, KeysetSource, MemoryStore, Order,
    Page, PartReport, ReadFrom, Rebind, Result, RetrySettings, Rewind, RunContext, Source, SourceIdentity,
    SourceInfo, SourceKind, StepEnd, Store,
};

use crate::world::{TTL, crash_after, finish, five, name};

/// A table with a feed of changes, which may miss some.
#[derive(Debug, Default)]
struct Table {
    rows: Mutex<BTreeMap<String, i64>>,
    events: Mutex<Vec<String>>,
    /// Where it was read: the feed, the whole.
    reads: Mutex<(Vec<usize>, Vec<usize>)>,
    lists_nothing: bool,
    cuts_short: AtomicBool,
}

impl Table {
    fn put(&self, key: &str, value: i64) {
        self.put_unnoticed(key, value);
        self.events.lock().unwrap().push(key.to_owned());
    }

    fn put_unnoticed(&self, key: &str, value: i64) {
        self.rows.lock().unwrap().insert(key.to_owned(), value);
    }

    fn item(&self, key: &str) -> Item<i64> {
        match self.rows.lock().unwrap().get(key) {
            Some(value) => Item::upsert(key, *value),
            None => Item::deleted(key),
        }
    }

    fn take_reads(&self) -> (Vec<usize>, Vec<usize>) {
        std::mem::take(&mut self.reads.lock().unwrap())
    }
}

fn page(items: Vec<Item<i64>>, next: usize, end: bool) -> Page<i64, usize> {
    if end { Page::last(items, Some(next)) } else { Page::more(items, next) }
}

fn start(from: ReadFrom<&usize>) -> usize {
    match from {
        ReadFrom::Start => 0,
        ReadFrom::After(at) => *at,
    }
}

#[async_trait::async_trait]
impl Source for Table {
    type Record = i64;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Token, SourceIdentity::new("test", "table"))
    }

    async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<i64, usize>> {
        let at = start(from);
        self.reads.lock().unwrap().0.push(at);
        let events = self.events.lock().unwrap().clone();
        let items: Vec<_> = events.iter().skip(at).take(limit).map(|key| self.item(key)).collect();
        let next = at + items.len();
        Ok(page(items, next, next >= events.len()))
    }

    async fn read_all(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<i64, usize>> {
        if self.lists_nothing {
            return Err(Error::new(ErrorKind::Unsupported, "no list"));
        }
        let at = start(from);
        self.reads.lock().unwrap().1.push(at);
        let keys: Vec<String> = self.rows.lock().unwrap().keys().cloned().collect();
        let items: Vec<_> = keys.iter().skip(at).take(limit).map(|key| self.item(key)).collect();
        let next = at + items.len();
        if self.cuts_short.load(Ordering::Relaxed) {
            return Ok(Page::cut_short(items, Some(next)));
        }
        Ok(page(items, next, next >= keys.len()))
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<i64>>> {
        Ok(keys.iter().map(|key| self.item(key.as_str())).collect())
    }
}

struct Shop {
    table: Arc<Table>,
    sink: Arc<MemorySink<i64>>,
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
}

impl Shop {
    fn of(table: Table) -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        // its calls take a while, so a step can die in them
        let store = Arc::new(FaultyStore::new(store, Faults::none()));
        for n in 0..5 {
            table.put(&format!("k{n}"), n);
        }
        Self { table: Arc::new(table), sink: Arc::new(MemorySink::new()), store, clock }
    }

    /// Five records, in the target.
    async fn in_step() -> Self {
        let shop = Self::of(Table::default());
        finish(&shop.flow()).await;
        shop.table.take_reads();
        shop
    }

    fn flow(&self) -> Flow {
        let settings = FlowSettings::default().batch(2).page_budget(2).lease_ttl(TTL);
        Flow::new(name(), self.table.clone(), Identity, self.sink.clone(), self.store.clone())
            .with_settings(settings.retry(RetrySettings::none()))
            .with_clock(self.clock.clone())
    }

    fn is_in_step(&self) -> bool {
        let there: BTreeMap<String, i64> =
            self.sink.records().into_iter().map(|(key, value)| (key.to_string(), value)).collect();
        there == *self.table.rows.lock().unwrap()
    }

    async fn part(&self) -> PartReport {
        self.flow().status().await.unwrap().parts.pop().unwrap()
    }

    async fn cursor(&self) -> u64 {
        let parts = self.store.parts(&name()).await.unwrap();
        let position: serde_json::Value = serde_json::from_str(&parts[0].position).unwrap();
        position["cursor"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn a_backfill_reads_everything_sends_what_differs_and_leaves_the_live_cursor() {
    let shop = Shop::in_step().await;
    shop.table.put_unnoticed("k1", 10);
    shop.table.put_unnoticed("k9", 9);
    shop.table.rows.lock().unwrap().remove("k4");
    assert_eq!(five(finish(&shop.flow()).await), [0; 5]);
    let sent = shop.sink.log().len();
    shop.flow().backfill("Anna", "the feed was off").await.unwrap();
    shop.table.take_reads();
    // five are read, and one that is missing is looked up
    assert_eq!(five(finish(&shop.flow()).await), [6, 3, 3, 0, 0]);
    let (live, all) = shop.table.take_reads();
    assert_eq!(all, [0, 2, 4]);
    assert!(live.iter().all(|at| *at == 5), "{live:?}");
    assert_eq!(shop.sink.log()[sent..].iter().map(Key::as_str).collect::<Vec<_>>(), ["k1", "k9", "k4"]);
    assert!(shop.is_in_step());
    assert_eq!(shop.cursor().await, 5);
    let part = shop.part().await;
    assert_eq!(part.cursor.as_deref(), Some("5"));
    let command = part.command.unwrap();
    assert_eq!((command.by.as_str(), command.reason.as_str()), ("Anna", "the feed was off"));
    assert_eq!((command.order, command.at, part.backfill), (Order::Backfill, shop.clock.now(), false));
    // once is enough
    finish(&shop.flow()).await;
    assert!(shop.table.take_reads().1.is_empty());
}

#[tokio::test]
async fn a_backfill_goes_on_wherever_the_process_dies_and_loses_nothing() {
    for polls in 0.. {
        let shop = Shop::in_step().await;
        shop.table.put_unnoticed("k1", 10);
        shop.table.put_unnoticed("k3", 30);
        shop.flow().backfill("Anna", "lost").await.unwrap();
        let mut dead = 0;
        for _ in 0..3 {
            let (flow, run) = (shop.flow(), RunContext::default());
            let died = crash_after(polls, flow.step(&run)).is_none();
            dead += u32::from(died);
            shop.clock.advance(TTL);
        }
        finish(&shop.flow()).await;
        assert!(shop.is_in_step(), "died after {polls} polls");
        assert_eq!(shop.cursor().await, 5);
        assert!(!shop.part().await.backfill);
        if dead == 0 {
            assert!(polls > 10, "the crash points are not real: {polls}");
            break;
        }
    }
}

#[tokio::test]
async fn another_instance_asks_while_one_works_and_the_live_cycle_goes_first() {
    let shop = Shop::in_step().await;
    for n in 0..6 {
        shop.table.put("k0", 100 + n);
    }
    let (working, other) = (shop.flow(), shop.flow());
    let tally = working.step(&RunContext::default()).await.unwrap();
    assert_eq!(tally.end, StepEnd::More);
    assert!(matches!(other.step(&RunContext::default()).await.unwrap().end, StepEnd::Paused(_)));
    other.backfill("Anna", "to be sure").await.unwrap();
    assert_eq!(other.backfill("Jan", "me too").await.unwrap_err().kind(), ErrorKind::Conflict);
    shop.table.take_reads();
    while working.step(&RunContext::default()).await.unwrap().end == StepEnd::More {
        shop.table.put("live", 1);
    }
    let (live, all) = shop.table.take_reads();
    // changes are read before each part of the pass
    assert_eq!((live, all), (vec![9, 11, 12], vec![0, 2, 4]));
    assert!(shop.is_in_step());
    assert_eq!(shop.part().await.command.unwrap().by, "Anna");
    other.backfill("Jan", "me too").await.unwrap();
}

#[tokio::test]
async fn a_backfill_that_the_source_cuts_short_begins_again() {
    let shop = Shop::in_step().await;
    let flow = shop.flow();
    shop.table.put_unnoticed("k4", 40);
    shop.table.cuts_short.store(true, Ordering::Relaxed);
    flow.backfill("Anna", "lost").await.unwrap();
    for _ in 0..2 {
        let error = flow.step(&RunContext::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Incomplete);
        assert!(shop.part().await.backfill);
    }
    shop.table.cuts_short.store(false, Ordering::Relaxed);
    assert_eq!(five(finish(&flow).await), [5, 1, 4, 0, 0]);
    assert_eq!(five(finish(&flow).await), [0; 5]);
    assert!(shop.is_in_step());
}

#[tokio::test]
async fn a_backfill_outlives_that_its_flow_is_bound_to_another_source() {
    for has_begun in [false, true] {
        let shop = Shop::in_step().await;
        shop.table.put_unnoticed("k4", 40);
        let flow = shop.flow();
        flow.backfill("Anna", "lost").await.unwrap();
        if has_begun {
            let tally = flow.step(&RunContext::default()).await.unwrap();
            assert_eq!(tally.end, StepEnd::More);
        }
        flow.rebind(Rebind::FromStart).await.unwrap();
        shop.table.take_reads();
        finish(&shop.flow()).await;
        let (live, all) = shop.table.take_reads();
        assert_eq!((live[0], &*all), (0, &[0, 2, 4][..]), "has begun: {has_begun}");
        assert!(shop.is_in_step() && !shop.part().await.backfill);
    }
}

#[tokio::test]
async fn a_backfill_of_a_source_without_a_list_is_refused_once_and_holds_nothing_up() {
    let shop = Shop::of(Table { lists_nothing: true, ..Table::default() });
    let flow = shop.flow();
    assert_eq!(flow.backfill("Anna", "early").await.unwrap_err().kind(), ErrorKind::NotFound);
    finish(&flow).await;
    flow.backfill("Anna", "lost").await.unwrap();
    shop.table.put("k7", 7);
    let error = flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(shop.is_in_step());
    finish(&flow).await;
}

#[tokio::test]
async fn a_rewind_reads_again_from_there_and_loses_nothing() {
    for (to, expected) in [(Rewind::to_start(), vec![0, 2, 4]), (Rewind::to_cursor(&3).unwrap(), vec![3, 5])]
    {
        let shop = Shop::in_step().await;
        // as if it had been written wrongly, and nobody knows
        shop.table.put("k0", 10);
        let (working, other) = (shop.flow(), shop.flow());
        other.rewind(to.clone(), "Jan", "restored").await.unwrap();
        let counts = finish(&working).await;
        let (live, all) = shop.table.take_reads();
        assert_eq!((live, all), (expected.clone(), vec![]));
        assert_eq!((counts.applied, counts.rejected), (1, 0));
        assert!(shop.is_in_step());
        assert_eq!(shop.cursor().await, 6);
        let command = shop.part().await.command.unwrap();
        assert_eq!((command.by.as_str(), command.reason.as_str()), ("Jan", "restored"));
        assert!(matches!(command.order, Order::Rewind(_)));
        // it goes on from its end, not from where it was sent once more
        finish(&working).await;
        assert_eq!(shop.table.take_reads().0, [6]);
    }
}

#[tokio::test]
async fn a_rewind_survives_a_crash_wherever_it_is_taken_up() {
    for polls in 0.. {
        let shop = Shop::in_step().await;
        shop.flow().rewind(Rewind::to_start(), "Jan", "restored").await.unwrap();
        let died = {
            let (flow, run) = (shop.flow(), RunContext::default());
            crash_after(polls, flow.step(&run)).is_none()
        };
        shop.clock.advance(TTL);
        finish(&shop.flow()).await;
        let (live, _) = shop.table.take_reads();
        assert!([0, 2, 4].iter().all(|at| live.contains(at)), "died after {polls} polls: {live:?}");
        assert_eq!(shop.cursor().await, 5);
        if !died {
            assert!(polls > 5, "the crash points are not real: {polls}");
            break;
        }
    }
}

#[tokio::test]
async fn only_a_cursor_of_the_source_is_taken_and_a_snapshot_has_none() {
    let shop = Shop::in_step().await;
    let flow = shop.flow();
    let wrong = Rewind::to_cursor("three").unwrap();
    assert_eq!(flow.rewind(wrong, "Jan", "x").await.unwrap_err().kind(), ErrorKind::Invalid);
    let nowhere = Rewind::to_start().of_part("nowhere");
    assert_eq!(flow.rewind(nowhere, "Jan", "x").await.unwrap_err().kind(), ErrorKind::NotFound);
    finish(&flow).await;
    assert_eq!(shop.table.take_reads().0, [5]);

    let world = crate::world::World::snapshot();
    world.source.put("a", crate::world::good(1));
    world.cycle().await;
    let refused = world.flow().rewind(Rewind::to_start(), "Jan", "x").await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn a_keyset_goes_back_to_an_instant() {
    let clock = Arc::new(ManualClock::default());
    let list = Arc::new(MemoryChanges::new());
    let began = clock.now();
    for n in 0..4_i64 {
        list.put(clock.now(), format!("k{n}"), n);
        clock.advance(Duration::from_secs(3_600));
    }
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new().with_clock(clock.clone()));
    let source = KeysetSource::new(list.clone()).clock(clock.clone());
    let flow = Flow::new(name(), source, Identity, MemorySink::new(), store).with_clock(clock.clone());
    assert_eq!(finish(&flow).await.fetched, 4);
    clock.advance(Duration::from_secs(24 * 3_600));
    finish(&flow).await;
    let usual = finish(&flow).await.fetched;
    let to = Rewind::to_instant(began + Duration::from_secs(2 * 3_600)).unwrap();
    flow.rewind(to, "Jan", "restored").await.unwrap();
    assert_eq!(five(finish(&flow).await), [2, 0, 2, 0, 0]);
    assert_eq!(finish(&flow).await.fetched, usual);
}

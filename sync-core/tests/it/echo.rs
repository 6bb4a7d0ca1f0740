//! L19, F72 and F79: two systems, and flows in both directions between them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use proptest::prelude::*;
use sync_core::testing::{FakeSubmitter, Faults, FaultyStore, ManualClock, MemorySink, MemorySource};
use sync_core::{
    Counts, Created, Dispatcher, Error, Fingerprint, Flow, FlowName, FlowSettings, Item, Job, Key, Link,
    LinkRef, Links, Mapped, Mapper, MemoryStore, NewAct, Outcome, Page, Part, PlanSettings, ReadFrom, Reason,
    Result, RetrySettings, RunContext, Sink, Source, SourceIdentity, SourceInfo, SourceKind, Store, Write,
};

use crate::world::{TTL, crash_after, finish};

/// One of two systems: every write of a record makes a change, also one that changes nothing.
#[derive(Debug)]
struct Side {
    kind: SourceKind,
    state: Mutex<State>,
    /// What its own automation makes of a value that is written to it from outside.
    automation: fn(i64) -> i64,
}

#[derive(Debug, Default)]
struct State {
    /// Value and number of the last change.
    rows: BTreeMap<Key, (i64, u64)>,
    changes: u64,
    /// How many writes came from outside.
    written: usize,
}

impl Side {
    fn new(kind: SourceKind, automation: fn(i64) -> i64) -> Arc<Self> {
        Arc::new(Self { kind, state: Mutex::default(), automation })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn edit(&self, key: &str, value: i64) {
        self.state().put(key.into(), value);
    }

    fn remove(&self, key: &str) {
        self.state().rows.remove(&Key::from(key));
    }

    fn get(&self, key: &str) -> Option<i64> {
        self.state().rows.get(&Key::from(key)).map(|(value, _)| *value)
    }

    fn values(&self) -> BTreeMap<String, i64> {
        self.state().rows.iter().map(|(key, (value, _))| (key.to_string(), *value)).collect()
    }
}

impl State {
    fn put(&mut self, key: Key, value: i64) {
        self.changes += 1;
        self.rows.insert(key, (value, self.changes));
    }
}

/// A side as a source.
#[derive(Debug)]
struct Changes(Arc<Side>);

#[async_trait]
impl Source for Changes {
    type Record = i64;
    type Cursor = u64;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(self.0.kind, SourceIdentity::new("side", "records"))
    }

    async fn read(&self, from: ReadFrom<&u64>, _limit: usize) -> Result<Page<i64, u64>> {
        let after = match from {
            ReadFrom::Start => 0,
            ReadFrom::After(after) => *after,
        };
        let state = self.0.state();
        let changed = state.rows.iter().filter(|(_, (_, change))| *change > after);
        let items = changed.map(|(key, (value, _))| Item::upsert(key.clone(), *value)).collect();
        let next = (self.0.kind != SourceKind::Snapshot).then_some(state.changes);
        Ok(Page::last(items, next))
    }
}

/// A side as a target.
#[derive(Debug)]
struct Target(Arc<Side>);

#[async_trait]
impl Sink for Target {
    type Record = i64;

    async fn write(&self, batch: &[Write<i64>]) -> Result<Vec<Outcome>> {
        for write in batch {
            let mut state = self.0.state();
            state.written += 1;
            match write {
                Write::Upsert { key, record, .. } => state.put(key.clone(), (self.0.automation)(*record)),
                Write::Remove { key, .. } => drop(state.rows.remove(key)),
            }
        }
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}

/// Sends each value as it is, but not those below zero.
#[derive(Debug)]
struct AsItIs {
    other_direction: FlowName,
}

impl Mapper<i64> for AsItIs {
    type Out = i64;

    fn echo_of(&self, key: &Key, record: &i64) -> Option<(Key, Fingerprint)> {
        Some((key.clone(), Fingerprint::sent_by(&self.other_direction, self.version(), record).ok()?))
    }

    fn map(&self, _key: &Key, record: i64, _links: &Links) -> Result<Mapped<i64>, Reason> {
        Ok(if record < 0 { Mapped::LeaveOut(Reason::new("below-zero")) } else { Mapped::Send(record) })
    }
}

struct Bridge {
    a: Arc<Side>,
    b: Arc<Side>,
    clock: Arc<ManualClock>,
    store: Arc<dyn Store>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Out,
    In,
}

use Direction::{In, Out};

fn flow_name(direction: Direction) -> FlowName {
    FlowName::new(if direction == Out { "demo/a-to-b" } else { "demo/b-to-a" }).unwrap()
}

impl Bridge {
    fn new(kind: SourceKind) -> Self {
        Self::with_automation(kind, |value| value)
    }

    fn with_automation(kind: SourceKind, automation: fn(i64) -> i64) -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        Self { a: Side::new(kind, |value| value), b: Side::new(kind, automation), clock, store }
    }

    fn flow(&self, direction: Direction) -> Flow {
        let (from, to, back) = match direction {
            Out => (&self.a, &self.b, flow_name(In)),
            In => (&self.b, &self.a, flow_name(Out)),
        };
        let mapper = AsItIs { other_direction: back.clone() };
        let name = flow_name(direction);
        Flow::new(name, Changes(from.clone()), mapper, Target(to.clone()), self.store.clone())
            .without_echo_of(Part::whole(&back))
            .with_settings(FlowSettings::default().lease_ttl(TTL).retry(RetrySettings::none()))
            .with_clock(self.clock.clone())
    }

    async fn run(&self, direction: Direction) -> Counts {
        finish(&self.flow(direction)).await
    }

    /// Drops a step at an await.
    fn crash(&mut self, direction: Direction, polls: usize) {
        let whole = self.store.clone();
        self.store = Arc::new(FaultyStore::new(whole.clone(), Faults::none()));
        let _ = crash_after(polls, self.flow(direction).step(&RunContext::default()));
        self.store = whole;
        self.clock.advance(TTL);
    }

    fn written(&self) -> usize {
        self.a.state().written + self.b.state().written
    }
}

#[tokio::test]
async fn l19_an_echo_is_left_out_and_nothing_is_written_back() {
    let bridge = Bridge::new(SourceKind::Token);
    bridge.a.edit("x", 1);
    assert_eq!(bridge.run(Out).await.applied, 1);
    let back = bridge.run(In).await;
    assert_eq!((back.fetched, back.left_out, back.applied), (1, 1, 0));
    assert_eq!(bridge.written(), 1);
    assert_eq!(bridge.run(Out).await.fetched, 0);
}

#[tokio::test]
async fn l12_echoes_are_planned_as_left_out_and_changes_as_what_they_are() {
    for kind in [SourceKind::Token, SourceKind::Snapshot] {
        let bridge = Bridge::new(kind);
        let plan_and_do = async |direction| {
            let before = format!("{:?}", bridge.store);
            let plan = bridge.flow(direction).plan(&RunContext::default(), PlanSettings::default()).await;
            assert_eq!(format!("{:?}", bridge.store), before);
            let (plan, done) = (plan.unwrap(), bridge.run(direction).await);
            assert_eq!((plan.fetched, plan.left_out), (done.fetched, done.left_out), "{plan}");
            assert_eq!((plan.unchanged, plan.totals.all()), (done.unchanged, done.applied), "{plan}");
            (plan.totals.all(), plan.left_out)
        };
        bridge.a.edit("x", 1);
        bridge.a.edit("y", 1);
        assert_eq!(plan_and_do(Out).await, (2, 0));
        bridge.b.edit("y", 2);
        assert_eq!(plan_and_do(In).await, (1, 1));
        assert_eq!(plan_and_do(Out).await, (0, 1));
        bridge.a.edit("y", 1);
        assert_eq!(plan_and_do(Out).await, (1, 0), "what is taken back is a change");
    }
}

#[tokio::test]
async fn l19_what_is_taken_back_before_the_echo_was_read_is_a_change() {
    let bridge = Bridge::new(SourceKind::Token);
    bridge.b.edit("x", 3);
    bridge.run(In).await;
    bridge.run(Out).await;
    bridge.a.edit("x", 4);
    bridge.run(Out).await;
    bridge.a.edit("x", 3);
    bridge.run(Out).await;
    assert_eq!(bridge.b.get("x"), Some(3));
    bridge.run(In).await;
    assert_eq!((bridge.a.get("x"), bridge.written()), (Some(3), 3));
}

#[tokio::test]
async fn l19_what_looks_as_it_was_sent_but_was_overwritten_meanwhile_is_a_change() {
    let bridge = Bridge::new(SourceKind::Token);
    bridge.a.edit("x", 2);
    bridge.run(Out).await;
    bridge.b.edit("x", 3);
    bridge.run(In).await;
    bridge.a.edit("x", 2);
    bridge.run(Out).await;
    assert_eq!(bridge.b.get("x"), Some(2));
}

#[tokio::test]
async fn l19_what_a_peers_automation_makes_of_a_record_is_a_real_change() {
    let bridge = Bridge::with_automation(SourceKind::Token, |value| value - value % 10);
    bridge.a.edit("x", 17);
    bridge.run(Out).await;
    assert_eq!(bridge.run(In).await.applied, 1);
    assert_eq!((bridge.a.get("x"), bridge.b.get("x")), (Some(10), Some(10)));
    assert_eq!(bridge.run(Out).await.applied + bridge.run(In).await.applied, 0);
}

#[tokio::test]
async fn an_echo_takes_nothing_away_whatever_the_mapper_says_of_it_and_however_often_it_is_read() {
    let bridge = Bridge::new(SourceKind::Snapshot);
    bridge.a.edit("x", 1);
    bridge.a.edit("y", 1);
    bridge.run(Out).await;
    bridge.run(In).await;
    // B's edit is one that A's mapper would leave out, were it an edit of A
    let part = Part::whole(&flow_name(In));
    bridge.b.edit("x", 5);
    bridge.run(In).await;
    assert_eq!(bridge.a.get("x"), Some(5));
    let written = bridge.written();
    for _ in 0..4 {
        let counts = bridge.run(Out).await;
        assert_eq!((counts.left_out, counts.unchanged, counts.applied), (1, 1, 0));
        let counts = bridge.run(In).await;
        assert_eq!((counts.left_out, counts.unchanged, counts.applied), (1, 1, 0));
    }
    assert_eq!(bridge.written(), written);
    let sent =
        bridge.store.read_page(&part, sync_core::PageQuery::new(vec!["x".into()], vec![])).await.unwrap();
    assert!(sent.sent[0].is_some());
    // what is gone on the side that sent it is still a removal
    bridge.a.remove("y");
    for _ in 0..3 {
        bridge.run(Out).await;
    }
    assert_eq!((bridge.b.get("x"), bridge.b.get("y")), (Some(5), None));
}

/// Echoes are told apart before they are mapped: a filter that would take a record away does not see them.
#[tokio::test]
async fn an_echo_that_the_mapper_would_leave_out_is_not_removed() {
    /// Leaves out what it sent once.
    #[derive(Debug)]
    struct Never(AsItIs);

    impl Mapper<i64> for Never {
        type Out = i64;

        fn echo_of(&self, key: &Key, record: &i64) -> Option<(Key, Fingerprint)> {
            self.0.echo_of(key, record)
        }

        fn map(&self, _key: &Key, _record: i64, _links: &Links) -> Result<Mapped<i64>, Reason> {
            Ok(Mapped::LeaveOut(Reason::new("never")))
        }
    }

    for is_echo in [true, false] {
        let bridge = Bridge::new(SourceKind::Token);
        bridge.a.edit("x", 1);
        bridge.run(Out).await;
        if is_echo {
            bridge.b.edit("x", 2);
            bridge.run(In).await;
        } else {
            bridge.a.edit("x", 2);
        }
        let mapper = Never(AsItIs { other_direction: flow_name(In) });
        let target = Target(bridge.b.clone());
        let flow = Flow::new(flow_name(Out), Changes(bridge.a.clone()), mapper, target, bridge.store.clone())
            .without_echo_of(Part::whole(&flow_name(In)))
            .with_clock(bridge.clock.clone());
        finish(&flow).await;
        assert_eq!(bridge.b.get("x"), is_echo.then_some(2));
    }
}

#[derive(Debug, Clone)]
enum Event {
    Edit(Direction, u8, i64),
    Run(Direction),
    Crash(Direction, usize),
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Out), Just(In)]
}

fn event(crashes: bool) -> impl Strategy<Value = Event> {
    let crash = (direction(), 1..40_usize).prop_map(|(direction, polls)| Event::Crash(direction, polls));
    prop_oneof![
        4 => (direction(), 0..3_u8, 0..4_i64).prop_map(|(side, key, value)| Event::Edit(side, key, value)),
        3 => direction().prop_map(Event::Run),
        u32::from(crashes) => crash,
    ]
}

static KEYS: [&str; 3] = ["x", "y", "z"];

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(work)
}

/// Plays the events, then two cycles; tells what the third one did.
async fn third_cycle(kind: SourceKind, events: &[Event], order: [Direction; 2]) -> (Bridge, u64, usize) {
    let mut bridge = Bridge::new(kind);
    for event in events {
        match event {
            Event::Edit(side, key, value) => {
                let side = if *side == Out { &bridge.a } else { &bridge.b };
                side.edit(KEYS[usize::from(*key)], *value);
            }
            Event::Run(direction) => drop(bridge.run(*direction).await),
            Event::Crash(direction, polls) => bridge.crash(*direction, *polls),
        }
    }
    for direction in [order, order].concat() {
        bridge.run(direction).await;
    }
    let before = bridge.written();
    let mut applied = 0;
    for direction in order {
        applied += bridge.run(direction).await.applied;
    }
    let written = bridge.written() - before;
    (bridge, applied, written)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn l19_without_new_edits_two_systems_are_alike_and_silent_after_two_cycles(
        events in proptest::collection::vec(event(true), 1..30),
        snapshots in any::<bool>(),
        out_first in any::<bool>(),
    ) {
        let kind = if snapshots { SourceKind::Snapshot } else { SourceKind::Token };
        let order = if out_first { [Out, In] } else { [In, Out] };
        let (bridge, applied, written) = block_on(third_cycle(kind, &events, order));
        prop_assert_eq!((applied, written), (0, 0));
        prop_assert_eq!(bridge.a.values(), bridge.b.values());
    }

    /// Edits of one record on both sides at once are a conflict, which the last write decides. Here there is none.
    #[test]
    fn l19_an_edit_is_never_taken_for_an_echo(
        events in proptest::collection::vec(event(false), 1..40),
        snapshots in any::<bool>(),
    ) {
        let kind = if snapshots { SourceKind::Snapshot } else { SourceKind::Token };
        let (values, expected) = block_on(async {
            let bridge = Bridge::new(kind);
            // who edited a record last, and to what
            let mut last: BTreeMap<u8, (Direction, i64)> = BTreeMap::new();
            for event in &events {
                match event {
                    Event::Edit(side, key, value) => {
                        let name = KEYS[usize::from(*key)];
                        let arrived = bridge.a.get(name) == bridge.b.get(name);
                        if arrived || last.get(key).is_none_or(|(before, _)| before == side) {
                            let edited = if *side == Out { &bridge.a } else { &bridge.b };
                            edited.edit(name, *value);
                            last.insert(*key, (*side, *value));
                        }
                    }
                    Event::Run(direction) | Event::Crash(direction, _) => drop(bridge.run(*direction).await),
                }
            }
            for direction in [Out, In, Out, In] {
                bridge.run(direction).await;
            }
            let last = last.into_iter().map(|(key, (_, value))| (KEYS[usize::from(key)].to_owned(), value));
            ([bridge.a.values(), bridge.b.values()], last.collect::<BTreeMap<_, _>>())
        });
        prop_assert_eq!(&values[0], &expected);
        prop_assert_eq!(&values[1], &expected);
    }
}

/// A document and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
struct Document {
    total: i64,
    origin: &'static str,
}

/// Writes documents under ids of its own, and tells which is which.
#[derive(Debug)]
struct Archive(Arc<MemorySource<Document>>);

#[async_trait]
impl Sink for Archive {
    type Record = Document;

    async fn write(&self, batch: &[Write<Document>]) -> Result<Vec<Outcome>> {
        let outcome = |write: &Write<Document>| match write {
            Write::Upsert { key, record, .. } => {
                let id = format!("B{key}");
                self.0.put(id.as_str(), Document { origin: "bridge", ..record.clone() });
                Ok(Outcome::applied_as(id.as_str()).with_link(Link::new("document", key.as_str(), id)))
            }
            Write::Remove { .. } => Err(Error::bug("nothing is removed here")),
        };
        batch.iter().map(outcome).collect()
    }
}

/// A document with its own id, so that its link can be asked for.
#[derive(Debug, Clone)]
struct Row {
    id: String,
    document: Document,
}

/// Leaves out what has a counterpart already.
#[derive(Debug)]
struct BornHere;

impl Mapper<Row> for BornHere {
    type Out = Document;

    fn links_needed(&self, row: &Row) -> Vec<LinkRef> {
        vec![LinkRef::of_b("document", row.id.as_str())]
    }

    fn map(&self, _key: &Key, row: Row, links: &Links) -> Result<Mapped<Document>, Reason> {
        let is_known = links.get(&LinkRef::of_b("document", row.id.as_str())).is_some();
        Ok(if is_known { Mapped::LeaveOut(Reason::new("echo")) } else { Mapped::Send(row.document) })
    }
}

fn document(total: i64, origin: &'static str) -> Document {
    Document { total, origin }
}

fn small(flow: &str) -> FlowName {
    FlowName::new(flow).unwrap()
}

#[tokio::test]
async fn f72_a_document_that_comes_back_does_not_overwrite_its_origin() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let (here, there) = (Arc::new(MemorySource::token()), Arc::new(MemorySource::token()));
    here.put("1", document(100, "shop"));
    let archive = Archive(there.clone());
    let out = Flow::new(small("demo/out"), here.clone(), sync_core::Identity, archive, store.clone());
    finish(&out).await;
    let echo = there.read(ReadFrom::Start, 9).await.unwrap().items;
    assert_eq!(echo.len(), 1);
    // the archive's own list: the copy, edited there, and one that was born there
    let list = Arc::new(MemorySource::token());
    let row = |id: &str, document| Row { id: id.to_owned(), document };
    list.put("B1", row("B1", document(120, "bridge")));
    list.put("B7", row("B7", document(7, "counter")));
    let shop = Arc::new(MemorySink::new());
    let back = Flow::new(small("demo/back"), list, BornHere, shop.clone(), store);
    let counts = finish(&back).await;
    assert_eq!((counts.left_out, counts.applied), (1, 1));
    assert_eq!(shop.records().into_iter().collect::<Vec<_>>(), [("B7".into(), document(7, "counter"))]);
}

/// Makes an order of each row.
#[derive(Debug)]
struct Order;

impl Mapper<i64> for Order {
    type Out = NewAct;

    fn map(&self, key: &Key, total: i64, _links: &Links) -> Result<Mapped<NewAct>, Reason> {
        NewAct::new(key.as_str(), key.as_str(), "order", &total, &total)
            .map(Mapped::Send)
            .map_err(|error| Reason::from(&error))
    }
}

/// Links what it made.
#[derive(Debug)]
struct Linking(FakeSubmitter);

#[async_trait]
impl sync_core::Submitter for Linking {
    async fn submit(&self, act: &sync_core::Act) -> sync_core::Submission {
        match self.0.submit(act).await {
            sync_core::Submission::Done(created) => sync_core::Submission::Done(linked(act, created)),
            other => other,
        }
    }

    async fn look_up(&self, act: &sync_core::Act) -> Result<Option<Created>> {
        Ok(self.0.look_up(act).await?.map(|created| linked(act, created)))
    }
}

fn linked(act: &sync_core::Act, created: Created) -> Created {
    let link = Link::new("document", act.op_key.as_str(), created.target_id.as_str());
    created.with_link(link)
}

#[tokio::test]
async fn f79_an_order_born_on_the_portal_does_not_come_back_as_an_offline_order() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let portal = Arc::new(MemorySource::token());
    portal.put("order:1", 100);
    finish(&Flow::to_outbox(small("demo/orders"), portal, Order, store.clone())).await;
    let erp = Linking(FakeSubmitter::new());
    let dispatcher = Dispatcher::new(small("demo/orders-out"), ["order".into()], erp, store.clone());
    finish(&dispatcher).await;
    let acts = store.acts(&sync_core::ActFilter::settled()).await.unwrap();
    let made = acts[0].created.as_ref().unwrap().target_id.as_str().to_owned();
    let list = Arc::new(MemorySource::snapshot());
    for id in [made.as_str(), "at the counter"] {
        list.put(id, Row { id: id.to_owned(), document: document(100, "erp") });
    }
    let offline = Arc::new(MemorySink::new());
    finish(&Flow::new(small("demo/offline"), list, BornHere, offline.clone(), store)).await;
    assert_eq!(offline.records().into_keys().collect::<Vec<_>>(), ["at the counter".into()]);
}

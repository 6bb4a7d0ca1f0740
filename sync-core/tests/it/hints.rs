//! F61 to F63 and L20: hints from webhooks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use proptest::prelude::*;
use sync_core::testing::{Fault, Faults, FaultySource, FaultyStore, MemorySink, MemorySource};
use sync_core::{
    Class, Clock, Delivery, ErrorKind, Flow, FlowSettings, HintOutcome, Inbox, Job, JobPlan, Key, Outcome,
    Part, PartList, Parts, Result, RetrySettings, RunContext, Runner, Schedule, Sink, SqliteStore, StepEnd,
    Store, Write,
};

use crate::world::{Good, TTL, Ticked, World, crash_after, finish, good, holding, name, poison};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// A world whose changes cannot be read for now, so that hints alone move records.
struct Hinted {
    world: World,
    reads: Faults,
    fetches: Faults,
}

impl Hinted {
    async fn new() -> Self {
        Self::of(World::new(MemorySource::token(), MemorySink::new())).await
    }

    /// The record `a` is in step.
    async fn of(world: World) -> Self {
        let hinted = Self { world, reads: Faults::none(), fetches: Faults::none() };
        hinted.world.source.put("a", good(1));
        finish(&hinted.flow()).await;
        hinted.reads.always(Some(Fault::FailBefore));
        hinted
    }

    fn flow(&self) -> Flow {
        let source = FaultySource::new(self.world.source.clone());
        let source = source.reads(self.reads.clone()).fetches(self.fetches.clone());
        Flow::new(name(), source, Ticked, self.world.sink.clone(), self.world.store.clone())
            .with_settings(FlowSettings::default().lease_ttl(TTL).retry(RetrySettings::none()))
            .with_clock(self.world.clock.clone())
    }

    /// Looks up what is hinted at; the changes cannot be read.
    async fn look_up(&self) {
        let error = self.flow().step(&RunContext::default()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transient);
        self.world.clock.advance(TTL);
    }

    async fn hint(&self, id: &str, key: &str) -> HintOutcome {
        hint(&*self.world.raw, id, key).await.unwrap()
    }

    /// How many hints there are, due or not.
    async fn hints(&self) -> usize {
        self.world.clock.advance(DAY);
        self.world.raw.hints(&Part::whole(&name()), None, 100).await.unwrap().len()
    }
}

async fn hint(store: &dyn Store, id: &str, key: &str) -> Result<HintOutcome> {
    store.put_hints(&Delivery::new("erp", id), &[(Part::whole(&name()), Key::from(key))]).await
}

#[tokio::test]
async fn f61_hints_in_any_order_write_the_newest_state_and_move_no_position() {
    for order in [["1", "2", "3"], ["3", "2", "1"]] {
        let hinted = Hinted::new().await;
        for value in [2, 3, 4] {
            hinted.world.source.put("a", good(value));
        }
        for id in order {
            assert_eq!(hinted.hint(id, "a").await, HintOutcome::New);
            hinted.look_up().await;
            assert_eq!(hinted.world.holds(), holding(&[("a", 4)]));
        }
        assert_eq!(hinted.world.sink.log().len(), 2);
        assert_eq!(hinted.world.position().await, 1);
    }
}

#[tokio::test]
async fn a_hint_of_what_is_gone_or_wrong_is_a_removal_or_a_reject() {
    let hinted = Hinted::new().await;
    hinted.world.source.put_deleted("a");
    hinted.world.source.put("b", poison(1));
    hinted.hint("1", "a").await;
    hinted.hint("2", "b").await;
    hinted.look_up().await;
    assert_eq!(hinted.world.holds(), holding(&[]));
    assert_eq!(hinted.world.reject_codes().await, [("b".to_owned(), "poison".to_owned())]);
    assert_eq!(hinted.hints().await, 0);
}

#[tokio::test]
async fn f62_a_delivery_repeated_days_later_and_after_a_restart_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut world = World::new(MemorySource::token(), MemorySink::new());
    let open = |world: &World| -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&path).unwrap().with_clock(world.clock.clone()))
    };
    world.store = open(&world);
    world.raw = world.store.clone();
    let mut hinted = Hinted::of(world).await;
    hinted.world.source.put("a", good(2));
    assert_eq!(hinted.hint("1", "a").await, HintOutcome::New);
    hinted.look_up().await;
    hinted.world.store = open(&hinted.world);
    hinted.world.raw = hinted.world.store.clone();
    for _ in 0..10 {
        hinted.world.clock.advance(3 * DAY);
        hinted.world.store.prune(DAY).await.unwrap();
        assert_eq!(hinted.hint("1", "a").await, HintOutcome::Duplicate);
    }
    let looked_up = hinted.fetches.calls();
    hinted.look_up().await;
    assert_eq!((hinted.fetches.calls(), hinted.hints().await), (looked_up, 0));
}

#[tokio::test]
async fn f63_what_shows_late_is_looked_up_again() {
    let hinted = Hinted::new().await;
    hinted.hint("1", "a").await;
    hinted.look_up().await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 1)]));
    hinted.world.source.put("a", good(2));
    hinted.look_up().await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 2)]));
    assert_eq!((hinted.fetches.calls(), hinted.hints().await), (2, 0));
}

#[tokio::test]
async fn f63_a_record_that_does_not_exist_yet_is_looked_up_again() {
    let hinted = Hinted::new().await;
    hinted.hint("1", "new").await;
    hinted.look_up().await;
    hinted.world.source.put("new", good(2));
    hinted.look_up().await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 1), ("new", 2)]));
}

#[tokio::test]
async fn f63_what_never_shows_is_looked_up_after_each_pause_and_then_left_to_the_poll() {
    let hinted = Hinted::new().await;
    hinted.hint("1", "a").await;
    let step = async || {
        hinted.flow().step(&RunContext::default()).await.unwrap_err();
        hinted.fetches.calls()
    };
    assert_eq!(step().await, 1);
    for (pause, looked_up) in [(5, 2), (30, 3), (120, 4)] {
        hinted.world.clock.advance(Duration::from_secs(pause - 1));
        assert_eq!(step().await, looked_up - 1, "before {pause} s");
        hinted.world.clock.advance(Duration::from_secs(1));
        assert_eq!(step().await, looked_up, "after {pause} s");
    }
    assert_eq!(hinted.hints().await, 0);
    assert_eq!(step().await, 4);
    hinted.reads.clear();
    hinted.world.source.put("a", good(2));
    finish(&hinted.flow()).await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 2)]));
}

/// While it writes, the record changes once more and that is delivered.
#[derive(Debug)]
struct Meanwhile {
    sink: Arc<MemorySink<i64>>,
    source: Arc<MemorySource<Good>>,
    store: Arc<dyn Store>,
}

#[async_trait]
impl Sink for Meanwhile {
    type Record = i64;

    async fn write(&self, batch: &[Write<i64>]) -> Result<Vec<Outcome>> {
        let written = self.sink.write(batch).await;
        self.source.put("a", good(3));
        hint(&*self.store, "2", "a").await?;
        written
    }
}

#[tokio::test]
async fn a_delivery_that_comes_while_its_record_is_written_is_not_lost() {
    let hinted = Hinted::new().await;
    let world = &hinted.world;
    world.source.put("a", good(2));
    hinted.hint("1", "a").await;
    let sink = Meanwhile { sink: world.sink.clone(), source: world.source.clone(), store: world.raw.clone() };
    let source = FaultySource::new(world.source.clone()).reads(hinted.reads.clone());
    let flow = Flow::new(name(), source, Ticked, sink, world.store.clone())
        .with_settings(FlowSettings::default().lease_ttl(TTL).retry(RetrySettings::none()))
        .with_clock(world.clock.clone());
    flow.step(&RunContext::default()).await.unwrap_err();
    drop(flow);
    world.clock.advance(TTL);
    assert_eq!(world.holds(), holding(&[("a", 2)]));
    hinted.look_up().await;
    assert_eq!(world.holds(), holding(&[("a", 3)]));
    assert_eq!(hinted.hints().await, 0);
}

#[tokio::test]
async fn a_source_that_cannot_look_up_drops_its_hints_and_reads_its_changes() {
    let world = World::new(MemorySource::token().without_fetch(), MemorySink::new());
    let hinted = Hinted::of(world).await;
    hinted.world.source.put("a", good(2));
    hinted.hint("1", "a").await;
    hinted.look_up().await;
    assert_eq!((hinted.hints().await, hinted.world.position().await), (0, 1));
    hinted.reads.clear();
    finish(&hinted.flow()).await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 2)]));
}

#[tokio::test]
async fn a_key_that_the_source_refuses_holds_no_other_hint_up_and_is_given_up() {
    let hinted = Hinted::new().await;
    for key in ["b", "c", "d"] {
        hinted.world.source.put(key, good(1));
        hinted.hint(key, key).await;
    }
    // all three, then c alone
    let fetches = hinted.fetches.clone().failing_with(ErrorKind::Invalid);
    fetches.on_call(1, Fault::FailBefore);
    fetches.on_call(3, Fault::FailBefore);
    hinted.look_up().await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 1), ("b", 1), ("d", 1)]));
    fetches.always(Some(Fault::FailBefore));
    for _ in 0..4 {
        hinted.world.clock.advance(DAY);
        hinted.look_up().await;
    }
    assert_eq!(hinted.hints().await, 0);
}

#[tokio::test]
async fn a_look_up_that_fails_for_the_moment_keeps_the_hint() {
    let hinted = Hinted::new().await;
    hinted.world.source.put("a", good(2));
    hinted.hint("1", "a").await;
    hinted.fetches.always(Some(Fault::FailBefore));
    for _ in 0..10 {
        hinted.world.clock.advance(DAY);
        hinted.look_up().await;
    }
    hinted.fetches.clear();
    hinted.look_up().await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 2)]));
}

#[tokio::test]
async fn a_snapshot_writes_what_is_hinted_at_between_its_passes_too() {
    let world = World::new(MemorySource::snapshot().wire_page(1), MemorySink::new()).batch(1);
    let hinted = Hinted::of(world).await;
    hinted.world.source.put("b", good(5));
    hinted.hint("1", "b").await;
    hinted.look_up().await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 1), ("b", 5)]));
    hinted.reads.clear();
    for _ in 0..3 {
        finish(&hinted.flow()).await;
    }
    assert_eq!(hinted.world.holds(), holding(&[("a", 1), ("b", 5)]));
}

#[derive(Debug)]
struct Warehouses(Arc<MemorySource<Good>>, Arc<MemorySource<Good>>);

#[async_trait]
impl Parts for Warehouses {
    type Source = Arc<MemorySource<Good>>;

    async fn list(&self) -> Result<PartList> {
        Ok(["one", "two"].map(str::to_owned).into_iter().collect())
    }

    fn source(&self, part: &str) -> Self::Source {
        if part == "one" { self.0.clone() } else { self.1.clone() }
    }
}

#[tokio::test]
async fn a_hint_names_the_part_and_the_inbox_wakes_its_flow() {
    let world = World::new(MemorySource::token(), MemorySink::new());
    let faults = Faults::none();
    let second = Arc::new(MemorySource::token().faults(faults.clone()));
    let parts = Warehouses(world.source.clone(), second.clone());
    let flow = Flow::over_parts(name(), parts, Ticked, world.sink.clone(), world.store.clone())
        .with_settings(FlowSettings::default().retry(RetrySettings::none()))
        .with_clock(world.clock.clone());
    finish(&flow).await;
    let woken = Arc::new(Mutex::new(Vec::new()));
    let wakes = woken.clone();
    let inbox = Inbox::new(world.store.clone())
        .route_to_parts("Zasob", name(), |id| {
            let (part, key) = id.split_once('/').unwrap_or_default();
            vec![(part.to_owned(), Key::from(key))]
        })
        .waking(move |flow| wakes.lock().unwrap().push(flow.clone()));
    faults.always(Some(Fault::FailBefore));
    second.put("a", good(7));
    let (first, other) = (Delivery::new("erp", "1"), Delivery::new("erp", "2"));
    assert_eq!(inbox.receive(&first, "Zasob", "two/a").await.unwrap(), HintOutcome::New);
    assert_eq!(inbox.receive(&first, "Zasob", "two/a").await.unwrap(), HintOutcome::Duplicate);
    assert_eq!(inbox.receive(&other, "Zadanie", "1").await.unwrap(), HintOutcome::Unknown);
    let endless = "x".repeat(Key::LONGEST + 1);
    assert_eq!(
        inbox.receive(&other, "Zasob", &format!("two/{endless}")).await.unwrap(),
        HintOutcome::Unknown
    );
    let counts = [HintOutcome::New, HintOutcome::Duplicate, HintOutcome::Unknown].map(|of| inbox.count(of));
    assert_eq!(counts, [1, 1, 2]);
    assert_eq!(*woken.lock().unwrap(), [name()]);
    flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!(world.holds(), holding(&[("a", 7)]));
}

/// The flow in a runner that polls once an hour.
fn hourly(flow: Flow) -> Runner {
    let plan = JobPlan::new(Schedule::every(HOUR).unwrap(), Class::Regular);
    let job: Arc<dyn Job> = Arc::new(flow);
    Runner::new([(job, plan)]).unwrap()
}

#[tokio::test]
async fn a_delivery_is_looked_up_at_once_and_again_after_each_pause_though_the_poll_is_an_hour_away() {
    let world = World::new(MemorySource::token(), MemorySink::new());
    let fetches = Faults::none();
    let source = FaultySource::new(world.source.clone()).fetches(fetches.clone());
    let flow = Flow::new(name(), source, Ticked, world.sink.clone(), world.store.clone());
    let mut runner = hourly(flow.with_clock(world.clock.clone()));
    let handle = runner.handle();
    let inbox = Inbox::new(world.store.clone())
        .route("Towar", name(), |id| Key::from(id))
        .waking(move |flow| handle.wake(flow.as_str()).unwrap());
    let run = RunContext::default().with_clock(world.clock.clone());
    let eight = world.clock.now();
    world.source.put("a", good(1));
    assert_eq!(runner.run_due(&run).await, Some(eight + HOUR));
    world.clock.advance(Duration::from_secs(600));
    // the delivery comes before the change shows
    let delivery = Delivery::new("erp", "1");
    assert_eq!(inbox.receive(&delivery, "Towar", "a").await.unwrap(), HintOutcome::New);
    for (looked_up, pause) in [(1, 5), (2, 30), (3, 120)] {
        let next = runner.run_due(&run).await;
        assert_eq!(fetches.calls(), looked_up);
        assert_eq!(next, Some(world.clock.now() + Duration::from_secs(pause)));
        world.clock.set(next.unwrap());
    }
    let wrote = world.sink.log().len();
    world.source.put("a", good(2));
    assert_eq!(runner.run_due(&run).await, Some(eight + HOUR));
    assert_eq!(
        (fetches.calls(), world.sink.log().len(), world.holds()),
        (4, wrote + 1, holding(&[("a", 2)]))
    );
    // what came before wakes nobody
    assert_eq!(inbox.receive(&delivery, "Towar", "a").await.unwrap(), HintOutcome::Duplicate);
    runner.run_due(&run).await;
    assert_eq!(fetches.calls(), 4);
}

#[tokio::test]
async fn a_delivery_that_another_process_took_in_is_looked_up_with_the_next_run() {
    let hinted = Hinted::new().await;
    hinted.world.clock.advance(TTL);
    let mut runner = hourly(hinted.flow());
    let run = RunContext::default().with_clock(hinted.world.clock.clone());
    let next = runner.run_due(&run).await.unwrap();
    hinted.world.source.put("a", good(2));
    // an inbox over the same store, whose process runs no such job
    let inbox = Inbox::new(hinted.world.store.clone()).route("Towar", name(), |id| Key::from(id));
    inbox.receive(&Delivery::new("erp", "1"), "Towar", "a").await.unwrap();
    assert_eq!(runner.run_due(&run).await, Some(next));
    assert_eq!(hinted.world.holds(), holding(&[("a", 1)]));
    hinted.world.clock.set(next);
    runner.run_due(&run).await;
    assert_eq!(hinted.world.holds(), holding(&[("a", 2)]));
}

#[tokio::test]
async fn a_look_up_that_fails_waits_for_the_next_tick_and_asks_for_none_of_its_own() {
    let hinted = Hinted::new().await;
    hinted.reads.clear();
    hinted.fetches.always(Some(Fault::FailBefore));
    hinted.hint("1", "a").await;
    let tally = hinted.flow().step(&RunContext::default()).await.unwrap();
    assert_eq!((tally.end, tally.again_at, hinted.fetches.calls()), (StepEnd::End, None, 1));
}

/// A delivery, its look-up and everything it writes, with a fault at each call of the store in turn.
#[tokio::test]
async fn a_fault_at_any_call_of_the_store_loses_no_hint() {
    for fault in [Fault::FailBefore, Fault::FailAfter] {
        for n in 1.. {
            let mut hinted = Hinted::new().await;
            let faults = Faults::at(n, fault).failing_with(ErrorKind::Store);
            hinted.world.store = Arc::new(FaultyStore::new(hinted.world.raw.clone(), faults.clone()));
            hinted.world.source.put("a", good(2));
            hinted.world.source.put("b", good(2));
            for (id, key) in [("1", "a"), ("2", "b")] {
                while hint(&*hinted.world.store, id, key).await.is_err() {}
            }
            // it ends with the fault or, at the latest, with the changes that cannot be read
            let _ = hinted.flow().step(&RunContext::default()).await;
            let is_past_the_end = faults.calls() < n;
            hinted.world.store = hinted.world.raw.clone();
            hinted.world.clock.advance(TTL);
            hinted.look_up().await;
            assert_eq!(hinted.world.holds(), holding(&[("a", 2), ("b", 2)]), "{fault:?} at call {n}");
            assert_eq!(hinted.world.position().await, 1);
            if is_past_the_end {
                assert!(n > 6, "{n}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_step_dropped_at_any_await_loses_no_hint() {
    for polls in 1.. {
        let mut hinted = Hinted::new().await;
        hinted.world.store = Arc::new(FaultyStore::new(hinted.world.raw.clone(), Faults::none()));
        hinted.world.source.put("a", good(2));
        hinted.hint("1", "a").await;
        let is_done = crash_after(polls, hinted.flow().step(&RunContext::default())).is_some();
        hinted.world.clock.advance(TTL);
        hinted.look_up().await;
        assert_eq!(hinted.world.holds(), holding(&[("a", 2)]), "dropped after {polls} polls");
        if is_done {
            assert!(polls > 6, "{polls}");
            break;
        }
    }
}

#[derive(Debug, Clone)]
enum Event {
    /// A record changes, which makes a delivery.
    Edit(u8, i64),
    /// A delivery arrives: any of those made, early, late, again or never.
    Deliver(usize),
    /// A step of the flow, whose changes can be read or not.
    Step {
        reads: bool,
    },
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => (0..4_u8, 0..5_i64).prop_map(|(key, value)| Event::Edit(key, value)),
        4 => (0..30_usize).prop_map(Event::Deliver),
        3 => any::<bool>().prop_map(|reads| Event::Step { reads }),
        1 => (0..100_u64).prop_map(Event::Wait),
    ]
}

static KEYS: [&str; 4] = ["a", "b", "c", "d"];

/// Plays the events and then runs the flow to its end; tells what the target and the position are.
async fn play(events: &[Event], with_hints: bool) -> (std::collections::BTreeMap<String, i64>, usize) {
    let hinted = Hinted::new().await;
    let mut made: Vec<&str> = Vec::new();
    let step = async |reads: bool| {
        hinted.reads.always((!reads).then_some(Fault::FailBefore));
        let tally = hinted.flow().step(&RunContext::default()).await;
        assert_eq!(tally.is_ok(), reads);
        hinted.world.clock.advance(TTL);
    };
    for event in events {
        match event {
            Event::Edit(key, value) => {
                let key = KEYS[usize::from(*key)];
                hinted.world.source.put(key, good(*value));
                made.push(key);
            }
            Event::Deliver(number) if with_hints && !made.is_empty() => {
                let number = number % made.len();
                hinted.hint(&number.to_string(), made[number]).await;
            }
            Event::Step { reads } => {
                let before = hinted.world.position().await;
                step(*reads).await;
                assert!(*reads || hinted.world.position().await == before, "a hint moved the position");
            }
            Event::Deliver(_) => {}
            Event::Wait(seconds) => hinted.world.clock.advance(Duration::from_secs(*seconds)),
        }
    }
    for _ in 0..6 {
        step(true).await;
    }
    assert_eq!(hinted.hints().await, 0, "a hint is left");
    (hinted.world.holds(), hinted.world.position().await)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn l20_deliveries_in_any_order_and_number_end_as_none_do(events in proptest::collection::vec(event(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let (with, without) = runtime.block_on(async { (play(&events, true).await, play(&events, false).await) });
        prop_assert_eq!(with, without);
    }
}

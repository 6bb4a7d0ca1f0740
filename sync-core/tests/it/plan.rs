//! What a flow would do.

use std::sync::Arc;

use sync_core::testing::{FakeSubmitter, MemoryQueue, MemorySink, MemorySource, Reaction};
use sync_core::{
    Brake, BrakeLimit, Delivery, EffectKind, ErrorKind, Flow, FlowSettings, Job, Page, Part, Plan,
    PlanSettings, ReadFrom, Reason, Receipt, Result, RunContext, Source, SourceInfo, SqliteStore, Store,
};

use crate::dispatch::{HOUR, Outbox};
use crate::model::play::Dice;
use crate::outbox::{dispatch, editable};
use crate::world::{Good, Ticked, World, finish, five, good, name, poison, unticked};

async fn plan(flow: &Flow) -> Plan {
    flow.plan(&RunContext::default(), PlanSettings::default()).await.unwrap()
}

/// Key and effect of each.
fn shown(plan: &Plan) -> Vec<(&str, &str)> {
    plan.effects.iter().map(|effect| (effect.key.as_str(), effect.what.as_str())).collect()
}

fn feed() -> World {
    let world = World::new(MemorySource::token().wire_page(2), MemorySink::new()).batch(2);
    for n in 0..5 {
        world.source.put(format!("k{n}"), good(n));
    }
    world
}

#[tokio::test]
async fn a_plan_tells_what_would_happen_and_nothing_happens() {
    let world = feed();
    world.cycle().await;
    world.source.put("k0", good(10));
    world.source.put("new", good(11));
    world.source.put("k1", unticked(1));
    world.source.put("k2", poison(2));
    world.source.put("k3", good(3));
    world.source.put("never", unticked(1));
    let before = (format!("{:?}", world.raw), world.holds(), world.sink.log());
    let flow = world.flow();
    let planned = plan(&flow).await;
    assert_eq!((format!("{:?}", world.raw), world.holds(), world.sink.log()), before);
    assert_eq!(shown(&planned), [("k0", "update"), ("new", "create"), ("k1", "remove"), ("k2", "reject")]);
    assert_eq!((planned.fetched, planned.unchanged, planned.left_out), (6, 1, 1));
    assert!(planned.complete && planned.fails.is_none() && planned.held.is_empty());
    assert_eq!(five(finish(&flow).await), [6, 3, 1, 1, 1]);
    assert_eq!(shown(&plan(&flow).await), []);
}

#[tokio::test]
async fn the_hash_stands_for_all_effects_and_their_contents_and_the_list_may_be_shorter() {
    let (world, other) = (feed(), feed());
    let all = plan(&world.flow()).await;
    assert_eq!(all.hash, plan(&other.flow()).await.hash);
    let short = PlanSettings::default().most_effects(2);
    let short = world.flow().plan(&RunContext::default(), short).await.unwrap();
    assert_eq!((short.effects.len(), short.totals.all(), &short.hash), (2, 5, &all.hash));
    assert!(short.to_string().contains("and 3 more"), "{short}");
    other.source.put("k4", good(99));
    let longer = plan(&other.flow()).await;
    assert_ne!(longer.hash, all.hash);
    let third = feed();
    third.source.remove("k4");
    third.source.put("k4", good(5));
    let changed = plan(&third.flow()).await;
    assert_eq!(shown(&changed), shown(&all));
    assert_ne!(changed.hash, all.hash, "another content is another plan");
}

#[tokio::test]
async fn a_plan_is_a_table_for_people_and_json_for_programs_without_record_content() {
    let world = feed();
    world.cycle().await;
    world.source.put("k0", good(10_101));
    world.source.put("key-2", poison(10_102));
    world.source.put_deleted("k1");
    let mut planned = plan(&world.flow()).await;
    assert_eq!(planned.hash.len(), 64);
    planned.hash = "hash".to_owned();
    let expected = "demo/goods: 3 read, 0 unchanged, 0 left out
update 1, remove 1, reject 1
  update      k0
  reject      key-2  poison
  remove      k1
hash";
    let shown: Vec<_> = planned.to_string().lines().map(str::to_owned).collect();
    let mut wanted: Vec<_> = expected.lines().map(str::to_owned).collect();
    // the order of the effects is the pipeline's
    wanted.sort();
    let mut sorted = shown.clone();
    sorted.sort();
    assert_eq!(sorted, wanted);
    let json = serde_json::to_string(&planned).unwrap();
    assert!(
        json.contains(r#"{"part":"","key":"key-2","effect":"reject","stage":"map","code":"poison"}"#),
        "{json}"
    );
    for text in [json, planned.to_string(), format!("{planned:?}")] {
        assert!(!text.contains("1010") && !text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn the_brakes_verdict_is_part_of_the_plan() {
    let world = feed();
    let flow = world.flow().with_settings(
        FlowSettings::default().batch(2).brake(Brake::default().removals(BrakeLimit::new(1, 0))),
    );
    finish(&flow).await;
    for n in 0..3 {
        world.source.put_deleted(format!("k{n}"));
    }
    let planned = plan(&flow).await;
    assert_eq!(shown(&planned), [("k0", "hold"), ("k1", "hold"), ("k2", "hold")]);
    assert_eq!(planned.held.iter().map(|hold| hold.held.removals).collect::<Vec<_>>(), [3]);
    assert!(planned.to_string().contains("held: 3 removals"), "{planned}");
    finish(&flow).await;
    let held = flow.status().await.unwrap().parts[0].held.clone().unwrap();
    flow.approve(&held.token, "Anna", "seen").await.unwrap();
    assert_eq!(shown(&plan(&flow).await), [("k0", "remove"), ("k1", "remove"), ("k2", "remove")]);
    finish(&flow).await;
    assert_eq!(world.holds().len(), 2);
}

#[tokio::test]
async fn a_full_pass_can_be_planned_before_one_is_due() {
    let world = feed();
    world.cycle().await;
    world.source.remove("k3");
    let flow = world.flow();
    assert_eq!(shown(&plan(&flow).await), []);
    let settings = PlanSettings::default().full_pass();
    let planned = flow.plan(&RunContext::default(), settings).await.unwrap();
    assert_eq!((shown(&planned), planned.unchanged), (vec![("k3", "remove")], 4));
    // it was not asked for by that
    assert_eq!(five(finish(&flow).await), [0; 5]);
}

#[tokio::test]
async fn a_page_that_would_stop_the_flow_ends_the_plan_and_says_so() {
    let world = World::new(MemorySource::token(), MemorySink::new());
    for n in 0..11 {
        world.source.put(format!("k{n}"), poison(n));
    }
    let flow = world.flow();
    let planned = plan(&flow).await;
    assert_eq!((planned.complete, planned.fails.as_deref()), (false, Some("systemic-failure")));
    assert!(planned.to_string().contains("then it fails: systemic-failure"), "{planned}");
    let error = flow.step(&RunContext::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SystemicFailure);
}

/// Gives what is first in the queue, whatever was read before.
#[derive(Debug)]
struct Head(Arc<MemoryQueue<Good>>);

#[async_trait::async_trait]
impl Source for Head {
    type Record = Good;
    type Cursor = <MemoryQueue<Good> as Source>::Cursor;
    fn describe(&self) -> SourceInfo {
        self.0.describe()
    }
    async fn read(&self, _: ReadFrom<&Self::Cursor>, limit: usize) -> Result<Page<Good, Self::Cursor>> {
        self.0.read(ReadFrom::Start, limit).await
    }
    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        self.0.acknowledge(outcomes).await
    }
}

#[tokio::test]
async fn a_queue_is_planned_as_far_as_it_gives_without_being_acknowledged() {
    let queue = Arc::new(MemoryQueue::new().wire_page(2));
    for n in 0..3 {
        queue.put(format!("k{n}"), good(n));
    }
    let world = World::snapshot();
    let to = |world: &World| (Ticked, world.sink.clone(), world.store.clone());
    let (mapper, sink, store) = to(&world);
    let pages = Flow::new(name(), queue.clone(), mapper, sink, store);
    let (mapper, sink, store) = to(&world);
    let head = Flow::new(name(), Head(queue.clone()), mapper, sink, store);
    let planned = plan(&pages).await;
    assert_eq!((planned.totals.create, planned.complete), (3, true));
    let planned = plan(&head).await;
    assert_eq!(shown(&planned), [("k0", "create"), ("k1", "create")]);
    assert!(!planned.complete && planned.to_string().contains("not planned to the end"), "{planned}");
    assert_eq!((queue.pending().len(), queue.acknowledged().len()), (3, 0));
    assert_eq!(five(finish(&head).await), [3, 3, 0, 0, 0]);
    queue.put("k0", good(7));
    let planned = plan(&head).await;
    assert_eq!((shown(&planned), planned.complete), (vec![("k0", "update")], true));
}

#[tokio::test]
async fn acts_are_planned_as_the_outbox_would_decide() {
    let outbox = Outbox::new(FakeSubmitter::new());
    let flow = outbox.flow();
    let put = |key: &str, business: &str| outbox.source.put(key, ("k".to_owned(), business.to_owned()));
    for key in ["sent", "waits", "goes", "stays"] {
        put(key, "v1");
    }
    let planned = plan(&flow).await;
    assert_eq!(planned.totals.enqueue, 4);
    assert!(outbox.states().await.is_empty());
    finish(&flow).await;
    outbox.submitter.script([Reaction::CreateThenFail]);
    outbox.dispatcher().step(&RunContext::default()).await.unwrap();
    put("sent", "v2");
    put("waits", "v2");
    put("goes", "withdrawn");
    put("stays", "v1");
    put("new", "v1");
    let before = format!("{:?}", outbox.store);
    let planned = plan(&flow).await;
    assert_eq!(format!("{:?}", outbox.store), before);
    let first_is_sent = outbox.states().await[0].1;
    assert_eq!(first_is_sent, sync_core::ActState::InDoubt);
    let mut all = shown(&planned);
    all.sort_unstable();
    assert_eq!(all, [("goes", "withdraw"), ("new", "enqueue"), ("sent", "reject"), ("waits", "replace")]);
    let codes = planned.effects.iter().filter_map(|effect| match &effect.what {
        EffectKind::Reject { stage, code } => Some((*stage, code.as_str())),
        _ => None,
    });
    assert_eq!(codes.collect::<Vec<_>>(), [("outbox", "changed-after-transfer")]);
    assert_eq!((planned.unchanged, five(finish(&flow).await)), (1, [5, 3, 1, 0, 1]));
}

#[tokio::test]
async fn l12_what_is_planned_for_the_outbox_is_what_the_store_decides() {
    let (mut replaced, mut turned_away) = (0, 0);
    for seed in 0..40 {
        let mut dice = Dice::new(seed);
        let outbox = Outbox::new(FakeSubmitter::new());
        let flow = outbox.flow();
        for _ in 0..6 {
            for _ in 0..4 {
                let business = ["v1", "v2", "v3", "withdrawn"][usize::try_from(dice.below(4)).unwrap()];
                outbox.source.put(format!("o{}", dice.below(5)), ("k".to_owned(), business.to_owned()));
            }
            let before = format!("{:?}", outbox.store);
            let planned = plan(&flow).await;
            assert_eq!(format!("{:?}", outbox.store), before);
            let done = finish(&flow).await;
            let totals = planned.totals;
            let applied = totals.enqueue + totals.replace + totals.withdraw;
            assert_eq!((applied, totals.reject), (done.applied, done.rejected), "seed {seed}: {planned}");
            assert_eq!((planned.unchanged, planned.left_out), (done.unchanged, done.left_out), "seed {seed}");
            (replaced, turned_away) = (replaced + totals.replace, turned_away + totals.reject);
            let reactions = [Reaction::CreateThenFail, Reaction::NotSent, Reaction::FailUnclear];
            outbox.submitter.script([reactions[usize::try_from(dice.below(3)).unwrap()].clone()]);
            if dice.below(2) == 0 {
                outbox.dispatcher().step(&RunContext::default()).await.unwrap();
                outbox.clock.advance(HOUR);
            }
        }
    }
    assert!(replaced > 10 && turned_away > 10, "{replaced} {turned_away}");
}

#[tokio::test]
async fn l12_edits_and_cancellations_are_planned_as_the_store_decides() {
    let (mut edited, mut cancelled) = (0, 0);
    for seed in 0..40 {
        let mut dice = Dice::new(seed);
        let outbox = Outbox::new(FakeSubmitter::new());
        let flow = editable(&outbox);
        for _ in 0..6 {
            for _ in 0..4 {
                let business = ["v1", "v2", "v3", "withdrawn"][usize::try_from(dice.below(4)).unwrap()];
                outbox.source.put(format!("o{}", dice.below(3)), ("k".to_owned(), business.to_owned()));
            }
            let before = format!("{:?}", outbox.store);
            let planned = plan(&flow).await;
            assert_eq!(format!("{:?}", outbox.store), before);
            assert_eq!(plan(&flow).await, planned, "a plan depends on the world alone");
            let done = finish(&flow).await;
            let totals = planned.totals;
            assert_eq!(totals.all() - totals.reject, done.applied, "seed {seed}: {planned}");
            assert_eq!(totals.reject, done.rejected, "seed {seed}: {planned}");
            assert_eq!((planned.unchanged, planned.left_out), (done.unchanged, done.left_out), "seed {seed}");
            (edited, cancelled) = (edited + totals.edit, cancelled + totals.cancel);
            if dice.below(3) == 0 {
                outbox.submitter.script([Reaction::CreateThenFail]);
            }
            if dice.below(3) > 0 {
                dispatch(&outbox).await;
                outbox.clock.advance(HOUR);
            }
        }
    }
    assert!(edited > 10 && cancelled > 10, "{edited} {cancelled}");
}

async fn hint(store: &dyn Store, id: &str, key: &str) {
    store.put_hints(&Delivery::new("erp", id), &[(Part::whole(&name()), key.into())]).await.unwrap();
}

#[tokio::test]
async fn l12_hints_are_planned_also_of_a_part_that_was_never_committed() {
    let world = feed();
    let flow = world.flow();
    let plan_and_do = async || {
        let before = format!("{:?}", world.raw);
        let planned = plan(&flow).await;
        assert_eq!(format!("{:?}", world.raw), before);
        let written = world.sink.log().len();
        let done = five(finish(&flow).await);
        let writes = planned.totals.create + planned.totals.update;
        assert_eq!(done, [planned.fetched, writes, planned.unchanged, planned.left_out, 0]);
        let keys: Vec<_> = world.sink.log().split_off(written);
        assert_eq!(keys, planned.effects.iter().map(|effect| effect.key.clone()).collect::<Vec<_>>());
        keys.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    hint(&*world.raw, "1", "k3").await;
    // what was hinted at comes first
    assert_eq!(plan_and_do().await, ["k3", "k0", "k1", "k2", "k4"]);
    world.source.put("k0", good(10));
    world.source.put("k1", good(11));
    hint(&*world.raw, "2", "k1").await;
    hint(&*world.raw, "3", "k2").await;
    assert_eq!(plan_and_do().await, ["k1", "k0"]);
    assert_eq!(plan_and_do().await, [""; 0]);
}

fn dump(path: &std::path::Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let names =
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut statement = connection.prepare(names).unwrap();
    let names: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = names.iter().flat_map(|name| {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let values = (0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap()));
            Ok(format!("{name}: {}", values.collect::<Vec<_>>().join(" ")))
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    });
    rows.collect()
}

#[tokio::test]
async fn l12_planning_leaves_every_row_of_a_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut world = feed();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).unwrap().with_clock(world.clock.clone()));
    (world.store, world.raw) = (store.clone(), store);
    world.cycle().await;
    world.source.put("k0", good(10));
    world.source.put("k2", poison(2));
    world.source.put_deleted("k1");
    world.source.remove("k4");
    hint(&*world.raw, "1", "k0").await;
    world.flow().backfill("Anna", "seen").await.unwrap();
    let before = dump(&path);
    assert!(before.len() > 9, "{before:?}");
    let settings = PlanSettings::default().full_pass();
    let flow =
        world.flow().with_settings(FlowSettings::default().batch(2).full_pass(std::time::Duration::ZERO));
    let planned = flow.plan(&RunContext::default(), settings).await.unwrap();
    assert_eq!(dump(&path), before);
    let counts = finish(&flow).await;
    let writes = planned.totals.create + planned.totals.update + planned.totals.remove;
    assert_eq!((writes, planned.totals.reject), (counts.applied, counts.rejected));
    assert_eq!((planned.fetched, planned.unchanged), (counts.fetched, counts.unchanged));
    assert_eq!((planned.totals.remove, planned.totals.update), (2, 1));
}

#[tokio::test]
async fn a_plan_of_a_flow_that_works_meanwhile_fails_instead_of_mixing_two_worlds() {
    #[derive(Debug)]
    struct Working(Arc<World>);
    #[async_trait::async_trait]
    impl sync_core::Source for Working {
        type Record = crate::world::Good;
        type Cursor = usize;
        fn describe(&self) -> sync_core::SourceInfo {
            self.0.source.describe()
        }
        async fn read(
            &self,
            from: sync_core::ReadFrom<&usize>,
            limit: usize,
        ) -> sync_core::Result<sync_core::Page<crate::world::Good, usize>> {
            self.0.cycle().await;
            self.0.source.read(from, limit).await
        }
    }
    let world = Arc::new(feed());
    world.cycle().await;
    world.source.put("k0", good(10));
    let flow = Flow::new(name(), Working(world.clone()), Ticked, world.sink.clone(), world.store.clone())
        .with_clock(world.clock.clone());
    let error = flow.plan(&RunContext::default(), PlanSettings::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RevisionConflict);
}

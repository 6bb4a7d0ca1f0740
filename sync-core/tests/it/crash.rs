//! Crashes and two processes on one SQLite file.

use std::sync::Arc;

use sync_core::testing::{FakeSubmitter, Fault, Faults, MemorySink, MemorySource};
use sync_core::{Job, JobEnd, Pause, RunContext, SqliteStore, Store, run_until_done};

use crate::dispatch::Outbox;
use crate::world::{TTL, World, finish, five, good, holding};

#[tokio::test]
async fn after_the_sink_and_before_the_commit_a_page_is_sent_again_and_nothing_else() {
    let faults = Faults::at(1, Fault::FailAfter);
    let world = World::new(MemorySource::token(), MemorySink::new().faults(faults));
    world.source.put("a", good(1));
    let flow = world.flow();
    assert!(flow.step(&RunContext::default()).await.is_err());
    assert_eq!(five(world.cycle().await), [1, 1, 0, 0, 0]);
    assert_eq!(world.sink.log().len(), 2);
    assert_eq!(world.holds(), holding(&[("a", 1)]));
}

#[tokio::test]
async fn two_processes_on_one_file_share_a_flow_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut world = World::new(MemorySource::token().wire_page(10), MemorySink::new()).batch(10);
    for n in 0..200 {
        world.source.put(format!("k{n:03}"), good(n));
    }
    let open =
        || -> Arc<dyn Store> { Arc::new(SqliteStore::open(&path).unwrap().with_clock(world.clock.clone())) };
    let (first, second) = (open(), open());
    world.store = first.clone();
    world.raw = first;
    let one = world.flow();
    world.store = second;
    let two = world.flow();
    let run = RunContext::default();
    let (one, two) = tokio::join!(run_until_done(&one, &run), run_until_done(&two, &run));
    assert_eq!(one.counts.applied + two.counts.applied, 200);
    assert_eq!(world.sink.log().len(), 200);
    assert_eq!(world.position().await, 200);
}

#[tokio::test]
async fn two_dispatchers_on_one_file_submit_each_act_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut outbox = Outbox::new(FakeSubmitter::new());
    let open =
        || -> Arc<dyn Store> { Arc::new(SqliteStore::open(&path).unwrap().with_clock(outbox.clock.clone())) };
    let (first, second) = (open(), open());
    outbox.store = first;
    let acts: Vec<_> = (0..60).map(|n| (format!("o{n:02}"), format!("k{}", n % 7))).collect();
    let acts: Vec<_> = acts.iter().map(|(op, key)| (op.as_str(), key.as_str())).collect();
    outbox.enqueue(&acts).await;
    let one = outbox.dispatcher();
    outbox.store = second;
    let two = outbox.dispatcher();
    tokio::join!(finish(&one), finish(&two));
    outbox.settle_all().await;
    let documents = outbox.documents();
    assert_eq!(documents.len(), 60);
    for key in 0..7 {
        let number = |op: &String| op[1..].parse::<usize>().unwrap();
        let of_key: Vec<_> = documents.iter().map(number).filter(|n| n % 7 == key).collect();
        assert!(of_key.is_sorted_by(|a, b| a < b), "{documents:?}");
    }
}

#[tokio::test]
async fn a_step_dropped_with_sqlite_at_work_leaves_the_state_before_or_after() {
    let folder = tempfile::tempdir().unwrap();
    for polls in 1..40 {
        let mut world = World::new(MemorySource::token().wire_page(3), MemorySink::new()).batch(3);
        let path = folder.path().join(format!("{polls}.db"));
        world.store = Arc::new(SqliteStore::open(path).unwrap().with_clock(world.clock.clone()));
        world.raw = world.store.clone();
        for n in 0..10 {
            world.source.put(format!("k{n}"), good(n));
        }
        {
            let (flow, run) = (world.flow(), RunContext::default());
            let mut step = std::pin::pin!(tokio::task::unconstrained(async { flow.step(&run).await }));
            for _ in 0..polls {
                // lets the store's thread get on between two polls
                tokio::task::yield_now().await;
                if futures::poll!(&mut step).is_ready() {
                    break;
                }
            }
        }
        world.clock.advance(TTL);
        // the dropped step's call may still have taken the lease
        loop {
            match run_until_done(&world.flow(), &RunContext::default()).await.end {
                JobEnd::Done => break,
                JobEnd::Paused(Pause::HeldElsewhere { until }) => world.clock.set(until),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(world.holds().len(), 10);
        assert_eq!(world.position().await, 10);
    }
}

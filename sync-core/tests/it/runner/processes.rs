//! Several runners on one store.

use std::sync::Arc;

use sync_core::testing::{FakeSubmitter, ManualClock, MemorySink, MemorySource, Reaction};
use sync_core::{
    Class, Clock, Flow, FlowName, FlowSettings, Job, RetrySettings, RunContext, Runner, SqliteStore, Store,
};

use super::probe::{MINUTE, every, settle};
use crate::dispatch::Outbox;
use crate::world::{Good, TTL, Ticked, good};

const FLOWS: usize = 4;
const RECORDS: i64 = 30;

struct Shared {
    source: Arc<MemorySource<Good>>,
    sink: Arc<MemorySink<i64>>,
}

/// The flows as a process of its own has them.
fn process(shared: &[Shared], store: &Arc<dyn Store>, clock: &Arc<ManualClock>) -> Runner {
    let flow = |(n, shared): (usize, &Shared)| -> Arc<dyn Job> {
        let name = FlowName::new(format!("demo/goods-{n}")).unwrap();
        let settings =
            FlowSettings::default().batch(1).page_budget(3).lease_ttl(TTL).retry(RetrySettings::none());
        let flow = Flow::new(name, shared.source.clone(), Ticked, shared.sink.clone(), store.clone());
        Arc::new(flow.with_settings(settings).with_clock(clock.clone()))
    };
    let jobs = shared.iter().enumerate().map(flow);
    Runner::new(jobs.map(|job| (job, every(1, Class::Bulk)))).unwrap()
}

#[tokio::test]
async fn two_runners_on_one_store_share_the_flows_and_lose_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::default());
    let open = || -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(folder.path().join("sync.db")).unwrap().with_clock(clock.clone()))
    };
    let shared: Vec<Shared> = (0..FLOWS)
        .map(|_| Shared {
            source: Arc::new(MemorySource::token().wire_page(1)),
            sink: Arc::new(MemorySink::new()),
        })
        .collect();
    for n in 0..RECORDS {
        shared.iter().for_each(|shared| shared.source.put(format!("k{n:02}"), good(n)));
    }
    let (mut one, mut other) = (process(&shared, &open(), &clock), process(&shared, &open(), &clock));
    let run = RunContext::default().with_clock(clock.clone());
    for _ in 0..10 {
        let (next, others_next) = futures::join!(one.run_due(&run), other.run_due(&run));
        clock.set(next.min(others_next).unwrap());
    }
    let expected: Vec<String> = (0..RECORDS).map(|n| format!("k{n:02}")).collect();
    for shared in &shared {
        // in order and once: no two of them ever worked on one flow at the same time
        let log: Vec<String> = shared.sink.log().iter().map(ToString::to_string).collect();
        assert_eq!(log, expected);
    }
    let facts = one.handle().facts().into_iter().chain(other.handle().facts());
    assert!(facts.into_iter().all(|facts| facts.consecutive_failures == 0));
}

#[tokio::test]
async fn f40_a_long_act_is_begun_once_however_many_ticks_and_runners_there_are() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::Hang]);
    let runner = || {
        let dispatcher: Arc<dyn Job> = Arc::new(outbox.dispatcher());
        Runner::new([(dispatcher, every(1, Class::Orders))]).unwrap()
    };
    let (mut one, mut other) = (runner(), runner());
    let run = RunContext::default().with_clock(outbox.clock.clone());
    let began = outbox.clock.now();
    {
        let mut both = Box::pin(async { futures::join!(one.run(&run), other.run(&run)) });
        while outbox.clock.now() < began + MINUTE * 60 {
            assert!(settle(&mut both).await.is_none());
            outbox.clock.advance(MINUTE / 2);
        }
        assert!(settle(&mut both).await.is_none());
    }
    assert_eq!((outbox.submitter.submits().len(), outbox.submitter.look_ups().len()), (1, 0));
    let facts = other.handle().facts();
    let idle = one.handle().facts().into_iter().chain(facts).filter(|facts| facts.running_since.is_none());
    // the other one looked for work all the time
    assert!(idle.into_iter().all(|facts| facts.last_done_at >= Some(began + MINUTE * 59)));
}

//! The watchdog as a job: who is told when, and when the switch is pinged.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sync_core::testing::{Fault, Faults, FaultyStore};
use sync_core::watchdog::{
    AlertSink, DeadMan, FlowPolicy, Freshness, JobLimits, LogAlerts, Notice, Policy, Watch, Watchdog,
};
use sync_core::{Class, Clock, Error, ErrorKind, Job, JobFacts, Result, RunContext};

use crate::dispatch::HOUR;
use crate::world::{World, good, name};

/// Somebody who reads alerts, and a switch.
#[derive(Debug, Default)]
struct Reader {
    told: Mutex<Vec<String>>,
    tries: AtomicUsize,
    deaf: AtomicBool,
}

impl Reader {
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    fn pings(&self) -> usize {
        self.told().len()
    }

    fn deaf(&self, deaf: bool) {
        self.deaf.store(deaf, Ordering::Relaxed);
    }

    fn hear(&self, words: impl IntoIterator<Item = String>) -> Result<()> {
        self.tries.fetch_add(1, Ordering::Relaxed);
        if self.deaf.load(Ordering::Relaxed) {
            return Err(Error::transient("nobody listens"));
        }
        self.told.lock().unwrap().extend(words);
        Ok(())
    }
}

/// The reader, to be given away.
#[derive(Debug)]
struct To(Arc<Reader>);

#[async_trait]
impl AlertSink for To {
    async fn tell(&self, notices: &[Notice]) -> Result<()> {
        self.0.hear(notices.iter().map(|notice| format!("{} {}", notice.change.as_str(), notice.code)))
    }
}

#[async_trait]
impl DeadMan for To {
    async fn ping(&self) -> Result<()> {
        self.0.hear(["ping".to_owned()])
    }
}

fn policy(world: &World) -> Policy {
    let flow = FlowPolicy::new(name(), Freshness::within(2 * HOUR), world.clock.now());
    Policy::default().flow(flow.job(JobLimits::new(HOUR, 1)))
}

async fn check(watchdog: &Watchdog) {
    watchdog.step(&RunContext::default()).await.unwrap();
}

#[tokio::test]
async fn the_switch_is_pinged_while_every_flow_is_fresh_and_not_while_one_is_late() {
    let world = World::snapshot();
    let (reader, switch) = (Arc::new(Reader::default()), Arc::new(Reader::default()));
    let watchdog = Watchdog::new(world.store.clone(), policy(&world))
        .with_jobs(|| {
            let mut job = JobFacts::new(name().as_str(), Class::Regular);
            (job.consecutive_failures, job.last_error) = (1, Some(ErrorKind::Transient));
            vec![job]
        })
        .tell(To(reader.clone()), Watch::new(24 * HOUR, Duration::ZERO))
        .tell(LogAlerts, Watch::default())
        .dead_man(To(switch.clone()));
    world.source.put("a", good(1));
    world.cycle().await;
    check(&watchdog).await;
    // a failing flow is not late yet
    assert_eq!((reader.told(), switch.pings()), (vec!["raised failing".to_owned()], 1));
    world.clock.advance(2 * HOUR);
    check(&watchdog).await;
    assert_eq!((reader.told(), switch.pings()), (vec!["raised late".to_owned()], 0));
    check(&watchdog).await;
    assert_eq!((reader.told(), switch.pings()), (vec![], 0));
    world.cycle().await;
    check(&watchdog).await;
    assert_eq!((reader.told(), switch.pings()), (vec!["cleared late".to_owned()], 1));
    assert_eq!(watchdog.alerts().await.len(), 1);
}

#[tokio::test]
async fn who_looks_sees_what_is_so_now_and_tells_nobody() {
    let world = World::snapshot();
    let reader = Arc::new(Reader::default());
    let watchdog =
        Watchdog::new(world.store.clone(), policy(&world)).tell(To(reader.clone()), Watch::default());
    world.cycle().await;
    assert_eq!(watchdog.look().await.unwrap(), []);
    world.clock.advance(2 * HOUR);
    let late = watchdog.look().await.unwrap();
    assert_eq!(late.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(), ["late"]);
    assert_eq!((reader.told(), watchdog.alerts().await), (vec![], vec![]));
}

#[tokio::test]
async fn a_reader_that_fails_is_told_again_keeps_nobody_else_waiting_and_stops_the_ping() {
    let world = World::snapshot();
    world.cycle().await;
    let [deaf, other, switch] = [(); 3].map(|()| Arc::new(Reader::default()));
    let job = Arc::new(Mutex::new(JobFacts::new(name().as_str(), Class::Regular)));
    job.lock().unwrap().paused = Some(sync_core::Pause::Auth { until: world.clock.now() });
    let jobs = job.clone();
    let watchdog = Watchdog::new(world.store.clone(), policy(&world))
        .with_jobs(move || vec![jobs.lock().unwrap().clone()])
        .tell(To(deaf.clone()), Watch::default())
        .tell(To(other.clone()), Watch::default())
        .dead_man(To(switch.clone()));
    deaf.deaf(true);
    let raised = vec!["raised auth-dead".to_owned()];
    check(&watchdog).await;
    assert_eq!((other.told(), switch.pings()), (raised.clone(), 0));
    check(&watchdog).await;
    assert_eq!((other.told(), switch.pings()), (vec![], 0));
    deaf.deaf(false);
    check(&watchdog).await;
    assert_eq!((deaf.told(), other.told(), switch.pings()), (raised, vec![], 1));
    assert_eq!(deaf.tries.load(Ordering::Relaxed), 3);
    check(&watchdog).await;
    assert_eq!(deaf.tries.load(Ordering::Relaxed), 3, "nothing to tell");
    switch.deaf(true);
    check(&watchdog).await;
    switch.deaf(false);
    check(&watchdog).await;
    assert_eq!(switch.pings(), 2, "one after the first good check, one after it was deaf");
}

#[tokio::test]
async fn after_a_restart_with_what_was_told_nobody_is_told_again() {
    let world = World::snapshot();
    let reader = Arc::new(Reader::default());
    let policy = policy(&world);
    let watchdog = |watch| Watchdog::new(world.store.clone(), policy.clone()).tell(To(reader.clone()), watch);
    world.clock.advance(2 * HOUR);
    let before = watchdog(Watch::default());
    check(&before).await;
    assert_eq!(reader.told(), ["raised never-ran"]);
    let kept = serde_json::to_string(&before.watches().await).unwrap();
    let watches: Vec<Watch> = serde_json::from_str(&kept).unwrap();
    let after = watchdog(watches.into_iter().next().unwrap());
    world.clock.advance(2 * HOUR);
    check(&after).await;
    assert_eq!(reader.told(), [""; 0]);
}

#[tokio::test]
async fn while_the_store_cannot_be_read_the_check_fails_and_nobody_is_pinged() {
    let world = World::snapshot();
    world.cycle().await;
    for call in 1..=3 {
        let store = FaultyStore::new(
            world.raw.clone(),
            Faults::at(call, Fault::FailBefore).failing_with(ErrorKind::Store),
        );
        let (reader, switch) = (Arc::new(Reader::default()), Arc::new(Reader::default()));
        let watchdog = Watchdog::new(Arc::new(store), policy(&world))
            .tell(To(reader.clone()), Watch::default())
            .dead_man(To(switch.clone()));
        let error = watchdog.step(&RunContext::default()).await.unwrap_err();
        assert_eq!((error.kind(), reader.told(), switch.pings()), (ErrorKind::Store, vec![], 0), "{call}");
        check(&watchdog).await;
        assert_eq!((reader.told(), switch.pings()), (vec![], 1));
    }
}

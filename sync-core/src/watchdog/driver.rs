//! Gathers, checks, tells, pings.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::alert::Alert;
use super::check::check;
use super::facts::Facts;
use super::policy::Policy;
use super::tell::{AlertSink, DeadMan};
use super::watch::Watch;
use crate::error::Result;
use crate::job::{Counts, Job, RunContext, StepEnd, Tally};
use crate::runner::JobFacts;
use crate::store::Store;

/// What knows how the jobs of this process run.
type Jobs = Box<dyn Fn() -> Vec<JobFacts> + Send + Sync>;

/// Checks with each step: run with [`every`](crate::every) or in a runner of its own beside the one that it watches, or better in
/// a process of its own. What hangs in one then does not silence the other.
///
/// Each sink has a [`Watch`] of its own: one that fails is told again with the next step and keeps nobody else from being told.
/// The [`DeadMan`] is pinged only by a step that found every flow [fresh](super::AlertKind::breaks_freshness) and could tell
/// every sink. A step whose store cannot be read fails: nobody is told, nobody is pinged, so the switch says it.
pub struct Watchdog {
    store: Arc<dyn Store>,
    policy: Policy,
    jobs: Jobs,
    sinks: Vec<Arc<dyn AlertSink>>,
    dead_man: Option<Arc<dyn DeadMan>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// One per sink.
    watches: Vec<Watch>,
    alerts: Vec<Alert>,
}

impl Watchdog {
    /// Watches what this store knows, by this policy.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, policy: Policy) -> Self {
        Self {
            store,
            policy,
            jobs: Box::new(Vec::new),
            sinks: Vec::new(),
            dead_man: None,
            state: Mutex::default(),
        }
    }

    /// Also looks at what the runner of this process knows ([`RunnerHandle::facts`](crate::RunnerHandle::facts)), asked with
    /// each step.
    #[must_use]
    pub fn with_jobs(mut self, jobs: impl Fn() -> Vec<JobFacts> + Send + Sync + 'static) -> Self {
        self.jobs = Box::new(jobs);
        self
    }

    /// Tells `sink` too, which was told before what `watch` remembers.
    #[must_use]
    pub fn tell(mut self, sink: impl AlertSink + 'static, watch: Watch) -> Self {
        self.sinks.push(Arc::new(sink));
        self.state.get_mut().watches.push(watch);
        self
    }

    /// Pings this switch while all is well.
    #[must_use]
    pub fn dead_man(mut self, switch: impl DeadMan + 'static) -> Self {
        self.dead_man = Some(Arc::new(switch));
        self
    }

    /// What the sinks were told, in their order: to be kept, so that a restart does not tell it again.
    pub async fn watches(&self) -> Vec<Watch> {
        self.state.lock().await.watches.clone()
    }

    /// Checks now and tells nobody: for whoever asks besides. It waits for no step under way.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    pub async fn look(&self) -> Result<Vec<Alert>> {
        let facts = Facts::gather(&*self.store, &self.policy).await?.with_jobs((self.jobs)());
        Ok(check(self.store.now().await?, &facts, &self.policy))
    }

    /// What the last step found.
    pub async fn alerts(&self) -> Vec<Alert> {
        self.state.lock().await.alerts.clone()
    }
}

#[async_trait]
impl Job for Watchdog {
    fn name(&self) -> &str {
        "watchdog"
    }

    /// Checks once. Nothing is counted.
    async fn step(&self, _run: &RunContext) -> Result<Tally> {
        let mut state = self.state.lock().await;
        let facts = Facts::gather(&*self.store, &self.policy).await?.with_jobs((self.jobs)());
        let now = self.store.now().await?;
        let alerts = check(now, &facts, &self.policy);
        let mut all_told = true;
        for (sink, watch) in self.sinks.iter().zip(&mut state.watches) {
            let mut after = watch.clone();
            let notices = after.update(now, &alerts);
            if !notices.is_empty()
                && let Err(error) = sink.tell(&notices).await
            {
                tracing::error!(?sink, %error, notices = notices.len(), "alerts not told, trying again with the next check");
                all_told = false;
                continue;
            }
            *watch = after;
        }
        let fresh = !alerts.iter().any(|alert| alert.kind.breaks_freshness());
        state.alerts = alerts;
        if let Some(dead_man) = self.dead_man.as_ref().filter(|_| fresh && all_told)
            && let Err(error) = dead_man.ping().await
        {
            tracing::error!(?dead_man, %error, "not pinged, trying again with the next check");
        }
        Ok(Tally::new(Counts::default(), StepEnd::End))
    }
}

impl std::fmt::Debug for Watchdog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watchdog")
            .field("policy", &self.policy)
            .field("sinks", &self.sinks)
            .field("dead_man", &self.dead_man)
            .finish_non_exhaustive()
    }
}

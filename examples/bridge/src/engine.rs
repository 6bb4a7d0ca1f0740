//! The bridge running for ever: a runner and a watchdog per tenant.

mod watches;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use futures::future::join_all;
use secrecy::SecretString;
use sync_core::watchdog::{AlertSink, FlowPolicy, Freshness, LogAlerts, OutboxPolicy, Policy, Watchdog};
use sync_core::{
    CancellationToken, Class, Clock, Counts, Flow, FlowName, Job, JobPlan, Result as EngineResult,
    RunContext, Runner, RunnerHandle, RunnerReport, Schedule, Silent, StepEnd, Store, SystemClock, Tally,
    every, run_until_done,
};
use sync_flows::alert::{HttpPing, WebhookAlerts};

use crate::bridge::Bridge;
use crate::error::{Error, Result};
use crate::faces::Meter;
use crate::once::unreadable;
use crate::settings::AlertsSettings;
use crate::shared_ping::{SharedPing, TenantPing};
use crate::tenant::Tenant;
use crate::wire::Work;
use watches::{Watches, Watching};

/// When old requests are dropped, Polish time.
const PRUNE_AT: (u32, u32) = (3, 10);

/// Who is told by secret URLs.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct AlertAddresses {
    /// Where alerts are posted to.
    pub webhook: Option<SecretString>,
    /// What is called while all is well with every tenant.
    pub ping: Option<SecretString>,
}

impl AlertAddresses {
    /// These.
    #[must_use]
    pub fn new(webhook: Option<SecretString>, ping: Option<SecretString>) -> Self {
        Self { webhook, ping }
    }
}

/// Everything ready to run.
pub struct Engine {
    tenants: Vec<Running>,
    check_every: Duration,
}

struct Running {
    face: Face,
    runner: Runner,
    run: RunContext,
    watching: Watching,
    /// When [`Engine::run_due`] checks next.
    next_check: DateTime<Utc>,
}

/// What machines may ask of a tenant while the engine runs: how its jobs stand, what is alarming, what is kept; and whom a
/// webhook wakes. [`Engine::faces`] has one per tenant; build one to show a runner of your own.
#[derive(Debug, Clone, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct Face {
    /// The tenant.
    pub tenant: String,
    /// Wakes its jobs and tells how they stand.
    pub runner: RunnerHandle,
    /// Tells what its last check found.
    pub watchdog: Arc<Watchdog>,
    /// By which the watchdog checks: from it follows when each alert is raised at the latest.
    #[builder(default)]
    pub policy: Policy,
    /// What it keeps.
    pub store: Arc<dyn Store>,
    /// Its flows.
    #[builder(default)]
    pub flows: Vec<Arc<Flow>>,
    /// Its dispatchers, by name.
    #[builder(default)]
    pub dispatchers: Vec<String>,
    /// Its time: that of the store.
    #[builder(default = Arc::new(SystemClock))]
    pub clock: Arc<dyn Clock>,
}

impl Engine {
    pub(crate) async fn start(
        bridge: &Bridge,
        alerts: &AlertsSettings,
        addresses: &AlertAddresses,
    ) -> Result<Self> {
        let ping = match &addresses.ping {
            Some(url) => {
                let ping =
                    HttpPing::new(url).map_err(|error| Error::engine("the ping cannot be used", error))?;
                Some(SharedPing::new(ping, bridge.tenants().iter().map(Tenant::name)))
            }
            None => None,
        };
        let mut tenants = Vec::new();
        for tenant in bridge.tenants() {
            let settings = bridge.engine_settings_ref();
            let mut jobs: Vec<(Arc<dyn Job>, JobPlan)> = Vec::new();
            for wired in tenant.wired() {
                let mut plan = wired.plan.clone();
                if let Work::Flow(flow) = &wired.work {
                    let parts = tenant.store().parts(flow.flow_name()).await.map_err(unreadable)?;
                    if let Some(at) = parts.iter().map(|part| part.last_ok_at).min().flatten() {
                        plan = plan.last_done(at);
                    }
                }
                jobs.push((wired.job(), plan));
            }
            jobs.push(prune(tenant, settings.keep.get())?);
            let runner = Runner::new(jobs)?.with_settings(settings.runner());
            let policy = policy(tenant).await?;
            let mut sinks: Vec<(String, Arc<dyn AlertSink>)> = vec![("log".to_owned(), Arc::new(LogAlerts))];
            sinks.extend(webhook(addresses)?);
            let others = bridge.alert_sinks().iter().zip(1..);
            sinks.extend(others.map(|(sink, number)| (format!("sink-{number}"), Arc::clone(sink) as _)));
            let ping = ping.as_ref().map(|ping| ping.of(tenant.name()));
            let watching = watching(tenant, &runner, policy.clone(), sinks, ping).await?;
            let face = Face {
                tenant: tenant.name().to_owned(),
                runner: runner.handle(),
                watchdog: watching.watchdog(),
                policy,
                store: Arc::clone(tenant.store()),
                flows: tenant.flows().map(|(_, flow)| Arc::clone(flow)).collect(),
                dispatchers: tenant.outboxes().map(|outbox| outbox.job.name().to_owned()).collect(),
                clock: Arc::clone(tenant.clock()),
            };
            // each tenant is stopped by the same token, which `run` is given
            let run = bridge.run_context(tenant, CancellationToken::new());
            let next_check = run.clock.now();
            tenants.push(Running { face, runner, run, watching, next_check });
        }
        Ok(Self { tenants, check_every: alerts.check_every.get() })
    }

    /// Counts in this meter what the jobs do.
    #[must_use]
    pub fn metered(mut self, meter: &Meter) -> Self {
        for Running { run, .. } in &mut self.tenants {
            run.observer = Arc::new(vec![Arc::clone(&run.observer), meter.observer()]);
        }
        self
    }

    /// What machines may ask, per tenant.
    #[must_use]
    pub fn faces(&self) -> Vec<Face> {
        self.tenants.iter().map(|tenant| tenant.face.clone()).collect()
    }

    /// Runs until `stop` is cancelled; each job then finishes the page in hand. A report per tenant.
    pub async fn run(self, stop: CancellationToken) -> Vec<(String, RunnerReport)> {
        let check_every = self.check_every;
        let tenants = self.tenants.into_iter().map(
            |Running { face, mut runner, mut run, watching: checks, .. }| {
                run.stop = stop.clone();
                async move {
                    let watch = unseen(&run);
                    // a notice that is being told when everything has stopped is told again with the next start
                    let watched = async {
                        every(&checks, check_every, &watch).await;
                        std::future::pending().await
                    };
                    let report = tokio::select! {
                        report = runner.run(&run) => report,
                        report = watched => report,
                    };
                    (face.tenant, report)
                }
            },
        );
        join_all(tenants).await
    }

    /// For simulations, instead of [`run`](Self::run): runs everything that is due by the tenants' clock to its end, then the watchdogs
    /// whose check is due, and tells when something is due next; nothing without a tenant.
    ///
    /// Set the clock to that instant, or to one before it at which something happens, and call it again. A step that
    /// waits by the clock is waited for. Dropping the future is what a process does that dies.
    pub async fn run_due(&mut self) -> Option<DateTime<Utc>> {
        let check_every = TimeDelta::from_std(self.check_every).unwrap_or(TimeDelta::MAX);
        let tenants = self.tenants.iter_mut().map(|running| running.run_due(check_every));
        join_all(tenants).await.into_iter().min()
    }
}

impl Running {
    async fn run_due(&mut self, check_every: TimeDelta) -> DateTime<Utc> {
        let next = self.runner.run_due(&self.run).await;
        let now = self.run.clock.now();
        if self.next_check <= now {
            run_until_done(&self.watching, &unseen(&self.run)).await;
            self.next_check = now.checked_add_signed(check_every).unwrap_or(DateTime::<Utc>::MAX_UTC);
        }
        next.map_or(self.next_check, |next| next.min(self.next_check))
    }
}

/// The same run for a watchdog, whose checks are nobody's progress.
fn unseen(run: &RunContext) -> RunContext {
    let mut unseen = run.clone();
    unseen.observer = Arc::new(Silent);
    unseen
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.tenants.iter().map(|tenant| &tenant.face)).finish()
    }
}

fn webhook(addresses: &AlertAddresses) -> Result<Option<(String, Arc<dyn AlertSink>)>> {
    let Some(url) = &addresses.webhook else { return Ok(None) };
    let webhook = WebhookAlerts::new(url)
        .map_err(|error| Error::engine("the webhook of alerts cannot be used", error))?;
    Ok(Some(("webhook".to_owned(), Arc::new(webhook))))
}

/// The tenant's watchdog, which tells the sinks by the names under which what they were told is kept.
async fn watching(
    tenant: &Tenant,
    runner: &Runner,
    policy: Policy,
    sinks: Vec<(String, Arc<dyn AlertSink>)>,
    ping: Option<TenantPing>,
) -> Result<Watching> {
    let watches = Watches::of(Arc::clone(tenant.store()), tenant.name()).await.map_err(unreadable)?;
    let handle = runner.handle();
    let mut watchdog = Watchdog::new(Arc::clone(tenant.store()), policy).with_jobs(move || handle.facts());
    let mut names = Vec::new();
    for (name, sink) in sinks {
        watchdog = watchdog.tell(sink, watches.watch(&name));
        names.push(name);
    }
    if let Some(ping) = ping {
        watchdog = watchdog.dead_man(ping);
    }
    Ok(watches.kept_by(Arc::new(watchdog), names))
}

/// What is still in order with a tenant: each flow by its own schedule, the outbox by the engine's limits.
pub(crate) async fn policy(tenant: &Tenant) -> Result<Policy> {
    let since = tenant.first_wired().await?;
    let mut policy = Policy::default();
    for wired in tenant.wired() {
        policy = match &wired.work {
            Work::SetUp(_) => policy,
            Work::Flow(flow) => {
                let freshness = Freshness::scheduled(wired.plan.schedule.clone(), grace(wired.plan.class));
                let name = flow.flow_name();
                let since = since.get(name).copied().unwrap_or_else(|| tenant.clock().now());
                let of_flow = FlowPolicy::new(name.clone(), freshness, since);
                policy.flow(match wired.per_round {
                    Some(parts) => of_flow.per_round(parts),
                    None => of_flow,
                })
            }
            Work::Dispatcher(outbox) => {
                policy.outbox(OutboxPolicy::new(outbox.job.name()).kinds(outbox.job.kinds().iter().cloned()))
            }
        };
    }
    Ok(policy)
}

/// How long a run may take before two missed ticks are told.
fn grace(class: Class) -> Duration {
    let minutes = match class {
        Class::Orders | Class::Stock => 10,
        Class::Regular => 30,
        _ => 120,
    };
    Duration::from_secs(60 * minutes)
}

fn prune(tenant: &Tenant, keep: Duration) -> Result<(Arc<dyn Job>, JobPlan)> {
    let name = FlowName::new(format!("{}/prune", tenant.name()))?;
    let time = NaiveTime::from_hms_opt(PRUNE_AT.0, PRUNE_AT.1, 0).unwrap_or_default();
    let plan = JobPlan::new(Schedule::daily_at(time)?, Class::Bulk);
    Ok((Arc::new(Prune { name, store: Arc::clone(tenant.store()), keep }), plan))
}

/// Drops the requests of acts that were settled long ago.
#[derive(Debug)]
struct Prune {
    name: FlowName,
    store: Arc<dyn Store>,
    keep: Duration,
}

#[async_trait]
impl Job for Prune {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    async fn step(&self, _: &RunContext) -> EngineResult<Tally> {
        let dropped = self.store.prune(self.keep).await?;
        tracing::info!(job = %self.name, dropped, "old requests dropped");
        Ok(Tally::new(Counts::default(), StepEnd::End))
    }
}

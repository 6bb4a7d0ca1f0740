//! The bridge: tenants, worked on once or for ever.

use std::sync::Arc;

use sync_core::watchdog::AlertSink;
use sync_core::{CancellationToken, RunContext};

use crate::engine::Engine;
use crate::error::Result;
use crate::once::Round;
use crate::progress::{Progress, Quiet};
use crate::settings::{AlertsSettings, EngineSettings};
use crate::summary::Summary;
use crate::tenant::Tenant;

/// Keeps companies and their ONe tenants in step: the ready flows of `sync-flows`, wired by settings.
///
/// ```no_run
/// # async fn example(enova: soneta_webapi::Client, one: one_client::Client) -> bridge::Result<()> {
/// use std::sync::Arc;
/// use bridge::{Bridge, Settings, Tenant};
///
/// let settings = Settings::from_file("bridge.toml".as_ref())?;
/// let mut tenants = Vec::new();
/// for tenant in &settings.tenants {
///     let store = Arc::new(sync_core::MemoryStore::new());
///     tenants.push(Tenant::builder(tenant, store).enova(enova.clone()).one(one.clone()).build()?);
/// }
/// let bridge = Bridge::new(tenants);
/// let summary = bridge.once(Default::default()).await?;
/// println!("{summary}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Bridge {
    tenants: Vec<Tenant>,
    engine: EngineSettings,
    progress: Arc<dyn Progress>,
    alert_sinks: Vec<Arc<dyn AlertSink>>,
}

impl Bridge {
    /// A bridge of these tenants, with the engine's default times, that shows nothing.
    #[must_use]
    pub fn new(tenants: impl IntoIterator<Item = Tenant>) -> Self {
        let tenants = tenants.into_iter().collect();
        let (engine, progress) = (EngineSettings::default(), Arc::new(Quiet));
        Self { tenants, engine, progress, alert_sinks: Vec::new() }
    }

    /// With these times and places.
    #[must_use]
    pub fn engine_settings(mut self, engine: EngineSettings) -> Self {
        self.engine = engine;
        self
    }

    /// Tells this about the work.
    #[must_use]
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// Tells this one the alerts of every tenant, besides the log and the [addresses](crate::AlertAddresses).
    #[must_use]
    pub fn alerts_to(mut self, sink: Arc<dyn AlertSink>) -> Self {
        self.alert_sinks.push(sink);
        self
    }

    /// Its tenants.
    #[must_use]
    pub fn tenants(&self) -> &[Tenant] {
        &self.tenants
    }

    /// Runs every flow until nothing is left, each after those that the catalogue [names](sync_flows::catalog::Entry::after), the others
    /// side by side. Acts are carried out right after the flow that makes them, and what waited for another flow
    /// is looked at again and again until nothing does. Tenants work at the same time.
    ///
    /// Waits out another process's lease or claim, up to its TTL. Does not wait for later attempts (an order in doubt, one
    /// that a person has to release): the summary lists them and is [not clean](Summary::is_clean). After `stop` is
    /// cancelled each flow finishes the page in hand.
    ///
    /// # Errors
    /// The store cannot be read for the summary. What a flow met is in the summary.
    pub async fn once(&self, stop: CancellationToken) -> Result<Summary> {
        for tenant in &self.tenants {
            tenant.first_wired().await?;
        }
        let rounds = self.tenants.iter().map(|tenant| {
            let run = self.run_context(tenant, stop.clone());
            let round = Round { tenant, progress: &*self.progress, engine: &self.engine };
            async move { round.work(&run).await }
        });
        let mut summary = Summary::default();
        for tenant in futures::future::join_all(rounds).await {
            summary += tenant?;
        }
        Ok(summary)
    }

    /// Everything ready to run for ever: a runner and a watchdog per tenant.
    ///
    /// # Errors
    /// The store cannot be read, or the addresses of alerts cannot be used.
    pub async fn engine(&self, alerts: &AlertsSettings, addresses: crate::AlertAddresses) -> Result<Engine> {
        Engine::start(self, alerts, &addresses).await
    }

    pub(crate) fn engine_settings_ref(&self) -> &EngineSettings {
        &self.engine
    }

    pub(crate) fn alert_sinks(&self) -> &[Arc<dyn AlertSink>] {
        &self.alert_sinks
    }

    pub(crate) fn run_context(&self, tenant: &Tenant, stop: CancellationToken) -> RunContext {
        let observer = Arc::clone(&self.progress);
        RunContext::new(stop, observer).with_clock(Arc::clone(tenant.clock()))
    }
}

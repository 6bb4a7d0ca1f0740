//! What the flows of one tenant share.

use std::sync::Arc;
use std::time::Duration;

use sync_core::{
    ActKind, Clock, Dispatcher, Flow, FlowName, FlowSettings, Mapper, NewAct, Parts, Result, Sink, Source,
    Store, Submitter, SystemClock,
};

use crate::Erp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the flows of one tenant share: its name, which database they read, where they keep their state, the engine's settings.
#[derive(Debug, Clone, bon::Builder)]
#[non_exhaustive]
pub struct Setup {
    /// The tenant's name in the configuration: it begins the name of every flow and act, so it never changes.
    #[builder(into)]
    pub tenant: String,
    /// The ERP's database.
    pub erp: Erp,
    /// What is kept.
    pub store: Arc<dyn Store>,
    /// The time.
    #[builder(default = Arc::new(SystemClock))]
    pub clock: Arc<dyn Clock>,
    /// The engine's settings for each flow.
    #[builder(default)]
    pub settings: FlowSettings,
}

impl Setup {
    /// The full name of the flow with this id: `tenant/id`.
    ///
    /// # Errors
    /// Kind `Config` if the tenant's name cannot be part of one.
    pub fn name(&self, id: &str) -> Result<FlowName> {
        FlowName::new(format!("{}/{id}", self.tenant))
    }

    /// The same with other settings of the engine.
    #[must_use]
    pub fn with_settings(&self, settings: FlowSettings) -> Self {
        Self { settings, ..self.clone() }
    }

    /// The same, with a full pass once a week unless the settings say how often: what a list of changes does not tell is found by
    /// those.
    #[must_use]
    pub fn with_weekly_full_pass(&self) -> Self {
        self.with_full_pass(7 * DAY)
    }

    /// As [`with_weekly_full_pass`](Self::with_weekly_full_pass), once a day.
    #[must_use]
    pub fn with_daily_full_pass(&self) -> Self {
        self.with_full_pass(DAY)
    }

    fn with_full_pass(&self, every: Duration) -> Self {
        let every = self.settings.full_pass.unwrap_or(every);
        self.with_settings(self.settings.clone().full_pass(every))
    }

    /// A flow of this id with these parts.
    ///
    /// # Errors
    /// As [`name`](Self::name).
    pub fn flow<S, M, K>(&self, id: &str, source: S, mapper: M, sink: K) -> Result<Flow>
    where
        S: Source + 'static,
        M: Mapper<S::Record> + 'static,
        K: Sink<Record = M::Out> + 'static,
    {
        Ok(self.equip(Flow::new(self.name(id)?, source, mapper, sink, Arc::clone(&self.store))))
    }

    /// A flow of this id over partitions.
    ///
    /// # Errors
    /// As [`name`](Self::name).
    pub fn flow_over_parts<P, M, K>(&self, id: &str, parts: P, mapper: M, sink: K) -> Result<Flow>
    where
        P: Parts + 'static,
        P::Source: 'static,
        M: Mapper<<P::Source as Source>::Record> + 'static,
        K: Sink<Record = M::Out> + 'static,
    {
        Ok(self.equip(Flow::over_parts(self.name(id)?, parts, mapper, sink, Arc::clone(&self.store))))
    }

    /// A flow of this id that ends in the outbox.
    ///
    /// # Errors
    /// As [`name`](Self::name).
    pub fn flow_to_outbox<S, M>(&self, id: &str, source: S, mapper: M) -> Result<Flow>
    where
        S: Source + 'static,
        M: Mapper<S::Record, Out = NewAct> + 'static,
    {
        Ok(self.equip(Flow::to_outbox(self.name(id)?, source, mapper, Arc::clone(&self.store))))
    }

    /// Carries out what the flow of this id puts into the outbox: `tenant/id-submit`.
    ///
    /// # Errors
    /// As [`name`](Self::name).
    pub fn dispatcher(
        &self,
        id: &str,
        kinds: impl IntoIterator<Item = ActKind>,
        submitter: impl Submitter + 'static,
    ) -> Result<Dispatcher> {
        let name = self.name(&format!("{id}-submit"))?;
        let dispatcher = Dispatcher::new(name, kinds, submitter, Arc::clone(&self.store));
        Ok(dispatcher.with_clock(Arc::clone(&self.clock)))
    }

    fn equip(&self, flow: Flow) -> Flow {
        flow.with_settings(self.settings.clone()).with_clock(Arc::clone(&self.clock))
    }
}

/// The jobs of a flow whose records become acts or state, as the verb of ONe's client asks for.
#[derive(Debug)]
#[non_exhaustive]
pub struct Jobs {
    /// Sends them, or puts them into the outbox.
    pub flow: Flow,
    /// Sends what is in the outbox; none if ONe's records are replaced by PUT. It runs after the flow, and may run more often.
    pub dispatcher: Option<Dispatcher>,
}

//! The state lane: read, map, skip what is unchanged, write, commit.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::act::NewAct;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::job::{Counts, Job, Pause, RunContext, StepEnd, Tally};
use crate::lease::{Acquired, Lease};
use crate::mapper::Mapper;
use crate::name::{FlowName, Holder, Part};
use crate::sink::Sink;
use crate::source::Source;
use crate::store::Store;

mod ending;
mod page;
mod pipeline;
mod position;

use ending::{Outbox, Target};
use pipeline::{Pipeline, Stages};

/// Moves records from a [`Source`] through a [`Mapper`] to a [`Sink`] or into the outbox.
///
/// One page after the other: read → map → skip what is unchanged → write → **one** commit of the position, what was
/// sent, rejects, links and acts. The next page is read while this one is written. A record that cannot be decoded or
/// mapped, or that the sink refuses, becomes a reject and holds nothing up.
///
/// Delivery is at least once; as unchanged records are not sent again and sinks take repeats, it is *effectively once*.
///
/// A flow works under a lease: of several instances, in one process or many, one works and the others are
/// [`Paused`](StepEnd::Paused).
pub struct Flow {
    name: FlowName,
    part: Part,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    holder: Holder,
    settings: FlowSettings,
    pipeline: Box<dyn Pipeline>,
    lease: Mutex<Option<Lease>>,
}

impl Flow {
    /// A flow that ends in a sink.
    #[must_use]
    pub fn new<S, M, K>(name: FlowName, source: S, mapper: M, sink: K, store: Arc<dyn Store>) -> Self
    where
        S: Source + 'static,
        M: Mapper<S::Record, Out = K::Record> + 'static,
        K: Sink + 'static,
    {
        Self::with_pipeline(name, store, Box::new(Stages::new(source, mapper, Target(sink))))
    }

    /// A flow that ends in the outbox: its mapper makes acts, which a [`Dispatcher`](crate::Dispatcher) carries out.
    ///
    /// Acts are enqueued in the commit that moves the position. An op key belongs to one record key for ever.
    #[must_use]
    pub fn to_outbox<S, M>(name: FlowName, source: S, mapper: M, store: Arc<dyn Store>) -> Self
    where
        S: Source + 'static,
        M: Mapper<S::Record, Out = NewAct> + 'static,
    {
        Self::with_pipeline(name, store, Box::new(Stages::new(source, mapper, Outbox)))
    }

    fn with_pipeline(name: FlowName, store: Arc<dyn Store>, pipeline: Box<dyn Pipeline>) -> Self {
        Self {
            part: Part::whole(&name),
            name,
            store,
            clock: Arc::new(SystemClock),
            holder: Holder::unique(),
            settings: FlowSettings::default(),
            pipeline,
            lease: Mutex::new(None),
        }
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: FlowSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Times the renewal of its lease by this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The flow's name.
    #[must_use]
    pub fn flow_name(&self) -> &FlowName {
        &self.name
    }

    async fn acquire(&self, held: Option<&Lease>) -> Result<Acquired> {
        if let Some(lease) = held {
            match self.store.renew(lease, self.settings.lease_ttl).await {
                Ok(lease) => return Ok(Acquired::Granted(lease)),
                Err(error) if error.kind() == ErrorKind::LeaseLost => {}
                Err(error) => return Err(error),
            }
        }
        self.store.acquire(&self.name, &self.holder, self.settings.lease_ttl).await
    }

    /// Does the work while renewing the lease; ends early if the lease is lost.
    async fn under_lease<T>(&self, lease: &Lease, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut work = pin!(work);
        let heartbeat = pin!(async {
            let mut until = lease.until;
            loop {
                self.clock.sleep(self.settings.lease_ttl / 3).await;
                match self.store.renew(lease, self.settings.lease_ttl).await {
                    Ok(renewed) => until = renewed.until,
                    Err(error) if error.kind() == ErrorKind::LeaseLost => return error,
                    // the fence guards the commit anyhow; without a renewal the work stops once the lease lapses
                    Err(error) if self.clock.now() >= until => {
                        return Error::new(ErrorKind::LeaseLost, "the lease could not be renewed in time")
                            .with_source(error);
                    }
                    Err(error) => {
                        tracing::warn!(flow = %self.name, %error, "lease not renewed, trying again")
                    }
                }
            }
        });
        tokio::select! {
            biased;
            done = &mut work => done,
            error = heartbeat => Err(error),
        }
    }

    async fn give_back(&self, held: &mut Option<Lease>) {
        if let Some(lease) = held.take()
            && let Err(error) = self.store.give_back(&lease).await
        {
            // the next holder waits until it lapses
            tracing::warn!(flow = %self.name, %error, "lease not given back");
        }
    }
}

#[async_trait]
impl Job for Flow {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    #[tracing::instrument(level = "debug", skip_all, fields(flow = %self.name))]
    async fn step(&self, run: &RunContext) -> Result<Tally> {
        let mut held = self.lease.lock().await;
        let lease = match self.acquire(held.as_ref()).await? {
            Acquired::Granted(lease) => lease,
            Acquired::HeldBy { until } => {
                *held = None;
                return Ok(Tally::new(Counts::default(), StepEnd::Paused(Pause::HeldElsewhere { until })));
            }
        };
        *held = Some(lease.clone());
        let tally = self.under_lease(&lease, self.pipeline.run(self, &lease, run)).await;
        let goes_on = tally.as_ref().is_ok_and(|tally| tally.end == StepEnd::More);
        if !goes_on || run.stop.is_cancelled() {
            self.give_back(&mut held).await;
        }
        tally
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("name", &self.name.as_str())
            .field("settings", &self.settings)
            .field("pipeline", &self.pipeline)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Flow`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowSettings {
    /// How long a lease lasts without being renewed; it is renewed every third of it. Another process waits so long
    /// after this one died. 60 s by default.
    pub lease_ttl: Duration,
    /// How many pages one step commits at most. 50 by default.
    pub page_budget: usize,
    /// Records per page instead of the sink's [`preferred_batch`](Sink::preferred_batch).
    pub batch: Option<usize>,
    /// When rejects stop the flow.
    pub systemic: SystemicLimit,
}

impl Default for FlowSettings {
    fn default() -> Self {
        Self {
            lease_ttl: Duration::from_secs(60),
            page_budget: 50,
            batch: None,
            systemic: SystemicLimit::default(),
        }
    }
}

impl FlowSettings {
    /// With this lease TTL.
    #[must_use]
    pub fn lease_ttl(mut self, ttl: Duration) -> Self {
        self.lease_ttl = ttl;
        self
    }

    /// With so many pages per step.
    #[must_use]
    pub fn page_budget(mut self, pages: usize) -> Self {
        self.page_budget = pages;
        self
    }

    /// With so many records per page.
    #[must_use]
    pub fn batch(mut self, records: usize) -> Self {
        self.batch = Some(records);
        self
    }

    /// With this limit of rejects.
    #[must_use]
    pub fn systemic(mut self, limit: SystemicLimit) -> Self {
        self.systemic = limit;
        self
    }
}

/// When the rejects of one page are so many that something else than the records is wrong (a permission was taken
/// away, a field renamed): the page is not committed and the step fails with
/// [`SystemicFailure`](ErrorKind::SystemicFailure).
///
/// Removals that the sink cannot carry out do not count, nor do records that have a live reject for the same reason
/// already. What cannot be decoded or mapped is judged before anything of the page is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SystemicLimit {
    /// More than `count` records and more than `percent` of the page, or the whole of a page with more than 10 records.
    #[non_exhaustive]
    Above {
        /// Records.
        count: u64,
        /// Percent of the page.
        percent: u64,
    },
    /// Rejects never stop the flow: an operator has looked and lets it go on.
    Off,
}

impl SystemicLimit {
    /// More than `count` records and more than `percent` of the page.
    #[must_use]
    pub fn above(count: u64, percent: u64) -> Self {
        Self::Above { count, percent }
    }

    pub(crate) fn is_exceeded(self, rejected: u64, page: u64) -> bool {
        match self {
            Self::Above { count, percent } => {
                let many = rejected > count && rejected.saturating_mul(100) > percent.saturating_mul(page);
                many || (page > 10 && rejected == page)
            }
            Self::Off => false,
        }
    }
}

impl Default for SystemicLimit {
    /// More than 50 records and more than 20 % of the page.
    fn default() -> Self {
        Self::Above { count: 50, percent: 20 }
    }
}

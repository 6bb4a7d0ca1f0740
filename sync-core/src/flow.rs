//! The state lane: read, map, skip what is unchanged, write, commit.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::act::NewAct;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::full_pass::Held;
use crate::job::{Counts, Job, Pause, RunContext, StepEnd, Tally};
use crate::lease::{Acquired, Lease};
use crate::mapper::Mapper;
use crate::name::{FlowName, Holder, Part};
use crate::parts::Parts;
use crate::sink::Sink;
use crate::source::Source;
use crate::store::{Approval, Store};

mod breaker;
mod command;
mod cycle;
mod doubt;
mod draft;
mod echo;
mod ending;
mod explain;
mod gather;
mod hints;
mod lane;
mod page;
mod pipeline;
mod plan;
mod position;
mod replay;
mod retry;
mod settings;
mod stage;
mod state;
mod status;
mod sweep;
mod systemic;

pub(crate) use stage::UNKEYED;

use breaker::Breaker;
pub use command::Rewind;
use ending::{Outbox, Target};
pub use explain::Explanation;
use pipeline::{Many, Pipeline, Round, Single};
use plan::Planning;
pub use plan::{Effect, EffectCounts, EffectKind, Plan, PlanSettings, PlannedHold};
pub(crate) use position::FlowPosition;
use retry::Retry;
pub use settings::{BreakerSettings, FlowSettings, RetrySettings, SystemicLimit};
pub use status::{FlowStatus, PartReport, Rebind};

/// Moves records from a [`Source`] through a [`Mapper`] to a [`Sink`] or into the outbox.
///
/// One page after the other: read → map → skip what is unchanged → write → **one** commit of the position, what was
/// sent, rejects, links and acts. Before something is written to a sink, a small commit says which keys. The next page is
/// read while this one is written. A record that cannot be decoded or mapped, or that the sink refuses, becomes a reject and
/// holds nothing up.
///
/// Delivery is at least once; as unchanged records are not sent again and sinks take repeats, it is *effectively once*.
///
/// A flow works under a lease: of several instances, in one process or many, one works and the others are
/// [`Paused`](StepEnd::Paused).
pub struct Flow {
    name: FlowName,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    holder: Holder,
    settings: FlowSettings,
    echo_of: Option<Part>,
    pipeline: Arc<dyn Pipeline>,
    retry: Retry,
    breaker: std::sync::Mutex<Breaker>,
    lease: Mutex<Option<Lease>>,
    round: std::sync::Mutex<Option<Round>>,
    /// It does nothing, it only plans.
    planning: Option<Arc<Planning>>,
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
        Self::with_pipeline(name, store, Arc::new(Single::new(source, mapper, Target(sink))))
    }

    /// A flow over many [`Parts`] that ends in a sink.
    #[must_use]
    pub fn over_parts<P, M, K>(name: FlowName, parts: P, mapper: M, sink: K, store: Arc<dyn Store>) -> Self
    where
        P: Parts + 'static,
        M: Mapper<<P::Source as Source>::Record, Out = K::Record> + 'static,
        K: Sink + 'static,
    {
        Self::with_pipeline(name, store, Arc::new(Many::new(parts, mapper, Target(sink))))
    }

    /// A flow that ends in the outbox: its mapper makes acts, which a [`Dispatcher`](crate::Dispatcher) carries out.
    ///
    /// Acts are enqueued in the commit that moves the position. An op key belongs to one record key for ever.
    ///
    /// A record that is deleted or left out withdraws the act that the flow made of its key before; of a key that it has not
    /// read before, it does nothing, also if its act was enqueued by other means.
    #[must_use]
    pub fn to_outbox<S, M>(name: FlowName, source: S, mapper: M, store: Arc<dyn Store>) -> Self
    where
        S: Source + 'static,
        M: Mapper<S::Record, Out = NewAct> + 'static,
    {
        Self::with_pipeline(name, store, Arc::new(Single::new(source, mapper, Outbox)))
    }

    fn with_pipeline(name: FlowName, store: Arc<dyn Store>, pipeline: Arc<dyn Pipeline>) -> Self {
        let settings = FlowSettings::default();
        Self {
            name,
            store,
            clock: Arc::new(SystemClock),
            holder: Holder::unique(),
            retry: Retry::new(settings.retry),
            settings,
            pipeline,
            echo_of: None,
            breaker: std::sync::Mutex::default(),
            lease: Mutex::new(None),
            round: std::sync::Mutex::default(),
            planning: None,
        }
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: FlowSettings) -> Self {
        self.retry = Retry::new(settings.retry);
        self.settings = settings;
        self
    }

    /// Leaves out records that show what the flow of the other direction wrote there, and no change since: echoes. `part` is
    /// the other flow's; [`Mapper::echo_of`] says what a record is in its terms. Two flows that keep two systems alike
    /// each leave out the other's echoes.
    ///
    /// - What counts is the content, not who wrote: what an automation of the peer makes of our record is a real change.
    /// - An echo counts as left out and takes nothing away. What this flow sent of it before stays.
    /// - What a peer takes back to an earlier value is a change, not an echo: what the other direction wrote before this
    ///   flow's own last write counts no more.
    /// - Where a step of the other direction died between its write and its commit, nobody knows what it wrote, and the record
    ///   is a real change.
    ///
    /// It costs one read of the store per page. What the other direction had sent is part of what this flow remembers: where
    /// the other direction sent something before, switching this on sends it once more.
    #[must_use]
    pub fn without_echo_of(mut self, part: Part) -> Self {
        self.echo_of = Some(part);
        self
    }

    /// Takes the time from this clock: for the lease's renewal, pauses, and when full passes are due.
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

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn round(&self) -> std::sync::MutexGuard<'_, Option<Round>> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a failure; tells the pause that follows from it.
    fn failed(&self, kind: ErrorKind) -> Option<Pause> {
        self.breaker().failed(kind, &self.settings.breaker, self.clock.now())
    }

    /// Keeps the least time between two pages.
    async fn rest(&self, run: &RunContext) {
        if !self.settings.pace.is_zero() {
            stage::unless_stopped(run, self.clock.sleep(self.settings.pace)).await;
        }
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

    #[tracing::instrument(level = "debug", skip_all, fields(job = %self.name, run_id = %run.run_id))]
    async fn step(&self, run: &RunContext) -> Result<Tally> {
        let mut held = self.lease.lock().await;
        if let Some(pause) = self.breaker().paused(self.clock.now()) {
            return Ok(Tally::new(Counts::default(), StepEnd::Paused(pause)));
        }
        let lease = match self.acquire(held.as_ref()).await? {
            Acquired::Granted(lease) => lease,
            Acquired::HeldBy { until } => {
                *held = None;
                return Ok(Tally::new(Counts::default(), StepEnd::Paused(Pause::HeldElsewhere { until })));
            }
        };
        *held = Some(lease.clone());
        let tally = self.under_lease(&lease, self.pipeline.run(self, &lease, run)).await;
        match &tally {
            Ok(Tally { end: StepEnd::Paused(_), .. }) => {}
            Ok(_) => self.breaker().succeeded(),
            Err(error) => {
                if let Some(pause) = self.failed(error.kind()) {
                    tracing::warn!(flow = %self.name, %error, until = %pause.until(), "the flow pauses");
                }
            }
        }
        let goes_on = tally.as_ref().is_ok_and(|tally| tally.end == StepEnd::More);
        if !goes_on || run.stop.is_cancelled() {
            self.give_back(&mut held).await;
        }
        tally
    }

    async fn leave(&self) {
        self.give_back(&mut *self.lease.lock().await).await;
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

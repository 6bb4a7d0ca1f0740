//! The bridge itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use one_client::FeedPosition;
use soneta_webapi::{Ceny, KluczKontrahenta, Kontrahenci, Kontrahent, KontrahentId, Stany, Zamowienia};
use sync_core::{
    ActFilter, ActState, ActStatus, CancellationToken, Clock, Dispatcher, Flow, FlowName, Job, JobEnd, Link,
    Pause, Reject, RejectFilter, Report, RunContext, Store, SystemClock, every, run_until_done,
};
use sync_flows::Erp;
use sync_flows::enova::{OrderSubmitter, RetailPriceSource, StockSource};
use sync_flows::flows::orders::{ORDER_ACT, OrderMapper, contractor_link};
use sync_flows::flows::retail_prices::RetailPriceMapper;
use sync_flows::flows::stock::StockMapper;
use sync_flows::one::{OrderSource, RetailPriceSink, StockSink};

use crate::error::{Error, Result};
use crate::progress::{Progress, Quiet};
use crate::settings::Settings;

/// How many open acts and rejects a summary lists at most.
const LISTED: usize = 20;

/// How many times a contractor may have been merged into another.
const MERGES: usize = 5;

/// How often the outbox is looked at in [`Bridge::run`]: orders that wait for a look-up or a retry come due in between
/// the rounds of the order feed.
const DISPATCH_PERIOD: Duration = Duration::from_secs(5);

/// Keeps one enova365 company and one ONe tenant in step: the ready flows of `sync-flows`, wired.
///
/// ```no_run
/// # async fn example(enova: soneta_webapi::Client, one: one_client::Client) -> bridge::Result<()> {
/// use std::sync::Arc;
///
/// let settings = bridge::Settings::from_file("bridge.toml".as_ref())?;
/// let store = Arc::new(sync_core::MemoryStore::new());
/// let bridge = bridge::Bridge::builder(settings, store).enova(&enova).one(one).build().await?;
/// let summary = bridge.once(Default::default()).await?;
/// println!("{summary}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Bridge {
    lanes: Vec<Lane>,
    dispatcher: Option<Dispatcher>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    progress: Arc<dyn Progress>,
    lease_ttl: Duration,
    claim_ttl: Duration,
}

#[derive(Debug)]
struct Lane {
    job: Arc<dyn Job>,
    every: Duration,
    feeds_outbox: bool,
}

/// Puts a [`Bridge`] together. The ports default to the reference contract `b2b`; an installation with an add-on of its
/// own gives its own.
#[derive(Debug)]
#[must_use = "a builder does nothing until it is built"]
pub struct BridgeBuilder {
    settings: Settings,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    progress: Arc<dyn Progress>,
    one: Option<one_client::Client>,
    stany: Option<Arc<dyn Stany>>,
    ceny: Option<Arc<dyn Ceny>>,
    zamowienia: Option<Arc<dyn Zamowienia>>,
    kontrahenci: Option<Arc<dyn Kontrahenci>>,
}

impl BridgeBuilder {
    /// Uses the reference contract on this server for every port.
    pub fn enova(self, client: &soneta_webapi::Client) -> Self {
        let b2b = client.b2b();
        self.stany(Arc::new(b2b.stany()))
            .ceny(Arc::new(b2b.ceny()))
            .zamowienia(Arc::new(b2b.zamowienia()))
            .kontrahenci(Arc::new(b2b.kontrahenci()))
    }

    /// Uses this client of ONe.
    pub fn one(mut self, client: one_client::Client) -> Self {
        self.one = Some(client);
        self
    }

    /// Reads stock through this port.
    pub fn stany(mut self, port: Arc<dyn Stany>) -> Self {
        self.stany = Some(port);
        self
    }

    /// Reads and checks prices through this port.
    pub fn ceny(mut self, port: Arc<dyn Ceny>) -> Self {
        self.ceny = Some(port);
        self
    }

    /// Places orders through this port.
    pub fn zamowienia(mut self, port: Arc<dyn Zamowienia>) -> Self {
        self.zamowienia = Some(port);
        self
    }

    /// Finds contractors through this port.
    pub fn kontrahenci(mut self, port: Arc<dyn Kontrahenci>) -> Self {
        self.kontrahenci = Some(port);
        self
    }

    /// Tells this about the work.
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// Takes the time from this clock; it has to be the store's as well.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Wires the flows that the settings have a section for, and seeds the contractors' links.
    ///
    /// # Errors
    /// The settings contradict themselves, a port that a flow needs is missing, or a contractor named in the settings is
    /// not in the ERP.
    pub async fn build(self) -> Result<Bridge> {
        let settings = &self.settings;
        let tenant = settings.tenant.as_str();
        let erp = Erp::new("enova", &settings.enova.database);
        let one = self.one.clone().ok_or_else(|| Error::new("the bridge needs a client of ONe"))?;
        let mut lanes = Vec::new();
        let mut dispatcher = None;
        if let Some(orders) = &settings.orders {
            let kontrahenci = needed(self.kontrahenci.as_ref(), "contractors")?;
            let links = self.contractor_links(&**kontrahenci, &orders.contractors).await?;
            self.store.put_links(&links).await.map_err(|error| {
                Error::caused("a contractor of the settings contradicts a stored link", error)
            })?;
            let flow = Flow::to_outbox(
                flow_name(tenant, "orders")?,
                OrderSource::new(one.clone(), tenant).starting_at(FeedPosition::new(orders.start_at)),
                OrderMapper::new(orders.settings(tenant), Arc::clone(&self.clock)),
                Arc::clone(&self.store),
            );
            lanes.push(self.lane(flow, orders.every_seconds, true));
            let submitter = OrderSubmitter::new(
                Arc::clone(needed(self.zamowienia.as_ref(), "orders")?),
                Arc::clone(needed(self.ceny.as_ref(), "prices")?),
                orders.price_policy,
            );
            let name = flow_name(tenant, "orders-submit")?;
            dispatcher = Some(
                Dispatcher::new(name, [ORDER_ACT.into()], submitter, Arc::clone(&self.store))
                    .with_settings(settings.engine.dispatch())
                    .with_clock(Arc::clone(&self.clock)),
            );
        }
        if let Some(stock) = &settings.stock {
            let stock_settings = stock.settings()?;
            let source = StockSource::new(
                Arc::clone(needed(self.stany.as_ref(), "stock")?),
                erp.clone(),
                stock_settings.mode.clone(),
            )
            .less_open_orders(Arc::clone(&self.store), tenant);
            let mapper = StockMapper::new(stock_settings)
                .map_err(|error| Error::caused("the stock settings contradict themselves", error))?;
            let name = flow_name(tenant, "stock")?;
            let flow = Flow::new(name, source, mapper, StockSink::new(one.clone()), Arc::clone(&self.store));
            lanes.push(self.lane(flow, stock.every_seconds, false));
        }
        if let Some(prices) = &settings.retail_prices {
            let ceny = Arc::clone(needed(self.ceny.as_ref(), "prices")?);
            let flow = Flow::new(
                flow_name(tenant, "retail-prices")?,
                RetailPriceSource::new(ceny, erp.clone(), &prices.price_list),
                RetailPriceMapper::new(&prices.currency),
                RetailPriceSink::new(one.clone()),
                Arc::clone(&self.store),
            );
            lanes.push(self.lane(flow, prices.every_seconds, false));
        }
        Ok(Bridge {
            lanes,
            dispatcher,
            lease_ttl: Duration::from_millis(settings.engine.lease_ttl_ms),
            claim_ttl: Duration::from_millis(settings.engine.claim_ttl_ms),
            store: self.store,
            clock: self.clock,
            progress: self.progress,
        })
    }

    /// The links that the settings name: organisation of ONe → Kod, looked up in the ERP. One that is not there is told and
    /// left out: its orders become rejects, and everything else runs.
    async fn contractor_links(
        &self,
        port: &dyn Kontrahenci,
        contractors: &BTreeMap<String, String>,
    ) -> Result<Vec<Link>> {
        let mut links = Vec::with_capacity(contractors.len());
        for (organization, kod) in contractors {
            match contractor(port, KluczKontrahenta::Kod(kod.clone())).await? {
                Some(kontrahent) => links.push(contractor_link(organization, kontrahent)),
                None => self.progress.warning(&format!(
                    "the settings name the contractor {kod}, and enova365 does not have it: orders of {organization} are rejected"
                )),
            }
        }
        Ok(links)
    }

    fn lane(&self, flow: Flow, every_seconds: u64, feeds_outbox: bool) -> Lane {
        let flow = flow.with_settings(self.settings.engine.flow()).with_clock(Arc::clone(&self.clock));
        Lane { job: Arc::new(flow), every: Duration::from_secs(every_seconds), feeds_outbox }
    }
}

/// The contractor of this key, or the one that it was merged into.
async fn contractor(port: &dyn Kontrahenci, mut klucz: KluczKontrahenta) -> Result<Option<KontrahentId>> {
    for _ in 0..MERGES {
        let found = port.get_kontrahenci(&klucz).await;
        let found = found.and_then(|rows| rows.into_iter().map(|row| row.map_err(|bad| bad.error)).collect());
        let mut found: Vec<Kontrahent> = found
            .map_err(|error| Error::caused("the contractors of the settings cannot be looked up", error))?;
        match (found.pop(), found.len()) {
            (None, _) => return Ok(None),
            (Some(Kontrahent { zastapiony_przez_id: Some(other), .. }), 0) => {
                klucz = KluczKontrahenta::Id(other)
            }
            (Some(kontrahent), 0) => return Ok(Some(kontrahent.id)),
            (Some(kontrahent), _) => {
                return Err(Error::new(format!(
                    "enova365 has several contractors with the Kod {}",
                    kontrahent.kod
                )));
            }
        }
    }
    Err(Error::new("contractors of the settings were merged into each other in a circle"))
}

fn flow_name(tenant: &str, flow: &str) -> Result<FlowName> {
    FlowName::new(format!("{tenant}/{flow}"))
        .map_err(|error| Error::caused("the tenant's name cannot be used", error))
}

fn needed<'a, T: ?Sized>(port: Option<&'a Arc<T>>, what: &str) -> Result<&'a Arc<T>> {
    port.ok_or_else(|| {
        Error::new(format!("a flow of the settings needs enova365's {what}, and no port gives them"))
    })
}

impl Bridge {
    /// Begins a bridge that keeps its state in `store`.
    pub fn builder(settings: Settings, store: Arc<dyn Store>) -> BridgeBuilder {
        BridgeBuilder {
            settings,
            store,
            clock: Arc::new(SystemClock),
            progress: Arc::new(Quiet),
            one: None,
            stany: None,
            ceny: None,
            zamowienia: None,
            kontrahenci: None,
        }
    }

    /// Runs every flow until nothing is left: orders first and the acts that are due, then stock and prices side by side.
    ///
    /// Waits out another process's lease or claim, up to its TTL. Does not wait for later attempts (an order in doubt, one
    /// that a person has to release): the summary lists them and is [not clean](Summary::is_clean). After `stop` is
    /// cancelled each flow finishes the page in hand.
    ///
    /// # Errors
    /// The store cannot be read for the summary. What a flow met is in the summary.
    pub async fn once(&self, stop: CancellationToken) -> Result<Summary> {
        let run = self.run_context(stop);
        let began = self.clock.now();
        // orders first: what they reserve is then part of the stock that is read after them
        let (orders, others): (Vec<&Lane>, Vec<&Lane>) =
            self.lanes.iter().partition(|lane| lane.feeds_outbox);
        let mut reports = Vec::new();
        for lanes in [orders, others] {
            let lanes = lanes.into_iter().map(|lane| self.lane_once(lane, &run));
            reports.extend(futures::future::join_all(lanes).await.into_iter().flatten());
        }
        let orders = self.lanes.iter().find(|lane| lane.feeds_outbox).map(|lane| lane.job.name());
        let orders = orders.map(FlowName::new).transpose().map_err(unreadable)?;
        let rejected_orders = match &orders {
            Some(flow) => self.store.rejects(&RejectFilter::of_flow(flow)).await.map_err(unreadable)?,
            None => Vec::new(),
        };
        let mut rejects = self.store.rejects(&RejectFilter::all().limit(LISTED)).await.map_err(unreadable)?;
        rejects.retain(|reject| orders.as_ref() != Some(reject.part.flow()));
        Ok(Summary {
            reports,
            open: self.store.acts(&ActFilter::open()).await.map_err(unreadable)?,
            refused: self.refused().await?,
            rejected_orders,
            rejects,
            began,
            rejects_in_all: self.store.count_rejects(&RejectFilter::all()).await.map_err(unreadable)?.count,
        })
    }

    /// Runs every flow at its period until `stop` is cancelled; each then finishes the page in hand.
    pub async fn run(&self, stop: CancellationToken) {
        let run = self.run_context(stop);
        let lanes = self.lanes.iter().map(|lane| every(&*lane.job, lane.every, &run));
        let dispatcher = async {
            if let Some(dispatcher) = &self.dispatcher {
                every(dispatcher, DISPATCH_PERIOD, &run).await;
            }
        };
        futures::join!(futures::future::join_all(lanes), dispatcher);
    }

    /// What is kept of the bridge's work.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    fn run_context(&self, stop: CancellationToken) -> RunContext {
        let observer = Arc::clone(&self.progress).observer();
        let mut run = RunContext::new(stop, observer);
        run.clock = Arc::clone(&self.clock);
        run
    }

    async fn lane_once(&self, lane: &Lane, run: &RunContext) -> Vec<Report> {
        let mut reports = vec![self.job_once(&*lane.job, run).await];
        if let Some(dispatcher) = self.dispatcher.as_ref().filter(|_| lane.feeds_outbox) {
            reports.push(self.dispatch_once(dispatcher, run).await);
        }
        reports
    }

    /// Runs a job to its end; while another process holds its lease, waits, but no longer than a lease lasts.
    async fn job_once(&self, job: &dyn Job, run: &RunContext) -> Report {
        let give_up = self.clock.now() + self.lease_ttl;
        loop {
            let report = run_until_done(job, run).await;
            let JobEnd::Paused(Pause::HeldElsewhere { until }) = report.end else { return report };
            let until = until.min(give_up);
            if !self.wait(job.name(), until, run).await {
                return report;
            }
        }
    }

    /// Carries out what is due; acts in the hands of another process are waited for, but no longer than a claim lasts.
    async fn dispatch_once(&self, dispatcher: &Dispatcher, run: &RunContext) -> Report {
        let give_up = self.clock.now() + self.claim_ttl;
        let mut total = run_until_done(dispatcher, run).await;
        loop {
            let Ok(claimed) = self.store.acts(&in_state(ActState::Sending)).await else { return total };
            let Some(until) = claimed.iter().filter_map(|act| act.next_at).min() else { return total };
            if !self.wait(dispatcher.name(), until.min(give_up), run).await {
                return total;
            }
            let next = run_until_done(dispatcher, run).await;
            total.counts += next.counts;
            total.elapsed += next.elapsed;
            total.end = next.end;
        }
    }

    /// Waits until that instant; says whether it is worth another try.
    async fn wait(&self, job: &str, until: DateTime<Utc>, run: &RunContext) -> bool {
        // the instant itself still belongs to the holder
        let wait = (until - self.clock.now() + TimeDelta::milliseconds(1)).to_std();
        let Ok(wait) = wait else { return false };
        self.progress.waiting(job, wait);
        tokio::select! {
            () = run.stop.cancelled() => false,
            () = self.clock.sleep(wait) => true,
        }
    }

    async fn refused(&self) -> Result<Vec<ActStatus>> {
        let mut refused = self.store.acts(&in_state(ActState::Rejected)).await.map_err(unreadable)?;
        let older = refused.len().saturating_sub(LISTED);
        Ok(refused.split_off(older))
    }
}

fn in_state(state: ActState) -> ActFilter {
    let mut filter = ActFilter::all();
    filter.states = vec![state];
    filter
}

fn unreadable(error: sync_core::Error) -> Error {
    Error::caused("the store cannot be read", error)
}

/// What a round of [`Bridge::once`] did, and what is left to do.
#[derive(Debug)]
#[non_exhaustive]
pub struct Summary {
    /// One report per flow, in the order of their work.
    pub reports: Vec<Report>,
    /// Acts that are not settled.
    pub open: Vec<ActStatus>,
    /// Acts that the ERP has refused, in this round or before, the latest ones.
    pub refused: Vec<ActStatus>,
    /// Orders that did not get as far as an act (an unknown client) or changed after they were transferred.
    pub rejected_orders: Vec<Reject>,
    /// Live rejects of the other flows, the oldest ones.
    pub rejects: Vec<Reject>,
    /// How many live rejects there are, those of orders included.
    pub rejects_in_all: u64,
    /// When the round began.
    pub began: DateTime<Utc>,
}

impl Summary {
    /// Whether every flow came to its end, no order is left open or rejected, and none was refused in this round. What was
    /// refused before, and rejects of stock and prices, do not count here: they are listed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.open.is_empty()
            && self.rejected_orders.is_empty()
            && self.refused.iter().all(|act| act.changed_at < self.began)
            && self.reports.iter().all(|report| matches!(report.end, JobEnd::Done))
    }
}

//! One process: flows, dispatcher, runner and watchdog over a store.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sync_core::testing::ManualClock;
use sync_core::watchdog::{
    AlertSink, Change, DeadMan, FlowPolicy, Freshness, JobLimits, Notice, OutboxPolicy, Policy, Watch,
    Watchdog,
};
use sync_core::{
    ActKind, ActState, ActStatus, Class, Clock, Dispatcher, Flow, FlowName, FlowSettings, Identity, Job,
    JobPlan, Key, Links, Mapped, Mapper, Reason, Result, RetrySettings, RunContext, Runner, RunnerHandle,
    Schedule, SettledActs, Store, Window,
};

use super::systems::{Gated, Systems};
use crate::dispatch::Orders;

pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const CHECK: Duration = Duration::from_secs(300);
pub(super) const STOCK: &str = "shop/stock";
pub(super) const PRICES: &str = "shop/prices";
pub(super) const ORDERS: &str = "shop/orders";
pub(super) const ORDERS_OUT: &str = "shop/orders-out";
pub(super) const NUMBERS: &str = "shop/order-numbers";
pub(super) const STUCK_AFTER: Duration = Duration::from_secs(12 * 60);

fn flow_name(name: &str) -> FlowName {
    FlowName::new(name).unwrap()
}

/// The document's number, or that there is none.
#[derive(Debug)]
struct Numbers;

impl Mapper<ActStatus> for Numbers {
    type Out = String;

    fn map(&self, _key: &Key, status: ActStatus, _links: &Links) -> Result<Mapped<String>, Reason> {
        let number = status.created.and_then(|created| created.number);
        Ok(Mapped::Send(match status.state {
            ActState::Done => number.unwrap_or_default(),
            _ => "refused".to_owned(),
        }))
    }
}

/// When which flow or job was said to be what.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) at: DateTime<Utc>,
    pub(super) change: Change,
    pub(super) flow: String,
    pub(super) code: String,
}

/// A person who reads alerts, and a switch.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) clock: Arc<ManualClock>,
    pub(super) told: Arc<Mutex<Vec<Told>>>,
    pub(super) pings: Arc<Mutex<Vec<DateTime<Utc>>>>,
}

#[async_trait]
impl AlertSink for Reader {
    async fn tell(&self, notices: &[Notice]) -> Result<()> {
        let now = self.clock.now();
        let told = |notice: &Notice| Told {
            at: now,
            change: notice.change,
            flow: notice.flow.clone(),
            code: notice.code.clone(),
        };
        self.told.lock().unwrap().extend(notices.iter().map(told));
        Ok(())
    }
}

#[async_trait]
impl DeadMan for Reader {
    async fn ping(&self) -> Result<()> {
        self.pings.lock().unwrap().push(self.clock.now());
        Ok(())
    }
}

pub(super) struct Process {
    /// None while it runs.
    pub(super) runner: Option<Runner>,
    pub(super) handle: RunnerHandle,
    pub(super) watchdog: Arc<Watchdog>,
    /// Runs the watchdog: what hangs in the other one does not hang here.
    pub(super) watching: Runner,
    pub(super) run: RunContext,
}

fn stock_schedule() -> Schedule {
    let day = Window::hours(6, 22).unwrap();
    Schedule::every_at(MINUTE * 10, Duration::from_secs(50)).unwrap().within(day).unwrap()
}

fn price_schedule() -> Schedule {
    // on the day of the change this hour comes twice
    Schedule::daily_at("02:30:00".parse().unwrap()).unwrap()
}

fn policy(since: DateTime<Utc>) -> Policy {
    let flow = |name, freshness| FlowPolicy::new(flow_name(name), freshness, since);
    Policy::default()
        .flow(
            flow(STOCK, Freshness::scheduled(stock_schedule(), MINUTE * 5))
                .job(JobLimits::new(STUCK_AFTER, 3)),
        )
        .flow(flow(PRICES, Freshness::scheduled(price_schedule(), MINUTE * 60).missed(1)))
        .flow(flow(ORDERS, Freshness::within(MINUTE * 30)))
        .flow(flow(NUMBERS, Freshness::within(MINUTE * 60)))
        .outbox(OutboxPolicy::new(ORDERS_OUT))
}

impl Process {
    /// As it starts, with what is left of the one before: the store, and what was told.
    pub(super) async fn start(
        systems: &Systems,
        store: Arc<dyn Store>,
        reader: &Reader,
        since: DateTime<Utc>,
        watch: Watch,
    ) -> Self {
        let clock = reader.clock.clone();
        let with = |flow: Flow| {
            let settings = FlowSettings::default().retry(RetrySettings::none()).lease_ttl(MINUTE);
            Arc::new(flow.with_settings(settings).with_clock(clock.clone()))
        };
        let stock_source = Gated(systems.stock.clone(), systems.stock_gate.clone());
        let stock_sink = Gated(systems.shop_stock.clone(), systems.shop_gate.clone());
        let settled = SettledActs::new(store.clone(), [ActKind::from("order")]);
        let kept = || store.clone();
        let stock = Flow::new(flow_name(STOCK), stock_source, Identity, stock_sink, kept());
        let prices = Flow::new(
            flow_name(PRICES),
            systems.prices.clone(),
            Identity,
            systems.shop_prices.clone(),
            kept(),
        );
        let orders = Flow::to_outbox(flow_name(ORDERS), systems.shop_orders.clone(), Orders, kept());
        let numbers = Flow::new(flow_name(NUMBERS), settled, Numbers, systems.shop_numbers.clone(), kept());
        let dispatcher =
            Dispatcher::new(flow_name(ORDERS_OUT), [ActKind::from("order")], systems.erp.clone(), kept())
                .with_clock(clock.clone());
        let every = |minutes: u32, class| JobPlan::new(Schedule::every(MINUTE * minutes).unwrap(), class);
        let stock_plan = JobPlan::new(stock_schedule(), Class::Stock).patience(MINUTE * 18).dropping_stuck();
        let plans = [
            (with(stock), stock_plan),
            (with(prices), JobPlan::new(price_schedule(), Class::Bulk)),
            (with(orders), every(1, Class::Orders)),
            (with(numbers), every(10, Class::Regular)),
        ];
        let mut jobs: Vec<(Arc<dyn Job>, JobPlan)> = Vec::new();
        for (flow, mut plan) in plans {
            let status = flow.status().await.unwrap();
            if let Some(last_ok_at) = status.parts.iter().filter_map(|part| part.last_ok_at).min() {
                plan = plan.last_done(last_ok_at);
            }
            jobs.push((flow, plan));
        }
        jobs.push((Arc::new(dispatcher), every(1, Class::Orders)));
        let runner = Runner::new(jobs).unwrap();
        let handle = runner.handle();
        let facts = handle.clone();
        let watchdog = Watchdog::new(store.clone(), policy(since))
            .with_jobs(move || facts.facts())
            .tell(reader.clone(), watch)
            .dead_man(reader.clone());
        let watchdog = Arc::new(watchdog);
        let check: Arc<dyn Job> = watchdog.clone();
        let plan = JobPlan::new(Schedule::every(CHECK).unwrap(), Class::Regular);
        let watching = Runner::new([(check, plan)]).unwrap();
        let run = RunContext::default().with_clock(clock);
        Self { runner: Some(runner), handle, watchdog, watching, run }
    }

    /// Whether all jobs but this one have done what there is to do now.
    pub(super) fn is_quiet_but_for(&self, job: &str, now: DateTime<Utc>) -> bool {
        self.handle.facts().iter().all(|facts| {
            let rests = facts.running_since.is_none() && facts.waiting_since.is_none();
            facts.job == job || (rests && facts.next_at.is_none_or(|next| next > now))
        })
    }
}

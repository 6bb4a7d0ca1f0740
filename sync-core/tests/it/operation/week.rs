//! A week, minute by minute, with one outage a day.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sync_core::testing::{Fault, ManualClock};
use sync_core::watchdog::{Change, Watch};
use sync_core::{ActFilter, ActState, Clock, ErrorKind, Store};

use super::process::{CHECK, NUMBERS, ORDERS, ORDERS_OUT, PRICES, Process, Reader, STOCK, STUCK_AFTER, Told};
use super::systems::{Dice, Systems, number};

/// What happens besides the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Edit,
    ShopAway,
    ShopBack,
    StockThrottled,
    StockHangs,
    CredentialsRefused,
    CredentialsRenewed,
    PeriodClosed,
    PeriodOpen,
    OrdersReplayed,
    /// The process dies while the ERP makes a document.
    DiesInSubmit,
    /// The process dies while the shop writes stock.
    DiesInWrite,
}

/// What an outage promises: alerts at the latest then, and none but those of its kinds.
struct Outage {
    name: &'static str,
    from: DateTime<Utc>,
    /// Everything is well again.
    over: DateTime<Utc>,
    promised: Vec<(&'static str, &'static str, DateTime<Utc>)>,
    allowed: Vec<(&'static str, &'static str)>,
    /// In between nobody may say that all is well.
    silent: Option<(DateTime<Utc>, DateTime<Utc>)>,
    /// Whether all is well all along, as far as age goes.
    stays_fresh: bool,
}

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

pub(super) struct Week {
    began: DateTime<Utc>,
    systems: Systems,
    reader: Reader,
    open: Box<dyn Fn() -> Arc<dyn Store>>,
    store: Arc<dyn Store>,
    process: Process,
    events: BTreeMap<DateTime<Utc>, Vec<Event>>,
    outages: Vec<Outage>,
    checks: Vec<DateTime<Utc>>,
    next_check: DateTime<Utc>,
    restarts: usize,
}

/// From Thursday to Thursday; on the Sunday between, an hour comes twice.
const BEGIN: &str = "2026-10-21T22:00:00Z";
const DAYS: i64 = 7;

impl Week {
    pub(super) async fn new(
        seed: u64,
        clock: Arc<ManualClock>,
        open: impl Fn() -> Arc<dyn Store> + 'static,
    ) -> Self {
        let began: DateTime<Utc> = BEGIN.parse().unwrap();
        clock.set(began);
        let systems = Systems::new(seed);
        let reader = Reader { clock, told: Arc::default(), pings: Arc::new(Mutex::default()) };
        let store = open();
        let process = Process::start(&systems, store.clone(), &reader, began, watch()).await;
        let mut week = Self {
            began,
            systems,
            reader,
            open: Box::new(open),
            store,
            process,
            events: BTreeMap::new(),
            outages: Vec::new(),
            checks: Vec::new(),
            next_check: began,
            restarts: 0,
        };
        week.plan(Dice(seed ^ 0xabcd));
        week
    }

    fn at(&mut self, at: DateTime<Utc>, event: Event) {
        self.events.entry(at).or_default().push(event);
    }

    fn plan(&mut self, mut dice: Dice) {
        let began = self.began;
        for ten in 0..(DAYS * 144 - 24) {
            let at =
                self.began + minutes(10 * ten) + TimeDelta::seconds(i64::try_from(dice.roll(600)).unwrap());
            self.at(at, Event::Edit);
        }
        // between eight and half past two in the afternoon, so that it is over before the evening
        let mut on_day =
            |day: i64| began + TimeDelta::days(day) + minutes(480 + i64::try_from(dice.roll(390)).unwrap());
        let [away, throttled, hangs, refused, submit, closed, write] =
            [on_day(0), on_day(1), on_day(1), on_day(2), on_day(3), on_day(4), on_day(5)];
        // one thing at a time
        let hangs = if (hangs - throttled).abs() < minutes(60) { throttled + minutes(90) } else { hangs };
        let back = away + minutes(180);
        self.at(away, Event::ShopAway);
        self.at(back, Event::ShopBack);
        self.outages.push(Outage {
            name: "the shop is away",
            from: away,
            // the longest pause of a failing flow, its next tick and a check
            over: back + minutes(15 + 10 + 6),
            promised: vec![(STOCK, "late", away + minutes(31)), (STOCK, "failing", away + minutes(37))],
            allowed: vec![(STOCK, "late"), (STOCK, "failing"), (NUMBERS, "late"), (NUMBERS, "failing")],
            silent: Some((away + minutes(31), back)),
            stays_fresh: false,
        });
        self.at(throttled, Event::StockThrottled);
        self.outages.push(Outage {
            name: "the source throttles",
            from: throttled,
            over: throttled + minutes(30),
            promised: vec![],
            allowed: vec![],
            silent: None,
            stays_fresh: true,
        });
        self.at(hangs, Event::StockHangs);
        let stuck_by = hangs + minutes(10) + TimeDelta::from_std(STUCK_AFTER + CHECK).unwrap() + minutes(1);
        self.outages.push(Outage {
            name: "a step hangs",
            from: hangs,
            over: hangs + minutes(45),
            promised: vec![(STOCK, "stuck", stuck_by)],
            allowed: vec![(STOCK, "stuck"), (STOCK, "late")],
            silent: None,
            stays_fresh: false,
        });
        let renewed = refused + minutes(60);
        self.at(refused, Event::CredentialsRefused);
        self.at(renewed, Event::CredentialsRenewed);
        self.outages.push(Outage {
            name: "credentials are refused",
            from: refused,
            over: renewed + minutes(15 + 6),
            promised: vec![
                (ORDERS, "auth-dead", refused + minutes(7)),
                (ORDERS, "late", refused + minutes(36)),
            ],
            allowed: vec![(ORDERS, "auth-dead"), (ORDERS, "late")],
            silent: Some((refused + minutes(31), renewed)),
            stays_fresh: false,
        });
        // in the hour that comes twice
        let submit =
            self.began + TimeDelta::days(3) + minutes(125 + (submit - self.began).num_minutes() % 100);
        self.at(submit, Event::DiesInSubmit);
        self.at(write, Event::DiesInWrite);
        for (name, from) in [("it dies in a submit", submit), ("it dies in a write", write)] {
            let over = from + minutes(30);
            let (promised, allowed) = (vec![], vec![]);
            self.outages.push(Outage {
                name,
                from,
                over,
                promised,
                allowed,
                silent: None,
                stays_fresh: true,
            });
        }
        let opened = closed + minutes(240);
        self.at(closed, Event::PeriodClosed);
        self.at(opened, Event::PeriodOpen);
        self.at(opened + minutes(30), Event::OrdersReplayed);
        self.outages.push(Outage {
            name: "all orders are refused",
            from: closed,
            over: opened + minutes(45),
            promised: vec![(ORDERS_OUT, "acts-rejected", closed + minutes(8))],
            allowed: vec![(ORDERS_OUT, "acts-rejected")],
            silent: None,
            stays_fresh: true,
        });
    }

    async fn happens(&mut self, event: Event) {
        let systems = &mut self.systems;
        match event {
            Event::Edit => systems.edit(),
            Event::ShopAway => {
                systems.shop.always(Some(Fault::FailBefore));
                systems.set_stock(0, 777);
            }
            Event::ShopBack => systems.shop.clear(),
            Event::StockThrottled => {
                let after = Some(Duration::from_secs(300));
                let reads = systems.stock_reads.clone().failing_with(ErrorKind::Throttled { after });
                reads.on_next_call(Fault::FailBefore);
            }
            Event::StockHangs => systems.stock_gate.shut(),
            Event::CredentialsRefused => {
                let reads = systems.order_reads.clone().failing_with(ErrorKind::Auth);
                reads.always(Some(Fault::FailBefore));
            }
            Event::CredentialsRenewed => systems.order_reads.clear(),
            Event::PeriodClosed => {
                systems.erp.refuses.store(true, Ordering::SeqCst);
                systems.order();
            }
            Event::PeriodOpen => systems.erp.refuses.store(false, Ordering::SeqCst),
            Event::OrdersReplayed => {
                let rejected = ActFilter::all().states([ActState::Rejected]);
                let rejected = self.store.acts(&rejected).await.unwrap();
                assert!(!rejected.is_empty());
                for act in rejected {
                    self.store.release(&act.act.op_key, "Anna", "the period is open again").await.unwrap();
                }
            }
            Event::DiesInSubmit => {
                systems.erp.gate.shut();
                systems.order();
            }
            Event::DiesInWrite => {
                systems.shop_gate.shut();
                systems.set_stock(1, 555);
            }
        }
    }

    /// Everything is dropped as it stands, and a new process starts over the same file.
    async fn restart(&mut self) -> DateTime<Utc> {
        let watches = self.process.watchdog.watches().await;
        let told: Vec<Watch> = serde_json::from_str(&serde_json::to_string(&watches).unwrap()).unwrap();
        let told = told.into_iter().next().unwrap();
        self.store = (self.open)();
        self.process =
            Process::start(&self.systems, self.store.clone(), &self.reader, self.began, told).await;
        self.next_check = self.reader.clock.now();
        self.restarts += 1;
        self.next_check
    }

    /// Plays to the end of the week.
    pub(super) async fn play(&mut self) {
        let end = self.began + TimeDelta::days(DAYS);
        loop {
            let next = self.run_due().await;
            let event = self.events.first_key_value().map(|(at, _)| *at);
            let next = event.into_iter().chain([next]).min().unwrap();
            if next > end {
                break;
            }
            self.time_goes_on_to(next).await;
        }
        assert_eq!((self.restarts, self.events.len()), (2, 0));
        // what changed since the last pass over all prices
        self.process.handle.wake(PRICES).unwrap();
        self.run_due().await;
    }

    async fn time_goes_on_to(&mut self, instant: DateTime<Utc>) {
        self.reader.clock.set(instant);
        while let Some(due) = self.events.first_entry().filter(|due| *due.key() <= instant) {
            for event in due.remove() {
                self.happens(event).await;
            }
        }
    }

    /// Runs what is due now; tells what is due next.
    async fn run_due(&mut self) -> DateTime<Utc> {
        let (stock, erp) = (self.systems.stock_gate.clone(), self.systems.erp.gate.clone());
        let shop = self.systems.shop_gate.clone();
        let mut runner = self.process.runner.take().unwrap();
        let run = self.process.run.clone();
        let mut due = Box::pin(runner.run_due(&run));
        let next = tokio::select! {
            biased;
            next = &mut due => next,
            () = stock.reached.notified() => self.live_with_a_stock_step_that_hangs(&mut due).await,
            () = erp.reached.notified() => return self.restart().await,
            () = shop.reached.notified() => return self.restart().await,
        };
        drop(due);
        self.process.runner = Some(runner);
        self.check().await;
        next.into_iter().chain([self.next_check]).min().unwrap()
    }

    /// Everything else goes on until the step is dropped.
    async fn live_with_a_stock_step_that_hangs<D>(&mut self, due: &mut Pin<Box<D>>) -> D::Output
    where
        D: Future<Output = Option<DateTime<Utc>>>,
    {
        loop {
            let mut turns = 0;
            while turns < 3 || !self.process.is_quiet_but_for(STOCK, self.reader.clock.now()) {
                turns += 1;
                tokio::select! {
                    biased;
                    next = &mut *due => return next,
                    () = tokio::task::yield_now() => {}
                }
            }
            self.check().await;
            self.time_goes_on_to(self.reader.clock.now() + minutes(1)).await;
        }
    }

    async fn check(&mut self) {
        let now = self.reader.clock.now();
        if self.next_check <= now {
            self.next_check = self.process.watching.run_due(&self.process.run).await.unwrap();
            self.checks.push(now);
        }
    }

    /// What holds when it is over.
    pub(super) async fn laws(&self) {
        let systems = &self.systems;
        let text = |(key, value): (sync_core::Key, i64)| (key.to_string(), value);
        let stock: BTreeMap<_, _> = systems.shop_stock.records().into_iter().map(text).collect();
        assert_eq!(stock, systems.true_stock, "stock");
        let prices: BTreeMap<_, _> = systems.shop_prices.records().into_iter().map(text).collect();
        assert_eq!(prices, systems.true_prices, "prices");
        let mut documents: Vec<_> =
            systems.erp.documents.lock().unwrap().iter().map(ToString::to_string).collect();
        documents.sort();
        assert_eq!(documents, systems.ordered.iter().cloned().collect::<Vec<_>>(), "one document per order");
        assert!(systems.erp.lost_answers.lock().unwrap().len() > 3);
        let numbers: BTreeMap<_, _> = systems.shop_numbers.records().into_iter().collect();
        let expected = systems.ordered.iter().map(|order| (order.as_str().into(), number(order))).collect();
        assert_eq!(numbers, expected, "numbers");
        assert_eq!(self.store.acts(&ActFilter::open()).await.unwrap(), []);
        assert_eq!(self.process.watchdog.alerts().await, []);
        self.alerts_are_promised();
        self.pings_are_true();
    }

    fn alerts_are_promised(&self) {
        let told = self.reader.told.lock().unwrap();
        for told in told.iter() {
            let explains = |outage: &Outage| {
                (outage.from..=outage.over).contains(&told.at)
                    && outage.allowed.contains(&(told.flow.as_str(), told.code.as_str()))
            };
            assert!(self.outages.iter().any(explains), "{told:?}");
        }
        let raised = || told.iter().filter(|told| told.change == Change::Raised);
        for outage in &self.outages {
            for (flow, code, by) in &outage.promised {
                let is_it = |told: &Told| {
                    (outage.from..=*by).contains(&told.at) && (told.flow == *flow && told.code == *code)
                };
                assert!(raised().any(is_it), "{}: {flow} {code} by {by}: {told:?}", outage.name);
            }
        }
        assert_eq!(2 * raised().count(), told.len(), "each is raised and cleared");
    }

    fn pings_are_true(&self) {
        let pings: BTreeSet<_> = self.reader.pings.lock().unwrap().iter().copied().collect();
        let mut silent = 0;
        for check in &self.checks {
            let is_silent =
                self.outages.iter().filter_map(|outage| outage.silent).any(|(a, b)| (a..=b).contains(check));
            let may_be_silent = self
                .outages
                .iter()
                .any(|outage| !outage.stays_fresh && (outage.from..=outage.over).contains(check));
            if is_silent {
                silent += 1;
                assert!(!pings.contains(check), "all is well at {check}");
            } else if !may_be_silent {
                assert!(pings.contains(check), "nobody says at {check} that all is well");
            }
        }
        assert!(silent > 20 && self.checks.len() > 2_000, "{silent} of {}", self.checks.len());
    }
}

fn watch() -> Watch {
    Watch::new(Duration::from_secs(30 * 86_400), Duration::ZERO)
}

//! Days of operation in seconds: both systems change, fail and come back, the process dies, an hour is lost or comes twice.
//!
//! The bridge is wired as always and runs by its schedules, on a clock that is set to whatever happens next. What happens follows
//! from the seed; the pauses before repeats, which are drawn, move it by less than a second.

mod business;
mod dice;
mod incidents;
mod laws;
mod person;
mod promises;
mod time;
mod world;

use std::sync::Arc;

use api_transport::simulation::FaultHandle;
use bridge::{AlertAddresses, Bridge, Engine, Tenant};
use chrono::{DateTime, TimeDelta, Utc};
use sync_core::{Clock, SqliteStore, Store};

use dice::Dice;
use incidents::{Event, LOST, Plan, Planner};
use person::Person;
use promises::Reader;
use world::World;

#[tokio::test]
async fn in_a_week_that_loses_an_hour_nothing_is_lost_or_doubled_and_every_alert_is_promised() {
    // Thursday 00:00 in Warsaw; the hour is lost on Sunday at 02:00
    let mut days = Days::new(1, "2027-03-24T23:00:00Z", 7).await;
    days.plan(|plan| {
        plan.every_day();
        plan.one_is_away((0, 540), 180, Event::OneRefuses);
        plan.for_a_moment((0, 900), Event::OneRefuses, Event::OneIsBack);
        for way in 0..LOST {
            plan.once((0, 1_000 + 40 * i64::try_from(way).unwrap()), Event::AnswerLost(way));
        }
        plan.enova_is_away((1, 540), 180);
        plan.once((1, 900), Event::DiesInCreate);
        for at in [1_020, 1_060, 1_100] {
            plan.once((1, at), Event::SessionsEnd);
        }
        plan.once((2, 600), Event::OneThrottles);
        plan.once((2, 660), Event::EnovaThrottles);
        plan.unreadable_row((2, 780));
        plan.no_price((2, 900), 240);
        // while that is told, and not over
        plan.once((2, 1_020), Event::DiesInStock);
        plan.one_is_away((3, 75), 150, Event::OneRefuses);
        plan.once((3, 900), Event::UnknownClient);
        plan.one_is_away((4, 540), 90, Event::OneRefusesTheKey);
        plan.for_a_moment((4, 840), Event::EnovaIsGone, Event::EnovaIsBack);
        plan.enova_is_away((5, 840), 120);
        plan.one_is_away((6, 600), 100, Event::OneIsGone);
    });
    days.play().await;
    assert_eq!(days.restarts, 2);
    days.laws().await;
}

#[tokio::test]
async fn in_two_days_of_which_one_gains_an_hour_nothing_is_lost_or_doubled_and_every_alert_is_promised() {
    // Saturday 00:00 in Warsaw; on Sunday the hour from 02:00 comes twice
    let mut days = Days::new(2, "2027-10-29T22:00:00Z", 2).await;
    days.plan(|plan| {
        plan.every_day();
        for way in 0..LOST {
            plan.once((0, 540 + 40 * i64::try_from(way).unwrap()), Event::AnswerLost(way));
        }
        plan.one_is_away((1, 100), 150, Event::OneRefuses);
        plan.once((1, 600), Event::DiesInCreate);
        plan.once((1, 660), Event::DiesInStock);
    });
    days.play().await;
    assert_eq!(days.restarts, 2);
    days.laws().await;
}

/// How long nobody runs the bridge after it has died.
const DOWN: TimeDelta = TimeDelta::seconds(40);

struct Days {
    seed: u64,
    began: DateTime<Utc>,
    ends: DateTime<Utc>,
    world: World,
    reader: Arc<Reader>,
    process: Option<Process>,
    plan: Plan,
    person: Person,
    /// Met by the call in which the process dies.
    deadly: Option<FaultHandle>,
    restarts: usize,
}

/// The bridge, while it runs.
struct Process {
    engine: Engine,
    store: Arc<dyn Store>,
}

impl Process {
    async fn start(world: &World, reader: &Arc<Reader>) -> Self {
        let store = SqliteStore::open(world.folder.path().join("demo.sqlite")).unwrap();
        let store: Arc<dyn Store> = Arc::new(store.with_clock(world.time.clone()));
        let settings = &world.settings;
        let tenant = Tenant::builder(&settings.tenants[0], store.clone())
            .enova(world.enova_client())
            .one(world.one_client())
            .engine(settings.engine)
            .clock(world.time.clone())
            .build()
            .unwrap();
        let bridge = Bridge::new([tenant]).engine_settings(settings.engine).alerts_to(reader.clone());
        let engine = bridge.engine(&settings.alerts, AlertAddresses::default()).await.unwrap();
        Self { engine, store }
    }

    /// Nothing of it is left, the file apart.
    async fn die(self) {
        let left = Arc::downgrade(&self.store);
        drop(self);
        for _ in 0..10_000 {
            if left.strong_count() == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("the store is still open");
    }
}

impl Days {
    async fn new(seed: u64, began: &str, days: i64) -> Self {
        println!("seed {seed}");
        let began: DateTime<Utc> = began.parse().unwrap();
        // the simulated enova365 has winter time all year: where an hour is lost, its day ends an hour after Warsaw's
        let ends = began + TimeDelta::days(days) - TimeDelta::hours(1);
        let world = World::new(seed, began).await;
        let reader = Arc::new(Reader::new(world.time.clone()));
        let process = Some(Process::start(&world, &reader).await);
        Self {
            seed,
            began,
            ends,
            world,
            reader,
            process,
            plan: Plan::default(),
            person: Person::default(),
            deadly: None,
            restarts: 0,
        }
    }

    fn plan(&mut self, write: impl FnOnce(&mut Planner<'_>)) {
        let faces = self.process.as_ref().unwrap().engine.faces();
        let (began, ends, dice) = (self.began, self.ends, Dice(!self.seed));
        let mut planner = Planner { began, ends, dice, policy: &faces[0].policy, plan: Plan::default() };
        write(&mut planner);
        self.plan = planner.plan;
    }

    async fn play(&mut self) {
        while self.world.time.now() < self.ends {
            self.events().await;
            let Some(next) = self.run_due().await else { continue };
            let event = self.plan.events.first_key_value().map(|(at, _)| *at);
            self.world.time.go_on_to(event.into_iter().chain([next, self.ends]).min().unwrap());
        }
        assert!(self.plan.events.is_empty());
    }

    async fn events(&mut self) {
        let now = self.world.time.now();
        while let Some(due) = self.plan.events.first_entry().filter(|due| *due.key() <= now) {
            for event in due.remove() {
                let fault = self.world.happens(event).await;
                match event {
                    Event::Look => self.person.looks(&*self.process.as_ref().unwrap().store, now).await,
                    Event::DiesInCreate | Event::DiesInStock => self.deadly = fault,
                    _ => self.world.faults.extend(fault),
                }
            }
        }
    }

    /// Runs what is due now and tells when something is due next; nothing if the process died of it.
    async fn run_due(&mut self) -> Option<DateTime<Utc>> {
        let process = self.process.as_mut().unwrap();
        let next = match &self.deadly {
            None => process.engine.run_due().await,
            Some(deadly) => tokio::select! {
                biased;
                () = deadly.held() => None,
                next = process.engine.run_due() => next,
            },
        };
        if next.is_none() {
            self.restart().await;
        }
        next
    }

    async fn restart(&mut self) {
        self.process.take().unwrap().die().await;
        // what was carried out stays so, and nobody hears of it
        self.deadly.take().unwrap().open();
        self.world.time.go_on_to(self.world.time.now() + DOWN);
        self.process = Some(Process::start(&self.world, &self.reader).await);
        self.restarts += 1;
    }

    async fn laws(&self) {
        let process = self.process.as_ref().unwrap();
        let Self { world, person, .. } = self;
        assert!(world.faults.iter().all(|fault| fault.met() > 0), "each fault met a call");
        laws::goods::the_shop_shows_what_the_erp_has(world);
        laws::orders::each_order_is_one_document(world, person);
        laws::goods::each_warehouse_is_known(world);
        laws::orders::each_status_is_what_the_documents_say(world);
        laws::clients::each_contractor_is_one_client(world).await;
        laws::clients::credit_and_blockades_are_those_of_the_erp(world).await;
        laws::prices::each_client_sees_the_prices_that_the_erp_calculates(world).await;
        laws::documents::each_document_is_shown_once_with_its_pdf(world);
        laws::documents::each_telephone_order_is_shown_once_and_no_other(world);
        laws::nothing_is_left_over(&*process.store).await;
        let face = &process.engine.faces()[0];
        assert_eq!(face.watchdog.alerts().await, []);
        self.reader.was_told_what_was_promised(&self.plan.outages, &person.refused, &face.policy);
    }
}

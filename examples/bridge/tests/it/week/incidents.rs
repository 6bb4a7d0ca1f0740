//! What goes wrong, and when.

use std::collections::BTreeMap;

use api_transport::simulation::{Fault, FaultHandle};
use chrono::{DateTime, TimeDelta, Utc};
use rust_decimal::Decimal;
use sync_core::watchdog::Policy;
use sync_flows::catalog::{Entry, System};

use super::dice::Dice;
use super::promises::{Outage, SUBMIT};
use super::world::World;

/// What happens at an instant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event {
    Business,
    /// The person looks.
    Look,
    OneRefuses,
    OneIsGone,
    OneRefusesTheKey,
    OneIsBack,
    EnovaIsGone,
    EnovaIsBack,
    OneThrottles,
    EnovaThrottles,
    SessionsEnd,
    /// An order of a client that nobody knows.
    UnknownClient,
    /// The answer to the create of an order is lost, in one of [`LOST`] ways.
    AnswerLost(usize),
    NoPrice,
    PriceAgain,
    RowUnreadable,
    RowReadable,
    /// The process dies while enova365 creates an order.
    DiesInCreate,
    /// The process dies while ONe is written stock.
    DiesInStock,
}

/// Ways in which an answer is lost.
pub(super) const LOST: usize = 5;

const CREATE: &str = "B2BZamowienia/Dodaj";
const CLIENT_PRICES: &str = "demo/client-prices";
const PRICES: &str = "demo/retail-prices";
pub(super) const KOD_OF_NOBODY: &str = "00000000-0000-4000-8000-00000000dead";

fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

/// Whether each run asks enova365: all that read there, but for those that follow what was sent.
fn meets_enova(entry: &Entry) -> bool {
    entry.from == System::Enova && !["order-status", "order-refusals"].contains(&entry.id)
}

/// Whether a run asks ONe for certain: those that read there, and those that have something new to write.
fn meets_one(entry: &Entry) -> bool {
    entry.from == System::One
        || ["stock", "retail-prices", "trade-credits", "client-blockades"].contains(&entry.id)
}

/// What happens when, and what is to be told of it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) events: BTreeMap<DateTime<Utc>, Vec<Event>>,
    pub(super) outages: Vec<Outage>,
}

/// A plan in the making.
pub(super) struct Planner<'a> {
    pub(super) began: DateTime<Utc>,
    pub(super) ends: DateTime<Utc>,
    pub(super) dice: Dice,
    pub(super) policy: &'a Policy,
    pub(super) plan: Plan,
}

impl Planner<'_> {
    /// So long after the beginning, give or take: up to half an hour later.
    fn about(&mut self, day: i64, minute: i64) -> DateTime<Utc> {
        let late = i64::try_from(self.dice.roll(1_800)).unwrap();
        self.began + TimeDelta::days(day) + minutes(minute) + TimeDelta::seconds(late)
    }

    fn at(&mut self, at: DateTime<Utc>, event: Event) {
        self.plan.events.entry(at).or_default().push(event);
    }

    /// Every day's business, less at night, and the person's looks; quiet at the end.
    pub(super) fn every_day(&mut self) {
        let mut at = self.began;
        while at < self.ends - TimeDelta::hours(3) {
            self.at(at, Event::Business);
            let by_day = (5..19).contains(&at.format("%H").to_string().parse::<u32>().unwrap());
            let most = if by_day { 900 } else { 5_400 };
            at += TimeDelta::seconds(60 + i64::try_from(self.dice.roll(most)).unwrap());
        }
        let mut at = self.began;
        while at < self.ends {
            self.at(at, Event::Look);
            at += minutes(30);
        }
    }

    /// ONe does not do what it is asked, in one way or another.
    pub(super) fn one_is_away(&mut self, (day, minute): (i64, i64), long: i64, how: Event) {
        let from = self.about(day, minute);
        let ends = from + minutes(long);
        self.at(from, how);
        self.at(ends, Event::OneIsBack);
        let refused = matches!(how, Event::OneRefusesTheKey);
        let outage = Outage::new("ONe is away", from, ends).of_flows(self.policy, refused, meets_one);
        self.plan.outages.push(outage);
    }

    pub(super) fn enova_is_away(&mut self, (day, minute): (i64, i64), long: i64) {
        let from = self.about(day, minute);
        let ends = from + minutes(long);
        self.at(from, Event::EnovaIsGone);
        self.at(ends, Event::EnovaIsBack);
        let outbox = self.policy.outboxes.iter().find(|outbox| outbox.dispatcher == SUBMIT).unwrap();
        // an order that is placed with it is read within two minutes
        let waiting = minutes(2) + TimeDelta::from_std(outbox.waiting).unwrap();
        let outage = Outage::new("enova365 is away", from, ends)
            .of_flows(self.policy, false, meets_enova)
            .promises(SUBMIT, "acts-waiting", waiting);
        self.plan.outages.push(outage);
    }

    /// Shorter than two runs of any flow: nobody is told.
    pub(super) fn for_a_moment(&mut self, (day, minute): (i64, i64), gone: Event, back: Event) {
        let from = self.about(day, minute);
        self.at(from, gone);
        self.at(from + TimeDelta::seconds(100), back);
    }

    pub(super) fn once(&mut self, (day, minute): (i64, i64), event: Event) {
        let at = self.about(day, minute);
        self.at(at, event);
    }

    /// One bad row: nobody is told, everything else goes on.
    pub(super) fn unreadable_row(&mut self, (day, minute): (i64, i64)) {
        let from = self.about(day, minute);
        self.at(from, Event::RowUnreadable);
        self.at(from + minutes(20), Event::RowReadable);
    }

    /// A good without a price: a reject, and told once that is old.
    pub(super) fn no_price(&mut self, (day, minute): (i64, i64), long: i64) {
        let from = self.about(day, minute);
        let ends = from + minutes(long);
        self.at(from, Event::NoPrice);
        self.at(ends, Event::PriceAgain);
        let policy = self.policy.flows.iter().find(|policy| policy.flow.as_str() == PRICES).unwrap();
        let old = minutes(10) + TimeDelta::from_std(policy.rejects_age).unwrap();
        // the clients' lists have no price of it either
        let outage = Outage::new("no price", from, ends).allows(CLIENT_PRICES, "degraded");
        self.plan.outages.push(outage.promises(PRICES, "degraded", old));
    }
}

impl World {
    /// Tells the fault that was added, if it is met by one call alone.
    pub(super) async fn happens(&mut self, event: Event) -> Option<FaultHandle> {
        let (enova, one) = (self.simulation.enova.faults().clone(), self.simulation.one.faults().clone());
        match event {
            Event::Business => self.business().await,
            Event::OneRefuses => {
                one.add(Fault::on("").always().unavailable());
                self.change_for_every_flow();
            }
            Event::OneIsGone => {
                one.add(Fault::on("").always().drop_before());
                self.change_for_every_flow();
            }
            Event::OneRefusesTheKey => {
                one.add(Fault::on("").always().refuse(401, ""));
                self.change_for_every_flow();
            }
            Event::OneIsBack => one.clear(),
            Event::EnovaIsGone => {
                enova.add(Fault::on("").always().drop_before());
                self.is_enova_gone = true;
                self.order();
            }
            Event::EnovaIsBack | Event::RowReadable => {
                enova.clear();
                self.is_enova_gone = false;
            }
            Event::OneThrottles => {
                let two_minutes = std::time::Duration::from_secs(120);
                return Some(one.add(Fault::on("").too_many_requests(Some(two_minutes))));
            }
            Event::EnovaThrottles => return Some(enova.add(Fault::on("").too_many_requests(None))),
            Event::SessionsEnd => {
                self.simulation.enova.expire_sessions();
                self.order();
            }
            Event::UnknownClient => self.order_of(KOD_OF_NOBODY),
            Event::AnswerLost(way) => {
                let create = Fault::on(CREATE);
                let lost = match way {
                    0 => create.drop_after(),
                    1 => create.apply_then_fail(503),
                    2 => create.apply_then_fail(408),
                    3 => create.cut_body(20),
                    _ => create.drop_before(),
                };
                self.order();
                return Some(enova.add(lost));
            }
            Event::NoPrice => self.set_price_kept_apart(Decimal::ZERO),
            Event::PriceAgain => self.set_price_kept_apart(Decimal::new(12_345, 2)),
            Event::RowUnreadable => {
                let kod = format!("{:?}", self.kept_apart);
                return Some(enova.add(Fault::on("B2BStany/Lista").always().rewrite(kod, "17")));
            }
            Event::DiesInCreate => {
                self.order();
                return Some(enova.add(Fault::on(CREATE).hold_after()));
            }
            Event::DiesInStock => {
                self.change_for_every_flow();
                return Some(one.add(Fault::on("stocks/incremental").hold_after()));
            }
            Event::Look => {}
        }
        None
    }

    /// Gives those that write to ONe something to write.
    fn change_for_every_flow(&mut self) {
        self.change_good();
        self.change_limit_and_blockade();
    }

    fn set_price_kept_apart(&self, netto: Decimal) {
        self.simulation.enova.set_price(&self.kept_apart, netto).unwrap();
    }
}

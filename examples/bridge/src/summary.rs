//! What a round did, and what is left to do.

use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};
use sync_core::{ActFilter, ActState, ActStatus, JobEnd, Reject, RejectFilter, RejectStage, Report};

use crate::commands::approve::HeldOf;
use crate::error::Result;
use crate::once::{order_flows, unreadable};
use crate::refusals::is_seen_to;
use crate::shapes;
use crate::tenant::Tenant;

/// How many refused acts and rejects a summary lists at most, per tenant.
const LISTED: usize = 20;

/// What a round of [`Bridge::once`](crate::Bridge::once) did, and what is left to do.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Summary {
    /// One report per flow, in the order of their work.
    pub reports: Vec<Report>,
    /// Acts that are not settled.
    pub open: Vec<ActStatus>,
    /// Acts that were refused, in this round or before, and that nobody gave up: the latest ones, the last one at the end.
    pub refused: Vec<ActStatus>,
    /// How many were refused in this round, listed or not.
    pub refused_now: usize,
    /// Orders that did not get as far as an act (an unknown client) or changed after they were transferred.
    pub rejected_orders: Vec<Reject>,
    /// What flows hold back until a person approves it.
    pub(crate) held: Vec<HeldOf>,
    /// Live rejects of the other flows, the oldest ones; not what is held back.
    pub rejects: Vec<Reject>,
    /// How many live rejects there are, those of orders included.
    pub rejects_in_all: u64,
}

impl Summary {
    pub(crate) async fn of(tenant: &Tenant, reports: Vec<Report>, began: DateTime<Utc>) -> Result<Self> {
        let store = tenant.store();
        let orders = order_flows(tenant);
        let mut rejected_orders = Vec::new();
        for flow in orders.values() {
            rejected_orders
                .extend(store.rejects(&RejectFilter::of_flow(flow.flow_name())).await.map_err(unreadable)?);
        }
        // as many more as may be of orders
        let others = RejectFilter::all().limit(LISTED.saturating_add(rejected_orders.len()));
        let mut rejects = store.rejects(&others).await.map_err(unreadable)?;
        rejects.retain(|reject| {
            reject.stage != RejectStage::Brake && !orders.contains_key(reject.part.flow().as_str())
        });
        rejects.truncate(LISTED);
        let mut held = Vec::new();
        for (_, flow) in tenant.flows() {
            held.push(HeldOf::of(flow).await.map_err(unreadable)?);
        }
        held.retain(|flow| !flow.held.is_empty());
        let refused = ActFilter::all().states([ActState::Rejected]);
        let (refused, refused_now) = latest(store.acts(&refused).await.map_err(unreadable)?, began);
        Ok(Self {
            reports,
            open: store.acts(&ActFilter::open()).await.map_err(unreadable)?,
            refused,
            refused_now,
            rejected_orders,
            held,
            rejects,
            rejects_in_all: store.count_rejects(&RejectFilter::all()).await.map_err(unreadable)?.count,
        })
    }

    /// Whether every flow came to its end, no act is left open, no order rejected, no act was refused in this round, and nothing is
    /// held back. What was refused before, and rejects of stock and prices, do not count here: they are listed.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.open.is_empty()
            && self.rejected_orders.is_empty()
            && self.refused_now == 0
            && self.held.is_empty()
            && self.reports.iter().all(|report| matches!(report.end, JobEnd::Done))
    }
}

/// The refused acts to be listed, and how many were refused since the round began.
fn latest(mut refused: Vec<ActStatus>, began: DateTime<Utc>) -> (Vec<ActStatus>, usize) {
    refused.retain(|act| !is_seen_to(act));
    let now = refused.iter().filter(|act| act.changed_at >= began).count();
    // an act keeps its number, whenever it is refused
    refused.sort_by_key(|act| act.changed_at);
    let older = refused.len().saturating_sub(LISTED);
    (refused.split_off(older), now)
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.reports.extend(other.reports);
        self.open.extend(other.open);
        self.refused.extend(other.refused);
        self.refused_now += other.refused_now;
        self.rejected_orders.extend(other.rejected_orders);
        self.held.extend(other.held);
        self.rejects.extend(other.rejects);
        self.rejects_in_all += other.rejects_in_all;
    }
}

impl Serialize for Summary {
    /// The shape of `bridge once --json`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            clean: bool,
            flows: Vec<shapes::Run<'a>>,
            open: Vec<shapes::Doubt<'a>>,
            refused: Vec<shapes::Doubt<'a>>,
            rejected_orders: Vec<shapes::Turned<'a>>,
            held: &'a [HeldOf],
            rejects: Vec<shapes::Turned<'a>>,
            rejects_in_all: u64,
        }
        Shape {
            clean: self.is_clean(),
            flows: self.reports.iter().map(shapes::Run::of).collect(),
            open: self.open.iter().map(shapes::Doubt::of).collect(),
            refused: self.refused.iter().map(shapes::Doubt::of).collect(),
            rejected_orders: self.rejected_orders.iter().map(shapes::Turned::of).collect(),
            held: &self.held,
            rejects: self.rejects.iter().map(shapes::Turned::of).collect(),
            rejects_in_all: self.rejects_in_all,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use sync_core::{Act, ActState, ActStatus, Fingerprint, Payload};

    use super::{LISTED, latest};

    fn refused(number: u64, minute: i64) -> ActStatus {
        let at = DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        let act = Act::new(format!("o{number}"), "o", "order", Payload::from_json("{}"), at);
        ActStatus::new(number, act, Fingerprint::of(&()).unwrap(), ActState::Rejected, at)
    }

    #[test]
    fn an_early_act_that_is_refused_in_this_round_counts_and_is_listed_last() {
        let mut all = vec![refused(1, 100)];
        all.extend((0..30).map(|number| refused(number + 2, 1)));
        let (listed, now) = latest(all, DateTime::UNIX_EPOCH + TimeDelta::minutes(100));
        assert_eq!((listed.len(), now), (LISTED, 1));
        assert_eq!(listed.last().unwrap().number, 1);
    }

    #[test]
    fn more_than_are_listed_count() {
        let (listed, now) = latest((0..30).map(|number| refused(number, 1)).collect(), DateTime::UNIX_EPOCH);
        assert_eq!((listed.len(), now), (LISTED, 30));
    }
}

//! Which alerts an outage promises, by the engine's own policy, and what was told.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sync_core::watchdog::{AlertSink, Change, Notice, Policy};
use sync_core::{Clock, Result};

use super::time::Time;

/// How often the watchdog checks.
pub(super) const CHECK: TimeDelta = TimeDelta::minutes(5);

/// The longest pause of a failing flow, the longest period between two runs, the time an alert stays away before it is told to be
/// over, a check, and what the runs take.
const OVER: TimeDelta = TimeDelta::minutes(15 + 10 + 10 + 5 + 2);

pub(super) const ORDERS: &str = "demo/orders";
pub(super) const SUBMIT: &str = "demo/orders-submit";
pub(super) const CONTRACTORS: &str = "demo/orders-contractors";
pub(super) const STOCK: &str = "demo/stock";
pub(super) const PRICES: &str = "demo/retail-prices";

/// Something that goes wrong and is told, or is over before it has to be told.
#[derive(Debug)]
pub(super) struct Outage {
    name: &'static str,
    from: DateTime<Utc>,
    /// When its cause is gone.
    ends: DateTime<Utc>,
    /// Flow, code, and when it is told at the latest.
    promised: Vec<(&'static str, &'static str, DateTime<Utc>)>,
    /// Told or not, as it falls.
    allowed: Vec<(&'static str, &'static str)>,
}

impl Outage {
    pub(super) fn new(name: &'static str, from: DateTime<Utc>, ends: DateTime<Utc>) -> Self {
        Self { name, from, ends, promised: Vec::new(), allowed: Vec::new() }
    }

    /// No run of this flow comes to its end: late once its freshness has run out since the last one, which was before the outage.
    pub(super) fn keeps_from_ending(self, flow: &'static str, policy: &Policy) -> Self {
        let policy = policy.flows.iter().find(|policy| policy.flow.as_str() == flow).unwrap();
        let late = policy.freshness.ends(self.from).unwrap();
        let after = late - self.from;
        self.promises(flow, "late", after)
    }

    /// This is told after so long, at the next check. The outage lasts longer.
    pub(super) fn promises(mut self, flow: &'static str, code: &'static str, after: TimeDelta) -> Self {
        let by = self.from + after + CHECK;
        assert!(by < self.ends, "{}: too short to tell whether {flow} {code} is told", self.name);
        self.promised.push((flow, code, by));
        self
    }

    /// This may be told.
    pub(super) fn allows(mut self, flow: &'static str, code: &'static str) -> Self {
        self.allowed.push((flow, code));
        self
    }

    /// By then all is well again, and that was told.
    pub(super) fn over(&self) -> DateTime<Utc> {
        self.ends + OVER
    }

    fn explains(&self, told: &Told) -> bool {
        let is = |flow: &str, code: &str| told.flow == flow && told.code == code;
        (self.from..=self.over()).contains(&told.at)
            && (self.promised.iter().any(|(flow, code, _)| is(flow, code))
                || self.allowed.iter().any(|(flow, code)| is(flow, code)))
    }
}

/// A notice, and when it came.
#[derive(Debug)]
struct Told {
    at: DateTime<Utc>,
    change: Change,
    flow: String,
    code: String,
}

/// Somebody who reads all alerts.
#[derive(Debug)]
pub(super) struct Reader {
    time: Arc<Time>,
    told: Mutex<Vec<Told>>,
}

#[async_trait]
impl AlertSink for Reader {
    async fn tell(&self, notices: &[Notice]) -> Result<()> {
        let at = self.time.now();
        let told = notices.iter().map(|Notice { change, flow, code, .. }| Told {
            at,
            change: *change,
            flow: flow.clone(),
            code: code.clone(),
        });
        self.told.lock().unwrap().extend(told);
        Ok(())
    }
}

impl Reader {
    pub(super) fn new(time: Arc<Time>) -> Self {
        Self { time, told: Mutex::default() }
    }

    /// Each promised alert was told once, in time; each was told to be over; nothing else was told.
    pub(super) fn was_told_what_was_promised(&self, outages: &[Outage]) {
        let told = self.told.lock().unwrap();
        for told in told.iter() {
            assert!(outages.iter().any(|outage| outage.explains(told)), "nobody expects {told:?}");
        }
        for outage in outages {
            let Outage { name, from, promised, .. } = outage;
            for (flow, code, by) in promised {
                let during = |told: &&Told| {
                    (*from..=outage.over()).contains(&told.at) && told.flow == *flow && told.code == *code
                };
                let changes: Vec<_> = told.iter().filter(during).map(|told| (told.change, told.at)).collect();
                let [(Change::Raised, raised), (Change::Cleared, cleared)] = changes[..] else {
                    panic!(
                        "{name}: {flow} {code} is to be raised once by {by} and then over, not {changes:?}"
                    )
                };
                assert!(raised <= *by, "{name}: {flow} {code} was raised at {raised}, promised for {by}");
                assert!(cleared > outage.ends, "{name}: {flow} {code} was over at {cleared}");
            }
        }
        let raised = told.iter().filter(|told| told.change == Change::Raised).count();
        let cleared = told.iter().filter(|told| told.change == Change::Cleared).count();
        assert_eq!(raised, cleared, "all that was told is over");
    }
}

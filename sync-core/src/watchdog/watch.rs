//! What of the alerts is worth telling.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::alert::{Alert, Severity};
use super::freshness::delta;

/// Remembers what was told, so that an alert is told when it is raised, again after a while, and when it is cleared.
///
/// An alert that goes away and comes back before it was told to be cleared is the same one: nothing is told. As plain
/// data it can be kept over a restart (`serde`); who starts with a new one is told everything once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    remind_seconds: i64,
    calm_seconds: i64,
    told: Vec<Told>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Told {
    flow: String,
    part: String,
    code: String,
    severity: Severity,
    since: DateTime<Utc>,
    told_at: DateTime<Utc>,
    /// Since when it is no longer there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone_since: Option<DateTime<Utc>>,
}

/// Something to tell. `Serialize` gives the fields under their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Notice {
    /// What happened to the alert.
    pub change: Change,
    /// Its [code](super::AlertKind::as_str).
    pub code: String,
    /// The flow or job.
    pub flow: String,
    /// Its part, or the kind of acts.
    pub part: String,
    /// Since when it is so; of a cleared alert, since when it was so.
    pub since: DateTime<Utc>,
    /// How soon a person should look.
    pub severity: Severity,
    /// A sentence that says what to do.
    pub text: String,
}

/// What happened to an alert between two checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Change {
    /// It is new, or more severe than it was.
    Raised,
    /// It is still there: a reminder.
    Still,
    /// It is no longer there.
    Cleared,
}

impl Change {
    /// The stable id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Still => "still",
            Self::Cleared => "cleared",
        }
    }
}

impl Default for Watch {
    /// Reminds each day, and tells that an alert is cleared once it is gone for 10 minutes.
    fn default() -> Self {
        Self::new(Duration::from_secs(86_400), Duration::from_secs(600))
    }
}

impl Watch {
    /// Reminds of an alert that stays each `remind_after`, and tells that it is cleared once it was gone at all checks of
    /// the time `calm_after`. Both in whole seconds.
    #[must_use]
    pub fn new(remind_after: Duration, calm_after: Duration) -> Self {
        let seconds = |duration| i64::try_from(Duration::as_secs(&duration)).unwrap_or(i64::MAX);
        Self { remind_seconds: seconds(remind_after), calm_seconds: seconds(calm_after), told: Vec::new() }
    }

    /// Takes in the alerts of a check; gives what is to be told: what is raised or still there in the order of the alerts,
    /// then what is cleared in the order in which it was raised.
    pub fn update(&mut self, now: DateTime<Utc>, alerts: &[Alert]) -> Vec<Notice> {
        let mut notices = Vec::new();
        let before = self.told.len();
        let mut there = BTreeSet::new();
        for alert in alerts {
            let code = alert.kind.as_str();
            let severity = alert.kind.severity();
            let at = self.told.iter().position(|told| told.is(alert));
            there.extend(at);
            let change = match at.and_then(|at| self.told.get_mut(at)) {
                None => {
                    self.told.push(Told::of(alert, now));
                    Change::Raised
                }
                Some(told) => {
                    told.gone_since = None;
                    told.since = alert.since;
                    let change = if severity > told.severity {
                        Change::Raised
                    } else if now - told.told_at >= span(self.remind_seconds) {
                        Change::Still
                    } else {
                        continue;
                    };
                    (told.severity, told.told_at) = (severity, now);
                    change
                }
            };
            notices.push(Notice {
                change,
                code: code.to_owned(),
                flow: alert.flow.clone(),
                part: alert.part.clone(),
                since: alert.since,
                severity,
                text: alert.to_string(),
            });
        }
        let calm = span(self.calm_seconds);
        let mut at = 0;
        self.told.retain_mut(|told| {
            let gone = at < before && !there.contains(&at);
            at += 1;
            if !gone || now - *told.gone_since.get_or_insert(now) < calm {
                return true;
            }
            notices.push(told.cleared());
            false
        });
        notices
    }
}

fn span(seconds: i64) -> TimeDelta {
    delta(Duration::from_secs(u64::try_from(seconds).unwrap_or_default()))
}

impl Told {
    fn of(alert: &Alert, now: DateTime<Utc>) -> Self {
        Self {
            flow: alert.flow.clone(),
            part: alert.part.clone(),
            code: alert.kind.as_str().to_owned(),
            severity: alert.kind.severity(),
            since: alert.since,
            told_at: now,
            gone_since: None,
        }
    }

    fn is(&self, alert: &Alert) -> bool {
        self.flow == alert.flow && self.part == alert.part && self.code == alert.kind.as_str()
    }

    fn cleared(&self) -> Notice {
        let Self { flow, part, code, .. } = self;
        let whose = if part.is_empty() { flow.clone() } else { format!("{flow} ({part})") };
        Notice {
            change: Change::Cleared,
            code: code.clone(),
            flow: flow.clone(),
            part: part.clone(),
            since: self.since,
            severity: self.severity,
            text: format!("{whose}: {code} is over; nothing is to be done"),
        }
    }
}

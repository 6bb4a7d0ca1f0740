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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::alert::AlertKind;
    use super::*;
    use crate::error::ErrorKind;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn alert(flow: &str, kind: AlertKind) -> Alert {
        Alert { flow: flow.to_owned(), part: String::new(), since: at(0), kind }
    }

    fn told(watch: &mut Watch, seconds: i64, alerts: &[Alert]) -> Vec<(Change, String)> {
        let notices = watch.update(at(seconds), alerts);
        notices
            .into_iter()
            .map(|notice| (notice.change, format!("{} {}", notice.flow, notice.code)))
            .collect()
    }

    fn watch() -> Watch {
        Watch::new(Duration::from_secs(100), Duration::from_secs(10))
    }

    #[test]
    fn an_alert_is_told_when_it_is_raised_after_each_reminder_interval_and_when_it_stayed_away() {
        let mut watch = watch();
        let stuck = [alert("a", AlertKind::Stuck)];
        let said = |change| vec![(change, "a stuck".to_owned())];
        assert_eq!(told(&mut watch, 0, &stuck), said(Change::Raised));
        assert_eq!(told(&mut watch, 99, &stuck), []);
        assert_eq!(told(&mut watch, 100, &stuck), said(Change::Still));
        assert_eq!(told(&mut watch, 199, &stuck), []);
        assert_eq!(told(&mut watch, 201, &stuck), said(Change::Still));
        assert_eq!(told(&mut watch, 202, &[]), []);
        assert_eq!(told(&mut watch, 211, &[]), []);
        assert_eq!(told(&mut watch, 212, &[]), said(Change::Cleared));
        assert_eq!(told(&mut watch, 213, &[]), []);
        assert_eq!(watch, self::watch());
        assert_eq!(told(&mut watch, 214, &stuck), said(Change::Raised));
    }

    #[test]
    fn an_alert_that_comes_and_goes_is_told_once() {
        let mut watch = watch();
        let stuck = [alert("a", AlertKind::Stuck)];
        assert_eq!(told(&mut watch, 0, &stuck).len(), 1);
        for second in 1..99 {
            let there = if second % 2 == 0 { &stuck[..] } else { &[] };
            assert_eq!(told(&mut watch, second, there), [], "at {second}");
        }
    }

    #[test]
    fn what_gets_worse_is_told_at_once_and_what_merely_grows_is_not() {
        let mut watch = watch();
        let failing = |count, kind| [alert("a", AlertKind::Failing { count, kind: Some(kind) })];
        assert_eq!(told(&mut watch, 0, &failing(3, ErrorKind::Transient)).len(), 1);
        assert_eq!(told(&mut watch, 1, &failing(4, ErrorKind::Transient)), []);
        let worse = told(&mut watch, 2, &failing(5, ErrorKind::WentBack));
        assert_eq!(worse, [(Change::Raised, "a failing".to_owned())]);
        assert_eq!(told(&mut watch, 3, &failing(6, ErrorKind::Transient)), []);
    }

    #[test]
    fn after_a_restart_nothing_is_told_twice() {
        let mut before = watch();
        let alerts = [alert("a", AlertKind::Stuck), alert("b", AlertKind::NeverRan)];
        assert_eq!(told(&mut before, 0, &alerts).len(), 2);
        assert_eq!(told(&mut before, 1, &alerts[..1]), []);
        let mut after: Watch = serde_json::from_str(&serde_json::to_string(&before).unwrap()).unwrap();
        assert_eq!(after, before);
        assert_eq!(told(&mut after, 2, &alerts[..1]), []);
        assert_eq!(told(&mut after, 11, &alerts[..1]), [(Change::Cleared, "b never-ran".to_owned())]);
    }

    proptest! {
        #[test]
        fn told_and_cleared_alternate_and_what_is_told_last_is_what_is_there(
            checks in prop::collection::vec((1i64..30, any::<[bool; 3]>()), 1..40),
        ) {
            let mut watch = watch();
            let (mut now, mut open) = (0, [false; 3]);
            let flows = ["a", "b", "c"];
            let mut there_at: [Option<i64>; 3] = [None; 3];
            for (wait, there) in checks {
                now += wait;
                let present = |n: &usize| there[*n];
                let alerts: Vec<_> =
                    (0..3).filter(present).map(|n| alert(flows[n], AlertKind::Stuck)).collect();
                for notice in watch.update(at(now), &alerts) {
                    let n = flows.iter().position(|flow| *flow == notice.flow).unwrap();
                    match notice.change {
                        Change::Raised => prop_assert!(!std::mem::replace(&mut open[n], true)),
                        Change::Still => prop_assert!(open[n] && there[n]),
                        Change::Cleared => {
                            prop_assert!(std::mem::replace(&mut open[n], false));
                            prop_assert!(there_at[n].is_some_and(|last| now - last >= 10));
                        }
                    }
                }
                for n in 0..3 {
                    if there[n] {
                        there_at[n] = Some(now);
                        prop_assert!(open[n], "what is there was told");
                    }
                }
            }
            let gone = [now + 1, now + 11].map(|now| watch.update(at(now), &[]).len());
            let still_open = open.iter().filter(|open| **open).count();
            prop_assert_eq!(gone.iter().sum::<usize>(), still_open);
        }
    }
}

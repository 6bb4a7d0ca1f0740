//! What a person is told.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, Remedy};
use crate::job::Pause;

/// How soon a person should look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Severity {
    /// In the next days: everything that can go on does.
    Warning,
    /// Now: data ages or business stands still.
    Critical,
}

impl Severity {
    /// The stable id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// Something is not as the [policy](super::Policy) wants it. `Display` tells a person what to do. It holds names, codes
/// and numbers, no record's content.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Alert {
    /// The flow, or the job.
    pub flow: String,
    /// The flow's part, by its own name, empty for a job or a flow without parts; of an outbox, the kind of acts.
    pub part: String,
    /// Since when it is so: when freshness ended, or when what is complained of began.
    pub since: DateTime<Utc>,
    /// What it is.
    pub kind: AlertKind,
}

/// What is not as it should be. When each is raised and cleared is said [above](super).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlertKind {
    /// No cycle was ever completed.
    NeverRan,
    /// The last complete cycle is too long ago.
    Late {
        /// So many ticks of its schedule went by since; 0 without a schedule.
        missed: u64,
        /// When the last cycle was completed.
        last_ok_at: DateTime<Utc>,
        /// Why the job does not work, where that is known.
        pause: Option<Pause>,
    },
    /// A step is under way and does not get on.
    Stuck,
    /// Runs fail.
    Failing {
        /// So many in a row.
        count: u32,
        /// How the last one failed, where that is known.
        kind: Option<ErrorKind>,
    },
    /// It runs, but records do not go through.
    Degraded {
        /// So many live rejects, without removals that the target does not know.
        rejects: u64,
    },
    /// It runs, but is behind its source.
    Lagging {
        /// By so much.
        behind: TimeDelta,
    },
    /// Nobody knows whether acts happened, for too long.
    InDoubtAged {
        /// So many acts are in doubt.
        count: u64,
    },
    /// Acts that may have happened and cannot be looked up wait for a person.
    ManualWaiting {
        /// So many.
        count: u64,
    },
    /// Acts wait for a person's approval.
    HeldActs {
        /// So many.
        count: u64,
    },
    /// Acts are not carried out.
    ActsWaiting {
        /// So many are ready or being sent.
        count: u64,
    },
    /// Acts were refused.
    ActsRejected {
        /// So many by the reason's code.
        codes: BTreeMap<String, u64>,
    },
    /// A part holds back what a person has to approve.
    BrakeHeld {
        /// Removals, emptyings and rejects that are held.
        held: u64,
        /// What is to be [approved](crate::Flow::approve).
        token: String,
    },
    /// The credentials are refused.
    AuthDead,
    /// Two clocks differ.
    ClockSkew {
        /// By so much the other clock, or the store's past, is ahead of the store's clock; negative: behind.
        by: TimeDelta,
    },
}

impl AlertKind {
    /// The stable code.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NeverRan => "never-ran",
            Self::Late { .. } => "late",
            Self::Stuck => "stuck",
            Self::Failing { .. } => "failing",
            Self::Degraded { .. } => "degraded",
            Self::Lagging { .. } => "lagging",
            Self::InDoubtAged { .. } => "in-doubt-aged",
            Self::ManualWaiting { .. } => "manual-waiting",
            Self::HeldActs { .. } => "held-acts",
            Self::ActsWaiting { .. } => "acts-waiting",
            Self::ActsRejected { .. } => "acts-rejected",
            Self::BrakeHeld { .. } => "brake-held",
            Self::AuthDead => "auth-dead",
            Self::ClockSkew { .. } => "clock-skew",
        }
    }

    /// How soon a person should look.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::Failing { kind, .. } if kind.is_none_or(|kind| kind.remedy() == Remedy::Later) => {
                Severity::Warning
            }
            Self::Degraded { .. }
            | Self::Lagging { .. }
            | Self::HeldActs { .. }
            | Self::BrakeHeld { .. }
            | Self::ClockSkew { .. } => Severity::Warning,
            _ => Severity::Critical,
        }
    }

    /// Whether it says that a flow is older than its [`Freshness`](super::Freshness) allows: then no
    /// [`DeadMan`](super::DeadMan) is pinged.
    #[must_use]
    pub fn breaks_freshness(&self) -> bool {
        matches!(self, Self::NeverRan | Self::Late { .. })
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flow, part, since, kind } = self;
        match part.as_str() {
            "" => write!(f, "{flow}: "),
            part => write!(f, "{flow} ({part}): "),
        }?;
        match kind {
            AlertKind::NeverRan => write!(
                f,
                "no cycle was ever completed; look whether its process runs and what its log says, or take it out of the policy"
            ),
            AlertKind::Late { missed, last_ok_at, pause } => {
                write!(f, "no cycle was completed since {}", at(last_ok_at))?;
                if *missed > 0 {
                    write!(f, ", {missed} ticks of its schedule missed")?;
                }
                match pause {
                    None => write!(f, "; look whether its process runs and what its log says"),
                    Some(Pause::HeldElsewhere { until }) => {
                        write!(
                            f,
                            "; another process holds its lease until {}: look what that one does",
                            at(until)
                        )
                    }
                    Some(Pause::Throttled { until }) => {
                        write!(
                            f,
                            "; the other side asked for fewer calls until {}: wait, or raise its limit",
                            at(until)
                        )
                    }
                    Some(Pause::Auth { until }) => {
                        write!(
                            f,
                            "; its credentials are refused, next try at {}: renew the credentials",
                            at(until)
                        )
                    }
                    Some(Pause::Failing { until }) => {
                        write!(
                            f,
                            "; it fails and tries again at {}: look at its log and at the other side",
                            at(until)
                        )
                    }
                }
            }
            AlertKind::Stuck => {
                write!(
                    f,
                    "a run does not get on since {}; look what it waits for, restart its process",
                    at(since)
                )
            }
            AlertKind::Failing { count, kind } => {
                write!(f, "{count} runs failed in a row")?;
                if let Some(kind) = kind {
                    write!(f, ", last with {}", kind.code())?;
                }
                match kind.map(ErrorKind::remedy) {
                    Some(Remedy::Operator(cure)) => write!(f, "; {cure}"),
                    _ => write!(
                        f,
                        "; it tries again by itself; if it stays, look at its log, the other side and the network"
                    ),
                }
            }
            AlertKind::Degraded { rejects } => {
                write!(
                    f,
                    "{rejects} records do not go through; list the rejects, correct the records, then replay or drop them"
                )
            }
            AlertKind::Lagging { behind } => {
                write!(f, "{} behind its source; if it does not catch up, look why it is slow", Span(*behind))
            }
            AlertKind::InDoubtAged { count } => {
                write!(
                    f,
                    "nobody knows whether {count} acts happened; look whether the target can be asked, or look them up there by hand and resolve each"
                )
            }
            AlertKind::ManualWaiting { count } => {
                write!(
                    f,
                    "{count} acts may have happened and cannot be looked up; look them up in the target, resolve those that are there, release the others"
                )
            }
            AlertKind::HeldActs { count } => {
                write!(
                    f,
                    "{count} acts wait for approval; look why each is held, then release it or give it up"
                )
            }
            AlertKind::ActsWaiting { count } => {
                write!(
                    f,
                    "{count} acts are not carried out; look whether the dispatcher runs and the target answers, and what holds earlier acts"
                )
            }
            AlertKind::ActsRejected { codes } => {
                let mut between = "the target refused acts: ";
                for (code, count) in codes {
                    write!(f, "{between}{count} × {code}")?;
                    between = ", ";
                }
                write!(
                    f,
                    "; cure the reason (a closed period, a missing record), then release them, or resolve what was seen to by hand"
                )
            }
            AlertKind::BrakeHeld { held, token } => {
                write!(
                    f,
                    "{held} removals, emptyings or rejects are held back; look whether they are right, then approve {token}"
                )
            }
            AlertKind::AuthDead => write!(f, "the credentials are refused; renew the credentials"),
            AlertKind::ClockSkew { by } => {
                let way = if *by < TimeDelta::zero() { "behind" } else { "ahead of" };
                write!(f, "a clock is {} {way} the store's; set the clocks of both machines", Span(by.abs()))
            }
        }
    }
}

/// An instant to the second.
fn at(instant: &DateTime<Utc>) -> impl fmt::Display {
    instant.format("%Y-%m-%d %H:%M:%S UTC")
}

/// A time span for people: its two largest units.
struct Span(TimeDelta);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, hours) = (self.0.num_days(), self.0.num_hours());
        let (minutes, seconds) = (self.0.num_minutes(), self.0.num_seconds());
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{seconds} s"),
            (0, 0, _) => write!(f, "{minutes} min"),
            (0, ..) => write!(f, "{hours} h {} min", minutes % 60),
            _ => write!(f, "{days} d {} h", hours % 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn all() -> Vec<AlertKind> {
        let (count, at) = (2, DateTime::UNIX_EPOCH);
        vec![
            AlertKind::NeverRan,
            AlertKind::Late { missed: 3, last_ok_at: at, pause: Some(Pause::Throttled { until: at }) },
            AlertKind::Stuck,
            AlertKind::Failing { count: 2, kind: Some(ErrorKind::WentBack) },
            AlertKind::Failing { count: 2, kind: Some(ErrorKind::Transient) },
            AlertKind::Failing { count: 2, kind: None },
            AlertKind::Degraded { rejects: count },
            AlertKind::Lagging { behind: TimeDelta::minutes(90) },
            AlertKind::InDoubtAged { count },
            AlertKind::ManualWaiting { count },
            AlertKind::HeldActs { count },
            AlertKind::ActsWaiting { count },
            AlertKind::ActsRejected { codes: BTreeMap::from([("period-closed".to_owned(), 2)]) },
            AlertKind::BrakeHeld { held: count, token: "ab12cd34".to_owned() },
            AlertKind::AuthDead,
            AlertKind::ClockSkew { by: TimeDelta::minutes(-3) },
        ]
    }

    #[test]
    fn every_code_is_one_of_its_own_and_every_sentence_says_what_to_do() {
        let codes: BTreeSet<_> = all().iter().map(AlertKind::as_str).collect();
        assert_eq!(codes.len(), all().len() - 2, "three sentences are of one code");
        let said: Vec<_> = all()
            .into_iter()
            .map(|kind| Alert {
                flow: "shop/stock".to_owned(),
                part: "F".to_owned(),
                since: DateTime::UNIX_EPOCH,
                kind,
            })
            .map(|alert| alert.to_string())
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}

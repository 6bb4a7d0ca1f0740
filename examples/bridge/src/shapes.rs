//! The shapes of `--json` that several commands have: stable, documented in `docs/commands.md`.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sync_core::{ActStatus, Counts, JobEnd, Pause, Reject, Report};

use crate::error::remedy;
use crate::refusals::is_seen_to;

/// A run of a flow.
#[derive(Debug, Serialize)]
pub(crate) struct Run<'a> {
    flow: &'a str,
    /// `done`, `paused`, `stopped`, `failed`.
    end: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_to_do: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_until: Option<DateTime<Utc>>,
    read: u64,
    sent: u64,
    unchanged: u64,
    left_out: u64,
    rejected: u64,
    in_doubt: u64,
    waiting: u64,
    milliseconds: u64,
}

impl<'a> Run<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        let Counts { fetched, applied, unchanged, left_out, rejected, in_doubt, postponed, .. } =
            report.counts;
        let failed = match &report.end {
            JobEnd::Failed(error) => Some(error),
            _ => None,
        };
        let paused_until = match &report.end {
            JobEnd::Paused(pause) => Some(pause.until()),
            _ => None,
        };
        Self {
            flow: &report.name,
            end: report.end.as_str(),
            error: failed.map(ToString::to_string),
            what_to_do: failed.and_then(remedy),
            paused_until,
            read: fetched,
            sent: applied,
            unchanged,
            left_out,
            rejected,
            in_doubt,
            waiting: postponed,
            milliseconds: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// An act that somebody may have to see to.
#[derive(Debug, Serialize)]
pub(crate) struct Doubt<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) state: &'static str,
    pub(crate) attempts: u32,
    pub(crate) changed_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_at: Option<DateTime<Utc>>,
    /// The reason's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'a str>,
    /// The other system's own words: for a person's eyes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) waits_for: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) number: Option<&'a str>,
    pub(crate) what_to_do: &'static str,
}

impl<'a> Doubt<'a> {
    pub(crate) fn of(status: &'a ActStatus) -> Self {
        let created = status.created.as_ref();
        Self {
            name: status.act.op_key.as_str(),
            kind: status.act.kind.as_str(),
            state: status.state.as_str(),
            attempts: status.act.attempt,
            changed_at: status.changed_at,
            next_at: status.next_at,
            reason: status.reason.as_ref().map(|reason| reason.code()),
            detail: status.reason.as_ref().and_then(|reason| reason.detail()),
            waits_for: status.waits_for_acts.iter().map(|op_key| op_key.as_str()).collect(),
            document: created.map(|created| created.target_id.as_str()),
            number: created.and_then(|created| created.number.as_deref()),
            what_to_do: cure(status),
        }
    }
}

/// What a person does about an act.
fn cure(status: &ActStatus) -> &'static str {
    use sync_core::ActState;
    match status.state {
        ActState::Ready if !status.waits_for_acts.is_empty() => {
            "nothing: it goes once what it waits for is done"
        }
        ActState::Ready => "nothing: it was not sent, the next round tries again",
        ActState::Sending => {
            "nothing: it is under way; if its process died, it is looked up once its claim lapses"
        }
        ActState::InDoubt => "nothing: a later round looks up whether it happened",
        ActState::Held => {
            "look at the reason, then `bridge doubts release` it, or `bridge doubts resolve --given-up`"
        }
        ActState::Manual => {
            "look it up in the other system: `bridge doubts resolve --found ID` if it is there, `bridge doubts release` if not"
        }
        ActState::Rejected if is_seen_to(status) => "nothing: it was given up, or refused long ago",
        ActState::Rejected => {
            "cure the reason there, then `bridge doubts release` it; or correct it on the portal, or `bridge doubts resolve --given-up`"
        }
        _ => "nothing",
    }
}

/// A record that was turned away.
#[derive(Debug, Serialize)]
pub(crate) struct Turned<'a> {
    pub(crate) flow: &'a str,
    /// The flow's part; empty for the whole.
    pub(crate) part: &'a str,
    pub(crate) key: &'a str,
    /// `decode`, `map`, `sink`, `outbox`, `link`, `brake`.
    pub(crate) stage: &'static str,
    /// The reason's code.
    pub(crate) reason: &'a str,
    /// Words for a person's eyes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<&'a str>,
    /// The link that would help: `kind:id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) waits_for: Option<String>,
    pub(crate) first_seen: DateTime<Utc>,
    pub(crate) last_seen: DateTime<Utc>,
    pub(crate) attempts: u32,
    /// It is looked up again with the flow's next run.
    pub(crate) due: bool,
}

impl<'a> Turned<'a> {
    pub(crate) fn of(reject: &'a Reject) -> Self {
        let waits_for = reject.reason.waits_for();
        Self {
            flow: reject.part.flow().as_str(),
            part: reject.part.name(),
            key: reject.key.as_str(),
            stage: reject.stage.as_str(),
            reason: reject.reason.code(),
            detail: reject.reason.detail(),
            waits_for: waits_for.map(|link| format!("{}:{}", link.kind, link.id)),
            first_seen: reject.first_seen,
            last_seen: reject.last_seen,
            attempts: reject.attempts,
            due: reject.due,
        }
    }
}

/// Why a run could not work, in words.
pub(crate) fn pause_in_words(pause: &Pause) -> &'static str {
    match pause {
        Pause::HeldElsewhere { .. } => "is still held by another process",
        Pause::Throttled { .. } => "waits as the other side asked",
        Pause::Auth { .. } => "waits: its credentials are refused",
        _ => "waits after several failures",
    }
}

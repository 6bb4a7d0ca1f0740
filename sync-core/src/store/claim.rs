//! Claims of acts, and how they end.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::act::{Act, ActState, Created};
use crate::error::Reason;
use crate::name::{ActKind, Holder};

/// What a dispatcher wants to claim.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClaimRequest {
    /// Kinds of acts.
    pub kinds: Vec<ActKind>,
    /// Who claims.
    pub holder: Holder,
    /// For how long, unless extended.
    pub ttl: Duration,
    /// At most so many.
    pub limit: usize,
    /// How long after a lapsed claim its act is looked up at the earliest.
    pub visibility_lag: Duration,
}

impl ClaimRequest {
    /// Claims up to `limit` acts of these kinds for `ttl`.
    #[must_use]
    pub fn new(kinds: Vec<ActKind>, holder: Holder, ttl: Duration, limit: usize) -> Self {
        Self { kinds, holder, ttl, limit, visibility_lag: Duration::ZERO }
    }

    /// Waits so long after a lapsed claim before the look-up.
    #[must_use]
    pub fn with_visibility_lag(mut self, lag: Duration) -> Self {
        self.visibility_lag = lag;
        self
    }
}

/// An act in the hands of one dispatcher.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Claim {
    /// The act.
    pub act: Act,
    /// Number of this claim of the act: guards the settlement.
    pub number: u64,
    /// What to do with it.
    pub task: ClaimTask,
    /// When it lapses unless extended.
    pub until: DateTime<Utc>,
}

impl Claim {
    /// Claim `number` of an act: for stores.
    #[must_use]
    pub fn new(act: Act, number: u64, task: ClaimTask, until: DateTime<Utc>) -> Self {
        Self { act, number, task, until }
    }
}

/// What a claim is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimTask {
    /// Submit it.
    Submit,
    /// Look it up: it is in doubt.
    LookUp {
        /// How many look-ups have not found it so far.
        misses: u32,
    },
}

/// How a claim ends.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Settlement {
    /// It happened.
    Done(Created),
    /// It surely did not happen: it is submitted again, at the earliest after `after`.
    Again {
        /// How long to wait.
        after: Duration,
        /// Why.
        reason: Reason,
    },
    /// Nobody knows: it is looked up, at the earliest after `after`.
    InDoubt {
        /// How long to wait.
        after: Duration,
        /// How many look-ups have not found it so far.
        misses: u32,
        /// Why.
        reason: Reason,
    },
    /// It waits for a person's approval.
    Held(Reason),
    /// In doubt, and cannot be looked up.
    Manual(Reason),
    /// The target refused it.
    Rejected(Reason),
}

impl Settlement {
    /// The state it leads to.
    #[must_use]
    pub fn state(&self) -> ActState {
        match self {
            Self::Done(_) => ActState::Done,
            Self::Again { .. } => ActState::Ready,
            Self::InDoubt { .. } => ActState::InDoubt,
            Self::Held(_) => ActState::Held,
            Self::Manual(_) => ActState::Manual,
            Self::Rejected(_) => ActState::Rejected,
        }
    }

    /// Why, where there is a reason.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Done(_) => None,
            Self::Again { reason, .. } | Self::InDoubt { reason, .. } => Some(reason),
            Self::Held(reason) | Self::Manual(reason) | Self::Rejected(reason) => Some(reason),
        }
    }

    /// Whether a change that came while the act was under way is decided anew. `may_exist`: it has been in doubt.
    pub(crate) fn lets_changes_in(&self, may_exist: bool) -> bool {
        match self {
            Self::Done(_) | Self::Rejected(_) => true,
            Self::Again { .. } | Self::Held(_) => !may_exist,
            Self::InDoubt { .. } | Self::Manual(_) => false,
        }
    }
}

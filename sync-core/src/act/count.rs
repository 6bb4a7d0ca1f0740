//! How many acts stand where.

use chrono::{DateTime, Utc};

use super::ActState;
use crate::name::ActKind;

/// How many acts of one kind stand in one state for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActCount {
    /// What sort of acts.
    pub kind: ActKind,
    /// Where they stand. An act that is being looked up counts as in doubt.
    pub state: ActState,
    /// The [code](crate::Reason::code) of the reason for which they stand there.
    pub code: Option<String>,
    /// So many, at least one.
    pub count: u64,
    /// When the one that waits longest entered the outbox, or was let go by a person.
    pub oldest_enqueued_at: DateTime<Utc>,
    /// The earliest instant at which the state of one of them changed last. Each look-up changes it.
    pub oldest_changed_at: DateTime<Utc>,
}

impl ActCount {
    /// One act: for stores, which [add](Self::add) the others, and for tests.
    #[must_use]
    pub fn one(
        kind: impl Into<ActKind>,
        state: ActState,
        code: Option<String>,
        enqueued_at: DateTime<Utc>,
        changed_at: DateTime<Utc>,
    ) -> Self {
        Self {
            kind: kind.into(),
            state,
            code,
            count: 1,
            oldest_enqueued_at: enqueued_at,
            oldest_changed_at: changed_at,
        }
    }

    /// Counts `others` of the same kind, state and reason too.
    pub fn add(&mut self, others: &Self) {
        self.count = self.count.saturating_add(others.count);
        self.oldest_enqueued_at = self.oldest_enqueued_at.min(others.oldest_enqueued_at);
        self.oldest_changed_at = self.oldest_changed_at.min(others.oldest_changed_at);
    }

    /// What is counted together.
    pub(crate) fn group(&self) -> (&ActKind, ActState, Option<&str>) {
        (&self.kind, self.state, self.code.as_deref())
    }
}

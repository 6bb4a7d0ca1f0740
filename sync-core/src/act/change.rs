//! What a flow wants of the outbox, and what becomes of it.

use super::NewAct;
use crate::fingerprint::Fingerprint;
use crate::name::OpKey;

/// What a flow wants of the outbox, within its commit.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ActChange {
    /// Put this in, or replace what waits under the same op key.
    Enqueue {
        /// The act.
        act: NewAct,
        /// The record's fingerprint, kept as sent unless the outcome is [`TooLate`](ActOutcome::TooLate).
        fingerprint: Fingerprint,
    },
    /// Take it out, if it surely has not happened: its record is gone.
    Withdraw {
        /// The act's name.
        op_key: OpKey,
    },
    /// The same, of a record that is there and is not meant for the target now. If it comes too late, that is a change: what the record
    /// is meant for is asked again.
    LeaveOut {
        /// The act's name.
        op_key: OpKey,
    },
}

impl ActChange {
    /// The act's name.
    #[must_use]
    pub fn op_key(&self) -> &OpKey {
        match self {
            Self::Enqueue { act, .. } => &act.op_key,
            Self::Withdraw { op_key } | Self::LeaveOut { op_key } => op_key,
        }
    }

    /// The record's fingerprint; a withdrawal has none.
    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::Enqueue { fingerprint, .. } => Some(*fingerprint),
            Self::Withdraw { .. } | Self::LeaveOut { .. } => None,
        }
    }
}

/// What became of an [`ActChange`], decided inside the store's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ActOutcome {
    /// It is new and waits.
    Enqueued,
    /// The same business fact is there already: nothing was done.
    Same,
    /// It surely has not happened (it waits, is held, or was refused): the newer version waits in its place, and a release
    /// is void.
    Replaced,
    /// What surely has not happened (it waits, is held, or was refused) is gone: it was withdrawn, or changed back to what the
    /// target has.
    Dropped,
    /// The document is there, and an act that edits it waits.
    Edited,
    /// The document is there, and an act that cancels it waits.
    Cancelled,
    /// It has happened, is under way, or may have happened: it stays as it is, and a reject of this code was stored. If the act
    /// was under way, the reject becomes due once it is settled, or waits again and surely has not happened.
    ///
    /// - [`changed-after-transfer`](crate::Reason::CHANGED_AFTER_TRANSFER): then the record is looked up again, and its newest version gets in
    ///   as far as that is possible then. A source that cannot look up brings it with its next full pass, if it has any; otherwise
    ///   the reject stays for a person.
    /// - [`withdrawn-after-transfer`](crate::Reason::WITHDRAWN_AFTER_TRANSFER): then the withdrawal is decided anew. The source has told it,
    ///   and is not asked again.
    TooLate(&'static str),
    /// There was nothing to withdraw, or it is being cancelled already.
    Unknown,
}

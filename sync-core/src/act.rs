//! Acts: things that may happen once, such as an order.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::name::{ActKind, OpKey, OrderKey, TargetId};

mod change;
mod count;
mod created;
mod decision;
mod new_act;
mod payload;
mod release;
mod state;
mod status;
mod verdict;

pub use change::{ActChange, ActOutcome};
pub use count::ActCount;
pub use created::Created;
pub(crate) use decision::act_link;
pub use decision::{Decision, NewVersion, VersionState, decide};
pub use new_act::NewAct;
pub use payload::Payload;
pub use release::Release;
pub(crate) use release::let_go;
pub use state::ActState;
pub use status::ActStatus;
pub use verdict::Verdict;

/// Namespace of the guids of all acts. Never changes: a repeat must carry the guid of the first attempt.
const GUID_NAMESPACE: Uuid = Uuid::from_u128(0x8f1d_7a52_3c0e_5b6d_9a41_2e7f_60c8_b3d5);

/// An act that has to be done before another.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prerequisite {
    /// Its name.
    pub op_key: OpKey,
    /// What the target calls what it made, once it is done.
    pub target_id: Option<TargetId>,
}

impl Prerequisite {
    /// The act of this name, with the target's id once it is done.
    #[must_use]
    pub fn new(op_key: impl Into<OpKey>, target_id: Option<TargetId>) -> Self {
        Self { op_key: op_key.into(), target_id }
    }
}

/// An act as a submitter gets it: the one that makes a document (version 0), or an edit or the cancellation of one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Act {
    /// Its name for ever.
    pub op_key: OpKey,
    /// The op key of the act that makes the document; [`act_guid`] of it is the document's guid.
    pub document: OpKey,
    /// Which version of the document it makes, from 0.
    pub version: u32,
    /// What the target calls the document, once version 0 is done: what an edit or a cancellation is about.
    pub document_id: Option<TargetId>,
    /// The acts that had to be done before.
    pub after: Vec<Prerequisite>,
    /// Acts of one order key keep their order.
    pub order_key: OrderKey,
    /// What sort of act.
    pub kind: ActKind,
    /// The frozen request: the same at each attempt. Of an act that was settled long ago an empty text, once it was
    /// [pruned](crate::Store::prune).
    pub payload: Payload,
    /// UUIDv5 of its own op key: the idempotency key where the target has one.
    pub guid: Uuid,
    /// Number of this attempt to submit, from 1. A look-up does not count.
    pub attempt: u32,
    /// Set once a person has released it after it was held.
    pub released: Option<Release>,
    /// When it entered the outbox, or a person let it go last, or a newer version took the place of one that waited for a person.
    pub enqueued_at: DateTime<Utc>,
}

impl Act {
    /// An act with this name and payload at its first attempt: for stores and for tests of submitters.
    #[must_use]
    pub fn new(
        op_key: impl Into<OpKey>,
        order_key: impl Into<OrderKey>,
        kind: impl Into<ActKind>,
        payload: Payload,
        enqueued_at: DateTime<Utc>,
    ) -> Self {
        let op_key = op_key.into();
        Self {
            guid: act_guid(&op_key),
            document: op_key.clone(),
            version: 0,
            document_id: None,
            after: Vec::new(),
            op_key,
            order_key: order_key.into(),
            kind: kind.into(),
            payload,
            attempt: 1,
            released: None,
            enqueued_at,
        }
    }

    /// The act as this version of a document, which the target calls `id`.
    #[must_use]
    pub fn of_document(mut self, document: impl Into<OpKey>, version: u32, id: Option<TargetId>) -> Self {
        self.document = document.into();
        self.version = version;
        self.document_id = id;
        self
    }

    /// The act with those that had to be done before.
    #[must_use]
    pub fn with_prerequisites(mut self, after: Vec<Prerequisite>) -> Self {
        self.after = after;
        self
    }

    /// The same act at attempt `attempt`, released or not.
    #[must_use]
    pub fn at(mut self, attempt: u32, released: Option<Release>) -> Self {
        self.attempt = attempt;
        self.released = released;
        self
    }
}

/// The guid of the act with this name: UUIDv5 under a namespace that never changes.
#[must_use]
pub fn act_guid(op_key: &OpKey) -> Uuid {
    Uuid::new_v5(&GUID_NAMESPACE, op_key.as_str().as_bytes())
}

//! What a mapper puts into the outbox.

use std::fmt;

use serde::Serialize;

use super::{Payload, decision};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::name::{ActKind, OpKey, OrderKey};

/// An act to be put into the outbox: what the mapper of an outbox flow makes. `Debug` shows keys only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NewAct {
    /// Its name for ever.
    pub op_key: OpKey,
    /// Acts of one order key keep their order.
    pub order_key: OrderKey,
    /// What sort of act.
    pub kind: ActKind,
    /// The frozen request.
    pub payload: Payload,
    /// Hash over the business fields alone: what makes it another order if it changes.
    pub business_hash: Fingerprint,
    /// The kind of the acts by which its document is edited, where the target offers that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edit_kind: Option<ActKind>,
    /// The kind of the act by which its document is cancelled, where the target offers that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancel_kind: Option<ActKind>,
    /// The acts that have to be done before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<OpKey>,
    /// Changes that come once it is under way are somebody else's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub changes_elsewhere: bool,
}

impl NewAct {
    /// An act named `op_key`. `payload` is frozen whole; `business` are the fields whose change makes it another
    /// business fact (positions, quantities, prices; not stamps and statuses).
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if either does not serialise, or the op key ends in `#` and a number: so end those
    /// of edits and cancellations.
    pub fn new<P, B>(
        op_key: impl Into<OpKey>,
        order_key: impl Into<OrderKey>,
        kind: impl Into<ActKind>,
        payload: &P,
        business: &B,
    ) -> Result<Self>
    where
        P: Serialize + ?Sized,
        B: Serialize + ?Sized,
    {
        let op_key = op_key.into();
        if decision::names_a_version(&op_key) {
            return Err(Error::bug("an op key ends in `#` and a number, as those of edits do"));
        }
        Ok(Self {
            op_key,
            order_key: order_key.into(),
            kind: kind.into(),
            payload: Payload::of(payload)?,
            business_hash: Fingerprint::of(business)?,
            edit_kind: None,
            cancel_kind: None,
            after: Vec::new(),
            changes_elsewhere: false,
        })
    }

    /// Once it is done, a change of it becomes an act of this kind on the same document, with the changed request.
    /// Without, it becomes a reject [`changed-after-transfer`](crate::Reason::CHANGED_AFTER_TRANSFER).
    #[must_use]
    pub fn with_edits(mut self, kind: impl Into<ActKind>) -> Self {
        self.edit_kind = Some(kind.into());
        self
    }

    /// Once it is done, its withdrawal becomes an act of this kind on the same document, with the payload `null`.
    /// Without, it becomes a reject [`withdrawn-after-transfer`](crate::Reason::WITHDRAWN_AFTER_TRANSFER).
    #[must_use]
    pub fn with_cancel(mut self, kind: impl Into<ActKind>) -> Self {
        self.cancel_kind = Some(kind.into());
        self
    }

    /// Once it is under way or done, a change of it is nothing: another flow brings changes to the target, as of a client that an
    /// act creates and a flow to a sink keeps up to date. Before that, and after a refusal, a newer version takes its place as
    /// ever. A withdrawal is not meant by this.
    #[must_use]
    pub fn with_changes_elsewhere(mut self) -> Self {
        self.changes_elsewhere = true;
        self
    }

    /// It waits until the act of this name is done, as an order waits for its new client. It waits as well while there is
    /// no such act, and if that was refused.
    ///
    /// An act of its own order key has to be enqueued before it: a later one would wait for it in turn, and neither be sent.
    /// Where two flows enqueue them, give them different order keys.
    #[must_use]
    pub fn after(mut self, op_key: impl Into<OpKey>) -> Self {
        self.after.push(op_key.into());
        self
    }
}

impl fmt::Debug for NewAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewAct")
            .field("op_key", &self.op_key)
            .field("order_key", &self.order_key)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

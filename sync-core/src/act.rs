//! Acts: things that may happen once, such as an order.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::link::Link;
use crate::name::{ActKind, OpKey, OrderKey, TargetId};

/// Namespace of the guids of all acts. Never changes: a repeat must carry the guid of the first attempt.
const GUID_NAMESPACE: Uuid = Uuid::from_u128(0x8f1d_7a52_3c0e_5b6d_9a41_2e7f_60c8_b3d5);

/// A frozen request body. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Payload(String);

impl Payload {
    /// Freezes `value` as JSON.
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if it does not serialise.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        serde_json::to_string(value)
            .map(Self)
            // the message of what does not serialise may quote it, so it is not kept as the cause
            .map_err(|_| Error::bug("a payload does not serialise"))
    }

    /// Takes JSON as it was stored.
    #[must_use]
    pub fn from_json(json: impl Into<String>) -> Self {
        Self(json.into())
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Reads it back. Money inside keeps its digits only if `T` reads it so (through `RawValue` or a string).
    ///
    /// # Errors
    /// [`UnknownFormat`](crate::ErrorKind::UnknownFormat) if it is no `T`: another version froze it.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.0).map_err(|_| {
            // serde_json's message quotes the content, so it is not kept as the cause
            Error::new(
                crate::ErrorKind::UnknownFormat,
                "a stored payload has another shape than this version's",
            )
        })
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

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
}

impl NewAct {
    /// An act named `op_key`. `payload` is frozen whole; `business` are the fields whose change makes it another
    /// business fact (positions, quantities, prices; not stamps and statuses).
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if either does not serialise.
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
        Ok(Self {
            op_key: op_key.into(),
            order_key: order_key.into(),
            kind: kind.into(),
            payload: Payload::of(payload)?,
            business_hash: Fingerprint::of(business)?,
        })
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

/// An act as a submitter gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Act {
    /// Its name for ever.
    pub op_key: OpKey,
    /// Acts of one order key keep their order.
    pub order_key: OrderKey,
    /// What sort of act.
    pub kind: ActKind,
    /// The frozen request: the same at each attempt.
    pub payload: Payload,
    /// UUIDv5 of the op key: the idempotency key where the target has one.
    pub guid: Uuid,
    /// Number of this attempt to submit, from 1. A look-up does not count.
    pub attempt: u32,
    /// Set once a person has released it after it was held.
    pub released: Option<Release>,
    /// When it entered the outbox.
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
            op_key,
            order_key: order_key.into(),
            kind: kind.into(),
            payload,
            attempt: 1,
            released: None,
            enqueued_at,
        }
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

/// Who let a held act go, and why. `Debug` shows the instant only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Release {
    /// The person.
    pub by: String,
    /// The person's words.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Release {
    /// A release by a person.
    #[must_use]
    pub fn new(by: impl Into<String>, reason: impl Into<String>, at: DateTime<Utc>) -> Self {
        Self { by: by.into(), reason: reason.into(), at }
    }
}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Release(at {})", self.at)
    }
}

/// What an act made in the target. `Debug` shows the target id only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Created {
    /// The target's id of it.
    pub target_id: TargetId,
    /// Its number for people, as far as the target has given one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Links to store with it.
    #[serde(skip)]
    pub links: Vec<Link>,
    /// What a person should know about it although it went through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

impl Created {
    /// Created under this id.
    #[must_use]
    pub fn new(target_id: impl Into<TargetId>) -> Self {
        Self { target_id: target_id.into(), number: None, links: Vec::new(), remarks: Vec::new() }
    }

    /// With its number for people.
    #[must_use]
    pub fn with_number(mut self, number: impl Into<String>) -> Self {
        self.number = Some(number.into());
        self
    }

    /// With a link to store in the same commit.
    #[must_use]
    pub fn with_link(mut self, link: Link) -> Self {
        self.links.push(link);
        self
    }

    /// With a remark for a person.
    #[must_use]
    pub fn with_remark(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }
}

impl fmt::Debug for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Created({})", self.target_id)
    }
}

/// Where an act stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ActState {
    /// Waits for its (next) attempt.
    Ready,
    /// Claimed by a dispatcher.
    Sending,
    /// Nobody knows whether it happened: it is looked up, not repeated.
    InDoubt,
    /// Waits for a person's approval.
    Held,
    /// In doubt, and cannot be looked up: a person decides.
    Manual,
    /// It happened.
    Done,
    /// The target refused it.
    Rejected,
}

impl ActState {
    /// The stable id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Sending => "sending",
            Self::InDoubt => "in_doubt",
            Self::Held => "held",
            Self::Manual => "manual",
            Self::Done => "done",
            Self::Rejected => "rejected",
        }
    }

    /// The state with this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        [Self::Ready, Self::Sending, Self::InDoubt, Self::Held, Self::Manual, Self::Done, Self::Rejected]
            .into_iter()
            .find(|state| state.as_str() == id)
    }

    /// Nothing more will happen to it by itself or by a person's release.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Rejected)
    }
}

/// An act as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActStatus {
    /// The act; [`Act::attempt`] is the number of attempts so far.
    pub act: Act,
    /// Where it stands.
    pub state: ActState,
    /// When it is looked at next, or until when it is claimed.
    pub next_at: Option<DateTime<Utc>>,
    /// Why it stands there.
    pub reason: Option<Reason>,
    /// What it made.
    pub created: Option<Created>,
    /// When its state changed last.
    pub changed_at: DateTime<Utc>,
    /// Hash over its business fields.
    pub business_hash: Fingerprint,
    /// It has been in doubt: it may have happened, whatever its state says.
    pub may_exist: bool,
}

impl ActStatus {
    /// An act in a state: for stores.
    #[must_use]
    pub fn new(act: Act, state: ActState, changed_at: DateTime<Utc>) -> Self {
        Self {
            act,
            state,
            next_at: None,
            reason: None,
            created: None,
            changed_at,
            business_hash: Fingerprint::from_bytes([0; 16]),
            may_exist: false,
        }
    }
}

/// How many acts of one kind stand in one state for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActCount {
    /// What sort of acts.
    pub kind: ActKind,
    /// Where they stand. An act that is being looked up counts as in doubt.
    pub state: ActState,
    /// The [code](Reason::code) of the reason for which they stand there.
    pub code: Option<String>,
    /// So many, at least one.
    pub count: u64,
    /// When the one that waits longest entered the outbox.
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

/// What a flow wants of the outbox, within its commit.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ActChange {
    /// Put this in, or replace what waits under the same op key.
    Enqueue {
        /// The act.
        act: NewAct,
        /// The record's fingerprint, kept as sent unless the outcome is
        /// [`ChangedAfterTransfer`](ActOutcome::ChangedAfterTransfer).
        fingerprint: Fingerprint,
    },
    /// Take it out, if it surely has not happened.
    Withdraw {
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
            Self::Withdraw { op_key } => op_key,
        }
    }

    /// The record's fingerprint; a withdrawal has none.
    pub(crate) fn fingerprint(&self) -> Option<Fingerprint> {
        match self {
            Self::Enqueue { fingerprint, .. } => Some(*fingerprint),
            Self::Withdraw { .. } => None,
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
    /// It surely has not happened and is gone.
    Dropped,
    /// It has happened, is under way, or may have happened: it stays as it is, and a reject
    /// [`changed-after-transfer`](Reason::CHANGED_AFTER_TRANSFER) was stored.
    ChangedAfterTransfer,
    /// There was nothing to withdraw.
    Unknown,
}

/// The decision of [`ActOutcome`]: one place, so that all stores decide alike. `existing` is the stored act's state,
/// whether it may have happened (it has been in doubt), and its business hash.
#[must_use]
pub fn decide(existing: Option<(ActState, bool, Fingerprint)>, change: &ActChange) -> ActOutcome {
    use ActState::{Held, Ready, Rejected};
    match (existing, change) {
        (None, ActChange::Enqueue { .. }) => ActOutcome::Enqueued,
        (None, ActChange::Withdraw { .. }) => ActOutcome::Unknown,
        (Some((_, _, hash)), ActChange::Enqueue { act, .. }) if hash == act.business_hash => ActOutcome::Same,
        (Some((Ready | Held | Rejected, false, _)), ActChange::Enqueue { .. }) => ActOutcome::Replaced,
        (Some((Ready | Held, false, _)), ActChange::Withdraw { .. }) => ActOutcome::Dropped,
        (Some((Rejected, false, _)), ActChange::Withdraw { .. }) => ActOutcome::Unknown,
        (Some(_), _) => ActOutcome::ChangedAfterTransfer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_follow_state_and_business_hash() {
        let act = NewAct::new("op", "k", "order", &1, &"new").unwrap();
        let hash = act.business_hash;
        let other = Fingerprint::of("old").unwrap();
        let enqueue = ActChange::Enqueue { act, fingerprint: hash };
        let withdraw = ActChange::Withdraw { op_key: "op".into() };
        assert_eq!(decide(None, &enqueue), ActOutcome::Enqueued);
        assert_eq!(decide(None, &withdraw), ActOutcome::Unknown);
        for state in [ActState::Ready, ActState::Held, ActState::Rejected] {
            assert_eq!(decide(Some((state, false, hash)), &enqueue), ActOutcome::Same);
            assert_eq!(decide(Some((state, false, other)), &enqueue), ActOutcome::Replaced);
            assert_eq!(decide(Some((state, true, other)), &enqueue), ActOutcome::ChangedAfterTransfer);
            assert_eq!(decide(Some((state, true, hash)), &withdraw), ActOutcome::ChangedAfterTransfer);
        }
        assert_eq!(decide(Some((ActState::Ready, false, hash)), &withdraw), ActOutcome::Dropped);
        assert_eq!(decide(Some((ActState::Held, false, hash)), &withdraw), ActOutcome::Dropped);
        assert_eq!(decide(Some((ActState::Rejected, false, hash)), &withdraw), ActOutcome::Unknown);
        for state in [ActState::Sending, ActState::InDoubt, ActState::Manual, ActState::Done] {
            for may_exist in [false, true] {
                assert_eq!(decide(Some((state, may_exist, hash)), &enqueue), ActOutcome::Same);
                let changed = ActOutcome::ChangedAfterTransfer;
                assert_eq!(decide(Some((state, may_exist, other)), &enqueue), changed);
                assert_eq!(decide(Some((state, may_exist, hash)), &withdraw), changed);
            }
        }
    }
}

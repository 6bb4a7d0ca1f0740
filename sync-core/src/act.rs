//! Acts: things that may happen once, such as an order.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::link::Link;
use crate::name::{ActKind, OpKey, OrderKey, TargetId};

mod decision;

pub(crate) use decision::act_link;
pub use decision::{Decision, NewVersion, VersionState, decide};

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
    /// Without, it becomes a reject [`changed-after-transfer`](Reason::CHANGED_AFTER_TRANSFER).
    #[must_use]
    pub fn with_edits(mut self, kind: impl Into<ActKind>) -> Self {
        self.edit_kind = Some(kind.into());
        self
    }

    /// Once it is done, its withdrawal becomes an act of this kind on the same document, with the payload `null`.
    /// Without, it becomes a reject [`withdrawn-after-transfer`](Reason::WITHDRAWN_AFTER_TRANSFER).
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

/// The reason that is kept with an act that a person let go although nothing was held.
pub(crate) fn let_go(by: &str, why: &str) -> Reason {
    Reason::new(Reason::RELEASED).with_detail(format!("{by}: {why}"))
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

    /// Nothing more happens to it by itself.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Done | Self::Rejected)
    }
}

/// An act as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActStatus {
    /// Its place in the line: a refused act that is let go again gets a new one at the end.
    pub number: u64,
    /// The act; [`Act::attempt`] is the number of attempts so far.
    pub act: Act,
    /// Hash over its business fields.
    pub business_hash: Fingerprint,
    /// Where it stands.
    pub state: ActState,
    /// It has been in doubt, so it may have happened although it is not done.
    pub may_exist: bool,
    /// Of what kind the act is that cancels its document, if it can be [cancelled](NewAct::with_cancel).
    pub cancel_kind: Option<ActKind>,
    /// The acts it waits for: those of [`Act::after`] that are not done.
    pub waits_for_acts: Vec<OpKey>,
    /// When it is looked at next, or until when it is claimed.
    pub next_at: Option<DateTime<Utc>>,
    /// Why it stands there.
    pub reason: Option<Reason>,
    /// What it made.
    pub created: Option<Created>,
    /// When its state changed last.
    pub changed_at: DateTime<Utc>,
}

impl ActStatus {
    /// An act in a state: for stores.
    #[must_use]
    pub fn new(
        number: u64,
        act: Act,
        business_hash: Fingerprint,
        state: ActState,
        changed_at: DateTime<Utc>,
    ) -> Self {
        Self {
            number,
            act,
            business_hash,
            state,
            may_exist: false,
            cancel_kind: None,
            waits_for_acts: Vec::new(),
            next_at: None,
            reason: None,
            created: None,
            changed_at,
        }
    }

    /// Fills in what is known of other acts: those named by [`Act::after`], and version 0 of its document.
    pub(crate) fn complete(&mut self, others: &BTreeMap<OpKey, (ActState, Option<TargetId>)>) {
        let act = &mut self.act;
        let done = |op_key: &OpKey| match others.get(op_key) {
            Some((ActState::Done, target_id)) => Some(target_id.clone()),
            _ => None,
        };
        for needed in &mut act.after {
            needed.target_id = done(&needed.op_key).flatten();
        }
        if !self.state.is_settled() {
            let waits = act.after.iter().filter(|needed| done(&needed.op_key).is_none());
            self.waits_for_acts = waits.map(|needed| needed.op_key.clone()).collect();
        }
        act.document_id = match act.version {
            0 => self.created.as_ref().map(|created| created.target_id.clone()),
            _ => done(&act.document).flatten(),
        };
    }

    /// The acts of which [`complete`](Self::complete) has to know.
    pub(crate) fn others(&self) -> impl Iterator<Item = &OpKey> {
        let document = (self.act.version > 0).then_some(&self.act.document);
        document.into_iter().chain(self.act.after.iter().map(|needed| &needed.op_key))
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

/// What a person found out about an act that is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It happened: the person found it in the target, or made it there.
    Happened(Created),
    /// It did not happen and shall not: the person has seen that the target does not have it.
    GivenUp,
}

impl Verdict {
    /// The state it leads to.
    #[must_use]
    pub fn state(&self) -> ActState {
        match self {
            Self::Happened(_) => ActState::Done,
            Self::GivenUp => ActState::Rejected,
        }
    }

    /// The reason that is kept with the act: who decided so, and why.
    pub(crate) fn reason(&self, by: &str, why: &str) -> Reason {
        let code = match self {
            Self::Happened(_) => Reason::RESOLVED,
            Self::GivenUp => Reason::GIVEN_UP,
        };
        Reason::new(code).with_detail(format!("{by}: {why}"))
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
        /// The record's fingerprint, kept as sent unless the outcome is [`TooLate`](ActOutcome::TooLate).
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
    /// - [`changed-after-transfer`](Reason::CHANGED_AFTER_TRANSFER): then the record is looked up again, and its newest version gets in
    ///   as far as that is possible then. A source that cannot look up brings it with its next full pass, if it has any; otherwise
    ///   the reject stays for a person.
    /// - [`withdrawn-after-transfer`](Reason::WITHDRAWN_AFTER_TRANSFER): then the withdrawal is decided anew. The source has told it,
    ///   and is not asked again.
    TooLate(&'static str),
    /// There was nothing to withdraw, or it is being cancelled already.
    Unknown,
}

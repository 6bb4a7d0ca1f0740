//! What is read for a page, and what it changes.

use std::collections::BTreeMap;

use super::{Approval, Command, SentBy};
use crate::act::{ActChange, ActOutcome};
use crate::fingerprint::Fingerprint;
use crate::link::{Link, LinkRef, Links};
use crate::name::{Key, TargetId};
use crate::reject::NewReject;
use crate::seen::SeenChunk;
use crate::webhook::HintSettled;

/// What to read for one page.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PageQuery {
    /// The keys of the page, each once.
    pub keys: Vec<Key>,
    /// The links that its records need, each once.
    pub links: Vec<LinkRef>,
}

impl PageQuery {
    /// Asks for these keys and links.
    #[must_use]
    pub fn new(keys: Vec<Key>, links: Vec<LinkRef>) -> Self {
        Self { keys, links }
    }
}

/// What a store knows about one page.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PageState {
    /// The part's revision; 0 if it was never committed.
    pub revision: u64,
    /// The part's position as it was committed last. Stores keep the text and do not look into it.
    pub position: Option<String>,
    /// How much was sent of the part, as it was committed last.
    pub population: Population,
    /// A person's approval, until it is used up.
    pub approval: Option<Approval>,
    /// A person's command, until it is taken up.
    pub command: Option<Command>,
    /// What was sent, one entry per key of the query, in its order.
    pub sent: Vec<Option<Sent>>,
    /// Those keys of the query that have a live reject, with its reason's code.
    pub rejected: BTreeMap<Key, String>,
    /// The links that are known.
    pub links: Links,
}

/// What was sent of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sent {
    /// Fingerprint of the record.
    pub fingerprint: Fingerprint,
    /// What the target calls it.
    pub target_id: Option<TargetId>,
    /// The key's number within the part, by which full passes tick off what they saw.
    pub slot: u64,
    /// In how many complete full passes in a row the key was missing.
    pub absences: u8,
}

impl Sent {
    /// This was sent, in slot 0.
    #[must_use]
    pub fn new(fingerprint: Fingerprint, target_id: Option<TargetId>) -> Self {
        Self { fingerprint, target_id, slot: 0, absences: 0 }
    }

    /// In this slot.
    #[must_use]
    pub fn in_slot(mut self, slot: u64) -> Self {
        self.slot = slot;
        self
    }

    /// Missing in so many full passes.
    #[must_use]
    pub fn missing(mut self, passes: u8) -> Self {
        self.absences = passes;
        self
    }
}

/// How much was sent of a part. The engine counts, stores keep the numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Population {
    /// The next free slot: so many keys were ever sent.
    pub slots: u64,
    /// So many keys are in the target now.
    pub active: u64,
}

impl Population {
    /// These numbers.
    #[must_use]
    pub fn new(slots: u64, active: u64) -> Self {
        Self { slots, active }
    }

    /// One more key; gives its slot.
    pub(crate) fn add(&mut self) -> u64 {
        let slot = self.slots;
        self.slots += 1;
        self.active += 1;
        slot
    }
}

/// What one page changes.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PageCommit {
    /// The revision that was read.
    pub revision: u64,
    /// The new position.
    pub position: String,
    /// What was sent.
    pub sent: Vec<(Key, Sent)>,
    /// Keys that are sent no more.
    pub withdrawn: Vec<Key>,
    /// Keys whose live reject is superseded.
    pub cleared: Vec<Key>,
    /// New rejects. A live reject of the same key is updated: last seen and attempts.
    pub rejects: Vec<NewReject>,
    /// Links learned.
    pub links: Vec<Link>,
    /// Links whose end was learned.
    pub closed: Vec<LinkRef>,
    /// Hints that were looked up.
    pub hints: Vec<HintSettled>,
    /// What the outbox is asked for, with the record's key.
    pub acts: Vec<(Key, ActChange)>,
    /// How much is sent of the part after this page; `None` leaves the numbers as they are.
    pub population: Option<Population>,
    /// The set of seen slots is emptied, before `seen` is added.
    pub forget_seen: bool,
    /// Chunks of the set of seen slots, each in place of the chunk of its number.
    pub seen: Vec<SeenChunk>,
    /// A cycle of the part is complete: [`PartStatus::last_ok_at`](super::PartStatus::last_ok_at) is now.
    pub completed: bool,
    /// The part's approval of this token is used up. One of another token, given meanwhile, stays.
    pub approval_used: Option<String>,
    /// The part's command is taken up.
    pub command_taken: bool,
    /// Who sends what is sent: kept with `sent` and with the keys of `acts`.
    pub sent_by: Option<SentBy>,
}

impl PageCommit {
    /// Moves the position; the rest is added to the fields.
    #[must_use]
    pub fn new(revision: u64, position: impl Into<String>) -> Self {
        Self { revision, position: position.into(), ..Self::default() }
    }
}

/// What a commit did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Committed {
    /// The part's revision now.
    pub revision: u64,
    /// What became of the acts, in the order of [`PageCommit::acts`].
    pub acts: Vec<ActOutcome>,
}

impl Committed {
    /// Committed as this revision.
    #[must_use]
    pub fn new(revision: u64, acts: Vec<ActOutcome>) -> Self {
        Self { revision, acts }
    }
}

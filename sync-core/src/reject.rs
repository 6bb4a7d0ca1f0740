//! Records that did not go through, kept with their reason.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::error::Reason;
use crate::name::{Key, Part};

/// Where a record was turned away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RejectStage {
    /// It could not be decoded.
    Decode,
    /// It could not be mapped.
    Map,
    /// The sink refused it, or cannot carry it out.
    Sink,
    /// The outbox has already handed it over.
    Outbox,
    /// A link learned with it contradicts another.
    Link,
}

impl RejectStage {
    /// The stable id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Map => "map",
            Self::Sink => "sink",
            Self::Outbox => "outbox",
            Self::Link => "link",
        }
    }

    /// The stage with this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        [Self::Decode, Self::Map, Self::Sink, Self::Outbox, Self::Link]
            .into_iter()
            .find(|stage| stage.as_str() == id)
    }
}

/// A record that is turned away now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewReject {
    /// Its key; of a record without one, a key made from its place.
    pub key: Key,
    /// Where.
    pub stage: RejectStage,
    /// Why.
    pub reason: Reason,
}

impl NewReject {
    /// Turned away there, for this reason.
    #[must_use]
    pub fn new(key: Key, stage: RejectStage, reason: Reason) -> Self {
        Self { key, stage, reason }
    }
}

/// A live reject: one per part and key, until the key goes through.
///
/// Two sorts have no record's key and so never go through by themselves: rejects of records without a key (their key is
/// made from their place, `unkeyed:…`) and [link conflicts](Reason::LINK_CONFLICT) (`link:…`). They stay; this version
/// has no call that dismisses them.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reject {
    /// The flow's part.
    pub part: Part,
    /// The record's key.
    pub key: Key,
    /// Where it was turned away last.
    pub stage: RejectStage,
    /// Why; its detail is for a person's eyes.
    pub reason: Reason,
    /// When it was turned away first.
    pub first_seen: DateTime<Utc>,
    /// When it was turned away last.
    pub last_seen: DateTime<Utc>,
    /// How often.
    pub attempts: u32,
}

impl Reject {
    /// A reject seen once, now: for stores.
    #[must_use]
    pub fn new(part: Part, new: NewReject, now: DateTime<Utc>) -> Self {
        let NewReject { key, stage, reason } = new;
        Self { part, key, stage, reason, first_seen: now, last_seen: now, attempts: 1 }
    }

    /// The same key, turned away once more.
    pub fn again(&mut self, new: NewReject, now: DateTime<Utc>) {
        self.stage = new.stage;
        self.reason = new.reason;
        self.last_seen = now;
        self.attempts = self.attempts.saturating_add(1);
    }
}

impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reject")
            .field("flow", &self.part.flow().as_str())
            .field("part", &self.part.name())
            .field("key", &self.key)
            .field("stage", &self.stage)
            .field("reason", &self.reason)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

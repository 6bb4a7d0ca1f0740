//! Records that did not go through, kept with their reason.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::error::Reason;
use crate::name::{FlowName, Key, Part};

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
    /// It would take away more than is taken away without a person's approval.
    Brake,
}

impl RejectStage {
    pub(crate) const ALL: [Self; 6] =
        [Self::Decode, Self::Map, Self::Sink, Self::Outbox, Self::Link, Self::Brake];

    /// The stable id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Map => "map",
            Self::Sink => "sink",
            Self::Outbox => "outbox",
            Self::Link => "link",
            Self::Brake => "brake",
        }
    }

    /// The stage with this id.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == id)
    }
}

/// A record that is turned away now. `Debug` does not show its bytes.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewReject {
    /// Its key; of a record without one, a key made from its place.
    pub key: Key,
    /// Where.
    pub stage: RejectStage,
    /// Why.
    pub reason: Reason,
    /// The record as it came, where the flow keeps that.
    pub raw: Option<Box<[u8]>>,
}

impl NewReject {
    /// Turned away there, for this reason.
    #[must_use]
    pub fn new(key: Key, stage: RejectStage, reason: Reason) -> Self {
        Self { key, stage, reason, raw: None }
    }
}

/// A live reject: one per part and key, until the key goes through.
///
/// Two sorts have no record's key and so never go through by themselves. Those of records without a key (theirs is made from their
/// place, `unkeyed:…`) stay until a [conclusive](crate::PartReport::inconclusive) full pass of a flow to a sink meets no such
/// record, or a person [drops](crate::Store::drop_rejects) them. An outbox flow keeps them: an order that was unreadable, and
/// then was gone, was never placed. [Link conflicts](Reason::LINK_CONFLICT) (`link:…`) stay until a person drops them.
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
    /// It is to be replayed with the flow's next step.
    pub due: bool,
    /// The record as it came, where the flow keeps that. It may hold personal data.
    pub raw: Option<Box<[u8]>>,
}

impl Reject {
    /// A reject seen once, now: for stores.
    #[must_use]
    pub fn new(part: Part, new: NewReject, now: DateTime<Utc>) -> Self {
        let NewReject { key, stage, reason, raw } = new;
        Self { part, key, stage, reason, first_seen: now, last_seen: now, attempts: 1, due: false, raw }
    }

    /// The same key, turned away once more.
    pub fn again(&mut self, new: NewReject, now: DateTime<Utc>) {
        self.stage = new.stage;
        self.reason = new.reason;
        self.raw = new.raw;
        self.due = false;
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
            .field("due", &self.due)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for NewReject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewReject")
            .field("key", &self.key)
            .field("stage", &self.stage)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

/// Which live rejects are meant. All conditions hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectFilter {
    /// Only of this flow.
    pub flow: Option<FlowName>,
    /// Only of this part of a flow, by its own name.
    pub part: Option<String>,
    /// Only this key.
    pub key: Option<Key>,
    /// Only for this reason.
    pub code: Option<String>,
    /// Not those for this reason.
    pub except: Option<String>,
    /// Only those turned away last at this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// Only those turned away last before this instant.
    pub before: Option<DateTime<Utc>>,
    /// Only those that are to be replayed.
    pub due: bool,
    /// Only those after this key, in the order of keys: to list a part page by page.
    pub after: Option<Key>,
    /// At most so many.
    pub limit: usize,
}

impl RejectFilter {
    /// All there are.
    #[must_use]
    pub fn all() -> Self {
        Self {
            flow: None,
            part: None,
            key: None,
            code: None,
            except: None,
            since: None,
            before: None,
            due: false,
            after: None,
            limit: usize::MAX,
        }
    }

    /// Those of one flow.
    #[must_use]
    pub fn of_flow(flow: &FlowName) -> Self {
        Self { flow: Some(flow.clone()), ..Self::all() }
    }

    /// Those of one part of a flow.
    #[must_use]
    pub fn of_part(part: &Part) -> Self {
        Self { part: Some(part.name().to_owned()), ..Self::of_flow(part.flow()) }
    }

    /// Only this key.
    #[must_use]
    pub fn key(mut self, key: impl Into<Key>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Only for this reason.
    #[must_use]
    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Not those for this reason.
    #[must_use]
    pub fn except(mut self, code: impl Into<String>) -> Self {
        self.except = Some(code.into());
        self
    }

    /// Only those turned away last at this instant or later.
    #[must_use]
    pub fn since(mut self, instant: DateTime<Utc>) -> Self {
        self.since = Some(instant);
        self
    }

    /// Only those turned away last before this instant.
    #[must_use]
    pub fn before(mut self, instant: DateTime<Utc>) -> Self {
        self.before = Some(instant);
        self
    }

    /// Only those that are to be replayed.
    #[must_use]
    pub fn due(mut self) -> Self {
        self.due = true;
        self
    }

    /// Only those after this key, in the order of keys.
    #[must_use]
    pub fn after(mut self, key: Key) -> Self {
        self.after = Some(key);
        self
    }

    /// At most so many.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Whether this reject is meant, the limit aside.
    #[must_use]
    pub fn matches(&self, reject: &Reject) -> bool {
        self.flow.as_ref().is_none_or(|flow| flow == reject.part.flow())
            && self.part.as_ref().is_none_or(|part| part == reject.part.name())
            && self.key.as_ref().is_none_or(|key| *key == reject.key)
            && self.code.as_ref().is_none_or(|code| code == reject.reason.code())
            && self.except.as_ref().is_none_or(|code| code != reject.reason.code())
            && self.since.is_none_or(|since| reject.last_seen >= since)
            && self.before.is_none_or(|before| reject.last_seen < before)
            && (!self.due || reject.due)
            && self.after.as_ref().is_none_or(|after| reject.key > *after)
    }
}

/// How many live rejects there are; none by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectCount {
    /// So many.
    pub count: u64,
    /// When the oldest of them was turned away first.
    pub oldest: Option<DateTime<Utc>>,
    /// So many of each stage, in the order of [`RejectStage::ALL`].
    stages: [u64; RejectStage::ALL.len()],
}

impl RejectCount {
    /// With so many more of this stage, the oldest of them since then.
    #[must_use]
    pub fn and(mut self, stage: RejectStage, count: u64, oldest: Option<DateTime<Utc>>) -> Self {
        self.count += count;
        self.oldest = [self.oldest, oldest].into_iter().flatten().min();
        for (known, stages) in RejectStage::ALL.into_iter().zip(&mut self.stages) {
            *stages += if known == stage { count } else { 0 };
        }
        self
    }

    /// How many there are of each stage, also of those without any.
    pub fn by_stage(&self) -> impl Iterator<Item = (RejectStage, u64)> {
        RejectStage::ALL.into_iter().zip(self.stages)
    }
}

impl<'a> FromIterator<&'a Reject> for RejectCount {
    fn from_iter<I: IntoIterator<Item = &'a Reject>>(rejects: I) -> Self {
        let none = Self::default();
        rejects.into_iter().fold(none, |count, reject| count.and(reject.stage, 1, Some(reject.first_seen)))
    }
}

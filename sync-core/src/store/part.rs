//! What is known of a part, and of what was sent of it.

use chrono::{DateTime, Utc};

use super::{Approval, Command, Population, Sent};
use crate::name::Part;

/// By what run, and as what version of the mapping, something was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentBy {
    /// The run's name: [`RunContext::run_id`](crate::RunContext::run_id).
    pub run: String,
    /// When the run began: the first step of it that sent something of the flow.
    pub began_at: DateTime<Utc>,
    /// [`Mapper::version`](crate::Mapper::version).
    pub mapping: u32,
}

impl SentBy {
    /// By this run, which began then, with this version of the mapping.
    #[must_use]
    pub fn new(run: impl Into<String>, began_at: DateTime<Utc>, mapping: u32) -> Self {
        Self { run: run.into(), began_at, mapping }
    }
}

/// Where what was sent of a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SentOrigin {
    /// The part of the flow.
    pub part: Part,
    /// What was sent.
    pub sent: Sent,
    /// When, to the second at least; unknown of what an older version of this crate sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// By what run; unknown of what an older version of this crate sent.
    pub by: Option<SentBy>,
}

impl SentOrigin {
    /// This was sent of a part: for stores.
    #[must_use]
    pub fn new(part: Part, sent: Sent, sent_at: Option<DateTime<Utc>>, by: Option<SentBy>) -> Self {
        Self { part, sent, sent_at, by }
    }
}

/// What a store knows about a part as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartStatus {
    /// The part.
    pub part: Part,
    /// Its revision.
    pub revision: u64,
    /// Its position as it was committed last.
    pub position: String,
    /// How much was sent of it.
    pub population: Population,
    /// A person's approval, until it is used up.
    pub approval: Option<Approval>,
    /// A person's command that waits for the flow's next step.
    pub command: Option<Command>,
    /// When it was committed last.
    pub committed_at: DateTime<Utc>,
    /// When a cycle of it was completed last.
    pub last_ok_at: Option<DateTime<Utc>>,
}

impl PartStatus {
    /// A part at this position, committed then: for stores.
    #[must_use]
    pub fn new(part: Part, revision: u64, position: impl Into<String>, committed_at: DateTime<Utc>) -> Self {
        Self {
            part,
            revision,
            position: position.into(),
            population: Population::default(),
            approval: None,
            command: None,
            committed_at,
            last_ok_at: None,
        }
    }
}

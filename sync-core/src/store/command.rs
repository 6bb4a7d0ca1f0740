//! What a person tells a part of a flow.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A person's word that what a flow holds back may go on: see [`Held`](crate::Held).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Approval {
    /// What was approved: [`Held::token`](crate::Held::token).
    pub token: String,
    /// Who approved.
    pub by: String,
    /// Why, in his own words.
    pub reason: String,
}

impl Approval {
    /// `by` approves of `token`.
    #[must_use]
    pub fn new(token: impl Into<String>, by: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { token: token.into(), by: by.into(), reason: reason.into() }
    }
}

/// A person's word to a part of a flow: see [`Flow::backfill`](crate::Flow::backfill) and
/// [`Flow::rewind`](crate::Flow::rewind). `Debug` does not show the reason.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Command {
    /// What is to be done.
    pub order: Order,
    /// Who wants it.
    pub by: String,
    /// Why, in his own words.
    pub reason: String,
    /// When it was given.
    pub at: DateTime<Utc>,
}

/// What a [`Command`] asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Order {
    /// A full pass, as soon as may be.
    Backfill,
    /// The live cycle goes on at this cursor (its JSON); `None` is the start.
    Rewind(Option<String>),
}

impl Command {
    /// `by` wants this.
    #[must_use]
    pub fn new(order: Order, by: impl Into<String>, reason: impl Into<String>, at: DateTime<Utc>) -> Self {
        Self { order, by: by.into(), reason: reason.into(), at }
    }
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { order, by, at, .. } = self;
        f.debug_struct("Command")
            .field("order", order)
            .field("by", by)
            .field("at", at)
            .finish_non_exhaustive()
    }
}

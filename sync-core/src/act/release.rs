//! A person's word that lets an act go.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Reason;

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

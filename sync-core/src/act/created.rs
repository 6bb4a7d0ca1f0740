//! What an act made.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::link::Link;
use crate::name::TargetId;

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

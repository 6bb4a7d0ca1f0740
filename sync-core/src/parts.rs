//! Many partitions of one flow.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Result;
use crate::source::Source;

/// The partitions of a flow, each with a source of its own: warehouses, contractors, price lists.
///
/// All parts are one job under one lease; each has a position, a full pass and rejects of its own. A step goes through the
/// parts that were not completed for longest, new ones first, up to its page budget. A part whose source fails does not hold
/// the others up; three that fail one after the other end the step, and the next one goes on behind them.
///
/// # Contract
/// - `list` is called once per round over all parts, which may take many steps. Its order does not matter; a name comes once.
/// - A part that is not listed is left as it is, and grows old, unless it is [retired](PartList::retired).
/// - `source` is cheap; the source of a part is the same each time, and there is one of each part that was ever listed. Sources of different parts are read one after the other.
#[async_trait]
pub trait Parts: Debug + Send + Sync {
    /// What each part reads.
    type Source: Source;

    /// The parts of this round by their names: stable ids, never the empty text.
    ///
    /// # Errors
    /// Any error ends the step.
    async fn list(&self) -> Result<PartList>;

    /// The source of this part.
    fn source(&self, part: &str) -> Self::Source;
}

/// The parts of a round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartList {
    /// Those that are read.
    pub listed: Vec<String>,
    /// Those that nobody needs any more. The watchdog does not look at them until they are listed again; then they go on from where they
    /// were. One of which the target has nothing is [forgotten](crate::Store::forget), its rejects with it.
    pub retired: Vec<String>,
}

impl PartList {
    /// With these retired.
    #[must_use]
    pub fn retiring(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.retired = names.into_iter().collect();
        self
    }
}

impl FromIterator<String> for PartList {
    fn from_iter<I: IntoIterator<Item = String>>(listed: I) -> Self {
        Self { listed: listed.into_iter().collect(), retired: Vec::new() }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Parts + ?Sized> Parts for Arc<T> {
    type Source = T::Source;

    async fn list(&self) -> Result<PartList> {
        (**self).list().await
    }

    fn source(&self, part: &str) -> Self::Source {
        (**self).source(part)
    }
}

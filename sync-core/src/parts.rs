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
/// - A part that is no longer listed is left as it is: its position and what was sent stay until
///   [`Store::forget`](crate::Store::forget).
/// - `source` is cheap; the source of a part is the same each time. Sources of different parts are read one after the other.
#[async_trait]
pub trait Parts: Debug + Send + Sync {
    /// What each part reads.
    type Source: Source;

    /// The names of the parts there are now: stable ids, never the empty text.
    ///
    /// # Errors
    /// Any error ends the step.
    async fn list(&self) -> Result<Vec<String>>;

    /// The source of this part.
    fn source(&self, part: &str) -> Self::Source;
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Parts + ?Sized> Parts for Arc<T> {
    type Source = T::Source;

    async fn list(&self) -> Result<Vec<String>> {
        (**self).list().await
    }

    fn source(&self, part: &str) -> Self::Source {
        (**self).source(part)
    }
}

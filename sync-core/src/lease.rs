//! One writer per flow.

use chrono::{DateTime, Utc};

use crate::name::{FlowName, Holder};

/// The right to commit a flow's pages, until somebody else gets it.
///
/// The instant saves work (nobody else starts before it); the fence makes it correct: a commit with an old fence
/// writes nothing, however late it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lease {
    /// The flow.
    pub flow: FlowName,
    /// Who holds it.
    pub holder: Holder,
    /// Rises by one each time the lease is taken.
    pub fence: u64,
    /// When it lapses, by the store's clock.
    pub until: DateTime<Utc>,
}

impl Lease {
    /// A lease: for stores.
    #[must_use]
    pub fn new(flow: FlowName, holder: Holder, fence: u64, until: DateTime<Utc>) -> Self {
        Self { flow, holder, fence, until }
    }
}

/// Answer to a request for a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acquired {
    /// It is yours.
    Granted(Lease),
    /// Somebody else has it.
    HeldBy {
        /// When it lapses, unless renewed.
        until: DateTime<Utc>,
    },
}

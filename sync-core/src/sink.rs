//! Where records go.

use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::{Reason, Result};
use crate::link::{Link, LinkRef};
use crate::name::{Key, TargetId};

/// Where a state-lane flow writes its records.
///
/// # Contract
/// - A write is *state*: the same batch, or a part of it, may come again at any time (after a crash between write and
///   commit) and must do no harm. What may not be repeated is an act and goes through the outbox.
/// - A removal comes without [`previous`](Write::previous) if a step died before it could remember what the write
///   returned. A sink that cannot tell the target's id from the key rejects it, so that a person sees to it.
/// - Called with one batch at a time per flow; a key comes at most once in a batch. A batch may exceed
///   [`preferred_batch`](Self::preferred_batch): splitting it to the wire's limits is done inside.
/// - The future may be dropped at any await; the batch then comes again.
/// - The answer has exactly one [`Outcome`] per record, in the order of the batch. `Applied` is durable in the target
///   when the call returns.
/// - One record that the target refuses is [`Outcome::rejected`]; the others go on. `Err` is for the call as a whole:
///   nothing is committed and the whole page comes again. A sink whose target refuses a batch as a whole because of a record
///   in it, without saying which, answers [`Invalid`](crate::ErrorKind::Invalid), [`NotFound`](crate::ErrorKind::NotFound) or
///   [`Conflict`](crate::ErrorKind::Conflict): the flow then halves the batch until the records are found, unless they are
///   [too many](crate::SystemicLimit). It answers none of these for anything else.
/// - What a write of a key returns as its target id does not depend on [`previous`](Write::previous): a repeat may come
///   without it.
/// - Records that fan out into several calls are applied only if all of these were.
#[async_trait]
pub trait Sink: Debug + Send + Sync {
    /// What it takes.
    type Record: Send + Sync + 'static;

    /// How many records one page should have. A page is one commit.
    fn preferred_batch(&self) -> usize {
        5_000
    }

    /// What a removal means here.
    fn removal(&self) -> Removal {
        Removal::Sends
    }

    /// Writes the batch.
    ///
    /// # Errors
    /// The call as a whole failed; it may have been carried out in part, and comes again.
    async fn write(&self, batch: &[Write<Self::Record>]) -> Result<Vec<Outcome>>;
}

/// What a removal means to a sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Removal {
    /// The sink carries it out (deactivates, deletes, sends a zero): it gets [`Write::Remove`].
    Sends,
    /// The target knows no removal: the sink is not called, and the flow stores one reject
    /// [`removal-not-supported`](Reason::REMOVAL_NOT_SUPPORTED).
    None,
}

/// One record to be written. `Debug` shows keys, never records.
#[expect(clippy::exhaustive_enums, reason = "a sink has to handle both, and there is no third")]
pub enum Write<R> {
    /// The record is to look like this.
    Upsert {
        /// The source's key.
        key: Key,
        /// What it is to look like.
        record: R,
        /// What the last applied write of this key returned. If the target's id follows from the record (a code that
        /// was renamed), the sink withdraws this one.
        previous: Option<TargetId>,
    },
    /// The record is to go. Removing what is not there is a success.
    Remove {
        /// The source's key.
        key: Key,
        /// What the last applied write of this key returned.
        previous: Option<TargetId>,
    },
}

impl<R> Write<R> {
    /// The source's key.
    #[must_use]
    pub fn key(&self) -> &Key {
        match self {
            Self::Upsert { key, .. } | Self::Remove { key, .. } => key,
        }
    }

    /// What the last applied write of this key returned.
    #[must_use]
    pub fn previous(&self) -> Option<&TargetId> {
        match self {
            Self::Upsert { previous, .. } | Self::Remove { previous, .. } => previous.as_ref(),
        }
    }
}

impl<R> Debug for Write<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upsert { key, .. } => write!(f, "Upsert({key})"),
            Self::Remove { key, .. } => write!(f, "Remove({key})"),
        }
    }
}

/// What became of one record of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The target has it, durably.
    #[non_exhaustive]
    Applied {
        /// What the target calls it; comes back as [`Write::previous`].
        target_id: Option<TargetId>,
        /// Links learned on the way, stored in the same commit.
        links: Vec<Link>,
        /// Links whose end was learned, closed in the same commit.
        closed: Vec<LinkRef>,
    },
    /// The target refuses this record.
    Rejected(Reason),
}

impl Outcome {
    /// Applied; the target has no id of its own for it.
    #[must_use]
    pub fn applied() -> Self {
        Self::Applied { target_id: None, links: Vec::new(), closed: Vec::new() }
    }

    /// Applied under this id.
    #[must_use]
    pub fn applied_as(target_id: impl Into<TargetId>) -> Self {
        Self::Applied { target_id: Some(target_id.into()), links: Vec::new(), closed: Vec::new() }
    }

    /// Applied, and this link was learned.
    #[must_use]
    pub fn with_link(mut self, link: Link) -> Self {
        if let Self::Applied { links, .. } = &mut self {
            links.push(link);
        }
        self
    }

    /// Applied, and what this [open](Link::open) link is about has come to its end: the link is closed.
    #[must_use]
    pub fn closing(mut self, link: LinkRef) -> Self {
        if let Self::Applied { closed, .. } = &mut self {
            closed.push(link);
        }
        self
    }

    /// Refused.
    #[must_use]
    pub fn rejected(reason: Reason) -> Self {
        Self::Rejected(reason)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Sink + ?Sized> Sink for Arc<T> {
    type Record = T::Record;

    fn preferred_batch(&self) -> usize {
        (**self).preferred_batch()
    }

    fn removal(&self) -> Removal {
        (**self).removal()
    }

    async fn write(&self, batch: &[Write<Self::Record>]) -> Result<Vec<Outcome>> {
        (**self).write(batch).await
    }
}

const _: fn(&dyn Sink<Record = ()>) = |_| {};

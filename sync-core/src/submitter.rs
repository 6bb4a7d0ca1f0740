//! Who carries acts out.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use crate::act::{Act, Created};
use crate::error::{Error, Reason, Result};

/// Carries acts out in the target.
///
/// # Contract
/// - `submit` is called at most once per claim. It is called again only if the last attempt was surely not sent, or
///   was looked up and surely not there, or a person released it; always with the same payload and guid.
/// - Acts of different order keys may be submitted at the same time; acts of one order key never.
/// - Whether something happened is answered honestly: only what provably never reached the target is
///   [`NotSent`](Submission::NotSent). Whatever is unclear is [`InDoubt`](Submission::InDoubt), as is every error of
///   which this implementation knows nothing.
/// - Everything an act may not do twice happens in `submit` alone. Checks before the write (a price that changed) are
///   made at each `submit`; an act with [`released`](Act::released) set was approved by a person.
/// - The futures may be dropped at any await: the act is then in doubt.
#[async_trait]
pub trait Submitter: Debug + Send + Sync {
    /// Carries the act out.
    async fn submit(&self, act: &Act) -> Submission;

    /// Asks whether the act happened. A hit is compared with the act (contractor, lines) before it is believed:
    /// `None` means that the target answered and does not have it.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ErrorKind::Unsupported) and [`Config`](crate::ErrorKind::Config): it cannot be looked
    /// up, a person decides. Any other: the look-up is tried again later.
    async fn look_up(&self, act: &Act) -> Result<Option<Created>>;
}

/// What became of an attempt.
#[derive(Debug)]
#[non_exhaustive]
pub enum Submission {
    /// It happened.
    Done(Created),
    /// It provably never reached the target, or was turned away before anything was done (429, 401): it is tried again
    /// later, without end.
    NotSent(Error),
    /// The target says no. It is not tried again.
    Refused(Reason),
    /// It waits until a person releases it.
    Held(Reason),
    /// Nobody knows: it is looked up before anything else.
    InDoubt(Error),
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Submitter + ?Sized> Submitter for Arc<T> {
    async fn submit(&self, act: &Act) -> Submission {
        (**self).submit(act).await
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        (**self).look_up(act).await
    }
}

const _: fn(&dyn Submitter) = |_| {};

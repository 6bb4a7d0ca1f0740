//! From the source's record to the target's.

use std::fmt::{self, Debug};

use serde::Serialize;

use crate::error::Reason;
use crate::fingerprint::Fingerprint;
use crate::link::{LinkRef, Links};
use crate::name::Key;

/// Turns a source's record into what the flow's ending takes: a sink's record or a [`NewAct`](crate::NewAct).
///
/// # Contract
/// - Synchronous and pure: the same record and links give the same result. No I/O, no time, no randomness, or every
///   cycle would find everything changed.
/// - `Out` serialises canonically: decimals normalised, sets sorted. What is absent differs from null and from zero.
///   The serialised bytes are hashed, and a record whose hash did not change is not sent again.
/// - Money and quantities are decimals: binary floats do not belong in `Out`.
/// - It does not panic on any record, and uses the links it asked for alone.
/// - Called once per record and attempt, in the source's order, never at the same time for one flow.
pub trait Mapper<In>: Debug + Send + Sync {
    /// What the ending takes.
    type Out: Serialize + Send + Sync + 'static;

    /// Asked once per step. Raised when the mapping changes its meaning without changing its bytes: everything is sent again then.
    fn version(&self) -> u32 {
        1
    }

    /// Which links this record's mapping needs. They are looked up once for the whole page.
    fn links_needed(&self, record: &In) -> Vec<LinkRef> {
        let _ = record;
        Vec::new()
    }

    /// Asked of records that were sent before and have changed: whether this takes the thing off sale without removing it, such as a stock of zero. When many records
    /// change to that at once, they wait for a person's approval ([`Brake`](crate::Brake)).
    fn empties(&self, out: &Self::Out) -> bool {
        let _ = out;
        false
    }

    /// Asked only by flows [without echoes](crate::Flow::without_echo_of): under which key the flow of the other direction
    /// would have sent what the record shows, and [as what](Fingerprint::sent_by): the other direction's record made of
    /// this one. `None` if the other direction never sends such a thing.
    fn echo_of(&self, key: &Key, record: &In) -> Option<(Key, Fingerprint)> {
        let _ = (key, record);
        None
    }

    /// Maps one record.
    ///
    /// # Errors
    /// The reason makes a reject of this record; the others are not held up. Of a link that is missing the reason is
    /// usually [`Reason::missing_link`].
    fn map(&self, key: &Key, record: In, links: &Links) -> Result<Mapped<Self::Out>, Reason>;
}

/// What becomes of a record. `Debug` does not show it.
#[non_exhaustive]
pub enum Mapped<T> {
    /// It belongs in the target and looks like this there.
    Send(T),
    /// It does not belong in the target (a filter, a tick that is not set). If it was sent before, it is removed. The
    /// reason is for readers and tests: a flow only counts such records.
    LeaveOut(Reason),
    /// It does not belong in the target, and what was sent of it is another record's by now, such as the client of a contractor that
    /// was merged into another one: nothing is taken away there. The flow forgets that it was sent, and its reject.
    HandOver(Reason),
}

impl<T> Mapped<T> {
    /// What is sent, made into something else.
    #[must_use]
    pub fn map<U>(self, into: impl FnOnce(T) -> U) -> Mapped<U> {
        match self {
            Self::Send(out) => Mapped::Send(into(out)),
            Self::LeaveOut(reason) => Mapped::LeaveOut(reason),
            Self::HandOver(reason) => Mapped::HandOver(reason),
        }
    }

    /// As [`map`](Self::map), where that can fail.
    ///
    /// # Errors
    /// Those of `into`.
    pub fn try_map<U, E>(self, into: impl FnOnce(T) -> Result<U, E>) -> Result<Mapped<U>, E> {
        match self {
            Self::Send(out) => into(out).map(Mapped::Send),
            Self::LeaveOut(reason) => Ok(Mapped::LeaveOut(reason)),
            Self::HandOver(reason) => Ok(Mapped::HandOver(reason)),
        }
    }
}

impl<T> Debug for Mapped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(_) => f.write_str("Send(..)"),
            Self::LeaveOut(reason) => write!(f, "LeaveOut({reason})"),
            Self::HandOver(reason) => write!(f, "HandOver({reason})"),
        }
    }
}

/// Sends every record as it is.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct Identity;

impl<T: Serialize + Send + Sync + 'static> Mapper<T> for Identity {
    type Out = T;

    fn map(&self, _key: &Key, record: T, _links: &Links) -> Result<Mapped<T>, Reason> {
        Ok(Mapped::Send(record))
    }
}

const _: fn(&dyn Mapper<u8, Out = ()>) = |_| {};

//! A mapper with a change on top.

use std::fmt;
use sync_core::{Fingerprint, Key, LinkRef, Links, Mapped, Mapper, Reason};

/// The mapper `inner`, whose result `change` may alter or reject, looking at the record it was made from: a cecha in a field of its
/// own, a name spelled otherwise.
///
/// What the change means is part of the mapping: raise [`version`](Adjusted::version) when it changes its meaning without changing
/// the bytes.
pub fn adjust<In, M, F>(inner: M, change: F) -> Adjusted<M, F>
where
    M: Mapper<In>,
    F: Fn(&In, &mut M::Out) -> Result<(), Reason> + Send + Sync,
{
    Adjusted { inner, change, version: 0 }
}

/// See [`adjust`].
#[derive(Clone)]
pub struct Adjusted<M, F> {
    inner: M,
    change: F,
    version: u32,
}

impl<M, F> Adjusted<M, F> {
    /// Adds this to the inner mapper's version: everything is sent again then.
    #[must_use]
    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }
}

impl<M: fmt::Debug, F> fmt::Debug for Adjusted<M, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adjusted")
            .field("inner", &self.inner)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl<In, M, F> Mapper<In> for Adjusted<M, F>
where
    In: Clone,
    M: Mapper<In>,
    F: Fn(&In, &mut M::Out) -> Result<(), Reason> + Send + Sync,
{
    type Out = M::Out;

    fn version(&self) -> u32 {
        self.inner.version().wrapping_add(self.version)
    }

    fn links_needed(&self, record: &In) -> Vec<LinkRef> {
        self.inner.links_needed(record)
    }

    fn empties(&self, out: &M::Out) -> bool {
        self.inner.empties(out)
    }

    fn echo_of(&self, key: &Key, record: &In) -> Option<(Key, Fingerprint)> {
        self.inner.echo_of(key, record)
    }

    fn map(&self, key: &Key, record: In, links: &Links) -> Result<Mapped<M::Out>, Reason> {
        match self.inner.map(key, record.clone(), links)? {
            Mapped::Send(mut out) => {
                (self.change)(&record, &mut out)?;
                Ok(Mapped::Send(out))
            }
            left_out => Ok(left_out),
        }
    }
}

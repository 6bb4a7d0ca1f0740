//! Where records come from.

use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::name::Key;

/// Where a state-lane flow reads its records.
///
/// # Contract
/// - Calls of one flow never overlap: at most one `read` is under way, possibly while an earlier page is being
///   written (read-ahead). A `read` may be repeated with the same position at any time, and its future may be dropped
///   at any await.
/// - `read` resumes at the position it is given: it depends on nothing that an earlier call left behind in memory.
/// - One answer is one *wire page*. It is committed whole or not at all, so records that belong together (all rows of
///   one good) come in one answer, even when that exceeds `limit`.
/// - A record that does not decode is an [`Item::bad`] among the others; `Err` is for the call as a whole.
/// - A key may come twice in a page (the last one counts) and any number of times over the pages.
/// - Decode here, map in the [`Mapper`](crate::Mapper): flags such as "tick taken away" stay visible to the mapper.
///
/// A list ordered by a time stamp implements [`ChangeList`](crate::ChangeList) instead;
/// [`KeysetSource`](crate::KeysetSource) makes a source of it that loses nothing at equal stamps.
#[async_trait]
pub trait Source: Debug + Send + Sync {
    /// One decoded record.
    type Record: Send + Sync + 'static;
    /// The position after a wire page. It is stored as JSON and handed back, also to later versions of the program.
    type Cursor: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// What this source is. Called at the start of each step; cheap, no I/O.
    fn describe(&self) -> SourceInfo;

    /// Reads the wire page at `from`. `limit` says how many records the engine would like at most; a source reads less
    /// when its wire allows less, and more only to keep records together that belong together.
    ///
    /// # Errors
    /// Any error ends the step without a commit of this page; the next step reads it again.
    async fn read(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>>;
}

/// Where a read begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a source has to handle both, and there is no third")]
pub enum ReadFrom<C> {
    /// At the beginning: nothing was read yet, or a snapshot starts anew.
    Start,
    /// After the wire page that gave this cursor.
    After(C),
}

/// One wire page.
#[non_exhaustive]
pub struct Page<R, C> {
    /// The records, in the source's order.
    pub items: Vec<Item<R>>,
    /// The position after this page. Without one the position stays; it is required unless `end`.
    pub next: Option<C>,
    /// Nothing more for now: the cycle is complete.
    pub end: bool,
}

impl<R, C> Page<R, C> {
    /// A page with more behind it.
    #[must_use]
    pub fn more(items: Vec<Item<R>>, next: C) -> Self {
        Self { items, next: Some(next), end: false }
    }

    /// The last page for now. A token or keyset source gives the position from which it goes on next time; a
    /// snapshot source gives `None`.
    #[must_use]
    pub fn last(items: Vec<Item<R>>, next: Option<C>) -> Self {
        Self { items, next, end: true }
    }
}

impl<R, C> Debug for Page<R, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("items", &self.items.len())
            .field("has_next", &self.next.is_some())
            .field("end", &self.end)
            .finish()
    }
}

/// One record of a wire page. Made with [`upsert`](Self::upsert), [`deleted`](Self::deleted), [`bad`](Self::bad).
///
/// `Debug` shows keys, never records.
#[non_exhaustive]
pub enum Item<R> {
    /// The record exists and looks like this now.
    #[non_exhaustive]
    Upsert {
        /// Its key.
        key: Key,
        /// What it looks like.
        record: R,
    },
    /// The source says that the record is gone.
    #[non_exhaustive]
    Deleted {
        /// Its key.
        key: Key,
    },
    /// The record is there but cannot be decoded. It becomes a reject; the others are not held up.
    #[non_exhaustive]
    Bad {
        /// Its key, where that much could be read.
        key: Option<Key>,
        /// What is wrong with it.
        error: Error,
    },
}

impl<R> Item<R> {
    /// A record as it is now.
    #[must_use]
    pub fn upsert(key: impl Into<Key>, record: R) -> Self {
        Self::Upsert { key: key.into(), record }
    }

    /// A record that is gone.
    #[must_use]
    pub fn deleted(key: impl Into<Key>) -> Self {
        Self::Deleted { key: key.into() }
    }

    /// A record that cannot be decoded, with its key where that much could be read.
    #[must_use]
    pub fn bad(key: Option<Key>, error: Error) -> Self {
        Self::Bad { key, error }
    }

    /// The key, where there is one.
    #[must_use]
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::Upsert { key, .. } | Self::Deleted { key } => Some(key),
            Self::Bad { key, .. } => key.as_ref(),
        }
    }
}

impl<R> Debug for Item<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Upsert { key, .. } => write!(f, "Upsert({key})"),
            Self::Deleted { key } => write!(f, "Deleted({key})"),
            Self::Bad { key: Some(key), error } => write!(f, "Bad({key}, {error:?})"),
            Self::Bad { key: None, error } => write!(f, "Bad({error:?})"),
        }
    }
}

/// What a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceInfo {
    /// How its position behaves.
    pub kind: SourceKind,
    /// What the position belongs to.
    pub identity: SourceIdentity,
}

impl SourceInfo {
    /// A source of `kind` that reads `identity`.
    #[must_use]
    pub fn new(kind: SourceKind, identity: SourceIdentity) -> Self {
        Self { kind, identity }
    }
}

/// How a source's position behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceKind {
    /// Ordered by a time stamp and read with an overlap; see [`KeysetSource`](crate::KeysetSource).
    Keyset,
    /// The other system's own position, never interpreted: an event id, a continuation.
    Token,
    /// No memory of changes: each cycle reads everything. The position lives within the cycle, so that a stopped
    /// cycle goes on where it was, and is cleared at its end.
    Snapshot,
}

impl SourceKind {
    /// The stable id.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keyset => "keyset",
            Self::Token => "token",
            Self::Snapshot => "snapshot",
        }
    }
}

/// What a position belongs to: a cursor of one database, contract or filter means nothing in another.
///
/// The address of the server is no part of it: hosts get renamed, and a copy may sit behind the old address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceIdentity {
    system: String,
    entity: String,
    database: String,
    contract: String,
    filter: String,
}

impl SourceIdentity {
    /// The records `entity` of the `system` (the name that the configuration gives it).
    #[must_use]
    pub fn new(system: impl Into<String>, entity: impl Into<String>) -> Self {
        Self {
            system: system.into(),
            entity: entity.into(),
            database: String::new(),
            contract: String::new(),
            filter: String::new(),
        }
    }

    /// Id of the database behind the system, where it tells one.
    #[must_use]
    pub fn database(mut self, id: impl Into<String>) -> Self {
        self.database = id.into();
        self
    }

    /// The contract (add-on, API version) that is spoken.
    #[must_use]
    pub fn contract(mut self, contract: impl Into<String>) -> Self {
        self.contract = contract.into();
        self
    }

    /// The filter under which the source reads: whatever changes the set of records belongs here.
    #[must_use]
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.filter = filter.into();
        self
    }

    /// The short text that is stored beside the position.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        // stored positions hang on this order
        for part in [&self.system, &self.entity, &self.database, &self.contract, &self.filter] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut text = hasher.finalize().to_hex().to_string();
        text.truncate(32);
        text
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: Source + ?Sized> Source for Arc<T> {
    type Record = T::Record;
    type Cursor = T::Cursor;

    fn describe(&self) -> SourceInfo {
        (**self).describe()
    }

    async fn read(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>> {
        (**self).read(from, limit).await
    }
}

const _: fn(&dyn Source<Record = (), Cursor = u64>) = |_| {};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_part_of_the_identity_changes_its_fingerprint() {
        let base = SourceIdentity::new("erp", "stock");
        let all = [
            base.fingerprint(),
            base.clone().database("7").fingerprint(),
            base.clone().contract("7").fingerprint(),
            base.clone().filter("7").fingerprint(),
            SourceIdentity::new("erps", "tock").fingerprint(),
        ];
        for (i, one) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|other| other != one));
        }
    }
}

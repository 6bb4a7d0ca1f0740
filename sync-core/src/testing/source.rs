//! A source in memory.

use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;

use super::{Faults, lock};
use crate::error::{Error, Result};
use crate::name::Key;
use crate::source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};

/// A source of records in memory: a list of rows, read from its start (snapshot) or on from where one was (token).
pub struct MemorySource<R> {
    kind: SourceKind,
    identity: SourceIdentity,
    wire_page: usize,
    rows: Mutex<Vec<Row<R>>>,
    faults: Faults,
}

enum Row<R> {
    Record(Key, R),
    Deleted(Key),
    Bad(Option<Key>),
}

impl<R: Clone> MemorySource<R> {
    /// Read from its start in each cycle.
    #[must_use]
    pub fn snapshot() -> Self {
        Self::of(SourceKind::Snapshot)
    }

    /// Read on from where one was: rows are events.
    #[must_use]
    pub fn token() -> Self {
        Self::of(SourceKind::Token)
    }

    fn of(kind: SourceKind) -> Self {
        Self {
            kind,
            identity: SourceIdentity::new("memory", "records"),
            wire_page: usize::MAX,
            rows: Mutex::default(),
            faults: Faults::none(),
        }
    }

    /// Gives at most so many rows at once.
    #[must_use]
    pub fn wire_page(mut self, rows: usize) -> Self {
        self.wire_page = rows.max(1);
        self
    }

    /// Is this source.
    #[must_use]
    pub fn identity(mut self, identity: SourceIdentity) -> Self {
        self.identity = identity;
        self
    }

    /// Fails by this script.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Adds a record.
    pub fn put(&self, key: impl Into<Key>, record: R) {
        lock(&self.rows).push(Row::Record(key.into(), record));
    }

    /// Adds a record that the source says is gone.
    pub fn put_deleted(&self, key: impl Into<Key>) {
        lock(&self.rows).push(Row::Deleted(key.into()));
    }

    /// Adds a record that cannot be decoded.
    pub fn put_bad(&self, key: Option<Key>) {
        lock(&self.rows).push(Row::Bad(key));
    }

    /// Takes all rows out.
    pub fn clear(&self) {
        lock(&self.rows).clear();
    }
}

#[async_trait]
impl<R: Clone + Send + Sync + 'static> Source for MemorySource<R> {
    type Record = R;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(self.kind, self.identity.clone())
    }

    async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<R, usize>> {
        self.faults
            .around(async {
                let start = match from {
                    ReadFrom::Start => 0,
                    ReadFrom::After(cursor) => *cursor,
                };
                let rows = lock(&self.rows);
                let end = start.saturating_add(limit.min(self.wire_page)).min(rows.len());
                let items = rows.get(start..end).unwrap_or_default().iter().map(|row| match row {
                    Row::Record(key, record) => Item::upsert(key.clone(), record.clone()),
                    Row::Deleted(key) => Item::deleted(key.clone()),
                    Row::Bad(key) => Item::bad(key.clone(), Error::invalid("scripted bad record")),
                });
                let items = items.collect();
                Ok(if end == rows.len() { Page::last(items, Some(end)) } else { Page::more(items, end) })
            })
            .await
    }
}

impl<R> fmt::Debug for MemorySource<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemorySource({:?})", self.kind)
    }
}

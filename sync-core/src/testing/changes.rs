//! A list of changes in memory.

use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Faults, lock};
use crate::change_list::{ChangeList, ChangePage, ChangeRow, KeysetInfo, Resolution};
use crate::cursor::{Point, Tie};
use crate::error::Result;
use crate::name::Key;
use crate::source::{Item, SourceIdentity, no_look_up};

/// A table in memory whose rows carry the instant of their last change: one row per key, as a database keeps them.
pub struct MemoryChanges<R> {
    info: KeysetInfo,
    wire_page: usize,
    looks_up: bool,
    state: Mutex<State<R>>,
    faults: Faults,
}

struct State<R> {
    rows: Vec<(Option<DateTime<Utc>>, i64, Key, R)>,
    next_id: i64,
    as_of: Option<DateTime<Utc>>,
    read: u64,
}

impl<R: Clone> Default for MemoryChanges<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Clone> MemoryChanges<R> {
    /// Goes on within one instant by the rows' ids.
    #[must_use]
    pub fn new() -> Self {
        let state = State { rows: Vec::new(), next_id: 1, as_of: None, read: 0 };
        Self {
            info: KeysetInfo::new(SourceIdentity::new("memory", "changes")),
            wire_page: usize::MAX,
            looks_up: true,
            state: Mutex::new(state),
            faults: Faults::none(),
        }
    }

    /// Filters by instant alone.
    #[must_use]
    pub fn without_ties(mut self) -> Self {
        self.info = self.info.without_ties();
        self
    }

    /// Filters in this precision.
    #[must_use]
    pub fn resolution(mut self, resolution: Resolution) -> Self {
        self.info = self.info.with_resolution(resolution);
        self
    }

    /// Gives at most so many rows at once, whatever the limit; without ties, only if the limit asks for less.
    #[must_use]
    pub fn wire_page(mut self, rows: usize) -> Self {
        self.wire_page = rows.max(1);
        self
    }

    /// Cannot look records up.
    #[must_use]
    pub fn without_fetch(mut self) -> Self {
        self.looks_up = false;
        self
    }

    /// Reads fail by this script. For look-ups see [`FaultySource`](super::FaultySource).
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Changes a row, or adds it.
    pub fn put(&self, changed: DateTime<Utc>, key: impl Into<Key>, record: R) {
        self.insert(Some(changed), key.into(), record);
    }

    /// Changes a row so that it has no instant.
    pub fn put_undated(&self, key: impl Into<Key>, record: R) {
        self.insert(None, key.into(), record);
    }

    /// Takes a row out, without a word: only a full pass finds that.
    pub fn remove(&self, key: impl Into<Key>) {
        let key = key.into();
        lock(&self.state).rows.retain(|row| row.2 != key);
    }

    /// Sets the source's clock.
    pub fn set_as_of(&self, instant: DateTime<Utc>) {
        lock(&self.state).as_of = Some(instant);
    }

    /// How many rows were given away so far.
    #[must_use]
    pub fn rows_read(&self) -> u64 {
        lock(&self.state).read
    }

    fn insert(&self, changed: Option<DateTime<Utc>>, key: Key, record: R) {
        let mut state = lock(&self.state);
        let known = state.rows.iter().position(|row| row.2 == key);
        let id = match known {
            Some(at) => state.rows.remove(at).1,
            None => state.next_id,
        };
        state.next_id = state.next_id.max(id + 1);
        let place = state.rows.partition_point(|row| (row.0, row.1) < (changed, id));
        state.rows.insert(place, (changed, id, key, record));
    }
}

#[async_trait]
impl<R: Clone + Send + Sync + 'static> ChangeList for MemoryChanges<R> {
    type Record = R;

    fn describe(&self) -> KeysetInfo {
        self.info.clone()
    }

    async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<R>> {
        self.faults
            .around(async {
                let limit = if self.info.ties { limit.min(self.wire_page) } else { limit };
                let mut state = lock(&self.state);
                let wanted = |row: &&(Option<DateTime<Utc>>, i64, Key, R)| match (from, row.0) {
                    // rows without an instant are given with each first page
                    (None, _) => true,
                    (Some(point), Some(instant)) => {
                        let instant = self.info.resolution.floor(instant);
                        let later = point.after.as_ref().is_none_or(|tie| Tie::from(row.1) > *tie);
                        instant > point.instant || (instant == point.instant && later)
                    }
                    (Some(_), None) => false,
                };
                let mut rows = state.rows.iter().filter(wanted);
                let page: Vec<_> = rows
                    .by_ref()
                    .take(limit)
                    .map(|(changed, id, key, record)| {
                        let item = Item::upsert(key.clone(), record.clone());
                        match changed {
                            Some(changed) => ChangeRow::new(*changed, *id, item),
                            None => ChangeRow::undated(item),
                        }
                    })
                    .collect();
                let end = rows.next().is_none();
                state.read += page.len() as u64;
                let page = ChangePage::new(page, end);
                Ok(match state.as_of {
                    Some(as_of) => page.as_of(as_of),
                    None => page,
                })
            })
            .await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<R>>> {
        if !self.looks_up {
            return Err(no_look_up());
        }
        let state = lock(&self.state);
        let items = keys.iter().map(|key| match state.rows.iter().find(|row| row.2 == *key) {
            Some(row) => Item::upsert(key.clone(), row.3.clone()),
            None => Item::deleted(key.clone()),
        });
        Ok(items.collect())
    }
}

impl<R> fmt::Debug for MemoryChanges<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryChanges")
    }
}

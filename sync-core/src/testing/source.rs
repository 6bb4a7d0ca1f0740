//! A source in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{Faults, lock};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Key;
use crate::source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};

/// A source of records in memory: a list of rows, read from its start (snapshot) or on from where one was (token).
///
/// A token's full pass gives what exists: the last row of each key, without those that are gone.
pub struct MemorySource<R> {
    info: SourceInfo,
    wire_page: usize,
    looks_up: bool,
    state: Mutex<State<R>>,
    faults: Faults,
}

struct State<R> {
    rows: Vec<Row<R>>,
    as_of: Option<DateTime<Utc>>,
    highest: Option<u64>,
    total: Option<u64>,
    cap: usize,
}

enum Row<R> {
    Record(Key, R),
    Deleted(Key),
    Bad(Option<Key>),
}

impl<R> Row<R> {
    fn key(&self) -> Option<&Key> {
        match self {
            Self::Record(key, _) | Self::Deleted(key) => Some(key),
            Self::Bad(key) => key.as_ref(),
        }
    }
}

impl<R: Clone> Row<R> {
    fn item(&self) -> Item<R> {
        match self {
            Self::Record(key, record) => Item::upsert(key.clone(), record.clone()),
            Self::Deleted(key) => Item::deleted(key.clone()),
            Self::Bad(key) => Item::bad(key.clone(), Error::invalid("scripted bad record")),
        }
    }
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
        let state = State { rows: Vec::new(), as_of: None, highest: None, total: None, cap: usize::MAX };
        Self {
            info: SourceInfo::new(kind, SourceIdentity::new("memory", "records")),
            wire_page: usize::MAX,
            looks_up: true,
            state: Mutex::new(state),
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
        self.info.identity = identity;
        self
    }

    /// Says that records may slip from page to page; [`remove`](Self::remove) between two pages makes them.
    #[must_use]
    pub fn shifting(mut self) -> Self {
        self.info = self.info.shifting();
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

    /// Adds a record.
    pub fn put(&self, key: impl Into<Key>, record: R) {
        lock(&self.state).rows.push(Row::Record(key.into(), record));
    }

    /// Adds a record that the source says is gone.
    pub fn put_deleted(&self, key: impl Into<Key>) {
        lock(&self.state).rows.push(Row::Deleted(key.into()));
    }

    /// Adds a record that cannot be decoded.
    pub fn put_bad(&self, key: Option<Key>) {
        lock(&self.state).rows.push(Row::Bad(key));
    }

    /// Takes all rows of a key out, without a word: the rows behind them move up.
    pub fn remove(&self, key: impl Into<Key>) {
        let key = key.into();
        lock(&self.state).rows.retain(|row| row.key() != Some(&key));
    }

    /// Takes all rows out.
    pub fn clear(&self) {
        lock(&self.state).rows.clear();
    }

    /// Says with each page that the whole list has so many records, be it true or not; or says nothing.
    pub fn declare_total(&self, total: Option<u64>) {
        lock(&self.state).total = total;
    }

    /// Cannot be read beyond its first `rows` rows, and says so; or can, if `None`.
    pub fn cut_short_at(&self, rows: Option<usize>) {
        lock(&self.state).cap = rows.unwrap_or(usize::MAX);
    }

    /// Sets the source's clock.
    pub fn set_as_of(&self, instant: DateTime<Utc>) {
        lock(&self.state).as_of = Some(instant);
    }

    /// Sets the highest id that the source has given away.
    pub fn set_highest(&self, id: u64) {
        lock(&self.state).highest = Some(id);
    }

    fn page(&self, from: ReadFrom<&usize>, limit: usize, alive: bool) -> Page<R, usize> {
        let state = lock(&self.state);
        let last_of_key: BTreeMap<&Key, usize> = match alive {
            true => state.rows.iter().enumerate().filter_map(|(at, row)| Some((row.key()?, at))).collect(),
            false => BTreeMap::new(),
        };
        let wanted = |at: usize, row: &Row<R>| {
            !alive
                || (!matches!(row, Row::Deleted(_))
                    && row.key().is_none_or(|key| last_of_key.get(key) == Some(&at)))
        };
        let start = match from {
            ReadFrom::Start => 0,
            ReadFrom::After(cursor) => *cursor,
        };
        let limit = limit.max(1).min(self.wire_page);
        let readable = state.rows.len().min(state.cap);
        let mut items = Vec::new();
        let mut next = start.min(readable);
        for (at, row) in state.rows.iter().enumerate().take(readable).skip(start) {
            if items.len() == limit {
                break;
            }
            if wanted(at, row) {
                items.push(row.item());
            }
            next = at + 1;
        }
        let page = if next < readable {
            Page::more(items, next)
        } else if readable < state.rows.len() {
            Page::cut_short(items, Some(next))
        } else {
            Page::last(items, Some(next))
        };
        Page { as_of: state.as_of, highest: state.highest, total: state.total, ..page }
    }
}

#[async_trait]
impl<R: Clone + Send + Sync + 'static> Source for MemorySource<R> {
    type Record = R;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        self.info.clone()
    }

    async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<R, usize>> {
        self.faults.around(async { Ok(self.page(from, limit, false)) }).await
    }

    async fn read_all(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<R, usize>> {
        let alive = self.info.kind == SourceKind::Token;
        self.faults.around(async { Ok(self.page(from, limit, alive)) }).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<R>>> {
        if !self.looks_up {
            return Err(Error::new(ErrorKind::Unsupported, "this source cannot look records up"));
        }
        let state = lock(&self.state);
        let last_row = |key: &Key| state.rows.iter().rev().find(|row| row.key() == Some(key));
        Ok(keys
            .iter()
            .map(|key| last_row(key).map_or_else(|| Item::deleted(key.clone()), Row::item))
            .collect())
    }
}

impl<R> fmt::Debug for MemorySource<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemorySource({:?})", self.info.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(items: &[Item<i64>]) -> Vec<String> {
        items.iter().map(|item| format!("{item:?}")).collect()
    }

    #[tokio::test]
    async fn a_token_s_full_pass_gives_the_last_row_of_what_exists() {
        let source = MemorySource::token();
        source.put("a", 1);
        source.put("b", 1);
        source.put("a", 2);
        source.put_deleted("b");
        source.put("c", 1);
        let first = source.read_all(ReadFrom::Start, 1).await.unwrap();
        assert_eq!((shown(&first.items), first.end), (vec!["Upsert(a)".into()], false));
        source.put("a", 3);
        let rest = source.read_all(ReadFrom::After(&first.next.unwrap()), 9).await.unwrap();
        assert_eq!((shown(&rest.items), rest.end), (vec!["Upsert(c)".into(), "Upsert(a)".into()], true));
        assert_eq!(source.read(ReadFrom::Start, 9).await.unwrap().items.len(), 6);
    }

    #[tokio::test]
    async fn a_look_up_gives_one_item_per_key() {
        let source = MemorySource::token();
        source.put("a", 1);
        source.put("b", 1);
        source.put_deleted("b");
        let found = source.fetch(&["b".into(), "a".into(), "never".into()]).await.unwrap();
        assert_eq!(shown(&found), ["Deleted(b)", "Upsert(a)", "Deleted(never)"]);
        let mute = MemorySource::<i64>::token().without_fetch();
        assert_eq!(mute.fetch(&[]).await.unwrap_err().kind(), ErrorKind::Unsupported);
    }

    #[tokio::test]
    async fn a_cap_is_told_and_can_be_lifted() {
        let source = MemorySource::snapshot();
        for key in ["a", "b", "c"] {
            source.put(key, 1);
        }
        source.declare_total(Some(3));
        source.set_highest(17);
        source.cut_short_at(Some(2));
        let page = source.read(ReadFrom::Start, 9).await.unwrap();
        assert_eq!((page.items.len(), page.end, page.cut_short), (2, true, true));
        assert_eq!((page.total, page.highest, page.as_of), (Some(3), Some(17), None));
        source.cut_short_at(None);
        let page = source.read(ReadFrom::After(&2), 9).await.unwrap();
        assert_eq!((page.items.len(), page.end, page.cut_short), (1, true, false));
    }
}

//! A queue of changes in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::error::{Error, Reason, Result};
use crate::name::{Key, Receipt};
use crate::source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};

/// A table in memory with a queue of its changes: one row per change, whose number is the receipt. A read gives what is not
/// acknowledged yet, each record as it is *then*.
///
/// ```
/// use sync_core::testing::MemoryQueue;
/// use sync_core::{ReadFrom, Source};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sync_core::Result<()> {
/// let goods = MemoryQueue::new();
/// goods.put("MŁOTEK", 7);
/// let page = goods.read(ReadFrom::Start, 100).await?;
/// assert_eq!(page.items.len(), 1);
/// let receipt = goods.pending()[0].0.clone();
/// goods.acknowledge(&[(receipt, Ok(()))]).await?;
/// assert!(goods.pending().is_empty());
/// # Ok(())
/// # }
/// ```
pub struct MemoryQueue<R> {
    identity: SourceIdentity,
    wire_page: usize,
    one_row_per_record: bool,
    looks_up: bool,
    state: Mutex<State<R>>,
}

struct State<R> {
    next_id: u64,
    table: BTreeMap<Key, Row<R>>,
    changes: BTreeMap<u64, Key>,
    acknowledged: Vec<(Receipt, Result<(), Reason>)>,
}

/// A record that exists. A full pass gives them by `born`, which never changes, so that none slips between pages.
struct Row<R> {
    born: u64,
    record: Option<R>,
}

impl<R: Clone> Default for MemoryQueue<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Clone> MemoryQueue<R> {
    /// An empty table with an empty queue.
    #[must_use]
    pub fn new() -> Self {
        let state =
            State { next_id: 1, table: BTreeMap::new(), changes: BTreeMap::new(), acknowledged: Vec::new() };
        Self {
            identity: SourceIdentity::new("memory", "queue"),
            wire_page: usize::MAX,
            one_row_per_record: false,
            looks_up: true,
            state: Mutex::new(state),
        }
    }

    /// Keeps one row per record: a later change takes the place of the queued one under the same receipt, so that the
    /// acknowledgement of what was read swallows it.
    #[must_use]
    pub fn one_row_per_record(mut self) -> Self {
        self.one_row_per_record = true;
        self
    }

    /// Cannot look records up.
    #[must_use]
    pub fn without_fetch(mut self) -> Self {
        self.looks_up = false;
        self
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

    /// Adds or changes a record, and queues that.
    pub fn put(&self, key: impl Into<Key>, record: R) {
        self.change(key.into(), Some(Some(record)));
    }

    /// Adds or changes a record so that it cannot be decoded, and queues that.
    pub fn put_bad(&self, key: impl Into<Key>) {
        self.change(key.into(), Some(None));
    }

    /// Deletes a record, and queues that.
    pub fn delete(&self, key: impl Into<Key>) {
        self.change(key.into(), None);
    }

    /// Adds or changes a record without a row in the queue: one from before there was a queue, or a change that it missed.
    pub fn put_unnoticed(&self, key: impl Into<Key>, record: R) {
        lock(&self.state).set(key.into(), Some(Some(record)));
    }

    /// Deletes a record without a row in the queue.
    pub fn delete_unnoticed(&self, key: impl Into<Key>) {
        lock(&self.state).set(key.into(), None);
    }

    /// The rows that are not acknowledged, in the order of the queue.
    #[must_use]
    pub fn pending(&self) -> Vec<(Receipt, Key)> {
        let state = lock(&self.state);
        state.changes.iter().map(|(id, key)| (receipt(*id), key.clone())).collect()
    }

    /// What was acknowledged, in order, with repeats.
    #[must_use]
    pub fn acknowledged(&self) -> Vec<(Receipt, Result<(), Reason>)> {
        lock(&self.state).acknowledged.clone()
    }

    fn change(&self, key: Key, to: Option<Option<R>>) {
        let mut state = lock(&self.state);
        let queued = state.changes.values().any(|queued| *queued == key);
        state.set(key.clone(), to);
        if !(self.one_row_per_record && queued) {
            let id = state.next_id();
            state.changes.insert(id, key);
        }
    }

    fn position(from: ReadFrom<&u64>) -> u64 {
        match from {
            ReadFrom::Start => 0,
            ReadFrom::After(id) => *id,
        }
    }
}

fn receipt(id: u64) -> Receipt {
    Receipt::from(id.to_string())
}

impl<R: Clone> State<R> {
    fn next_id(&mut self) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        id
    }

    fn set(&mut self, key: Key, to: Option<Option<R>>) {
        let Some(record) = to else {
            self.table.remove(&key);
            return;
        };
        let born = match self.table.get(&key) {
            Some(row) => row.born,
            None => self.next_id(),
        };
        self.table.insert(key, Row { born, record });
    }

    fn item(&self, key: &Key) -> Item<R> {
        match self.table.get(key) {
            None => Item::deleted(key.clone()),
            Some(Row { record: Some(record), .. }) => Item::upsert(key.clone(), record.clone()),
            Some(Row { record: None, .. }) => {
                Item::bad(Some(key.clone()), Error::invalid("scripted bad record"))
            }
        }
    }
}

#[async_trait]
impl<R: Clone + Send + Sync + 'static> Source for MemoryQueue<R> {
    type Record = R;
    type Cursor = u64;

    fn describe(&self) -> SourceInfo {
        let info = SourceInfo::new(SourceKind::Queue, self.identity.clone());
        if self.one_row_per_record { info.ack_swallows() } else { info }
    }

    async fn read(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<R, u64>> {
        let state = lock(&self.state);
        let from = Self::position(from);
        let mut rows = state.changes.range(from.saturating_add(1)..);
        let rows_here: Vec<_> = rows.by_ref().take(limit.max(1).min(self.wire_page)).collect();
        let items = rows_here.iter().map(|(id, key)| state.item(key).with_receipt(receipt(**id))).collect();
        let last = rows_here.last().map(|(id, _)| **id);
        Ok(match (last, rows.next()) {
            (Some(last), Some(_)) => Page::more(items, last),
            // the next cycle begins at the oldest row: what was not acknowledged comes again
            _ => Page::last(items, Some(0)),
        })
    }

    async fn read_all(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<R, u64>> {
        let state = lock(&self.state);
        let from = Self::position(from);
        let mut rows: Vec<_> = state.table.iter().map(|(key, row)| (row.born, key)).collect();
        rows.sort_unstable();
        let mut rest = rows.iter().filter(|(born, _)| *born > from);
        let rows_here: Vec<_> = rest.by_ref().take(limit.max(1).min(self.wire_page)).collect();
        let items = rows_here.iter().map(|(_, key)| state.item(key)).collect();
        let last = rows_here.last().map(|(born, _)| *born);
        let page = match (last, rest.next()) {
            (Some(last), Some(_)) => Page::more(items, last),
            _ => Page::last(items, None),
        };
        Ok(page.with_total(rows.len() as u64))
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<R>>> {
        if !self.looks_up {
            return Err(Error::new(crate::ErrorKind::Unsupported, "this source cannot look records up"));
        }
        let state = lock(&self.state);
        Ok(keys.iter().map(|key| state.item(key)).collect())
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        let mut state = lock(&self.state);
        for (receipt, outcome) in outcomes {
            if let Ok(id) = receipt.as_str().parse::<u64>() {
                state.changes.remove(&id);
            }
            state.acknowledged.push((receipt.clone(), outcome.clone()));
        }
        Ok(())
    }
}

impl<R> fmt::Debug for MemoryQueue<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryQueue")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(queue: &MemoryQueue<i64>) -> Vec<String> {
        let page = queue.read(ReadFrom::Start, 100).await.unwrap();
        page.items.iter().map(|item| format!("{item:?}")).collect()
    }

    #[tokio::test]
    async fn rows_come_until_they_are_acknowledged_and_show_the_present() {
        let queue = MemoryQueue::new();
        queue.put("a", 1);
        queue.put("b", 1);
        queue.put("a", 2);
        queue.delete("b");
        assert_eq!(read(&queue).await, ["Upsert(a)", "Deleted(b)", "Upsert(a)", "Deleted(b)"]);
        let outcomes: Vec<_> =
            queue.pending().into_iter().take(2).map(|(receipt, _)| (receipt, Ok(()))).collect();
        queue.acknowledge(&outcomes).await.unwrap();
        queue.acknowledge(&outcomes).await.unwrap();
        assert_eq!(read(&queue).await, ["Upsert(a)", "Deleted(b)"]);
        assert_eq!(queue.acknowledged().len(), 4);
    }

    #[tokio::test]
    async fn with_one_row_per_record_an_acknowledgement_swallows_the_later_change() {
        for swallows in [false, true] {
            let queue = MemoryQueue::new();
            let queue = if swallows { queue.one_row_per_record() } else { queue };
            assert_eq!(queue.describe().ack_swallows, swallows);
            queue.put("a", 1);
            let read_before = queue.pending();
            queue.put("a", 2);
            queue.acknowledge(&[(read_before[0].0.clone(), Ok(()))]).await.unwrap();
            assert_eq!(queue.pending().is_empty(), swallows);
        }
    }

    #[tokio::test]
    async fn a_full_pass_gives_what_exists_also_what_the_queue_never_told() {
        let queue = MemoryQueue::new().wire_page(1);
        queue.put("b", 1);
        queue.put_unnoticed("a", 1);
        queue.put("gone", 1);
        queue.delete_unnoticed("gone");
        let first = queue.read_all(ReadFrom::Start, 10).await.unwrap();
        assert_eq!((first.items[0].key().unwrap().as_str(), first.total, first.end), ("b", Some(2), false));
        let second = queue.read_all(ReadFrom::After(&first.next.unwrap()), 10).await.unwrap();
        assert_eq!((second.items[0].key().unwrap().as_str(), second.end), ("a", true));
    }
}

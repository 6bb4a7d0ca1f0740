//! The test that every source must pass: nothing is lost while it changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::{List, broken, needs, promise, stored};
use crate::error::{ErrorKind, Result};
use crate::name::Key;
use crate::source::{Item, Page, ReadFrom, Source, SourceKind};

/// A round is given up after so many pages.
const MOST_PAGES: usize = 100_000;

/// So many changes come before a round, and so many within it.
const AT_ONCE: usize = 4;

/// A source whose records a test can change while it is read.
#[async_trait]
pub trait SourceUnderTest: Send + Sync {
    /// The source.
    type Source: Source;
    /// What tells two versions of one record apart: its content, or a number that rises with each change.
    type Version: PartialEq + Send + Sync;

    /// The source as a program would make it that was just started. The suite asks for a new one now and then, in the
    /// middle of a list too.
    fn source(&self) -> Arc<Self::Source>;

    /// Makes the change number `n`: adds a record, changes one (also to the same instant as another), deletes one. Calls
    /// come in order, beginning with 0, and at any time between two reads. Every other change should be one of `recent`, a
    /// record that was just read: those are lost most easily.
    ///
    /// # Errors
    /// It could not be made; the test fails with this error.
    async fn change(&self, n: usize, recent: Option<&Key>) -> Result<()>;

    /// Every record that exists now and could be decoded, with its version.
    ///
    /// # Errors
    /// It could not be told; the test fails with this error.
    async fn truth(&self) -> Result<BTreeMap<Key, Self::Version>>;

    /// The version of a record as the source gave it.
    fn version(&self, record: &<Self::Source as Source>::Record) -> Self::Version;
}

/// Reads a source again and again while it changes, drops pages as a crash would, and checks after each round that every
/// record that exists was given in its last version.
///
/// It reads as a flow does: on from each position through its JSON, an acknowledgement after each page of a queue, and a
/// look-up after that where acknowledging [swallows changes](crate::SourceInfo::ack_swallows). A round takes up to eight of the
/// `changes`: some come before it, the others one by one between two pages, between a page and its repetition, or between a
/// page and its acknowledgement. Then nothing changes any more, and when a whole cycle later something is missing, it is
/// lost. A hundred changes make each sort of round once, with pages of one, two, three and many records. Deletions are not looked at:
/// what is gone is found by full passes.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::{Arc, Mutex};
///
/// use async_trait::async_trait;
/// use sync_core::testing::{MemoryQueue, SourceUnderTest, assert_no_loss};
/// use sync_core::{Key, Result};
///
/// struct Goods {
///     goods: Arc<MemoryQueue<usize>>,
///     truth: Mutex<BTreeMap<Key, usize>>,
/// }
///
/// #[async_trait]
/// impl SourceUnderTest for Goods {
///     type Source = MemoryQueue<usize>;
///     type Version = usize;
///
///     fn source(&self) -> Arc<MemoryQueue<usize>> {
///         Arc::clone(&self.goods)
///     }
///
///     async fn change(&self, n: usize, recent: Option<&Key>) -> Result<()> {
///         let key = match recent {
///             Some(recent) if n % 2 == 0 => recent.clone(),
///             _ => Key::from(format!("good-{}", n % 7)),
///         };
///         self.goods.put(key.clone(), n);
///         self.truth.lock().unwrap().insert(key, n);
///         Ok(())
///     }
///
///     async fn truth(&self) -> Result<BTreeMap<Key, usize>> {
///         Ok(self.truth.lock().unwrap().clone())
///     }
///
///     fn version(&self, record: &usize) -> usize {
///         *record
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let goods = Arc::new(MemoryQueue::new().wire_page(2));
/// assert_no_loss(&Goods { goods, truth: Mutex::default() }, 100).await
/// # }
/// ```
///
/// # Errors
/// A [`Bug`](ErrorKind::Bug) that names the first record that was lost; or the source's own error.
pub async fn assert_no_loss<T: SourceUnderTest>(under_test: &T, changes: usize) -> Result<()> {
    needs(changes > 0, "the suite needs some changes to make")?;
    let mut reader = Reader::new(under_test, changes);
    for limit in [1, 2, 3, 1_000].into_iter().cycle() {
        reader.start_anew(limit).await?;
        for place in [Place::Page, Place::Repetition, Place::Acknowledgement] {
            reader.round(place).await?;
            reader.compare().await?;
        }
        if reader.made == changes {
            break;
        }
    }
    Ok(())
}

/// Before what in a round changes fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Page,
    Repetition,
    Acknowledgement,
}

/// A flow in small: a position and what the target would hold.
struct Reader<'a, T: SourceUnderTest> {
    under_test: &'a T,
    source: Arc<T::Source>,
    limit: usize,
    position: Option<<T::Source as Source>::Cursor>,
    target: BTreeMap<Key, T::Version>,
    /// A record of the last page.
    recent: Option<Key>,
    made: usize,
    changes: usize,
}

type PageOf<S> = Page<<S as Source>::Record, <S as Source>::Cursor>;

impl<'a, T: SourceUnderTest> Reader<'a, T> {
    fn new(under_test: &'a T, changes: usize) -> Self {
        let (source, target) = (under_test.source(), BTreeMap::new());
        Self { under_test, source, limit: 1, position: None, target, recent: None, made: 0, changes }
    }

    async fn start_anew(&mut self, limit: usize) -> Result<()> {
        self.limit = limit;
        self.position = None;
        self.target.clear();
        if self.source.describe().kind != SourceKind::Queue {
            return Ok(());
        }
        // a queue gives changes alone: what exists comes with a full pass
        let mut position = None;
        for _ in 0..MOST_PAGES {
            let page = List::Everything.read(&*self.source, position.as_ref(), limit).await?;
            self.hold(page.items);
            if page.end {
                return Ok(());
            }
            position = page.next;
        }
        Err(broken("a source that nobody changes comes to its end"))
    }

    async fn round(&mut self, place: Place) -> Result<()> {
        for _ in 0..AT_ONCE {
            self.change().await?;
        }
        let mut left = AT_ONCE.min(self.changes - self.made);
        let mut calm_ends = 0;
        for _ in 0..MOST_PAGES {
            let calm = left == 0;
            left = left.saturating_sub(1);
            if place == Place::Page && !calm {
                self.change().await?;
            }
            let mut page = self.page().await?;
            if place == Place::Repetition {
                // the page was written and not committed: a new process reads it again
                if !calm {
                    self.change().await?;
                }
                self.source = self.under_test.source();
                page = self.page().await?;
            }
            let end = page.end;
            let read = self.take(page)?;
            if place == Place::Acknowledgement && !calm {
                self.change().await?;
            }
            self.acknowledge(read).await?;
            if end && calm {
                // the first may end a cycle that began before the last change
                calm_ends += 1;
                if calm_ends == 2 {
                    return Ok(());
                }
            }
        }
        Err(broken("a source that nobody changes any more comes to its end"))
    }

    async fn change(&mut self) -> Result<()> {
        if self.made < self.changes {
            self.under_test.change(self.made, self.recent.as_ref()).await?;
            self.made += 1;
        }
        Ok(())
    }

    async fn page(&mut self) -> Result<PageOf<T::Source>> {
        let from = self.position.as_ref().map_or(ReadFrom::Start, ReadFrom::After);
        let page = self.source.read(from, self.limit).await?;
        self.recent = page.items.iter().rev().find_map(Item::key).cloned();
        Ok(page)
    }

    /// What commits a page: the records and the position.
    fn take(&mut self, mut page: PageOf<T::Source>) -> Result<Vec<(Key, crate::Receipt)>> {
        let next = page.next.as_ref().map(stored).transpose()?.map(|(next, _)| next);
        promise(page.end || next.is_some(), "a page with more behind it says where to go on")?;
        let starts_anew = page.end && self.source.describe().kind == SourceKind::Snapshot;
        match next {
            _ if starts_anew => self.position = None,
            Some(next) => self.position = Some(next),
            None => {}
        }
        let mut receipts = Vec::new();
        for item in &mut page.items {
            let key = item.key().cloned();
            receipts.extend(key.zip(item.take_receipt()));
        }
        self.hold(page.items);
        Ok(receipts)
    }

    fn hold(&mut self, items: Vec<Item<<T::Source as Source>::Record>>) {
        for item in items {
            match item {
                Item::Upsert { key, record, .. } => {
                    self.target.insert(key, self.under_test.version(&record));
                }
                Item::Deleted { key, .. } => {
                    self.target.remove(&key);
                }
                Item::Bad { .. } => {}
            }
        }
    }

    async fn acknowledge(&mut self, read: Vec<(Key, crate::Receipt)>) -> Result<()> {
        if read.is_empty() {
            return Ok(());
        }
        let (mut keys, receipts): (Vec<_>, Vec<_>) = read.into_iter().unzip();
        let outcomes: Vec<_> = receipts.into_iter().map(|receipt| (receipt, Ok(()))).collect();
        self.source.acknowledge(&outcomes).await?;
        if self.source.describe().ack_swallows {
            keys.sort();
            keys.dedup();
            match self.source.fetch(&keys).await {
                Err(error) if error.kind() == ErrorKind::Unsupported => {
                    return Err(broken("a queue whose acknowledgement swallows changes can look records up"));
                }
                items => self.hold(items?),
            }
        }
        Ok(())
    }

    async fn compare(&self) -> Result<()> {
        for (key, version) in &self.under_test.truth().await? {
            let words = match self.target.get(key) {
                None => "was never given, or was said to be gone",
                Some(held) if held != version => "was not given in its last version",
                Some(_) => continue,
            };
            return Err(broken(format!("no change is lost: {key} {words}")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::change_list::{ChangeList, ChangePage, KeysetInfo, KeysetSource, Resolution};
    use crate::cursor::Point;
    use crate::source::{SourceIdentity, SourceInfo};
    use crate::testing::{ManualClock, MemoryChanges, MemoryQueue, MemorySource, lock};

    /// Any source over some table, with a closure that changes the table.
    struct World<S, F> {
        source: Arc<S>,
        change: F,
        truth: Mutex<BTreeMap<Key, usize>>,
    }

    #[async_trait]
    impl<S, F> SourceUnderTest for World<S, F>
    where
        S: Source<Record = usize>,
        F: Fn(&S, usize, Key) -> bool + Send + Sync,
    {
        type Source = S;
        type Version = usize;

        fn source(&self) -> Arc<S> {
            Arc::clone(&self.source)
        }

        async fn change(&self, n: usize, recent: Option<&Key>) -> Result<()> {
            let key = match recent {
                Some(recent) if n.is_multiple_of(2) => recent.clone(),
                _ => Key::from(format!("k{}", n * 7 % 13)),
            };
            if (self.change)(&self.source, n, key.clone()) {
                lock(&self.truth).insert(key, n);
            } else {
                lock(&self.truth).remove(&key);
            }
            Ok(())
        }

        async fn truth(&self) -> Result<BTreeMap<Key, usize>> {
            Ok(lock(&self.truth).clone())
        }

        fn version(&self, record: &usize) -> usize {
            *record
        }
    }

    async fn no_loss<S, F>(source: S, change: F) -> Result<()>
    where
        S: Source<Record = usize>,
        F: Fn(&S, usize, Key) -> bool + Send + Sync,
    {
        assert_no_loss(&World { source: Arc::new(source), change, truth: Mutex::default() }, 200).await
    }

    async fn loses<S, F>(source: S, change: F)
    where
        S: Source<Record = usize>,
        F: Fn(&S, usize, Key) -> bool + Send + Sync,
    {
        let error = no_loss(source, change).await.unwrap_err();
        assert!(error.to_string().starts_with("no change is lost"), "{error}");
    }

    fn in_queue(queue: &MemoryQueue<usize>, n: usize, key: Key) -> bool {
        let delete = n % 5 == 4;
        if delete {
            queue.delete(key)
        } else {
            queue.put(key, n)
        }
        !delete
    }

    #[tokio::test]
    async fn the_fakes_lose_nothing() {
        for wire_page in [1, 3, 100] {
            no_loss(MemoryQueue::new().wire_page(wire_page), in_queue).await.unwrap();
            no_loss(MemoryQueue::new().one_row_per_record().wire_page(wire_page), in_queue).await.unwrap();
            for source in [MemorySource::token(), MemorySource::snapshot()] {
                let source = source.wire_page(wire_page);
                let put = |source: &MemorySource<usize>, n: usize, key: Key| {
                    source.put(key, n);
                    true
                };
                no_loss(source, put).await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_swallowed_change_is_missed() {
        /// Does not say that its acknowledgement swallows.
        #[derive(Debug)]
        struct Silent(MemoryQueue<usize>);

        #[async_trait]
        impl Source for Silent {
            type Record = usize;
            type Cursor = u64;

            fn describe(&self) -> SourceInfo {
                SourceInfo { ack_swallows: false, ..self.0.describe() }
            }

            async fn read(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<usize, u64>> {
                self.0.read(from, limit).await
            }

            async fn read_all(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<usize, u64>> {
                self.0.read_all(from, limit).await
            }

            async fn acknowledge(
                &self,
                outcomes: &[(crate::Receipt, Result<(), crate::Reason>)],
            ) -> Result<()> {
                self.0.acknowledge(outcomes).await
            }
        }

        loses(Silent(MemoryQueue::new().one_row_per_record()), |source, n, key| in_queue(&source.0, n, key))
            .await;
        let mute = MemoryQueue::new().one_row_per_record().without_fetch();
        let error = no_loss(mute, in_queue).await.unwrap_err();
        assert!(error.to_string().contains("can look records up"), "{error}");
    }

    #[tokio::test]
    async fn an_offset_into_a_list_that_is_reordered_loses() {
        let most_recent_last = |source: &MemorySource<usize>, n: usize, key: Key| {
            source.remove(key.clone());
            source.put(key, n);
            true
        };
        loses(MemorySource::token().wire_page(2), most_recent_last).await;
    }

    /// A table read by `>` or by `>=`, several changes to an instant.
    #[derive(Debug)]
    struct Stamped {
        rows: MemoryChanges<usize>,
        exclusive: bool,
    }

    #[async_trait]
    impl ChangeList for Stamped {
        type Record = usize;

        fn describe(&self) -> KeysetInfo {
            self.rows.describe()
        }

        async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<usize>> {
            match from {
                Some(point) if self.exclusive => {
                    let after = Point::at(point.instant + TimeDelta::microseconds(1));
                    self.rows.read(Some(&after), limit).await
                }
                _ => self.rows.read(from, limit).await,
            }
        }
    }

    /// Three changes to a second; every fifth becomes visible with a stamp that is four seconds old.
    async fn stamped(rows: Stamped, overlap: u64, late: bool) -> Result<()> {
        let rows = Arc::new(rows);
        let list = KeysetSource::new(Arc::clone(&rows))
            .clock(Arc::new(ManualClock::default()))
            .overlap(Duration::from_secs(overlap));
        no_loss(list, move |_, n, key| {
            let now = DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::try_from(n / 3).unwrap());
            let lag = if late && n.is_multiple_of(5) { TimeDelta::seconds(4) } else { TimeDelta::zero() };
            rows.rows.put(now - lag, key, n);
            rows.rows.set_as_of(now);
            true
        })
        .await
    }

    fn lists() -> [MemoryChanges<usize>; 3] {
        let plain = MemoryChanges::new;
        [plain().wire_page(2), plain().without_ties(), plain().resolution(Resolution::Seconds)]
    }

    #[tokio::test]
    async fn a_list_read_inclusively_loses_nothing_and_one_read_by_greater_than_does() {
        for rows in lists() {
            stamped(Stamped { rows, exclusive: false }, 0, false).await.unwrap();
        }
        for rows in lists() {
            let error = stamped(Stamped { rows, exclusive: true }, 0, false).await.unwrap_err();
            assert!(error.to_string().starts_with("no change is lost"), "{error}");
        }
    }

    #[tokio::test]
    async fn rows_that_become_visible_late_are_lost_unless_the_overlap_covers_them() {
        for rows in lists() {
            stamped(Stamped { rows, exclusive: false }, 5, true).await.unwrap();
        }
        for rows in lists() {
            let error = stamped(Stamped { rows, exclusive: false }, 0, true).await.unwrap_err();
            assert!(error.to_string().starts_with("no change is lost"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_position_kept_in_memory_loses_a_page_that_was_dropped() {
        #[derive(Debug)]
        struct Remembers {
            rows: Mutex<Vec<(Key, usize)>>,
            at: Mutex<usize>,
        }

        #[async_trait]
        impl Source for Remembers {
            type Record = usize;
            type Cursor = usize;

            fn describe(&self) -> SourceInfo {
                SourceInfo::new(SourceKind::Token, SourceIdentity::new("broken", "records"))
            }

            async fn read(&self, _from: ReadFrom<&usize>, limit: usize) -> Result<Page<usize, usize>> {
                let rows = lock(&self.rows);
                let mut at = lock(&self.at);
                let items: Vec<_> =
                    rows.iter().skip(*at).take(limit).map(|(key, n)| Item::upsert(key.clone(), *n)).collect();
                *at += items.len();
                Ok(Page::of(items, Some(*at), *at == rows.len()))
            }
        }

        let source = Remembers { rows: Mutex::default(), at: Mutex::new(0) };
        loses(source, |source, n, key| {
            lock(&source.rows).push((key, n));
            true
        })
        .await;
    }
}

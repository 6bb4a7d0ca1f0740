//! What every source has to do.

use std::collections::BTreeSet;

use super::{
    DROPS, List, Shape, Step, all_seen, broken, dropped_at, last_of_each, looked_up, promise, stored, walk,
    walk_from,
};
use crate::error::{ErrorKind, Result};
use crate::name::Key;
use crate::source::{Page, ReadFrom, Source, SourceKind};

/// What the suites may take for granted of a source.
#[derive(Debug, Clone)]
pub struct SourceExpectations {
    alive: BTreeSet<Key>,
    unknown: Key,
    looks_up: bool,
    most_pages: usize,
    limits: Vec<usize>,
}

impl Default for SourceExpectations {
    fn default() -> Self {
        Self::new()
    }
}

impl SourceExpectations {
    /// Nothing is known of what the source holds; it comes to its end within 10,000 pages; the key `no-such-key` is not in
    /// it; it is read by 1, 2 and 1,000 records.
    #[must_use]
    pub fn new() -> Self {
        Self {
            alive: BTreeSet::new(),
            unknown: Key::from("no-such-key"),
            looks_up: false,
            most_pages: 10_000,
            limits: vec![1, 2, 1_000],
        }
    }

    /// These records exist: a full pass gives them, and a look-up finds them.
    #[must_use]
    pub fn alive<K: Into<Key>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.alive.extend(keys.into_iter().map(Into::into));
        self
    }

    /// A key that the source does not hold, well-formed for it.
    #[must_use]
    pub fn unknown(mut self, key: impl Into<Key>) -> Self {
        self.unknown = key.into();
        self
    }

    /// The source can look up; without this it may as well say that it cannot.
    #[must_use]
    pub fn looks_up(mut self) -> Self {
        self.looks_up = true;
        self
    }

    /// It comes to its end within so many pages.
    #[must_use]
    pub fn most_pages(mut self, pages: usize) -> Self {
        self.most_pages = pages;
        self
    }

    /// It is read by so many records, each in turn. The first of these is the one that most is tried with.
    #[must_use]
    pub fn limits(mut self, limits: impl IntoIterator<Item = usize>) -> Self {
        self.limits = limits.into_iter().filter(|limit| *limit > 0).collect();
        self
    }

    pub(super) fn limit(&self) -> usize {
        self.limits.first().copied().unwrap_or(1_000)
    }

    pub(super) fn pages(&self) -> usize {
        self.most_pages
    }
}

/// Reads a source that nobody changes meanwhile, and checks what its trait promises of reads, positions, full passes and
/// look-ups. It acknowledges nothing; see [`queue_conformance`](super::queue_conformance) for that, and
/// [`assert_no_loss`](super::assert_no_loss) for a source that changes between its pages.
///
/// Best given a source with a few dozen records, some deleted and some that do not decode.
///
/// ```
/// use sync_core::testing::{MemorySource, SourceExpectations, source_conformance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sync_core::Result<()> {
/// let stock = MemorySource::snapshot().wire_page(3);
/// for n in 0..10 {
///     stock.put(format!("good-{n}"), n);
/// }
/// source_conformance(&stock, &SourceExpectations::new().alive(["good-0", "good-9"]).looks_up()).await
/// # }
/// ```
///
/// # Errors
/// The first promise that the source does not keep, as a [`Bug`](crate::ErrorKind::Bug); or the source's own error.
pub async fn source_conformance<S: Source>(source: &S, expected: &SourceExpectations) -> Result<()> {
    promise(source.describe() == source.describe(), "`describe` always says the same")?;
    for list in [List::Changes, List::Everything] {
        if list == List::Everything && has_no_list(source, expected.limit()).await {
            continue;
        }
        let first = walk(source, list, expected.limit(), expected.most_pages).await?;
        for limit in expected.limits.iter().skip(1) {
            let other = walk(source, list, *limit, expected.most_pages).await?;
            let same = last_of_each(&other) == last_of_each(&first);
            promise(same, "the records do not depend on how many are asked for at once")?;
        }
        same_again(source, list, expected.limit(), &first).await?;
        drops(source, list, expected.limit(), &first).await?;
        if list == List::Everything {
            whole(expected, &first)?;
        } else {
            behind_the_end(source, expected, &first).await?;
        }
    }
    look_ups(source, expected).await
}

/// The source gives changes alone.
async fn has_no_list<S: Source>(source: &S, limit: usize) -> bool {
    let read = source.read_all(ReadFrom::Start, limit).await;
    read.is_err_and(|error| error.kind() == ErrorKind::Unsupported)
}

/// Each page comes again from its position alone, also after all the others were read.
async fn same_again<S: Source>(source: &S, list: List, limit: usize, steps: &[Step]) -> Result<()> {
    for step in steps.iter().rev() {
        let page = reread(source, list, limit, step).await?;
        let same = all_seen(&page) == step.seen;
        promise(same, "a read gives what follows its position, whatever was read before")?;
    }
    Ok(())
}

async fn reread<S: Source>(
    source: &S,
    list: List,
    limit: usize,
    step: &Step,
) -> Result<Page<S::Record, S::Cursor>> {
    let cursor = cursor::<S>(step.from.as_ref())?;
    list.read(source, cursor.as_ref(), limit).await
}

fn cursor<S: Source>(text: Option<&String>) -> Result<Option<S::Cursor>> {
    let read = |text: &String| serde_json::from_str(text);
    text.map(read).transpose().map_err(|_| broken("a cursor can be read back from its JSON"))
}

/// The next cycle of a source to which nothing happened brings nothing new. A snapshot's begins at the start.
async fn behind_the_end<S: Source>(source: &S, expected: &SourceExpectations, steps: &[Step]) -> Result<()> {
    let end = cursor::<S>(steps.last().and_then(|step| step.next.as_ref()))?;
    if end.is_none() || source.describe().kind == SourceKind::Snapshot {
        return Ok(());
    }
    let end = end.as_ref().map(stored).transpose()?;
    let again = walk_from(source, List::Changes, expected.limit(), expected.most_pages, end).await?;
    let known = last_of_each(steps);
    let nothing_new = last_of_each(&again).iter().all(|(key, shape)| known.get(key) == Some(shape));
    promise(nothing_new, "behind the end comes nothing that is new while nobody changes the source")
}

/// A read that is dropped at any await leaves nothing behind.
async fn drops<S: Source>(source: &S, list: List, limit: usize, steps: &[Step]) -> Result<()> {
    // the first page and one from the middle: another position, and perhaps another code path
    for step in [steps.first(), steps.get(steps.len() / 2)].into_iter().flatten() {
        let cursor = cursor::<S>(step.from.as_ref())?;
        for polls in 1..=DROPS {
            if dropped_at(polls, list.read(source, cursor.as_ref(), limit)).await.is_some() {
                break;
            }
            let page = reread(source, list, limit, step).await?;
            promise(all_seen(&page) == step.seen, "a read that was dropped can be repeated")?;
        }
    }
    Ok(())
}

/// A full pass gives everything there is.
fn whole(expected: &SourceExpectations, steps: &[Step]) -> Result<()> {
    if steps.iter().any(|step| step.cut_short) {
        return Ok(());
    }
    let found = last_of_each(steps);
    for key in &expected.alive {
        let there = found.get(key).is_some_and(|shape| *shape != Shape::Deleted);
        // what a full pass does not give is taken for gone
        promise(there, format!("a full pass gives every record that exists: {key}"))?;
    }
    let rows = steps.iter().map(|step| step.seen.len() as u64).sum::<u64>();
    let records = found.values().filter(|shape| **shape != Shape::Deleted).count() as u64;
    let honest = steps.iter().filter_map(|step| step.total).all(|total| total == rows || total == records);
    promise(honest, "the total is the number of records of the whole list")
}

/// A look-up gives each record as the reads do.
async fn look_ups<S: Source>(source: &S, expected: &SourceExpectations) -> Result<()> {
    let steps = walk(source, List::Changes, expected.limit(), expected.most_pages).await?;
    let mut known = last_of_each(&steps);
    known.extend(expected.alive.iter().map(|key| (key.clone(), Shape::Upsert)));
    known.remove(&expected.unknown);
    // keys made up for rows without one mean nothing to the source
    let named = known.keys().filter(|key| !key.as_str().starts_with("unkeyed:"));
    let mut keys: Vec<_> = named.take(200).cloned().collect();
    keys.push(expected.unknown.clone());
    let Some(found) = looked_up(source, &keys).await? else {
        return promise(!expected.looks_up, "the source looks records up");
    };
    for (key, shape) in &found {
        let there = known.get(key).is_some_and(|known| *known != Shape::Deleted);
        let words =
            if there { "finds a record that exists" } else { "says `deleted` of what does not exist" };
        promise(there == (*shape != Shape::Deleted), format!("a look-up {words}: {key}"))?;
    }
    let one = keys.get(..1).unwrap_or_default();
    let alone = looked_up(source, one).await?;
    let same = alone.is_some_and(|alone| alone.iter().all(|(key, shape)| found.get(key) == Some(shape)));
    promise(same, "a look-up of one record says what a look-up of many says")?;
    let none = looked_up(source, &[]).await?;
    promise(none.is_some_and(|none| none.is_empty()), "a look-up of nothing gives nothing")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::KeysetSource;
    use crate::error::Error;
    use crate::source::{Item, ReadFrom, SourceIdentity, SourceInfo};
    use crate::testing::{Faults, FaultySource, MemoryChanges, MemoryQueue, MemorySource};

    fn filled(source: MemorySource<i64>) -> MemorySource<i64> {
        for n in 0..7 {
            source.put(format!("k{n}"), n);
        }
        source.put("k3", 33);
        source.put_deleted("k5");
        source.put_bad(Some("k6".into()));
        source
    }

    fn expected() -> SourceExpectations {
        SourceExpectations::new().alive(["k0", "k4"]).looks_up()
    }

    #[tokio::test]
    async fn the_fakes_keep_every_promise() {
        for wire_page in [1, 3, 100] {
            for source in [MemorySource::snapshot(), MemorySource::token()] {
                let source = filled(source.wire_page(wire_page));
                source_conformance(&FaultySource::new(source).reads(Faults::none()), &expected())
                    .await
                    .unwrap();
            }
            let queue = MemoryQueue::new().wire_page(wire_page);
            queue.put_unnoticed("k4", 4);
            for key in ["k0", "k1", "k2", "gone"] {
                queue.put(key, 1);
            }
            queue.delete("gone");
            source_conformance(&queue, &expected()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_list_of_changes_keeps_every_promise() {
        for list in [MemoryChanges::new(), MemoryChanges::new().without_ties()] {
            let instant = chrono::DateTime::UNIX_EPOCH;
            for n in 0..9 {
                list.put(instant + chrono::TimeDelta::seconds(n / 3), format!("k{n}"), n);
            }
            let expected = SourceExpectations::new().alive(["k0", "k8"]).looks_up();
            source_conformance(&KeysetSource::new(list), &expected).await.unwrap();
        }
    }

    /// How a source is broken.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Breach {
        Describe,
        Position,
        Memory,
        Stuck,
        NoNext,
        Endless,
        Limit,
        Drop,
        Whole,
        Total,
        ClockBack,
        HighestFalls,
        BehindTheEnd,
        FetchMisses,
        FetchDoubles,
        FetchStranger,
        FetchFindsAll,
        FetchFindsNothing,
        NoFetch,
    }

    #[derive(Debug)]
    struct Broken {
        breach: Breach,
        calls: AtomicUsize,
        under_way: AtomicUsize,
    }

    fn at(seconds: usize) -> chrono::DateTime<chrono::Utc> {
        chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(i64::try_from(seconds).unwrap())
    }

    #[async_trait]
    impl Source for Broken {
        type Record = usize;
        type Cursor = usize;

        fn describe(&self) -> SourceInfo {
            let calls = self.calls.load(Ordering::Relaxed);
            let identity = SourceIdentity::new("broken", "records");
            let identity =
                if self.breach == Breach::Describe { identity.filter(calls.to_string()) } else { identity };
            SourceInfo::new(SourceKind::Token, identity)
        }

        async fn read_all(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<usize, usize>> {
            self.read(from, limit).await
        }

        async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<usize, usize>> {
            let call = self.calls.fetch_add(1, Ordering::Relaxed);
            let left_behind = self.under_way.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            self.under_way.store(0, Ordering::Relaxed);
            let mut start = match from {
                ReadFrom::Start => 0,
                ReadFrom::After(cursor) => *cursor,
            };
            if self.breach == Breach::Endless {
                return Ok(Page::more(vec![Item::upsert(start.to_string(), 0)], start + 1));
            }
            if self.breach == Breach::Memory && call > 12 {
                start += 1;
            }
            if self.breach == Breach::Drop && left_behind > 0 {
                start += 1;
            }
            if self.breach == Breach::Position {
                start = 0;
            }
            let end = start.saturating_add(limit).min(6);
            let skip = usize::from(self.breach == Breach::Limit && limit == 1);
            let items = (start..end).skip(skip).map(|n| Item::upsert(format!("k{n}"), n)).collect();
            Ok(match self.breach {
                Breach::Stuck if end < 6 => Page::more(items, start),
                Breach::NoNext if end < 6 => Page { next: None, ..Page::more(items, end) },
                Breach::ClockBack => Page::of(items, Some(end), end == 6).with_as_of(at(10 - end)),
                Breach::HighestFalls => Page::of(items, Some(end), end == 6).with_highest(10 - end as u64),
                Breach::BehindTheEnd if start == 6 => Page::last(vec![Item::upsert("new", 1)], Some(6)),
                Breach::Total => Page::of(items, Some(end), end == 6).with_total(5),
                _ => Page::of(items, Some(end), end == 6),
            })
        }

        async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<usize>>> {
            if self.breach == Breach::NoFetch {
                return Err(Error::new(crate::ErrorKind::Unsupported, "no"));
            }
            let mut items: Vec<_> = keys
                .iter()
                .map(|key| {
                    let there = key.as_str().starts_with('k');
                    match self.breach {
                        Breach::FetchFindsAll => Item::upsert(key.clone(), 0),
                        Breach::FetchFindsNothing => Item::deleted(key.clone()),
                        _ if there => Item::upsert(key.clone(), 0),
                        _ => Item::deleted(key.clone()),
                    }
                })
                .collect();
            match self.breach {
                Breach::FetchMisses => items.retain(|item| matches!(item, Item::Upsert { .. })),
                Breach::FetchDoubles => items.extend(keys.first().map(|key| Item::deleted(key.clone()))),
                Breach::FetchStranger => items.push(Item::upsert("stranger", 0)),
                _ => {}
            }
            Ok(items)
        }
    }

    #[tokio::test]
    async fn each_broken_promise_is_named() {
        for (breach, words) in [
            (Breach::Describe, "`describe` always says the same"),
            (Breach::Position, "goes on at a position that did not come before"),
            (Breach::Memory, "whatever was read before"),
            (Breach::Stuck, "goes on at a position that did not come before"),
            (Breach::NoNext, "says where to go on"),
            (Breach::Endless, "comes to its end"),
            (Breach::Limit, "do not depend on how many"),
            (Breach::Drop, "can be repeated"),
            (Breach::Whole, "gives every record that exists: k9"),
            (Breach::Total, "the total is the number"),
            (Breach::ClockBack, "clock never goes back"),
            (Breach::HighestFalls, "highest id never falls"),
            (Breach::BehindTheEnd, "behind the end comes nothing"),
            (Breach::FetchMisses, "an item for each key"),
            (Breach::FetchDoubles, "one item per key"),
            (Breach::FetchStranger, "no other keys"),
            (Breach::FetchFindsAll, "says `deleted` of what does not exist"),
            (Breach::FetchFindsNothing, "finds a record that exists"),
            (Breach::NoFetch, "looks records up"),
        ] {
            let source = Broken { breach, calls: AtomicUsize::new(0), under_way: AtomicUsize::new(0) };
            let alive = if breach == Breach::Whole { "k9" } else { "k1" };
            let expected = SourceExpectations::new().alive([alive]).looks_up().most_pages(100);
            let error = source_conformance(&source, &expected).await.unwrap_err();
            assert!(error.to_string().contains(words), "{breach:?}: {error}");
        }
    }

    /// A cursor that does not survive its JSON.
    #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
    struct Forgetful {
        #[serde(skip)]
        at: usize,
    }

    #[derive(Debug)]
    struct ForgetsItsPosition;

    #[async_trait]
    impl Source for ForgetsItsPosition {
        type Record = usize;
        type Cursor = Forgetful;

        fn describe(&self) -> SourceInfo {
            SourceInfo::new(SourceKind::Token, SourceIdentity::new("broken", "records"))
        }

        async fn read(&self, from: ReadFrom<&Forgetful>, _limit: usize) -> Result<Page<usize, Forgetful>> {
            let at = if let ReadFrom::After(cursor) = from { cursor.at } else { 0 };
            let items = vec![Item::upsert(at.to_string(), at)];
            Ok(Page::of(items, Some(Forgetful { at: at + 1 }), at == 3))
        }
    }

    #[tokio::test]
    async fn a_cursor_that_forgets_its_place_in_json_is_found() {
        let error = source_conformance(&ForgetsItsPosition, &SourceExpectations::new()).await.unwrap_err();
        assert!(error.to_string().contains("position that did not come before"), "{error}");
    }
}

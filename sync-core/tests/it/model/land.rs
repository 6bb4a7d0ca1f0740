//! The two sides of the model's world: the truth with its sources, and the target.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sync_core::testing::{Faults, ManualClock};
use sync_core::{
    ChangeList, ChangePage, ChangeRow, Clock, Error, ErrorKind, Item, Key, KeysetInfo, LinkRef, Links,
    Mapped, Mapper, Outcome, Page, Part, PartList, Parts, Point, ReadFrom, Reason, Receipt, RejectFilter,
    Result, Sink, Source, SourceIdentity, SourceInfo, SourceKind, Store, Tie, Write,
};

use crate::world::name;

/// How the truth is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Snapshot,
    SnapshotWithLookUp,
    Shifting,
    ShiftingWithLookUp,
    Keyset,
    KeysetWithoutTies,
    Feed,
    FeedWithoutLookUp,
    Queue,
    SwallowingQueue,
    Reconciled,
    PartsOfSnapshots,
    PartsOfFeeds,
}

impl Way {
    pub(crate) fn parts(self) -> &'static [&'static str] {
        match self {
            Self::PartsOfSnapshots | Self::PartsOfFeeds => &["p0", "p1", "p2"],
            _ => &[""],
        }
    }

    pub(crate) fn is_keyset(self) -> bool {
        matches!(self, Self::Keyset | Self::KeysetWithoutTies)
    }

    pub(crate) fn is_queue(self) -> bool {
        matches!(self, Self::Queue | Self::SwallowingQueue | Self::Reconciled)
    }

    pub(crate) fn is_feed(self) -> bool {
        matches!(self, Self::Feed | Self::FeedWithoutLookUp | Self::PartsOfFeeds)
    }

    pub(crate) fn looks_up(self) -> bool {
        !matches!(self, Self::Snapshot | Self::Shifting | Self::FeedWithoutLookUp) && !self.is_keyset()
    }

    fn shifts(self) -> bool {
        matches!(self, Self::Shifting | Self::ShiftingWithLookUp)
    }
}

/// What mapping makes of a version of a record, links aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Sends,
    Out,
    Rejected,
}

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) version: u64,
    /// What is sent: a later version may go back to what an earlier one had.
    pub(crate) value: u64,
    pub(crate) ticked: bool,
    pub(crate) poison: bool,
    /// It does not even decode.
    pub(crate) bad: bool,
    pub(crate) empty: bool,
    pub(crate) link: Option<u8>,
    pub(crate) stamp: DateTime<Utc>,
    pub(crate) id: i64,
}

impl Row {
    pub(crate) fn content(&self) -> (u64, bool) {
        (self.value, self.empty)
    }

    fn fate(&self) -> Fate {
        match self {
            Self { bad: true, .. } | Self { poison: true, .. } => Fate::Rejected,
            Self { ticked: true, .. } => Fate::Sends,
            _ => Fate::Out,
        }
    }
}

/// A version of a record as it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past {
    pub(crate) version: u64,
    pub(crate) fate: Fate,
    pub(crate) content: Option<(u64, bool)>,
}

/// One part of the truth.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) rows: BTreeMap<String, Row>,
    /// Written at the source and not yet committed there: `(visible from, key, row)`.
    pub(crate) pending: Vec<(DateTime<Utc>, String, Option<Row>)>,
    pub(crate) history: BTreeMap<String, Vec<Past>>,
    pub(crate) events: Vec<(String, u64)>,
    pub(crate) queue: Vec<(u64, String)>,
    pub(crate) next_receipt: u64,
}

impl Truth {
    pub(crate) fn apply(&mut self, way: Way, key: String, version: u64, row: Option<Row>) {
        let fate = row.as_ref().map_or(Fate::Out, Row::fate);
        let past = Past { version, fate, content: row.as_ref().map(Row::content) };
        self.history.entry(key.clone()).or_default().push(past);
        self.events.push((key.clone(), version));
        // a swallowing queue has one row per record
        if way != Way::SwallowingQueue || !self.queue.iter().any(|(_, queued)| *queued == key) {
            self.next_receipt += 1;
            self.queue.push((self.next_receipt, key.clone()));
        }
        match row {
            Some(row) => self.rows.insert(key, row),
            None => self.rows.remove(&key),
        };
    }

    /// The row as it was written last, committed or not.
    pub(crate) fn latest(&self, key: &str) -> Option<Row> {
        match self.pending.iter().rev().find(|(_, pending, _)| pending == key) {
            Some((_, _, row)) => row.clone(),
            None => self.rows.get(key).cloned(),
        }
    }

    fn item(&self, key: &str) -> Item<Rec> {
        match self.rows.get(key) {
            None => Item::deleted(key),
            Some(row) if row.bad => Item::bad(Some(Key::from(key)), Error::invalid("undecodable")),
            Some(row) => Item::upsert(key, Rec(row.clone())),
        }
    }

    pub(crate) fn had(&self, key: &str, test: impl Fn(&Past) -> bool) -> bool {
        self.history.get(key).is_some_and(|all| all.iter().any(test))
    }
}

/// What both sides and the observer of the model share.
#[derive(Debug)]
pub(crate) struct Land {
    pub(crate) way: Way,
    pub(crate) wire_page: usize,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) truths: Mutex<Vec<Truth>>,
    pub(crate) source_faults: Faults,
    pub(crate) sink_faults: Faults,
    /// The answer to this call of the source, of the sink comes cut off, after the work.
    pub(crate) cut_at: Mutex<[Option<u64>; 2]>,
    /// This call of the sink writes the first half of its batch and fails.
    pub(crate) breaks_at: Mutex<Option<u64>>,
    pub(crate) listed: Mutex<BTreeSet<&'static str>>,
    pub(crate) tells_total: bool,
    pub(crate) tells_clock: bool,
    pub(crate) violations: Mutex<Vec<String>>,
    /// The store without its faults.
    pub(crate) raw: Arc<dyn Store>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// The result of a future that never waits: the memory store's.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("the memory store waits"),
    }
}

impl Land {
    pub(crate) fn part(&self, index: usize) -> Part {
        match self.way.parts()[index] {
            "" => Part::whole(&name()),
            part => Part::named(&name(), part),
        }
    }

    pub(crate) fn violation(&self, what: String) {
        lock(&self.violations).push(what);
    }

    fn cut<T>(&self, side: usize, done: Result<T>) -> Result<T> {
        let calls = [&self.source_faults, &self.sink_faults][side].calls();
        match lock(&self.cut_at)[side] == Some(calls) {
            true => Err(Error::new(ErrorKind::Unreadable, "scripted: the answer is cut off")),
            false => done,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Rec(pub(crate) Row);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Out {
    /// Known to the model alone: two versions of the same content are the same.
    #[serde(skip)]
    pub(crate) version: u64,
    pub(crate) value: u64,
    pub(crate) empty: bool,
}

pub(crate) fn link(n: u8) -> LinkRef {
    LinkRef::of_a("k", n.to_string())
}

#[derive(Debug)]
pub(crate) struct Mapping(pub(crate) u32);

impl Mapper<Rec> for Mapping {
    type Out = Out;

    fn version(&self) -> u32 {
        self.0
    }

    fn links_needed(&self, Rec(row): &Rec) -> Vec<LinkRef> {
        row.link.map(link).into_iter().collect()
    }

    fn empties(&self, out: &Out) -> bool {
        out.empty
    }

    fn map(&self, _: &Key, Rec(row): Rec, links: &Links) -> Result<Mapped<Out>, Reason> {
        match row.fate() {
            Fate::Rejected => return Err(Reason::new("poison")),
            Fate::Out => return Ok(Mapped::LeaveOut(Reason::new("not-ticked"))),
            Fate::Sends => {}
        }
        if let Some(wanted) = row.link.map(link)
            && links.get(&wanted).is_none()
        {
            return Err(Reason::missing_link(wanted));
        }
        Ok(Mapped::Send(Out { version: row.version, value: row.value, empty: row.empty }))
    }
}

/// Reads one part of the truth.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    pub(crate) land: Arc<Land>,
    pub(crate) part: usize,
    /// Of two readers of one flow, the list of everything.
    pub(crate) lists: bool,
}

impl Reader {
    fn kind(&self) -> SourceKind {
        match self.land.way {
            Way::Reconciled if self.lists => SourceKind::Snapshot,
            way if way.is_queue() => SourceKind::Queue,
            way if way.is_feed() => SourceKind::Token,
            _ => SourceKind::Snapshot,
        }
    }

    fn list(&self, from: ReadFrom<&String>, limit: usize) -> Page<Rec, String> {
        let truths = lock(&self.land.truths);
        let truth = &truths[self.part];
        let keys: Vec<&String> = truth.rows.keys().collect();
        let start = match from {
            ReadFrom::Start => 0,
            ReadFrom::After(at) if self.land.way.shifts() => at.parse().unwrap(),
            ReadFrom::After(at) => keys.partition_point(|key| *key <= at),
        };
        let start = start.min(keys.len());
        let end = (start + limit.min(self.land.wire_page)).min(keys.len());
        let items = keys[start..end].iter().map(|key| truth.item(key)).collect();
        let next = match self.land.way.shifts() {
            true => end.to_string(),
            false => end.checked_sub(1).map(|last| keys[last].clone()).unwrap_or_default(),
        };
        let page = if end == keys.len() { Page::last(items, Some(next)) } else { Page::more(items, next) };
        if self.land.tells_total { page.with_total(keys.len() as u64) } else { page }
    }

    fn changes(&self, from: ReadFrom<&String>, limit: usize) -> Page<Rec, String> {
        let truths = lock(&self.land.truths);
        let truth = &truths[self.part];
        let limit = limit.min(self.land.wire_page);
        if self.kind() == SourceKind::Queue {
            let given = truth.queue.iter().take(limit);
            let items = given.map(|(id, key)| truth.item(key).with_receipt(format!("{id}:{key}"))).collect();
            return match truth.queue.len() <= limit {
                true => Page::last(items, None),
                false => Page::more(items, "queue".to_owned()),
            };
        }
        let start = match from {
            ReadFrom::Start => 0,
            ReadFrom::After(at) => at.parse::<usize>().unwrap(),
        };
        let end = (start + limit).min(truth.events.len());
        let items = truth.events[start..end].iter().map(|(key, _)| truth.item(key)).collect();
        let next = end.to_string();
        match end == truth.events.len() {
            true => Page::last(items, Some(next)).with_highest(truth.events.len() as u64),
            false => Page::more(items, next),
        }
    }

    /// What is acknowledged is committed: sent, left out, or a reject.
    fn check_acknowledged(&self, key: &str, outcome: &Result<(), Reason>) {
        let live = ready(self.land.raw.rejects(&RejectFilter::all().key(key))).unwrap();
        let is_rejected = live.iter().any(|reject| Some(&reject.part) == Some(&self.land.part(self.part)));
        if outcome.is_err() != is_rejected {
            self.land
                .violation(format!("L26: {key} was acknowledged as {outcome:?}, rejected: {is_rejected}"));
        }
    }
}

#[async_trait::async_trait]
impl Source for Reader {
    type Record = Rec;
    type Cursor = String;

    fn describe(&self) -> SourceInfo {
        let identity = SourceIdentity::new("model", self.land.way.parts()[self.part]);
        let info = SourceInfo::new(self.kind(), identity);
        let info = if self.land.way.shifts() { info.shifting() } else { info };
        if self.land.way == Way::SwallowingQueue { info.ack_swallows() } else { info }
    }

    async fn read(&self, from: ReadFrom<&String>, limit: usize) -> Result<Page<Rec, String>> {
        let page = self.land.source_faults.around(async {
            match self.kind() {
                SourceKind::Snapshot => Ok(self.list(from, limit)),
                _ => Ok(self.changes(from, limit)),
            }
        });
        self.land.cut(0, page.await)
    }

    async fn read_all(&self, from: ReadFrom<&String>, limit: usize) -> Result<Page<Rec, String>> {
        let page = self.land.source_faults.around(async { Ok(self.list(from, limit)) }).await;
        self.land.cut(0, page)
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Rec>>> {
        if !self.land.way.looks_up() {
            return Err(Error::new(ErrorKind::Unsupported, "no look-up"));
        }
        let items = self.land.source_faults.around(async {
            let truths = lock(&self.land.truths);
            Ok(keys.iter().map(|key| truths[self.part].item(key.as_str())).collect())
        });
        self.land.cut(0, items.await)
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        let done = self.land.source_faults.around(async {
            for (receipt, outcome) in outcomes {
                let (id, key) = receipt.as_str().split_once(':').unwrap();
                self.check_acknowledged(key, outcome);
                let id: u64 = id.parse().unwrap();
                lock(&self.land.truths)[self.part].queue.retain(|(queued, _)| *queued != id);
            }
            Ok(())
        });
        self.land.cut(0, done.await)
    }
}

#[async_trait::async_trait]
impl Parts for Reader {
    type Source = Self;

    async fn list(&self) -> Result<PartList> {
        let listed = async { Ok(lock(&self.land.listed).iter().map(|&part| part.to_owned()).collect()) };
        self.land.source_faults.around(listed).await
    }

    fn source(&self, part: &str) -> Self {
        let part = self.land.way.parts().iter().position(|known| *known == part).unwrap();
        Self { part, ..self.clone() }
    }
}

/// The truth as a table ordered by stamps.
#[derive(Debug)]
pub(crate) struct Table(pub(crate) Arc<Land>);

#[async_trait::async_trait]
impl ChangeList for Table {
    type Record = Rec;

    fn describe(&self) -> KeysetInfo {
        let info = KeysetInfo::new(SourceIdentity::new("model", "table"));
        if self.0.way == Way::KeysetWithoutTies { info.without_ties() } else { info }
    }

    async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<Rec>> {
        let land = &self.0;
        let page = land.source_faults.around(async {
            let truths = lock(&land.truths);
            let mut rows: Vec<_> = truths[0].rows.iter().map(|(key, row)| (row.stamp, row.id, key)).collect();
            rows.sort();
            rows.retain(|(stamp, id, _)| match from {
                None => true,
                Some(point) => {
                    *stamp > point.instant
                        || (*stamp == point.instant
                            && point.after.as_ref().is_none_or(|tie| Tie::from(*id) > *tie))
                }
            });
            let limit = if land.way == Way::Keyset { limit.min(land.wire_page) } else { limit };
            let end = rows.len() <= limit;
            rows.truncate(limit);
            let rows =
                rows.into_iter().map(|(stamp, id, key)| ChangeRow::new(stamp, id, truths[0].item(key)));
            let page = ChangePage::new(rows.collect(), end);
            Ok(if land.tells_clock { page.as_of(land.clock.now()) } else { page })
        });
        land.cut(0, page.await)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) rows: BTreeMap<String, Out>,
    /// The highest version ever applied.
    pub(crate) top: BTreeMap<String, u64>,
    /// Turned away one by one.
    pub(crate) refused: BTreeSet<String>,
    /// Whole batches with one of these are turned away.
    pub(crate) cursed: BTreeSet<String>,
    /// Keys written by an instance that slept through its lease, while it does: no store can keep it from that.
    pub(crate) sleepwalk: Option<BTreeSet<String>>,
    pub(crate) written: u64,
    pub(crate) removed: u64,
    /// Keys in the order in which they were written, and whether they were removed.
    pub(crate) log: Vec<(String, bool)>,
}

/// The target.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) land: Arc<Land>,
    pub(crate) shelf: Arc<Mutex<Shelf>>,
}

impl Target {
    fn one(&self, shelf: &mut Shelf, write: &Write<Out>) -> Outcome {
        let key = write.key().to_string();
        if shelf.refused.contains(&key) {
            return Outcome::rejected(Reason::new("refused"));
        }
        if let Some(keys) = &mut shelf.sleepwalk {
            keys.insert(key.clone());
        }
        let sleepwalks = shelf.sleepwalk.is_some();
        shelf.written += 1;
        shelf.log.push((key.clone(), matches!(write, Write::Remove { .. })));
        match write {
            Write::Upsert { record, .. } => {
                let top = shelf.top.entry(key.clone()).or_default();
                if record.version < *top && !sleepwalks {
                    self.land.violation(format!("L5: {key} {} was overwritten by {}", *top, record.version));
                }
                *top = (*top).max(record.version);
                shelf.rows.insert(key, *record);
            }
            Write::Remove { .. } => {
                shelf.removed += 1;
                let there = shelf.rows.remove(&key).map_or(0, |row| row.version);
                let part = self.land.way.parts().iter().position(|part| key.starts_with(part)).unwrap();
                let was_out = lock(&self.land.truths)[part]
                    .had(&key, |past| past.version > there && past.fate == Fate::Out);
                if !was_out && !sleepwalks {
                    self.land.violation(format!("L10: {key} {there} was removed and never was out"));
                }
            }
        }
        Outcome::applied_as(format!("t-{}", write.key()))
    }
}

#[async_trait::async_trait]
impl Sink for Target {
    type Record = Out;

    async fn write(&self, batch: &[Write<Out>]) -> Result<Vec<Outcome>> {
        let written = self.land.sink_faults.around(async {
            let mut shelf = lock(&self.shelf);
            if batch.iter().any(|write| shelf.cursed.contains(write.key().as_str())) {
                return Err(Error::invalid("scripted: the batch is refused"));
            }
            if *lock(&self.land.breaks_at) == Some(self.land.sink_faults.calls()) {
                for write in &batch[..batch.len().div_ceil(2)] {
                    self.one(&mut shelf, write);
                }
                return Err(Error::new(ErrorKind::Transient, "scripted: it breaks off"));
            }
            Ok(batch.iter().map(|write| self.one(&mut shelf, write)).collect())
        });
        self.land.cut(1, written.await)
    }
}

/// Between a stamp and its commit at the source.
pub(crate) const COMMIT_LAG: Duration = Duration::from_secs(20);

//! The failure catalogue: tests named after the number of the failure that they rule out.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sync_core::testing::{ManualClock, MemorySink};
use sync_core::{
    Error, ErrorKind, Flow, FlowSettings, Held, Item, Job, JobEnd, Key, Links, Mapped, Mapper, MemoryStore,
    Page, PartReport, ReadFrom, Reason, Receipt, RejectFilter, RetrySettings, RunContext, Source,
    SourceIdentity, SourceInfo, SourceKind, Store, run_until_done,
};

use crate::world::{finish, five, name};

mod acts;
mod commit;
mod cursor;
mod deletes;
mod operation;
mod protocol;

/// A record that cannot be decoded.
pub(crate) const BAD: i64 = i64::MIN;
/// A record that is not meant for the target.
pub(crate) const UNTICKED: i64 = i64::MAX;

/// How long a lease lasts; a step of its own moves the clock on by it.
const LEASE: Duration = Duration::from_secs(1);

/// A list of goods with a feed or a queue of their changes, which a test alters between any two calls.
pub(crate) struct Shop {
    info: SourceInfo,
    page: usize,
    state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) goods: BTreeMap<String, i64>,
    /// Keys that changed, oldest first, numbered from 1.
    events: Vec<(usize, String)>,
    next_event: usize,
    /// Rows without a key at the end of the list.
    pub(crate) unkeyed: usize,
    /// What each page of the list declares as the number of all.
    pub(crate) totals: VecDeque<u64>,
    /// The list ends here, though there is more.
    pub(crate) cap: Option<usize>,
    pub(crate) highest: Option<u64>,
    pub(crate) as_of: Option<chrono::DateTime<chrono::Utc>>,
    pub(crate) fetches: bool,
    /// Acknowledgements are taken and do nothing.
    pub(crate) deaf: bool,
    /// Happens to the goods within the next acknowledgement.
    pub(crate) meanwhile: Option<(String, i64)>,
    pub(crate) raw: Vec<u8>,
    /// Calls that fail, and how.
    failing: BTreeMap<&'static str, ErrorKind>,
    pub(crate) calls: Vec<&'static str>,
    /// Receipts with what was said of them.
    pub(crate) told: Vec<(String, Option<String>)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Place {
    Event(usize),
    Row(usize),
}

impl Shop {
    pub(crate) fn new(kind: SourceKind) -> Self {
        let info = SourceInfo::new(kind, SourceIdentity::new("shop", "goods"));
        Self { info, page: usize::MAX, state: Mutex::default() }
    }

    pub(crate) fn page(mut self, rows: usize) -> Self {
        self.page = rows;
        self
    }

    pub(crate) fn info(mut self, change: impl FnOnce(SourceInfo) -> SourceInfo) -> Self {
        self.info = change(self.info);
        self
    }

    pub(crate) fn fetches(self) -> Self {
        self.state().fetches = true;
        self
    }

    pub(crate) fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Changes a good; the feed tells it.
    pub(crate) fn put(&self, key: impl Into<String>, value: i64) {
        let key = key.into();
        self.quietly_put(key.clone(), value);
        self.state().tell(key);
    }

    /// Changes a good and tells nobody.
    pub(crate) fn quietly_put(&self, key: impl Into<String>, value: i64) {
        self.state().goods.insert(key.into(), value);
    }

    /// `count` goods of this value, `k000` and so on.
    pub(crate) fn stock(&self, count: usize, value: i64) {
        for n in 0..count {
            self.put(format!("k{n:03}"), value);
        }
    }

    /// Takes the first goods away; the feed tells nothing.
    pub(crate) fn vanish(&self, count: usize) {
        for _ in 0..count {
            self.state().goods.pop_first();
        }
    }

    /// Takes a good away; the feed tells it.
    pub(crate) fn delete(&self, key: &str) {
        self.state().goods.remove(key);
        self.state().tell(key.to_owned());
    }

    pub(crate) fn fail(&self, call: &'static str, kind: ErrorKind) {
        self.state().failing.insert(call, kind);
    }

    pub(crate) fn mend(&self) {
        self.state().failing.clear();
    }

    pub(crate) fn calls_of(&self, call: &str) -> usize {
        self.state().calls.iter().filter(|made| **made == call).count()
    }

    fn list(&self, state: &mut State, from: ReadFrom<&Place>) -> Page<i64, Place> {
        let start = match from {
            ReadFrom::After(Place::Row(row)) => *row,
            _ => 0,
        };
        let all = state.goods.len() + state.unkeyed;
        let readable = state.cap.unwrap_or(all).min(all);
        let end = start.saturating_add(self.page).min(readable);
        let bad = || Item::bad(None, Error::invalid("no key"));
        let rows = state.goods.iter().map(|(key, value)| state.item(key, Some(*value)));
        let rows = rows.chain((0..state.unkeyed).map(|_| bad()));
        let items = rows.skip(start).take(end.saturating_sub(start)).collect();
        let page = match end == readable {
            true if readable < all => Page::cut_short(items, None),
            true => Page::last(items, None),
            false => Page::more(items, Place::Row(end)),
        };
        match state.totals.pop_front() {
            Some(total) => page.with_total(total),
            None => page,
        }
    }

    fn changes(&self, state: &State, from: ReadFrom<&Place>) -> Page<i64, Place> {
        let is_queue = self.info.kind == SourceKind::Queue;
        let seen = match from {
            ReadFrom::After(Place::Event(number)) if !is_queue => *number,
            _ => 0,
        };
        let cap = state.cap.unwrap_or(usize::MAX);
        let new: Vec<_> = state.events.iter().filter(|(number, _)| *number > seen).collect();
        let is_cut = new.len() > cap;
        let items = new.iter().take(self.page.min(cap)).map(|(number, key)| {
            let item = state.item(key, state.goods.get(key).copied());
            if is_queue { item.with_receipt(number.to_string()) } else { item }
        });
        let items: Vec<_> = items.collect();
        let next =
            new.get(..items.len()).and_then(|read| read.last()).map(|(number, _)| Place::Event(*number));
        match new.len() > items.len() {
            true if is_cut => Page::cut_short(items, next),
            true => Page::more(items, next.unwrap()),
            false => Page::last(items, next),
        }
    }
}

impl State {
    fn tell(&mut self, key: String) {
        self.next_event += 1;
        self.events.push((self.next_event, key));
    }

    fn item(&self, key: &str, value: Option<i64>) -> Item<i64> {
        match value {
            Some(BAD) => {
                Item::bad(Some(key.into()), Error::invalid("not a number")).with_raw(self.raw.clone())
            }
            Some(value) => Item::upsert(key, value),
            None => Item::deleted(key),
        }
    }

    fn called(&mut self, call: &'static str) -> sync_core::Result<()> {
        self.calls.push(call);
        self.failing.get(call).map_or(Ok(()), |kind| Err(Error::new(*kind, "scripted")))
    }

    fn clocked(&self, page: Page<i64, Place>) -> Page<i64, Place> {
        let page = match self.as_of {
            Some(as_of) => page.with_as_of(as_of),
            None => page,
        };
        match self.highest {
            Some(highest) => page.with_highest(highest),
            None => page,
        }
    }
}

#[async_trait::async_trait]
impl Source for Shop {
    type Record = i64;
    type Cursor = Place;

    fn describe(&self) -> SourceInfo {
        self.info.clone()
    }

    async fn read(&self, from: ReadFrom<&Place>, limit: usize) -> sync_core::Result<Page<i64, Place>> {
        if self.info.kind == SourceKind::Snapshot {
            return self.read_all(from, limit).await;
        }
        let mut state = self.state();
        state.called("read")?;
        let page = self.changes(&state, from);
        Ok(state.clocked(page))
    }

    async fn read_all(&self, from: ReadFrom<&Place>, _: usize) -> sync_core::Result<Page<i64, Place>> {
        let mut state = self.state();
        state.called("read_all")?;
        let page = self.list(&mut state, from);
        Ok(state.clocked(page))
    }

    async fn fetch(&self, keys: &[Key]) -> sync_core::Result<Vec<Item<i64>>> {
        let mut state = self.state();
        if !state.fetches {
            return Err(Error::new(ErrorKind::Unsupported, "no look-up"));
        }
        state.called("fetch")?;
        Ok(keys.iter().map(|key| state.item(key.as_str(), state.goods.get(key.as_str()).copied())).collect())
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> sync_core::Result<()> {
        let mut state = self.state();
        state.called("acknowledge")?;
        if let Some((key, value)) = state.meanwhile.take() {
            state.goods.insert(key, value);
        }
        for (receipt, outcome) in outcomes {
            let reason = outcome.as_ref().err().map(|reason| reason.code().to_owned());
            state.told.push((receipt.to_string(), reason));
            if !state.deaf {
                state.events.retain(|(number, _)| number.to_string() != receipt.as_str());
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shop({:?})", self.info.kind)
    }
}

/// Sends values; zero empties, negative ones cannot be mapped.
#[derive(Debug)]
pub(crate) struct Values;

impl Mapper<i64> for Values {
    type Out = i64;

    fn empties(&self, out: &i64) -> bool {
        *out == 0
    }

    fn map(&self, _: &Key, value: i64, _: &Links) -> Result<Mapped<i64>, Reason> {
        match value {
            UNTICKED => Ok(Mapped::LeaveOut(Reason::new("not-ticked"))),
            ..0 => Err(Reason::new("negative")),
            _ => Ok(Mapped::Send(value)),
        }
    }
}

pub(crate) struct Bench {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) shop: Arc<Shop>,
    pub(crate) sink: Arc<MemorySink<i64>>,
    pub(crate) settings: FlowSettings,
}

impl Bench {
    pub(crate) fn new(shop: Shop) -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        let settings = FlowSettings::default().retry(RetrySettings::none()).lease_ttl(LEASE);
        Self { clock, store, shop: Arc::new(shop), sink: Arc::new(MemorySink::new()), settings }
    }

    pub(crate) fn snapshot() -> Self {
        Self::new(Shop::new(SourceKind::Snapshot))
    }

    pub(crate) fn settings(mut self, change: impl FnOnce(FlowSettings) -> FlowSettings) -> Self {
        self.settings = change(self.settings);
        self
    }

    /// A new instance of the flow, as after a restart.
    pub(crate) fn flow(&self) -> Flow {
        Flow::new(name(), self.shop.clone(), Values, self.sink.clone(), self.store.clone())
            .with_settings(self.settings.clone())
            .with_clock(self.clock.clone())
    }

    /// Runs one cycle, which has to succeed.
    pub(crate) async fn cycle(&self) -> [u64; 5] {
        five(finish(&self.flow()).await)
    }

    /// Runs one cycle, which has to fail.
    pub(crate) async fn failure(&self) -> ErrorKind {
        let report = run_until_done(&self.flow(), &RunContext::default()).await;
        let JobEnd::Failed(error) = report.end else { panic!("{report:?}") };
        error.kind()
    }

    /// Makes one step, as a process that dies after it.
    pub(crate) async fn step(&self) -> sync_core::Result<sync_core::Tally> {
        let done = self.flow().step(&RunContext::default()).await;
        self.clock.advance(LEASE);
        done
    }

    pub(crate) async fn part(&self) -> PartReport {
        self.flow().status().await.unwrap().parts.remove(0)
    }

    pub(crate) async fn held(&self) -> Option<Held> {
        self.part().await.held
    }

    /// Approves what is held now.
    pub(crate) async fn approve(&self) {
        let held = self.held().await.unwrap();
        self.flow().approve(&held.token, "anna", "looked at it").await.unwrap();
    }

    /// Key and code of the live rejects.
    pub(crate) async fn rejects(&self) -> Vec<(String, String)> {
        let rejects = self.store.rejects(&RejectFilter::all()).await.unwrap();
        rejects.iter().map(|reject| (reject.key.to_string(), reject.reason.code().to_owned())).collect()
    }

    /// What the target holds.
    pub(crate) fn holds(&self) -> BTreeMap<String, i64> {
        self.sink.records().into_iter().map(|(key, value)| (key.to_string(), value)).collect()
    }
}

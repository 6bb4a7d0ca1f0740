//! How lists of enova365 are read, and who is ticked there.
//!
//! An area that AltOne's add-on gives is read by a change queue where the flow has a consumer of its own, and whole otherwise; all
//! others (the reference contract, an add-on of one's own) by their change stamps. The settings may say otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use soneta_webapi::{Area, KolejkaZmian};
use sync_core::{
    Error as EngineError, ErrorKind, Item, Key, Page, ReadFrom, Reason, Receipt, Result as EngineResult,
    Source, SourceInfo,
};
use sync_flows::Tick;
use sync_flows::enova::{ErpList, Owned, TickBook, changes, full_list, queue, ticked};

use crate::error::{Error, Result};
use crate::settings::EnovaSettings;
use crate::wire::Wire;

/// How a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReadBy {
    /// What changed since the last time, by the rows' change stamps.
    Changes,
    /// What the flow's consumer of the change queue is told.
    Queue,
    /// Everything each time.
    Full,
}

/// How the lists of a tenant are read.
pub(crate) struct Reads {
    /// What the settings say.
    by: BTreeMap<Area, ReadBy>,
    /// What has no usable change stamps.
    pub(crate) stampless: BTreeSet<Area>,
    /// A consumer of the change queue by the id of its flow: what one flow confirms, another would never see.
    queues: BTreeMap<String, Arc<dyn KolejkaZmian>>,
    /// Which goods go to the portal.
    pub(crate) goods: Tick,
    /// Which contractors do.
    pub(crate) contractors: Tick,
    goods_book: OnceLock<Arc<TickBook>>,
    contractors_book: OnceLock<Arc<TickBook>>,
}

impl fmt::Debug for Reads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reads")
            .field("by", &self.by)
            .field("queues", &self.queues.keys())
            .field("goods", &self.goods)
            .field("contractors", &self.contractors)
            .finish_non_exhaustive()
    }
}

impl Reads {
    /// As the settings say, with these consumers of the change queue.
    pub(crate) fn new(enova: &EnovaSettings, queues: BTreeMap<String, Arc<dyn KolejkaZmian>>) -> Self {
        Self {
            by: enova.reads.clone(),
            stampless: BTreeSet::new(),
            queues,
            goods: enova.ticks.goods.clone(),
            contractors: enova.ticks.contractors.clone(),
            goods_book: OnceLock::new(),
            contractors_book: OnceLock::new(),
        }
    }

    fn by(&self, area: Area, flow: &str) -> ReadBy {
        match self.by.get(&area) {
            Some(by) => *by,
            None if !self.stampless.contains(&area) => ReadBy::Changes,
            None if self.queues.contains_key(flow) => ReadBy::Queue,
            None => ReadBy::Full,
        }
    }
}

impl Wire<'_> {
    /// A list of this area, read as the settings say. The flow needs full passes beside: what neither changes nor a queue tell is
    /// found by those.
    ///
    /// # Errors
    /// It is to be read by the change queue, and the flow has no consumer of it or no queue tells of the list.
    pub(crate) fn list<L: ErpList + Clone>(&self, area: Area, list: L) -> Result<AnySource<L::Row>> {
        let (erp, flow) = (&self.setup.erp, self.entry.id);
        Ok(match self.reads.by(area, flow) {
            ReadBy::Changes => AnySource::of(changes(list, erp, Arc::clone(&self.setup.clock))),
            ReadBy::Full => AnySource::of(full_list(list, erp)),
            ReadBy::Queue => {
                let consumer = self.reads.queues.get(flow).ok_or_else(|| {
                    Error::config(format!(
                        "{area} are to be read by the change queue, and {flow} has no consumer of it"
                    ))
                    .what_to_do(format!("name one of its own: [tenants.enova.queues.{flow}]"))
                })?;
                AnySource::of(queue(list, Arc::clone(consumer), erp)?)
            }
        })
    }

    /// The rows whose good is ticked, where they cannot tell it themselves.
    ///
    /// # Errors
    /// Nobody gives goods, where the tick is read from them.
    pub(crate) fn of_ticked_goods<S>(&self, source: S) -> Result<AnySource<S::Record>>
    where
        S: Source + 'static,
        S::Record: Owned,
    {
        let tick = &self.reads.goods;
        self.of_ticked(source, tick, &self.reads.goods_book, || {
            let towary = self.installation.towary();
            Ok(TickBook::of_goods(towary?, tick.clone(), Arc::clone(&self.setup.clock)))
        })
    }

    /// The rows whose contractor is ticked, where they cannot tell it themselves.
    ///
    /// # Errors
    /// Nobody gives contractors, where the tick is read from them.
    pub(crate) fn of_ticked_contractors<S>(&self, source: S) -> Result<AnySource<S::Record>>
    where
        S: Source + 'static,
        S::Record: Owned,
    {
        let tick = &self.reads.contractors;
        self.of_ticked(source, tick, &self.reads.contractors_book, || {
            let kontrahenci = self.installation.kontrahenci();
            Ok(TickBook::of_contractors(kontrahenci?, tick.clone(), Arc::clone(&self.setup.clock)))
        })
    }

    fn of_ticked<S>(
        &self,
        source: S,
        tick: &Tick,
        kept: &OnceLock<Arc<TickBook>>,
        make: impl FnOnce() -> Result<TickBook>,
    ) -> Result<AnySource<S::Record>>
    where
        S: Source + 'static,
        S::Record: Owned,
    {
        if *tick == Tick::Told {
            return Ok(AnySource::of(source));
        }
        // one book for all flows of the tenant: the list is read once
        let book = match kept.get() {
            Some(book) => Arc::clone(book),
            None => {
                let made = Arc::new(make()?);
                Arc::clone(kept.get_or_init(|| made))
            }
        };
        Ok(AnySource::of(ticked(source, book)))
    }
}

/// A source of these records, however it reads them. Its positions are the inner one's own, as JSON.
pub(crate) struct AnySource<R>(Box<dyn Untyped<R>>);

impl<R: Send + Sync + 'static> AnySource<R> {
    fn of<S: Source<Record = R> + 'static>(source: S) -> Self {
        Self(Box::new(source))
    }
}

impl<R> fmt::Debug for AnySource<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<R: Send + Sync + 'static> Source for AnySource<R> {
    type Record = R;
    type Cursor = Value;

    fn describe(&self) -> SourceInfo {
        self.0.info()
    }

    async fn read(&self, from: ReadFrom<&Value>, limit: usize) -> EngineResult<Page<R, Value>> {
        self.0.page(false, from, limit).await
    }

    async fn read_all(&self, from: ReadFrom<&Value>, limit: usize) -> EngineResult<Page<R, Value>> {
        self.0.page(true, from, limit).await
    }

    async fn fetch(&self, keys: &[Key]) -> EngineResult<Vec<Item<R>>> {
        self.0.items(keys).await
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, EngineResult<(), Reason>)]) -> EngineResult<()> {
        self.0.confirm(outcomes).await
    }
}

/// A [`Source`] whose positions are JSON, as an object.
#[async_trait]
trait Untyped<R>: fmt::Debug + Send + Sync {
    fn info(&self) -> SourceInfo;

    async fn page(&self, all: bool, from: ReadFrom<&Value>, limit: usize) -> EngineResult<Page<R, Value>>;

    async fn items(&self, keys: &[Key]) -> EngineResult<Vec<Item<R>>>;

    async fn confirm(&self, outcomes: &[(Receipt, EngineResult<(), Reason>)]) -> EngineResult<()>;
}

#[async_trait]
impl<S: Source> Untyped<S::Record> for S {
    fn info(&self) -> SourceInfo {
        self.describe()
    }

    async fn page(
        &self,
        all: bool,
        from: ReadFrom<&Value>,
        limit: usize,
    ) -> EngineResult<Page<S::Record, Value>> {
        let cursor = match from {
            ReadFrom::Start => None,
            ReadFrom::After(stored) => Some(serde_json::from_value(stored.clone()).map_err(|_| {
                EngineError::new(ErrorKind::UnknownFormat, "the stored position is unreadable")
            })?),
        };
        let from = cursor.as_ref().map_or(ReadFrom::Start, ReadFrom::After);
        match all {
            true => untyped(self.read_all(from, limit).await?),
            false => untyped(self.read(from, limit).await?),
        }
    }

    async fn items(&self, keys: &[Key]) -> EngineResult<Vec<Item<S::Record>>> {
        self.fetch(keys).await
    }

    async fn confirm(&self, outcomes: &[(Receipt, EngineResult<(), Reason>)]) -> EngineResult<()> {
        self.acknowledge(outcomes).await
    }
}

fn untyped<R, C: Serialize>(page: Page<R, C>) -> EngineResult<Page<R, Value>> {
    let Page { items, next, end, cut_short, as_of, highest, total, .. } = page;
    let next = next.map(|cursor| serde_json::to_value(&cursor)).transpose();
    let next = next.map_err(|_| EngineError::bug("a cursor does not serialise"))?;
    let mut page = match (next, end, cut_short) {
        (next, true, true) => Page::cut_short(items, next),
        (next, true, false) => Page::last(items, next),
        (Some(next), false, _) => Page::more(items, next),
        (None, false, _) => {
            return Err(EngineError::invalid(
                "a page that is not the last one does not say where the list goes on",
            ));
        }
    };
    page.as_of = as_of;
    page.highest = highest;
    page.total = total;
    Ok(page)
}

//! Who is ticked.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use soneta_webapi::{BadRow, Change, ChangesQuery, Kontrahenci, Kontrahent, Towar, Towary};
use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use sync_core::{Clock, Result};
use tokio::sync::Mutex;

use crate::Tick;
use crate::enova::each_row::each_row;
use crate::enova::{ErpList, KontrahenciList, TowaryList};

/// How far back a list of changes is read again: what was written while the last one was read.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);

/// Which goods, or which contractors, are ticked, for rows that do not tell: ids alone, in memory.
///
/// The list is read whole when it is first asked for and [now and then](Self::whole_every), and in between, at most once a
/// [minute](Self::refresh_every), what changed since. A port that tells neither its clock nor when rows changed is read whole only. Where
/// the tick is a cecha, the port has to be one that asks for it (`with_cechy` of the reference contract).
pub struct TickBook {
    /// None where everything is sent, ticked or not.
    list: Option<Box<dyn Ticking>>,
    clock: Arc<dyn Clock>,
    refresh: TimeDelta,
    whole: TimeDelta,
    known: Mutex<Known>,
}

impl Debug for TickBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TickBook").field("list", &self.list).finish_non_exhaustive()
    }
}

impl TickBook {
    /// Of goods.
    #[must_use]
    pub fn of_goods(towary: Arc<dyn Towary>, tick: Tick, clock: Arc<dyn Clock>) -> Self {
        let sends = |towar: &Towar, tick: &Tick| tick.sends(towar.zaznaczony, &towar.cechy);
        Self::of(TowaryList::new(towary), tick, sends, clock)
    }

    /// Of contractors.
    #[must_use]
    pub fn of_contractors(kontrahenci: Arc<dyn Kontrahenci>, tick: Tick, clock: Arc<dyn Clock>) -> Self {
        let sends = |one: &Kontrahent, tick: &Tick| tick.sends(one.zaznaczony, &one.cechy);
        Self::of(KontrahenciList::new(kontrahenci), tick, sends, clock)
    }

    fn of<L: ErpList>(list: L, tick: Tick, sends: fn(&L::Row, &Tick) -> bool, clock: Arc<dyn Clock>) -> Self {
        let list: Box<dyn Ticking> = match tick {
            Tick::Everything => return Self::over(None, clock),
            tick => Box::new(TickedList { list, tick, sends }),
        };
        Self::over(Some(list), clock)
    }

    fn over(list: Option<Box<dyn Ticking>>, clock: Arc<dyn Clock>) -> Self {
        Self {
            list,
            clock,
            refresh: TimeDelta::minutes(1),
            whole: TimeDelta::hours(6),
            known: Mutex::default(),
        }
    }

    /// Asks for changes when what is known is this old; a minute unless told otherwise.
    #[must_use]
    pub fn refresh_every(mut self, age: Duration) -> Self {
        self.refresh = TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX);
        self
    }

    /// Reads the whole list when it was last read whole so long ago; six hours unless told otherwise. What is gone without a trace,
    /// and a cecha whose change does not change the row's stamp, is noticed then.
    #[must_use]
    pub fn whole_every(mut self, age: Duration) -> Self {
        self.whole = TimeDelta::from_std(age).unwrap_or(TimeDelta::MAX);
        self
    }

    /// What is known, not older than the refresh.
    pub(super) async fn ticks(&self) -> Result<Ticks> {
        let Some(list) = &self.list else { return Ok(Ticks::Everything) };
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        let is_old = |read: Option<DateTime<Utc>>, age| {
            read.is_none_or(|read| now.signed_duration_since(read) >= age || now < read)
        };
        if is_old(known.whole, self.whole) {
            *known = Known { whole: Some(now), ..list.read(Known::default(), None).await? };
        } else if let Some(since) = known.since.filter(|_| is_old(known.read, self.refresh)) {
            let before = Known { ticks: Arc::clone(&known.ticks), ..Known::default() };
            let read = list.read(before, Some(since - OVERLAP)).await?;
            known.since = read.since.max(known.since);
            known.nameless |= read.nameless;
            known.ticks = read.ticks;
        } else {
            return Ok(known.told());
        }
        known.read = Some(now);
        Ok(known.told())
    }
}

/// Who is ticked, as of one moment.
#[derive(Debug)]
pub(super) enum Ticks {
    Everything,
    Of { ticks: Arc<BTreeMap<i32, Option<bool>>>, nameless: bool },
}

impl Ticks {
    /// Whether this one is ticked; `None` if its row, or a row that may be its, cannot be read. Who is not in the list is not.
    pub(super) fn of(&self, id: i32) -> Option<bool> {
        match self {
            Self::Everything => Some(true),
            Self::Of { ticks, nameless } => match ticks.get(&id) {
                Some(tick) => *tick,
                None if *nameless => None,
                None => Some(false),
            },
        }
    }
}

#[derive(Debug, Default)]
struct Known {
    /// Of each row of the list; `None` of one that cannot be read.
    ticks: Arc<BTreeMap<i32, Option<bool>>>,
    /// There was a row without a readable id.
    nameless: bool,
    /// From where changes are read on: the server's clock, or else the last change seen.
    since: Option<DateTime<Utc>>,
    read: Option<DateTime<Utc>>,
    whole: Option<DateTime<Utc>>,
}

impl Known {
    fn told(&self) -> Ticks {
        Ticks::Of { ticks: Arc::clone(&self.ticks), nameless: self.nameless }
    }
}

/// A list of owners with the rule of the tick.
#[async_trait]
trait Ticking: Debug + Send + Sync {
    /// Adds what changed since, or everything.
    async fn read(&self, known: Known, since: Option<DateTime<Utc>>) -> Result<Known>;
}

struct TickedList<L: ErpList> {
    list: L,
    tick: Tick,
    sends: fn(&L::Row, &Tick) -> bool,
}

impl<L: ErpList> Debug for TickedList<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TickedList").field("list", &self.list).field("tick", &self.tick).finish()
    }
}

#[async_trait]
impl<L: ErpList> Ticking for TickedList<L> {
    async fn read(&self, mut known: Known, since: Option<DateTime<Utc>>) -> Result<Known> {
        let mut ticks = Arc::unwrap_or_clone(std::mem::take(&mut known.ticks));
        // the clock of the first page: what changes while the others are read comes again
        let (as_of, mut last_change) = (OnceLock::new(), None);
        let page = async |after| {
            let query = ChangesQuery::builder().maybe_changed_since(since).maybe_after(after).build();
            let page = self.list.page(&query).await?;
            if let Some(instant) = page.as_of {
                as_of.get_or_init(|| instant);
            }
            Ok(page)
        };
        each_row("the list of who is ticked was not read", page, |row| match row {
            Ok(Change::Upsert(row)) => {
                last_change = last_change.max(L::changed(&row));
                ticks.insert(L::id(&row), Some((self.sends)(&row, &self.tick)));
            }
            Ok(Change::Deleted(gone)) => drop(ticks.insert(gone.id, Some(false))),
            Err(BadRow { id: Some(id), .. }) => drop(ticks.insert(id, None)),
            Ok(_) | Err(_) => known.nameless = true,
        })
        .await?;
        known.since = known.since.or(as_of.into_inner()).or(last_change);
        known.ticks = Arc::new(ticks);
        Ok(known)
    }
}

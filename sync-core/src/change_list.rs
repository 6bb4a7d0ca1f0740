//! Lists of changes ordered by a time stamp, as a [`Source`].

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use crate::clock::{Clock, SystemClock};
use crate::cursor::{Advance, Keyset, Point, Rules, Stamp, Tie};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Key;
use crate::source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind, no_look_up};

/// Rows are never read in one go beyond this.
const WIDEST_PAGE: usize = 200_000;

/// A list of changes ordered by `(instant, tie)` or by the instant alone.
///
/// # Contract
/// As for [`Source`]; besides:
/// - `read` gives rows at `from.instant` or later (inclusive!), of that very instant only those after `from.after`, in
///   rising order. `None` is the beginning of time.
/// - Without ties `limit` is the least number of rows, unless `end`: a run of rows of one instant is not cut.
/// - [`ChangePage::as_of`] is the source's clock taken *before* the read, where the source tells it.
#[async_trait]
pub trait ChangeList: Debug + Send + Sync {
    /// One decoded record.
    type Record: Send + Sync + 'static;

    /// What this list is. Cheap, no I/O.
    fn describe(&self) -> KeysetInfo;

    /// Reads one wire page.
    ///
    /// # Errors
    /// As for [`Source::read`].
    async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<Self::Record>>;

    /// Looks these records up as they are now; contract as for [`Source::fetch`]. Without it, rejects come back only when
    /// their row changes or with a full pass, and what is gone is removed after [two](crate::FlowSettings::absences) of these.
    ///
    /// # Errors
    /// As for [`Source::fetch`]; by default [`Unsupported`](ErrorKind::Unsupported).
    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Self::Record>>> {
        let _ = keys;
        Err(no_look_up())
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<T: ChangeList + ?Sized> ChangeList for Arc<T> {
    type Record = T::Record;

    fn describe(&self) -> KeysetInfo {
        (**self).describe()
    }

    async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<Self::Record>> {
        (**self).read(from, limit).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Self::Record>>> {
        (**self).fetch(keys).await
    }
}

const _: fn(&dyn ChangeList<Record = ()>) = |_| {};

/// What a list of changes is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeysetInfo {
    /// What its position belongs to.
    pub identity: SourceIdentity,
    /// Whether it goes on within one instant by [`Point::after`]. If not, a page ends between two instants, and rows
    /// of one instant are read in one go.
    pub ties: bool,
    /// The precision in which it filters by instant.
    pub resolution: Resolution,
}

impl KeysetInfo {
    /// A list that goes on within one instant by a tie, to the microsecond.
    ///
    /// Stored stamps may be coarser. Of a column of milliseconds, multiply the column for the comparison; an instant that is
    /// cut to milliseconds would ask for rows from before it.
    #[must_use]
    pub fn new(identity: SourceIdentity) -> Self {
        Self { identity, ties: true, resolution: Resolution::Micros }
    }

    /// The list filters by instant alone. It then gives as many rows as the limit asks for, however many that is: a run
    /// of rows with one instant is read in one go.
    #[must_use]
    pub fn without_ties(mut self) -> Self {
        self.ties = false;
        self
    }

    /// The list filters in this precision. Stamps finer than that make equal instants, whose rows are not
    /// in the order of their ties; so unless it is microseconds, the list goes on [without ties](Self::without_ties).
    #[must_use]
    pub fn with_resolution(mut self, resolution: Resolution) -> Self {
        self.resolution = resolution;
        self.ties &= resolution == Resolution::Micros;
        self
    }
}

/// A precision of instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Resolution {
    /// Whole days (UTC).
    Days,
    /// Whole seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
}

impl Resolution {
    /// The instant floored to this precision.
    #[must_use]
    pub fn floor(self, instant: DateTime<Utc>) -> DateTime<Utc> {
        // out of chrono's nanosecond range (years 1677 to 2262) the instant stays as it is
        instant.duration_trunc(self.unit()).unwrap_or(instant)
    }

    pub(crate) fn unit(self) -> TimeDelta {
        match self {
            Self::Days => TimeDelta::days(1),
            Self::Seconds => TimeDelta::seconds(1),
            Self::Millis => TimeDelta::milliseconds(1),
            Self::Micros => TimeDelta::microseconds(1),
        }
    }
}

/// One wire page of a list of changes.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChangePage<R> {
    /// The rows in rising order.
    pub rows: Vec<ChangeRow<R>>,
    /// Nothing more for now.
    pub end: bool,
    /// The source's clock before the read.
    pub as_of: Option<DateTime<Utc>>,
    /// The highest id that the source has given away so far, see [`Page::highest`].
    pub highest: Option<u64>,
    /// How many rows the whole list has, see [`Page::total`].
    pub total: Option<u64>,
}

impl<R> ChangePage<R> {
    /// A page; `end` if there is nothing behind it.
    #[must_use]
    pub fn new(rows: Vec<ChangeRow<R>>, end: bool) -> Self {
        Self { rows, end, as_of: None, highest: None, total: None }
    }

    /// With the source's clock before the read.
    #[must_use]
    pub fn as_of(mut self, instant: DateTime<Utc>) -> Self {
        self.as_of = Some(instant);
        self
    }

    /// With the highest id that the source has given away so far.
    #[must_use]
    pub fn highest(mut self, id: u64) -> Self {
        self.highest = Some(id);
        self
    }

    /// With the number of rows of the whole list.
    #[must_use]
    pub fn total(mut self, rows: u64) -> Self {
        self.total = Some(rows);
        self
    }
}

/// One row of a list of changes.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChangeRow<R> {
    /// When it changed. A row without an instant is treated by [`MissingInstant`].
    pub instant: Option<DateTime<Utc>>,
    /// What orders it among rows of the same instant.
    pub tie: Option<Tie>,
    /// The record.
    pub item: Item<R>,
}

impl<R> ChangeRow<R> {
    /// A row that changed at `instant`, ordered by `tie` among others of it.
    #[must_use]
    pub fn new(instant: DateTime<Utc>, tie: impl Into<Tie>, item: Item<R>) -> Self {
        Self { instant: Some(instant), tie: Some(tie.into()), item }
    }

    /// A row without an instant.
    #[must_use]
    pub fn undated(item: Item<R>) -> Self {
        Self { instant: None, tie: None, item }
    }
}

/// What to do with a row that has no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum MissingInstant {
    /// It is processed like any other; the position ignores it.
    #[default]
    Process,
    /// It becomes a reject.
    Reject,
    /// The step fails.
    Fail,
}

/// A [`ChangeList`] as a [`Source`]: inclusive reads with an overlap, ties, an upper bound, checked order.
///
/// What is read again within the overlap costs a look at its fingerprint and is not sent again.
#[derive(Debug)]
pub struct KeysetSource<L> {
    list: L,
    overlap: TimeDelta,
    commit_lag: TimeDelta,
    missing: MissingInstant,
    clock: Arc<dyn Clock>,
}

impl<L: ChangeList> KeysetSource<L> {
    /// The list with an overlap of one minute and no commit lag.
    #[must_use]
    pub fn new(list: L) -> Self {
        Self {
            list,
            overlap: TimeDelta::minutes(1),
            commit_lag: TimeDelta::zero(),
            missing: MissingInstant::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Reads again what changed within `overlap` before the mark: at least the longest time between a row's stamp and
    /// its commit at the source, plus the difference of clocks where the source tells none. If the last cycle took longer,
    /// so long is the overlap.
    ///
    /// How late rows are committed cannot be seen in the list itself: a row that came too late never shows. A
    /// [full pass](crate::FlowSettings::full_pass) finds what is later than the overlap.
    #[must_use]
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = TimeDelta::from_std(overlap).unwrap_or(TimeDelta::MAX);
        self
    }

    /// Keeps the mark so far behind the source's clock.
    #[must_use]
    pub fn commit_lag(mut self, lag: Duration) -> Self {
        self.commit_lag = TimeDelta::from_std(lag).unwrap_or(TimeDelta::MAX);
        self
    }

    /// What to do with rows that have no instant.
    #[must_use]
    pub fn missing_instant(mut self, policy: MissingInstant) -> Self {
        self.missing = policy;
        self
    }

    /// The clock that bounds a cycle where the source does not tell its own.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn judge(&self, row: ChangeRow<L::Record>, resolution: Resolution) -> Result<(Stamp, Item<L::Record>)> {
        let stamp = Stamp { instant: row.instant.map(|instant| resolution.floor(instant)), tie: row.tie };
        let item = match (row.item, &stamp.tie) {
            // the same at each reading, unlike the row's place on a page
            (Item::Bad { key: None, error, receipt, raw }, Some(tie)) => {
                Item::Bad { key: Some(format!("unkeyed:{tie}").into()), error, receipt, raw }
            }
            (item, _) => item,
        };
        if stamp.instant.is_some() {
            return Ok((stamp, item));
        }
        match self.missing {
            MissingInstant::Process => Ok((stamp, item)),
            MissingInstant::Reject => {
                let key = item.key().cloned();
                Ok((stamp, Item::bad(key, Error::invalid("the row has no instant of change"))))
            }
            MissingInstant::Fail => Err(Error::invalid("a row has no instant of change")),
        }
    }
}

#[async_trait]
impl<L: ChangeList> Source for KeysetSource<L> {
    type Record = L::Record;
    type Cursor = Keyset;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Keyset, self.list.describe().identity)
    }

    async fn read(&self, from: ReadFrom<&Keyset>, limit: usize) -> Result<Page<L::Record, Keyset>> {
        let info = self.list.describe();
        let rules = Rules { commit_lag: self.commit_lag, ties: info.ties };
        let beginning = Keyset::default();
        let position = match from {
            ReadFrom::Start => &beginning,
            ReadFrom::After(position) => position,
        };
        let start = position.start(self.overlap).map(|point| Point {
            instant: info.resolution.floor(point.instant),
            after: point.after.filter(|_| info.ties),
        });
        let mut limit = limit.max(1);
        loop {
            // taken before the read: what changes during it belongs to the next cycle
            let local = self.clock.now();
            let page = self.list.read(start.as_ref(), limit).await?;
            let upper = position.upper().or(page.as_of).unwrap_or(local);
            // the source tells its clock before the read; how long that took only the own clock knows
            let reading = self.clock.now() - local;
            let now = page.as_of.unwrap_or(local).checked_add_signed(reading).unwrap_or(local);
            let end = page.end;
            let (as_of, highest, total) = (page.as_of, page.highest, page.total);
            let told = |page: Page<_, _>| Page { as_of, highest, total, ..page };
            let judged: Result<Vec<_>> =
                page.rows.into_iter().map(|row| self.judge(row, info.resolution)).collect();
            let (stamps, items): (Vec<_>, Vec<_>) = judged?.into_iter().unzip();
            match position.advance(start.as_ref(), &stamps, end, upper, rules)? {
                Advance::To { next, cut: None } => {
                    let next = if end { next.lasted(now - upper) } else { next };
                    return Ok(told(Page::of(items, Some(next), end)));
                }
                Advance::To { next, cut: Some(cut) } => {
                    let kept = stamps.iter().zip(items).filter(|(s, _)| s.instant.is_none_or(|i| i < cut));
                    let kept = kept.map(|(_, item)| item).collect();
                    return Ok(told(Page::of(kept, Some(next), end)));
                }
                Advance::Widen if limit < WIDEST_PAGE => limit = limit.saturating_mul(2),
                Advance::Widen => {
                    return Err(Error::new(
                        ErrorKind::OrderViolation,
                        "more rows share one instant than can be read in one go",
                    ));
                }
            }
        }
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<L::Record>>> {
        self.list.fetch(keys).await
    }
}

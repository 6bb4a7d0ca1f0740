//! The keyset cursor and its rules.
//!
//! A list ordered by a time stamp is read inclusively from the last mark less an overlap, up to an upper bound that was
//! taken from the source's clock before the cycle's first read:
//!
//! - The read includes the mark itself, so rows that share its instant are not lost (C1).
//! - Pages go on at `(instant, tie)` where the source can filter so, and otherwise between two different instants (C2).
//! - The mark never passes the bound less the commit lag: a row dated in the future is applied but does not move it
//!   (C3). It never goes back either (C5).
//! - The overlap is at least as long as the last cycle took (C4).
//! - Instants are UTC, floored to the precision in which the source filters (C7). Rows without one are applied and
//!   ignored by the position (C8).

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// Position of a list ordered by time stamps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keyset {
    /// Everything committed at the source up to here was read, in a complete cycle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<DateTime<Utc>>,
    /// The cycle under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cycle: Option<OpenCycle>,
    /// How long the last complete cycle took, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    took: u64,
}

impl Keyset {
    /// Everything committed at the source up to this instant was read: see [`Rewind`](crate::Rewind).
    #[must_use]
    pub fn at(mark: DateTime<Utc>) -> Self {
        Self { mark: Some(mark), ..Self::default() }
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct OpenCycle {
    /// The source's clock before the first read of the cycle.
    upper: DateTime<Utc>,
    /// The latest instant of a row in this cycle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latest: Option<DateTime<Utc>>,
    /// Where the next page begins.
    at: Point,
}

/// Where a page begins: at `instant` inclusively, and within it strictly after the tie if there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Point {
    /// The instant.
    pub instant: DateTime<Utc>,
    /// Rows of this very instant begin after this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Tie>,
}

impl Point {
    /// From this instant on, inclusively.
    #[must_use]
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self { instant, after: None }
    }

    /// From this instant on, within it after `tie`.
    #[must_use]
    pub fn after(instant: DateTime<Utc>, tie: Tie) -> Self {
        Self { instant, after: Some(tie) }
    }
}

/// What orders rows of one instant: the source's own id. Numbers and texts each have their natural order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Tie {
    /// A number.
    Number(i64),
    /// A text, ordered by its bytes.
    Text(String),
}

impl fmt::Display for Tie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Tie {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Tie {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for Tie {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<&str> for Tie {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Tie {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// The stamp of one row as the algebra sees it.
#[derive(Debug, Clone)]
pub(crate) struct Stamp {
    pub(crate) instant: Option<DateTime<Utc>>,
    pub(crate) tie: Option<Tie>,
}

/// The rules a source's pages are judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    pub(crate) commit_lag: TimeDelta,
    /// Whether the source can go on within one instant.
    pub(crate) ties: bool,
}

/// What a page means for the position.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Advance {
    /// Take the rows before `cut` (and all rows without an instant) and go on at `next`.
    To { next: Keyset, cut: Option<DateTime<Utc>> },
    /// All rows share one instant and there are more of it: the page must be read in one go.
    Widen,
}

impl Keyset {
    /// Everything committed at the source up to here was read.
    #[must_use]
    pub fn mark(&self) -> Option<DateTime<Utc>> {
        self.mark
    }

    /// The bound of the cycle under way.
    pub(crate) fn upper(&self) -> Option<DateTime<Utc>> {
        self.cycle.as_ref().map(|cycle| cycle.upper)
    }

    /// Up to where the cycle under way has read.
    pub(crate) fn read_up_to(&self) -> Option<DateTime<Utc>> {
        self.cycle.as_ref().map(|cycle| cycle.at.instant)
    }

    /// Remembers how long the cycle took that ended here.
    pub(crate) fn lasted(self, cycle: TimeDelta) -> Self {
        // rounded up: an overlap may be longer, never shorter
        let took = u64::try_from(cycle.num_milliseconds()).map_or(0, |took| took.saturating_add(1));
        Self { took: if cycle > TimeDelta::zero() { took } else { 0 }, ..self }
    }

    /// Where the next page begins; `None` is the very beginning.
    pub(crate) fn start(&self, overlap: TimeDelta) -> Option<Point> {
        let took = i64::try_from(self.took).ok().and_then(TimeDelta::try_milliseconds);
        let overlap = overlap.max(took.unwrap_or(TimeDelta::zero()));
        match (&self.cycle, self.mark) {
            (Some(cycle), _) => Some(cycle.at.clone()),
            (None, Some(mark)) => Some(Point::at(mark.checked_sub_signed(overlap).unwrap_or(mark))),
            (None, None) => None,
        }
    }

    /// Judges a page that was read from `start` and moves on.
    ///
    /// That is [`start`](Self::start) as the source was asked for it: floored to what its filter can tell apart.
    pub(crate) fn advance(
        &self,
        start: Option<&Point>,
        rows: &[Stamp],
        end: bool,
        upper: DateTime<Utc>,
        rules: Rules,
    ) -> Result<Advance> {
        check_order(start, rows, rules.ties)?;
        let mut latest = self.cycle.as_ref().and_then(|cycle| cycle.latest);
        let last = rows.iter().rev().find(|row| row.instant.is_some());
        let last_instant = last.and_then(|row| row.instant);
        if end {
            latest = latest.max(last_instant);
            let bound = upper.checked_sub_signed(rules.commit_lag).unwrap_or(upper);
            // `None` is less than any mark, so the position never goes back
            let mark = self.mark.max(latest.map(|latest| latest.min(bound)));
            return Ok(Advance::To { next: Self { mark, cycle: None, ..*self }, cut: None });
        }
        let (Some(last), Some(last_instant)) = (last, last_instant) else {
            return Err(order("a page with more behind it has no row with an instant"));
        };
        if rules.ties {
            let Some(tie) = last.tie.clone() else {
                return Err(Error::bug("a row of a list that goes on within an instant has no tie"));
            };
            let at = Point::after(last_instant, tie);
            let cycle = OpenCycle { upper, latest: latest.max(Some(last_instant)), at };
            return Ok(Advance::To { next: Self { cycle: Some(cycle), ..*self }, cut: None });
        }
        // the last instant may go on behind the page: leave it to the next one
        let before =
            rows.iter().filter_map(|row| row.instant).filter(|instant| *instant < last_instant).max();
        let Some(before) = before else { return Ok(Advance::Widen) };
        let cycle = OpenCycle { upper, latest: latest.max(Some(before)), at: Point::at(last_instant) };
        let next = Self { cycle: Some(cycle), ..*self };
        Ok(Advance::To { next, cut: Some(last_instant) })
    }
}

fn check_order(start: Option<&Point>, rows: &[Stamp], ties: bool) -> Result<()> {
    let mut previous: Option<(DateTime<Utc>, Option<&Tie>)> =
        start.map(|point| (point.instant, point.after.as_ref()));
    for row in rows {
        let Some(instant) = row.instant else { continue };
        if let Some((before, before_tie)) = previous {
            if instant < before {
                return Err(order("a row is older than the one before it"));
            }
            let same = ties && instant == before;
            if same && before_tie.is_some() && row.tie.as_ref() <= before_tie {
                return Err(order("rows of one instant do not rise by their tie"));
            }
        }
        previous = Some((instant, row.tie.as_ref()));
    }
    Ok(())
}

fn order(message: &'static str) -> Error {
    Error::new(ErrorKind::OrderViolation, message)
}

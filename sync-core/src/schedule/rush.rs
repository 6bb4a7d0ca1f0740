//! When a rush is on: seasons of the calendar, or a switch.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::Schedule;
use super::wall::{DAY, Reached, day_number, day_of, follow, instant, second_of, shown};
use super::window::Window;
use crate::error::{Error, Result};

/// How many edges of rush periods a search passes.
const EDGES: usize = 1_000;

/// A switch that turns the rush on and off by hand. Copies are the same switch.
///
/// It holds since when the rush is on, so that a flow is not called late for ticks that the rush would have had before.
#[derive(Debug, Clone)]
pub struct RushSwitch {
    /// Seconds since 1970; `i64::MAX` while it is off.
    since: Arc<AtomicI64>,
}

impl Default for RushSwitch {
    fn default() -> Self {
        Self { since: Arc::new(AtomicI64::new(i64::MAX)) }
    }
}

impl RushSwitch {
    /// A switch that is off.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// From `since` on there is a rush. Who waits for a tick asks for the next one again.
    pub fn turn_on(&self, since: DateTime<Utc>) {
        self.since.store(since.timestamp(), Ordering::Release);
    }

    /// The rush is over, unless the calendar says otherwise.
    pub fn turn_off(&self) {
        self.since.store(i64::MAX, Ordering::Release);
    }

    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.since() != i64::MAX
    }

    fn since(&self) -> i64 {
        self.since.load(Ordering::Acquire)
    }
}

/// One rush of the calendar: local hours on some days, of some dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RushPeriod {
    window: Window,
    /// First and last day, counted from 1970.
    dates: (i64, i64),
}

impl RushPeriod {
    /// These hours, whatever the date.
    #[must_use]
    pub fn hours(window: Window) -> Self {
        Self { window, dates: (i64::MIN, i64::MAX) }
    }

    /// From the first until the last of these days, both included, all day long.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the last day is before the first.
    pub fn days(first: NaiveDate, last: NaiveDate) -> Result<Self> {
        if last < first {
            return Err(Error::config("a rush's last day is not before its first"));
        }
        Ok(Self { window: Window::whole_day(), dates: (day_number(first), day_number(last)) })
    }

    /// On its days within these hours only. A window over midnight lasts into the day after the last one.
    #[must_use]
    pub fn within(mut self, window: Window) -> Self {
        self.window = window;
        self
    }

    fn beginning_on(&self, day: i64) -> Option<(i64, i64)> {
        let (first, last) = self.dates;
        if day < first || day > last { None } else { self.window.beginning_on(day) }
    }

    /// The last second of the rush that is on when the wall clock shows `shown`.
    fn lasts_until(&self, shown: i64) -> Option<i64> {
        let today = day_of(shown);
        let begun = [today - 1, today].into_iter().filter_map(|day| self.beginning_on(day));
        begun.filter(|(from, until)| (*from..=*until).contains(&shown)).map(|(_, until)| until).max()
    }

    /// The first second of the next rush after `shown`.
    fn begins_after(&self, shown: i64) -> Option<i64> {
        let first = day_of(shown).max(self.dates.0);
        let mut begins = (first..first + 9).filter_map(|day| self.beginning_on(day)).map(|(from, _)| from);
        begins.find(|from| *from > shown)
    }
}

/// When a rush is on: in any of its periods, and while its switch is on.
///
/// ```
/// use chrono::NaiveDate;
/// use sync_core::{RushCalendar, RushPeriod, RushSwitch, Window};
///
/// let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
/// let by_hand = RushSwitch::new();
/// let calendar = RushCalendar::new()
///     .period(RushPeriod::days(day(23), day(30))?.within(Window::hours(8, 22)?))
///     .switch(by_hand.clone());
/// # let _ = calendar;
/// # Ok::<(), sync_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct RushCalendar {
    periods: Vec<RushPeriod>,
    switch: Option<RushSwitch>,
}

impl RushCalendar {
    /// A calendar without a rush.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a period.
    #[must_use]
    pub fn period(mut self, period: RushPeriod) -> Self {
        self.periods.push(period);
        self
    }

    /// Adds the switch.
    #[must_use]
    pub fn switch(mut self, switch: RushSwitch) -> Self {
        self.switch = Some(switch);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.periods.is_empty() && self.switch.is_none()
    }

    fn switched_on_since(&self) -> i64 {
        self.switch.as_ref().map_or(i64::MAX, RushSwitch::since)
    }

    fn is_rush(&self, zone: Tz, at: i64) -> bool {
        let shown = shown(zone, at);
        self.switched_on_since() <= at
            || self.periods.iter().any(|period| period.lasts_until(shown).is_some())
    }

    /// An instant after `at`, which is no rush, before which none begins; `None` if none does until `last`.
    fn no_rush_before(&self, zone: Tz, at: i64, last: i64) -> Option<i64> {
        let shown = shown(zone, at);
        let begins = self.periods.iter().filter_map(|period| period.begins_after(shown)).min();
        let begins = begins.and_then(|begins| edge(zone, at, begins, last));
        let switched = Some(self.switched_on_since()).filter(|since| *since != i64::MAX);
        [begins, switched].into_iter().flatten().min()
    }

    /// An instant after `at`, which is in a rush, before which the rush does not end; `None` if it lasts until `last`.
    fn rush_until(&self, zone: Tz, at: i64, last: i64) -> Option<i64> {
        if self.switched_on_since() <= at {
            return None;
        }
        let shown = shown(zone, at);
        let ends = self.periods.iter().filter_map(|period| period.lasts_until(shown)).max()?;
        edge(zone, at, ends + 1, last)
    }
}

/// The instant at which the wall clock shows `wanted`, or an earlier one at which it is changed; `None` if `wanted` is surely
/// after the instant `last`.
fn edge(zone: Tz, from: i64, wanted: i64, last: i64) -> Option<i64> {
    // no zone ever moved its clocks by more than a day
    let surely_later = last.saturating_sub(from).saturating_add(2 * DAY);
    if wanted.saturating_sub(shown(zone, from)) > surely_later {
        return None;
    }
    match follow(zone, from, wanted) {
        Reached::At(at) | Reached::ClockChanges(at) => Some(at),
    }
}

/// Two schedules, and when which of them is in force.
#[derive(Debug, Clone)]
pub(super) struct Rush {
    pub(super) normal: Schedule,
    pub(super) rush: Schedule,
    pub(super) calendar: RushCalendar,
}

impl Rush {
    pub(super) fn next_after(&self, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        // mostly the next tick is one of the schedule in force, and the other is searched no further than that
        let is_rush = self.calendar.is_rush(zone, second_of(after));
        let next = self.next_in_force(zone, after, is_rush, i64::MAX);
        let last = next.map_or(i64::MAX, second_of);
        let other = self.next_in_force(zone, after, !is_rush, last);
        [next, other].into_iter().flatten().min()
    }

    /// The next tick of the one schedule while it is in force, unless that is after `last`.
    fn next_in_force(
        &self,
        zone: Tz,
        after: DateTime<Utc>,
        in_rush: bool,
        last: i64,
    ) -> Option<DateTime<Utc>> {
        let schedule = if in_rush { &self.rush } else { &self.normal };
        let mut after = after;
        for _ in 0..EDGES {
            let tick = schedule.next_after(after)?;
            let at = second_of(tick);
            if at > last {
                return None;
            }
            if self.calendar.is_rush(zone, at) == in_rush {
                return Some(tick);
            }
            let other = if in_rush {
                self.calendar.no_rush_before(zone, at, last)
            } else {
                self.calendar.rush_until(zone, at, last)
            };
            after = instant(other? - 1)?;
        }
        None
    }
}

impl fmt::Display for Rush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; in a rush {}", self.normal, self.rush)
    }
}

//! Hours of the day, on some days of the week.

use std::fmt;

use chrono::{NaiveTime, Timelike, Weekday, WeekdaySet};

use super::wall::{DAY, day_of, weekday};
use crate::error::{Error, Result};

/// Local hours, both ends included, on every day or on some days of the week.
///
/// A window over midnight (22:00–06:00) belongs to the day on which it begins: on Fridays it lasts into Saturday.
///
/// ```
/// use chrono::Weekday::{Fri, Mon, Thu, Tue, Wed};
/// use sync_core::Window;
///
/// let office = Window::hours(8, 20)?.on([Mon, Tue, Wed, Thu, Fri])?;
/// assert_eq!(office.to_string(), "08:00–20:00 on Mon, Tue, Wed, Thu, Fri");
/// # Ok::<(), sync_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Seconds of the day.
    from: i64,
    until: i64,
    days: WeekdaySet,
}

impl Window {
    /// From the one time of the day until the other, both included; over midnight if the second is the earlier one.
    /// Fractions of a second are cut off.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if both are the same: the whole day is [`whole_day`](Self::whole_day).
    pub fn new(from: NaiveTime, until: NaiveTime) -> Result<Self> {
        let second = |time: NaiveTime| i64::from(time.num_seconds_from_midnight());
        let window = Self { from: second(from), until: second(until), days: WeekdaySet::ALL };
        if window.from == window.until {
            return Err(Error::config("a window begins and ends at different times"));
        }
        Ok(window)
    }

    /// From the one full hour until the other, both included: `hours(8, 20)` has 8:00:00 and 20:00:00.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if an hour is above 23 or both are the same.
    pub fn hours(from: u32, until: u32) -> Result<Self> {
        let hour = |hour| {
            NaiveTime::from_hms_opt(hour, 0, 0).ok_or_else(|| Error::config("a window's hours are 0 to 23"))
        };
        Self::new(hour(from)?, hour(until)?)
    }

    /// All day long, to be narrowed to some days.
    #[must_use]
    pub fn whole_day() -> Self {
        Self { from: 0, until: DAY - 1, days: WeekdaySet::ALL }
    }

    /// On these days of the week only.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if there is none.
    pub fn on(mut self, days: impl IntoIterator<Item = Weekday>) -> Result<Self> {
        self.days = days.into_iter().collect();
        if self.days.is_empty() {
            return Err(Error::config("a window needs a day of the week"));
        }
        Ok(self)
    }

    /// The window that begins on `day`: its first and its last second.
    pub(super) fn beginning_on(&self, day: i64) -> Option<(i64, i64)> {
        let midnight = day * DAY;
        let until = if self.until < self.from { self.until + DAY } else { self.until };
        self.days.contains(weekday(day)).then_some((midnight + self.from, midnight + until))
    }

    /// The windows that end at or after `shown`, of the next nine days.
    pub(super) fn open_from(&self, shown: i64) -> impl Iterator<Item = (i64, i64)> {
        let (window, today) = (*self, day_of(shown));
        (today - 1..today + 9)
            .filter_map(move |day| window.beginning_on(day))
            .filter(move |(_, until)| *until >= shown)
    }

    fn is_whole_day(&self) -> bool {
        (self.from, self.until) == (0, DAY - 1)
    }

    pub(super) fn is_always(&self) -> bool {
        self.is_whole_day() && self.days == WeekdaySet::ALL
    }
}

/// `08:00`, or `08:00:30` where the seconds count.
pub(super) fn clock_time(second: i64) -> String {
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    if second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_always() {
            return f.write_str("always");
        }
        let days: Vec<String> = self.days.iter(Weekday::Mon).map(|day| day.to_string()).collect();
        let hours = format!("{}–{}", clock_time(self.from), clock_time(self.until));
        match (self.is_whole_day(), self.days == WeekdaySet::ALL) {
            (false, true) => f.write_str(&hours),
            (true, _) => write!(f, "on {}", days.join(", ")),
            (false, false) => write!(f, "{hours} on {}", days.join(", ")),
        }
    }
}

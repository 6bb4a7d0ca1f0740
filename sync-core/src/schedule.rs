//! When a job runs.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;

use crate::error::{Error, Result};

mod repeat;
mod rush;
#[cfg(test)]
mod tests;
mod wall;
mod window;

pub use rush::{RushCalendar, RushPeriod, RushSwitch};
pub use window::Window;

use repeat::Repeat;
use rush::Rush;
use wall::{instant, second_of};

/// When a job runs: by the clock of a zone (Europe/Warsaw unless [`zone`](Self::zone) says otherwise), on events, or
/// only when a person starts it.
///
/// The clock of a zone is changed twice a year:
///
/// - A period of up to an hour has a tick at every instant at which the clock shows one: in the hour that comes twice,
///   twice, in the hour that is left out, none.
/// - A longer period, as a daily time, has each of its times once: of an hour that comes twice, the first one; of
///   an hour that is left out, the first instant after it (with the tick that is there anyway, it is one).
/// - A window looks at the time that the clock shows, for a longer period at the one that it should have shown.
///
/// There are ticks from 1970 to 9999.
///
/// ```
/// use std::time::Duration;
/// use chrono::{DateTime, Utc};
/// use sync_core::{Schedule, Window};
///
/// let stock = Schedule::every_at(Duration::from_secs(600), Duration::from_secs(50))?.within(Window::hours(6, 22)?)?;
/// assert_eq!(stock.to_string(), "every 10 min at :50, 06:00–22:00");
/// let evening: DateTime<Utc> = "2026-11-21T20:50:50Z".parse().unwrap();  // 21:50:50 in Warsaw
/// assert_eq!(stock.next_after(evening), "2026-11-22T05:00:50Z".parse().ok());
/// # Ok::<(), sync_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Schedule {
    kind: Kind,
    zone: Tz,
    /// How long after its instant a tick may still be run; without a limit by default.
    grace: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Kind {
    Repeat(Repeat),
    Once(DateTime<Utc>),
    Rush(Box<Rush>),
    OnEvent,
    Manual,
}

/// What a [`Schedule`] asks for now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Due {
    /// Whether to run now, once, however many ticks there were.
    pub run: bool,
    /// How many ticks there were since the last run, up to [`Schedule::MOST_TICKS`]. A job that never ran has one at most.
    pub ticks: usize,
}

impl Schedule {
    /// So many ticks are counted at most.
    pub const MOST_TICKS: usize = 10_000;

    fn of(kind: Kind) -> Self {
        Self { kind, zone: Tz::Europe__Warsaw, grace: None }
    }

    /// Every `period`, counted from the full hour or, where that does not work out, from midnight, local time.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) unless the period is of whole seconds and divides a day.
    pub fn every(period: Duration) -> Result<Self> {
        Self::every_at(period, Duration::ZERO)
    }

    /// Every `period`, so long after the full hour or midnight: every 10 minutes at 50 seconds is 13:00:50, 13:10:50 …
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) unless both are of whole seconds, the period divides a day and the phase is
    /// the shorter one.
    pub fn every_at(period: Duration, phase: Duration) -> Result<Self> {
        Ok(Self::of(Kind::Repeat(Repeat::new(period, phase)?)))
    }

    /// Every day at this local time.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) unless it is a whole second, and no leap second.
    pub fn daily_at(time: NaiveTime) -> Result<Self> {
        let seconds = u64::from(time.num_seconds_from_midnight());
        let phase = Duration::from_secs(seconds) + Duration::from_nanos(u64::from(time.nanosecond()));
        Self::every_at(Duration::from_secs(86_400), phase)
    }

    /// Once, at this instant; fractions of a second are cut off.
    #[must_use]
    pub fn once(at: DateTime<Utc>) -> Self {
        Self::of(Kind::Once(instant(at.timestamp()).unwrap_or(at)))
    }

    /// When something happened; never by the clock.
    #[must_use]
    pub fn on_event() -> Self {
        Self::of(Kind::OnEvent)
    }

    /// Only when a person starts it.
    #[must_use]
    pub fn manual() -> Self {
        Self::of(Kind::Manual)
    }

    /// As `normal`, and during a rush as `rush`. The zone of the calendar is that of `normal`.
    ///
    /// A rush that lies more than a thousand rush periods ahead of a tick of its schedule is not found.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the calendar has neither a period nor a switch.
    pub fn rush(normal: Self, rush: Self, calendar: RushCalendar) -> Result<Self> {
        if calendar.is_empty() {
            return Err(Error::config("a rush calendar needs a period or a switch"));
        }
        let (zone, grace) = (normal.zone, normal.grace);
        Ok(Self { kind: Kind::Rush(Box::new(Rush { normal, rush, calendar })), zone, grace })
    }

    /// Only within these local hours and days.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if no tick lies within, or the schedule has no period.
    pub fn within(mut self, window: Window) -> Result<Self> {
        let Kind::Repeat(repeat) = self.kind else {
            return Err(Error::config("a window narrows a schedule that repeats"));
        };
        self.kind = Kind::Repeat(repeat.within(window)?);
        Ok(self)
    }

    /// By the clock of this zone, Europe/Warsaw by default; a rush takes its two schedules along.
    #[must_use]
    pub fn zone(mut self, zone: Tz) -> Self {
        self.zone = zone;
        if let Kind::Rush(rush) = self.kind {
            let Rush { normal, rush, calendar } = *rush;
            let both = Rush { normal: normal.zone(zone), rush: rush.zone(zone), calendar };
            self.kind = Kind::Rush(Box::new(both));
        }
        self
    }

    /// Drops a missed tick once it is `grace` old. Without this, missed ticks are made up for by one run, however late.
    #[must_use]
    pub fn skip_missed(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// The first tick after `after`; `None` if the clock brings none any more.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.kind {
            Kind::Repeat(repeat) => instant(repeat.next_after(self.zone, second_of(after))?),
            Kind::Once(at) => Some(*at).filter(|at| *at > after),
            Kind::Rush(rush) => rush.next_after(self.zone, after),
            Kind::OnEvent | Kind::Manual => None,
        }
    }

    /// How many ticks lie after `from` and not after `to`, up to [`MOST_TICKS`](Self::MOST_TICKS).
    #[must_use]
    pub fn ticks_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> usize {
        let ticks = std::iter::successors(self.next_after(from), |tick| self.next_after(*tick));
        ticks.take_while(|tick| *tick <= to).take(Self::MOST_TICKS).count()
    }

    /// Whether to run now. `last` is when the last run began or, better, the `now` with which it was found due; `None` if
    /// the job never ran, which makes it due as soon as there has ever been a tick.
    ///
    /// Several missed ticks are one run; with [`skip_missed`](Self::skip_missed) those that are too old are none.
    #[must_use]
    pub fn due(&self, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Due {
        let from = last.unwrap_or(DateTime::UNIX_EPOCH);
        let ticks = match last {
            Some(last) => self.ticks_between(last, now),
            None => usize::from(self.has_tick(from, now)),
        };
        let run = match self.grace {
            Some(grace) if ticks > 0 => {
                let oldest = TimeDelta::from_std(grace).ok().and_then(|grace| now.checked_sub_signed(grace));
                self.has_tick(oldest.map_or(from, |oldest| oldest.max(from)), now)
            }
            _ => ticks > 0,
        };
        Due { run, ticks }
    }

    fn has_tick(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        self.next_after(from).is_some_and(|tick| tick <= to)
    }

    /// Whether only events start it.
    #[must_use]
    pub fn is_on_event(&self) -> bool {
        matches!(self.kind, Kind::OnEvent)
    }

    /// Whether only a person starts it.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(self.kind, Kind::Manual)
    }
}

impl fmt::Display for Schedule {
    /// In words: `every 10 min at :50, 06:00–22:00`. The zone is named unless it is Europe/Warsaw.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Repeat(repeat) => write!(f, "{repeat}")?,
            Kind::Once(at) => {
                let at = at.with_timezone(&self.zone);
                return write!(f, "once at {} {}", at.format("%Y-%m-%d %H:%M:%S"), self.zone);
            }
            // each of the two names its zone
            Kind::Rush(rush) => return write!(f, "{rush}"),
            Kind::OnEvent => return f.write_str("on events"),
            Kind::Manual => return f.write_str("by hand"),
        }
        if self.zone == Tz::Europe__Warsaw { Ok(()) } else { write!(f, " ({})", self.zone) }
    }
}

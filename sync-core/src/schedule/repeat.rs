//! Ticks at a fixed distance on the clock on the wall.

use std::fmt;
use std::time::Duration;

use chrono_tz::Tz;

use super::wall::{DAY, HOUR, Reached, first_showing, follow, shown};
use super::window::{Window, clock_time};
use crate::error::{Error, Result};

/// How often the clock may be changed within a search: a zone changes it about twice a year, a search ends after weeks.
const CHANGES: usize = 16;

/// A time may come twice for a day at most, every hour at the closest.
const REPEATED: usize = 32;

/// Every `period` seconds of the local day, first at `phase`, within a window. The period divides the day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Repeat {
    period: i64,
    phase: i64,
    window: Window,
}

impl Repeat {
    pub(super) fn new(period: Duration, phase: Duration) -> Result<Self> {
        let whole = |duration: Duration| {
            let seconds = i64::try_from(duration.as_secs()).ok().filter(|_| duration.subsec_nanos() == 0);
            seconds.ok_or_else(|| Error::config("a schedule counts in whole seconds"))
        };
        let (period, phase) = (whole(period)?, whole(phase)?);
        if period == 0 || period > DAY || DAY % period != 0 {
            return Err(Error::config(
                "a schedule's period divides a day, as 1, 10 or 90 minutes do; 7 minutes do not",
            ));
        }
        if phase >= period {
            return Err(Error::config("a schedule's phase is shorter than its period"));
        }
        Ok(Self { period, phase, window: Window::whole_day() })
    }

    pub(super) fn within(mut self, window: Window) -> Result<Self> {
        self.window = window;
        // the weeks are all alike
        match self.next_shown(0) {
            Some(_) => Ok(self),
            None => Err(Error::config("no tick of the schedule lies within its window")),
        }
    }

    /// The first tick at or after `from`, both as the clock on the wall shows them.
    fn next_shown(&self, from: i64) -> Option<i64> {
        self.window.open_from(from).find_map(|(opens, closes)| {
            let earliest = from.max(opens);
            let tick = earliest + (self.phase - earliest).rem_euclid(self.period);
            (tick <= closes).then_some(tick)
        })
    }

    pub(super) fn next_after(&self, zone: Tz, after: i64) -> Option<i64> {
        if self.period <= HOUR { self.by_instants(zone, after) } else { self.by_clock_times(zone, after) }
    }

    /// Up to an hour apart: wherever the clock shows a tick, so twice in a repeated hour and never in a skipped one.
    fn by_instants(&self, zone: Tz, after: i64) -> Option<i64> {
        let mut from = after + 1;
        for _ in 0..CHANGES {
            match follow(zone, from, self.next_shown(shown(zone, from))?) {
                Reached::At(tick) => return Some(tick),
                Reached::ClockChanges(at) => from = at,
            }
        }
        None
    }

    /// Rarer: once per tick of the day, as at a daily time.
    fn by_clock_times(&self, zone: Tz, after: i64) -> Option<i64> {
        let mut from = shown(zone, after);
        for _ in 0..REPEATED {
            let tick = self.next_shown(from + 1)?;
            match first_showing(zone, tick)? {
                at if at > after => return Some(at),
                _ => from = tick,
            }
        }
        None
    }
}

impl fmt::Display for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (period, phase) = (self.period, self.phase);
        match period {
            DAY => write!(f, "daily at {}", clock_time(phase))?,
            _ if period % HOUR == 0 => write!(f, "every {} h", period / HOUR)?,
            _ if period % 60 == 0 => write!(f, "every {} min", period / 60)?,
            _ => write!(f, "every {period} s")?,
        }
        match phase {
            _ if period == DAY => {}
            0 => {}
            _ if period > HOUR => write!(f, " at {}", clock_time(phase))?,
            1..60 => write!(f, " at :{phase:02}")?,
            _ => write!(f, " at :{:02}:{:02}", phase / 60, phase % 60)?,
        }
        if !self.window.is_always() { write!(f, ", {}", self.window) } else { Ok(()) }
    }
}

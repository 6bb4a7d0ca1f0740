//! A schedule as a constant.

use chrono::NaiveTime;
use std::fmt;
use std::time::Duration;
use sync_core::{Result, Schedule, Window};

/// When a flow runs unless told otherwise: every so many seconds at a phase, maybe within some hours of the day; or once a day. Polish
/// time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ticks {
    /// Seconds between two ticks; they divide a day.
    pub period: u32,
    /// Seconds after the full hour or midnight.
    pub phase: u32,
    /// Full hours of the day: from, until.
    pub hours: Option<(u32, u32)>,
}

const DAY: u32 = 24 * 60 * 60;

impl Ticks {
    /// Every so many seconds.
    #[must_use]
    pub const fn every(seconds: u32) -> Self {
        Self { period: seconds, phase: 0, hours: None }
    }

    /// So many seconds later.
    #[must_use]
    pub const fn at(mut self, phase: u32) -> Self {
        self.phase = phase;
        self
    }

    /// Only between these hours.
    #[must_use]
    pub const fn between(mut self, from: u32, until: u32) -> Self {
        self.hours = Some((from, until));
        self
    }

    /// Once a day at this time.
    #[must_use]
    pub const fn daily(hour: u32, minute: u32) -> Self {
        Self { period: DAY, phase: (hour * 60 + minute) * 60, hours: None }
    }

    /// As the engine's schedule.
    ///
    /// # Errors
    /// Kind `Config` unless the period divides a day and the phase is the shorter one.
    pub fn schedule(&self) -> Result<Schedule> {
        let seconds = |seconds: u32| Duration::from_secs(seconds.into());
        let schedule = Schedule::every_at(seconds(self.period), seconds(self.phase))?;
        match self.hours {
            Some((from, until)) => schedule.within(Window::hours(from, until)?),
            None => Ok(schedule),
        }
    }
}

impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.period == DAY {
            let time = NaiveTime::from_num_seconds_from_midnight_opt(self.phase, 0).unwrap_or_default();
            return write!(f, "daily at {}", time.format("%H:%M"));
        }
        match self.period {
            period if period % 60 == 0 => write!(f, "every {} min", period / 60)?,
            period => write!(f, "every {period} s")?,
        }
        if self.phase > 0 {
            write!(f, " at {:02}:{:02}", self.phase / 60, self.phase % 60)?;
        }
        match self.hours {
            Some((from, until)) => write!(f, ", {from}–{until}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ticks;

    #[test]
    fn ticks_read_as_in_the_vendors_table() {
        assert_eq!(Ticks::every(120).to_string(), "every 2 min");
        assert_eq!(Ticks::every(600).at(50).to_string(), "every 10 min at 00:50");
        assert_eq!(Ticks::every(1_800).at(300).between(8, 20).to_string(), "every 30 min at 05:00, 8–20");
        assert_eq!(Ticks::daily(0, 15).to_string(), "daily at 00:15");
    }
}

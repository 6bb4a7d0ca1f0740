//! Stock more often while much is sold.

use chrono::{NaiveDate, Weekday};
use serde::Deserialize;
use std::time::Duration;
use sync_core::{Error, Result, RushCalendar, RushPeriod, RushSwitch, Schedule, Window};

/// When stock is sent more often than otherwise: seasons and hours of a calendar, and a switch that a person turns.
///
/// ```
/// # use sync_flows::flows::stock::{PORTAL_STOCK, StockRush};
/// use sync_core::RushSwitch;
///
/// // [stock.rush]
/// // every = 120
/// // calendar = [{ from = "2026-11-23", to = "2026-11-30", hours = [8, 22] }, { days = ["Fri"], hours = [16, 20] }]
/// let rush: StockRush = serde_json::from_str(
///     r#"{"every": 120, "calendar": [{"from": "2026-11-23", "to": "2026-11-30", "hours": [8, 22]}, {"days": ["Fri"], "hours": [16, 20]}]}"#,
/// )?;
/// let by_hand = RushSwitch::new();
/// let schedule = rush.schedule(PORTAL_STOCK.ticks.schedule()?, Some(by_hand))?;
/// # let _ = schedule;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, bon::Builder)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StockRush {
    /// Seconds between two ticks of a rush; they divide a day. 150 unless told otherwise.
    #[serde(default = "every")]
    #[builder(default = every())]
    pub every: u32,
    /// When a rush is on.
    #[serde(default)]
    #[builder(default)]
    pub calendar: Vec<RushTime>,
}

const fn every() -> u32 {
    150
}

/// One rush of the calendar, by Polish time: all that is told holds together, and something has to be told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, bon::Builder)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RushTime {
    /// First day, `2026-11-23`, as a text; goes with the last.
    pub from: Option<NaiveDate>,
    /// Last day, included.
    pub to: Option<NaiveDate>,
    /// Full hours of the day, both included: `[8, 22]`; over midnight if the second is the smaller one.
    pub hours: Option<(u32, u32)>,
    /// Days of the week, `Mon` to `Sun`; none: all.
    #[builder(default)]
    pub days: Vec<Weekday>,
}

impl StockRush {
    /// As `normal`, and in a rush as often as this says. A `switch` turns the rush on beside the calendar.
    ///
    /// # Errors
    /// Kind `Config` if there is neither a calendar nor a switch, if a period of the calendar says nothing, or what it says is
    /// impossible: one of two days, a last day before the first, hours above 23 or the same twice, seconds that do not divide a day.
    pub fn schedule(&self, normal: Schedule, switch: Option<RushSwitch>) -> Result<Schedule> {
        let rush = Schedule::every(Duration::from_secs(self.every.into()))?;
        let mut calendar = RushCalendar::new();
        for time in &self.calendar {
            calendar = calendar.period(time.period()?);
        }
        if let Some(switch) = switch {
            calendar = calendar.switch(switch);
        }
        Schedule::rush(normal, rush, calendar)
    }
}

impl RushTime {
    fn period(&self) -> Result<RushPeriod> {
        let mut window = match self.hours {
            Some((from, until)) => Window::hours(from, until)?,
            None => Window::whole_day(),
        };
        if !self.days.is_empty() {
            window = window.on(self.days.iter().copied())?;
        }
        match (self.from, self.to) {
            (Some(first), Some(last)) => Ok(RushPeriod::days(first, last)?.within(window)),
            (None, None) if self.hours.is_some() || !self.days.is_empty() => Ok(RushPeriod::hours(window)),
            (None, None) => Err(Error::config("a rush without days and hours would never end")),
            _ => Err(Error::config("a rush has a first and a last day, or neither")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{RushTime, StockRush};
    use chrono::{DateTime, NaiveDate, Weekday};
    use sync_core::{ErrorKind, RushSwitch, Schedule};

    use crate::flows::stock::PORTAL_STOCK;

    fn day(day: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2026, 11, day)
    }

    fn of(time: RushTime) -> sync_core::Result<Schedule> {
        let rush = StockRush::builder().calendar(vec![time]).build();
        rush.schedule(PORTAL_STOCK.ticks.schedule()?, None)
    }

    #[test]
    fn in_a_rush_stock_goes_more_often() {
        let black_week = RushTime { from: day(23), to: day(30), hours: Some((8, 22)), ..RushTime::default() };
        let schedule = of(black_week).unwrap();
        let ticks = |from: &str, to: &str| {
            let [from, to] = [from, to].map(|at| at.parse::<DateTime<chrono::Utc>>().unwrap());
            schedule.ticks_between(from, to)
        };
        // Poland is an hour ahead; on the 21st nothing is special
        assert_eq!(ticks("2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"), 6);
        assert_eq!(ticks("2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z"), 24);
        assert_eq!(ticks("2026-11-24T03:00:00Z", "2026-11-24T04:00:00Z"), 6);
    }

    #[test]
    fn a_switch_alone_is_a_rush() {
        let switch = RushSwitch::new();
        let normal = PORTAL_STOCK.ticks.schedule().unwrap();
        let schedule = StockRush::builder().build().schedule(normal, Some(switch.clone())).unwrap();
        let [from, to]: [DateTime<chrono::Utc>; 2] =
            ["2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z"].map(|at| at.parse().unwrap());
        assert_eq!(schedule.ticks_between(from, to), 6);
        switch.turn_on(from);
        assert_eq!(schedule.ticks_between(from, to), 24);
    }

    #[test]
    fn what_makes_no_rush_is_a_mistake_of_the_settings() {
        let time = RushTime::default;
        for wrong in [
            time(),
            RushTime { from: day(23), ..time() },
            RushTime { from: day(23), to: day(22), ..time() },
            RushTime { hours: Some((8, 24)), ..time() },
            RushTime { hours: Some((8, 8)), ..time() },
        ] {
            assert_eq!(of(wrong).unwrap_err().kind(), ErrorKind::Config);
        }
        assert!(of(RushTime { days: vec![Weekday::Fri], ..time() }).is_ok());
        let none = StockRush::builder().build();
        let normal = PORTAL_STOCK.ticks.schedule().unwrap();
        assert_eq!(none.schedule(normal, None).unwrap_err().kind(), ErrorKind::Config);
    }
}

//! Instants and what a clock on the wall shows, both in whole seconds since 1970.

use chrono::{DateTime, NaiveDate, Offset, TimeZone, Utc, Weekday};
use chrono_tz::{GapInfo, Tz};

pub(super) const DAY: i64 = 86_400;
pub(super) const HOUR: i64 = 3_600;

/// The last second of the year 9999: no tick comes later.
const LAST: i64 = 253_402_300_799;

/// No zone changed its clocks twice within so many seconds.
const PROBE: i64 = 6 * HOUR;

/// Where the wall clock's hand got.
pub(super) enum Reached {
    /// The wall clock shows the wanted time at this instant.
    At(i64),
    /// Before it does, the zone changes its clocks, at this instant.
    ClockChanges(i64),
}

/// The whole second of an instant, none earlier than 1970.
pub(super) fn second_of(at: DateTime<Utc>) -> i64 {
    at.timestamp().max(-1)
}

pub(super) fn instant(second: i64) -> Option<DateTime<Utc>> {
    if second > LAST { None } else { DateTime::from_timestamp(second, 0) }
}

fn offset(zone: Tz, at: i64) -> i64 {
    DateTime::from_timestamp(at, 0)
        .map_or(0, |utc| i64::from(zone.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()))
}

/// What the wall clock shows.
pub(super) fn shown(zone: Tz, at: i64) -> i64 {
    at.saturating_add(offset(zone, at))
}

/// Follows the clock on the wall from the instant `from` until it shows `wanted`, which is not before what it shows then.
pub(super) fn follow(zone: Tz, from: i64, wanted: i64) -> Reached {
    let unchanged = offset(zone, from);
    let target = wanted.saturating_sub(unchanged).min(LAST + DAY);
    let mut same = from;
    while same < target {
        let probe = same.saturating_add(PROBE).min(target);
        if offset(zone, probe) != unchanged {
            return Reached::ClockChanges(first_other(zone, same, probe, unchanged));
        }
        same = probe;
    }
    Reached::At(target)
}

/// The first instant after `same` with another offset than `unchanged`, which `other` has.
fn first_other(zone: Tz, mut same: i64, mut other: i64, unchanged: i64) -> i64 {
    while other - same > 1 {
        let middle = same + (other - same) / 2;
        if offset(zone, middle) == unchanged { same = middle } else { other = middle }
    }
    other
}

/// The instant at which the wall clock shows `wanted` for the first time; where it skips that, the first instant after
/// the gap.
pub(super) fn first_showing(zone: Tz, wanted: i64) -> Option<i64> {
    let wall = DateTime::from_timestamp(wanted, 0)?.naive_utc();
    let first = match zone.from_local_datetime(&wall).earliest() {
        Some(first) => first,
        None => GapInfo::new(&wall, &zone)?.end?,
    };
    Some(first.timestamp())
}

/// The day that a wall clock's second belongs to, counted from 1970.
pub(super) fn day_of(shown: i64) -> i64 {
    shown.div_euclid(DAY)
}

pub(super) fn day_number(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

pub(super) fn weekday(day: i64) -> Weekday {
    match (day + 3).rem_euclid(7) {
        0 => Weekday::Mon,
        1 => Weekday::Tue,
        2 => Weekday::Wed,
        3 => Weekday::Thu,
        4 => Weekday::Fri,
        5 => Weekday::Sat,
        _ => Weekday::Sun,
    }
}

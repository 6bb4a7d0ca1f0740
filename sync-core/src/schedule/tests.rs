//! Whole years, both days of the clock change, and random schedules.

use chrono::{Datelike, NaiveDate, TimeZone, Weekday};

use super::*;
use crate::error::ErrorKind;

mod clock_changes;
mod random;
mod rush;
mod windows;

const WARSAW: Tz = Tz::Europe__Warsaw;

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

/// Ticks of a local day, as the clock shows them with the zone's short name.
fn ticks_of(schedule: &Schedule, zone: Tz, day: NaiveDate) -> Vec<String> {
    let midnight = zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest().unwrap();
    let mut ticks = Vec::new();
    let mut at = midnight.to_utc() - TimeDelta::seconds(1);
    while let Some(next) = schedule.next_after(at) {
        let local = next.with_timezone(&zone);
        if local.date_naive() != day {
            break;
        }
        ticks.push(local.format("%H:%M:%S %Z").to_string());
        at = next;
    }
    ticks
}

/// Ticks per local day of a year, as runs of (first day, count) where the count changes.
fn counts_of(schedule: &Schedule, zone: Tz, year: i32) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
    for day in first.iter_days().take_while(|day| day.year() == year) {
        let count = ticks_of(schedule, zone, day).len();
        if counts.last().is_none_or(|(_, last)| *last != count) {
            counts.push((day.to_string(), count));
        }
    }
    counts
}

fn table(rows: &[(&str, usize)]) -> Vec<(String, usize)> {
    rows.iter().map(|(day, count)| ((*day).to_owned(), *count)).collect()
}

#[test]
fn once_comes_once_and_events_and_persons_not_by_the_clock() {
    let at = utc("2026-12-01T06:00:00Z");
    let once = Schedule::once(at + TimeDelta::milliseconds(300));
    assert_eq!(once.next_after(at - TimeDelta::days(9)), Some(at));
    assert_eq!(once.next_after(at), None);
    assert_eq!(once.ticks_between(at - TimeDelta::days(1), at), 1);
    assert!(once.due(None, at).run);
    assert!(!once.due(None, at - TimeDelta::seconds(1)).run);
    assert!(!once.due(Some(at), at + TimeDelta::days(1)).run);
    for never in [Schedule::on_event(), Schedule::manual()] {
        assert_eq!(never.next_after(at), None);
        assert_eq!(never.due(None, at), Due { run: false, ticks: 0 });
    }
    assert!(Schedule::on_event().is_on_event() && Schedule::manual().is_manual() && !once.is_manual());
}

#[test]
fn missed_ticks_are_one_run_or_none_if_they_are_to_be_skipped() {
    let schedule = Schedule::every(minutes(10)).unwrap();
    let noon = utc("2026-11-21T12:00:00Z");
    let at = |minute: i64| noon + TimeDelta::minutes(minute);
    assert_eq!(schedule.due(Some(noon), at(9)), Due { run: false, ticks: 0 });
    assert_eq!(schedule.due(Some(noon), at(10)), Due { run: true, ticks: 1 });
    assert_eq!(schedule.due(Some(noon), at(57)), Due { run: true, ticks: 5 });
    assert_eq!(schedule.due(Some(at(57)), at(57)), Due { run: false, ticks: 0 });
    assert_eq!(schedule.due(None, at(3)), Due { run: true, ticks: 1 });
    // the clock went back
    assert_eq!(schedule.due(Some(at(57)), noon), Due { run: false, ticks: 0 });
    let fresh = schedule.skip_missed(minutes(1));
    assert_eq!(fresh.due(Some(noon), at(57)), Due { run: false, ticks: 5 });
    assert_eq!(fresh.due(Some(noon), at(60)), Due { run: true, ticks: 6 });
    assert_eq!(fresh.due(Some(noon), at(60) + TimeDelta::seconds(59)), Due { run: true, ticks: 6 });
    assert_eq!(fresh.due(Some(noon), at(61)), Due { run: false, ticks: 6 });
    assert_eq!(fresh.due(Some(at(60)), at(60) + TimeDelta::seconds(5)), Due { run: false, ticks: 0 });
}

#[test]
fn ticks_are_counted_up_to_a_limit() {
    let schedule = Schedule::every(Duration::from_secs(1)).unwrap();
    let from = utc("2026-11-21T12:00:00Z");
    assert_eq!(schedule.ticks_between(from, from + TimeDelta::seconds(90)), 90);
    assert_eq!(schedule.ticks_between(from, utc("2027-11-21T12:00:00Z")), Schedule::MOST_TICKS);
    assert_eq!(schedule.ticks_between(from, from), 0);
}

#[test]
fn nonsense_is_refused_as_configuration() {
    let ten = || Schedule::every(minutes(10)).unwrap();
    let narrow = Window::new(time("08:01:00"), time("08:09:00")).unwrap();
    let leap = NaiveTime::from_hms_milli_opt(23, 59, 59, 1_500).unwrap();
    let refused = [
        Schedule::every(Duration::ZERO),
        Schedule::every(minutes(7)),
        Schedule::every(minutes(25)),
        Schedule::every(minutes(48 * 60)),
        Schedule::every(Duration::from_millis(1_500)),
        Schedule::every(Duration::MAX),
        Schedule::every_at(minutes(10), minutes(10)),
        Schedule::every_at(minutes(10), Duration::from_millis(1)),
        Schedule::daily_at(leap),
        ten().within(narrow),
        Schedule::on_event().within(Window::whole_day()),
        Schedule::once(utc("2026-12-01T06:00:00Z")).within(Window::whole_day()),
        Schedule::rush(ten(), ten(), RushCalendar::new()),
    ];
    for (number, refused) in refused.into_iter().enumerate() {
        assert_eq!(refused.err().map(|error| error.kind()), Some(ErrorKind::Config), "number {number}");
    }
    let windows = [Window::hours(8, 8), Window::hours(8, 24), Window::whole_day().on([])];
    assert!(windows.iter().all(Result::is_err));
    assert!(RushPeriod::days(date("2026-12-02"), date("2026-12-01")).is_err());
}

#[test]
fn schedules_are_shown_in_words() {
    let seconds = Duration::from_secs;
    let shown = [
        Schedule::every_at(minutes(10), seconds(50)),
        Schedule::every_at(minutes(30), seconds(350)),
        Schedule::every(minutes(30)).and_then(|half_hours| half_hours.within(Window::hours(8, 20)?)),
        Schedule::every_at(minutes(240), minutes(75)).map(|schedule| schedule.zone(Tz::Asia__Kolkata)),
        Schedule::every(seconds(20)),
        Schedule::daily_at(time("00:15:00")),
        Schedule::daily_at(time("03:00:30"))
            .and_then(|nights| nights.within(Window::whole_day().on([Weekday::Sun, Weekday::Sat])?)),
        Ok(Schedule::once(utc("2026-12-01T06:00:00Z"))),
        Ok(Schedule::on_event()),
        Ok(Schedule::manual()),
        Schedule::rush(
            Schedule::every(minutes(10)).unwrap(),
            Schedule::every(minutes(1)).unwrap(),
            RushCalendar::new().switch(RushSwitch::new()),
        ),
    ];
    let shown: Vec<String> = shown.into_iter().map(|schedule| schedule.unwrap().to_string()).collect();
    assert_eq!(
        shown,
        [
            "every 10 min at :50",
            "every 30 min at :05:50",
            "every 30 min, 08:00–20:00",
            "every 4 h at 01:15 (Asia/Kolkata)",
            "every 20 s",
            "daily at 00:15",
            "daily at 03:00:30, on Sat, Sun",
            "once at 2026-12-01 07:00:00 Europe/Warsaw",
            "on events",
            "by hand",
            "every 10 min; in a rush every 1 min",
        ]
    );
}

#[test]
fn f60_no_instant_makes_it_panic_or_search_for_ever() {
    let calendar = RushCalendar::new().period(RushPeriod::hours(Window::hours(8, 20).unwrap()));
    let schedules = [
        Schedule::every(Duration::from_secs(1)).unwrap(),
        Schedule::daily_at(time("02:30:00")).unwrap(),
        // neither of the two is ever in force
        Schedule::rush(Schedule::daily_at(time("12:00:00")).unwrap(), Schedule::manual(), calendar).unwrap(),
    ];
    for schedule in schedules {
        for zone in [WARSAW, Tz::UTC, Tz::Pacific__Kiritimati, Tz::Pacific__Apia] {
            let schedule = schedule.clone().zone(zone);
            assert_eq!(schedule.next_after(DateTime::<Utc>::MAX_UTC), None);
            let first = schedule.next_after(DateTime::<Utc>::MIN_UTC);
            assert!(
                first.is_none_or(|first| (0..90_000).contains(&first.timestamp())),
                "{schedule} {first:?}"
            );
            assert_eq!(schedule.next_after(utc("9999-12-31T23:59:59Z")), None);
        }
    }
}

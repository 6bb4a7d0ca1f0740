//! Whole years, both days of the clock change, and random schedules.

use chrono::{Datelike, NaiveDate, TimeZone, Weekday};
use proptest::prelude::*;

use super::*;
use crate::error::ErrorKind;

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
fn l21_every_ten_minutes_at_50_seconds_counts_through_2026_and_2027() {
    let schedule = Schedule::every_at(minutes(10), Duration::from_secs(50)).unwrap();
    assert_eq!(
        counts_of(&schedule, WARSAW, 2026),
        table(&[
            ("2026-01-01", 144),
            ("2026-03-29", 138),
            ("2026-03-30", 144),
            ("2026-10-25", 150),
            ("2026-10-26", 144)
        ])
    );
    assert_eq!(
        counts_of(&schedule, WARSAW, 2027),
        table(&[
            ("2027-01-01", 144),
            ("2027-03-28", 138),
            ("2027-03-29", 144),
            ("2027-10-31", 150),
            ("2027-11-01", 144)
        ])
    );
}

#[test]
fn f60_ten_minute_ticks_around_both_clock_changes_of_2027_in_warsaw() {
    let schedule = Schedule::every_at(minutes(10), Duration::from_secs(50)).unwrap();
    let spring = ticks_of(&schedule, WARSAW, date("2027-03-28"));
    assert_eq!(spring[10..14], ["01:40:50 CET", "01:50:50 CET", "03:00:50 CEST", "03:10:50 CEST"]);
    let autumn = ticks_of(&schedule, WARSAW, date("2027-10-31"));
    assert_eq!(
        autumn[11..19],
        [
            "01:50:50 CEST",
            "02:00:50 CEST",
            "02:10:50 CEST",
            "02:20:50 CEST",
            "02:30:50 CEST",
            "02:40:50 CEST",
            "02:50:50 CEST",
            "02:00:50 CET"
        ]
    );
    assert_eq!(autumn[23..25], ["02:50:50 CET", "03:00:50 CET"]);
    assert_eq!(schedule.next_after(utc("2027-03-28T00:50:50Z")), Some(utc("2027-03-28T01:00:50Z")));
    assert_eq!(schedule.next_after(utc("2027-10-31T00:50:50Z")), Some(utc("2027-10-31T01:00:50Z")));
}

#[test]
fn f60_a_daily_time_in_the_gap_comes_right_after_it_and_in_the_fold_once() {
    let half_past_two = Schedule::daily_at(time("02:30:00")).unwrap();
    for year in [2026, 2027] {
        assert_eq!(counts_of(&half_past_two, WARSAW, year), table(&[(&format!("{year}-01-01"), 1)]));
    }
    for (day, tick) in [
        ("2026-03-28", "02:30:00 CET"),
        ("2026-03-29", "03:00:00 CEST"),
        ("2026-03-30", "02:30:00 CEST"),
        ("2026-10-25", "02:30:00 CEST"),
        ("2026-10-26", "02:30:00 CET"),
        ("2027-03-28", "03:00:00 CEST"),
        ("2027-10-31", "02:30:00 CEST"),
    ] {
        assert_eq!(ticks_of(&half_past_two, WARSAW, date(day)), [tick], "{day}");
    }
    // asked from within the second 02:30, too
    assert_eq!(half_past_two.next_after(utc("2027-10-31T01:15:00Z")), Some(utc("2027-11-01T01:30:00Z")));
    let quarter_past_midnight = Schedule::daily_at(time("00:15:00")).unwrap();
    assert_eq!(ticks_of(&quarter_past_midnight, WARSAW, date("2027-03-28")), ["00:15:00 CET"]);
    assert_eq!(counts_of(&quarter_past_midnight, WARSAW, 2027), table(&[("2027-01-01", 1)]));
}

#[test]
fn f60_two_hours_apart_each_time_of_the_day_comes_once() {
    let schedule = Schedule::every(minutes(120)).unwrap();
    for year in [2026, 2027] {
        assert_eq!(counts_of(&schedule, WARSAW, year), table(&[(&format!("{year}-01-01"), 12)]));
    }
    assert_eq!(
        ticks_of(&schedule, WARSAW, date("2027-03-28"))[..3],
        ["00:00:00 CET", "03:00:00 CEST", "04:00:00 CEST"]
    );
    assert_eq!(
        ticks_of(&schedule, WARSAW, date("2027-10-31"))[..3],
        ["00:00:00 CEST", "02:00:00 CEST", "04:00:00 CET"]
    );
    // 01:30 and the one that falls into the gap at 03:00
    let ninety = Schedule::every(minutes(90)).unwrap();
    assert_eq!(
        ticks_of(&ninety, WARSAW, date("2027-03-28"))[..4],
        ["00:00:00 CET", "01:30:00 CET", "03:00:00 CEST", "04:30:00 CEST"]
    );
    let hourly = Schedule::every(minutes(60)).unwrap();
    assert_eq!(
        counts_of(&hourly, WARSAW, 2027),
        table(&[
            ("2027-01-01", 24),
            ("2027-03-28", 23),
            ("2027-03-29", 24),
            ("2027-10-31", 25),
            ("2027-11-01", 24)
        ])
    );
}

#[test]
fn l21_eight_to_twenty_every_half_hour_has_both_ends_on_every_day() {
    let schedule = Schedule::every(minutes(30)).unwrap().within(Window::hours(8, 20).unwrap()).unwrap();
    for year in [2026, 2027] {
        assert_eq!(counts_of(&schedule, WARSAW, year), table(&[(&format!("{year}-01-01"), 25)]));
    }
    let ticks = ticks_of(&schedule, WARSAW, date("2027-10-31"));
    assert_eq!((ticks[0].as_str(), ticks[24].as_str()), ("08:00:00 CET", "20:00:00 CET"));
    // 20:00:50 is outside
    let later = Schedule::every_at(minutes(30), Duration::from_secs(50)).unwrap();
    let later = later.within(Window::hours(8, 20).unwrap()).unwrap();
    assert_eq!(ticks_of(&later, WARSAW, date("2027-06-01")).len(), 24);
}

#[test]
fn f60_a_window_over_midnight_loses_and_gains_the_changed_hour() {
    let schedule = Schedule::every(minutes(30)).unwrap().within(Window::hours(22, 6).unwrap()).unwrap();
    let night = |evening: &str| {
        let noon = |day: NaiveDate| {
            WARSAW.from_local_datetime(&day.and_hms_opt(12, 0, 0).unwrap()).unwrap().to_utc()
        };
        let evening = date(evening);
        schedule.ticks_between(noon(evening), noon(evening.succ_opt().unwrap()))
    };
    let nights = ["2027-03-26", "2027-03-27", "2027-03-28", "2027-10-29", "2027-10-30", "2027-10-31"];
    assert_eq!(nights.map(night), [17, 15, 17, 17, 19, 17]);
    let in_the_hour = Schedule::every(minutes(10)).unwrap();
    let in_the_hour = in_the_hour.within(Window::new(time("02:00:00"), time("02:30:00")).unwrap()).unwrap();
    assert_eq!(
        counts_of(&in_the_hour, WARSAW, 2027),
        table(&[
            ("2027-01-01", 4),
            ("2027-03-28", 0),
            ("2027-03-29", 4),
            ("2027-10-31", 8),
            ("2027-11-01", 4)
        ])
    );
}

#[test]
fn l21_a_window_on_weekdays_belongs_to_the_day_on_which_it_begins() {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    let office = Window::hours(8, 20).unwrap().on([Mon, Tue, Wed, Thu, Fri]).unwrap();
    let schedule = Schedule::every(minutes(30)).unwrap().within(office).unwrap();
    let week: Vec<usize> =
        date("2026-11-16").iter_days().take(7).map(|day| ticks_of(&schedule, WARSAW, day).len()).collect();
    assert_eq!(week, [25, 25, 25, 25, 25, 0, 0]);
    let night = Window::hours(22, 6).unwrap().on([Fri]).unwrap();
    let schedule = Schedule::every(minutes(60)).unwrap().within(night).unwrap();
    assert_eq!(ticks_of(&schedule, WARSAW, date("2026-11-20")), ["22:00:00 CET", "23:00:00 CET"]);
    assert_eq!(ticks_of(&schedule, WARSAW, date("2026-11-21")).len(), 7);
    let sundays = Schedule::daily_at(time("03:00:00")).unwrap();
    let sundays = sundays.within(Window::whole_day().on([Weekday::Sun]).unwrap()).unwrap();
    assert_eq!(sundays.next_after(utc("2026-11-16T00:00:00Z")), Some(utc("2026-11-22T02:00:00Z")));
}

#[test]
fn f60_other_zones_change_their_clocks_in_their_own_way() {
    let daily = Schedule::daily_at(time("02:10:00")).unwrap();
    let ten = Schedule::every(minutes(10)).unwrap();
    let new_york = Tz::America__New_York;
    assert_eq!(ticks_of(&daily.clone().zone(new_york), new_york, date("2027-03-14")), ["03:00:00 EDT"]);
    assert_eq!(ticks_of(&ten.clone().zone(new_york), new_york, date("2027-11-07")).len(), 150);
    // half an hour is left out and repeated
    let lord_howe = Tz::Australia__Lord_Howe;
    assert_eq!(ticks_of(&daily.clone().zone(lord_howe), lord_howe, date("2027-10-03")), ["02:30:00 +11"]);
    assert_eq!(ticks_of(&ten.clone().zone(lord_howe), lord_howe, date("2027-10-03")).len(), 141);
    assert_eq!(ticks_of(&ten.clone().zone(lord_howe), lord_howe, date("2027-04-04")).len(), 147);
    // five and a half hours ahead: the full hour is the local one
    let kolkata = Tz::Asia__Kolkata;
    let hourly = Schedule::every(minutes(60)).unwrap().zone(kolkata);
    assert_eq!(hourly.next_after(utc("2027-01-01T00:00:00Z")), Some(utc("2027-01-01T00:30:00Z")));
    // a whole Friday was left out
    let apia = Tz::Pacific__Apia;
    let fridays = daily.zone(apia).within(Window::whole_day().on([Weekday::Fri]).unwrap()).unwrap();
    assert_eq!(fridays.ticks_between(utc("2011-12-25T00:00:00Z"), utc("2012-01-08T00:00:00Z")), 2);
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

mod rush {
    use super::*;

    fn stock(calendar: RushCalendar) -> Schedule {
        let normal = Schedule::every(minutes(30)).unwrap();
        let rush = Schedule::every(minutes(10)).unwrap();
        Schedule::rush(normal, rush, calendar).unwrap()
    }

    #[test]
    fn l21_a_rush_changes_the_rhythm_within_its_days_and_hours_only() {
        let season = RushPeriod::days(date("2026-11-23"), date("2026-11-30")).unwrap();
        let whole_days = stock(RushCalendar::new().period(season));
        let hours = stock(RushCalendar::new().period(season.within(Window::hours(8, 20).unwrap())));
        let count = |schedule: &Schedule, day: &str| ticks_of(schedule, WARSAW, date(day)).len();
        assert_eq!(
            ["2026-11-22", "2026-11-23", "2026-11-30", "2026-12-01"].map(|day| count(&whole_days, day)),
            [48, 144, 144, 48]
        );
        // 73 from 8:00 to 20:00, both included, 16 before and 7 after
        assert_eq!(["2026-11-22", "2026-11-23"].map(|day| count(&hours, day)), [48, 73 + 16 + 7]);
        let evening = ticks_of(&hours, WARSAW, date("2026-11-23"));
        assert_eq!(evening[87..91], ["19:50:00 CET", "20:00:00 CET", "20:30:00 CET", "21:00:00 CET"]);
    }

    #[test]
    fn the_normal_rhythm_is_back_right_after_a_rush_without_a_tick_at_its_end() {
        let nights = RushPeriod::hours(Window::new(time("22:00:00"), time("05:05:00")).unwrap());
        let schedule = Schedule::rush(
            Schedule::every(minutes(10)).unwrap(),
            Schedule::manual(),
            RushCalendar::new().period(nights),
        )
        .unwrap();
        for day in ["2027-03-28", "2027-06-01", "2027-10-31"] {
            let ticks = ticks_of(&schedule, WARSAW, date(day));
            assert_eq!(ticks.len(), 101, "{day}");
            assert!(ticks[0].starts_with("05:10:00") && ticks[100].starts_with("21:50:00"), "{ticks:?}");
        }
    }

    #[test]
    fn a_rush_of_next_year_is_found_and_a_past_one_is_over() {
        let season = RushPeriod::days(date("2027-11-22"), date("2027-11-30")).unwrap();
        let only_then = Schedule::rush(
            Schedule::manual(),
            Schedule::daily_at(time("06:00:00")).unwrap(),
            RushCalendar::new().period(season),
        )
        .unwrap();
        assert_eq!(only_then.next_after(utc("2026-01-01T00:00:00Z")), Some(utc("2027-11-22T05:00:00Z")));
        assert_eq!(only_then.ticks_between(utc("2026-01-01T00:00:00Z"), utc("2028-01-01T00:00:00Z")), 9);
        assert_eq!(only_then.next_after(utc("2027-12-01T00:00:00Z")), None);
    }

    #[test]
    fn a_rush_in_thousands_of_years_costs_the_ticks_until_then_nothing() {
        let (first, last) = (date("2027-01-01"), date("9990-11-30"));
        let often = || Schedule::every(minutes(1)).unwrap();
        let from = utc("2026-11-21T08:00:00Z");
        for zone in [WARSAW, Tz::UTC] {
            for (season, ticks) in [
                // a long way off, and one that never ends
                (RushPeriod::days(last, last).unwrap(), 144),
                (RushPeriod::days(date("2026-01-01"), last).unwrap(), 1_440),
                (RushPeriod::days(first, last).unwrap(), 144),
            ] {
                let calendar = RushCalendar::new().period(season);
                let normal = Schedule::every(minutes(10)).unwrap().zone(zone);
                let schedule = Schedule::rush(normal, often().zone(zone), calendar).unwrap();
                assert_eq!(schedule.ticks_between(from, from + TimeDelta::days(1)), ticks);
                let all = schedule.ticks_between(from, from + TimeDelta::days(3_000));
                assert_eq!(all, Schedule::MOST_TICKS);
            }
        }
    }

    #[test]
    fn the_switch_counts_from_the_instant_of_its_flip() {
        let switch = RushSwitch::new();
        let schedule = stock(RushCalendar::new().switch(switch.clone()));
        let noon = utc("2026-11-21T12:00:00Z");
        let two = noon + TimeDelta::hours(2);
        assert_eq!(schedule.ticks_between(noon, two), 4);
        switch.turn_on(noon + TimeDelta::minutes(65));
        assert!(switch.is_on());
        // 12:30, 13:00, then every ten minutes from 13:10
        assert_eq!(schedule.ticks_between(noon, two), 2 + 6);
        switch.turn_off();
        assert!(!switch.is_on());
        assert_eq!(schedule.ticks_between(noon, two), 4);
    }

    proptest! {
        #[test]
        fn l21_in_a_rush_the_next_tick_is_the_first_of_whichever_schedule_is_in_force(
            (zone, start) in near_a_change(), from in 0u32..24, hours in 1u32..24, first in 0i64..4, days in 0i64..4,
            // either may be the rarer one, so that a rush also begins and ends between ticks
            (normal, often) in prop::sample::select(
                vec![(10u64, 5u64), (60, 15), (120, 60), (1_440, 15), (10, 1_440), (60, 240)]),
            flip in prop::option::of(0i64..5_000),
        ) {
            let window = Window::hours(from, (from + hours) % 24).unwrap();
            let first = start.with_timezone(&zone).date_naive() + TimeDelta::days(first);
            let last = first + TimeDelta::days(days);
            let switch = RushSwitch::new();
            let since = flip.map(|flip| start + TimeDelta::minutes(flip));
            if let Some(since) = since {
                switch.turn_on(since);
            }
            let season = RushPeriod::days(first, last).unwrap().within(window);
            let normal = Schedule::every(minutes(normal)).unwrap().zone(zone);
            let often = Schedule::every(minutes(often)).unwrap().zone(zone);
            let calendar = RushCalendar::new().period(season).switch(switch);
            let schedule = Schedule::rush(normal.clone(), often.clone(), calendar).unwrap();
            let mut at = start;
            for _ in 0..30 {
                let next = schedule.next_after(at).unwrap();
                let expected = (1..).map(|minute| minute_of(at) + TimeDelta::minutes(minute)).find(|tick| {
                    let local = tick.with_timezone(&zone).naive_local();
                    let rush = since.is_some_and(|since| since <= *tick)
                        || in_window(local, from, (from + hours) % 24, &|day| (first..=last).contains(&day));
                    let schedule = if rush { &often } else { &normal };
                    schedule.next_after(*tick - TimeDelta::seconds(1)) == Some(*tick)
                });
                prop_assert_eq!(Some(next), expected);
                at = next;
            }
        }
    }
}

/// A zone, and an instant within some days of a change of its clocks.
fn near_a_change() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    let changes = [
        (WARSAW, "2026-03-29T01:00:00Z"),
        (WARSAW, "2026-10-25T01:00:00Z"),
        (WARSAW, "2027-03-28T01:00:00Z"),
        (WARSAW, "2027-10-31T01:00:00Z"),
        (Tz::America__New_York, "2027-03-14T07:00:00Z"),
        (Tz::America__New_York, "2027-11-07T06:00:00Z"),
        (Tz::Australia__Lord_Howe, "2027-04-03T15:00:00Z"),
        (Tz::Australia__Lord_Howe, "2027-10-02T15:30:00Z"),
        (Tz::Asia__Kolkata, "2027-01-01T00:00:00Z"),
        (Tz::Asia__Beirut, "2027-03-27T22:00:00Z"),
        (Tz::Pacific__Apia, "2011-12-30T10:00:00Z"),
    ];
    let seconds = prop_oneof![-7_200i64..7_200, -200_000i64..200_000];
    (prop::sample::select(changes.to_vec()), seconds)
        .prop_map(|((zone, change), seconds)| (zone, utc(change) + TimeDelta::seconds(seconds)))
}

fn minute_of(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp().div_euclid(60) * 60, 0).unwrap()
}

/// Whether a wall clock's time lies in a window of full hours that began on a day that `opens`.
fn in_window(local: chrono::NaiveDateTime, from: u32, until: u32, opens: &dyn Fn(NaiveDate) -> bool) -> bool {
    let second = local.num_seconds_from_midnight();
    let today = opens(local.date());
    let yesterday = opens(local.date() - TimeDelta::days(1));
    if from < until {
        today && (from * 3_600..=until * 3_600).contains(&second)
    } else {
        (today && second >= from * 3_600) || (yesterday && second <= until * 3_600)
    }
}

proptest! {
    #[test]
    fn l21_no_second_between_an_instant_and_its_next_tick_is_a_tick(
        (zone, start) in near_a_change(),
        period in prop::sample::select(vec![1u64, 20, 45, 60, 300, 600, 900, 1_800, 2_400, 2_700, 3_600]),
        phase in 0u64..3_600, within in 0i64..4_000,
    ) {
        let phase = phase % period;
        let schedule =
            Schedule::every_at(Duration::from_secs(period), Duration::from_secs(phase)).unwrap().zone(zone);
        let next = schedule.next_after(start).unwrap();
        let expected = (1..).map(|second| start + TimeDelta::seconds(second)).find(|tick| {
            let second = tick.with_timezone(&zone).naive_local().num_seconds_from_midnight();
            u64::from(second) % period == phase
        });
        prop_assert_eq!(Some(next), expected);
        prop_assert!(next > start);
        // whatever instant before it is asked from, down to the nanosecond
        let between = (start + TimeDelta::seconds(within)).min(next - TimeDelta::nanoseconds(1));
        prop_assert_eq!(schedule.next_after(between), Some(next));
        prop_assert_eq!(schedule.ticks_between(start, next), 1);
    }

    #[test]
    fn l21_ticks_within_a_window_are_all_of_its_minutes_that_match(
        (zone, start) in near_a_change(), from in 0u32..24, hours in 1u32..24,
        days in prop::collection::btree_set(0u8..7, 1..=7),
        period in prop::sample::select(vec![5u64, 10, 15, 40, 60]), phase in 0u64..60,
    ) {
        let (phase, until) = (phase % period, (from + hours) % 24);
        let days: Vec<Weekday> = days.into_iter().map(|day| Weekday::try_from(day).unwrap()).collect();
        let window = Window::hours(from, until).unwrap().on(days.clone()).unwrap();
        let schedule = Schedule::every_at(minutes(period), minutes(phase)).unwrap().within(window).unwrap();
        let schedule = schedule.zone(zone);
        let mut at = start;
        for _ in 0..3 {
            let next = schedule.next_after(at).unwrap();
            let expected = (1..).map(|minute| minute_of(at) + TimeDelta::minutes(minute)).find(|tick| {
                let local = tick.with_timezone(&zone).naive_local();
                let opens = |day: NaiveDate| days.contains(&day.weekday());
                u64::from(local.num_seconds_from_midnight() / 60) % period == phase
                    && in_window(local, from, until, &opens)
            });
            prop_assert_eq!(Some(next), expected);
            at = next;
        }
    }

    #[test]
    fn l21_times_of_the_day_come_once_each_at_the_first_instant_that_shows_them_or_a_later_one(
        (zone, start) in near_a_change(),
        period in prop::sample::select(vec![90u64, 120, 180, 240, 360, 720, 1_440]), phase in 0u64..1_440,
    ) {
        let phase = phase % period;
        let schedule = Schedule::every_at(minutes(period), minutes(phase)).unwrap().zone(zone);
        // every nominal time of some days, each at the first minute at which the clock shows it or more
        let first = start.with_timezone(&zone).date_naive() - TimeDelta::days(2);
        let mut expected: Vec<DateTime<Utc>> = first
            .iter_days()
            .take(6)
            .flat_map(|day| (0..1_440 / period).map(move |n| day.and_time(NaiveTime::MIN)
                + TimeDelta::minutes((phase + n * period).try_into().unwrap())))
            .map(|nominal| {
                let early = nominal.and_utc() - TimeDelta::hours(15);
                (0..).map(|minute| early + TimeDelta::minutes(minute))
                    .find(|at| at.with_timezone(&zone).naive_local() >= nominal).unwrap()
            })
            .collect();
        expected.dedup();
        let expected: Vec<_> = expected.into_iter().filter(|tick| *tick > start).collect();
        let ticks: Vec<_> =
            std::iter::successors(schedule.next_after(start), |tick| schedule.next_after(*tick)).take(3).collect();
        prop_assert_eq!(&ticks[..], &expected[..3]);
    }
}

//! Rushes.

use proptest::prelude::*;

use super::random::{in_window, minute_of, near_a_change};
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

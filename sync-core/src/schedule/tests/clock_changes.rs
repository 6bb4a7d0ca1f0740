//! Ticks through whole years and around the changes of clocks.

use super::*;

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

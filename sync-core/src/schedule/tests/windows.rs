//! Ticks within hours and days.

use super::*;

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

//! Random schedules around changes of clocks.

use proptest::prelude::*;

use super::*;

/// A zone, and an instant within some days of a change of its clocks.
pub(super) fn near_a_change() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
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

pub(super) fn minute_of(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp().div_euclid(60) * 60, 0).unwrap()
}

/// Whether a wall clock's time lies in a window of full hours that began on a day that `opens`.
pub(super) fn in_window(
    local: chrono::NaiveDateTime,
    from: u32,
    until: u32,
    opens: &dyn Fn(NaiveDate) -> bool,
) -> bool {
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

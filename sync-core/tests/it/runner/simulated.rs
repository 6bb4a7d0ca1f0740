//! Days in milliseconds.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sync_core::{Class, Clock, JobPlan, Schedule, Window};

use super::probe::{Bench, Does, MINUTE};

/// Every 2 min, every 30 min in office hours, every 6 h, once a day in the hour that is left out and that comes twice.
fn schedules() -> [Schedule; 5] {
    let office = Window::hours(8, 20).unwrap();
    [
        Schedule::every_at(MINUTE * 2, Duration::from_secs(50)).unwrap(),
        Schedule::every(MINUTE * 30).unwrap().within(office).unwrap(),
        Schedule::every(MINUTE * 60 * 6).unwrap(),
        Schedule::daily_at("02:30:00".parse().unwrap()).unwrap(),
        Schedule::daily_at("00:15:00".parse().unwrap()).unwrap(),
    ]
}

async fn week_from(monday: &str) {
    let mut bench = Bench::new();
    let began: DateTime<Utc> = monday.parse().unwrap();
    let until = began + MINUTE * 60 * 24 * 7;
    bench.clock.set(began);
    let jobs = schedules().map(|schedule| {
        let plan = JobPlan::new(schedule.clone(), Class::Regular).last_done(began);
        (bench.add(&format!("demo/{schedule}"), plan, Does::End), schedule)
    });
    let mut runner = bench.runner();
    bench.simulate(&mut runner, until).await;
    assert_eq!(bench.clock.now(), until);
    for (job, schedule) in jobs {
        let ticks: Vec<_> =
            std::iter::successors(schedule.next_after(began), |tick| schedule.next_after(*tick))
                .take_while(|tick| *tick <= until)
                .collect();
        assert!(ticks.len() >= 7, "{schedule}");
        assert_eq!(*job.began.lock().unwrap(), ticks, "{schedule}");
    }
}

#[tokio::test]
async fn in_a_week_that_loses_an_hour_every_job_runs_at_each_of_its_ticks() {
    week_from("2027-03-24T22:00:00Z").await;
}

#[tokio::test]
async fn in_a_week_that_gains_an_hour_every_job_runs_at_each_of_its_ticks() {
    week_from("2027-10-27T22:00:00Z").await;
}

//! Ticks, hints, pauses and failures.

use std::sync::Arc;

use sync_core::{
    Class, Clock, Error, ErrorKind, JobPlan, Observer, Pause, RunnerHandle, RushCalendar, RushSwitch,
    Schedule, StepEnd,
};

use super::probe::{Bench, Does, MINUTE, every, facts_of, settle};

#[tokio::test]
async fn f43_ticks_that_pile_up_during_a_run_are_one_run_after_it_and_never_overlap_it() {
    let mut bench = Bench::new();
    let job = bench.add("demo/slow", every(1, Class::Regular), Does::End);
    job.script([Does::Wait(StepEnd::More), Does::Wait(StepEnd::End), Does::Wait(StepEnd::End)]);
    let mut runner = bench.runner();
    let run = bench.run();
    let mut endless = Box::pin(runner.run(&run));
    for _ in 0..10 {
        assert!(settle(&mut endless).await.is_none());
        assert_eq!(job.steps(), 1);
        bench.clock.advance(MINUTE);
    }
    job.let_go(2);
    assert!(settle(&mut endless).await.is_none());
    // the run that the ticks asked for
    assert_eq!((job.steps(), bench.told()), (3, vec!["run-1 demo/slow done".to_owned()]));
    job.let_go(1);
    assert!(settle(&mut endless).await.is_none());
    assert_eq!(job.steps(), 3);
    assert_eq!(job.most_running.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn hints_that_come_before_and_during_a_run_make_one_run_each() {
    let mut bench = Bench::new();
    let plan = JobPlan::new(Schedule::on_event(), Class::Orders);
    let job = bench.add("demo/orders", plan, Does::Wait(StepEnd::End));
    let mut runner = bench.runner();
    let (handle, run) = (runner.handle(), bench.run());
    let mut endless = Box::pin(runner.run(&run));
    // nobody knows what happened before
    assert!(settle(&mut endless).await.is_none());
    assert_eq!(job.steps(), 1);
    (0..5).for_each(|_| handle.wake("demo/orders").unwrap());
    assert!(settle(&mut endless).await.is_none());
    (0..5).for_each(|_| handle.wake("demo/orders").unwrap());
    assert!(settle(&mut endless).await.is_none());
    assert_eq!(job.steps(), 1);
    job.let_go(10);
    assert!(settle(&mut endless).await.is_none());
    assert_eq!(job.steps(), 2);
    (0..5).for_each(|_| handle.wake("demo/orders").unwrap());
    assert!(settle(&mut endless).await.is_none());
    assert_eq!(job.steps(), 3);
    assert_eq!(handle.wake("demo/nobody").unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn f42_a_failing_job_waits_for_its_tick_and_the_others_go_on() {
    let mut bench = Bench::new();
    let failing = bench.add("demo/failing", every(10, Class::Regular), Does::Fail);
    let panicking = bench.add("demo/panicking", every(10, Class::Regular), Does::Panic);
    let fine = bench.add("demo/fine", every(5, Class::Regular), Does::End);
    let mut runner = bench.runner();
    let handle = runner.handle();
    bench.simulate(&mut runner, bench.at(MINUTE * 29)).await;
    assert_eq!((failing.steps(), panicking.steps(), fine.steps()), (3, 3, 6));
    assert_eq!(facts_of(&handle, "demo/failing").consecutive_failures, 3);
    assert_eq!(facts_of(&handle, "demo/failing").last_done_at, None);
    assert_eq!(facts_of(&handle, "demo/fine").consecutive_failures, 0);
    // what a panic says may hold record content
    assert!(bench.told().iter().all(|line| !line.contains("canary")));
    failing.script([Does::End]);
    bench.simulate(&mut runner, bench.at(MINUTE)).await;
    assert_eq!(facts_of(&handle, "demo/failing").consecutive_failures, 0);
}

#[tokio::test]
async fn a_failed_job_without_ticks_is_tried_again_after_a_minute_unless_a_person_starts_it() {
    let mut bench = Bench::new();
    let woken = bench.add("demo/woken", JobPlan::new(Schedule::on_event(), Class::Orders), Does::End);
    let manual = bench.add("demo/manual", JobPlan::new(Schedule::manual(), Class::Bulk), Does::Fail);
    woken.script([Does::Fail, Does::Fail]);
    let mut runner = bench.runner();
    let handle = runner.handle();
    bench.simulate(&mut runner, bench.at(MINUTE * 10)).await;
    assert_eq!((woken.steps(), manual.steps()), (3, 0));
    handle.wake("demo/manual").unwrap();
    bench.simulate(&mut runner, bench.at(MINUTE * 10)).await;
    assert_eq!((woken.steps(), manual.steps()), (3, 1));
}

#[tokio::test]
async fn a_pause_is_kept_whatever_ticks_and_hints_come_and_the_job_runs_at_its_end() {
    let mut bench = Bench::new();
    let job = bench.add("demo/prices", every(1, Class::Regular), Does::End);
    let until = bench.at(MINUTE * 15);
    job.script([Does::Pause(Pause::Throttled { until })]);
    let mut runner = bench.runner();
    let handle = runner.handle();
    bench.simulate(&mut runner, bench.at(MINUTE * 5)).await;
    handle.wake("demo/prices").unwrap();
    bench.simulate(&mut runner, bench.at(MINUTE * 5)).await;
    assert_eq!(job.steps(), 1);
    let facts = facts_of(&handle, "demo/prices");
    assert!(facts.paused.is_some_and(|pause| pause.until() == until));
    assert_eq!(facts.next_at.unwrap().timestamp(), until.timestamp());
    bench.simulate(&mut runner, until + MINUTE / 2).await;
    assert_eq!(job.steps(), 2);
    assert_eq!(facts_of(&handle, "demo/prices").paused, None);
}

#[tokio::test]
async fn a_job_whose_lease_is_held_elsewhere_tries_at_its_tick_and_when_the_lease_lapses() {
    let mut bench = Bench::new();
    let job = bench.add("demo/prices", every(10, Class::Regular), Does::End);
    let began = bench.clock.now();
    let held = |minutes| Does::Pause(Pause::HeldElsewhere { until: began + MINUTE * minutes });
    job.script([held(1), held(25)]);
    let mut runner = bench.runner();
    bench.simulate(&mut runner, bench.at(MINUTE * 12)).await;
    let tried: Vec<_> = job.began.lock().unwrap().iter().map(|at| (*at - began).num_minutes()).collect();
    assert_eq!(tried, [0, 1, 10]);
}

#[tokio::test]
async fn a_pause_that_ended_before_it_began_lasts_a_second() {
    let mut bench = Bench::new();
    let until = bench.clock.now() - MINUTE;
    let held = Does::Pause(Pause::HeldElsewhere { until });
    let job = bench.add("demo/prices", every(10, Class::Regular), held);
    let mut runner = bench.runner();
    bench.simulate(&mut runner, bench.at(MINUTE)).await;
    assert_eq!(job.steps(), 61);
}

#[tokio::test]
async fn a_job_that_was_done_before_the_process_began_waits_for_its_tick_unless_one_was_missed() {
    let mut bench = Bench::new();
    let began = bench.clock.now();
    let daily = JobPlan::new(Schedule::daily_at("00:15:00".parse().unwrap()).unwrap(), Class::Bulk);
    let done = bench.add("demo/done", daily.clone().last_done(began - MINUTE * 60), Does::End);
    let missed = bench.add("demo/missed", daily.clone().last_done(began - MINUTE * 60 * 24), Does::End);
    let never = bench.add("demo/never", daily, Does::End);
    let mut runner = bench.runner();
    let next = runner.run_due(&bench.run()).await.unwrap();
    assert_eq!((done.steps(), missed.steps(), never.steps()), (0, 1, 1));
    assert_eq!(next, "2026-11-21T23:15:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap());
}

#[tokio::test]
async fn a_clock_that_is_set_back_holds_no_job_up() {
    let mut bench = Bench::new();
    let job = bench.add("demo/stock", every(1, Class::Stock), Does::End);
    let mut runner = bench.runner();
    runner.run_due(&bench.run()).await;
    bench.clock.set(bench.clock.now() - MINUTE * 600);
    runner.run_due(&bench.run()).await;
    bench.simulate(&mut runner, bench.at(MINUTE * 10)).await;
    assert_eq!(job.steps(), 11);
}

#[tokio::test]
async fn a_rush_that_is_switched_on_between_two_ticks_begins_at_once() {
    let mut bench = Bench::new();
    let switch = RushSwitch::new();
    let rarely = Schedule::every(MINUTE * 60).unwrap();
    let often = Schedule::every(MINUTE).unwrap();
    let rush = Schedule::rush(rarely, often, RushCalendar::new().switch(switch.clone())).unwrap();
    let job = bench.add("demo/stock", JobPlan::new(rush, Class::Stock), Does::End);
    let mut runner = bench.runner();
    let run = bench.run();
    let mut endless = Box::pin(runner.run(&run));
    let mut steps = Vec::new();
    for minute in 0..10 {
        if minute == 5 {
            switch.turn_on(bench.clock.now());
        }
        assert!(settle(&mut endless).await.is_none());
        steps.push(job.steps());
        bench.clock.advance(MINUTE);
    }
    assert_eq!(steps, [1, 1, 1, 1, 1, 2, 3, 4, 5, 6]);
}

/// Looks at the facts whenever it is told something.
#[derive(Debug, Default)]
struct Curious(std::sync::OnceLock<RunnerHandle>);

impl Observer for Curious {
    fn failed(&self, job: &str, _: &Error) {
        let handle = self.0.get().unwrap();
        assert!(facts_of(handle, job).running_since.is_none());
        handle.wake("demo/alarm").unwrap();
    }
}

#[tokio::test]
async fn an_observer_may_look_at_the_facts_and_wake_a_job() {
    let mut bench = Bench::new();
    bench.add("demo/failing", every(10, Class::Regular), Does::Fail);
    let alarm = bench.add("demo/alarm", JobPlan::new(Schedule::manual(), Class::Regular), Does::End);
    let mut runner = bench.runner();
    let curious = Arc::new(Curious::default());
    curious.0.set(runner.handle()).unwrap();
    let mut run = bench.run();
    run.observer = curious;
    runner.run_due(&run).await;
    runner.run_due(&run).await;
    assert_eq!(alarm.steps(), 1);
}

#[tokio::test]
async fn the_facts_tell_how_and_since_when_a_job_fails_until_it_is_done_or_somebody_else_works_on_it() {
    let mut bench = Bench::new();
    let job = bench.add("demo/orders", every(10, Class::Orders), Does::End);
    let lease = Pause::HeldElsewhere { until: bench.clock.now() };
    job.script([Does::Fail, Does::Panic, Does::End, Does::Fail, Does::Pause(lease)]);
    let mut runner = bench.runner();
    let (handle, run, began) = (runner.handle(), bench.run(), bench.clock.now());
    let mut said = Vec::new();
    for _ in 0..5 {
        runner.run_due(&run).await;
        let facts = facts_of(&handle, "demo/orders");
        said.push((facts.consecutive_failures, facts.last_error, facts.failing_since));
        bench.clock.advance(MINUTE * 10);
    }
    let fourth = began + MINUTE * 30;
    let expected = [
        (1, Some(ErrorKind::Transient), Some(began)),
        (2, Some(ErrorKind::Bug), Some(began)),
        (0, None, None),
        (1, Some(ErrorKind::Transient), Some(fourth)),
        (0, None, None),
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_job_that_asks_for_it_is_run_again_then_at_the_earliest_after_a_second_and_a_tick_before_takes_its_place()
 {
    let mut bench = Bench::new();
    let began = bench.clock.now();
    let job = bench.add("demo/hints", every(10, Class::Regular), Does::End);
    let again = |seconds: i64| Does::Again(began + chrono::TimeDelta::seconds(seconds));
    // in the past, in between, and after the next tick
    job.script([again(-60), again(90), again(1_000), Does::End]);
    let mut runner = bench.runner();
    bench.simulate(&mut runner, began + MINUTE * 20).await;
    let seconds: Vec<_> = job.began.lock().unwrap().iter().map(|at| (*at - began).num_seconds()).collect();
    assert_eq!(seconds, [0, 1, 90, 600, 1_200]);
}

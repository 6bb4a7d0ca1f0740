//! Whatever happens in whatever order, no job overlaps itself and no class exceeds its places.

use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::{Strategy, any, prop, prop_oneof};
use proptest::{prop_assert, prop_assert_eq, proptest};
use sync_core::{Class, Pause, RunnerSettings, StepEnd};

use super::probe::{Bench, Does, MINUTE, every, settle};

const JOBS: usize = 5;

#[derive(Debug, Clone)]
enum Event {
    Advance(u16),
    Wake(usize),
    LetGo(usize),
    Script(usize, u8),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        (1..400u16).prop_map(Event::Advance),
        (0..JOBS).prop_map(Event::Wake),
        (0..JOBS).prop_map(Event::LetGo),
        (0..JOBS, any::<u8>()).prop_map(|(job, does)| Event::Script(job, does)),
    ];
    prop::collection::vec(event, 0..40)
}

fn does(bench: &Bench, choice: u8) -> Does {
    let until = bench.at(MINUTE * u32::from(choice % 7));
    match choice % 8 {
        0 => Does::Fail,
        1 => Does::End,
        2 => Does::More,
        3 => Does::Pause(Pause::HeldElsewhere { until }),
        4 => Does::Pause(Pause::Throttled { until }),
        5 => Does::Hang,
        6 => Does::Wait(StepEnd::More),
        _ => Does::Wait(StepEnd::End),
    }
}

async fn play(events: &[Event], cap: usize) -> Result<(), proptest::test_runner::TestCaseError> {
    let mut bench = Bench::new();
    let plan = |n: u32| every(n + 1, Class::Regular).patience(MINUTE * 20).dropping_stuck();
    let jobs: Vec<_> = (0u32..)
        .take(JOBS)
        .map(|n| bench.add(&format!("demo/{n}"), plan(n), Does::Wait(StepEnd::End)))
        .collect();
    let mut runner = bench.runner().with_settings(RunnerSettings::default().cap(Class::Regular, cap));
    let (handle, run) = (runner.handle(), bench.run());
    let mut endless = Box::pin(runner.run(&run));
    for event in events {
        match event {
            Event::Advance(seconds) => bench.clock.advance(Duration::from_secs(u64::from(*seconds))),
            Event::Wake(job) => handle.wake(&format!("demo/{job}")).unwrap(),
            Event::LetGo(job) => jobs[*job].let_go(1),
            Event::Script(job, choice) => jobs[*job].script([does(&bench, *choice)]),
        }
        prop_assert!(settle(&mut endless).await.is_none());
        for facts in handle.facts() {
            let probe = jobs.iter().find(|job| sync_core::Job::name(&***job) == facts.job).unwrap();
            prop_assert_eq!(facts.running_since.is_some(), probe.is_running());
            prop_assert!(facts.running_since.is_none() || facts.waiting_since.is_none());
        }
    }
    for job in &jobs {
        prop_assert!(job.most_running.load(Ordering::SeqCst) <= 1);
    }
    prop_assert!(bench.log.most_running.load(Ordering::SeqCst) <= cap);
    // none is ever lost: with open gates each runs again by itself
    let before: Vec<usize> = jobs.iter().map(|job| job.steps()).collect();
    jobs.iter().for_each(|job| job.let_go(10_000));
    for _ in 0..JOBS * 8 {
        bench.clock.advance(MINUTE * 5);
        prop_assert!(settle(&mut endless).await.is_none());
    }
    for (job, before) in jobs.iter().zip(before) {
        prop_assert!(job.steps() > before);
    }
    bench.stop.cancel();
    prop_assert!(settle(&mut endless).await.is_some());
    Ok(())
}

proptest! {
    #[test]
    fn no_job_overlaps_itself_no_class_exceeds_its_places_and_no_job_is_forgotten(
        events in events(), cap in 1..4usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(&events, cap))?;
    }
}

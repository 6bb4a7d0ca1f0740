//! Stopping a runner.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sync_core::testing::{Faults, MemorySink, MemorySource};
use sync_core::{
    Class, FlowSettings, Job, JobEnd, RunContext, Runner, RunnerSettings, StepEnd, run_until_done,
};

use super::probe::{Bench, Does, MINUTE, every, settle};
use super::{Notes, ten_pages};
use crate::world::{World, good};

#[tokio::test]
async fn a_stop_ends_each_step_at_the_edge_of_its_page_and_another_process_need_not_wait() {
    let world = ten_pages(Faults::none());
    let (notes, run) = Notes::run(Some(3));
    let run = run.with_clock(world.clock.clone());
    let flow: Arc<dyn Job> = Arc::new(world.flow());
    let mut runner = Runner::new([(flow, every(1, Class::Regular))]).unwrap();
    let report = runner.run(&run).await;
    assert_eq!((report.jobs[0].counts.applied, report.jobs[0].dropped_at_stop), (3, false));
    assert_eq!(notes.events(), ["page 1", "page 1", "page 1", "ended stopped"]);
    assert_eq!(world.cycle().await.applied, 7);
}

#[tokio::test]
async fn a_run_that_waits_for_its_next_step_at_the_stop_gives_its_lease_back() {
    let source = MemorySource::token().wire_page(1);
    let world = World::new(source, MemorySink::new()).batch(1);
    (0..3).for_each(|n| world.source.put(format!("k{n}"), good(n)));
    let settings = FlowSettings::default().batch(1).page_budget(1).lease_ttl(crate::world::TTL);
    let flow: Arc<dyn Job> = Arc::new(world.flow().with_settings(settings));
    let mut bench = Bench::new();
    bench.clock = world.clock.clone();
    let long = bench.add("demo/long", every(60, Class::Bulk), Does::Wait(StepEnd::End));
    let job: Arc<dyn Job> = long.clone();
    let plan = every(60, Class::Bulk);
    let mut runner = Runner::new([(flow, plan.clone()), (job, plan)]).unwrap();
    let run = bench.run();
    let mut endless = Box::pin(runner.run(&run));
    assert!(settle(&mut endless).await.is_none());
    assert!(long.is_running());
    bench.stop.cancel();
    long.let_go(1);
    assert!(settle(&mut endless).await.is_some());
    assert!(bench.told().contains(&"run-1 demo/goods stopped".to_owned()), "{:?}", bench.told());
    assert_eq!(world.cycle().await.applied, 2);
}

#[tokio::test]
async fn after_a_stop_nothing_starts_and_what_does_not_end_is_dropped_after_the_grace() {
    let mut bench = Bench::new();
    let hung = bench.add("demo/hung", every(60, Class::Bulk), Does::Hang);
    let waiting = bench.add("demo/waiting", every(60, Class::Bulk), Does::End);
    let mut runner = bench.runner().with_settings(RunnerSettings::default().grace(MINUTE));
    let (handle, run) = (runner.handle(), bench.run());
    let mut endless = Box::pin(runner.run(&run));
    assert!(settle(&mut endless).await.is_none());
    bench.stop.cancel();
    handle.wake("demo/waiting").unwrap();
    assert!(settle(&mut endless).await.is_none());
    bench.clock.advance(MINUTE / 2);
    assert!(settle(&mut endless).await.is_none());
    assert!(hung.is_running());
    bench.clock.advance(MINUTE / 2);
    let report = settle(&mut endless).await.unwrap();
    assert!(!hung.is_running());
    assert_eq!(report.jobs.iter().map(|job| job.dropped_at_stop).collect::<Vec<_>>(), [true, false]);
    assert_eq!(waiting.steps(), 0);
    // what it was writing may still arrive: its lease is not given back
    assert_eq!(hung.left.load(Ordering::SeqCst), 0);
    assert_eq!(bench.told(), ["run-1 demo/hung stopped"]);
}

#[tokio::test]
async fn what_was_dropped_with_its_runner_runs_again() {
    let mut bench = Bench::new();
    let job = bench.add("demo/job", every(60, Class::Regular), Does::End);
    job.script([Does::Hang]);
    let mut runner = bench.runner();
    let run = bench.run();
    let mut endless = Box::pin(runner.run(&run));
    assert!(settle(&mut endless).await.is_none());
    drop(endless);
    tokio::task::yield_now().await;
    assert!(!job.is_running());
    runner.run_due(&run).await;
    assert_eq!(job.steps(), 2);
}

#[tokio::test]
async fn one_job_that_is_stopped_between_steps_gives_back_what_it_holds() {
    let mut bench = Bench::new();
    let job = bench.add("demo/job", every(60, Class::Regular), Does::More);
    let run = RunContext::default();
    run.stop.cancel();
    let report = run_until_done(&*job, &run).await;
    assert!(matches!(report.end, JobEnd::Stopped));
    assert_eq!((job.steps(), job.left.load(Ordering::SeqCst)), (0, 1));
}

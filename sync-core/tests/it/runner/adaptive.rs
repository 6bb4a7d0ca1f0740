//! Polling that thins out while hints arrive.

use std::sync::Arc;

use sync_core::{Class, Stretch};

use super::probe::{Bench, Does, MINUTE, Probe, every};

/// Polled every 2 min, while hints come every 10 min, until they are silent for 30 min.
fn stretched(bench: &mut Bench) -> Arc<Probe> {
    let plan = every(2, Class::Orders).stretched(Stretch::new(MINUTE * 10, MINUTE * 30));
    bench.add("demo/orders", plan, Does::End)
}

fn minutes(bench: &Bench, probe: &Probe) -> Vec<i64> {
    let began = probe.began.lock().unwrap();
    began
        .iter()
        .map(|at| (*at - began[0]).num_minutes())
        .collect::<Vec<_>>()
        .split_off(bench.steps().len().min(1))
}

#[tokio::test]
async fn after_a_hint_a_job_is_polled_rarely_until_hints_are_silent_and_then_by_its_own_schedule() {
    let mut bench = Bench::new();
    let job = stretched(&mut bench);
    let mut runner = bench.runner();
    let handle = runner.handle();
    bench.simulate(&mut runner, bench.at(MINUTE * 5)).await;
    handle.wake("demo/orders").unwrap();
    bench.simulate(&mut runner, bench.at(MINUTE * 40)).await;
    // own ticks, the hint at 5, the first own ticks 10 min after each run, the first own tick 30 min after the hint
    assert_eq!(minutes(&bench, &job), [2, 4, 5, 16, 26, 36, 38, 40, 42, 44]);
}

#[tokio::test]
async fn while_hints_keep_coming_they_alone_run_the_job() {
    let mut bench = Bench::new();
    let job = stretched(&mut bench);
    let mut runner = bench.runner();
    let handle = runner.handle();
    runner.run_due(&bench.run()).await;
    for _ in 0..20 {
        handle.wake("demo/orders").unwrap();
        bench.simulate(&mut runner, bench.at(MINUTE * 5)).await;
    }
    assert_eq!(minutes(&bench, &job), (0..20).map(|n| n * 5).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failure_after_a_hint_is_tried_again_at_the_next_tick_of_the_jobs_own_schedule() {
    let mut bench = Bench::new();
    let job = stretched(&mut bench);
    let mut runner = bench.runner();
    let handle = runner.handle();
    bench.simulate(&mut runner, bench.at(MINUTE)).await;
    job.script([Does::Fail]);
    handle.wake("demo/orders").unwrap();
    bench.simulate(&mut runner, bench.at(MINUTE * 9)).await;
    // the retry at 2 went well, so the next tick is 10 min after it
    assert_eq!(minutes(&bench, &job), [1, 2]);
}

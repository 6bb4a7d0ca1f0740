//! Steps that show no progress.

use sync_core::Class;

use super::probe::{Bench, Does, MINUTE, every, facts_of, settle};

#[tokio::test]
async fn f57_a_step_without_a_page_for_too_long_is_told_once_and_seen_in_the_facts() {
    let mut bench = Bench::new();
    let job = bench.add("demo/hung", every(60, Class::Regular).patience(MINUTE * 10), Does::Pages);
    let mut runner = bench.runner();
    let (handle, run) = (runner.handle(), bench.run());
    let mut endless = Box::pin(runner.run(&run));
    // a page now and then is progress
    for _ in 0..10 {
        assert!(settle(&mut endless).await.is_none());
        bench.clock.advance(MINUTE * 9);
        job.let_go(1);
    }
    assert!(settle(&mut endless).await.is_none());
    assert_eq!(bench.told(), [""; 0]);
    assert!(!facts_of(&handle, "demo/hung").is_stuck);
    for _ in 0..3 {
        bench.clock.advance(MINUTE * 10);
        assert!(settle(&mut endless).await.is_none());
    }
    assert_eq!(bench.told(), ["demo/hung stuck since 09:30"]);
    assert!(facts_of(&handle, "demo/hung").is_stuck);
    // it goes on, and gets stuck again
    job.let_go(1);
    assert!(settle(&mut endless).await.is_none());
    assert!(!facts_of(&handle, "demo/hung").is_stuck);
    bench.clock.advance(MINUTE * 10);
    assert!(settle(&mut endless).await.is_none());
    assert_eq!(bench.told(), ["demo/hung stuck since 09:30", "demo/hung stuck since 10:00"]);
    assert_eq!(job.steps(), 1);
}

#[tokio::test]
async fn f57_a_stuck_step_is_dropped_if_so_planned_and_its_job_tried_again_at_its_tick() {
    let mut bench = Bench::new();
    let plan = every(30, Class::Regular).patience(MINUTE * 10).dropping_stuck();
    let job = bench.add("demo/hung", plan, Does::End);
    job.script([Does::Hang]);
    let mut runner = bench.runner();
    let (handle, run) = (runner.handle(), bench.run());
    let mut endless = Box::pin(runner.run(&run));
    assert!(settle(&mut endless).await.is_none());
    bench.clock.advance(MINUTE * 10);
    assert!(settle(&mut endless).await.is_none());
    assert!(!job.is_running());
    assert_eq!((job.steps(), facts_of(&handle, "demo/hung").consecutive_failures), (1, 1));
    bench.clock.advance(MINUTE * 20);
    assert!(settle(&mut endless).await.is_none());
    assert_eq!((job.steps(), facts_of(&handle, "demo/hung").consecutive_failures), (2, 0));
    assert_eq!(
        bench.told(),
        [
            "demo/hung stuck since 08:00",
            "demo/hung failed: the step showed no progress and was dropped (transient)",
            "run-1 demo/hung failed",
            "run-2 demo/hung done",
        ]
    );
}

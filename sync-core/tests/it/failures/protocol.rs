//! F46 to F56 as far as they are the engine's: acknowledgements, tokens that do not get on, repeats and pauses.

use std::sync::Arc;
use std::time::Duration;

use sync_core::testing::{Fault, Faults, MemorySink};
use sync_core::{
    BreakerSettings, ErrorKind, Flow, Identity, Item, Job, JobEnd, Page, Pause, ReadFrom, RetrySettings,
    RunContext, Source, SourceIdentity, SourceInfo, SourceKind, StepEnd, Tally, run_until_done,
};

use super::{BAD, Bench, Shop, UNTICKED};
use crate::world::{five, holding, name};

const DAY: Duration = Duration::from_secs(86_400);

fn queue(page: usize) -> Bench {
    Bench::new(Shop::new(SourceKind::Queue).page(page)).settings(|settings| settings.batch(page))
}

async fn step(flow: &Flow) -> sync_core::Result<Tally> {
    flow.step(&RunContext::default()).await
}

#[tokio::test]
async fn f56_a_position_that_comes_again_is_an_error() {
    #[derive(Debug)]
    struct Stuck(SourceKind);
    #[async_trait::async_trait]
    impl Source for Stuck {
        type Record = i64;
        type Cursor = u64;
        fn describe(&self) -> SourceInfo {
            SourceInfo::new(self.0, SourceIdentity::new("s", "e"))
        }
        async fn read(&self, _: ReadFrom<&u64>, _: usize) -> sync_core::Result<Page<i64, u64>> {
            Ok(Page::more(vec![Item::upsert("a", 1)], 1))
        }
    }
    for (kind, batch) in [(SourceKind::Token, 1), (SourceKind::Token, 100), (SourceKind::Queue, 1)] {
        let bench = Bench::snapshot();
        let flow = Flow::new(name(), Stuck(kind), Identity, bench.sink.clone(), bench.store.clone())
            .with_settings(bench.settings.clone().batch(batch));
        let report = run_until_done(&flow, &RunContext::default()).await;
        assert!(matches!(report.end, JobEnd::Failed(error) if error.kind() == ErrorKind::OrderViolation));
    }
}

#[tokio::test]
async fn f56_a_queue_that_gives_again_what_was_acknowledged_is_an_error() {
    let bench = queue(1);
    bench.shop.stock(2, 5);
    bench.shop.state().deaf = true;
    assert_eq!(bench.failure().await, ErrorKind::OrderViolation);
    assert_eq!(bench.shop.calls_of("read"), 2);
}

#[tokio::test]
async fn each_receipt_is_told_what_became_of_its_record_also_those_of_doubles() {
    let bench = queue(10);
    for (key, value) in [("a", 1), ("b", -1), ("c", UNTICKED), ("d", BAD), ("a", 2)] {
        bench.shop.put(key, value);
    }
    bench.shop.delete("e");
    assert_eq!(bench.cycle().await, [5, 1, 0, 2, 2]);
    let told = |number: usize, reason: Option<&str>| (number.to_string(), reason.map(str::to_owned));
    let expected = [
        told(1, None),
        told(2, Some("negative")),
        told(3, None),
        told(4, Some("invalid")),
        told(5, None),
        told(6, None),
    ];
    assert_eq!(bench.shop.state().told, expected);
}

#[tokio::test]
async fn each_page_of_a_queue_is_acknowledged_before_the_next_is_read() {
    let bench = queue(2);
    bench.shop.stock(5, 1);
    assert_eq!(bench.cycle().await, [5, 5, 0, 0, 0]);
    let expected = ["read", "acknowledge", "read", "acknowledge", "read", "acknowledge"];
    assert_eq!(bench.shop.state().calls, expected);
}

#[tokio::test]
async fn a_queue_is_not_read_ahead() {
    let bench = queue(1);
    bench.shop.stock(3, 1);
    let sink = Arc::new(MemorySink::new().faults(Faults::at(1, Fault::HangBefore)));
    let flow = Flow::new(name(), bench.shop.clone(), Identity, sink, bench.store.clone())
        .with_settings(bench.settings.clone());
    let run = RunContext::default();
    let mut hanging = Box::pin(flow.step(&run));
    for _ in 0..20 {
        assert!(futures::poll!(&mut hanging).is_pending());
    }
    assert_eq!(bench.shop.state().calls, ["read"]);
}

#[tokio::test]
async fn an_acknowledgement_that_fails_is_told_and_its_records_come_again_unchanged() {
    let bench = queue(10);
    bench.shop.put("a", 1);
    bench.shop.fail("acknowledge", ErrorKind::Transient);
    for _ in 0..3 {
        assert_eq!(bench.failure().await, ErrorKind::Transient);
    }
    assert_eq!((bench.holds(), bench.sink.log().len()), (holding(&[("a", 1)]), 1));
    bench.shop.mend();
    assert_eq!(bench.cycle().await, [1, 0, 1, 0, 0]);
    assert_eq!(bench.shop.state().told, [("1".to_owned(), None)]);
    assert_eq!(bench.cycle().await, [0; 5]);
}

#[tokio::test]
async fn a_change_that_the_acknowledgement_swallowed_is_looked_up() {
    let bench = Bench::new(Shop::new(SourceKind::Queue).info(|info| info.ack_swallows()).fetches());
    bench.shop.put("a", 1);
    bench.shop.state().meanwhile = Some(("a".to_owned(), 2));
    bench.cycle().await;
    assert_eq!(bench.holds(), holding(&[("a", 2)]));
    // also when it dies between the two
    bench.shop.put("a", 3);
    bench.shop.state().meanwhile = Some(("a".to_owned(), 4));
    bench.shop.fail("fetch", ErrorKind::Transient);
    bench.failure().await;
    assert_eq!(bench.holds(), holding(&[("a", 3)]));
    bench.shop.mend();
    bench.cycle().await;
    assert_eq!(bench.holds(), holding(&[("a", 4)]));
}

#[tokio::test]
async fn a_full_pass_that_always_fails_is_told_though_the_feed_gets_on() {
    for call in ["read_all", "fetch"] {
        let bench =
            Bench::new(Shop::new(SourceKind::Token).fetches()).settings(|settings| settings.full_pass(DAY));
        bench.shop.stock(3, 1);
        bench.cycle().await;
        bench.clock.advance(DAY);
        bench.shop.vanish(1);
        bench.shop.fail(call, ErrorKind::Transient);
        for value in 2..5 {
            bench.shop.put("k002", value);
            assert_eq!(bench.failure().await, ErrorKind::Transient, "{call}");
            assert_eq!(bench.holds()["k002"], value);
        }
        assert_eq!(bench.sink.records().len(), 3);
        bench.shop.mend();
        bench.cycle().await;
        assert_eq!(bench.sink.records().len(), 2);
    }
}

#[tokio::test]
async fn f48_the_next_step_does_not_come_before_the_time_that_was_asked_for() {
    let bench = Bench::new(Shop::new(SourceKind::Token).page(1)).settings(|settings| settings.batch(1));
    bench.shop.stock(2, 1);
    let flow = bench.flow();
    bench.shop.fail("read", ErrorKind::Throttled { after: Some(Duration::from_secs(90)) });
    assert!(step(&flow).await.is_err());
    bench.shop.mend();
    for seconds in [0, 89] {
        bench.clock.advance(Duration::from_secs(seconds));
        assert!(matches!(step(&flow).await.unwrap().end, StepEnd::Paused(Pause::Throttled { .. })));
    }
    assert_eq!(bench.shop.calls_of("read"), 1);
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(step(&flow).await.unwrap().end, StepEnd::End);
}

#[tokio::test]
async fn a_pause_is_reported_as_a_pause_and_never_as_done() {
    let bench = Bench::new(Shop::new(SourceKind::Token).page(1)).settings(|settings| settings.batch(1));
    bench.shop.stock(3, 1);
    let flow = bench.flow().with_settings(bench.settings.clone().page_budget(1));
    step(&flow).await.unwrap();
    bench.shop.fail("read", ErrorKind::Throttled { after: None });
    let report = run_until_done(&flow, &RunContext::default()).await;
    assert!(matches!(report.end, JobEnd::Failed(_)), "{report:?}");
    for _ in 0..3 {
        let report = run_until_done(&flow, &RunContext::default()).await;
        assert!(matches!(report.end, JobEnd::Paused(Pause::Throttled { .. })), "{report:?}");
    }
    assert_eq!(bench.shop.calls_of("read"), 2);
}

#[tokio::test]
async fn f47_refused_credentials_pause_the_flow_and_are_not_tried_again_at_once() {
    let bench = Bench::new(Shop::new(SourceKind::Token));
    let flow = bench.flow();
    bench.shop.fail("read", ErrorKind::Auth);
    assert_eq!(step(&flow).await.unwrap_err().kind(), ErrorKind::Auth);
    for _ in 0..10 {
        assert!(matches!(step(&flow).await.unwrap().end, StepEnd::Paused(Pause::Auth { .. })));
    }
    assert_eq!(bench.shop.calls_of("read"), 1);
}

#[tokio::test]
async fn a_failing_flow_pauses_tries_once_and_pauses_for_twice_as_long() {
    let seconds = Duration::from_secs;
    let breaker = BreakerSettings::default().failures(3).pauses(seconds(30), seconds(600));
    let bench = Bench::new(Shop::new(SourceKind::Token)).settings(|settings| settings.breaker(breaker));
    let flow = bench.flow();
    bench.shop.fail("read", ErrorKind::Transient);
    for _ in 0..3 {
        assert!(step(&flow).await.is_err());
    }
    for (pause, calls) in [(30, 4), (60, 5), (120, 6)] {
        bench.clock.advance(seconds(pause - 1));
        assert!(matches!(step(&flow).await.unwrap().end, StepEnd::Paused(Pause::Failing { .. })));
        bench.clock.advance(seconds(1));
        assert!(step(&flow).await.is_err());
        assert_eq!(bench.shop.calls_of("read"), calls);
    }
    bench.clock.advance(seconds(240));
    bench.shop.mend();
    assert_eq!(step(&flow).await.unwrap().end, StepEnd::End);
    bench.shop.fail("read", ErrorKind::Transient);
    for _ in 0..3 {
        assert!(step(&flow).await.is_err());
    }
}

#[tokio::test]
async fn bad_records_do_not_count_as_failures_of_the_flow() {
    let breaker = BreakerSettings::default().failures(1);
    let bench = Bench::new(Shop::new(SourceKind::Token)).settings(|settings| settings.breaker(breaker));
    let flow = bench.flow();
    for _ in 0..10 {
        bench.shop.put("a", -1);
        assert_eq!(step(&flow).await.unwrap().end, StepEnd::End);
    }
}

#[tokio::test]
async fn what_fails_for_the_moment_is_repeated_within_the_step() {
    let bench = Bench::new(Shop::new(SourceKind::Token));
    bench.shop.stock(2, 1);
    let sink = Arc::new(MemorySink::new().faults(Faults::at(1, Fault::FailAfter)));
    let retry = RetrySettings::default().pauses(Duration::ZERO, Duration::ZERO);
    let flow = Flow::new(name(), bench.shop.clone(), Identity, sink.clone(), bench.store.clone())
        .with_settings(bench.settings.clone().retry(retry))
        .with_clock(bench.clock.clone());
    assert_eq!(five(step(&flow).await.unwrap().counts), [2, 2, 0, 0, 0]);
    assert_eq!(sink.log().len(), 4);
}

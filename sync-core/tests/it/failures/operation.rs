//! F27, F73 to F77, parts, pace, sending everything again, and two sources as one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use sync_core::testing::{Fault, Faults, MemorySink};
use sync_core::{
    Clock, ErrorKind, Flow, FlowName, FlowSettings, Job, JobEnd, Outcome, Pause, Rebind, Reconciled,
    RunContext, Sink, SourceInfo, SourceKind, StepEnd, Write, run_until_done,
};

use super::cursor::Contractors;
use super::{Bench, Shop, Values};
use crate::world::{finish, five, holding, name};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn f73_a_source_whose_clock_or_highest_id_went_back_stops_the_flow() {
    for is_clock in [true, false] {
        let bench = Bench::new(Shop::new(SourceKind::Token));
        let now = bench.clock.now();
        let tell = |back: i64| {
            let mut state = bench.shop.state();
            if is_clock {
                state.as_of = Some(now - TimeDelta::seconds(back));
            } else {
                state.highest = Some(1_000u64.saturating_sub(back.unsigned_abs()));
            }
        };
        tell(0);
        bench.shop.put("a", 1);
        bench.cycle().await;
        tell(301);
        bench.shop.put("b", 1);
        for _ in 0..2 {
            assert_eq!(bench.failure().await, ErrorKind::WentBack);
        }
        assert_eq!(bench.holds(), holding(&[("a", 1)]));
        bench.flow().rebind(Rebind::KeepPosition).await.unwrap();
        assert_eq!(bench.cycle().await, [1, 1, 0, 0, 0]);
    }
}

#[tokio::test]
async fn f73_bound_anew_from_the_start_everything_is_read_and_only_changes_are_sent() {
    let bench = Bench::new(Shop::new(SourceKind::Token));
    bench.shop.state().highest = Some(9);
    bench.shop.stock(3, 1);
    bench.cycle().await;
    bench.shop.state().highest = Some(8);
    // restored from a backup: an older value
    bench.shop.quietly_put("k001", 7);
    assert_eq!(bench.failure().await, ErrorKind::WentBack);
    bench.flow().rebind(Rebind::FromStart).await.unwrap();
    assert_eq!(bench.cycle().await, [3, 1, 2, 0, 0]);
    assert_eq!(bench.holds()["k001"], 7);
}

#[tokio::test]
async fn f73_bound_anew_from_the_start_what_a_dead_step_had_written_is_still_taken_away() {
    let mut bench = Bench::new(Shop::new(SourceKind::Token));
    bench.sink = Arc::new(MemorySink::new().faults(Faults::at(1, Fault::FailAfter)));
    bench.shop.put("a", 1);
    assert_eq!(bench.failure().await, ErrorKind::Transient);
    assert_eq!(bench.holds(), holding(&[("a", 1)]));
    bench.flow().rebind(Rebind::FromStart).await.unwrap();
    bench.shop.delete("a");
    bench.cycle().await;
    assert_eq!(bench.holds(), holding(&[]));
}

#[tokio::test]
async fn f73_bound_anew_from_the_start_what_an_acknowledgement_swallowed_is_still_looked_up() {
    let bench = Bench::new(Shop::new(SourceKind::Queue).info(SourceInfo::ack_swallows).fetches());
    bench.shop.put("a", 1);
    bench.shop.state().meanwhile = Some(("a".to_owned(), 2));
    bench.shop.fail("fetch", ErrorKind::Transient);
    assert_eq!(bench.failure().await, ErrorKind::Transient);
    bench.flow().rebind(Rebind::FromStart).await.unwrap();
    bench.shop.mend();
    bench.cycle().await;
    assert_eq!(bench.holds(), holding(&[("a", 2)]));
}

/// A target whose ids follow from the records.
#[derive(Debug, Default)]
struct ByCode(Mutex<Vec<(String, Option<String>)>>);

#[async_trait::async_trait]
impl Sink for ByCode {
    type Record = i64;

    async fn write(&self, batch: &[Write<i64>]) -> sync_core::Result<Vec<Outcome>> {
        let mut log = self.0.lock().unwrap();
        let outcomes = batch.iter().map(|write| {
            let code = match write {
                Write::Upsert { record, .. } => format!("code-{record}"),
                Write::Remove { .. } => "removed".to_owned(),
            };
            log.push((code.clone(), write.previous().map(ToString::to_string)));
            Outcome::applied_as(code)
        });
        Ok(outcomes.collect())
    }
}

#[tokio::test]
async fn f75_a_key_whose_target_changes_brings_the_id_under_which_it_was_there() {
    let bench = Bench::new(Shop::new(SourceKind::Token));
    let sink = Arc::new(ByCode::default());
    let flow = Flow::new(name(), bench.shop.clone(), Values, sink.clone(), bench.store.clone());
    for value in [1, 2] {
        bench.shop.put("a", value);
        finish(&flow).await;
    }
    bench.shop.delete("a");
    finish(&flow).await;
    let entry = |code: &str, previous: Option<&str>| (code.to_owned(), previous.map(str::to_owned));
    let expected = [entry("code-1", None), entry("code-2", Some("code-1")), entry("removed", Some("code-2"))];
    assert_eq!(*sink.0.lock().unwrap(), expected);
}

#[tokio::test]
async fn f77_a_server_that_was_renamed_is_the_same_and_another_database_is_refused() {
    let mut bench = Bench::new(Shop::new(SourceKind::Token));
    bench.shop.put("a", 1);
    bench.cycle().await;
    let moved = |database: &'static str| {
        let shop = Shop::new(SourceKind::Token).info(|mut info| {
            info.identity = info.identity.database(database);
            info
        });
        shop.put("a", 1);
        shop.put("b", 1);
        Arc::new(shop)
    };
    // another address: nothing of what a source is
    bench.shop = moved("");
    assert_eq!(bench.cycle().await, [1, 1, 0, 0, 0]);
    bench.shop = moved("copy");
    bench.shop.put("c", 1);
    assert_eq!(bench.failure().await, ErrorKind::FingerprintMismatch);
    assert_eq!((bench.shop.calls_of("read"), bench.holds().len()), (0, 2));
    bench.flow().rebind(Rebind::FromStart).await.unwrap();
    assert_eq!(bench.cycle().await, [3, 1, 2, 0, 0]);
}

#[tokio::test]
async fn f77_a_database_that_only_changed_its_name_keeps_its_position() {
    let mut bench = Bench::new(Shop::new(SourceKind::Token));
    bench.shop.put("a", 1);
    bench.cycle().await;
    let shop = Shop::new(SourceKind::Token).info(|mut info| {
        info.identity = info.identity.database("new name");
        info
    });
    bench.shop = Arc::new(shop);
    bench.shop.put("a", 1);
    bench.shop.put("b", 1);
    bench.flow().rebind(Rebind::KeepPosition).await.unwrap();
    assert_eq!(bench.cycle().await, [1, 1, 0, 0, 0]);
}

fn over(bench: &Bench, parts: &Arc<Contractors>, settings: FlowSettings) -> Flow {
    Flow::over_parts(name(), parts.clone(), Values, bench.sink.clone(), bench.store.clone())
        .with_settings(settings)
        .with_clock(bench.clock.clone())
}

fn sent(bench: &Bench) -> Vec<String> {
    bench.sink.log().iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn f27_what_is_missing_in_one_part_or_flow_takes_nothing_from_another() {
    let bench = Bench::snapshot();
    let parts = Arc::new(Contractors::default());
    let shops = ["a", "b"].map(|part| parts.insert(part, Shop::new(SourceKind::Snapshot).fetches()));
    for shop in &shops {
        shop.stock(3, 1);
    }
    let other = FlowName::new("demo/other").unwrap();
    let other = Flow::new(other, shops[1].clone(), Values, bench.sink.clone(), bench.store.clone());
    let flow = over(&bench, &parts, bench.settings.clone());
    finish(&flow).await;
    finish(&other).await;
    shops[0].vanish(2);
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(five(finish(&flow).await), [6, 2, 4, 0, 0]);
    let active: Vec<_> = flow.status().await.unwrap().parts.iter().map(|part| part.active).collect();
    assert_eq!(active, [1, 3]);
    assert_eq!(other.status().await.unwrap().parts[0].active, 3);
}

#[tokio::test]
async fn parts_that_waited_longest_come_first_and_a_step_keeps_to_its_pages() {
    let bench = Bench::snapshot();
    let parts = Arc::new(Contractors::default());
    for part in ["a", "b", "c"] {
        parts.insert(part, Shop::new(SourceKind::Token)).put(part, 1);
    }
    let flow = over(&bench, &parts, bench.settings.clone().page_budget(1));
    for (end, done) in [(StepEnd::More, 1), (StepEnd::More, 2)] {
        assert_eq!(flow.step(&RunContext::default()).await.unwrap().end, end);
        assert_eq!(sent(&bench).len(), done);
        bench.clock.advance(Duration::from_millis(100));
    }
    finish(&flow).await;
    assert_eq!(sent(&bench), ["a", "b", "c"]);
    // a new one before all, then those that were done longest ago
    bench.clock.advance(Duration::from_secs(1));
    parts.insert("d", Shop::new(SourceKind::Token)).put("d", 1);
    for part in ["c", "b", "a"] {
        parts.shop(part).put(part, 2);
    }
    finish(&flow).await;
    assert_eq!(sent(&bench)[3..], ["d", "a", "b", "c"]);
}

#[tokio::test]
async fn a_part_that_fails_holds_no_other_up_and_its_round_is_no_success() {
    let bench = Bench::snapshot();
    let parts = Arc::new(Contractors::default());
    for part in ["a", "b", "c"] {
        parts.insert(part, Shop::new(SourceKind::Token)).put(part, 1);
    }
    parts.shop("b").fail("read", ErrorKind::Transient);
    let flow = over(&bench, &parts, bench.settings.clone());
    let report = run_until_done(&flow, &RunContext::default()).await;
    assert!(matches!(report.end, JobEnd::Failed(_)), "{report:?}");
    assert_eq!(sent(&bench), ["a", "c"]);
    parts.shop("b").mend();
    bench.clock.advance(Duration::from_secs(1));
    finish(&flow).await;
    assert_eq!(sent(&bench), ["a", "c", "b"]);
}

#[tokio::test]
async fn a_source_that_asks_for_fewer_calls_stops_all_parts() {
    let bench = Bench::snapshot();
    let parts = Arc::new(Contractors::default());
    for part in ["a", "b", "c"] {
        parts.insert(part, Shop::new(SourceKind::Token)).put(part, 1);
    }
    parts.shop("b").fail("read", ErrorKind::Throttled { after: None });
    let flow = over(&bench, &parts, bench.settings.clone());
    let report = run_until_done(&flow, &RunContext::default()).await;
    assert!(matches!(report.end, JobEnd::Paused(Pause::Throttled { .. })), "{report:?}");
    assert_eq!((report.counts.applied, sent(&bench)), (1, vec!["a".to_owned()]));
}

#[tokio::test]
async fn f49_the_pace_is_kept_between_pages_without_a_burst() {
    let bench = Bench::new(Shop::new(SourceKind::Queue).page(1))
        .settings(|settings| settings.pace(Duration::from_secs(10)).lease_ttl(Duration::from_secs(3_600)));
    bench.shop.stock(4, 1);
    let (flow, run) = (bench.flow(), RunContext::default());
    let mut step = Box::pin(flow.step(&run));
    for pages in 1..4 {
        for _ in 0..20 {
            assert!(futures::poll!(&mut step).is_pending());
        }
        assert_eq!(bench.shop.calls_of("read"), pages);
        bench.clock.advance(Duration::from_secs(10));
    }
    assert_eq!(step.await.unwrap().end, StepEnd::End);
    assert_eq!(bench.shop.calls_of("read"), 4);
}

#[tokio::test]
async fn everything_is_sent_again_so_often_as_asked_for() {
    let bench = Bench::snapshot().settings(|settings| settings.reassert(DAY));
    bench.shop.stock(3, 1);
    for (hours, applied) in [(0, 3), (23, 0), (1, 3), (1, 0)] {
        bench.clock.advance(Duration::from_secs(hours * 3_600));
        assert_eq!(bench.cycle().await, [3, applied, 3 - applied, 0, 0]);
    }
}

#[tokio::test]
async fn changes_from_a_queue_and_full_passes_from_a_list_are_one_flow() {
    let (queue, list) = (Arc::new(Shop::new(SourceKind::Queue)), Arc::new(Shop::new(SourceKind::Snapshot)));
    // two countings of ids
    queue.state().highest = Some(1_000);
    list.state().highest = Some(5);
    let bench = Bench::snapshot().settings(|settings| settings.full_pass(DAY));
    let sink = Arc::new(MemorySink::new());
    let flow = || {
        let source = Reconciled::new(queue.clone(), list.clone());
        Flow::new(name(), source, Values, sink.clone(), bench.store.clone())
            .with_settings(bench.settings.clone())
            .with_clock(bench.clock.clone())
    };
    list.stock(3, 1);
    queue.put("k000", 1);
    finish(&flow()).await;
    assert_eq!((sink.records().len(), queue.state().told.len()), (3, 1));
    // between passes changes alone are read
    queue.put("k000", 2);
    list.vanish(1);
    finish(&flow()).await;
    assert_eq!((sink.records().len(), list.calls_of("read_all")), (3, 1));
    // missing twice; the queue tells no deletion
    for left in [3, 2] {
        bench.clock.advance(DAY);
        finish(&flow()).await;
        assert_eq!(sink.records().len(), left);
    }
    assert_eq!(queue.calls_of("read_all"), 0);
}

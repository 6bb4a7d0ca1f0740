//! Long writes: splitting, faults, resuming.

use crate::{client_of, decimal, hurried, mock, simulated};
use api_transport::simulation::Fault;
use bytes::Bytes;
use one_client::pricing::RetailPrice;
use one_client::simulator::Simulator;
use one_client::stock::{StockBody, StockChange};
use one_client::{BulkWrite, Decimal, Effect, Error, ErrorKind, WarehouseId};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

fn prices(count: usize) -> Vec<RetailPrice> {
    (0..count).map(|n| RetailPrice::new(format!("sku-{n}"), Decimal::from(n))).collect()
}

const PRICES: &str = "/retail-prices";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn chunks_together_are_the_input_and_none_exceeds_a_limit(
        skus in prop::collection::vec("[a-cżł/\"]{1,6}", 0..60),
        chunk_lines in 1_usize..9,
        chunk_bytes in 60_usize..400,
        resume_at in 0_usize..70,
    ) {
        let lines: Vec<_> = skus.iter().map(|sku| RetailPrice::new(sku.as_str(), decimal("1.10"))).collect();
        let options = BulkWrite::builder()
            .chunk_lines(chunk_lines).chunk_bytes(chunk_bytes).resume_at(resume_at).build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (report, requests) = runtime.block_on(async {
            let server = mock().await;
            Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
            let one = client_of(&server).build().unwrap();
            let report = one.retail_prices().save_with(&lines, &options).await;
            (report, server.received_requests().await.unwrap())
        });
        let mut arrived = Vec::new();
        for request in &requests {
            prop_assert!(request.body.len() <= chunk_bytes);
            let chunk: Vec<RetailPrice> = serde_json::from_slice(&request.body).unwrap();
            prop_assert!(chunk.len() <= chunk_lines);
            let mut names: Vec<_> = chunk.iter().map(|line| &line.product_id).collect();
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), chunk.len(), "a chunk names a record twice");
            arrived.extend(chunk);
        }
        let expected = &lines[resume_at.min(lines.len())..];
        prop_assert_eq!(&arrived[..], expected);
        prop_assert_eq!(report.accepted(), expected.len());
        prop_assert_eq!(report.resume_at(), None);
        let mut next = resume_at.min(lines.len());
        for outcome in &report.outcomes {
            prop_assert_eq!(outcome.lines.start, next);
            next = outcome.lines.end;
        }
    }
}

#[tokio::test]
async fn five_thousand_lines_go_at_once_and_never_more_than_ten_thousand() {
    let (simulator, one) = simulated().await;
    let lines = prices(12_000);
    let report = one.retail_prices().save(&lines).await;
    let chunks: Vec<_> = report.outcomes.iter().map(|outcome| outcome.lines.len()).collect();
    assert_eq!(chunks, [5_000, 5_000, 2_000]);
    assert_eq!(simulator.retail_prices().len(), 12_000);

    let greedy = BulkWrite::builder().chunk_lines(1_000_000).build();
    let report = one.retail_prices().save_with(&lines, &greedy).await;
    let chunks: Vec<_> = report.outcomes.iter().map(|outcome| outcome.lines.len()).collect();
    assert_eq!(chunks, [10_000, 2_000]);
}

#[tokio::test]
async fn a_failed_chunk_ends_the_write_and_it_resumes_there() {
    let (simulator, one) = simulated().await;
    simulator.faults().add(Fault::on(PRICES).nth(3).refuse(403, "no"));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watch = {
        let seen = Arc::clone(&seen);
        move |progress: &one_client::BulkProgress| {
            seen.lock().unwrap().push((progress.accepted, progress.failed, progress.total));
        }
    };
    let lines = prices(50);
    let options = BulkWrite::builder().chunk_lines(10).progress(watch).build();
    let report = one.retail_prices().save_with(&lines, &options).await;
    assert_eq!(report.accepted(), 20);
    assert_eq!(report.resume_at(), Some(20));
    assert!(report.line(19).unwrap().is_ok());
    assert_eq!(report.line(20).unwrap().as_ref().unwrap_err().kind(), ErrorKind::Forbidden);
    assert!(report.line(30).is_none());
    assert_eq!(*seen.lock().unwrap(), [(10, 0, 50), (20, 0, 50), (20, 10, 50)]);

    let rest = BulkWrite::builder().chunk_lines(10).resume_at(report.resume_at().unwrap()).build();
    let report = one.retail_prices().save_with(&lines, &rest).await;
    assert_eq!((report.accepted(), report.resume_at()), (30, None));
    assert_eq!(simulator.lines_received().retail_prices, 50);
}

#[tokio::test]
async fn a_refused_line_costs_only_itself() {
    let (simulator, one) = simulated().await;
    simulator.refuse_products(["sku-7", "sku-88"]);
    let lines = prices(100);
    let options = BulkWrite::builder().chunk_lines(40).build();
    let report = one.retail_prices().save_with(&lines, &options).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(7..8, ErrorKind::Rejected), (88..89, ErrorKind::Rejected)]);
    assert!(report.failures().next().unwrap().1.detail().unwrap().contains("unknown product sku-7"));
    assert_eq!(report.accepted(), 98);
    assert_eq!(report.resume_at(), None, "a refused line is answered for");
    assert_eq!(simulator.retail_prices().len(), 98);
}

#[tokio::test]
async fn one_refused_line_in_each_of_many_chunks_costs_only_itself() {
    let (simulator, one) = simulated().await;
    let refused: Vec<_> = (0..40).map(|chunk| chunk * 100 + 63).collect();
    simulator.refuse_products(refused.iter().map(|n| format!("sku-{n}")));
    let lines = prices(4_000);
    let options = BulkWrite::builder().chunk_lines(100).build();
    let report = one.retail_prices().save_with(&lines, &options).await;
    let failed: Vec<_> = report.failures().flat_map(|(lines, _)| lines).collect();
    assert!(failed == refused, "{} lines failed", failed.len());
    assert_eq!(simulator.retail_prices().len(), 3_960);
}

#[tokio::test]
async fn when_everything_is_refused_the_search_ends_soon_and_every_line_has_its_answer() {
    let (simulator, one) = simulated().await;
    simulator.faults().add(Fault::on(PRICES).always().refuse(400, "no"));
    let lines = prices(10_000);
    let options = BulkWrite::builder().chunk_lines(1_000).build();
    let report = one.retail_prices().save_with(&lines, &options).await;
    assert_eq!((report.accepted(), report.resume_at()), (0, None));
    assert!((0..10_000).all(|line| report.line(line).unwrap().is_err()));
    let calls = simulator.faults().calls(PRICES);
    assert!(calls < 70, "{calls} calls");
}

#[tokio::test]
async fn an_unknown_warehouse_is_not_searched_line_by_line() {
    let (simulator, one) = simulated().await;
    simulator.faults().add(Fault::on("/incremental").always().refuse(404, "no such warehouse"));
    let lines: Vec<_> = (0..20).map(|n| StockChange::set(format!("{n}"), Decimal::ONE)).collect();
    let report = one.stocks().send_incremental(&WarehouseId::from("X"), &lines).await;
    assert_eq!(simulator.faults().calls("/incremental"), 1);
    assert_eq!(report.into_result().unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_line_longer_than_a_request_fails_alone_and_unsent() {
    let (simulator, one) = simulated().await;
    let mut lines = prices(10);
    lines[4].product_id = "x".repeat(500).into();
    let options = BulkWrite::builder().chunk_bytes(300).build();
    let report = one.retail_prices().save_with(&lines, &options).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(4..5, ErrorKind::Refused)]);
    assert_eq!(simulator.lines_received().retail_prices, 9);
}

#[tokio::test]
async fn the_later_of_two_lines_of_one_record_wins() {
    let (simulator, one) = simulated().await;
    let warehouse = WarehouseId::from("WRO");
    let lines = [
        StockChange::set("a", decimal("1")),
        StockChange::set("b", decimal("1")),
        StockChange::remove("a"),
        StockChange::remove("b"),
        StockChange::set("b", decimal("2")),
    ];
    one.stocks().send_incremental(&warehouse, &lines).await.into_result().unwrap();
    assert_eq!(simulator.stock("WRO", "a"), None);
    assert_eq!(simulator.stock("WRO", "b"), Some(decimal("2")));
    assert_eq!(simulator.faults().calls("/incremental"), 3);
}

/// A spelling that sends differences.
#[derive(Debug)]
struct Deltas;

impl StockBody for Deltas {
    fn encode(&self, changes: &[StockChange]) -> one_client::Result<Bytes> {
        let ids: Vec<_> = changes.iter().map(StockChange::id).collect();
        Ok(serde_json::to_vec(&ids).unwrap().into())
    }

    fn effect(&self) -> Effect {
        Effect::Create
    }
}

#[tokio::test]
async fn another_stock_body_replaces_ours_and_its_effect_decides_the_repeat() {
    let simulator = Simulator::builder().strict(false).start().await.unwrap();
    simulator.faults().add(Fault::on("/incremental").always().unavailable());
    let lines = [StockChange::set("a", decimal("1"))];
    let warehouse = WarehouseId::from("WRO");

    let levels = simulator.client_builder().transport(hurried).build().unwrap();
    levels.stocks().send_incremental(&warehouse, &lines).await.into_result().unwrap_err();
    assert_eq!(simulator.faults().calls("/incremental"), 4, "levels are repeated");

    simulator.faults().reset_counters();
    let deltas = simulator.client_builder().stock_body(Deltas).transport(hurried).build().unwrap();
    let error = deltas.stocks().send_incremental(&warehouse, &lines).await.into_result().unwrap_err();
    assert_eq!(simulator.faults().calls("/incremental"), 1, "differences are not");
    assert!(error.may_have_been_applied());
}

/// A spelling that has no word for less than nothing.
#[derive(Debug)]
struct NoNegatives;

impl StockBody for NoNegatives {
    fn encode(&self, changes: &[StockChange]) -> one_client::Result<Bytes> {
        let is_negative = |change: &StockChange| matches!(change, StockChange::Set(line) if line.quantity.is_sign_negative());
        if changes.iter().any(is_negative) {
            return Err(Error::refused(None, "a negative quantity"));
        }
        one_client::stock::AbsoluteStocks::default().encode(changes)
    }

    fn effect(&self) -> Effect {
        Effect::Idempotent
    }
}

#[tokio::test]
async fn a_line_that_the_spelling_cannot_express_fails_alone_and_unsent() {
    let (simulator, _) = simulated().await;
    let one = simulator.client_builder().stock_body(NoNegatives).build().unwrap();
    let lines: Vec<_> =
        (0..9).map(|n| StockChange::set(format!("{n}"), Decimal::from(n * (7 - n)))).collect();
    let report = one.stocks().send_incremental(&WarehouseId::from("WRO"), &lines).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(8..9, ErrorKind::Refused)]);
    assert_eq!(simulator.lines_received().stocks, 8);
}

//! Long writes: splitting, faults, resuming.

use crate::{client_of, decimal, hurried, mock, simulated};
use api_transport::simulation::Fault;
use api_transport::testing::{RawServer, Reply};
use bytes::Bytes;
use one_client::pricing::RetailPrice;
use one_client::simulator::Simulator;
use one_client::stock::{StockBody, StockChange};
use one_client::{BulkWrite, Client, Decimal, Effect, Error, ErrorKind, SecretString, WarehouseId};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

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

/// A server that answers 413 to more lines or bytes than this, and how often it did.
async fn taking_at_most(lines: usize, bytes: usize) -> (MockServer, Arc<AtomicUsize>) {
    let server = mock().await;
    let refused = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&refused);
    let answer = move |request: &Request| {
        let told: Vec<RetailPrice> = serde_json::from_slice(&request.body).unwrap();
        let is_too_much = told.len() > lines || request.body.len() > bytes;
        count.fetch_add(usize::from(is_too_much), Ordering::Relaxed);
        ResponseTemplate::new(if is_too_much { 413 } else { 200 })
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    (server, refused)
}

#[tokio::test]
async fn a_server_that_takes_fewer_lines_is_given_fewer_from_then_on() {
    let (server, refused) = taking_at_most(700, usize::MAX).await;
    let one = client_of(&server).build().unwrap();
    let report = one.retail_prices().save(&prices(40_000)).await;
    assert_eq!((report.accepted(), report.resume_at()), (40_000, None));
    assert_eq!(refused.load(Ordering::Relaxed), 3, "5,000, 2,500 and 1,250, once each");
    assert!(report.outcomes.iter().all(|outcome| outcome.lines.len() == 625));
}

#[tokio::test]
async fn a_line_that_is_too_much_for_the_server_even_alone_costs_itself_and_makes_no_other_small() {
    let (server, _) = taking_at_most(usize::MAX, 100_000).await;
    let one = client_of(&server).build().unwrap();
    let mut lines = prices(3_000);
    lines[500].product_id = "x".repeat(200_000).into();
    let options = BulkWrite::builder().chunk_lines(1_000).build();
    let report = one.retail_prices().save_with(&lines, &options).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.status())).collect();
    assert_eq!(failed, [(500..501, Some(413))]);
    assert_eq!((report.accepted(), report.resume_at()), (2_999, None));
    assert_eq!(report.outcomes.last().unwrap().lines, 2_000..3_000);
}

#[tokio::test]
async fn a_server_that_takes_nothing_at_all_is_soon_left_alone() {
    let (server, refused) = taking_at_most(0, 0).await;
    let one = client_of(&server).build().unwrap();
    let report = one.retail_prices().save(&prices(40_000)).await;
    assert_eq!((report.accepted(), report.resume_at()), (0, None));
    assert!((0..40_000).all(|line| report.line(line).unwrap().is_err()));
    let calls = refused.load(Ordering::Relaxed);
    assert!(calls < 100, "{calls} calls");
}

#[tokio::test]
async fn an_unknown_warehouse_is_asked_for_once_and_is_the_answer_to_every_line() {
    let (simulator, one) = simulated().await;
    simulator.refuse(404, ["X"]).unwrap();
    let lines: Vec<_> = (0..23).map(|n| StockChange::set(format!("{n}"), Decimal::ONE)).collect();
    let options = BulkWrite::builder().chunk_lines(5).resume_at(3).build();
    let report = one.stocks().send_incremental_with(&WarehouseId::from("X"), &lines, &options).await;
    assert_eq!(simulator.faults().calls("/incremental"), 1);
    assert_eq!((report.accepted(), report.resume_at(), report.in_doubt()), (0, None, None));
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(3..23, ErrorKind::NotFound)]);
}

#[tokio::test]
async fn a_line_longer_than_a_request_fails_alone_and_unsent() {
    let (simulator, one) = simulated().await;
    let mut lines = prices(10);
    lines[4].product_id = "x".repeat(500).into();
    let options = BulkWrite::builder().chunk_bytes(300).build();
    let report = one.retail_prices().save_with(&lines, &options).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(4..5, ErrorKind::Invalid)]);
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
            return Err(Error::invalid("a negative quantity"));
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
    let is_bad = |n: usize| n % 90 == 7;
    let lines: Vec<_> = (0..5_000)
        .map(|n| StockChange::set(format!("{n}"), decimal(if is_bad(n) { "-1" } else { "1" })))
        .collect();
    let report = one.stocks().send_incremental(&WarehouseId::from("WRO"), &lines).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    let expected: Vec<_> =
        (0..5_000).filter(|n| is_bad(*n)).map(|n| (n..n + 1, ErrorKind::Invalid)).collect();
    assert_eq!(expected.len(), 56, "more than a search with requests would find");
    assert_eq!(failed, expected);
    assert_eq!(simulator.lines_received().stocks, 5_000 - 56);
    assert_eq!(report.resume_at(), None);
}

/// 25,000 lines of one warehouse, five parts of them.
fn stocks() -> Vec<StockChange> {
    (0..25_000).map(|n| StockChange::set(format!("ŁOŻYSKO/{n}:A"), Decimal::from(n))).collect()
}

/// Which lines arrived, message by message, as the simulator's state file has them: first line and how many.
fn arrived(state_file: &std::path::Path) -> Vec<(usize, usize)> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Entry {
        Tenant(String),
        Stocks { warehouse: String, set: Vec<(String, String, String)>, remove: Vec<String> },
    }
    let text = std::fs::read_to_string(state_file).unwrap();
    let messages = text.lines().filter_map(|line| match serde_json::from_str(line).unwrap() {
        Entry::Tenant(tenant) => {
            assert_eq!(tenant, "demo");
            None
        }
        Entry::Stocks { warehouse, set, remove } => {
            assert!(warehouse == "WRO/1:ż" && remove.is_empty());
            let levels: Vec<usize> = set.iter().map(|(_, _, quantity)| quantity.parse().unwrap()).collect();
            let first = levels[0];
            for (line, (id, sku, _)) in set.iter().enumerate() {
                assert_eq!((levels[line], id), (first + line, sku), "in order");
                assert_eq!(*id, format!("ŁOŻYSKO/{}:A", first + line));
            }
            Some((first, set.len()))
        }
    });
    messages.collect()
}

const PART: usize = 5_000;

/// A 25,000-line stock write against a server that refuses the second part with 503, then loses an answer.
#[tokio::test]
async fn with_repeats_every_line_of_a_long_write_arrives_in_order_through_a_503_and_a_lost_answer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.jsonl");
    let simulator = Simulator::builder().state_file(&path).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let refused = simulator.faults().add(Fault::on("/incremental").nth(2).unavailable());
    let lost = simulator.faults().add(Fault::on("/incremental").nth(5).drop_after());
    let lines = stocks();

    let report = one.stocks().send_incremental(&"WRO/1:ż".into(), &lines).await;
    assert_eq!((refused.met(), lost.met()), (1, 1));
    assert_eq!((report.accepted(), report.resume_at(), report.in_doubt()), (25_000, None, None));
    assert_eq!(report.outcomes.len(), 5);
    assert!(report.failures().next().is_none());
    let fourth = (3 * PART, PART);
    assert_eq!(
        arrived(&path),
        [(0, PART), (PART, PART), (2 * PART, PART), fourth, fourth, (4 * PART, PART)],
        "the part whose answer was lost came twice, which levels stand"
    );
    assert_eq!(simulator.stocks()["WRO/1:ż"].len(), 25_000);
}

#[tokio::test]
async fn when_the_repeats_are_used_up_a_long_write_says_where_it_ended_and_resuming_there_finishes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.jsonl");
    let simulator = Simulator::builder().state_file(&path).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    // Four attempts: the second part is refused four times, later the fourth one's answer is lost as often.
    let refused = simulator.faults().add(Fault::on("/incremental").nth(2).times(4).unavailable());
    let lost = simulator.faults().add(Fault::on("/incremental").nth(8).times(4).drop_after());
    let (warehouse, lines) = (WarehouseId::from("WRO/1:ż"), stocks());
    let from = |line| BulkWrite::builder().resume_at(line).build();

    let report = one.stocks().send_incremental(&warehouse, &lines).await;
    assert_eq!((report.accepted(), report.resume_at()), (PART, Some(PART)));
    assert!(report.line(PART - 1).unwrap().is_ok());
    let error = report.line(PART).unwrap().as_ref().unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Unavailable, true));
    assert!(error.is_persistent());
    assert!(report.line(2 * PART).is_none(), "what comes after was not sent");
    assert_eq!((refused.met(), report.in_doubt()), (4, None), "levels may be sent again");

    let report = one.stocks().send_incremental_with(&warehouse, &lines, &from(PART)).await;
    assert_eq!((report.accepted(), report.resume_at()), (2 * PART, Some(3 * PART)));
    assert_eq!((lost.met(), report.in_doubt()), (4, None));
    assert_eq!(report.into_result().unwrap_err().kind(), ErrorKind::Connection);

    let report = one.stocks().send_incremental_with(&warehouse, &lines, &from(3 * PART)).await;
    assert_eq!((report.accepted(), report.resume_at()), (2 * PART, None));
    let fourth = (3 * PART, PART);
    assert_eq!(
        arrived(&path),
        [(0, PART), (PART, PART), (2 * PART, PART), fourth, fourth, fourth, fourth, fourth, (4 * PART, PART)]
    );
    assert_eq!(simulator.stocks()["WRO/1:ż"].len(), 25_000);
}

#[tokio::test]
async fn a_cut_answer_leaves_differences_in_doubt_and_nothing_is_sent_twice() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\n{\"acce";
    let server = RawServer::start(move |number, _| {
        (true, if number == 2 { Reply::raw(cut) } else { Reply::json(200, "{}") })
    })
    .await;
    let one = Client::builder(server.url(), "my-tenant", SecretString::from("secret-key"))
        .stock_body(Deltas)
        .transport(hurried)
        .build()
        .unwrap();
    let (warehouse, lines) = (WarehouseId::from("WRO"), stocks());

    let report = one.stocks().send_incremental(&warehouse, &lines).await;
    assert_eq!((report.accepted(), report.in_doubt()), (PART, Some(PART..2 * PART)));
    assert_eq!(report.resume_at(), Some(2 * PART), "not what may be there already");
    let error = report.line(PART).unwrap().as_ref().unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Connection, true));
    assert_eq!(server.requests().len(), 2, "not repeated");

    let rest = BulkWrite::builder().resume_at(report.resume_at().unwrap()).build();
    let report = one.stocks().send_incremental_with(&warehouse, &lines, &rest).await;
    assert_eq!((report.accepted(), report.resume_at(), report.in_doubt()), (3 * PART, None, None));
    let sent: Vec<String> = server
        .requests()
        .iter()
        .flat_map(|request| serde_json::from_slice::<Vec<String>>(&request.body).unwrap())
        .collect();
    assert!(sent.iter().eq(lines.iter().map(|line| line.id().as_str())), "each line once, in order");
}

#[tokio::test]
async fn differences_that_were_surely_not_taken_are_resumed_where_they_begin() {
    let simulator = Simulator::builder().strict(false).start().await.unwrap();
    simulator.faults().add(Fault::on("/incremental").always().refuse(403, "no"));
    let one = simulator.client_builder().stock_body(Deltas).transport(hurried).build().unwrap();
    let lines = &stocks()[..10];
    let options = BulkWrite::builder().chunk_lines(4).resume_at(4).build();
    let report = one.stocks().send_incremental_with(&"WRO".into(), lines, &options).await;
    assert_eq!((report.resume_at(), report.in_doubt()), (Some(4), None));
}

#[tokio::test]
async fn the_last_part_in_doubt_leaves_nothing_to_resume_and_is_named() {
    let server = RawServer::start(|_, _| (true, Reply::close())).await;
    let one = Client::builder(server.url(), "my-tenant", SecretString::from("secret-key"))
        .stock_body(Deltas)
        .transport(hurried)
        .build()
        .unwrap();
    let report = one.stocks().send_incremental(&"WRO".into(), &stocks()[..3]).await;
    assert_eq!((report.resume_at(), report.in_doubt()), (None, Some(0..3)));
    assert!(report.into_result().unwrap_err().may_have_been_applied());
}

//! What a feed's reader may rely on.

use crate::{client_of, decimal, mock, simulated};
use futures::{StreamExt, TryStreamExt};
use one_client::orders::{GetOrderFeed, OrderEvent, OrderEventType};
use one_client::simulator::{OrderDraft, Simulator};
use one_client::{Client, Endpoint, ErrorKind, Feed, FeedCursor, FeedPosition, FollowedEvent};
use rstest::rstest;
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

fn read(start: i64, json: &str) -> one_client::Result<Feed<OrderEvent>> {
    GetOrderFeed::builder().start_id(FeedPosition::new(start)).build().decode(json.as_bytes())
}

const EVENT: &str = r#"{"orderId":"OF/1","shipmentId":"OF/1/01","eventType":"ADDED"}"#;

#[rstest]
#[case(r#"{"nextId":7,"events":[]}"#, 7)]
#[case(r#"{"nextId":9,"events":[]}"#, 9)]
#[case(r#"{"nextId":"9","events":null}"#, 9)]
#[case(r#"{"nextId":1,"events":[]}"#, 7)]
#[case(r#"{"nextId":null,"events":[]}"#, 7)]
#[case(r#"{"events":[]}"#, 7)]
#[case(r#"{"nextId":8}"#, 8)]
fn an_answer_without_events_never_moves_the_position_back(#[case] json: &str, #[case] next: i64) {
    let feed = read(7, json).unwrap();
    assert_eq!(feed.next_id.get(), next);
    assert!(feed.events.is_empty());
}

#[rstest]
#[case("7")]
#[case("3")]
#[case("null")]
fn events_whose_next_id_does_not_lead_on_are_an_error_and_no_endless_loop(#[case] next: &str) {
    let error = read(7, &format!(r#"{{"nextId":{next},"events":[{EVENT}]}}"#)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("nextId"), "{error}");
}

#[rstest]
#[case("{}")]
#[case("[]")]
#[case("")]
#[case(r#"{"error":"no"}"#)]
#[case(r#"{"nextId":8.5,"events":[]}"#)]
fn what_is_no_feed_is_an_error_and_not_no_news(#[case] json: &str) {
    assert_eq!(read(7, json).unwrap_err().kind(), ErrorKind::Decode);
}

#[test]
fn an_event_that_cannot_be_read_does_not_hide_the_others() {
    let bad = r#"{"orderId":null,"shipmentId":"OF/2/01","eventType":"ADDED"}"#;
    let json = format!(r#"{{"nextId":20,"events":[{EVENT},{bad},"x",{EVENT},null]}}"#);
    let feed = read(7, &json).unwrap();
    let outcome: Vec<_> = feed.events.iter().map(Result::is_ok).collect();
    assert_eq!(outcome, [true, false, false, true, false]);
    let bad = feed.events[1].as_ref().unwrap_err();
    assert_eq!((bad.index, bad.key.as_deref()), (1, Some("OF/2/01")));
    assert!(bad.error.to_string().contains("orderId"), "{}", bad.error);
    assert_eq!(feed.events[2].as_ref().unwrap_err().key, None);
}

#[test]
fn events_that_come_twice_and_words_nobody_knew_are_delivered() {
    let new = EVENT.replace("ADDED", "SPLIT_UP");
    let feed = read(7, &format!(r#"{{"nextId":20,"events":[{EVENT},{EVENT},{new}],"more":true}}"#)).unwrap();
    let kinds: Vec<_> = feed.events.iter().map(|event| event.as_ref().unwrap().event_type.clone()).collect();
    let unknown = OrderEventType::Unknown("SPLIT_UP".to_owned());
    assert_eq!(kinds, [OrderEventType::Added, OrderEventType::Added, unknown]);
}

/// Places this many orders.
fn place(simulator: &Simulator, orders: usize) {
    for _ in 0..orders {
        simulator.place_order(OrderDraft::new("o").priced_line("a", decimal("1"), decimal("2"))).unwrap();
    }
}

/// What a reader who stops after `stop` events gets, and what he would keep.
async fn followed(
    one: &Client,
    start: &FeedCursor,
    per_answer: u32,
    stop: usize,
) -> (Vec<String>, FeedCursor) {
    let events = one.orders().follow(start.clone(), per_answer);
    let events: Vec<_> = events.take(stop).try_collect().await.unwrap();
    let kept = events.last().map_or(start.clone(), |event| event.after.clone());
    assert_eq!(serde_json::from_str::<FeedCursor>(&serde_json::to_string(&kept).unwrap()).unwrap(), kept);
    let kept = kept.to_string().parse().unwrap();
    let ids = events.into_iter().filter_map(|event| Some(event.event?.unwrap().shipment_id.into_string()));
    (ids.collect(), kept)
}

#[tokio::test]
async fn a_reader_who_stops_after_any_event_loses_none_and_gets_none_twice() {
    let (simulator, one) = simulated().await;
    place(&simulator, 7);
    let (all, _) = followed(&one, &FeedCursor::FIRST, 100, 100).await;
    assert_eq!(all.len(), 7);
    for per_answer in 1..=8 {
        for stop in 0..=7 {
            let (mut seen, kept) = followed(&one, &FeedCursor::FIRST, per_answer, stop).await;
            assert_eq!(seen.len(), stop);
            seen.extend(followed(&one, &kept, per_answer, 100).await.0);
            assert_eq!(seen, all, "{per_answer} at a time, stopped after {stop}");
        }
    }
}

#[tokio::test]
async fn what_comes_while_a_reader_is_stopped_within_an_answer_is_read_later() {
    let (simulator, one) = simulated().await;
    place(&simulator, 3);
    let (mut seen, kept) = followed(&one, &FeedCursor::FIRST, 100, 2).await;
    place(&simulator, 2);
    let (rest, kept) = followed(&one, &kept, 100, 100).await;
    seen.extend(rest);
    assert_eq!(seen.len(), 5);
    seen.dedup();
    assert_eq!(seen.len(), 5);
    assert!(followed(&one, &kept, 100, 100).await.0.is_empty());
}

/// A server that gives these answers, one after another.
async fn answering(answers: &[String]) -> Client {
    let server = Box::leak(Box::new(mock().await));
    for answer in answers {
        let answer = ResponseTemplate::new(200).set_body_raw(answer.clone(), "application/json");
        Mock::given(any()).respond_with(answer).up_to_n_times(1).mount(server).await;
    }
    client_of(server).build().unwrap()
}

fn answer(next: i64, shipments: &[&str]) -> String {
    let events: Vec<_> = shipments
        .iter()
        .map(|id| format!(r#"{{"orderId":"OF","shipmentId":"{id}","eventType":"CHANGED"}}"#))
        .collect();
    format!(r#"{{"nextId":{next},"events":[{}]}}"#, events.join(","))
}

#[tokio::test]
async fn events_that_the_feed_has_dropped_meanwhile_cost_no_other() {
    let one = answering(&[answer(9, &["a", "b", "c", "d"])]).await;
    let (_, kept) = followed(&one, &FeedCursor::FIRST, 100, 2).await;
    let one = answering(&[answer(9, &["b", "c", "d"]), answer(9, &[])]).await;
    assert_eq!(followed(&one, &kept, 100, 100).await.0, ["b", "c", "d"]);
}

#[tokio::test]
async fn an_event_equal_to_the_one_before_it_is_left_out_and_gaps_are_none() {
    let one = answering(&[answer(40, &["a", "a", "b", "a"]), answer(900, &["a"]), answer(900, &[])]).await;
    let (seen, kept) = followed(&one, &FeedCursor::FIRST, 100, 100).await;
    assert_eq!(seen, ["a", "b", "a", "a"]);
    assert_eq!(kept.position().get(), 900);
}

#[tokio::test]
async fn an_answer_whose_events_were_all_filtered_out_is_followed() {
    let one = answering(&[answer(40, &[]), answer(80, &["a"]), answer(80, &[])]).await;
    assert_eq!(followed(&one, &FeedCursor::FIRST, 100, 100).await.0, ["a"]);
}

#[tokio::test]
async fn a_place_that_moved_on_without_an_event_is_told_once() {
    let one = answering(&[answer(40, &["a"]), answer(80, &[]), answer(90, &[]), answer(90, &[])]).await;
    let events: Vec<_> = one.orders().follow(FeedCursor::FIRST, 100).try_collect().await.unwrap();
    let told: Vec<_> = events.iter().map(|next| (next.event.is_some(), next.after.to_string())).collect();
    assert_eq!(told, [(true, "40".to_owned()), (false, "90".to_owned())]);

    let one = answering(&[answer(90, &[])]).await;
    let there = FeedCursor::at(FeedPosition::new(90));
    assert_eq!(followed(&one, &there, 100, 100).await, (Vec::new(), there));
}

#[rstest]
#[case("")]
#[case("x")]
#[case("16+")]
#[case("16+2")]
#[case("16+2:zz")]
#[case("16+x:ab")]
fn what_is_no_place_in_a_feed_is_refused(#[case] text: &str) {
    assert_eq!(text.parse::<FeedCursor>().unwrap_err().kind(), ErrorKind::Invalid);
    assert!(serde_json::from_value::<FeedCursor>(text.into()).is_err());
}

#[tokio::test]
async fn a_server_that_counts_its_empty_answers_is_not_asked_for_ever() {
    let server = mock().await;
    let counting = |request: &wiremock::Request| {
        let asked = request.url.query_pairs().find(|(name, _)| name == "startId").unwrap().1;
        let next = asked.parse::<i64>().unwrap() + 1;
        let answer = if next == 4 { answer(next, &["a"]) } else { answer(next, &[]) };
        ResponseTemplate::new(200).set_body_raw(answer, "application/json")
    };
    Mock::given(any()).respond_with(counting).mount(&server).await;
    let one = client_of(&server).build().unwrap();
    let mut events = std::pin::pin!(one.orders().follow(FeedCursor::FIRST, 100));
    assert!(events.try_next().await.unwrap().unwrap().event.unwrap().is_ok());
    assert!(events.try_next().await.unwrap().is_none());
    assert_eq!(server.received_requests().await.unwrap().len(), 3 + 100);
}

#[tokio::test]
async fn a_reader_goes_on_after_an_event_that_cannot_be_read_and_after_repeats_at_the_end_of_an_answer() {
    let unread = r#""shipmentId":"b","eventType":7"#;
    let first = answer(9, &["a", "b", "c", "c"]).replace(r#""shipmentId":"b","eventType":"CHANGED""#, unread);
    let one = answering(&[first.clone(), answer(9, &[])]).await;
    let events: Vec<_> = one.orders().follow(FeedCursor::FIRST, 100).try_collect().await.unwrap();
    let told = |events: &[FollowedEvent<OrderEvent>]| -> Vec<String> {
        let rows = events.iter().filter_map(|next| next.event.as_ref());
        rows.map(|row| match row {
            Ok(event) => event.shipment_id.to_string(),
            Err(bad) => format!("unread {}", bad.key.as_deref().unwrap()),
        })
        .collect()
    };
    assert_eq!(told(&events), ["a", "unread b", "c"]);

    for (handled, next) in events.iter().enumerate().take(3) {
        let one = answering(&[first.clone(), answer(9, &[])]).await;
        let rest: Vec<_> = one.orders().follow(next.after.clone(), 100).try_collect().await.unwrap();
        assert_eq!(told(&rest), told(events.get(handled + 1..).unwrap()), "after {handled}");
    }
}

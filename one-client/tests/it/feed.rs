//! What a feed's reader may rely on.

use crate::{decimal, simulated};
use futures::TryStreamExt;
use one_client::simulator::OrderDraft;
use one_client::{Endpoint, ErrorKind, Feed, FeedPosition, GetOrderFeed, OrderEvent, OrderEventType};
use rstest::rstest;

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
    let bad = r#"{"orderId":7,"shipmentId":"OF/2/01","eventType":"ADDED"}"#;
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

#[tokio::test]
async fn listing_ends_when_there_is_nothing_new_and_resumes_from_any_page() {
    let (simulator, one) = simulated().await;
    for _ in 0..5 {
        simulator.place_order(OrderDraft::new("o").priced_line("a", decimal("1"), decimal("2"))).unwrap();
    }
    let pages: Vec<_> = one.orders().list_events(FeedPosition::FIRST, 2).try_collect().await.unwrap();
    let sizes: Vec<_> = pages.iter().map(|page| page.items.len()).collect();
    assert_eq!(sizes, [2, 2, 1, 0]);

    let from_the_second = pages[0].next.unwrap();
    let rest: Vec<_> = one.orders().list_events(from_the_second, 100).try_collect().await.unwrap();
    assert_eq!(rest[0].items.len(), 3);
    assert_eq!(rest[0].next, pages[2].next);
}

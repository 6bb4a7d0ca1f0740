//! What goes over the wire, endpoint by endpoint.

use crate::payloads::{payload, same_json};
use crate::{client_of, decimal, mock};
use one_client::orders::{GetOrderFeed, OrderEventType};
use one_client::pricing::RetailPrice;
use one_client::stock::{StockChange, StockLine};
use one_client::{Client, FeedPosition, WarehouseId};
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) async fn answering(body: &str) -> MockServer {
    let server = mock().await;
    let answer = ResponseTemplate::new(200).set_body_raw(body.to_owned(), "application/json");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// The only request that came, as text.
pub(crate) async fn sent(server: &MockServer) -> String {
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    let request = &requests[0];
    let header = |name: &str| request.headers.get(name).map_or("-", |value| value.to_str().unwrap());
    format!(
        "{} {}{}\naccept: {}\napiauth: {}\ncontent-type: {}\none-tenant: {}\n\n{}",
        request.method,
        request.url.path(),
        request.url.query().map(|query| format!("?{query}")).unwrap_or_default(),
        header("accept"),
        header("ApiAuth"),
        header("content-type"),
        header("one-tenant"),
        String::from_utf8(request.body.clone()).unwrap(),
    )
}

/// The only request that a call sends.
pub(crate) async fn request(answer: &str, call: impl AsyncFnOnce(Client)) -> String {
    let server = answering(answer).await;
    call(client_of(&server).build().unwrap()).await;
    sent(&server).await
}

#[tokio::test]
async fn stocks_are_posted_as_levels_to_their_warehouse() {
    let server = answering("").await;
    let lines = [
        StockChange::set("ŁOŻYSKO-6204", decimal("12.5")),
        StockChange::Set(StockLine::new("888", decimal("0")).with_id("A-01-03")),
        StockChange::remove("old/sku:1"),
    ];
    let one = client_of(&server).build().unwrap();
    let warehouse = WarehouseId::from("WRO/1:żółty");
    one.stocks().send_incremental(&warehouse, &lines).await.into_result().unwrap();

    let sent = sent(&server).await;
    insta::assert_snapshot!(sent);
    let body: Value = serde_json::from_str(sent.lines().last().unwrap()).unwrap();
    let fixture = include_str!("../fixtures/stocks_incremental.json");
    assert_eq!(body, serde_json::from_str::<Value>(fixture).unwrap());
}

#[tokio::test]
async fn retail_prices_are_put_as_a_bare_array() {
    let server = answering("").await;
    let prices = [RetailPrice::new("sku-a", decimal("200")), RetailPrice::new("888", decimal("0.10"))];
    let one = client_of(&server).build().unwrap();
    one.retail_prices().save(&prices).await.into_result().unwrap();
    insta::assert_snapshot!(sent(&server).await);
}

#[tokio::test]
async fn the_order_feed_is_asked_with_all_three_parameters() {
    let server = answering(include_str!("../fixtures/order_feed.json")).await;
    let one = client_of(&server).build().unwrap();
    one.orders().feed(FeedPosition::new(15), 100).await.unwrap();
    insta::assert_snapshot!(sent(&server).await);

    let server = answering(include_str!("../fixtures/order_feed.json")).await;
    let call = GetOrderFeed::builder()
        .start_id(FeedPosition::new(15))
        .event_types(vec![OrderEventType::Added, OrderEventType::Unknown("SPLIT".to_owned())])
        .build();
    client_of(&server).build().unwrap().send(&call).await.unwrap();
    assert!(sent(&server).await.contains("?eventTypes=ADDED%2CSPLIT&numberOfEvents=100&startId=15"));
}

#[tokio::test]
async fn a_shipment_is_asked_for_under_the_service_that_was_set() {
    let server = answering(include_str!("../fixtures/order_shipment.json")).await;
    let one = client_of(&server).build().unwrap();
    one.orders().get_shipment(&"OF/22/8/2022".into(), &"OF/22/8/2022/01".into()).await.unwrap();
    insta::assert_snapshot!(sent(&server).await);

    let server = answering(include_str!("../fixtures/order_shipment.json")).await;
    let one = client_of(&server).order_service("account").build().unwrap();
    one.orders().get_shipment(&"OF/1".into(), &"OF/1/01".into()).await.unwrap();
    let sent = sent(&server).await;
    assert!(sent.starts_with("GET /api/v1/account/integrations/auth-required/order/shipment?"), "{sent}");
}

#[test]
fn the_documented_order_feed_decodes_and_encodes_to_the_same_json() {
    use one_client::Endpoint;
    let fixture = payload("26_order_shipment_feed");
    let call = GetOrderFeed::builder().start_id(FeedPosition::new(15)).build();
    let feed = call.decode(fixture.as_bytes()).unwrap();
    let events: Vec<_> = feed.events.iter().map(|event| event.as_ref().unwrap()).collect();
    assert_eq!(events[0].event_type, OrderEventType::ChangedPayment);
    let encoded = json!({ "nextId": feed.next_id, "events": events });
    same_json(&fixture, &encoded);
}

//! What holds for every call.

use crate::{client_of, decimal, hurried, mock, simulated};
use api_transport::simulation::Fault;
use one_client::pricing::RetailPrice;
use one_client::simulator::Simulator;
use one_client::{Client, ErrorKind, FeedPosition, SecretString};
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

#[tokio::test]
async fn an_error_says_status_and_shows_the_servers_message_only_in_detail() {
    let server = mock().await;
    let answer = ResponseTemplate::new(404).set_body_string("client Kowalski not found");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let one = client_of(&server).build().unwrap();
    let error = one.orders().get_shipment(&"OF/1".into(), &"OF/1/01".into()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(404)));
    assert_eq!(error.detail(), Some("client Kowalski not found"));
    let shown = format!("{error} {error:?} {one:?}");
    for secret in ["Kowalski", "secret-key", "OF/1"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_tenant_are_told_apart_and_not_repeated() {
    let simulator = Simulator::builder().tenant("acme").start().await.unwrap();
    let build = |tenant: &str, key: SecretString| {
        Client::builder(simulator.url().clone(), tenant, key).transport(hurried).build().unwrap()
    };
    let wrong_key = build("acme", SecretString::from("wrong"));
    let error = wrong_key.orders().feed(FeedPosition::FIRST, 10).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    let wrong_tenant = build("other", simulator.api_key());
    let error = wrong_tenant.orders().feed(FeedPosition::FIRST, 10).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert_eq!(simulator.faults().calls("/synchronization/order"), 2);
}

#[tokio::test]
async fn prices_are_repeated_after_a_lost_answer_and_arrive_once_as_a_level() {
    let (simulator, one) = simulated().await;
    simulator.faults().add(Fault::on("/retail-prices").drop_after());
    let prices = [RetailPrice::new("ŻÓŁĆ/1:2", decimal("19.99"))];
    one.retail_prices().save(&prices).await.into_result().unwrap();
    assert_eq!(simulator.faults().calls("/retail-prices"), 2);
    assert_eq!(simulator.retail_price("ŻÓŁĆ/1:2"), Some(decimal("19.99")));
}

#[test]
fn a_verb_that_writes_nothing_is_refused_when_the_client_is_made() {
    let url = one_client::Url::parse("https://one.example").unwrap();
    let builder = || Client::builder(url.clone(), "acme", SecretString::from("key"));
    assert!(builder().invoice_method(http::Method::PUT).warehouse_method(http::Method::PUT).build().is_ok());
    let error = builder().invoice_method(http::Method::GET).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(builder().warehouse_method(http::Method::DELETE).build().is_err());
}

//! Alerts by webhook and the ping by HTTP, against a local server.

use std::sync::Arc;
use std::time::Duration;

use api_transport::testing::Capture;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use sync_core::testing::ManualClock;
use sync_core::watchdog::{DeadMan, FlowPolicy, Freshness, LogAlerts, Policy, Watch, Watchdog};
use sync_core::{Clock, ErrorKind, Job, MemoryStore, RunContext};
use sync_flows::alert::{HttpPing, WebhookAlerts};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

const SECRET: &str = "CANARYpath/x?key=CANARYquery";

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn secret(server: &MockServer) -> SecretString {
    SecretString::from(format!("{}/{SECRET}", server.uri()))
}

/// A watchdog of one flow that never ran, and its clock.
fn watchdog() -> (Watchdog, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::default());
    let store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
    let fresh = Freshness::within(Duration::from_secs(3_600));
    let policy = Policy::default().flow(FlowPolicy::new(crate::name("stock"), fresh, clock.now()));
    (Watchdog::new(store, policy), clock)
}

async fn check(watchdog: &Watchdog) {
    watchdog.step(&RunContext::default()).await.unwrap();
}

#[tokio::test]
async fn an_alert_is_posted_as_json_once_and_the_ping_stops_meanwhile() {
    let webhook = server(ResponseTemplate::new(204)).await;
    let ping = server(ResponseTemplate::new(200).set_body_string("OK")).await;
    let (watchdog, clock) = watchdog();
    let watchdog = watchdog
        .tell(WebhookAlerts::new(&secret(&webhook)).unwrap(), Watch::default())
        .dead_man(HttpPing::new(&secret(&ping)).unwrap());
    check(&watchdog).await;
    clock.advance(Duration::from_secs(3_600));
    check(&watchdog).await;
    check(&watchdog).await;
    let posted = webhook.received_requests().await.unwrap();
    let [posted] = posted.as_slice() else { panic!("{} posts", posted.len()) };
    assert_eq!((posted.method.as_str(), posted.url.path()), ("POST", "/CANARYpath/x"));
    assert_eq!(posted.url.query(), Some("key=CANARYquery"));
    assert_eq!(posted.headers["content-type"], "application/json");
    let mut body: Value = posted.body_json().unwrap();
    let text = body.as_object_mut().unwrap().remove("text").unwrap();
    assert!(text.as_str().unwrap().starts_with("demo/stock: no cycle was ever completed; look"), "{text}");
    let expected = json!({
        "change": "raised", "code": "never-ran", "flow": "demo/stock", "part": "",
        "since": "2026-11-21T09:00:00Z", "severity": "critical",
    });
    assert_eq!(body, expected);
    let pings = ping.received_requests().await.unwrap();
    assert_eq!(pings.iter().map(|ping| ping.method.as_str()).collect::<Vec<_>>(), ["GET"]);
}

#[tokio::test]
async fn a_ping_is_a_post_where_the_switch_wants_one() {
    let ping = server(ResponseTemplate::new(200)).await;
    HttpPing::new(&secret(&ping)).unwrap().post().ping().await.unwrap();
    let pings = ping.received_requests().await.unwrap();
    assert_eq!((pings.len(), pings[0].method.as_str(), pings[0].body.len()), (1, "POST", 0));
}

#[rstest]
#[case::gone(404, ErrorKind::NotFound)]
#[case::forbidden(403, ErrorKind::Auth)]
#[case::moved(302, ErrorKind::Unreadable)]
#[case::down(503, ErrorKind::Transient)]
#[case::throttled(429, ErrorKind::Throttled { after: None })]
#[tokio::test]
async fn a_failure_is_told_once_and_nothing_of_the_address_shows(
    #[case] status: u16,
    #[case] kind: ErrorKind,
) {
    let capture = Capture::start();
    let answer =
        ResponseTemplate::new(status).set_body_string(SECRET).insert_header("location", "/CANARYelsewhere");
    let server = server(answer).await;
    let (webhook, ping) =
        (WebhookAlerts::new(&secret(&server)).unwrap(), HttpPing::new(&secret(&server)).unwrap());
    capture.debug(&webhook);
    capture.debug(&ping);
    let failed = ping.ping().await.unwrap_err();
    assert_eq!((failed.kind(), failed.detail()), (kind, None));
    capture.error(&failed);
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "neither repeated nor followed");
    let (watchdog, clock) = watchdog();
    let watchdog =
        watchdog.tell(webhook.clone(), Watch::default()).tell(LogAlerts, Watch::default()).dead_man(ping);
    capture.debug(&watchdog);
    check(&watchdog).await;
    clock.advance(Duration::from_secs(3_600));
    check(&watchdog).await;
    check(&watchdog).await;
    assert_eq!(
        server.received_requests().await.unwrap().len(),
        4,
        "one more ping, and a post with each check"
    );
    let text = capture.text();
    assert!(text.contains("alerts not told") && text.contains("not pinged"), "{text}");
    assert!(!text.contains("CANARY"), "{text}");
}

#[rstest]
#[case("CANARY")]
#[case("http://chat.example/CANARY")]
#[case("ftp://chat.example/CANARY")]
#[case("mailto:CANARY@chat.example")]
#[case("https://CANARY:CANARY@chat.example/")]
#[case("https://chat.example/#CANARY")]
#[tokio::test]
async fn such_an_address_is_refused_and_not_shown(#[case] url: &str) {
    let url = SecretString::from(url);
    for error in [WebhookAlerts::new(&url).unwrap_err(), HttpPing::new(&url).unwrap_err()] {
        assert_eq!((error.kind(), error.detail()), (ErrorKind::Config, None));
        let capture = Capture::start();
        capture.error(&error);
        assert!(!capture.text().contains("CANARY"), "{}", capture.text());
    }
}

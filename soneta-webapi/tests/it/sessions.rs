//! Sessions that are kept open, expire with their application token, are closed, and stand side by side.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use api_transport::simulation::Fault;
use api_transport::testing::Capture;
use futures::future::{join_all, try_join_all};
use rstest::rstest;
use secrecy::SecretString;
use soneta_webapi::simulator::Simulator;
use soneta_webapi::{Client, ErrorKind};

use crate::erp::{APPLICATION_TOKEN, Erp, fixture, json, status};

const INFO: &str = "B2BInfo/Pobierz";

async fn erp() -> Erp {
    let erp = Erp::start().await;
    erp.answers(INFO, [json(fixture("b2b_info"))]);
    erp.answers("CurrentVersion", [json(r#"{"productClass":"enova365","version":"2404.1.0"}"#)]);
    erp
}

/// A clock that a test sets, in seconds since 1970.
#[derive(Clone)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn at(seconds: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seconds)))
    }

    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn source(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let clock = Arc::clone(&self.0);
        move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst))
    }
}

#[tokio::test]
async fn builds_before_2510_tell_their_version_in_camel_case() {
    let erp = erp().await;
    let version = erp.client().current_version().await.unwrap();
    assert_eq!(
        (version.version.as_deref(), version.product_class.as_deref()),
        (Some("2404.1.0"), Some("enova365"))
    );
}

#[tokio::test]
async fn a_session_that_idles_is_kept_alive_and_none_is_opened_for_it() {
    let erp = erp().await;
    erp.script().roll_over = true;
    let clock = Clock::at(1_000);
    let client = erp.builder().now(clock.source()).build().unwrap();
    client.keep_alive().await.unwrap();
    assert_eq!(erp.logins(), 0, "there is no session to keep");
    client.b2b().info().await.unwrap();
    for _ in 0..10 {
        clock.pass(100);
        client.keep_alive().await.unwrap();
    }
    client.b2b().info().await.unwrap();
    assert_eq!(
        (erp.logins(), erp.count("CurrentVersion")),
        (1, 5),
        "each second time there was nothing to do"
    );
    clock.pass(270);
    client.keep_alive().await.unwrap();
    assert_eq!((erp.logins(), erp.count("CurrentVersion")), (1, 5), "that session is past its limit");
    client.close().await.unwrap();
    client.keep_alive().await.unwrap();
    assert_eq!(erp.logins(), 1);
}

/// An application token of the database `Sklep`, good until 2026-01-01.
const JWT: &str = "eyJhbGciOiJSUzI1NiJ9.eyJhdGgtZGIiOiJTa2xlcCIsImV4cCI6MTc2NzIyNTYwMH0.cG9kcGlz";
const EXPIRES: u64 = 1_767_225_600;
const DAY: u64 = 86_400;

#[rstest]
#[case::weeks_before(EXPIRES - 15 * DAY, None)]
#[case::days_before(EXPIRES - 13 * DAY, Some("expires soon"))]
#[case::past_it(EXPIRES + 1, Some("is past its end"))]
#[tokio::test]
async fn a_login_warns_once_of_a_token_that_expires(#[case] now: u64, #[case] words: Option<&str>) {
    let erp = erp().await;
    erp.script().login = Some(json(r#"{"Token":"abc"}"#));
    let base = erp.client().base_url().clone();
    let client = Client::builder(base, SecretString::from(JWT)).now(Clock::at(now).source()).build().unwrap();
    let capture = Capture::start();
    client.log_in().await.unwrap();
    client.close().await.unwrap();
    client.log_in().await.unwrap();
    capture.debug(&client);
    let log = capture.text();
    assert_eq!(log.matches("the application token").count(), usize::from(words.is_some()), "{log}");
    assert!(log.contains(words.unwrap_or_default()), "{log}");
    assert!(!log.contains("cG9kcGlz") && !log.contains("abc"), "{log}");
    assert_eq!(client.application_token_claims().unwrap().database.as_deref(), Some("Sklep"));
    assert_eq!(erp.client().application_token_claims(), None, "that one is no JWT");
}

#[rstest]
#[case::past_its_end(EXPIRES, Some("2026-01-01"))]
#[case::before(EXPIRES - 1, None)]
#[tokio::test]
async fn a_login_that_is_not_accepted_says_when_the_token_expired(
    #[case] now: u64,
    #[case] date: Option<&str>,
) {
    let erp = erp().await;
    erp.script().login = Some(status(401));
    let base = erp.client().base_url().clone();
    let client = Client::builder(base, SecretString::from(JWT)).now(Clock::at(now).source()).build().unwrap();
    let error = client.b2b().info().await.unwrap_err();
    assert_eq!((error.kind(), error.is_login()), (ErrorKind::Unauthorized, true));
    assert_eq!(error.to_string().contains("expired on 2026-01-01"), date.is_some(), "{error}");
    assert_eq!(error.what_to_do().contains("issue a new application token"), date.is_some());
}

#[tokio::test]
async fn close_logs_out_also_after_errors() {
    let erp = erp().await;
    erp.answers("SklepApi/Zrob", [status(500)]);
    let client = erp.client();
    let call = || async { client.call::<(), _>("SklepApi", "Zrob", soneta_webapi::Effect::Create, &1).await };
    assert_eq!(call().await.unwrap_err().kind(), ErrorKind::Unavailable);
    client.close().await.unwrap();
    assert_eq!(erp.script().logouts, ["sesja-1"], "after a call that failed");

    client.b2b().info().await.unwrap();
    erp.script().end_all_sessions();
    erp.script().login = Some(status(403));
    assert!(client.b2b().info().await.unwrap_err().is_login());
    client.close().await.unwrap();
    let requests = erp.requests().await;
    assert_eq!(requests.last().unwrap(), "/api/LogoutApi Bearer sesja-2", "after a renewal that failed");
    client.close().await.unwrap();
    assert_eq!(erp.requests().await.len(), requests.len(), "there is nothing left");
}

#[tokio::test]
async fn close_waits_for_the_calls_in_flight_and_leaves_no_session() {
    let simulator = Simulator::builder().goods(5).strict_roll_over(true).start().await.unwrap();
    let token = simulator.application_token();
    let client = Client::builder(simulator.url().clone(), token).sessions(2).build().unwrap();
    let b2b = client.b2b();
    let calls = join_all((0..4).map(|_| b2b.info()));
    let (answers, first, second) = futures::join!(calls, client.close(), client.close());
    assert!(answers.iter().all(Result::is_ok) && first.is_ok() && second.is_ok());
    assert_eq!((simulator.logins(), simulator.sessions()), (2, 0));
}

#[tokio::test]
async fn sessions_side_by_side_never_mix_their_tokens() {
    let simulator = Simulator::builder().goods(5).strict_roll_over(true).start().await.unwrap();
    let token = simulator.application_token();
    let client = Client::builder(simulator.url().clone(), token).sessions(3).build().unwrap();
    let b2b = client.b2b();
    try_join_all((0..60).map(|_| b2b.info())).await.unwrap();
    assert_eq!(simulator.logins(), 3, "a mixed-up token would have cost another login");
    simulator.faults().add(Fault::on(INFO).nth(10).expire_session());
    try_join_all((0..60).map(|_| b2b.info())).await.unwrap();
    assert_eq!(simulator.logins(), 6, "each of the three sessions was renewed once");
    client.close().await.unwrap();
    assert_eq!(simulator.sessions(), 0);
}

#[tokio::test]
async fn two_databases_of_one_server_do_not_mix_their_sessions() {
    let erp = erp().await;
    erp.script().roll_over = true;
    let first = erp.client();
    let token = SecretString::from(format!("{APPLICATION_TOKEN}-druga"));
    let second = Client::builder(first.base_url().clone(), token).build().unwrap();
    for client in [&first, &second, &first, &second] {
        client.b2b().info().await.unwrap();
    }
    first.close().await.unwrap();
    second.b2b().info().await.unwrap();
    let names: Vec<_> =
        erp.script().calls.iter().map(|call| call.token.split('-').next().unwrap().to_owned()).collect();
    assert_eq!(names, ["sesja", "druga", "sesja", "druga", "druga"]);
    assert_eq!((erp.logins(), erp.script().logouts.len()), (2, 1));
}

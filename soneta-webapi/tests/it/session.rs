//! The session: one login for all, a new token with every answer, a new login when the old session is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use futures::future::{join_all, try_join_all};
use rstest::rstest;
use secrecy::SecretString;
use soneta_webapi::{Client, ErrorKind};
use wiremock::ResponseTemplate;

use crate::erp::{Erp, fixture, json, status};

async fn erp() -> Erp {
    let erp = Erp::start().await;
    erp.answers("B2BInfo/Pobierz", [json(fixture("b2b_info"))]);
    erp
}

fn tokens(erp: &Erp) -> Vec<String> {
    erp.script().calls.iter().map(|call| call.token.clone()).collect()
}

#[rstest]
#[case::pascal_case(r#"{"Token":"abc.def","IsSingleDb":true}"#, None)]
#[case::camel_case(r#"{"token":"abc.def"}"#, None)]
#[case::prefixed_body(r#"{"Token":"Bearer abc.def"}"#, None)]
#[case::raw_header(r#"{"Token":null}"#, Some("abc.def"))]
#[case::prefixed_header("{}", Some("Bearer abc.def"))]
#[case::the_header_counts(r#"{"Token":"stary.token","IsSingleDb":true}"#, Some("abc.def"))]
#[case::an_empty_header_does_not(r#"{"Token":"abc.def"}"#, Some("Bearer "))]
#[case::no_body("", Some("abc.def"))]
#[tokio::test]
async fn the_session_token_is_found_wherever_the_login_puts_it(
    #[case] body: &str,
    #[case] header: Option<&str>,
) {
    let erp = erp().await;
    let mut login = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    if let Some(header) = header {
        login = login.insert_header("Authorization", header);
    }
    erp.script().login = Some(login);
    // The server knows no such session; what counts is what it is sent.
    let error = erp.client().b2b().info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    let requests = erp.requests().await;
    assert_eq!(requests.last().map(String::as_str), Some("/api/B2BInfo/Pobierz Bearer abc.def"));
}

#[tokio::test]
async fn a_login_without_a_token_is_an_error_and_nothing_else_is_sent() {
    let erp = erp().await;
    erp.script().login = Some(json("{}"));
    let error = erp.client().b2b().info().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_login(), error.may_have_been_applied()),
        (ErrorKind::Decode, true, false)
    );
    assert_eq!(erp.requests().await.len(), 1);
}

#[tokio::test]
async fn an_application_token_that_is_not_accepted_is_tried_once() {
    let erp = erp().await;
    let base = erp.client().base_url().clone();
    let client = Client::builder(base.clone(), SecretString::from("zły")).build().unwrap();
    let error = client.b2b().info().await.unwrap_err();
    assert_eq!((error.kind(), error.is_login()), (ErrorKind::Unauthorized, true));
    assert_eq!(erp.logins(), 1);
    assert_eq!(Client::builder(base, SecretString::from(" ")).build().unwrap_err().kind(), ErrorKind::Config);
}

#[rstest]
#[tokio::test]
async fn each_answer_brings_the_token_of_the_next_call(#[values(false, true)] prefixed: bool) {
    let erp = erp().await;
    erp.script().roll_over = true;
    erp.script().prefixed = prefixed;
    let client = erp.client();
    for _ in 0..3 {
        client.b2b().info().await.unwrap();
    }
    assert_eq!(tokens(&erp), ["sesja-1", "sesja-2", "sesja-3"]);
    assert_eq!(erp.logins(), 1);
}

#[tokio::test]
async fn an_answer_without_a_token_leaves_it_as_it_is() {
    let erp = erp().await;
    let client = erp.client();
    client.b2b().info().await.unwrap();
    client.b2b().info().await.unwrap();
    assert_eq!(tokens(&erp), ["sesja-1", "sesja-1"]);
}

#[tokio::test]
async fn a_session_that_expires_in_the_middle_of_a_batch_costs_one_login_and_no_record() {
    let erp = erp().await;
    erp.script().roll_over = true;
    erp.script().calls_left = Some(3);
    let client = erp.client();
    let b2b = client.b2b();
    let answers = try_join_all((0..10).map(|_| b2b.info())).await.unwrap();
    assert_eq!(answers.len(), 10);
    assert_eq!((erp.logins(), erp.count("B2BInfo/Pobierz")), (2, 10));
}

#[rstest]
#[case::one_in_flight(1)]
#[case::many_in_flight(16)]
#[tokio::test]
async fn fifty_parallel_calls_log_in_once(#[case] in_flight: usize) {
    let erp = erp().await;
    let client = erp.builder().in_flight(in_flight).build().unwrap();
    let b2b = client.b2b();
    let answers = join_all((0..50).map(|_| b2b.info())).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!((erp.logins(), erp.count("B2BInfo/Pobierz")), (1, 50));
}

#[tokio::test]
async fn after_a_long_idle_time_a_new_session_is_opened_ahead() {
    let erp = erp().await;
    let seconds = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&seconds);
    let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst));
    let client = erp.builder().now(now).build().unwrap();
    client.b2b().info().await.unwrap();
    seconds.fetch_add(4 * 60 + 29, Ordering::SeqCst);
    client.b2b().info().await.unwrap();
    assert_eq!(erp.logins(), 1, "each call starts the idle time anew");
    seconds.fetch_add(4 * 60 + 30, Ordering::SeqCst);
    client.b2b().info().await.unwrap();
    assert_eq!(erp.logins(), 2);
    assert_eq!(tokens(&erp), ["sesja-1", "sesja-1", "sesja-2"], "no call was made with the old token");
}

#[tokio::test]
async fn close_logs_out_with_the_newest_token_and_a_later_call_logs_in_again() {
    let erp = erp().await;
    erp.script().roll_over = true;
    let client = erp.client();
    client.b2b().info().await.unwrap();
    client.clone().close().await.unwrap();
    assert_eq!(erp.script().logouts, ["sesja-2"]);
    client.close().await.unwrap();
    assert_eq!(erp.script().logouts.len(), 1, "there is no session left to close");
    client.b2b().info().await.unwrap();
    assert_eq!(erp.logins(), 2);
}

#[tokio::test]
async fn logging_in_takes_no_second_seat() {
    let erp = erp().await;
    let client = erp.client();
    client.log_in().await.unwrap();
    client.log_in().await.unwrap();
    client.b2b().info().await.unwrap();
    client.clone().log_in().await.unwrap();
    assert_eq!(erp.logins(), 1);
}

#[tokio::test]
async fn close_without_a_session_sends_nothing() {
    let erp = erp().await;
    erp.client().close().await.unwrap();
    assert!(erp.requests().await.is_empty());
}

#[tokio::test]
async fn close_is_content_with_a_session_that_is_gone_and_reports_other_failures() {
    let erp = erp().await;
    let client = erp.client();
    client.log_in().await.unwrap();
    erp.script().end_all_sessions();
    client.close().await.unwrap();
    client.log_in().await.unwrap();
    erp.answers("LogoutApi", [status(403)]);
    assert_eq!(client.close().await.unwrap_err().kind(), ErrorKind::Forbidden);
    client.close().await.unwrap();
}

#[tokio::test]
async fn the_application_token_goes_to_the_login_alone() {
    let erp = erp().await;
    let client = erp.client();
    client.b2b().info().await.unwrap();
    client.close().await.unwrap();
    let with_it: Vec<_> =
        erp.requests().await.into_iter().filter(|r| r.contains(crate::erp::APPLICATION_TOKEN)).collect();
    assert_eq!(with_it, [format!("/api/LoginApi Bearer {}", crate::erp::APPLICATION_TOKEN)]);
}

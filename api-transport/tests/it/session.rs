//! One login for many calls, tokens that change, sessions that end.

use crate::suites::{Login, PostLogin};
use crate::{GOOD, builder, call};
use api_transport::testing::{RawServer, Reply, Seen};
use api_transport::{Bare, Credential, CredentialSource, Effect, ErrorKind, Result, StaticHeaders};
use futures::future::join_all;
use rstest::rstest;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

fn token_of(seen: &Seen) -> Option<&str> {
    seen.headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Hands out `t1`, `t2`, … at each login and takes only the newest from number `valid_from` on.
async fn server_with_logins(valid_from: usize) -> RawServer {
    let logins = AtomicUsize::new(0);
    RawServer::start(move |_, seen| {
        if seen.path() == "/login" {
            let login = logins.fetch_add(1, Ordering::SeqCst) + 1;
            return (false, Reply::json(200, format!(r#"{{"token":"t{login}"}}"#)));
        }
        let login = logins.load(Ordering::SeqCst);
        let accepted = login >= valid_from && token_of(seen) == Some(&format!("t{login}"));
        (true, if accepted { Reply::json(200, GOOD) } else { Reply::json(401, "") })
    })
    .await
}

#[rstest]
#[case::the_first_login(1, 50)]
#[case::a_session_that_ended(2, 100)]
#[tokio::test]
async fn fifty_parallel_calls_log_in_once(#[case] logins: usize, #[case] sent: usize) {
    let server = server_with_logins(logins).await;
    let transport = builder(&server).credentials(Login).in_flight(50).build().unwrap();
    let calls = vec![call(Effect::Create); 50];
    let outcomes = join_all(calls.iter().map(|call| transport.send(call))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!((server.others().len(), server.requests().len()), (logins, sent));
}

#[rstest]
#[tokio::test]
async fn a_failed_login_fails_every_waiter_once_and_the_next_call_tries_again(
    #[values(1, 50)] in_flight: usize,
) {
    let refused = Arc::new(AtomicUsize::new(1));
    let left = Arc::clone(&refused);
    let server = RawServer::start(move |_, seen| match seen.path() {
        "/login" if left.load(Ordering::SeqCst) > 0 => (false, Reply::json(403, "")),
        "/login" => (false, Reply::json(200, r#"{"token":"t"}"#)),
        _ => (true, Reply::json(200, GOOD)),
    })
    .await;
    let transport = builder(&server).credentials(Login).in_flight(in_flight).build().unwrap();
    let calls = vec![call(Effect::Create); 50];
    let outcomes = join_all(calls.iter().map(|call| transport.send(call))).await;
    for outcome in outcomes {
        let error = outcome.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
        assert!(error.is_login() && !error.may_have_been_applied(), "{error:?}");
    }
    assert_eq!((server.others().len(), server.requests().len()), (1, 0));
    refused.store(0, Ordering::SeqCst);
    transport.send(&calls[0]).await.unwrap();
}

#[tokio::test]
async fn a_login_that_may_have_happened_says_nothing_about_the_call() {
    let server = RawServer::answering(|_, _| Reply::close()).await;
    let transport = builder(&server).credentials(Login).build().unwrap();
    let error = transport.send(&call(Effect::Create)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connection);
    assert!(error.is_login() && error.is_persistent() && !error.may_have_been_applied(), "{error:?}");
    assert_eq!(server.requests().len(), 3, "a login's own repeats are not repeated again");
}

/// The token of every answer is the only one that the next call may use.
#[derive(Debug)]
struct RollingLogin;

#[async_trait::async_trait]
impl CredentialSource for RollingLogin {
    async fn obtain(&self, http: &Bare) -> Result<Credential> {
        let (_, headers) = http.send_for_headers(&PostLogin).await?;
        rolled(&headers).ok_or_else(|| api_transport::Error::config("no token"))
    }

    fn from_answer(&self, _current: &Credential, headers: &http::HeaderMap) -> Option<Credential> {
        rolled(headers)
    }
}

fn rolled(headers: &http::HeaderMap) -> Option<Credential> {
    Some(Credential::header("authorization", headers.get("authorization")?.to_str().ok()?.to_owned()))
}

#[tokio::test]
async fn a_token_that_changes_with_every_answer_is_followed_also_after_a_refusal() {
    let counter = AtomicUsize::new(0);
    let server = RawServer::start(move |nth, seen| {
        let login = seen.path() == "/login";
        let current = format!("t{}", counter.load(Ordering::SeqCst));
        if !login && token_of(seen) != Some(&current) {
            return (true, Reply::json(401, ""));
        }
        let next = counter.fetch_add(1, Ordering::SeqCst) + 1;
        let body = match (login, nth % 5) {
            (true, _) => r#"{"token":""}"#,
            (false, 0) => r#"{"refused":"no"}"#,
            (false, _) => GOOD,
        };
        (!login, Reply::json(200, body).header("authorization", format!("Bearer t{next}")))
    })
    .await;
    let transport = builder(&server).credentials(RollingLogin).build().unwrap();
    let calls = vec![call(Effect::Create); 30];
    let outcomes = join_all(calls.iter().map(|call| transport.send(call))).await;
    let refused = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert_eq!((refused, server.others().len(), server.requests().len()), (6, 1, 30));
}

#[derive(Debug)]
struct Ending {
    idle_limit: Option<Duration>,
    valid_until: Option<SystemTime>,
}

#[async_trait::async_trait]
impl CredentialSource for Ending {
    async fn obtain(&self, http: &Bare) -> Result<Credential> {
        let token = http.send(&PostLogin).await?.token;
        let mut credential = Credential::header("authorization", format!("Bearer {token}"));
        if let Some(limit) = self.idle_limit {
            credential = credential.idle_limit(limit);
        }
        if let Some(end) = self.valid_until {
            credential = credential.valid_until(end);
        }
        Ok(credential)
    }
}

#[rstest]
#[case::idle(Ending { idle_limit: Some(Duration::from_secs(300)), valid_until: None })]
#[case::ended(Ending { idle_limit: None, valid_until: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_600)) })]
#[tokio::test]
async fn a_session_that_must_have_ended_is_replaced_before_the_call(#[case] source: Ending) {
    let server = server_with_logins(1).await;
    let seconds = Arc::new(AtomicU64::new(1_000));
    let clock = Arc::clone(&seconds);
    let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst));
    let transport = builder(&server).credentials(source).now(now).build().unwrap();
    for (later, logins) in [(0, 1), (299, 1), (299, 1), (300, 2)] {
        seconds.fetch_add(later, Ordering::SeqCst);
        transport.send(&call(Effect::Read)).await.unwrap();
        assert_eq!(server.others().len(), logins, "at {seconds:?}");
    }
    assert_eq!(server.requests().len(), 4, "no call found out by a 401");
}

#[tokio::test]
async fn logging_in_ahead_logs_in_once_and_the_call_uses_it() {
    let server = server_with_logins(1).await;
    let transport = builder(&server).credentials(Login).build().unwrap();
    assert!(transport.credential().await.is_none());
    let renewals = join_all([transport.renew_now(), transport.renew_now()]).await;
    assert!(renewals.iter().all(Result::is_ok), "{renewals:?}");
    transport.send(&call(Effect::Read)).await.unwrap();
    assert!(transport.credential().await.is_some());
    assert_eq!(server.others().len(), 1);
    transport.forget_credential();
    transport.send(&call(Effect::Read)).await.unwrap();
    assert_eq!(server.others().len(), 2);
}

#[tokio::test]
async fn a_key_that_no_header_can_hold_is_a_wrong_setting() {
    let server = server_with_logins(1).await;
    let key = StaticHeaders::new(Credential::header("x-key", "two\nlines"));
    let transport = builder(&server).credentials(key).build().unwrap();
    let error = transport.send(&call(Effect::Read)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(server.requests().is_empty());
}

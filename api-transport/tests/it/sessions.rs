//! Several sessions side by side, sessions that are kept open, and sessions that are closed.

use crate::suites::PostLogin;
use crate::{Call, GOOD, builder, call};
use api_transport::testing::{RawServer, Reply, Seen};
use api_transport::{Bare, Credential, CredentialSource, Effect, ErrorKind, Result, RetryBudget};
use futures::FutureExt;
use futures::future::{join_all, select_all};
use http::HeaderMap;
use rstest::rstest;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Takes over the token of every answer.
#[derive(Debug)]
struct Rolling;

fn credential(token: &str) -> Credential {
    Credential::header("authorization", token.to_owned()).idle_limit(Duration::from_secs(300))
}

#[async_trait::async_trait]
impl CredentialSource for Rolling {
    async fn obtain(&self, http: &Bare) -> Result<Credential> {
        Ok(credential(&http.send(&PostLogin).await?.token))
    }

    fn from_answer(&self, _current: &Credential, headers: &HeaderMap) -> Option<Credential> {
        Some(credential(headers.get("authorization")?.to_str().ok()?))
    }
}

fn token_of(seen: &Seen) -> String {
    let token = seen.headers.get("authorization").and_then(|token| token.to_str().ok());
    token.unwrap_or_default().to_owned()
}

#[derive(Default)]
struct Sessions {
    logins: usize,
    calls: usize,
    good: BTreeSet<String>,
}

/// Hands out `a`, `b`, … at each login. Each call ends the token that came; its answer has the session's next one: `a+`, `a++`.
/// The first `silent` calls get no answer, and `/items/end` is a 401.
async fn server(silent: usize) -> RawServer {
    let sessions = Mutex::new(Sessions::default());
    RawServer::start(move |_, seen| {
        let mut sessions = sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.path() == "/login" {
            let token = ('a'..).nth(sessions.logins).unwrap_or_default().to_string();
            sessions.logins += 1;
            let answer = format!(r#"{{"token":"{token}"}}"#);
            sessions.good.insert(token);
            return (false, Reply::json(200, answer));
        }
        let token = token_of(seen);
        if !sessions.good.remove(&token) || seen.path() == "/items/end" {
            return (true, Reply::json(401, ""));
        }
        sessions.calls += 1;
        if sessions.calls <= silent {
            return (true, Reply::silence());
        }
        let next = format!("{token}+");
        sessions.good.insert(next.clone());
        (true, Reply::json(200, GOOD).header("authorization", next))
    })
    .await
}

fn tokens(server: &RawServer) -> Vec<String> {
    server.requests().iter().map(token_of).collect()
}

#[tokio::test]
async fn calls_of_several_sessions_overlap_each_with_its_own_login() {
    let server = server(2).await;
    let transport = builder(&server).credentials(Rolling).sessions(3).build().unwrap();
    let calls = vec![call(Effect::Read); 3];
    // Two are never answered, and the third gets through beside them.
    let (outcome, _, _) = select_all(calls.iter().map(|call| Box::pin(transport.send(call)))).await;
    outcome.unwrap();
    let sent: BTreeSet<_> = tokens(&server).into_iter().collect();
    assert_eq!(sent, ["a", "b", "c"].map(str::to_owned).into());
}

#[tokio::test]
async fn the_places_of_a_session_are_used_before_another_one_is_opened() {
    // Nothing is answered, so that all calls are in flight together.
    let seen = Arc::new(Mutex::new((0, Vec::new())));
    let (log, (sender, mut arrived)) = (Arc::clone(&seen), tokio::sync::mpsc::unbounded_channel());
    let server = RawServer::start(move |_, seen| {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.path() == "/login" {
            log.0 += 1;
            return (false, Reply::json(200, format!(r#"{{"token":"{}"}}"#, log.0)));
        }
        log.1.push(token_of(seen));
        sender.send(()).unwrap_or_default();
        (true, Reply::silence())
    })
    .await;
    let transport = builder(&server).credentials(Rolling).in_flight(2).sessions(2).build().unwrap();
    for (calls, expected) in [(2, vec!["1", "1"]), (4, vec!["2", "2", "3", "3"])] {
        let silent = vec![call(Effect::Read); calls];
        let sent = join_all(silent.iter().map(|call| transport.send(call)));
        let all_arrived = async {
            for _ in 0..calls {
                arrived.recv().await.unwrap();
            }
        };
        futures::future::select(pin!(sent), pin!(all_arrived)).await;
        let mut tokens = std::mem::take(&mut seen.lock().unwrap_or_else(PoisonError::into_inner).1);
        tokens.sort();
        assert_eq!(tokens, expected);
        transport.forget_credential();
    }
}

#[tokio::test]
async fn tokens_of_several_sessions_never_mix() {
    let server = server(0).await;
    let transport = builder(&server).credentials(Rolling).sessions(3).build().unwrap();
    let calls = vec![call(Effect::Create); 30];
    let outcomes = join_all(calls.iter().map(|call| transport.send(call))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!((server.others().len(), server.requests().len()), (3, 30), "no call met a 401");
}

#[tokio::test]
async fn one_call_after_the_other_opens_one_session_only() {
    let server = server(0).await;
    let transport = builder(&server).credentials(Rolling).sessions(3).build().unwrap();
    for _ in 0..3 {
        transport.send(&call(Effect::Read)).await.unwrap();
    }
    assert_eq!(tokens(&server), ["a", "a+", "a++"]);
    assert_eq!(server.others().len(), 1);
}

#[tokio::test]
async fn a_session_that_ended_is_renewed_alone() {
    let server = server(0).await;
    let transport = builder(&server).credentials(Rolling).sessions(3).build().unwrap();
    let calls = vec![call(Effect::Read); 3];
    join_all(calls.iter().map(|call| transport.send(call))).await;
    let ending = Call { id: "end".to_owned(), ..call(Effect::Read) };
    assert_eq!(transport.send(&ending).await.unwrap_err().kind(), ErrorKind::Unauthorized);
    assert_eq!(server.others().len(), 4, "one new login, whose token the second 401 ended");
    let before = server.requests().len();
    let outcomes = join_all(calls.iter().map(|call| transport.send(call))).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(server.others().len(), 5);
    let others = tokens(&server).split_off(before).into_iter().filter(|token| token.ends_with('+'));
    assert_eq!(others.count(), 2, "the other two go on with their tokens");
}

#[tokio::test]
async fn the_retry_budget_is_one_for_all_sessions() {
    let server = RawServer::start(|_, seen| match seen.path() {
        "/login" => (false, Reply::json(200, r#"{"token":"t"}"#)),
        _ => (true, Reply::json(503, "")),
    })
    .await;
    let budget = RetryBudget::new(5, 1, 1);
    let transport = builder(&server).credentials(Rolling).sessions(3).retry_budget(budget).build().unwrap();
    let calls = vec![call(Effect::Read); 12];
    join_all(calls.iter().map(|call| transport.send(call))).await;
    assert_eq!(server.requests().len(), 12 + 5);
}

#[tokio::test]
async fn logging_out_closes_every_session_with_its_newest_token() {
    let server = server(0).await;
    let transport = builder(&server).credentials(Rolling).sessions(3).build().unwrap();
    let calls = vec![call(Effect::Read); 3];
    let logout = Call { id: "logout".to_owned(), ..call(Effect::Idempotent) };
    let sent = join_all(calls.iter().map(|call| transport.send(call)));
    // Both log-outs come when calls are in flight: the first one waits for them, the second one finds nothing left.
    let (outcomes, first, second) =
        futures::join!(sent, transport.log_out(&logout), transport.log_out(&logout));
    assert!(outcomes.iter().all(Result::is_ok) && first.is_ok() && second.is_ok());
    let mut last = tokens(&server).split_off(3);
    last.sort();
    assert_eq!(last, ["a+", "b+", "c+"]);
    assert!(transport.credential().await.is_none());
}

/// Numbers the logins, which are the tokens. Sends a signal for each call to `/items/silent`, and never answers it.
async fn silent_server(
    answer: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (RawServer, tokio::sync::mpsc::UnboundedReceiver<String>) {
    let logins = AtomicU64::new(0);
    let (sender, arrived) = tokio::sync::mpsc::unbounded_channel();
    let server = RawServer::start(move |_, seen| match seen.path() {
        "/login" => {
            let token = logins.fetch_add(1, Ordering::SeqCst) + 1;
            (false, Reply::json(200, format!(r#"{{"token":"{token}"}}"#)))
        }
        "/items/silent" => {
            sender.send(token_of(seen)).unwrap_or_default();
            (true, Reply::silence())
        }
        _ => (true, answer(&token_of(seen))),
    })
    .await;
    (server, arrived)
}

fn silent() -> Call {
    Call { id: "silent".to_owned(), ..call(Effect::Read) }
}

#[tokio::test]
async fn sessions_are_kept_alive_and_logged_out_side_by_side() {
    for closing in [true, false] {
        let (server, mut arrived) = silent_server(|_| Reply::json(200, GOOD)).await;
        let seconds = Arc::new(AtomicU64::new(1_000));
        let clock = Arc::clone(&seconds);
        let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst));
        let transport = builder(&server).credentials(Rolling).sessions(3).now(now).build().unwrap();
        let calls = vec![call(Effect::Read); 3];
        join_all(calls.iter().map(|call| transport.send(call))).await;
        seconds.fetch_add(200, Ordering::SeqCst);
        let never_answered = silent();
        let sent = if closing {
            transport.log_out(&never_answered).boxed()
        } else {
            transport.keep_alive(&never_answered).boxed()
        };
        let all_arrived = async {
            let mut tokens = BTreeSet::new();
            for _ in 0..3 {
                tokens.insert(arrived.recv().await.unwrap());
            }
            assert_eq!(tokens.len(), 3);
        };
        futures::future::select(sent, pin!(all_arrived)).await;
    }
}

#[tokio::test]
async fn a_call_renews_each_session_that_it_meets_once() {
    // The first two tokens have ended, and the third one's call has to be repeated.
    let (server, mut arrived) = silent_server(|token| match token {
        "1" | "2" => Reply::json(401, ""),
        "3" => Reply::json(503, ""),
        _ => Reply::json(200, GOOD),
    })
    .await;
    let transport = builder(&server).credentials(Rolling).sessions(2).build().unwrap();
    let (never_answered, wanted) = (silent(), call(Effect::Read));
    let mut first = transport.send(&never_answered).boxed();
    futures::future::select(&mut first, pin!(arrived.recv())).await;
    // The call gets the other session; in its pause one that waits takes that one, and the repeat goes to the first one.
    let mut call = pin!(transport.send(&wanted));
    assert!(futures::poll!(call.as_mut()).is_pending());
    let mut waiter = pin!(transport.send(&never_answered));
    assert!(futures::poll!(waiter.as_mut()).is_pending());
    let both = pin!(futures::future::join(call.as_mut(), waiter.as_mut()));
    futures::future::select(both, pin!(arrived.recv())).await;
    drop(first);
    call.await.unwrap();
    assert_eq!(tokens(&server), ["1", "2", "3", "3", "1", "4"]);
}

#[tokio::test]
async fn a_call_that_is_never_polled_again_does_not_keep_its_session_open() {
    let server = server(0).await;
    let transport =
        builder(&server).credentials(Rolling).attempt_timeout(Duration::from_millis(50)).build().unwrap();
    transport.send(&call(Effect::Read)).await.unwrap();
    let left = call(Effect::Read);
    let mut left = pin!(transport.send(&left));
    assert!(futures::poll!(left.as_mut()).is_pending());
    let logout = Call { id: "logout".to_owned(), ..call(Effect::Idempotent) };
    transport.log_out(&logout).await.unwrap();
    assert!(server.requests().iter().any(|seen| seen.path() == "/items/logout"));
    assert!(transport.credential().await.is_none());
}

#[rstest]
#[case::gone(401, None)]
#[case::forbidden(403, Some(ErrorKind::Forbidden))]
#[tokio::test]
async fn a_log_out_forgets_the_session_whatever_the_answer(
    #[case] status: u16,
    #[case] expected: Option<ErrorKind>,
) {
    let server = RawServer::start(move |_, seen| match seen.path() {
        "/login" => (false, Reply::json(200, r#"{"token":"t"}"#)),
        _ => (true, Reply::json(status, "")),
    })
    .await;
    let transport = builder(&server).credentials(Rolling).build().unwrap();
    transport.renew_now().await.unwrap();
    let outcome = transport.log_out(&call(Effect::Idempotent)).await;
    assert_eq!(outcome.err().map(|error| error.kind()), expected);
    transport.log_out(&call(Effect::Idempotent)).await.unwrap();
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn only_a_session_that_idles_is_kept_alive() {
    let server = server(0).await;
    let seconds = Arc::new(AtomicU64::new(1_000));
    let clock = Arc::clone(&seconds);
    let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst));
    let transport = builder(&server).credentials(Rolling).sessions(2).now(now).build().unwrap();
    let keep = || async { transport.keep_alive(&call(Effect::Read)).await.unwrap() };
    keep().await;
    assert!(server.others().is_empty(), "there is no session");
    let calls = vec![call(Effect::Read); 2];
    join_all(calls.iter().map(|call| transport.send(call))).await;
    // Half of the limit is 150 s; after the whole of it the session counts as gone.
    for (later, sent) in [(149, 2), (1, 4), (149, 4), (1, 6), (300, 6)] {
        seconds.fetch_add(later, Ordering::SeqCst);
        keep().await;
        assert_eq!(server.requests().len(), sent, "at {seconds:?}");
    }
    assert_eq!(server.others().len(), 2, "nothing logged in anew");
}

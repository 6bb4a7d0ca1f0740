//! The retry table, cell by cell.

use super::{Reply, Suite, quick};
use crate::{Effect, Endpoint, ErrorKind, RetryBudget, TransportBuilder};
use bytes::Bytes;
use std::time::Duration;

const SILENCE: &str = "silence";

/// What a server can do to a call whose answer leaves open whether it happened.
fn unclear_failures(good: &Bytes) -> Vec<(&'static str, ErrorKind, Reply)> {
    let whole = Reply::json(200, good.clone()).to_bytes();
    let cut = whole.slice(..whole.len().saturating_sub(1));
    let status = |status| Reply::json(status, r#"{"message":"scripted"}"#);
    vec![
        (SILENCE, ErrorKind::Timeout, Reply::silence()),
        ("a closed connection", ErrorKind::Connection, Reply::close()),
        ("a cut body", ErrorKind::Connection, Reply::raw(cut)),
        ("408", ErrorKind::Unavailable, status(408)),
        ("500", ErrorKind::Unavailable, status(500)),
        ("501", ErrorKind::Unavailable, status(501)),
        ("502", ErrorKind::Unavailable, status(502)),
        ("503", ErrorKind::Unavailable, status(503).header("retry-after", "0")),
        ("504", ErrorKind::Unavailable, status(504)),
    ]
}

impl Suite {
    /// Checks every cell of the retry table for `endpoint`, whose effect decides what is expected. `good` is a body of a 2xx
    /// answer that the endpoint can read, not empty.
    ///
    /// # Panics
    ///
    /// The client behaves otherwise.
    pub async fn retry_table<E: Endpoint>(&self, endpoint: &E, good: impl Into<Bytes>) {
        let good = good.into();
        assert!(endpoint.decode(&good).is_ok(), "`good` cannot be read");
        let effect = endpoint.effect();
        self.nothing_was_sent(endpoint, &good).await;
        for retry_after in [None, Some("0"), Some("Thu, 01 Jan 1970 00:00:00 GMT")] {
            let mut reply = Reply::json(429, "");
            if let Some(value) = retry_after {
                reply = reply.header("retry-after", value);
            }
            self.repeated_once(endpoint, &good, "429", reply).await;
        }
        for (name, kind, reply) in unclear_failures(&good) {
            match effect {
                Effect::Read | Effect::Idempotent => {
                    self.repeated_once(endpoint, &good, name, reply.clone()).await;
                    self.given_up(endpoint, name, kind, reply).await;
                }
                Effect::Create => self.never_repeated(endpoint, &good, name, kind, true, reply).await,
            }
        }
        self.unauthorized(endpoint, &good).await;
        for status in [400, 402, 403, 404, 405, 409, 410, 413, 415, 422] {
            let kind = match status {
                403 => ErrorKind::Forbidden,
                404 => ErrorKind::NotFound,
                _ => ErrorKind::Rejected,
            };
            let reply = Reply::json(status, r#"{"message":"scripted"}"#);
            self.never_repeated(endpoint, &good, "another 4xx", kind, false, reply).await;
        }
        for status in [301, 302, 303, 307, 308] {
            let reply = Reply::json(status, "").header("location", "/elsewhere");
            let kind = ErrorKind::Unexpected;
            self.never_repeated(endpoint, &good, "a redirect", kind, effect.is_write(), reply).await;
        }
        if endpoint.decode(b"<html>").is_err_and(|error| error.kind() == ErrorKind::Decode) {
            let reply = Reply::json(200, "<html>");
            let kind = ErrorKind::Decode;
            self.never_repeated(endpoint, &good, "an unreadable 2xx", kind, effect.is_write(), reply).await;
        }
    }

    /// Checks that a refusal inside an answer 200 is [`ErrorKind::Refused`], sent once, and not in doubt.
    ///
    /// # Panics
    ///
    /// The client behaves otherwise.
    pub async fn refusal<E: Endpoint>(&self, endpoint: &E, refusal: impl Into<Bytes>) {
        let refusal = refusal.into();
        let reply = Reply::json(200, refusal.clone());
        self.never_repeated(endpoint, &refusal, "a refusal in a 200", ErrorKind::Refused, false, reply).await;
    }

    async fn nothing_was_sent<E: Endpoint>(&self, endpoint: &E, good: &Bytes) {
        let answer = Reply::json(200, good.clone());
        let server = self.server(move |_, _| answer.clone()).await;
        // The budget shows how many repeats there were, since nobody is there to count them.
        let budget = RetryBudget::new(100, 7, 1);
        let transport =
            self.transport(&server, |builder| builder.retry_budget(budget.clone()).retry(quick(4)));
        transport.renew_now().await.expect("the login succeeds");
        server.stop().await;
        let spent_before = 100 - budget.left();
        let Err(error) = transport.send(endpoint).await.map(drop) else {
            unreachable!("nothing sent: a call without a server succeeded");
        };
        assert_eq!(error.kind(), ErrorKind::NotSent, "nothing sent: {error:?}");
        assert!(error.is_persistent() && !error.may_have_been_applied(), "nothing sent: {error:?}");
        assert_eq!(100 - budget.left() - spent_before, 3 * 7, "nothing sent: not repeated three times");
    }

    async fn repeated_once<E: Endpoint>(&self, endpoint: &E, good: &Bytes, name: &str, failure: Reply) {
        let answer = Reply::json(200, good.clone());
        let server = self.server(move |nth, _| if nth == 1 { failure.clone() } else { answer.clone() }).await;
        let outcome = self.transport(&server, settings(name)).send(endpoint).await.map(drop);
        assert!(outcome.is_ok(), "{name}: {outcome:?}");
        let requests = server.requests();
        assert_eq!(requests.len(), 2, "{name}: sent {} times", requests.len());
        let same = requests.windows(2).all(|pair| match pair {
            [one, two] => (&one.method, &one.target, &one.body) == (&two.method, &two.target, &two.body),
            _ => true,
        });
        assert!(same, "{name}: the repeat is another request");
    }

    async fn given_up<E: Endpoint>(&self, endpoint: &E, name: &str, kind: ErrorKind, failure: Reply) {
        let server = self.server(move |_, _| failure.clone()).await;
        // One time-out less to wait for.
        let attempts = if name == SILENCE { 2 } else { 3 };
        let set = |builder| settings(name)(builder).retry(quick(attempts));
        let Err(error) = self.transport(&server, set).send(endpoint).await.map(drop) else {
            unreachable!("{name}: a call that always fails succeeded");
        };
        assert_eq!(error.kind(), kind, "{name}: {error:?}");
        assert!(error.is_persistent(), "{name}: {error:?}");
        assert_eq!(error.may_have_been_applied(), endpoint.effect().is_write(), "{name}: {error:?}");
        assert_eq!(server.requests().len(), attempts, "{name}");
    }

    async fn never_repeated<E: Endpoint>(
        &self,
        endpoint: &E,
        good: &Bytes,
        name: &str,
        kind: ErrorKind,
        in_doubt: bool,
        failure: Reply,
    ) {
        let answer = Reply::json(200, good.clone());
        let server = self.server(move |nth, _| if nth == 1 { failure.clone() } else { answer.clone() }).await;
        let Err(error) = self.transport(&server, settings(name)).send(endpoint).await.map(drop) else {
            unreachable!("{name}: a call that fails succeeded");
        };
        assert_eq!(error.kind(), kind, "{name}: {error:?}");
        assert_eq!(error.may_have_been_applied(), in_doubt, "{name}: {error:?}");
        assert_eq!(server.requests().len(), 1, "{name}: sent again");
    }

    async fn unauthorized<E: Endpoint>(&self, endpoint: &E, good: &Bytes) {
        let answer = Reply::json(200, good.clone());
        for refused in [1, 2] {
            let answer = answer.clone();
            let script = move |nth, _: &_| if nth <= refused { Reply::json(401, "") } else { answer.clone() };
            let server = self.server(script).await;
            let transport = self.transport(&server, settings("401"));
            let renewable = transport.has_renewable_credential();
            let outcome = transport.send(endpoint).await.map(drop);
            let sent = server.requests().len();
            if renewable && refused == 1 {
                assert!(outcome.is_ok(), "401 once: {outcome:?}");
                assert_eq!(sent, 2, "401 once");
                continue;
            }
            let Err(error) = outcome else { unreachable!("401 {refused} times: the call succeeded") };
            assert_eq!(error.kind(), ErrorKind::Unauthorized, "401: {error:?}");
            assert!(!error.may_have_been_applied(), "401: {error:?}");
            assert_eq!(sent, if renewable { 2 } else { 1 }, "401 {refused} times");
        }
    }
}

/// Long enough for an answer on a busy machine, short enough to wait for in the silent cells.
fn soon(builder: TransportBuilder) -> TransportBuilder {
    builder.attempt_timeout(Duration::from_secs(1))
}

/// The other cells do not wait for a time-out.
fn settings(name: &str) -> fn(TransportBuilder) -> TransportBuilder {
    if name == SILENCE { soon } else { |builder| builder }
}

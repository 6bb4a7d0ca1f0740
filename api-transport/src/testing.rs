//! The suites that every client built on this crate runs against itself (feature `testing`).
//!
//! A client states once how it logs in ([`Suite`]) and hands in its own endpoints, at least one of each effect:
//!
//! ```no_run
//! use api_transport::testing::{Reply, Suite};
//! use api_transport::{Credential, Endpoint, StaticHeaders};
//!
//! # async fn of_a_test<E: Endpoint>(get_items: E) {
//! let suite = Suite::new(|builder| builder.credentials(StaticHeaders::new(Credential::header("x-key", "CANARY-1"))))
//!     .others(|seen| seen.path().ends_with("/login").then(|| Reply::json(200, r#"{"token":"CANARY-2"}"#)));
//! suite.retry_table(&get_items, r#"{"items":[]}"#).await;
//! suite.refusal(&get_items, r#"{"error":"no such list"}"#).await;
//! suite.truncation(&get_items, r#"{"items":[]}"#).await;
//! suite.redaction(&get_items, r#"{"items":[]}"#, &["CANARY-1", "CANARY-2"]).await;
//! # }
//! ```
//!
//! Everything runs in real time with policies of milliseconds against a [`RawServer`] on its own listener. A suite fails by
//! panicking, with the cell of the table in its message.

#![expect(clippy::expect_used, reason = "a suite fails by panicking")]

mod capture;
mod redaction;
mod retry_table;
mod server;
mod truncation;

pub use capture::Capture;
pub use server::{RawServer, Reply, Seen};

use crate::{RetryBudget, RetryPolicy, Transport, TransportBuilder};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

type Prepare = dyn Fn(TransportBuilder) -> TransportBuilder + Send + Sync;
type Others = dyn Fn(&Seen) -> Option<Reply> + Send + Sync;

/// A client under test: how it sets up its transport, and what its own login needs from the server.
#[derive(Clone)]
pub struct Suite {
    prepare: Arc<Prepare>,
    others: Arc<Others>,
}

impl Suite {
    /// `prepare` adds credentials and whatever else the client sets; the suite sets deadlines and repeats afterwards.
    pub fn new(prepare: impl Fn(TransportBuilder) -> TransportBuilder + Send + Sync + 'static) -> Self {
        Self { prepare: Arc::new(prepare), others: Arc::new(|_| None) }
    }

    /// How the server answers requests that are not the call under test: login and logout. `None` for the call itself.
    #[must_use]
    pub fn others(mut self, answer: impl Fn(&Seen) -> Option<Reply> + Send + Sync + 'static) -> Self {
        self.others = Arc::new(answer);
        self
    }

    /// A server that gives `script` the call under test, with its number from 1, and answers the others itself.
    async fn server(&self, script: impl Fn(usize, &Seen) -> Reply + Send + Sync + 'static) -> RawServer {
        let others = Arc::clone(&self.others);
        RawServer::start(move |nth, seen| match others(seen) {
            // Not kept: a call that finds a connection which the server has just closed cannot tell whether it was sent.
            Some(reply) => (false, reply.header("connection", "close")),
            None => (true, script(nth, seen)),
        })
        .await
    }

    fn transport(
        &self,
        server: &RawServer,
        set: impl FnOnce(TransportBuilder) -> TransportBuilder,
    ) -> Transport {
        let builder = (self.prepare)(Transport::builder(server.url()));
        set(builder.retry(quick(3)).retry_budget(RetryBudget::default()))
            .build()
            .expect("the transport's settings")
    }
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Suite")
    }
}

/// Pauses of about a millisecond.
fn quick(attempts: usize) -> RetryPolicy {
    RetryPolicy::new().attempts(attempts).base(Duration::from_millis(1)).cap(Duration::from_millis(2))
}

//! Preflight: one call, one report on an installation, before anything is built on it.
//!
//! It only reads. Everything it tells comes from answers of the server; what a contract does not tell is said to be so.

mod areas;
mod report;
mod server;
mod verify;
mod words;

pub use self::report::{Check, Outcome, Report};
pub use self::verify::verify_write;

use std::fmt;
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use crate::{Client, Installation};

/// What is looked at.
///
/// ```no_run
/// # async fn run(client: soneta_webapi::Client) {
/// use soneta_webapi::preflight::{Outcome, Preflight};
///
/// let report = Preflight::new(&client, client.b2b().installation()).run().await;
/// println!("{report}");
/// assert_ne!(report.outcome(), Outcome::Failed);
/// # }
/// ```
pub struct Preflight<'a> {
    client: &'a Client,
    installation: Installation,
    rows: u32,
    database: Option<String>,
    now: Box<dyn Fn() -> SystemTime + Send + Sync>,
}

impl fmt::Debug for Preflight<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preflight").field("installation", &self.installation).finish_non_exhaustive()
    }
}

impl<'a> Preflight<'a> {
    /// A preflight of the areas of this installation.
    pub fn new(client: &'a Client, installation: Installation) -> Self {
        Self { client, installation, rows: 1_000, database: None, now: Box::new(now) }
    }

    /// The clock that the server's is compared with. Default: the system's.
    #[must_use]
    pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.now = Box::new(now);
        self
    }

    /// How many rows of each list are read to count and to look at. Default 1,000; more take longer and tell more.
    #[must_use]
    pub fn rows(mut self, rows: u32) -> Self {
        self.rows = rows.max(1);
        self
    }

    /// What the caller takes the database's name or id to be: it is compared with what the server and the token call it.
    #[must_use]
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.database = Some(name.into());
        self
    }

    /// Looks at everything and reports. A server that cannot be logged in to ends it early; nothing else does.
    pub async fn run(&self) -> Report {
        let mut report = Report::default();
        let now = || DateTime::<Utc>::from((self.now)());
        if server::look(self.client, now(), self.database.as_deref(), &mut report).await {
            let seen = areas::look(&self.installation, self.rows, &now, &mut report).await;
            words::look(&self.installation, &seen, &mut report).await;
        }
        report
    }
}

#[expect(clippy::disallowed_methods, reason = "the default; a test sets its own")]
fn now() -> SystemTime {
    SystemTime::now()
}

//! A store in a PostgreSQL database.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    ActFilter, Approval, Claim, ClaimRequest, Command, Committed, PageCommit, PageQuery, PageState,
    PartStatus, Sent, SentOrigin, Settlement, Store,
};
use crate::act::{ActCount, ActStatus, Verdict};
use crate::error::{Error, Result};
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkRef};
use crate::name::{ActKind, FlowName, Holder, Key, LinkKind, OpKey, Part};
use crate::outbox_sql::{Dialect, OutboxSql};
use crate::reject::{Reject, RejectCount, RejectFilter};
use crate::seen::SeenChunk;
use crate::webhook::{Delivery, Hint, HintOutcome, Waiting};

mod act_counts;
mod acts;
mod hints;
mod leases;
mod links;
mod pages;
mod parts;
mod rejects;
mod runs;
mod schema;
mod session;

use session::Database;

/// Keeps everything in a schema of its own in a PostgreSQL database (13 or later, encoding UTF8), for any number of
/// processes.
///
/// - All instants are the database's own. Statements are sent unprepared and nothing outlives a transaction, so PgBouncer
///   may stand in between, in transaction mode.
/// - A commit is as durable as the server is set up to make it: leave its `fsync` and `synchronous_commit` on.
/// - A call that is cancelled or takes too long closes its connection, so nothing half-done is used again.
/// - Texts cannot hold the character NUL in PostgreSQL: it is kept as U+FFFD. Ids and links may be up to about 2,500
///   bytes long.
/// - It speaks no TLS. Over a network, use a Unix socket or a local proxy that speaks it.
/// - The schema holds the frozen requests of acts, which may be personal data: protect it.
///
/// It needs a tokio runtime.
#[derive(Clone)]
pub struct PostgresStore {
    database: Database,
}

impl PostgresStore {
    /// Connects, and makes or updates the schema `sync_core`.
    ///
    /// The URL is libpq's: `postgres://user:password@host:5432/database`. It is not shown anywhere.
    ///
    /// # Errors
    /// As [`connect_with`](Self::connect_with).
    pub async fn connect(url: &str) -> Result<Self> {
        Self::connect_with(url, PostgresSettings::default()).await
    }

    /// Connects with these settings. Makes the schema and its tables where there are none, and updates those of an older
    /// version; several processes may do so at the same time.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the URL is not understood or asks for TLS, the schema's name is none, or
    /// the database is not encoded in UTF8; [`UnknownFormat`](crate::ErrorKind::UnknownFormat) if a newer version made
    /// the schema, or another program; [`Store`](crate::ErrorKind::Store) if the database cannot be reached.
    pub async fn connect_with(url: &str, settings: PostgresSettings) -> Result<Self> {
        let database = Database::new(url, &settings)?;
        schema::prepare(&database).await?;
        Ok(Self { database })
    }

    /// Connects with these settings if the schema is there, as [`connect_with`](Self::connect_with) does; makes nothing and answers
    /// `None` if it is not.
    ///
    /// # Errors
    /// As [`connect_with`](Self::connect_with).
    pub async fn connect_existing(url: &str, settings: PostgresSettings) -> Result<Option<Self>> {
        let database = Database::new(url, &settings)?;
        if !schema::is_there(&database).await? {
            return Ok(None);
        }
        schema::prepare(&database).await?;
        Ok(Some(Self { database }))
    }

    /// The statements that put acts of this part into the outbox within a transaction of the caller's own. They name the
    /// schema, so they work whatever the search path.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    pub async fn outbox_sql(&self, part: &Part) -> Result<OutboxSql> {
        let number = parts::ensure(&self.database, part).await?;
        Ok(OutboxSql::new(Dialect::Postgres { schema: self.database.schema.clone() }, number))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("schema", &self.database.schema).finish_non_exhaustive()
    }
}

/// Settings of a [`PostgresStore`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostgresSettings {
    /// The schema that holds everything: small letters, digits and underscores. `sync_core` by default.
    pub schema: String,
    /// At most so many connections. 4 by default.
    pub connections: usize,
    /// How long making a connection may take. 10 s by default.
    pub connect_timeout: Duration,
    /// How long one statement may take, the wait for a free connection, and the time between two statements of a
    /// transaction. 60 s by default.
    pub statement_timeout: Duration,
}

impl Default for PostgresSettings {
    fn default() -> Self {
        Self {
            schema: "sync_core".to_owned(),
            connections: 4,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(60),
        }
    }
}

impl PostgresSettings {
    /// In this schema.
    #[must_use]
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = name.into();
        self
    }

    /// With at most so many connections.
    #[must_use]
    pub fn connections(mut self, count: usize) -> Self {
        self.connections = count;
        self
    }

    /// With these limits for making a connection and for one statement.
    #[must_use]
    pub fn timeouts(mut self, connect: Duration, statement: Duration) -> Self {
        self.connect_timeout = connect;
        self.statement_timeout = statement;
        self
    }

    fn check(&self) -> Result<()> {
        let mut letters = self.schema.chars();
        let first = letters.next().is_some_and(|c| c.is_ascii_lowercase() || c == '_');
        let rest = letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !first || !rest || self.schema.len() > 63 || self.schema.starts_with("pg_") {
            return Err(Error::config(
                "a schema's name has up to 63 small letters, digits and underscores, and does not begin with pg_",
            ));
        }
        if self.connections == 0 {
            return Err(Error::config("a store needs at least one connection"));
        }
        Ok(())
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        leases::now(&self.database).await
    }

    async fn acquire(&self, flow: &FlowName, holder: &Holder, ttl: Duration) -> Result<Acquired> {
        leases::acquire(&self.database, flow, holder, ttl).await
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Lease> {
        leases::renew(&self.database, lease, ttl).await
    }

    async fn give_back(&self, lease: &Lease) -> Result<()> {
        leases::give_back(&self.database, lease).await
    }

    async fn read_page(&self, part: &Part, query: PageQuery) -> Result<PageState> {
        pages::read_page(&self.database, part, query).await
    }

    async fn commit(&self, part: &Part, lease: &Lease, page: PageCommit) -> Result<Committed> {
        pages::commit(&self.database, part, lease, page).await
    }

    async fn close_links(&self, links: &[LinkRef]) -> Result<u64> {
        links::close_all(&self.database, links).await
    }

    async fn open_links(&self, kind: &LinkKind, after: Option<&str>, limit: usize) -> Result<Vec<Link>> {
        links::list_open(&self.database, kind, after, limit).await
    }

    async fn put_hints(&self, delivery: &Delivery, hints: &[(Part, Key)]) -> Result<HintOutcome> {
        hints::put(&self.database, delivery, hints).await
    }

    async fn hints(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<Hint>> {
        hints::due(&self.database, part, after, limit).await
    }

    async fn waiting(&self, flow: &FlowName) -> Result<Waiting> {
        hints::waiting(&self.database, flow).await
    }

    async fn seen(&self, part: &Part) -> Result<Vec<SeenChunk>> {
        parts::seen(&self.database, part).await
    }

    async fn unseen(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        parts::unseen(&self.database, part, after, limit).await
    }

    async fn count_unseen(&self, part: &Part, absences: u8) -> Result<u64> {
        parts::count_unseen(&self.database, part, absences).await
    }

    async fn sent(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        parts::sent(&self.database, part, after, limit).await
    }

    async fn explain(&self, flow: &FlowName, key: &Key) -> Result<Vec<SentOrigin>> {
        parts::explain(&self.database, flow, key).await
    }

    async fn parts(&self, flow: &FlowName) -> Result<Vec<PartStatus>> {
        parts::list(&self.database, flow).await
    }

    async fn approve(&self, part: &Part, approval: &Approval) -> Result<()> {
        parts::approve(&self.database, part, approval).await
    }

    async fn command(&self, part: &Part, command: &Command) -> Result<()> {
        parts::command(&self.database, part, command).await
    }

    async fn forget(&self, part: &Part, lease: &Lease) -> Result<()> {
        parts::forget(&self.database, part, lease).await
    }

    async fn put_links(&self, links: &[Link]) -> Result<()> {
        rejects::put_links(&self.database, links).await
    }

    async fn rejects(&self, filter: &RejectFilter) -> Result<Vec<Reject>> {
        rejects::list(&self.database, filter).await
    }

    async fn count_rejects(&self, filter: &RejectFilter) -> Result<RejectCount> {
        rejects::count(&self.database, filter).await
    }

    async fn replay_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        rejects::replay(&self.database, filter).await
    }

    async fn drop_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        rejects::drop(&self.database, filter).await
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<Vec<Claim>> {
        acts::claim(&self.database, request).await
    }

    async fn extend(&self, claim: &Claim, ttl: Duration) -> Result<()> {
        acts::extend(&self.database, claim, ttl).await
    }

    async fn settle(&self, claim: &Claim, settlement: Settlement) -> Result<()> {
        acts::settle(&self.database, claim, settlement).await
    }

    async fn release(&self, op_key: &OpKey, by: &str, reason: &str) -> Result<()> {
        acts::release(&self.database, op_key, by, reason).await
    }

    async fn resolve(&self, op_key: &OpKey, verdict: &Verdict, by: &str, reason: &str) -> Result<()> {
        acts::resolve(&self.database, op_key, verdict, by, reason).await
    }

    async fn settled(&self, kinds: &[ActKind], after: u64, limit: usize) -> Result<Vec<(u64, ActStatus)>> {
        acts::settled(&self.database, kinds, after, limit).await
    }

    async fn acts(&self, filter: &ActFilter) -> Result<Vec<ActStatus>> {
        acts::list(&self.database, filter).await
    }

    async fn act_counts(&self) -> Result<Vec<ActCount>> {
        act_counts::count(&self.database).await
    }

    async fn prune(&self, age: Duration) -> Result<u64> {
        let kept = age.max(Delivery::KEPT);
        hints::prune(&self.database, kept).await?;
        runs::prune(&self.database, kept).await?;
        acts::prune(&self.database, age).await
    }
}

//! A store in one SQLite file.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::{
    ActFilter, Approval, Claim, ClaimRequest, Committed, PageCommit, PageQuery, PageState, PartStatus, Sent,
    Settlement, Store,
};
use crate::act::ActStatus;
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
use crate::lease::{Acquired, Lease};
use crate::link::Link;
use crate::name::{FlowName, Holder, Key, OpKey, Part};
use crate::reject::{Reject, RejectCount, RejectFilter};
use crate::seen::SeenChunk;

mod acts;
mod leases;
mod links;
mod pages;
mod parts;
mod rejects;
mod schema;

/// Keeps everything in one SQLite file, durable at each commit (`WAL`, `synchronous=FULL`).
///
/// Several processes may use one file on one computer. The file must not lie on a network drive: SQLite's locks do not
/// hold there.
///
/// The file holds the frozen requests of acts, which may be personal data: protect its folder.
///
/// The work is done on tokio's blocking threads, one call at a time, so a tokio runtime is needed.
#[derive(Clone)]
pub struct SqliteStore {
    connection: Arc<Mutex<Connection>>,
    clock: Arc<dyn Clock>,
}

/// How long a call waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Prepared statements kept.
const STATEMENTS: usize = 64;

impl SqliteStore {
    /// Opens the file, or makes it. Blocks for some milliseconds.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) if it cannot be opened, [`UnknownFormat`](ErrorKind::UnknownFormat) if a newer
    /// version wrote it or it is no store at all.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(path, flags).map_err(failed("open the store"))?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(failed("open the store"))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        schema::prepare(&mut connection)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), clock: Arc::new(SystemClock) })
    }

    /// With this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Runs `work` in one transaction on a blocking thread. If the future is dropped, the transaction still ends one way
    /// or the other.
    async fn transact<T, F>(&self, behavior: TransactionBehavior, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>, Instant) -> Result<T> + Send + 'static,
    {
        let (connection, clock) = (Arc::clone(&self.connection), Arc::clone(&self.clock));
        let done = tokio::task::spawn_blocking(move || {
            // a transaction of a thread that panicked was rolled back
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            let transaction =
                connection.transaction_with_behavior(behavior).map_err(failed("begin a transaction"))?;
            // read after the lock was waited for
            let result = work(&transaction, Instant::of(clock.now()))?;
            transaction.commit().map_err(failed("commit a transaction"))?;
            Ok(result)
        });
        done.await
            .map_err(|e| Error::new(ErrorKind::Store, "the store's thread was stopped").with_source(e))?
    }

    async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>, Instant) -> Result<T> + Send + 'static,
    {
        self.transact(TransactionBehavior::Immediate, work).await
    }

    async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>, Instant) -> Result<T> + Send + 'static,
    {
        self.transact(TransactionBehavior::Deferred, work).await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

/// Microseconds since 1970, as the file keeps instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Instant(i64);

impl Instant {
    fn of(time: DateTime<Utc>) -> Self {
        Self(time.timestamp_micros())
    }

    fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The first instant that is not before `time`, which may be more exact.
    fn not_before(time: DateTime<Utc>) -> Self {
        let floor = Self::of(time);
        if floor.time() < time { Self(floor.0 + 1) } else { floor }
    }

    fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    fn time(self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
            .checked_add_signed(TimeDelta::microseconds(self.0))
            .unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl rusqlite::ToSql for Instant {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl rusqlite::types::FromSql for Instant {
    fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

/// Turns a driver error into ours. SQLite's messages name tables and columns, never values.
fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> Error {
    move |error| Error::new(ErrorKind::Store, format!("the store could not {what}")).with_source(error)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[async_trait]
impl Store for SqliteStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        // as exact as the file keeps it
        Ok(Instant::of(self.clock.now()).time())
    }

    async fn acquire(&self, flow: &FlowName, holder: &Holder, ttl: Duration) -> Result<Acquired> {
        let (flow, holder) = (flow.clone(), holder.clone());
        self.write(move |tx, now| leases::acquire(tx, &flow, &holder, now, now.after(ttl))).await
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Lease> {
        let lease = lease.clone();
        self.write(move |tx, now| leases::renew(tx, lease, now.after(ttl))).await
    }

    async fn give_back(&self, lease: &Lease) -> Result<()> {
        let lease = lease.clone();
        self.write(move |tx, _| leases::give_back(tx, &lease)).await
    }

    async fn read_page(&self, part: &Part, query: PageQuery) -> Result<PageState> {
        let part = part.clone();
        self.read(move |tx, _| pages::read_page(tx, &part, query)).await
    }

    async fn commit(&self, part: &Part, lease: &Lease, page: PageCommit) -> Result<Committed> {
        let (part, lease) = (part.clone(), lease.clone());
        self.write(move |tx, now| pages::commit(tx, &part, &lease, page, now)).await
    }

    async fn put_links(&self, links: &[Link]) -> Result<()> {
        let links = links.to_vec();
        self.write(move |tx, _| links::put_all(tx, &links)).await
    }

    async fn seen(&self, part: &Part) -> Result<Vec<SeenChunk>> {
        let part = part.clone();
        self.read(move |tx, _| parts::seen(tx, &part)).await
    }

    async fn unseen(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        let (part, after) = (part.clone(), after.cloned());
        self.read(move |tx, _| parts::unseen(tx, &part, after.as_ref(), limit)).await
    }

    async fn count_unseen(&self, part: &Part, absences: u8) -> Result<u64> {
        let part = part.clone();
        self.read(move |tx, _| parts::count_unseen(tx, &part, absences)).await
    }

    async fn parts(&self, flow: &FlowName) -> Result<Vec<PartStatus>> {
        let flow = flow.clone();
        self.read(move |tx, _| parts::list(tx, &flow)).await
    }

    async fn approve(&self, part: &Part, approval: &Approval) -> Result<()> {
        let (part, approval) = (part.clone(), approval.clone());
        self.write(move |tx, _| parts::approve(tx, &part, &approval)).await
    }

    async fn forget(&self, part: &Part, lease: &Lease) -> Result<()> {
        let (part, lease) = (part.clone(), lease.clone());
        self.write(move |tx, _| parts::forget(tx, &part, &lease)).await
    }

    async fn rejects(&self, filter: &RejectFilter) -> Result<Vec<Reject>> {
        let filter = filter.clone();
        self.read(move |tx, _| rejects::list(tx, &filter)).await
    }

    async fn count_rejects(&self, filter: &RejectFilter) -> Result<RejectCount> {
        let filter = filter.clone();
        self.read(move |tx, _| rejects::count(tx, &filter)).await
    }

    async fn replay_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        let filter = filter.clone();
        self.write(move |tx, _| rejects::replay(tx, &filter)).await
    }

    async fn drop_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        let filter = filter.clone();
        self.write(move |tx, _| rejects::remove(tx, &filter)).await
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<Vec<Claim>> {
        let request = request.clone();
        self.write(move |tx, now| acts::claim(tx, &request, now)).await
    }

    async fn extend(&self, claim: &Claim, ttl: Duration) -> Result<()> {
        let claim = claim.clone();
        self.write(move |tx, now| acts::extend(tx, &claim, now.after(ttl))).await
    }

    async fn settle(&self, claim: &Claim, settlement: Settlement) -> Result<()> {
        let claim = claim.clone();
        self.write(move |tx, now| acts::settle(tx, &claim, settlement, now)).await
    }

    async fn release(&self, op_key: &OpKey, by: &str, reason: &str) -> Result<()> {
        let (op_key, by, reason) = (op_key.clone(), by.to_owned(), reason.to_owned());
        self.write(move |tx, now| acts::release(tx, &op_key, &by, &reason, now)).await
    }

    async fn acts(&self, filter: &ActFilter) -> Result<Vec<ActStatus>> {
        let filter = filter.clone();
        self.read(move |tx, _| acts::list(tx, &filter)).await
    }

    async fn prune(&self, age: Duration) -> Result<u64> {
        self.write(move |tx, now| acts::prune(tx, now.before(age))).await
    }
}

//! A store in one SQLite file.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::{
    ActFilter, Approval, Claim, ClaimRequest, Command, Committed, PageCommit, PageQuery, PageState,
    PartStatus, Sent, SentOrigin, Settlement, Store,
};
use crate::act::{ActCount, ActStatus, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Result};
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

/// Keeps everything in one SQLite file, durable at each commit (`WAL`, `synchronous=FULL`).
///
/// Several processes may use one file on one computer. The file must not lie on a network drive: SQLite's locks do not
/// hold there.
///
/// The file holds the frozen requests of acts and the bytes of rejects, which may be personal data. On Unix, a new file is
/// its owner's alone; elsewhere protect its folder.
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
    /// Opens the file, or makes it. Blocks for some milliseconds; a file of an older version is brought to this one first,
    /// which takes seconds for millions of rows.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store) if it cannot be opened, [`UnknownFormat`](ErrorKind::UnknownFormat) if a newer
    /// version wrote it or it is no store at all.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let path = path.as_ref();
        create_private(path).map_err(|e| {
            Error::new(ErrorKind::Store, "the store's file could not be created").with_source(e)
        })?;
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

    /// The statements that put acts of this part into the outbox within a transaction of the caller's own.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store).
    pub async fn outbox_sql(&self, part: &Part) -> Result<OutboxSql> {
        let part = part.clone();
        let part = self.write(move |tx, _| parts::ensure(tx, &part)).await?;
        Ok(OutboxSql::new(Dialect::Sqlite { clock: Arc::clone(&self.clock) }, part))
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

/// Makes the file, if there is none, so that it is its owner's alone. SQLite gives the same rights to the files beside it.
#[cfg(unix)]
fn create_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    /// Closing a file drops all locks that the process has on it, so nobody may open the file in between.
    static CREATING: Mutex<()> = Mutex::new(());
    let _alone = CREATING.lock().unwrap_or_else(PoisonError::into_inner);
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(not(unix))]
fn create_private(_path: &Path) -> io::Result<()> {
    Ok(())
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
    move |error| {
        let why = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => ": another process holds its lock",
            Some(ErrorCode::DiskFull) => ": the disk is full",
            Some(ErrorCode::ReadOnly) => ": its file is read-only",
            _ => "",
        };
        Error::new(ErrorKind::Store, format!("the store could not {what}{why}")).with_source(error)
    }
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

    async fn close_links(&self, links: &[LinkRef]) -> Result<u64> {
        let links = links.to_vec();
        self.write(move |tx, _| links::close(tx, &links)).await
    }

    async fn open_links(&self, kind: &LinkKind, after: Option<&str>, limit: usize) -> Result<Vec<Link>> {
        let (kind, after) = (kind.clone(), after.map(str::to_owned));
        self.read(move |tx, _| links::list_open(tx, &kind, after.as_deref(), limit)).await
    }

    async fn put_hints(&self, delivery: &Delivery, hints: &[(Part, Key)]) -> Result<HintOutcome> {
        let (delivery, hints) = (delivery.clone(), hints.to_vec());
        self.write(move |tx, now| hints::put(tx, &delivery, &hints, now)).await
    }

    async fn hints(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<Hint>> {
        let (part, after) = (part.clone(), after.cloned());
        self.read(move |tx, now| hints::due(tx, &part, after.as_ref(), limit, now)).await
    }

    async fn waiting(&self, flow: &FlowName) -> Result<Waiting> {
        let flow = flow.clone();
        self.read(move |tx, now| hints::waiting(tx, &flow, now)).await
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

    async fn sent(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        let (part, after) = (part.clone(), after.cloned());
        self.read(move |tx, _| parts::sent_after(tx, &part, after.as_ref(), limit)).await
    }

    async fn explain(&self, flow: &FlowName, key: &Key) -> Result<Vec<SentOrigin>> {
        let (flow, key) = (flow.clone(), key.clone());
        self.read(move |tx, _| parts::explain(tx, &flow, &key)).await
    }

    async fn parts(&self, flow: &FlowName) -> Result<Vec<PartStatus>> {
        let flow = flow.clone();
        self.read(move |tx, _| parts::list(tx, &flow)).await
    }

    async fn approve(&self, part: &Part, approval: &Approval) -> Result<()> {
        let (part, approval) = (part.clone(), approval.clone());
        self.write(move |tx, _| parts::approve(tx, &part, &approval)).await
    }

    async fn command(&self, part: &Part, command: &Command) -> Result<()> {
        let (part, command) = (part.clone(), command.clone());
        self.write(move |tx, _| parts::command(tx, &part, &command)).await
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

    async fn resolve(&self, op_key: &OpKey, verdict: &Verdict, by: &str, reason: &str) -> Result<()> {
        let (op_key, verdict) = (op_key.clone(), verdict.clone());
        let (by, reason) = (by.to_owned(), reason.to_owned());
        self.write(move |tx, now| acts::resolve(tx, &op_key, &verdict, &by, &reason, now)).await
    }

    async fn settled(&self, kinds: &[ActKind], after: u64, limit: usize) -> Result<Vec<(u64, ActStatus)>> {
        let kinds = kinds.to_vec();
        self.read(move |tx, _| acts::settled(tx, &kinds, after, limit)).await
    }

    async fn acts(&self, filter: &ActFilter) -> Result<Vec<ActStatus>> {
        let filter = filter.clone();
        self.read(move |tx, _| acts::list(tx, &filter)).await
    }

    async fn act_counts(&self) -> Result<Vec<ActCount>> {
        self.read(|tx, _| act_counts::count(tx)).await
    }

    async fn prune(&self, age: Duration) -> Result<u64> {
        self.write(move |tx, now| {
            let kept = now.before(age.max(Delivery::KEPT));
            hints::prune(tx, kept)?;
            runs::prune(tx, kept)?;
            acts::prune(tx, now.before(age))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn put_link(store: &SqliteStore, id: usize) -> Result<()> {
        store.put_links(&[Link::new("good", format!("a{id}"), format!("b{id}"))]).await
    }

    #[tokio::test]
    async fn a_call_waits_for_the_lock_and_then_says_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = SqliteStore::open(&path).unwrap();
        let waits: i64 = {
            let connection = store.connection.lock().unwrap();
            let waits = connection.pragma_query_value(None, "busy_timeout", |row| row.get(0)).unwrap();
            connection.busy_timeout(Duration::ZERO).unwrap();
            waits
        };
        assert_eq!(waits, 10_000);
        let other = Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = put_link(&store, 1).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        assert!(error.to_string().contains("another process holds its lock"), "{error}");
        store.acts(&ActFilter::all()).await.unwrap();
        other.execute_batch("COMMIT").unwrap();
        put_link(&store, 1).await.unwrap();
    }

    #[tokio::test]
    async fn what_waits_is_counted_by_indexes() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("store.db")).unwrap();
        let connection = store.connection.lock().unwrap();
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {}", hints::WAITING)).unwrap();
        let plan = statement.query_map(["demo/stock", "0"], |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = plan.map(rusqlite::Result::unwrap).collect();
        for table in ["hint", "reject"] {
            let steps: Vec<_> = plan.iter().filter(|step| step.contains(table)).collect();
            assert!(!steps.is_empty(), "{plan:?}");
            assert!(steps.iter().all(|step| step.starts_with(&format!("SEARCH {table} USING"))), "{plan:?}");
        }
    }

    #[tokio::test]
    async fn a_full_disk_and_a_read_only_file_fail_the_call_and_leave_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("store.db")).unwrap();
        let pragma = |sql: &str| store.connection.lock().unwrap().execute_batch(sql).unwrap();
        let count = |sql: &str| -> i64 {
            store.connection.lock().unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
        };
        pragma("PRAGMA query_only = ON");
        let error = put_link(&store, 0).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().contains("read-only")),
            (ErrorKind::Store, true),
            "{error}"
        );
        pragma("PRAGMA query_only = OFF; PRAGMA max_page_count = 1");
        let many: Vec<_> =
            (0..5_000).map(|id| Link::new("good", format!("a{id}"), format!("b{id}"))).collect();
        let error = store.put_links(&many).await.unwrap_err();
        assert_eq!((error.kind(), error.to_string().contains("full")), (ErrorKind::Store, true), "{error}");
        assert_eq!(count("SELECT count(*) FROM link"), 0);
        pragma("PRAGMA max_page_count = 1000000");
        store.put_links(&many).await.unwrap();
        assert_eq!(count("SELECT count(*) FROM link"), 5_000);
    }
}

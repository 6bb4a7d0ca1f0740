//! Connections, statements and their errors.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Config, NoTls, Row};

use super::PostgresSettings;
use crate::error::{Error, ErrorKind, Result};

/// A parameter with its type.
pub(super) type Value<'a> = (Box<dyn ToSql + Send + Sync + 'a>, Type);

fn borrowed<'a>(values: &'a [Value<'_>]) -> Vec<(&'a (dyn ToSql + Sync), Type)> {
    values.iter().map(|(value, of)| (&**value as &(dyn ToSql + Sync), of.clone())).collect()
}

/// The pool, and what every statement needs to know.
#[derive(Clone)]
pub(super) struct Database {
    pool: Pool,
    /// The schema, quoted for statements; its name is checked.
    pub(super) schema: String,
    statement_timeout: Duration,
    connect_timeout: Duration,
}

impl Database {
    pub(super) fn new(url: &str, settings: &PostgresSettings) -> Result<Self> {
        settings.check()?;
        // the cause may quote the URL, so it is not kept
        let mut config = Config::from_str(url).map_err(|_| {
            Error::config("the database's URL is not understood (`sslmode` is `disable` or `prefer`)")
        })?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(Error::config(
                "the database's URL asks for TLS, which this store does not speak: use a Unix socket or a local proxy",
            ));
        }
        config.ssl_mode(SslMode::Disable);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(settings.connect_timeout);
        }
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config, NoTls, recycling))
            .max_size(settings.connections)
            .wait_timeout(Some(settings.statement_timeout))
            .create_timeout(Some(settings.connect_timeout))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|_| Error::bug("a pool of connections needs a runtime"))?;
        Ok(Self {
            pool,
            schema: format!("\"{}\"", settings.schema),
            statement_timeout: settings.statement_timeout,
            connect_timeout: settings.connect_timeout,
        })
    }

    pub(super) async fn session(&self) -> Result<Session> {
        let client = self.pool.get().await.map_err(unreachable)?;
        Ok(Session {
            client: Some(client),
            statement_timeout: self.statement_timeout,
            connect_timeout: self.connect_timeout,
            pending: false,
            open: false,
        })
    }

    /// One statement, which is one transaction.
    pub(super) async fn rows(&self, what: &'static str, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        self.session().await?.rows(what, sql, values).await
    }

    /// One statement, of which only the number of rows matters.
    pub(super) async fn execute(&self, what: &'static str, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        self.session().await?.execute(what, sql, values).await
    }
}

/// One connection in the hands of one call.
///
/// It goes back to the pool only if nothing is under way on it: a call that was dropped or timed out closes it.
pub(super) struct Session {
    client: Option<Object>,
    statement_timeout: Duration,
    connect_timeout: Duration,
    /// A statement was sent and its answer has not been read.
    pending: bool,
    /// A transaction is open.
    open: bool,
}

impl Session {
    pub(super) async fn rows(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>> {
        let values = borrowed(values);
        self.run(what, async |client| client.query_typed(sql, &values).await).await
    }

    pub(super) async fn execute(
        &mut self,
        what: &'static str,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<u64> {
        let values = borrowed(values);
        self.run(what, async |client| client.execute_typed(sql, &values).await).await
    }

    /// Statements without parameters.
    pub(super) async fn batch(&mut self, what: &'static str, sql: &str) -> Result<()> {
        self.run(what, async |client| client.batch_execute(sql).await).await
    }

    /// The server ends a transaction whose client is silent for too long: the client is paused or cut off, and its locks
    /// would keep everybody else from taking over.
    pub(super) async fn begin(&mut self) -> Result<()> {
        self.open = true;
        let silence = self.statement_timeout.as_millis().clamp(1, i32::MAX as u128);
        let sql = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = {silence}"
        );
        self.batch("begin a transaction", &sql).await
    }

    /// Commits what went well, and undoes the rest.
    pub(super) async fn end<T>(mut self, result: Result<T>) -> Result<T> {
        let sql = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.batch("commit a transaction", sql).await;
        self.open = ended.is_err();
        let result = result?;
        ended.map(|()| result)
    }

    async fn run<T>(
        &mut self,
        what: &'static str,
        statement: impl AsyncFnOnce(&Object) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T> {
        let Some(client) = &self.client else { return Err(timed_out()) };
        self.pending = true;
        match tokio::time::timeout(self.statement_timeout, statement(client)).await {
            Ok(answer) => {
                self.pending = false;
                answer.map_err(failed(what))
            }
            Err(_) => {
                // or it would go on waiting in the server, and the next one beside it
                let cancel = client.cancel_token();
                let asked = tokio::time::timeout(self.connect_timeout, cancel.cancel_query(NoTls)).await;
                tracing::warn!(cancelled = matches!(asked, Ok(Ok(()))), "a statement took too long");
                self.client.take().map(Object::take);
                Err(timed_out())
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if (self.pending || self.open)
            && let Some(client) = self.client.take()
        {
            drop(Object::take(client));
        }
    }
}

fn timed_out() -> Error {
    Error::new(ErrorKind::Store, "the database took too long to answer")
}

/// What went wrong, without the database's own words: they may quote values.
#[derive(Debug)]
struct Cause(String);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

fn cause(error: &tokio_postgres::Error) -> Cause {
    use std::error::Error as _;
    if let Some(code) = error.code() {
        return Cause(format!("SQLSTATE {}", code.code()));
    }
    match error.source().and_then(|source| source.downcast_ref::<std::io::Error>()) {
        Some(io) => Cause(format!("{error}: {}", io.kind())),
        None => Cause(error.to_string()),
    }
}

fn unreachable(error: PoolError) -> Error {
    match error {
        PoolError::Backend(error) => {
            let message = match error.code() {
                Some(code) if code.code().starts_with("28") => "the database refused the login",
                Some(code) if *code == SqlState::UNDEFINED_DATABASE => "there is no such database",
                _ => "the database cannot be reached",
            };
            Error::new(ErrorKind::Store, message).with_source(cause(&error))
        }
        PoolError::Timeout(_) => Error::new(ErrorKind::Store, "no connection to the database in time"),
        PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            Error::new(ErrorKind::Store, "the pool of connections is not usable")
        }
    }
}

fn failed(what: &'static str) -> impl Fn(tokio_postgres::Error) -> Error {
    move |error| {
        let lost = match error.code() {
            Some(code) if *code == SqlState::DUPLICATE_TABLE => {
                return Error::new(ErrorKind::UnknownFormat, "the schema holds another program's tables")
                    .with_source(cause(&error));
            }
            Some(code)
                if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) =>
            {
                ", because somebody else changed the same"
            }
            _ => "",
        };
        Error::new(ErrorKind::Store, format!("the store could not {what}{lost}")).with_source(cause(&error))
    }
}

/// Reads a column.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(|error| {
        Error::new(ErrorKind::UnknownFormat, "a stored value is unreadable").with_source(cause(&error))
    })
}

/// The row of a statement that always gives one.
pub(super) fn only(rows: &[Row]) -> Result<&Row> {
    rows.first().ok_or_else(|| Error::new(ErrorKind::Store, "the database gave no row"))
}

/// A text as PostgreSQL can hold it.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "\u{fffd}")) } else { Cow::Borrowed(text) }
}

macro_rules! value {
    ($($name:ident $postgres:ident),*) => {
        $(pub(super) fn $name<'a>(value: impl ToSql + Send + Sync + 'a) -> Value<'a> {
            (Box::new(value), Type::$postgres)
        })*
    };
}

value!(
    text TEXT, texts TEXT_ARRAY, int INT8, ints INT8_ARRAY, small INT2, smalls INT2_ARRAY, boolean BOOL,
    many_bytes BYTEA_ARRAY, instant TIMESTAMPTZ
);

/// Microseconds of a duration, at most a thousand years: the sum with an instant stays one.
pub(super) fn micros(duration: Duration) -> i64 {
    const LONGEST: i64 = 1000 * 366 * 86_400 * 1_000_000;
    i64::try_from(duration.as_micros()).unwrap_or(LONGEST).min(LONGEST)
}

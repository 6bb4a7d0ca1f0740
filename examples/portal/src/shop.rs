//! The shop's database: its own tables, in the same SQLite file as the engine's.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior};
use rust_decimal::Decimal;
use sync_core::{Error, ErrorKind, Result};

/// The shop's tables. Clones are the same shop.
#[derive(Debug, Clone)]
pub struct Shop {
    connection: Arc<Mutex<Connection>>,
}

/// Why a transaction was rolled back.
#[derive(Debug)]
pub(crate) enum Failure {
    Sql(rusqlite::Error),
    Engine(Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

impl Shop {
    /// Opens the file that a [`SqliteStore`](sync_core::SqliteStore) has opened before, and makes the tables that are missing.
    ///
    /// # Errors
    /// Kind `Store`.
    pub fn open(file: impl AsRef<Path>) -> Result<Self> {
        let open = || {
            let connection = Connection::open(file)?;
            // the engine writes to the same file: wait for it
            connection.busy_timeout(Duration::from_secs(10))?;
            connection.execute_batch(include_str!("schema.sql"))?;
            Ok(connection)
        };
        let connection = open().map_err(failed)?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)) })
    }

    /// One transaction: everything that `work` does, or nothing.
    pub(crate) async fn transact<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> std::result::Result<T, Failure> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        let done = tokio::task::spawn_blocking(move || {
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            // immediate: what is read first does not change before it is written
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&transaction)?;
            transaction.commit()?;
            Ok(value)
        });
        match done.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(Failure::Sql(error))) => Err(failed(error)),
            Ok(Err(Failure::Engine(error))) => Err(error),
            Err(error) => Err(Error::bug("a transaction of the shop broke off").with_source(error)),
        }
    }
}

fn failed(error: rusqlite::Error) -> Error {
    Error::new(ErrorKind::Store, "the shop's tables cannot be read or written").with_source(error)
}

/// A decimal, which is stored as its digits.
pub(crate) fn decimal(row: &Row<'_>, column: usize) -> rusqlite::Result<Decimal> {
    let digits: String = row.get(column)?;
    digits
        .parse()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

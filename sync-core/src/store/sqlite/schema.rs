//! The tables, and their version.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::{BUSY_TIMEOUT, failed};
use crate::error::{Error, ErrorKind, Result};

/// Version of the tables that this program writes.
const VERSION: i64 = 1;

/// Marks the file as a store of this engine ("sync" in ASCII).
const APPLICATION_ID: i64 = 0x7379_6e63;

/// Instants are microseconds since 1970.
const TABLES: &str = "
CREATE TABLE flow (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    holder TEXT, fence INTEGER NOT NULL DEFAULT 0, lease_until INTEGER
) STRICT;
CREATE TABLE part (
    id INTEGER PRIMARY KEY, flow INTEGER NOT NULL REFERENCES flow (id), name TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0, position TEXT, UNIQUE (flow, name)
) STRICT;
CREATE TABLE sent (
    part INTEGER NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, target_id TEXT, sent_at INTEGER NOT NULL,
    PRIMARY KEY (part, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE reject (
    part INTEGER NOT NULL, key TEXT NOT NULL, stage TEXT NOT NULL, code TEXT NOT NULL, detail TEXT,
    first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, attempts INTEGER NOT NULL,
    PRIMARY KEY (part, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    kind TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (kind, a)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX link_by_b ON link (kind, b);
CREATE TABLE act (
    id INTEGER PRIMARY KEY AUTOINCREMENT, op_key TEXT NOT NULL UNIQUE, order_key TEXT NOT NULL, kind TEXT NOT NULL,
    payload TEXT NOT NULL, business_hash BLOB NOT NULL, part INTEGER NOT NULL,
    state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, claim INTEGER NOT NULL DEFAULT 0,
    looking_up INTEGER NOT NULL DEFAULT 0, misses INTEGER NOT NULL DEFAULT 0,
    may_exist INTEGER NOT NULL DEFAULT 0, next_at INTEGER, holder TEXT,
    reason_code TEXT, reason_detail TEXT, created TEXT, released TEXT,
    enqueued_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX act_line ON act (id, state, next_at, kind, order_key)
    WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual');
CREATE INDEX act_order ON act (order_key, id)
    WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual');
";

/// Sets the connection up, and makes the tables where there are none.
pub(super) fn prepare(connection: &mut Connection) -> Result<()> {
    // a checkpoint every 16 MB instead of 4: each one syncs twice more than a commit
    let pragmas = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                   PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY;
                   PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432;";
    connection.execute_batch(pragmas).map_err(unusable)?;
    switch_to_wal(connection)?;
    // two processes may open a new file at the same time
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unusable)?;
    let pragma = |name: &str| tx.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(unusable);
    match (pragma("application_id")?, pragma("user_version")?) {
        (APPLICATION_ID, VERSION) => {}
        (APPLICATION_ID, _) => {
            return Err(Error::new(ErrorKind::UnknownFormat, "a newer version wrote this store"));
        }
        (0, 0) => {
            tx.execute_batch(TABLES).map_err(unusable)?;
            tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(unusable)?;
            tx.pragma_update(None, "user_version", VERSION).map_err(unusable)?;
        }
        _ => return Err(Error::new(ErrorKind::UnknownFormat, "the file is another program's database")),
    }
    tx.commit().map_err(unusable)
}

/// Waits for other processes itself: SQLite does not call its busy handler while it switches.
fn switch_to_wal(connection: &Connection) -> Result<()> {
    let began = Instant::now();
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match mode {
            Ok(mode) if mode == "wal" => return Ok(()),
            Ok(_) => return Err(Error::new(ErrorKind::Store, "the store's file takes no write-ahead log")),
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && began.elapsed() < BUSY_TIMEOUT =>
            {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(unusable(error)),
        }
    }
}

fn unusable(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            Error::new(ErrorKind::UnknownFormat, "the file is no database").with_source(error)
        }
        _ => failed("be opened")(error),
    }
}

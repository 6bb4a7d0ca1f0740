//! The tables, and their version.

use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::{BUSY_TIMEOUT, failed};
use crate::error::{Error, ErrorKind, Result};

/// Marks the file as a store of this engine ("sync" in ASCII).
const APPLICATION_ID: i64 = 0x7379_6e63;

/// Each step makes the tables of the version that is its number, counted from 1, out of those of the version before.
/// Files of all versions are out there, so a step never changes. Instants are microseconds since 1970.
const STEPS: [&str; 4] = [VERSION_1, VERSION_2, VERSION_3, VERSION_4];

const VERSION_1: &str = "
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

/// Existing rows get slots in the order of their keys. When a part was committed last is told by what it sent last.
const VERSION_2: &str = "
CREATE TABLE sent_2 (
    part INTEGER NOT NULL, key TEXT NOT NULL, slot INTEGER NOT NULL, absences INTEGER NOT NULL,
    fingerprint BLOB NOT NULL, target_id TEXT,
    sent_at INTEGER NOT NULL, -- seconds since 1970
    PRIMARY KEY (part, key)
) STRICT, WITHOUT ROWID;
INSERT INTO sent_2 (part, key, slot, absences, fingerprint, target_id, sent_at)
    SELECT part, key, row_number() OVER (PARTITION BY part ORDER BY key) - 1, 0, substr(fingerprint, 1, 16),
           target_id, sent_at / 1000000
    FROM sent ORDER BY part, key;
DROP TABLE sent;
ALTER TABLE sent_2 RENAME TO sent;
ALTER TABLE part ADD COLUMN slots INTEGER NOT NULL DEFAULT 0;
ALTER TABLE part ADD COLUMN active INTEGER NOT NULL DEFAULT 0;
ALTER TABLE part ADD COLUMN approval TEXT;
ALTER TABLE part ADD COLUMN committed_at INTEGER;
ALTER TABLE part ADD COLUMN last_ok_at INTEGER;
UPDATE part SET (slots, active, committed_at) =
    (SELECT count(*), count(*), coalesce(max(sent_at), 0) * 1000000 FROM sent WHERE sent.part = part.id);
ALTER TABLE reject ADD COLUMN due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reject ADD COLUMN waits_kind TEXT;
ALTER TABLE reject ADD COLUMN waits_side TEXT;
ALTER TABLE reject ADD COLUMN waits_id TEXT;
ALTER TABLE reject ADD COLUMN raw BLOB;
CREATE INDEX reject_waits ON reject (waits_kind, waits_side, waits_id) WHERE waits_kind IS NOT NULL;
CREATE TABLE seen (
    part INTEGER NOT NULL, number INTEGER NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (part, number)
) STRICT, WITHOUT ROWID;
UPDATE act SET business_hash = substr(business_hash, 1, 16);
";

/// Every step of a flow asks for the rejects that are due, of which there are seldom any.
const VERSION_3: &str = "
CREATE INDEX reject_due ON reject (part, key) WHERE due;
CREATE INDEX act_settled ON act (changed_at) WHERE state IN ('done', 'rejected') AND payload <> 'null';
";

/// Acts of one document are numbered by `version`, from 0, the one that makes it. `settled` numbers acts in the order in which
/// they were settled. A request that was dropped is empty: `null` is that of a cancellation. `run` and `mapping` of what was sent before this version are not known.
const VERSION_4: &str = "
ALTER TABLE act ADD COLUMN document TEXT NOT NULL DEFAULT '';
ALTER TABLE act ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE act ADD COLUMN cancel_kind TEXT;
ALTER TABLE act ADD COLUMN after TEXT; -- op keys as a JSON list; NULL: none
ALTER TABLE act ADD COLUMN settled INTEGER;
UPDATE act SET document = op_key;
UPDATE act SET settled = numbered.number FROM (
    SELECT id, row_number() OVER (ORDER BY changed_at, id) AS number FROM act WHERE state IN ('done', 'rejected')
) AS numbered WHERE act.id = numbered.id;
CREATE UNIQUE INDEX act_document ON act (document, version);
CREATE UNIQUE INDEX act_settled_number ON act (settled) WHERE settled IS NOT NULL;
DROP INDEX act_settled;
UPDATE act SET payload = '' WHERE state IN ('done', 'rejected') AND payload = 'null';
CREATE INDEX act_settled ON act (changed_at) WHERE state IN ('done', 'rejected') AND payload <> '';
CREATE INDEX act_refused ON act (id) WHERE state = 'rejected' AND payload <> '';
CREATE INDEX act_sending ON act (next_at) WHERE state = 'sending';
ALTER TABLE link ADD COLUMN open INTEGER NOT NULL DEFAULT 0;
CREATE INDEX link_open ON link (kind, a) WHERE open;
CREATE TABLE run (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, flow INTEGER NOT NULL REFERENCES flow (id), began_at INTEGER NOT NULL,
    UNIQUE (flow, name)
) STRICT;
ALTER TABLE part ADD COLUMN command TEXT;
ALTER TABLE sent ADD COLUMN run INTEGER;
ALTER TABLE sent ADD COLUMN mapping INTEGER;
CREATE TABLE hint (
    flow TEXT NOT NULL, part TEXT NOT NULL, key TEXT NOT NULL, number INTEGER NOT NULL, attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL, hinted_at INTEGER NOT NULL, PRIMARY KEY (flow, part, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery (
    endpoint TEXT NOT NULL, id TEXT NOT NULL, received_at INTEGER NOT NULL, PRIMARY KEY (endpoint, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_age ON delivery (received_at);
";

/// Sets the connection up, and makes the tables where there are none.
pub(super) fn prepare(connection: &mut Connection) -> Result<()> {
    // a checkpoint every 16 MB instead of 4: each one syncs twice more than a commit
    let pragmas = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
                   PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;
                   PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432;";
    connection.execute_batch(pragmas).map_err(unusable)?;
    switch_to_wal(connection)?;
    while !step(connection)? {}
    Ok(())
}

/// Takes the next step, if one is left; tells whether none was. Several processes may open a file at the same time, so
/// the version is read in the step's own transaction.
fn step(connection: &mut Connection) -> Result<bool> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(unusable)?;
    let number = |sql: &str| tx.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(unusable);
    let (application, version) = (number("PRAGMA application_id")?, number("PRAGMA user_version")?);
    let is_new = (application, version) == (0, 0) && number("SELECT count(*) FROM sqlite_schema")? == 0;
    if application != APPLICATION_ID && !is_new {
        return Err(Error::new(ErrorKind::UnknownFormat, "the file is another program's database"));
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > STEPS.len() {
        return Err(Error::new(ErrorKind::UnknownFormat, "a newer version wrote this store"));
    }
    let Some(next) = STEPS.get(done) else { return Ok(true) };
    tx.execute_batch(next).map_err(unusable)?;
    tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(unusable)?;
    tx.pragma_update(None, "user_version", version + 1).map_err(unusable)?;
    tx.commit().map_err(unusable)?;
    Ok(false)
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

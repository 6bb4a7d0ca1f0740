//! The schema, its tables, and their version.

use tokio_postgres::Row;

use super::session::{Database, Session, get, int, only, text};
use crate::error::{Error, ErrorKind, Result};

/// Each brings the schema to the version of its place, from 1. `{s}` is the schema.
///
/// - `sync_now` is the only clock of all statements.
/// - The row of `version` is locked by commits that enqueue acts, so that acts are numbered in the order of commits.
/// - A part keeps its row, and so its number, when it is forgotten: then its revision is 0.
/// - Acts of one document are numbered by `version`, from 0, the one that makes it. `settled` numbers acts in the order in which
///   they were settled; who reads them in that order gives the numbers, so that they show in order.
/// - A request that was dropped is empty: `null` is that of a cancellation.
/// - `bits` lie uncompressed in their row: one bit of them is read per key.
const STEPS: &[&str] = &["
CREATE TABLE {s}.version (version bigint NOT NULL);
INSERT INTO {s}.version VALUES (0);
CREATE FUNCTION {s}.sync_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';
CREATE TABLE {s}.flow (
    name text COLLATE \"C\" PRIMARY KEY, holder text, fence bigint NOT NULL, lease_until timestamptz
);
CREATE TABLE {s}.part (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, flow text COLLATE \"C\" NOT NULL,
    name text COLLATE \"C\" NOT NULL, revision bigint NOT NULL, position text NOT NULL,
    slots bigint NOT NULL DEFAULT 0, active bigint NOT NULL DEFAULT 0,
    approval text, approved_by text, approved_because text,
    committed_at timestamptz NOT NULL, last_ok_at timestamptz, UNIQUE (flow, name)
);
CREATE TABLE {s}.sent (
    part bigint NOT NULL, slot bigint NOT NULL, absences smallint NOT NULL, key text COLLATE \"C\" NOT NULL,
    fingerprint bytea NOT NULL, target_id text, PRIMARY KEY (part, key)
);
CREATE TABLE {s}.seen (
    part bigint NOT NULL, number bigint NOT NULL, bits bytea NOT NULL, PRIMARY KEY (part, number)
);
ALTER TABLE {s}.seen ALTER COLUMN bits SET STORAGE PLAIN;
CREATE TABLE {s}.reject (
    part bigint NOT NULL, key text COLLATE \"C\" NOT NULL, stage text NOT NULL, code text NOT NULL, detail text,
    waits_kind text COLLATE \"C\", waits_side text COLLATE \"C\", waits_id text COLLATE \"C\",
    first_seen timestamptz NOT NULL, last_seen timestamptz NOT NULL, attempts bigint NOT NULL,
    due boolean NOT NULL DEFAULT false, raw bytea, PRIMARY KEY (part, key)
);
CREATE INDEX reject_due ON {s}.reject (part, key) WHERE due;
CREATE INDEX reject_waits ON {s}.reject (waits_kind, waits_side, waits_id) WHERE waits_kind IS NOT NULL;
CREATE TABLE {s}.link (
    kind text COLLATE \"C\" NOT NULL, a text COLLATE \"C\" NOT NULL, b text COLLATE \"C\" NOT NULL,
    PRIMARY KEY (kind, a), UNIQUE (kind, b)
);
CREATE TABLE {s}.act (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, op_key text COLLATE \"C\" NOT NULL UNIQUE,
    order_key text COLLATE \"C\" NOT NULL, kind text COLLATE \"C\" NOT NULL, payload text NOT NULL,
    business_hash bytea NOT NULL, part bigint NOT NULL, state text COLLATE \"C\" NOT NULL,
    attempt bigint NOT NULL DEFAULT 0, claim bigint NOT NULL DEFAULT 0, looking_up boolean NOT NULL DEFAULT false,
    misses bigint NOT NULL DEFAULT 0, may_exist boolean NOT NULL DEFAULT false, next_at timestamptz, holder text,
    code text, detail text, waits_kind text, waits_side text, waits_id text,
    created text, released_by text, released_because text, released_at timestamptz,
    enqueued_at timestamptz NOT NULL, changed_at timestamptz NOT NULL
);
CREATE INDEX act_line ON {s}.act (id) WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual');
CREATE INDEX act_order ON {s}.act (order_key, id) WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual');
CREATE INDEX act_settled ON {s}.act (changed_at) WHERE state IN ('done', 'rejected') AND payload <> 'null';
", "
ALTER TABLE {s}.act ADD COLUMN document text COLLATE \"C\";
ALTER TABLE {s}.act ADD COLUMN version bigint NOT NULL DEFAULT 0;
ALTER TABLE {s}.act ADD COLUMN cancel_kind text;
ALTER TABLE {s}.act ADD COLUMN after text[];
ALTER TABLE {s}.act ADD COLUMN settled bigint;
UPDATE {s}.act SET document = op_key;
ALTER TABLE {s}.act ALTER COLUMN document SET NOT NULL;
CREATE SEQUENCE {s}.settled;
UPDATE {s}.act SET settled = numbered.number FROM (
    SELECT id, nextval('{s}.settled') AS number FROM (
        SELECT id FROM {s}.act WHERE state IN ('done', 'rejected') ORDER BY changed_at, id
    ) AS ordered
) AS numbered WHERE act.id = numbered.id;
CREATE UNIQUE INDEX act_document ON {s}.act (document, version);
CREATE UNIQUE INDEX act_settled_number ON {s}.act (settled) WHERE settled IS NOT NULL;
CREATE INDEX act_unnumbered ON {s}.act (id) WHERE state IN ('done', 'rejected') AND settled IS NULL;
DROP INDEX {s}.act_settled;
UPDATE {s}.act SET payload = '' WHERE state IN ('done', 'rejected') AND payload = 'null';
CREATE INDEX act_settled ON {s}.act (changed_at) WHERE state IN ('done', 'rejected') AND payload <> '';
CREATE INDEX act_refused ON {s}.act (id) WHERE state = 'rejected' AND payload <> '';
CREATE INDEX act_sending ON {s}.act (next_at) WHERE state = 'sending';
ALTER TABLE {s}.link ADD COLUMN open boolean NOT NULL DEFAULT false;
CREATE INDEX link_open ON {s}.link (kind, a) WHERE open;
CREATE TABLE {s}.run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, flow text COLLATE \"C\" NOT NULL,
    name text COLLATE \"C\" NOT NULL, began_at timestamptz NOT NULL, UNIQUE (flow, name)
);
ALTER TABLE {s}.part ADD COLUMN command text;
ALTER TABLE {s}.sent ADD COLUMN sent_at timestamptz;
ALTER TABLE {s}.sent ADD COLUMN run bigint;
ALTER TABLE {s}.sent ADD COLUMN mapping bigint;
CREATE TABLE {s}.hint (
    flow text COLLATE \"C\" NOT NULL, part text COLLATE \"C\" NOT NULL, key text COLLATE \"C\" NOT NULL,
    number bigint NOT NULL, attempts bigint NOT NULL, due_at timestamptz NOT NULL, hinted_at timestamptz NOT NULL,
    PRIMARY KEY (flow, part, key)
);
CREATE TABLE {s}.delivery (
    endpoint text COLLATE \"C\" NOT NULL, id text COLLATE \"C\" NOT NULL, received_at timestamptz NOT NULL,
    PRIMARY KEY (endpoint, id)
);
CREATE INDEX delivery_age ON {s}.delivery (received_at);
"];

/// Makes the schema, or brings it up to date. Several processes may do so at the same time.
pub(super) async fn prepare(database: &Database) -> Result<()> {
    let mut session = database.session().await?;
    check_encoding(&mut session).await?;
    // who may use a schema need not be allowed to make one
    if is_current(version(&mut session, &database.schema).await?)? {
        return Ok(());
    }
    session.begin().await?;
    let migrated = migrate(&mut session, &database.schema).await;
    session.end(migrated).await
}

async fn check_encoding(session: &mut Session) -> Result<()> {
    let sql = "SELECT current_setting('server_encoding')";
    let rows = session.rows("be opened", sql, &[]).await?;
    match get(only(&rows)?, 0)? {
        "UTF8" => Ok(()),
        _ => Err(Error::config("the database is not encoded in UTF8")),
    }
}

/// The schema's version; 0 where there is none.
/// Whether there is a schema of this store, of whatever version.
pub(super) async fn is_there(database: &Database) -> Result<bool> {
    let mut session = database.session().await?;
    has_version(&mut session, &database.schema).await
}

async fn has_version(session: &mut Session, schema: &str) -> Result<bool> {
    // `to_regclass` may answer from before the wait for a lock
    let sql = "SELECT EXISTS (SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
               WHERE nspname = $1 AND relname = 'version')";
    let rows = session.rows("be opened", sql, &[text(schema.trim_matches('"'))]).await?;
    get::<bool>(only(&rows)?, 0)
}

async fn version(session: &mut Session, schema: &str) -> Result<usize> {
    if !has_version(session, schema).await? {
        return Ok(0);
    }
    let sql = format!("SELECT version::bigint FROM {schema}.version");
    let rows = session.rows("be opened", &sql, &[]).await?;
    let number = |row: &Row| usize::try_from(get::<i64>(row, 0)?).map_err(|_| newer());
    rows.first().map_or(Ok(0), number)
}

fn is_current(version: usize) -> Result<bool> {
    if version > STEPS.len() { Err(newer()) } else { Ok(version == STEPS.len()) }
}

fn newer() -> Error {
    Error::new(ErrorKind::UnknownFormat, "a newer version made the store's schema")
}

async fn migrate(session: &mut Session, schema: &str) -> Result<()> {
    let what = "make its schema";
    // ends with the transaction; others that start now wait here and then find the schema made
    let lock = "SELECT pg_advisory_xact_lock(hashtext('sync_core'), hashtext($1))";
    session.execute(what, lock, &[text(schema)]).await?;
    let from = version(session, schema).await?;
    if is_current(from)? {
        return Ok(());
    }
    // `IF NOT EXISTS` asks for the right to make schemas even where there is one
    let sql = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)";
    let rows = session.rows(what, sql, &[text(schema.trim_matches('"'))]).await?;
    if !get::<bool>(only(&rows)?, 0)? {
        session.batch(what, &format!("CREATE SCHEMA {schema}")).await?;
    }
    for step in STEPS.iter().skip(from) {
        session.batch(what, &step.replace("{s}", schema)).await?;
    }
    let sql = format!("UPDATE {schema}.version SET version = $1");
    session.execute(what, &sql, &[int(i64::try_from(STEPS.len()).unwrap_or(i64::MAX))]).await.map(drop)
}

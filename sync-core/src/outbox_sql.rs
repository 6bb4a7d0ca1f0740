//! The outbox as SQL, for a transaction of one's own.

use std::fmt;
#[cfg(feature = "sqlite")]
use std::sync::Arc;

use crate::act::NewAct;
#[cfg(feature = "sqlite")]
use crate::clock::Clock;
use crate::error::Result;
use crate::name::{ActKind, OpKey};
use crate::store::columns::to_json;

/// A statement with its parameters, `?1` … in SQLite and `$1` … in PostgreSQL, all of them texts. `Debug` shows no parameter.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SqlText {
    /// The statement.
    pub sql: String,
    /// Its parameters, in their order.
    pub parameters: Vec<String>,
}

impl fmt::Debug for SqlText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlText({} parameters)", self.parameters.len())
    }
}

/// The statements that put acts into the outbox within a transaction of the caller, on a connection of his own: the business
/// fact and its act are committed together or not at all. Made by `outbox_sql` of the store.
///
/// The transaction has to be one of the store's own database: of SQLite, of the very file, so the caller's tables lie in it
/// beside the store's (made after the store has opened the file). The store writes to it as well, so the caller's connection
/// needs a busy timeout, and a transaction that reads first is begun as *immediate*.
///
/// # What changes afterwards
/// What surely has not happened is taken out again with [`withdraw`](Self::withdraw), in the transaction that withdraws the
/// fact. Edits and cancellations of what has happened are no matter of these statements: only a
/// [flow to the outbox](crate::Flow::to_outbox) of the same part enqueues those, and it takes away nothing that it has not yet
/// read. So what may be edited comes through the flow alone, which reads the caller's own table: a row that is
/// committed there is as safe as an act, and a wake after the commit makes it as quick.
#[derive(Clone)]
pub struct OutboxSql {
    dialect: Dialect,
    /// The number of the part that the acts come from.
    part: i64,
}

#[derive(Clone)]
pub(crate) enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite { clock: Arc<dyn Clock> },
    #[cfg(feature = "postgres")]
    Postgres { schema: String },
}

impl fmt::Debug for OutboxSql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match &self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite { .. } => "SQLite",
            #[cfg(feature = "postgres")]
            Dialect::Postgres { .. } => "PostgreSQL",
        };
        write!(f, "OutboxSql({name})")
    }
}

impl OutboxSql {
    pub(crate) fn new(dialect: Dialect, part: i64) -> Self {
        Self { dialect, part }
    }

    /// Puts the act in, unless there is one of its op key. One row is inserted, or none: then ask for
    /// [`same`](Self::same).
    ///
    /// In PostgreSQL the statement locks the line of acts until the transaction ends, so that acts are numbered in the order
    /// of commits: make it the last one of a short transaction, at isolation level *read committed*.
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if the act does not serialise.
    pub fn enqueue(&self, act: &NewAct) -> Result<SqlText> {
        let mut parameters = Parameters { dialect: &self.dialect, texts: Vec::new() };
        let op_key = parameters.text(act.op_key.as_str());
        let order_key = parameters.text(act.order_key.as_str());
        let kind = parameters.text(act.kind.as_str());
        let payload = parameters.text(act.payload.as_json());
        let cancel_kind = parameters.optional(act.cancel_kind.as_ref().map(ActKind::as_str));
        let after: Vec<_> = act.after.iter().map(|op_key| parameters.stored(op_key.as_str())).collect();
        let after = if after.is_empty() { None } else { Some(to_json(&after)?) };
        let after = parameters.optional(after.as_deref());
        let (hash, part) = (self.hash(act), self.part);
        let sql = match &self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite { clock } => {
                let now = parameters.text(&clock.now().timestamp_micros().to_string());
                format!(
                    "INSERT INTO act (op_key, document, order_key, kind, payload, cancel_kind, after, business_hash, part, \
                     state, next_at, enqueued_at, changed_at) \
                     SELECT {op_key}, {op_key}, {order_key}, {kind}, {payload}, {cancel_kind}, {after}, {hash}, {part}, \
                     'ready', now, now, now FROM (SELECT CAST({now} AS INTEGER) AS now) WHERE true \
                     ON CONFLICT (op_key) DO NOTHING"
                )
            }
            #[cfg(feature = "postgres")]
            Dialect::Postgres { schema } => format!(
                "INSERT INTO {schema}.act (op_key, document, order_key, kind, payload, cancel_kind, after, business_hash, \
                 part, state, next_at, enqueued_at, changed_at) \
                 SELECT {op_key}, {op_key}, {order_key}, {kind}, {payload}, {cancel_kind}, \
                 (SELECT array_agg(value ORDER BY place) FROM json_array_elements_text({after}::json) \
                 WITH ORDINALITY AS needed (value, place)), {hash}, {part}, 'ready', now, now, now \
                 FROM (SELECT FROM {schema}.version FOR UPDATE) AS line, (SELECT {schema}.sync_now() AS now) AS clock \
                 ON CONFLICT (op_key) DO NOTHING"
            ),
        };
        Ok(SqlText { sql, parameters: parameters.texts })
    }

    /// Takes the act out, if it surely has not happened: it waits, is held, or was refused. One row is deleted, or none: then
    /// it has happened or may have, is being sent, or is not there.
    #[must_use]
    pub fn withdraw(&self, op_key: &OpKey) -> SqlText {
        let mut parameters = Parameters { dialect: &self.dialect, texts: Vec::new() };
        let op_key = parameters.text(op_key.as_str());
        let table = self.table();
        let sql = format!(
            "DELETE FROM {table} WHERE op_key = {op_key} AND version = 0 AND state IN ('ready', 'held', 'rejected') \
             AND NOT may_exist"
        );
        SqlText { sql, parameters: parameters.texts }
    }

    /// Asks whether the act of this op key, as it is stored now, is the same business fact: one row with one integer,
    /// 1 if it is, 0 if not (the op key was given to another fact: roll back), or no row if there is none.
    #[must_use]
    pub fn same(&self, act: &NewAct) -> SqlText {
        let mut parameters = Parameters { dialect: &self.dialect, texts: Vec::new() };
        let op_key = parameters.text(act.op_key.as_str());
        let hash = self.hash(act);
        let table = self.table();
        let sql = format!(
            "SELECT CASE WHEN business_hash = {hash} THEN 1 ELSE 0 END FROM {table} WHERE op_key = {op_key}"
        );
        SqlText { sql, parameters: parameters.texts }
    }

    fn table(&self) -> String {
        match &self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite { .. } => "act".to_owned(),
            #[cfg(feature = "postgres")]
            Dialect::Postgres { schema } => format!("{schema}.act"),
        }
    }

    /// As a literal: SQLite makes no bytes of hexadecimal text before 3.41.
    fn hash(&self, act: &NewAct) -> String {
        let hex: String = act.business_hash.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        match &self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite { .. } => format!("x'{hex}'"),
            #[cfg(feature = "postgres")]
            Dialect::Postgres { .. } => format!("decode('{hex}', 'hex')"),
        }
    }
}

struct Parameters<'a> {
    dialect: &'a Dialect,
    texts: Vec<String>,
}

impl Parameters<'_> {
    /// A text as the database can hold it.
    fn stored(&self, text: &str) -> String {
        match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite { .. } => text.to_owned(),
            #[cfg(feature = "postgres")]
            Dialect::Postgres { .. } => text.replace('\0', "\u{fffd}"),
        }
    }

    /// Adds a parameter; gives its name.
    fn text(&mut self, text: &str) -> String {
        self.texts.push(self.stored(text));
        let number = self.texts.len();
        match self.dialect {
            #[cfg(feature = "sqlite")]
            Dialect::Sqlite { .. } => format!("?{number}"),
            #[cfg(feature = "postgres")]
            Dialect::Postgres { .. } => format!("${number}::text"),
        }
    }

    fn optional(&mut self, text: Option<&str>) -> String {
        text.map_or_else(|| "NULL".to_owned(), |text| self.text(text))
    }
}

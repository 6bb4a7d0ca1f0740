//! Runs that sent something.

use rusqlite::{Transaction, params};

use super::{Instant, failed};
use crate::error::Result;
use crate::store::SentBy;

/// The run's number, and the mapping's version.
pub(super) type Sender = (i64, u32);

pub(super) fn keep(tx: &Transaction<'_>, part: i64, by: &SentBy) -> Result<Sender> {
    // a conflict that changed nothing would return no number
    let sql = "INSERT INTO run (flow, name, began_at) SELECT flow, ?2, ?3 FROM part WHERE id = ?1
               ON CONFLICT (flow, name) DO UPDATE SET name = name RETURNING id";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.query_row(params![part, by.run, Instant::of(by.began_at)], |row| row.get(0)))
        .map(|id| (id, by.mapping))
        .map_err(failed("keep a run"))
}

/// Forgets old runs of which nothing that they sent is left. It reads all that was sent, once.
pub(super) fn prune(tx: &Transaction<'_>, until: Instant) -> Result<()> {
    let sql =
        "DELETE FROM run WHERE began_at <= ?1 AND id NOT IN (SELECT run FROM sent WHERE run IS NOT NULL)";
    tx.prepare_cached(sql).and_then(|mut s| s.execute([until])).map(drop).map_err(failed("forget old runs"))
}

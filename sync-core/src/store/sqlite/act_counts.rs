//! How many acts stand where.

use rusqlite::Transaction;

use super::{Instant, failed};
use crate::act::ActCount;
use crate::error::Result;
use crate::store::columns::{act_state, unsigned};

pub(super) fn count(tx: &Transaction<'_>) -> Result<Vec<ActCount>> {
    let what = failed("count acts");
    // the partial indexes' own conditions are repeated because SQLite takes them for nothing else
    let sql = "SELECT kind, iif(state = 'sending' AND looking_up, 'in_doubt', state), reason_code, count(*),
                   min(enqueued_at), min(changed_at)
               FROM act INDEXED BY act_line WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual')
               GROUP BY 1, 2, 3
               UNION ALL SELECT kind, state, reason_code, count(*), min(enqueued_at), min(changed_at)
               FROM act INDEXED BY act_refused WHERE state = 'rejected' AND payload <> '' GROUP BY 1, 2, 3";
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    let rows = statement
        .query_map([], |row| {
            let (state, count): (String, i64) = (row.get(1)?, row.get(3)?);
            let (enqueued, changed): (Instant, Instant) = (row.get(4)?, row.get(5)?);
            let (kind, code): (String, Option<String>) = (row.get(0)?, row.get(2)?);
            Ok(act_state(&state).map(|state| {
                let mut counted = ActCount::one(kind, state, code, enqueued.time(), changed.time());
                counted.count = unsigned(count);
                counted
            }))
        })
        .map_err(&what)?;
    let rows: Vec<_> = rows.collect::<rusqlite::Result<_>>().map_err(&what)?;
    let mut counts = rows.into_iter().collect::<Result<Vec<_>>>()?;
    counts.sort_by(|a, b| a.group().cmp(&b.group()));
    Ok(counts)
}

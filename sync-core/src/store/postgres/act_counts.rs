//! How many acts stand where.

use tokio_postgres::Row;

use super::acts::OPEN;
use super::session::{Database, get};
use crate::act::ActCount;
use crate::error::Result;
use crate::store::columns::{act_state, unsigned};

pub(super) async fn count(database: &Database) -> Result<Vec<ActCount>> {
    let s = &database.schema;
    // each half has the condition of a partial index
    let sql = format!(
        "SELECT kind, CASE WHEN state = 'sending' AND looking_up THEN 'in_doubt' ELSE state END, code, count(*),
             min(enqueued_at), min(changed_at)
         FROM {s}.act WHERE {OPEN} GROUP BY 1, 2, 3
         UNION ALL SELECT kind, state, code, count(*), min(enqueued_at), min(changed_at)
         FROM {s}.act WHERE state = 'rejected' AND payload <> '' GROUP BY 1, 2, 3"
    );
    let counted = |row: &Row| {
        let kind: &str = get(row, 0)?;
        let code = get::<Option<&str>>(row, 2)?.map(str::to_owned);
        let mut counted = ActCount::one(kind, act_state(get(row, 1)?)?, code, get(row, 4)?, get(row, 5)?);
        counted.count = unsigned(get(row, 3)?);
        Ok(counted)
    };
    let rows = database.rows("count acts", &sql, &[]).await?;
    let mut counts = rows.iter().map(counted).collect::<Result<Vec<_>>>()?;
    counts.sort_by(|a, b| a.group().cmp(&b.group()));
    Ok(counts)
}

//! Hints and deliveries.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio_postgres::Row;

use super::session::{Database, Session, clean, get, int, ints, micros, only, text, texts};
use crate::error::Result;
use crate::name::{FlowName, Key, Part};
use crate::store::columns::{signed, unsigned};
use crate::webhook::{Delivery, Hint, HintOutcome, HintSettled, Waiting};

pub(super) async fn put(
    database: &Database,
    delivery: &Delivery,
    hints: &[(Part, Key)],
) -> Result<HintOutcome> {
    let s = &database.schema;
    // rows are locked in the order of their keys, as they are where hints are settled
    let sql = format!(
        "WITH new AS (
             INSERT INTO {s}.delivery (endpoint, id, received_at) VALUES ($1, $2, {s}.sync_now())
             ON CONFLICT DO NOTHING RETURNING received_at),
         hinted AS (
             INSERT INTO {s}.hint AS h (flow, part, key, number, attempts, due_at, hinted_at)
             SELECT hint.flow, hint.part, hint.key, 1, 0, new.received_at, new.received_at
             FROM new, unnest($3, $4, $5) AS hint (flow, part, key)
             ORDER BY hint.flow COLLATE \"C\", hint.part COLLATE \"C\", hint.key COLLATE \"C\"
             ON CONFLICT (flow, part, key) DO UPDATE SET number = h.number + 1, attempts = 0,
             due_at = excluded.due_at, hinted_at = excluded.hinted_at)
         SELECT EXISTS (SELECT FROM new)"
    );
    // each once: two keys may become one
    let hints: BTreeSet<_> = hints
        .iter()
        .map(|(part, key)| (part.flow().as_str(), clean(part.name()), clean(key.as_str())))
        .collect();
    let flows: Vec<_> = hints.iter().map(|(flow, _, _)| *flow).collect();
    let parts: Vec<_> = hints.iter().map(|(_, part, _)| part.as_ref()).collect();
    let keys: Vec<_> = hints.iter().map(|(_, _, key)| key.as_ref()).collect();
    let values = &[
        text(clean(&delivery.endpoint)),
        text(clean(&delivery.id)),
        texts(&flows),
        texts(&parts),
        texts(&keys),
    ];
    let rows = database.rows("keep a hint", &sql, values).await?;
    Ok(if get(only(&rows)?, 0)? { HintOutcome::New } else { HintOutcome::Duplicate })
}

pub(super) async fn due(
    database: &Database,
    part: &Part,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<Hint>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT key, number, attempts, hinted_at FROM {s}.hint, (SELECT {s}.sync_now() AS now) AS clock
         WHERE flow = $1 AND part = $2 AND ($3::text IS NULL OR key > $3) AND due_at <= clock.now
         ORDER BY key LIMIT $4"
    );
    let values = &[
        text(part.flow().as_str()),
        text(clean(part.name())),
        text(after.map(|key| clean(key.as_str()))),
        int(signed(limit as u64)),
    ];
    let hint = |row: &Row| {
        let attempts = u32::try_from(get::<i64>(row, 2)?).unwrap_or(u32::MAX);
        Ok(Hint::new(Key::from(get::<&str>(row, 0)?), unsigned(get(row, 1)?), attempts, get(row, 3)?))
    };
    database.rows("read hints", &sql, values).await?.iter().map(hint).collect()
}

/// Settles hints, unless a delivery came since they were read.
pub(super) async fn settle(
    session: &mut Session,
    s: &str,
    part: &Part,
    settled: &[HintSettled],
) -> Result<()> {
    if settled.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "WITH locked AS MATERIALIZED (
             SELECT hint.key, new.wait FROM {s}.hint JOIN unnest($3, $4, $5) AS new (key, number, wait)
             ON hint.key = new.key COLLATE \"C\" AND hint.number = new.number
             WHERE hint.flow = $1 AND hint.part = $2 ORDER BY hint.key FOR UPDATE OF hint),
         later AS (
             UPDATE {s}.hint SET attempts = attempts + 1,
             due_at = {s}.sync_now() + locked.wait * interval '1 microsecond' FROM locked
             WHERE hint.flow = $1 AND hint.part = $2 AND hint.key = locked.key AND locked.wait IS NOT NULL)
         DELETE FROM {s}.hint USING locked
         WHERE hint.flow = $1 AND hint.part = $2 AND hint.key = locked.key AND locked.wait IS NULL"
    );
    let keys: Vec<_> = settled.iter().map(|settled| clean(settled.key.as_str())).collect();
    let numbers: Vec<i64> = settled.iter().map(|settled| signed(settled.number)).collect();
    let waits: Vec<Option<i64>> = settled.iter().map(|settled| settled.again.map(micros)).collect();
    let values =
        &[text(part.flow().as_str()), text(clean(part.name())), texts(&keys), ints(&numbers), ints(&waits)];
    session.execute("settle hints", &sql, values).await.map(drop)
}

pub(super) async fn waiting(database: &Database, flow: &FlowName) -> Result<Waiting> {
    let s = &database.schema;
    let sql = format!(
        "SELECT (SELECT count(*) FROM {s}.reject JOIN {s}.part ON part.id = reject.part WHERE part.flow = $1),
         count(*) FILTER (WHERE due_at <= clock.now), min(due_at)
         FROM (SELECT {s}.sync_now() AS now) AS clock LEFT JOIN {s}.hint ON hint.flow = $1"
    );
    let rows = database.rows("count what waits", &sql, &[text(flow.as_str())]).await?;
    let row = only(&rows)?;
    Ok(Waiting::new(unsigned(get(row, 0)?)).with_hints(unsigned(get(row, 1)?), get(row, 2)?))
}

pub(super) async fn prune(database: &Database, age: Duration) -> Result<()> {
    let s = &database.schema;
    let until = format!("{s}.sync_now() - $1 * interval '1 microsecond'");
    let sql = format!(
        "WITH gone AS (DELETE FROM {s}.delivery WHERE received_at <= {until})
         DELETE FROM {s}.hint WHERE hinted_at <= {until}"
    );
    database.execute("forget old deliveries", &sql, &[int(micros(age))]).await.map(drop)
}

//! Hints and deliveries.

use rusqlite::{Transaction, params};

use super::{Instant, failed};
use crate::error::Result;
use crate::name::{FlowName, Key, Part};
use crate::store::columns::{signed, unsigned};
use crate::webhook::{Delivery, Hint, HintOutcome, HintSettled, Waiting};

pub(super) fn put(
    tx: &Transaction<'_>,
    delivery: &Delivery,
    hints: &[(Part, Key)],
    now: Instant,
) -> Result<HintOutcome> {
    let what = failed("keep a hint");
    let sql = "INSERT INTO delivery (endpoint, id, received_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let is_new = tx
        .prepare_cached(sql)
        .and_then(|mut s| s.execute(params![delivery.endpoint, delivery.id, now]))
        .map_err(&what)?;
    if is_new == 0 {
        return Ok(HintOutcome::Duplicate);
    }
    let sql = "INSERT INTO hint (flow, part, key, number, attempts, due_at, hinted_at)
               VALUES (?1, ?2, ?3, 1, 0, ?4, ?4)
               ON CONFLICT (flow, part, key) DO UPDATE SET number = number + 1, attempts = 0,
               due_at = excluded.due_at, hinted_at = excluded.hinted_at";
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    for (part, key) in hints {
        let values = params![part.flow().as_str(), part.name(), key.as_str(), now];
        statement.execute(values).map_err(&what)?;
    }
    Ok(HintOutcome::New)
}

pub(super) fn due(
    tx: &Transaction<'_>,
    part: &Part,
    after: Option<&Key>,
    limit: usize,
    now: Instant,
) -> Result<Vec<Hint>> {
    let what = failed("read hints");
    let sql = "SELECT key, number, attempts, hinted_at FROM hint
               WHERE flow = ?1 AND part = ?2 AND (?3 IS NULL OR key > ?3) AND due_at <= ?4 ORDER BY key LIMIT ?5";
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    let after = after.map(Key::as_str);
    let values = params![part.flow().as_str(), part.name(), after, now, signed(limit as u64)];
    let hints = statement.query_map(values, |row| {
        let hinted_at: Instant = row.get(3)?;
        let key = Key::from(row.get_ref(0)?.as_str()?);
        Ok(Hint::new(key, unsigned(row.get(1)?), row.get(2)?, hinted_at.time()))
    });
    hints.and_then(Iterator::collect).map_err(&what)
}

/// Settles hints, unless a delivery came since they were read.
pub(super) fn settle(tx: &Transaction<'_>, part: &Part, settled: &[HintSettled], now: Instant) -> Result<()> {
    let what = failed("settle a hint");
    for settled in settled {
        let (flow, part, key) = (part.flow().as_str(), part.name(), settled.key.as_str());
        let number = signed(settled.number);
        let place = "WHERE flow = ?1 AND part = ?2 AND key = ?3 AND number = ?4";
        match settled.again {
            Some(wait) => {
                let sql = format!("UPDATE hint SET attempts = attempts + 1, due_at = ?5 {place}");
                let values = params![flow, part, key, number, now.after(wait)];
                tx.prepare_cached(&sql).and_then(|mut s| s.execute(values))
            }
            None => tx
                .prepare_cached(&format!("DELETE FROM hint {place}"))
                .and_then(|mut s| s.execute(params![flow, part, key, number])),
        }
        .map_err(&what)?;
    }
    Ok(())
}

pub(super) const WAITING: &str = "SELECT (SELECT count(*) FROM reject WHERE part IN
        (SELECT id FROM part WHERE flow = (SELECT id FROM flow WHERE name = ?1))),
    count(*) FILTER (WHERE due_at <= ?2), min(due_at) FROM hint WHERE flow = ?1";

pub(super) fn waiting(tx: &Transaction<'_>, flow: &FlowName, now: Instant) -> Result<Waiting> {
    tx.prepare_cached(WAITING)
        .and_then(|mut s| {
            s.query_row(params![flow.as_str(), now], |row| {
                let next = row.get::<_, Option<Instant>>(2)?.map(Instant::time);
                Ok(Waiting::new(unsigned(row.get(0)?)).with_hints(unsigned(row.get(1)?), next))
            })
        })
        .map_err(failed("count what waits"))
}

pub(super) fn forget(tx: &Transaction<'_>, part: &Part) -> Result<()> {
    tx.prepare_cached("DELETE FROM hint WHERE flow = ?1 AND part = ?2")
        .and_then(|mut s| s.execute([part.flow().as_str(), part.name()]))
        .map(drop)
        .map_err(failed("forget a part"))
}

pub(super) fn prune(tx: &Transaction<'_>, until: Instant) -> Result<()> {
    for sql in ["DELETE FROM delivery WHERE received_at <= ?1", "DELETE FROM hint WHERE hinted_at <= ?1"] {
        tx.prepare_cached(sql)
            .and_then(|mut s| s.execute([until]))
            .map_err(failed("forget old deliveries"))?;
    }
    Ok(())
}

//! Live rejects.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Row, Transaction, params, params_from_iter};

use super::pages::look_up;
use super::{Instant, failed, links};
use crate::error::{Reason, Result};
use crate::link::{LinkRef, LinkSide};
use crate::name::{FlowName, Key, Part};
use crate::reject::{NewReject, Reject, RejectCount, RejectFilter, RejectStage};
use crate::store::columns::{signed, unsigned};

/// Those of the keys that have a live reject, with its code.
pub(super) fn find(tx: &Transaction<'_>, part: i64, keys: &[Key]) -> Result<BTreeMap<Key, String>> {
    let sql = "SELECT code, NULL, NULL, NULL, key FROM reject WHERE part = ?1 AND key >= ?2 ORDER BY key";
    let codes = tx
        .prepare_cached(sql)
        .and_then(|mut s| look_up(&mut s, part, keys, |row| row.get(0)))
        .map_err(failed("read rejects"))?;
    Ok(keys.iter().zip(codes).filter_map(|(key, code)| Some((key.clone(), code?))).collect())
}

pub(super) fn clear(tx: &Transaction<'_>, part: i64, key: &Key) -> Result<()> {
    tx.prepare_cached("DELETE FROM reject WHERE part = ?1 AND key = ?2")
        .and_then(|mut s| s.execute(params![part, key.as_str()]))
        .map_err(failed("clear a reject"))?;
    Ok(())
}

pub(super) fn put(tx: &Transaction<'_>, part: i64, new: &NewReject, now: Instant) -> Result<()> {
    let sql = "INSERT INTO reject (part, key, stage, code, detail, first_seen, last_seen, attempts,
                                   waits_kind, waits_side, waits_id, raw, due)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1, ?7, ?8, ?9, ?10, ?11)
               ON CONFLICT (part, key) DO UPDATE SET stage = excluded.stage, code = excluded.code,
               detail = excluded.detail, last_seen = excluded.last_seen, attempts = attempts + 1, due = excluded.due,
               waits_kind = excluded.waits_kind, waits_side = excluded.waits_side, waits_id = excluded.waits_id,
               raw = excluded.raw";
    let (code, detail, waits) = (new.reason.code(), new.reason.detail(), new.reason.waits_for());
    // the link may have been learned since the page was read
    let due = match waits {
        Some(wanted) => links::other_side(tx, wanted)?.is_some(),
        None => false,
    };
    let values = params![
        part,
        new.key.as_str(),
        new.stage.as_str(),
        code,
        detail,
        now,
        waits.map(|link| link.kind.as_str()),
        waits.map(|link| link.known.as_str()),
        waits.map(|link| link.id.as_str()),
        new.raw,
        due
    ];
    tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed("keep a reject"))?;
    Ok(())
}

/// A filter as SQL. Only the conditions that are set are part of it, so that the index of a part is used.
struct Condition {
    sql: String,
    values: Vec<Value>,
}

impl Condition {
    fn of(filter: &RejectFilter) -> Self {
        let mut all = Self { sql: "TRUE".to_owned(), values: Vec::new() };
        let text = |text: &str| Value::Text(text.to_owned());
        match (&filter.flow, &filter.part) {
            (Some(flow), Some(part)) => {
                all.and(
                    "reject.part = (SELECT id FROM part WHERE flow = (SELECT id FROM flow WHERE name = ?) AND name = ?)",
                    [text(flow.as_str()), text(part)],
                );
            }
            (Some(flow), None) => {
                let sql =
                    "reject.part IN (SELECT id FROM part WHERE flow = (SELECT id FROM flow WHERE name = ?))";
                all.and(sql, [text(flow.as_str())]);
            }
            (None, Some(part)) => {
                all.and("reject.part IN (SELECT id FROM part WHERE name = ?)", [text(part)]);
            }
            (None, None) => {}
        }
        if let Some(key) = &filter.key {
            all.and("key = ?", [text(key.as_str())]);
        }
        if let Some(code) = &filter.code {
            all.and("code = ?", [text(code)]);
        }
        if let Some(except) = &filter.except {
            all.and("code <> ?", [text(except)]);
        }
        if let Some(since) = filter.since {
            all.and("last_seen >= ?", [Value::Integer(Instant::not_before(since).0)]);
        }
        if let Some(before) = filter.before {
            all.and("last_seen < ?", [Value::Integer(Instant::not_before(before).0)]);
        }
        if filter.due {
            all.and("due", []);
        }
        if let Some(after) = &filter.after {
            all.and("key > ?", [text(after.as_str())]);
        }
        all
    }

    fn and<const N: usize>(&mut self, sql: &str, values: [Value; N]) {
        self.sql.push_str(" AND ");
        self.sql.push_str(sql);
        self.values.extend(values);
    }

    fn execute(self, tx: &Transaction<'_>, start: &str, what: &'static str) -> Result<u64> {
        tx.prepare_cached(&format!("{start} WHERE {}", self.sql))
            .and_then(|mut s| s.execute(params_from_iter(self.values)))
            .map(|rows| rows as u64)
            .map_err(failed(what))
    }
}

pub(super) fn list(tx: &Transaction<'_>, filter: &RejectFilter) -> Result<Vec<Reject>> {
    let what = failed("list rejects");
    let mut condition = Condition::of(filter);
    let order = match (&filter.flow, &filter.part) {
        (Some(_), Some(_)) => "key",
        (None, Some(_)) => "flow.name, key",
        (_, None) => "first_seen, flow.name, part.name, key",
    };
    let sql = format!(
        "SELECT flow.name, part.name, key, stage, code, detail, first_seen, last_seen, attempts, due,
                waits_kind, waits_side, waits_id, raw
         FROM reject JOIN part ON part.id = reject.part JOIN flow ON flow.id = part.flow
         WHERE {} ORDER BY {order} LIMIT ?",
        condition.sql
    );
    condition.values.push(Value::Integer(signed(filter.limit as u64)));
    let mut statement = tx.prepare_cached(&sql).map_err(&what)?;
    let mut rows = statement.query(params_from_iter(condition.values)).map_err(&what)?;
    let mut rejects = Vec::new();
    while let Some(row) = rows.next().map_err(&what)? {
        let flow = FlowName::new(row.get::<_, String>(0).map_err(&what)?)?;
        rejects.push(reject(row, &flow).map_err(&what)?);
    }
    Ok(rejects)
}

fn reject(row: &Row<'_>, flow: &FlowName) -> rusqlite::Result<Reject> {
    let part = Part::named(flow, row.get::<_, String>(1)?);
    let stage = stage(row, 3)?;
    let mut reason = reason(row.get(4)?, row.get(5)?);
    let (kind, side) = (row.get::<_, Option<String>>(10)?, row.get_ref(11)?.as_str_or_null()?);
    let side = side.and_then(LinkSide::parse);
    if let (Some(kind), Some(side), Some(id)) = (kind, side, row.get::<_, Option<String>>(12)?) {
        reason = reason.waiting_for(LinkRef::new(kind, side, id));
    }
    let mut new = NewReject::new(Key::from(row.get::<_, String>(2)?), stage, reason);
    new.raw = row.get(13)?;
    let mut reject = Reject::new(part, new, row.get::<_, Instant>(6)?.time());
    reject.last_seen = row.get::<_, Instant>(7)?.time();
    reject.attempts = row.get(8)?;
    reject.due = row.get(9)?;
    Ok(reject)
}

/// A stage of a newer version is still a reject of the flow.
fn stage(row: &Row<'_>, column: usize) -> rusqlite::Result<RejectStage> {
    Ok(RejectStage::parse(row.get_ref(column)?.as_str()?).unwrap_or(RejectStage::Sink))
}

pub(super) fn reason(code: String, detail: Option<String>) -> Reason {
    match detail {
        Some(detail) => Reason::new(code).with_detail(detail),
        None => Reason::new(code),
    }
}

pub(super) fn count(tx: &Transaction<'_>, filter: &RejectFilter) -> Result<RejectCount> {
    let condition = Condition::of(filter);
    let sql =
        format!("SELECT stage, count(*), min(first_seen) FROM reject WHERE {} GROUP BY stage", condition.sql);
    let what = failed("count rejects");
    let mut statement = tx.prepare_cached(&sql).map_err(&what)?;
    let mut rows = statement.query(params_from_iter(condition.values)).map_err(&what)?;
    let mut count = RejectCount::default();
    while let Some(row) = rows.next().map_err(&what)? {
        let oldest = row.get::<_, Option<Instant>>(2).map_err(&what)?.map(Instant::time);
        count = count.and(stage(row, 0).map_err(&what)?, unsigned(row.get(1).map_err(&what)?), oldest);
    }
    Ok(count)
}

pub(super) fn replay(tx: &Transaction<'_>, filter: &RejectFilter) -> Result<u64> {
    Condition::of(filter).execute(tx, "UPDATE reject SET due = 1", "make rejects due")
}

pub(super) fn remove(tx: &Transaction<'_>, filter: &RejectFilter) -> Result<u64> {
    Condition::of(filter).execute(tx, "DELETE FROM reject", "drop rejects")
}

//! The outbox.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, Transaction, params, params_from_iter};

use super::pages::{put_sent, withdraw_sent};
use super::rejects::reason;
use super::runs::Sender;
use super::{Instant, failed, links, rejects};
use crate::act::{
    Act, ActChange, ActOutcome, ActState, ActStatus, Created, Decision, NewVersion, Payload, Prerequisite,
    Release, Verdict, VersionState, act_link, decide, let_go,
};
use crate::error::{Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::name::{ActKind, Key, OpKey, OrderKey, TargetId};
use crate::reject::{NewReject, RejectStage};
use crate::store::columns::{act_state, from_json, signed, to_json, unsigned};
use crate::store::{
    ActFilter, Claim, ClaimRequest, ClaimTask, PRUNED, Released, Sent, Settlement, check_resolvable,
    claim_lost, no_such_act, released,
};

pub(super) fn change(
    tx: &Transaction<'_>,
    part: i64,
    key: &Key,
    change: &ActChange,
    by: Option<Sender>,
    now: Instant,
) -> Result<ActOutcome> {
    let (outcome, decision) = decide(&versions(tx, change.op_key())?, change);
    match decision {
        Decision::Keep => {}
        Decision::Insert(new) => insert(tx, part, &new, now)?,
        Decision::Replace { act, anew } => {
            replace(tx, &act, now)?;
            if anew {
                move_to_end(tx, &act.op_key)?;
            }
        }
        Decision::Drop(op_key) => {
            tx.prepare_cached("DELETE FROM act WHERE op_key = ?1")
                .and_then(|mut s| s.execute([op_key.as_str()]))
                .map_err(failed("change the outbox"))?;
        }
        Decision::Reject(reason) => {
            let new = NewReject::new(key.clone(), RejectStage::Outbox, reason);
            rejects::put(tx, part, &new, now)?;
            return Ok(outcome);
        }
    }
    match change {
        ActChange::Enqueue { act, fingerprint } => {
            let sent = Sent::new(*fingerprint, Some(TargetId::from(act.op_key.as_str())));
            put_sent(tx, part, &[(key.clone(), sent)], by, now)?;
        }
        ActChange::Withdraw { .. } | ActChange::LeaveOut { .. } => withdraw_sent(tx, part, key)?,
    }
    rejects::clear(tx, part, key)?;
    Ok(outcome)
}

fn versions(tx: &Transaction<'_>, document: &OpKey) -> Result<Vec<VersionState>> {
    let what = failed("change the outbox");
    let sql = "SELECT version, order_key, state, may_exist, business_hash, cancel_kind FROM act
               WHERE document = ?1 ORDER BY version";
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    let mut rows = statement.query([document.as_str()]).map_err(&what)?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next().map_err(&what)? {
        let state: String = row.get(2).map_err(&what)?;
        versions.push(version(row, act_state(&state)?).map_err(&what)?);
    }
    Ok(versions)
}

fn version(row: &Row<'_>, state: ActState) -> rusqlite::Result<VersionState> {
    let hash = Fingerprint::from_bytes(row.get(4)?);
    let cancel_kind = row.get::<_, Option<String>>(5)?.map(ActKind::from);
    Ok(VersionState::new(row.get(0)?, row.get::<_, String>(1)?, state, row.get(3)?, hash, cancel_kind))
}

fn after_json(after: &[OpKey]) -> Result<Option<String>> {
    if after.is_empty() { Ok(None) } else { to_json(after).map(Some) }
}

fn insert(tx: &Transaction<'_>, part: i64, new: &NewVersion, now: Instant) -> Result<()> {
    let sql = "INSERT INTO act (op_key, document, version, order_key, kind, cancel_kind, after, payload, business_hash,
                   part, state, next_at, enqueued_at, changed_at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'ready', ?11, ?11, ?11)";
    let values = params![
        new.op_key.as_str(),
        new.document.as_str(),
        new.version,
        new.order_key.as_str(),
        new.kind.as_str(),
        new.cancel_kind.as_ref().map(ActKind::as_str),
        after_json(&new.after)?,
        new.payload.as_json(),
        new.business_hash.as_bytes(),
        part,
        now
    ];
    tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed("change the outbox"))?;
    Ok(())
}

fn replace(tx: &Transaction<'_>, new: &NewVersion, now: Instant) -> Result<()> {
    let sql = "UPDATE act SET order_key = ?2, kind = ?3, cancel_kind = ?4, after = ?5, payload = ?6, business_hash = ?7,
               state = 'ready', next_at = ?8, changed_at = ?8, settled = NULL,
               enqueued_at = CASE state WHEN 'ready' THEN enqueued_at ELSE ?8 END,
               released = NULL, reason_code = NULL, reason_detail = NULL WHERE op_key = ?1";
    let values = params![
        new.op_key.as_str(),
        new.order_key.as_str(),
        new.kind.as_str(),
        new.cancel_kind.as_ref().map(ActKind::as_str),
        after_json(&new.after)?,
        new.payload.as_json(),
        new.business_hash.as_bytes(),
        now
    ];
    tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed("change the outbox"))?;
    Ok(())
}

/// Gives an act a number at the end of the line. `sqlite_sequence` has the highest number ever inserted.
fn move_to_end(tx: &Transaction<'_>, op_key: &OpKey) -> Result<()> {
    let sql = "UPDATE act SET id = 1 + max((SELECT max(id) FROM act),
               coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'act'), 0)) WHERE op_key = ?1";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.execute([op_key.as_str()]))
        .map_err(failed("move an act to the end of the line"))?;
    Ok(())
}

pub(super) fn claim(tx: &Transaction<'_>, request: &ClaimRequest, now: Instant) -> Result<Vec<Claim>> {
    let what = failed("claim acts");
    let lag = Instant(0).after(request.visibility_lag);
    // a submit that lapsed may still arrive at the target; a look-up that lapsed did nothing
    let lapse = "UPDATE act INDEXED BY act_sending SET state = 'in_doubt', reason_code = 'claim-lapsed', reason_detail = NULL,
                 next_at = next_at + iif(looking_up, 0, ?2), misses = iif(looking_up, misses, 0), may_exist = 1,
                 changed_at = ?1
                 WHERE state = 'sending' AND next_at <= ?1 AND kind IN (SELECT value FROM json_each(?3))";
    let kinds = to_json(&request.kinds)?;
    tx.prepare_cached(lapse).and_then(|mut s| s.execute(params![now, lag, kinds])).map_err(&what)?;
    // the whole list of open states is repeated because SQLite takes a partial index only for its own condition
    let due = format!(
        "SELECT {COLUMNS}, claim, misses FROM act INDEXED BY act_line
         WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual')
         AND state IN ('ready', 'in_doubt') AND next_at <= ?1
         AND kind IN (SELECT value FROM json_each(?2))
         AND NOT EXISTS (SELECT 1 FROM act AS earlier INDEXED BY act_order WHERE earlier.order_key = act.order_key
             AND earlier.id < act.id AND earlier.state IN ('ready', 'sending', 'in_doubt', 'held', 'manual'))
         AND NOT EXISTS (SELECT 1 FROM json_each(act.after) AS needed WHERE NOT EXISTS
             (SELECT 1 FROM act AS other WHERE other.op_key = needed.value AND other.state = 'done'))
         ORDER BY id LIMIT ?3"
    );
    let mut statement = tx.prepare_cached(&due).map_err(&what)?;
    let found = statement
        .query_map(params![now, kinds, signed(request.limit as u64)], |row| {
            Ok((status(row)?, row.get::<_, i64>(MORE)?, row.get::<_, u32>(MORE + 1)?))
        })
        .map_err(&what)?;
    let found: Vec<_> = found.collect::<rusqlite::Result<_>>().map_err(&what)?;
    let (found, numbers): (Vec<_>, Vec<_>) =
        found.into_iter().map(|(status, claim, misses)| (status, (claim, misses))).unzip();
    let found = complete(tx, found.into_iter().collect::<Result<_>>()?)?;
    let until = now.after(request.ttl);
    let take =
        "UPDATE act SET state = 'sending', claim = claim + 1, attempt = ?2, looking_up = ?3, next_at = ?4,
                holder = ?5, changed_at = ?6 WHERE op_key = ?1";
    let mut statement = tx.prepare_cached(take).map_err(&what)?;
    let mut claims = Vec::with_capacity(found.len());
    for (ActStatus { mut act, state, .. }, (claim, misses)) in found.into_iter().zip(numbers) {
        let looking_up = state == ActState::InDoubt;
        act.attempt = act.attempt.saturating_add(u32::from(!looking_up));
        let holder = request.holder.as_str();
        statement
            .execute(params![act.op_key.as_str(), act.attempt, looking_up, until, holder, now])
            .map_err(&what)?;
        let task = if looking_up { ClaimTask::LookUp { misses } } else { ClaimTask::Submit };
        claims.push(Claim::new(act, unsigned(claim) + 1, task, until.time()));
    }
    Ok(claims)
}

pub(super) fn extend(tx: &Transaction<'_>, claim: &Claim, until: Instant) -> Result<()> {
    let sql = "UPDATE act SET next_at = ?3 WHERE op_key = ?1 AND claim = ?2 AND state = 'sending'";
    let values = params![claim.act.op_key.as_str(), signed(claim.number), until];
    match tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed("extend a claim"))? {
        0 => Err(claim_lost()),
        _ => Ok(()),
    }
}

pub(super) fn settle(
    tx: &Transaction<'_>,
    claim: &Claim,
    settlement: Settlement,
    now: Instant,
) -> Result<()> {
    let what = failed("settle an act");
    let (next_at, misses) = match &settlement {
        Settlement::Again { after, .. } => (Some(now.after(*after)), None),
        Settlement::InDoubt { after, misses, .. } => (Some(now.after(*after)), Some(*misses)),
        _ => (None, None),
    };
    let created = match &settlement {
        Settlement::Done(created) => Some(to_json(created)?),
        _ => None,
    };
    // the claim's number rises, so that it cannot be settled twice
    let sql = "UPDATE act SET claim = claim + 1, state = ?3, next_at = ?4, misses = coalesce(?5, misses),
               reason_code = ?6, reason_detail = ?7, created = ?8, changed_at = ?9,
               may_exist = max(may_exist, ?3 IN ('in_doubt', 'manual')) WHERE op_key = ?1 AND claim = ?2 AND state IN ('sending', 'in_doubt')
               RETURNING part, may_exist";
    let values = params![
        claim.act.op_key.as_str(),
        signed(claim.number),
        settlement.state().as_str(),
        next_at,
        misses,
        settlement.reason().map(Reason::code),
        settlement.reason().and_then(Reason::detail),
        created,
        now
    ];
    let found: Option<(i64, bool)> = tx
        .prepare_cached(sql)
        .and_then(|mut s| s.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(&what)?;
    let Some((part, may_exist)) = found else { return Err(claim_lost()) };
    match &settlement {
        Settlement::Done(created) => settled_as(tx, &claim.act.op_key, part, Some(created), now)?,
        Settlement::Rejected(_) => settled_as(tx, &claim.act.op_key, part, None, now)?,
        _ => {}
    }
    if settlement.lets_changes_in(may_exist) {
        links::make_due(tx, &act_link(&claim.act.op_key))?;
    }
    Ok(())
}

/// Numbers a settled act, and learns its links.
fn settled_as(
    tx: &Transaction<'_>,
    op_key: &OpKey,
    part: i64,
    created: Option<&Created>,
    now: Instant,
) -> Result<()> {
    let what = failed("settle an act");
    let number = next_settled(tx)?;
    tx.prepare_cached("UPDATE act SET settled = ?2 WHERE op_key = ?1")
        .and_then(|mut s| s.execute(params![op_key.as_str(), number]))
        .map_err(&what)?;
    created.map_or(Ok(()), |created| links::learn(tx, part, &created.links, now))
}

/// A number above all that were ever given: those of acts that were let go again or withdrawn since are not given anew,
/// because who reads on after them would miss the act. `sqlite_sequence` keeps it, as it keeps that of the ids.
fn next_settled(tx: &Transaction<'_>) -> Result<i64> {
    let what = failed("number a settled act");
    let next = "UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'act.settled' RETURNING seq";
    let next: Option<i64> = tx
        .prepare_cached(next)
        .and_then(|mut s| s.query_row([], |row| row.get(0)).optional())
        .map_err(&what)?;
    if let Some(next) = next {
        return Ok(next);
    }
    let first = "INSERT INTO sqlite_sequence (name, seq)
                 SELECT 'act.settled', coalesce(max(settled), 0) + 1 FROM act RETURNING seq";
    tx.prepare_cached(first).and_then(|mut s| s.query_row([], |row| row.get(0))).map_err(&what)
}

pub(super) fn release(tx: &Transaction<'_>, op_key: &OpKey, by: &str, why: &str, now: Instant) -> Result<()> {
    let what = failed("release an act");
    let found: Option<(String, String)> = tx
        .prepare_cached("SELECT state, payload FROM act WHERE op_key = ?1")
        .and_then(|mut s| s.query_row([op_key.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(&what)?;
    let (state, payload) = found.ok_or_else(no_such_act)?;
    let meant = released(act_state(&state)?, &Payload::from_json(payload))?;
    let (approval, reason) = match meant {
        Released::Approved => (Some(to_json(&Release::new(by, why, now.time()))?), None),
        Released::NotThere | Released::Anew => (None, Some(let_go(by, why))),
    };
    let sql =
        "UPDATE act SET released = coalesce(?2, released), state = 'ready', next_at = ?3, settled = NULL,
               reason_code = ?4, reason_detail = ?5, enqueued_at = ?3, changed_at = ?3 WHERE op_key = ?1";
    let (code, detail) = (reason.as_ref().map(Reason::code), reason.as_ref().and_then(Reason::detail));
    tx.prepare_cached(sql)
        .and_then(|mut s| s.execute(params![op_key.as_str(), approval, now, code, detail]))
        .map_err(&what)?;
    if meant == Released::Anew { move_to_end(tx, op_key) } else { Ok(()) }
}

pub(super) fn resolve(
    tx: &Transaction<'_>,
    op_key: &OpKey,
    verdict: &Verdict,
    by: &str,
    why: &str,
    now: Instant,
) -> Result<()> {
    let what = failed("resolve an act");
    let found: Option<(String, i64)> = tx
        .prepare_cached("SELECT state, part FROM act WHERE op_key = ?1")
        .and_then(|mut s| s.query_row([op_key.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(&what)?;
    let (state, part) = found.ok_or_else(no_such_act)?;
    check_resolvable(act_state(&state)?)?;
    let created = match verdict {
        Verdict::Happened(created) => Some(created),
        Verdict::GivenUp => None,
    };
    let reason = verdict.reason(by, why);
    // a claim that lapsed is settled no more
    let sql =
        "UPDATE act SET claim = claim + 1, state = ?2, next_at = NULL, reason_code = ?3, reason_detail = ?4,
               created = ?5, may_exist = iif(?5 IS NULL, 0, may_exist), changed_at = ?6 WHERE op_key = ?1";
    let values = params![
        op_key.as_str(),
        verdict.state().as_str(),
        reason.code(),
        reason.detail(),
        created.map(to_json).transpose()?,
        now
    ];
    tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(&what)?;
    settled_as(tx, op_key, part, created, now)?;
    links::make_due(tx, &act_link(op_key))
}

pub(super) fn settled(
    tx: &Transaction<'_>,
    kinds: &[ActKind],
    after: u64,
    limit: usize,
) -> Result<Vec<(u64, ActStatus)>> {
    let sql = format!(
        "SELECT {COLUMNS}, settled FROM act INDEXED BY act_settled_number
         WHERE settled > ?1 AND kind IN (SELECT value FROM json_each(?2)) ORDER BY settled LIMIT ?3"
    );
    let what = failed("list settled acts");
    let mut statement = tx.prepare_cached(&sql).map_err(&what)?;
    let rows = statement
        .query_map(params![signed(after), to_json(kinds)?, signed(limit as u64)], |row| {
            Ok((unsigned(row.get(MORE)?), status(row)?))
        })
        .map_err(&what)?;
    let rows: Vec<_> = rows.collect::<rusqlite::Result<_>>().map_err(&what)?;
    let (numbers, found): (Vec<u64>, Vec<_>) = rows.into_iter().unzip();
    let found = complete(tx, found.into_iter().collect::<Result<_>>()?)?;
    Ok(numbers.into_iter().zip(found).collect())
}

/// Fills in what is known of other acts.
fn complete(tx: &Transaction<'_>, mut found: Vec<ActStatus>) -> Result<Vec<ActStatus>> {
    let wanted: BTreeSet<&OpKey> = found.iter().flat_map(ActStatus::others).collect();
    let mut others = BTreeMap::new();
    if !wanted.is_empty() {
        let what = failed("read acts");
        let sql = "SELECT op_key, state, created FROM act WHERE op_key IN (SELECT value FROM json_each(?1))";
        let mut statement = tx.prepare_cached(sql).map_err(&what)?;
        let mut rows = statement.query([to_json(&wanted)?]).map_err(&what)?;
        while let Some(row) = rows.next().map_err(&what)? {
            let text = |column: usize| row.get::<_, String>(column).map_err(&what);
            let created = row.get::<_, Option<String>>(2).map_err(&what)?;
            let created = created.map(|json| from_json::<Created>(&json)).transpose()?;
            let made = created.map(|created| created.target_id);
            others.insert(OpKey::from(text(0)?), (act_state(&text(1)?)?, made));
        }
    }
    found.iter_mut().for_each(|status| status.complete(&others));
    Ok(found)
}

pub(super) fn list(tx: &Transaction<'_>, filter: &ActFilter) -> Result<Vec<ActStatus>> {
    let what = failed("list acts");
    let is_open = !filter.states.is_empty() && !filter.states.iter().any(|state| state.is_settled());
    let is_named = filter.op_key.is_some() || filter.document.is_some();
    // partial indexes are taken only for their own condition
    let mut sql = match (is_named, is_open, &filter.order_key) {
        (false, true, None) => format!("act INDEXED BY act_line WHERE {OPEN}"),
        (false, true, Some(_)) => format!("act INDEXED BY act_order WHERE {OPEN}"),
        _ => "act WHERE TRUE".to_owned(),
    };
    let mut values = Vec::new();
    // a condition that may be missing would keep it from using an index
    let mut and = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    };
    let text = |text: &str| Value::Text(text.to_owned());
    and("op_key = ?", filter.op_key.as_ref().map(OpKey::as_str).map(text));
    and("document = ?", filter.document.as_ref().map(OpKey::as_str).map(text));
    and("order_key = ?", filter.order_key.as_ref().map(OrderKey::as_str).map(text));
    and("id > ?", filter.after.map(|number| Value::Integer(signed(number))));
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let states = if states.is_empty() { None } else { Some(Value::Text(to_json(&states)?)) };
    and("state IN (SELECT value FROM json_each(?))", states);
    let kinds = if filter.kinds.is_empty() { None } else { Some(Value::Text(to_json(&filter.kinds)?)) };
    and("kind IN (SELECT value FROM json_each(?))", kinds);
    values.push(Value::Integer(signed(filter.limit as u64)));
    let sql = format!("SELECT {COLUMNS} FROM {sql} ORDER BY id LIMIT ?");
    let mut statement = tx.prepare_cached(&sql).map_err(&what)?;
    let rows = statement.query_map(params_from_iter(values), status).map_err(&what)?;
    let rows: Vec<_> = rows.collect::<rusqlite::Result<_>>().map_err(&what)?;
    complete(tx, rows.into_iter().collect::<Result<_>>()?)
}

pub(super) fn prune(tx: &Transaction<'_>, until: Instant) -> Result<u64> {
    let sql = "UPDATE act SET payload = ?2
               WHERE state IN ('done', 'rejected') AND changed_at <= ?1 AND payload <> ''";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.execute(params![until, PRUNED]))
        .map(|rows| rows as u64)
        .map_err(failed("drop old requests"))
}

/// States of acts that are not settled, as the partial indexes spell it.
const OPEN: &str = "state IN ('ready', 'sending', 'in_doubt', 'held', 'manual')";

const COLUMNS: &str =
    "op_key, order_key, kind, payload, attempt, released, enqueued_at, state, next_at, reason_code,
    reason_detail, created, changed_at, id, document, version, after, business_hash, may_exist,
    cancel_kind";

/// Columns after [`COLUMNS`].
const MORE: usize = 20;

fn status(row: &Row<'_>) -> rusqlite::Result<Result<ActStatus>> {
    let text = |column: usize| row.get::<_, String>(column);
    let optional = |column: usize| row.get::<_, Option<String>>(column);
    let payload = Payload::from_json(text(3)?);
    let enqueued_at = row.get::<_, Instant>(6)?.time();
    let act = Act::new(text(0)?, text(1)?, text(2)?, payload, enqueued_at);
    let act = act.of_document(text(14)?, row.get(15)?, None);
    let (attempt, released, state) = (row.get(4)?, optional(5)?, text(7)?);
    let changed_at = row.get::<_, Instant>(12)?.time();
    let next_at = row.get::<_, Option<Instant>>(8)?.map(Instant::time);
    let reason = optional(9)?.zip(Some(optional(10)?)).map(|(code, detail)| reason(code, detail));
    let (created, after) = (optional(11)?, optional(16)?);
    let (number, hash) = (unsigned(row.get(13)?), Fingerprint::from_bytes(row.get(17)?));
    let (may_exist, cancel_kind) = (row.get(18)?, optional(19)?);
    Ok((|| {
        let released = released.map(|json| from_json::<Release>(&json)).transpose()?;
        let after = after.map(|json| from_json::<Vec<OpKey>>(&json)).transpose()?.unwrap_or_default();
        let after = after.into_iter().map(|op_key| Prerequisite::new(op_key, None)).collect();
        let act = act.at(attempt, released).with_prerequisites(after);
        let mut status = ActStatus::new(number, act, hash, act_state(&state)?, changed_at);
        status.may_exist = may_exist;
        status.cancel_kind = cancel_kind.map(ActKind::from);
        status.next_at = next_at;
        status.reason = reason;
        status.created = created.map(|json| from_json::<Created>(&json)).transpose()?;
        Ok(status)
    })())
}

//! The outbox.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::pages::{Sender, put_sent, withdraw_sent};
use super::rejects::reason;
use super::{Instant, failed, links, rejects};
use crate::act::{Act, ActChange, ActOutcome, ActState, ActStatus, Created, Payload, Release, decide};
use crate::error::{Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::name::{Key, OpKey, TargetId};
use crate::reject::{NewReject, RejectStage};
use crate::store::columns::{act_state, from_json, signed, to_json, unsigned};
use crate::store::{
    ActFilter, Claim, ClaimRequest, ClaimTask, Sent, Settlement, claim_lost, no_such_act, not_held,
};

pub(super) fn change(
    tx: &Transaction<'_>,
    part: i64,
    key: &Key,
    change: &ActChange,
    by: Option<Sender>,
    now: Instant,
) -> Result<ActOutcome> {
    let what = failed("change the outbox");
    let op_key = change.op_key();
    let existing: Option<(String, bool, [u8; 16])> = tx
        .prepare_cached("SELECT state, may_exist, business_hash FROM act WHERE op_key = ?1")
        .and_then(|mut s| {
            s.query_row([op_key.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()
        })
        .map_err(&what)?;
    let existing = existing
        .map(|(state, may_exist, hash)| Ok((act_state(&state)?, may_exist, Fingerprint::from_bytes(hash))))
        .transpose()?;
    let outcome = decide(existing, change);
    match (outcome, change) {
        (ActOutcome::ChangedAfterTransfer, _) => {
            let reason = Reason::new(Reason::CHANGED_AFTER_TRANSFER);
            let new = NewReject::new(key.clone(), RejectStage::Outbox, reason);
            rejects::put(tx, part, &new, now)?;
            return Ok(outcome);
        }
        (ActOutcome::Enqueued, ActChange::Enqueue { act, .. }) => {
            let sql = "INSERT INTO act
                (op_key, document, order_key, kind, payload, business_hash, part, state, next_at, enqueued_at, changed_at)
                VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, 'ready', ?7, ?7, ?7)";
            let values = params![
                act.op_key.as_str(),
                act.order_key.as_str(),
                act.kind.as_str(),
                act.payload.as_json(),
                act.business_hash.as_bytes(),
                part,
                now
            ];
            tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(&what)?;
        }
        (ActOutcome::Replaced, ActChange::Enqueue { act, .. }) => {
            let sql = "UPDATE act SET payload = ?2, business_hash = ?3, changed_at = ?4, state = 'ready', next_at = ?4,
                       order_key = ?5, kind = ?6, released = NULL, reason_code = NULL, reason_detail = NULL
                       WHERE op_key = ?1";
            let values = params![
                op_key.as_str(),
                act.payload.as_json(),
                act.business_hash.as_bytes(),
                now,
                act.order_key.as_str(),
                act.kind.as_str()
            ];
            tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(&what)?;
        }
        (ActOutcome::Dropped, _) => {
            tx.prepare_cached("DELETE FROM act WHERE op_key = ?1")
                .and_then(|mut s| s.execute([op_key.as_str()]))
                .map_err(&what)?;
        }
        _ => {}
    }
    match change {
        ActChange::Enqueue { fingerprint, .. } => {
            let sent = Sent::new(*fingerprint, Some(TargetId::from(op_key.as_str())));
            put_sent(tx, part, &[(key.clone(), sent)], by, now)?;
        }
        ActChange::Withdraw { .. } => withdraw_sent(tx, part, key)?,
    }
    rejects::clear(tx, part, key)?;
    Ok(outcome)
}

pub(super) fn claim(tx: &Transaction<'_>, request: &ClaimRequest, now: Instant) -> Result<Vec<Claim>> {
    let what = failed("claim acts");
    let lag = Instant(0).after(request.visibility_lag);
    // the whole list of open states is repeated because SQLite takes a partial index only for its own condition
    // a submit that lapsed may still arrive at the target; a look-up that lapsed did nothing
    let lapse = "UPDATE act INDEXED BY act_line SET state = 'in_doubt', reason_code = 'claim-lapsed', reason_detail = NULL,
                 next_at = next_at + iif(looking_up, 0, ?2), misses = iif(looking_up, misses, 0), may_exist = 1,
                 changed_at = ?1
                 WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual')
                 AND state = 'sending' AND next_at <= ?1 AND kind IN (SELECT value FROM json_each(?3))";
    let kinds = to_json(&request.kinds)?;
    tx.prepare_cached(lapse).and_then(|mut s| s.execute(params![now, lag, kinds])).map_err(&what)?;
    let due = format!(
        "SELECT {COLUMNS}, claim, misses FROM act INDEXED BY act_line
         WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual')
         AND state IN ('ready', 'in_doubt') AND next_at <= ?1
         AND kind IN (SELECT value FROM json_each(?2))
         AND NOT EXISTS (SELECT 1 FROM act AS earlier INDEXED BY act_order WHERE earlier.order_key = act.order_key
             AND earlier.id < act.id AND earlier.state IN ('ready', 'sending', 'in_doubt', 'held', 'manual'))
         ORDER BY id LIMIT ?3"
    );
    let mut statement = tx.prepare_cached(&due).map_err(&what)?;
    let found = statement
        .query_map(params![now, kinds, signed(request.limit as u64)], |row| {
            Ok((status(row)?, row.get::<_, i64>(15)?, row.get::<_, u32>(16)?))
        })
        .map_err(&what)?;
    let found: Vec<_> = found.collect::<rusqlite::Result<_>>().map_err(&what)?;
    let until = now.after(request.ttl);
    let take =
        "UPDATE act SET state = 'sending', claim = claim + 1, attempt = ?2, looking_up = ?3, next_at = ?4,
                holder = ?5, changed_at = ?6 WHERE op_key = ?1";
    let mut statement = tx.prepare_cached(take).map_err(&what)?;
    let mut claims = Vec::with_capacity(found.len());
    for (status, claim, misses) in found {
        let ActStatus { mut act, state, .. } = status?;
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
               may_exist = max(may_exist, ?3 IN ('in_doubt', 'manual')) WHERE op_key = ?1 AND claim = ?2 AND state IN ('sending', 'in_doubt') RETURNING part";
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
    let part: Option<i64> = tx
        .prepare_cached(sql)
        .and_then(|mut s| s.query_row(values, |row| row.get(0)).optional())
        .map_err(&what)?;
    let Some(part) = part else { return Err(claim_lost()) };
    if let Settlement::Done(created) = &settlement {
        links::learn(tx, part, &created.links, now)?;
    }
    Ok(())
}

pub(super) fn release(
    tx: &Transaction<'_>,
    op_key: &OpKey,
    by: &str,
    reason: &str,
    now: Instant,
) -> Result<()> {
    let what = failed("release an act");
    let state: Option<String> = tx
        .prepare_cached("SELECT state FROM act WHERE op_key = ?1")
        .and_then(|mut s| s.query_row([op_key.as_str()], |row| row.get(0)).optional())
        .map_err(&what)?;
    match state.as_deref().map(act_state).transpose()? {
        None => return Err(no_such_act()),
        Some(ActState::Held | ActState::Manual) => {}
        Some(_) => return Err(not_held()),
    }
    let released = to_json(&Release::new(by, reason, now.time()))?;
    // who saw that a manual act is not there has approved nothing
    let sql = "UPDATE act SET released = iif(state = 'held', ?2, released), state = 'ready', next_at = ?3,
               reason_code = NULL, reason_detail = NULL, changed_at = ?3 WHERE op_key = ?1";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.execute(params![op_key.as_str(), released, now]))
        .map_err(&what)?;
    Ok(())
}

pub(super) fn list(tx: &Transaction<'_>, filter: &ActFilter) -> Result<Vec<ActStatus>> {
    let what = failed("list acts");
    // a condition that may be missing would keep it from using an index
    let meant = match &filter.op_key {
        Some(_) => "act WHERE op_key = ?1",
        None if !filter.states.is_empty() && !filter.states.iter().any(|state| state.is_settled()) => {
            "act INDEXED BY act_line WHERE ?1 IS NULL
             AND state IN ('ready', 'sending', 'in_doubt', 'held', 'manual')"
        }
        None => "act WHERE ?1 IS NULL",
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM {meant}
         AND (?2 = '[]' OR state IN (SELECT value FROM json_each(?2))) ORDER BY id LIMIT ?3"
    );
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let values =
        params![filter.op_key.as_ref().map(OpKey::as_str), to_json(&states)?, signed(filter.limit as u64)];
    let mut statement = tx.prepare_cached(&sql).map_err(&what)?;
    let rows = statement.query_map(values, status).map_err(&what)?;
    let rows: Vec<_> = rows.collect::<rusqlite::Result<_>>().map_err(&what)?;
    rows.into_iter().collect()
}

pub(super) fn prune(tx: &Transaction<'_>, until: Instant) -> Result<u64> {
    let sql = "UPDATE act SET payload = 'null'
               WHERE state IN ('done', 'rejected') AND changed_at <= ?1 AND payload <> 'null'";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.execute([until]))
        .map(|rows| rows as u64)
        .map_err(failed("drop old requests"))
}

const COLUMNS: &str =
    "op_key, order_key, kind, payload, attempt, released, enqueued_at, state, next_at, reason_code,
    reason_detail, created, changed_at, business_hash, may_exist";

fn status(row: &Row<'_>) -> rusqlite::Result<Result<ActStatus>> {
    let text = |column: usize| row.get::<_, String>(column);
    let optional = |column: usize| row.get::<_, Option<String>>(column);
    let payload = Payload::from_json(text(3)?);
    let enqueued_at = row.get::<_, Instant>(6)?.time();
    let act = Act::new(text(0)?, text(1)?, text(2)?, payload, enqueued_at);
    let (attempt, released, state) = (row.get(4)?, optional(5)?, text(7)?);
    let changed_at = row.get::<_, Instant>(12)?.time();
    let next_at = row.get::<_, Option<Instant>>(8)?.map(Instant::time);
    let reason = optional(9)?.zip(Some(optional(10)?)).map(|(code, detail)| reason(code, detail));
    let created = optional(11)?;
    let (business_hash, may_exist) = (Fingerprint::from_bytes(row.get(13)?), row.get(14)?);
    Ok((|| {
        let released = released.map(|json| from_json::<Release>(&json)).transpose()?;
        let mut status = ActStatus::new(act.at(attempt, released), act_state(&state)?, changed_at);
        status.next_at = next_at;
        (status.business_hash, status.may_exist) = (business_hash, may_exist);
        status.reason = reason;
        status.created = created.map(|json| from_json::<Created>(&json)).transpose()?;
        Ok(status)
    })())
}

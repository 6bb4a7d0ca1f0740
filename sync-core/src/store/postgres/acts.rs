//! The outbox.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_postgres::Row;

use super::pages::{PageRows, fingerprint_of, stored};
use super::rejects::{learn_links, lock_links, reason};
use super::session::{Database, Session, boolean, clean, get, int, many_bytes, micros, text, texts};
use crate::act::{Act, ActChange, ActOutcome, ActState, ActStatus, NewAct, Payload, Release, decide};
use crate::error::{Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::link::LinkRef;
use crate::name::{ActKind, Key, OpKey, TargetId};
use crate::reject::{NewReject, RejectStage};
use crate::store::columns::{act_state, from_json, signed, to_json, unsigned};
use crate::store::{
    ActFilter, Claim, ClaimRequest, ClaimTask, Sent, Settlement, claim_lost, no_such_act, not_held,
};

/// States of acts that are not settled, as the partial indexes spell it.
pub(super) const OPEN: &str = "state IN ('ready', 'sending', 'in_doubt', 'held', 'manual')";

/// What is to become of the acts of a page.
#[derive(Default)]
pub(super) struct Decided<'a> {
    pub(super) outcomes: Vec<ActOutcome>,
    inserted: Vec<&'a NewAct>,
    replaced: Vec<&'a NewAct>,
    dropped: Vec<&'a OpKey>,
}

/// Decides about changes in their order, under the locks of the acts they are about.
pub(super) async fn decide_all<'a>(
    session: &mut Session,
    s: &str,
    changes: &'a [(Key, ActChange)],
) -> Result<Decided<'a>> {
    let mut decided = Decided::default();
    if changes.is_empty() {
        return Ok(decided);
    }
    if changes.iter().any(|(_, change)| matches!(change, ActChange::Enqueue { .. })) {
        // acts get their numbers in the order in which they become visible: a claim that sees an act sees all earlier ones
        let sql = format!("SELECT FROM {s}.version FOR UPDATE");
        session.rows("change the outbox", &sql, &[]).await?;
    }
    let op_keys: Vec<_> = changes.iter().map(|(_, change)| clean(change.op_key().as_str())).collect();
    let sql = format!(
        "SELECT op_key, state, may_exist, business_hash FROM {s}.act WHERE op_key = ANY ($1)
         ORDER BY op_key FOR UPDATE"
    );
    let rows = session.rows("change the outbox", &sql, &[texts(&op_keys)]).await?;
    let mut existing: BTreeMap<String, (ActState, bool, Fingerprint)> = BTreeMap::new();
    for row in &rows {
        let hash = fingerprint_of(get(row, 3)?)?;
        existing.insert(get(row, 0)?, (act_state(get(row, 1)?)?, get(row, 2)?, hash));
    }
    for ((_, change), op_key) in changes.iter().zip(&op_keys) {
        let outcome = decide(existing.get(op_key.as_ref()).copied(), change);
        decided.outcomes.push(outcome);
        match (outcome, change) {
            (ActOutcome::Enqueued | ActOutcome::Replaced, ActChange::Enqueue { act, .. }) => {
                let next = (ActState::Ready, false, act.business_hash);
                existing.insert(op_key.clone().into_owned(), next);
                if outcome == ActOutcome::Enqueued {
                    decided.inserted.push(act);
                    continue;
                }
                let of = |other: &&NewAct| clean(other.op_key.as_str()) == *op_key;
                match decided.inserted.iter_mut().find(|other| of(other)) {
                    // what this very page enqueued
                    Some(new) => *new = act,
                    None => {
                        decided.replaced.retain(|other| !of(other));
                        decided.replaced.push(act);
                    }
                }
            }
            (ActOutcome::Dropped, ActChange::Withdraw { op_key: dropped }) => {
                existing.remove(op_key.as_ref());
                decided.inserted.retain(|new| clean(new.op_key.as_str()) != *op_key);
                decided.replaced.retain(|new| clean(new.op_key.as_str()) != *op_key);
                decided.dropped.push(dropped);
            }
            _ => {}
        }
    }
    Ok(decided)
}

impl Decided<'_> {
    /// What the outcomes mean for the page's keys.
    pub(super) fn apply(
        &self,
        changes: &[(Key, ActChange)],
        rows: &mut PageRows,
        rejects: &mut Vec<NewReject>,
    ) {
        for ((key, change), outcome) in changes.iter().zip(&self.outcomes) {
            let key = stored(key.clone());
            if *outcome == ActOutcome::ChangedAfterTransfer {
                let reason = Reason::new(Reason::CHANGED_AFTER_TRANSFER);
                rejects.push(NewReject::new(key, RejectStage::Outbox, reason));
                continue;
            }
            rejects.retain(|new| clean(new.key.as_str()) != key.as_str());
            rows.cleared.push(key.clone());
            let sent = match change {
                ActChange::Enqueue { act, fingerprint } => {
                    Some(Sent::new(*fingerprint, Some(TargetId::from(act.op_key.as_str()))))
                }
                ActChange::Withdraw { .. } => None,
            };
            rows.sent.insert(key, sent);
        }
    }

    pub(super) async fn write(&self, session: &mut Session, s: &str, part: i64) -> Result<()> {
        let what = "change the outbox";
        if !self.dropped.is_empty() {
            let op_keys: Vec<_> = self.dropped.iter().map(|op_key| clean(op_key.as_str())).collect();
            let sql = format!("DELETE FROM {s}.act WHERE op_key = ANY ($1)");
            session.execute(what, &sql, &[texts(&op_keys)]).await?;
        }
        if !self.inserted.is_empty() {
            let sql = format!(
                "INSERT INTO {s}.act (op_key, document, order_key, kind, payload, business_hash, part, state, next_at,
                     enqueued_at, changed_at)
                 SELECT op_key, op_key, order_key, kind, payload, business_hash, $6, 'ready', now, now, now
                 FROM (SELECT {s}.sync_now() AS now) AS clock, unnest($1, $2, $3, $4, $5) WITH ORDINALITY
                     AS new (op_key, order_key, kind, payload, business_hash, place) ORDER BY place"
            );
            self.send(session, &sql, &self.inserted, Some(part)).await?;
        }
        if !self.replaced.is_empty() {
            let sql = format!(
                "UPDATE {s}.act SET order_key = new.order_key, kind = new.kind, payload = new.payload,
                     business_hash = new.business_hash, state = 'ready', next_at = now, changed_at = now,
                     code = NULL, detail = NULL, waits_kind = NULL, waits_side = NULL, waits_id = NULL,
                     released_by = NULL, released_because = NULL, released_at = NULL
                 FROM (SELECT {s}.sync_now() AS now) AS clock, unnest($1, $2, $3, $4, $5)
                     AS new (op_key, order_key, kind, payload, business_hash)
                 WHERE act.op_key = new.op_key"
            );
            self.send(session, &sql, &self.replaced, None).await?;
        }
        Ok(())
    }

    async fn send(
        &self,
        session: &mut Session,
        sql: &str,
        acts: &[&NewAct],
        part: Option<i64>,
    ) -> Result<()> {
        let op_keys: Vec<_> = acts.iter().map(|act| clean(act.op_key.as_str())).collect();
        let order_keys: Vec<_> = acts.iter().map(|act| clean(act.order_key.as_str())).collect();
        let kinds: Vec<_> = acts.iter().map(|act| clean(act.kind.as_str())).collect();
        let payloads: Vec<_> = acts.iter().map(|act| clean(act.payload.as_json())).collect();
        let hashes: Vec<_> = acts.iter().map(|act| act.business_hash.as_bytes().as_slice()).collect();
        let mut values =
            vec![texts(&op_keys), texts(&order_keys), texts(&kinds), texts(&payloads), many_bytes(&hashes)];
        values.extend(part.map(int));
        session.execute("change the outbox", sql, &values).await.map(drop)
    }
}

const COLUMNS: &str = "act.op_key, act.order_key, act.kind, act.payload, act.attempt, act.released_by,
    act.released_because, act.released_at, act.enqueued_at, act.state, act.next_at, act.changed_at, act.created,
    act.code, act.detail, act.waits_kind, act.waits_side, act.waits_id,
    act.business_hash, act.may_exist";

/// Columns after [`COLUMNS`].
const MORE: usize = 20;

fn act(row: &Row) -> Result<Act> {
    let payload = Payload::from_json(get::<String>(row, 3)?);
    let act =
        Act::new(get::<&str>(row, 0)?, get::<&str>(row, 1)?, get::<&str>(row, 2)?, payload, get(row, 8)?);
    let by = get::<Option<String>>(row, 5)?.zip(get::<Option<String>>(row, 6)?);
    let released = by.zip(get(row, 7)?).map(|((by, because), at)| Release::new(by, because, at));
    Ok(act.at(u32::try_from(get::<i64>(row, 4)?).unwrap_or(u32::MAX), released))
}

fn status(row: &Row) -> Result<ActStatus> {
    let mut status = ActStatus::new(act(row)?, act_state(get(row, 9)?)?, get(row, 11)?);
    status.next_at = get(row, 10)?;
    status.created = get::<Option<&str>>(row, 12)?.map(from_json).transpose()?;
    status.reason = reason(row, 13)?;
    status.business_hash = fingerprint_of(get(row, 18)?)?;
    status.may_exist = get(row, 19)?;
    Ok(status)
}

pub(super) async fn claim(database: &Database, request: &ClaimRequest) -> Result<Vec<Claim>> {
    let mut session = database.session().await?;
    session.begin().await?;
    let claimed = claim_in(&mut session, &database.schema, request).await;
    session.end(claimed).await
}

async fn claim_in(session: &mut Session, s: &str, request: &ClaimRequest) -> Result<Vec<Claim>> {
    let what = "claim acts";
    let kinds: Vec<_> = request.kinds.iter().map(|kind| clean(ActKind::as_str(kind))).collect();
    // a submit that lapsed may still arrive at the target; a look-up that lapsed did nothing
    let sql = format!(
        "WITH clock AS MATERIALIZED (SELECT {s}.sync_now() AS now),
         lapsed AS (SELECT act.id FROM {s}.act, clock WHERE {OPEN} AND state = 'sending' AND next_at <= now
             AND kind = ANY ($1) ORDER BY act.id FOR UPDATE OF act SKIP LOCKED)
         UPDATE {s}.act SET state = 'in_doubt', may_exist = true, changed_at = now,
             next_at = CASE WHEN looking_up THEN next_at ELSE next_at + $2 * interval '1 microsecond' END,
             misses = CASE WHEN looking_up THEN misses ELSE 0 END,
             code = 'claim-lapsed', detail = NULL, waits_kind = NULL, waits_side = NULL, waits_id = NULL
         FROM lapsed, clock WHERE act.id = lapsed.id"
    );
    session.execute(what, &sql, &[texts(&kinds), int(micros(request.visibility_lag))]).await?;
    let sql = format!(
        "WITH clock AS MATERIALIZED (SELECT {s}.sync_now() AS now),
         due AS (SELECT act.id FROM {s}.act, clock
             WHERE {OPEN} AND state IN ('ready', 'in_doubt') AND next_at <= now AND kind = ANY ($1)
             AND NOT EXISTS (SELECT FROM {s}.act AS earlier
                 WHERE earlier.order_key = act.order_key AND earlier.id < act.id AND earlier.{OPEN})
             ORDER BY act.id LIMIT $2 FOR UPDATE OF act SKIP LOCKED)
         UPDATE {s}.act SET looking_up = state = 'in_doubt', attempt = attempt + (state = 'ready')::int,
             state = 'sending', claim = claim + 1, next_at = now + $3 * interval '1 microsecond', holder = $4,
             changed_at = now
         FROM due, clock WHERE act.id = due.id
         RETURNING {COLUMNS}, act.claim, act.looking_up, act.misses, act.id"
    );
    let holder = clean(request.holder.as_str());
    let limit = signed(request.limit as u64);
    let values = &[texts(&kinds), int(limit), int(micros(request.ttl)), text(holder)];
    let rows = session.rows(what, &sql, values).await?;
    let claim = |row: &Row| {
        let misses = u32::try_from(get::<i64>(row, MORE + 2)?).unwrap_or(u32::MAX);
        let task = if get(row, MORE + 1)? { ClaimTask::LookUp { misses } } else { ClaimTask::Submit };
        let claim = Claim::new(act(row)?, unsigned(get(row, MORE)?), task, get(row, 10)?);
        Ok((get::<i64>(row, MORE + 3)?, claim))
    };
    let in_order: BTreeMap<i64, Claim> = rows.iter().map(claim).collect::<Result<_>>()?;
    Ok(in_order.into_values().collect())
}

pub(super) async fn extend(database: &Database, claim: &Claim, ttl: Duration) -> Result<()> {
    let s = &database.schema;
    let sql = format!(
        "UPDATE {s}.act SET next_at = {s}.sync_now() + $3 * interval '1 microsecond'
         WHERE op_key = $1 AND claim = $2 AND state = 'sending'"
    );
    let op_key = clean(claim.act.op_key.as_str());
    let values = &[text(op_key), int(signed(claim.number)), int(micros(ttl))];
    match database.execute("extend a claim", &sql, values).await? {
        0 => Err(claim_lost()),
        _ => Ok(()),
    }
}

pub(super) async fn settle(database: &Database, claim: &Claim, settlement: Settlement) -> Result<()> {
    let mut session = database.session().await?;
    let s = &database.schema;
    let links = match &settlement {
        Settlement::Done(created) => created.links.as_slice(),
        _ => &[],
    };
    if links.is_empty() {
        return settle_in(&mut session, s, claim, &settlement).await.map(drop);
    }
    session.begin().await?;
    let settled = async {
        lock_links(&mut session, s).await?;
        let part = settle_in(&mut session, s, claim, &settlement).await?;
        learn_links(&mut session, s, part, links).await
    };
    let settled = settled.await;
    session.end(settled).await
}

/// Gives the number of the act's part.
async fn settle_in(session: &mut Session, s: &str, claim: &Claim, settlement: &Settlement) -> Result<i64> {
    // the claim's number rises, so that it cannot be settled twice
    let sql = format!(
        "UPDATE {s}.act SET claim = claim + 1, state = $3, changed_at = now, misses = coalesce($5, misses),
             next_at = now + $4 * interval '1 microsecond', may_exist = may_exist OR $3 IN ('in_doubt', 'manual'),
             code = $6, detail = $7, waits_kind = $8, waits_side = $9, waits_id = $10, created = $11
         FROM (SELECT {s}.sync_now() AS now) AS clock
         WHERE op_key = $1 AND claim = $2 AND state IN ('sending', 'in_doubt') RETURNING part"
    );
    let (wait, misses) = match settlement {
        Settlement::Again { after, .. } => (Some(micros(*after)), None),
        Settlement::InDoubt { after, misses, .. } => (Some(micros(*after)), Some(i64::from(*misses))),
        _ => (None, None),
    };
    let created = match settlement {
        Settlement::Done(created) => Some(to_json(created)?),
        _ => None,
    };
    let reason = settlement.reason();
    let waits: Option<&LinkRef> = reason.and_then(Reason::waits_for);
    let values = &[
        text(clean(claim.act.op_key.as_str())),
        int(signed(claim.number)),
        text(settlement.state().as_str()),
        int(wait),
        int(misses),
        text(reason.map(|reason| clean(reason.code()))),
        text(reason.and_then(Reason::detail).map(clean)),
        text(waits.map(|link| clean(link.kind.as_str()))),
        text(waits.map(|link| link.known.as_str())),
        text(waits.map(|link| clean(&link.id))),
        text(created),
    ];
    let rows = session.rows("settle an act", &sql, values).await?;
    get(rows.first().ok_or_else(claim_lost)?, 0)
}

pub(super) async fn release(database: &Database, op_key: &OpKey, by: &str, reason: &str) -> Result<()> {
    let s = &database.schema;
    // who saw that a manual act is not there has approved nothing
    let sql = format!(
        "WITH clock AS MATERIALIZED (SELECT {s}.sync_now() AS now),
         found AS MATERIALIZED (SELECT id, state, state = 'held' AS held FROM {s}.act WHERE op_key = $1 FOR UPDATE),
         freed AS (UPDATE {s}.act SET state = 'ready', next_at = now, changed_at = now,
             code = NULL, detail = NULL, waits_kind = NULL, waits_side = NULL, waits_id = NULL,
             released_by = CASE WHEN found.held THEN $2 ELSE released_by END,
             released_because = CASE WHEN found.held THEN $3 ELSE released_because END,
             released_at = CASE WHEN found.held THEN now ELSE released_at END
             FROM found, clock WHERE act.id = found.id AND found.state IN ('held', 'manual') RETURNING act.id)
         SELECT EXISTS (SELECT FROM freed) FROM found"
    );
    let values = &[text(clean(op_key.as_str())), text(clean(by)), text(clean(reason))];
    let rows = database.rows("release an act", &sql, values).await?;
    if get(rows.first().ok_or_else(no_such_act)?, 0)? { Ok(()) } else { Err(not_held()) }
}

pub(super) async fn list(database: &Database, filter: &ActFilter) -> Result<Vec<ActStatus>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT {COLUMNS} FROM {s}.act WHERE ($1::text IS NULL OR op_key = $1) AND (NOT $2 OR state = ANY ($3))
         ORDER BY id LIMIT $4"
    );
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let values = &[
        text(filter.op_key.as_ref().map(|op_key| clean(op_key.as_str()))),
        boolean(!states.is_empty()),
        texts(&states),
        int(signed(filter.limit as u64)),
    ];
    let rows = database.rows("list acts", &sql, values).await?;
    rows.iter().map(status).collect()
}

pub(super) async fn prune(database: &Database, age: Duration) -> Result<u64> {
    let s = &database.schema;
    let sql = format!(
        "UPDATE {s}.act SET payload = 'null' WHERE state IN ('done', 'rejected') AND payload <> 'null'
         AND changed_at <= {s}.sync_now() - $1 * interval '1 microsecond'"
    );
    database.execute("drop old requests", &sql, &[int(micros(age))]).await
}

//! The outbox.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio_postgres::Row;

use super::pages::{PageRows, fingerprint_of, stored};
use super::rejects::{learn_links, lock_links, make_due, reason};
use super::session::{Database, Session, boolean, clean, get, int, ints, many_bytes, micros, text, texts};
use crate::act::{
    Act, ActChange, ActOutcome, ActState, ActStatus, Created, Decision, NewVersion, Payload, Prerequisite,
    Release, Verdict, VersionState, act_link, decide, let_go,
};
use crate::error::{Reason, Result};
use crate::link::LinkRef;
use crate::name::{ActKind, Key, OpKey, OrderKey, TargetId};
use crate::reject::{NewReject, RejectStage};
use crate::store::columns::{act_state, from_json, signed, to_json, unsigned};
use crate::store::{
    ActFilter, Claim, ClaimRequest, ClaimTask, PRUNED, Released, Sent, Settlement, check_resolvable,
    claim_lost, no_such_act, released,
};

/// States of acts that are not settled, as the partial indexes spell it.
pub(super) const OPEN: &str = "state IN ('ready', 'sending', 'in_doubt', 'held', 'manual')";

/// What is to become of the acts of a page.
#[derive(Default)]
pub(super) struct Decided {
    pub(super) outcomes: Vec<ActOutcome>,
    decisions: Vec<Decision>,
}

/// Acts get their numbers in the order in which they become visible: who sees an act sees all earlier ones. Taken before
/// the lock of any act.
async fn lock_line(session: &mut Session, s: &str) -> Result<()> {
    let sql = format!("SELECT FROM {s}.version FOR UPDATE");
    session.rows("lock the line", &sql, &[]).await.map(drop)
}

/// Decides about changes in their order, under the locks of the acts they are about.
pub(super) async fn decide_all(
    session: &mut Session,
    s: &str,
    changes: &[(Key, ActChange)],
) -> Result<Decided> {
    let mut decided = Decided::default();
    if changes.is_empty() {
        return Ok(decided);
    }
    lock_line(session, s).await?;
    let documents: Vec<_> = changes.iter().map(|(_, change)| clean(change.op_key().as_str())).collect();
    let sql = format!(
        "SELECT document, version, order_key, state, may_exist, business_hash, cancel_kind FROM {s}.act
         WHERE document = ANY ($1) ORDER BY document, version FOR UPDATE"
    );
    let rows = session.rows("change the outbox", &sql, &[texts(&documents)]).await?;
    let mut known: BTreeMap<String, Vec<VersionState>> = BTreeMap::new();
    for row in &rows {
        known.entry(get(row, 0)?).or_default().push(version(row)?);
    }
    for ((_, change), document) in changes.iter().zip(&documents) {
        let versions = known.entry(document.clone().into_owned()).or_default();
        let (outcome, decision) = decide(versions, change);
        match &decision {
            Decision::Insert(new) => versions.push(VersionState::waiting(new)),
            Decision::Replace { act, .. } => {
                versions.pop();
                versions.push(VersionState::waiting(act));
            }
            Decision::Drop(_) => drop(versions.pop()),
            Decision::Keep | Decision::Reject(_) => {}
        }
        decided.outcomes.push(outcome);
        decided.decisions.push(decision);
    }
    Ok(decided)
}

fn version(row: &Row) -> Result<VersionState> {
    let number = u32::try_from(get::<i64>(row, 1)?).unwrap_or(u32::MAX);
    let (order_key, state) = (OrderKey::from(get::<&str>(row, 2)?), act_state(get(row, 3)?)?);
    let cancel_kind = get::<Option<&str>>(row, 6)?.map(ActKind::from);
    let hash = fingerprint_of(get(row, 5)?)?;
    Ok(VersionState::new(number, order_key, state, get(row, 4)?, hash, cancel_kind))
}

/// One statement's worth of what is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Write {
    Insert,
    Replace { anew: bool },
    Drop,
}

impl Decided {
    /// What the outcomes mean for the page's keys.
    pub(super) fn apply(
        &self,
        changes: &[(Key, ActChange)],
        rows: &mut PageRows,
        rejects: &mut Vec<NewReject>,
    ) {
        for ((key, change), decision) in changes.iter().zip(&self.decisions) {
            let key = stored(key.clone());
            if let Decision::Reject(reason) = decision {
                rejects.push(NewReject::new(key, RejectStage::Outbox, reason.clone()));
                continue;
            }
            rejects.retain(|new| clean(new.key.as_str()) != key.as_str());
            rows.cleared.push(key.clone());
            let sent = match change {
                ActChange::Enqueue { act, fingerprint } => {
                    Some(Sent::new(*fingerprint, Some(TargetId::from(act.op_key.as_str()))))
                }
                ActChange::Withdraw { .. } | ActChange::LeaveOut { .. } => None,
            };
            rows.sent.insert(key, sent);
        }
    }

    /// Writes in the order of the changes, neighbours of one sort in one statement: nearly always one for the page.
    pub(super) async fn write(&self, session: &mut Session, s: &str, part: i64) -> Result<()> {
        let mut sort = Write::Insert;
        let mut acts: Vec<&NewVersion> = Vec::new();
        let mut op_keys: BTreeSet<&OpKey> = BTreeSet::new();
        for decision in &self.decisions {
            let (next, act, op_key) = match decision {
                Decision::Insert(act) => (Write::Insert, Some(act), &act.op_key),
                Decision::Replace { act, anew } => (Write::Replace { anew: *anew }, Some(act), &act.op_key),
                Decision::Drop(op_key) => (Write::Drop, None, op_key),
                Decision::Keep | Decision::Reject(_) => continue,
            };
            // one statement numbers rows in any order
            let alone = sort == Write::Replace { anew: true };
            if next != sort || alone || op_keys.contains(op_key) {
                write(session, s, part, sort, &acts, &op_keys).await?;
                acts.clear();
                op_keys.clear();
                sort = next;
            }
            acts.extend(act);
            op_keys.insert(op_key);
        }
        write(session, s, part, sort, &acts, &op_keys).await
    }
}

async fn write(
    session: &mut Session,
    s: &str,
    part: i64,
    sort: Write,
    acts: &[&NewVersion],
    op_keys: &BTreeSet<&OpKey>,
) -> Result<()> {
    let what = "change the outbox";
    if op_keys.is_empty() {
        return Ok(());
    }
    // lists of different lengths do not fit into an array, so prerequisites come as JSON
    let new = "FROM (SELECT {s}.sync_now() AS now) AS clock, unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) WITH ORDINALITY
         AS new (op_key, document, version, order_key, kind, cancel_kind, after, payload, business_hash, place)";
    let after = "(SELECT array_agg(value ORDER BY place) FROM json_array_elements_text(new.after::json) WITH ORDINALITY
         AS needed (value, place))";
    let sql = match sort {
        Write::Drop => {
            let op_keys: Vec<_> = op_keys.iter().map(|op_key| clean(op_key.as_str())).collect();
            let sql = format!("DELETE FROM {s}.act WHERE op_key = ANY ($1)");
            return session.execute(what, &sql, &[texts(&op_keys)]).await.map(drop);
        }
        Write::Insert => format!(
            "INSERT INTO {{s}}.act (op_key, document, version, order_key, kind, cancel_kind, after, payload,
                 business_hash, part, state, next_at, enqueued_at, changed_at)
             SELECT op_key, document, version, order_key, kind, cancel_kind, {after}, payload, business_hash, $10,
                 'ready', now, now, now
             {new} ORDER BY place"
        ),
        Write::Replace { anew } => {
            let number = if anew { "id = DEFAULT, " } else { "" };
            format!(
                "UPDATE {{s}}.act SET {number}order_key = new.order_key, kind = new.kind,
                     cancel_kind = new.cancel_kind, after = {after}, payload = new.payload,
                     business_hash = new.business_hash, state = 'ready', next_at = now, changed_at = now, settled = NULL,
                     enqueued_at = CASE act.state WHEN 'ready' THEN act.enqueued_at ELSE now END,
                     code = NULL, detail = NULL, waits_kind = NULL, waits_side = NULL, waits_id = NULL,
                     released_by = NULL, released_because = NULL, released_at = NULL
                 {new} WHERE act.op_key = new.op_key"
            )
        }
    };
    let column = |of: fn(&NewVersion) -> &str| acts.iter().map(|act| clean(of(act))).collect::<Vec<_>>();
    let numbers: Vec<_> = acts.iter().map(|act| i64::from(act.version)).collect();
    let cancel_kinds: Vec<_> =
        acts.iter().map(|act| act.cancel_kind.as_ref().map(|kind| clean(kind.as_str()))).collect();
    let afters = acts.iter().map(|act| after_json(&act.after)).collect::<Result<Vec<_>>>()?;
    let hashes: Vec<_> = acts.iter().map(|act| act.business_hash.as_bytes().as_slice()).collect();
    let mut values = vec![
        texts(column(|act| act.op_key.as_str())),
        texts(column(|act| act.document.as_str())),
        ints(&numbers),
        texts(column(|act| act.order_key.as_str())),
        texts(column(|act| act.kind.as_str())),
        texts(&cancel_kinds),
        texts(&afters),
        texts(column(|act| act.payload.as_json())),
        many_bytes(&hashes),
    ];
    if sort == Write::Insert {
        values.push(int(part));
    }
    session.execute(what, &sql.replace("{s}", s), &values).await.map(drop)
}

fn after_json(after: &[OpKey]) -> Result<Option<String>> {
    if after.is_empty() {
        return Ok(None);
    }
    to_json(&after.iter().map(|op_key| clean(op_key.as_str())).collect::<Vec<_>>()).map(Some)
}

const COLUMNS: &str = "act.op_key, act.order_key, act.kind, act.payload, act.attempt, act.released_by,
    act.released_because, act.released_at, act.enqueued_at, act.state, act.next_at, act.changed_at, act.created,
    act.code, act.detail, act.waits_kind, act.waits_side, act.waits_id,
    act.id, act.document, act.version, act.after, act.business_hash, act.may_exist,
     act.cancel_kind";

/// Columns after [`COLUMNS`].
const MORE: usize = 25;

fn act(row: &Row) -> Result<Act> {
    let payload = Payload::from_json(get::<String>(row, 3)?);
    let act =
        Act::new(get::<&str>(row, 0)?, get::<&str>(row, 1)?, get::<&str>(row, 2)?, payload, get(row, 8)?);
    let version = u32::try_from(get::<i64>(row, 20)?).unwrap_or(u32::MAX);
    let after = get::<Option<Vec<&str>>>(row, 21)?.unwrap_or_default();
    let after = after.into_iter().map(|op_key| Prerequisite::new(op_key, None)).collect();
    let act = act.of_document(get::<&str>(row, 19)?, version, None).with_prerequisites(after);
    let by = get::<Option<String>>(row, 5)?.zip(get::<Option<String>>(row, 6)?);
    let released = by.zip(get(row, 7)?).map(|((by, because), at)| Release::new(by, because, at));
    Ok(act.at(u32::try_from(get::<i64>(row, 4)?).unwrap_or(u32::MAX), released))
}

fn status(row: &Row) -> Result<ActStatus> {
    let (state, hash) = (act_state(get(row, 9)?)?, fingerprint_of(get(row, 22)?)?);
    let mut status = ActStatus::new(unsigned(get(row, 18)?), act(row)?, hash, state, get(row, 11)?);
    status.may_exist = get(row, 23)?;
    status.cancel_kind = get::<Option<&str>>(row, 24)?.map(ActKind::from);
    status.next_at = get(row, 10)?;
    status.created = get::<Option<&str>>(row, 12)?.map(from_json).transpose()?;
    status.reason = reason(row, 13)?;
    Ok(status)
}

/// Fills in what is known of other acts.
async fn complete(session: &mut Session, s: &str, mut found: Vec<ActStatus>) -> Result<Vec<ActStatus>> {
    let wanted: BTreeSet<&str> = found.iter().flat_map(ActStatus::others).map(OpKey::as_str).collect();
    let mut others = BTreeMap::new();
    if !wanted.is_empty() {
        let wanted: Vec<&str> = wanted.into_iter().collect();
        let sql = format!("SELECT op_key, state, created FROM {s}.act WHERE op_key = ANY ($1)");
        for row in session.rows("read acts", &sql, &[texts(&wanted)]).await? {
            let created: Option<Created> = get::<Option<&str>>(&row, 2)?.map(from_json).transpose()?;
            let made = created.map(|created| created.target_id);
            others.insert(OpKey::from(get::<&str>(&row, 0)?), (act_state(get(&row, 1)?)?, made));
        }
    }
    found.iter_mut().for_each(|status| status.complete(&others));
    Ok(found)
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
         lapsed AS (SELECT act.id FROM {s}.act, clock WHERE state = 'sending' AND next_at <= now
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
             AND NOT EXISTS (SELECT FROM unnest(act.after) AS needed (op_key) WHERE NOT EXISTS
                 (SELECT FROM {s}.act AS other WHERE other.op_key = needed.op_key AND other.state = 'done'))
             ORDER BY act.id LIMIT $2 FOR UPDATE OF act SKIP LOCKED)
         UPDATE {s}.act SET looking_up = state = 'in_doubt', attempt = attempt + (state = 'ready')::int,
             state = 'sending', claim = claim + 1, next_at = now + $3 * interval '1 microsecond', holder = $4,
             changed_at = now
         FROM due, clock WHERE act.id = due.id
         RETURNING {COLUMNS}, act.claim, act.looking_up, act.misses"
    );
    let holder = clean(request.holder.as_str());
    let limit = signed(request.limit as u64);
    let values = &[texts(&kinds), int(limit), int(micros(request.ttl)), text(holder)];
    let rows = session.rows(what, &sql, values).await?;
    let claim = |row: &Row| {
        let misses = u32::try_from(get::<i64>(row, MORE + 2)?).unwrap_or(u32::MAX);
        let task = if get(row, MORE + 1)? { ClaimTask::LookUp { misses } } else { ClaimTask::Submit };
        let status = status(row)?;
        Ok((status.number, (status, unsigned(get(row, MORE)?), task, get(row, 10)?)))
    };
    let in_order: BTreeMap<u64, _> = rows.iter().map(claim).collect::<Result<_>>()?;
    let (found, claims): (Vec<_>, Vec<_>) =
        in_order.into_values().map(|(status, number, task, until)| (status, (number, task, until))).unzip();
    let found = complete(session, s, found).await?.into_iter().zip(claims);
    Ok(found.map(|(status, (number, task, until))| Claim::new(status.act, number, task, until)).collect())
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
    if !settlement.lets_changes_in(false) {
        return settle_in(&mut session, s, claim, &settlement).await.map(drop);
    }
    session.begin().await?;
    let settled = async {
        lock_links(&mut session, s).await?;
        let (part, may_exist) = settle_in(&mut session, s, claim, &settlement).await?;
        if let Settlement::Done(created) = &settlement {
            learn_links(&mut session, s, part, &created.links).await?;
        }
        if settlement.lets_changes_in(may_exist) {
            // whoever stores such a reject holds the act's lock
            make_due(&mut session, s, &act_link(&claim.act.op_key)).await?;
        }
        Ok(())
    };
    let settled = settled.await;
    session.end(settled).await
}

/// Gives the number of the act's part, and whether the act has been in doubt.
async fn settle_in(
    session: &mut Session,
    s: &str,
    claim: &Claim,
    settlement: &Settlement,
) -> Result<(i64, bool)> {
    // the claim's number rises, so that it cannot be settled twice
    let sql = format!(
        "UPDATE {s}.act SET claim = claim + 1, state = $3, changed_at = now, misses = coalesce($5, misses),
             next_at = now + $4 * interval '1 microsecond', may_exist = may_exist OR $3 IN ('in_doubt', 'manual'),
             code = $6, detail = $7, waits_kind = $8, waits_side = $9, waits_id = $10, created = $11
         FROM (SELECT {s}.sync_now() AS now) AS clock
         WHERE op_key = $1 AND claim = $2 AND state IN ('sending', 'in_doubt') RETURNING part, may_exist"
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
    let row = rows.first().ok_or_else(claim_lost)?;
    Ok((get(row, 0)?, get(row, 1)?))
}

/// State, request and part of an act, under its lock.
async fn lock(session: &mut Session, s: &str, op_key: &OpKey) -> Result<(ActState, Payload, i64)> {
    let sql = format!("SELECT state, payload, part FROM {s}.act WHERE op_key = $1 FOR UPDATE");
    let rows = session.rows("read an act", &sql, &[text(clean(op_key.as_str()))]).await?;
    let row = rows.first().ok_or_else(no_such_act)?;
    Ok((act_state(get(row, 0)?)?, Payload::from_json(get::<String>(row, 1)?), get(row, 2)?))
}

pub(super) async fn release(database: &Database, op_key: &OpKey, by: &str, why: &str) -> Result<()> {
    let mut session = database.session().await?;
    session.begin().await?;
    let released = release_in(&mut session, &database.schema, op_key, by, why).await;
    session.end(released).await
}

async fn release_in(session: &mut Session, s: &str, op_key: &OpKey, by: &str, why: &str) -> Result<()> {
    lock_line(session, s).await?;
    let (state, payload, _) = lock(session, s, op_key).await?;
    let meant = released(state, &payload)?;
    let number = if meant == Released::Anew { "id = DEFAULT, settled = NULL, " } else { "" };
    let sql = format!(
        "UPDATE {s}.act SET {number}state = 'ready', next_at = now, enqueued_at = now, changed_at = now,
             code = $5, detail = $6, waits_kind = NULL, waits_side = NULL, waits_id = NULL,
             released_by = CASE WHEN $2 THEN $3 ELSE released_by END,
             released_because = CASE WHEN $2 THEN $4 ELSE released_because END,
             released_at = CASE WHEN $2 THEN now ELSE released_at END
         FROM (SELECT {s}.sync_now() AS now) AS clock WHERE op_key = $1"
    );
    let approves = meant == Released::Approved;
    let reason = (!approves).then(|| let_go(by, why));
    let values = &[
        text(clean(op_key.as_str())),
        boolean(approves),
        text(clean(by)),
        text(clean(why)),
        text(reason.as_ref().map(Reason::code)),
        text(reason.as_ref().and_then(Reason::detail).map(clean)),
    ];
    session.execute("release an act", &sql, values).await.map(drop)
}

pub(super) async fn resolve(
    database: &Database,
    op_key: &OpKey,
    verdict: &Verdict,
    by: &str,
    why: &str,
) -> Result<()> {
    let mut session = database.session().await?;
    session.begin().await?;
    let resolved = resolve_in(&mut session, &database.schema, op_key, verdict, by, why).await;
    session.end(resolved).await
}

async fn resolve_in(
    session: &mut Session,
    s: &str,
    op_key: &OpKey,
    verdict: &Verdict,
    by: &str,
    why: &str,
) -> Result<()> {
    lock_links(session, s).await?;
    let (state, _, part) = lock(session, s, op_key).await?;
    check_resolvable(state)?;
    let created = match verdict {
        Verdict::Happened(created) => Some(created),
        Verdict::GivenUp => None,
    };
    // a claim that lapsed is settled no more; what was settled before is settled anew
    let sql = format!(
        "UPDATE {s}.act SET claim = claim + 1, state = $2, next_at = NULL, changed_at = {s}.sync_now(), code = $3,
             detail = $4, waits_kind = NULL, waits_side = NULL, waits_id = NULL, created = $5, settled = NULL,
             may_exist = may_exist AND $5 IS NOT NULL
         WHERE op_key = $1"
    );
    let reason = verdict.reason(by, why);
    let values = &[
        text(clean(op_key.as_str())),
        text(verdict.state().as_str()),
        text(reason.code()),
        text(reason.detail().map(clean)),
        text(created.map(to_json).transpose()?),
    ];
    session.execute("resolve an act", &sql, values).await?;
    if let Some(created) = created {
        learn_links(session, s, part, &created.links).await?;
    }
    make_due(session, s, &act_link(op_key)).await
}

pub(super) async fn settled(
    database: &Database,
    kinds: &[ActKind],
    after: u64,
    limit: usize,
) -> Result<Vec<(u64, ActStatus)>> {
    let mut session = database.session().await?;
    session.begin().await?;
    let settled = settled_in(&mut session, &database.schema, kinds, after, limit).await;
    session.end(settled).await
}

/// Whoever reads gives the numbers, alone, to what was committed by then: so lower numbers never show later.
async fn settled_in(
    session: &mut Session,
    s: &str,
    kinds: &[ActKind],
    after: u64,
    limit: usize,
) -> Result<Vec<(u64, ActStatus)>> {
    let what = "list settled acts";
    let lock = "SELECT pg_advisory_xact_lock(hashtext('sync_core settled'), hashtext($1))";
    session.execute(what, lock, &[text(s)]).await?;
    // an act that somebody is about to let go again may keep its lock for long: it is numbered next time, if it still is
    // settled then
    let number = format!(
        "WITH unnumbered AS MATERIALIZED (SELECT id FROM {s}.act
             WHERE state IN ('done', 'rejected') AND settled IS NULL ORDER BY changed_at, id FOR UPDATE SKIP LOCKED),
         numbered AS MATERIALIZED (SELECT id, nextval('{s}.settled') AS number FROM unnumbered)
         UPDATE {s}.act SET settled = number FROM numbered WHERE act.id = numbered.id"
    );
    session.execute(what, &number, &[]).await?;
    let sql = format!(
        "SELECT {COLUMNS}, act.settled FROM {s}.act WHERE settled > $1 AND kind = ANY ($2) ORDER BY settled LIMIT $3"
    );
    let kinds: Vec<_> = kinds.iter().map(|kind| clean(kind.as_str())).collect();
    let values = &[int(signed(after)), texts(&kinds), int(signed(limit as u64))];
    let rows = session.rows(what, &sql, values).await?;
    let numbers = rows.iter().map(|row| get(row, MORE).map(unsigned)).collect::<Result<Vec<_>>>()?;
    let found = rows.iter().map(status).collect::<Result<_>>()?;
    Ok(numbers.into_iter().zip(complete(session, s, found).await?).collect())
}

pub(super) async fn list(database: &Database, filter: &ActFilter) -> Result<Vec<ActStatus>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT {COLUMNS} FROM {s}.act WHERE ($1::text IS NULL OR op_key = $1) AND (NOT $2 OR state = ANY ($3))
         AND ($4::text IS NULL OR document = $4) AND ($5::text IS NULL OR order_key = $5)
         AND (NOT $6 OR kind = ANY ($7)) AND ($8::bigint IS NULL OR id > $8) ORDER BY id LIMIT $9"
    );
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let kinds: Vec<_> = filter.kinds.iter().map(|kind| clean(kind.as_str())).collect();
    let values = &[
        text(filter.op_key.as_ref().map(|op_key| clean(op_key.as_str()))),
        boolean(!states.is_empty()),
        texts(&states),
        text(filter.document.as_ref().map(|document| clean(document.as_str()))),
        text(filter.order_key.as_ref().map(|order_key| clean(order_key.as_str()))),
        boolean(!kinds.is_empty()),
        texts(&kinds),
        int(filter.after.map(signed)),
        int(signed(filter.limit as u64)),
    ];
    let mut session = database.session().await?;
    let rows = session.rows("list acts", &sql, values).await?;
    let found = rows.iter().map(status).collect::<Result<_>>()?;
    complete(&mut session, s, found).await
}

pub(super) async fn prune(database: &Database, age: Duration) -> Result<u64> {
    let s = &database.schema;
    // what a flow is about to change is left for the next time: both would lock acts in another order
    let sql = format!(
        "UPDATE {s}.act SET payload = $2 FROM (SELECT id FROM {s}.act
             WHERE state IN ('done', 'rejected') AND payload <> ''
             AND changed_at <= (SELECT {s}.sync_now()) - $1 * interval '1 microsecond' FOR UPDATE SKIP LOCKED) AS old
         WHERE act.id = old.id"
    );
    database.execute("drop old requests", &sql, &[int(micros(age)), text(PRUNED)]).await
}

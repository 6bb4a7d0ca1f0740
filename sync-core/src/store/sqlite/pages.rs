//! Leases, pages, links and rejects.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::{Instant, acts, failed, signed, unsigned};
use crate::error::{Error, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkSide, Links};
use crate::name::{FlowName, Holder, Key, Part, TargetId};
use crate::reject::{NewReject, Reject, RejectStage};
use crate::store::{
    Committed, PageCommit, PageQuery, PageState, Sent, lease_lost, link_conflict, link_contradiction,
    revision_conflict,
};

pub(super) fn acquire(
    tx: &Transaction<'_>,
    flow: &FlowName,
    holder: &Holder,
    now: Instant,
    until: Instant,
) -> Result<Acquired> {
    let what = failed("take a lease");
    tx.prepare_cached("INSERT INTO flow (name) VALUES (?1) ON CONFLICT (name) DO NOTHING")
        .and_then(|mut s| s.execute([flow.as_str()]))
        .map_err(&what)?;
    let sql = "UPDATE flow SET holder = ?2, fence = fence + 1, lease_until = ?4 WHERE name = ?1
               AND (holder IS NULL OR holder = ?2 OR lease_until <= ?3) RETURNING fence";
    let fence: Option<i64> = tx
        .prepare_cached(sql)
        .and_then(|mut s| {
            s.query_row(params![flow.as_str(), holder.as_str(), now, until], |row| row.get(0)).optional()
        })
        .map_err(&what)?;
    if let Some(fence) = fence {
        return Ok(Acquired::Granted(Lease::new(
            flow.clone(),
            holder.clone(),
            unsigned(fence),
            until.time(),
        )));
    }
    let until: Instant = tx
        .prepare_cached("SELECT lease_until FROM flow WHERE name = ?1")
        .and_then(|mut s| s.query_row([flow.as_str()], |row| row.get(0)))
        .map_err(&what)?;
    Ok(Acquired::HeldBy { until: until.time() })
}

pub(super) fn renew(tx: &Transaction<'_>, lease: Lease, until: Instant) -> Result<Lease> {
    // a lease given back has no holder
    let sql = "UPDATE flow SET lease_until = ?4 WHERE name = ?1 AND fence = ?2 AND holder = ?3";
    let values = params![lease.flow.as_str(), signed(lease.fence), lease.holder.as_str(), until];
    match tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed("renew a lease"))? {
        0 => Err(lease_lost()),
        _ => Ok(Lease { until: until.time(), ..lease }),
    }
}

pub(super) fn give_back(tx: &Transaction<'_>, lease: &Lease) -> Result<()> {
    tx.prepare_cached("UPDATE flow SET holder = NULL, lease_until = NULL WHERE name = ?1 AND fence = ?2")
        .and_then(|mut s| s.execute(params![lease.flow.as_str(), signed(lease.fence)]))
        .map_err(failed("give a lease back"))?;
    Ok(())
}

struct PartRow {
    id: i64,
    revision: u64,
    position: Option<String>,
}

fn part_row(tx: &Transaction<'_>, part: &Part) -> Result<Option<PartRow>> {
    let sql = "SELECT part.id, part.revision, part.position FROM part JOIN flow ON flow.id = part.flow
               WHERE flow.name = ?1 AND part.name = ?2";
    tx.prepare_cached(sql)
        .and_then(|mut s| {
            s.query_row([part.flow().as_str(), part.name()], |row| {
                Ok(PartRow { id: row.get(0)?, revision: unsigned(row.get(1)?), position: row.get(2)? })
            })
            .optional()
        })
        .map_err(failed("read a position"))
}

pub(super) fn read_page(tx: &Transaction<'_>, part: &Part, query: PageQuery) -> Result<PageState> {
    let Some(row) = part_row(tx, part)? else {
        let sent = query.keys.iter().map(|_| None).collect();
        return Ok(PageState { sent, links: find_links(tx, query)?, ..PageState::default() });
    };
    Ok(PageState {
        revision: row.revision,
        position: row.position,
        sent: find_sent(tx, row.id, &query.keys)?,
        rejected: find_rejected(tx, row.id, &query.keys)?,
        links: find_links(tx, query)?,
    })
}

fn find_sent(tx: &Transaction<'_>, part: i64, keys: &[Key]) -> Result<Vec<Option<Sent>>> {
    let what = failed("read what was sent");
    let mut statement = tx
        .prepare_cached("SELECT fingerprint, target_id FROM sent WHERE part = ?1 AND key = ?2")
        .map_err(&what)?;
    let mut found = Vec::with_capacity(keys.len());
    for key in keys {
        let mut rows = statement.query(params![part, key.as_str()]).map_err(&what)?;
        let row = rows.next().map_err(&what)?;
        found.push(row.map(sent).transpose().map_err(&what)?);
    }
    Ok(found)
}

fn sent(row: &Row<'_>) -> rusqlite::Result<Sent> {
    let target_id = row.get_ref(1)?.as_str_or_null()?.map(TargetId::from);
    Ok(Sent::new(Fingerprint::from_bytes(row.get(0)?), target_id))
}

fn find_rejected(tx: &Transaction<'_>, part: i64, keys: &[Key]) -> Result<BTreeMap<Key, String>> {
    let what = failed("read rejects");
    let any: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM reject WHERE part = ?1)")
        .and_then(|mut s| s.query_row([part], |row| row.get(0)))
        .map_err(&what)?;
    let mut found = BTreeMap::new();
    if !any {
        return Ok(found);
    }
    let mut statement =
        tx.prepare_cached("SELECT code FROM reject WHERE part = ?1 AND key = ?2").map_err(&what)?;
    for key in keys {
        let values = params![part, key.as_str()];
        if let Some(code) = statement.query_row(values, |row| row.get(0)).optional().map_err(&what)? {
            found.insert(key.clone(), code);
        }
    }
    Ok(found)
}

fn find_links(tx: &Transaction<'_>, query: PageQuery) -> Result<Links> {
    let what = failed("read links");
    let mut links = Links::default();
    for wanted in query.links {
        let sql = match wanted.known {
            LinkSide::A => "SELECT b FROM link WHERE kind = ?1 AND a = ?2",
            LinkSide::B => "SELECT a FROM link WHERE kind = ?1 AND b = ?2",
        };
        let other: Option<String> = tx
            .prepare_cached(sql)
            .and_then(|mut s| s.query_row([wanted.kind.as_str(), &wanted.id], |row| row.get(0)).optional())
            .map_err(&what)?;
        if let Some(other) = other {
            links.insert(wanted, other);
        }
    }
    Ok(links)
}

pub(super) fn commit(
    tx: &Transaction<'_>,
    part: &Part,
    lease: &Lease,
    page: PageCommit,
    now: Instant,
) -> Result<Committed> {
    if part.flow() != &lease.flow {
        return Err(Error::bug("a commit under another flow's lease"));
    }
    let (id, revision) = move_position(tx, part, lease, &page)?;
    put_sent(tx, id, &page.sent, now)?;
    for key in &page.withdrawn {
        withdraw_sent(tx, id, key)?;
    }
    for key in &page.cleared {
        clear_reject(tx, id, key)?;
    }
    for new in &page.rejects {
        put_reject(tx, id, new, now)?;
    }
    learn_links(tx, id, &page.links, now)?;
    let outcomes = page.acts.iter().map(|(key, change)| acts::change(tx, id, key, change, now));
    Ok(Committed::new(revision, outcomes.collect::<Result<_>>()?))
}

fn move_position(tx: &Transaction<'_>, part: &Part, lease: &Lease, page: &PageCommit) -> Result<(i64, u64)> {
    let what = failed("move a position");
    let flow: Option<(i64, i64)> = tx
        .prepare_cached("SELECT id, fence FROM flow WHERE name = ?1")
        .and_then(|mut s| {
            s.query_row([part.flow().as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
        })
        .map_err(&what)?;
    let Some((flow, _)) = flow.filter(|(_, fence)| unsigned(*fence) == lease.fence) else {
        return Err(lease_lost());
    };
    tx.prepare_cached("INSERT INTO part (flow, name) VALUES (?1, ?2) ON CONFLICT (flow, name) DO NOTHING")
        .and_then(|mut s| s.execute(params![flow, part.name()]))
        .map_err(&what)?;
    let sql = "UPDATE part SET revision = revision + 1, position = ?4
               WHERE flow = ?1 AND name = ?2 AND revision = ?3 RETURNING id, revision";
    let values = params![flow, part.name(), signed(page.revision), page.position];
    let moved: Option<(i64, i64)> = tx
        .prepare_cached(sql)
        .and_then(|mut s| s.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(&what)?;
    let Some((id, revision)) = moved else {
        return Err(revision_conflict());
    };
    Ok((id, unsigned(revision)))
}

fn put_sent(tx: &Transaction<'_>, part: i64, sent: &[(Key, Sent)], now: Instant) -> Result<()> {
    let sql = "INSERT INTO sent (part, key, fingerprint, target_id, sent_at) VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (part, key) DO UPDATE SET
               fingerprint = excluded.fingerprint, target_id = excluded.target_id, sent_at = excluded.sent_at";
    let what = failed("keep what was sent");
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    for (key, sent) in sent {
        let target_id = sent.target_id.as_ref().map(TargetId::as_str);
        let values = params![part, key.as_str(), sent.fingerprint.as_bytes(), target_id, now];
        statement.execute(values).map_err(&what)?;
    }
    Ok(())
}

pub(super) fn put_one_sent(
    tx: &Transaction<'_>,
    part: i64,
    key: &Key,
    sent: Sent,
    now: Instant,
) -> Result<()> {
    put_sent(tx, part, &[(key.clone(), sent)], now)
}

pub(super) fn withdraw_sent(tx: &Transaction<'_>, part: i64, key: &Key) -> Result<()> {
    tx.prepare_cached("DELETE FROM sent WHERE part = ?1 AND key = ?2")
        .and_then(|mut s| s.execute(params![part, key.as_str()]))
        .map_err(failed("withdraw what was sent"))?;
    Ok(())
}

pub(super) fn clear_reject(tx: &Transaction<'_>, part: i64, key: &Key) -> Result<()> {
    tx.prepare_cached("DELETE FROM reject WHERE part = ?1 AND key = ?2")
        .and_then(|mut s| s.execute(params![part, key.as_str()]))
        .map_err(failed("clear a reject"))?;
    Ok(())
}

pub(super) fn put_reject(tx: &Transaction<'_>, part: i64, new: &NewReject, now: Instant) -> Result<()> {
    let sql = "INSERT INTO reject (part, key, stage, code, detail, first_seen, last_seen, attempts)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, 1)
               ON CONFLICT (part, key) DO UPDATE SET stage = excluded.stage, code = excluded.code,
               detail = excluded.detail, last_seen = excluded.last_seen, attempts = attempts + 1";
    let (code, detail) = (new.reason.code(), new.reason.detail());
    tx.prepare_cached(sql)
        .and_then(|mut s| s.execute(params![part, new.key.as_str(), new.stage.as_str(), code, detail, now]))
        .map_err(failed("keep a reject"))?;
    Ok(())
}

/// Stores the link unless it contradicts another; tells whether it is stored now.
fn put_link(tx: &Transaction<'_>, link: &Link) -> Result<bool> {
    let what = failed("keep a link");
    let values = [link.kind.as_str(), &link.a, &link.b];
    tx.prepare_cached("INSERT INTO link (kind, a, b) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
        .and_then(|mut s| s.execute(values))
        .map_err(&what)?;
    tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM link WHERE kind = ?1 AND a = ?2 AND b = ?3)")
        .and_then(|mut s| s.query_row(values, |row| row.get(0)))
        .map_err(&what)
}

pub(super) fn learn_links(tx: &Transaction<'_>, part: i64, links: &[Link], now: Instant) -> Result<()> {
    for link in links {
        if !put_link(tx, link)? {
            put_reject(tx, part, &link_conflict(link), now)?;
        }
    }
    Ok(())
}

pub(super) fn put_links(tx: &Transaction<'_>, links: &[Link]) -> Result<()> {
    for link in links {
        if !put_link(tx, link)? {
            return Err(link_contradiction());
        }
    }
    Ok(())
}

pub(super) fn rejects(tx: &Transaction<'_>, flow: Option<&FlowName>, limit: usize) -> Result<Vec<Reject>> {
    let sql = "SELECT flow.name, part.name, key, stage, code, detail, first_seen, last_seen, attempts
               FROM reject JOIN part ON part.id = reject.part JOIN flow ON flow.id = part.flow
               WHERE ?1 IS NULL OR flow.name = ?1 ORDER BY first_seen, part.id, key LIMIT ?2";
    let what = failed("list rejects");
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    let limit = signed(limit as u64);
    let rows = statement
        .query_map(params![flow.map(FlowName::as_str), limit], |row| {
            Ok((row.get::<_, String>(0)?, reject(row)?))
        })
        .map_err(&what)?;
    let mut rejects = Vec::new();
    for row in rows {
        let (flow, reject) = row.map_err(&what)?;
        rejects.push(reject(&FlowName::new(flow)?));
    }
    Ok(rejects)
}

fn reject(row: &Row<'_>) -> rusqlite::Result<impl FnOnce(&FlowName) -> Reject + use<>> {
    let part: String = row.get(1)?;
    let key = Key::from(row.get::<_, String>(2)?);
    // a stage of a newer version is still a reject of the flow
    let stage = RejectStage::parse(&row.get::<_, String>(3)?).unwrap_or(RejectStage::Sink);
    let reason = reason(row.get(4)?, row.get(5)?);
    let (first, last) = (row.get::<_, Instant>(6)?, row.get::<_, Instant>(7)?);
    let attempts: u32 = row.get(8)?;
    Ok(move |flow: &FlowName| {
        let new = NewReject::new(key, stage, reason);
        let mut reject = Reject::new(Part::named(flow, part), new, first.time());
        reject.last_seen = last.time();
        reject.attempts = attempts;
        reject
    })
}

pub(super) fn reason(code: String, detail: Option<String>) -> Reason {
    match detail {
        Some(detail) => Reason::new(code).with_detail(detail),
        None => Reason::new(code),
    }
}

pub(super) fn count_rejects(tx: &Transaction<'_>, flow: Option<&FlowName>) -> Result<u64> {
    let sql =
        "SELECT count(*) FROM reject JOIN part ON part.id = reject.part JOIN flow ON flow.id = part.flow
               WHERE ?1 IS NULL OR flow.name = ?1";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.query_row([flow.map(FlowName::as_str)], |row| row.get(0)))
        .map(unsigned)
        .map_err(failed("count rejects"))
}

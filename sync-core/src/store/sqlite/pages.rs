//! Pages.

use rusqlite::{OptionalExtension, Row, Statement, Transaction, params};

use super::runs::{self, Sender};
use super::{Instant, acts, failed, hints, leases, links, parts, rejects};
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::lease::Lease;
use crate::name::{Key, Part, TargetId};
use crate::store::columns::{signed, unsigned};
use crate::store::{Committed, PageCommit, PageQuery, PageState, Sent, check_flow, revision_conflict};

pub(super) fn read_page(tx: &Transaction<'_>, part: &Part, query: PageQuery) -> Result<PageState> {
    let Some(row) = parts::find(tx, part)? else {
        let sent = query.keys.iter().map(|_| None).collect();
        return Ok(PageState { sent, links: links::find(tx, query.links)?, ..PageState::default() });
    };
    Ok(PageState {
        approval: row.approval()?,
        command: row.command()?,
        revision: row.revision,
        position: row.position,
        population: row.population,
        sent: find_sent(tx, row.id, &query.keys)?,
        rejected: rejects::find(tx, row.id, &query.keys)?,
        links: links::find(tx, query.links)?,
    })
}

fn find_sent(tx: &Transaction<'_>, part: i64, keys: &[Key]) -> Result<Vec<Option<Sent>>> {
    let sql = "SELECT slot, absences, fingerprint, target_id, key FROM sent WHERE part = ?1 AND key >= ?2 ORDER BY key";
    tx.prepare_cached(sql)
        .and_then(|mut s| look_up(&mut s, part, keys, sent))
        .map_err(failed("read what was sent"))
}

/// What the statement tells of each key, in their order. It tells the rows of a part from a key on, by their keys, which
/// stand in column 4: of a page's keys many are neighbours, and a step to the next row costs a fraction of seeking it.
pub(super) fn look_up<T>(
    statement: &mut Statement<'_>,
    part: i64,
    keys: &[Key],
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<Option<T>>> {
    let mut found: Vec<Option<T>> = keys.iter().map(|_| None).collect();
    let mut wanted: Vec<_> = keys.iter().map(Key::as_str).zip(&mut found).collect();
    wanted.sort_unstable_by_key(|(key, _)| *key);
    let mut wanted = wanted.into_iter().peekable();
    'seek: while let Some((from, _)) = wanted.peek() {
        let mut rows = statement.query(params![part, *from])?;
        let mut neighbours = true;
        while neighbours {
            let Some(row) = rows.next()? else { break 'seek };
            let stored = row.get_ref(4)?.as_str()?;
            neighbours = false;
            while let Some((key, place)) = wanted.next_if(|(key, _)| *key <= stored) {
                if key == stored {
                    *place = Some(read(row)?);
                    neighbours = true;
                }
            }
            if wanted.peek().is_none() {
                break 'seek;
            }
        }
    }
    drop(wanted);
    Ok(found)
}

/// From the columns slot, absences, fingerprint, target id.
pub(super) fn sent(row: &Row<'_>) -> rusqlite::Result<Sent> {
    let target_id = row.get_ref(3)?.as_str_or_null()?.map(TargetId::from);
    let sent = Sent::new(Fingerprint::from_bytes(row.get(2)?), target_id);
    Ok(sent.in_slot(unsigned(row.get(0)?)).missing(row.get(1)?))
}

pub(super) fn commit(
    tx: &Transaction<'_>,
    part: &Part,
    lease: &Lease,
    page: PageCommit,
    now: Instant,
) -> Result<Committed> {
    check_flow(part, lease)?;
    let (id, revision) = move_position(tx, part, lease, &page, now)?;
    let sends = !page.sent.is_empty() || !page.acts.is_empty();
    let by = page.sent_by.as_ref().filter(|_| sends).map(|by| runs::keep(tx, id, by)).transpose()?;
    put_sent(tx, id, &page.sent, by, now)?;
    for key in &page.withdrawn {
        withdraw_sent(tx, id, key)?;
    }
    for key in &page.cleared {
        rejects::clear(tx, id, key)?;
    }
    for new in &page.rejects {
        rejects::put(tx, id, new, now)?;
    }
    links::learn(tx, id, &page.links, now)?;
    links::close(tx, &page.closed)?;
    hints::settle(tx, part, &page.hints, now)?;
    let outcomes = page.acts.iter().map(|(key, change)| acts::change(tx, id, key, change, by, now));
    let outcomes = outcomes.collect::<Result<_>>()?;
    parts::put_seen(tx, id, page.forget_seen, &page.seen)?;
    Ok(Committed::new(revision, outcomes))
}

fn move_position(
    tx: &Transaction<'_>,
    part: &Part,
    lease: &Lease,
    page: &PageCommit,
    now: Instant,
) -> Result<(i64, u64)> {
    let what = failed("move a position");
    let flow = leases::check_fence(tx, lease)?;
    tx.prepare_cached("INSERT INTO part (flow, name) VALUES (?1, ?2) ON CONFLICT (flow, name) DO NOTHING")
        .and_then(|mut s| s.execute(params![flow, part.name()]))
        .map_err(&what)?;
    let sql = "UPDATE part SET revision = revision + 1, position = ?4, committed_at = ?5,
               last_ok_at = iif(?6, ?5, last_ok_at), approval = iif(json_extract(approval, '$.token') = ?7, NULL, approval),
               slots = coalesce(?8, slots), active = coalesce(?9, active), command = iif(?10, NULL, command)
               WHERE flow = ?1 AND name = ?2 AND revision = ?3 RETURNING id, revision";
    let values = params![
        flow,
        part.name(),
        signed(page.revision),
        page.position,
        now,
        page.completed,
        page.approval_used,
        page.population.map(|population| signed(population.slots)),
        page.population.map(|population| signed(population.active)),
        page.command_taken,
    ];
    let moved: Option<(i64, i64)> = tx
        .prepare_cached(sql)
        .and_then(|mut s| s.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(&what)?;
    let Some((id, revision)) = moved else {
        return Err(revision_conflict());
    };
    Ok((id, unsigned(revision)))
}

pub(super) fn put_sent(
    tx: &Transaction<'_>,
    part: i64,
    sent: &[(Key, Sent)],
    by: Option<Sender>,
    now: Instant,
) -> Result<()> {
    // what differs in its absences alone was not sent again
    let again = "absences <> excluded.absences AND fingerprint = excluded.fingerprint
                 AND target_id IS excluded.target_id AND slot = excluded.slot";
    let sql = format!(
        "INSERT INTO sent (part, key, slot, absences, fingerprint, target_id, sent_at, run, mapping)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (part, key) DO UPDATE SET slot = excluded.slot, absences = excluded.absences,
         fingerprint = excluded.fingerprint, target_id = excluded.target_id,
         sent_at = iif({again}, sent_at, excluded.sent_at), run = iif({again}, run, excluded.run),
         mapping = iif({again}, mapping, excluded.mapping)"
    );
    let what = failed("keep what was sent");
    let (run, mapping) = by.unzip();
    let mut statement = tx.prepare_cached(&sql).map_err(&what)?;
    for (key, sent) in sent {
        let Sent { fingerprint, target_id, slot, absences } = sent;
        let target_id = target_id.as_ref().map(TargetId::as_str);
        let values = params![
            part,
            key.as_str(),
            signed(*slot),
            absences,
            fingerprint.as_bytes(),
            target_id,
            now.seconds(),
            run,
            mapping
        ];
        statement.execute(values).map_err(&what)?;
    }
    Ok(())
}

pub(super) fn withdraw_sent(tx: &Transaction<'_>, part: i64, key: &Key) -> Result<()> {
    tx.prepare_cached("DELETE FROM sent WHERE part = ?1 AND key = ?2")
        .and_then(|mut s| s.execute(params![part, key.as_str()]))
        .map_err(failed("withdraw what was sent"))?;
    Ok(())
}

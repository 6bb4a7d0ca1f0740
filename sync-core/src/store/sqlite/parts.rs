//! Parts as a whole: what is known of them, and what full passes saw of them.

use chrono::DateTime;
use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::pages::sent;
use super::{Instant, failed, hints, leases};
use crate::error::Result;
use crate::lease::Lease;
use crate::name::{FlowName, Key, Part};
use crate::seen::SeenChunk;
use crate::store::columns::{from_json, signed, to_json, unsigned};
use crate::store::{
    Approval, Command, PartStatus, Population, Sent, SentBy, SentOrigin, check_flow, command_waits,
    no_such_part,
};

pub(super) struct PartRow {
    pub(super) id: i64,
    pub(super) revision: u64,
    pub(super) position: Option<String>,
    pub(super) population: Population,
    approval: Option<String>,
    command: Option<String>,
}

impl PartRow {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            revision: unsigned(row.get(1)?),
            position: row.get(2)?,
            population: Population::new(unsigned(row.get(3)?), unsigned(row.get(4)?)),
            approval: row.get(5)?,
            command: row.get(6)?,
        })
    }

    pub(super) fn approval(&self) -> Result<Option<Approval>> {
        self.approval.as_deref().map(from_json).transpose()
    }

    pub(super) fn command(&self) -> Result<Option<Command>> {
        self.command.as_deref().map(from_json).transpose()
    }
}

pub(super) fn find(tx: &Transaction<'_>, part: &Part) -> Result<Option<PartRow>> {
    let sql = "SELECT part.id, revision, position, slots, active, approval, command
               FROM part JOIN flow ON flow.id = part.flow WHERE flow.name = ?1 AND part.name = ?2";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.query_row([part.flow().as_str(), part.name()], PartRow::of).optional())
        .map_err(failed("read a position"))
}

/// The number of the part, which gets a row if it has none.
pub(super) fn ensure(tx: &Transaction<'_>, part: &Part) -> Result<i64> {
    let what = failed("make a part");
    tx.execute("INSERT INTO flow (name) VALUES (?1) ON CONFLICT (name) DO NOTHING", [part.flow().as_str()])
        .map_err(&what)?;
    let names = [part.flow().as_str(), part.name()];
    let sql = "INSERT INTO part (flow, name) SELECT id, ?2 FROM flow WHERE name = ?1
               ON CONFLICT (flow, name) DO NOTHING";
    tx.execute(sql, names).map_err(&what)?;
    let sql =
        "SELECT part.id FROM part JOIN flow ON flow.id = part.flow WHERE flow.name = ?1 AND part.name = ?2";
    tx.query_row(sql, names, |row| row.get(0)).map_err(&what)
}

pub(super) fn list(tx: &Transaction<'_>, flow: &FlowName) -> Result<Vec<PartStatus>> {
    // a part that was forgotten keeps its row for the acts that came from it
    let sql =
        "SELECT part.id, revision, position, slots, active, approval, command, part.name, committed_at, last_ok_at
               FROM part JOIN flow ON flow.id = part.flow
               WHERE flow.name = ?1 AND committed_at IS NOT NULL ORDER BY part.name";
    let what = failed("list parts");
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    let mut rows = statement.query([flow.as_str()]).map_err(&what)?;
    let mut parts = Vec::new();
    while let Some(row) = rows.next().map_err(&what)? {
        let found = PartRow::of(row).map_err(&what)?;
        let part = Part::named(flow, row.get::<_, String>(7).map_err(&what)?);
        let committed_at: Instant = row.get(8).map_err(&what)?;
        let last_ok_at: Option<Instant> = row.get(9).map_err(&what)?;
        let (approval, command) = (found.approval()?, found.command()?);
        let position = found.position.unwrap_or_default();
        parts.push(PartStatus {
            population: found.population,
            approval,
            command,
            last_ok_at: last_ok_at.map(Instant::time),
            ..PartStatus::new(part, found.revision, position, committed_at.time())
        });
    }
    Ok(parts)
}

pub(super) fn approve(tx: &Transaction<'_>, part: &Part, approval: &Approval) -> Result<()> {
    let approval = to_json(approval)?;
    let sql = "UPDATE part SET approval = ?3 WHERE flow = (SELECT id FROM flow WHERE name = ?1) AND name = ?2
               AND committed_at IS NOT NULL";
    let values = [part.flow().as_str(), part.name(), &approval];
    match tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed("keep an approval"))? {
        0 => Err(no_such_part()),
        _ => Ok(()),
    }
}

pub(super) fn command(tx: &Transaction<'_>, part: &Part, command: &Command) -> Result<()> {
    let command = to_json(command)?;
    let sql = "UPDATE part SET command = ?3 WHERE flow = (SELECT id FROM flow WHERE name = ?1) AND name = ?2
               AND committed_at IS NOT NULL AND command IS NULL";
    let values = [part.flow().as_str(), part.name(), &command];
    match tx.prepare_cached(sql).and_then(|mut s| s.execute(values)).map_err(failed("keep a command"))? {
        0 => match find(tx, part)?.is_some_and(|row| row.command.is_some()) {
            true => Err(command_waits()),
            false => Err(no_such_part()),
        },
        _ => Ok(()),
    }
}

pub(super) fn forget(tx: &Transaction<'_>, part: &Part, lease: &Lease) -> Result<()> {
    check_flow(part, lease)?;
    leases::check_fence(tx, lease)?;
    hints::forget(tx, part)?;
    let Some(PartRow { id, .. }) = find(tx, part)? else { return Ok(()) };
    // the row stays for the acts that came from the part
    let all = [
        "UPDATE part SET revision = 0, position = NULL, slots = 0, active = 0, approval = NULL, command = NULL,
         committed_at = NULL, last_ok_at = NULL WHERE id = ?1",
        "DELETE FROM sent WHERE part = ?1",
        "DELETE FROM seen WHERE part = ?1",
        "DELETE FROM reject WHERE part = ?1",
    ];
    for sql in all {
        tx.prepare_cached(sql).and_then(|mut s| s.execute([id])).map_err(failed("forget a part"))?;
    }
    Ok(())
}

pub(super) fn put_seen(tx: &Transaction<'_>, part: i64, forget: bool, chunks: &[SeenChunk]) -> Result<()> {
    let what = failed("keep what was seen");
    if forget {
        tx.prepare_cached("DELETE FROM seen WHERE part = ?1")
            .and_then(|mut s| s.execute([part]))
            .map_err(&what)?;
    }
    for chunk in chunks {
        tx.prepare_cached("INSERT OR REPLACE INTO seen (part, number, bits) VALUES (?1, ?2, ?3)")
            .and_then(|mut s| s.execute(params![part, signed(chunk.number), chunk.bits]))
            .map_err(&what)?;
    }
    Ok(())
}

pub(super) fn seen(tx: &Transaction<'_>, part: &Part) -> Result<Vec<SeenChunk>> {
    let Some(PartRow { id, .. }) = find(tx, part)? else { return Ok(Vec::new()) };
    chunks(tx, id)
}

fn chunks(tx: &Transaction<'_>, part: i64) -> Result<Vec<SeenChunk>> {
    let what = failed("read what was seen");
    let mut statement =
        tx.prepare_cached("SELECT number, bits FROM seen WHERE part = ?1 ORDER BY number").map_err(&what)?;
    let chunks = statement
        .query_map([part], |row| Ok(SeenChunk::new(unsigned(row.get(0)?), row.get(1)?)))
        .map_err(&what)?;
    chunks.collect::<rusqlite::Result<_>>().map_err(&what)
}

/// `chunks` are in the order of their numbers.
fn is_seen(chunks: &[SeenChunk], slot: u64) -> bool {
    let (number, byte, bit) = SeenChunk::place(slot);
    let chunk = chunks.binary_search_by_key(&number, |chunk| chunk.number).ok().and_then(|at| chunks.get(at));
    chunk.and_then(|chunk| chunk.bits.get(byte)).is_some_and(|byte| byte & bit != 0)
}

pub(super) fn unseen(
    tx: &Transaction<'_>,
    part: &Part,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<(Key, Sent)>> {
    let Some(PartRow { id, .. }) = find(tx, part)? else { return Ok(Vec::new()) };
    let chunks = chunks(tx, id)?;
    sent_where(tx, id, after, limit, |slot| !is_seen(&chunks, slot))
}

pub(super) fn sent_after(
    tx: &Transaction<'_>,
    part: &Part,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<(Key, Sent)>> {
    let Some(PartRow { id, .. }) = find(tx, part)? else { return Ok(Vec::new()) };
    sent_where(tx, id, after, limit, |_| true)
}

/// What was sent in the slots that are meant.
fn sent_where(
    tx: &Transaction<'_>,
    id: i64,
    after: Option<&Key>,
    limit: usize,
    is_meant: impl Fn(u64) -> bool,
) -> Result<Vec<(Key, Sent)>> {
    let what = failed("read what was sent");
    let from = if after.is_some() { "key > ?2" } else { "?2 IS NULL" };
    let sql = format!(
        "SELECT slot, absences, fingerprint, target_id, key FROM sent WHERE part = ?1 AND {from} ORDER BY key"
    );
    let mut statement = tx.prepare_cached(&sql).map_err(&what)?;
    let mut rows = statement.query(params![id, after.map(Key::as_str)]).map_err(&what)?;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next().map_err(&what)?
    {
        if is_meant(unsigned(row.get(0).map_err(&what)?)) {
            let key = row.get_ref(4).and_then(|key| Ok(Key::from(key.as_str()?))).map_err(&what)?;
            found.push((key, sent(row).map_err(&what)?));
        }
    }
    Ok(found)
}

pub(super) fn explain(tx: &Transaction<'_>, flow: &FlowName, key: &Key) -> Result<Vec<SentOrigin>> {
    let what = failed("explain what was sent");
    let sql =
        "SELECT slot, absences, fingerprint, target_id, part.name, sent_at, run.name, run.began_at, mapping
               FROM flow JOIN part ON part.flow = flow.id JOIN sent ON sent.part = part.id AND sent.key = ?2
               LEFT JOIN run ON run.id = sent.run WHERE flow.name = ?1 ORDER BY part.name";
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    let origins = statement.query_map([flow.as_str(), key.as_str()], |row| {
        let run = row.get::<_, Option<String>>(6)?.zip(row.get::<_, Option<Instant>>(7)?);
        let by = run.zip(row.get::<_, Option<u32>>(8)?);
        let by = by.map(|((run, began_at), mapping)| SentBy::new(run, began_at.time(), mapping));
        let part = Part::named(flow, row.get::<_, String>(4)?);
        Ok(SentOrigin::new(part, sent(row)?, DateTime::from_timestamp(row.get(5)?, 0), by))
    });
    origins.and_then(Iterator::collect).map_err(&what)
}

pub(super) fn count_unseen(tx: &Transaction<'_>, part: &Part, absences: u8) -> Result<u64> {
    let Some(PartRow { id, .. }) = find(tx, part)? else { return Ok(0) };
    let chunks = chunks(tx, id)?;
    let what = failed("count what was not seen");
    let mut statement =
        tx.prepare_cached("SELECT slot FROM sent WHERE part = ?1 AND absences >= ?2").map_err(&what)?;
    let mut rows = statement.query(params![id, absences]).map_err(&what)?;
    let mut count = 0;
    while let Some(row) = rows.next().map_err(&what)? {
        count += u64::from(!is_seen(&chunks, unsigned(row.get(0).map_err(&what)?)));
    }
    Ok(count)
}

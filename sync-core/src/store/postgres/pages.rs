//! Leases, pages, and what was sent and seen.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_postgres::Row;

use super::session::{
    Database, Session, boolean, clean, get, int, ints, many_bytes, micros, only, small, smalls, text, texts,
};
use super::{acts, hints, links, rejects};
use crate::error::{Error, ErrorKind, Result};
use crate::fingerprint::Fingerprint;
use crate::lease::{Acquired, Lease};
use crate::name::{FlowName, Holder, Key, Part, TargetId};
use crate::seen::SeenChunk;
use crate::store::columns::{from_json, signed, to_json, unsigned};
use crate::store::{
    Approval, Command, Committed, PageCommit, PageQuery, PageState, PartStatus, Population, Sent, SentBy,
    SentOrigin, check_flow, command_waits, lease_lost, no_such_part, revision_conflict,
};

pub(super) async fn now(database: &Database) -> Result<DateTime<Utc>> {
    let sql = format!("SELECT {}.sync_now()", database.schema);
    get(only(&database.rows("tell the time", &sql, &[]).await?)?, 0)
}

pub(super) async fn acquire(
    database: &Database,
    flow: &FlowName,
    holder: &Holder,
    ttl: Duration,
) -> Result<Acquired> {
    let s = &database.schema;
    // who is refused writes the row as it was, and so reads the lease that is in force
    let free = "(f.holder IS NULL OR f.holder = excluded.holder OR f.lease_until <= (SELECT now FROM clock))";
    let sql = format!(
        "WITH clock AS MATERIALIZED (SELECT {s}.sync_now() AS now)
         INSERT INTO {s}.flow AS f (name, holder, fence, lease_until)
         SELECT $1, $2, 1, now + $3 * interval '1 microsecond' FROM clock
         ON CONFLICT (name) DO UPDATE SET
         holder = CASE WHEN {free} THEN excluded.holder ELSE f.holder END,
         fence = CASE WHEN {free} THEN f.fence + 1 ELSE f.fence END,
         lease_until = CASE WHEN {free} THEN excluded.lease_until ELSE f.lease_until END
         RETURNING holder = $2, fence, lease_until"
    );
    let name = clean(holder.as_str());
    let values = &[text(flow.as_str()), text(name), int(micros(ttl))];
    let rows = database.rows("take a lease", &sql, values).await?;
    let row = only(&rows)?;
    let until = get(row, 2)?;
    if !get::<bool>(row, 0)? {
        return Ok(Acquired::HeldBy { until });
    }
    Ok(Acquired::Granted(Lease::new(flow.clone(), holder.clone(), unsigned(get(row, 1)?), until)))
}

pub(super) async fn renew(database: &Database, lease: &Lease, ttl: Duration) -> Result<Lease> {
    let s = &database.schema;
    // a lease given back has no holder
    let sql = format!(
        "UPDATE {s}.flow SET lease_until = {s}.sync_now() + $4 * interval '1 microsecond'
         WHERE name = $1 AND fence = $2 AND holder = $3 RETURNING lease_until"
    );
    let holder = clean(lease.holder.as_str());
    let values = &[text(lease.flow.as_str()), int(signed(lease.fence)), text(holder), int(micros(ttl))];
    let rows = database.rows("renew a lease", &sql, values).await?;
    let row = rows.first().ok_or_else(lease_lost)?;
    Ok(Lease { until: get(row, 0)?, ..lease.clone() })
}

pub(super) async fn give_back(database: &Database, lease: &Lease) -> Result<()> {
    let s = &database.schema;
    let sql = format!("UPDATE {s}.flow SET holder = NULL, lease_until = NULL WHERE name = $1 AND fence = $2");
    let values = &[text(lease.flow.as_str()), int(signed(lease.fence))];
    database.execute("give a lease back", &sql, values).await.map(drop)
}

pub(super) async fn read_page(database: &Database, part: &Part, query: PageQuery) -> Result<PageState> {
    let s = &database.schema;
    // one row, so that all of it is of one instant; lists come as arrays, with the places in the query
    // the limit makes it look each key up, whatever the statistics say: without them it would read the whole part
    let sql = format!(
        "WITH part AS MATERIALIZED (SELECT * FROM {s}.part WHERE flow = $1 AND name = $2)
         SELECT part.revision, part.position, part.slots, part.active,
             part.approval, part.approved_by, part.approved_because,
             sent.places, sent.fingerprints, sent.target_ids, sent.slots, sent.absences,
             rejected.places, rejected.codes, found.places, found.others, part.command
         FROM (SELECT) AS always LEFT JOIN part ON part.revision > 0
         CROSS JOIN (SELECT array_agg(place) AS places, array_agg(fingerprint) AS fingerprints,
                 array_agg(target_id) AS target_ids, array_agg(slot) AS slots, array_agg(absences) AS absences
             FROM unnest($3) WITH ORDINALITY AS asked (key, place) CROSS JOIN LATERAL (
                 SELECT * FROM {s}.sent WHERE part = (SELECT id FROM part) AND key = asked.key LIMIT 1) AS one) AS sent
         CROSS JOIN (SELECT array_agg(place) AS places, array_agg(code) AS codes
             FROM unnest($3) WITH ORDINALITY AS asked (key, place) JOIN {s}.reject ON reject.key = asked.key
             WHERE reject.part = (SELECT id FROM part)) AS rejected
         CROSS JOIN (SELECT array_agg(place) AS places, array_agg(other) AS others
             FROM (SELECT place, CASE side
                     WHEN 'a' THEN (SELECT b FROM {s}.link WHERE link.kind = asked.kind AND link.a = asked.id)
                     ELSE (SELECT a FROM {s}.link WHERE link.kind = asked.kind AND link.b = asked.id) END AS other
                 FROM unnest($4, $5, $6) WITH ORDINALITY AS asked (kind, side, id, place)) AS links
             WHERE other IS NOT NULL) AS found"
    );
    let keys: Vec<_> = query.keys.iter().map(|key| clean(key.as_str())).collect();
    let kinds: Vec<_> = query.links.iter().map(|link| clean(link.kind.as_str())).collect();
    let sides: Vec<_> = query.links.iter().map(|link| link.known.as_str()).collect();
    let ids: Vec<_> = query.links.iter().map(|link| clean(&link.id)).collect();
    let values = &[
        text(part.flow().as_str()),
        text(clean(part.name())),
        texts(&keys),
        texts(&kinds),
        texts(&sides),
        texts(&ids),
    ];
    let rows = database.rows("read a page", &sql, values).await?;
    let row = only(&rows)?;
    let mut state = PageState {
        revision: get::<Option<i64>>(row, 0)?.map(unsigned).unwrap_or_default(),
        position: get(row, 1)?,
        approval: approval(row, 4)?,
        command: get::<Option<&str>>(row, 16)?.map(from_json).transpose()?,
        sent: vec![None; keys.len()],
        ..PageState::default()
    };
    if let (Some(slots), Some(active)) = (get(row, 2)?, get(row, 3)?) {
        state.population = Population::new(unsigned(slots), unsigned(active));
    }
    let sent = list::<&[u8]>(row, 8)?.into_iter().zip(list::<Option<&str>>(row, 9)?);
    let numbers = list::<i64>(row, 10)?.into_iter().zip(list::<i16>(row, 11)?);
    for (place, ((fingerprint, target_id), (slot, absences))) in places(row, 7)?.zip(sent.zip(numbers)) {
        if let Some(found) = state.sent.get_mut(place) {
            *found = Some(sent_of(fingerprint, target_id, slot, absences)?);
        }
    }
    for (place, code) in places(row, 12)?.zip(list::<String>(row, 13)?) {
        if let Some(key) = query.keys.get(place) {
            state.rejected.insert(key.clone(), code);
        }
    }
    for (place, other) in places(row, 14)?.zip(list::<String>(row, 15)?) {
        if let Some(asked) = query.links.get(place) {
            state.links.insert(asked.clone(), other);
        }
    }
    Ok(state)
}

/// An aggregated column: of no rows it is null.
fn list<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, column: usize) -> Result<Vec<T>> {
    Ok(get::<Option<Vec<T>>>(row, column)?.unwrap_or_default())
}

/// Places in the query, which SQL counts from 1.
fn places(row: &Row, column: usize) -> Result<impl Iterator<Item = usize> + use<>> {
    let places = list::<i64>(row, column)?;
    Ok(places.into_iter().map(|place| usize::try_from(place - 1).unwrap_or(usize::MAX)))
}

fn sent_of(fingerprint: &[u8], target_id: Option<&str>, slot: i64, absences: i16) -> Result<Sent> {
    let sent = Sent::new(fingerprint_of(fingerprint)?, target_id.map(TargetId::from));
    Ok(sent.in_slot(unsigned(slot)).missing(u8::try_from(absences).unwrap_or(u8::MAX)))
}

pub(super) fn fingerprint_of(bytes: &[u8]) -> Result<Fingerprint> {
    let bytes = bytes.try_into().map_err(|_| {
        Error::new(ErrorKind::UnknownFormat, "a stored fingerprint has another length than this version's")
    })?;
    Ok(Fingerprint::from_bytes(bytes))
}

fn approval(row: &Row, column: usize) -> Result<Option<Approval>> {
    let (token, by) = (get::<Option<String>>(row, column)?, get::<Option<String>>(row, column + 1)?);
    let reason = get::<Option<String>>(row, column + 2)?;
    Ok(token.zip(by).zip(reason).map(|((token, by), reason)| Approval::new(token, by, reason)))
}

pub(super) async fn commit(
    database: &Database,
    part: &Part,
    lease: &Lease,
    mut page: PageCommit,
) -> Result<Committed> {
    check_flow(part, lease)?;
    let mut rows = PageRows::of(&mut page);
    let mut session = database.session().await?;
    let schema = &database.schema;
    let more = !page.links.is_empty() || !page.closed.is_empty() || !page.hints.is_empty();
    if page.rejects.is_empty() && page.acts.is_empty() && !more {
        let (_, revision) = move_position(&mut session, schema, part, lease, &page, &rows).await?;
        return Ok(Committed::new(revision, Vec::new()));
    }
    session.begin().await?;
    let committed = async {
        let links = !page.links.is_empty() || !page.closed.is_empty();
        if links || page.rejects.iter().any(rejects::waits) {
            rejects::lock_links(&mut session, schema).await?;
        }
        // what the acts do to keys comes last, and what they do is decided under their locks
        let decided = acts::decide_all(&mut session, schema, &page.acts).await?;
        decided.apply(&page.acts, &mut rows, &mut page.rejects);
        let (id, revision) = move_position(&mut session, schema, part, lease, &page, &rows).await?;
        decided.write(&mut session, schema, id).await?;
        rejects::put(&mut session, schema, id, &page.rejects).await?;
        rejects::learn_links(&mut session, schema, id, &page.links).await?;
        links::close(&mut session, schema, &page.closed).await?;
        hints::settle(&mut session, schema, part, &page.hints).await?;
        Ok(Committed::new(revision, decided.outcomes))
    };
    let committed = committed.await;
    session.end(committed).await
}

/// What a page does to the keys of its part, each once, in the order of keys.
pub(super) struct PageRows {
    /// What was sent last of a key; `None` is withdrawn.
    pub(super) sent: BTreeMap<Key, Option<Sent>>,
    pub(super) cleared: Vec<Key>,
}

impl PageRows {
    fn of(page: &mut PageCommit) -> Self {
        let sent = std::mem::take(&mut page.sent).into_iter().map(|(key, sent)| (stored(key), Some(sent)));
        let withdrawn = std::mem::take(&mut page.withdrawn).into_iter().map(|key| (stored(key), None));
        Self { sent: sent.chain(withdrawn).collect(), cleared: std::mem::take(&mut page.cleared) }
    }
}

/// The key as it is stored: two that become one are one row.
pub(super) fn stored(key: Key) -> Key {
    if key.as_str().contains('\0') { Key::new(clean(key.as_str())) } else { key }
}

/// Everything of a page that is the part's own, in one statement: nothing of it happens unless the fence and the revision
/// are right. Gives the part's number and its new revision.
async fn move_position(
    session: &mut Session,
    s: &str,
    part: &Part,
    lease: &Lease,
    page: &PageCommit,
    rows: &PageRows,
) -> Result<(i64, u64)> {
    // a part that was forgotten has a row at revision 0
    let change = "revision = part.revision + 1, position = $5, slots = coalesce($6, part.slots),
         active = coalesce($7, part.active), committed_at = clock.now,
         last_ok_at = CASE WHEN $8 THEN clock.now ELSE part.last_ok_at END,
         approval = nullif(part.approval, $9), command = CASE WHEN NOT $20 THEN part.command END,
         approved_by = CASE WHEN part.approval IS DISTINCT FROM $9 THEN part.approved_by END,
         approved_because = CASE WHEN part.approval IS DISTINCT FROM $9 THEN part.approved_because END";
    let moved = if page.revision == 0 {
        let change = change.replace("clock.now", "excluded.committed_at");
        format!(
            "INSERT INTO {s}.part (flow, name, revision, position, slots, active, committed_at, last_ok_at)
             SELECT fence.name, $3, 1, $5, coalesce($6, 0), coalesce($7, 0), now, CASE WHEN $8 THEN now END
             FROM fence, clock
             ON CONFLICT (flow, name) DO UPDATE SET {change} WHERE part.revision = $4"
        )
    } else {
        format!(
            "UPDATE {s}.part SET {change} FROM fence, clock
             WHERE part.flow = fence.name AND part.name = $3 AND part.revision = $4"
        )
    };
    // what differs in its absences alone was not sent again
    let again = "sent.absences <> excluded.absences AND sent.fingerprint = excluded.fingerprint
         AND sent.target_id IS NOT DISTINCT FROM excluded.target_id AND sent.slot = excluded.slot";
    let sql = format!(
        "WITH clock AS MATERIALIZED (SELECT {s}.sync_now() AS now),
         fence AS MATERIALIZED (SELECT name FROM {s}.flow WHERE name = $1 AND fence = $2 FOR SHARE),
         moved AS ({moved} RETURNING part.id, part.revision),
         known AS MATERIALIZED (SELECT id FROM {s}.run WHERE flow = $1 AND name = $21),
         begun AS (
             INSERT INTO {s}.run (flow, name, began_at)
             SELECT $1, $21, to_timestamp(0) + $22 * interval '1 microsecond' FROM moved
             WHERE $21 IS NOT NULL AND cardinality($10) > 0 AND NOT EXISTS (SELECT FROM known) RETURNING id),
         sent AS (
             INSERT INTO {s}.sent (part, key, fingerprint, target_id, slot, absences, sent_at, run, mapping)
             SELECT moved.id, new.*, now, (SELECT id FROM known UNION ALL SELECT id FROM begun), $23
             FROM moved, clock, unnest($10, $11, $12, $13, $14) AS new
             ON CONFLICT (part, key) DO UPDATE SET fingerprint = excluded.fingerprint,
             target_id = excluded.target_id, slot = excluded.slot, absences = excluded.absences,
             sent_at = CASE WHEN {again} THEN sent.sent_at ELSE excluded.sent_at END,
             run = CASE WHEN {again} THEN sent.run ELSE excluded.run END,
             mapping = CASE WHEN {again} THEN sent.mapping ELSE excluded.mapping END),
         withdrawn AS (DELETE FROM {s}.sent USING moved WHERE sent.part = moved.id AND sent.key = ANY ($15)),
         cleared AS (DELETE FROM {s}.reject USING moved WHERE reject.part = moved.id AND reject.key = ANY ($16)),
         forgotten AS (
             DELETE FROM {s}.seen USING moved WHERE $17 AND seen.part = moved.id AND seen.number <> ALL ($18)),
         seen AS (
             INSERT INTO {s}.seen (part, number, bits) SELECT moved.id, new.* FROM moved, unnest($18, $19) AS new
             ON CONFLICT (part, number) DO UPDATE SET bits = excluded.bits)
         SELECT EXISTS (SELECT FROM fence), (SELECT id FROM moved), (SELECT revision FROM moved)"
    );
    let sent: Vec<(&Key, &Sent)> =
        rows.sent.iter().filter_map(|(key, sent)| Some((key, sent.as_ref()?))).collect();
    let keys: Vec<&str> = sent.iter().map(|(key, _)| key.as_str()).collect();
    let fingerprints: Vec<&[u8]> =
        sent.iter().map(|(_, sent)| sent.fingerprint.as_bytes().as_slice()).collect();
    let target_ids: Vec<_> =
        sent.iter().map(|(_, sent)| sent.target_id.as_ref().map(|id| clean(id.as_str()))).collect();
    let slots: Vec<i64> = sent.iter().map(|(_, sent)| signed(sent.slot)).collect();
    let absences: Vec<i16> = sent.iter().map(|(_, sent)| i16::from(sent.absences)).collect();
    let withdrawn: Vec<&str> =
        rows.sent.iter().filter(|(_, sent)| sent.is_none()).map(|(key, _)| key.as_str()).collect();
    let cleared: Vec<_> = rows.cleared.iter().map(|key| clean(key.as_str())).collect();
    let chunks: BTreeMap<i64, &[u8]> =
        page.seen.iter().map(|chunk| (signed(chunk.number), chunk.bits.as_slice())).collect();
    let (numbers, bits): (Vec<i64>, Vec<&[u8]>) = chunks.into_iter().unzip();
    let name = clean(part.name());
    let position = clean(&page.position);
    let by = page.sent_by.as_ref();
    let values = &[
        text(lease.flow.as_str()),
        int(signed(lease.fence)),
        text(name),
        int(signed(page.revision)),
        text(position),
        int(page.population.map(|population| signed(population.slots))),
        int(page.population.map(|population| signed(population.active))),
        boolean(page.completed),
        text(page.approval_used.as_deref().map(clean)),
        texts(&keys),
        many_bytes(&fingerprints),
        texts(&target_ids),
        ints(&slots),
        smalls(&absences),
        texts(&withdrawn),
        texts(&cleared),
        boolean(page.forget_seen),
        ints(&numbers),
        many_bytes(&bits),
        boolean(page.command_taken),
        text(by.map(|by| clean(&by.run))),
        int(by.map(|by| by.began_at.timestamp_micros())),
        int(by.map(|by| i64::from(by.mapping))),
    ];
    let rows = session.rows("commit a page", &sql, values).await?;
    let row = only(&rows)?;
    if !get::<bool>(row, 0)? {
        return Err(lease_lost());
    }
    let moved = get::<Option<i64>>(row, 1)?.zip(get::<Option<i64>>(row, 2)?);
    let (id, revision) = moved.ok_or_else(revision_conflict)?;
    Ok((id, unsigned(revision)))
}

pub(super) async fn seen(database: &Database, part: &Part) -> Result<Vec<SeenChunk>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT seen.number, seen.bits FROM {s}.seen JOIN {s}.part ON part.id = seen.part
         WHERE part.flow = $1 AND part.name = $2 ORDER BY seen.number"
    );
    let values = &[text(part.flow().as_str()), text(clean(part.name()))];
    let rows = database.rows("read what was seen", &sql, values).await?;
    rows.iter().map(|row| Ok(SeenChunk::new(unsigned(get(row, 0)?), get(row, 1)?))).collect()
}

/// What was sent of a part (`$1`, `$2`) and is not in its set of seen slots. PostgreSQL's bit 0 is the lowest bit of the
/// first byte, too.
fn unseen_rows(s: &str) -> String {
    let slots = SeenChunk::SLOTS;
    format!(
        "FROM {s}.sent LEFT JOIN {s}.seen ON seen.part = sent.part AND seen.number = sent.slot / {slots}
         WHERE sent.part = (SELECT id FROM {s}.part WHERE flow = $1 AND name = $2)
         AND CASE WHEN octet_length(seen.bits) * 8 > sent.slot % {slots}
             THEN get_bit(seen.bits, (sent.slot % {slots})::int) = 0 ELSE true END"
    )
}

pub(super) async fn unseen(
    database: &Database,
    part: &Part,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<(Key, Sent)>> {
    let sql = format!(
        "SELECT sent.key, sent.fingerprint, sent.target_id, sent.slot, sent.absences {}
         AND ($3::text IS NULL OR sent.key > $3) ORDER BY sent.key LIMIT $4",
        unseen_rows(&database.schema)
    );
    let values = &[
        text(part.flow().as_str()),
        text(clean(part.name())),
        text(after.map(|key| clean(key.as_str()))),
        int(signed(limit as u64)),
    ];
    let rows = database.rows("read what was not seen", &sql, values).await?;
    let sent = |row: &Row| sent_of(get(row, 1)?, get(row, 2)?, get(row, 3)?, get(row, 4)?);
    rows.iter().map(|row| Ok((Key::from(get::<&str>(row, 0)?), sent(row)?))).collect()
}

pub(super) async fn sent(
    database: &Database,
    part: &Part,
    after: Option<&Key>,
    limit: usize,
) -> Result<Vec<(Key, Sent)>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT key, fingerprint, target_id, slot, absences FROM {s}.sent
         WHERE part = (SELECT id FROM {s}.part WHERE flow = $1 AND name = $2)
         AND ($3::text IS NULL OR key > $3) ORDER BY key LIMIT $4"
    );
    let values = &[
        text(part.flow().as_str()),
        text(clean(part.name())),
        text(after.map(|key| clean(key.as_str()))),
        int(signed(limit as u64)),
    ];
    let rows = database.rows("read what was sent", &sql, values).await?;
    let sent = |row: &Row| sent_of(get(row, 1)?, get(row, 2)?, get(row, 3)?, get(row, 4)?);
    rows.iter().map(|row| Ok((Key::from(get::<&str>(row, 0)?), sent(row)?))).collect()
}

pub(super) async fn explain(database: &Database, flow: &FlowName, key: &Key) -> Result<Vec<SentOrigin>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT part.name, sent.fingerprint, sent.target_id, sent.slot, sent.absences, sent.sent_at,
             run.name, run.began_at, sent.mapping
         FROM {s}.part JOIN {s}.sent ON sent.part = part.id AND sent.key = $2
         LEFT JOIN {s}.run ON run.id = sent.run WHERE part.flow = $1 ORDER BY part.name"
    );
    let values = &[text(flow.as_str()), text(clean(key.as_str()))];
    let rows = database.rows("explain what was sent", &sql, values).await?;
    let origin = |row: &Row| {
        let run = get::<Option<String>>(row, 6)?.zip(get(row, 7)?).zip(get::<Option<i64>>(row, 8)?);
        let by = run.map(|((run, began_at), mapping)| {
            SentBy::new(run, began_at, u32::try_from(mapping).unwrap_or(u32::MAX))
        });
        let sent = sent_of(get(row, 1)?, get(row, 2)?, get(row, 3)?, get(row, 4)?)?;
        Ok(SentOrigin::new(Part::named(flow, get::<&str>(row, 0)?), sent, get(row, 5)?, by))
    };
    rows.iter().map(origin).collect()
}

pub(super) async fn count_unseen(database: &Database, part: &Part, absences: u8) -> Result<u64> {
    let sql = format!("SELECT count(*) {} AND sent.absences >= $3", unseen_rows(&database.schema));
    let values = &[text(part.flow().as_str()), text(clean(part.name())), small(i16::from(absences))];
    let rows = database.rows("count what was not seen", &sql, values).await?;
    Ok(unsigned(get(only(&rows)?, 0)?))
}

/// The number of the part, which gets a row at revision 0 if it has none.
pub(super) async fn ensure_part(database: &Database, part: &Part) -> Result<i64> {
    let s = &database.schema;
    let names = &[text(part.flow().as_str()), text(clean(part.name()))];
    let sql = format!(
        "INSERT INTO {s}.part (flow, name, revision, position, committed_at) SELECT $1, $2, 0, '', {s}.sync_now()
         ON CONFLICT (flow, name) DO NOTHING"
    );
    database.execute("make a part", &sql, names).await?;
    let sql = format!("SELECT id FROM {s}.part WHERE flow = $1 AND name = $2");
    get(only(&database.rows("make a part", &sql, names).await?)?, 0)
}

pub(super) async fn parts(database: &Database, flow: &FlowName) -> Result<Vec<PartStatus>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT name, revision, position, slots, active, approval, approved_by, approved_because,
         committed_at, last_ok_at FROM {s}.part WHERE flow = $1 AND revision > 0 ORDER BY name"
    );
    let rows = database.rows("list parts", &sql, &[text(flow.as_str())]).await?;
    let status = |row: &Row| {
        let part = Part::named(flow, get::<&str>(row, 0)?);
        let position: String = get(row, 2)?;
        Ok(PartStatus {
            population: Population::new(unsigned(get(row, 3)?), unsigned(get(row, 4)?)),
            approval: approval(row, 5)?,
            last_ok_at: get(row, 9)?,
            ..PartStatus::new(part, unsigned(get(row, 1)?), position, get(row, 8)?)
        })
    };
    rows.iter().map(status).collect()
}

pub(super) async fn approve(database: &Database, part: &Part, approval: &Approval) -> Result<()> {
    let s = &database.schema;
    let sql = format!(
        "UPDATE {s}.part SET approval = $3, approved_by = $4, approved_because = $5
         WHERE flow = $1 AND name = $2 AND revision > 0"
    );
    let values = &[
        text(part.flow().as_str()),
        text(clean(part.name())),
        text(clean(&approval.token)),
        text(clean(&approval.by)),
        text(clean(&approval.reason)),
    ];
    match database.execute("keep an approval", &sql, values).await? {
        0 => Err(no_such_part()),
        _ => Ok(()),
    }
}

pub(super) async fn command(database: &Database, part: &Part, command: &Command) -> Result<()> {
    let s = &database.schema;
    // who finds one writes the row as it was
    let sql = format!(
        "WITH before AS MATERIALIZED (SELECT id, command FROM {s}.part
             WHERE flow = $1 AND name = $2 AND revision > 0 FOR UPDATE)
         UPDATE {s}.part SET command = coalesce(before.command, $3) FROM before WHERE part.id = before.id
         RETURNING before.command IS NULL"
    );
    let command = to_json(command)?;
    let values = &[text(part.flow().as_str()), text(clean(part.name())), text(clean(&command))];
    let rows = database.rows("keep a command", &sql, values).await?;
    if get(rows.first().ok_or_else(no_such_part)?, 0)? { Ok(()) } else { Err(command_waits()) }
}

pub(super) async fn forget(database: &Database, part: &Part, lease: &Lease) -> Result<()> {
    check_flow(part, lease)?;
    let s = &database.schema;
    let sql = format!(
        "WITH fence AS MATERIALIZED (SELECT name FROM {s}.flow WHERE name = $1 AND fence = $2 FOR SHARE),
         gone AS (UPDATE {s}.part SET revision = 0, position = '', slots = 0, active = 0, approval = NULL,
             approved_by = NULL, approved_because = NULL, command = NULL, last_ok_at = NULL
             FROM fence WHERE part.flow = fence.name AND part.name = $3 RETURNING part.id),
         sent AS (DELETE FROM {s}.sent USING gone WHERE sent.part = gone.id),
         seen AS (DELETE FROM {s}.seen USING gone WHERE seen.part = gone.id),
         rejected AS (DELETE FROM {s}.reject USING gone WHERE reject.part = gone.id),
         hinted AS (DELETE FROM {s}.hint USING fence WHERE hint.flow = fence.name AND hint.part = $3)
         SELECT EXISTS (SELECT FROM fence)"
    );
    let values = &[text(lease.flow.as_str()), int(signed(lease.fence)), text(clean(part.name()))];
    let rows = database.rows("forget a part", &sql, values).await?;
    if get::<bool>(only(&rows)?, 0)? { Ok(()) } else { Err(lease_lost()) }
}

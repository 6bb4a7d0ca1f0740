//! Pages.

use std::collections::BTreeMap;

use tokio_postgres::Row;

use super::session::{
    Database, Session, boolean, clean, get, int, ints, many_bytes, only, smalls, text, texts,
};
use super::{acts, hints, links, rejects};
use crate::error::{Error, ErrorKind, Result};
use crate::fingerprint::Fingerprint;
use crate::lease::Lease;
use crate::name::{Key, Part, TargetId};
use crate::store::columns::{from_json, signed, unsigned};
use crate::store::{
    Approval, Committed, PageCommit, PageQuery, PageState, Population, Sent, check_flow, lease_lost,
    revision_conflict,
};

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

pub(super) fn sent_of(fingerprint: &[u8], target_id: Option<&str>, slot: i64, absences: i16) -> Result<Sent> {
    let sent = Sent::new(fingerprint_of(fingerprint)?, target_id.map(TargetId::from));
    Ok(sent.in_slot(unsigned(slot)).missing(u8::try_from(absences).unwrap_or(u8::MAX)))
}

pub(super) fn fingerprint_of(bytes: &[u8]) -> Result<Fingerprint> {
    let bytes = bytes.try_into().map_err(|_| {
        Error::new(ErrorKind::UnknownFormat, "a stored fingerprint has another length than this version's")
    })?;
    Ok(Fingerprint::from_bytes(bytes))
}

pub(super) fn approval(row: &Row, column: usize) -> Result<Option<Approval>> {
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

//! Parts as a whole: what is known of them, what was sent of them and what full passes saw.

use tokio_postgres::Row;

use super::pages::{approval, sent_of};
use super::session::{Database, clean, get, int, only, small, text};
use crate::error::Result;
use crate::lease::Lease;
use crate::name::{FlowName, Key, Part};
use crate::seen::SeenChunk;
use crate::store::columns::{from_json, signed, to_json, unsigned};
use crate::store::{
    Approval, Command, PartStatus, Population, Sent, SentBy, SentOrigin, check_flow, command_waits,
    lease_lost, no_such_part,
};

/// The number of the part, which gets a row at revision 0 if it has none.
pub(super) async fn ensure(database: &Database, part: &Part) -> Result<i64> {
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

pub(super) async fn list(database: &Database, flow: &FlowName) -> Result<Vec<PartStatus>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT name, revision, position, slots, active, approval, approved_by, approved_because,
         committed_at, last_ok_at, command FROM {s}.part WHERE flow = $1 AND revision > 0 ORDER BY name"
    );
    let rows = database.rows("list parts", &sql, &[text(flow.as_str())]).await?;
    let status = |row: &Row| {
        let part = Part::named(flow, get::<&str>(row, 0)?);
        let position: String = get(row, 2)?;
        Ok(PartStatus {
            population: Population::new(unsigned(get(row, 3)?), unsigned(get(row, 4)?)),
            approval: approval(row, 5)?,
            command: get::<Option<&str>>(row, 10)?.map(from_json).transpose()?,
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

pub(super) async fn count_unseen(database: &Database, part: &Part, absences: u8) -> Result<u64> {
    let sql = format!("SELECT count(*) {} AND sent.absences >= $3", unseen_rows(&database.schema));
    let values = &[text(part.flow().as_str()), text(clean(part.name())), small(i16::from(absences))];
    let rows = database.rows("count what was not seen", &sql, values).await?;
    Ok(unsigned(get(only(&rows)?, 0)?))
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

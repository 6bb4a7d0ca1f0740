//! Rejects, and the links that some of them wait for.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;

use super::pages::stored;
use super::session::{Database, Session, boolean, clean, get, instant, int, ints, many_bytes, text, texts};
use crate::error::{Reason, Result};
use crate::link::{Link, LinkRef, LinkSide};
use crate::name::{FlowName, Key, Part};
use crate::reject::{NewReject, Reject, RejectCount, RejectFilter, RejectStage};
use crate::store::columns::{signed, unsigned};
use crate::store::{link_conflict, link_contradiction};

/// Keeps rejects. Several of one key are one that was turned away so often.
pub(super) async fn put(session: &mut Session, s: &str, part: i64, rejects: &[NewReject]) -> Result<()> {
    if rejects.is_empty() {
        return Ok(());
    }
    let mut last: BTreeMap<Key, (&NewReject, i64)> = BTreeMap::new();
    for new in rejects {
        let entry = last.entry(stored(new.key.clone())).or_insert((new, 0));
        *entry = (new, entry.1 + 1);
    }
    // the link may have been learned since the page was read
    let sql = format!(
        "INSERT INTO {s}.reject AS r (part, key, stage, code, detail, waits_kind, waits_side, waits_id, attempts, raw,
             first_seen, last_seen, due)
         SELECT $1, new.*, clock.now, clock.now, CASE new.side
             WHEN 'a' THEN EXISTS (SELECT FROM {s}.link WHERE link.kind = new.kind AND link.a = new.id)
             WHEN 'b' THEN EXISTS (SELECT FROM {s}.link WHERE link.kind = new.kind AND link.b = new.id)
             ELSE false END
         FROM (SELECT {s}.sync_now() AS now) AS clock, unnest($2, $3, $4, $5, $6, $7, $8, $9, $10)
             AS new (key, stage, code, detail, kind, side, id, attempts, raw)
         ON CONFLICT (part, key) DO UPDATE SET stage = excluded.stage, code = excluded.code, detail = excluded.detail,
         waits_kind = excluded.waits_kind, waits_side = excluded.waits_side, waits_id = excluded.waits_id,
         attempts = r.attempts + excluded.attempts, raw = excluded.raw, last_seen = excluded.last_seen, due = excluded.due"
    );
    let keys: Vec<&str> = last.keys().map(Key::as_str).collect();
    let (news, attempts): (Vec<&NewReject>, Vec<i64>) = last.values().copied().unzip();
    let stages: Vec<_> = news.iter().map(|new| new.stage.as_str()).collect();
    let codes: Vec<_> = news.iter().map(|new| clean(new.reason.code())).collect();
    let details: Vec<_> = news.iter().map(|new| new.reason.detail().map(clean)).collect();
    let wanted: Vec<_> = news.iter().map(|new| new.reason.waits_for()).collect();
    let kinds: Vec<_> = wanted.iter().map(|wanted| wanted.map(|link| clean(link.kind.as_str()))).collect();
    let sides: Vec<_> = wanted.iter().map(|wanted| wanted.map(|link| link.known.as_str())).collect();
    let ids: Vec<_> = wanted.iter().map(|wanted| wanted.map(|link| clean(&link.id))).collect();
    let raws: Vec<_> = news.iter().map(|new| new.raw.as_deref()).collect();
    let values = &[
        int(part),
        texts(&keys),
        texts(&stages),
        texts(&codes),
        texts(&details),
        texts(&kinds),
        texts(&sides),
        texts(&ids),
        ints(&attempts),
        many_bytes(&raws),
    ];
    session.execute("keep rejects", &sql, values).await.map(|_| ())
}

pub(super) fn waits(reject: &NewReject) -> bool {
    reject.reason.waits_for().is_some()
}

/// Until the end of the transaction nobody else learns links or stores rejects that wait for one: either sees the other. Taken
/// before any row's lock.
///
/// A commit holds its part's row while it changes rejects. Whoever changes those of other parts holds this lock and their
/// parts' rows, so none of them wait for each other in a circle.
pub(super) async fn lock_links(session: &mut Session, s: &str) -> Result<()> {
    let sql = "SELECT pg_advisory_xact_lock(hashtext('sync_core links'), hashtext($1))";
    session.execute("lock the links", sql, &[text(s)]).await.map(|_| ())
}

/// Stores links in their order, those that contradict another aside, and makes the rejects due that waited for them.
/// Gives those that contradict.
async fn store_links(session: &mut Session, s: &str, links: &[Link]) -> Result<Vec<Link>> {
    let mut contradicting = Vec::new();
    // one that replaces another sees those before it, and those after it see what it left free
    for some in links.chunk_by(|link, next| link.replaces.is_none() && next.replaces.is_none()) {
        for link in some {
            replace(session, s, link).await?;
        }
        contradicting.extend(insert_links(session, s, some).await?);
    }
    Ok(contradicting)
}

/// Puts the link in the place of the one that it replaces, if that is there, under the lock of links.
async fn replace(session: &mut Session, s: &str, link: &Link) -> Result<()> {
    let Some(replaced) = &link.replaces else { return Ok(()) };
    let sql = format!(
        "UPDATE {s}.link SET b = $3 WHERE kind = $1 AND a = $2 AND b = $4
         AND NOT EXISTS (SELECT FROM {s}.link WHERE kind = $1 AND b = $3)"
    );
    let values =
        &[text(clean(link.kind.as_str())), text(clean(&link.a)), text(clean(&link.b)), text(clean(replaced))];
    session.execute("replace a link", &sql, values).await.map(|_| ())
}

async fn insert_links(session: &mut Session, s: &str, links: &[Link]) -> Result<Vec<Link>> {
    let kinds: Vec<_> = links.iter().map(|link| clean(link.kind.as_str())).collect();
    let a: Vec<_> = links.iter().map(|link| clean(&link.a)).collect();
    let b: Vec<_> = links.iter().map(|link| clean(&link.b)).collect();
    let values = &[texts(&kinds), texts(&a), texts(&b)];
    let sql = format!(
        "INSERT INTO {s}.link (kind, a, b, open) SELECT kind, a, b, place = ANY ($4)
         FROM unnest($1, $2, $3) WITH ORDINALITY AS new (kind, a, b, place) ORDER BY place ON CONFLICT DO NOTHING"
    );
    let open = (1_i64..).zip(links).filter(|(_, link)| link.open);
    let open: Vec<i64> = open.map(|(place, _)| place).collect();
    let new = &[texts(&kinds), texts(&a), texts(&b), ints(&open)];
    let stored = session.execute("keep links", &sql, new).await?;
    let mut places = BTreeSet::new();
    if stored < links.len() as u64 {
        let sql = format!(
            "SELECT place FROM unnest($1, $2, $3) WITH ORDINALITY AS new (kind, a, b, place) WHERE NOT EXISTS
             (SELECT FROM {s}.link WHERE link.kind = new.kind AND link.a = new.a AND link.b = new.b)"
        );
        for row in session.rows("keep links", &sql, values).await? {
            places.insert(unsigned(get(&row, 0)?));
        }
    }
    let sql = format!(
        "WITH waiting AS MATERIALIZED (SELECT part, key, waits_kind, waits_side, waits_id
             FROM (SELECT kind, 'a' AS side, a AS id, b FROM unnest($1, $2, $3) AS new (kind, a, b)
                 UNION ALL SELECT kind, 'b', b, a FROM unnest($1, $2, $3) AS new (kind, a, b)) AS new
             JOIN {s}.reject ON waits_kind = new.kind AND waits_side = new.side AND waits_id = new.id
             WHERE NOT due AND EXISTS (SELECT FROM {s}.link WHERE link.kind = new.kind
                 AND link.a = CASE new.side WHEN 'a' THEN new.id ELSE new.b END
                 AND link.b = CASE new.side WHEN 'a' THEN new.b ELSE new.id END)),
         locked AS MATERIALIZED (SELECT id FROM {s}.part WHERE id IN (SELECT part FROM waiting)
             ORDER BY id FOR UPDATE)
         UPDATE {s}.reject SET due = true FROM locked, waiting
         WHERE waiting.part = locked.id AND reject.part = locked.id AND reject.key = waiting.key
             AND reject.waits_kind = waiting.waits_kind AND reject.waits_side = waiting.waits_side
             AND reject.waits_id = waiting.waits_id"
    );
    session.execute("make rejects due", &sql, values).await?;
    let numbered = (1..).zip(links);
    Ok(numbered.filter(|(place, _)| places.contains(place)).map(|(_, link)| link.clone()).collect())
}

/// Makes the rejects due that wait for this, under the lock of the links.
pub(super) async fn make_due(session: &mut Session, s: &str, wanted: &LinkRef) -> Result<()> {
    let sql = format!(
        "WITH waiting AS MATERIALIZED (SELECT part, key FROM {s}.reject
             WHERE waits_kind = $1 AND waits_side = $2 AND waits_id = $3 AND NOT due),
         locked AS MATERIALIZED (SELECT id FROM {s}.part WHERE id IN (SELECT part FROM waiting)
             ORDER BY id FOR UPDATE)
         UPDATE {s}.reject SET due = true FROM locked, waiting
         WHERE waiting.part = locked.id AND reject.part = locked.id AND reject.key = waiting.key
             AND waits_kind = $1 AND waits_side = $2 AND waits_id = $3"
    );
    let values = &[text(clean(wanted.kind.as_str())), text(wanted.known.as_str()), text(clean(&wanted.id))];
    session.execute("make rejects due", &sql, values).await.map(|_| ())
}

/// Stores links; of those that contradict another it keeps a reject.
pub(super) async fn learn_links(session: &mut Session, s: &str, part: i64, links: &[Link]) -> Result<()> {
    if links.is_empty() {
        return Ok(());
    }
    let contradicting = store_links(session, s, links).await?;
    let conflicts: Vec<NewReject> = contradicting.iter().map(link_conflict).collect();
    put(session, s, part, &conflicts).await
}

pub(super) async fn put_links(database: &Database, links: &[Link]) -> Result<()> {
    let mut session = database.session().await?;
    session.begin().await?;
    let stored = async {
        lock_links(&mut session, &database.schema).await?;
        store_links(&mut session, &database.schema, links).await
    };
    let stored = match stored.await {
        Ok(contradicting) if contradicting.is_empty() => Ok(()),
        Ok(_) => Err(link_contradiction()),
        Err(error) => Err(error),
    };
    session.end(stored).await
}

/// The rejects that a filter means: `$1` to `$9` of `values!`.
const MEANT: &str = "($1::text IS NULL OR part.flow = $1) AND ($2::text IS NULL OR part.name = $2)
    AND ($3::text IS NULL OR reject.key = $3) AND ($4::text IS NULL OR reject.code = $4)
    AND ($5::timestamptz IS NULL OR reject.last_seen >= $5)
    AND ($6::timestamptz IS NULL OR reject.last_seen < $6)
    AND (NOT $7 OR reject.due) AND ($8::text IS NULL OR reject.key > $8)
    AND ($9::text IS NULL OR reject.code <> $9)";

macro_rules! values {
    ($filter:ident $(, $more:expr)*) => {
        &[
            text($filter.flow.as_ref().map(FlowName::as_str)),
            text($filter.part.as_deref().map(clean)),
            text($filter.key.as_ref().map(|key| clean(key.as_str()))),
            text($filter.code.as_deref().map(clean)),
            instant($filter.since),
            instant($filter.before),
            boolean($filter.due),
            text($filter.after.as_ref().map(|key| clean(key.as_str()))),
            text($filter.except.as_deref().map(clean)),
            $($more)*
        ]
    };
}

pub(super) async fn list(database: &Database, filter: &RejectFilter) -> Result<Vec<Reject>> {
    let s = &database.schema;
    let order = if filter.part.is_some() { "" } else { "reject.first_seen, " };
    let sql = format!(
        "SELECT part.flow, part.name, reject.key, stage, first_seen, last_seen, attempts, due, raw,
         code, detail, waits_kind, waits_side, waits_id
         FROM {s}.reject JOIN {s}.part ON part.id = reject.part WHERE {MEANT}
         ORDER BY {order}part.flow, part.name, reject.key LIMIT $10"
    );
    let limit = signed(filter.limit as u64);
    let rows = database.rows("list rejects", &sql, values!(filter, int(limit))).await?;
    rows.iter().map(reject).collect()
}

fn reject(row: &Row) -> Result<Reject> {
    let part = Part::named(&FlowName::new(get::<&str>(row, 0)?)?, get::<&str>(row, 1)?);
    let stage = stage(row, 3)?;
    let reason = reason(row, 9)?.unwrap_or_else(|| Reason::new(""));
    let mut new = NewReject::new(get::<&str>(row, 2)?.into(), stage, reason);
    new.raw = get::<Option<&[u8]>>(row, 8)?.map(Into::into);
    let mut reject = Reject::new(part, new, get(row, 4)?);
    reject.last_seen = get(row, 5)?;
    reject.attempts = u32::try_from(get::<i64>(row, 6)?).unwrap_or(u32::MAX);
    reject.due = get(row, 7)?;
    Ok(reject)
}

/// A stage of a newer version is still a reject of the flow.
fn stage(row: &Row, column: usize) -> Result<RejectStage> {
    Ok(RejectStage::parse(get(row, column)?).unwrap_or(RejectStage::Sink))
}

/// A reason in five columns: code, detail, and the link it waits for.
pub(super) fn reason(row: &Row, column: usize) -> Result<Option<Reason>> {
    let Some(code) = get::<Option<String>>(row, column)? else { return Ok(None) };
    let mut reason = Reason::new(code);
    if let Some(detail) = get::<Option<String>>(row, column + 1)? {
        reason = reason.with_detail(detail);
    }
    let (kind, side) = (get::<Option<&str>>(row, column + 2)?, get::<Option<&str>>(row, column + 3)?);
    let id = get::<Option<&str>>(row, column + 4)?;
    if let (Some(kind), Some(side), Some(id)) = (kind, side.and_then(LinkSide::parse), id) {
        reason = reason.waiting_for(LinkRef::new(kind, side, id));
    }
    Ok(Some(reason))
}

pub(super) async fn count(database: &Database, filter: &RejectFilter) -> Result<RejectCount> {
    let s = &database.schema;
    let sql = format!(
        "SELECT stage, count(*), min(reject.first_seen)
         FROM {s}.reject JOIN {s}.part ON part.id = reject.part WHERE {MEANT} GROUP BY stage"
    );
    let rows = database.rows("count rejects", &sql, values!(filter)).await?;
    rows.iter().try_fold(RejectCount::default(), |count, row| {
        Ok(count.and(stage(row, 0)?, unsigned(get(row, 1)?), get(row, 2)?))
    })
}

pub(super) async fn replay(database: &Database, filter: &RejectFilter) -> Result<u64> {
    let s = &database.schema;
    let sql = format!("UPDATE {s}.reject SET due = true FROM part WHERE part.id = reject.part AND {MEANT}");
    change(database, "make rejects due", &sql, filter).await
}

pub(super) async fn drop(database: &Database, filter: &RejectFilter) -> Result<u64> {
    let s = &database.schema;
    let sql = format!("DELETE FROM {s}.reject USING part WHERE part.id = reject.part AND {MEANT}");
    change(database, "drop rejects", &sql, filter).await
}

/// Changes rejects, under the locks of their parts.
async fn change(database: &Database, what: &'static str, change: &str, filter: &RejectFilter) -> Result<u64> {
    let s = &database.schema;
    let sql = format!(
        "WITH part AS MATERIALIZED (SELECT id, flow, name FROM {s}.part
             WHERE ($1::text IS NULL OR flow = $1) AND ($2::text IS NULL OR name = $2) ORDER BY id FOR UPDATE)
         {change}"
    );
    let mut session = database.session().await?;
    session.begin().await?;
    let changed = async {
        lock_links(&mut session, s).await?;
        session.execute(what, &sql, values!(filter)).await
    };
    let changed = changed.await;
    session.end(changed).await
}

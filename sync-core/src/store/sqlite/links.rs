//! Links, and the rejects that wait for them.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{Instant, failed, rejects};
use crate::error::Result;
use crate::link::{Link, LinkRef, LinkSide, Links};
use crate::name::LinkKind;
use crate::store::columns::signed;
use crate::store::{link_conflict, link_contradiction};

pub(super) fn find(tx: &Transaction<'_>, wanted: Vec<LinkRef>) -> Result<Links> {
    let mut links = Links::default();
    for wanted in wanted {
        if let Some(other) = other_side(tx, &wanted)? {
            links.insert(wanted, other);
        }
    }
    Ok(links)
}

/// The id on the other side, if the link is known.
pub(super) fn other_side(tx: &Transaction<'_>, wanted: &LinkRef) -> Result<Option<String>> {
    let sql = match wanted.known {
        LinkSide::A => "SELECT b FROM link WHERE kind = ?1 AND a = ?2",
        LinkSide::B => "SELECT a FROM link WHERE kind = ?1 AND b = ?2",
    };
    tx.prepare_cached(sql)
        .and_then(|mut s| s.query_row([wanted.kind.as_str(), &wanted.id], |row| row.get(0)).optional())
        .map_err(failed("read links"))
}

/// Puts the link in the place of the one that it replaces, if that is there; tells whether it was.
fn replace(tx: &Transaction<'_>, link: &Link) -> Result<bool> {
    let Some(replaced) = &link.replaces else { return Ok(false) };
    let sql = "UPDATE link SET b = ?3 WHERE kind = ?1 AND a = ?2 AND b = ?4
        AND NOT EXISTS (SELECT 1 FROM link WHERE kind = ?1 AND b = ?3)";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.execute([link.kind.as_str(), &link.a, &link.b, replaced]))
        .map(|replaced| replaced > 0)
        .map_err(failed("replace a link"))
}

/// Stores the link unless it contradicts another; tells whether it is stored now.
fn put(tx: &Transaction<'_>, link: &Link) -> Result<bool> {
    let what = failed("keep a link");
    let values = [link.kind.as_str(), &link.a, &link.b];
    let stored = replace(tx, link)?
        || tx
            .prepare_cached(
                "INSERT INTO link (kind, a, b, open) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            )
            .and_then(|mut s| s.execute(params![link.kind.as_str(), link.a, link.b, link.open]))
            .map_err(&what)?
            > 0;
    if !stored {
        // what waits for a link that is known is due since it was rejected
        return tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM link WHERE kind = ?1 AND a = ?2 AND b = ?3)")
            .and_then(|mut s| s.query_row(values, |row| row.get(0)))
            .map_err(&what);
    }
    for (known, id) in [(LinkSide::A, &link.a), (LinkSide::B, &link.b)] {
        make_due(tx, &LinkRef::new(link.kind.clone(), known, id.as_str()))?;
    }
    Ok(true)
}

/// Makes the rejects due that wait for this.
pub(super) fn make_due(tx: &Transaction<'_>, wanted: &LinkRef) -> Result<()> {
    let sql = "UPDATE reject SET due = 1 WHERE waits_kind = ?1 AND waits_side = ?2 AND waits_id = ?3";
    tx.prepare_cached(sql)
        .and_then(|mut s| s.execute(params![wanted.kind.as_str(), wanted.known.as_str(), wanted.id]))
        .map_err(failed("make rejects due"))?;
    Ok(())
}

/// Stores links; one that contradicts another becomes a reject of the part.
pub(super) fn learn(tx: &Transaction<'_>, part: i64, links: &[Link], now: Instant) -> Result<()> {
    for link in links {
        if !put(tx, link)? {
            rejects::put(tx, part, &link_conflict(link), now)?;
        }
    }
    Ok(())
}

pub(super) fn put_all(tx: &Transaction<'_>, links: &[Link]) -> Result<()> {
    for link in links {
        if !put(tx, link)? {
            return Err(link_contradiction());
        }
    }
    Ok(())
}

/// Tells how many were open.
pub(super) fn close(tx: &Transaction<'_>, links: &[LinkRef]) -> Result<u64> {
    let mut closed = 0;
    for link in links {
        let sql = match link.known {
            LinkSide::A => "UPDATE link SET open = 0 WHERE kind = ?1 AND a = ?2 AND open",
            LinkSide::B => "UPDATE link SET open = 0 WHERE kind = ?1 AND b = ?2 AND open",
        };
        closed += tx
            .prepare_cached(sql)
            .and_then(|mut s| s.execute([link.kind.as_str(), &link.id]))
            .map_err(failed("close a link"))?;
    }
    Ok(closed as u64)
}

pub(super) fn list_open(
    tx: &Transaction<'_>,
    kind: &LinkKind,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Link>> {
    let what = failed("list open links");
    let sql = "SELECT a, b FROM link WHERE kind = ?1 AND open AND (?2 IS NULL OR a > ?2) ORDER BY a LIMIT ?3";
    let mut statement = tx.prepare_cached(sql).map_err(&what)?;
    let values = params![kind.as_str(), after, signed(limit as u64)];
    let link = |row: &rusqlite::Row<'_>| {
        Ok(Link::new(kind.clone(), row.get::<_, String>(0)?, row.get::<_, String>(1)?).open())
    };
    statement.query_map(values, link).and_then(Iterator::collect).map_err(&what)
}

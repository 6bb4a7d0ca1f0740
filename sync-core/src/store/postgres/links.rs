//! Open links.

use tokio_postgres::Row;

use super::rejects;
use super::session::{Database, Session, clean, get, int, text, texts};
use crate::error::Result;
use crate::link::{Link, LinkRef};
use crate::name::LinkKind;
use crate::store::columns::signed;

/// Closes links, under the lock of links; tells how many were open.
pub(super) async fn close(session: &mut Session, s: &str, links: &[LinkRef]) -> Result<u64> {
    if links.is_empty() {
        return Ok(0);
    }
    let sql = format!(
        "UPDATE {s}.link SET open = false WHERE open AND (kind, a) IN (
             SELECT link.kind, link.a FROM unnest($1, $2, $3) AS done (kind, side, id) JOIN {s}.link
             ON link.kind = done.kind AND link.a = done.id WHERE done.side = 'a'
             UNION SELECT link.kind, link.a FROM unnest($1, $2, $3) AS done (kind, side, id) JOIN {s}.link
             ON link.kind = done.kind AND link.b = done.id WHERE done.side = 'b')"
    );
    let kinds: Vec<_> = links.iter().map(|link| clean(link.kind.as_str())).collect();
    let sides: Vec<_> = links.iter().map(|link| link.known.as_str()).collect();
    let ids: Vec<_> = links.iter().map(|link| clean(&link.id)).collect();
    session.execute("close links", &sql, &[texts(&kinds), texts(&sides), texts(&ids)]).await
}

pub(super) async fn close_all(database: &Database, links: &[LinkRef]) -> Result<u64> {
    let mut session = database.session().await?;
    session.begin().await?;
    let closed = async {
        rejects::lock_links(&mut session, &database.schema).await?;
        close(&mut session, &database.schema, links).await
    };
    let closed = closed.await;
    session.end(closed).await
}

pub(super) async fn list_open(
    database: &Database,
    kind: &LinkKind,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Link>> {
    let s = &database.schema;
    let sql = format!(
        "SELECT a, b FROM {s}.link WHERE open AND kind = $1 AND ($2::text IS NULL OR a > $2) ORDER BY a LIMIT $3"
    );
    let values = &[text(clean(kind.as_str())), text(after.map(clean)), int(signed(limit as u64))];
    let link = |row: &Row| Ok(Link::new(kind.clone(), get::<&str>(row, 0)?, get::<&str>(row, 1)?).open());
    database.rows("list open links", &sql, values).await?.iter().map(link).collect()
}

//! Positions and what was sent.

use super::{Case, TTL, fails, same};
use crate::error::{ErrorKind, Result};
use crate::fingerprint::Fingerprint;
use crate::name::Part;
use crate::store::{PageCommit, PageQuery, Sent};

pub(super) async fn positions(case: &Case) -> Result<()> {
    let fresh = case.state(&["a"]).await?;
    same("a new part is at revision 0", (fresh.revision, fresh.position, fresh.sent), (0, None, vec![None]))?;
    case.commit(|_| {}).await?;
    let state = case.state(&[]).await?;
    same("a position comes back", (state.revision, state.position.as_deref()), (1, Some("position 0")))?;
    let other = Part::named(&case.flow, "other");
    let other = case.store.read_page(&other, PageQuery::default()).await?;
    same("parts have positions of their own", (other.revision, other.position), (0, None))
}

pub(super) async fn zombies(case: &Case) -> Result<()> {
    let old = case.lease("old").await?;
    case.advance(TTL * 2).await?;
    let new = case.lease("new").await?;
    let page = |revision, position: &str| {
        let mut page = PageCommit::new(revision, position);
        page.sent.push(("a".into(), Sent::new(Fingerprint::from_bytes([7; 16]), None)));
        page
    };
    let zombie = case.store.commit(&case.part, &old, page(0, "zombie")).await;
    fails("an old fence cannot commit", zombie, ErrorKind::LeaseLost)?;
    let stale = case.store.commit(&case.part, &new, page(5, "stale")).await;
    fails("an old revision cannot commit", stale, ErrorKind::RevisionConflict)?;
    let state = case.state(&["a"]).await?;
    same(
        "a refused commit writes nothing",
        (state.revision, state.position, state.sent),
        (0, None, vec![None]),
    )?;
    case.store.commit(&case.part, &new, page(0, "new")).await.map(drop)
}

pub(super) async fn sent(case: &Case) -> Result<()> {
    let sent =
        |byte, target: Option<&str>| Sent::new(Fingerprint::from_bytes([byte; 16]), target.map(Into::into));
    case.commit(|page| page.sent.extend([("a".into(), sent(1, Some("T1"))), ("ż".into(), sent(2, None))]))
        .await?;
    case.commit(|page| page.sent.push(("a".into(), sent(3, Some("T3"))))).await?;
    let state = case.state(&["ż", "x", "a"]).await?;
    let expected = vec![Some(sent(2, None)), None, Some(sent(3, Some("T3")))];
    same("what was sent comes back in the order asked", state.sent, expected)?;
    case.commit(|page| page.withdrawn.push("a".into())).await?;
    same("what is withdrawn is gone", case.state(&["a"]).await?.sent, vec![None])
}

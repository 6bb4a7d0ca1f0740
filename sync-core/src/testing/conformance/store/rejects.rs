//! Live rejects.

use super::{Case, TTL, same};
use crate::error::{Error, Reason, Result};
use crate::name::Key;
use crate::reject::{NewReject, RejectFilter, RejectStage};

pub(super) async fn live_rejects(case: &Case) -> Result<()> {
    let reject = |code: &'static str| {
        NewReject::new("b".into(), RejectStage::Sink, Reason::new(code).with_detail("words"))
    };
    let before = case.store.now().await?;
    case.commit(|page| page.rejects.push(reject("first"))).await?;
    case.advance(TTL).await?;
    case.commit(|page| page.rejects.push(reject("second"))).await?;
    same("one live reject per key", case.reject_codes().await?, vec![("b".into(), "second".into(), 2)])?;
    let listed = case.store.rejects(&RejectFilter::all().limit(1)).await?;
    let [listed] = listed.as_slice() else { return Err(Error::bug("the reject is listed")) };
    same("a reject keeps its words", listed.reason.detail(), Some("words"))?;
    same("a reject keeps its stage", listed.stage, RejectStage::Sink)?;
    case.between("a reject keeps when it was seen last", listed.last_seen, before, TTL).await?;
    let first = listed.first_seen < listed.last_seen && listed.first_seen >= before;
    same("a reject keeps when it was seen first", first, true)?;
    let live = case.state(&["a", "b"]).await?.rejected;
    same("live rejects are told", live.into_iter().collect(), vec![(Key::from("b"), "second".to_owned())])?;
    case.commit(|page| page.cleared.push("b".into())).await?;
    same("a cleared reject is gone", case.reject_codes().await?, vec![])
}

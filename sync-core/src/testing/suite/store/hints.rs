//! Hints and deliveries.

use std::time::Duration;

use super::{Case, TTL, fails, flow, same};
use crate::error::{ErrorKind, Reason, Result};
use crate::lease::Lease;
use crate::name::{Key, Part};
use crate::reject::{NewReject, RejectStage};
use crate::store::{PageCommit, PageQuery};
use crate::webhook::{Delivery, Hint, HintOutcome, HintSettled, Waiting};

const DAY: Duration = Duration::from_secs(86_400);

impl Case {
    async fn hint(&self, id: &str, part: &Part, keys: &[&str]) -> Result<HintOutcome> {
        let hints: Vec<_> = keys.iter().map(|key| (part.clone(), Key::from(*key))).collect();
        self.store.put_hints(&Delivery::new("suite", id), &hints).await
    }

    /// Key, number and attempts of the part's hints that are due.
    async fn due_hints(&self, part: &Part) -> Result<Vec<(String, u64, u32)>> {
        let hints = self.store.hints(part, None, 100).await?;
        Ok(hints.iter().map(|hint| (hint.key.to_string(), hint.number, hint.attempts)).collect())
    }

    async fn settle_hints(&self, settled: Vec<HintSettled>) -> Result<()> {
        self.commit(|page| page.hints = settled).await.map(drop)
    }
}

fn due(hints: &[(&str, u64, u32)]) -> Vec<(String, u64, u32)> {
    hints.iter().map(|(key, number, attempts)| ((*key).to_owned(), *number, *attempts)).collect()
}

pub(super) async fn deliveries(case: &Case) -> Result<()> {
    let (part, named) = (&case.part, Part::named(&case.flow, "named"));
    let before = case.store.now().await?;
    same("a delivery is new", case.hint("1", part, &["b", "a"]).await?, HintOutcome::New)?;
    same("and hints at its records", case.due_hints(part).await?, due(&[("a", 1, 0), ("b", 1, 0)]))?;
    same("again it is none", case.hint("1", part, &["a", "c"]).await?, HintOutcome::Duplicate)?;
    same("and does nothing", case.due_hints(part).await?, due(&[("a", 1, 0), ("b", 1, 0)]))?;
    same("another about a record", case.hint("2", part, &["a"]).await?, HintOutcome::New)?;
    same("is the same hint, newer", case.due_hints(part).await?, due(&[("a", 2, 0), ("b", 1, 0)]))?;
    let elsewhere =
        case.store.put_hints(&Delivery::new("other", "1"), &[(named.clone(), "z".into())]).await?;
    same("ids are the endpoint's own", elsewhere, HintOutcome::New)?;
    same("parts have hints of their own", case.due_hints(&named).await?, due(&[("z", 1, 0)]))?;
    same("flows too", case.due_hints(&Part::whole(&flow("suite/other"))).await?, due(&[]))?;
    let page = case.store.hints(part, Some(&"a".into()), 100).await?;
    same("they come in pages", page.iter().map(|hint| hint.key.as_str()).collect(), vec!["b"])?;
    let page = case.store.hints(part, None, 1).await?;
    same("of a size", page.iter().map(|hint| hint.key.as_str()).collect(), vec!["a"])?;
    for hint in page {
        case.between("when it was hinted is kept", hint.hinted_at, before, Duration::ZERO).await?;
    }
    Ok(())
}

pub(super) async fn settled_hints(case: &Case) -> Result<()> {
    let part = &case.part;
    case.hint("1", part, &["done", "later", "newer", "newer later"]).await?;
    let hints = case.store.hints(part, None, 100).await?;
    case.hint("2", part, &["newer", "newer later"]).await?;
    let settle = |hint: &Hint| match hint.key.as_str() {
        "done" | "newer" => HintSettled::done(hint),
        _ => HintSettled::again(hint, TTL),
    };
    case.settle_hints(hints.iter().map(settle).collect()).await?;
    let left = due(&[("newer", 2, 0), ("newer later", 2, 0)]);
    same("a delivery that came meanwhile stays", case.due_hints(part).await?, left.clone())?;
    let done = hints.iter().map(settle).filter(|settled| settled.again.is_none());
    case.settle_hints(done.collect()).await?;
    same("settled twice is settled once", case.due_hints(part).await?, left)?;
    case.advance(TTL).await?;
    let later = due(&[("later", 1, 1), ("newer", 2, 0), ("newer later", 2, 0)]);
    same("the other is due later", case.due_hints(part).await?, later)?;
    case.hint("3", part, &["later", "done"]).await?;
    let hints = case.due_hints(part).await?.into_iter().filter(|(key, _, _)| !key.starts_with("newer"));
    let anew = due(&[("done", 1, 0), ("later", 2, 0)]);
    same("a delivery begins anew", hints.collect(), anew)
}

pub(super) async fn hints_of_commits_that_fail(case: &Case) -> Result<()> {
    case.hint("1", &case.part, &["a"]).await?;
    let hints = case.store.hints(&case.part, None, 100).await?;
    let settled: Vec<_> = hints.iter().map(HintSettled::done).collect();
    let commit = async |lease: &Lease, revision| {
        let page = PageCommit { hints: settled.clone(), ..PageCommit::new(revision, "x") };
        case.store.commit(&case.part, lease, page).await
    };
    let old = case.lease("suite").await?;
    let lease = case.lease("suite").await?;
    fails("an old fence", commit(&old, 0).await, ErrorKind::LeaseLost)?;
    fails("another revision", commit(&lease, 7).await, ErrorKind::RevisionConflict)?;
    same("settle nothing", case.due_hints(&case.part).await?, due(&[("a", 1, 0)]))?;
    commit(&lease, 0).await?;
    same("the right ones do", case.due_hints(&case.part).await?, due(&[]))?;
    let position = case.store.read_page(&case.part, PageQuery::default()).await?.position;
    same("and the position is the commit's", position.as_deref(), Some("x"))
}

pub(super) async fn waiting(case: &Case) -> Result<()> {
    let waiting = async || case.store.waiting(&case.flow).await;
    same("nothing waits", waiting().await?, Waiting::default())?;
    let named = Part::named(&case.flow, "named");
    for part in [&case.part, &named, &Part::whole(&flow("suite/other"))] {
        let reject = |key: &str| NewReject::new(key.into(), RejectStage::Map, Reason::new("wrong"));
        case.commit_to(part, |page| page.rejects = vec![reject("a"), reject("b")]).await?;
        let hints = [(part.clone(), Key::from("a"))];
        case.store
            .put_hints(&Delivery::new("suite", part.name().to_owned() + part.flow().as_str()), &hints)
            .await?;
    }
    let told = waiting().await?;
    same("a flow's rejects and hints are counted", (told.rejects, told.hints), (4, 2))?;
    let before = case.store.now().await?;
    let hints = case.store.hints(&case.part, None, 100).await?;
    case.settle_hints(hints.iter().map(|hint| HintSettled::again(hint, TTL)).collect()).await?;
    let hints = case.store.hints(&named, None, 100).await?;
    case.commit_to(&named, |page| page.hints = hints.iter().map(HintSettled::done).collect()).await?;
    let told = waiting().await?;
    same("of hints those that are due", (told.rejects, told.hints), (4, 0))?;
    let next = told.next_hint_at.unwrap_or_default();
    case.between("when the next one is due is told", next, before, TTL).await?;
    case.advance(TTL).await?;
    same("then it is", waiting().await?.hints, 1)
}

pub(super) async fn old_deliveries(case: &Case) -> Result<()> {
    case.hint("1", &case.part, &["a"]).await?;
    case.advance(Delivery::KEPT - DAY).await?;
    case.hint("2", &case.part, &["b"]).await?;
    same("no act is dropped", case.store.prune(Duration::ZERO).await?, 0)?;
    same("a young delivery stays", case.hint("1", &case.part, &["c"]).await?, HintOutcome::Duplicate)?;
    case.advance(2 * DAY).await?;
    case.store.prune(2 * Delivery::KEPT).await?;
    same("an old one too if asked for", case.hint("1", &case.part, &["c"]).await?, HintOutcome::Duplicate)?;
    case.store.prune(DAY).await?;
    same("an old hint is gone", case.due_hints(&case.part).await?, due(&[("b", 1, 0)]))?;
    same("an old delivery is forgotten", case.hint("1", &case.part, &["c"]).await?, HintOutcome::New)?;
    same("the younger is not", case.hint("2", &case.part, &["c"]).await?, HintOutcome::Duplicate)
}

pub(super) async fn forgotten_hints(case: &Case) -> Result<()> {
    let named = Part::named(&case.flow, "named");
    case.hint("1", &case.part, &["a"]).await?;
    case.hint("2", &named, &["a"]).await?;
    let lease = case.lease("suite").await?;
    case.store.forget(&case.part, &lease).await?;
    same("a part's hints are forgotten with it", case.due_hints(&case.part).await?, due(&[]))?;
    same("other parts' stay", case.due_hints(&named).await?, due(&[("a", 1, 0)]))
}

//! Parts as a whole.

use std::time::Duration;

use super::{Case, TTL, fails, flow, same};
use crate::act::{ActChange, ActState, Created, NewAct};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::link::{Link, LinkRef};
use crate::name::{Key, Part};
use crate::reject::{NewReject, RejectCount, RejectFilter, RejectStage};
use crate::seen::SeenChunk;
use crate::store::{
    Approval, Command, Order, PageCommit, PageQuery, PartStatus, Population, Sent, Settlement,
};

impl Case {
    async fn only_part(&self) -> Result<PartStatus> {
        let parts = self.store.parts(&self.flow).await?;
        let [part] = parts.as_slice() else { return Err(Error::bug("the one part is listed")) };
        Ok(part.clone())
    }

    async fn only_of(&self, part: &Part) -> Result<PartStatus> {
        let mut parts = self.store.parts(part.flow()).await?;
        parts.retain(|status| status.part == *part);
        parts.pop().ok_or_else(|| Error::bug("a committed part is listed"))
    }
}

pub(super) async fn populations(case: &Case) -> Result<()> {
    same("a new part has none", case.state(&[]).await?.population, Population::default())?;
    let large = Population::new(5_000_000_000, 4_999_999_999);
    case.commit(|page| page.population = Some(large)).await?;
    same("a population comes back", case.state(&[]).await?.population, large)?;
    case.commit(|_| {}).await?;
    same("a commit without one leaves it", case.state(&[]).await?.population, large)?;
    case.commit(|page| page.population = Some(Population::new(7, 0))).await?;
    same("a population can fall", case.state(&[]).await?.population, Population::new(7, 0))?;
    same("a part is listed with it", case.only_part().await?.population, Population::new(7, 0))
}

pub(super) async fn listed(case: &Case) -> Result<()> {
    case.lease("suite").await?;
    same("a lease makes no part", case.store.parts(&case.flow).await?, vec![])?;
    let refused = case.store.commit(&case.part, &case.lease("suite").await?, PageCommit::new(3, "x")).await;
    fails("the revision is wrong", refused, ErrorKind::RevisionConflict)?;
    same("a refused commit makes no part", case.store.parts(&case.flow).await?, vec![])?;
    for name in ["ż", "a", "", "Ł", "B"] {
        case.commit_to(&Part::named(&case.flow, name), |_| {}).await?;
    }
    case.commit_to(&Part::named(&flow("suite/other"), "c"), |_| {}).await?;
    let parts = case.store.parts(&case.flow).await?;
    let names: Vec<_> = parts.iter().map(|status| status.part.name()).collect();
    same("the parts of one flow, by the bytes of their names", names, vec!["", "B", "a", "Ł", "ż"])?;
    same("of their flow", parts.iter().all(|status| status.part.flow() == &case.flow), true)
}

pub(super) async fn cycles(case: &Case) -> Result<()> {
    let first = case.store.now().await?;
    case.commit(|_| {}).await?;
    let status = case.only_part().await?;
    let told = (status.revision, status.position.as_str(), status.last_ok_at);
    same("a part that completed no cycle", told, (1, "position 0", None))?;
    case.between("when it was committed", status.committed_at, first, Duration::ZERO).await?;
    case.advance(TTL).await?;
    case.commit(|page| page.completed = true).await?;
    let completed = case.only_part().await?;
    same("a cycle completes with its commit", completed.last_ok_at, Some(completed.committed_at))?;
    case.between("when it completed", completed.committed_at, first, TTL).await?;
    case.advance(TTL).await?;
    case.commit(|_| {}).await?;
    let later = case.only_part().await?;
    same("other commits complete nothing", later.last_ok_at, completed.last_ok_at)?;
    case.between("each commit counts", later.committed_at, first, TTL * 2).await
}

pub(super) async fn approvals(case: &Case) -> Result<()> {
    let approval = Approval::new("held:17", "Żaneta O'Hara", "seen, \"agreed\"");
    fails("a part that nobody knows", case.store.approve(&case.part, &approval).await, ErrorKind::NotFound)?;
    case.lease("suite").await?;
    let leased = case.store.approve(&case.part, &approval).await;
    fails("a part that was never committed", leased, ErrorKind::NotFound)?;
    let other = Part::named(&case.flow, "other");
    case.commit_to(&other, |_| {}).await?;
    case.commit(|_| {}).await?;
    same("nothing is approved by itself", case.state(&[]).await?.approval, None)?;

    case.store.approve(&case.part, &Approval::new("held:1", "a", "b")).await?;
    case.store.approve(&case.part, &approval).await?;
    let state = case.state(&[]).await?;
    same("a later approval replaces the first", state.approval, Some(approval.clone()))?;
    same("an approval leaves the revision", state.revision, 1)?;
    same("it is listed with the part", case.only_of(&case.part).await?.approval, Some(approval.clone()))?;
    same("it is the part's own", case.only_of(&other).await?.approval, None)?;
    case.commit(|_| {}).await?;
    same("a commit leaves it", case.state(&[]).await?.approval, Some(approval.clone()))?;
    case.commit(|page| page.approval_used = Some("held:1".to_owned())).await?;
    same("one that uses up another too", case.state(&[]).await?.approval, Some(approval.clone()))?;
    case.commit(|page| page.approval_used = Some(approval.token.clone())).await?;
    same("until one uses it up", case.state(&[]).await?.approval, None)?;
    case.commit(|page| page.approval_used = Some(approval.token.clone())).await?;
    same("which it may do again", case.state(&[]).await?.approval, None)
}

pub(super) async fn commands(case: &Case) -> Result<()> {
    let at = chrono::DateTime::UNIX_EPOCH;
    let backfill = Command::new(Order::Backfill, "Żaneta O'Hara", "\"lost\" stock", at);
    let rewind = Command::new(Order::Rewind(Some("{\"at\":17}".to_owned())), "Jan", "restored", at);
    case.lease("suite").await?;
    let leased = case.store.command(&case.part, &backfill).await;
    fails("a part that was never committed", leased, ErrorKind::NotFound)?;
    let other = Part::named(&case.flow, "other");
    case.commit_to(&other, |_| {}).await?;
    case.commit(|_| {}).await?;
    same("nothing is wanted by itself", case.state(&[]).await?.command, None)?;
    case.store.command(&case.part, &backfill).await?;
    let second = case.store.command(&case.part, &rewind).await;
    fails("a command that waits is not replaced", second, ErrorKind::Conflict)?;
    let state = case.state(&[]).await?;
    same("it waits, and leaves the revision", (state.command, state.revision), (Some(backfill.clone()), 1))?;
    let foreign = case.store.read_page(&other, PageQuery::default()).await?;
    same("it is the part's own", foreign.command, None)?;
    let listed = case.store.parts(&case.flow).await?;
    let listed = listed.into_iter().map(|status| (status.part, status.command)).collect::<Vec<_>>();
    same(
        "parts are listed with theirs",
        listed,
        vec![(case.part.clone(), Some(backfill.clone())), (other, None)],
    )?;
    case.commit(|_| {}).await?;
    same("a commit leaves it", case.state(&[]).await?.command, Some(backfill))?;
    case.commit(|page| page.command_taken = true).await?;
    same("until one takes it up", case.state(&[]).await?.command, None)?;
    case.store.command(&case.part, &rewind).await?;
    same("then there is room for another", case.state(&[]).await?.command, Some(rewind))?;
    let lease = case.lease("suite").await?;
    case.store.forget(&case.part, &lease).await?;
    same("it is forgotten with its part", case.state(&[]).await?.command, None)?;
    case.commit(|_| {}).await?;
    same("for good", case.state(&[]).await?.command, None)
}

/// Fills the part: one key sent, another rejected, a chunk, a population.
fn fill(page: &mut PageCommit) {
    page.sent.push(("a".into(), Sent::new(Fingerprint::from_bytes([1; 16]), None)));
    page.rejects.push(NewReject::new("b".into(), RejectStage::Map, Reason::new("wrong")));
    page.population = Some(Population::new(1, 1));
    page.seen.push(SeenChunk::new(0, vec![1; 4096]));
    page.completed = true;
}

pub(super) async fn forgetting(case: &Case) -> Result<()> {
    let (named, foreign) = (Part::named(&case.flow, "named"), Part::whole(&flow("suite/other")));
    let parts = [&case.part, &named, &foreign];
    for part in parts {
        case.commit_to(part, fill).await?;
        case.store.approve(part, &Approval::new("t", "b", "r")).await?;
    }
    let act = NewAct::new("o1", "k1", "order", "v", "v")?;
    let change = ActChange::Enqueue { act, fingerprint: Fingerprint::of("v")? };
    case.commit(|page| {
        page.acts.push(("o1".into(), change));
        page.links.push(Link::new("contractor", "1", "x"));
    })
    .await?;

    let old = case.lease("suite").await?;
    let lease = case.lease("suite").await?;
    fails("an old fence forgets nothing", case.store.forget(&case.part, &old).await, ErrorKind::LeaseLost)?;
    same("it is all there", case.state(&["a"]).await?.sent.iter().flatten().count(), 1)?;
    case.store.forget(&case.part, &lease).await?;
    case.store.give_back(&lease).await?;

    let state = case.state(&["a", "b", "o1"]).await?;
    same("the position is forgotten", (state.revision, state.position), (0, None))?;
    same("the numbers are forgotten", (state.population, state.approval), (Population::default(), None))?;
    same("what was sent is forgotten", state.sent, vec![None, None, None])?;
    same("its rejects are told no more", state.rejected.len(), 0)?;
    same("what was seen is forgotten", case.store.seen(&case.part).await?, vec![])?;
    same("nothing is unseen", case.store.count_unseen(&case.part, 0).await?, 0)?;
    let rejects = case.store.count_rejects(&RejectFilter::of_part(&case.part)).await?;
    same("its rejects are forgotten", rejects, RejectCount::default())?;
    let listed = case.store.parts(&case.flow).await?;
    same("it is listed no more", listed.iter().map(|status| &status.part).collect(), vec![&named])?;
    let approved = case.store.approve(&case.part, &Approval::new("t", "b", "r")).await;
    fails("there is nothing to approve", approved, ErrorKind::NotFound)?;

    for part in [&named, &foreign] {
        let keys = vec![Key::from("a"), Key::from("b")];
        let state = case.store.read_page(part, PageQuery::new(keys, Vec::new())).await?;
        let told = (state.revision, state.sent.iter().flatten().count(), state.rejected.len());
        same("other parts stay", told, (1, 1, 1))?;
        same("what was seen of them too", case.store.seen(part).await?.len(), 1)?;
    }
    same("acts stay", case.act_state("o1").await?, Some(ActState::Ready))?;
    let asked = LinkRef::of_a("contractor", "1");
    let links =
        case.store.read_page(&case.part, PageQuery::new(Vec::new(), vec![asked.clone()])).await?.links;
    same("links stay", links.get(&asked), Some("x"))?;
    let created = Created::new("D1").with_link(Link::new("order", "o1", "D1"));
    case.store.settle(&case.claim_one().await?, Settlement::Done(created)).await?;
    same("its acts go on", case.act_state("o1").await?, Some(ActState::Done))?;

    let lease = case.lease("suite").await?;
    case.store.forget(&Part::named(&case.flow, "unknown"), &lease).await?;
    case.commit(|page| page.sent.push(("c".into(), Sent::new(Fingerprint::from_bytes([2; 16]), None))))
        .await?;
    let state = case.state(&["a", "c"]).await?;
    let sent = state.sent.iter().map(Option::is_some).collect::<Vec<_>>();
    same("it begins anew", (state.revision, sent), (1, vec![false, true]))?;
    same("and is listed again", case.only_of(&case.part).await?.last_ok_at, None)
}

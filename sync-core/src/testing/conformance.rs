//! What every store has to do.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use super::ManualClock;
use crate::act::{ActChange, ActOutcome, ActState, Created, NewAct};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkRef};
use crate::name::{ActKind, FlowName, Holder, Key, Part};
use crate::reject::{NewReject, RejectCount, RejectFilter, RejectStage};
use crate::store::{
    ActFilter, Claim, ClaimRequest, ClaimTask, PageCommit, PageQuery, PageState, Sent, Settlement, Store,
};

const TTL: Duration = Duration::from_secs(60);
const LAG: Duration = Duration::from_secs(10);

/// Runs every case of the suite, each on a store of its own that `make` makes with this clock.
///
/// # Errors
/// The first promise that the store does not keep.
pub async fn store_conformance<F>(make: F) -> Result<()>
where
    F: Fn(Arc<ManualClock>) -> Arc<dyn Store>,
{
    leases(&Case::new(&make)).await?;
    positions(&Case::new(&make)).await?;
    zombies(&Case::new(&make)).await?;
    sent_and_rejects(&Case::new(&make)).await?;
    links(&Case::new(&make)).await?;
    enqueueing(&Case::new(&make)).await?;
    changes_before_anything_happened(&Case::new(&make)).await?;
    order_of_claims(&Case::new(&make)).await?;
    lapsed_claims(&Case::new(&make)).await?;
    settlements(&Case::new(&make)).await?;
    releases(&Case::new(&make)).await
}

struct Case {
    clock: Arc<ManualClock>,
    store: Arc<dyn Store>,
    flow: FlowName,
    part: Part,
}

fn same<T: PartialEq + Debug>(promise: &'static str, got: T, expected: T) -> Result<()> {
    if got == expected {
        return Ok(());
    }
    Err(Error::bug(format!("{promise}: got {got:?} instead of {expected:?}")))
}

fn fails<T>(promise: &'static str, result: Result<T>, kind: ErrorKind) -> Result<()> {
    same(promise, result.err().map(|error| error.kind()), Some(kind))
}

impl Case {
    fn new(make: impl Fn(Arc<ManualClock>) -> Arc<dyn Store>) -> Self {
        let clock = Arc::new(ManualClock::default());
        // a flow name that is well-formed by construction
        let flow = FlowName::new("suite/flow").unwrap_or_else(|_| unreachable!());
        Self { store: make(Arc::clone(&clock)), clock, part: Part::whole(&flow), flow }
    }

    async fn lease(&self, holder: &str) -> Result<Lease> {
        match self.store.acquire(&self.flow, &Holder::from(holder), TTL).await? {
            Acquired::Granted(lease) => Ok(lease),
            Acquired::HeldBy { .. } => Err(Error::bug("a free lease was not granted")),
        }
    }

    async fn state(&self, keys: &[&str]) -> Result<PageState> {
        let keys = keys.iter().map(|key| Key::from(*key)).collect();
        self.store.read_page(&self.part, PageQuery::new(keys, Vec::new())).await
    }

    async fn commit(&self, change: impl FnOnce(&mut PageCommit)) -> Result<Vec<ActOutcome>> {
        let lease = self.lease("suite").await?;
        let revision = self.state(&[]).await?.revision;
        let mut page = PageCommit::new(revision, format!("position {revision}"));
        change(&mut page);
        let committed = self.store.commit(&self.part, &lease, page).await?;
        same("a commit raises the revision by one", committed.revision, revision + 1)?;
        Ok(committed.acts)
    }

    async fn enqueue(&self, op_key: &str, order_key: &str, business: &str) -> Result<ActOutcome> {
        let act = NewAct::new(op_key, order_key, "order", business, business)?;
        let fingerprint = Fingerprint::of(business)?;
        let acts = self
            .commit(|page| page.acts.push((op_key.into(), ActChange::Enqueue { act, fingerprint })))
            .await?;
        acts.first().copied().ok_or_else(|| Error::bug("a commit gives one outcome per act"))
    }

    async fn withdraw(&self, op_key: &str) -> Result<ActOutcome> {
        let change = ActChange::Withdraw { op_key: op_key.into() };
        let acts = self.commit(|page| page.acts.push((op_key.into(), change))).await?;
        acts.first().copied().ok_or_else(|| Error::bug("a commit gives one outcome per act"))
    }

    async fn claim(&self) -> Result<Vec<Claim>> {
        let request = ClaimRequest::new(vec![ActKind::from("order")], Holder::from("suite"), TTL, 10);
        self.store.claim(&request.with_visibility_lag(LAG)).await
    }

    async fn claim_one(&self) -> Result<Claim> {
        let mut claims = self.claim().await?;
        same("one act is due", claims.len(), 1)?;
        claims.pop().ok_or_else(|| Error::bug("one act is due"))
    }

    async fn act_state(&self, op_key: &str) -> Result<Option<ActState>> {
        Ok(self.store.acts(&ActFilter::one(op_key)).await?.first().map(|status| status.state))
    }

    async fn reject_codes(&self) -> Result<Vec<(String, String, u32)>> {
        let rejects = self.store.rejects(&RejectFilter::of_flow(&self.flow).limit(100)).await?;
        let counted = self.store.count_rejects(&RejectFilter::all()).await?;
        let oldest = rejects.iter().map(|reject| reject.first_seen).min();
        same("rejects are counted as listed", counted, RejectCount::new(rejects.len() as u64, oldest))?;
        let of = |r: &crate::reject::Reject| (r.key.to_string(), r.reason.code().to_owned(), r.attempts);
        Ok(rejects.iter().map(of).collect())
    }
}

async fn leases(case: &Case) -> Result<()> {
    let first = case.lease("first").await?;
    let second = case.store.acquire(&case.flow, &Holder::from("second"), TTL).await?;
    same("a held lease is not granted", second, Acquired::HeldBy { until: first.until })?;
    let again = case.lease("first").await?;
    same("a holder takes its own lease anew, with a new fence", again.fence, first.fence + 1)?;
    fails("an old fence cannot renew", case.store.renew(&first, TTL).await, ErrorKind::LeaseLost)?;
    case.clock.advance(TTL / 2);
    let renewed = case.store.renew(&again, TTL).await?;
    same("a renewal counts from now", renewed.until - case.clock.now(), chrono::TimeDelta::seconds(60))?;
    case.clock.advance(TTL);
    let second = case.lease("second").await?;
    same("a lapsed lease goes to the next, with a new fence", second.fence, again.fence + 1)?;
    case.store.give_back(&again).await?;
    let held = case.store.acquire(&case.flow, &Holder::from("third"), TTL).await?;
    same("an old fence gives nothing back", held, Acquired::HeldBy { until: second.until })?;
    case.store.give_back(&second).await?;
    fails(
        "a given-back lease cannot be renewed",
        case.store.renew(&second, TTL).await,
        ErrorKind::LeaseLost,
    )?;
    same("a lease given back is free", case.lease("third").await?.fence, second.fence + 1)
}

async fn positions(case: &Case) -> Result<()> {
    let fresh = case.state(&["a"]).await?;
    same("a new part is at revision 0", (fresh.revision, fresh.position, fresh.sent), (0, None, vec![None]))?;
    case.commit(|_| {}).await?;
    let state = case.state(&[]).await?;
    same("a position comes back", (state.revision, state.position.as_deref()), (1, Some("position 0")))?;
    let other = Part::named(&case.flow, "other");
    let other = case.store.read_page(&other, PageQuery::default()).await?;
    same("parts have positions of their own", (other.revision, other.position), (0, None))
}

async fn zombies(case: &Case) -> Result<()> {
    let old = case.lease("old").await?;
    case.clock.advance(TTL * 2);
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

async fn sent_and_rejects(case: &Case) -> Result<()> {
    let sent =
        |byte, target: Option<&str>| Sent::new(Fingerprint::from_bytes([byte; 16]), target.map(Into::into));
    case.commit(|page| page.sent.extend([("a".into(), sent(1, Some("T1"))), ("ż".into(), sent(2, None))]))
        .await?;
    case.commit(|page| page.sent.push(("a".into(), sent(3, Some("T3"))))).await?;
    let state = case.state(&["ż", "x", "a"]).await?;
    let expected = vec![Some(sent(2, None)), None, Some(sent(3, Some("T3")))];
    same("what was sent comes back in the order asked", state.sent, expected)?;
    case.commit(|page| page.withdrawn.push("a".into())).await?;
    same("what is withdrawn is gone", case.state(&["a"]).await?.sent, vec![None])?;

    let reject = |code: &'static str| {
        NewReject::new("b".into(), RejectStage::Sink, Reason::new(code).with_detail("words"))
    };
    case.commit(|page| page.rejects.push(reject("first"))).await?;
    case.clock.advance(TTL);
    case.commit(|page| page.rejects.push(reject("second"))).await?;
    same("one live reject per key", case.reject_codes().await?, vec![("b".into(), "second".into(), 2)])?;
    let listed = case.store.rejects(&RejectFilter::all().limit(1)).await?;
    let seen = listed.first().map(|r| (r.last_seen - r.first_seen, r.reason.detail().map(str::to_owned)));
    same(
        "a reject keeps its instants and words",
        seen,
        Some((chrono::TimeDelta::seconds(60), Some("words".into()))),
    )?;
    let live = case.state(&["a", "b"]).await?.rejected;
    same("live rejects are told", live.into_iter().collect(), vec![(Key::from("b"), "second".to_owned())])?;
    case.commit(|page| page.cleared.push("b".into())).await?;
    same("a cleared reject is gone", case.reject_codes().await?, vec![])
}

async fn links(case: &Case) -> Result<()> {
    let link = |a: &str, b: &str| Link::new("contractor", a, b);
    case.store.put_links(&[link("1", "x"), link("2", "y")]).await?;
    case.store.put_links(&[link("1", "x")]).await?;
    let contradiction = case.store.put_links(&[link("3", "z"), link("1", "z")]).await;
    fails("a contradiction is refused", contradiction, ErrorKind::Conflict)?;
    let asked = vec![
        LinkRef::of_a("contractor", "1"),
        LinkRef::of_b("contractor", "y"),
        LinkRef::of_a("contractor", "3"),
        LinkRef::of_a("other", "1"),
    ];
    let found = case.store.read_page(&case.part, PageQuery::new(Vec::new(), asked.clone())).await?.links;
    let found: Vec<_> = asked.iter().map(|asked| found.get(asked)).collect();
    same("links are found both ways, refused ones not", found, vec![Some("x"), Some("2"), None, None])?;
    case.commit(|page| page.links.extend([link("4", "v"), link("5", "y")])).await?;
    let codes = case.reject_codes().await?;
    let expected = vec![("link:contractor:5".to_owned(), Reason::LINK_CONFLICT.to_owned(), 1)];
    same("a contradiction learned in a commit becomes a reject", codes, expected)
}

async fn enqueueing(case: &Case) -> Result<()> {
    same("new", case.enqueue("o1", "k1", "v1").await?, ActOutcome::Enqueued)?;
    same("the same", case.enqueue("o1", "k1", "v1").await?, ActOutcome::Same)?;
    same("not under way", case.enqueue("o1", "k7", "v2").await?, ActOutcome::Replaced)?;
    let sent = case.state(&["o1"]).await?.sent;
    let expected = Sent::new(Fingerprint::of("v2")?, Some("o1".into()));
    same("an enqueued key is kept as sent under its op key", sent, vec![Some(expected.clone())])?;
    same("nothing to withdraw", case.withdraw("o9").await?, ActOutcome::Unknown)?;
    same("a new one", case.enqueue("o2", "k2", "v1").await?, ActOutcome::Enqueued)?;
    same("withdrawn", case.withdraw("o2").await?, ActOutcome::Dropped)?;
    same("a dropped act is gone", case.act_state("o2").await?, None)?;
    same("a dropped key is not sent", case.state(&["o2"]).await?.sent, vec![None])?;

    let claim = case.claim_one().await?;
    let payload = (claim.act.payload.as_json().to_owned(), claim.act.attempt, claim.task);
    same("the newer version is submitted", payload, ("\"v2\"".into(), 1, ClaimTask::Submit))?;
    same("the newer order key holds", claim.act.order_key.as_str(), "k7")?;
    same("changed", case.enqueue("o1", "k1", "v3").await?, ActOutcome::ChangedAfterTransfer)?;
    same("removed", case.withdraw("o1").await?, ActOutcome::ChangedAfterTransfer)?;
    let codes = case.reject_codes().await?;
    same("a change is rejected", codes, vec![("o1".into(), Reason::CHANGED_AFTER_TRANSFER.into(), 2)])?;
    same("what was sent stays", case.state(&["o1"]).await?.sent, vec![Some(expected)])?;
    same("an act under way stays", case.act_state("o1").await?, Some(ActState::Sending))?;
    same("changed back", case.enqueue("o1", "k1", "v2").await?, ActOutcome::Same)?;
    same("the reject is superseded", case.reject_codes().await?, vec![])
}

/// What surely has not happened can still be changed; what may have happened cannot.
async fn changes_before_anything_happened(case: &Case) -> Result<()> {
    case.enqueue("o1", "k1", "v1").await?;
    let again = Settlement::Again { after: Duration::ZERO, reason: Reason::new("away") };
    case.store.settle(&case.claim_one().await?, again).await?;
    same("after it was not sent", case.enqueue("o1", "k1", "v2").await?, ActOutcome::Replaced)?;
    case.store.settle(&case.claim_one().await?, Settlement::Held(Reason::new("price-changed"))).await?;
    case.store.release(&"o1".into(), "somebody", "agreed").await?;
    same("while it is held or released", case.enqueue("o1", "k1", "v3").await?, ActOutcome::Replaced)?;
    let claim = case.claim_one().await?;
    same("a release is void for the newer version", claim.act.released.is_some(), false)?;
    case.store.settle(&claim, Settlement::Rejected(Reason::new("price-changed"))).await?;
    same("nothing is left to withdraw of a refusal", case.withdraw("o1").await?, ActOutcome::Unknown)?;
    same("after it was refused", case.enqueue("o1", "k1", "v4").await?, ActOutcome::Replaced)?;
    let claim = case.claim_one().await?;
    let doubt = Settlement::InDoubt { after: Duration::ZERO, misses: 0, reason: Reason::new("lost") };
    case.store.settle(&claim, doubt).await?;
    let again = Settlement::Again { after: Duration::ZERO, reason: Reason::new("not-found") };
    case.store.settle(&case.claim_one().await?, again).await?;
    same("once in doubt", case.enqueue("o1", "k1", "v5").await?, ActOutcome::ChangedAfterTransfer)
}

async fn order_of_claims(case: &Case) -> Result<()> {
    for (op, key) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
        case.enqueue(op, key, op).await?;
    }
    let names = |claims: &[Claim]| claims.iter().map(|c| c.act.op_key.to_string()).collect::<Vec<_>>();
    let other = ClaimRequest::new(vec![ActKind::from("client")], Holder::from("suite"), TTL, 10);
    same("only the kinds asked for", names(&case.store.claim(&other).await?), vec![])?;
    let claims = case.claim().await?;
    same("the oldest of each order key", names(&claims), vec!["a1".into(), "b1".into()])?;
    same("an earlier act blocks", names(&case.claim().await?), vec![])?;
    let [a1, b1] = claims.as_slice() else { return Err(Error::bug("two claims")) };
    case.store.settle(b1, Settlement::Done(Created::new("B"))).await?;
    case.store.settle(a1, Settlement::Held(Reason::new("approve"))).await?;
    same("a held act blocks", names(&case.claim().await?), vec![])?;
    case.store.release(&"a1".into(), "person", "checked").await?;
    let a1 = case.claim_one().await?;
    let after = Duration::from_secs(5);
    case.store.settle(&a1, Settlement::Again { after, reason: Reason::new("away") }).await?;
    same("a waiting act blocks", names(&case.claim().await?), vec![])?;
    case.clock.advance(after);
    let a1 = case.claim_one().await?;
    case.store.settle(&a1, Settlement::Rejected(Reason::new("no"))).await?;
    same("a settled act lets the next go", names(&case.claim().await?), vec!["a2".into()])
}

async fn lapsed_claims(case: &Case) -> Result<()> {
    case.enqueue("a1", "a", "v").await?;
    let first = case.claim_one().await?;
    case.clock.advance(TTL / 2);
    case.store.extend(&first, TTL).await?;
    case.clock.advance(TTL / 2 + Duration::from_secs(1));
    same("an extended claim holds", case.claim().await?.len(), 0)?;
    case.clock.advance(TTL / 2);
    let other = ClaimRequest::new(vec![ActKind::from("client")], Holder::from("suite"), TTL, 10);
    same("nothing of another kind is claimed", case.store.claim(&other).await?.len(), 0)?;
    same("claims of other kinds are left alone", case.act_state("a1").await?, Some(ActState::Sending))?;
    same("a lapsed claim waits for the visibility lag", case.claim().await?.len(), 0)?;
    same("a lapsed claim is in doubt", case.act_state("a1").await?, Some(ActState::InDoubt))?;
    fails("a lapsed claim is not extended", case.store.extend(&first, TTL).await, ErrorKind::LeaseLost)?;
    case.clock.advance(LAG);
    let second = case.claim_one().await?;
    same("what is in doubt is looked up", second.task, ClaimTask::LookUp { misses: 0 })?;
    same("a look-up is no attempt", second.act.attempt, 1)?;
    let late = case.store.settle(&first, Settlement::Done(Created::new("late"))).await;
    fails("a claim that was taken cannot be settled", late, ErrorKind::LeaseLost)?;
    let missed = Settlement::InDoubt { after: LAG, misses: 1, reason: Reason::new("not-found-yet") };
    case.store.settle(&second, missed).await?;
    same("spacing is kept", case.claim().await?.len(), 0)?;
    case.clock.advance(LAG);
    let third = case.claim_one().await?;
    same("misses are kept", third.task, ClaimTask::LookUp { misses: 1 })?;
    case.clock.advance(TTL);
    let fourth = case.claim_one().await?;
    same("a lapsed look-up is looked up again", fourth.task, ClaimTask::LookUp { misses: 1 })
}

async fn settlements(case: &Case) -> Result<()> {
    case.enqueue("a1", "a", "v").await?;
    let claim = case.claim_one().await?;
    case.clock.advance(TTL * 2);
    same("others find it lapsed", case.claim().await?.len(), 1)?;
    let taken = case.store.settle(&claim, Settlement::Manual(Reason::new("x"))).await;
    fails("a taken claim is lost", taken, ErrorKind::LeaseLost)?;

    case.enqueue("b1", "b", "v").await?;
    let claim = case.claim_one().await?;
    let created = Created::new("D1")
        .with_number("ZO/1")
        .with_remark("priced")
        .with_link(Link::new("order", "b1", "D1"));
    case.store.settle(&claim, Settlement::Done(created.clone())).await?;
    let twice = case.store.settle(&claim, Settlement::Rejected(Reason::new("x"))).await;
    fails("a claim is settled once", twice, ErrorKind::LeaseLost)?;
    let listed = case.store.acts(&ActFilter::one("b1")).await?;
    let status = listed.first().ok_or_else(|| Error::bug("a settled act is listed"))?;
    let got = status.created.as_ref().map(|c| (c.target_id.clone(), c.number.clone(), c.remarks.clone()));
    same("what was made is kept", got, Some((created.target_id, created.number, created.remarks)))?;
    let open = case.store.acts(&ActFilter::open()).await?;
    same("open acts are listed", open.iter().map(|s| s.act.op_key.as_str()).collect(), vec!["a1"])?;
    same("settled acts are listed", case.store.acts(&ActFilter::settled()).await?.len(), 1)?;
    same("lists are bounded", case.store.acts(&ActFilter::all().limit(1)).await?.len(), 1)?;
    let asked = vec![LinkRef::of_a("order", "b1")];
    let links = case.store.read_page(&case.part, PageQuery::new(Vec::new(), asked.clone())).await?.links;
    let found: Vec<_> = asked.iter().filter_map(|asked| links.get(asked)).collect();
    same("links of a settlement are stored", found, vec!["D1"])
}

async fn releases(case: &Case) -> Result<()> {
    fails("unknown", case.store.release(&"a1".into(), "p", "r").await, ErrorKind::NotFound)?;
    case.enqueue("a1", "a", "v").await?;
    fails("not held", case.store.release(&"a1".into(), "p", "r").await, ErrorKind::Conflict)?;
    let claim = case.claim_one().await?;
    case.store.settle(&claim, Settlement::Held(Reason::new("dearer").with_detail("10 → 12"))).await?;
    let listed = case.store.acts(&ActFilter::open()).await?;
    let why = listed.first().and_then(|s| s.reason.clone());
    same("why it is held", why, Some(Reason::new("dearer").with_detail("10 → 12")))?;
    case.store.release(&"a1".into(), "person", "agreed").await?;
    let claim = case.claim_one().await?;
    let released = claim.act.released.as_ref().map(|r| (r.by.as_str(), r.reason.as_str(), r.at));
    same("the submitter sees who released it", released, Some(("person", "agreed", case.clock.now())))?;
    same("it is the next attempt, of the same act", claim.act.attempt, 2)?;
    same("the guid stays", claim.act.guid, crate::act::act_guid(&claim.act.op_key))?;
    case.store.settle(&claim, Settlement::Manual(Reason::new("no look-up"))).await?;
    case.store.release(&"a1".into(), "person", "not there").await?;
    same("a manual act is released", case.act_state("a1").await?, Some(ActState::Ready))?;
    let claim = case.claim_one().await?;
    let approved = claim.act.released.as_ref().map(|r| r.reason.as_str());
    same("an approval from before stays", approved, Some("agreed"))?;
    case.store.settle(&claim, Settlement::Done(Created::new("A"))).await?;

    case.enqueue("b1", "b", "v").await?;
    case.store.settle(&case.claim_one().await?, Settlement::Manual(Reason::new("no look-up"))).await?;
    case.store.release(&"b1".into(), "person", "not there").await?;
    same("releasing a manual act approves nothing", case.claim_one().await?.act.released, None)
}

//! The outbox.

use std::time::Duration;

use super::{CHANGED_TOO_LATE, Case, LAG, TTL, WITHDRAWN_TOO_LATE, fails, same};
use crate::act::{ActOutcome, ActState, Created};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::link::{Link, LinkRef};
use crate::name::{ActKind, Holder};
use crate::store::{ActFilter, Claim, ClaimRequest, ClaimTask, PageQuery, Sent, Settlement};

pub(super) async fn enqueueing(case: &Case) -> Result<()> {
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
    same("changed", case.enqueue("o1", "k1", "v3").await?, CHANGED_TOO_LATE)?;
    same("removed", case.withdraw("o1").await?, WITHDRAWN_TOO_LATE)?;
    let codes = case.reject_codes().await?;
    let withdrawn = ("o1".into(), Reason::WITHDRAWN_AFTER_TRANSFER.into(), 2);
    same("of both the later is the reject", codes, vec![withdrawn])?;
    same("what was sent stays", case.state(&["o1"]).await?.sent, vec![Some(expected)])?;
    same("an act under way stays", case.act_state("o1").await?, Some(ActState::Sending))?;
    same("changed back", case.enqueue("o1", "k1", "v2").await?, ActOutcome::Same)?;
    same("the reject is superseded", case.reject_codes().await?, vec![])
}

/// What surely has not happened can still be changed; what may have happened cannot.
pub(super) async fn changes_before_anything_happened(case: &Case) -> Result<()> {
    case.enqueue("o1", "k1", "v1").await?;
    let again = Settlement::Again { after: Duration::ZERO, reason: Reason::new("away") };
    let first = case.claim_one().await?;
    case.store.settle(&first, again).await?;
    same("after it was not sent", case.enqueue("o1", "k1", "v2").await?, ActOutcome::Replaced)?;
    let claim = case.claim_one().await?;
    same("it waits since the first version", claim.act.enqueued_at, first.act.enqueued_at)?;
    case.store.settle(&claim, Settlement::Held(Reason::new("price-changed"))).await?;
    case.store.release(&"o1".into(), "somebody", "agreed").await?;
    same("while it is held or released", case.enqueue("o1", "k1", "v3").await?, ActOutcome::Replaced)?;
    let claim = case.claim_one().await?;
    same("a release is void for the newer version", claim.act.released.is_some(), false)?;
    case.store.settle(&claim, Settlement::Rejected(Reason::new("price-changed"))).await?;
    let before = case.store.now().await?;
    same("after it was refused", case.enqueue("o1", "k1", "v4").await?, ActOutcome::Replaced)?;
    let refused = Settlement::Rejected(Reason::new("price-changed"));
    let claim = case.claim_one().await?;
    case.between("it waits since this version", claim.act.enqueued_at, before, Duration::ZERO).await?;
    case.store.settle(&claim, refused).await?;
    same("withdrawn after it was refused", case.withdraw("o1").await?, ActOutcome::Dropped)?;
    let released = case.store.release(&"o1".into(), "somebody", "agreed").await;
    fails("what was withdrawn is not let go", released, ErrorKind::NotFound)?;
    same("and comes again as new", case.enqueue("o1", "k1", "v4").await?, ActOutcome::Enqueued)?;
    let claim = case.claim_one().await?;
    let doubt = Settlement::InDoubt { after: Duration::ZERO, misses: 0, reason: Reason::new("lost") };
    case.store.settle(&claim, doubt).await?;
    let again = Settlement::Again { after: Duration::ZERO, reason: Reason::new("not-found") };
    case.store.settle(&case.claim_one().await?, again).await?;
    same("once in doubt", case.enqueue("o1", "k1", "v5").await?, CHANGED_TOO_LATE)
}

pub(super) async fn order_of_claims(case: &Case) -> Result<()> {
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
    let after = Duration::from_secs(30);
    case.store.settle(&a1, Settlement::Again { after, reason: Reason::new("away") }).await?;
    same("a waiting act blocks", names(&case.claim().await?), vec![])?;
    case.advance(after).await?;
    let a1 = case.claim_one().await?;
    case.store.settle(&a1, Settlement::Rejected(Reason::new("no"))).await?;
    same("a settled act lets the next go", names(&case.claim().await?), vec!["a2".into()])
}

pub(super) async fn lapsed_claims(case: &Case) -> Result<()> {
    case.enqueue("a1", "a", "v").await?;
    let first = case.claim_one().await?;
    case.advance(TTL / 2).await?;
    case.store.extend(&first, TTL).await?;
    case.advance(TTL / 2 + Duration::from_secs(1)).await?;
    same("an extended claim holds", case.claim().await?.len(), 0)?;
    case.advance(TTL / 2).await?;
    let other = ClaimRequest::new(vec![ActKind::from("client")], Holder::from("suite"), TTL, 10);
    same("nothing of another kind is claimed", case.store.claim(&other).await?.len(), 0)?;
    same("claims of other kinds are left alone", case.act_state("a1").await?, Some(ActState::Sending))?;
    same("a lapsed claim waits for the visibility lag", case.claim().await?.len(), 0)?;
    same("a lapsed claim is in doubt", case.act_state("a1").await?, Some(ActState::InDoubt))?;
    fails("a lapsed claim is not extended", case.store.extend(&first, TTL).await, ErrorKind::LeaseLost)?;
    case.advance(LAG).await?;
    let second = case.claim_one().await?;
    same("what is in doubt is looked up", second.task, ClaimTask::LookUp { misses: 0 })?;
    same("a look-up is no attempt", second.act.attempt, 1)?;
    let late = case.store.settle(&first, Settlement::Done(Created::new("late"))).await;
    fails("a claim that was taken cannot be settled", late, ErrorKind::LeaseLost)?;
    let missed = Settlement::InDoubt { after: LAG, misses: 1, reason: Reason::new("not-found-yet") };
    case.store.settle(&second, missed).await?;
    same("spacing is kept", case.claim().await?.len(), 0)?;
    case.advance(LAG).await?;
    let third = case.claim_one().await?;
    same("misses are kept", third.task, ClaimTask::LookUp { misses: 1 })?;
    case.advance(TTL).await?;
    let fourth = case.claim_one().await?;
    same("a lapsed look-up is looked up again", fourth.task, ClaimTask::LookUp { misses: 1 })
}

pub(super) async fn settlements(case: &Case) -> Result<()> {
    case.enqueue("c1", "c", "v").await?;
    let claim = case.claim_one().await?;
    case.advance(TTL).await?;
    same("nobody takes what lapsed just now", case.claim().await?.len(), 0)?;
    same("it is in doubt", case.act_state("c1").await?, Some(ActState::InDoubt))?;
    case.store.settle(&claim, Settlement::Done(Created::new("C1"))).await?;
    case.advance(LAG).await?;
    same("its holder knew best", case.claim().await?.len(), 0)?;

    case.enqueue("a1", "a", "v").await?;
    let claim = case.claim_one().await?;
    case.advance(TTL * 2).await?;
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
    same("settled acts are listed", case.store.acts(&ActFilter::settled()).await?.len(), 2)?;
    same("lists are bounded", case.store.acts(&ActFilter::all().limit(1)).await?.len(), 1)?;
    let asked = vec![LinkRef::of_a("order", "b1")];
    let links = case.store.read_page(&case.part, PageQuery::new(Vec::new(), asked.clone())).await?.links;
    let found: Vec<_> = asked.iter().filter_map(|asked| links.get(asked)).collect();
    same("links of a settlement are stored", found, vec!["D1"])
}

pub(super) async fn releases(case: &Case) -> Result<()> {
    fails("unknown", case.store.release(&"a1".into(), "p", "r").await, ErrorKind::NotFound)?;
    case.enqueue("a1", "a", "v").await?;
    fails("not held", case.store.release(&"a1".into(), "p", "r").await, ErrorKind::Conflict)?;
    let claim = case.claim_one().await?;
    case.store.settle(&claim, Settlement::Held(Reason::new("dearer").with_detail("10 → 12"))).await?;
    let listed = case.store.acts(&ActFilter::open()).await?;
    let why = listed.first().and_then(|s| s.reason.clone());
    same("why it is held", why, Some(Reason::new("dearer").with_detail("10 → 12")))?;
    let before = case.store.now().await?;
    case.store.release(&"a1".into(), "person", "agreed").await?;
    let claim = case.claim_one().await?;
    let released = claim.act.released.as_ref().map(|r| (r.by.as_str(), r.reason.as_str()));
    same("the submitter sees who released it", released, Some(("person", "agreed")))?;
    case.between("its age counts anew", claim.act.enqueued_at, before, Duration::ZERO).await?;
    if let Some(released) = &claim.act.released {
        case.between("it was released now", released.at, before, Duration::ZERO).await?;
    }
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

pub(super) async fn pruning(case: &Case) -> Result<()> {
    let day = TTL * 60 * 24;
    for op in ["done", "refused", "open"] {
        case.enqueue(op, op, "v1").await?;
    }
    for claim in case.claim().await? {
        let settlement = match claim.act.op_key.as_str() {
            "done" => Settlement::Done(Created::new("D1").with_number("ZO/1")),
            "refused" => Settlement::Rejected(Reason::new("no")),
            _ => Settlement::Manual(Reason::new("who knows")),
        };
        case.store.settle(&claim, settlement).await?;
    }
    same("nothing is old enough", case.store.prune(day).await?, 0)?;
    case.advance(day).await?;
    case.enqueue("young", "young", "v1").await?;
    case.store.settle(&case.claim_one().await?, Settlement::Done(Created::new("D2"))).await?;
    case.advance(day / 2).await?;
    same("requests that were settled long ago are dropped", case.store.prune(day).await?, 2)?;
    same("once", case.store.prune(day).await?, 0)?;
    let acts = case.store.acts(&ActFilter::all()).await?;
    let left: Vec<_> =
        acts.iter().map(|s| (s.act.op_key.as_str(), s.act.payload.as_json(), s.state)).collect();
    let expected = vec![
        ("done", "", ActState::Done),
        ("refused", "", ActState::Rejected),
        ("open", "\"v1\"", ActState::Manual),
        ("young", "\"v1\"", ActState::Done),
    ];
    same("the rest is kept", left, expected)?;
    let made =
        acts.first().and_then(|s| s.created.as_ref()).map(|c| (c.target_id.as_str(), c.number.as_deref()));
    same("what was made is kept", made, Some(("D1", Some("ZO/1"))))?;

    same("the same again", case.enqueue("done", "done", "v1").await?, ActOutcome::Same)?;
    same("the same refused one again", case.enqueue("refused", "refused", "v1").await?, ActOutcome::Same)?;
    same("nothing is enqueued twice", case.claim().await?.len(), 0)?;
    same("changed", case.enqueue("done", "done", "v2").await?, CHANGED_TOO_LATE)?;
    same("a refused one can change", case.enqueue("refused", "refused", "v2").await?, ActOutcome::Replaced)?;
    same("and has its request again", case.claim_one().await?.act.payload.as_json(), "\"v2\"")
}

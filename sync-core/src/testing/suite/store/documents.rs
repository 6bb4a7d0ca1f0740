//! Edits, cancellations and prerequisites of acts, a person's word about them, and settled acts in their order.

use std::time::Duration;

use super::{CHANGED_TOO_LATE, Case, TTL, WITHDRAWN_TOO_LATE, fails, same};
use crate::act::{ActChange, ActOutcome, ActState, Created, NewAct, Verdict};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::link::{Link, LinkRef};
use crate::name::ActKind;
use crate::store::{ActFilter, Claim, PageQuery, Settlement};

impl Case {
    async fn put(&self, act: NewAct) -> Result<ActOutcome> {
        let (key, fingerprint) = (act.op_key.as_str().into(), act.business_hash);
        let acts = self.commit(|page| page.acts.push((key, ActChange::Enqueue { act, fingerprint }))).await?;
        acts.first().copied().ok_or_else(|| Error::bug("a commit gives one outcome per act"))
    }

    async fn done(&self, claim: &Claim, target_id: &str) -> Result<()> {
        self.store.settle(claim, Settlement::Done(Created::new(target_id))).await
    }

    async fn refused(&self, claim: &Claim) -> Result<()> {
        self.store.settle(claim, Settlement::Rejected(Reason::new("no"))).await
    }

    async fn acts(&self, filter: ActFilter) -> Result<Vec<(String, ActState)>> {
        let acts = self.store.acts(&filter).await?;
        Ok(acts.iter().map(|status| (status.act.op_key.to_string(), status.state)).collect())
    }
}

/// An order that can be edited and cancelled by acts of the same kind, so that the suite claims them.
fn order(op_key: &str, business: &str) -> Result<NewAct> {
    let act = NewAct::new(op_key, op_key, "order", business, business)?;
    Ok(act.with_edits("order").with_cancel("order"))
}

fn names(claims: &[Claim]) -> Vec<&str> {
    claims.iter().map(|claim| claim.act.op_key.as_str()).collect()
}

pub(super) async fn edits_and_cancellations(case: &Case) -> Result<()> {
    same("new", case.put(order("o", "v1")?).await?, ActOutcome::Enqueued)?;
    let first = case.claim_one().await?;
    let told = (first.act.document.as_str(), first.act.version, first.act.document_id.clone());
    same("it makes the document", told, ("o", 0, None))?;
    case.done(&first, "D").await?;

    same("an edit", case.put(order("o", "v2")?).await?, ActOutcome::Edited)?;
    same("the same edit", case.put(order("o", "v2")?).await?, ActOutcome::Same)?;
    same("the next one takes its place", case.put(order("o", "v3")?).await?, ActOutcome::Replaced)?;
    let sent = case.state(&["o"]).await?.sent;
    let sent = sent.into_iter().flatten().map(|sent| (sent.fingerprint, sent.target_id)).collect::<Vec<_>>();
    same("kept as sent under the document", sent, vec![(Fingerprint::of("v3")?, Some("o".into()))])?;
    let edit = case.claim_one().await?;
    let told = (edit.act.op_key.as_str(), edit.act.version, edit.act.document_id.clone());
    same("an edit knows its document", told, ("o#1", 1, Some("D".into())))?;
    same("and has the newest request", edit.act.payload.as_json(), "\"v3\"")?;
    same("in the document's order", edit.act.order_key.as_str(), "o")?;
    same("its guid is its own", edit.act.guid, crate::act::act_guid(&edit.act.op_key))?;
    case.done(&edit, "D").await?;

    same("another edit", case.put(order("o", "v4")?).await?, ActOutcome::Edited)?;
    same("changed back", case.put(order("o", "v3")?).await?, ActOutcome::Dropped)?;
    same("nothing is left to do", case.claim().await?.len(), 0)?;
    same("the key stays sent", case.state(&["o"]).await?.sent.iter().flatten().count(), 1)?;
    case.put(order("o", "v5")?).await?;
    same("a withdrawal replaces an edit", case.withdraw("o").await?, ActOutcome::Cancelled)?;
    same("the key is not sent", case.state(&["o"]).await?.sent, vec![None])?;
    same("once", case.withdraw("o").await?, ActOutcome::Unknown)?;
    let cancellation = case.claim_one().await?;
    let told = (cancellation.act.op_key.as_str(), cancellation.act.payload.as_json());
    same("the cancellation", told, ("o#2", "null"))?;
    same("of this document", cancellation.act.document_id.clone(), Some("D".into()))?;
    case.done(&cancellation, "D").await?;
    same("cancelled already", case.withdraw("o").await?, ActOutcome::Unknown)?;
    let all = case.acts(ActFilter::of_document("o")).await?;
    let done = |op_key: &str| (op_key.to_owned(), ActState::Done);
    same("the document's acts", all, vec![done("o"), done("o#1"), done("o#2")])?;

    let neither = NewAct::new("p", "p", "order", "v1", "v1")?;
    case.put(neither).await?;
    case.done(&case.claim_one().await?, "P").await?;
    let changed = NewAct::new("p", "p", "order", "v2", "v2")?;
    same("no edits", case.put(changed).await?, CHANGED_TOO_LATE)?;
    same("no cancellation", case.withdraw("p").await?, WITHDRAWN_TOO_LATE)?;
    same("nothing to wait for", case.due(&case.part).await?, vec![])
}

/// A change that comes while the act is under way is looked up again when it is settled.
pub(super) async fn changes_under_way(case: &Case) -> Result<()> {
    for op_key in ["done", "refused", "given up"] {
        case.put(order(op_key, "v1")?).await?;
    }
    let claims = case.claim().await?;
    same("three", names(&claims), vec!["done", "refused", "given up"])?;
    let [done, refused, given_up] = claims.as_slice() else { return Err(Error::bug("three claims")) };
    for op_key in ["done", "refused", "given up"] {
        let outcome = case.put(order(op_key, "v2")?).await?;
        same("under way", outcome, CHANGED_TOO_LATE)?;
    }
    same("nothing is due yet", case.due(&case.part).await?, vec![])?;
    let doubt = |reason| Settlement::InDoubt { after: TTL, misses: 0, reason: Reason::new(reason) };
    case.store.settle(given_up, doubt("lost")).await?;
    same("in doubt is not settled", case.due(&case.part).await?, vec![])?;
    case.done(done, "D").await?;
    same("done", case.due(&case.part).await?, vec!["done".to_owned()])?;
    same("gets in as an edit", case.put(order("done", "v2")?).await?, ActOutcome::Edited)?;
    case.refused(refused).await?;
    same("refused", case.due(&case.part).await?, vec!["refused".to_owned()])?;
    same("gets in in its place", case.put(order("refused", "v2")?).await?, ActOutcome::Replaced)?;
    same("still under way", case.put(order("given up", "v2")?).await?, CHANGED_TOO_LATE)?;
    case.store.resolve(&"given up".into(), &Verdict::GivenUp, "Anna", "not there").await?;
    same("given up", case.due(&case.part).await?, vec!["given up".to_owned()])?;
    same("too", case.put(order("given up", "v2")?).await?, ActOutcome::Replaced)?;
    same("no reject is left", case.reject_codes().await?, vec![])?;
    same("all three wait", names(&case.claim().await?), vec!["done#1", "refused", "given up"])
}

/// What was surely not sent waits with the request of then: the newer version gets in at once, not only after that was sent.
pub(super) async fn changes_before_it_waits_again(case: &Case) -> Result<()> {
    for op_key in ["not sent", "held", "not there"] {
        case.put(order(op_key, "v1")?).await?;
    }
    let claims = case.claim().await?;
    let [not_sent, held, not_there] = claims.as_slice() else { return Err(Error::bug("three claims")) };
    for op_key in ["not sent", "held", "not there"] {
        let outcome = case.put(order(op_key, "v2")?).await?;
        same("under way", outcome, CHANGED_TOO_LATE)?;
    }
    let again = |reason| Settlement::Again { after: TTL, reason: Reason::new(reason) };
    case.store.settle(not_sent, again("away")).await?;
    same("it was not sent", case.due(&case.part).await?, vec!["not sent".to_owned()])?;
    same("gets in", case.put(order("not sent", "v2")?).await?, ActOutcome::Replaced)?;
    case.store.settle(held, Settlement::Held(Reason::new("dearer"))).await?;
    same("it is held", case.due(&case.part).await?, vec!["held".to_owned()])?;
    same("gets in too", case.put(order("held", "v2")?).await?, ActOutcome::Replaced)?;
    let doubt = Settlement::InDoubt { after: Duration::ZERO, misses: 0, reason: Reason::new("lost") };
    case.store.settle(not_there, doubt).await?;
    let claims = case.claim().await?;
    let not_there = claims.iter().find(|claim| claim.act.op_key.as_str() == "not there");
    let not_there = not_there.ok_or_else(|| Error::bug("it is looked up"))?;
    case.store.settle(not_there, again("surely-not-there")).await?;
    same("what was in doubt is not changed until it is settled", case.due(&case.part).await?, vec![])
}

pub(super) async fn prerequisites(case: &Case) -> Result<()> {
    let of_client = |op_key: &str| Ok(NewAct::new(op_key, op_key, "order", "v", "v")?.after("client"));
    case.put(of_client("o1")?).await?;
    same("what is not there may come yet", case.claim().await?.len(), 0)?;
    let waits = case.store.acts(&ActFilter::one("o1")).await?;
    let waits: Vec<_> = waits.iter().flat_map(|status| &status.waits_for_acts).collect();
    same("it says what it waits for", waits, vec![&"client".into()])?;
    case.enqueue("client", "client", "v").await?;
    let client = case.claim_one().await?;
    same("the client first", client.act.op_key.as_str(), "client")?;
    same("under way", case.claim().await?.len(), 0)?;
    case.refused(&client).await?;
    same("a refused one is no help", case.claim().await?.len(), 0)?;
    case.store.release(&"client".into(), "Anna", "corrected").await?;
    case.done(&case.claim_one().await?, "C").await?;
    let order = case.claim_one().await?;
    let known: Vec<_> = order.act.after.iter().map(|a| (a.op_key.as_str(), a.target_id.clone())).collect();
    same("the order knows its client", known, vec![("client", Some("C".into()))])?;
    case.done(&order, "O").await?;
    let waits = case.store.acts(&ActFilter::one("o1")).await?;
    same("it waits no more", waits.iter().flat_map(|status| &status.waits_for_acts).count(), 0)?;

    let both = NewAct::new("o2", "o2", "order", "v", "v")?.after("client").after("other");
    case.put(both).await?;
    same("all of them", case.claim().await?.len(), 0)
}

/// What was refused and is let go again is never claimed beside a later act of its order key.
pub(super) async fn the_end_of_the_line(case: &Case) -> Result<()> {
    for op_key in ["a1", "a2", "a3"] {
        case.enqueue(op_key, "a", "v1").await?;
    }
    case.refused(&case.claim_one().await?).await?;
    let second = case.claim_one().await?;
    same("replaced", case.enqueue("a1", "a", "v2").await?, ActOutcome::Replaced)?;
    same("the second is being sent", case.claim().await?.len(), 0)?;
    case.refused(&second).await?;
    let third = case.claim_one().await?;
    same("the third is next", third.act.op_key.as_str(), "a3")?;
    case.store.release(&"a2".into(), "Anna", "the period is open again").await?;
    same("the third is being sent", case.claim().await?.len(), 0)?;
    case.done(&third, "A3").await?;
    let first = case.claim_one().await?;
    same("then the first", (first.act.op_key.as_str(), first.act.payload.as_json()), ("a1", "\"v2\""))?;
    case.done(&first, "A1").await?;
    let second = case.claim_one().await?;
    same("then the second", (second.act.op_key.as_str(), second.act.attempt), ("a2", 2))?;
    same("a replay approves nothing", second.act.released, None)?;
    let acts = case.store.acts(&ActFilter::all()).await?;
    let line: Vec<_> = acts.iter().map(|status| status.act.op_key.as_str()).collect();
    same("listed in the order of the line", line, vec!["a3", "a1", "a2"])?;
    same("numbers rise", acts.is_sorted_by_key(|status| status.number), true)?;
    let first = acts.first().map_or(0, |status| status.number);
    let rest = case.acts(ActFilter::all().after(first).limit(1)).await?;
    same("listed page by page", rest, vec![("a1".to_owned(), ActState::Done)])?;

    case.enqueue("b1", "b", "v1").await?;
    case.enqueue("c1", "c", "v1").await?;
    same("both", names(&case.claim().await?), vec!["b1", "c1"])?;
    case.enqueue("b2", "b", "v1").await?;
    case.enqueue("d1", "d", "v1").await?;
    same("moved", case.enqueue("b2", "c", "v2").await?, ActOutcome::Replaced)?;
    same("an act that moved waits there", names(&case.claim().await?), vec!["d1"])
}

pub(super) async fn verdicts(case: &Case) -> Result<()> {
    let happened = Verdict::Happened(Created::new("X").with_link(Link::new("order", "in doubt", "X")));
    let resolve = async |op_key: &str, verdict: &Verdict| {
        case.store.resolve(&op_key.into(), verdict, "Anna", "looked").await
    };
    fails("unknown", resolve("ready", &happened).await, ErrorKind::NotFound)?;
    for op_key in ["done", "held", "in doubt", "manual", "rejected", "sending"] {
        case.enqueue(op_key, op_key, "v1").await?;
    }
    let mut in_doubt = None;
    for claim in case.claim().await? {
        let settlement = match claim.act.op_key.as_str() {
            "done" => Settlement::Done(Created::new("D")),
            "held" => Settlement::Held(Reason::new("dearer")),
            "manual" => Settlement::Manual(Reason::new("no look-up")),
            "rejected" => Settlement::Rejected(Reason::new("closed")),
            "in doubt" => {
                in_doubt = Some(claim.clone());
                continue;
            }
            _ => continue,
        };
        case.store.settle(&claim, settlement).await?;
    }
    for verdict in [&happened, &Verdict::GivenUp] {
        fails("sending", resolve("sending", verdict).await, ErrorKind::Conflict)?;
        fails("done", resolve("done", verdict).await, ErrorKind::Conflict)?;
    }
    case.advance(TTL).await?;
    same("claims lapse", case.claim().await?.len(), 0)?;
    let listed = case.store.acts(&ActFilter::one("in doubt")).await?;
    same("it may exist", listed.first().map(|status| status.may_exist), Some(true))?;
    resolve("in doubt", &happened).await?;
    if let Some(claim) = in_doubt {
        let late = case.store.settle(&claim, Settlement::Rejected(Reason::new("late"))).await;
        fails("a person's word stands", late, ErrorKind::LeaseLost)?;
    }
    let listed = case.store.acts(&ActFilter::one("in doubt")).await?;
    let status = listed.first().ok_or_else(|| Error::bug("a resolved act is listed"))?;
    let made = status.created.as_ref().map(|created| created.target_id.as_str());
    same("it is done", (status.state, made), (ActState::Done, Some("X")))?;
    let why = Reason::new(Reason::RESOLVED).with_detail("Anna: looked");
    same("who said so is kept", status.reason.clone(), Some(why))?;
    let asked = vec![LinkRef::of_a("order", "in doubt")];
    let known = case.store.read_page(&case.part, PageQuery::new(Vec::new(), asked.clone())).await?.links;
    same("its links are learned", asked.first().and_then(|asked| known.get(asked)), Some("X"))?;
    for op_key in ["held", "manual", "rejected"] {
        resolve(op_key, &Verdict::GivenUp).await?;
        let listed = case.store.acts(&ActFilter::one(op_key)).await?;
        let told = listed.first().map(|s| (s.state, s.may_exist, s.reason.as_ref().map(Reason::code)));
        same("given up", told, Some((ActState::Rejected, false, Some(Reason::GIVEN_UP))))?;
    }
    resolve("rejected", &Verdict::Happened(Created::new("R"))).await?;
    same("it was made by hand", case.act_state("rejected").await?, Some(ActState::Done))?;
    same("requests are dropped", case.store.prune(Duration::ZERO).await? > 0, true)?;
    fails(
        "a dropped request is not sent",
        case.store.release(&"held".into(), "p", "r").await,
        ErrorKind::Conflict,
    )
}

pub(super) async fn settled_in_order(case: &Case) -> Result<()> {
    let kinds = [ActKind::from("order")];
    let read = async |after: u64, limit: usize| {
        let settled = case.store.settled(&kinds, after, limit).await?;
        same("numbers rise", settled.is_sorted_by_key(|(number, _)| *number), true)?;
        let last = settled.last().map_or(after, |(number, _)| *number);
        let names: Vec<_> = settled.iter().map(|(_, status)| status.act.op_key.to_string()).collect();
        Ok::<_, Error>((last, names))
    };
    same("none", read(0, 9).await?, (0, vec![]))?;
    for op_key in ["a", "b", "c", "d"] {
        case.enqueue(op_key, op_key, "v1").await?;
    }
    let claims = case.claim().await?;
    let [a, b, c, d] = claims.as_slice() else { return Err(Error::bug("four claims")) };
    case.refused(b).await?;
    case.advance(Duration::from_secs(1)).await?;
    case.done(a, "A").await?;
    let (one, first) = read(0, 1).await?;
    same("in the order of settlement", first, vec!["b".to_owned()])?;
    let (two, rest) = read(one, 9).await?;
    same("page by page", rest, vec!["a".to_owned()])?;
    case.store.release(&"b".into(), "Anna", "again").await?;
    same("what is let go again is not settled", read(0, 9).await?.1, vec!["a".to_owned()])?;
    case.done(c, "C").await?;
    let (three, rest) = read(two, 9).await?;
    same("the next one", rest, vec!["c".to_owned()])?;
    case.refused(&case.claim_one().await?).await?;
    let (four, rest) = read(three, 9).await?;
    same("settled anew", rest, vec!["b".to_owned()])?;
    same("withdrawn after a refusal", case.enqueue("b", "b", "v2").await?, ActOutcome::Replaced)?;
    same("and dropped", case.withdraw("b").await?, ActOutcome::Dropped)?;
    case.done(d, "D").await?;
    same("a number is never given twice", read(four, 9).await?.1, vec!["d".to_owned()])?;
    same("of these kinds", case.store.settled(&[ActKind::from("client")], 0, 9).await?.len(), 0)?;
    same("of none", case.store.settled(&[], 0, 9).await?.len(), 0)
}

pub(super) async fn filters(case: &Case) -> Result<()> {
    case.put(order("o", "v1")?).await?;
    case.put(NewAct::new("c", "o", "client", "v", "v")?).await?;
    case.done(&case.claim_one().await?, "O").await?;
    case.put(order("o", "v2")?).await?;
    let list = async |filter: ActFilter| -> Result<String> {
        let names: Vec<_> = case.acts(filter).await?.into_iter().map(|(op_key, _)| op_key).collect();
        Ok(names.join(" "))
    };
    same("kinds", list(ActFilter::all().kinds(["client".into()])).await?.as_str(), "c")?;
    same("a document", list(ActFilter::of_document("o")).await?.as_str(), "o o#1")?;
    same("an order key", list(ActFilter::all().order_key("o")).await?.as_str(), "o c o#1")?;
    same("open ones of it", list(ActFilter::open().order_key("o")).await?.as_str(), "c o#1")?;
    same("of no order key", list(ActFilter::open().order_key("x")).await?.as_str(), "")?;
    let listed = case.store.acts(&ActFilter::one("o#1")).await?;
    let told = listed.first().map(|status| (status.business_hash, status.may_exist));
    same("its hash", told, Some((Fingerprint::of("v2")?, false)))
}

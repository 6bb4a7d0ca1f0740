//! Live rejects.

use super::{Case, TTL, flow, same};
use crate::error::{Error, Reason, Result};
use crate::link::LinkRef;
use crate::name::{Key, Part};
use crate::reject::{NewReject, Reject, RejectCount, RejectFilter, RejectStage};

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

/// The stage follows the code: `x` and `y` are of one, `z` is of another.
fn new(key: &str, code: &'static str) -> NewReject {
    let stage = if code == "z" { RejectStage::Brake } else { RejectStage::Map };
    NewReject::new(key.into(), stage, Reason::new(code))
}

fn names(rejects: &[Reject]) -> Vec<String> {
    rejects.iter().map(|r| format!("{}|{}|{}", r.part.flow(), r.part.name(), r.key)).collect()
}

impl Case {
    async fn listed(&self, promise: &'static str, filter: RejectFilter, expected: &[&str]) -> Result<()> {
        let rejects = self.store.rejects(&filter).await?;
        same(promise, names(&rejects), expected.iter().map(|name| (*name).to_owned()).collect())?;
        let counted = self.store.count_rejects(&filter.clone().limit(1)).await?;
        same(
            "what a filter matches is counted by stage, its limit aside",
            counted,
            rejects.iter().collect::<RejectCount>(),
        )?;
        let first = self.store.rejects(&filter.limit(1)).await?;
        same(
            "a list is bounded",
            names(&first),
            expected.iter().take(1).map(|name| (*name).to_owned()).collect(),
        )
    }

    /// Five rejects of two flows, a minute apart; the oldest was turned away once more, last of all.
    async fn five_rejects(&self) -> Result<[Part; 4]> {
        let other = flow("suite/other");
        let parts =
            [self.part.clone(), Part::named(&self.flow, "p"), Part::named(&other, "p"), Part::whole(&other)];
        let [whole, p, other_p, _] = &parts;
        let all = [
            (p, "ż", "x"),
            (p, "B", "y"),
            (other_p, "B", "x"),
            (whole, "a", "x"),
            (p, "a", "x"),
            (p, "ż", "z"),
        ];
        for (part, key, code) in all {
            self.commit_to(part, |page| page.rejects.push(new(key, code))).await?;
            self.advance(TTL).await?;
        }
        Ok(parts)
    }
}

pub(super) async fn filters(case: &Case) -> Result<()> {
    case.listed("there is none", RejectFilter::all(), &[]).await?;
    let [whole, p, other_p, other] = &case.five_rejects().await?;
    let (z, b, o, w, a) =
        ("suite/flow|p|ż", "suite/flow|p|B", "suite/other|p|B", "suite/flow||a", "suite/flow|p|a");
    case.listed("the oldest first", RejectFilter::all(), &[z, b, o, w, a]).await?;
    case.listed("of one flow", RejectFilter::of_flow(&case.flow), &[z, b, w, a]).await?;
    case.listed("of a flow that is not there", RejectFilter::of_flow(&flow("suite/none")), &[]).await?;
    case.listed("of one part, by the bytes of keys", RejectFilter::of_part(p), &[b, a, z]).await?;
    case.listed("of the whole", RejectFilter::of_part(whole), &[w]).await?;
    case.listed("of another flow's part", RejectFilter::of_part(other_p), &[o]).await?;
    case.listed("of a part that has none", RejectFilter::of_part(other), &[]).await?;
    let mut any_p = RejectFilter::all();
    any_p.part = Some("p".to_owned());
    same("of parts of one name", case.store.count_rejects(&any_p).await?.count, 4)?;
    case.listed("of one key", RejectFilter::all().key("a"), &[w, a]).await?;
    case.listed("of one key, not of its like", RejectFilter::all().key("A"), &[]).await?;
    case.listed("for one reason, the latest counts", RejectFilter::all().code("x"), &[o, w, a]).await?;
    case.listed("for the latest reason", RejectFilter::all().code("z"), &[z]).await?;
    case.listed("for another reason", RejectFilter::of_flow(&case.flow).except("x"), &[z, b]).await?;
    case.listed("after a key", RejectFilter::of_part(p).after("B".into()), &[a, z]).await?;
    case.listed("after a key of any part", RejectFilter::all().after("B".into()), &[z, w, a]).await?;
    case.listed(
        "all conditions hold together",
        RejectFilter::of_flow(&case.flow).key("a").code("x"),
        &[w, a],
    )
    .await?;
    let of_w = case.store.rejects(&RejectFilter::of_part(whole)).await?;
    let [reject] = of_w.as_slice() else { return Err(Error::bug("one reject of the whole")) };
    let at = reject.last_seen;
    case.listed("turned away last at an instant or later", RejectFilter::all().since(at), &[z, w, a]).await?;
    case.listed("turned away last before an instant", RejectFilter::all().before(at), &[b, o]).await?;
    case.listed("between instants", RejectFilter::all().since(at).before(at), &[]).await?;
    case.listed("none is due", RejectFilter::all().due(), &[]).await?;
    case.store.replay_rejects(&RejectFilter::of_part(p).key("a")).await?;
    case.listed("those that are due", RejectFilter::all().due(), &[a]).await
}

pub(super) async fn replays(case: &Case) -> Result<()> {
    let [whole, p, ..] = &case.five_rejects().await?;
    let replayed = case.store.replay_rejects(&RejectFilter::of_part(p).limit(1)).await?;
    same("all that match become due, whatever the limit", replayed, 3)?;
    let again = case.store.replay_rejects(&RejectFilter::of_part(p).key("a")).await?;
    same("what is due already counts", again, 1)?;
    same(
        "what does not match is not counted",
        case.store.replay_rejects(&RejectFilter::all().code("none")).await?,
        0,
    )?;
    let due = RejectFilter::all().due();
    case.listed("only these are due", due.clone(), &["suite/flow|p|ż", "suite/flow|p|B", "suite/flow|p|a"])
        .await?;
    let before = case.store.rejects(&RejectFilter::of_part(p).key("a")).await?;
    case.commit_to(p, |page| {
        page.rejects.push(new("a", "x"));
        page.cleared.push("B".into());
    })
    .await?;
    case.listed("turned away anew or gone through, it is due no more", due, &["suite/flow|p|ż"]).await?;
    let after = case.store.rejects(&RejectFilter::of_part(p).key("a")).await?;
    let attempts = |rejects: &[Reject]| rejects.iter().map(|reject| reject.attempts).sum::<u32>();
    same("a replay that is turned away is one more attempt", attempts(&after), attempts(&before) + 1)?;
    let live = case.store.count_rejects(&RejectFilter::of_part(whole)).await?;
    same("others stay", live.count, 1)
}

pub(super) async fn drops(case: &Case) -> Result<()> {
    let [_, p, ..] = &case.five_rejects().await?;
    let revision = case.state(&[]).await?.revision;
    same("nothing matches", case.store.drop_rejects(&RejectFilter::all().code("none")).await?, 0)?;
    same("one key", case.store.drop_rejects(&RejectFilter::of_part(p).key("B")).await?, 1)?;
    let left = ["suite/flow|p|ż", "suite/other|p|B", "suite/flow||a", "suite/flow|p|a"];
    case.listed("the others stay", RejectFilter::all(), &left).await?;
    let of_flow = RejectFilter::of_flow(&case.flow).limit(1);
    same("all that match, whatever the limit", case.store.drop_rejects(&of_flow).await?, 3)?;
    case.listed("another flow's stay", RejectFilter::all(), &["suite/other|p|B"]).await?;
    same("the revision stays", case.state(&[]).await?.revision, revision)?;
    case.commit(|page| page.rejects.push(new("a", "x"))).await?;
    let anew = case.store.rejects(&RejectFilter::of_part(&case.part)).await?;
    same("a dropped reject begins anew", anew.iter().map(|reject| reject.attempts).collect(), vec![1])
}

pub(super) async fn raw_bytes(case: &Case) -> Result<()> {
    let bytes: Box<[u8]> = (0..100_000u32).map(|number| (number % 251) as u8).collect();
    let wanted = LinkRef::of_a("contractor", "7");
    let mut reject = NewReject::new("a".into(), RejectStage::Decode, Reason::missing_link(wanted.clone()));
    reject.raw = Some(bytes.clone());
    let mut empty = new("b", "x");
    empty.raw = Some(Box::default());
    case.commit(|page| page.rejects.extend([reject, empty, new("c", "x")])).await?;
    let rejects = case.store.rejects(&RejectFilter::of_part(&case.part)).await?;
    let raw: Vec<_> = rejects.iter().map(|reject| reject.raw.clone()).collect();
    same("bytes come back as they were", raw == [Some(bytes), Some(Box::default()), None], true)?;
    let waits: Vec<_> = rejects.iter().map(|reject| reject.reason.waits_for()).collect();
    same("what a reject waits for comes back", waits, vec![Some(&wanted), None, None])?;
    case.commit(|page| page.rejects.push(new("a", "x"))).await?;
    let rejects = case.store.rejects(&RejectFilter::of_part(&case.part).key("a")).await?;
    let told: Vec<_> =
        rejects.iter().map(|r| (r.raw.is_some(), r.reason.waits_for().is_some(), r.stage)).collect();
    same("a new reject brings its own", told, vec![(false, false, RejectStage::Map)])
}

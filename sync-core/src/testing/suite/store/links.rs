//! Links.

use super::{Case, fails, flow, same};
use crate::act::Created;
use crate::error::{ErrorKind, Reason, Result};
use crate::link::{Link, LinkRef};
use crate::name::Part;
use crate::reject::{NewReject, RejectFilter, RejectStage};
use crate::store::{PageCommit, PageQuery, Settlement};

pub(super) async fn links(case: &Case) -> Result<()> {
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

fn waiting(key: &str, wanted: LinkRef) -> NewReject {
    NewReject::new(key.into(), RejectStage::Map, Reason::missing_link(wanted))
}

/// Rejects that wait for both sides of a link and for others like it.
fn wait(page: &mut PageCommit) {
    page.rejects = vec![
        waiting("a", LinkRef::of_a("contractor", "1")),
        waiting("b", LinkRef::of_b("contractor", "x")),
        waiting("other id", LinkRef::of_a("contractor", "11")),
        waiting("other kind", LinkRef::of_a("good", "1")),
        waiting("other side", LinkRef::of_b("contractor", "1")),
        NewReject::new("nothing".into(), RejectStage::Map, Reason::new(Reason::MISSING_LINK)),
    ];
}

impl Case {
    pub(super) async fn due(&self, part: &Part) -> Result<Vec<String>> {
        let due = self.store.rejects(&RejectFilter::of_part(part).due()).await?;
        Ok(due.iter().map(|reject| reject.key.to_string()).collect())
    }
}

pub(super) async fn rejects_that_wait(case: &Case) -> Result<()> {
    let foreign = Part::named(&flow("suite/other"), "p");
    let parts = [&case.part, &foreign];
    let link = || Link::new("contractor", "1", "x");
    for part in parts {
        case.commit_to(part, wait).await?;
        same("what waits is not due", case.due(part).await?, Vec::<String>::new())?;
    }
    case.store.put_links(&[link()]).await?;
    for part in parts {
        same(
            "a link from outside makes due, in all flows",
            case.due(part).await?,
            vec!["a".to_owned(), "b".into()],
        )?;
    }

    // turned away anew, now for want of another link
    let second = |page: &mut PageCommit| page.rejects.push(waiting("a", LinkRef::of_a("contractor", "2")));
    for part in parts {
        case.commit_to(part, second).await?;
        same("a new reject is due no more", case.due(part).await?, vec!["b".to_owned()])?;
    }
    case.commit_to(&foreign, |page| page.links.push(Link::new("contractor", "2", "y"))).await?;
    for part in parts {
        same("a link learned in a commit too", case.due(part).await?, vec!["a".to_owned(), "b".into()])?;
    }
    case.commit(|page| {
        page.rejects.push(waiting("a", LinkRef::of_a("contractor", "3")));
        page.links.push(Link::new("contractor", "3", "z"));
    })
    .await?;
    same(
        "a link learned in the same commit too",
        case.due(&case.part).await?,
        vec!["a".to_owned(), "b".into()],
    )?;

    case.commit(|page| page.rejects.push(waiting("a", LinkRef::of_b("order", "D1")))).await?;
    case.enqueue("o1", "k1", "v1").await?;
    let created = Created::new("D1").with_link(Link::new("order", "o1", "D1"));
    case.store.settle(&case.claim_one().await?, Settlement::Done(created)).await?;
    same("a link of a settlement too", case.due(&case.part).await?, vec!["a".to_owned(), "b".into()])
}

pub(super) async fn rejects_that_still_wait(case: &Case) -> Result<()> {
    let none = Vec::<String>::new;
    let link = |a: &str, b: &str| Link::new("contractor", a, b);
    case.commit(wait).await?;
    case.store.put_links(&[link("9", "z")]).await?;
    let refused = case.store.put_links(&[link("1", "x"), link("9", "other")]).await;
    fails("one of them contradicts", refused, ErrorKind::Conflict)?;
    same("links that were refused make nothing due", case.due(&case.part).await?, none())?;
    case.commit(|page| page.links.push(link("1", "z"))).await?;
    same("nor does one that contradicts in a commit", case.due(&case.part).await?, none())?;
    let live = case.state(&["link:contractor:1"]).await?.rejected.len();
    same("that one is rejected itself", live, 1)?;
    case.commit(|page| page.rejects.push(NewReject::new("a".into(), RejectStage::Map, Reason::new("other"))))
        .await?;
    case.store.put_links(&[link("1", "v")]).await?;
    case.commit(|page| page.rejects.push(waiting("c", LinkRef::of_a("contractor", "9")))).await?;
    same(
        "a reject whose link is known by now is due at once",
        case.due(&case.part).await?,
        vec!["c".to_owned()],
    )?;
    case.commit(|page| page.cleared.push("c".into())).await?;
    same("a later reject waits for nothing", case.due(&case.part).await?, none())?;
    case.store.put_links(&[link("7", "x")]).await?;
    same("another still waits", case.due(&case.part).await?, vec!["b".to_owned()])
}

pub(super) async fn replaced_links(case: &Case) -> Result<()> {
    let link = |a: &str, b: &str| Link::new("contractor", a, b);
    let known = async |what, expected: [Option<&str>; 5]| {
        let sides = ["1", "2"].map(|a| LinkRef::of_a("contractor", a));
        let asked: Vec<LinkRef> =
            sides.into_iter().chain(["x", "y", "z"].map(|b| LinkRef::of_b("contractor", b))).collect();
        let found = case.store.read_page(&case.part, PageQuery::new(Vec::new(), asked.clone())).await?.links;
        same(what, asked.iter().map(|asked| found.get(asked)).collect::<Vec<_>>(), expected.to_vec())
    };
    case.store.put_links(&[link("1", "x").open(), link("2", "y")]).await?;
    case.commit(|page| {
        page.rejects = vec![
            waiting("new side", LinkRef::of_b("contractor", "z")),
            waiting("old side", LinkRef::of_b("contractor", "v")),
        ];
    })
    .await?;
    case.commit(|page| page.links.push(link("1", "z").replacing("x"))).await?;
    let moved = [Some("z"), Some("y"), None, Some("2"), Some("1")];
    known("a link takes the place of the one that it replaces", moved).await?;
    same("what waits for it is due", case.due(&case.part).await?, vec!["new side".to_owned()])?;
    let open = case.store.open_links(&"contractor".into(), None, 10).await?;
    let open = open.into_iter().map(|link| (link.a, link.b)).collect::<Vec<_>>();
    same("an open link stays open", open, vec![("1".to_owned(), "z".to_owned())])?;

    case.commit(|page| page.links.push(link("1", "z").replacing("x"))).await?;
    case.store.put_links(&[link("1", "z").replacing("x")]).await?;
    known("learned again it stays", moved).await?;
    same("and contradicts nothing", case.state(&["link:contractor:1"]).await?.rejected.len(), 0)?;

    for contradicting in [link("1", "y").replacing("z"), link("1", "v").replacing("x")] {
        let refused = case.store.put_links(&[link("3", "w"), contradicting.clone()]).await;
        fails("another's side, or the place of a third one, is not taken", refused, ErrorKind::Conflict)?;
        case.commit(|page| page.links.push(contradicting)).await?;
        known("nothing changes then", moved).await?;
        let live = case.state(&["link:contractor:1"]).await?.rejected;
        same("but for a reject", live.into_values().collect(), vec![Reason::LINK_CONFLICT.to_owned()])?;
    }

    case.enqueue("o1", "k1", "v1").await?;
    let created = Created::new("D1").with_link(link("1", "x").replacing("z"));
    case.store.settle(&case.claim_one().await?, Settlement::Done(created)).await?;
    let back = [Some("x"), Some("y"), Some("1"), Some("2"), None];
    known("a settlement replaces too, and back", back).await?;
    let shifted = [link("1", "z").replacing("x"), link("2", "x").replacing("y"), link("5", "y")];
    case.store.put_links(&shifted).await?;
    let left = [Some("z"), Some("x"), Some("2"), Some("5"), Some("1")];
    known("what one leaves free the next may take", left).await?;
    case.store.put_links(&[link("6", "q").replacing("never")]).await?;
    let asked = LinkRef::of_a("contractor", "6");
    let found =
        case.store.read_page(&case.part, PageQuery::new(Vec::new(), vec![asked.clone()])).await?.links;
    same("without what it replaces it is learned as any other", found.get(&asked), Some("q"))
}

pub(super) async fn open_links(case: &Case) -> Result<()> {
    let link = |a: &str, b: &str| Link::new("order", a, b);
    let open = async |after: Option<&str>, limit| -> Result<Vec<(String, String)>> {
        let links = case.store.open_links(&"order".into(), after, limit).await?;
        same("open links are told as such", links.iter().all(|link| link.open), true)?;
        Ok(links.into_iter().map(|link| (link.a, link.b)).collect())
    };
    let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    case.store
        .put_links(&[link("3", "z").open(), link("0", "w"), Link::new("other", "1", "x").open()])
        .await?;
    case.commit(|page| page.links.extend([link("10", "y").open(), link("1", "x").open()])).await?;
    let all = pairs(&[("1", "x"), ("10", "y"), ("3", "z")]);
    same("open links are listed", open(None, 100).await?, all.clone())?;
    same("in pages", open(Some("1"), 1).await?, pairs(&[("10", "y")]))?;
    same("to the end", open(Some("3"), 1).await?, pairs(&[]))?;
    case.store.put_links(&[link("0", "w").open()]).await?;
    same("a link that is known is not opened", open(None, 100).await?, all)?;

    case.commit(|page| page.closed = vec![LinkRef::of_b("order", "y"), LinkRef::of_a("order", "0")]).await?;
    same("a commit closes", open(None, 100).await?, pairs(&[("1", "x"), ("3", "z")]))?;
    let over = [
        LinkRef::of_a("order", "1"),
        LinkRef::of_a("order", "x"),
        LinkRef::of_b("order", "y"),
        LinkRef::of_a("order", "unknown"),
    ];
    same("so does who asks for it", case.store.close_links(&over).await?, 1)?;
    case.store.put_links(&[link("1", "x").open()]).await?;
    case.commit(|page| page.links.push(link("10", "y").open())).await?;
    same("learned again they stay closed", open(None, 100).await?, pairs(&[("3", "z")]))?;
    case.commit(|page| {
        page.links.push(link("4", "v").open());
        page.closed.push(LinkRef::of_a("order", "4"));
    })
    .await?;
    same("learned and closed at once is closed", open(None, 100).await?, pairs(&[("3", "z")]))?;
    let asked = vec![LinkRef::of_a("order", "1")];
    let found = case.store.read_page(&case.part, PageQuery::new(Vec::new(), asked.clone())).await?.links;
    same("a closed link is still a link", asked.first().and_then(|asked| found.get(asked)), Some("x"))?;
    let other = case.store.open_links(&"other".into(), None, 100).await?;
    same("kinds have links of their own", other.len(), 1)
}

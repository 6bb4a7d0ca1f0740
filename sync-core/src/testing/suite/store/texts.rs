//! Texts of any characters, and large and empty pages.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Case, same};
use crate::act::{ActChange, NewAct};
use crate::error::{Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::link::{Link, LinkRef};
use crate::name::{ActKind, FlowName, Holder, Key, Part};
use crate::reject::{NewReject, RejectFilter, RejectStage};
use crate::store::{ClaimRequest, PageQuery, Sent};

const ODD: [&str; 18] = [
    "",
    " ",
    "it's",
    "\"quoted\"",
    "50%",
    "a_b",
    "back\\slash",
    "\\",
    "new\nline",
    "tab\t",
    "😀",
    "ZAŻÓŁĆ",
    "$1",
    "?1",
    ":key",
    "'; DROP TABLE sent; --",
    "{\"a\":[1]}",
    "e\u{301}\u{200b}",
];

pub(super) async fn odd_texts(case: &Case) -> Result<()> {
    let flow = FlowName::new("suite/'odd\\%😀\"")?;
    for part in ODD {
        let part = Part::named(&flow, part);
        case.commit_to(&part, |page| {
            page.position = ODD.concat();
            for odd in ODD {
                let sent = Sent::new(
                    Fingerprint::of(odd).unwrap_or(Fingerprint::from_bytes([0; 16])),
                    Some(odd.into()),
                );
                page.sent.push((odd.into(), sent));
                let reason = Reason::new(odd).with_detail(odd).waiting_for(LinkRef::of_b(odd, odd));
                page.rejects.push(NewReject::new(odd.into(), RejectStage::Map, reason));
            }
        })
        .await?;
        let keys: Vec<Key> = ODD.map(Key::from).into();
        let state = case.store.read_page(&part, PageQuery::new(keys.clone(), Vec::new())).await?;
        same("a position of any characters", state.position, Some(ODD.concat()))?;
        let targets = state.sent.into_iter().flatten().filter_map(|sent| sent.target_id).collect::<Vec<_>>();
        same("target ids of any characters", targets, ODD.map(Into::into).into())?;
        let codes: Vec<String> = keys.iter().filter_map(|key| state.rejected.get(key).cloned()).collect();
        same("codes of any characters", codes, ODD.map(str::to_owned).into())?;
        for odd in ODD {
            let rejects = case.store.rejects(&RejectFilter::of_part(&part).key(odd).code(odd)).await?;
            let reasons: Vec<_> = rejects.iter().map(|reject| reject.reason.clone()).collect();
            let expected = Reason::new(odd).with_detail(odd).waiting_for(LinkRef::of_b(odd, odd));
            same("rejects of any characters", reasons, vec![expected])?;
        }
        same("keys are told apart", case.store.unseen(&part, None, 100).await?.len(), ODD.len())?;
    }
    let parts: Vec<String> =
        case.store.parts(&flow).await?.iter().map(|s| s.part.name().to_owned()).collect();
    let sorted: BTreeSet<String> = ODD.map(str::to_owned).into();
    same("parts of any characters", parts, sorted.into_iter().collect())
}

pub(super) async fn odd_links_and_acts(case: &Case) -> Result<()> {
    let links = ODD.map(|odd| Link::new(odd, odd, format!("{odd}'")));
    case.store.put_links(&links).await?;
    let asked: Vec<_> = ODD.iter().map(|odd| LinkRef::of_b(*odd, format!("{odd}'"))).collect();
    let found = case.store.read_page(&case.part, PageQuery::new(Vec::new(), asked.clone())).await?.links;
    let found: Vec<_> = asked.iter().filter_map(|asked| found.get(asked)).collect();
    same("links of any characters", found, ODD.to_vec())?;
    for odd in ODD {
        let act = NewAct::new(odd, odd, odd, odd, odd)?;
        let fingerprint = Fingerprint::of(odd)?;
        case.commit(|page| page.acts.push((odd.into(), ActChange::Enqueue { act, fingerprint }))).await?;
    }
    let request = ClaimRequest::new(
        ODD.map(ActKind::from).into(),
        Holder::from(ODD.concat()),
        Duration::from_secs(9),
        100,
    );
    let claims = case.store.claim(&request).await?;
    let acts: Vec<_> =
        claims.iter().map(|claim| (claim.act.op_key.as_str(), claim.act.payload.decode())).collect();
    let acts =
        acts.into_iter().map(|(key, payload)| Ok((key.to_owned(), payload?))).collect::<Result<Vec<_>>>()?;
    same("acts of any characters", acts, ODD.map(|odd| (odd.to_owned(), odd.to_owned())).into())
}

pub(super) async fn large_and_empty_pages(case: &Case) -> Result<()> {
    let key = |number: u64| Key::from(format!("{:05}", number * 7919 % 5000));
    let sent = |number: u64| Sent::new(Fingerprint::from_bytes([7; 16]), None).in_slot(number);
    let link = |number: u64| Link::new("good", format!("a{number}"), format!("b{number}"));
    case.commit(|page| {
        page.sent = (0..5000).map(|number| (key(number), sent(number))).collect();
        page.links = (0..5000).map(link).collect();
    })
    .await?;
    let asked: Vec<_> = (0..5000).map(|number| LinkRef::of_a("good", format!("a{number}"))).collect();
    let query = PageQuery::new((0..5000).map(key).collect(), asked.clone());
    let state = case.store.read_page(&case.part, query).await?;
    let slots: Vec<_> = state.sent.iter().flatten().map(|sent| sent.slot).collect();
    same("5,000 keys come back in the order asked", slots, (0..5000).collect())?;
    same("5,000 links too", asked.iter().filter(|asked| state.links.get(asked).is_some()).count(), 5000)?;
    case.commit(|_| {}).await?;
    let state = case.state(&["00001"]).await?;
    let told = (state.revision, state.sent.len(), state.sent.iter().flatten().count());
    same("an empty page moves the position alone", told, (2, 1, 1))?;
    case.commit(|page| page.withdrawn = (0..5000).filter(|number| number % 2 == 0).map(key).collect())
        .await?;
    let few: Vec<u64> = (0..5000).step_by(33).collect();
    let asked =
        few.iter().flat_map(|number| [key(*number), Key::from(format!("{}-", key(*number)))]).collect();
    let state = case.store.read_page(&case.part, PageQuery::new(asked, Vec::new())).await?;
    let slots: Vec<_> = state.sent.iter().map(|sent| sent.as_ref().map(|sent| sent.slot)).collect();
    let expected =
        few.iter().flat_map(|number| [Some(*number).filter(|number| number % 2 == 1), None]).collect();
    same("keys far apart are found or not", slots, expected)?;
    same("half of them is withdrawn", case.store.count_unseen(&case.part, 0).await?, 2500)
}

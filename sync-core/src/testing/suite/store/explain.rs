//! Where what was sent comes from.

use std::time::Duration;

use super::{Case, TTL, flow, same};
use crate::act::{ActChange, NewAct};
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use crate::name::{Key, Part};
use crate::store::{PageCommit, Sent, SentBy, SentOrigin};

impl Case {
    async fn origin(&self, key: &str) -> Result<SentOrigin> {
        let mut origins = self.store.explain(&self.flow, &Key::from(key)).await?;
        same("one part has sent it", origins.len(), 1)?;
        origins.pop().ok_or_else(|| Error::bug("one part has sent it"))
    }
}

fn sent(content: u8) -> Sent {
    Sent::new(Fingerprint::from_bytes([content; 16]), Some("t".into())).in_slot(7)
}

pub(super) async fn origins(case: &Case) -> Result<()> {
    let nothing = case.store.explain(&case.flow, &"a".into()).await?;
    same("nothing is known of what was never sent", nothing, vec![])?;
    let began = case.store.now().await?;
    // stores keep microseconds
    let began = began - chrono::TimeDelta::nanoseconds(i64::from(began.timestamp_subsec_nanos() % 1_000));
    let first = SentBy::new("run 'one'", began, 3);
    let send = |key: &'static str, sent: Sent, by: Option<&SentBy>| {
        let by = by.cloned();
        move |page: &mut PageCommit| {
            page.sent.push((key.into(), sent));
            page.sent_by = by;
        }
    };
    case.commit(send("a", sent(1), Some(&first))).await?;
    let origin = case.origin("a").await?;
    same(
        "its part, content and run are told",
        (&origin.part, &origin.sent, &origin.by),
        (&case.part, &sent(1), &Some(first.clone())),
    )?;
    let sent_at = origin.sent_at.ok_or_else(|| Error::bug("it is told when it was sent"))?;
    // to the second at least
    same(
        "when it was sent",
        sent_at + Duration::from_secs(1) > began && sent_at <= case.store.now().await?,
        true,
    )?;

    case.advance(TTL).await?;
    let later = SentBy::new("run two", began + TTL, 4);
    case.commit(send("a", sent(1).missing(1), Some(&later))).await?;
    let missing = case.origin("a").await?;
    same("its absences are told", missing.sent.absences, 1)?;
    same("but it was not sent again", (missing.sent_at, missing.by), (origin.sent_at, origin.by))?;
    case.commit(send("a", sent(1), Some(&later))).await?;
    same("nor as it came back", case.origin("a").await?.by, Some(first.clone()))?;
    case.commit(send("a", sent(1), Some(&later))).await?;
    same("the same content may be sent again", case.origin("a").await?.by, Some(later.clone()))?;
    case.commit(send("a", sent(2), Some(&first))).await?;
    let changed = case.origin("a").await?;
    same(
        "a run is told as it began, however often it sends",
        (changed.sent, changed.by),
        (sent(2), Some(first.clone())),
    )?;
    let second_step = SentBy::new("run 'one'", began + TTL, 3);
    case.commit(send("a", sent(1), Some(&second_step))).await?;
    same("of many steps, the first", case.origin("a").await?.by, Some(first.clone()))?;
    case.commit(send("a", sent(2), Some(&first))).await?;
    case.between("it was sent later", changed.sent_at.unwrap_or_default(), sent_at, TTL).await?;

    let act = NewAct::new("o1", "k1", "order", "v", "v")?;
    let change = ActChange::Enqueue { act, fingerprint: Fingerprint::of("v")? };
    case.commit(|page| {
        page.acts.push(("o".into(), change));
        page.sent_by = Some(later.clone());
    })
    .await?;
    same("an act has its run", case.origin("o").await?.by, Some(later.clone()))?;

    let (named, foreign) = (Part::named(&case.flow, "ż"), Part::whole(&flow("suite/other")));
    case.commit_to(&named, send("a", sent(3), None)).await?;
    case.commit_to(&foreign, send("a", sent(4), Some(&SentBy::new("run 'one'", began + TTL, 9)))).await?;
    let origins = case.store.explain(&case.flow, &"a".into()).await?;
    let told: Vec<_> = origins.iter().map(|origin| (origin.part.name(), &origin.by)).collect();
    same("the parts of one flow, each with its run", told, vec![("", &Some(first)), ("ż", &None)])?;
    let others = case.store.explain(foreign.flow(), &"a".into()).await?;
    let began = others.first().and_then(|origin| Some(origin.by.as_ref()?.began_at));
    same("a run's name is its flow's own", began, Some(later.began_at))?;
    case.commit(|page| page.withdrawn.push("a".into())).await?;
    let left = case.store.explain(&case.flow, &"a".into()).await?;
    same("what was withdrawn is told no more", left.len(), 1)
}

pub(super) async fn listed(case: &Case) -> Result<()> {
    same("nothing was sent", case.store.sent(&case.part, None, 9).await?, vec![])?;
    case.commit(|page| page.sent.extend(["ż", "a", "B", "Ł"].map(|key| (key.into(), sent(1))))).await?;
    case.commit_to(&Part::named(&case.flow, "named"), |page| page.sent.push(("c".into(), sent(2)))).await?;
    let listed =
        |sent: Vec<(Key, Sent)>| sent.into_iter().map(|(key, _)| key.to_string()).collect::<Vec<_>>();
    let first = case.store.sent(&case.part, None, 2).await?;
    same("it is listed with what was sent", first.first(), Some(&("B".into(), sent(1))))?;
    same("by the bytes of the keys", listed(first), ["B", "a"].map(str::to_owned).to_vec())?;
    let rest = case.store.sent(&case.part, Some(&"a".into()), 9).await?;
    same("and on from there", listed(rest), ["Ł", "ż"].map(str::to_owned).to_vec())?;
    same("to its end", case.store.sent(&case.part, Some(&"ż".into()), 9).await?, vec![])
}

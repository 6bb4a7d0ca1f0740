//! How many acts stand where.

use std::time::Duration;

use super::{Case, LAG, TTL, fails, same};
use crate::act::{ActChange, ActCount, ActOutcome, ActState, Created, NewAct};
use crate::error::{ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::store::{ActFilter, Settlement};

type Group = (ActState, Option<&'static str>, u64);

async fn groups(case: &Case, promise: &'static str, expected: &[Group]) -> Result<()> {
    let counts = case.store.act_counts().await?;
    let got: Vec<_> = counts
        .iter()
        .map(|count| (count.kind.as_str(), count.state, count.code.as_deref(), count.count))
        .collect();
    let expected: Vec<_> =
        expected.iter().map(|(state, code, count)| ("order", *state, *code, *count)).collect();
    same(promise, got, expected)
}

/// The instants of a group are those of its listed acts.
async fn oldest(case: &Case, state: ActState) -> Result<()> {
    let filter = ActFilter { states: vec![state], ..ActFilter::all() };
    let acts = case.store.acts(&filter).await?;
    let enqueued = acts.iter().map(|status| status.act.enqueued_at).min();
    let changed = acts.iter().map(|status| status.changed_at).min();
    let counts = case.store.act_counts().await?;
    let of: Vec<&ActCount> = counts.iter().filter(|count| count.state == state).collect();
    let counted = (
        of.iter().map(|count| count.oldest_enqueued_at).min(),
        of.iter().map(|count| count.oldest_changed_at).min(),
    );
    same("the oldest of a group is the oldest of its acts", counted, (enqueued, changed))
}

pub(super) async fn counts(case: &Case) -> Result<()> {
    groups(case, "an empty outbox counts nothing", &[]).await?;
    for op in ["done", "held", "doubt", "manual", "no1", "no2", "no3", "again"] {
        case.enqueue(op, op, "v1").await?;
        case.advance(Duration::from_secs(1)).await?;
    }
    groups(case, "what waits is counted", &[(ActState::Ready, None, 8)]).await?;
    oldest(case, ActState::Ready).await?;
    let claims = case.claim().await?;
    groups(case, "what is sent is counted", &[(ActState::Sending, None, 8)]).await?;
    for claim in claims {
        case.advance(Duration::from_secs(1)).await?;
        let why = Reason::new("why").with_detail("words");
        let settlement = match claim.act.op_key.as_str() {
            "done" => Settlement::Done(Created::new("D")),
            "held" => Settlement::Held(why),
            "doubt" => Settlement::InDoubt { after: LAG, misses: 0, reason: why },
            "manual" => Settlement::Manual(why),
            "no3" => Settlement::Rejected(Reason::new("other")),
            "again" => Settlement::Again { after: TTL * 1000, reason: why },
            _ => Settlement::Rejected(why),
        };
        case.store.settle(&claim, settlement).await?;
    }
    let mut expected = vec![
        (ActState::Ready, Some("why"), 1),
        (ActState::InDoubt, Some("why"), 1),
        (ActState::Held, Some("why"), 1),
        (ActState::Manual, Some("why"), 1),
        (ActState::Rejected, Some("other"), 1),
        (ActState::Rejected, Some("why"), 2),
    ];
    groups(case, "acts are counted by state and reason, done ones not", &expected).await?;
    for state in [ActState::InDoubt, ActState::Held, ActState::Manual, ActState::Rejected] {
        oldest(case, state).await?;
    }
    case.advance(LAG).await?;
    same("the act in doubt is looked up", case.claim_one().await?.act.op_key.as_str(), "doubt")?;
    let state = case.act_state("doubt").await?;
    same("it is under way", state, Some(ActState::Sending))?;
    groups(case, "what is looked up is in doubt meanwhile", &expected).await?;
    case.advance(TTL).await?;
    same("three refusals and a done act are pruned", case.store.prune(TTL).await?, 4)?;
    expected.truncate(4);
    groups(case, "refused acts count until their requests are pruned", &expected).await
}

/// A request may be as good as empty: that of a cancellation is `null`.
pub(super) async fn refused_cancellations(case: &Case) -> Result<()> {
    let act = NewAct::new("a", "a", "order", &(), "v1")?.with_cancel("order");
    let fingerprint = Fingerprint::of("v1")?;
    case.commit(|page| page.acts.push(("a".into(), ActChange::Enqueue { act, fingerprint }))).await?;
    let no = || Settlement::Rejected(Reason::new("no"));
    case.store.settle(&case.claim_one().await?, no()).await?;
    let refused = [(ActState::Rejected, Some("no"), 1)];
    groups(case, "a refused act with an empty request is counted", &refused).await?;
    case.store.release(&"a".into(), "Anna", "corrected").await?;
    case.store.settle(&case.claim_one().await?, Settlement::Done(Created::new("A"))).await?;
    same("it can be cancelled", case.withdraw("a").await?, ActOutcome::Cancelled)?;
    case.store.settle(&case.claim_one().await?, no()).await?;
    groups(case, "a refused cancellation is counted", &refused).await?;
    case.store.release(&"a#1".into(), "Anna", "corrected").await?;
    same("it is let go again as it was", case.claim_one().await?.act.payload.as_json(), "null")?;
    case.advance(TTL).await?;
    same("it lapses", case.claim().await?.len(), 0)?;
    case.advance(LAG).await?;
    case.store.settle(&case.claim_one().await?, no()).await?;
    groups(case, "counted once more", &refused).await?;
    same("both requests are dropped", case.store.prune(Duration::ZERO).await?, 2)?;
    groups(case, "then it counts no more", &[]).await?;
    let dropped = case.store.release(&"a#1".into(), "Anna", "too late").await;
    fails("a dropped request is not sent", dropped, ErrorKind::Conflict)
}

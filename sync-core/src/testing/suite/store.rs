//! What every store has to do.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::super::ManualClock;
use crate::act::{ActChange, ActOutcome, ActState, NewAct};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::lease::{Acquired, Lease};
use crate::name::{ActKind, FlowName, Holder, Key, Part};
use crate::reject::{RejectCount, RejectFilter};
use crate::store::{ActFilter, Claim, ClaimRequest, PageCommit, PageQuery, PageState, Store};

mod act_counts;
mod acts;
mod documents;
mod explain;
mod hints;
mod leases;
mod links;
mod pages;
mod parts;
mod passes;
mod rejects;
mod texts;

const TTL: Duration = Duration::from_secs(60);
const LAG: Duration = Duration::from_secs(10);
const CHANGED_TOO_LATE: ActOutcome = ActOutcome::TooLate(Reason::CHANGED_AFTER_TRANSFER);
const WITHDRAWN_TOO_LATE: ActOutcome = ActOutcome::TooLate(Reason::WITHDRAWN_AFTER_TRANSFER);

/// An empty store whose time the suite lets pass.
#[async_trait]
pub trait StoreUnderTest: Send + Sync {
    /// The store, always the same.
    fn store(&self) -> Arc<dyn Store>;

    /// Lets time pass by the store's clock.
    ///
    /// # Errors
    /// Whatever kept the time from passing.
    async fn advance(&self, by: Duration) -> Result<()>;
}

/// A store that takes the time from this clock.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "these two make it")]
pub struct ClockedStore {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Its clock.
    pub clock: Arc<ManualClock>,
}

#[async_trait]
impl StoreUnderTest for ClockedStore {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    async fn advance(&self, by: Duration) -> Result<()> {
        self.clock.advance(by);
        Ok(())
    }
}

/// Runs every case of the suite, each on an empty store of its own that `make` makes.
///
/// # Errors
/// The first promise that the store does not keep.
pub async fn store_conformance<T, F, Fut>(make: F) -> Result<()>
where
    T: StoreUnderTest + 'static,
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T>>,
{
    clock(&Case::of(make().await?)).await?;
    leases::leases(&Case::of(make().await?)).await?;
    pages::positions(&Case::of(make().await?)).await?;
    pages::zombies(&Case::of(make().await?)).await?;
    pages::sent(&Case::of(make().await?)).await?;
    parts::populations(&Case::of(make().await?)).await?;
    parts::listed(&Case::of(make().await?)).await?;
    parts::cycles(&Case::of(make().await?)).await?;
    parts::approvals(&Case::of(make().await?)).await?;
    parts::commands(&Case::of(make().await?)).await?;
    parts::forgetting(&Case::of(make().await?)).await?;
    passes::seen(&Case::of(make().await?)).await?;
    passes::paging(&Case::of(make().await?)).await?;
    passes::absences(&Case::of(make().await?)).await?;
    passes::parts_of_the_same_name(&Case::of(make().await?)).await?;
    explain::origins(&Case::of(make().await?)).await?;
    explain::listed(&Case::of(make().await?)).await?;
    rejects::live_rejects(&Case::of(make().await?)).await?;
    rejects::filters(&Case::of(make().await?)).await?;
    rejects::replays(&Case::of(make().await?)).await?;
    rejects::drops(&Case::of(make().await?)).await?;
    rejects::raw_bytes(&Case::of(make().await?)).await?;
    links::links(&Case::of(make().await?)).await?;
    links::rejects_that_wait(&Case::of(make().await?)).await?;
    links::rejects_that_still_wait(&Case::of(make().await?)).await?;
    links::replaced_links(&Case::of(make().await?)).await?;
    links::open_links(&Case::of(make().await?)).await?;
    hints::deliveries(&Case::of(make().await?)).await?;
    hints::settled_hints(&Case::of(make().await?)).await?;
    hints::hints_of_commits_that_fail(&Case::of(make().await?)).await?;
    hints::waiting(&Case::of(make().await?)).await?;
    hints::old_deliveries(&Case::of(make().await?)).await?;
    hints::forgotten_hints(&Case::of(make().await?)).await?;
    acts::enqueueing(&Case::of(make().await?)).await?;
    acts::changes_before_anything_happened(&Case::of(make().await?)).await?;
    acts::order_of_claims(&Case::of(make().await?)).await?;
    acts::lapsed_claims(&Case::of(make().await?)).await?;
    acts::settlements(&Case::of(make().await?)).await?;
    acts::releases(&Case::of(make().await?)).await?;
    acts::pruning(&Case::of(make().await?)).await?;
    documents::edits_and_cancellations(&Case::of(make().await?)).await?;
    documents::changes_under_way(&Case::of(make().await?)).await?;
    documents::changes_before_it_waits_again(&Case::of(make().await?)).await?;
    documents::prerequisites(&Case::of(make().await?)).await?;
    documents::the_end_of_the_line(&Case::of(make().await?)).await?;
    documents::verdicts(&Case::of(make().await?)).await?;
    documents::settled_in_order(&Case::of(make().await?)).await?;
    documents::filters(&Case::of(make().await?)).await?;
    act_counts::counts(&Case::of(make().await?)).await?;
    act_counts::refused_cancellations(&Case::of(make().await?)).await?;
    texts::odd_texts(&Case::of(make().await?)).await?;
    texts::odd_links_and_acts(&Case::of(make().await?)).await?;
    texts::large_and_empty_pages(&Case::of(make().await?)).await
}

struct Case {
    test: Box<dyn StoreUnderTest>,
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

fn flow(name: &str) -> FlowName {
    // well-formed by construction
    FlowName::new(name).unwrap_or_else(|_| unreachable!())
}

async fn clock(case: &Case) -> Result<()> {
    let before = case.store.now().await?;
    case.advance(TTL).await?;
    case.between("time passes", case.store.now().await?, before, TTL).await
}

impl Case {
    fn of(test: impl StoreUnderTest + 'static) -> Self {
        let flow = flow("suite/flow");
        Self { store: test.store(), test: Box::new(test), part: Part::whole(&flow), flow }
    }

    async fn advance(&self, by: Duration) -> Result<()> {
        self.test.advance(by).await
    }

    /// The instant lies `ttl` after one between `before` and now. The store's clock may go on by itself, so no instant
    /// is known exactly.
    async fn between(
        &self,
        promise: &'static str,
        instant: DateTime<Utc>,
        before: DateTime<Utc>,
        ttl: Duration,
    ) -> Result<()> {
        let after = self.store.now().await?;
        same(promise, before + ttl <= instant && instant <= after + ttl, true)
    }

    async fn lease(&self, holder: &str) -> Result<Lease> {
        self.lease_of(&self.flow, holder).await
    }

    async fn lease_of(&self, flow: &FlowName, holder: &str) -> Result<Lease> {
        match self.store.acquire(flow, &Holder::from(holder), TTL).await? {
            Acquired::Granted(lease) => Ok(lease),
            Acquired::HeldBy { .. } => Err(Error::bug("a free lease was not granted")),
        }
    }

    async fn state(&self, keys: &[&str]) -> Result<PageState> {
        let keys = keys.iter().map(|key| Key::from(*key)).collect();
        self.store.read_page(&self.part, PageQuery::new(keys, Vec::new())).await
    }

    async fn commit(&self, change: impl FnOnce(&mut PageCommit)) -> Result<Vec<ActOutcome>> {
        self.commit_to(&self.part, change).await
    }

    async fn commit_to(&self, part: &Part, change: impl FnOnce(&mut PageCommit)) -> Result<Vec<ActOutcome>> {
        let lease = self.lease_of(part.flow(), "suite").await?;
        let revision = self.store.read_page(part, PageQuery::default()).await?.revision;
        let mut page = PageCommit::new(revision, format!("position {revision}"));
        change(&mut page);
        let committed = self.store.commit(part, &lease, page).await?;
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
        same("rejects are counted as listed", counted, rejects.iter().collect::<RejectCount>())?;
        let of = |r: &crate::reject::Reject| (r.key.to_string(), r.reason.code().to_owned(), r.attempts);
        Ok(rejects.iter().map(of).collect())
    }
}

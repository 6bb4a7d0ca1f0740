//! A store whose calls go wrong.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Faults;
use crate::act::{ActCount, ActStatus, Verdict};
use crate::error::Result;
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkRef};
use crate::name::{ActKind, FlowName, Holder, Key, LinkKind, OpKey, Part};
use crate::reject::{Reject, RejectCount, RejectFilter};
use crate::seen::SeenChunk;
use crate::store::{
    ActFilter, Approval, Claim, ClaimRequest, Command, Committed, PageCommit, PageQuery, PageState,
    PartStatus, Sent, SentOrigin, Settlement, Store,
};
use crate::webhook::{Delivery, Hint, HintOutcome, Waiting};

/// Another store, with faults at the calls that a script names. All methods count.
#[derive(Debug)]
pub struct FaultyStore {
    store: Arc<dyn Store>,
    faults: Faults,
}

impl FaultyStore {
    /// This store, failing by this script.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, faults: Faults) -> Self {
        Self { store, faults }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Store for FaultyStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        self.faults.around(self.store.now()).await
    }

    async fn acquire(&self, flow: &FlowName, holder: &Holder, ttl: Duration) -> Result<Acquired> {
        self.faults.around(self.store.acquire(flow, holder, ttl)).await
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Lease> {
        self.faults.around(self.store.renew(lease, ttl)).await
    }

    async fn give_back(&self, lease: &Lease) -> Result<()> {
        self.faults.around(self.store.give_back(lease)).await
    }

    async fn read_page(&self, part: &Part, query: PageQuery) -> Result<PageState> {
        self.faults.around(self.store.read_page(part, query)).await
    }

    async fn commit(&self, part: &Part, lease: &Lease, page: PageCommit) -> Result<Committed> {
        self.faults.around(self.store.commit(part, lease, page)).await
    }

    async fn put_links(&self, links: &[Link]) -> Result<()> {
        self.faults.around(self.store.put_links(links)).await
    }

    async fn close_links(&self, links: &[LinkRef]) -> Result<u64> {
        self.faults.around(self.store.close_links(links)).await
    }

    async fn open_links(&self, kind: &LinkKind, after: Option<&str>, limit: usize) -> Result<Vec<Link>> {
        self.faults.around(self.store.open_links(kind, after, limit)).await
    }

    async fn put_hints(&self, delivery: &Delivery, hints: &[(Part, Key)]) -> Result<HintOutcome> {
        self.faults.around(self.store.put_hints(delivery, hints)).await
    }

    async fn hints(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<Hint>> {
        self.faults.around(self.store.hints(part, after, limit)).await
    }

    async fn waiting(&self, flow: &FlowName) -> Result<Waiting> {
        self.faults.around(self.store.waiting(flow)).await
    }

    async fn seen(&self, part: &Part) -> Result<Vec<SeenChunk>> {
        self.faults.around(self.store.seen(part)).await
    }

    async fn unseen(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        self.faults.around(self.store.unseen(part, after, limit)).await
    }

    async fn count_unseen(&self, part: &Part, absences: u8) -> Result<u64> {
        self.faults.around(self.store.count_unseen(part, absences)).await
    }

    async fn sent(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        self.faults.around(self.store.sent(part, after, limit)).await
    }

    async fn explain(&self, flow: &FlowName, key: &Key) -> Result<Vec<SentOrigin>> {
        self.faults.around(self.store.explain(flow, key)).await
    }

    async fn parts(&self, flow: &FlowName) -> Result<Vec<PartStatus>> {
        self.faults.around(self.store.parts(flow)).await
    }

    async fn approve(&self, part: &Part, approval: &Approval) -> Result<()> {
        self.faults.around(self.store.approve(part, approval)).await
    }

    async fn command(&self, part: &Part, command: &Command) -> Result<()> {
        self.faults.around(self.store.command(part, command)).await
    }

    async fn forget(&self, part: &Part, lease: &Lease) -> Result<()> {
        self.faults.around(self.store.forget(part, lease)).await
    }

    async fn rejects(&self, filter: &RejectFilter) -> Result<Vec<Reject>> {
        self.faults.around(self.store.rejects(filter)).await
    }

    async fn count_rejects(&self, filter: &RejectFilter) -> Result<RejectCount> {
        self.faults.around(self.store.count_rejects(filter)).await
    }

    async fn replay_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        self.faults.around(self.store.replay_rejects(filter)).await
    }

    async fn drop_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        self.faults.around(self.store.drop_rejects(filter)).await
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<Vec<Claim>> {
        self.faults.around(self.store.claim(request)).await
    }

    async fn extend(&self, claim: &Claim, ttl: Duration) -> Result<()> {
        self.faults.around(self.store.extend(claim, ttl)).await
    }

    async fn settle(&self, claim: &Claim, settlement: Settlement) -> Result<()> {
        self.faults.around(self.store.settle(claim, settlement)).await
    }

    async fn release(&self, op_key: &OpKey, by: &str, reason: &str) -> Result<()> {
        self.faults.around(self.store.release(op_key, by, reason)).await
    }

    async fn resolve(&self, op_key: &OpKey, verdict: &Verdict, by: &str, reason: &str) -> Result<()> {
        self.faults.around(self.store.resolve(op_key, verdict, by, reason)).await
    }

    async fn settled(&self, kinds: &[ActKind], after: u64, limit: usize) -> Result<Vec<(u64, ActStatus)>> {
        self.faults.around(self.store.settled(kinds, after, limit)).await
    }

    async fn acts(&self, filter: &ActFilter) -> Result<Vec<ActStatus>> {
        self.faults.around(self.store.acts(filter)).await
    }

    async fn act_counts(&self) -> Result<Vec<ActCount>> {
        self.faults.around(self.store.act_counts()).await
    }

    async fn prune(&self, age: Duration) -> Result<u64> {
        self.faults.around(self.store.prune(age)).await
    }
}

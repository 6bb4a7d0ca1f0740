//! A store whose calls go wrong.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Faults;
use crate::act::ActStatus;
use crate::error::Result;
use crate::lease::{Acquired, Lease};
use crate::link::Link;
use crate::name::{FlowName, Holder, OpKey, Part};
use crate::reject::Reject;
use crate::store::{
    ActFilter, Claim, ClaimRequest, Committed, PageCommit, PageQuery, PageState, Settlement, Store,
};

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

    async fn rejects(&self, flow: Option<&FlowName>, limit: usize) -> Result<Vec<Reject>> {
        self.faults.around(self.store.rejects(flow, limit)).await
    }

    async fn count_rejects(&self, flow: Option<&FlowName>) -> Result<u64> {
        self.faults.around(self.store.count_rejects(flow)).await
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

    async fn acts(&self, filter: &ActFilter) -> Result<Vec<ActStatus>> {
        self.faults.around(self.store.acts(filter)).await
    }
}

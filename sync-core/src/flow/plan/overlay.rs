//! The store of a plan: reads come from the real one, commits stay in memory.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Planning;
use crate::act::{ActChange, ActCount, ActOutcome, ActStatus, Verdict};
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkRef};
use crate::name::{ActKind, FlowName, Holder, Key, LinkKind, OpKey, Part};
use crate::reject::{Reject, RejectCount, RejectFilter};
use crate::seen::{Seen, SeenChunk};
use crate::store::memory::MemoryStore;
use crate::store::{
    ActFilter, Approval, Claim, ClaimRequest, Command, Committed, PageCommit, PageQuery, PageState,
    PartStatus, Sent, SentOrigin, Settlement, Store, revision_conflict,
};
use crate::webhook::{Delivery, Hint, HintOutcome, Waiting};

/// So many rows are read at once.
const ROWS: usize = 1_000;

/// Keeps in memory what was committed, and of the rest only what is little: parts, rejects without their bytes, hints.
#[derive(Debug)]
pub(super) struct Overlay {
    flow: FlowName,
    below: Arc<dyn Store>,
    above: MemoryStore,
    /// The parts as they were.
    parts: Vec<PartStatus>,
    planning: Arc<Planning>,
    taken_over: Mutex<TakenOver>,
}

/// Of what the memory is right.
#[derive(Debug, Default)]
struct TakenOver {
    sent: BTreeSet<(Part, Key)>,
    seen: BTreeSet<Part>,
    acts: BTreeSet<OpKey>,
    hints: BTreeSet<Part>,
    /// So many hints are due of other parts, which may never have been committed.
    hints_left: u64,
}

impl Overlay {
    pub(super) async fn over(
        below: Arc<dyn Store>,
        flow: &FlowName,
        clock: &Arc<dyn Clock>,
        planning: Arc<Planning>,
    ) -> Result<Self> {
        let above = MemoryStore::new().with_clock(Arc::clone(clock));
        let parts = below.parts(flow).await?;
        for status in &parts {
            above.adopt_part(status);
            let mut filter = RejectFilter::of_part(&status.part).limit(ROWS);
            loop {
                let rejects = below.rejects(&filter).await?;
                let Some(last) = rejects.last().map(|reject| reject.key.clone()) else { break };
                rejects.into_iter().for_each(|reject| above.adopt_reject(Reject { raw: None, ..reject }));
                filter = filter.after(last);
            }
        }
        let hints_left = below.waiting(flow).await?.hints;
        let taken_over = Mutex::new(TakenOver { hints_left, ..TakenOver::default() });
        Ok(Self { flow: flow.clone(), below, above, parts, planning, taken_over })
    }

    /// A lease of the memory.
    pub(super) async fn lease(&self, flow: &FlowName, holder: &Holder) -> Result<Lease> {
        match self.above.acquire(flow, holder, Duration::ZERO).await? {
            Acquired::Granted(lease) => Ok(lease),
            Acquired::HeldBy { .. } => Err(Error::bug("a plan's own lease is free")),
        }
    }

    fn taken_over(&self) -> MutexGuard<'_, TakenOver> {
        self.taken_over.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_above(&self, part: &Part, key: &Key) -> bool {
        self.taken_over().sent.contains(&(part.clone(), key.clone()))
    }

    async fn adopt_seen(&self, part: &Part) -> Result<()> {
        if self.taken_over().seen.insert(part.clone()) {
            self.above.adopt_seen(part, self.below.seen(part).await?);
        }
        Ok(())
    }

    async fn adopt_acts(&self, part: &Part, acts: &[(Key, ActChange)]) -> Result<()> {
        for (_, change) in acts {
            let op_key = change.op_key();
            if self.taken_over().acts.insert(op_key.clone()) {
                for status in self.below.acts(&ActFilter::of_document(op_key.clone())).await? {
                    self.above.adopt_act(part, status);
                }
            }
        }
        Ok(())
    }

    async fn adopt_hints(&self, part: &Part) -> Result<()> {
        if !self.taken_over().hints.insert(part.clone()) {
            return Ok(());
        }
        let mut after = None;
        loop {
            let hints = self.below.hints(part, after.as_ref(), ROWS).await?;
            let Some(last) = hints.last().map(|hint| hint.key.clone()) else { return Ok(()) };
            let mut taken_over = self.taken_over();
            taken_over.hints_left = taken_over.hints_left.saturating_sub(hints.len() as u64);
            hints.into_iter().for_each(|hint| self.above.adopt_hint(part, hint));
            after = Some(last);
        }
    }

    /// A reject whose link is known by now is due at once.
    async fn adopt_links(&self, part: &Part, page: &PageCommit) -> Result<()> {
        let waited: Vec<LinkRef> =
            page.rejects.iter().filter_map(|reject| reject.reason.waits_for().cloned()).collect();
        if !waited.is_empty() {
            let known = self.below.read_page(part, PageQuery::new(Vec::new(), waited.clone())).await?.links;
            for wanted in waited {
                if let Some(other) = known.get(&wanted) {
                    self.above.adopt_link(&wanted, other);
                }
            }
        }
        Ok(())
    }

    /// Calls `see` with everything below that was not seen, after a key, until it says that this is enough.
    async fn unseen_below(
        &self,
        part: &Part,
        after: Option<&Key>,
        mut see: impl FnMut(Key, Sent) -> bool + Send,
    ) -> Result<()> {
        let seen = Seen::of(self.above.seen(part).await?);
        let mut after = after.cloned();
        loop {
            let rows = self.below.sent(part, after.as_ref(), ROWS).await?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after = Some(last.clone());
            for (key, sent) in rows {
                if !seen.contains(sent.slot) && !self.is_above(part, &key) && !see(key, sent) {
                    return Ok(());
                }
            }
        }
    }
}

fn only_plans<T>() -> Result<T> {
    Err(Error::bug("a plan does nothing but read and commit in memory"))
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl Store for Overlay {
    async fn now(&self) -> Result<DateTime<Utc>> {
        self.below.now().await
    }

    async fn acquire(&self, _flow: &FlowName, _holder: &Holder, _ttl: Duration) -> Result<Acquired> {
        only_plans()
    }

    async fn renew(&self, _lease: &Lease, _ttl: Duration) -> Result<Lease> {
        only_plans()
    }

    async fn give_back(&self, _lease: &Lease) -> Result<()> {
        only_plans()
    }

    async fn read_page(&self, part: &Part, query: PageQuery) -> Result<PageState> {
        let mut below = self.below.read_page(part, query.clone()).await?;
        // of the other direction, for echoes
        if *part.flow() != self.flow {
            return Ok(below);
        }
        let before = self.parts.iter().find(|status| status.part == *part);
        if below.revision != before.map_or(0, |status| status.revision) {
            return Err(Error::new(ErrorKind::RevisionConflict, "the flow worked while it was planned")
                .with_source(revision_conflict()));
        }
        let keys = query.keys.clone();
        let mut above = self.above.read_page(part, query).await?;
        for ((key, sent), known) in keys.iter().zip(&mut above.sent).zip(&mut below.sent) {
            if !self.is_above(part, key) {
                *sent = known.take();
            }
        }
        Ok(PageState { links: below.links, ..above })
    }

    async fn commit(&self, part: &Part, lease: &Lease, page: PageCommit) -> Result<Committed> {
        self.adopt_seen(part).await?;
        self.adopt_acts(part, &page.acts).await?;
        self.adopt_links(part, &page).await?;
        let touched = page.sent.iter().map(|(key, _)| key).chain(&page.withdrawn);
        self.taken_over().sent.extend(touched.map(|key| (part.clone(), key.clone())));
        page.rejects.iter().for_each(|reject| self.planning.reject(part, reject));
        let acts = page.acts.clone();
        let committed = self.above.commit(part, lease, page).await?;
        for ((key, change), outcome) in acts.iter().zip(&committed.acts) {
            // what was sent of it stays
            if !matches!(outcome, ActOutcome::TooLate(_)) {
                self.taken_over().sent.insert((part.clone(), key.clone()));
            }
            self.planning.act(part, key, change.op_key().clone(), *outcome, change.fingerprint());
        }
        Ok(committed)
    }

    async fn seen(&self, part: &Part) -> Result<Vec<SeenChunk>> {
        self.adopt_seen(part).await?;
        self.above.seen(part).await
    }

    async fn unseen(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        self.adopt_seen(part).await?;
        let mut unseen = self.above.unseen(part, after, limit).await?;
        let mut more = Vec::new();
        let see = |key, sent| {
            more.push((key, sent));
            more.len() < limit
        };
        self.unseen_below(part, after, see).await?;
        unseen.append(&mut more);
        unseen.sort_by(|(a, _), (b, _)| a.cmp(b));
        unseen.truncate(limit);
        Ok(unseen)
    }

    async fn count_unseen(&self, part: &Part, absences: u8) -> Result<u64> {
        self.adopt_seen(part).await?;
        let mut count = self.above.count_unseen(part, absences).await?;
        let see = |_, sent: Sent| {
            count += u64::from(sent.absences >= absences);
            true
        };
        self.unseen_below(part, None, see).await?;
        Ok(count)
    }

    async fn sent(&self, _part: &Part, _after: Option<&Key>, _limit: usize) -> Result<Vec<(Key, Sent)>> {
        only_plans()
    }

    async fn explain(&self, _flow: &FlowName, _key: &Key) -> Result<Vec<SentOrigin>> {
        only_plans()
    }

    async fn parts(&self, flow: &FlowName) -> Result<Vec<PartStatus>> {
        self.above.parts(flow).await
    }

    async fn approve(&self, _part: &Part, _approval: &Approval) -> Result<()> {
        only_plans()
    }

    async fn command(&self, _part: &Part, _command: &Command) -> Result<()> {
        only_plans()
    }

    async fn forget(&self, _part: &Part, _lease: &Lease) -> Result<()> {
        only_plans()
    }

    async fn put_links(&self, _links: &[Link]) -> Result<()> {
        only_plans()
    }

    async fn close_links(&self, _links: &[LinkRef]) -> Result<u64> {
        only_plans()
    }

    async fn open_links(&self, kind: &LinkKind, after: Option<&str>, limit: usize) -> Result<Vec<Link>> {
        self.below.open_links(kind, after, limit).await
    }

    async fn put_hints(&self, _delivery: &Delivery, _hints: &[(Part, Key)]) -> Result<HintOutcome> {
        only_plans()
    }

    async fn hints(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<Hint>> {
        self.adopt_hints(part).await?;
        self.above.hints(part, after, limit).await
    }

    async fn waiting(&self, flow: &FlowName) -> Result<Waiting> {
        let above = self.above.waiting(flow).await?;
        Ok(Waiting { hints: above.hints + self.taken_over().hints_left, ..above })
    }

    async fn rejects(&self, filter: &RejectFilter) -> Result<Vec<Reject>> {
        self.above.rejects(filter).await
    }

    async fn count_rejects(&self, filter: &RejectFilter) -> Result<RejectCount> {
        self.above.count_rejects(filter).await
    }

    async fn replay_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        self.above.replay_rejects(filter).await
    }

    async fn drop_rejects(&self, _filter: &RejectFilter) -> Result<u64> {
        only_plans()
    }

    async fn claim(&self, _request: &ClaimRequest) -> Result<Vec<Claim>> {
        only_plans()
    }

    async fn extend(&self, _claim: &Claim, _ttl: Duration) -> Result<()> {
        only_plans()
    }

    async fn settle(&self, _claim: &Claim, _settlement: Settlement) -> Result<()> {
        only_plans()
    }

    async fn release(&self, _op_key: &OpKey, _by: &str, _reason: &str) -> Result<()> {
        only_plans()
    }

    async fn resolve(&self, _op_key: &OpKey, _verdict: &Verdict, _by: &str, _reason: &str) -> Result<()> {
        only_plans()
    }

    async fn settled(&self, kinds: &[ActKind], after: u64, limit: usize) -> Result<Vec<(u64, ActStatus)>> {
        let _ = (kinds, after, limit);
        only_plans()
    }

    async fn acts(&self, _filter: &ActFilter) -> Result<Vec<ActStatus>> {
        only_plans()
    }

    async fn act_counts(&self) -> Result<Vec<ActCount>> {
        only_plans()
    }

    async fn prune(&self, _age: Duration) -> Result<u64> {
        only_plans()
    }
}

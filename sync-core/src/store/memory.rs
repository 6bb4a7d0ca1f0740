//! A store in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    ActFilter, Approval, Claim, ClaimRequest, Command, Committed, PageCommit, PageQuery, PageState,
    PartStatus, Population, Sent, SentBy, SentOrigin, Settlement, Store,
};
use crate::act::{ActCount, ActStatus, Verdict};
use crate::clock::{Clock, SystemClock};
use crate::error::Result;
use crate::lease::{Acquired, Lease};
use crate::link::{Link, LinkRef, LinkSide};
use crate::name::{ActKind, FlowName, Holder, Key, LinkKind, OpKey, Part};
use crate::reject::{NewReject, Reject, RejectCount, RejectFilter};
use crate::seen::SeenChunk;
use crate::webhook::{Delivery, Hint, HintOutcome, Waiting};

mod acts;
mod adoption;
mod hints;
mod links;

/// Keeps everything in memory: for tests and trials. What it holds is gone with the process.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct State {
    leases: BTreeMap<FlowName, LeaseRow>,
    parts: BTreeMap<Part, PartRow>,
    rejects: BTreeMap<(Part, Key), Reject>,
    links_by_a: BTreeMap<(LinkKind, String), String>,
    links_by_b: BTreeMap<(LinkKind, String), String>,
    acts: acts::Acts,
    /// Open links, by `a`.
    open_links: BTreeSet<(LinkKind, String)>,
    hints: BTreeMap<(Part, Key), hints::HintRow>,
    deliveries: BTreeMap<Delivery, DateTime<Utc>>,
    /// When each run began that sent something.
    runs: BTreeMap<(FlowName, String), DateTime<Utc>>,
}

#[derive(Debug, Default)]
struct LeaseRow {
    held: Option<(Holder, DateTime<Utc>)>,
    fence: u64,
}

#[derive(Debug, Default)]
struct PartRow {
    revision: u64,
    position: Option<String>,
    population: Population,
    approval: Option<Approval>,
    command: Option<Command>,
    committed_at: Option<DateTime<Utc>>,
    last_ok_at: Option<DateTime<Utc>>,
    sent: BTreeMap<Key, SentRow>,
    seen: BTreeMap<u64, SeenChunk>,
}

#[derive(Debug)]
struct SentRow {
    sent: Sent,
    sent_at: DateTime<Utc>,
    by: Option<Arc<SentBy>>,
}

impl PartRow {
    fn keep_sent(&mut self, key: Key, sent: Sent, by: Option<&Arc<SentBy>>, now: DateTime<Utc>) {
        match self.sent.get_mut(&key) {
            Some(row)
                if Sent { absences: row.sent.absences, ..sent.clone() } == row.sent && row.sent != sent =>
            {
                row.sent.absences = sent.absences;
            }
            _ => {
                self.sent.insert(key, SentRow { sent, sent_at: now, by: by.cloned() });
            }
        }
    }

    fn after(&self, key: Option<&Key>) -> impl Iterator<Item = (&Key, &Sent)> {
        let behind = (key.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.sent.range::<Key, _>(behind).map(|(key, row)| (key, &row.sent))
    }

    fn is_seen(&self, sent: &Sent) -> bool {
        let (number, byte, bit) = SeenChunk::place(sent.slot);
        let byte = self.seen.get(&number).and_then(|chunk| chunk.bits.get(byte));
        byte.is_some_and(|byte| byte & bit != 0)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self { state: Mutex::default(), clock: Arc::new(SystemClock) }
    }

    /// With this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // nothing below panics half-way, so the state behind a poisoned lock is whole
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn after(now: DateTime<Utc>, duration: Duration) -> DateTime<Utc> {
    TimeDelta::from_std(duration)
        .ok()
        .and_then(|delta| now.checked_add_signed(delta))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl State {
    fn check_fence(&self, lease: &Lease) -> Result<()> {
        match self.leases.get(&lease.flow) {
            Some(row) if row.fence == lease.fence => Ok(()),
            _ => Err(super::lease_lost()),
        }
    }

    fn contradicts(&self, link: &Link) -> bool {
        let by_a = self.links_by_a.get(&(link.kind.clone(), link.a.clone()));
        let by_b = self.links_by_b.get(&(link.kind.clone(), link.b.clone()));
        by_a.is_some_and(|b| *b != link.b && Some(b) != link.replaces.as_ref())
            || by_b.is_some_and(|a| *a != link.a)
    }

    fn insert_link(&mut self, link: &Link) {
        let known = self.links_by_a.insert((link.kind.clone(), link.a.clone()), link.b.clone());
        if known.is_none() && link.open {
            self.open_links.insert((link.kind.clone(), link.a.clone()));
        }
        if let Some(replaced) = known.filter(|known| *known != link.b) {
            self.links_by_b.remove(&(link.kind.clone(), replaced));
        }
        self.links_by_b.insert((link.kind.clone(), link.b.clone()), link.a.clone());
        let known = [
            LinkRef::of_a(link.kind.clone(), link.a.clone()),
            LinkRef::of_b(link.kind.clone(), link.b.clone()),
        ];
        for reject in self.rejects.values_mut() {
            reject.due |= reject.reason.waits_for().is_some_and(|wanted| known.contains(wanted));
        }
    }

    fn matching(&mut self, filter: &RejectFilter) -> impl Iterator<Item = &mut Reject> {
        self.rejects.values_mut().filter(|reject| filter.matches(reject))
    }

    fn learn_links(&mut self, part: &Part, links: &[Link], now: DateTime<Utc>) {
        for link in links {
            if self.contradicts(link) {
                self.reject(part, super::link_conflict(link), now);
            } else {
                self.insert_link(link);
            }
        }
    }

    fn prune_runs(&mut self, age: Duration, now: DateTime<Utc>) {
        let sent = self.parts.iter().flat_map(|(part, row)| row.sent.values().map(move |sent| (part, sent)));
        let runs = sent.filter_map(|(part, row)| Some((part.flow().clone(), row.by.as_ref()?.run.clone())));
        let named: BTreeSet<_> = runs.collect();
        let is_old = |began| after(began, age.max(Delivery::KEPT)) <= now;
        self.runs.retain(|run, began| !is_old(*began) || named.contains(run));
    }

    fn reject(&mut self, part: &Part, new: NewReject, now: DateTime<Utc>) {
        // the link may have been learned since the page was read
        let due = new.reason.waits_for().is_some_and(|wanted| self.other_side(wanted).is_some());
        let place = (part.clone(), new.key.clone());
        match self.rejects.get_mut(&place) {
            Some(live) => live.again(new, now),
            None => {
                self.rejects.insert(place.clone(), Reject::new(part.clone(), new, now));
            }
        }
        if let Some(live) = self.rejects.get_mut(&place) {
            live.due = due;
        }
    }

    fn other_side(&self, known: &LinkRef) -> Option<&String> {
        let side = match known.known {
            LinkSide::A => &self.links_by_a,
            LinkSide::B => &self.links_by_b,
        };
        side.get(&(known.kind.clone(), known.id.clone()))
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn now(&self) -> Result<DateTime<Utc>> {
        Ok(self.clock.now())
    }

    async fn acquire(&self, flow: &FlowName, holder: &Holder, ttl: Duration) -> Result<Acquired> {
        let now = self.clock.now();
        let mut state = self.lock();
        let row = state.leases.entry(flow.clone()).or_default();
        if let Some((other, until)) = &row.held
            && other != holder
            && *until > now
        {
            return Ok(Acquired::HeldBy { until: *until });
        }
        let until = after(now, ttl);
        row.fence += 1;
        row.held = Some((holder.clone(), until));
        Ok(Acquired::Granted(Lease::new(flow.clone(), holder.clone(), row.fence, until)))
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<Lease> {
        let until = after(self.clock.now(), ttl);
        let mut state = self.lock();
        state.check_fence(lease)?;
        // a lease given back has no holder
        let held = state.leases.get_mut(&lease.flow).and_then(|row| row.held.as_mut());
        let Some((_, held_until)) = held.filter(|(holder, _)| *holder == lease.holder) else {
            return Err(super::lease_lost());
        };
        *held_until = until;
        Ok(Lease { until, ..lease.clone() })
    }

    async fn give_back(&self, lease: &Lease) -> Result<()> {
        let mut state = self.lock();
        if state.check_fence(lease).is_ok()
            && let Some(row) = state.leases.get_mut(&lease.flow)
        {
            row.held = None;
        }
        Ok(())
    }

    async fn read_page(&self, part: &Part, query: PageQuery) -> Result<PageState> {
        let state = self.lock();
        let row = state.parts.get(part);
        let rejected = query.keys.iter().filter_map(|key| {
            let live = state.rejects.get(&(part.clone(), key.clone()))?;
            Some((key.clone(), live.reason.code().to_owned()))
        });
        let links = query.links.into_iter().filter_map(|wanted| {
            let other = state.other_side(&wanted)?.clone();
            Some((wanted, other))
        });
        Ok(PageState {
            revision: row.map_or(0, |row| row.revision),
            position: row.and_then(|row| row.position.clone()),
            population: row.map(|row| row.population).unwrap_or_default(),
            approval: row.and_then(|row| row.approval.clone()),
            command: row.and_then(|row| row.command.clone()),
            rejected: rejected.collect(),
            links: links.collect(),
            sent: query.keys.iter().map(|key| Some(row?.sent.get(key)?.sent.clone())).collect(),
        })
    }

    async fn commit(&self, part: &Part, lease: &Lease, page: PageCommit) -> Result<Committed> {
        let now = self.clock.now();
        let mut locked = self.lock();
        let state = &mut *locked;
        super::check_flow(part, lease)?;
        state.check_fence(lease)?;
        let row = state.parts.entry(part.clone()).or_default();
        if row.revision != page.revision {
            return Err(super::revision_conflict());
        }
        row.revision += 1;
        row.position = Some(page.position);
        row.committed_at = Some(now);
        row.population = page.population.unwrap_or(row.population);
        if page.completed {
            row.last_ok_at = Some(now);
        }
        row.approval.take_if(|approval| page.approval_used.as_ref() == Some(&approval.token));
        if page.forget_seen {
            row.seen.clear();
        }
        row.seen.extend(page.seen.into_iter().map(|chunk| (chunk.number, chunk)));
        if page.command_taken {
            row.command = None;
        }
        let sends = !page.sent.is_empty() || !page.acts.is_empty();
        let by = page.sent_by.filter(|_| sends).map(|by| {
            let run = (part.flow().clone(), by.run.clone());
            let began_at = *state.runs.entry(run).or_insert(by.began_at);
            Arc::new(SentBy { began_at, ..by })
        });
        for (key, sent) in page.sent {
            row.keep_sent(key, sent, by.as_ref(), now);
        }
        for key in &page.withdrawn {
            row.sent.remove(key);
        }
        let revision = row.revision;
        for key in page.cleared {
            state.rejects.remove(&(part.clone(), key));
        }
        for new in page.rejects {
            state.reject(part, new, now);
        }
        state.learn_links(part, &page.links, now);
        state.close_links(&page.closed);
        state.settle_hints(part, page.hints, now);
        let acts = page.acts.into_iter();
        let acts = acts.map(|(key, change)| state.change_act(part, key, change, by.as_ref(), now)).collect();
        Ok(Committed::new(revision, acts))
    }

    async fn put_links(&self, links: &[Link]) -> Result<()> {
        let mut state = self.lock();
        let (links_by_a, links_by_b) = (state.links_by_a.clone(), state.links_by_b.clone());
        let mut trial = State { links_by_a, links_by_b, ..State::default() };
        for link in links {
            if trial.contradicts(link) {
                return Err(super::link_contradiction());
            }
            trial.insert_link(link);
        }
        for link in links {
            state.insert_link(link);
        }
        Ok(())
    }

    async fn close_links(&self, links: &[LinkRef]) -> Result<u64> {
        Ok(self.lock().close_links(links))
    }

    async fn open_links(&self, kind: &LinkKind, after: Option<&str>, limit: usize) -> Result<Vec<Link>> {
        Ok(self.lock().open_links(kind, after, limit))
    }

    async fn put_hints(&self, delivery: &Delivery, hints: &[(Part, Key)]) -> Result<HintOutcome> {
        let now = self.clock.now();
        Ok(self.lock().put_hints(delivery, hints, now))
    }

    async fn hints(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<Hint>> {
        let now = self.clock.now();
        Ok(self.lock().due_hints(part, after, limit, now))
    }

    async fn waiting(&self, flow: &FlowName) -> Result<Waiting> {
        let now = self.clock.now();
        Ok(self.lock().waiting(flow, now))
    }

    async fn seen(&self, part: &Part) -> Result<Vec<SeenChunk>> {
        let state = self.lock();
        Ok(state.parts.get(part).map(|row| row.seen.values().cloned().collect()).unwrap_or_default())
    }

    async fn unseen(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        let state = self.lock();
        let Some(row) = state.parts.get(part) else { return Ok(Vec::new()) };
        let unseen = row.after(after).filter(|(_, sent)| !row.is_seen(sent));
        Ok(unseen.take(limit).map(|(key, sent)| (key.clone(), sent.clone())).collect())
    }

    async fn count_unseen(&self, part: &Part, absences: u8) -> Result<u64> {
        let state = self.lock();
        let Some(row) = state.parts.get(part) else { return Ok(0) };
        let missing = row.after(None).filter(|(_, sent)| sent.absences >= absences && !row.is_seen(sent));
        Ok(missing.count() as u64)
    }

    async fn sent(&self, part: &Part, after: Option<&Key>, limit: usize) -> Result<Vec<(Key, Sent)>> {
        let state = self.lock();
        let Some(row) = state.parts.get(part) else { return Ok(Vec::new()) };
        Ok(row.after(after).take(limit).map(|(key, sent)| (key.clone(), sent.clone())).collect())
    }

    async fn explain(&self, flow: &FlowName, key: &Key) -> Result<Vec<SentOrigin>> {
        let state = self.lock();
        let of_flow = state.parts.iter().filter(|(part, _)| part.flow() == flow);
        let origins = of_flow.filter_map(|(part, row)| {
            let SentRow { sent, sent_at, by } = row.sent.get(key)?;
            Some(SentOrigin::new(part.clone(), sent.clone(), Some(*sent_at), by.as_deref().cloned()))
        });
        Ok(origins.collect())
    }

    async fn parts(&self, flow: &FlowName) -> Result<Vec<PartStatus>> {
        let state = self.lock();
        let of_flow = state.parts.iter().filter(|(part, _)| part.flow() == flow);
        let status = of_flow.filter_map(|(part, row)| {
            Some(PartStatus {
                population: row.population,
                approval: row.approval.clone(),
                command: row.command.clone(),
                last_ok_at: row.last_ok_at,
                ..PartStatus::new(part.clone(), row.revision, row.position.clone()?, row.committed_at?)
            })
        });
        Ok(status.collect())
    }

    async fn approve(&self, part: &Part, approval: &Approval) -> Result<()> {
        let mut state = self.lock();
        let row = state.parts.get_mut(part).ok_or_else(super::no_such_part)?;
        row.approval = Some(approval.clone());
        Ok(())
    }

    async fn command(&self, part: &Part, command: &Command) -> Result<()> {
        let mut state = self.lock();
        let row = state.parts.get_mut(part).ok_or_else(super::no_such_part)?;
        if row.command.is_some() {
            return Err(super::command_waits());
        }
        row.command = Some(command.clone());
        Ok(())
    }

    async fn forget(&self, part: &Part, lease: &Lease) -> Result<()> {
        let mut state = self.lock();
        super::check_flow(part, lease)?;
        state.check_fence(lease)?;
        state.parts.remove(part);
        state.rejects.retain(|(of, _), _| of != part);
        state.hints.retain(|(of, _), _| of != part);
        Ok(())
    }

    async fn rejects(&self, filter: &RejectFilter) -> Result<Vec<Reject>> {
        let mut state = self.lock();
        let mut rejects: Vec<Reject> = state.matching(filter).map(|reject| reject.clone()).collect();
        if filter.part.is_none() {
            rejects.sort_by_key(|reject| reject.first_seen);
        }
        rejects.truncate(filter.limit);
        Ok(rejects)
    }

    async fn count_rejects(&self, filter: &RejectFilter) -> Result<RejectCount> {
        let mut state = self.lock();
        Ok(state.matching(filter).map(|reject| &*reject).collect())
    }

    async fn replay_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        let mut state = self.lock();
        Ok(state.matching(filter).map(|reject| reject.due = true).count() as u64)
    }

    async fn drop_rejects(&self, filter: &RejectFilter) -> Result<u64> {
        let mut state = self.lock();
        let before = state.rejects.len();
        state.rejects.retain(|_, reject| !filter.matches(reject));
        Ok((before - state.rejects.len()) as u64)
    }

    async fn claim(&self, request: &ClaimRequest) -> Result<Vec<Claim>> {
        Ok(self.lock().claim(request, self.clock.now()))
    }

    async fn extend(&self, claim: &Claim, ttl: Duration) -> Result<()> {
        self.lock().extend(claim, after(self.clock.now(), ttl))
    }

    async fn settle(&self, claim: &Claim, settlement: Settlement) -> Result<()> {
        self.lock().settle(claim, settlement, self.clock.now())
    }

    async fn release(&self, op_key: &OpKey, by: &str, reason: &str) -> Result<()> {
        self.lock().release(op_key, by, reason, self.clock.now())
    }

    async fn resolve(&self, op_key: &OpKey, verdict: &Verdict, by: &str, reason: &str) -> Result<()> {
        self.lock().resolve(op_key, verdict, by, reason, self.clock.now())
    }

    async fn settled(&self, kinds: &[ActKind], after: u64, limit: usize) -> Result<Vec<(u64, ActStatus)>> {
        Ok(self.lock().settled(kinds, after, limit))
    }

    async fn acts(&self, filter: &ActFilter) -> Result<Vec<ActStatus>> {
        Ok(self.lock().list(filter))
    }

    async fn act_counts(&self) -> Result<Vec<ActCount>> {
        Ok(self.lock().acts.counts())
    }

    async fn prune(&self, age: Duration) -> Result<u64> {
        let (now, mut state) = (self.clock.now(), self.lock());
        state.prune_hints(age, now);
        state.prune_runs(age, now);
        Ok(state.prune(age, now))
    }
}

//! One page: from decoded records to one commit.

use std::collections::BTreeMap;

use super::doubt::FIRST;
use super::draft::{Draft, draft};
use super::ending::Ending;
use super::lane::Lane;
use super::state::PartState;
use super::systemic::{Tolerance, stop_if_systemic};
use super::{cycle, echo};
use crate::act::ActOutcome;
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::full_pass::{Inconclusive, Toll};
use crate::job::Counts;
use crate::mapper::Mapper;
use crate::name::{Key, Receipt};
use crate::source::{Item, SourceKind};
use crate::store::{PageQuery, PageState, Population, Sent, revision_conflict};
use crate::webhook::Hint;

/// A page to be processed.
pub(crate) struct Work<R> {
    pub(crate) items: Vec<Item<R>>,
    /// The part's state after it, before what the page itself adds.
    pub(crate) state: PartState,
    /// It belongs to the full pass.
    pub(crate) full: bool,
    /// The source's last page of the live cycle or of the full pass.
    pub(crate) last: Option<Last>,
    /// The first page of a full pass.
    pub(crate) begins_pass: bool,
    /// Missing once more, and not yet to be removed.
    pub(crate) missing: Vec<(Key, Sent)>,
    /// Why its records were looked up: settled in the same commit.
    pub(crate) hints: Vec<Hint>,
}

/// How a source ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Last {
    pub(crate) cut_short: bool,
}

impl<R> Work<R> {
    pub(crate) fn new(items: Vec<Item<R>>, state: PartState, full: bool) -> Self {
        Self { items, state, full, last: None, begins_pass: false, missing: Vec::new(), hints: Vec::new() }
    }
}

/// What became of a page.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) counts: Counts,
    /// What the source is to be told.
    pub(crate) receipts: Vec<(Receipt, Result<(), Reason>)>,
    /// The cycle ended, though not with everything there is.
    pub(crate) incomplete: Option<Inconclusive>,
}

/// Maps, skips, writes and commits one page. Its span names it by the part's revision before it.
#[tracing::instrument(
    name = "page",
    level = "debug",
    skip_all,
    fields(job = %lane.flow.name, part = lane.part.name(), page = lane.revision)
)]
pub(crate) async fn process<R, M, E>(
    lane: &mut Lane<'_>,
    mapper: &M,
    ending: &E,
    work: Work<R>,
) -> Result<Done>
where
    R: Send + Sync + 'static,
    M: Mapper<R, Out = E::Record>,
    E: Ending,
{
    let Work { items, mut state, full, last, begins_pass, missing, hints } = work;
    let (items, receipts) = last_of_each_key(items);
    let nothing = items.is_empty() && missing.is_empty() && last.is_none();
    if nothing && lane.position.as_ref() == Some(&state.encode(&lane.info)?) {
        return Ok(Done { counts: Counts::default(), receipts: Vec::new(), incomplete: None });
    }
    let stored = match items.is_empty() {
        true => PageState { revision: lane.revision, ..PageState::default() },
        false => lane.flow.store.read_page(lane.part, query(mapper, &items)).await?,
    };
    if stored.sent.len() != items.len() {
        return Err(Error::bug("a store did not give one answer per key"));
    }
    if stored.revision != lane.revision {
        return Err(revision_conflict());
    }
    let theirs = echo::find(lane, mapper, &items).await?;
    let mut draft = draft(lane, mapper, ending.removal(), items.into_iter().zip(theirs), stored, full)?;
    let hints = draft.settle_hints(lane, hints);
    let limit = lane.tolerance();
    // a page that will not be committed is not sent either
    stop_if_systemic(lane, limit, &draft).await?;
    if ending.is_target() {
        let in_pass = full || lane.info.kind == SourceKind::Snapshot;
        let toll = toll_of(&mut state, in_pass, lane.population);
        let allowance = lane.allowance();
        draft.hold_what_is_too_much(lane, toll, &allowance);
    }
    if !draft.writes.is_empty() {
        let keys: Vec<Key> = draft.writes.iter().map(|write| write.key().clone()).collect();
        if ending.is_target() {
            lane.intend(&keys).await?;
        }
        if let Some(planning) = lane.flow.planning.as_ref().filter(|_| ending.is_target()) {
            for (key, note) in keys.iter().zip(&draft.notes) {
                let was_there = note.sent.as_ref().is_some_and(|sent| sent.fingerprint != FIRST);
                planning.write(lane.part, key, note.print, was_there);
            }
        }
        let writes = std::mem::take(&mut draft.writes);
        // what was refused before says nothing new
        let limit = Tolerance { known: draft.rejected_before.len() as u64, ..limit };
        let delivered = match ending.deliver(lane.flow, limit, writes, &draft.notes).await {
            Err(error) if error.kind() == ErrorKind::SystemicFailure => {
                // nobody knows how many more would be refused
                lane.hold_rejects(draft.counts.fetched, draft.counts.fetched).await?;
                return Err(error);
            }
            delivered => delivered?,
        };
        draft.settle(lane, keys, delivered)?;
    }
    stop_if_systemic(lane, limit, &draft).await?;
    let Draft { mut commit, mut counts, population, .. } = draft;
    let pending = commit.acts.len() as u64;
    Counts { applied: counts.applied + pending, ..counts }.check()?;

    commit.sent.extend(missing);
    commit.hints = hints;
    let mut incomplete = None;
    if ending.is_target() {
        commit.population = Some(population);
    }
    if let Some(last) = last {
        incomplete =
            cycle::wrap_up(lane, &mut state, &mut commit, full, last, population, ending.is_target());
    }
    commit.forget_seen |= begins_pass;
    if state.pass.is_some() {
        commit.seen = lane.seen.take_changed();
    }
    if lane.approved.is_none() {
        commit.approval_used.clone_from(&lane.approval);
    }
    commit.revision = lane.revision;
    commit.position = state.encode(&lane.info)?;
    let rejected: BTreeMap<Key, Reason> = match receipts.is_empty() {
        true => BTreeMap::new(),
        false => commit.rejects.iter().map(|reject| (reject.key.clone(), reject.reason.clone())).collect(),
    };
    let act_keys: Vec<Key> = commit.acts.iter().map(|(key, _)| key.clone()).collect();

    let acts = lane.commit(commit, state).await?;
    if acts.len() as u64 != pending {
        return Err(Error::bug("a store did not give one outcome per act"));
    }
    let mut rejected = rejected;
    for (outcome, key) in acts.into_iter().zip(act_keys) {
        match outcome {
            ActOutcome::Enqueued
            | ActOutcome::Replaced
            | ActOutcome::Dropped
            | ActOutcome::Edited
            | ActOutcome::Cancelled => counts.applied += 1,
            ActOutcome::Same => counts.unchanged += 1,
            ActOutcome::TooLate(code) => {
                counts.rejected += 1;
                rejected.insert(key, Reason::new(code));
            }
            ActOutcome::Unknown => counts.left_out += 1,
        }
    }
    counts.pages = 1;
    counts.check()?;
    let receipts = receipts.into_iter().map(|(receipt, key)| {
        let outcome = rejected.get(&key).map_or(Ok(()), |reason| Err(reason.clone()));
        (receipt, outcome)
    });
    Ok(Done { counts, receipts: receipts.collect(), incomplete })
}

/// What the cycle has taken away so far.
fn toll_of(state: &mut PartState, in_pass: bool, population: Population) -> &mut Toll {
    match &mut state.pass {
        Some(pass) if in_pass => &mut pass.toll,
        _ => state.toll.get_or_insert_with(|| Toll::new(population.active)),
    }
}

/// Drops all but the last record of each key; the others keep their order. Tells all receipts.
fn last_of_each_key<R>(mut items: Vec<Item<R>>) -> (Vec<Item<R>>, Vec<(Receipt, Key)>) {
    let mut receipts = Vec::new();
    for item in &mut items {
        if let Some(receipt) = item.take_receipt()
            && let Some(key) = item.key()
        {
            receipts.push((receipt, key.clone()));
        }
    }
    let keys: Vec<Option<&Key>> = items.iter().map(Item::key).collect();
    // sources mostly come in the order of their keys, and then nothing can be double
    if keys.windows(2).all(|pair| matches!(pair, [a, b] if a < b)) {
        return (items, receipts);
    }
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_by(|a, b| keys.get(*a).cmp(&keys.get(*b)));
    let mut keep = vec![true; keys.len()];
    for pair in order.windows(2) {
        let [earlier, later] = pair else { continue };
        if keys.get(*earlier) == keys.get(*later)
            && let Some(flag) = keep.get_mut(*earlier)
        {
            *flag = false;
        }
    }
    let last = items.into_iter().zip(keep).filter_map(|(item, keep)| keep.then_some(item));
    (last.collect(), receipts)
}

fn query<R, M: Mapper<R>>(mapper: &M, items: &[Item<R>]) -> PageQuery {
    let mut links = Vec::new();
    let mut keys = Vec::with_capacity(items.len());
    for item in items {
        if let Some(key) = item.key() {
            keys.push(key.clone());
        }
        if let Item::Upsert { record, .. } = item {
            links.append(&mut mapper.links_needed(record));
        }
    }
    links.sort_unstable();
    links.dedup();
    PageQuery::new(keys, links)
}

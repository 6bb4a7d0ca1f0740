//! One page: from decoded records to one commit.

use std::collections::BTreeMap;

use super::ending::{Delivered, Ending};
use super::{Flow, SystemicLimit};
use crate::act::ActOutcome;
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::job::Counts;
use crate::lease::Lease;
use crate::mapper::{Mapped, Mapper};
use crate::name::Key;
use crate::reject::{NewReject, RejectStage};
use crate::sink::{Outcome, Removal, Write};
use crate::source::Item;
use crate::store::{PageCommit, PageQuery, PageState, Sent, revision_conflict};

/// Rejects that stay although their record is no longer meant for the target.
const KEPT_REJECTS: [&str; 3] =
    [Reason::REMOVAL_NOT_SUPPORTED, Reason::CHANGED_AFTER_TRANSFER, Reason::LINK_CONFLICT];

/// What carries over from page to page.
pub(crate) struct PageContext<'a> {
    flow: &'a Flow,
    lease: &'a Lease,
    revision: u64,
    position: Option<String>,
    prints: Fingerprinter,
}

impl<'a> PageContext<'a> {
    pub(crate) fn new(
        flow: &'a Flow,
        lease: &'a Lease,
        mapping_version: u32,
        revision: u64,
        position: Option<String>,
    ) -> Self {
        let prints = Fingerprinter::new(&[flow.name.as_str().as_bytes(), &mapping_version.to_le_bytes()]);
        Self { flow, lease, revision, position, prints }
    }
}

/// What is known of a page before it is written.
struct Draft<R> {
    commit: PageCommit,
    counts: Counts,
    writes: Vec<Write<R>>,
    prints: Vec<Option<Fingerprint>>,
    /// Rejects that say something about the page as a whole.
    telling: u64,
    rejected_before: BTreeMap<Key, String>,
}

/// Maps, skips, writes and commits one page.
pub(crate) async fn process<R, M, E>(
    context: &mut PageContext<'_>,
    mapper: &M,
    ending: &E,
    items: Vec<Item<R>>,
    position: String,
) -> Result<Counts>
where
    R: Send + Sync + 'static,
    M: Mapper<R, Out = E::Record>,
    E: Ending,
{
    let items = last_of_each_key(items);
    if items.is_empty() && context.position.as_ref() == Some(&position) {
        // an idle source costs no write
        return Ok(Counts { pages: 1, ..Counts::default() });
    }
    let (store, part) = (&context.flow.store, &context.flow.part);
    let state = store.read_page(part, query(mapper, &items)).await?;
    if state.sent.len() != items.len() {
        return Err(Error::bug("a store did not give one answer per key"));
    }
    if state.revision != context.revision {
        return Err(revision_conflict());
    }
    let commit = PageCommit::new(context.revision, position);
    let mut draft = draft(context, mapper, ending.removal(), items, state, commit)?;
    let limit = context.flow.settings.systemic;
    // a page that will not be committed is not sent either
    stop_if_systemic(limit, draft.telling, &draft.counts)?;
    if !draft.writes.is_empty() {
        let keys: Vec<(Key, bool)> = draft
            .writes
            .iter()
            .map(|write| (write.key().clone(), matches!(write, Write::Remove { .. })))
            .collect();
        let delivered = ending.deliver(std::mem::take(&mut draft.writes), &draft.prints).await?;
        draft.settle(keys, delivered)?;
    }
    let Draft { commit, mut counts, telling, .. } = draft;
    stop_if_systemic(limit, telling, &counts)?;
    let pending = commit.acts.len() as u64;
    Counts { applied: counts.applied + pending, ..counts }.check()?;

    let new_position = commit.position.clone();
    let committed = store.commit(part, context.lease, commit).await?;
    context.revision = committed.revision;
    context.position = Some(new_position);
    if committed.acts.len() as u64 != pending {
        return Err(Error::bug("a store did not give one outcome per act"));
    }
    for outcome in committed.acts {
        match outcome {
            ActOutcome::Enqueued | ActOutcome::Replaced | ActOutcome::Dropped => counts.applied += 1,
            ActOutcome::Same => counts.unchanged += 1,
            ActOutcome::ChangedAfterTransfer => counts.rejected += 1,
            ActOutcome::Unknown => counts.left_out += 1,
        }
    }
    counts.pages = 1;
    counts.check()?;
    Ok(counts)
}

/// Drops all but the last record of each key; the others keep their order.
fn last_of_each_key<R>(items: Vec<Item<R>>) -> Vec<Item<R>> {
    let keys: Vec<Option<&Key>> = items.iter().map(Item::key).collect();
    // sources mostly come in the order of their keys, and then nothing can be double
    if keys.windows(2).all(|pair| matches!(pair, [a, b] if a < b)) {
        return items;
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
    items.into_iter().zip(keep).filter_map(|(item, keep)| keep.then_some(item)).collect()
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

fn draft<R, M: Mapper<R>>(
    context: &mut PageContext<'_>,
    mapper: &M,
    removal: Removal,
    items: Vec<Item<R>>,
    state: PageState,
    commit: PageCommit,
) -> Result<Draft<M::Out>> {
    let PageState { sent, rejected, links, .. } = state;
    let mut draft = Draft {
        commit,
        counts: Counts { fetched: items.len() as u64, ..Counts::default() },
        writes: Vec::new(),
        prints: Vec::new(),
        telling: 0,
        rejected_before: rejected,
    };
    for (item, sent) in items.into_iter().zip(sent) {
        match item {
            Item::Upsert { key, record, .. } => match mapper.map(&key, record, &links) {
                Ok(Mapped::Send(out)) => {
                    let print = context.prints.hash(&out)?;
                    if sent.as_ref().is_some_and(|sent| sent.fingerprint == print) {
                        draft.counts.unchanged += 1;
                        draft.supersede(&key);
                    } else {
                        let previous = sent.and_then(|sent| sent.target_id);
                        draft.writes.push(Write::Upsert { key, record: out, previous });
                        draft.prints.push(Some(print));
                    }
                }
                Ok(Mapped::LeaveOut(_)) => draft.remove(key, sent, removal),
                Err(reason) => draft.reject(key, RejectStage::Map, reason),
            },
            Item::Deleted { key, .. } => draft.remove(key, sent, removal),
            Item::Bad { key: Some(key), error, .. } => {
                draft.reject(key, RejectStage::Decode, Reason::from(error))
            }
            Item::Bad { key: None, .. } => return Err(Error::bug("a record was left without a key")),
        }
    }
    Ok(draft)
}

impl<R> Draft<R> {
    fn reject(&mut self, key: Key, stage: RejectStage, reason: Reason) {
        self.counts.rejected += 1;
        // what was rejected for the same reason before says nothing new
        self.telling += u64::from(self.rejected_before.get(&key).is_none_or(|code| code != reason.code()));
        self.commit.rejects.push(NewReject::new(key, stage, reason));
    }

    /// The record is not, or no longer, meant for the target.
    fn remove(&mut self, key: Key, sent: Option<Sent>, removal: Removal) {
        match (sent, removal) {
            (None, _) => {
                self.counts.left_out += 1;
                if self.rejected_before.get(&key).is_some_and(|code| !KEPT_REJECTS.contains(&code.as_str())) {
                    self.commit.cleared.push(key);
                }
            }
            (Some(sent), Removal::Sends) => {
                self.writes.push(Write::Remove { key, previous: sent.target_id });
                self.prints.push(None);
            }
            (Some(_), Removal::None) => {
                // said once: without what was sent, the next cycle only leaves it out
                self.counts.rejected += 1;
                self.commit.withdrawn.push(key.clone());
                let reason = Reason::new(Reason::REMOVAL_NOT_SUPPORTED);
                self.commit.rejects.push(NewReject::new(key, RejectStage::Sink, reason));
            }
        }
    }

    fn supersede(&mut self, key: &Key) {
        if self.rejected_before.contains_key(key) {
            self.commit.cleared.push(key.clone());
        }
    }

    /// Takes in what the ending made of the writes; `keys` says of each whether it was a removal.
    fn settle(&mut self, keys: Vec<(Key, bool)>, delivered: Vec<Delivered>) -> Result<()> {
        if delivered.len() != keys.len() {
            return Err(Error::bug("an ending did not give one outcome per record"));
        }
        let prints = std::mem::take(&mut self.prints);
        self.commit.sent.reserve(keys.len());
        for (((key, removal), outcome), print) in keys.into_iter().zip(delivered).zip(prints) {
            match (outcome, print) {
                (Delivered::Written(Outcome::Applied { target_id, mut links }), print) => {
                    self.counts.applied += 1;
                    self.supersede(&key);
                    self.commit.links.append(&mut links);
                    match print {
                        Some(fingerprint) if !removal => {
                            self.commit.sent.push((key, Sent::new(fingerprint, target_id)));
                        }
                        _ => self.commit.withdrawn.push(key),
                    }
                }
                (Delivered::Written(Outcome::Rejected(reason)), _) => {
                    self.reject(key, RejectStage::Sink, reason)
                }
                (Delivered::Act(change), _) => self.commit.acts.push((key, change)),
                (Delivered::NoAct(reason), _) => self.reject(key, RejectStage::Outbox, reason),
            }
        }
        Ok(())
    }
}

fn stop_if_systemic(limit: SystemicLimit, rejected: u64, counts: &Counts) -> Result<()> {
    if limit.is_exceeded(rejected, counts.fetched) {
        let message = format!("{rejected} of {} records of a page were rejected", counts.fetched);
        return Err(Error::new(ErrorKind::SystemicFailure, message));
    }
    Ok(())
}

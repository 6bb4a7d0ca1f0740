//! One page: from decoded records to one commit.

use std::collections::{BTreeMap, BTreeSet};

use super::echo::{self, Theirs};
use super::ending::{Delivered, Ending};
use super::hints::unanswered;
use super::settings::SystemicLimit;
use super::state::PartState;
use super::{Flow, cycle};
use crate::act::ActOutcome;
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::{Fingerprint, Fingerprinter};
use crate::full_pass::{Allowance, Amounts, Held, Inconclusive, Toll};
use crate::job::Counts;
use crate::lease::Lease;
use crate::link::{Link, LinkRef};
use crate::mapper::{Mapped, Mapper};
use crate::name::{Key, Part, Receipt};
use crate::reject::{NewReject, RejectStage};
use crate::seen::Seen;
use crate::sink::{Outcome, Removal, Write};
use crate::source::{Item, SourceInfo, SourceKind};
use crate::store::{Command, PageCommit, PageQuery, PageState, Population, Sent, SentBy, revision_conflict};
use crate::webhook::{Hint, HintSettled};

/// Rejects that stay although their record is no longer meant for the target.
const KEPT_REJECTS: [&str; 3] =
    [Reason::REMOVAL_NOT_SUPPORTED, Reason::CHANGED_AFTER_TRANSFER, Reason::LINK_CONFLICT];

/// The content of what was sent before, and since then may or may not have been written again.
const UNKNOWN: Fingerprint = Fingerprint::from_bytes([0; 16]);

/// The content of what may or may not have been written for the first time.
const FIRST: Fingerprint = Fingerprint::from_bytes([1; 16]);

/// The longest raw record that is kept with its reject.
const LONGEST_RAW: usize = 64 * 1024;

/// One part at work: what carries over from page to page.
pub(crate) struct Lane<'a> {
    pub(crate) flow: &'a Flow,
    pub(crate) lease: &'a Lease,
    pub(crate) part: &'a Part,
    pub(crate) info: SourceInfo,
    pub(crate) state: PartState,
    pub(crate) population: Population,
    /// What the full pass under way has seen.
    pub(crate) seen: Seen,
    /// What a person approved of what is held.
    pub(crate) approved: Option<Amounts>,
    /// What the approval that lies with the part names: this or something else.
    pub(crate) approval: Option<String>,
    /// A person's command that was not taken up yet.
    pub(crate) command: Option<Command>,
    sent_by: SentBy,
    revision: u64,
    position: Option<String>,
    prints: Fingerprinter,
}

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

impl<'a> Lane<'a> {
    pub(crate) fn new(
        flow: &'a Flow,
        lease: &'a Lease,
        part: &'a Part,
        info: SourceInfo,
        sent_by: SentBy,
        stored: PageState,
    ) -> Result<Self> {
        let mut state = PartState::decode(&info, stored.position.as_deref())?;
        state.backfill |= flow.planning.as_ref().is_some_and(|planning| planning.wants_pass(part));
        let approved = match (&stored.approval, &state.held) {
            (Some(approval), Some(held)) if approval.token == held.token => {
                tracing::info!(flow = %flow.name, part = part.name(), by = %approval.by, %held, "approved");
                Some(held.amounts())
            }
            (Some(_), _) => {
                tracing::warn!(flow = %flow.name, part = part.name(), "an approval of what is no longer so does nothing");
                None
            }
            (None, _) => None,
        };
        Ok(Self {
            flow,
            lease,
            part,
            info,
            state,
            population: stored.population,
            seen: Seen::default(),
            approved,
            approval: stored.approval.map(|approval| approval.token),
            command: stored.command,
            revision: stored.revision,
            position: stored.position,
            prints: Fingerprinter::of_flow(&flow.name, sent_by.mapping),
            sent_by,
        })
    }

    pub(crate) fn allowance(&self) -> Allowance {
        let held = self.state.held.as_ref().is_some_and(|held| held.removals + held.emptyings > 0);
        Allowance {
            brake: self.flow.settings.brake,
            hold_all: held && self.approved.is_none(),
            approved: self.approved.unwrap_or_default(),
        }
    }

    fn tolerance(&self) -> Tolerance {
        let approved = self.approved.map_or(0, |approved| approved.rejects);
        Tolerance { limit: self.flow.settings.systemic, approved, known: 0 }
    }

    pub(crate) async fn commit(
        &mut self,
        mut commit: PageCommit,
        state: PartState,
    ) -> Result<Vec<ActOutcome>> {
        if !commit.sent.is_empty() || !commit.acts.is_empty() {
            commit.sent_by = Some(self.sent_by.clone());
        }
        let population = commit.population;
        let (position, approval_used) = (commit.position.clone(), commit.approval_used.is_some());
        let committed = self.flow.store.commit(self.part, self.lease, commit).await?;
        self.revision = committed.revision;
        self.position = Some(position);
        self.population = population.unwrap_or(self.population);
        self.state = state;
        if approval_used {
            (self.approved, self.approval) = (None, None);
        }
        Ok(committed.acts)
    }

    /// Commits which keys are about to be written.
    async fn intend(&mut self, keys: &[Key]) -> Result<()> {
        let mut state = self.state.clone();
        state.writing = keys.to_vec();
        let commit = self.begin_commit(&state)?;
        self.commit(commit, state).await.map(drop)
    }

    /// Of what a step was writing when it died nobody knows what the target has: it counts as sent, with content that no
    /// record has. So it is written again when it comes, and removed when it is gone.
    pub(crate) async fn recover(&mut self) -> Result<()> {
        let mut state = self.state.clone();
        let keys = std::mem::take(&mut state.writing);
        let stored = self.flow.store.read_page(self.part, PageQuery::new(keys.clone(), Vec::new())).await?;
        if stored.revision != self.revision {
            return Err(revision_conflict());
        }
        if stored.sent.len() != keys.len() {
            return Err(Error::bug("a store did not give one answer per key"));
        }
        let mut commit = self.begin_commit(&state)?;
        let mut population = self.population;
        let keys = keys.into_iter().zip(stored.sent);
        commit.sent = keys.map(|(key, sent)| (key, in_doubt(sent, &mut population))).collect();
        commit.population = Some(population);
        self.commit(commit, state).await.map(drop)
    }

    /// A commit of this state and nothing else so far.
    pub(crate) fn begin_commit(&self, state: &PartState) -> Result<PageCommit> {
        Ok(PageCommit::new(self.revision, state.encode(&self.info)?))
    }

    /// Remembers that a page was not committed because of its rejects, so that a person can let it through.
    async fn hold_rejects(&mut self, rejects: u64, of: u64) -> Result<()> {
        let before = self.state.held.as_ref();
        let amounts = Amounts { rejects, of, ..before.map(Held::amounts).unwrap_or_default() };
        if before.map(Held::amounts) == Some(amounts) {
            return Ok(());
        }
        let since = before.map_or_else(|| self.flow.clock.now(), |held| held.since);
        let mut state = self.state.clone();
        state.held = Some(Held::new(self.part.name(), since, amounts));
        let commit = self.begin_commit(&state)?;
        self.commit(commit, state).await.map(drop)
    }
}

/// What counts as sent of a key of which nobody knows whether it was written.
fn in_doubt(sent: Option<Sent>, population: &mut Population) -> Sent {
    match sent {
        Some(Sent { fingerprint: FIRST, slot, .. }) => Sent::new(FIRST, None).in_slot(slot),
        Some(sent) => Sent::new(UNKNOWN, sent.target_id).in_slot(sent.slot),
        None => Sent::new(FIRST, None).in_slot(population.add()),
    }
}

/// How many rejects of one page do not stop the flow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tolerance {
    limit: SystemicLimit,
    /// So many a person has approved.
    approved: u64,
    /// So many were rejected before.
    known: u64,
}

impl Tolerance {
    pub(crate) fn is_exceeded(self, rejected: u64, page: u64) -> bool {
        rejected > self.approved.saturating_add(self.known) && self.limit.is_exceeded(rejected, page)
    }
}

/// What is known of a page before it is written.
struct Draft<R> {
    commit: PageCommit,
    counts: Counts,
    writes: Vec<Write<R>>,
    notes: Vec<Note>,
    /// Rejects that say something about the page as a whole.
    telling: u64,
    rejected_before: BTreeMap<Key, String>,
    population: Population,
    keep_raw: bool,
    /// Show what the other direction wrote.
    echoes: Vec<Key>,
}

/// What has to be remembered of a write.
struct Note {
    /// `None` of a removal.
    print: Option<Fingerprint>,
    sent: Option<Sent>,
    empties: bool,
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
        let prints: Vec<_> = draft.notes.iter().map(|note| note.print).collect();
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
        let delivered = match ending.deliver(lane.flow, limit, writes, &prints).await {
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
            ActOutcome::ChangedAfterTransfer => {
                counts.rejected += 1;
                rejected.insert(key, Reason::new(Reason::CHANGED_AFTER_TRANSFER));
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

fn draft<R, M: Mapper<R>>(
    lane: &mut Lane<'_>,
    mapper: &M,
    removal: Removal,
    items: impl ExactSizeIterator<Item = (Item<R>, Option<Theirs>)>,
    stored: PageState,
    full: bool,
) -> Result<Draft<M::Out>> {
    let PageState { sent, rejected, links, .. } = stored;
    let reassert = full && lane.state.pass.as_ref().is_some_and(|pass| pass.reassert);
    let mut draft = Draft {
        commit: PageCommit::default(),
        counts: Counts { fetched: items.len() as u64, ..Counts::default() },
        writes: Vec::new(),
        notes: Vec::new(),
        telling: 0,
        rejected_before: rejected,
        population: lane.population,
        keep_raw: lane.flow.settings.keep_raw,
        echoes: Vec::new(),
    };
    for ((item, theirs), sent) in items.zip(sent) {
        match item {
            Item::Upsert { key, .. } if theirs.is_some_and(|theirs| theirs.is_echo(sent.as_ref())) => {
                draft.counts.left_out += 1;
                draft.supersede(&key);
                draft.is_there(lane, &key, sent);
                draft.echoes.push(key);
            }
            Item::Upsert { key, record, .. } => match mapper.map(&key, record, &links) {
                Ok(Mapped::Send(out)) => {
                    let print = lane.prints.hash(&out)?;
                    let print = theirs.map_or(print, |theirs| theirs.beside(print));
                    let changed = sent.as_ref().is_none_or(|sent| sent.fingerprint != print);
                    if changed || reassert {
                        // a first write that is repeated takes nothing away
                        let was_there = sent.as_ref().is_some_and(|sent| sent.fingerprint != FIRST);
                        let empties = changed && was_there && mapper.empties(&out);
                        let previous = sent.as_ref().and_then(|sent| sent.target_id.clone());
                        draft.writes.push(Write::Upsert { key, record: out, previous });
                        draft.notes.push(Note { print: Some(print), sent, empties });
                    } else {
                        draft.counts.unchanged += 1;
                        draft.supersede(&key);
                        draft.is_there(lane, &key, sent);
                    }
                }
                Ok(Mapped::LeaveOut(_)) => draft.remove(lane, key, sent, removal),
                Err(reason) => {
                    draft.is_there(lane, &key, sent);
                    draft.reject(key, RejectStage::Map, reason);
                }
            },
            Item::Deleted { key, .. } => draft.remove(lane, key, sent, removal),
            Item::Bad { key: Some(key), error, raw, .. } => {
                draft.is_there(lane, &key, sent);
                draft.reject(key, RejectStage::Decode, Reason::from(error));
                draft.keep_raw(raw);
            }
            Item::Bad { key: None, .. } => return Err(Error::bug("a record was left without a key")),
        }
    }
    Ok(draft)
}

impl<R> Draft<R> {
    fn reject(&mut self, key: Key, stage: RejectStage, reason: Reason) {
        // what was rejected for the same reason before says nothing new
        self.telling += u64::from(self.is_new(&key, &reason));
        self.reject_quietly(key, stage, reason);
    }

    /// A reject that says nothing about the page as a whole.
    fn reject_quietly(&mut self, key: Key, stage: RejectStage, reason: Reason) {
        self.counts.rejected += 1;
        self.commit.rejects.push(NewReject::new(key, stage, reason));
    }

    /// The code that most rejects of the page have.
    fn commonest_reason(&self) -> &str {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for reject in &self.commit.rejects {
            *counts.entry(reject.reason.code()).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map_or("", |(code, _)| code)
    }

    /// Before anything is written: a hint is done if its look-up found something new. Otherwise what it tells of may show
    /// later.
    fn settle_hints(&self, lane: &Lane<'_>, hints: Vec<Hint>) -> Vec<HintSettled> {
        if hints.is_empty() {
            return Vec::new();
        }
        let rejected_anew =
            self.commit.rejects.iter().filter(|reject| self.is_new(&reject.key, &reject.reason));
        let mut answered: BTreeSet<&Key> = self.writes.iter().map(Write::key).collect();
        answered.extend(self.echoes.iter().chain(rejected_anew.map(|reject| &reject.key)));
        let settled = hints.iter().map(|hint| match answered.contains(&hint.key) {
            true => HintSettled::done(hint),
            false => unanswered(lane, hint),
        });
        settled.collect()
    }

    /// Whether the record was not rejected for this reason before.
    fn is_new(&self, key: &Key, reason: &Reason) -> bool {
        self.rejected_before.get(key).is_none_or(|code| code != reason.code())
    }

    fn keep_raw(&mut self, raw: Option<Box<[u8]>>) {
        if let Some(reject) = self.commit.rejects.last_mut() {
            reject.raw = raw.filter(|raw| self.keep_raw && raw.len() <= LONGEST_RAW);
        }
    }

    /// The source still has the record, whatever became of it.
    fn is_there(&mut self, lane: &mut Lane<'_>, key: &Key, sent: Option<Sent>) {
        let Some(sent) = sent else { return };
        if lane.state.pass.is_some() {
            lane.seen.insert(sent.slot);
        }
        if sent.absences > 0 {
            self.commit.sent.push((key.clone(), sent.missing(0)));
        }
    }

    /// The record is not, or no longer, meant for the target.
    fn remove(&mut self, lane: &mut Lane<'_>, key: Key, sent: Option<Sent>, removal: Removal) {
        match (sent, removal) {
            (None, _) => {
                self.counts.left_out += 1;
                if self.rejected_before.get(&key).is_some_and(|code| !KEPT_REJECTS.contains(&code.as_str())) {
                    self.commit.cleared.push(key);
                }
            }
            (Some(sent), Removal::Sends) => {
                self.writes.push(Write::Remove { key, previous: sent.target_id.clone() });
                self.notes.push(Note { print: None, sent: Some(sent), empties: false });
            }
            (Some(sent), Removal::None) => {
                // said once: without what was sent, the next cycle only leaves it out
                self.withdraw(lane, key.clone(), &sent);
                let reason = Reason::new(Reason::REMOVAL_NOT_SUPPORTED);
                self.reject_quietly(key, RejectStage::Sink, reason);
            }
        }
    }

    fn withdraw(&mut self, lane: &mut Lane<'_>, key: Key, sent: &Sent) {
        self.population.active = self.population.active.saturating_sub(1);
        lane.seen.remove(sent.slot);
        self.commit.withdrawn.push(key);
    }

    fn supersede(&mut self, key: &Key) {
        if self.rejected_before.contains_key(key) {
            self.commit.cleared.push(key.clone());
        }
    }

    /// Makes rejects of removals and of emptyings that the brake does not let through.
    fn hold_what_is_too_much(&mut self, lane: &mut Lane<'_>, toll: &mut Toll, allowance: &Allowance) {
        let removals = self.notes.iter().filter(|note| note.print.is_none()).count() as u64;
        if !toll.remove(removals, allowance) {
            toll.hold(removals);
            self.hold_back(lane, Reason::HELD_REMOVAL, |note| note.print.is_none());
        }
        let emptyings = self.notes.iter().filter(|note| note.empties).count() as u64;
        if !toll.empty(emptyings, allowance) {
            toll.hold(emptyings);
            self.hold_back(lane, Reason::HELD_EMPTYING, |note| note.empties);
        }
    }

    fn hold_back(&mut self, lane: &mut Lane<'_>, code: &'static str, is_held: impl Fn(&Note) -> bool) {
        let writes = std::mem::take(&mut self.writes);
        let notes = std::mem::take(&mut self.notes);
        for (write, note) in writes.into_iter().zip(notes) {
            if is_held(&note) {
                // it stays in the target, so the full pass is done with it
                self.is_there(lane, write.key(), note.sent);
                self.reject_quietly(write.key().clone(), RejectStage::Brake, Reason::new(code));
            } else {
                self.writes.push(write);
                self.notes.push(note);
            }
        }
    }

    /// Takes in what the ending made of the writes.
    fn settle(&mut self, lane: &mut Lane<'_>, keys: Vec<Key>, delivered: Vec<Delivered>) -> Result<()> {
        let notes = std::mem::take(&mut self.notes);
        if delivered.len() != keys.len() || notes.len() != keys.len() {
            return Err(Error::bug("an ending did not give one outcome per record"));
        }
        self.commit.sent.reserve(keys.len());
        for ((key, outcome), note) in keys.into_iter().zip(delivered).zip(notes) {
            match (outcome, note) {
                (
                    Delivered::Written(Outcome::Applied { target_id, mut links, closed }),
                    Note { print: Some(print), sent, .. },
                ) => {
                    self.applied(&key, &mut links, closed);
                    let slot = self.slot(sent);
                    if lane.state.pass.is_some() {
                        lane.seen.insert(slot);
                    }
                    self.commit.sent.push((key, Sent::new(print, target_id).in_slot(slot)));
                }
                (Delivered::Written(Outcome::Applied { mut links, closed, .. }), Note { sent, .. }) => {
                    self.applied(&key, &mut links, closed);
                    match sent {
                        Some(sent) => self.withdraw(lane, key, &sent),
                        None => return Err(Error::bug("a removal of what was never sent")),
                    }
                }
                (Delivered::Written(Outcome::Rejected(reason)), Note { sent, .. }) => {
                    self.is_there(lane, &key, sent);
                    self.reject(key, RejectStage::Sink, reason);
                }
                (Delivered::InDoubt(reason), Note { sent, .. }) => {
                    let sent = in_doubt(sent, &mut self.population);
                    if lane.state.pass.is_some() {
                        lane.seen.insert(sent.slot);
                    }
                    self.commit.sent.push((key.clone(), sent));
                    self.reject(key, RejectStage::Sink, reason);
                }
                (Delivered::Act(change), _) => self.commit.acts.push((key, change)),
                (Delivered::NoAct(reason), _) => self.reject(key, RejectStage::Outbox, reason),
            }
        }
        Ok(())
    }

    fn applied(&mut self, key: &Key, links: &mut Vec<Link>, mut closed: Vec<LinkRef>) {
        self.counts.applied += 1;
        self.supersede(key);
        self.commit.links.append(links);
        self.commit.closed.append(&mut closed);
    }

    /// The slot of what was sent before, or a new one.
    fn slot(&mut self, sent: Option<Sent>) -> u64 {
        match sent {
            Some(sent) => sent.slot,
            None => self.population.add(),
        }
    }
}

async fn stop_if_systemic<R>(lane: &mut Lane<'_>, limit: Tolerance, draft: &Draft<R>) -> Result<()> {
    let (rejected, page) = (draft.telling, draft.counts.fetched);
    if limit.is_exceeded(rejected, page) {
        lane.hold_rejects(rejected, page).await?;
        let most = draft.commonest_reason();
        let message = format!("{rejected} of {page} records of a page were rejected, most for `{most}`");
        return Err(Error::new(ErrorKind::SystemicFailure, message));
    }
    Ok(())
}

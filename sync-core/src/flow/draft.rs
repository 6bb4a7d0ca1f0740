//! What is known of a page before it is written, and what the writes add to it.

use std::collections::{BTreeMap, BTreeSet};

use super::doubt::{FIRST, in_doubt};
use super::echo::Theirs;
use super::ending::Delivered;
use super::hints::unanswered;
use super::lane::Lane;
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::full_pass::{Allowance, Toll};
use crate::job::Counts;
use crate::link::{Link, LinkRef};
use crate::mapper::{Mapped, Mapper};
use crate::name::Key;
use crate::reject::{NewReject, RejectStage};
use crate::sink::{Outcome, Removal, Write};
use crate::source::Item;
use crate::store::{PageCommit, PageState, Population, Sent};
use crate::webhook::{Hint, HintSettled};

/// Rejects that stay although their record is no longer meant for the target.
const KEPT_REJECTS: [&str; 3] =
    [Reason::REMOVAL_NOT_SUPPORTED, Reason::CHANGED_AFTER_TRANSFER, Reason::LINK_CONFLICT];

/// The longest raw record that is kept with its reject.
const LONGEST_RAW: usize = 64 * 1024;

/// What is known of a page before it is written.
pub(super) struct Draft<R> {
    pub(super) commit: PageCommit,
    pub(super) counts: Counts,
    pub(super) writes: Vec<Write<R>>,
    pub(super) notes: Vec<Note>,
    /// Rejects that say something about the page as a whole.
    pub(super) telling: u64,
    /// Rejects that wait for a link, which another flow learns.
    pub(super) waiting: u64,
    pub(super) rejected_before: BTreeMap<Key, String>,
    pub(super) population: Population,
    pub(super) keep_raw: bool,
    /// Show what the other direction wrote.
    pub(super) echoes: Vec<Key>,
}

/// What has to be remembered of a write.
pub(super) struct Note {
    /// `None` of a removal.
    pub(super) print: Option<Fingerprint>,
    pub(super) sent: Option<Sent>,
    pub(super) empties: bool,
    /// Of a removal: the source still has the record.
    pub(super) is_there: bool,
}

pub(super) fn draft<R, M: Mapper<R>>(
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
        waiting: 0,
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
                        draft.notes.push(Note { print: Some(print), sent, empties, is_there: true });
                    } else {
                        draft.counts.unchanged += 1;
                        draft.supersede(&key);
                        draft.is_there(lane, &key, sent);
                    }
                }
                Ok(Mapped::LeaveOut(_)) => draft.remove(lane, key, sent, removal, true),
                Ok(Mapped::HandOver(_)) => draft.hand_over(lane, key, sent),
                Err(reason) => {
                    draft.is_there(lane, &key, sent);
                    draft.reject(key, RejectStage::Map, reason);
                }
            },
            Item::Deleted { key, .. } => draft.remove(lane, key, sent, removal, false),
            Item::Bad { key: Some(key), error, .. } if draft.was_withdrawn(&key, &error) => {
                draft.remove(lane, key, sent, removal, false);
            }
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
        match reason.waits_for() {
            Some(_) => self.waiting += 1,
            None if reason.code() == Reason::REMOVAL_NOT_SUPPORTED => {}
            // what was rejected for the same reason before says nothing new
            None => self.telling += u64::from(self.is_new(&key, &reason)),
        }
        self.reject_quietly(key, stage, reason);
    }

    /// A reject that says nothing about the page as a whole.
    fn reject_quietly(&mut self, key: Key, stage: RejectStage, reason: Reason) {
        self.counts.rejected += 1;
        self.commit.rejects.push(NewReject::new(key, stage, reason));
    }

    /// The code that most rejects of the page have which wait for no link.
    pub(super) fn commonest_reason(&self) -> &str {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for reject in self.commit.rejects.iter().filter(|reject| reject.reason.waits_for().is_none()) {
            *counts.entry(reject.reason.code()).or_default() += 1;
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map_or("", |(code, _)| code)
    }

    /// Before anything is written: a hint is done if its look-up found something new. Otherwise what it tells of may show
    /// later.
    pub(super) fn settle_hints(&self, lane: &Lane<'_>, hints: Vec<Hint>) -> Vec<HintSettled> {
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

    /// Whether the source cannot find what it has told to be gone: the withdrawal that waits must not give way to that.
    fn was_withdrawn(&self, key: &Key, error: &Error) -> bool {
        let before = self.rejected_before.get(key).map(String::as_str);
        error.kind() == ErrorKind::NotFound && before == Some(Reason::WITHDRAWN_AFTER_TRANSFER)
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
    fn remove(
        &mut self,
        lane: &mut Lane<'_>,
        key: Key,
        sent: Option<Sent>,
        removal: Removal,
        is_there: bool,
    ) {
        match (sent, removal) {
            (None, _) => {
                self.counts.left_out += 1;
                if self.rejected_before.get(&key).is_some_and(|code| !KEPT_REJECTS.contains(&code.as_str())) {
                    self.commit.cleared.push(key);
                }
            }
            (Some(sent), Removal::Sends) => {
                self.writes.push(Write::Remove { key, previous: sent.target_id.clone() });
                self.notes.push(Note { print: None, sent: Some(sent), empties: false, is_there });
            }
            (Some(sent), Removal::None) => {
                // said once: without what was sent, the next cycle only leaves it out
                self.withdraw(lane, key.clone(), &sent);
                let reason = Reason::new(Reason::REMOVAL_NOT_SUPPORTED);
                self.reject_quietly(key, RejectStage::Sink, reason);
            }
        }
    }

    /// What was sent of the record is another one's.
    fn hand_over(&mut self, lane: &mut Lane<'_>, key: Key, sent: Option<Sent>) {
        self.counts.left_out += 1;
        self.supersede(&key);
        if let Some(sent) = sent {
            self.withdraw(lane, key, &sent);
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
    pub(super) fn hold_what_is_too_much(
        &mut self,
        lane: &mut Lane<'_>,
        toll: &mut Toll,
        allowance: &Allowance,
    ) {
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
    pub(super) fn settle(
        &mut self,
        lane: &mut Lane<'_>,
        keys: Vec<Key>,
        delivered: Vec<Delivered>,
    ) -> Result<()> {
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

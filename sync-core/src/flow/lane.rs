//! One part at work.

use super::Flow;
use super::doubt::in_doubt;
use super::state::PartState;
use super::systemic::Tolerance;
use crate::act::ActOutcome;
use crate::error::{Error, Result};
use crate::fingerprint::Fingerprinter;
use crate::full_pass::{Allowance, Amounts, Held};
use crate::lease::Lease;
use crate::name::{Key, Part};
use crate::seen::Seen;
use crate::source::SourceInfo;
use crate::store::{Command, PageCommit, PageQuery, PageState, Population, SentBy, revision_conflict};

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
    pub(super) revision: u64,
    pub(super) position: Option<String>,
    pub(super) prints: Fingerprinter,
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
        state.retired = false;
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

    pub(super) fn tolerance(&self) -> Tolerance {
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
    pub(super) async fn intend(&mut self, keys: &[Key]) -> Result<()> {
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
    pub(super) async fn hold_rejects(&mut self, rejects: u64, of: u64) -> Result<()> {
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

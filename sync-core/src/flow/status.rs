//! What a person sees of a flow, and may tell it.

use chrono::{DateTime, Utc};

use super::state::PartState;
use super::{Approval, Error, ErrorKind, Flow, Held, Result};
use crate::full_pass::Inconclusive;
use crate::lease::Acquired;
use crate::name::FlowName;
use crate::reject::{RejectCount, RejectFilter};
use crate::store::{Command, PageCommit, PartStatus};

/// How a flow stands, as its store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowStatus {
    /// The flow.
    pub flow: FlowName,
    /// Its parts, by name; none before the first commit. A flow that is not [over parts](Flow::over_parts) has one, without a
    /// name.
    pub parts: Vec<PartReport>,
    /// Its live rejects.
    pub rejects: RejectCount,
}

/// How a part stands.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartReport {
    /// The part's own name.
    pub name: String,
    /// When a cycle of it was completed last: its age. For full passes besides changes see [`passed_at`](Self::passed_at).
    pub last_ok_at: Option<DateTime<Utc>>,
    /// When something of it was committed last.
    pub committed_at: DateTime<Utc>,
    /// So many records are in the target.
    pub active: u64,
    /// Where the live cycle goes on: the source's cursor as JSON. A snapshot has none between two cycles.
    pub cursor: Option<String>,
    /// When the full pass under way began.
    pub pass_began: Option<DateTime<Utc>>,
    /// When the last full pass began that read everything.
    pub passed_at: Option<DateTime<Utc>>,
    /// Why the last full pass concluded nothing from what was missing.
    pub inconclusive: Option<Inconclusive>,
    /// What is held back until a person [approves](Flow::approve). Unless it is a page with too many rejects, nothing
    /// fails: the flow goes on with the rest, and this alone tells.
    pub held: Option<Held>,
    /// A full pass that was [asked for](Flow::backfill) has not begun yet.
    pub backfill: bool,
    /// A person's command that waits for the flow's next step.
    pub waiting: Option<Command>,
    /// The command that was taken up last.
    pub command: Option<Command>,
    /// The position belongs to another source than the flow has now: its steps fail with
    /// [`FingerprintMismatch`](ErrorKind::FingerprintMismatch) until that is put back, or the flow is [bound anew](Flow::rebind).
    pub of_another_source: bool,
}

/// What a flow keeps when it is bound to another source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rebind {
    /// The position: it is the same data under another name (a renamed system, a moved database).
    KeepPosition,
    /// Nothing of the position: everything is read from the start. What was sent stays known, so what is unchanged is not
    /// sent again, and a full pass that a person [asked for](Flow::backfill) still comes. For a database that was restored from
    /// a backup or copied.
    FromStart,
}

impl Flow {
    /// How the flow stands.
    ///
    /// # Errors
    /// [`Store`](ErrorKind::Store), [`UnknownFormat`](ErrorKind::UnknownFormat).
    pub async fn status(&self) -> Result<FlowStatus> {
        let parts = self.store.parts(&self.name).await?;
        Ok(FlowStatus {
            flow: self.name.clone(),
            parts: parts.into_iter().map(|part| self.report(part)).collect::<Result<_>>()?,
            rejects: self.store.count_rejects(&RejectFilter::of_flow(&self.name)).await?,
        })
    }

    fn report(&self, status: PartStatus) -> Result<PartReport> {
        let source = self.pipeline.source_of(&status.part);
        let (state, of_another_source) = PartState::compare(&source, &status.position)?;
        Ok(PartReport {
            name: status.part.name().to_owned(),
            last_ok_at: status.last_ok_at,
            committed_at: status.committed_at,
            active: status.population.active,
            cursor: state.cursor.as_deref().map(|cursor| cursor.get().to_owned()),
            pass_began: state.pass.map(|pass| pass.began),
            passed_at: state.passed_at,
            inconclusive: state.inconclusive,
            held: state.held,
            backfill: state.backfill,
            waiting: status.command,
            command: state.command,
            of_another_source,
        })
    }

    /// Lets go what is held under this [token](Held::token), with the flow's next step: the removals and emptyings that
    /// were counted, or the page with too many rejects. In that step no page with as many rejects or fewer is held.
    ///
    /// Emptyings are looked up for that or, where the source cannot, read in a full pass. Of a source that can do neither
    /// they go as their records come again.
    ///
    /// It may be called in another process than the one that works on the flow.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if nothing is held under this token: what is held has changed meanwhile.
    pub async fn approve(&self, token: &str, by: &str, reason: &str) -> Result<()> {
        for status in self.store.parts(&self.name).await? {
            let held = PartState::of_any_source(&status.position)?.held;
            if held.is_some_and(|held| held.token == token) {
                return self.store.approve(&status.part, &Approval::new(token, by, reason)).await;
            }
        }
        let held = "nothing is held under this token: what is held has changed meanwhile";
        Err(Error::new(ErrorKind::NotFound, held)
            .with_task("look at the flow's status, and approve with the token that it shows now"))
    }

    /// Binds the positions of all parts to their sources as they are now, after a person has looked why they do not fit: another
    /// database or filter ([`FingerprintMismatch`](ErrorKind::FingerprintMismatch)), or a source that
    /// [went back](ErrorKind::WentBack).
    ///
    /// # Errors
    /// [`LeaseLost`](ErrorKind::LeaseLost) if another process works on the flow, [`Store`](ErrorKind::Store).
    pub async fn rebind(&self, keep: Rebind) -> Result<()> {
        let mut lease = self.lease.lock().await;
        let Acquired::Granted(granted) = self.acquire(lease.as_ref()).await? else {
            return Err(Error::new(ErrorKind::LeaseLost, "another process works on the flow"));
        };
        *lease = Some(granted.clone());
        let done = async {
            for PartStatus { part, revision, position, .. } in self.store.parts(&self.name).await? {
                let old = PartState::of_any_source(&position)?;
                let state = match keep {
                    Rebind::KeepPosition => PartState { as_of: None, highest: None, ..old },
                    // what was written or acknowledged last stays in doubt wherever the source is read from
                    Rebind::FromStart => PartState {
                        held: old.held,
                        writing: old.writing,
                        look_again: old.look_again,
                        backfill: old.backfill || old.pass.is_some_and(|pass| pass.asked),
                        command: old.command,
                        ..PartState::default()
                    },
                };
                let mut commit = PageCommit::new(revision, state.encode(&self.pipeline.source_of(&part))?);
                commit.forget_seen = state.pass.is_none();
                self.store.commit(&part, &granted, commit).await?;
                tracing::info!(flow = %self.name, part = part.name(), ?keep, "bound to another source");
            }
            Ok(())
        };
        let done = done.await;
        self.give_back(&mut lease).await;
        done
    }
}

//! What a flow would do, without doing it.
//!
//! The flow's own pipeline runs over a store that reads through and keeps its commits in memory, and where it would write to
//! the sink or acknowledge to the source, it notes that instead. So what is planned is what would happen.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::pipeline::Round;
use super::retry::Retry;
use super::state::PartState;
use super::{Error, ErrorKind, Flow, Result};
use crate::error::Reason;
use crate::full_pass::Held;
use crate::job::{Counts, Pause, RunContext, StepEnd};
use crate::observer::Silent;
use crate::store::Store;

mod effect;
mod overlay;
mod planning;
mod table;

pub use effect::{Effect, EffectCounts, EffectKind};
use overlay::Overlay;
pub(crate) use planning::Planning;

/// What to plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlanSettings {
    /// A full pass of each part, whether one is due or not. Off by default.
    pub full_pass: bool,
    /// How many effects the plan lists; the others are counted. 10,000 by default.
    pub most_effects: usize,
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self { full_pass: false, most_effects: 10_000 }
    }
}

impl PlanSettings {
    /// With a full pass of each part.
    #[must_use]
    pub fn full_pass(mut self) -> Self {
        self.full_pass = true;
        self
    }

    /// Lists so many effects.
    #[must_use]
    pub fn most_effects(mut self, effects: usize) -> Self {
        self.most_effects = effects;
        self
    }
}

/// What a flow would do now: see [`Flow::plan`]. `Display` is a table for a person; it shows keys and codes, never records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// The flow's name.
    pub flow: String,
    /// When it was planned, by the flow's clock.
    pub planned_at: DateTime<Utc>,
    /// What would happen, in that order, up to [`PlanSettings::most_effects`].
    pub effects: Vec<Effect>,
    /// How often each would happen, listed or not.
    pub totals: EffectCounts,
    /// Records that would be read.
    pub fetched: u64,
    /// Records that are the same as what was sent before.
    pub unchanged: u64,
    /// Records that are not for the target.
    pub left_out: u64,
    /// What would be held back afterwards until a person approves, by part: the brake's verdict.
    pub held: Vec<PlannedHold>,
    /// The flow would come to the end of its work. Otherwise the plan ends where it would fail, where it was stopped, or where a
    /// queue gives no more before what it gave is acknowledged.
    pub complete: bool,
    /// The code of the error with which the flow would fail after all this.
    pub fails: Option<String>,
    /// Stands for all effects, those that are not listed too, with their contents: the same effects in the same order have the
    /// same hash.
    pub hash: String,
}

/// What would be held back of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlannedHold {
    /// The part's own name.
    pub part: String,
    /// How much. What is newly held has another token once it really is.
    pub held: Held,
}

impl Flow {
    /// Plans what the flow would do now, up to the end of its work: changes, rejects that are due, a full pass if one is due,
    /// what a person has approved or commanded. The source is read and asked, nothing else happens: nothing is written or
    /// acknowledged, no lease is taken, no store changed.
    ///
    /// On an unchanged world, what is planned is what happens, as far as the sink takes what it is sent: what it would refuse,
    /// the ids it would give and the links it would tell are not known. It takes memory for what would change, for live rejects
    /// and for hints, not for what stays.
    ///
    /// Steps of this instance wait until the plan is made. Another instance may work meanwhile; if it does on a part that is being
    /// planned, the plan fails.
    ///
    /// # Errors
    /// Whatever ends a step, but for [`SystemicFailure`](ErrorKind::SystemicFailure) and
    /// [`Incomplete`](ErrorKind::Incomplete), which are part of the plan. [`RevisionConflict`](ErrorKind::RevisionConflict) if
    /// the flow worked meanwhile.
    #[tracing::instrument(level = "debug", skip_all, fields(flow = %self.name))]
    pub async fn plan(&self, run: &RunContext, settings: PlanSettings) -> Result<Plan> {
        let _alone = self.lease.lock().await;
        let planning = Arc::new(Planning::new(settings));
        let overlay =
            Overlay::over(Arc::clone(&self.store), &self.name, &self.clock, Arc::clone(&planning)).await?;
        let lease = overlay.lease(&self.name, &self.holder).await?;
        let overlay = Arc::new(overlay);
        let rehearsal = Self {
            name: self.name.clone(),
            store: overlay.clone(),
            clock: Arc::clone(&self.clock),
            holder: self.holder.clone(),
            settings: self.settings.clone(),
            pipeline: Arc::clone(&self.pipeline),
            retry: Retry::new(self.settings.retry),
            breaker: std::sync::Mutex::default(),
            lease: tokio::sync::Mutex::default(),
            round: Mutex::new(self.round().as_ref().map(Round::again)),
            echo_of: self.echo_of.clone(),
            planning: Some(Arc::clone(&planning)),
        };
        let run = RunContext { observer: Arc::new(Silent), ..run.clone() };
        let planned_at = self.clock.now();
        let mut counts = Counts::default();
        let mut fails = None;
        let ended = loop {
            match rehearsal.pipeline.run(&rehearsal, &lease, &run).await {
                Ok(tally) => {
                    counts += tally.counts;
                    match tally.end {
                        StepEnd::End => break true,
                        StepEnd::More if run.stop.is_cancelled() => break false,
                        StepEnd::More => {}
                        StepEnd::Paused(pause) => return Err(refused(pause)),
                    }
                }
                Err(error) if matches!(error.kind(), ErrorKind::SystemicFailure | ErrorKind::Incomplete) => {
                    fails = Some(Reason::from(&error).code().to_owned());
                    break false;
                }
                Err(error) => return Err(error),
            }
        };
        let mut held = Vec::new();
        for status in overlay.parts(&self.name).await? {
            if let Some(amounts) = PartState::of_any_source(&status.position)?.held {
                held.push(PlannedHold { part: status.part.name().to_owned(), held: amounts });
            }
        }
        let mut noted = planning.noted();
        Ok(Plan {
            flow: self.name.as_str().to_owned(),
            planned_at,
            effects: std::mem::take(&mut noted.effects),
            totals: noted.totals,
            fetched: counts.fetched,
            unchanged: counts.unchanged,
            left_out: counts.left_out,
            held,
            complete: ended && !noted.is_cut,
            fails,
            hash: noted.hasher.finalize().to_hex().to_string(),
        })
    }
}

fn refused(pause: Pause) -> Error {
    let kind = match pause {
        Pause::Auth { .. } => ErrorKind::Auth,
        _ => ErrorKind::Throttled { after: None },
    };
    Error::new(kind, "the source refused to go on while the flow was planned")
}

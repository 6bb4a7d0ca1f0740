//! What a flow would do, without doing it.
//!
//! The flow's own pipeline runs over a store that reads through and keeps its commits in memory, and where it would write to
//! the sink or acknowledge to the source, it notes that instead. So what is planned is what would happen.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::pipeline::Round;
use super::retry::Retry;
use super::state::PartState;
use super::{Error, ErrorKind, Flow, Result};
use crate::act::ActOutcome;
use crate::error::Reason;
use crate::fingerprint::Fingerprint;
use crate::full_pass::Held;
use crate::job::{Counts, Pause, RunContext, StepEnd};
use crate::name::{Key, OpKey, Part};
use crate::observer::Silent;
use crate::reject::{NewReject, RejectStage};
use crate::source::Item;
use crate::store::Store;

mod overlay;

use overlay::Overlay;

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

/// Something that would happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Effect {
    /// The part's own name.
    pub part: String,
    /// The record's key.
    pub key: Key,
    /// What.
    #[serde(flatten)]
    pub what: EffectKind,
}

/// What would happen to a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EffectKind {
    /// It is written for the first time.
    Create,
    /// It is written again.
    Update,
    /// It is removed.
    Remove,
    /// An act is put into the outbox.
    Enqueue {
        /// The act's name.
        op_key: OpKey,
    },
    /// An act that surely has not happened is replaced.
    Replace {
        /// The act's name.
        op_key: OpKey,
    },
    /// An act that surely has not happened is taken out.
    Withdraw {
        /// The act's name.
        op_key: OpKey,
    },
    /// An act that changes the document of one that has happened is put into the outbox.
    Edit {
        /// The name of the act that made the document.
        op_key: OpKey,
    },
    /// An act that cancels the document of one that has happened is put into the outbox.
    Cancel {
        /// The name of the act that made the document.
        op_key: OpKey,
    },
    /// It is turned away, for the first time or once more.
    Reject {
        /// [`RejectStage::as_str`].
        stage: &'static str,
        /// The reason's code.
        code: String,
    },
    /// The brake holds it back.
    Hold {
        /// The reason's code.
        code: String,
    },
}

impl EffectKind {
    /// The stable id.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Remove => "remove",
            Self::Enqueue { .. } => "enqueue",
            Self::Replace { .. } => "replace",
            Self::Withdraw { .. } => "withdraw",
            Self::Edit { .. } => "edit",
            Self::Cancel { .. } => "cancel",
            Self::Reject { .. } => "reject",
            Self::Hold { .. } => "hold",
        }
    }

    fn detail(&self) -> &str {
        match self {
            Self::Create | Self::Update | Self::Remove => "",
            Self::Enqueue { op_key }
            | Self::Replace { op_key }
            | Self::Withdraw { op_key }
            | Self::Edit { op_key }
            | Self::Cancel { op_key } => op_key.as_str(),
            Self::Reject { code, .. } | Self::Hold { code } => code,
        }
    }
}

/// How often each [`EffectKind`] would happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "named as the kinds they count")]
pub struct EffectCounts {
    pub create: u64,
    pub update: u64,
    pub remove: u64,
    pub enqueue: u64,
    pub replace: u64,
    pub withdraw: u64,
    pub edit: u64,
    pub cancel: u64,
    pub reject: u64,
    pub hold: u64,
}

impl EffectCounts {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> u64 {
        let Self { create, update, remove, enqueue, replace, withdraw, edit, cancel, reject, hold } = *self;
        create + update + remove + enqueue + replace + withdraw + edit + cancel + reject + hold
    }

    fn count(&mut self, what: &EffectKind) {
        *match what {
            EffectKind::Create => &mut self.create,
            EffectKind::Update => &mut self.update,
            EffectKind::Remove => &mut self.remove,
            EffectKind::Enqueue { .. } => &mut self.enqueue,
            EffectKind::Replace { .. } => &mut self.replace,
            EffectKind::Withdraw { .. } => &mut self.withdraw,
            EffectKind::Edit { .. } => &mut self.edit,
            EffectKind::Cancel { .. } => &mut self.cancel,
            EffectKind::Reject { .. } => &mut self.reject,
            EffectKind::Hold { .. } => &mut self.hold,
        } += 1;
    }
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
    /// the ids it would give and the links it would tell are not known. It takes memory for what would change, not for what
    /// stays.
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

/// What a flow that is being planned notes instead of doing it.
#[derive(Debug)]
pub(crate) struct Planning {
    settings: PlanSettings,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    effects: Vec<Effect>,
    totals: EffectCounts,
    hasher: blake3::Hasher,
    /// Parts whose full pass was asked for.
    passed: BTreeSet<Part>,
    /// Hashes of what a queue has given.
    receipts: BTreeSet<[u8; 16]>,
    is_cut: bool,
}

impl Planning {
    fn new(settings: PlanSettings) -> Self {
        Self { settings, noted: Mutex::default() }
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a full pass of the part is to be planned: true once.
    pub(crate) fn wants_pass(&self, part: &Part) -> bool {
        self.settings.full_pass && self.noted().passed.insert(part.clone())
    }

    /// Whether the queue gives nothing that it has not given before.
    pub(crate) fn repeats<R>(&self, part: &Part, items: &[Item<R>], is_last: bool) -> bool {
        let receipts: Vec<[u8; 16]> = items
            .iter()
            .filter_map(Item::receipt)
            .map(|receipt| {
                let name = part.name();
                let text = format!("{}:{name}{}", name.len(), receipt.as_str());
                Fingerprint::of(&text).map(|print| *print.as_bytes()).unwrap_or_default()
            })
            .collect();
        let mut noted = self.noted();
        let repeats = !receipts.is_empty() && receipts.iter().all(|receipt| noted.receipts.contains(receipt));
        noted.receipts.extend(receipts);
        noted.is_cut |= repeats && !is_last;
        repeats
    }

    /// A write that the sink would get; a removal has no fingerprint.
    pub(crate) fn write(&self, part: &Part, key: &Key, print: Option<Fingerprint>, was_there: bool) {
        let what = match (print, was_there) {
            (None, _) => EffectKind::Remove,
            (Some(_), false) => EffectKind::Create,
            (Some(_), true) => EffectKind::Update,
        };
        self.note(part, key, what, print);
    }

    fn reject(&self, part: &Part, reject: &NewReject) {
        let code = reject.reason.code().to_owned();
        let what = match reject.stage {
            RejectStage::Brake => EffectKind::Hold { code },
            stage => EffectKind::Reject { stage: stage.as_str(), code },
        };
        self.note(part, &reject.key, what, None);
    }

    fn act(&self, part: &Part, key: &Key, op_key: OpKey, outcome: ActOutcome, content: Option<Fingerprint>) {
        let what = match outcome {
            ActOutcome::Enqueued => EffectKind::Enqueue { op_key },
            ActOutcome::Replaced => EffectKind::Replace { op_key },
            ActOutcome::Dropped => EffectKind::Withdraw { op_key },
            ActOutcome::Edited => EffectKind::Edit { op_key },
            ActOutcome::Cancelled => EffectKind::Cancel { op_key },
            ActOutcome::ChangedAfterTransfer => EffectKind::Reject {
                stage: RejectStage::Outbox.as_str(),
                code: Reason::CHANGED_AFTER_TRANSFER.to_owned(),
            },
            ActOutcome::Same | ActOutcome::Unknown => return,
        };
        self.note(part, key, what, content);
    }

    fn note(&self, part: &Part, key: &Key, what: EffectKind, content: Option<Fingerprint>) {
        let mut noted = self.noted();
        noted.totals.count(&what);
        for text in [part.name(), key.as_str(), what.as_str(), what.detail()] {
            noted.hasher.update(&(text.len() as u64).to_le_bytes());
            noted.hasher.update(text.as_bytes());
        }
        noted.hasher.update(&[u8::from(content.is_some())]);
        noted.hasher.update(content.as_ref().map_or(&[], |print| print.as_bytes().as_slice()));
        if noted.effects.len() < self.settings.most_effects {
            noted.effects.push(Effect { part: part.name().to_owned(), key: key.clone(), what });
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { flow, totals, fetched, unchanged, left_out, .. } = self;
        writeln!(f, "{flow}: {fetched} read, {unchanged} unchanged, {left_out} left out")?;
        let EffectCounts { create, update, remove, enqueue, replace, withdraw, edit, cancel, reject, hold } =
            totals;
        let counts = [
            ("create", create),
            ("update", update),
            ("remove", remove),
            ("enqueue", enqueue),
            ("replace", replace),
            ("withdraw", withdraw),
            ("edit", edit),
            ("cancel", cancel),
            ("reject", reject),
            ("hold", hold),
        ];
        let counted: Vec<String> = counts
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        writeln!(f, "{}", if counted.is_empty() { "nothing to do".to_owned() } else { counted.join(", ") })?;
        let width =
            |of: fn(&Effect) -> &str| self.effects.iter().map(|effect| of(effect).chars().count()).max();
        let parts = width(|effect| &effect.part).unwrap_or_default();
        let keys = width(|effect| effect.key.as_str()).unwrap_or_default();
        for Effect { part, key, what } in &self.effects {
            let line =
                format!("  {:<8}  {part:<parts$}  {:<keys$}  {}", what.as_str(), key.as_str(), what.detail());
            writeln!(f, "{}", line.trim_end())?;
        }
        let more = totals.all().saturating_sub(self.effects.len() as u64);
        if more > 0 {
            writeln!(f, "  and {more} more")?;
        }
        for PlannedHold { part, held } in &self.held {
            writeln!(f, "held {part}: {held}")?;
        }
        if let Some(code) = &self.fails {
            writeln!(f, "then it fails: {code}")?;
        } else if !self.complete {
            writeln!(f, "not planned to the end")?;
        }
        write!(f, "{}", self.hash)
    }
}

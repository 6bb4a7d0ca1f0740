//! What is known of flows, jobs and the outbox.

use chrono::{DateTime, TimeDelta, Utc};

use super::policy::Policy;
use crate::act::ActCount;
use crate::error::{Reason, Result};
use crate::flow::FlowPosition;
use crate::full_pass::Held;
use crate::name::{FlowName, Part};
use crate::reject::{RejectCount, RejectFilter};
use crate::runner::JobFacts;
use crate::store::{PartStatus, Store};

/// Everything that [`check`](super::check) looks at.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Facts {
    /// Flows, as their store knows them.
    pub flows: Vec<FlowFacts>,
    /// The outbox, as [`Store::act_counts`](crate::Store::act_counts) counts it.
    pub acts: Vec<ActCount>,
    /// Jobs, as [their runner](crate::RunnerHandle::facts) knows them. They may be missing: then nothing is stuck, failing or
    /// without credentials, and what happens no more is noticed by its age alone.
    pub jobs: Vec<JobFacts>,
}

/// A flow, as its store knows it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FlowFacts {
    /// The flow.
    pub flow: FlowName,
    /// Its parts.
    pub parts: Vec<PartFacts>,
}

impl FlowFacts {
    /// A flow with these parts.
    #[must_use]
    pub fn new(flow: FlowName, parts: Vec<PartFacts>) -> Self {
        Self { flow, parts }
    }
}

/// A part of a flow, as its store knows it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PartFacts {
    /// The part's own name.
    pub name: String,
    /// Nobody needs it any more ([`PartList::retired`](crate::PartList::retired)), so nothing is told of it.
    pub retired: bool,
    /// When a cycle of it was completed last.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// When something of it was committed last.
    pub committed_at: DateTime<Utc>,
    /// Its live rejects, removals that the target [does not know](crate::Reason::REMOVAL_NOT_SUPPORTED) aside: nothing is wrong with
    /// the flow, and no replay would carry them out.
    pub rejects: RejectCount,
    /// How many of them are [`MISSING_LINK`](Reason::MISSING_LINK): they go by themselves when another flow has learned the link.
    pub waiting: u64,
    /// What it holds back.
    pub held: Option<Held>,
    /// Up to this instant of the source a cycle under way has read; `None` between cycles and where it is not known.
    pub read_up_to: Option<DateTime<Utc>>,
    /// By so much the source's clock is ahead of the store's, where that is known.
    pub source_ahead: Option<TimeDelta>,
}

impl PartFacts {
    /// A part that was committed then, with nothing amiss.
    #[must_use]
    pub fn new(name: impl Into<String>, committed_at: DateTime<Utc>) -> Self {
        Self {
            name: name.into(),
            retired: false,
            last_ok_at: None,
            committed_at,
            rejects: RejectCount::default(),
            waiting: 0,
            held: None,
            read_up_to: None,
            source_ahead: None,
        }
    }

    fn of(status: PartStatus, rejects: RejectCount, waiting: u64) -> Self {
        // a position that this version cannot read still has its age; its own flow says what is wrong with it
        let position = FlowPosition::read(&status.position).unwrap_or_default();
        Self {
            name: status.part.name().to_owned(),
            retired: position.retired,
            last_ok_at: status.last_ok_at,
            committed_at: status.committed_at,
            rejects,
            waiting,
            held: position.held,
            read_up_to: position.read_up_to,
            // the commit came after the source said its time, so only a clock that is ahead shows
            source_ahead: position
                .as_of
                .map(|as_of| as_of - status.committed_at)
                .filter(|ahead| *ahead > TimeDelta::zero()),
        }
    }
}

impl Facts {
    /// Reads what the store knows of the policy's flows and of the outbox: one call per flow, one per part, two of a part with rejects,
    /// and one for the outbox, whatever its size. The process that works on the flows need not live. What its runner knows is added with
    /// [`with_jobs`](Self::with_jobs).
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store).
    pub async fn gather(store: &dyn Store, policy: &Policy) -> Result<Self> {
        let mut facts = Self::default();
        for flow in policy.flows.iter().map(|flow| &flow.flow) {
            let mut parts = Vec::new();
            for status in store.parts(flow).await? {
                let part: &Part = &status.part;
                let curable = RejectFilter::of_part(part).except(Reason::REMOVAL_NOT_SUPPORTED);
                let rejects = store.count_rejects(&curable).await?;
                let waiting = match rejects.count {
                    0 => 0,
                    _ => {
                        let waiting = RejectFilter::of_part(part).code(Reason::MISSING_LINK);
                        store.count_rejects(&waiting).await?.count
                    }
                };
                parts.push(PartFacts::of(status, rejects, waiting));
            }
            facts.flows.push(FlowFacts::new(flow.clone(), parts));
        }
        if !policy.outboxes.is_empty() {
            facts.acts = store.act_counts().await?;
        }
        Ok(facts)
    }

    /// With what the runner knows.
    #[must_use]
    pub fn with_jobs(mut self, jobs: Vec<JobFacts>) -> Self {
        self.jobs = jobs;
        self
    }
}

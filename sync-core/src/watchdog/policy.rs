//! What is still in order.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::facts::PartFacts;
use super::freshness::Freshness;
use crate::name::{ActKind, FlowName};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// What is watched, and what of it is still in order.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Policy {
    /// The flows.
    pub flows: Vec<FlowPolicy>,
    /// The outbox, by dispatchers. Without any, acts are not watched.
    pub outboxes: Vec<OutboxPolicy>,
    /// Limits of jobs that are neither.
    pub other_jobs: JobLimits,
}

impl Policy {
    /// Watches this flow too.
    #[must_use]
    pub fn flow(mut self, flow: FlowPolicy) -> Self {
        self.flows.push(flow);
        self
    }

    /// Watches the acts of this dispatcher too.
    #[must_use]
    pub fn outbox(mut self, outbox: OutboxPolicy) -> Self {
        self.outboxes.push(outbox);
        self
    }

    /// The limits of the job with this name.
    pub(super) fn limits(&self, job: &str) -> JobLimits {
        let flow = self.flows.iter().find(|flow| flow.flow.as_str() == job).map(|flow| flow.job);
        let outbox = || self.outboxes.iter().find(|outbox| outbox.dispatcher == job).map(|outbox| outbox.job);
        flow.or_else(outbox).unwrap_or(self.other_jobs)
    }
}

/// Limits of a job's runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobLimits {
    /// A step that does not get on for so long is stuck. This is what a person is told; by
    /// [`JobPlan::patience`](crate::JobPlan::patience) the runner tells its observer and may drop the step. One that is dropped
    /// earlier than this and a check later may go untold here.
    pub stuck: Duration,
    /// So many failed runs in a row are too many.
    pub failures: u32,
}

impl JobLimits {
    /// These limits; `failures` is at least 1.
    #[must_use]
    pub fn new(stuck: Duration, failures: u32) -> Self {
        Self { stuck, failures: failures.max(1) }
    }
}

impl Default for JobLimits {
    /// 30 minutes, three failures.
    fn default() -> Self {
        Self::new(30 * MINUTE, 3)
    }
}

/// What is still in order with a flow.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FlowPolicy {
    /// The flow.
    pub flow: FlowName,
    /// Its parts, by their own names. Default: those that were ever committed, at least one.
    pub parts: Option<Vec<String>>,
    /// How old each part may be.
    pub freshness: Freshness,
    /// So many parts are read in a round, the others in their turn: each may be older by the rounds that all of them take, as long as one
    /// of them is as fresh as that. Default: all.
    pub per_round: Option<usize>,
    /// Since when the flow is meant to run: before, nothing is missed. If it moves with each restart, a flow that never
    /// runs is noticed only if the process lives long enough.
    pub since: DateTime<Utc>,
    /// So long a first load may go on as long as it commits pages. Default 1 day.
    pub first_load: Duration,
    /// So many live rejects are in order while they are young, and any number of those that wait for a link. Removals that the target
    /// [does not know](crate::Reason::REMOVAL_NOT_SUPPORTED) are in order at any age and number. Default 20.
    pub rejects: u64,
    /// A reject as old as this is too old. If all wait for a link, which a later run of the flow finds, not before
    /// [`freshness`](Self::freshness) has run out since the oldest. Default 1 hour.
    pub rejects_age: Duration,
    /// So far a cycle under way may be behind. Default 1 hour.
    pub lag: Duration,
    /// So far clocks may differ. Default 1 minute.
    pub clock_skew: Duration,
    /// Limits of the job of the flow's name.
    pub job: JobLimits,
}

impl FlowPolicy {
    /// The flow is meant to run `since` then, and to be so fresh.
    #[must_use]
    pub fn new(flow: FlowName, freshness: Freshness, since: DateTime<Utc>) -> Self {
        Self {
            flow,
            parts: None,
            freshness,
            per_round: None,
            since,
            first_load: 24 * HOUR,
            rejects: 20,
            rejects_age: HOUR,
            lag: HOUR,
            clock_skew: MINUTE,
            job: JobLimits::default(),
        }
    }

    /// Exactly these parts are watched: one that is missing never ran, one that is no longer read is not late.
    #[must_use]
    pub fn parts<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.parts = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// So many parts are read in a round.
    #[must_use]
    pub fn per_round(mut self, parts: usize) -> Self {
        self.per_round = Some(parts);
        self
    }

    /// How old each of these parts may be at this instant.
    pub(super) fn turn_of<'a>(
        &self,
        now: DateTime<Utc>,
        parts: impl Iterator<Item = &'a PartFacts>,
    ) -> Freshness {
        let (mut count, mut gets_on) = (0_usize, false);
        for part in parts {
            count += 1;
            let ends = part.last_ok_at.and_then(|ok| self.freshness.ends(ok.max(self.since)));
            gets_on |= ends.is_some_and(|ends| now < ends);
        }
        let rounds = self.per_round.filter(|_| gets_on).map_or(1, |most| count.div_ceil(most.max(1)));
        self.freshness.clone().over_rounds(rounds)
    }

    /// So long a first load may go on.
    #[must_use]
    pub fn first_load(mut self, duration: Duration) -> Self {
        self.first_load = duration;
        self
    }

    /// So many rejects younger than `age` are in order.
    #[must_use]
    pub fn rejects(mut self, count: u64, age: Duration) -> Self {
        (self.rejects, self.rejects_age) = (count, age);
        self
    }

    /// So far a cycle under way may be behind.
    #[must_use]
    pub fn lag(mut self, duration: Duration) -> Self {
        self.lag = duration;
        self
    }

    /// So far clocks may differ.
    #[must_use]
    pub fn clock_skew(mut self, duration: Duration) -> Self {
        self.clock_skew = duration;
        self
    }

    /// Limits of the flow's job.
    #[must_use]
    pub fn job(mut self, limits: JobLimits) -> Self {
        self.job = limits;
        self
    }
}

/// How long acts may wait.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutboxPolicy {
    /// The dispatcher's name.
    pub dispatcher: String,
    /// The kinds of acts it carries out. Default: all that no other policy names.
    pub kinds: Vec<ActKind>,
    /// To be carried out. Default 30 minutes.
    pub waiting: Duration,
    /// In doubt. Default 1 hour.
    pub in_doubt: Duration,
    /// For a person's look-up. Default none.
    pub manual: Duration,
    /// For a person's approval. Default 1 hour.
    pub held: Duration,
    /// Refused. Default none.
    pub rejected: Duration,
    /// Limits of the job of the dispatcher's name.
    pub job: JobLimits,
}

impl OutboxPolicy {
    /// The acts of the dispatcher with this name.
    #[must_use]
    pub fn new(dispatcher: impl Into<String>) -> Self {
        Self {
            dispatcher: dispatcher.into(),
            kinds: Vec::new(),
            waiting: 30 * MINUTE,
            in_doubt: HOUR,
            manual: Duration::ZERO,
            held: HOUR,
            rejected: Duration::ZERO,
            job: JobLimits::default(),
        }
    }

    /// Only these kinds.
    #[must_use]
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = ActKind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }

    /// So long an act may wait to be carried out.
    #[must_use]
    pub fn waiting(mut self, duration: Duration) -> Self {
        self.waiting = duration;
        self
    }

    /// So long an act may be in doubt.
    #[must_use]
    pub fn in_doubt(mut self, duration: Duration) -> Self {
        self.in_doubt = duration;
        self
    }

    /// So long an act may wait for a person: to be looked up, and to be approved.
    #[must_use]
    pub fn people(mut self, manual: Duration, held: Duration) -> Self {
        (self.manual, self.held) = (manual, held);
        self
    }

    /// So long an act may stay refused.
    #[must_use]
    pub fn rejected(mut self, duration: Duration) -> Self {
        self.rejected = duration;
        self
    }

    /// Limits of the dispatcher's job.
    #[must_use]
    pub fn job(mut self, limits: JobLimits) -> Self {
        self.job = limits;
        self
    }
}

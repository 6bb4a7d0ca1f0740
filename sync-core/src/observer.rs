//! Who is told how a run goes.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::act::ActState;
use crate::error::Error;
use crate::job::{Counts, Report};
use crate::name::ActKind;

/// Is told how jobs go: progress bars, plain lines, metrics.
///
/// Called from within the work, possibly from several jobs at once: it returns quickly and does not panic. `job` is the
/// job's name. No call gives a key, record content or a reason's details; an [`Error`] shows none.
pub trait Observer: Debug + Send + Sync {
    /// A run of `job` begins: one tick of it in an endless run. It ends with [`ended`](Self::ended), unless it is dropped.
    fn began(&self, job: &str, run_id: &str) {
        let _ = (job, run_id);
    }

    /// A step of a run begins.
    fn step_began(&self, job: &str) {
        let _ = job;
    }

    /// A page of `job` was committed, or a round of acts settled; `counts` are of this page alone.
    fn page(&self, job: &str, counts: &Counts) {
        let _ = (job, counts);
    }

    /// An act of this kind was settled into this state.
    fn act_settled(&self, job: &str, kind: &ActKind, state: ActState) {
        let _ = (job, kind, state);
    }

    /// A step ended, however, after so long by the runner's clock.
    fn step_ended(&self, job: &str, elapsed: Duration) {
        let _ = (job, elapsed);
    }

    /// The step in hand of `job` shows no progress since then, for longer than its
    /// [patience](crate::JobPlan::patience). Told once, and again only after there was progress.
    fn stuck(&self, job: &str, since: DateTime<Utc>) {
        let _ = (job, since);
    }

    /// A step of `job` failed. In an endless run it is tried again at the next tick.
    fn failed(&self, job: &str, error: &Error) {
        let _ = (job, error);
    }

    /// A job ended, or in an endless run one tick of it.
    fn ended(&self, report: &Report) {
        let _ = report;
    }
}

/// Tells several observers, one after the other.
#[deny(clippy::missing_trait_methods)]
impl Observer for Vec<Arc<dyn Observer>> {
    fn began(&self, job: &str, run_id: &str) {
        self.iter().for_each(|observer| observer.began(job, run_id));
    }

    fn step_began(&self, job: &str) {
        self.iter().for_each(|observer| observer.step_began(job));
    }

    fn page(&self, job: &str, counts: &Counts) {
        self.iter().for_each(|observer| observer.page(job, counts));
    }

    fn act_settled(&self, job: &str, kind: &ActKind, state: ActState) {
        self.iter().for_each(|observer| observer.act_settled(job, kind, state));
    }

    fn step_ended(&self, job: &str, elapsed: Duration) {
        self.iter().for_each(|observer| observer.step_ended(job, elapsed));
    }

    fn stuck(&self, job: &str, since: DateTime<Utc>) {
        self.iter().for_each(|observer| observer.stuck(job, since));
    }

    fn failed(&self, job: &str, error: &Error) {
        self.iter().for_each(|observer| observer.failed(job, error));
    }

    fn ended(&self, report: &Report) {
        self.iter().for_each(|observer| observer.ended(report));
    }
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct Silent;

impl Observer for Silent {}

const _: fn(&dyn Observer) = |_| {};

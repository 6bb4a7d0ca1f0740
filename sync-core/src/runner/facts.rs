//! How the jobs of a runner stand, for whoever watches them; and what wakes them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::Notify;

use super::plan::Class;
use crate::clock::Clock;
use crate::error::{Error, ErrorKind, Result};
use crate::job::{Counts, Pause, Report, StepEnd, Tally};
use crate::name::ActKind;
use crate::observer::Observer;

/// How a job of a [`Runner`](crate::Runner) stands: for metrics, and for a
/// [`Watchdog`](crate::watchdog::Watchdog). All instants are of the run's clock, which should agree with the store's.
///
/// What only a store knows, such as when a cycle was last complete, is not here: a job may have worked in another process.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobFacts {
    /// The job.
    pub job: String,
    /// Its class.
    pub class: Class,
    /// Since when it waits for a place of its class: for its first step, or between two steps.
    pub waiting_since: Option<DateTime<Utc>>,
    /// When the step in hand began.
    pub running_since: Option<DateTime<Utc>>,
    /// When it last committed a page or ended a step without an error. The beginning of a step is no progress, though
    /// [`JobPlan::patience`](crate::JobPlan::patience) counts from the later of the two.
    pub last_progress_at: Option<DateTime<Utc>>,
    /// When a step last began.
    pub last_attempt_at: Option<DateTime<Utc>>,
    /// When this runner last did all there was to do.
    pub last_done_at: Option<DateTime<Utc>>,
    /// So many runs failed since one did all there was to do, or since another process was found at it.
    pub consecutive_failures: u32,
    /// When the first of them failed.
    pub failing_since: Option<DateTime<Utc>>,
    /// How the last of them failed.
    pub last_error: Option<ErrorKind>,
    /// Why its last step could not work.
    pub paused: Option<Pause>,
    /// When it runs next by itself. Nothing if it only runs when it is woken.
    pub next_at: Option<DateTime<Utc>>,
    /// The step in hand went without progress for longer than its patience.
    pub is_stuck: bool,
}

impl JobFacts {
    /// A job of which nothing is known yet.
    #[must_use]
    pub fn new(job: impl Into<String>, class: Class) -> Self {
        Self {
            job: job.into(),
            class,
            waiting_since: None,
            running_since: None,
            last_progress_at: None,
            last_attempt_at: None,
            last_done_at: None,
            consecutive_failures: 0,
            failing_since: None,
            last_error: None,
            paused: None,
            next_at: None,
            is_stuck: false,
        }
    }

    /// Since when the step in hand shows no progress.
    pub(crate) fn idle_since(&self) -> Option<DateTime<Utc>> {
        self.running_since.map(|began| self.last_progress_at.map_or(began, |progress| progress.max(began)))
    }
}

/// Wakes the jobs of a [`Runner`](crate::Runner) and tells how they stand, also while it runs.
#[derive(Debug, Clone)]
pub struct RunnerHandle {
    board: Arc<Board>,
}

impl RunnerHandle {
    pub(super) fn new(board: Arc<Board>) -> Self {
        Self { board }
    }

    /// There is something to do for this job: a webhook, a changed record. It runs once, at once; hints that come while it
    /// waits for that count as one, and those that come while it runs make it run once more. A pause is kept: the job
    /// runs at its end.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) if the runner has no such job.
    pub fn wake(&self, job: &str) -> Result<()> {
        let Some(watched) = self.board.jobs.iter().find(|watched| watched.name == job) else {
            return Err(Error::new(ErrorKind::NotFound, "the runner has no job of that name"));
        };
        watched.is_woken.store(true, Ordering::Release);
        self.board.changed.notify_one();
        Ok(())
    }

    /// How every job stands, in the order in which they were given to the runner.
    #[must_use]
    pub fn facts(&self) -> Vec<JobFacts> {
        self.board.jobs.iter().map(|watched| watched.facts().clone()).collect()
    }
}

/// What a runner and its handles share.
#[derive(Debug)]
pub(super) struct Board {
    pub(super) jobs: Vec<Arc<Watched>>,
    pub(super) changed: Notify,
}

#[derive(Debug)]
pub(super) struct Watched {
    pub(super) name: String,
    is_woken: AtomicBool,
    facts: Mutex<JobFacts>,
}

impl Watched {
    pub(super) fn new(name: &str, class: Class) -> Self {
        let facts = Mutex::new(JobFacts::new(name, class));
        Self { name: name.to_owned(), is_woken: AtomicBool::new(false), facts }
    }

    /// A step ended, or was dropped at the stop: then nothing is said of it.
    pub(super) fn ended(&self, result: Option<&Result<Tally>>, now: DateTime<Utc>) {
        let mut facts = self.facts();
        facts.running_since = None;
        facts.is_stuck = false;
        facts.paused = None;
        let end = match result {
            None => return,
            Some(Ok(tally)) => tally.end,
            Some(Err(error)) => {
                facts.consecutive_failures = facts.consecutive_failures.saturating_add(1);
                facts.failing_since.get_or_insert(now);
                facts.last_error = Some(error.kind());
                return;
            }
        };
        facts.last_progress_at = Some(now);
        match end {
            StepEnd::More => return,
            StepEnd::End => facts.last_done_at = Some(now),
            StepEnd::Paused(pause) => facts.paused = Some(pause),
        }
        // somebody else works on it, so what failed here says nothing any more
        if matches!(end, StepEnd::End | StepEnd::Paused(Pause::HeldElsewhere { .. })) {
            facts.consecutive_failures = 0;
            facts.failing_since = None;
            facts.last_error = None;
        }
    }

    pub(super) fn take_wake(&self) -> bool {
        self.is_woken.swap(false, Ordering::AcqRel)
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, JobFacts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes a job's progress, and passes everything on.
#[derive(Debug)]
pub(super) struct Tracker {
    pub(super) watched: Arc<Watched>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Arc<dyn Observer>,
}

impl Tracker {
    fn progress(&self) {
        let now = self.clock.now();
        let mut facts = self.watched.facts();
        facts.last_progress_at = Some(now);
        facts.is_stuck = false;
    }
}

#[deny(clippy::missing_trait_methods)]
impl Observer for Tracker {
    fn began(&self, job: &str, run_id: &str) {
        self.observer.began(job, run_id);
    }

    fn step_began(&self, job: &str) {
        self.observer.step_began(job);
    }

    fn page(&self, job: &str, counts: &Counts) {
        self.progress();
        self.observer.page(job, counts);
    }

    fn act_settled(&self, job: &str, kind: &ActKind, state: crate::ActState) {
        self.progress();
        self.observer.act_settled(job, kind, state);
    }

    fn step_ended(&self, job: &str, elapsed: std::time::Duration) {
        self.observer.step_ended(job, elapsed);
    }

    fn stuck(&self, job: &str, since: DateTime<Utc>) {
        self.observer.stuck(job, since);
    }

    fn failed(&self, job: &str, error: &Error) {
        self.observer.failed(job, error);
    }

    fn ended(&self, report: &Report) {
        self.observer.ended(report);
    }
}

//! What a runner runs.

use std::fmt::{self, Debug};
use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Result};
use crate::observer::{Observer, Silent};

/// Something that is done in steps: a [`Flow`](crate::Flow), a [`Dispatcher`](crate::Dispatcher).
///
/// # Contract
/// - A step may be repeated after any error, and its future may be dropped at any await, without loss.
/// - Steps may be called at the same time. A second step of one flow waits for the first; those of a dispatcher work on
///   different acts.
#[async_trait]
pub trait Job: Debug + Send + Sync {
    /// The name in configuration, metrics and tables.
    fn name(&self) -> &str;

    /// One tick, up to the job's page budget.
    ///
    /// # Errors
    /// What was committed before the error stays; the next step goes on from there. A step that committed something
    /// before it failed ends with [`StepEnd::More`] instead, so that its counts are told; if the failure stays, the next
    /// step tells it. A failure to which the next step would come only after other work is told at once.
    async fn step(&self, run: &RunContext) -> Result<Tally>;

    /// No further step follows soon, though the last one ended with [`StepEnd::More`]: gives back what is held between
    /// steps, such as a lease.
    async fn leave(&self) {}
}

const _: fn(&dyn Job) = |_| {};

/// What a step is told about the run it is part of.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RunContext {
    /// Once cancelled, a step ends at the next page's edge with [`StepEnd::More`].
    pub stop: CancellationToken,
    /// Is told about every page.
    pub observer: Arc<dyn Observer>,
    /// Times the runner and its ticks.
    pub clock: Arc<dyn Clock>,
    /// Names the run in spans and reports. A [`Runner`](crate::Runner) gives each run of a job an id of its own: this one,
    /// a dash and a number.
    pub run_id: Arc<str>,
}

impl RunContext {
    /// Stops on `stop` and tells `observer`.
    #[must_use]
    pub fn new(stop: CancellationToken, observer: Arc<dyn Observer>) -> Self {
        let clock = Arc::new(SystemClock);
        Self { stop, observer, run_id: run_id_at(clock.now()), clock }
    }

    /// Takes the runner's time from `clock`, and a new run id.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.run_id = run_id_at(clock.now());
        self.clock = clock;
        self
    }

    /// With this run id. By default it is the time at which the context was made and the process id, as in
    /// `20261121T080000.000Z-4711`, so that ids sort by time.
    #[must_use]
    pub fn with_run_id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.run_id = id.into();
        self
    }
}

impl Default for RunContext {
    /// Never stops, tells nobody.
    fn default() -> Self {
        Self::new(CancellationToken::new(), Arc::new(Silent))
    }
}

fn run_id_at(now: DateTime<Utc>) -> Arc<str> {
    format!("{}-{}", now.format("%Y%m%dT%H%M%S%.3fZ"), std::process::id()).into()
}

/// What a step did, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// What it did.
    pub counts: Counts,
    /// How it ended.
    pub end: StepEnd,
    /// After an [`End`](StepEnd::End): when there is something to do that no tick or hint tells of. A
    /// [`Runner`](crate::Runner) runs the job then.
    pub again_at: Option<DateTime<Utc>>,
}

impl Tally {
    /// These counts, ended so.
    #[must_use]
    pub fn new(counts: Counts, end: StepEnd) -> Self {
        Self { counts, end, again_at: None }
    }

    /// There is something to do then.
    #[must_use]
    pub fn again_at(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.again_at = at;
        self
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepEnd {
    /// There is more to do at once.
    More,
    /// Nothing more for now.
    End,
    /// It could not work.
    Paused(Pause),
}

/// Why a step could not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pause {
    /// Another process has the flow's lease until then, unless it renews it.
    HeldElsewhere {
        /// When the lease lapses.
        until: DateTime<Utc>,
    },
    /// The other side asked for fewer calls.
    Throttled {
        /// When it is tried again.
        until: DateTime<Utc>,
    },
    /// The credentials are refused: an operator renews them.
    Auth {
        /// When it is tried again.
        until: DateTime<Utc>,
    },
    /// Several steps in a row failed.
    Failing {
        /// When one step tries again.
        until: DateTime<Utc>,
    },
}

impl Pause {
    /// When it ends.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        match self {
            Self::HeldElsewhere { until }
            | Self::Throttled { until }
            | Self::Auth { until }
            | Self::Failing { until } => *until,
        }
    }
}

/// Counters of a step, a job or a run.
///
/// They add up: `fetched = applied + unchanged + left_out + rejected + in_doubt + postponed` (the last two occur in the
/// act lane alone). Doubles within a page are dropped before counting; a removal that is sent counts as applied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Records read, or acts claimed.
    pub fetched: u64,
    /// Written to the sink, put into (or changed in, or dropped from) the outbox, or carried out.
    pub applied: u64,
    /// The same as what was sent before.
    pub unchanged: u64,
    /// Not for the target.
    pub left_out: u64,
    /// Kept as rejects, or refused acts.
    pub rejected: u64,
    /// Acts of which nobody knows yet whether they happened, also those that only a person can look up.
    pub in_doubt: u64,
    /// Acts that surely have not happened yet: not sent, or held.
    pub postponed: u64,
    /// Pages committed, or rounds of claims.
    pub pages: u64,
}

impl Counts {
    /// Checks that they add up.
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if they do not.
    pub fn check(&self) -> Result<()> {
        let accounted =
            self.applied + self.unchanged + self.left_out + self.rejected + self.in_doubt + self.postponed;
        if self.fetched == accounted {
            return Ok(());
        }
        Err(Error::bug(format!("{} records were fetched but {accounted} accounted for", self.fetched)))
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.fetched += other.fetched;
        self.applied += other.applied;
        self.unchanged += other.unchanged;
        self.left_out += other.left_out;
        self.rejected += other.rejected;
        self.in_doubt += other.in_doubt;
        self.postponed += other.postponed;
        self.pages += other.pages;
    }
}

/// What a job did until it ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// The job's name.
    pub name: String,
    /// What it did.
    pub counts: Counts,
    /// How it ended.
    pub end: JobEnd,
    /// How long it took by the runner's clock.
    pub elapsed: Duration,
    /// Which run it was.
    pub run_id: String,
}

impl Report {
    /// A report of this job.
    #[must_use]
    pub fn new(name: impl Into<String>, counts: Counts, end: JobEnd, elapsed: Duration) -> Self {
        Self { name: name.into(), counts, end, elapsed, run_id: String::new() }
    }

    /// Of this run.
    #[must_use]
    pub fn of_run(mut self, id: impl Into<String>) -> Self {
        self.run_id = id.into();
        self
    }
}

/// One line: name, how it ended, what is not zero of the counts, and what failed with who can cure it.
///
/// ```
/// use sync_core::{Counts, JobEnd, Report};
///
/// let mut counts = Counts::default();
/// (counts.fetched, counts.applied, counts.unchanged) = (3, 1, 2);
/// let report = Report::new("shop/stock", counts, JobEnd::Done, Default::default());
/// assert_eq!(report.to_string(), "shop/stock: done, 3 fetched, 1 applied, 2 unchanged");
/// ```
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.end.as_str())?;
        let Counts { fetched, applied, unchanged, left_out, rejected, in_doubt, postponed, pages: _ } =
            self.counts;
        let counts = [
            (fetched, "fetched"),
            (applied, "applied"),
            (unchanged, "unchanged"),
            (left_out, "left out"),
            (rejected, "rejected"),
            (in_doubt, "in doubt"),
            (postponed, "postponed"),
        ];
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {word}")?;
        }
        match &self.end {
            JobEnd::Failed(error) => write!(f, ": {error} ({})", error.remedy()),
            _ => Ok(()),
        }
    }
}

/// How a job ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum JobEnd {
    /// Nothing more for now.
    Done,
    /// It could not work; the caller decides whether to wait.
    Paused(Pause),
    /// The run was stopped at a page's edge.
    Stopped,
    /// It failed. What was committed before stays.
    Failed(Error),
}

impl JobEnd {
    /// The stable id for metrics.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Paused(_) => "paused",
            Self::Stopped => "stopped",
            Self::Failed(_) => "failed",
        }
    }
}

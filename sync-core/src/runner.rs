//! Runs jobs: one until nothing is left, or many for ever.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinError, JoinSet};
use tracing::Instrument;

use crate::error::{Error, ErrorKind, Result};
use crate::job::{Counts, Job, JobEnd, Report, RunContext, StepEnd, Tally};
#[cfg(doc)]
use crate::schedule::Schedule;

mod agenda;
mod facts;
mod plan;

use agenda::{Agenda, Ending, Start, later};
use facts::{Board, Tracker, Watched};
pub use facts::{JobFacts, RunnerHandle};
pub use plan::{Class, JobPlan, RunnerSettings, Stretch};

/// The wall clock is looked at this often, in case that somebody set it.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// Steps a job until nothing is left, it cannot work, it fails or the run is stopped (at a page's edge).
///
/// A [`Pause`](crate::Pause) is reported at once: the caller decides whether to wait and call again. When there is
/// [more to do](Tally::again_at) is left to the caller too.
pub async fn run_until_done(job: &dyn Job, run: &RunContext) -> Report {
    let began = run.clock.now();
    let mut counts = Counts::default();
    run.observer.began(job.name(), &run.run_id);
    let end = loop {
        if run.stop.is_cancelled() {
            job.leave().await;
            break JobEnd::Stopped;
        }
        match job.step(run).await {
            Ok(tally) => {
                counts += tally.counts;
                match tally.end {
                    StepEnd::More => {}
                    StepEnd::End => break JobEnd::Done,
                    StepEnd::Paused(pause) => break JobEnd::Paused(pause),
                }
            }
            Err(error) => {
                tracing::warn!(job = job.name(), %error, "step failed");
                run.observer.failed(job.name(), &error);
                break JobEnd::Failed(error);
            }
        }
    };
    let elapsed = (run.clock.now() - began).to_std().unwrap_or_default();
    let report = Report::new(job.name(), counts, end, elapsed).of_run(&*run.run_id);
    run.observer.ended(&report);
    report
}

/// Runs a job every `period` until the run is stopped. A tick that comes while the job still runs is run once, at
/// once, afterwards. Failures and pauses are told to the observer; the job is tried again at the next tick.
pub async fn every(job: &dyn Job, period: Duration, run: &RunContext) {
    while !run.stop.is_cancelled() {
        let report = run_until_done(job, run).await;
        let rest = period.saturating_sub(report.elapsed);
        tokio::select! {
            biased;
            () = run.stop.cancelled() => return,
            () = run.clock.sleep(rest) => {}
        }
    }
}

/// Runs many jobs, each at its ticks and when it is woken, until the run is stopped.
///
/// - **One run per job.** A tick or hint that comes while a job runs is run once, at once, afterwards; ticks that were
///   missed count as one. A run is as many steps as it takes.
/// - **Classes.** Each [`Class`] has places of its own ([`RunnerSettings`]), and no more steps run than there are places.
///   After a step with more to do a job goes to the end of its class's queue, so that jobs of one class take turns.
/// - **Begin.** A job is due at once, or, if it is known when it was [last done](JobPlan::last_done), if a tick was missed
///   since. One [on events](Schedule::on_event) is due in any case, as nobody knows what happened meanwhile, and a
///   [manual](Schedule::manual) one waits to be [woken](RunnerHandle::wake).
/// - **Again.** A job that says [when there is more to do](Tally::again_at) is run then, at the earliest after a second.
///   A tick or hint before that takes its place.
/// - **Pauses.** A paused job runs at its pause's end; ticks and hints until then are covered by that. While
///   [another process](crate::Pause::HeldElsewhere) has the lease, ticks and hints try at once, and so does the instant at
///   which the lease would lapse: several processes share flows without being configured for it. A pause lasts at least
///   a second.
/// - **Failures** are told to the observer. The job is tried again at its next tick; if its schedule has none and it is not
///   manual, after a minute.
/// - **Stop.** Nothing more starts. Steps end at their page's edge, or are dropped after the
///   [grace](RunnerSettings::grace).
/// - **Stuck steps** ([`JobPlan::patience`]) are told to the observer and shown in the [facts](JobFacts), whether or not they
///   hold a lease that lives. If so planned, they are dropped. A step that blocks its thread cannot be dropped: its job
///   stays stuck and keeps its place, and never runs twice.
///
/// Every step is a task of its own on the Tokio runtime that drives the runner. So a mapping that computes for long
/// occupies one thread of a multi-thread runtime and no order waits for it, and a step that panics fails its own job alone.
/// On a current-thread runtime the tasks run in the order in which they were started. Dropping the future of
/// [`run`](Self::run) drops the steps.
///
/// All time is the [run's clock](RunContext::clock). A step waits by its own flow's clock, which should be the same.
///
/// A simulation calls [`run_due`](Self::run_due) and sets its clock to the instant that it returns:
///
/// ```
/// # use std::sync::Arc;
/// # use std::time::Duration;
/// # use sync_core::{Class, Job, JobPlan, Result, RunContext, Runner, Schedule, StepEnd, Tally};
/// # #[derive(Debug)]
/// # struct Stock;
/// # #[async_trait::async_trait]
/// # impl Job for Stock {
/// #     fn name(&self) -> &str { "demo/stock" }
/// #     async fn step(&self, _: &RunContext) -> Result<Tally> { Ok(Tally::new(Default::default(), StepEnd::End)) }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let plan = JobPlan::new(Schedule::every(Duration::from_secs(120))?, Class::Stock);
/// let job: Arc<dyn Job> = Arc::new(Stock);
/// let mut runner = Runner::new([(job, plan)])?;
/// let next = runner.run_due(&RunContext::default()).await;
/// assert!(next.is_some());
/// # Ok(())
/// # }
/// ```
pub struct Runner {
    jobs: Vec<Arc<dyn Job>>,
    agenda: Agenda,
    board: Arc<Board>,
    settings: RunnerSettings,
    /// What each job did in the run in hand.
    in_hand: Vec<InHand>,
    /// Runs that were begun, for their ids.
    begun: u64,
}

/// A run in hand, or none.
#[derive(Debug, Default)]
struct InHand {
    run_id: Arc<str>,
    began: DateTime<Utc>,
    step_began: DateTime<Utc>,
    counts: Counts,
    task: Option<AbortHandle>,
}

/// What a runner did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunnerReport {
    /// Per job, in the order in which they were given.
    pub jobs: Vec<JobSummary>,
}

/// What a job did in a runner.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobSummary {
    /// The job.
    pub job: String,
    /// So many runs did all there was to do.
    pub done: u64,
    /// So many runs failed, those of dropped and panicked steps with them.
    pub failed: u64,
    /// What all its runs did.
    pub counts: Counts,
    /// Its last step was dropped because it did not end within the grace.
    pub dropped_at_stop: bool,
}

type Steps = JoinSet<(usize, Result<Tally>)>;

/// How far a stop has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stopping {
    No,
    Until(DateTime<Utc>),
    Dropped,
}

impl Runner {
    /// Runs these jobs.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) if two jobs have one name.
    pub fn new(jobs: impl IntoIterator<Item = (Arc<dyn Job>, JobPlan)>) -> Result<Self> {
        let (jobs, plans): (Vec<_>, Vec<_>) = jobs.into_iter().unzip();
        let names: BTreeSet<&str> = jobs.iter().map(|job| job.name()).collect();
        if names.len() < jobs.len() {
            return Err(Error::config("two jobs of a runner have one name"));
        }
        let watched = |(job, plan): (&Arc<dyn Job>, &JobPlan)| Arc::new(Watched::new(job.name(), plan.class));
        let board = Board { jobs: jobs.iter().zip(&plans).map(watched).collect(), changed: Notify::new() };
        let settings = RunnerSettings::default();
        Ok(Self {
            agenda: Agenda::new(plans, &settings),
            in_hand: jobs.iter().map(|_| InHand::default()).collect(),
            jobs,
            board: Arc::new(board),
            settings,
            begun: 0,
        })
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: RunnerSettings) -> Self {
        self.agenda.set_caps(&settings);
        self.settings = settings;
        self
    }

    /// Wakes its jobs and tells how they stand.
    #[must_use]
    pub fn handle(&self) -> RunnerHandle {
        RunnerHandle::new(Arc::clone(&self.board))
    }

    /// Runs the jobs until the run is stopped.
    pub async fn run(&mut self, run: &RunContext) -> RunnerReport {
        self.drive(run, false).await
    }

    /// Runs everything that is due now to its end, and says when something is due next; nothing if only a
    /// [wake](RunnerHandle::wake) makes something due.
    ///
    /// What comes due meanwhile, because another task moves the clock on, is run as well. A step that waits by the clock
    /// is waited for.
    pub async fn run_due(&mut self, run: &RunContext) -> Option<DateTime<Utc>> {
        self.drive(run, true).await;
        self.agenda.next()
    }

    async fn drive(&mut self, run: &RunContext, until_idle: bool) -> RunnerReport {
        let board = Arc::clone(&self.board);
        let mut report = self.empty_report();
        let mut steps = Steps::new();
        let mut stopping = Stopping::No;
        self.agenda.recover(run.clock.now());
        loop {
            let now = run.clock.now();
            match stopping {
                Stopping::No if run.stop.is_cancelled() => {
                    stopping = Stopping::Until(later(now, self.settings.grace));
                }
                Stopping::No => self.begin_what_is_due(run, now, &mut steps),
                Stopping::Until(end) if end <= now => {
                    steps.abort_all();
                    stopping = Stopping::Dropped;
                }
                Stopping::Until(_) | Stopping::Dropped => {}
            }
            self.tell_stuck(run, now);
            self.tell_plans();
            if steps.is_empty() && (until_idle || stopping != Stopping::No) {
                break;
            }
            let rest = self.rest(now, stopping);
            tokio::select! {
                biased;
                () = run.stop.cancelled(), if stopping == Stopping::No => {}
                Some(step) = steps.join_next() => self.end_step(step, run, stopping, &mut report),
                () = board.changed.notified(), if stopping == Stopping::No => {}
                () = run.clock.sleep(rest) => {}
            }
        }
        let grace = match stopping {
            Stopping::No => return report,
            Stopping::Until(end) => (end - run.clock.now()).to_std().unwrap_or_default(),
            Stopping::Dropped => Duration::ZERO,
        };
        tokio::select! {
            biased;
            () = self.leave(run, &mut report) => {}
            () = run.clock.sleep(grace) => {}
        }
        report
    }

    fn begin_what_is_due(&mut self, run: &RunContext, now: DateTime<Utc>, steps: &mut Steps) {
        self.agenda.tick(now);
        for (number, watched) in self.board.jobs.iter().enumerate() {
            if watched.take_wake() {
                self.agenda.wake(number, now);
            }
        }
        while let Some(start) = self.agenda.start(now) {
            self.begin_step(start, run, now, steps);
        }
    }

    fn begin_step(&mut self, start: Start, run: &RunContext, now: DateTime<Utc>, steps: &mut Steps) {
        let number = start.job;
        let parts = (self.jobs.get(number), self.board.jobs.get(number), self.in_hand.get_mut(number));
        let (Some(job), Some(watched), Some(in_hand)) = parts else { return };
        if start.begins_run {
            self.begun += 1;
            let run_id = format!("{}-{}", run.run_id, self.begun).into();
            *in_hand = InHand { run_id, began: now, ..InHand::default() };
            run.observer.began(job.name(), &in_hand.run_id);
        }
        in_hand.step_began = now;
        {
            let mut facts = watched.facts();
            facts.running_since = Some(now);
            facts.last_attempt_at = Some(now);
            facts.is_stuck = false;
        }
        run.observer.step_began(job.name());
        let tracker = Tracker {
            watched: Arc::clone(watched),
            clock: Arc::clone(&run.clock),
            observer: Arc::clone(&run.observer),
        };
        let context =
            RunContext { observer: Arc::new(tracker), run_id: Arc::clone(&in_hand.run_id), ..run.clone() };
        let job = Arc::clone(job);
        let span = tracing::info_span!("run", job = job.name(), run_id = &*in_hand.run_id);
        let step = async move { (number, job.step(&context).await) };
        in_hand.task = Some(steps.spawn(step.instrument(span)));
    }

    fn end_step(
        &mut self,
        step: Result<(usize, Result<Tally>), JoinError>,
        run: &RunContext,
        stopping: Stopping,
        report: &mut RunnerReport,
    ) {
        let was_dropped = step.as_ref().is_err_and(JoinError::is_cancelled);
        let (number, result) = match step {
            Ok(step) => step,
            Err(lost) => {
                let is_it =
                    |in_hand: &InHand| in_hand.task.as_ref().is_some_and(|task| task.id() == lost.id());
                let Some(number) = self.in_hand.iter().position(is_it) else { return };
                (number, Err(what_was_lost(&lost, stopping)))
            }
        };
        let now = run.clock.now();
        let parts = (self.board.jobs.get(number), self.in_hand.get_mut(number), report.jobs.get_mut(number));
        let (Some(watched), Some(in_hand), Some(summary)) = parts else { return };
        in_hand.task = None;
        let name = watched.name.as_str();
        run.observer.step_ended(name, (now - in_hand.step_began).to_std().unwrap_or_default());
        if let Ok(tally) = &result {
            in_hand.counts += tally.counts;
        }
        let dropped_at_stop = was_dropped && stopping == Stopping::Dropped;
        watched.ended((!dropped_at_stop).then_some(&result), now);
        let (ending, end) = match result {
            Ok(Tally { end: StepEnd::More, .. }) => (Ending::More, None),
            Ok(Tally { end: StepEnd::End, again_at, .. }) => {
                summary.done += 1;
                (Ending::End(again_at), Some(JobEnd::Done))
            }
            Ok(Tally { end: StepEnd::Paused(pause), .. }) => {
                (Ending::Paused(pause), Some(JobEnd::Paused(pause)))
            }
            Err(_) if dropped_at_stop => {
                summary.dropped_at_stop = true;
                (Ending::More, None)
            }
            Err(error) => {
                summary.failed += 1;
                tracing::warn!(job = name, run_id = &*in_hand.run_id, %error, "step failed");
                run.observer.failed(name, &error);
                (Ending::Failed, Some(JobEnd::Failed(error)))
            }
        };
        self.agenda.ended(number, ending, now);
        if let Some(end) = end {
            summary.counts += in_hand.counts;
            let elapsed = (now - in_hand.began).to_std().unwrap_or_default();
            run.observer.ended(&Report::new(name, in_hand.counts, end, elapsed).of_run(&*in_hand.run_id));
        }
    }

    /// Tells of steps that show no progress, once each time, and drops those that are to be dropped.
    fn tell_stuck(&self, run: &RunContext, now: DateTime<Utc>) {
        for (number, (watched, in_hand)) in self.board.jobs.iter().zip(&self.in_hand).enumerate() {
            let Some(plan) = self.agenda.plan(number) else { continue };
            let since = {
                let mut facts = watched.facts();
                let Some(since) = facts.idle_since() else { continue };
                if facts.is_stuck || now < later(since, plan.patience) {
                    continue;
                }
                facts.is_stuck = true;
                since
            };
            tracing::warn!(job = watched.name, run_id = &*in_hand.run_id, %since, "no progress");
            run.observer.stuck(&watched.name, since);
            if let Some(task) = in_hand.task.as_ref().filter(|_| plan.drop_stuck) {
                task.abort();
            }
        }
    }

    /// Writes into the facts what the agenda plans.
    fn tell_plans(&self) {
        for (number, watched) in self.board.jobs.iter().enumerate() {
            let mut facts = watched.facts();
            facts.waiting_since = self.agenda.waiting_since(number);
            facts.next_at = self.agenda.next_of(number);
        }
    }

    /// How long nothing happens unless a step ends or a hint comes.
    fn rest(&self, now: DateTime<Utc>, stopping: Stopping) -> Duration {
        let stuck = self.board.jobs.iter().enumerate().filter_map(|(number, watched)| {
            let idle_since = {
                let facts = watched.facts();
                facts.idle_since().filter(|_| !facts.is_stuck)?
            };
            Some(later(idle_since, self.agenda.plan(number)?.patience))
        });
        let next = match stopping {
            Stopping::No => self.agenda.next(),
            Stopping::Until(end) => Some(end),
            Stopping::Dropped => None,
        };
        let next = stuck.chain(next).min();
        next.map_or(LONGEST_SLEEP, |next| (next - now).to_std().unwrap_or_default()).min(LONGEST_SLEEP)
    }

    /// After a stop: runs that waited for their next step give back what they hold.
    async fn leave(&mut self, run: &RunContext, report: &mut RunnerReport) {
        for number in self.agenda.between_steps() {
            let parts = (self.jobs.get(number), self.in_hand.get(number), report.jobs.get_mut(number));
            let (Some(job), Some(in_hand), Some(summary)) = parts else { continue };
            self.agenda.end_run(number);
            // what a dropped step was writing may still arrive, so its lease lapses
            if !summary.dropped_at_stop {
                job.leave().await;
            }
            summary.counts += in_hand.counts;
            let elapsed = (run.clock.now() - in_hand.began).to_std().unwrap_or_default();
            let report = Report::new(job.name(), in_hand.counts, JobEnd::Stopped, elapsed);
            run.observer.ended(&report.of_run(&*in_hand.run_id));
        }
    }

    fn empty_report(&self) -> RunnerReport {
        let summary = |job: &Arc<dyn Job>| JobSummary {
            job: job.name().to_owned(),
            done: 0,
            failed: 0,
            counts: Counts::default(),
            dropped_at_stop: false,
        };
        RunnerReport { jobs: self.jobs.iter().map(summary).collect() }
    }
}

/// Why a step ended without a result.
fn what_was_lost(lost: &JoinError, stopping: Stopping) -> Error {
    match lost.is_panic() {
        // what a panic says may hold record content
        true => Error::bug("the step panicked"),
        false if stopping == Stopping::Dropped => {
            Error::new(ErrorKind::Transient, "the step was dropped at the stop")
        }
        false => Error::new(ErrorKind::Transient, "the step showed no progress and was dropped"),
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("jobs", &self.jobs)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

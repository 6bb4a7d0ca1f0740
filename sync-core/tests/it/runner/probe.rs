//! A job that does as a test says, and a runner of such jobs on a clock that the test sets.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sync_core::testing::ManualClock;
use sync_core::{
    CancellationToken, Class, Clock, Counts, Error, Job, JobFacts, JobPlan, Observer, Pause, Report, Result,
    RunContext, Runner, Schedule, StepEnd, Tally,
};
use tokio::sync::Semaphore;

pub(super) const MINUTE: Duration = Duration::from_secs(60);

/// What a step does. By default it ends at once.
#[derive(Debug, Clone, Copy)]
pub(super) enum Does {
    End,
    More,
    /// There is more to do then.
    Again(DateTime<Utc>),
    Pause(Pause),
    Fail,
    Panic,
    /// Waits until the test lets it end so.
    Wait(StepEnd),
    /// Commits a page each time the test lets it, and never ends.
    Pages,
    /// Never ends.
    Hang,
}

#[derive(Debug)]
pub(super) struct Probe {
    name: String,
    script: Mutex<VecDeque<Does>>,
    default: Does,
    gate: Semaphore,
    log: Arc<Log>,
    /// When its steps began.
    pub(super) began: Mutex<Vec<DateTime<Utc>>>,
    pub(super) now_running: AtomicUsize,
    pub(super) most_running: AtomicUsize,
    pub(super) left: AtomicUsize,
}

/// Counts a step also when it is dropped.
struct Running<'p>(&'p Probe);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.now_running.fetch_sub(1, Ordering::SeqCst);
        self.0.log.class_running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Probe {
    pub(super) fn let_go(&self, times: usize) {
        self.gate.add_permits(times);
    }

    pub(super) fn script(&self, steps: impl IntoIterator<Item = Does>) {
        self.script.lock().unwrap().extend(steps);
    }

    pub(super) fn steps(&self) -> usize {
        self.began.lock().unwrap().len()
    }

    pub(super) fn is_running(&self) -> bool {
        self.now_running.load(Ordering::SeqCst) > 0
    }

    async fn pass_gate(&self) {
        self.gate.acquire().await.unwrap().forget();
    }
}

#[async_trait]
impl Job for Probe {
    fn name(&self) -> &str {
        &self.name
    }

    async fn step(&self, run: &RunContext) -> Result<Tally> {
        self.began.lock().unwrap().push(run.clock.now());
        self.log.steps.lock().unwrap().push(self.name.clone());
        let now = self.now_running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_running.fetch_max(now, Ordering::SeqCst);
        let all = self.log.class_running.fetch_add(1, Ordering::SeqCst) + 1;
        self.log.most_running.fetch_max(all, Ordering::SeqCst);
        let _running = Running(self);
        let does = self.script.lock().unwrap().pop_front().unwrap_or(self.default);
        let end = match does {
            Does::End => StepEnd::End,
            Does::More => StepEnd::More,
            Does::Again(at) => return Ok(Tally::new(Counts::default(), StepEnd::End).again_at(Some(at))),
            Does::Pause(pause) => StepEnd::Paused(pause),
            Does::Fail => return Err(Error::transient("scripted")),
            Does::Panic => panic!("scripted: canary"),
            Does::Wait(end) => {
                self.pass_gate().await;
                end
            }
            Does::Pages => loop {
                self.pass_gate().await;
                run.observer.page(&self.name, &Counts::default());
            },
            Does::Hang => std::future::pending().await,
        };
        Ok(Tally::new(Counts::default(), end))
    }

    async fn leave(&self) {
        self.left.fetch_add(1, Ordering::SeqCst);
    }
}

/// What all probes of a bench did, and what its observer was told.
#[derive(Debug, Default)]
pub(super) struct Log {
    steps: Mutex<Vec<String>>,
    told: Mutex<Vec<String>>,
    class_running: AtomicUsize,
    pub(super) most_running: AtomicUsize,
}

impl Log {
    fn tell(&self, line: String) {
        self.told.lock().unwrap().push(line);
    }
}

impl Observer for Log {
    fn stuck(&self, job: &str, since: DateTime<Utc>) {
        self.tell(format!("{job} stuck since {}", since.format("%H:%M")));
    }

    fn failed(&self, job: &str, error: &Error) {
        self.tell(format!("{job} failed: {error}"));
    }

    fn ended(&self, report: &Report) {
        self.tell(format!("{} {} {}", report.run_id, report.name, report.end.as_str()));
    }
}

/// Probes, their plans, a clock and a log.
pub(super) struct Bench {
    pub(super) clock: Arc<ManualClock>,
    pub(super) log: Arc<Log>,
    pub(super) stop: CancellationToken,
    jobs: Vec<(Arc<dyn Job>, JobPlan)>,
}

impl Bench {
    /// It is 08:00.
    pub(super) fn new() -> Self {
        Self { clock: Arc::default(), log: Arc::default(), stop: CancellationToken::new(), jobs: Vec::new() }
    }

    pub(super) fn add(&mut self, name: &str, plan: JobPlan, default: Does) -> Arc<Probe> {
        let probe = Arc::new(Probe {
            name: name.to_owned(),
            script: Mutex::default(),
            default,
            gate: Semaphore::new(0),
            log: self.log.clone(),
            began: Mutex::default(),
            now_running: AtomicUsize::new(0),
            most_running: AtomicUsize::new(0),
            left: AtomicUsize::new(0),
        });
        self.jobs.push((probe.clone(), plan));
        probe
    }

    pub(super) fn runner(&mut self) -> Runner {
        Runner::new(std::mem::take(&mut self.jobs)).unwrap()
    }

    pub(super) fn run(&self) -> RunContext {
        RunContext::new(self.stop.clone(), self.log.clone()).with_clock(self.clock.clone()).with_run_id("run")
    }

    /// The names of the jobs of all steps, in the order in which they began.
    pub(super) fn steps(&self) -> Vec<String> {
        self.log.steps.lock().unwrap().clone()
    }

    pub(super) fn told(&self) -> Vec<String> {
        self.log.told.lock().unwrap().clone()
    }

    /// Runs what is due at every instant until the clock shows `until`.
    pub(super) async fn simulate(&self, runner: &mut Runner, until: DateTime<Utc>) {
        let run = self.run();
        while let Some(next) = runner.run_due(&run).await.filter(|next| *next <= until) {
            assert!(next > self.clock.now(), "time stands still at {next}");
            self.clock.set(next);
        }
        self.clock.set(until);
    }

    pub(super) fn at(&self, after: Duration) -> DateTime<Utc> {
        self.clock.now() + after
    }
}

pub(super) fn every(minutes: u32, class: Class) -> JobPlan {
    JobPlan::new(Schedule::every(MINUTE * minutes).unwrap(), class)
}

/// So many turns of the scheduler without a wake, and nothing goes on without the clock.
const QUIET: usize = 10;

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Lets an endless future and its tasks do whatever they can do without the clock; tells what it ended with.
pub(super) async fn settle<F: Future>(endless: &mut Pin<Box<F>>) -> Option<F::Output> {
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(woken.clone());
    let mut quiet = 0;
    while quiet < QUIET {
        quiet += 1;
        if woken.0.swap(false, Ordering::SeqCst) {
            quiet = 0;
            if let Poll::Ready(done) = endless.as_mut().poll(&mut Context::from_waker(&waker)) {
                return Some(done);
            }
        }
        tokio::task::yield_now().await;
    }
    None
}

pub(super) fn facts_of(handle: &sync_core::RunnerHandle, job: &str) -> JobFacts {
    handle.facts().into_iter().find(|facts| facts.job == job).unwrap()
}

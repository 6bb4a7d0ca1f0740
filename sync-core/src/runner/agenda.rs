//! What is due, what waits and what runs: decides, and does nothing itself.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::plan::{Class, JobPlan, RunnerSettings};
use crate::job::Pause;

/// When a failed job is tried again whose schedule has no tick to come.
const RETRY: Duration = Duration::from_secs(60);

/// The least pause, and the soonest that a job may ask to be run again: where two computers' clocks differ, an end in the past would be asked for again and again.
const LEAST_PAUSE: Duration = Duration::from_secs(1);

/// Jobs by number, in the order in which they were given.
#[derive(Debug)]
pub(super) struct Agenda {
    entries: Vec<Entry>,
    queues: BTreeMap<Class, Queue>,
    has_begun: bool,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<usize>,
    running: usize,
    cap: usize,
}

#[derive(Debug)]
struct Entry {
    plan: JobPlan,
    stage: Stage,
    waiting_since: Option<DateTime<Utc>>,
    /// A run has begun and not ended; between its steps it waits its turn.
    in_run: bool,
    /// A tick or hint came during the run.
    again: bool,
    /// Ticks after this are to come. They are not kept, as a rush may be switched on or off before they come.
    since: DateTime<Utc>,
    /// After a pause, a failure that no tick follows, or when the job asked for it.
    retry_at: Option<DateTime<Utc>>,
    /// Nothing runs before.
    barred_until: Option<DateTime<Utc>>,
    ran_at: Option<DateTime<Utc>>,
    hint_at: Option<DateTime<Utc>>,
    /// The last run failed.
    has_failed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    Waiting,
    Running,
}

/// How a step ended, as far as the agenda minds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    More,
    /// There is more to do then.
    End(Option<DateTime<Utc>>),
    Paused(Pause),
    Failed,
}

/// A step to be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) job: usize,
    /// It is the first of a run.
    pub(super) begins_run: bool,
}

impl Entry {
    fn new(plan: JobPlan) -> Self {
        Self {
            plan,
            stage: Stage::Idle,
            waiting_since: None,
            in_run: false,
            again: false,
            since: DateTime::UNIX_EPOCH,
            retry_at: None,
            barred_until: None,
            ran_at: None,
            hint_at: None,
            has_failed: false,
        }
    }

    /// The instant after which the next tick counts.
    fn ticks_from(&self) -> DateTime<Utc> {
        let (Some(stretch), Some(hint_at), Some(ran_at), false) =
            (self.plan.stretch, self.hint_at, self.ran_at, self.has_failed)
        else {
            return self.since;
        };
        let left_out_until = later(hint_at, stretch.silence).min(later(ran_at, stretch.period));
        // a tick at that very instant counts
        self.since.max(left_out_until - TimeDelta::nanoseconds(1))
    }

    fn next_tick(&self) -> Option<DateTime<Utc>> {
        self.plan.schedule.next_after(self.ticks_from())
    }

    /// Whether a tick came. It does not come again.
    fn take_tick(&mut self, now: DateTime<Utc>) -> bool {
        let from = self.ticks_from();
        // the clock went back
        self.since = self.since.min(now);
        if self.plan.schedule.next_after(from).is_none_or(|tick| tick > now) {
            return false;
        }
        self.since = now;
        self.plan.schedule.due(Some(from), now).run
    }

    /// Whether it runs when the runner begins.
    fn is_due_at_first(&self, now: DateTime<Utc>) -> bool {
        let schedule = &self.plan.schedule;
        // nobody knows what happened meanwhile
        schedule.is_on_event() || schedule.due(self.plan.last_done, now).run
    }
}

impl Agenda {
    pub(super) fn new(plans: Vec<JobPlan>, settings: &RunnerSettings) -> Self {
        let queue = |class| (class, Queue { cap: settings.cap_of(class), ..Queue::default() });
        Self {
            entries: plans.into_iter().map(Entry::new).collect(),
            queues: Class::ALL.into_iter().map(queue).collect(),
            has_begun: false,
        }
    }

    pub(super) fn set_caps(&mut self, settings: &RunnerSettings) {
        for (class, queue) in &mut self.queues {
            queue.cap = settings.cap_of(*class);
        }
    }

    /// What ran when the runner was dropped in the middle runs again.
    pub(super) fn recover(&mut self, now: DateTime<Utc>) {
        let lost: Vec<usize> = self.numbers(Stage::Running).collect();
        for job in lost {
            self.left_running(job);
            self.enqueue(job, now);
        }
    }

    /// Finds what is due.
    pub(super) fn tick(&mut self, now: DateTime<Utc>) {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        for job in 0..self.entries.len() {
            let Some(entry) = self.entries.get_mut(job) else { continue };
            let mut is_due = if is_first {
                entry.since = now;
                entry.is_due_at_first(now)
            } else {
                entry.take_tick(now)
            };
            if entry.retry_at.is_some_and(|at| at <= now) {
                is_due = true;
                entry.retry_at = None;
            }
            if is_due {
                self.due(job, now);
            }
        }
    }

    /// A hint came.
    pub(super) fn wake(&mut self, job: usize, now: DateTime<Utc>) {
        let Some(entry) = self.entries.get_mut(job) else { return };
        entry.hint_at = Some(now);
        self.due(job, now);
    }

    fn due(&mut self, job: usize, now: DateTime<Utc>) {
        let Some(entry) = self.entries.get_mut(job) else { return };
        match entry.stage {
            // the run at the pause's end covers it
            Stage::Idle if entry.barred_until.is_some_and(|until| now < until) => {}
            Stage::Idle => self.enqueue(job, now),
            Stage::Waiting if !entry.in_run => {}
            Stage::Waiting | Stage::Running => entry.again = true,
        }
    }

    fn enqueue(&mut self, job: usize, now: DateTime<Utc>) {
        let Some(entry) = self.entries.get_mut(job) else { return };
        entry.stage = Stage::Waiting;
        entry.waiting_since = Some(now);
        entry.barred_until = None;
        entry.retry_at = None;
        if let Some(queue) = self.queues.get_mut(&entry.plan.class) {
            queue.waiting.push_back(job);
        }
    }

    /// Takes the next step that has a place, the most urgent class first.
    pub(super) fn start(&mut self, now: DateTime<Utc>) -> Option<Start> {
        let queue =
            self.queues.values_mut().find(|queue| queue.running < queue.cap && !queue.waiting.is_empty())?;
        let job = queue.waiting.pop_front()?;
        queue.running += 1;
        let entry = self.entries.get_mut(job)?;
        entry.stage = Stage::Running;
        entry.waiting_since = None;
        let begins_run = !entry.in_run;
        if begins_run {
            entry.in_run = true;
            entry.ran_at = Some(now);
            // it covers what was due until now
            entry.since = entry.since.max(now);
        }
        Some(Start { job, begins_run })
    }

    /// A step ended.
    pub(super) fn ended(&mut self, job: usize, ending: Ending, now: DateTime<Utc>) {
        self.left_running(job);
        let Some(entry) = self.entries.get_mut(job) else { return };
        entry.stage = Stage::Idle;
        if matches!(ending, Ending::More) {
            return self.enqueue(job, now);
        }
        entry.in_run = false;
        let again = std::mem::take(&mut entry.again);
        match ending {
            Ending::Paused(pause) => {
                // the end itself still belongs to the pause
                let until = later(pause.until(), Duration::from_millis(1)).max(later(now, LEAST_PAUSE));
                entry.retry_at = Some(until);
                let is_held_elsewhere = matches!(pause, Pause::HeldElsewhere { .. });
                entry.barred_until = (!is_held_elsewhere).then_some(until);
                return;
            }
            Ending::Failed => {
                entry.has_failed = true;
                if entry.next_tick().is_none() && !entry.plan.schedule.is_manual() {
                    entry.retry_at = Some(later(now, RETRY));
                }
            }
            Ending::End(again_at) => {
                entry.has_failed = false;
                entry.retry_at = again_at.map(|at| at.max(later(now, LEAST_PAUSE)));
            }
            Ending::More => {}
        }
        if again {
            self.enqueue(job, now);
        }
    }

    fn left_running(&mut self, job: usize) {
        let class = self.entries.get(job).map(|entry| entry.plan.class);
        if let Some(queue) = class.and_then(|class| self.queues.get_mut(&class)) {
            queue.running = queue.running.saturating_sub(1);
        }
    }

    fn numbers(&self, stage: Stage) -> impl Iterator<Item = usize> {
        self.entries.iter().enumerate().filter(move |(_, entry)| entry.stage == stage).map(|(job, _)| job)
    }

    /// The runs that wait for their next step.
    pub(super) fn between_steps(&self) -> Vec<usize> {
        let waiting = self.numbers(Stage::Waiting);
        waiting.filter(|job| self.entries.get(*job).is_some_and(|entry| entry.in_run)).collect()
    }

    /// Ends a run between two steps: nothing more starts.
    pub(super) fn end_run(&mut self, job: usize) {
        if let Some(entry) = self.entries.get_mut(job) {
            entry.in_run = false;
        }
    }

    pub(super) fn plan(&self, job: usize) -> Option<&JobPlan> {
        self.entries.get(job).map(|entry| &entry.plan)
    }

    pub(super) fn waiting_since(&self, job: usize) -> Option<DateTime<Utc>> {
        self.entries.get(job)?.waiting_since
    }

    /// When this job runs next by itself; nothing if that is now, or never.
    pub(super) fn next_of(&self, job: usize) -> Option<DateTime<Utc>> {
        let entry = self.entries.get(job)?;
        let tick = entry.next_tick().map(|tick| entry.barred_until.map_or(tick, |until| tick.max(until)));
        earlier(tick, entry.retry_at)
    }

    /// When something is due next.
    pub(super) fn next(&self) -> Option<DateTime<Utc>> {
        let due = |entry: &Entry| earlier(entry.next_tick(), entry.retry_at);
        self.entries.iter().filter_map(due).min()
    }
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.into_iter().chain(other).min()
}

pub(super) fn later(instant: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
    instant.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

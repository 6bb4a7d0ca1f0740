//! When a job runs, and beside what.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::schedule::Schedule;

/// A priority class. Each has places of its own, so that no class waits for another: an order is carried out while a
/// catalogue wave is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Class {
    /// Orders and new clients: somebody waits for them.
    Orders,
    /// Stock, and prices that are about to be sold at.
    Stock,
    /// What is neither urgent nor long.
    Regular,
    /// Catalogue waves and full passes, which may take hours.
    Bulk,
}

impl Class {
    /// All classes, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Orders, Self::Stock, Self::Regular, Self::Bulk];

    /// The stable id for metrics and configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Stock => "stock",
            Self::Regular => "regular",
            Self::Bulk => "bulk",
        }
    }
}

/// When a job of a [`Runner`](crate::Runner) runs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JobPlan {
    /// Its ticks.
    pub schedule: Schedule,
    /// Whose places it takes.
    pub class: Class,
    /// When ticks are left out because hints arrive. Never by default.
    pub stretch: Option<Stretch>,
    /// How long a step may go without a page before it counts as stuck. Longer than the longest page may take, with all
    /// repeats of its calls. 15 min by default.
    pub patience: Duration,
    /// Whether a stuck step is dropped, and the job tried again at its next tick. Only told by default.
    pub drop_stuck: bool,
    /// When the job was last done, in an earlier process.
    pub last_done: Option<DateTime<Utc>>,
}

impl JobPlan {
    /// Runs at the ticks of this schedule, in this class.
    #[must_use]
    pub fn new(schedule: Schedule, class: Class) -> Self {
        Self {
            schedule,
            class,
            stretch: None,
            patience: Duration::from_secs(15 * 60),
            drop_stuck: false,
            last_done: None,
        }
    }

    /// Leaves out ticks while hints arrive.
    #[must_use]
    pub fn stretched(mut self, stretch: Stretch) -> Self {
        self.stretch = Some(stretch);
        self
    }

    /// A step that shows no page for so long is stuck.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Drops a stuck step; the job is tried again at its next tick.
    #[must_use]
    pub fn dropping_stuck(mut self) -> Self {
        self.drop_stuck = true;
        self
    }

    /// The job was last done then, as its store knows ([`PartReport::last_ok_at`](crate::PartReport::last_ok_at)): when the
    /// runner begins, it is due only if a tick was missed since. A job without this is due at once.
    #[must_use]
    pub fn last_done(mut self, at: DateTime<Utc>) -> Self {
        self.last_done = Some(at);
        self
    }
}

/// Adaptive polling: while hints keep arriving, a job is polled less often.
///
/// A hint ([`RunnerHandle::wake`](crate::RunnerHandle::wake)) always runs the job. Ticks of the job's own schedule are
/// left out until the earlier of two instants: [`period`](Self::period) after its last run began, and
/// [`silence`](Self::silence) after its last hint. So a job that hints keep running is polled by hints alone; one whose
/// hints are few is polled every `period`; and once hints are silent for `silence`, its own schedule holds again, from its
/// first tick at or after that instant. After a failure no tick is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stretch {
    /// The least time between the beginning of a run and the next that a tick begins.
    pub period: Duration,
    /// How long after a hint the next one is still expected. Longer than `period`, or `period` has no effect.
    pub silence: Duration,
}

impl Stretch {
    /// Polls every `period` until hints are silent for `silence`.
    #[must_use]
    pub fn new(period: Duration, silence: Duration) -> Self {
        Self { period, silence }
    }
}

/// Settings of a [`Runner`](crate::Runner).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunnerSettings {
    /// How many steps of [`Class::Orders`] run at the same time. 4 by default.
    pub orders: usize,
    /// The same of [`Class::Stock`]. 2 by default.
    pub stock: usize,
    /// The same of [`Class::Regular`]. 4 by default.
    pub regular: usize,
    /// The same of [`Class::Bulk`]. 1 by default.
    pub bulk: usize,
    /// How long after a stop steps may take to reach the edge of the page in hand before they are dropped. 30 s by default.
    pub grace: Duration,
}

impl Default for RunnerSettings {
    fn default() -> Self {
        Self { orders: 4, stock: 2, regular: 4, bulk: 1, grace: Duration::from_secs(30) }
    }
}

impl RunnerSettings {
    /// With so many places in a class; at least one.
    #[must_use]
    pub fn cap(mut self, class: Class, steps: usize) -> Self {
        match class {
            Class::Orders => self.orders = steps,
            Class::Stock => self.stock = steps,
            Class::Regular => self.regular = steps,
            Class::Bulk => self.bulk = steps,
        }
        self
    }

    /// With so long to reach the page's edge.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// How many steps of a class run at the same time.
    #[must_use]
    pub fn cap_of(&self, class: Class) -> usize {
        let cap = match class {
            Class::Orders => self.orders,
            Class::Stock => self.stock,
            Class::Regular => self.regular,
            Class::Bulk => self.bulk,
        };
        cap.max(1)
    }
}

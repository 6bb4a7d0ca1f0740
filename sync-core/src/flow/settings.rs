//! Settings of a flow.

use std::time::Duration;

use chrono::NaiveTime;

use crate::full_pass::Brake;

/// Settings of a [`Flow`](crate::Flow).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FlowSettings {
    /// How long a lease lasts without being renewed; it is renewed every third of it. Another process waits so long
    /// after this one died. 60 s by default.
    pub lease_ttl: Duration,
    /// How many pages one step commits at most. 50 by default.
    pub page_budget: usize,
    /// Records per page instead of the sink's [`preferred_batch`](crate::Sink::preferred_batch).
    pub batch: Option<usize>,
    /// Least time between the ends of two pages: a slow first load. None by default.
    pub pace: Duration,
    /// When rejects stop the flow.
    pub systemic: SystemicLimit,
    /// How many live rejects the flow may have: a step that finds so many stops before it reads, unless a person has
    /// [approved](crate::Flow::approve) what is held. Removals that the target [does not know](crate::Reason::REMOVAL_NOT_SUPPORTED)
    /// do not count. 10,000 by default.
    pub most_rejects: u64,
    /// Keeps the bytes of records that cannot be decoded with their rejects, up to 64 KiB each. They may hold personal data.
    /// Off by default.
    pub keep_raw: bool,
    /// How often everything is read and compared, besides changes. A snapshot does so in each cycle; of other sources never
    /// unless set here, and what vanishes there without a word is then never found. A week is usual. The source has to have
    /// such a list ([`read_all`](crate::Source::read_all)). The first one follows the first cycle at once, so that a list of
    /// changes is read twice in the beginning.
    pub full_pass: Option<Duration>,
    /// At which time of the day, Polish time, a full pass is due, besides [`full_pass`](Self::full_pass): the first cycle after it
    /// is followed by one. Never by default; a snapshot needs none.
    pub full_pass_at: Option<NaiveTime>,
    /// How often a full pass sends everything, also what has not changed: the target may have lost something. Never by
    /// default.
    pub reassert: Option<Duration>,
    /// In how many complete full passes in a row a key has to be missing before it is removed, where the source cannot
    /// [look up](crate::Source::fetch). 2 by default.
    pub absences: u8,
    /// A source that gives nothing at all is believed: everything is missing. Off by default.
    pub allow_empty: bool,
    /// How much one cycle may take away without a person's approval.
    pub brake: Brake,
    /// How far the source's clock may go back before the flow stops. 5 min by default.
    pub clock_tolerance: Duration,
    /// What is tried again within a step.
    pub retry: RetrySettings,
    /// When a failing flow pauses.
    pub breaker: BreakerSettings,
    /// A hint's record in which a look-up finds nothing new is looked up again after each of these times: what it tells of may
    /// show late. Then the next cycle has to find it. A [`Runner`](crate::Runner) runs the flow for it, whatever its
    /// schedule. 5 s, 30 s and 2 min by default.
    pub hints_again: Vec<Duration>,
}

impl Default for FlowSettings {
    fn default() -> Self {
        Self {
            lease_ttl: Duration::from_secs(60),
            page_budget: 50,
            batch: None,
            pace: Duration::ZERO,
            systemic: SystemicLimit::default(),
            most_rejects: 10_000,
            keep_raw: false,
            full_pass: None,
            full_pass_at: None,
            reassert: None,
            absences: 2,
            allow_empty: false,
            brake: Brake::default(),
            clock_tolerance: Duration::from_secs(5 * 60),
            retry: RetrySettings::default(),
            breaker: BreakerSettings::default(),
            hints_again: [5, 30, 120].map(Duration::from_secs).to_vec(),
        }
    }
}

impl FlowSettings {
    /// With this lease TTL.
    #[must_use]
    pub fn lease_ttl(mut self, ttl: Duration) -> Self {
        self.lease_ttl = ttl;
        self
    }

    /// With so many pages per step.
    #[must_use]
    pub fn page_budget(mut self, pages: usize) -> Self {
        self.page_budget = pages;
        self
    }

    /// With so many records per page.
    #[must_use]
    pub fn batch(mut self, records: usize) -> Self {
        self.batch = Some(records);
        self
    }

    /// With at least this time between two pages.
    #[must_use]
    pub fn pace(mut self, least: Duration) -> Self {
        self.pace = least;
        self
    }

    /// With this limit of rejects per page.
    #[must_use]
    pub fn systemic(mut self, limit: SystemicLimit) -> Self {
        self.systemic = limit;
        self
    }

    /// With at most so many live rejects.
    #[must_use]
    pub fn most_rejects(mut self, rejects: u64) -> Self {
        self.most_rejects = rejects;
        self
    }

    /// Keeps the bytes of records that cannot be decoded.
    #[must_use]
    pub fn keep_raw(mut self) -> Self {
        self.keep_raw = true;
        self
    }

    /// With a full pass so often.
    #[must_use]
    pub fn full_pass(mut self, every: Duration) -> Self {
        self.full_pass = Some(every);
        self
    }

    /// With a full pass daily at this time of the day, Polish time.
    #[must_use]
    pub fn full_pass_at(mut self, time: NaiveTime) -> Self {
        self.full_pass_at = Some(time);
        self
    }

    /// Sends everything so often, in a full pass.
    #[must_use]
    pub fn reassert(mut self, every: Duration) -> Self {
        self.reassert = Some(every);
        self
    }

    /// Removes what is missing in so many full passes in a row.
    #[must_use]
    pub fn absences(mut self, passes: u8) -> Self {
        self.absences = passes;
        self
    }

    /// Believes a source that gives nothing at all.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// With this brake.
    #[must_use]
    pub fn brake(mut self, brake: Brake) -> Self {
        self.brake = brake;
        self
    }

    /// Lets the source's clock go back so far.
    #[must_use]
    pub fn clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }

    /// With these repeats within a step.
    #[must_use]
    pub fn retry(mut self, retry: RetrySettings) -> Self {
        self.retry = retry;
        self
    }

    /// Looks a hint's record up again after each of these times, while nothing new is found.
    #[must_use]
    pub fn hints_again(mut self, after: impl Into<Vec<Duration>>) -> Self {
        self.hints_again = after.into();
        self
    }

    /// With this breaker.
    #[must_use]
    pub fn breaker(mut self, breaker: BreakerSettings) -> Self {
        self.breaker = breaker;
        self
    }
}

/// When the rejects of one page are so many that something else than the records is wrong (a permission was taken
/// away, a field renamed): the page is not committed and the step fails with
/// [`SystemicFailure`](crate::ErrorKind::SystemicFailure), until a person [approves](crate::Flow::approve).
///
/// Removals that the sink cannot carry out do not count, nor do records that have a live reject for the same reason
/// already. What cannot be decoded or mapped is judged before anything of the page is sent.
///
/// Records that [wait for a link](crate::Reason::waiting_for) are left out of the count, of the page's records as of its rejects: they
/// are replayed once another flow has learned the link, and a flow that comes before that one in a first load may find none at
/// all. Only [`most_rejects`](FlowSettings::most_rejects) bounds them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SystemicLimit {
    /// More than `count` records and more than `percent` of the page, or the whole of a page with more than 10 records.
    #[non_exhaustive]
    Above {
        /// Records.
        count: u64,
        /// Percent of the page.
        percent: u64,
    },
    /// Rejects never stop the flow.
    Off,
}

impl SystemicLimit {
    /// More than `count` records and more than `percent` of the page.
    #[must_use]
    pub fn above(count: u64, percent: u64) -> Self {
        Self::Above { count, percent }
    }

    pub(crate) fn is_exceeded(self, rejected: u64, page: u64) -> bool {
        match self {
            Self::Above { count, percent } => {
                let many = rejected > count && rejected.saturating_mul(100) > percent.saturating_mul(page);
                many || (page > 10 && rejected == page)
            }
            Self::Off => false,
        }
    }
}

impl Default for SystemicLimit {
    /// More than 50 records and more than 20 % of the page.
    fn default() -> Self {
        Self::Above { count: 50, percent: 20 }
    }
}

/// What a flow tries again within a step: reads, look-ups and writes that failed as
/// [`Transient`](crate::ErrorKind::Transient). A sink's write may be repeated by its contract. Everything else ends the step.
///
/// The pause before the n-th repeat is drawn evenly from zero to `base × 2ⁿ`, at most `cap`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetrySettings {
    /// How many repeats one call has at most. 2 by default; clients that repeat by themselves need none.
    pub repeats: u32,
    /// 200 ms by default.
    pub base: Duration,
    /// 30 s by default.
    pub cap: Duration,
    /// Repeats that all calls of the flow share; each success gives a tenth of one back. An outage so costs little more
    /// than without repeats. 20 by default.
    pub budget: u32,
}

impl RetrySettings {
    /// Nothing is repeated within a step.
    #[must_use]
    pub fn none() -> Self {
        Self { repeats: 0, ..Self::default() }
    }

    /// With so many repeats per call.
    #[must_use]
    pub fn repeats(mut self, repeats: u32) -> Self {
        self.repeats = repeats;
        self
    }

    /// With pauses from `base`, doubling up to `cap`.
    #[must_use]
    pub fn pauses(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// With so many repeats that all calls share.
    #[must_use]
    pub fn budget(mut self, repeats: u32) -> Self {
        self.budget = repeats;
        self
    }
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self { repeats: 2, base: Duration::from_millis(200), cap: Duration::from_secs(30), budget: 20 }
    }
}

/// When a flow pauses: its steps then end as [`Paused`](crate::StepEnd::Paused), never as done, without a call to either
/// side.
///
/// It pauses at once when it is throttled or its credentials are refused, and after several steps in a row that failed for
/// the moment or with an answer that cannot be read. After that pause one step tries; if it fails, the next pause is twice
/// as long. Other errors that a person has to cure pause nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerSettings {
    /// So many steps in a row have to fail. 5 by default.
    pub failures: u32,
    /// The first pause. 30 s by default.
    pub base: Duration,
    /// The longest pause, also after `Retry-After`. 15 min by default.
    pub cap: Duration,
    /// The pause after credentials were refused. 15 min by default.
    pub auth: Duration,
}

impl BreakerSettings {
    /// Opens after so many failing steps.
    #[must_use]
    pub fn failures(mut self, steps: u32) -> Self {
        self.failures = steps;
        self
    }

    /// With pauses from `base`, doubling up to `cap`.
    #[must_use]
    pub fn pauses(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    /// With this pause after credentials were refused.
    #[must_use]
    pub fn auth(mut self, pause: Duration) -> Self {
        self.auth = pause;
        self
    }
}

impl Default for BreakerSettings {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self { failures: 5, base: Duration::from_secs(30), cap: minutes(15), auth: minutes(15) }
    }
}

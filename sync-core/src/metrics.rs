//! Numbers for a monitoring system, through the `metrics` facade. The application installs a recorder.
//!
//! | name | kind, unit | labels |
//! |---|---|---|
//! | `sync_cycle_total` | counter, runs | `flow`, `result`: `done`, `paused`, `stopped`, `failed` |
//! | `sync_failure_total` | counter, failures | `flow`, `kind`: [`ErrorKind::code`](crate::ErrorKind::code) |
//! | `sync_records_total` | counter, records | `flow`, `outcome`: `applied`, `unchanged`, `left_out`, `rejected`, `in_doubt`, `postponed` |
//! | `sync_pages_total` | counter, pages | `flow` |
//! | `sync_acts_total` | counter, settlements | `flow`, `kind`: the act's kind, `state`: [`ActState::as_str`] |
//! | `sync_step_seconds` | histogram, seconds | `flow` |
//! | `sync_stuck_total` | counter, steps | `flow` |
//! | `sync_last_ok_age_seconds` | gauge, seconds | `flow` |
//! | `sync_dlq` | gauge, live rejects | `flow`, `class`: [`RejectStage::as_str`](crate::RejectStage::as_str) |
//! | `sync_dlq_oldest_seconds` | gauge, seconds | `flow` |
//! | `sync_held` | gauge, parts with something held | `flow` |
//! | `sync_outbox` | gauge, acts | `state`: [`ActState::as_str`] of the open states, and `rejected` |
//! | `sync_indoubt_oldest_seconds` | gauge, seconds since it entered the outbox or was let go | none |
//! | `sync_job_running`, `sync_job_waiting`, `sync_job_stuck`, `sync_job_paused` | gauge, 0 or 1 | `flow`, `class` |
//! | `sync_job_failures` | gauge, failed runs in a row | `flow`, `class` |
//! | `sync_job_progress_age_seconds` | gauge, seconds of the step in hand without progress | `flow`, `class` |
//!
//! `flow` is the job's name, dispatchers with it. No label holds a key, a part's name, a reason or its details, so there
//! are as many series as the configuration has flows, whatever the data is.
//!
//! Counters and the histogram come by themselves from a [`MetricsObserver`]. The gauges need the store or the runner:
//! [`tell_flow`], [`tell_outbox`] and [`tell_jobs`] set them from what was read there, once a minute or whenever they are
//! scraped. A recorder that panics fails no run: what it was to be told is lost.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use chrono::{DateTime, Utc};
use metrics::{counter, gauge, histogram};

use crate::act::{ActCount, ActState};
use crate::error::Error;
use crate::flow::FlowStatus;
use crate::job::{Counts, Report};
use crate::name::ActKind;
use crate::observer::Observer;
use crate::runner::JobFacts;

/// The states in which something may still happen to an act, and that which a person looks at.
const OPEN_OR_REFUSED: [ActState; 6] = [
    ActState::Ready,
    ActState::Sending,
    ActState::InDoubt,
    ActState::Held,
    ActState::Manual,
    ActState::Rejected,
];

/// Counts what jobs do; see [the names](crate::metrics).
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct MetricsObserver;

impl Observer for MetricsObserver {
    fn page(&self, job: &str, counts: &Counts) {
        quietly(|| {
            let outcomes = [
                ("applied", counts.applied),
                ("unchanged", counts.unchanged),
                ("left_out", counts.left_out),
                ("rejected", counts.rejected),
                ("in_doubt", counts.in_doubt),
                ("postponed", counts.postponed),
            ];
            for (outcome, count) in outcomes.into_iter().filter(|(_, count)| *count > 0) {
                counter!("sync_records_total", "flow" => job.to_owned(), "outcome" => outcome)
                    .increment(count);
            }
            counter!("sync_pages_total", "flow" => job.to_owned()).increment(counts.pages);
        });
    }

    fn act_settled(&self, job: &str, kind: &ActKind, state: ActState) {
        quietly(|| {
            let kind = kind.as_str().to_owned();
            counter!("sync_acts_total", "flow" => job.to_owned(), "kind" => kind, "state" => state.as_str())
                .increment(1);
        });
    }

    fn step_ended(&self, job: &str, elapsed: Duration) {
        quietly(|| histogram!("sync_step_seconds", "flow" => job.to_owned()).record(elapsed));
    }

    fn stuck(&self, job: &str, _since: DateTime<Utc>) {
        quietly(|| counter!("sync_stuck_total", "flow" => job.to_owned()).increment(1));
    }

    fn failed(&self, job: &str, error: &Error) {
        let kind = error.kind().code();
        quietly(|| counter!("sync_failure_total", "flow" => job.to_owned(), "kind" => kind).increment(1));
    }

    fn ended(&self, report: &Report) {
        let (flow, result) = (report.name.clone(), report.end.as_str());
        quietly(|| counter!("sync_cycle_total", "flow" => flow, "result" => result).increment(1));
    }
}

/// Sets the gauges of a flow from its [status](crate::Flow::status). Of a flow over parts the age is that of the part that
/// was complete the longest ago; of a part that never was, it counts from the epoch.
pub fn tell_flow(status: &FlowStatus, now: DateTime<Utc>) {
    let flow = status.flow.as_str();
    quietly(|| {
        let oldest = status.parts.iter().map(|part| part.last_ok_at.unwrap_or(DateTime::UNIX_EPOCH)).min();
        if let Some(oldest) = oldest {
            gauge!("sync_last_ok_age_seconds", "flow" => flow.to_owned()).set(age(Some(oldest), now));
        }
        let held = status.parts.iter().filter(|part| part.held.is_some()).count();
        gauge!("sync_held", "flow" => flow.to_owned()).set(count(held));
        for (stage, rejects) in status.rejects.by_stage() {
            gauge!("sync_dlq", "flow" => flow.to_owned(), "class" => stage.as_str()).set(float(rejects));
        }
        gauge!("sync_dlq_oldest_seconds", "flow" => flow.to_owned()).set(age(status.rejects.oldest, now));
    });
}

/// Sets the gauges of the outbox from what its store [counts](crate::Store::act_counts). The age is that of acts in doubt and
/// of those that only a person can look up; 0 if there are none.
pub fn tell_outbox(counts: &[ActCount], now: DateTime<Utc>) {
    quietly(|| {
        for state in OPEN_OR_REFUSED {
            let acts = counts.iter().filter(|acts| acts.state == state).map(|acts| acts.count).sum();
            gauge!("sync_outbox", "state" => state.as_str()).set(float(acts));
        }
        let in_doubt =
            counts.iter().filter(|acts| matches!(acts.state, ActState::InDoubt | ActState::Manual));
        let oldest = in_doubt.map(|acts| acts.oldest_enqueued_at).min();
        gauge!("sync_indoubt_oldest_seconds").set(age(oldest, now));
    });
}

/// Sets the gauges of a runner's jobs from its [facts](crate::RunnerHandle::facts).
pub fn tell_jobs(facts: &[JobFacts], now: DateTime<Utc>) {
    quietly(|| {
        for job in facts {
            let labels = || [("flow", job.job.clone()), ("class", job.class.as_str().to_owned())];
            let is = |so: bool| count(usize::from(so));
            gauge!("sync_job_running", &labels()).set(is(job.running_since.is_some()));
            gauge!("sync_job_waiting", &labels()).set(is(job.waiting_since.is_some()));
            gauge!("sync_job_stuck", &labels()).set(is(job.is_stuck));
            gauge!("sync_job_paused", &labels()).set(is(job.paused.is_some()));
            gauge!("sync_job_failures", &labels()).set(f64::from(job.consecutive_failures));
            gauge!("sync_job_progress_age_seconds", &labels()).set(age(job.idle_since(), now));
        }
    });
}

fn count(of: usize) -> f64 {
    float(u64::try_from(of).unwrap_or(u64::MAX))
}

fn float(number: u64) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn age(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> f64 {
    since.and_then(|since| (now - since).to_std().ok()).unwrap_or_default().as_secs_f64()
}

fn quietly(tell: impl FnOnce()) {
    // nothing of ours is left half done by it
    let _ = catch_unwind(AssertUnwindSafe(tell));
}

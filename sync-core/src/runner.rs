//! Runs jobs: until nothing is left, or for ever.

use std::time::Duration;

use crate::job::{Counts, Job, JobEnd, Report, RunContext, StepEnd};

/// Steps a job until nothing is left, it cannot work, it fails or the run is stopped (at a page's edge).
///
/// A [`Pause`](crate::Pause) is reported at once: the caller decides whether to wait and call again.
pub async fn run_until_done(job: &dyn Job, run: &RunContext) -> Report {
    let began = run.clock.now();
    let mut counts = Counts::default();
    let end = loop {
        if run.stop.is_cancelled() {
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
    let report = Report::new(job.name(), counts, end, elapsed);
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

//! What is counted, without a recorder for the whole process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use metrics::with_local_recorder;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use sync_core::metrics::MetricsObserver;
use sync_core::{ActKind, ActState, Counts, Error, Observer, Report};

/// How long steps take, in seconds: from a page that had nothing to a budget of slow ones.
const STEP_SECONDS: &[f64] = &[0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0];

/// Counts what jobs do and renders it for Prometheus. Clones count together. A process that installs a recorder of its own keeps it:
/// this one hears of nothing but what it is [given to observe](Self::observer).
#[derive(Clone)]
pub struct Meter {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Default for Meter {
    fn default() -> Self {
        Self::new()
    }
}

impl Meter {
    /// Has counted nothing yet.
    #[must_use]
    pub fn new() -> Self {
        // refuses nothing but an empty list
        let builder =
            PrometheusBuilder::new().set_buckets(STEP_SECONDS).unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        Self { handle: recorder.handle(), recorder: Arc::new(recorder) }
    }

    /// Counts what it is told.
    #[must_use]
    pub fn observer(&self) -> Arc<dyn Observer> {
        Arc::new(Counting(self.clone()))
    }

    /// What was counted, in Prometheus' text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Whatever this tells the facade `metrics` is kept here.
    pub(super) fn tell(&self, tell: impl FnOnce()) {
        with_local_recorder(&*self.recorder, tell);
    }

    pub(super) fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Counting(Meter);

#[deny(clippy::missing_trait_methods)]
impl Observer for Counting {
    fn began(&self, job: &str, run_id: &str) {
        self.0.tell(|| MetricsObserver.began(job, run_id));
    }

    fn step_began(&self, job: &str) {
        self.0.tell(|| MetricsObserver.step_began(job));
    }

    fn page(&self, job: &str, counts: &Counts) {
        self.0.tell(|| MetricsObserver.page(job, counts));
    }

    fn act_settled(&self, job: &str, kind: &ActKind, state: ActState) {
        self.0.tell(|| MetricsObserver.act_settled(job, kind, state));
    }

    fn step_ended(&self, job: &str, elapsed: Duration) {
        self.0.tell(|| MetricsObserver.step_ended(job, elapsed));
    }

    fn stuck(&self, job: &str, since: DateTime<Utc>) {
        self.0.tell(|| MetricsObserver.stuck(job, since));
    }

    fn failed(&self, job: &str, error: &Error) {
        self.0.tell(|| MetricsObserver.failed(job, error));
    }

    fn ended(&self, report: &Report) {
        self.0.tell(|| MetricsObserver.ended(report));
    }
}

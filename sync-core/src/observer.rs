//! Who is told how a run goes.

use std::fmt::Debug;

use crate::error::Error;
use crate::job::{Counts, Report};

/// Is told how jobs go: progress bars, plain lines, metrics.
///
/// Called from within the work, possibly from several jobs at once: it returns quickly and does not panic.
pub trait Observer: Debug + Send + Sync {
    /// A page of `job` was committed, or a round of acts settled; `counts` are of this page alone.
    fn page(&self, job: &str, counts: &Counts) {
        let _ = (job, counts);
    }

    /// A step of `job` failed. In an endless run it is tried again at the next tick.
    fn failed(&self, job: &str, error: &Error) {
        let _ = (job, error);
    }

    /// A job ended, or in an endless run one tick of it.
    fn ended(&self, report: &Report) {
        let _ = report;
    }
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct Silent;

impl Observer for Silent {}

const _: fn(&dyn Observer) = |_| {};

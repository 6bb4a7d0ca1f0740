//! How the work shows on a terminal, or in a log.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use sync_core::{Counts, Error, JobEnd, Observer, Report};

/// Is told how the bridge's work goes.
pub trait Progress: Observer {
    /// A job waits for another process to finish or to lapse.
    fn waiting(&self, job: &str, wait: Duration) {
        let _ = (job, wait);
    }
}

/// Shows nothing.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to nothing")]
pub struct Quiet;

impl Observer for Quiet {}

impl Progress for Quiet {}

/// Bars on a terminal, plain lines elsewhere; both on standard error.
#[derive(Debug)]
pub struct Console {
    bars: Option<MultiProgress>,
    jobs: Mutex<BTreeMap<String, Shown>>,
}

#[derive(Debug)]
struct Shown {
    bar: Option<ProgressBar>,
    counts: Counts,
}

impl Default for Console {
    fn default() -> Self {
        Self::new()
    }
}

impl Console {
    /// Looks whether standard error is a terminal.
    #[must_use]
    pub fn new() -> Self {
        let bars = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self { bars, jobs: Mutex::default() }
    }

    fn line(&self, text: &str) {
        match &self.bars {
            Some(bars) => bars.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }

    fn with<R>(&self, job: &str, change: impl FnOnce(&mut Shown) -> R) -> R {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let shown = jobs.entry(job.to_owned()).or_insert_with(|| Shown {
            bar: self.bars.as_ref().map(|bars| bars.add(spinner(job))),
            counts: Counts::default(),
        });
        change(shown)
    }
}

fn spinner(job: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {prefix:24} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new_spinner().with_style(style).with_prefix(job.to_owned())
}

fn words(counts: &Counts) -> String {
    let Counts { fetched, applied, unchanged, rejected, in_doubt, postponed, .. } = counts;
    let waiting = in_doubt + postponed;
    format!("{fetched} read, {applied} sent, {unchanged} unchanged, {rejected} rejected, {waiting} waiting")
}

impl Observer for Console {
    fn page(&self, job: &str, counts: &Counts) {
        let text = self.with(job, |shown| {
            shown.counts += *counts;
            let text = words(&shown.counts);
            if let Some(bar) = &shown.bar {
                bar.set_message(text.clone());
                bar.tick();
            }
            text
        });
        if self.bars.is_none() && counts.fetched > 0 {
            self.line(&format!("{job}: {text}"));
        }
    }

    fn failed(&self, job: &str, error: &Error) {
        self.line(&format!("{job}: failed: {error}"));
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            self.line(&format!("  because: {error}"));
            cause = error.source();
        }
    }

    fn ended(&self, report: &Report) {
        let stopped = matches!(report.end, JobEnd::Stopped);
        if stopped {
            self.line(&format!("{}: stopped after the page in hand", report.name));
        }
        // a further round of the same job begins to count anew
        let shown = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).remove(&report.name);
        if let Some(Shown { bar: Some(bar), counts }) = shown {
            bar.finish_and_clear();
            self.line(&format!("{}: {}", report.name, words(&counts)));
        }
    }
}

impl Progress for Console {
    fn waiting(&self, job: &str, wait: Duration) {
        self.line(&format!("{job}: another process is at work here; waiting up to {:.1?} for it", wait));
    }
}

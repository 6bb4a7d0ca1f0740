use std::fmt;

use clap::Args;
use secrecy::SecretString;
use serde::Serialize;
use sync_core::{JobSummary, RunnerReport};
use sync_flows::alert::{HttpPing, WebhookAlerts};

use super::{Clean, stop_on_signal};
use crate::engine::AlertAddresses;
use crate::error::Result;
use crate::faces::Meter;
use crate::listeners::Listeners;
use crate::output::{columns, print};
use crate::session::{Needs, Session, Systems};
use crate::settings::{ProcessSecrets, Secret, Settings, environment};

#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    systems: Systems,
}

impl Run {
    pub(super) async fn act(self, json: bool) -> Result<Clean> {
        let session = Session::open(&self.systems, Needs::Systems).await?;
        if self.systems.simulate {
            eprintln!(
                "a simulation has no settings, so it listens nowhere: `bridge run --help` says what does"
            );
        }
        let stop = stop_on_signal();
        let done = async {
            let addresses = addresses(&session.settings)?;
            let engine = session.bridge.engine(&session.settings.alerts, addresses).await?;
            let meter = Meter::new();
            let listeners = Listeners::open(&session.settings, engine.faces(), &meter).await?;
            Ok(listeners.during(engine.metered(&meter).run(stop.clone()), stop).await)
        };
        let done: Result<_> = done.await;
        session.close().await;
        print(&Ended::of(done?), json)?;
        Ok(Clean::Yes)
    }
}

/// The secret URLs of alerts, if they can be used.
fn addresses(settings: &Settings) -> Result<AlertAddresses> {
    let ProcessSecrets { webhook_url, ping_url, .. } = &settings.secrets;
    let webhook = usable(settings, webhook_url.as_ref(), WebhookAlerts::new)?;
    let ping = usable(settings, ping_url.as_ref(), HttpPing::new)?;
    Ok(AlertAddresses::new(webhook, ping))
}

/// A secret that can be used so.
fn usable<T>(
    settings: &Settings,
    secret: Option<&Secret>,
    with: impl Fn(&SecretString) -> sync_core::Result<T>,
) -> Result<Option<SecretString>> {
    let Some(secret) = secret else { return Ok(None) };
    let text = secret.get(&environment).map_err(|mistake| settings.wrong(mistake))?;
    with(&text).map_err(|error| settings.wrong(secret.useless()).because(error))?;
    Ok(Some(text))
}

/// What was done between start and stop.
#[derive(Debug, Serialize)]
struct Ended {
    jobs: Vec<JobDone>,
}

#[derive(Debug, Serialize)]
struct JobDone {
    job: String,
    runs: u64,
    failed_runs: u64,
    read: u64,
    sent: u64,
    unchanged: u64,
    rejected: u64,
    dropped_at_stop: bool,
}

impl Ended {
    fn of(reports: Vec<(String, RunnerReport)>) -> Self {
        let jobs = reports.into_iter().flat_map(|(_, report)| report.jobs);
        Self { jobs: jobs.map(JobDone::of).collect() }
    }
}

impl JobDone {
    fn of(summary: JobSummary) -> Self {
        let JobSummary { job, done, failed, counts, dropped_at_stop, .. } = summary;
        Self {
            job,
            runs: done,
            failed_runs: failed,
            read: counts.fetched,
            sent: counts.applied,
            unchanged: counts.unchanged,
            rejected: counts.rejected,
            dropped_at_stop,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows =
            vec![["job", "runs", "failed", "read", "sent", "unchanged", "rejected"].map(str::to_owned)];
        rows.extend(self.jobs.iter().map(|job| {
            [
                job.job.clone(),
                job.runs.to_string(),
                job.failed_runs.to_string(),
                job.read.to_string(),
                job.sent.to_string(),
                job.unchanged.to_string(),
                job.rejected.to_string(),
            ]
        }));
        columns(f, &rows)?;
        for job in self.jobs.iter().filter(|job| job.dropped_at_stop) {
            writeln!(
                f,
                "{} did not end in time and was dropped: nothing is lost, the next start goes on",
                job.job
            )?;
        }
        Ok(())
    }
}

//! Everything that is due now, once.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use sync_core::{
    ActFilter, ActState, Class, Flow, Job, JobEnd, Pause, RejectFilter, Report, RunContext, run_until_done,
};

use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::settings::EngineSettings;
use crate::summary::Summary;
use crate::tenant::Tenant;
use crate::wire::{Outbox, Wired, Work};

/// How often at most a round looks again for what has become due by itself: more than anything waits for in a row, a segment, a client,
/// its order.
const ROUNDS: usize = 8;

/// One round of a tenant.
pub(crate) struct Round<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) engine: &'a EngineSettings,
}

/// What a round has reported, a report per job in the order of their first work.
#[derive(Default)]
struct Reports(Vec<Report>);

impl Reports {
    /// Adds to what the job reported before.
    fn add(&mut self, report: Report) {
        match self.0.iter_mut().find(|earlier| earlier.name == report.name) {
            Some(earlier) => {
                earlier.counts += report.counts;
                earlier.elapsed += report.elapsed;
                earlier.end = report.end;
            }
            None => self.0.push(report),
        }
    }
}

impl Round<'_> {
    pub(crate) async fn work(&self, run: &RunContext) -> Result<Summary> {
        let began = self.tenant.store().now().await.map_err(unreadable)?;
        let mut reports = Reports::default();
        let set_up = |wired: &&Wired| matches!(wired.work, Work::SetUp(_));
        for report in self.all(self.tenant.wired().iter().filter(set_up), run).await {
            // it counts nothing, so it has something to tell only if it did not come to its end
            if !matches!(report.end, JobEnd::Done) {
                reports.add(report);
            }
        }
        // orders first: what they reserve is then part of the stock that is read after them
        let (orders, others): (Vec<&Wired>, Vec<&Wired>) = (self.tenant.wired().iter())
            .filter(|wired| matches!(wired.work, Work::Flow(_)))
            .partition(|wired| wired.plan.class == Class::Orders);
        for flows in [orders, others] {
            self.flows(flows, run, &mut reports).await;
        }
        // what waited for something that has come meanwhile: a client for its segment, credit and orders for their client
        for _ in 0..ROUNDS {
            let waited = self.waited().await?;
            if run.stop.is_cancelled() || (waited.is_empty() && !self.acts_are_ready().await?) {
                break;
            }
            self.flows(waited, run, &mut reports).await;
        }
        Summary::of(self.tenant, reports.0, began).await
    }

    /// These flows, then the acts that they have made.
    async fn flows(&self, flows: Vec<&Wired>, run: &RunContext, reports: &mut Reports) {
        for report in self.all(flows.into_iter(), run).await {
            reports.add(report);
        }
        let outboxes = self.tenant.outboxes().map(|outbox| self.dispatch(outbox, run));
        for report in join_all(outboxes).await {
            reports.add(report);
        }
    }

    /// The flows that have rejects which are due.
    async fn waited(&self) -> Result<Vec<&Wired>> {
        let mut waited = Vec::new();
        for wired in self.tenant.wired() {
            if let Work::Flow(flow) = &wired.work {
                let due = RejectFilter::of_flow(flow.flow_name()).due();
                if self.tenant.store().count_rejects(&due).await.map_err(unreadable)?.count > 0 {
                    waited.push(wired);
                }
            }
        }
        Ok(waited)
    }

    async fn acts_are_ready(&self) -> Result<bool> {
        let store = self.tenant.store();
        let now = store.now().await.map_err(unreadable)?;
        let ready = store.acts(&ActFilter::all().states([ActState::Ready])).await.map_err(unreadable)?;
        Ok(ready.iter().any(|act| act.waits_for_acts.is_empty() && act.next_at.is_none_or(|at| at <= now)))
    }

    async fn all<'w>(&self, jobs: impl Iterator<Item = &'w Wired>, run: &RunContext) -> Vec<Report> {
        let jobs = jobs.map(|wired| async move { self.job(&*wired.job(), run).await });
        join_all(jobs).await
    }

    /// Runs a job to its end; while another process holds its lease, waits, but no longer than a lease lasts.
    async fn job(&self, job: &dyn Job, run: &RunContext) -> Report {
        let give_up = run.clock.now() + self.engine.lease_ttl.get();
        loop {
            let report = run_until_done(job, run).await;
            let JobEnd::Paused(Pause::HeldElsewhere { until }) = report.end else { return report };
            if !self.wait(job.name(), until.min(give_up), run).await {
                return report;
            }
        }
    }

    /// Carries out what is due; acts in the hands of another process are waited for, but no longer than a claim lasts.
    async fn dispatch(&self, outbox: &Outbox, run: &RunContext) -> Report {
        let job = &*outbox.job;
        let give_up = run.clock.now() + self.engine.claim_ttl.get();
        let mut total = run_until_done(job, run).await;
        let sending = ActFilter::all().states([ActState::Sending]).kinds(outbox.kinds.iter().cloned());
        loop {
            let Ok(claimed) = self.tenant.store().acts(&sending).await else { return total };
            let Some(until) = claimed.iter().filter_map(|act| act.next_at).min() else { return total };
            if !self.wait(job.name(), until.min(give_up), run).await {
                return total;
            }
            let next = run_until_done(job, run).await;
            total.counts += next.counts;
            total.elapsed += next.elapsed;
            total.end = next.end;
        }
    }

    /// Waits until that instant; says whether it is worth another try.
    async fn wait(&self, job: &str, until: DateTime<Utc>, run: &RunContext) -> bool {
        // the instant itself still belongs to the holder
        let wait = (until - run.clock.now() + TimeDelta::milliseconds(1)).to_std();
        let Ok(wait) = wait else { return false };
        self.progress.waiting(job, wait);
        tokio::select! {
            () = run.stop.cancelled() => false,
            () = run.clock.sleep(wait) => true,
        }
    }
}

/// The keys under which the flows that fill the outbox are found.
pub(crate) fn order_flows(tenant: &Tenant) -> BTreeMap<&str, &Flow> {
    let orders = tenant.flows().filter(|(entry, _)| entry.class == Class::Orders);
    orders.map(|(_, flow)| (flow.flow_name().as_str(), &**flow)).collect()
}

pub(crate) fn unreadable(error: sync_core::Error) -> Error {
    Error::engine("the store cannot be read", error)
}

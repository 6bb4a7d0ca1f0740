//! Every flow to its end, once, whatever its schedule.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use sync_core::{
    ActFilter, ActState, Class, Flow, Job, JobEnd, Pause, RejectFilter, Report, RunContext, run_until_done,
};
use sync_flows::catalog::{self, Entry};

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
        for wave in waves(self.tenant.wired()) {
            let sections = wave.iter().map(|section| self.section(section, run));
            for report in join_all(sections).await.into_iter().flatten() {
                reports.add(report);
            }
        }
        // what waited for something that has come meanwhile: a client for its segment, credit and orders for their client
        for _ in 0..ROUNDS {
            let mut idle = true;
            for section in sections(self.tenant.wired()) {
                if run.stop.is_cancelled() || !self.is_due(section).await? {
                    continue;
                }
                idle = false;
                for report in self.section(section, run).await {
                    reports.add(report);
                }
            }
            if idle {
                break;
            }
        }
        Summary::of(self.tenant, reports.0, began).await
    }

    /// The jobs of a section one after the other: what makes acts, then what carries them out.
    async fn section(&self, section: &[Wired], run: &RunContext) -> Vec<Report> {
        let mut reports = Vec::new();
        for wired in section {
            match &wired.work {
                Work::SetUp(_) => {}
                Work::Flow(flow) => reports.push(self.job(&**flow, run).await),
                Work::Dispatcher(outbox) => reports.push(self.dispatch(outbox, run).await),
            }
        }
        reports
    }

    /// Whether other flows have made something due for this one: a reject that waited, or an act.
    async fn is_due(&self, section: &[Wired]) -> Result<bool> {
        let store = self.tenant.store();
        let mut kinds = Vec::new();
        for wired in section {
            match &wired.work {
                Work::SetUp(_) => {}
                Work::Flow(flow) => {
                    let due = RejectFilter::of_flow(flow.flow_name()).due();
                    if store.count_rejects(&due).await.map_err(unreadable)?.count > 0 {
                        return Ok(true);
                    }
                }
                Work::Dispatcher(outbox) => kinds.extend(outbox.job.kinds().iter().cloned()),
            }
        }
        if kinds.is_empty() {
            return Ok(false);
        }
        let now = store.now().await.map_err(unreadable)?;
        let ready = ActFilter::all().states([ActState::Ready]).kinds(kinds);
        let ready = store.acts(&ready).await.map_err(unreadable)?;
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
        let sending = ActFilter::all().states([ActState::Sending]).kinds(job.kinds().iter().cloned());
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

/// The jobs of each section of the settings.
fn sections(wired: &[Wired]) -> impl Iterator<Item = &[Wired]> {
    wired.chunk_by(|a, b| a.entry.id == b.entry.id)
}

/// The sections by how many of the others have to work before them, one after the other; those of one wave work at the same time.
fn waves(wired: &[Wired]) -> Vec<Vec<&[Wired]>> {
    let ids: BTreeSet<&str> = wired.iter().map(|wired| wired.entry.id).collect();
    let mut waves = BTreeMap::<usize, Vec<&[Wired]>>::new();
    for section in sections(wired) {
        let Some(first) = section.first() else { continue };
        waves.entry(before(first.entry, &ids)).or_default().push(section);
    }
    waves.into_values().collect()
}

/// How many of these flows work one after the other before it. One that is not among them still hands on what works before it.
fn before(entry: &Entry, ids: &BTreeSet<&str>) -> usize {
    let direct = entry.after.iter().filter_map(|id| catalog::entry(id));
    direct.map(|flow| before(flow, ids) + usize::from(ids.contains(flow.id))).max().unwrap_or_default()
}

/// The keys under which the flows that fill the outbox are found.
pub(crate) fn order_flows(tenant: &Tenant) -> BTreeMap<&str, &Flow> {
    let orders = tenant.flows().filter(|(entry, _)| entry.class == Class::Orders);
    orders.map(|(_, flow)| (flow.flow_name().as_str(), &**flow)).collect()
}

pub(crate) fn unreadable(error: sync_core::Error) -> Error {
    Error::engine("the store cannot be read", error)
}

#[cfg(test)]
mod tests {
    use super::{BTreeSet, before, catalog};

    fn place(id: &str, among: &[&str]) -> usize {
        before(catalog::entry(id).unwrap(), &among.iter().copied().collect::<BTreeSet<_>>())
    }

    #[test]
    fn a_flow_works_after_those_that_the_catalogue_names_and_that_are_wired() {
        let all = ["segments", "new-clients", "orders", "stock", "invoices", "invoice-pdfs"];
        assert_eq!(all.map(|id| place(id, &all)), [0, 1, 2, 3, 3, 4]);
        assert_eq!(place("stock", &["stock"]), 0);
    }

    #[test]
    fn a_flow_that_is_not_wired_hands_on_what_works_before_it() {
        assert_eq!(place("price-list-assignments", &["price-lists"]), 1);
    }
}

//! What a flow is wired with, and what becomes of it.

use std::any::Any;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::NaiveDate;
use soneta_webapi::Installation;
use sync_core::{Act, ActKind, Dispatcher, Flow, Job, JobPlan, Link, Schedule, Submitter};
use sync_flows::catalog::Entry;
use sync_flows::{Jobs, Setup};

use crate::error::{Error, Result};
use crate::flows::{FlowSection, Wiring};
use crate::reads::Reads;
use crate::settings::{ClientsSettings, EngineSettings};

/// What is learned when a person tells the id of what an act made; of what cannot be such an id, what is expected instead.
pub(crate) type Learned = std::result::Result<Vec<Link>, &'static str>;

/// How often a job that sets something up looks again.
const SET_UP_EVERY: Duration = Duration::from_secs(15 * 60);

/// What a section of the settings is wired with.
#[derive(Debug)]
pub(crate) struct Wire<'a> {
    /// The tenant's set-up, with this flow's engine settings.
    pub(crate) setup: Setup,
    /// Which port gives what.
    pub(crate) installation: &'a Installation,
    /// The client of ONe.
    pub(crate) one: &'a one_client::Client,
    /// How its lists are read, and who is ticked.
    pub(crate) reads: &'a Reads,
    /// What the flows of clients share.
    pub(crate) clients: &'a ClientsSettings,
    /// The ids of all flows that are wired.
    pub(crate) flows: &'a BTreeSet<&'static str>,
    /// Records before this day are not transferred.
    pub(crate) start_date: Option<NaiveDate>,
    /// The tenant's sections.
    pub(crate) sections: &'a [FlowSection],
    pub(crate) engine: &'a EngineSettings,
    pub(crate) entry: &'static Entry,
    pub(crate) schedule: Schedule,
}

impl Wire<'_> {
    /// The section's flow: with its schedule, in its class.
    pub(crate) fn flow(&self, flow: Flow) -> Wired {
        self.flow_at(self.schedule.clone(), flow)
    }

    /// The section's flow, with a schedule of its own.
    pub(crate) fn flow_at(&self, schedule: Schedule, flow: Flow) -> Wired {
        let plan = JobPlan::new(schedule, self.entry.class);
        Wired { entry: self.entry, work: Work::Flow(Arc::new(flow)), plan, per_round: None }
    }

    /// A dispatcher of the section's acts, `tenant/section-submit`. `links` is what is learned when a person tells what an act made.
    pub(crate) fn dispatcher(
        &self,
        kinds: impl IntoIterator<Item = ActKind>,
        submitter: impl Submitter + 'static,
        links: fn(&Act, &str) -> Learned,
    ) -> Result<Wired> {
        self.outbox(self.setup.dispatcher(self.entry.id, kinds, submitter)?, links)
    }

    /// The same of a dispatcher that is there: it gets the engine's settings.
    pub(crate) fn outbox(&self, dispatcher: Dispatcher, links: fn(&Act, &str) -> Learned) -> Result<Wired> {
        let dispatcher = dispatcher.with_settings(self.engine.dispatch());
        let plan = JobPlan::new(Schedule::every(self.engine.dispatch_every.get())?, self.entry.class);
        let work = Work::Dispatcher(Outbox { job: Arc::new(dispatcher), links });
        Ok(Wired { entry: self.entry, work, plan, per_round: None })
    }

    /// A flow, and where it ends in the outbox its dispatcher.
    pub(crate) fn jobs(&self, jobs: Jobs, links: fn(&Act, &str) -> Learned) -> Result<Vec<Wired>> {
        let outbox = jobs.dispatcher.map(|dispatcher| self.outbox(dispatcher, links)).transpose()?;
        Ok(std::iter::once(self.flow(jobs.flow)).chain(outbox).collect())
    }

    /// The section of another flow, if there is one.
    pub(crate) fn section<W: Wiring>(&self) -> Option<&W> {
        let section = self.sections.iter().find(|section| section.entry.id == W::ENTRY.id)?;
        let section: &dyn Any = &*section.section;
        section.downcast_ref()
    }

    /// From which day on documents are transferred. Whoever has documents of many years says so.
    pub(crate) fn first_day(&self) -> Result<NaiveDate> {
        self.start_date.ok_or_else(|| {
            Error::config("documents are transferred from a day on, and the settings name none")
                .what_to_do("say start_date = 2026-01-01, for the tenant or in the flow's section")
        })
    }

    /// Something that is set up before the section's flows work: at the start, and every 15 minutes.
    pub(crate) fn setting_up(&self, job: impl SetUp + 'static) -> Result<Wired> {
        let plan = JobPlan::new(Schedule::every(SET_UP_EVERY)?, self.entry.class);
        Ok(Wired { entry: self.entry, work: Work::SetUp(Arc::new(job)), plan, per_round: None })
    }
}

/// A job that sets something up.
#[async_trait]
pub(crate) trait SetUp: Job {
    /// What of the settings it cannot set up, line by line. Changes nothing.
    async fn preflight(&self) -> sync_core::Result<Vec<String>>;
}

/// A job of a flow of the settings.
#[derive(Debug, Clone)]
pub(crate) struct Wired {
    pub(crate) entry: &'static Entry,
    pub(crate) work: Work,
    pub(crate) plan: JobPlan,
    /// So many of the flow's parts are read in a round, if not all.
    pub(crate) per_round: Option<usize>,
}

/// What a job does.
#[derive(Clone)]
pub(crate) enum Work {
    /// Sets something up that flows need.
    SetUp(Arc<dyn SetUp>),
    /// Moves records.
    Flow(Arc<Flow>),
    /// Carries out acts.
    Dispatcher(Outbox),
}

/// A dispatcher, and what is learned when a person tells what an act of it made.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub(crate) job: Arc<Dispatcher>,
    pub(crate) links: fn(&Act, &str) -> Learned,
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetUp(job) => job.fmt(f),
            Self::Flow(flow) => flow.fmt(f),
            Self::Dispatcher(outbox) => outbox.job.fmt(f),
        }
    }
}

impl Wired {
    pub(crate) fn job(&self) -> Arc<dyn Job> {
        match &self.work {
            Work::SetUp(job) => Arc::clone(job) as Arc<dyn Job>,
            Work::Flow(flow) => Arc::clone(flow) as Arc<dyn Job>,
            Work::Dispatcher(outbox) => Arc::clone(&outbox.job) as Arc<dyn Job>,
        }
    }
}

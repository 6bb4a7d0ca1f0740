//! The typed inside of a flow: one part, or many.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::{self, Debug};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::Flow;
use super::ending::Ending;
use super::lane::Lane;
use super::stage::{Lacks, Progress, Stage};
use super::state::PartState;
use crate::error::{Error, ErrorKind, Result};
use crate::job::{Counts, RunContext, StepEnd, Tally};
use crate::lease::Lease;
use crate::mapper::Mapper;
use crate::name::Part;
use crate::parts::{PartList, Parts};
use crate::source::{Source, SourceInfo};
use crate::store::{PageCommit, PageQuery, PartStatus, SentBy};

/// So many parts may fail one after the other before the step gives up: the source as a whole is away.
const FAILING_PARTS: usize = 3;

#[async_trait]
pub(crate) trait Pipeline: Debug + Send + Sync {
    async fn run(&self, flow: &Flow, lease: &Lease, run: &RunContext) -> Result<Tally>;

    /// What a part reads.
    fn source_of(&self, part: &Part) -> SourceInfo;

    /// Whether this is the JSON of a cursor of its sources.
    fn reads_cursor(&self, json: &str) -> bool;

    /// Whether it ends in the outbox.
    fn makes_acts(&self) -> bool;
}

/// One source.
pub(crate) struct Single<S, M, E> {
    source: S,
    mapper: M,
    ending: E,
    lacks: Lacks,
}

impl<S, M, E> Single<S, M, E> {
    pub(crate) fn new(source: S, mapper: M, ending: E) -> Self {
        Self { source, mapper, ending, lacks: Lacks::default() }
    }
}

/// Many sources, one part each.
pub(crate) struct Many<P, M, E> {
    parts: P,
    mapper: M,
    ending: E,
    lacks: Lacks,
}

/// One round over all parts, which may take many steps.
#[derive(Debug)]
pub(crate) struct Round {
    waiting: VecDeque<String>,
    /// Why a part failed in it: the first that did.
    failed: Option<Error>,
}

impl Round {
    /// What is left of it, as if nothing had failed so far.
    pub(crate) fn again(&self) -> Self {
        Self { waiting: self.waiting.clone(), failed: None }
    }
}

impl<P, M, E> Many<P, M, E> {
    pub(crate) fn new(parts: P, mapper: M, ending: E) -> Self {
        Self { parts, mapper, ending, lacks: Lacks::default() }
    }
}

#[async_trait]
impl<S, M, E> Pipeline for Single<S, M, E>
where
    S: Source,
    M: Mapper<S::Record, Out = E::Record>,
    E: Ending,
{
    async fn run(&self, flow: &Flow, lease: &Lease, run: &RunContext) -> Result<Tally> {
        let part = Part::whole(&flow.name);
        let stage =
            Stage { source: &self.source, mapper: &self.mapper, ending: &self.ending, lacks: &self.lacks };
        let mut progress = begin(flow, run).await?;
        match run_part(&stage, flow, lease, &part, &mut progress).await {
            Ok(end) => ended(flow, &progress, end).await,
            Err(error) => after_failure(flow, &progress, error),
        }
    }

    fn source_of(&self, _part: &Part) -> SourceInfo {
        self.source.describe()
    }

    fn reads_cursor(&self, json: &str) -> bool {
        serde_json::from_str::<S::Cursor>(json).is_ok()
    }

    fn makes_acts(&self) -> bool {
        !self.ending.is_target()
    }
}

#[async_trait]
impl<P, M, E> Pipeline for Many<P, M, E>
where
    P: Parts,
    M: Mapper<<P::Source as Source>::Record, Out = E::Record>,
    E: Ending,
{
    async fn run(&self, flow: &Flow, lease: &Lease, run: &RunContext) -> Result<Tally> {
        let mut progress = begin(flow, run).await?;
        self.begin_round(flow, lease).await?;
        let mut failing = 0;
        while let Some(name) = next(flow) {
            if progress.pages_left == 0 || run.stop.is_cancelled() {
                return Ok(Tally::new(progress.total, StepEnd::More));
            }
            let source = self.parts.source(&name);
            let stage =
                Stage { source: &source, mapper: &self.mapper, ending: &self.ending, lacks: &self.lacks };
            let part = Part::named(&flow.name, name.as_str());
            match run_part(&stage, flow, lease, &part, &mut progress).await {
                Ok(StepEnd::End) => {
                    failing = 0;
                    done(flow);
                }
                Ok(end) => return Ok(Tally::new(progress.total, end)),
                Err(error) if is_about_more_than_a_part(error.kind()) => {
                    return after_failure(flow, &progress, error);
                }
                Err(error) => {
                    tracing::warn!(flow = %flow.name, part = %name, %error, "a part failed, the others go on");
                    run.observer.failed(flow.name.as_str(), &error);
                    failing += 1;
                    done(flow);
                    if failing >= FAILING_PARTS {
                        return after_failure(flow, &progress, error);
                    }
                    if let Some(round) = flow.round().as_mut() {
                        round.failed.get_or_insert(error);
                    }
                }
            }
        }
        // what failed is tried again in the next round, and this one does not count as done
        let failed = flow.round().take().and_then(|round| round.failed);
        match failed {
            Some(error) => Err(error),
            None => ended(flow, &progress, StepEnd::End).await,
        }
    }

    fn source_of(&self, part: &Part) -> SourceInfo {
        self.parts.source(part.name()).describe()
    }

    fn reads_cursor(&self, json: &str) -> bool {
        serde_json::from_str::<<P::Source as Source>::Cursor>(json).is_ok()
    }

    fn makes_acts(&self) -> bool {
        !self.ending.is_target()
    }
}

impl<P: Parts, M, E> Many<P, M, E> {
    /// Lists the parts, unless a round is under way: those that were not completed for longest come first. Retires those that
    /// nobody needs any more.
    async fn begin_round(&self, flow: &Flow, lease: &Lease) -> Result<()> {
        if flow.round().is_some() {
            return Ok(());
        }
        let PartList { listed, retired } = self.parts.list().await?;
        if listed.iter().any(String::is_empty) {
            return Err(Error::bug("a part has no name"));
        }
        let known = flow.store.parts(&flow.name).await?;
        let retired: BTreeSet<String> = retired.into_iter().filter(|name| !listed.contains(name)).collect();
        for status in known.iter().filter(|status| retired.contains(status.part.name())) {
            // a plan changes nothing
            if flow.planning.is_none() {
                retire(flow, lease, status, &self.parts.source(status.part.name()).describe()).await?;
            }
        }
        let known: BTreeMap<&str, Option<DateTime<Utc>>> =
            known.iter().map(|status| (status.part.name(), status.last_ok_at)).collect();
        let age = |name: String| (known.get(name.as_str()).copied().flatten(), name);
        let mut waiting: Vec<_> = listed.into_iter().map(age).collect();
        waiting.sort();
        let waiting = waiting.into_iter().map(|(_, name)| name).collect();
        *flow.round() = Some(Round { waiting, failed: None });
        Ok(())
    }
}

/// What the target has of it stays known: if the part is needed again, what is gone meanwhile has to be noticed.
async fn retire(flow: &Flow, lease: &Lease, status: &PartStatus, info: &SourceInfo) -> Result<()> {
    let PartStatus { part, revision, position, population, .. } = status;
    if population.active == 0 {
        tracing::info!(flow = %flow.name, part = part.name(), "nobody needs the part any more, and it is forgotten");
        return flow.store.forget(part, lease).await;
    }
    let state = PartState::decode(info, Some(position))?;
    if !state.retired {
        let state = PartState { retired: true, ..state };
        flow.store.commit(part, lease, PageCommit::new(*revision, state.encode(info)?)).await?;
        tracing::info!(flow = %flow.name, part = part.name(), "nobody needs the part any more");
    }
    Ok(())
}

fn next(flow: &Flow) -> Option<String> {
    flow.round().as_ref().and_then(|round| round.waiting.front().cloned())
}

/// The part in hand is through with this round.
fn done(flow: &Flow) {
    if let Some(round) = flow.round().as_mut() {
        round.waiting.pop_front();
    }
}

async fn begin<'r>(flow: &Flow, run: &'r RunContext) -> Result<Progress<'r>> {
    let waiting = flow.store.waiting(&flow.name).await?;
    Ok(Progress {
        run,
        began_at: flow.clock.now(),
        pages_left: flow.settings.page_budget.max(1),
        total: Counts::default(),
        ahead: 0,
        has_rejects: waiting.rejects > 0,
        is_full: waiting.rejects >= flow.settings.most_rejects,
        has_hints: waiting.hints > 0,
        had_hints: waiting.next_hint_at.is_some(),
    })
}

/// Ends a step that did what it could, and says when hinted records are to be looked up again.
async fn ended(flow: &Flow, progress: &Progress<'_>, end: StepEnd) -> Result<Tally> {
    let tally = Tally::new(progress.total, end);
    if end != StepEnd::End || !progress.had_hints {
        return Ok(tally);
    }
    let waiting = match flow.store.waiting(&flow.name).await {
        Ok(waiting) => waiting,
        // the work is done, and hints wait for the next tick
        Err(error) => {
            tracing::warn!(flow = %flow.name, %error, "not known when hints are due");
            return Ok(tally);
        }
    };
    // what is due still could not be looked up now: it waits for the next tick, as any read that fails does
    Ok(tally.again_at(waiting.next_hint_at.filter(|_| waiting.hints == 0)))
}

async fn run_part<S, M, E>(
    stage: &Stage<'_, S, M, E>,
    flow: &Flow,
    lease: &Lease,
    part: &Part,
    progress: &mut Progress<'_>,
) -> Result<StepEnd>
where
    S: Source,
    M: Mapper<S::Record, Out = E::Record>,
    E: Ending,
{
    let stored = flow.store.read_page(part, PageQuery::default()).await?;
    let sent_by = SentBy::new(&*progress.run.run_id, progress.began_at, stage.mapper.version());
    let mut lane = Lane::new(flow, lease, part, stage.source.describe(), sent_by, stored)?;
    let end = stage.work(&mut lane, progress).await?;
    progress.ahead = progress.total.pages;
    Ok(end)
}

/// What would be the same for every other part.
fn is_about_more_than_a_part(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Auth
            | ErrorKind::Throttled { .. }
            | ErrorKind::Config
            | ErrorKind::Bug
            | ErrorKind::Store
            | ErrorKind::LeaseLost
            | ErrorKind::RevisionConflict
    )
}

/// Ends a step that failed.
///
/// Pages before the failure are committed, and their counts would be lost with the error. The next step begins with the
/// failing page, so it tells the error if it stays; where it would come to other pages first, this one tells it. What the
/// other side asked to wait for is not asked for again at once.
fn after_failure(flow: &Flow, progress: &Progress<'_>, error: Error) -> Result<Tally> {
    let total = progress.total;
    // a defect may show only after its page was committed, and what is incomplete after its last: nothing would tell it again
    if progress.ahead == 0 || matches!(error.kind(), ErrorKind::Bug | ErrorKind::Incomplete) {
        return Err(error);
    }
    if matches!(error.kind(), ErrorKind::Throttled { .. } | ErrorKind::Auth)
        && let Some(pause) = flow.failed(error.kind())
    {
        tracing::warn!(flow = %flow.name, %error, until = %pause.until(), "the flow pauses");
        return Ok(Tally::new(total, StepEnd::Paused(pause)));
    }
    tracing::warn!(flow = %flow.name, %error, "a later page failed, the next step tries it again");
    Ok(Tally::new(total, StepEnd::More))
}

impl<S: Debug, M: Debug, E: Debug> Debug for Single<S, M, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("source", &self.source)
            .field("mapper", &self.mapper)
            .field("ending", &self.ending)
            .finish()
    }
}

impl<P: Debug, M: Debug, E: Debug> Debug for Many<P, M, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("parts", &self.parts)
            .field("mapper", &self.mapper)
            .field("ending", &self.ending)
            .finish()
    }
}

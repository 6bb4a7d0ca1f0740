//! Reads pages ahead and drives them through the stages.

use std::fmt::{self, Debug};

use async_trait::async_trait;

use super::ending::Ending;
use super::page::{PageContext, process};
use super::{Flow, position};
use crate::error::{Error, ErrorKind, Result};
use crate::job::{Counts, RunContext, StepEnd, Tally};
use crate::lease::Lease;
use crate::mapper::Mapper;
use crate::name::Key;
use crate::source::{Item, ReadFrom, Source, SourceInfo, SourceKind};
use crate::store::PageQuery;

/// The typed inside of a [`Flow`].
#[async_trait]
pub(crate) trait Pipeline: Debug + Send + Sync {
    async fn run(&self, flow: &Flow, lease: &Lease, run: &RunContext) -> Result<Tally>;
}

pub(crate) struct Stages<S, M, E> {
    source: S,
    mapper: M,
    ending: E,
}

impl<S, M, E> Stages<S, M, E> {
    pub(crate) fn new(source: S, mapper: M, ending: E) -> Self {
        Self { source, mapper, ending }
    }
}

impl<S: Debug, M: Debug, E: Debug> Debug for Stages<S, M, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("source", &self.source)
            .field("mapper", &self.mapper)
            .field("ending", &self.ending)
            .finish()
    }
}

/// Whole wire pages, gathered for one commit.
struct Gathered<R, C> {
    items: Vec<Item<R>>,
    next: Option<C>,
    position: String,
    end: bool,
}

#[async_trait]
impl<S, M, E> Pipeline for Stages<S, M, E>
where
    S: Source,
    M: Mapper<S::Record, Out = E::Record>,
    E: Ending,
{
    async fn run(&self, flow: &Flow, lease: &Lease, run: &RunContext) -> Result<Tally> {
        let info = self.source.describe();
        let stored = flow.store.read_page(&flow.part, PageQuery::default()).await?;
        let cursor: Option<S::Cursor> = position::decode(&info, stored.position.as_deref())?;
        let batch = flow.settings.batch.unwrap_or_else(|| self.ending.preferred_batch()).max(1);
        let mut context =
            PageContext::new(flow, lease, self.mapper.version(), stored.revision, stored.position);
        let mut total = Counts::default();

        let stopped = |total| Ok(Tally::new(total, StepEnd::More));
        let Some(first) = unless_stopped(run, self.gather(&info, cursor, batch)).await else {
            return stopped(total);
        };
        let mut gathered = first?;
        let mut pages_left = flow.settings.page_budget.max(1);
        loop {
            pages_left -= 1;
            let Gathered { items, next, position, end } = gathered;
            let read_ahead = async {
                if end || pages_left == 0 || run.stop.is_cancelled() {
                    return Ok(None);
                }
                // kept as a result: the page in hand is committed even if the next one cannot be read
                Ok(unless_stopped(run, self.gather(&info, next, batch)).await)
            };
            let work = process(&mut context, &self.mapper, &self.ending, items, position);
            let (counts, ahead) = match futures::future::try_join(work, read_ahead).await {
                Ok(done) => done,
                Err(error) => return after_failure(flow, total, error),
            };
            total += counts;
            run.observer.page(flow.name.as_str(), &counts);
            if end {
                return Ok(Tally::new(total, StepEnd::End));
            }
            let Some(ahead) = ahead.filter(|_| !run.stop.is_cancelled()) else { return stopped(total) };
            gathered = match ahead {
                Ok(gathered) => gathered,
                Err(error) => return after_failure(flow, total, error),
            };
        }
    }
}

/// Ends a step at a page that failed.
///
/// Pages before it are committed, and their counts would be lost with the error. The next step begins with the failing
/// page, so it tells the error if it stays.
fn after_failure(flow: &Flow, total: Counts, error: Error) -> Result<Tally> {
    // a defect may show only after its page was committed, and then nothing would tell it again
    if total.pages == 0 || error.kind() == ErrorKind::Bug {
        return Err(error);
    }
    tracing::warn!(flow = %flow.name, %error, "a later page failed, the next step tries it again");
    Ok(Tally::new(total, StepEnd::More))
}

impl<S: Source, M, E: Ending> Stages<S, M, E> {
    async fn gather(
        &self,
        info: &SourceInfo,
        start: Option<S::Cursor>,
        batch: usize,
    ) -> Result<Gathered<S::Record, S::Cursor>> {
        let mut items: Vec<Item<S::Record>> = Vec::new();
        let mut at = start;
        let mut text = position::encode(info, at.as_ref())?;
        loop {
            let from = at.as_ref().map_or(ReadFrom::Start, ReadFrom::After);
            let page = self.source.read(from, batch).await?;
            name_the_nameless(&text, page.items, &mut items);
            if page.end {
                // a snapshot starts anew; any other source stays where it is if it names no position
                let next = if info.kind == SourceKind::Snapshot { None } else { page.next.or(at) };
                let position = position::encode(info, next.as_ref())?;
                return Ok(Gathered { items, next, position, end: true });
            }
            let Some(next) = page.next else {
                return Err(Error::bug("a source gave neither an end nor a position"));
            };
            let position = position::encode(info, Some(&next))?;
            if position == text {
                return Err(Error::new(
                    ErrorKind::OrderViolation,
                    "the source does not get on: the same position twice",
                ));
            }
            at = Some(next);
            text = position;
            if items.len() >= batch {
                return Ok(Gathered { items, next: at, position: text, end: false });
            }
        }
    }
}

/// Gives records without a key one made from their place, so that reading them again finds the same reject.
fn name_the_nameless<R>(position: &str, wire_page: Vec<Item<R>>, items: &mut Vec<Item<R>>) {
    if items.is_empty() && wire_page.iter().all(|item| item.key().is_some()) {
        *items = wire_page;
        return;
    }
    items.extend(wire_page.into_iter().enumerate().map(|(index, item)| match item {
        Item::Bad { key: None, error, .. } => {
            let mut place = blake3::hash(position.as_bytes()).to_hex().to_string();
            place.truncate(12);
            Item::bad(Some(Key::from(format!("unkeyed:{place}:{index}"))), error)
        }
        keyed => keyed,
    }));
}

async fn unless_stopped<T>(run: &RunContext, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = run.stop.cancelled() => None,
        done = work => Some(done),
    }
}

//! Records that are looked up by their keys: acknowledged, let go, or due once more.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use super::Flow;
use super::ending::Ending;
use super::lane::Lane;
use super::page::{Work, process};
use super::stage::{Progress, Stage, UNKEYED};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::full_pass::Toll;
use crate::mapper::Mapper;
use crate::name::Key;
use crate::reject::{RejectFilter, RejectStage};
use crate::source::{Item, Source, SourceKind};

impl<S, M, E> Stage<'_, S, M, E>
where
    S: Source,
    M: Mapper<S::Record, Out = E::Record>,
    E: Ending,
{
    /// Looks up what was acknowledged: the source may have swallowed a change with it.
    pub(super) async fn look_again(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>) -> Result<()> {
        let items = self.look_up(lane.flow, &lane.state.look_again).await?;
        let mut state = lane.state.clone();
        state.look_again.clear();
        let done = process(lane, self.mapper, self.ending, Work::new(items, state, false)).await?;
        progress.page(lane.flow, &done.counts);
        Ok(())
    }

    /// Carries out the removals that a person approved. Held emptyings are replayed.
    pub(super) async fn release(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>) -> Result<()> {
        let held = RejectFilter::of_part(lane.part).code(Reason::HELD_REMOVAL).limit(self.batch(lane.flow));
        let toll = lane.state.toll.get_or_insert(Toll::new(lane.population.active));
        // the approval is about what was held so far
        toll.let_go();
        loop {
            let rejects = lane.flow.store.rejects(&held).await?;
            if rejects.is_empty() || progress.is_over() {
                break;
            }
            let toll = lane.state.toll.unwrap_or(Toll::new(lane.population.active));
            if !toll.may_remove(rejects.len() as u64, &lane.allowance()) {
                // more is held by now than was approved
                break;
            }
            let items = rejects.into_iter().map(|reject| Item::deleted(reject.key)).collect();
            let work = Work::new(items, lane.state.clone(), false);
            let done = process(lane, self.mapper, self.ending, work).await?;
            progress.page(lane.flow, &done.counts);
            // what the target refuses has another reason now, so each round has fewer
        }
        let emptyings = RejectFilter::of_part(lane.part).code(Reason::HELD_EMPTYING);
        if lane.flow.store.replay_rejects(&emptyings).await? > 0 {
            progress.has_rejects = true;
        }
        Ok(())
    }

    /// Carries out the withdrawals whose acts are settled. The source has told them, and may not be able to tell them again.
    pub(super) async fn withdraw(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>) -> Result<()> {
        let mut due = RejectFilter::of_part(lane.part)
            .code(Reason::WITHDRAWN_AFTER_TRANSFER)
            .due()
            .limit(self.batch(lane.flow));
        while !progress.is_over() {
            let rejects = lane.flow.store.rejects(&due).await?;
            let Some(last) = rejects.last().map(|reject| reject.key.clone()) else { break };
            due = due.after(last);
            // one that waits for nothing is due because a person wants its record looked up
            let waited = rejects.into_iter().filter(|reject| reject.reason.waits_for().is_some());
            let items: Vec<_> = waited.map(|reject| Item::deleted(reject.key)).collect();
            if items.is_empty() {
                continue;
            }
            let work = Work::new(items, lane.state.clone(), false);
            let done = process(lane, self.mapper, self.ending, work).await?;
            progress.page(lane.flow, &done.counts);
        }
        Ok(())
    }

    /// Looks up the records of rejects that are due. A look-up that fails holds nothing else up, unless the source asks for
    /// fewer calls or refuses the credentials. A snapshot that cannot look up is read whole right after.
    pub(super) async fn replay(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>) -> Result<()> {
        let mut due = RejectFilter::of_part(lane.part).due().limit(self.batch(lane.flow));
        while !progress.is_over() && !self.lacks.look_up() {
            let rejects = lane.flow.store.rejects(&due).await?;
            let Some(last) = rejects.last().map(|reject| reject.key.clone()) else { break };
            let of_records = rejects.into_iter().filter(|reject| {
                reject.stage != RejectStage::Link && !reject.key.as_str().starts_with(UNKEYED)
            });
            let keys: Vec<Key> = of_records.map(|reject| reject.key).collect();
            due = due.after(last);
            if keys.is_empty() {
                continue;
            }
            let items = match self.look_up(lane.flow, &keys).await {
                Ok(items) => items,
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Bug | ErrorKind::Throttled { .. } | ErrorKind::Auth
                    ) =>
                {
                    return Err(error);
                }
                Err(error)
                    if error.kind() == ErrorKind::Unsupported && lane.info.kind == SourceKind::Snapshot =>
                {
                    break;
                }
                Err(error) => {
                    tracing::warn!(flow = %lane.flow.name, %error, "rejects were not replayed");
                    break;
                }
            };
            let work = Work::new(items, lane.state.clone(), false);
            let done = process(lane, self.mapper, self.ending, work).await?;
            progress.page(lane.flow, &done.counts);
        }
        Ok(())
    }

    /// Looks up exactly these keys.
    pub(super) async fn look_up(&self, flow: &Flow, keys: &[Key]) -> Result<Vec<Item<S::Record>>> {
        let fetched = flow.retry.run(&*flow.clock, || self.source.fetch(keys)).await;
        let items = fetched.inspect_err(|error| {
            if error.kind() == ErrorKind::Unsupported {
                self.lacks.look_up.store(true, Ordering::Relaxed);
            }
        })?;
        let asked: BTreeSet<Option<&Key>> = keys.iter().map(Some).collect();
        let answered: BTreeSet<Option<&Key>> = items.iter().map(Item::key).collect();
        if asked != answered || items.len() != keys.len() {
            return Err(Error::bug("a source did not give one item per key that was looked up"));
        }
        Ok(items)
    }
}

//! The end of a full pass: what it did not find.

use super::cycle;
use super::ending::Ending;
use super::lane::Lane;
use super::page::{Work, process};
use super::stage::{Progress, Stage, incomplete};
use crate::error::{ErrorKind, Result};
use crate::job::StepEnd;
use crate::mapper::Mapper;
use crate::name::Key;
use crate::seen::Seen;
use crate::source::{Item, Source};

impl<S, M, E> Stage<'_, S, M, E>
where
    S: Source,
    M: Mapper<S::Record, Out = E::Record>,
    E: Ending,
{
    /// Sees to what the full pass did not find, and ends it.
    pub(super) async fn sweep(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>) -> Result<StepEnd> {
        let (flow, absences) = (lane.flow, lane.flow.settings.absences.max(1));
        let mut held = 0;
        loop {
            let Some(pass) = lane.state.pass.as_ref() else { return Ok(StepEnd::End) };
            let concludes = pass.inconclusive.is_none() && self.ending.is_target();
            let after = pass.sweep.as_ref().and_then(|sweep| sweep.after.clone());
            let rows = match concludes {
                true => flow.store.unseen(lane.part, after.as_ref(), self.batch(flow)).await?,
                false => Vec::new(),
            };
            let Some((last, _)) = rows.last() else { break };
            if progress.is_over() {
                return Ok(StepEnd::More);
            }
            let last = last.clone();
            let keys: Vec<Key> = rows.iter().map(|(key, _)| key.clone()).collect();
            let looked_up = match self.lacks.look_up() {
                true => None,
                false => match self.look_up(flow, &keys).await {
                    Ok(items) => Some(items),
                    Err(error) if error.kind() == ErrorKind::Unsupported => None,
                    Err(error) => return Err(error),
                },
            };
            if looked_up.is_none() && lane.info.shifting {
                tracing::warn!(flow = %flow.name, missing = rows.len(), "records may have slipped from page to page: nothing is removed without a look-up");
                break;
            }
            if after.is_none() {
                let least = if looked_up.is_some() { 0 } else { absences - 1 };
                let planned = flow.store.count_unseen(lane.part, least).await?;
                if !pass.toll.may_remove(planned, &lane.allowance()) {
                    held = planned;
                    break;
                }
            }
            let (items, missing) = match looked_up {
                Some(items) => (items, Vec::new()),
                None => {
                    let (gone, missing): (Vec<_>, Vec<_>) =
                        rows.into_iter().partition(|(_, sent)| sent.absences + 1 >= absences);
                    let missing = missing.into_iter().map(|(key, sent)| {
                        let absences = sent.absences + 1;
                        (key, sent.missing(absences))
                    });
                    (gone.into_iter().map(|(key, _)| Item::deleted(key)).collect(), missing.collect())
                }
            };
            let mut state = lane.state.clone();
            if let Some(sweep) = state.pass.as_mut().and_then(|pass| pass.sweep.as_mut()) {
                sweep.after = Some(last);
            }
            let work = Work { missing, ..Work::new(items, state, true) };
            let done = process(lane, self.mapper, self.ending, work).await?;
            progress.page(flow, &done.counts);
        }
        self.end_pass(lane, held).await
    }

    async fn end_pass(&self, lane: &mut Lane<'_>, held: u64) -> Result<StepEnd> {
        let mut state = lane.state.clone();
        let of = state.pass.as_ref().map_or(0, |pass| pass.toll.of());
        let is_held = state.pass.as_ref().is_some_and(|pass| pass.toll.held() > 0);
        // a pass that concludes nothing knows nothing new of what was missing before
        let is_inconclusive = state.pass.as_ref().is_some_and(|pass| pass.inconclusive.is_some());
        let before = state.held.as_ref().map_or(0, |held| held.amounts().sweep);
        let sweep = if is_inconclusive { before } else { held };
        if sweep > 0 || is_held || state.held.is_some() {
            cycle::recount(lane, &mut state, sweep, of).await?;
        }
        let mut commit = lane.begin_commit(&state)?;
        let incomplete_pass = cycle::close_pass(lane, &mut state, &mut commit);
        commit.position = state.encode(&lane.info)?;
        commit.approval_used = cycle::used_approval(lane, &state);
        lane.commit(commit, state).await?;
        lane.seen = Seen::default();
        incomplete_pass.map_or(Ok(StepEnd::End), |why| Err(incomplete(why)))
    }
}

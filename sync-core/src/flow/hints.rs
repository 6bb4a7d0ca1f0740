//! Records that somebody hinted at.

use super::ending::Ending;
use super::lane::Lane;
use super::page::{Work, process};
use super::stage::{Progress, Stage};
use crate::error::{ErrorKind, Result};
use crate::mapper::Mapper;
use crate::name::Key;
use crate::source::Source;
use crate::webhook::{Hint, HintSettled};

impl<S, M, E> Stage<'_, S, M, E>
where
    S: Source,
    M: Mapper<S::Record, Out = E::Record>,
    E: Ending,
{
    /// Looks up the records of hints that are due, each at most once in a step. A look-up that fails holds nothing else up,
    /// unless the source asks for fewer calls or refuses the credentials.
    pub(super) async fn take_hints(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>) -> Result<()> {
        let ahead = progress.ahead;
        let mut after: Option<Key> = None;
        let mut limit = self.batch(lane.flow);
        while !progress.is_over() {
            let hints = lane.flow.store.hints(lane.part, after.as_ref(), limit).await?;
            let Some(last) = hints.last().map(|hint| hint.key.clone()) else { break };
            if self.lacks.look_up() {
                settle(lane, hints.iter().map(HintSettled::done).collect()).await?;
                continue;
            }
            let keys: Vec<Key> = hints.iter().map(|hint| hint.key.clone()).collect();
            match self.look_up(lane.flow, &keys).await {
                Ok(items) => {
                    let work = Work { hints, ..Work::new(items, lane.state.clone(), false) };
                    let done = process(lane, self.mapper, self.ending, work).await?;
                    progress.page(lane.flow, &done.counts);
                }
                // whoever wakes the flow makes it read its changes, which is all it can do
                Err(error) if error.kind() == ErrorKind::Unsupported => continue,
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::Bug | ErrorKind::Throttled { .. } | ErrorKind::Auth
                    ) =>
                {
                    return Err(error);
                }
                // a key that the source refuses is found by asking for one at a time
                Err(error) if error.kind().is_about_records() && hints.len() > 1 => {
                    limit = 1;
                    continue;
                }
                Err(error) if error.kind().is_about_records() => {
                    tracing::warn!(flow = %lane.flow.name, %error, "a hinted record was not looked up");
                    settle(lane, hints.iter().map(|hint| unanswered(lane, hint)).collect()).await?;
                    progress.pages_left = progress.pages_left.saturating_sub(1);
                }
                Err(error) => {
                    tracing::warn!(flow = %lane.flow.name, %error, "hinted records were not looked up");
                    break;
                }
            }
            after = Some(last);
        }
        // more hints come with the next step: no failure may hide behind them, nor do they keep changes from being read
        progress.ahead = ahead;
        progress.pages_left = progress.pages_left.max(1);
        Ok(())
    }
}

/// Settles hints and nothing else.
async fn settle(lane: &mut Lane<'_>, settled: Vec<HintSettled>) -> Result<()> {
    let state = lane.state.clone();
    let mut commit = lane.begin_commit(&state)?;
    commit.hints = settled;
    lane.commit(commit, state).await.map(drop)
}

/// A look-up found nothing new: the source may show it later.
pub(super) fn unanswered(lane: &Lane<'_>, hint: &Hint) -> HintSettled {
    let again = usize::try_from(hint.attempts).ok();
    match again.and_then(|attempts| lane.flow.settings.hints_again.get(attempts)) {
        Some(wait) => HintSettled::again(hint, *wait),
        None => HintSettled::done(hint),
    }
}

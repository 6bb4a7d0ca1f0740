//! One part's work within a step: look again, release, replay, changes, full pass.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, NaiveTime, Timelike, Utc};

use super::ending::Ending;
use super::gather::{Gathered, Told};
use super::lane::Lane;
use super::page::{Done, Last, Work, process};
use super::state::{PartState, RawCursor};
use super::{Flow, cycle};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::full_pass::{Amounts, Inconclusive, Pass};
use crate::job::{Counts, RunContext, StepEnd};
use crate::mapper::Mapper;
use crate::name::{Key, Receipt};
use crate::reject::RejectFilter;
use crate::schedule::Schedule;
use crate::seen::Seen;
use crate::source::{Item, Source, SourceKind};

/// Keys made from the place of a record that has none.
pub(crate) const UNKEYED: &str = "unkeyed:";

/// The typed stages of one part.
pub(crate) struct Stage<'s, S, M, E> {
    pub(crate) source: &'s S,
    pub(crate) mapper: &'s M,
    pub(crate) ending: &'s E,
    pub(crate) lacks: &'s Lacks,
}

/// What the source cannot do, learned from its answers.
#[derive(Debug, Default)]
pub(crate) struct Lacks {
    pub(super) look_up: AtomicBool,
    full_pass: AtomicBool,
}

impl Lacks {
    pub(super) fn look_up(&self) -> bool {
        self.look_up.load(Ordering::Relaxed)
    }

    fn full_pass(&self) -> bool {
        self.full_pass.load(Ordering::Relaxed)
    }
}

/// What one step may still do, and has done.
pub(crate) struct Progress<'r> {
    pub(crate) run: &'r RunContext,
    /// When the step began.
    pub(crate) began_at: DateTime<Utc>,
    pub(crate) pages_left: usize,
    pub(crate) total: Counts,
    /// So many pages were committed since a place to which the next step comes again: it begins with what follows them.
    pub(crate) ahead: u64,
    /// The flow has live rejects.
    pub(crate) has_rejects: bool,
    /// It had as many as it may have when the step began.
    pub(crate) is_full: bool,
    /// The flow has hints that are due.
    pub(crate) has_hints: bool,
    /// The flow had hints when the step began, due or not.
    pub(crate) had_hints: bool,
}

impl Progress<'_> {
    pub(super) fn is_over(&self) -> bool {
        self.pages_left == 0 || self.run.stop.is_cancelled()
    }

    pub(super) fn page(&mut self, flow: &Flow, counts: &Counts) {
        self.pages_left = self.pages_left.saturating_sub(1);
        self.total += *counts;
        self.ahead += counts.pages;
        self.run.observer.page(flow.name.as_str(), counts);
    }
}

impl<S, M, E> Stage<'_, S, M, E>
where
    S: Source,
    M: Mapper<S::Record, Out = E::Record>,
    E: Ending,
{
    /// Works on the part until nothing is left or the step is over.
    pub(crate) async fn work(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>) -> Result<StepEnd> {
        if lane.state.pass.is_some() {
            lane.seen = Seen::of(lane.flow.store.seen(lane.part).await?);
        }
        if !lane.state.writing.is_empty() {
            lane.recover().await?;
        }
        if let Some(command) = lane.command.take() {
            lane.take_up(command).await?;
        }
        if !lane.state.look_again.is_empty() {
            self.look_again(lane, progress).await?;
        }
        let is_snapshot = lane.info.kind == SourceKind::Snapshot;
        if lane.approved.is_some() && !is_snapshot {
            self.release(lane, progress).await?;
        }
        if progress.has_rejects {
            let ahead = progress.ahead;
            if !self.ending.is_target() {
                self.withdraw(lane, progress).await?;
            }
            self.replay(lane, progress).await?;
            // what is due once more comes again with the next step: no failure may hide behind it for ever
            progress.ahead = ahead;
            // a person who approved has looked, and what he let go makes room
            if progress.is_full && lane.approved.is_none() {
                stop_if_full(lane).await?;
            }
        }
        if progress.has_hints {
            self.take_hints(lane, progress).await?;
        }
        if !is_snapshot {
            if progress.is_over() || self.cycle(lane, progress, false).await? == StepEnd::More {
                return Ok(StepEnd::More);
            }
            if !self.is_due(lane) {
                return Ok(StepEnd::End);
            }
            // the next step would read changes first: what fails from here on is told at once
            progress.ahead = 0;
            // and a full pass gets on, however few pages a step may have
            progress.pages_left = progress.pages_left.max(1);
        }
        if progress.is_over() {
            return Ok(StepEnd::More);
        }
        let end = self.full_pass(lane, progress).await?;
        if end == StepEnd::End && progress.has_rejects && self.ending.is_target() {
            self.forget_nameless(lane).await?;
        }
        Ok(end)
    }

    async fn full_pass(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>) -> Result<StepEnd> {
        if lane.state.pass.as_ref().is_some_and(|pass| pass.sweep.is_some()) {
            return self.sweep(lane, progress).await;
        }
        match self.cycle(lane, progress, true).await {
            // before the first page of a pass nothing but the source can have said so
            Err(error) if error.kind() == ErrorKind::Unsupported && lane.state.pass.is_none() => {
                self.lacks.full_pass.store(true, Ordering::Relaxed);
                let asked = lane.state.backfill;
                if asked {
                    // said once: it can never be
                    let state = PartState { backfill: false, ..lane.state.clone() };
                    lane.commit(lane.begin_commit(&state)?, state).await?;
                }
                let settings = &lane.flow.settings;
                match settings.full_pass.is_some() || settings.full_pass_at.is_some() {
                    false if lane.info.kind != SourceKind::Snapshot && !asked => Ok(StepEnd::End),
                    _ => Err(Error::config(
                        "a full pass is asked for, of a source that cannot list everything",
                    )
                    .with_source(error)),
                }
            }
            end => end,
        }
    }

    /// Clears the rejects of records without a key, once a full pass read everything and met none: what one of them was is right by
    /// now, or gone.
    async fn forget_nameless(&self, lane: &mut Lane<'_>) -> Result<()> {
        if lane.state.inconclusive.is_some() {
            return Ok(());
        }
        let mut nameless =
            RejectFilter::of_part(lane.part).after(UNKEYED.into()).limit(self.batch(lane.flow));
        loop {
            let rejects = lane.flow.store.rejects(&nameless).await?;
            let keys = rejects.into_iter().map(|reject| reject.key);
            let keys: Vec<Key> = keys.take_while(|key| key.as_str().starts_with(UNKEYED)).collect();
            let Some(last) = keys.last().cloned() else { return Ok(()) };
            nameless = nameless.after(last);
            let state = lane.state.clone();
            let mut commit = lane.begin_commit(&state)?;
            commit.cleared = keys;
            lane.commit(commit, state).await?;
        }
    }

    /// Reads the live cycle or the full pass to its end, or until the step is over.
    async fn cycle(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>, full: bool) -> Result<StepEnd> {
        let (flow, kind, run) = (lane.flow, lane.info.kind, progress.run);
        let cursor = lane.state.cursor_of(full).cloned();
        let Some(first) = unless_stopped(run, self.gather(flow, kind, cursor, full)).await else {
            return Ok(StepEnd::More);
        };
        let mut gathered = first?;
        let mut receipts_before = Vec::new();
        loop {
            let Gathered { items, next, last, told } = gathered;
            if let Some(planning) = flow.planning.as_ref().filter(|_| kind == SourceKind::Queue && !full)
                && planning.repeats(lane.part, &items, last.is_some())
            {
                return self.end(lane, progress, full).await;
            }
            let work = self.take_in(lane, items, next.clone(), last, &told, full)?;
            let goes_on = last.is_none() && progress.pages_left > 1;
            let read_ahead = async {
                if !goes_on || kind == SourceKind::Queue || run.stop.is_cancelled() {
                    return Ok(None);
                }
                // kept as a result: the page in hand is committed even if the next one cannot be read
                Ok(unless_stopped(run, self.gather(flow, kind, next.clone(), full)).await)
            };
            let work = process(lane, self.mapper, self.ending, work);
            let (done, ahead) = futures::future::try_join(work, read_ahead).await?;
            progress.page(flow, &done.counts);
            self.acknowledge(lane, progress, &done, &mut receipts_before).await?;
            if let Some(why) = done.incomplete {
                if !full {
                    self.conclude(lane, false).await?;
                }
                return Err(incomplete(why));
            }
            if last.is_some() {
                return self.end(lane, progress, full).await;
            }
            flow.rest(run).await;
            if progress.is_over() {
                return Ok(StepEnd::More);
            }
            let ahead = match ahead {
                Some(ahead) => Some(ahead),
                None => {
                    let cursor = lane.state.cursor_of(full).cloned();
                    unless_stopped(run, self.gather(flow, kind, cursor, full)).await
                }
            };
            let Some(ahead) = ahead else { return Ok(StepEnd::More) };
            gathered = ahead?;
        }
    }

    /// What a page changes in the part's state.
    fn take_in(
        &self,
        lane: &mut Lane<'_>,
        items: Vec<Item<S::Record>>,
        next: Option<RawCursor>,
        last: Option<Last>,
        told: &Told,
        full: bool,
    ) -> Result<Work<S::Record>> {
        let begins_pass = full && lane.state.pass.is_none();
        if begins_pass {
            let now = lane.flow.clock.now();
            let every = lane.flow.settings.reassert;
            let reassert = every.is_some_and(|every| has_passed(lane.state.reasserted_at, every, now));
            let mut pass =
                Pass::new(now, reassert && lane.state.reasserted_at.is_some(), lane.population.active);
            if lane.info.kind == SourceKind::Snapshot {
                // what replays took away since the last pass counts with this one
                pass.toll = lane.state.toll.take().unwrap_or(pass.toll);
            }
            pass.asked = std::mem::take(&mut lane.state.backfill);
            lane.seen = Seen::default();
            lane.state.pass = Some(pass);
        }
        let mut state = lane.state.clone();
        state.told(told.as_of, told.highest, lane.flow.settings.clock_tolerance)?;
        if let Some(pass) = state.pass.as_mut().filter(|_| full) {
            pass.cursor = next;
            pass.count(told.rows, told.total, told.unkeyed);
            if told.totals_differ {
                pass.inconclusive = pass.inconclusive.or(Some(Inconclusive::OtherTotal));
            }
        } else {
            state.cursor = next;
            if lane.info.ack_swallows {
                let acknowledged = items.iter().filter(|item| item.has_receipt());
                let keys: BTreeSet<Key> = acknowledged.filter_map(|item| item.key().cloned()).collect();
                state.look_again =
                    keys.into_iter().filter(|key| !key.as_str().starts_with(UNKEYED)).collect();
            }
        }
        Ok(Work { last, begins_pass, ..Work::new(items, state, full) })
    }

    async fn acknowledge(
        &self,
        lane: &mut Lane<'_>,
        progress: &mut Progress<'_>,
        done: &Done,
        before: &mut Vec<Receipt>,
    ) -> Result<()> {
        if done.receipts.is_empty() {
            return Ok(());
        }
        // the next step gets these records again first, so a failure is told at once
        progress.ahead = 0;
        let receipts: Vec<Receipt> = done.receipts.iter().map(|(receipt, _)| receipt.clone()).collect();
        if receipts == *before {
            return Err(Error::new(
                ErrorKind::OrderViolation,
                "the source does not get on: it gives again what was acknowledged",
            ));
        }
        if lane.flow.planning.is_none() {
            self.source.acknowledge(&done.receipts).await?;
        }
        *before = receipts;
        if lane.state.look_again.is_empty() { Ok(()) } else { self.look_again(lane, progress).await }
    }

    /// The source was read to its end.
    async fn end(&self, lane: &mut Lane<'_>, progress: &mut Progress<'_>, full: bool) -> Result<StepEnd> {
        if full && lane.state.pass.is_some() {
            return self.sweep(lane, progress).await;
        }
        if !full {
            // the next step begins with a cycle of its own, so a failure is told at once
            progress.ahead = 0;
            self.conclude(lane, true).await?;
        }
        Ok(StepEnd::End)
    }

    /// Counts what the live cycle held back, and ends it.
    async fn conclude(&self, lane: &mut Lane<'_>, completed: bool) -> Result<()> {
        if lane.state.toll.is_some() || lane.state.held.is_some() {
            let mut state = lane.state.clone();
            let of = state.toll.take().map_or(lane.population.active, |toll| toll.of());
            let sweep = state.held.as_ref().map_or(0, |held| held.amounts().sweep);
            // an approved full pass still has to come
            if !self.waits_for_pass(lane) {
                cycle::recount(lane, &mut state, sweep, of).await?;
            }
            if self.waits_for_records(lane) {
                cycle::keep_approved(lane, &mut state);
            }
            let mut commit = lane.begin_commit(&state)?;
            commit.completed = completed;
            commit.approval_used = cycle::used_approval(lane, &state);
            lane.commit(commit, state).await?;
        }
        Ok(())
    }

    /// Whether something was approved that only a full pass can let go.
    fn waits_for_pass(&self, lane: &Lane<'_>) -> bool {
        let lets_go =
            |approved: Amounts| approved.sweep > 0 || (approved.emptyings > 0 && self.lacks.look_up());
        lane.approved.is_some_and(lets_go) && !self.lacks.full_pass()
    }

    /// Whether something was approved that goes only when its records come again by themselves.
    fn waits_for_records(&self, lane: &Lane<'_>) -> bool {
        let waits = |approved: Amounts| approved.emptyings > 0 && self.lacks.look_up();
        lane.approved.is_some_and(waits) && self.lacks.full_pass()
    }

    /// Whether a full pass is under way or has to begin.
    fn is_due(&self, lane: &Lane<'_>) -> bool {
        let (settings, now) = (&lane.flow.settings, lane.flow.clock.now());
        lane.state.pass.is_some()
            || lane.state.backfill
            || self.waits_for_pass(lane)
            || settings.full_pass.is_some_and(|every| has_passed(lane.state.passed_at, every, now))
            || settings.full_pass_at.is_some_and(|time| has_struck(lane.state.passed_at, time, now))
    }

    pub(super) fn batch(&self, flow: &Flow) -> usize {
        flow.settings.batch.unwrap_or_else(|| self.ending.preferred_batch()).max(1)
    }
}

/// Rejects are bounded: where nobody looks at them, more of them help nobody.
async fn stop_if_full(lane: &Lane<'_>) -> Result<()> {
    let flow = lane.flow;
    let curable = RejectFilter::of_flow(&flow.name).except(Reason::REMOVAL_NOT_SUPPORTED);
    let rejects = flow.store.count_rejects(&curable).await?.count;
    if rejects < flow.settings.most_rejects {
        return Ok(());
    }
    let message = format!("the flow has {rejects} live rejects, as many as it may have");
    Err(Error::new(ErrorKind::SystemicFailure, message))
}

fn has_passed(since: Option<DateTime<Utc>>, every: std::time::Duration, now: DateTime<Utc>) -> bool {
    since.is_none_or(|since| (now - since).to_std().is_ok_and(|passed| passed >= every))
}

/// Whether it was this time of the day since.
fn has_struck(since: Option<DateTime<Utc>>, time: NaiveTime, now: DateTime<Utc>) -> bool {
    let whole_second = time.with_nanosecond(0).unwrap_or(time);
    let next = |since| Schedule::daily_at(whole_second).ok().and_then(|daily| daily.next_after(since));
    since.is_none_or(|since| next(since).is_some_and(|next| next <= now))
}

pub(super) fn incomplete(why: Inconclusive) -> Error {
    Error::new(
        ErrorKind::Incomplete,
        match why {
            Inconclusive::Empty => "the source gives nothing at all, though much of it is in the target",
            _ => "the source was cut short: what is behind was not read",
        },
    )
}

pub(crate) async fn unless_stopped<T>(run: &RunContext, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = run.stop.cancelled() => None,
        done = work => Some(done),
    }
}

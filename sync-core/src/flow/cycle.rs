//! The end of a cycle: what it concludes, and what it holds back.

use super::lane::Lane;
use super::page::Last;
use super::state::PartState;
use crate::error::{Reason, Result};
use crate::full_pass::{Amounts, Held, Inconclusive, Sweep};
use crate::reject::RejectFilter;
use crate::source::SourceKind;
use crate::store::{PageCommit, Population};

/// Ends the cycle within the commit of its last page, where nothing is missing and nothing held. Otherwise what is left to
/// do stays in the state: [`Pass::sweep`](crate::full_pass::Pass::sweep) or the live cycle's toll.
///
/// Tells what the source did not give.
pub(crate) fn wrap_up(
    lane: &Lane<'_>,
    state: &mut PartState,
    commit: &mut PageCommit,
    full: bool,
    last: Last,
    population: Population,
    is_target: bool,
) -> Option<Inconclusive> {
    if !full {
        let held = state.toll.map_or(0, |toll| toll.held());
        if held == 0 && state.held.is_none() {
            state.toll = None;
            commit.completed = !last.cut_short;
        }
        return last.cut_short.then_some(Inconclusive::CutShort);
    }
    let pass = state.pass.as_mut()?;
    pass.end(last.cut_short, lane.flow.settings.allow_empty || population.active == 0);
    let swept = pass.inconclusive.is_some() || !is_target || lane.seen.count() == population.active;
    if swept && pass.toll.held() == 0 && state.held.is_none() {
        return close_pass(lane, state, commit);
    }
    pass.sweep = Some(Sweep::default());
    None
}

/// Ends the full pass. Tells what the source did not give.
pub(crate) fn close_pass(
    lane: &Lane<'_>,
    state: &mut PartState,
    commit: &mut PageCommit,
) -> Option<Inconclusive> {
    let pass = state.pass.take()?;
    state.inconclusive = pass.inconclusive;
    commit.forget_seen = true;
    // what was cut short has to be read again soon, and its cycle was none
    let incomplete =
        pass.inconclusive.filter(|why| matches!(why, Inconclusive::CutShort | Inconclusive::Empty));
    state.backfill |= pass.asked && incomplete.is_some();
    if incomplete.is_none() {
        state.passed_at = Some(pass.began);
        let first = lane.flow.settings.reassert.is_some() && state.reasserted_at.is_none();
        if pass.reassert || first {
            state.reasserted_at = Some(pass.began);
        }
        commit.completed = lane.info.kind == SourceKind::Snapshot;
    }
    incomplete
}

/// The approval's token, if what was approved is settled. As long as it is held under the same name, the approval stays.
pub(crate) fn used_approval(lane: &Lane<'_>, state: &PartState) -> Option<String> {
    let is_held = state.held.as_ref().map(|held| &held.token) == lane.approval.as_ref();
    lane.approval.clone().filter(|_| lane.approved.is_some() && !is_held)
}

/// What is left of what was approved keeps its name, and so its approval.
pub(crate) fn keep_approved(lane: &Lane<'_>, state: &mut PartState) {
    if let (Some(approved), Some(before), Some(held)) = (lane.approved, &lane.state.held, &mut state.held)
        && held.amounts().are_within(approved)
    {
        held.token.clone_from(&before.token);
    }
}

/// Counts what is held back now: live rejects, and `sweep` records that a full pass found missing.
pub(crate) async fn recount(lane: &Lane<'_>, state: &mut PartState, sweep: u64, of: u64) -> Result<()> {
    let count = async |code| {
        let filter = RejectFilter::of_part(lane.part).code(code);
        lane.flow.store.count_rejects(&filter).await.map(|rejects| rejects.count)
    };
    let removals = count(Reason::HELD_REMOVAL).await? + sweep;
    let emptyings = count(Reason::HELD_EMPTYING).await?;
    let before = state.held.take();
    if removals + emptyings == 0 {
        return Ok(());
    }
    let amounts = Amounts { removals, emptyings, rejects: 0, sweep, of };
    // the same amounts are the same matter: what a person looks at keeps its name
    if let Some(before) = before.as_ref().filter(|before| Amounts { of, ..before.amounts() } == amounts) {
        state.held = Some(before.clone());
        return Ok(());
    }
    let since = before.map_or_else(|| lane.flow.clock.now(), |held| held.since);
    let held = Held::new(lane.part.name(), since, amounts);
    tracing::warn!(flow = %lane.flow.name, part = lane.part.name(), %held, "held back until a person approves");
    state.held = Some(held);
    Ok(())
}

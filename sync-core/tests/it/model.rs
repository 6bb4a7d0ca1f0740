//! A model of the state lane: random worlds, random operations, crashes and faults; what has to hold, holds.
//!
//! `SYNC_CORE_SEED=…` plays one seed alone, `SYNC_CORE_SEEDS=…` so many of each way to read.

mod found;
mod land;
mod laws;
mod plans;
pub(crate) mod play;
mod sweep;

use std::panic::{AssertUnwindSafe, catch_unwind};

use land::{Way, lock};
use play::Play;
use rstest::rstest;

const SEEDS: u64 = 231;
const OPERATIONS: usize = 40;

/// Plays a seed; a failure tells how to play it again.
fn play(seed: u64, way: Way, prepare: impl FnOnce(Play) -> Play) {
    let mut play = prepare(Play::new(seed, way));
    let trace = play.trace.clone();
    let played = catch_unwind(AssertUnwindSafe(|| {
        for _ in 0..OPERATIONS {
            play.operate();
        }
        play.quiesce();
    }));
    if let Err(failure) = played {
        let said = failure.downcast_ref::<String>().cloned();
        let said = said.or_else(|| failure.downcast_ref::<&str>().map(|&text| text.to_owned()));
        panic!(
            "seed {seed} of {way:?}: {}\n{}\nagain: SYNC_CORE_SEED={seed} cargo test -p sync-core --test it {way:?}",
            said.unwrap_or_default(),
            lock(&trace).join("\n"),
        );
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

#[rstest]
fn whatever_happens_nothing_is_lost_and_nothing_wrong_is_sent(
    #[values(
        Way::Snapshot,
        Way::SnapshotWithLookUp,
        Way::Shifting,
        Way::ShiftingWithLookUp,
        Way::Keyset,
        Way::KeysetWithoutTies,
        Way::Feed,
        Way::FeedWithoutLookUp,
        Way::Queue,
        Way::SwallowingQueue,
        Way::Reconciled,
        Way::PartsOfSnapshots,
        Way::PartsOfFeeds
    )]
    way: Way,
) {
    match number("SYNC_CORE_SEED") {
        Some(seed) => play(seed, way, |play| play),
        None => (0..number("SYNC_CORE_SEEDS").unwrap_or(SEEDS)).for_each(|seed| play(seed, way, |play| play)),
    }
}

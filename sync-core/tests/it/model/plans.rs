//! L12: what is planned is what happens, and planning changes nothing.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use rstest::rstest;
use sync_core::{
    Counts, EffectKind, Flow, Job, Plan, PlanSettings, RejectFilter, Result, RunContext, StepEnd,
};

use super::land::{Way, lock, ready};
use super::play::{Play, Ran, polled};
use crate::world::{TTL, name};

const SEEDS: u64 = 12;

/// Everything there is: stores, queues, target.
fn everything(play: &Play) -> String {
    format!("{:?}\n{:?}\n{:?}", play.raw, lock(&play.land.truths), lock(&play.shelf))
}

fn done<T>(future: impl Future<Output = T>) -> T {
    match polled(pin!(future), 100_000) {
        Ran::Ready(done) => done,
        _ => panic!("it does not end"),
    }
}

fn plan(play: &Play, flow: &Flow, settings: PlanSettings) -> Plan {
    let before = everything(play);
    let calls = play.land.sink_faults.calls();
    let plan = done(flow.plan(&RunContext::default(), settings)).unwrap();
    assert_eq!(everything(play), before, "planning changed something");
    assert_eq!(play.land.sink_faults.calls(), calls, "planning called the sink");
    plan
}

fn run(flow: &Flow) -> Result<Counts> {
    let mut counts = Counts::default();
    for _ in 0..200 {
        let tally = done(flow.step(&RunContext::default()))?;
        counts += tally.counts;
        if tally.end == StepEnd::End {
            return Ok(counts);
        }
        assert_eq!(tally.end, StepEnd::More);
    }
    panic!("the flow says for ever that there is more to do");
}

/// Plans and does it; tells how many effects that had.
fn plan_and_do(play: &mut Play) -> u64 {
    play.heal();
    // whoever died has left a lease behind
    play.advance(TTL * 2);
    let flow = play.clean();
    let plan = plan(play, &flow, PlanSettings::default());
    assert_eq!(self::plan(play, &flow, PlanSettings::default()), plan, "a plan depends on the world alone");
    lock(&play.shelf).log.clear();
    let done = run(&flow);
    play.check();
    if !plan.complete && plan.fails.is_none() {
        // a queue goes on behind what it gave
        assert!(play.land.way.is_queue(), "{plan}");
        return 0;
    }
    assert_eq!(plan.fails.as_deref(), done.as_ref().err().map(|error| error.kind().code()), "{plan}");

    let planned = plan.effects.iter().filter_map(|effect| match effect.what {
        EffectKind::Create | EffectKind::Update => Some((effect.key.to_string(), false)),
        EffectKind::Remove => Some((effect.key.to_string(), true)),
        _ => None,
    });
    assert_eq!(planned.collect::<Vec<_>>(), lock(&play.shelf).log, "{plan}");

    let last: BTreeMap<_, _> =
        plan.effects.iter().map(|effect| ((effect.part.as_str(), &effect.key), &effect.what)).collect();
    let now = sync_core::Clock::now(&*play.clock);
    for reject in ready(play.raw.rejects(&RejectFilter::of_flow(&name()).since(now))).unwrap() {
        let planned = match last.get(&(reject.part.name(), &reject.key)) {
            Some(EffectKind::Reject { stage, code }) => (*stage, code.as_str()),
            Some(EffectKind::Hold { code }) => ("brake", code.as_str()),
            other => panic!("{reject:?} was not planned, but {other:?}\n{plan}"),
        };
        assert_eq!(planned, (reject.stage.as_str(), reject.reason.code()));
    }
    if let Ok(done) = done {
        let totals = plan.totals;
        assert_eq!(
            (plan.fetched, plan.unchanged, plan.left_out),
            (done.fetched, done.unchanged, done.left_out)
        );
        assert_eq!(totals.create + totals.update + totals.remove, done.applied, "{plan}");
        assert_eq!(totals.reject + totals.hold, done.rejected, "{plan}");
    }
    let status = ready(flow.status()).unwrap();
    let held: Vec<_> = status.parts.into_iter().filter_map(|part| Some((part.name, part.held?))).collect();
    let planned: Vec<_> = plan.held.iter().map(|hold| (hold.part.clone(), hold.held.clone())).collect();
    assert_eq!(planned, held, "{plan}");
    plan.totals.all()
}

#[rstest]
fn l12_on_an_unchanged_world_what_is_planned_is_what_happens(
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
    let mut effects = 0;
    for seed in 0..SEEDS {
        let mut play = Play::new(seed, way);
        for round in 0..6 {
            for _ in 0..7 {
                play.operate();
            }
            if round % 3 == 2 {
                // a full pass is due
                play.advance(Duration::from_secs(2 * 3_600));
            }
            effects += plan_and_do(&mut play);
        }
        play.quiesce();
        // all is in step: there is nothing to do, and a full pass finds nothing
        let flow = play.clean();
        for settings in [PlanSettings::default(), PlanSettings::default().full_pass()] {
            let plan = plan(&play, &flow, settings);
            let writes = plan.totals.create + plan.totals.update + plan.totals.remove;
            assert_eq!((writes, plan.totals.hold, plan.held.len()), (0, 0, 0), "seed {seed}: {plan}");
        }
    }
    assert!(effects > 4 * SEEDS, "hardly anything happened: {effects}");
}

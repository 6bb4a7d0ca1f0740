//! Every call goes wrong once, in every way.

use std::time::Duration;

use rstest::rstest;
use sync_core::testing::Fault;

use super::land::{Row, Way, lock};
use super::play::Play;

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Wrong {
    Call(Fault),
    /// It does its work, and the answer is cut off.
    CutOff,
}

const WRONG: [Wrong; 5] = [
    Wrong::Call(Fault::FailBefore),
    Wrong::Call(Fault::FailAfter),
    Wrong::Call(Fault::HangBefore),
    Wrong::Call(Fault::HangAfter),
    Wrong::CutOff,
];

fn world(way: Way) -> Play {
    Play::new(7, way).with_settings(|settings| settings.batch(2).page_budget(3).absences(1))
}

/// Two cycles: records of all sorts; then changes, removals, and a full pass with absences.
fn two_cycles(play: &mut Play) {
    let prefix = play.land.way.parts()[0];
    let key = |n: u64| format!("{prefix}k{n}");
    for n in 0..3 {
        play.put(&key(n));
    }
    play.put(&format!("{}k0", play.land.way.parts().last().unwrap()));
    play.edit(&key(1), |row| row.map(|row| Row { link: Some(1), ..row }));
    settle(play);
    play.learn(1);
    play.put(&key(0));
    play.edit(&key(2), |_| None);
    play.edit(&key(1), |row| row.map(|row| Row { ticked: false, ..row }));
    play.edit(&key(0), |row| row.map(|row| Row { poison: true, ..row }));
    play.advance(Duration::from_secs(2 * 3_600));
    settle(play);
}

fn settle(play: &mut Play) {
    for _ in 0..2 {
        play.until_end();
        // a step that died leaves its lease behind
        play.advance(Duration::from_secs(120));
    }
}

#[rstest]
fn the_nth_call_fails_for_all_n_and_nothing_is_lost(
    #[values(Way::Snapshot, Way::Keyset, Way::SwallowingQueue, Way::PartsOfFeeds)] way: Way,
) {
    let mut swept = 0;
    for place in 0..3 {
        for wrong in WRONG {
            if place == 2 && wrong == Wrong::CutOff {
                // a store's answer is no body
                continue;
            }
            for n in 1.. {
                let mut play = world(way);
                let faults = [&play.land.source_faults, &play.land.sink_faults, &play.store_faults];
                let faults = faults[place].clone();
                match wrong {
                    Wrong::Call(fault) => faults.on_call(n, fault),
                    Wrong::CutOff => lock(&play.land.cut_at)[place] = Some(n),
                }
                lock(&play.trace).push(format!("{wrong:?} at call {n} of place {place}"));
                two_cycles(&mut play);
                let reached = faults.calls() >= n;
                if !reached {
                    break;
                }
                play.quiesce();
                swept += 1;
            }
        }
    }
    assert!(swept > 200, "the sweep is not real: {swept}");
}

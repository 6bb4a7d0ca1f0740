//! Processes that are killed, and processes that are paused and come back.
//!
//! The target is a file beside the store that outlives its writer: what was sent and not committed is seen there.

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::postgres::{database, with_database};

mod child;
mod ledger;
mod process;
mod sender;
mod senders;
mod world;

use child::{Home, Task, flow_name};
use ledger::Ledger;
use process::Process;
use world::World;

const KILLS: u32 = 200;

/// Numbers at random (SplitMix64), the same for the same seed.
#[derive(Debug)]
struct Random(u64);

impl Random {
    /// From the environment, to repeat a run that failed.
    fn seeded() -> Self {
        let seed = std::env::var("KILL_SEED").ok().map(|seed| seed.parse().unwrap());
        let random = Self(seed.unwrap_or_else(|| RandomState::new().hash_one(0)));
        println!("KILL_SEED={}", random.0);
        random
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// When a child is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// So long after its start: while it opens the store, waits for the lease, works.
    AfterStart(Duration),
    /// So long after its first batch.
    AfterBatch(Duration),
    /// At once when so many batches are sent: about at the commit.
    Batches(u64),
    /// When so many batches are sent and the last is not committed.
    BeforeCommit(u64),
}

impl Moment {
    fn draw(random: &mut Random) -> Self {
        match random.below(4) {
            0 => Self::AfterStart(Duration::from_micros(random.below(200_000))),
            1 => Self::AfterBatch(Duration::from_micros(random.below(60_000))),
            2 => Self::Batches(1 + random.below(12)),
            _ => Self::BeforeCommit(1 + random.below(12)),
        }
    }
}

/// Watches a child until it is to be killed. The world goes on whenever the child has nothing left to do.
fn watch(child: &Process, moment: Moment, world: &mut World, folder: &Path) {
    let mut deadline = match moment {
        Moment::AfterStart(rest) => Some(Instant::now() + rest),
        _ => None,
    };
    let mut batches = 0;
    while let Some(line) = child.line(deadline) {
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("wrote", "") => {
                batches += 1;
                match moment {
                    Moment::AfterBatch(rest) if batches == 1 => deadline = Some(Instant::now() + rest),
                    Moment::Batches(enough) if batches == enough => return,
                    _ => {}
                }
            }
            ("gate", "") => return,
            ("done", epoch) if epoch == world.epoch.to_string() => {
                world.epoch += 1;
                world.write(folder);
            }
            ("passed", round) if round == world.round.to_string() => {
                world.round += 1;
                world.write(folder);
            }
            ("done" | "passed", _) => {}
            _ => panic!("a child said: {line}"),
        }
    }
}

/// Lets a child do its cycles.
fn undisturbed(task: &Task) {
    let said = Process::start(task).finish();
    assert!(said.iter().all(|line| !line.starts_with("failed")), "{said:?}");
}

async fn killed_again_and_again(home: &Home) {
    let mut random = Random::seeded();
    let (mut world, mut ledger) = (World { epoch: 0, round: 0 }, Ledger::default());
    let began = Instant::now();
    for number in 0..KILLS {
        world.epoch += 1;
        world.write(&home.folder);
        let moment = Moment::draw(&mut random);
        let gate = if let Moment::BeforeCommit(batches) = moment { batches } else { 0 };
        let task = Task { home: home.clone(), child: number, only: None, cycles: 0, gate, lapses: false };
        let child = Process::start(&task);
        watch(&child, moment, &mut world, &home.folder);
        child.kill();
        ledger.take_in(home, number);
        // the others leave the store as it is to the next child
        if number % 2 == 0 {
            ledger.check_position(&*home.open().await).await;
        }
    }
    let killing = began.elapsed();
    let (pages_again, records_again) = (ledger.pages_again, ledger.records_again);

    // the rest of the full pass under way, and a whole one
    let mut task = Task { home: home.clone(), child: KILLS, only: None, cycles: 2, gate: 0, lapses: false };
    undisturbed(&task);
    ledger.take_in(home, KILLS);
    ledger.check_end(&*home.open().await, world).await;
    task.child += 1;
    undisturbed(&task);
    assert_eq!(ledger.take_in(home, task.child), 0, "what has not changed was sent");

    println!(
        "{KILLS} kills in {killing:?}: {pages_again} pages with {records_again} of {} records were sent again; \
         {} events, {} rounds",
        ledger.records,
        world.events(),
        world.round
    );
    assert!(pages_again > 0, "no kill hit a page between the sink and its commit");
    assert!(world.round > 0, "nothing was ever taken away");
}

/// A holder that was paused between the sink and its commit until somebody else had done its work.
async fn paused_and_continued(home: &Home) {
    for (first, flow) in [(0, "events"), (3, "goods")] {
        let task = |child| Task {
            home: home.clone(),
            child: first + child,
            only: Some(flow),
            cycles: 2,
            gate: 0,
            lapses: false,
        };
        World { epoch: 1, round: 0 }.write(&home.folder);
        undisturbed(&task(0));
        World { epoch: 4, round: 0 }.write(&home.folder);
        let mut paused = Process::start(&Task { gate: 1, lapses: true, ..task(1) });
        paused.wait_for("gate");
        paused.signal("-STOP");
        undisturbed(&task(2));

        let store = home.open().await;
        let parts = store.parts(&flow_name(flow)).await.unwrap();
        paused.open_the_gate();
        paused.signal("-CONT");
        assert_eq!(paused.finish(), [format!("failed kill/{flow} LeaseLost")]);
        assert_eq!(store.parts(&flow_name(flow)).await.unwrap(), parts);
        let mut ledger = Ledger::default();
        let sent = [0, 1, 2].map(|child| ledger.take_in(home, first + child));
        assert!(!sent.contains(&0), "{sent:?}");
        // the page that was under way
        assert_eq!((ledger.pages_again, ledger.records_again), (1, sent[1] as u64));
    }
}

#[tokio::test]
async fn sqlite_killed_200_times_nothing_is_lost_and_no_more_than_the_page_under_way_is_sent_twice() {
    let folder = tempfile::tempdir().unwrap();
    killed_again_and_again(&Home { folder: folder.path().to_owned(), postgres: None }).await;
}

#[tokio::test]
async fn postgres_killed_200_times_nothing_is_lost_and_no_more_than_the_page_under_way_is_sent_twice() {
    let Some(url) = database() else { return };
    let folder = tempfile::tempdir().unwrap();
    with_database(url, async |database| {
        let postgres = Some((database.url.clone(), database.schema().await));
        killed_again_and_again(&Home { folder: folder.path().to_owned(), postgres }).await;
    })
    .await;
}

#[tokio::test]
async fn sqlite_a_process_paused_before_its_commit_commits_nothing_once_another_took_over() {
    let folder = tempfile::tempdir().unwrap();
    paused_and_continued(&Home { folder: folder.path().to_owned(), postgres: None }).await;
}

#[tokio::test]
async fn postgres_a_process_paused_before_its_commit_commits_nothing_once_another_took_over() {
    let Some(url) = database() else { return };
    let folder = tempfile::tempdir().unwrap();
    with_database(url, async |database| {
        let postgres = Some((database.url.clone(), database.schema().await));
        paused_and_continued(&Home { folder: folder.path().to_owned(), postgres }).await;
    })
    .await;
}

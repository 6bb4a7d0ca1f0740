//! Operation as a whole: a week of flows, a dispatcher, a runner and a watchdog, with outages, restarts and persons.

use std::sync::Arc;

use sync_core::testing::ManualClock;
use sync_core::{MemoryStore, SqliteStore, Store};
use tempfile::TempDir;

mod process;
mod systems;
mod week;

use week::Week;

/// In memory where the system has such folders: a week is tens of thousands of commits, and none dies with the machine.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

#[tokio::test]
async fn a_week_of_outages_and_restarts_over_one_file_loses_nothing_and_every_alert_is_promised() {
    let seed = 1;
    println!("seed {seed}");
    let folder = folder();
    let path = folder.path().join("store.db");
    let clock = Arc::new(ManualClock::default());
    let of_store = clock.clone();
    let open = move || -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&path).unwrap().with_clock(of_store.clone()))
    };
    let mut week = Week::new(seed, clock, open).await;
    week.play().await;
    week.laws().await;
}

#[tokio::test]
async fn other_weeks_of_outages_and_restarts_lose_nothing_and_every_alert_is_promised() {
    for seed in 2..4 {
        println!("seed {seed}");
        let clock = Arc::new(ManualClock::default());
        // it outlives the process, as a file does
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        let mut week = Week::new(seed, clock, move || store.clone()).await;
        week.play().await;
        week.laws().await;
    }
}

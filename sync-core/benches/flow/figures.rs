//! Allocations per row; by hand, memory over many rows and the cost of many parts on SQLite:
//! `cargo bench -p sync-core --bench figures -- 10000000`, `… --bench figures -- 2000x10000`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program that measures and tells"
)]

use std::alloc::System;
use std::time::Instant;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tempfile::TempDir;

use rows::{Bench, Change, cycle, round};

mod rows;

#[global_allocator]
static ALLOCATIONS: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::main]
async fn main() {
    for arg in std::env::args().skip(1) {
        if let Some((parts, rows)) = arg.split_once('x') {
            return many_parts(parts.parse().unwrap(), rows.parse().unwrap()).await;
        }
        if let Ok(rows) = arg.parse() {
            return many_rows(rows).await;
        }
    }
    allocations().await;
}

async fn allocations() {
    for (label, bench) in Bench::all().await {
        let count = 100_000;
        let (_folder, store) = bench.empty().await;
        for (what, round, change) in [
            ("new", 0, Change::Nothing),
            ("unchanged", 0, Change::Nothing),
            ("all changed once", 0, Change::HalfPercent),
            ("half a percent changed", 1, Change::HalfPercent),
        ] {
            let region = Region::new(ALLOCATIONS);
            let sent = cycle(&store, count, round, change).await;
            let allocations = region.change().allocations * 10 / count;
            println!(
                "{label}: {what}: {sent} sent, {}.{} allocations per row",
                allocations / 10,
                allocations % 10
            );
        }
    }
}

async fn many_rows(count: usize) {
    let (folder, store) = Bench::Sqlite.empty().await;
    for what in ["new", "unchanged"] {
        let began = Instant::now();
        cycle(&store, count, 0, Change::Nothing).await;
        tell(&format!("{count} rows {what}"), began, folder.as_ref());
    }
}

async fn many_parts(parts: usize, rows: usize) {
    let (folder, store) = Bench::Sqlite.empty().await;
    for what in ["new", "unchanged"] {
        let began = Instant::now();
        round(&store, parts, rows).await;
        tell(&format!("{parts} parts of {rows} rows {what}"), began, folder.as_ref());
    }
}

fn tell(what: &str, began: Instant, folder: Option<&TempDir>) {
    let seconds = began.elapsed().as_secs_f32();
    let file = folder.and_then(|folder| std::fs::metadata(folder.path().join("store.db")).ok());
    let megabytes = file.map_or(0, |file| file.len() / 1_000_000);
    println!("sqlite: {what} in {seconds:.1} s, file {megabytes} MB, {}", peak_memory());
}

/// The kernel's own figure, where there is one.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("no figure of peak memory");
    peak.split_whitespace().collect::<Vec<_>>().join(" ")
}

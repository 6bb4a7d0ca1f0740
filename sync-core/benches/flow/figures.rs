//! Allocations per row, and memory over many rows. By hand: `cargo bench -p sync-core --bench figures -- 10000000`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a program that measures and tells"
)]

use std::alloc::System;
use std::time::Instant;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

use rows::{Bench, Change, cycle};

#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod rows;

#[global_allocator]
static ALLOCATIONS: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[tokio::main]
async fn main() {
    let most = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
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
    let Some(most) = most else { return };
    let (_folder, store) = Bench::Sqlite.empty().await;
    for (what, round) in [("new", 0), ("unchanged", 0)] {
        let began = Instant::now();
        cycle(&store, most, round, Change::Nothing).await;
        let seconds = began.elapsed().as_secs_f32();
        println!("sqlite: {most} rows {what} in {seconds:.1} s, {}", peak_memory());
    }
}

/// The kernel's own figure, where there is one.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("no figure of peak memory");
    peak.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! Rows per second of a flow through each store, and where the time of a page goes. PostgreSQL with `DATABASE_URL`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed measurement may panic")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sync_core::{Fingerprint, Fingerprinter, Key, PageCommit, PageQuery, Part, Sent, Store};
use tokio::runtime::Runtime;

use rows::{Bench, Change, PAGE, Stock, cycle, key, lease, name, stock};

#[expect(dead_code, reason = "the other benchmark uses the rest")]
mod rows;

fn flow(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = c.benchmark_group("flow");
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for (label, bench) in runtime.block_on(Bench::all()) {
        for count in [100_000, 1_000_000] {
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(BenchmarkId::new(format!("{label}/new"), count), |b| {
                b.to_async(&runtime).iter_custom(|times| {
                    let bench = &bench;
                    async move {
                        let mut spent = Duration::ZERO;
                        for _ in 0..times {
                            let (_folder, store) = bench.empty().await;
                            let began = Instant::now();
                            assert_eq!(cycle(&store, count, 0, Change::Nothing).await, count as u64);
                            spent += began.elapsed();
                        }
                        spent
                    }
                });
            });
            let (_folder, store) = runtime.block_on(bench.empty());
            runtime.block_on(cycle(&store, count, 0, Change::Nothing));
            group.bench_function(BenchmarkId::new(format!("{label}/unchanged"), count), |b| {
                b.to_async(&runtime).iter(|| cycle(&store, count, 0, Change::Nothing));
            });
            let mut round = 0;
            runtime.block_on(cycle(&store, count, round, Change::HalfPercent));
            group.bench_function(BenchmarkId::new(format!("{label}/half_percent_changed"), count), |b| {
                b.to_async(&runtime).iter_batched(
                    || {
                        round += 1;
                        round
                    },
                    |round| cycle(&store, count, round, Change::HalfPercent),
                    BatchSize::PerIteration,
                );
            });
        }
    }
    group.finish();
}

fn page(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = c.benchmark_group("page_5k");
    group.sample_size(10).throughput(Throughput::Elements(PAGE as u64));
    let rows: Vec<Stock> = (0..PAGE).map(|row| stock(row, row)).collect();
    group.bench_function("fingerprint", |b| {
        let mut prints = Fingerprinter::new(&[b"bench"]);
        b.iter(|| rows.iter().for_each(|row| drop(black_box(prints.hash(row)))));
    });
    for (label, bench) in runtime.block_on(Bench::all()) {
        let (_folder, store) = runtime.block_on(bench.empty());
        runtime.block_on(cycle(&store, 100_000, 0, Change::Nothing));
        let part = Part::whole(&name());
        let neighbours: Vec<Key> = (40_000..40_000 + PAGE).map(key).collect();
        let far_apart: Vec<Key> = (0..PAGE).map(|row| key(row * 7_919 % 100_000)).collect();
        for (what, keys) in [("read", &neighbours), ("read_far_apart", &far_apart)] {
            group.bench_function(format!("{label}/{what}"), |b| {
                b.to_async(&runtime)
                    .iter(|| store.read_page(&part, PageQuery::new(keys.clone(), Vec::new())));
            });
        }
        let lease = runtime.block_on(lease(&store));
        let mut next = 0u64;
        for (what, slots) in [("commit_new", PAGE as u64), ("commit_changed", 0)] {
            group.bench_function(format!("{label}/{what}"), |b| {
                b.to_async(&runtime).iter_batched(
                    || {
                        next += 1;
                        sent(&neighbours, next, slots)
                    },
                    |sent| commit(&store, &part, &lease, sent),
                    BatchSize::PerIteration,
                );
            });
        }
        runtime.block_on(store.give_back(&lease)).unwrap();
    }
    group.finish();
}

/// What a page sends: keys of its own if they have slots of their own, else the same keys anew.
fn sent(keys: &[Key], round: u64, slots: u64) -> Vec<(Key, Sent)> {
    let print = Fingerprint::of(&round).unwrap();
    let sent = keys.iter().zip(0..).map(|(key, place)| {
        let key = if slots > 0 { Key::from(format!("{round:06}/{key}")) } else { key.clone() };
        (key, Sent::new(print, None).in_slot(round * slots + place))
    });
    sent.collect()
}

async fn commit(store: &Arc<dyn Store>, part: &Part, lease: &sync_core::Lease, sent: Vec<(Key, Sent)>) {
    let revision = store.read_page(part, PageQuery::default()).await.unwrap().revision;
    let mut page = PageCommit::new(revision, "position");
    page.sent = sent;
    store.commit(part, lease, page).await.unwrap();
}

criterion_group!(benches, flow, page);
criterion_main!(benches);

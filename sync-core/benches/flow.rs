//! Rows per second of a flow from memory through SQLite to memory, and where the time goes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed measurement may panic")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use serde::Serialize;
use sync_core::{
    Acquired, Fingerprint, Fingerprinter, Flow, FlowName, Holder, Identity, Item, Job, Key, Lease,
    MemoryStore, Outcome, Page, PageCommit, PageQuery, Part, ReadFrom, Result, RunContext, Sent, Sink,
    Source, SourceIdentity, SourceInfo, SourceKind, SqliteStore, Store, Write,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const ROWS: usize = 100_000;
const PAGE: usize = 5_000;

/// A row as a stock flow has it.
#[derive(Debug, Clone, Serialize)]
struct Stock {
    good: usize,
    warehouse: &'static str,
    available: usize,
    unit: &'static str,
}

fn key(row: usize) -> Key {
    Key::from(format!("{row:06}/MAG"))
}

fn stock(row: usize, round: usize) -> Stock {
    Stock { good: row, warehouse: "MAG", available: row % 97 + round, unit: "szt" }
}

#[derive(Debug)]
struct Rows {
    round: usize,
}

#[async_trait]
impl Source for Rows {
    type Record = Stock;
    type Cursor = usize;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, SourceIdentity::new("memory", "stock"))
    }

    async fn read(&self, from: ReadFrom<&usize>, limit: usize) -> Result<Page<Stock, usize>> {
        let start = match from {
            ReadFrom::Start => 0,
            ReadFrom::After(cursor) => *cursor,
        };
        let end = (start + limit).min(ROWS);
        let items = (start..end).map(|row| Item::upsert(key(row), stock(row, self.round))).collect();
        Ok(if end == ROWS { Page::last(items, None) } else { Page::more(items, end) })
    }
}

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Sink for Nowhere {
    type Record = Stock;

    fn preferred_batch(&self) -> usize {
        PAGE
    }

    async fn write(&self, batch: &[Write<Stock>]) -> Result<Vec<Outcome>> {
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}

fn name() -> FlowName {
    FlowName::new("bench/stock").unwrap()
}

fn sqlite() -> (TempDir, Arc<dyn Store>) {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("store.db")).unwrap();
    (folder, Arc::new(store))
}

async fn cycle(store: &Arc<dyn Store>, round: usize) {
    let flow = Flow::new(name(), Rows { round }, Identity, Nowhere, Arc::clone(store));
    let tally = flow.step(&RunContext::default()).await.unwrap();
    assert_eq!(tally.counts.fetched, ROWS as u64);
}

fn flow(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = c.benchmark_group("flow_100k");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(ROWS as u64))
        .measurement_time(Duration::from_secs(8));
    let fresh = |c: &mut criterion::BenchmarkGroup<'_, _>,
                 name: &str,
                 make: fn() -> (Option<TempDir>, Arc<dyn Store>)| {
        c.bench_function(name, |b| {
            b.to_async(&runtime).iter_batched(
                make,
                |(folder, store)| async move {
                    cycle(&store, 0).await;
                    (folder, store)
                },
                BatchSize::PerIteration,
            );
        });
    };
    fresh(&mut group, "sqlite_all_new", || {
        let (folder, store) = sqlite();
        (Some(folder), store)
    });
    fresh(&mut group, "memory_all_new", || (None, Arc::new(MemoryStore::new())));
    let (_folder, store) = sqlite();
    runtime.block_on(cycle(&store, 0));
    group.bench_function("sqlite_all_unchanged", |b| b.to_async(&runtime).iter(|| cycle(&store, 0)));
    let mut round = 0;
    group.bench_function("sqlite_all_changed", |b| {
        b.to_async(&runtime).iter_batched(
            || {
                round += 1;
                round
            },
            |round| cycle(&store, round),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

async fn lease(store: &Arc<dyn Store>) -> Lease {
    match store.acquire(&name(), &Holder::unique(), Duration::from_secs(3_600)).await.unwrap() {
        Acquired::Granted(lease) => lease,
        _ => panic!("the lease is free"),
    }
}

fn parts(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = c.benchmark_group("page_5k");
    group.sample_size(10).throughput(Throughput::Elements(PAGE as u64));
    let rows: Vec<Stock> = (0..PAGE).map(|row| stock(row, 0)).collect();
    group.bench_function("fingerprint", |b| {
        let mut prints = Fingerprinter::new(&[b"bench"]);
        b.iter(|| rows.iter().for_each(|row| drop(black_box(prints.hash(row)))));
    });
    let (_folder, store) = sqlite();
    runtime.block_on(cycle(&store, 0));
    let part = Part::whole(&name());
    let keys: Vec<Key> = (40_000..40_000 + PAGE).map(key).collect();
    group.bench_function("store_read", |b| {
        b.to_async(&runtime).iter(|| store.read_page(&part, PageQuery::new(keys.clone(), Vec::new())));
    });
    let far_apart: Vec<Key> = (0..PAGE).map(|row| key(row * 7_919 % ROWS)).collect();
    group.bench_function("store_read_far_apart", |b| {
        b.to_async(&runtime).iter(|| store.read_page(&part, PageQuery::new(far_apart.clone(), Vec::new())));
    });
    let lease = runtime.block_on(lease(&store));
    let mut round = 0u8;
    group.bench_function("store_commit", |b| {
        b.to_async(&runtime).iter_batched(
            || {
                round = round.wrapping_add(1);
                let sent = Sent::new(Fingerprint::from_bytes([round; 16]), None);
                keys.iter().map(|key| (key.clone(), sent.clone())).collect::<Vec<_>>()
            },
            |sent| async {
                let revision = store.read_page(&part, PageQuery::default()).await.unwrap().revision;
                let mut page = PageCommit::new(revision, "position");
                page.sent = sent;
                store.commit(&part, &lease, page).await.unwrap()
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

criterion_group!(benches, flow, parts);
criterion_main!(benches);

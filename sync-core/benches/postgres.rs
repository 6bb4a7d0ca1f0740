//! Pages of 5,000 records in PostgreSQL: committed new, and read back. Needs `DATABASE_URL`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sync_core::{
    Acquired, Fingerprint, FlowName, Holder, Key, Lease, PageCommit, PageQuery, Part, PostgresSettings,
    PostgresStore, Sent, Store,
};

const ROWS: u64 = 5_000;

fn page(revision: u64) -> PageCommit {
    let mut page = PageCommit::new(revision, "position");
    let sent = (revision * ROWS..(revision + 1) * ROWS).map(|number| {
        let fingerprint = Fingerprint::of(&number).unwrap();
        (Key::from(format!("{number:012}")), Sent::new(fingerprint, Some("target".into())).in_slot(number))
    });
    page.sent.extend(sent);
    page
}

async fn open(url: &str, flow: &FlowName) -> (PostgresStore, Lease) {
    let settings = PostgresSettings::default().schema("sync_bench");
    let store = PostgresStore::connect_with(url, settings).await.unwrap();
    let Acquired::Granted(lease) =
        store.acquire(flow, &Holder::from("bench"), Duration::from_secs(3600)).await.unwrap()
    else {
        panic!("another benchmark runs")
    };
    (store, lease)
}

fn pages(criterion: &mut Criterion) {
    let Ok(url) = std::env::var("DATABASE_URL") else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let flow = FlowName::new("bench/stock").unwrap();
    let part = Part::whole(&flow);
    let (store, lease) = runtime.block_on(open(&url, &flow));
    let mut group = criterion.benchmark_group("postgres");
    group.throughput(Throughput::Elements(ROWS)).sample_size(20).measurement_time(Duration::from_secs(5));
    runtime.block_on(store.forget(&part, &lease)).unwrap();
    let mut revision = 0;
    group.bench_function("commit_new", |bencher| {
        bencher.to_async(&runtime).iter_custom(|times| {
            let first = revision;
            revision += times;
            let (store, part, lease) = (&store, &part, &lease);
            async move {
                let mut spent = Duration::ZERO;
                for revision in first..first + times {
                    let page = page(revision);
                    let began = Instant::now();
                    store.commit(part, lease, page).await.unwrap();
                    spent += began.elapsed();
                }
                spent
            }
        });
    });
    group.bench_function("read_page_known", |bencher| {
        let middle = revision / 2;
        let keys: Vec<Key> = page(middle).sent.into_iter().map(|(key, _)| key).collect();
        bencher.to_async(&runtime).iter(|| async {
            let state = store.read_page(&part, PageQuery::new(keys.clone(), Vec::new())).await.unwrap();
            assert!(state.sent.iter().all(Option::is_some));
            black_box(state)
        });
    });
    group.bench_function("commit_position", |bencher| {
        bencher.to_async(&runtime).iter_custom(|times| {
            let first = revision;
            revision += times;
            let (store, part, lease) = (&store, &part, &lease);
            async move {
                let began = Instant::now();
                for revision in first..first + times {
                    store.commit(part, lease, PageCommit::new(revision, "position")).await.unwrap();
                }
                began.elapsed()
            }
        });
    });
    group.finish();
    runtime.block_on(store.forget(&part, &lease)).unwrap();
}

criterion_group!(benches, pages);
criterion_main!(benches);

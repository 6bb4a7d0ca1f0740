//! Acts per second through the outbox of each store: enqueued, and claimed and settled with a backlog of 100,000 acts over
//! 5,000 order keys (in memory, which searches act by act, of 2,000). PostgreSQL with `DATABASE_URL`, in a schema
//! `sync_bench_acts_…` that is left behind.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed measurement may panic")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures::future::join_all;
use sync_core::{
    Acquired, ActChange, ActKind, ClaimRequest, Created, Fingerprint, FlowName, Holder, Key, Lease,
    MemoryStore, NewAct, PageCommit, PageQuery, Part, PostgresSettings, PostgresStore, Settlement,
    SqliteStore, Store,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const PAGE: usize = 500;
const BACKLOG: usize = 100_000;
const SMALL_BACKLOG: usize = 2_000;
const ORDER_KEYS: usize = 5_000;
/// So many acts are carried out per measurement.
const ROUND: usize = 512;

fn name() -> FlowName {
    FlowName::new("bench/orders").unwrap()
}

/// A store, with what it needs to live, and the next act's number.
struct Bench {
    label: &'static str,
    store: Arc<dyn Store>,
    lease: Lease,
    next: usize,
    _folder: Option<TempDir>,
}

impl Bench {
    async fn all() -> Vec<Self> {
        let folder = tempfile::tempdir().unwrap();
        let sqlite = SqliteStore::open(folder.path().join("store.db")).unwrap();
        let mut all = vec![
            Self::new("memory", Arc::new(MemoryStore::new()), None).await,
            Self::new("sqlite", Arc::new(sqlite), Some(folder)).await,
        ];
        if let Ok(url) = std::env::var("DATABASE_URL") {
            // of its own, as acts are never forgotten
            let schema = format!("sync_bench_acts_{}", std::process::id());
            let settings = PostgresSettings::default().schema(&schema).connections(20);
            let store = PostgresStore::connect_with(&url, settings).await.unwrap();
            all.push(Self::new("postgres", Arc::new(store), None).await);
        }
        all
    }

    async fn new(label: &'static str, store: Arc<dyn Store>, folder: Option<TempDir>) -> Self {
        let day = Duration::from_secs(86_400);
        let Acquired::Granted(lease) = store.acquire(&name(), &Holder::unique(), day).await.unwrap() else {
            panic!("the lease is free")
        };
        Self { label, store, lease, next: 0, _folder: folder }
    }

    /// Enqueues one page of acts.
    async fn enqueue(&mut self) {
        let part = Part::whole(&name());
        let revision = self.store.read_page(&part, PageQuery::default()).await.unwrap().revision;
        let mut page = PageCommit::new(revision, "position");
        for n in self.next..self.next + PAGE {
            let op_key = format!("order:bench:{n:08}");
            let order_key = format!("client:{:04}", n % ORDER_KEYS);
            let lines = "x".repeat(1_000);
            let act = NewAct::new(op_key.as_str(), order_key, "order", &(n, lines), &n).unwrap();
            let fingerprint = Fingerprint::of(&n).unwrap();
            page.acts.push((Key::from(op_key), ActChange::Enqueue { act, fingerprint }));
        }
        self.store.commit(&part, &self.lease, page).await.unwrap();
        self.next += PAGE;
    }
}

/// Dispatchers that work until they have carried out a round.
async fn carry_out(store: &Arc<dyn Store>, dispatchers: usize) {
    let share = ROUND / dispatchers;
    let working = (0..dispatchers).map(|_| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut left = share;
            let holder = Holder::unique();
            while left > 0 {
                let kinds = vec![ActKind::from("order")];
                let ttl = Duration::from_secs(600);
                let request = ClaimRequest::new(kinds, holder.clone(), ttl, left.min(4));
                for claim in store.claim(&request).await.unwrap() {
                    store.settle(&claim, Settlement::Done(Created::new("document"))).await.unwrap();
                    left -= 1;
                }
            }
        })
    });
    for ended in join_all(working).await {
        ended.unwrap();
    }
}

fn acts(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = c.benchmark_group("acts");
    group.sample_size(10).warm_up_time(Duration::from_secs(1));
    for mut bench in runtime.block_on(Bench::all()) {
        let label = bench.label;
        group.throughput(Throughput::Elements(PAGE as u64));
        group.bench_function(BenchmarkId::new(format!("{label}/enqueue"), PAGE), |b| {
            b.iter_custom(|times| {
                runtime.block_on(async {
                    let began = Instant::now();
                    for _ in 0..times {
                        bench.enqueue().await;
                    }
                    began.elapsed()
                })
            });
        });
        // each round finds a whole backlog
        runtime.block_on(async {
            let backlog = if label == "memory" { SMALL_BACKLOG } else { BACKLOG };
            while bench.next < backlog {
                bench.enqueue().await;
            }
        });
        group.throughput(Throughput::Elements(ROUND as u64));
        for dispatchers in [1, 4, 16] {
            group.bench_function(BenchmarkId::new(format!("{label}/claim_and_settle"), dispatchers), |b| {
                b.iter_custom(|times| {
                    runtime.block_on(async {
                        let mut spent = Duration::ZERO;
                        for _ in 0..times {
                            let began = Instant::now();
                            carry_out(&bench.store, dispatchers).await;
                            spent += began.elapsed();
                            bench.enqueue().await;
                        }
                        spent
                    })
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, acts);
criterion_main!(benches);

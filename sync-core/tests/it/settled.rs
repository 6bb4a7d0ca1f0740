//! Settled acts as a source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use sync_core::testing::{FakeSubmitter, MemorySink, Reaction, StoreUnderTest};
use sync_core::{
    Acquired, ActChange, ActKind, ActState, ActStatus, ClaimRequest, Created, Fingerprint, Flow, FlowName,
    Holder, Item, Key, Links, Mapped, Mapper, MemoryStore, NewAct, PageCommit, Part, ReadFrom, Reason,
    SettledActs, Settlement, Source, SqliteStore, Store,
};

use crate::dispatch::Outbox;
use crate::postgres::{database, with_database};
use crate::world::{TTL, finish, five, name};

const ACTS: usize = 60;

fn kinds() -> [ActKind; 1] {
    ["order".into()]
}

async fn enqueue(store: &dyn Store, acts: usize) {
    let Acquired::Granted(lease) = store.acquire(&name(), &Holder::from("one"), TTL).await.unwrap() else {
        panic!("the lease is free")
    };
    let mut page = PageCommit::new(0, "p");
    for number in 0..acts {
        let op_key = format!("{number:03}");
        let act = NewAct::new(op_key.as_str(), op_key.as_str(), "order", "", "").unwrap();
        let fingerprint = Fingerprint::of("").unwrap();
        page.acts.push((op_key.into(), ActChange::Enqueue { act, fingerprint }));
    }
    store.commit(&Part::whole(&name()), &lease, page).await.unwrap();
}

fn settlement(number: usize) -> Settlement {
    match number % 3 {
        0 => Settlement::Rejected(Reason::new("no")),
        _ => Settlement::Done(Created::new("D")),
    }
}

/// Reads on from page to page while others settle.
async fn follow(writers: &[Arc<dyn Store>], reader: Arc<dyn Store>) {
    enqueue(&*reader, ACTS).await;
    let settled = AtomicUsize::new(0);
    let settling = writers.iter().map(|store| async {
        let request = ClaimRequest::new(kinds().into(), Holder::unique(), TTL, 3);
        while settled.load(Ordering::Relaxed) < ACTS {
            for claim in store.claim(&request).await.unwrap() {
                let number = settled.fetch_add(1, Ordering::Relaxed);
                store.settle(&claim, settlement(number)).await.unwrap();
            }
            tokio::task::yield_now().await;
        }
    });
    let reading = async {
        let source = SettledActs::new(reader.clone(), kinds());
        let (mut cursor, mut seen) = (None, Vec::new());
        while seen.len() < ACTS {
            let from = cursor.as_ref().map_or(ReadFrom::Start, ReadFrom::After);
            let page = source.read(from, 7).await.unwrap();
            seen.extend(page.items.iter().filter_map(Item::key).map(ToString::to_string));
            cursor = page.next.or(cursor);
            tokio::task::yield_now().await;
        }
        let page = source.read(ReadFrom::After(&cursor.unwrap()), 7).await.unwrap();
        assert!(page.end && page.items.is_empty());
        seen
    };
    let (_, seen) = futures::join!(futures::future::join_all(settling), reading);
    assert_eq!(seen.len(), ACTS);
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>().len(), ACTS);
}

#[tokio::test]
async fn who_follows_settled_acts_in_memory_misses_none_and_sees_none_twice() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    follow(&[store.clone(), store.clone()], store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_settled_acts_in_a_file_misses_none_and_sees_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let open = || -> Arc<dyn Store> { Arc::new(SqliteStore::open(folder.path().join("store.db")).unwrap()) };
    follow(&[open(), open()], open()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_settled_acts_in_postgres_misses_none_and_sees_none_twice() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let other: Arc<dyn Store> = Arc::new(database.open(&test.schema).await);
        follow(&[test.store(), other.clone(), test.store()], other).await;
    })
    .await;
}

#[derive(Debug, Clone)]
enum Step {
    Settle(usize),
    LetGo(usize),
    Replace(usize),
    Read(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..6_usize).prop_map(Step::Settle),
        2 => (0..6_usize).prop_map(Step::LetGo),
        1 => (0..6_usize).prop_map(Step::Replace),
        3 => (1..4_usize).prop_map(Step::Read),
    ]
}

/// Whatever happens, a reader who follows knows in the end how each settled act stands.
async fn play(store: Arc<dyn Store>, steps: Vec<Step>) {
    enqueue(&*store, 6).await;
    let source = SettledActs::new(store.clone(), kinds());
    let mut known: BTreeMap<Key, ActState> = BTreeMap::new();
    let (mut cursor, mut claims, mut revision, mut done) = (0, BTreeMap::new(), 1, 0);
    for step in steps.into_iter().chain([Step::Read(usize::MAX)]) {
        let request = ClaimRequest::new(kinds().into(), Holder::from("one"), TTL, 10);
        for claim in store.claim(&request).await.unwrap() {
            claims.insert(claim.act.op_key.to_string(), claim);
        }
        match step {
            Step::Settle(number) => {
                if let Some(claim) = claims.remove(&format!("{number:03}")) {
                    store.settle(&claim, settlement(done)).await.unwrap();
                    done += 1;
                }
            }
            // what is done stays so
            Step::LetGo(number) => {
                let _ = store.release(&format!("{number:03}").into(), "Anna", "again").await;
            }
            Step::Replace(number) => {
                let Acquired::Granted(lease) =
                    store.acquire(&name(), &Holder::from("one"), TTL).await.unwrap()
                else {
                    panic!("the lease is free")
                };
                let op_key = format!("{number:03}");
                let act = NewAct::new(op_key.as_str(), op_key.as_str(), "order", "", &revision).unwrap();
                let fingerprint = Fingerprint::of(&revision).unwrap();
                let mut page = PageCommit::new(revision, "p");
                page.acts.push((op_key.into(), ActChange::Enqueue { act, fingerprint }));
                revision = store.commit(&Part::whole(&name()), &lease, page).await.unwrap().revision;
            }
            Step::Read(limit) => {
                let page = source.read(ReadFrom::After(&cursor), limit).await.unwrap();
                assert!(page.next.is_none_or(|next| next > cursor));
                cursor = page.next.unwrap_or(cursor);
                for item in page.items {
                    let Item::Upsert { key, record, .. } = item else { panic!("a settled act is there") };
                    known.insert(key, record.state);
                }
            }
        }
    }
    for status in store.acts(&sync_core::ActFilter::settled()).await.unwrap() {
        assert_eq!(known.get(&Key::from(status.act.op_key.as_str())), Some(&status.state));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn who_reads_on_knows_in_the_end_how_each_settled_act_stands(steps in prop::collection::vec(step(), 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(play(Arc::new(MemoryStore::new()), steps.clone()));
        let folder = tempfile::tempdir().unwrap();
        let file = SqliteStore::open(folder.path().join("store.db")).unwrap();
        runtime.block_on(play(Arc::new(file), steps));
    }
}

/// Tells the portal what became of its orders.
#[derive(Debug)]
struct Told;

impl Mapper<ActStatus> for Told {
    type Out = (String, Option<String>);

    fn map(&self, _: &Key, status: ActStatus, _: &Links) -> Result<Mapped<Self::Out>, Reason> {
        let number = status.created.and_then(|created| created.number);
        Ok(Mapped::Send((status.state.as_str().to_owned(), number)))
    }
}

#[tokio::test]
async fn an_ordinary_flow_tells_the_portal_what_became_of_its_orders() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("a", "a"), ("b", "b"), ("c", "c")]).await;
    outbox.submitter.script([Reaction::Create, Reaction::Refuse, Reaction::CreateThenFail]);
    let sink = Arc::new(MemorySink::new());
    let flow = || {
        let source = SettledActs::new(outbox.store.clone(), kinds());
        Flow::new(FlowName::new("demo/told").unwrap(), source, Told, sink.clone(), outbox.store.clone())
            .with_clock(outbox.clock.clone())
    };
    finish(&outbox.dispatcher()).await;
    assert_eq!(five(finish(&flow()).await), [2, 2, 0, 0, 0]);
    outbox.store.release(&"b".into(), "Anna", "corrected").await.unwrap();
    outbox.clock.advance(Duration::from_secs(3600));
    finish(&outbox.dispatcher()).await;
    assert_eq!(five(finish(&flow()).await), [2, 2, 0, 0, 0]);
    assert_eq!(five(finish(&flow()).await), [0, 0, 0, 0, 0]);
    let told: Vec<_> = sink.records().into_values().collect();
    assert_eq!(told, vec![("done".to_owned(), Some("BUFOR".to_owned())); 3]);
    let source = SettledActs::new(outbox.store.clone(), kinds());
    let found = source.fetch(&["a".into(), "x".into()]).await.unwrap();
    assert!(matches!(found.as_slice(), [Item::Upsert { .. }, Item::Deleted { .. }]));
}

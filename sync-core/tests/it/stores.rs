//! Stores.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sync_core::testing::{ClockedStore, ManualClock, StoreUnderTest, store_conformance, store_history};
use sync_core::{
    Acquired, ActChange, ActFilter, ActKind, ActState, ClaimRequest, Created, Delivery, ErrorKind,
    Fingerprint, FlowName, Holder, MemoryStore, NewAct, PageCommit, PageQuery, Part, Sent, SentBy,
    Settlement, SqliteStore, Store,
};

use crate::world::{TTL, name};

fn memory() -> ClockedStore {
    let clock = Arc::new(ManualClock::default());
    ClockedStore { store: Arc::new(MemoryStore::new().with_clock(clock.clone())), clock }
}

#[tokio::test]
async fn memory_keeps_the_promises_of_a_store() {
    store_conformance(async || Ok(memory())).await.unwrap();
}

#[tokio::test]
async fn sqlite_keeps_the_promises_of_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let number = AtomicU32::new(0);
    let make = async || {
        let file = format!("{}.db", number.fetch_add(1, Ordering::Relaxed));
        let clock = Arc::new(ManualClock::default());
        let store = SqliteStore::open(folder.path().join(file))?.with_clock(clock.clone());
        Ok(ClockedStore { store: Arc::new(store), clock })
    };
    store_conformance(make).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_commit_to_one_store_in_memory() {
    store_history(&[Arc::new(MemoryStore::new())], 8, 60).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_commit_to_one_file_through_two_stores() {
    let folder = tempfile::tempdir().unwrap();
    let open = || -> Arc<dyn Store> { Arc::new(SqliteStore::open(folder.path().join("store.db")).unwrap()) };
    store_history(&[open(), open()], 6, 40).await.unwrap();
}

/// Old runs, of which one has nothing left that it sent last. `runs` tells the names of those that the store knows.
pub(crate) async fn only_runs_of_which_nothing_is_left_are_forgotten(
    test: &impl StoreUnderTest,
    runs: impl AsyncFn() -> Vec<String>,
) {
    let store = test.store();
    let holder = Holder::unique();
    let sync_core::Acquired::Granted(lease) = store.acquire(&name(), &holder, TTL).await.unwrap() else {
        panic!("the lease is free")
    };
    let send = async |revision: u64, run: &str, keys: &[&str]| {
        let mut page = PageCommit::new(revision, "position");
        let print = Fingerprint::of(run).unwrap();
        page.sent.extend(keys.iter().map(|key| ((*key).into(), Sent::new(print, None))));
        page.sent_by = Some(SentBy::new(run, store.now().await.unwrap(), 1));
        store.commit(&Part::whole(&name()), &lease, page).await.unwrap();
    };
    send(0, "one", &["a", "b"]).await;
    send(1, "two", &["b"]).await;
    test.advance(Delivery::KEPT + TTL).await.unwrap();
    send(2, "three", &["c"]).await;
    store.prune(Duration::ZERO).await.unwrap();
    assert_eq!(runs().await, ["one", "three", "two"], "something of each is left");
    send(3, "four", &["a", "c"]).await;
    store.prune(Duration::ZERO).await.unwrap();
    assert_eq!(runs().await, ["four", "three", "two"], "and three is young");
    let left = store.explain(&name(), &"b".into()).await.unwrap();
    assert_eq!(left[0].by.as_ref().unwrap().run, "two");
}

#[tokio::test]
async fn sqlite_forgets_an_old_run_once_nothing_is_left_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let clock = Arc::new(ManualClock::default());
    let store = Arc::new(SqliteStore::open(&path).unwrap().with_clock(clock.clone()));
    let runs = async || {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let mut statement = connection.prepare("SELECT name FROM run ORDER BY name").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    only_runs_of_which_nothing_is_left_are_forgotten(&ClockedStore { store, clock }, runs).await;
}

#[tokio::test]
async fn sqlite_keeps_everything_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let part = Part::whole(&name());
    let sent = Sent::new(Fingerprint::of("x").unwrap(), Some("t".into()));
    {
        let store = SqliteStore::open(&path).unwrap();
        let holder = Holder::unique();
        let sync_core::Acquired::Granted(lease) = store.acquire(&name(), &holder, TTL).await.unwrap() else {
            panic!("the lease is free")
        };
        let mut page = PageCommit::new(0, "position");
        page.sent.push(("ZAŻÓŁĆ".into(), sent.clone()));
        store.commit(&part, &lease, page).await.unwrap();
    }
    let store = SqliteStore::open(&path).unwrap();
    let state = store.read_page(&part, PageQuery::new(vec!["ZAŻÓŁĆ".into()], vec![])).await.unwrap();
    assert_eq!((state.revision, state.position.as_deref()), (1, Some("position")));
    assert_eq!(state.sent, [Some(sent)]);
}

#[test]
fn sqlite_refuses_a_newer_store_and_files_that_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.db");
    drop(SqliteStore::open(&newer).unwrap());
    let connection = rusqlite::Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let other = folder.path().join("other.db");
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection.execute_batch("CREATE TABLE flow (x); PRAGMA user_version = 7;").unwrap();
    drop(connection);
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is not a database, whatever its name says ".repeat(100)).unwrap();
    for path in [newer, other, text] {
        assert_eq!(SqliteStore::open(&path).unwrap_err().kind(), ErrorKind::UnknownFormat, "{path:?}");
    }
    let nowhere = folder.path().join("no/such/folder/store.db");
    assert_eq!(SqliteStore::open(nowhere).unwrap_err().kind(), ErrorKind::Store);
}

#[cfg(unix)]
#[test]
fn a_new_sqlite_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("store.db")).unwrap();
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap()).collect();
    assert!(files.len() >= 2, "the database and its log: {files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    drop(store);
}

#[test]
fn sqlite_is_opened_anew_by_many_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let path = folder.path().join(format!("{round}.db"));
        let together = std::sync::Barrier::new(6);
        std::thread::scope(|scope| {
            let open = || {
                together.wait();
                SqliteStore::open(&path)
            };
            let all: Vec<_> = (0..6).map(|_| scope.spawn(open)).collect();
            for one in all {
                one.join().unwrap().unwrap();
            }
        });
    }
}

#[tokio::test]
async fn a_commit_under_another_flows_lease_is_a_defect() {
    let store = MemoryStore::new();
    let other = FlowName::new("demo/other").unwrap();
    let sync_core::Acquired::Granted(lease) = store.acquire(&other, &Holder::unique(), TTL).await.unwrap()
    else {
        panic!("the lease is free")
    };
    let error = store.commit(&Part::whole(&name()), &lease, PageCommit::new(0, "x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Bug);
}

/// An order and its new client, whose names end alike: in NUL, or after as many characters as PostgreSQL can index.
pub(crate) async fn carry_out_acts_of_odd_names(store: &dyn Store) {
    let acquired = store.acquire(&name(), &Holder::from("one"), TTL).await.unwrap();
    let Acquired::Granted(lease) = acquired else { panic!("the lease is free") };
    for (revision, end) in ["\0", "\0#1x", &"ż".repeat(500)].into_iter().enumerate() {
        let named = |what: &str| format!("{what}{end}");
        let client = NewAct::new(named("client"), named("c"), named("order"), end, end).unwrap();
        let order = NewAct::new(named("order"), named("o"), named("order"), end, end).unwrap();
        let order = order.after(named("client")).with_cancel(named("cancel"));
        let mut page = PageCommit::new(revision as u64 * 2, "p");
        for act in [order, client] {
            let fingerprint = Fingerprint::of(end).unwrap();
            page.acts.push((act.op_key.as_str().into(), ActChange::Enqueue { act, fingerprint }));
        }
        store.commit(&Part::whole(&name()), &lease, page).await.unwrap();
        let kinds = ["order", "cancel"].map(|kind| ActKind::from(named(kind)));
        let request = ClaimRequest::new(kinds.into(), Holder::from("one"), TTL, 9);
        for (what, document) in [("client", None), ("order", None), ("order", Some("order"))] {
            if document.is_some() {
                let mut page = PageCommit::new(revision as u64 * 2 + 1, "p");
                page.acts.push(("key".into(), ActChange::Withdraw { op_key: named(what).into() }));
                store.commit(&Part::whole(&name()), &lease, page).await.unwrap();
            }
            let claims = store.claim(&request).await.unwrap();
            let [claim] = claims.as_slice() else { panic!("{what}: {claims:?}") };
            assert!(claim.act.op_key.as_str().starts_with(what));
            assert_eq!(claim.act.document_id.as_ref().map(|id| id.as_str()), document);
            let needed: Vec<_> =
                claim.act.after.iter().filter_map(|needed| needed.target_id.clone()).collect();
            assert_eq!(needed.len(), usize::from(what == "order" && document.is_none()));
            store.settle(claim, Settlement::Done(Created::new(what))).await.unwrap();
        }
        let done = store.acts(&ActFilter::of_document(named("order"))).await.unwrap();
        assert_eq!(done.iter().map(|act| act.state).collect::<Vec<_>>(), [ActState::Done; 2]);
    }
}

#[tokio::test]
async fn acts_of_odd_names_are_carried_out() {
    carry_out_acts_of_odd_names(&MemoryStore::new()).await;
    let folder = tempfile::tempdir().unwrap();
    carry_out_acts_of_odd_names(&SqliteStore::open(folder.path().join("store.db")).unwrap()).await;
}

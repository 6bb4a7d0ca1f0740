//! What goes into a store, as it is written. A change here needs a new format version and a migration.

use std::sync::Arc;

use sync_core::testing::{ManualClock, MemoryChanges, MemorySink, MemorySource};
use sync_core::{
    Acquired, Created, Fingerprint, Flow, Holder, Identity, Job, KeysetSource, Link, MemoryStore, Part,
    Payload, Release, RunContext, SourceIdentity, SqliteStore, Store, act_guid,
};

use crate::world::name;

async fn position(store: &dyn Store) -> String {
    store.read_page(&Part::whole(&name()), Default::default()).await.unwrap().position.unwrap()
}

#[tokio::test]
async fn positions() {
    let instant =
        |seconds: i64| chrono::DateTime::from_timestamp(1_795_000_000 + seconds, 123_456_000).unwrap();
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let list = MemoryChanges::new().wire_page(1);
    list.set_as_of(instant(60));
    list.put(instant(0), "a", 1);
    list.put(instant(1), "b", 1);
    let list = KeysetSource::new(list).clock(Arc::new(ManualClock::default()));
    let flow = Flow::new(name(), list, Identity, MemorySink::new(), store.clone())
        .with_settings(sync_core::FlowSettings::default().batch(1).page_budget(1));
    flow.step(&RunContext::default()).await.unwrap();
    insta::assert_snapshot!("position_keyset_in_cycle", position(&*store).await);
    flow.step(&RunContext::default()).await.unwrap();
    insta::assert_snapshot!("position_keyset", position(&*store).await);

    let identity = SourceIdentity::new("erp", "stock").database("7").contract("b2b").filter("MAG");
    for (label, source) in [("token", MemorySource::token()), ("snapshot", MemorySource::snapshot())] {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        source.put("a", 1);
        let source = source.identity(identity.clone());
        let flow = Flow::new(name(), source, Identity, MemorySink::new(), store.clone())
            .with_clock(std::sync::Arc::new(ManualClock::default()));
        flow.step(&RunContext::default()).await.unwrap();
        insta::assert_snapshot!(format!("position_{label}"), position(&*store).await);
    }
}

#[test]
fn acts() {
    let created =
        Created::new("17").with_number("ZO/1/2026").with_remark("priced").with_link(Link::new("o", "a", "b"));
    let release = Release::new("Anna", "agreed", chrono::DateTime::UNIX_EPOCH);
    insta::assert_json_snapshot!("created", created);
    insta::assert_json_snapshot!("created_least", Created::new("17"));
    insta::assert_json_snapshot!("release", release);
    insta::assert_snapshot!("payload", Payload::of(&("ż", 1)).unwrap().as_json());
    let print = Fingerprint::of(&("ż", 1)).unwrap();
    let hex: String = print.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    insta::assert_snapshot!("fingerprint", hex);
    insta::assert_snapshot!("guid", act_guid(&"order:demo:1".into()));
}

#[tokio::test]
async fn sqlite_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path).unwrap();
    let Acquired::Granted(_) = store.acquire(&name(), &Holder::unique(), crate::world::TTL).await.unwrap()
    else {
        panic!("the lease is free")
    };
    drop(store);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
    let tables: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    insta::assert_snapshot!("sqlite_tables", tables.join(";\n"));
}

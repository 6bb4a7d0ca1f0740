//! Stores of older versions.

use std::path::Path;
use std::sync::Arc;

use sync_core::testing::ManualClock;
use sync_core::{
    Acquired, ActChange, ActFilter, ActOutcome, ActState, Clock, Fingerprint, Holder, Key, LinkRef, NewAct,
    PageCommit, PageQuery, Part, Population, RejectFilter, Sent, SqliteStore, Store,
};

use crate::world::{TTL, name};

/// The tables as version 1 made them, with the rows it wrote.
const VERSION_1: &str = "
CREATE TABLE flow (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
    holder TEXT, fence INTEGER NOT NULL DEFAULT 0, lease_until INTEGER
) STRICT;
CREATE TABLE part (
    id INTEGER PRIMARY KEY, flow INTEGER NOT NULL REFERENCES flow (id), name TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0, position TEXT, UNIQUE (flow, name)
) STRICT;
CREATE TABLE sent (
    part INTEGER NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, target_id TEXT, sent_at INTEGER NOT NULL,
    PRIMARY KEY (part, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE reject (
    part INTEGER NOT NULL, key TEXT NOT NULL, stage TEXT NOT NULL, code TEXT NOT NULL, detail TEXT,
    first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, attempts INTEGER NOT NULL,
    PRIMARY KEY (part, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE link (
    kind TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, PRIMARY KEY (kind, a)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX link_by_b ON link (kind, b);
CREATE TABLE act (
    id INTEGER PRIMARY KEY AUTOINCREMENT, op_key TEXT NOT NULL UNIQUE, order_key TEXT NOT NULL, kind TEXT NOT NULL,
    payload TEXT NOT NULL, business_hash BLOB NOT NULL, part INTEGER NOT NULL,
    state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, claim INTEGER NOT NULL DEFAULT 0,
    looking_up INTEGER NOT NULL DEFAULT 0, misses INTEGER NOT NULL DEFAULT 0,
    may_exist INTEGER NOT NULL DEFAULT 0, next_at INTEGER, holder TEXT,
    reason_code TEXT, reason_detail TEXT, created TEXT, released TEXT,
    enqueued_at INTEGER NOT NULL, changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX act_line ON act (id, state, next_at, kind, order_key)
    WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual');
CREATE INDEX act_order ON act (order_key, id)
    WHERE state IN ('ready', 'sending', 'in_doubt', 'held', 'manual');
PRAGMA application_id = 0x73796e63;
PRAGMA user_version = 1;
PRAGMA journal_mode = WAL;

INSERT INTO flow (id, name, holder, fence, lease_until) VALUES (1, 'demo/goods', 'old', 7, 1795247000000000);
INSERT INTO part (id, flow, name, revision, position) VALUES (1, 1, '', 3, 'position'), (2, 1, 'other', 1, 'p');
INSERT INTO sent (part, key, fingerprint, target_id, sent_at) VALUES
    (1, 'ż', zeroblob(32), 'T1', 1795240000999999),
    (1, 'a', CAST('0123456789abcdef0123456789ABCDEF' AS BLOB), NULL, 1795240001000001),
    (1, 'B', CAST('fedcba98765432100123456789ABCDEF' AS BLOB), 'T3', 1795230000000000);
INSERT INTO reject (part, key, stage, code, detail, first_seen, last_seen, attempts)
    VALUES (1, 'x', 'map', 'missing-link', 'words', 1795240000000000, 1795240060000000, 2);
INSERT INTO link (kind, a, b) VALUES ('contractor', '1', 'x');
INSERT INTO act (op_key, order_key, kind, payload, business_hash, part, state, attempt, claim, created, enqueued_at,
                 changed_at)
    VALUES ('o1', 'k1', 'order', '{}', zeroblob(32), 1, 'done', 1, 2, '{\"target_id\":\"D1\"}', 1795240000000000,
            1795240000000000);
";

fn version_1(path: &Path) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(VERSION_1).unwrap();
    let act = NewAct::new("o1", "k1", "order", "v", "v").unwrap();
    let long = [act.business_hash.as_bytes().as_slice(), &[1; 16]].concat();
    connection.execute("UPDATE act SET business_hash = ?1", [long]).unwrap();
}

fn tables(path: &Path) -> Vec<String> {
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT sql FROM sqlite_schema ORDER BY name, sql").unwrap();
    let tables = statement.query_map([], |row| row.get::<_, Option<String>>(0)).unwrap();
    tables.filter_map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_store_of_version_1_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    version_1(&path);
    let clock = Arc::new(ManualClock::default());
    let store = SqliteStore::open(&path).unwrap().with_clock(clock.clone());

    let part = Part::whole(&name());
    let keys: Vec<Key> = ["a", "ż", "B", "x"].map(Key::from).into();
    let asked = LinkRef::of_a("contractor", "1");
    let state = store.read_page(&part, PageQuery::new(keys, vec![asked.clone()])).await.unwrap();
    assert_eq!((state.revision, state.position.as_deref()), (3, Some("position")));
    assert_eq!((state.population, state.approval), (Population::new(3, 3), None));
    let sent = |print: &[u8; 16], target: Option<&str>, slot| {
        Some(Sent::new(Fingerprint::from_bytes(*print), target.map(Into::into)).in_slot(slot))
    };
    let expected = [
        sent(b"0123456789abcdef", None, 1),
        sent(&[0; 16], Some("T1"), 2),
        sent(b"fedcba9876543210", Some("T3"), 0),
        None,
    ];
    assert_eq!(state.sent, expected);
    assert_eq!(state.rejected.get(&Key::from("x")).map(String::as_str), Some("missing-link"));
    assert_eq!(state.links.get(&asked), Some("x"));

    let parts = store.parts(&name()).await.unwrap();
    let told: Vec<_> =
        parts.iter().map(|s| (s.part.name(), s.committed_at.timestamp(), s.last_ok_at)).collect();
    assert_eq!(told, [("", 1_795_240_001, None), ("other", 0, None)]);
    assert_eq!(parts[1].population, Population::default());
    let rejects = store.rejects(&RejectFilter::of_part(&part)).await.unwrap();
    let [reject] = rejects.as_slice() else { panic!("one reject: {rejects:?}") };
    assert_eq!((reject.attempts, reject.due, reject.reason.detail()), (2, false, Some("words")));
    assert_eq!((reject.raw.as_ref(), reject.reason.waits_for()), (None, None));

    let Acquired::Granted(lease) = store.acquire(&name(), &Holder::from("new"), TTL).await.unwrap() else {
        panic!("the lease has lapsed")
    };
    assert_eq!(lease.fence, 8);
    let act = NewAct::new("o1", "k1", "order", "v", "v").unwrap();
    let fingerprint = Fingerprint::of("v").unwrap();
    let mut page = PageCommit::new(3, "next");
    page.acts.push(("o1".into(), ActChange::Enqueue { act, fingerprint }));
    let committed = store.commit(&part, &lease, page).await.unwrap();
    assert_eq!((committed.revision, committed.acts), (4, vec![ActOutcome::Same]));
    let acts = store.acts(&ActFilter::one("o1")).await.unwrap();
    assert_eq!((acts[0].state, acts[0].created.is_some()), (ActState::Done, true));
    let parts = store.parts(&name()).await.unwrap();
    assert_eq!(parts[0].committed_at, clock.now());
}

#[test]
fn an_old_store_gets_the_tables_of_a_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (folder.path().join("old.db"), folder.path().join("new.db"));
    version_1(&old);
    for path in [&old, &new] {
        drop(SqliteStore::open(path).unwrap());
        drop(SqliteStore::open(path).unwrap());
    }
    assert_eq!(tables(&old), tables(&new));
}

#[test]
fn an_old_store_is_opened_by_many_at_the_same_time() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let path = folder.path().join(format!("{round}.db"));
        version_1(&path);
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

//! The store in PostgreSQL.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use sync_core::testing::{StoreUnderTest, store_conformance, store_history};
use sync_core::{
    Acquired, Error, ErrorKind, FlowName, Holder, Lease, PostgresSettings, PostgresStore, Result, Store,
};
use tokio_postgres::NoTls;

use crate::cluster::{Bouncer, skip};

mod commits;
mod outbox;
mod restart;
mod setup;

/// The database to test with.
pub(crate) fn database() -> Option<String> {
    let url = std::env::var("DATABASE_URL").ok();
    if url.is_none() {
        skip("DATABASE_URL is not set");
    }
    url
}

pub(crate) async fn admin(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A database in which a test has schemas of its own.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
    schemas: Mutex<Vec<String>>,
}

/// Numbers the schemas of this process.
static NUMBER: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// The name of a schema that does not exist yet, and is dropped after the test.
    pub(crate) async fn schema(&self) -> String {
        let client = admin(&self.url).await;
        let row = client.query_one("SELECT extract(epoch FROM now())::bigint", &[]).await.unwrap();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("sync_test_{}_{}_{number}", row.get::<_, i64>(0), std::process::id());
        self.schemas.lock().unwrap().push(name.clone());
        name
    }

    pub(crate) async fn open(&self, schema: &str) -> PostgresStore {
        let settings = PostgresSettings::default().schema(schema);
        PostgresStore::connect_with(&self.url, settings).await.unwrap()
    }

    /// An empty store.
    pub(crate) async fn fresh(&self) -> TestStore {
        let schema = self.schema().await;
        let store = Arc::new(self.open(&schema).await);
        TestStore { url: self.url.clone(), schema, store, passed: Mutex::default() }
    }

    /// Drops the schemas of this test, and those that killed runs left behind more than an hour ago.
    async fn clean_up(&self) {
        let client = admin(&self.url).await;
        let old = r"SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'sync\_test\_%'
                    AND split_part(nspname, '_', 3)::bigint < extract(epoch FROM now()) - 3600";
        let old = client.query(old, &[]).await.unwrap();
        let own = self.schemas.lock().unwrap().clone();
        for schema in own {
            client.batch_execute(&format!("DROP SCHEMA IF EXISTS {schema} CASCADE")).await.unwrap();
        }
        for row in old {
            // another test may be at it
            let _ = client
                .batch_execute(&format!("DROP SCHEMA IF EXISTS {} CASCADE", row.get::<_, &str>(0)))
                .await;
        }
    }
}

/// Runs a test and cleans up after it, also if it failed.
pub(crate) async fn with_database(url: String, test: impl AsyncFnOnce(&TestDatabase)) {
    let database = TestDatabase { url, schemas: Mutex::default() };
    let ended = AssertUnwindSafe(test(&database)).catch_unwind().await;
    database.clean_up().await;
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

pub(crate) struct TestStore {
    url: String,
    pub(crate) schema: String,
    pub(crate) store: Arc<PostgresStore>,
    passed: Mutex<Duration>,
}

impl TestStore {
    pub(crate) async fn run(&self, sql: &str) {
        admin(&self.url).await.batch_execute(&sql.replace("{s}", &self.schema)).await.unwrap();
    }
}

#[async_trait]
impl StoreUnderTest for TestStore {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store) as Arc<dyn Store>
    }

    async fn advance(&self, by: Duration) -> Result<()> {
        let passed = {
            let mut passed = self.passed.lock().unwrap();
            *passed += by;
            passed.as_micros()
        };
        let sql = format!(
            "CREATE OR REPLACE FUNCTION {{s}}.sync_now() RETURNS timestamptz LANGUAGE sql VOLATILE
             AS 'SELECT clock_timestamp() + interval ''{passed} microseconds'''"
        );
        self.run(&sql).await;
        Ok(())
    }
}

pub(crate) fn flow() -> FlowName {
    FlowName::new("demo/stock").unwrap()
}

pub(crate) async fn lease(store: &dyn Store, holder: &str) -> Lease {
    match store.acquire(&flow(), &Holder::from(holder), Duration::from_secs(60)).await.unwrap() {
        Acquired::Granted(lease) => lease,
        _ => panic!("the lease is free"),
    }
}

/// Drops the future after so many polls, unless it has ended.
pub(crate) async fn polled<T>(work: impl Future<Output = T>, mut times: usize) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => {
            times -= 1;
            if times == 0 { Poll::Ready(None) } else { Poll::Pending }
        }
    })
    .await
}

/// All that an error shows, with its causes.
pub(crate) fn shown(error: &Error) -> String {
    let mut shown = format!("{error:?} {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        shown += &format!(" {error:?} {error}");
        cause = error.source();
    }
    shown
}

#[tokio::test]
async fn postgres_keeps_the_promises_of_a_store() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        store_conformance(async || Ok(database.fresh().await)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_commits_of_two_stores_in_postgres_form_one_history() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let other = Arc::new(database.open(&test.schema).await);
        store_history(&[test.store(), other], 6, 40).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn postgres_keeps_them_through_a_bouncer_in_transaction_mode() {
    let Some(bouncer) = Bouncer::start() else { return };
    with_database(bouncer.url(), async |database| {
        store_conformance(async || Ok(database.fresh().await)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_instances_gets_the_lease() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let schema = database.schema().await;
        let mut stores = Vec::new();
        for _ in 0..6 {
            stores.push(database.open(&schema).await);
        }
        let acquired = stores.iter().map(|store| async {
            let (flow, holder) = (flow(), Holder::unique());
            store.acquire(&flow, &holder, Duration::from_secs(60)).await.unwrap()
        });
        let acquired = futures::future::join_all(acquired).await;
        let granted: Vec<_> = acquired
            .iter()
            .filter_map(|acquired| match acquired {
                Acquired::Granted(lease) => Some(lease),
                _ => None,
            })
            .collect();
        assert_eq!(granted.len(), 1);
        for acquired in &acquired {
            if let Acquired::HeldBy { until } = acquired {
                assert_eq!(*until, granted[0].until);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_acquisition_dropped_at_any_point_leaves_the_lease_free_for_its_holder() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let (flow, holder) = (flow(), Holder::from("one"));
        let ttl = Duration::from_secs(60);
        let mut polls = 1;
        while polled(test.store.acquire(&flow, &holder, ttl), polls).await.is_none() {
            polls += 1;
        }
        assert!(polls > 1);
        let held = test.store.acquire(&flow, &Holder::from("two"), ttl).await.unwrap();
        assert!(matches!(held, Acquired::HeldBy { .. }));
        test.store.give_back(&lease(&*test.store, "one").await).await.unwrap();
        lease(&*test.store, "two").await;
        let client = admin(&database.url).await;
        let open = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database =
                    (SELECT oid FROM pg_database WHERE datname = current_database()) AND classid = hashtext('sync_core')::oid
                    AND objid = hashtext($1)::oid";
        let quoted = format!("\"{}\"", test.schema);
        assert_eq!(client.query_one(open, &[&quoted]).await.unwrap().get::<_, i64>(0), 0);
    })
    .await;
}

#[tokio::test]
async fn a_statement_that_takes_too_long_ends_and_the_store_goes_on() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        lease(&*test.store, "one").await;
        let settings = PostgresSettings::default().schema(&test.schema).connections(1);
        let brief = settings.timeouts(Duration::from_secs(10), Duration::from_millis(300));
        let store = PostgresStore::connect_with(&database.url, brief).await.unwrap();
        let other = admin(&database.url).await;
        other.batch_execute(&format!("BEGIN; LOCK TABLE {}.flow", test.schema)).await.unwrap();
        let error = store.acquire(&flow(), &Holder::from("one"), Duration::from_secs(60)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
        other.batch_execute("ROLLBACK").await.unwrap();
        // it was cancelled, or went on after the lock was gone
        assert!(lease(&store, "one").await.fence > 1);
    })
    .await;
}

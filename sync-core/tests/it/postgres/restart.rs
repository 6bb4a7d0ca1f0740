//! A server that goes down and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sync_core::{
    Acquired, ErrorKind, Fingerprint, Holder, Key, PageCommit, PageQuery, Part, PostgresStore, Result, Sent,
    Store,
};

use super::flow;
use crate::cluster::Cluster;

/// Commits one more page with this key.
async fn commit_one(store: &PostgresStore, part: &Part, holder: &Holder, key: &Key) -> Result<()> {
    let ttl = std::time::Duration::from_secs(60);
    let Acquired::Granted(lease) = store.acquire(part.flow(), holder, ttl).await? else {
        panic!("nobody else wants the lease")
    };
    let revision = store.read_page(part, PageQuery::default()).await?.revision;
    let mut page = PageCommit::new(revision, "position");
    page.sent.push((key.clone(), Sent::new(Fingerprint::from_bytes([1; 16]), None)));
    store.commit(part, &lease, page).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_crash_of_the_server_and_the_store_goes_on() {
    let Some(cluster) = Cluster::start().map(Arc::new) else { return };
    let store = PostgresStore::connect(&cluster.url()).await.unwrap();
    let (part, holder) = (Part::whole(&flow()), Holder::unique());
    let mut acknowledged: Vec<Key> = Vec::new();
    let (mut failures, mut after) = (0, 0);
    let up_again = Arc::new(AtomicBool::new(false));
    let mut restart = None;
    for number in 0.. {
        let was_up = up_again.load(Ordering::Acquire);
        let key = Key::from(number.to_string());
        match commit_one(&store, &part, &holder, &key).await {
            Ok(()) => {
                acknowledged.push(key);
                after += u32::from(was_up);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Store, "{error}");
                failures += 1;
                tokio::task::yield_now().await;
            }
        }
        if acknowledged.len() == 20 && restart.is_none() {
            let (cluster, up_again) = (Arc::clone(&cluster), Arc::clone(&up_again));
            restart = Some(tokio::task::spawn_blocking(move || {
                cluster.restart();
                up_again.store(true, Ordering::Release);
            }));
        }
        if after == 20 {
            break;
        }
    }
    restart.unwrap().await.unwrap();
    assert!(failures > 0, "calls during the restart fail");
    let state = store.read_page(&part, PageQuery::new(acknowledged.clone(), Vec::new())).await.unwrap();
    assert!(state.revision >= acknowledged.len() as u64);
    assert!(state.sent.iter().all(Option::is_some));
}

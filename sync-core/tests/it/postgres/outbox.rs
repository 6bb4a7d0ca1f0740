//! Claims.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sync_core::{
    Acquired, ActChange, ActFilter, ActKind, ActOutcome, ActState, Claim, ClaimRequest, ClaimTask, Created,
    Fingerprint, FlowName, Holder, Key, Lease, NewAct, PageCommit, Part, PostgresSettings, PostgresStore,
    Reason, Settlement, Store,
};

use super::{admin, database, flow, lease, with_database};
use crate::model::play::Dice;

const KEYS: usize = 5;
const ACTS: usize = 60;

/// Acts in the hands of dispatchers, and what was done, by order key.
#[derive(Default)]
struct Seen {
    in_hand: BTreeMap<String, String>,
    done: BTreeMap<String, Vec<String>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_of_many_dispatchers_keep_the_order_of_each_order_key() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let seen = Mutex::new(Seen::default());
        let enqueueing = async {
            let part = Part::whole(&flow());
            let lease = lease(&*test.store, "one").await;
            for number in 0..ACTS {
                let op_key = format!("{number:03}");
                let act =
                    NewAct::new(op_key.as_str(), format!("k{}", number % KEYS), "order", "", "").unwrap();
                let mut page = PageCommit::new(number as u64, "p");
                let fingerprint = Fingerprint::of(&number).unwrap();
                page.acts.push((Key::from(op_key), ActChange::Enqueue { act, fingerprint }));
                test.store.commit(&part, &lease, page).await.unwrap();
            }
        };
        let dispatching = (0..6).map(|_| async {
            let holder = Holder::unique();
            let kinds = vec![ActKind::from("order")];
            let request = ClaimRequest::new(kinds, holder, Duration::from_secs(60), 3);
            let settled = || seen.lock().unwrap().done.values().map(Vec::len).sum::<usize>();
            while settled() < ACTS {
                for claim in test.store.claim(&request).await.unwrap() {
                    let (order_key, op_key) = (claim.act.order_key.to_string(), claim.act.op_key.to_string());
                    let other = seen.lock().unwrap().in_hand.insert(order_key.clone(), op_key.clone());
                    assert_eq!(other, None, "with {op_key}");
                    {
                        let mut seen = seen.lock().unwrap();
                        seen.in_hand.remove(&order_key);
                        seen.done.entry(order_key).or_default().push(op_key);
                    }
                    test.store.settle(&claim, Settlement::Done(Created::new("x"))).await.unwrap();
                }
            }
        });
        futures::join!(enqueueing, futures::future::join_all(dispatching));
        for done in seen.into_inner().unwrap().done.values() {
            assert_eq!(done.len(), ACTS / KEYS);
            assert!(done.is_sorted(), "{done:?}");
        }
        assert_eq!(test.store.acts(&ActFilter::open()).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn flows_that_enqueue_one_act_at_the_same_time_enqueue_it_once() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        for round in 0..10_u64 {
            let commits = (0..4).map(|number| {
                let store = &test.store;
                async move {
                    let flow = FlowName::new(format!("demo/flow-{number}")).unwrap();
                    let ttl = Duration::from_secs(60);
                    let acquired = store.acquire(&flow, &Holder::from("one"), ttl).await.unwrap();
                    let Acquired::Granted(lease) = acquired else { panic!("the lease is free") };
                    let act = NewAct::new(format!("op-{round}"), "k", "order", "", "").unwrap();
                    let fingerprint = Fingerprint::of("").unwrap();
                    let mut page = PageCommit::new(round, "p");
                    page.acts.push(("key".into(), ActChange::Enqueue { act, fingerprint }));
                    store.commit(&Part::whole(&flow), &lease, page).await.unwrap().acts
                }
            });
            let mut outcomes = futures::future::join_all(commits).await.concat();
            outcomes.sort_by_key(|outcome| *outcome != ActOutcome::Enqueued);
            assert_eq!(
                outcomes,
                [ActOutcome::Enqueued, ActOutcome::Same, ActOutcome::Same, ActOutcome::Same]
            );
        }
    })
    .await;
}

/// Claimers over so many pools.
const POOLS: usize = 4;
const CLAIMERS: usize = 16;
const ENQUEUERS: usize = 3;
/// Acts of each enqueuer, over so many order keys of its own.
const EACH: usize = 100;
const KEYS_OF_EACH: usize = 4;

/// The target and those who work on it, as one sees it who sees everything.
#[derive(Default)]
struct Floor {
    /// By order key: the act in an honest claimer's hands.
    in_hand: BTreeMap<String, String>,
    /// Documents by op key.
    documents: BTreeMap<String, u32>,
    /// By order key, in order, without those that were refused first.
    done: BTreeMap<String, Vec<String>>,
    refused: BTreeSet<String>,
    lapsed: usize,
    looked_up: usize,
}

impl Floor {
    /// Refusals are replaced, so in the end each act has a document.
    fn is_over(&self) -> bool {
        self.documents.len() == ENQUEUERS * EACH && self.in_hand.is_empty()
    }

    fn make(&mut self, claim: &Claim) {
        *self.documents.entry(claim.act.op_key.to_string()).or_default() += 1;
    }
}

async fn lease_of(store: &PostgresStore, flow: &FlowName) -> Lease {
    let ttl = Duration::from_secs(600);
    let Acquired::Granted(lease) = store.acquire(flow, &Holder::from("one"), ttl).await.unwrap() else {
        panic!("the lease is free")
    };
    lease
}

async fn enqueue(
    store: &PostgresStore,
    lease: &Lease,
    revision: u64,
    acts: &[(String, String)],
    business: &str,
) {
    let mut page = PageCommit::new(revision, "p");
    for (op_key, order_key) in acts {
        let act = NewAct::new(op_key.as_str(), order_key.as_str(), "order", business, business).unwrap();
        let fingerprint = Fingerprint::of(business).unwrap();
        page.acts.push((Key::from(op_key.as_str()), ActChange::Enqueue { act, fingerprint }));
    }
    store.commit(&Part::whole(&lease.flow), lease, page).await.unwrap();
}

/// Some of its claims are left to lapse.
async fn claimer(store: &PostgresStore, floor: &Mutex<Floor>, seed: u64) {
    let mut dice = Dice::new(seed);
    let kinds = vec![ActKind::from("order")];
    let holder = Holder::unique();
    let request = |ttl| ClaimRequest::new(kinds.clone(), holder.clone(), ttl, 3);
    while !floor.lock().unwrap().is_over() {
        if dice.below(8) == 0 {
            // its holder dies before anything was sent
            let claims = store.claim(&request(Duration::from_millis(1))).await.unwrap();
            floor.lock().unwrap().lapsed += claims.len();
            continue;
        }
        for claim in store.claim(&request(Duration::from_secs(600))).await.unwrap() {
            let (order_key, op_key) = (claim.act.order_key.to_string(), claim.act.op_key.to_string());
            let settlement = {
                let mut floor = floor.lock().unwrap();
                let other = floor.in_hand.insert(order_key.clone(), op_key.clone());
                assert_eq!(other, None, "with {op_key}");
                let there = floor.documents.contains_key(&op_key);
                match claim.task {
                    ClaimTask::LookUp { .. } if there => Settlement::Done(Created::new("x")),
                    ClaimTask::LookUp { .. } => {
                        floor.looked_up += 1;
                        let reason = Reason::new("surely-not-there");
                        Settlement::Again { after: Duration::ZERO, reason }
                    }
                    // what has been in doubt is replaced no more
                    ClaimTask::Submit if claim.act.attempt == 1 && dice.below(5) == 0 => {
                        floor.refused.insert(op_key.clone());
                        Settlement::Rejected(Reason::new("refused"))
                    }
                    _ => {
                        floor.make(&claim);
                        Settlement::Done(Created::new("x"))
                    }
                }
            };
            tokio::task::yield_now().await;
            {
                let mut floor = floor.lock().unwrap();
                floor.in_hand.remove(&order_key);
                if matches!(settlement, Settlement::Done(_)) && !floor.refused.contains(&op_key) {
                    floor.done.entry(order_key).or_default().push(op_key);
                }
            }
            store.settle(&claim, settlement).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_claimers_over_several_pools_never_hold_two_acts_of_one_order_key_and_keep_their_order() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let mut pools = vec![test.store.clone()];
        for _ in 1..POOLS {
            pools.push(Arc::new(database.open(&test.schema).await));
        }
        let floor = Mutex::new(Floor::default());
        let enqueuing = (0..ENQUEUERS).map(|enqueuer| {
            let store = &pools[enqueuer % POOLS];
            async move {
                let lease = lease_of(store, &FlowName::new(format!("demo/flow-{enqueuer}")).unwrap()).await;
                let acts: Vec<_> = (0..EACH)
                    .map(|n| (format!("{enqueuer}-{n:03}"), format!("{enqueuer}-{}", n % KEYS_OF_EACH)))
                    .collect();
                for (page, acts) in acts.chunks(7).enumerate() {
                    enqueue(store, &lease, page as u64, acts, "v1").await;
                }
            }
        });
        // each refusal is mended and comes again
        let mending = async {
            let (store, flow) = (&pools[0], FlowName::new("demo/mended").unwrap());
            let lease = lease_of(store, &flow).await;
            let mut revision = 0;
            while !floor.lock().unwrap().is_over() {
                let mut acts = store.acts(&ActFilter::settled()).await.unwrap();
                acts.retain(|status| status.state == ActState::Rejected);
                let name = |text: &dyn std::fmt::Display| text.to_string();
                let acts: Vec<_> = acts
                    .iter()
                    .map(|status| (name(&status.act.op_key), name(&status.act.order_key)))
                    .collect();
                if !acts.is_empty() {
                    enqueue(store, &lease, revision, &acts, "v2").await;
                    revision += 1;
                }
            }
        };
        let claiming = (0..CLAIMERS).map(|n| claimer(&pools[n % POOLS], &floor, n as u64));
        futures::join!(futures::future::join_all(enqueuing), mending, futures::future::join_all(claiming));
        let floor = floor.into_inner().unwrap();
        assert!(floor.documents.values().all(|made| *made == 1), "{:?}", floor.documents);
        for done in floor.done.values() {
            assert!(done.is_sorted(), "{done:?}");
        }
        assert!(floor.lapsed > 0 && floor.looked_up > 0 && !floor.refused.is_empty());
        assert_eq!(test.store.acts(&ActFilter::open()).await.unwrap(), []);
    })
    .await;
}

/// F64: what was settled long ago costs a claim nothing, and what waits behind it nearly nothing.
#[tokio::test]
async fn f64_a_claim_reads_the_head_of_the_line_and_nothing_of_what_is_settled() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let lease = lease_of(&test.store, &flow()).await;
        let acts: Vec<_> = (0..20).map(|n| (format!("{n:03}"), format!("k{}", n % 4))).collect();
        enqueue(&test.store, &lease, 0, &acts, "v1").await;
        test.run(
            "INSERT INTO {s}.act (op_key, document, order_key, kind, payload, business_hash, part, state,
                 enqueued_at, changed_at)
             SELECT 'old-' || n, 'old-' || n, 'k' || n % 4, 'order', '{}', '', 1, 'done', now(), now()
             FROM generate_series(1, 50000) AS n;
             INSERT INTO {s}.act (op_key, document, order_key, kind, payload, business_hash, part, state, next_at,
                 enqueued_at, changed_at)
             SELECT 'new-' || n, 'new-' || n, 'new-' || n, 'order', '{}', decode(md5(''), 'hex'), 1, 'ready', now(), now(), now()
             FROM generate_series(1, 5000) AS n; ANALYZE {s}.act",
        )
        .await;
        let client = super::admin(&database.url).await;
        let counted = async || {
            let sql = "SELECT idx_scan, seq_tup_read, idx_tup_fetch FROM pg_stat_user_tables
                       WHERE schemaname = $1 AND relname = 'act'";
            let row = client.query_one(sql, &[&test.schema]).await.unwrap();
            [0, 1, 2].map(|column| row.get::<_, i64>(column))
        };
        let before = counted().await;
        {
            let settings = PostgresSettings::default().schema(&test.schema).connections(1);
            let store = PostgresStore::connect_with(&database.url, settings).await.unwrap();
            let kinds = vec![ActKind::from("order")];
            let request = ClaimRequest::new(kinds, Holder::from("one"), Duration::from_secs(60), 10);
            for claim in store.claim(&request).await.unwrap() {
                store.settle(&claim, Settlement::Done(Created::new("x"))).await.unwrap();
            }
        }
        // the server counts what a connection has read once that has ended
        let after = loop {
            let after = counted().await;
            if after[0] > before[0] {
                break after;
            }
        };
        assert_eq!(after[1], before[1], "the whole table was read");
        assert!(after[2] - before[2] < 500, "{} rows were read for ten claims", after[2] - before[2]);
    })
    .await;
}

#[tokio::test]
async fn acts_of_odd_names_are_carried_out() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        crate::stores::carry_out_acts_of_odd_names(&*test.store).await;
    })
    .await;
}

#[tokio::test]
async fn pruning_does_not_wait_for_an_act_that_a_flow_is_about_to_change() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let lease = lease(&*test.store, "one").await;
        let acts = ["a", "b"].map(|op_key| (op_key.to_owned(), op_key.to_owned()));
        enqueue(&test.store, &lease, 0, &acts, "v1").await;
        let request =
            ClaimRequest::new(vec!["order".into()], Holder::from("one"), Duration::from_secs(60), 2);
        for claim in test.store.claim(&request).await.unwrap() {
            test.store.settle(&claim, Settlement::Done(Created::new("x"))).await.unwrap();
        }
        let mut flow = admin(&database.url).await;
        let tx = flow.transaction().await.unwrap();
        let lock = format!("SELECT FROM {}.act WHERE op_key = 'a' FOR UPDATE", test.schema);
        tx.execute(&lock, &[]).await.unwrap();
        assert_eq!(test.store.prune(Duration::ZERO).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(test.store.prune(Duration::ZERO).await.unwrap(), 1);
    })
    .await;
}

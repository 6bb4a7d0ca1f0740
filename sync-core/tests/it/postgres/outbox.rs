//! Claims.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use sync_core::{
    Acquired, ActChange, ActFilter, ActKind, ActOutcome, ClaimRequest, Created, Fingerprint, FlowName,
    Holder, Key, NewAct, PageCommit, Part, Settlement, Store,
};

use super::{database, flow, lease, with_database};

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

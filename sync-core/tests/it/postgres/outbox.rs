//! Claims.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use sync_core::{
    ActChange, ActFilter, ActKind, ClaimRequest, Created, Fingerprint, Holder, Key, NewAct, PageCommit, Part,
    Settlement, Store,
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

//! Pages.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sync_core::testing::StoreUnderTest;
use sync_core::{
    ActChange, ActFilter, ErrorKind, Fingerprint, Key, Link, LinkRef, MemoryStore, NewAct, NewReject,
    PageCommit, PageQuery, Part, Population, PostgresSettings, PostgresStore, Reason, RejectFilter,
    RejectStage, SeenChunk, Sent, Store,
};

use super::{admin, database, flow, lease, polled, with_database};
use crate::stores::only_runs_of_which_nothing_is_left_are_forgotten;

fn sent(byte: u8, slot: u64) -> Sent {
    Sent::new(Fingerprint::from_bytes([byte; 16]), None).in_slot(slot)
}

fn enqueue(op_key: &str, business: &str) -> ActChange {
    let act = NewAct::new(op_key, "k", "order", business, business).unwrap();
    ActChange::Enqueue { act, fingerprint: Fingerprint::of(business).unwrap() }
}

fn reject(key: &str, code: &'static str) -> NewReject {
    NewReject::new(key.into(), RejectStage::Map, Reason::new(code))
}

#[tokio::test]
async fn a_paused_holder_cannot_commit_after_another_took_over() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let other = database.open(&test.schema).await;
        let old = lease(&*test.store, "old").await;
        test.advance(Duration::from_secs(61)).await.unwrap();
        let new = lease(&other, "new").await;
        let part = Part::whole(&flow());
        let late = test.store.commit(&part, &old, PageCommit::new(0, "late")).await;
        assert_eq!(late.unwrap_err().kind(), ErrorKind::LeaseLost);
        other.commit(&part, &new, PageCommit::new(0, "new")).await.unwrap();
        let state = test.store.read_page(&part, PageQuery::default()).await.unwrap();
        assert_eq!((state.revision, state.position.as_deref()), (1, Some("new")));
    })
    .await;
}

#[tokio::test]
async fn a_holder_paused_within_its_commit_does_not_keep_another_from_taking_over() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let other = database.open(&test.schema).await;
        let settings = PostgresSettings::default().schema(&test.schema);
        let brief = settings.timeouts(Duration::from_secs(10), Duration::from_millis(300));
        let store = PostgresStore::connect_with(&database.url, brief).await.unwrap();
        let part = Part::whole(&flow());
        let mut ended = 0;
        for polls in 1.. {
            let old = lease(&store, "old").await;
            let before = store.read_page(&part, PageQuery::default()).await.unwrap().revision;
            let mut commit = pin!(store.commit(&part, &old, page_of_all(before)));
            if polled(&mut commit, polls).await.is_some() {
                break;
            }
            test.advance(Duration::from_secs(61)).await.unwrap();
            let new = lease(&other, "new").await;
            let after = other.read_page(&part, PageQuery::default()).await.unwrap().revision;
            match commit.await {
                // its last statement was on its way
                Ok(committed) => assert_eq!((committed.revision, after), (before + 1, before + 1)),
                Err(error) => {
                    assert_eq!(after, before);
                    ended += u32::from(error.kind() == ErrorKind::Store);
                }
            }
            other.give_back(&new).await.unwrap();
        }
        assert!(ended > 0, "it was never paused within its transaction");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_that_are_replayed_while_their_flow_commits_make_nobody_fail() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let other = database.open(&test.schema).await;
        let (store, part) = (&*test.store, Part::whole(&flow()));
        let lease = lease(store, "one").await;
        let number = |n: u64| format!("{:03}", n * 617 % 1000);
        let waiting = |n: u64| {
            let wanted = LinkRef::of_a("good", number(n));
            NewReject::new(number(n).into(), RejectStage::Map, Reason::missing_link(wanted))
        };
        let mut page = PageCommit::new(0, "0");
        page.rejects = (0..1000).map(waiting).collect();
        store.commit(&part, &lease, page).await.unwrap();
        let committing = async {
            for round in 1..40_u64 {
                let mut page = PageCommit::new(round, "p");
                let (cleared, anew) = [(0, 500), (500, 0)][(round % 2) as usize];
                page.cleared = (cleared..cleared + 500).rev().map(|n| number(n).into()).collect();
                page.rejects = (anew..anew + 500).map(|n| reject(&number(n), "poison")).collect();
                store.commit(&part, &lease, page).await.unwrap();
            }
        };
        let replaying = async {
            for _ in 0..40 {
                other.replay_rejects(&RejectFilter::all()).await.unwrap();
            }
        };
        let learning = async {
            for round in 0..40_u64 {
                let learned = (round * 25..round * 25 + 25).map(|n| Link::new("good", number(n), number(n)));
                other.put_links(&learned.collect::<Vec<_>>()).await.unwrap();
            }
        };
        futures::join!(committing, replaying, learning);
    })
    .await;
}

/// A page with one of everything, under this number.
fn page_of_all(revision: u64) -> PageCommit {
    let mut page = PageCommit::new(revision, revision.to_string());
    page.sent.push((format!("sent-{revision}").into(), sent(1, revision)));
    page.rejects.push(reject(&format!("reject-{revision}"), "poison"));
    page.links.push(Link::new("good", format!("a{revision}"), format!("b{revision}")));
    page.acts.push((format!("act-{revision}").into(), enqueue(&format!("act-{revision}"), "v")));
    page.population = Some(Population::new(revision + 1, revision + 1));
    page
}

#[tokio::test]
async fn a_commit_dropped_at_any_point_leaves_the_state_before_or_after() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let part = Part::whole(&flow());
        for simple in [false, true] {
            let mut polls = 1;
            let mut done = false;
            while !done {
                // whatever the dropped commit still does, it does before this or not at all
                let lease = lease(&*test.store, "one").await;
                let revision = test.store.read_page(&part, PageQuery::default()).await.unwrap().revision;
                let everything = test.store.acts(&ActFilter::all()).await.unwrap().len();
                let rejects = test.store.count_rejects(&RejectFilter::all()).await.unwrap().count;
                assert_eq!(rejects, everything as u64);
                let links =
                    (0..=revision).map(|number| LinkRef::of_a("good", format!("a{number}"))).collect();
                let keys = (0..=revision).map(|number| Key::from(format!("sent-{number}"))).collect();
                let state = test.store.read_page(&part, PageQuery::new(keys, links)).await.unwrap();
                assert_eq!(state.sent.iter().flatten().count() as u64, revision);
                assert_eq!(state.population.active, revision);
                let known = (0..revision)
                    .filter(|number| state.links.get(&LinkRef::of_a("good", format!("a{number}"))).is_some());
                assert_eq!(known.count(), everything);
                let mut page = page_of_all(revision);
                if simple {
                    (page.rejects, page.links, page.acts) = Default::default();
                }
                done = polled(test.store.commit(&part, &lease, page), polls)
                    .await
                    .transpose()
                    .unwrap()
                    .is_some();
                polls += 1;
            }
            assert!(polls > 2, "a commit waits at least once");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_do_what_they_do_in_memory() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let stores: [Arc<dyn Store>; 2] = [Arc::new(MemoryStore::new()), test.store()];
        let part = Part::named(&flow(), "nul\0part");
        let mut results = Vec::new();
        for store in stores {
            let lease = lease(&*store, "one").await;
            let mut page = PageCommit::new(0, "1");
            let slots = [0, 7, 8, 15, 32_767, 32_768, 40_000, 70_000];
            let keys = ["Z", "a", "b", "ż", "nul\0", "\u{10ffff}", "x", "y"];
            page.sent.extend(keys.into_iter().zip(slots).map(|(key, slot)| (key.into(), sent(1, slot))));
            // the last one counts
            page.sent.extend([("a".into(), sent(2, 7)), ("a".into(), sent(3, 7).missing(2))]);
            page.withdrawn.push("b".into());
            let mut bits = vec![0; 4096];
            (bits[0], bits[1], bits[4095]) = (1, 0b1000_0000, 0b1000_0000);
            page.seen.push(SeenChunk::new(0, vec![0xff; 4096]));
            page.seen.push(SeenChunk::new(0, bits));
            // a chunk that is too short holds nothing beyond its end
            page.seen.push(SeenChunk::new(1, vec![1]));
            let waiting = Reason::missing_link(LinkRef::of_b("good", "b1"));
            page.rejects.push(NewReject::new("waits".into(), RejectStage::Map, waiting));
            page.rejects.extend([reject("twice", "first"), reject("twice", "second"), reject("o1", "gone")]);
            page.links.extend([Link::new("good", "a1", "b1"), Link::new("good", "a2", "b1")]);
            page.links.push(Link::new("good", "a1", "b1"));
            let withdraw = |op_key: &str| ActChange::Withdraw { op_key: op_key.into() };
            page.acts.extend([
                ("o1".into(), enqueue("o1", "v1")),
                ("o2".into(), enqueue("o2", "v1")),
                ("o1".into(), enqueue("o1", "v2")),
                ("o3".into(), enqueue("o3", "v1")),
                ("o3".into(), withdraw("o3")),
                ("o2".into(), withdraw("o2")),
                ("o2".into(), enqueue("o2", "v3")),
                ("o4".into(), withdraw("o4")),
            ]);
            let first = store.commit(&part, &lease, page).await.unwrap();

            let mut page = PageCommit::new(1, "2");
            page.cleared.push("twice".into());
            page.rejects.push(reject("twice", "anew"));
            page.acts.extend([
                ("o1".into(), withdraw("o1")),
                ("o1".into(), enqueue("o1", "v1")),
                ("o2".into(), enqueue("o2", "v4")),
            ]);
            let second = store.commit(&part, &lease, page).await.unwrap();
            let mut page = PageCommit::new(2, "3");
            page.forget_seen = true;
            page.seen.push(SeenChunk::new(1, vec![0xff; 4096]));
            let before = (
                store.unseen(&part, None, 100).await.unwrap(),
                store.unseen(&part, Some(&"Z".into()), 2).await.unwrap(),
                store.count_unseen(&part, 1).await.unwrap(),
                store.seen(&part).await.unwrap(),
            );
            store.commit(&part, &lease, page).await.unwrap();
            let after = (store.unseen(&part, None, 100).await.unwrap(), store.seen(&part).await.unwrap());

            let asked: Vec<Key> = keys.into_iter().chain(["o1", "o2", "o3"]).map(Key::from).collect();
            let state = store.read_page(&part, PageQuery::new(asked, Vec::new())).await.unwrap();
            let rejects = store.rejects(&RejectFilter::of_part(&part)).await.unwrap();
            let rejects: Vec<_> =
                rejects.into_iter().map(|r| (r.key, r.reason, r.attempts, r.due, r.stage)).collect();
            let acts = store.acts(&ActFilter::all()).await.unwrap();
            let acts: Vec<_> = acts.into_iter().map(|s| (s.act.op_key, s.act.payload, s.state)).collect();
            store.forget(&part, &lease).await.unwrap();
            let forgotten = (
                store.parts(&flow()).await.unwrap(),
                store.count_rejects(&RejectFilter::all()).await.unwrap(),
                store.unseen(&part, None, 100).await.unwrap(),
            );
            let anew = store.commit(&part, &lease, PageCommit::new(0, "anew")).await.unwrap();
            let seen = format!("{first:?} {second:?} {before:?} {after:?} {anew:?}");
            // what cannot hold NUL holds the replacement
            results.push((seen.replace("\\0", "\u{fffd}"), state.sent, rejects, acts, forgotten));
        }
        assert_eq!(results[0], results[1]);
        assert_eq!(results[1].1.iter().flatten().count(), 9);
    })
    .await;
}

#[tokio::test]
async fn an_old_run_is_forgotten_once_nothing_is_left_of_it() {
    let Some(url) = database() else { return };
    with_database(url, async |database| {
        let test = database.fresh().await;
        let client = admin(&database.url).await;
        let sql = format!("SELECT name FROM {}.run ORDER BY name", test.schema);
        let runs = async || {
            let rows = client.query(&sql, &[]).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        };
        only_runs_of_which_nothing_is_left_are_forgotten(&test, runs).await;
    })
    .await;
}

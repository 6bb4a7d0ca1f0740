//! Why the target has what it has.

use std::time::Duration;

use sync_core::testing::{FakeSubmitter, MemorySink, MemorySource};
use sync_core::{
    ActState, Brake, BrakeLimit, Clock, Flow, FlowSettings, Job, Key, Mapped, Mapper, Reason, RejectStage,
    RunContext,
};

use crate::dispatch::Outbox;
use crate::outbox::{dispatch, editable};
use crate::world::{Good, Ticked, World, finish, good, name, poison};

#[tokio::test]
async fn a_key_is_explained_by_the_run_that_sent_it() {
    let world = World::new(MemorySource::token(), MemorySink::new());
    let flow = world.flow();
    world.source.put("a", good(1));
    world.source.put("b", good(1));
    let first = world.clock.now();
    flow.step(&RunContext::default().with_run_id("one")).await.unwrap();
    world.clock.advance(Duration::from_secs(60));
    world.source.put("a", good(1));
    world.source.put("b", good(2));
    flow.step(&RunContext::default().with_run_id("two")).await.unwrap();
    assert_eq!(flow.explain(&"never".into()).await.unwrap(), []);

    let explain = async |key: &str| flow.explain(&Key::from(key)).await.unwrap().pop().unwrap();
    let (unchanged, changed) = (explain("a").await, explain("b").await);
    let origin = unchanged.sent.unwrap();
    let by = origin.by.unwrap();
    assert_eq!((by.run.as_str(), by.began_at, by.mapping, origin.sent_at), ("one", first, 1, Some(first)));
    assert_eq!(origin.sent.target_id.unwrap().as_str(), "t-a");
    let later = changed.sent.unwrap();
    let run = later.by.unwrap();
    assert_eq!((run.run.as_str(), run.began_at), ("two", first + Duration::from_secs(60)));
    assert_ne!(later.sent.fingerprint, origin.sent.fingerprint);
    assert!(unchanged.reject.is_none() && unchanged.acts.is_empty());
}

#[tokio::test]
async fn what_was_turned_away_is_explained_beside_what_was_sent() {
    let world = World::new(MemorySource::token(), MemorySink::new());
    let flow = world.flow();
    world.source.put("a", good(1));
    finish(&flow).await;
    let since = world.clock.now();
    for key in ["a", "b"] {
        world.source.put(key, poison(1));
    }
    finish(&flow).await;
    for (key, was_sent) in [("a", true), ("b", false)] {
        let [explained] = flow.explain(&key.into()).await.unwrap().try_into().unwrap();
        assert_eq!((explained.sent.is_some(), explained.is_held()), (was_sent, false));
        let reject = explained.reject.unwrap();
        assert_eq!((reject.stage, reject.reason.code()), (RejectStage::Map, "poison"));
        assert_eq!((reject.attempts, reject.first_seen), (1, since));
    }
}

#[tokio::test]
async fn what_is_missing_and_what_is_held_is_explained() {
    let world = World::new(MemorySource::snapshot().without_fetch(), MemorySink::new());
    for key in ["a", "b", "c"] {
        world.source.put(key, good(1));
    }
    world.cycle().await;
    let sent_at = world.clock.now();
    world.clock.advance(Duration::from_secs(60));
    world.source.remove("a");
    world.cycle().await;
    let [missing] = world.flow().explain(&"a".into()).await.unwrap().try_into().unwrap();
    let origin = missing.sent.unwrap();
    assert_eq!((origin.sent.absences, origin.sent_at), (1, Some(sent_at)));
    assert_eq!(origin.by.unwrap().began_at, sent_at);

    let brake = Brake::default().removals(BrakeLimit::new(0, 0));
    let flow = world.flow().with_settings(FlowSettings::default().brake(brake));
    world.source.put_deleted("b");
    finish(&flow).await;
    let [held] = flow.explain(&"b".into()).await.unwrap().try_into().unwrap();
    assert!(held.is_held() && held.sent.is_some());
    assert_eq!(held.reject.unwrap().reason.code(), Reason::HELD_REMOVAL);
}

#[tokio::test]
async fn the_version_of_the_mapping_is_told() {
    #[derive(Debug)]
    struct Second;
    impl Mapper<Good> for Second {
        type Out = i64;
        fn version(&self) -> u32 {
            2
        }
        fn map(&self, key: &Key, good: Good, links: &sync_core::Links) -> Result<Mapped<i64>, Reason> {
            Ticked.map(key, good, links)
        }
    }
    let world = World::snapshot();
    world.source.put("a", good(1));
    world.cycle().await;
    let flow = Flow::new(name(), world.source.clone(), Second, world.sink.clone(), world.store.clone());
    finish(&flow).await;
    let [explained] = flow.explain(&"a".into()).await.unwrap().try_into().unwrap();
    assert_eq!(explained.sent.unwrap().by.unwrap().mapping, 2);
}

#[tokio::test]
async fn an_act_is_explained_by_where_it_stands_and_what_it_made() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    let flow = outbox.flow();
    let explain = async || flow.explain(&"o1".into()).await.unwrap().pop().unwrap();
    let waits = explain().await;
    assert_eq!(waits.acts[0].state, ActState::Ready);
    assert_eq!(waits.sent.unwrap().by.unwrap().began_at, outbox.clock.now());
    outbox.settle_all().await;
    let acts = explain().await.acts;
    let [done] = acts.as_slice() else { panic!("{acts:?}") };
    assert_eq!((done.state, done.act.attempt, done.may_exist), (ActState::Done, 1, false));
    assert!(done.created.is_some());
}

#[tokio::test]
async fn all_acts_of_a_document_explain_it() {
    let outbox = Outbox::new(FakeSubmitter::new());
    let flow = editable(&outbox);
    for business in ["v1", "v2"] {
        outbox.source.put("o1", ("k".to_owned(), business.to_owned()));
        finish(&flow).await;
        dispatch(&outbox).await;
    }
    outbox.source.put("o1", ("k".to_owned(), "v3".to_owned()));
    outbox.source.put("o2", ("k".to_owned(), "v1".to_owned()));
    finish(&flow).await;
    let [explained] = flow.explain(&"o1".into()).await.unwrap().try_into().unwrap();
    let acts: Vec<_> =
        explained.acts.iter().map(|act| (act.act.kind.as_str(), act.act.version, act.state)).collect();
    let (done, ready) = (ActState::Done, ActState::Ready);
    assert_eq!(acts, [("order", 0, done), ("order-edit", 1, done), ("order-edit", 2, ready)]);
}

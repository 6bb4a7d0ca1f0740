//! The invariants I1 to I9, each a test of that name.

use std::sync::Arc;
use std::time::Duration;

use sync_core::testing::{FakeSubmitter, Fault, Faults, MemorySink, MemorySource, Reaction};
use sync_core::{
    Acquired, ActFilter, ActState, Counts, ErrorKind, Holder, Job, PageCommit, PageQuery, Part, RejectFilter,
    RunContext, StepEnd,
};

use crate::dispatch::Outbox;
use crate::world::{TTL, World, crash_after, five, good, holding, name, poison, unticked};

/// Twelve events over small pages: good, poisonous, undecodable, left out, withdrawn.
fn eventful(faults: [&Faults; 3]) -> World {
    let [source, sink, store] = faults.map(Clone::clone);
    let source = MemorySource::token().wire_page(2).faults(source);
    let world = World::new(source, MemorySink::new().faults(sink)).batch(2).with_store_faults(store);
    world.sink.refuse("refused", true);
    world.source.put("a", good(1));
    world.source.put("b", poison(2));
    world.source.put("c", unticked(3));
    world.source.put_bad(Some("d".into()));
    world.source.put("e", good(5));
    world.source.put("a", good(6));
    world.source.put("refused", good(7));
    world.source.put_deleted("e");
    world.source.put("f", good(9));
    world.source.put("g", good(10));
    world.source.put("f", unticked(11));
    world.source.put("h", good(12));
    world
}

async fn check_end(world: &World) {
    assert_eq!(world.holds(), holding(&[("a", 6), ("g", 10), ("h", 12)]));
    let mut keys: Vec<_> = world.rejects().await.iter().map(|r| r.key.to_string()).collect();
    keys.sort();
    assert_eq!(keys, ["b", "d", "refused"]);
    assert_eq!(world.position().await, 12);
    assert_eq!(five(world.cycle().await), [0, 0, 0, 0, 0]);
}

/// Everything before the committed position is sent, left out or rejected.
async fn check_i1(world: &World) {
    let keys = ["a", "b", "c", "d", "e", "a", "refused", "e", "f", "g", "f", "h"];
    let sent = world.sink.log();
    let rejected = world.rejects().await;
    for key in keys.iter().take(world.position().await).filter(|key| **key != "c") {
        let known =
            sent.iter().any(|s| s.as_str() == *key) || rejected.iter().any(|r| r.key.as_str() == *key);
        assert!(known, "{key} was passed");
    }
}

#[tokio::test]
async fn i1_the_cursor_never_passes_a_record_that_is_neither_sent_left_out_nor_rejected() {
    for polls in 0.. {
        let none = Faults::none();
        let world = eventful([&none, &none, &none]);
        let (flow, run) = (world.flow(), RunContext::default());
        let finished = crash_after(polls, flow.step(&run)).is_some();
        check_i1(&world).await;
        if finished {
            assert!(polls > 40, "the crash points are not real: {polls}");
            break;
        }
    }
}

#[tokio::test]
async fn i2_nothing_is_lost_whatever_call_fails() {
    for fault in [Fault::FailBefore, Fault::FailAfter] {
        for place in 0..3 {
            for n in 1.. {
                let faults = [Faults::none(), Faults::none(), Faults::none()];
                faults[place].on_call(n, fault);
                let world = eventful([&faults[0], &faults[1], &faults[2]]);
                for _ in 0..3 {
                    let tally = world.flow().step(&RunContext::default()).await;
                    let ended = tally.is_ok_and(|tally| tally.end == StepEnd::End);
                    check_i1(&world).await;
                    // an instance that failed may have left its lease behind
                    world.clock.advance(TTL);
                    if ended {
                        break;
                    }
                }
                let reached = faults[place].calls() >= n;
                faults[place].clear();
                check_end(&world).await;
                if !reached {
                    break;
                }
            }
        }
    }
}

#[tokio::test]
async fn i2_nothing_is_lost_wherever_the_process_dies() {
    for polls in 0.. {
        let none = Faults::none();
        let world = eventful([&none, &none, &none]);
        let finished = {
            let (flow, run) = (world.flow(), RunContext::default());
            crash_after(polls, flow.step(&run)).is_some()
        };
        world.clock.advance(TTL);
        world.cycle().await;
        check_end(&world).await;
        if finished {
            break;
        }
    }
}

#[tokio::test]
async fn i3_an_act_makes_one_document_when_the_answer_is_lost_after_it_was_applied() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::CreateThenFail]);
    outbox.settle_all().await;
    assert_eq!(outbox.documents(), ["o1"]);
    assert_eq!(outbox.states().await, [("o1".to_owned(), ActState::Done)]);
}

#[tokio::test]
async fn i4_acts_of_one_key_keep_their_order_whatever_happens_to_them() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("b2", "b")]).await;
    use Reaction::{CreateThenFail, FailUnclear, NotSent};
    outbox.submitter.script([NotSent, FailUnclear, CreateThenFail, NotSent, NotSent, FailUnclear]);
    outbox.settle_all().await;
    let documents = outbox.documents();
    for key in ["a", "b"] {
        let of_key: Vec<_> = documents.iter().filter(|op| op.starts_with(key)).collect();
        assert!(of_key.is_sorted(), "{documents:?}");
    }
    assert_eq!(documents.len(), 5);
}

#[tokio::test]
async fn i5_one_writer_per_flow_an_old_fence_commits_nothing() {
    let world = World::snapshot();
    let take = |holder: &'static str| {
        let store = world.store.clone();
        async move {
            match store.acquire(&name(), &Holder::from(holder), TTL).await.unwrap() {
                Acquired::Granted(lease) => lease,
                _ => panic!("the lease is free"),
            }
        }
    };
    let paused = take("paused").await;
    world.clock.advance(TTL);
    world.source.put("a", good(1));
    world.cycle().await;
    let part = Part::whole(&name());
    let zombie = world.store.commit(&part, &paused, PageCommit::new(1, "zombie")).await;
    assert_eq!(zombie.unwrap_err().kind(), ErrorKind::LeaseLost);
    let current = take("next").await;
    let stale = world.store.commit(&part, &current, PageCommit::new(0, "stale")).await;
    assert_eq!(stale.unwrap_err().kind(), ErrorKind::RevisionConflict);
}

#[tokio::test]
async fn i6_a_bad_record_stops_only_itself() {
    for bad_at in 0..9 {
        let world = World::new(MemorySource::token().wire_page(2), MemorySink::new()).batch(3);
        for n in 0..9 {
            match n {
                n if n == bad_at && n % 2 == 0 => world.source.put_bad(Some(format!("k{n}").into())),
                n if n == bad_at => world.source.put(format!("k{n}"), poison(n)),
                n => world.source.put(format!("k{n}"), good(n)),
            }
        }
        assert_eq!(five(world.cycle().await), [9, 8, 0, 0, 1]);
        assert_eq!(world.position().await, 9);
        let rejects = world.rejects().await;
        assert_eq!(rejects[0].key.as_str(), format!("k{bad_at}"));
        assert_eq!(rejects[0].reason.code(), if bad_at % 2 == 0 { "invalid" } else { "poison" });
    }
}

#[tokio::test]
async fn i7_a_lapsed_claim_means_in_doubt_never_ready() {
    for reaction in [Reaction::Hang, Reaction::CreateThenHang] {
        let outbox = Outbox::new(FakeSubmitter::new());
        outbox.enqueue(&[("o1", "k1")]).await;
        outbox.submitter.script([reaction]);
        {
            let (dispatcher, run) = (outbox.dispatcher(), RunContext::default());
            assert!(crash_after(3, dispatcher.step(&run)).is_none());
        }
        outbox.clock.advance(Duration::from_secs(3_600));
        let dispatcher = outbox.dispatcher();
        dispatcher.step(&RunContext::default()).await.unwrap();
        assert_eq!(outbox.submitter.submits().len(), 1, "a lapsed claim was submitted again unseen");
        outbox.settle_all().await;
        assert_eq!(outbox.documents(), ["o1"]);
    }
}

#[tokio::test]
async fn i8_no_record_content_shows_in_debug_or_display() {
    let world = World::snapshot();
    world.source.put("a", poison(1));
    world.cycle().await;
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue_payload("o1", "canary-order").await;
    let run = RunContext::default();
    let acts = outbox.store.acts(&ActFilter::all()).await.unwrap();
    let act = sync_core::NewAct::new("o", "k", "order", &"canary", &"canary").unwrap();
    let shown = format!(
        "{:?} {:?} {acts:?} {act:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        world.rejects().await,
        world.store.rejects(&RejectFilter::all().limit(9)).await,
        sync_core::Item::upsert("k", "canary"),
        sync_core::Write::Upsert { key: "k".into(), record: "canary", previous: None },
        sync_core::Mapped::Send("canary"),
        sync_core::Created::new("id").with_number("canary").with_remark("canary"),
        world.flow(),
        (outbox.dispatcher(), run),
    );
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn i9_counts_add_up_in_every_page() {
    #[derive(Debug, Default)]
    struct Adding(std::sync::Mutex<Counts>);
    impl sync_core::Observer for Adding {
        fn page(&self, _: &str, counts: &Counts) {
            counts.check().unwrap();
            *self.0.lock().unwrap() += *counts;
        }
    }
    let none = Faults::none();
    let world = eventful([&none, &none, &none]);
    let adding = Arc::new(Adding::default());
    let run = RunContext::new(Default::default(), adding.clone());
    let tally = world.flow().step(&run).await.unwrap();
    assert_eq!(*adding.0.lock().unwrap(), tally.counts);
    assert_eq!(five(tally.counts), [12, 8, 0, 1, 3]);
    assert!(Counts::default().check().is_ok());
}

#[tokio::test]
async fn i9_a_sink_that_forgets_a_record_fails_the_step() {
    #[derive(Debug)]
    struct Forgetful;
    #[async_trait::async_trait]
    impl sync_core::Sink for Forgetful {
        type Record = i64;
        async fn write(&self, batch: &[sync_core::Write<i64>]) -> sync_core::Result<Vec<sync_core::Outcome>> {
            Ok(batch.iter().skip(1).map(|_| sync_core::Outcome::applied()).collect())
        }
    }
    let world = World::snapshot();
    world.source.put("a", good(1));
    let flow = sync_core::Flow::new(
        name(),
        world.source.clone(),
        crate::world::Ticked,
        Forgetful,
        world.store.clone(),
    );
    assert_eq!(flow.step(&RunContext::default()).await.unwrap_err().kind(), ErrorKind::Bug);
    let query = PageQuery::new(vec!["a".into()], Vec::new());
    assert_eq!(world.store.read_page(&Part::whole(&name()), query).await.unwrap().sent, [None]);
}

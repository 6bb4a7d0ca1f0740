//! Flows that end in the outbox.

use sync_core::testing::{FakeSubmitter, Reaction};
use sync_core::{ActFilter, ActState, Reason, RejectFilter};

use crate::dispatch::Outbox;
use crate::world::{finish, five};

async fn run(outbox: &Outbox, op_key: &str, business: &str) -> [u64; 5] {
    outbox.source.put(op_key, ("k".to_owned(), business.to_owned()));
    five(finish(&outbox.flow()).await)
}

async fn rejects(outbox: &Outbox) -> Vec<(String, String)> {
    let rejects = outbox.store.rejects(&RejectFilter::all().limit(99)).await.unwrap();
    rejects.iter().map(|r| (r.key.to_string(), r.reason.code().to_owned())).collect()
}

#[tokio::test]
async fn before_it_is_claimed_an_act_is_replaced_by_a_newer_version_and_dropped_by_a_removal() {
    let outbox = Outbox::new(FakeSubmitter::new());
    assert_eq!(run(&outbox, "o1", "v1").await, [1, 1, 0, 0, 0]);
    assert_eq!(run(&outbox, "o1", "v1").await, [1, 0, 1, 0, 0]);
    assert_eq!(run(&outbox, "o1", "v2").await, [1, 1, 0, 0, 0]);
    assert_eq!(run(&outbox, "o2", "v1").await, [1, 1, 0, 0, 0]);
    assert_eq!(run(&outbox, "o2", "withdrawn").await, [1, 1, 0, 0, 0]);
    assert_eq!(run(&outbox, "o2", "withdrawn").await, [1, 0, 0, 1, 0]);
    finish(&outbox.dispatcher()).await;
    assert_eq!(outbox.documents(), ["o1"]);
    assert_eq!(outbox.submitter.submits()[0].payload.as_json(), "\"v2\"");
}

#[tokio::test]
async fn a_change_or_removal_after_transfer_is_a_reported_reject_and_never_a_second_document() {
    for change in ["v2", "withdrawn"] {
        let outbox = Outbox::new(FakeSubmitter::new());
        run(&outbox, "o1", "v1").await;
        outbox.submitter.script([Reaction::CreateThenFail]);
        finish(&outbox.dispatcher()).await;
        assert_eq!(run(&outbox, "o1", change).await, [1, 0, 0, 0, 1]);
        assert_eq!(rejects(&outbox).await, [("o1".to_owned(), Reason::CHANGED_AFTER_TRANSFER.to_owned())]);
        assert_eq!(outbox.states().await, [("o1".to_owned(), ActState::InDoubt)]);
        outbox.settle_all().await;
        assert_eq!(run(&outbox, "o1", change).await, [1, 0, 0, 0, 1]);
        outbox.settle_all().await;
        assert_eq!(outbox.documents(), ["o1"]);
        assert_eq!(outbox.store.rejects(&RejectFilter::all().limit(9)).await.unwrap()[0].attempts, 2);
    }
}

#[tokio::test]
async fn an_event_that_comes_again_after_its_document_is_done_changes_nothing() {
    let outbox = Outbox::new(FakeSubmitter::new());
    run(&outbox, "o1", "v1").await;
    outbox.settle_all().await;
    assert_eq!(run(&outbox, "o1", "v1").await, [1, 0, 1, 0, 0]);
    outbox.settle_all().await;
    assert_eq!(outbox.store.acts(&ActFilter::all()).await.unwrap().len(), 1);
    assert_eq!(rejects(&outbox).await, []);
}

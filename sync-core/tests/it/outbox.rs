//! Flows that end in the outbox.

use std::time::Duration;

use sync_core::testing::{FakeSubmitter, Reaction};
use sync_core::{
    Act, ActFilter, ActKind, ActState, ClaimRequest, Dispatcher, Flow, FlowName, Holder, Key, Links, Mapped,
    Mapper, NewAct, Reason, RejectFilter, Settlement, Source,
};

use crate::dispatch::{Orders, Outbox};
use crate::world::{finish, five};

mod withdrawn;

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
    let (changed, withdrawn) = (Reason::CHANGED_AFTER_TRANSFER, Reason::WITHDRAWN_AFTER_TRANSFER);
    for (change, code) in [("v2", changed), ("withdrawn", withdrawn)] {
        let outbox = Outbox::new(FakeSubmitter::new());
        run(&outbox, "o1", "v1").await;
        outbox.submitter.script([Reaction::CreateThenFail]);
        finish(&outbox.dispatcher()).await;
        assert_eq!(run(&outbox, "o1", change).await, [1, 0, 0, 0, 1]);
        // its source still has it, so nothing is taken back before it is looked up once more
        assert_eq!(rejects(&outbox).await, [("o1".to_owned(), changed.to_owned())]);
        assert_eq!(outbox.states().await, [("o1".to_owned(), ActState::InDoubt)]);
        outbox.settle_all().await;
        // once more because it is settled, and once because it comes again
        assert_eq!(run(&outbox, "o1", change).await, [2, 0, 0, 0, 2]);
        assert_eq!(rejects(&outbox).await, [("o1".to_owned(), code.to_owned())]);
        assert_eq!(five(finish(&outbox.flow()).await), [0, 0, 0, 0, 0]);
        outbox.settle_all().await;
        assert_eq!(outbox.documents(), ["o1"]);
        assert_eq!(outbox.store.rejects(&RejectFilter::all().limit(9)).await.unwrap()[0].attempts, 3);
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

/// Orders of a target that offers edits and cancellations.
#[derive(Debug)]
struct Editable;

impl Mapper<(String, String)> for Editable {
    type Out = NewAct;

    fn map(&self, key: &Key, order: (String, String), links: &Links) -> Result<Mapped<NewAct>, Reason> {
        Ok(match Orders.map(key, order, links)? {
            Mapped::Send(act) => Mapped::Send(act.with_edits("order-edit").with_cancel("order-cancel")),
            left_out => left_out,
        })
    }
}

/// The flow of these orders.
pub(crate) fn editable(outbox: &Outbox) -> Flow {
    editable_from(outbox, outbox.source.clone())
}

/// Their flow from this source.
fn editable_from(outbox: &Outbox, source: impl Source<Record = (String, String)> + 'static) -> Flow {
    let name = FlowName::new("demo/orders").unwrap();
    Flow::to_outbox(name, source, Editable, outbox.store.clone()).with_clock(outbox.clock.clone())
}

/// Runs the flow after the record has become this; without a change only what is due.
async fn run_editable(outbox: &Outbox, business: Option<&str>) -> [u64; 5] {
    if let Some(business) = business {
        outbox.source.put("o1", ("k".to_owned(), business.to_owned()));
    }
    five(finish(&editable(outbox)).await)
}

pub(crate) async fn dispatch(outbox: &Outbox) {
    let name = FlowName::new("demo/orders-out").unwrap();
    let kinds = ["order", "order-edit", "order-cancel"].map(ActKind::from);
    let dispatcher = Dispatcher::new(name, kinds, outbox.submitter.clone(), outbox.store.clone());
    finish(&dispatcher.with_clock(outbox.clock.clone())).await;
}

fn told(act: &Act) -> (&str, &str, &str, Option<&str>) {
    let id = act.document_id.as_ref().map(sync_core::TargetId::as_str);
    (act.kind.as_str(), act.document.as_str(), act.payload.as_json(), id)
}

#[tokio::test]
async fn f78_an_order_that_is_edited_or_cancelled_after_transfer_becomes_an_act_on_the_same_document() {
    let outbox = Outbox::new(FakeSubmitter::new());
    run_editable(&outbox, Some("v1")).await;
    outbox.submitter.script([Reaction::CreateThenFail]);
    dispatch(&outbox).await;
    assert_eq!(run_editable(&outbox, Some("v2")).await, [1, 0, 0, 0, 1]);
    assert_eq!(rejects(&outbox).await, [("o1".to_owned(), Reason::CHANGED_AFTER_TRANSFER.to_owned())]);
    assert_eq!(run_editable(&outbox, None).await, [0, 0, 0, 0, 0]);
    outbox.settle_all().await;
    // nothing has come since, but the act is settled
    assert_eq!(run_editable(&outbox, None).await, [1, 1, 0, 0, 0]);
    assert_eq!(rejects(&outbox).await, []);
    dispatch(&outbox).await;
    assert_eq!(run_editable(&outbox, Some("withdrawn")).await, [1, 1, 0, 0, 0]);
    dispatch(&outbox).await;
    let submits = outbox.submitter.submits();
    let expected = [
        ("order", "o1", "\"v1\"", None),
        ("order-edit", "o1", "\"v2\"", Some("doc-o1")),
        ("order-cancel", "o1", "null", Some("doc-o1")),
    ];
    assert_eq!(submits.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(run_editable(&outbox, Some("withdrawn")).await, [1, 0, 0, 1, 0]);
    assert_eq!(outbox.store.acts(&ActFilter::open()).await.unwrap(), []);
}

#[tokio::test]
async fn f78_an_order_that_is_changed_while_it_is_sent_and_then_refused_is_sent_as_it_is_now() {
    let outbox = Outbox::new(FakeSubmitter::new());
    run_editable(&outbox, Some("v1")).await;
    let request = ClaimRequest::new(vec!["order".into()], Holder::from("one"), Duration::from_secs(60), 1);
    let claims = outbox.store.claim(&request).await.unwrap();
    assert_eq!(run_editable(&outbox, Some("v2")).await, [1, 0, 0, 0, 1]);
    outbox.store.settle(&claims[0], Settlement::Rejected(Reason::new("closed"))).await.unwrap();
    assert_eq!(run_editable(&outbox, None).await, [1, 1, 0, 0, 0]);
    dispatch(&outbox).await;
    assert_eq!(outbox.documents(), ["o1"]);
    assert_eq!(outbox.submitter.submits()[0].payload.as_json(), "\"v2\"");
}

#[tokio::test]
async fn f76_an_order_refused_for_a_closed_period_is_sent_again_when_a_person_says_so() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::Refuse]);
    finish(&outbox.dispatcher()).await;
    let acts = outbox.store.acts(&ActFilter::settled()).await.unwrap();
    assert_eq!(acts[0].reason.as_ref().unwrap().code(), "refused");
    finish(&outbox.dispatcher()).await;
    assert_eq!(outbox.documents(), Vec::<String>::new());
    outbox.store.release(&"o1".into(), "Anna", "the period is open again").await.unwrap();
    finish(&outbox.dispatcher()).await;
    let submits = outbox.submitter.submits();
    assert_eq!((outbox.documents(), submits.len()), (vec!["o1".to_owned()], 2));
    assert_eq!((submits[0].guid, &submits[0].payload), (submits[1].guid, &submits[1].payload));
    assert_eq!(submits[1].released, None);
}

//! F39 to F42, F66, F68, F76, F78, F80: the act lane.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sync_core::testing::{FakeSubmitter, MemorySink, MemorySource, Reaction};
use sync_core::{
    Act, ActFilter, ActKind, ActState, ActStatus, Clock, Created, DispatchSettings, Dispatcher, ErrorKind,
    Flow, FlowName, Job, Key, Link, LinkRef, Links, Mapped, Mapper, NewAct, Reason, RejectFilter, Result,
    RunContext, SettledActs, SqliteStore, Submission, Submitter, act_guid,
};

use crate::dispatch::{HOUR, Outbox};
use crate::world::{crash_after, finish};

async fn state_of(outbox: &Outbox, op_key: &str) -> ActState {
    outbox.store.acts(&ActFilter::one(op_key)).await.unwrap()[0].state
}

/// A dispatcher that dies while it submits.
async fn killed(outbox: &Outbox) {
    let (dispatcher, run) = (outbox.dispatcher(), RunContext::default());
    assert!(crash_after(10, dispatcher.step(&run)).is_none());
}

#[tokio::test]
async fn f39_an_act_whose_dispatcher_was_killed_is_looked_up_and_neither_left_nor_sent_at_once() {
    for (reaction, documents) in [(Reaction::CreateThenHang, 1), (Reaction::Hang, 0)] {
        let outbox = Outbox::new(FakeSubmitter::new());
        outbox.enqueue(&[("o1", "k1"), ("o2", "k1")]).await;
        outbox.submitter.script([reaction]);
        killed(&outbox).await;
        assert_eq!(state_of(&outbox, "o1").await, ActState::Sending);
        let settings = DispatchSettings::default();
        outbox.clock.advance(settings.claim_ttl - Duration::from_millis(1));
        assert_eq!(finish(&outbox.dispatcher()).await.fetched, 0, "its claim still lasts");
        outbox.clock.advance(Duration::from_millis(1));
        finish(&outbox.dispatcher()).await;
        assert_eq!(state_of(&outbox, "o1").await, ActState::InDoubt);
        outbox.clock.advance(settings.visibility_lag);
        finish(&outbox.dispatcher()).await;
        assert_eq!(outbox.submitter.look_ups().len(), 1);
        // o1 is sent again only if it surely was not there, and o2 only after it
        assert_eq!(outbox.documents().iter().filter(|document| *document == "o1").count(), documents);
        outbox.settle_all().await;
        assert_eq!(outbox.documents(), ["o1", "o2"]);
        assert_eq!(outbox.submitter.submits().len(), 3 - documents);
    }
}

#[tokio::test]
async fn f40_a_submit_of_an_hour_keeps_its_claim_and_is_made_once() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    let slow = Arc::new(Slow(tokio::sync::Notify::new()));
    let dispatcher = Dispatcher::new(
        FlowName::new("demo/slow").unwrap(),
        ["order".into()],
        slow.clone(),
        outbox.store.clone(),
    )
    .with_clock(outbox.clock.clone());
    let run = RunContext::default();
    let mut long = Box::pin(dispatcher.step(&run));
    let ttl = DispatchSettings::default().claim_ttl;
    let end = outbox.clock.now() + HOUR;
    while outbox.clock.now() < end {
        assert!(futures::poll!(&mut long).is_pending());
        outbox.clock.advance(ttl / 2);
        assert!(futures::poll!(&mut long).is_pending());
        // another one finds nothing that it may take
        assert_eq!(finish(&outbox.dispatcher()).await.fetched, 0);
        assert_eq!(state_of(&outbox, "o1").await, ActState::Sending);
    }
    slow.0.notify_one();
    assert_eq!(long.await.unwrap().counts.applied, 1);
    assert_eq!(state_of(&outbox, "o1").await, ActState::Done);
    assert!(outbox.submitter.submits().is_empty() && outbox.submitter.look_ups().is_empty());
}

/// It answers when it is told to.
#[derive(Debug)]
struct Slow(tokio::sync::Notify);

#[async_trait]
impl Submitter for Slow {
    async fn submit(&self, act: &Act) -> Submission {
        self.0.notified().await;
        Submission::Done(Created::new(act.op_key.as_str()))
    }

    async fn look_up(&self, _: &Act) -> Result<Option<Created>> {
        Ok(None)
    }
}

#[tokio::test]
async fn f41_a_poisoned_act_keeps_up_no_other_order_key_and_a_poisoned_order_no_other_order() {
    for poison in [Reaction::Refuse, Reaction::Hold, Reaction::NotSent, Reaction::FailUnclear] {
        let outbox = Outbox::new(FakeSubmitter::new());
        outbox.source.put_bad(Some("bad".into()));
        outbox.enqueue(&[("o0", "poisoned"), ("o1", "a"), ("o2", "b"), ("o3", "b")]).await;
        outbox.submitter.script([poison.clone()]);
        finish(&outbox.dispatcher()).await;
        assert_eq!(outbox.documents(), ["o1", "o2", "o3"], "{poison:?}");
        assert_ne!(state_of(&outbox, "o0").await, ActState::Done);
        let rejects = outbox.store.rejects(&RejectFilter::all()).await.unwrap();
        assert_eq!(rejects.iter().map(|reject| reject.key.as_str()).collect::<Vec<_>>(), ["bad"]);
    }
}

/// What it made comes with a link that contradicts one that is known.
#[derive(Debug)]
struct LinksAlike;

#[async_trait]
impl Submitter for LinksAlike {
    async fn submit(&self, act: &Act) -> Submission {
        let link = Link::new("order", act.op_key.as_str(), "taken");
        Submission::Done(Created::new(act.op_key.as_str()).with_link(link))
    }

    async fn look_up(&self, _: &Act) -> Result<Option<Created>> {
        Ok(None)
    }
}

#[tokio::test]
async fn f42_a_link_that_cannot_be_stored_holds_up_no_act() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "a"), ("o2", "a"), ("o3", "b")]).await;
    let dispatcher = Dispatcher::new(
        FlowName::new("demo/links").unwrap(),
        ["order".into()],
        LinksAlike,
        outbox.store.clone(),
    )
    .with_clock(outbox.clock.clone());
    let counts = finish(&dispatcher).await;
    assert_eq!(counts.applied, 3);
    assert!(outbox.states().await.iter().all(|(_, state)| *state == ActState::Done));
    // one of the three has the link, the others are reported
    let codes = outbox.store.rejects(&RejectFilter::all()).await.unwrap();
    assert_eq!(codes.len(), 2);
    assert!(codes.iter().all(|reject| reject.reason.code() == Reason::LINK_CONFLICT));
}

#[tokio::test]
async fn f66_a_time_out_after_the_target_has_committed_leads_to_a_look_up_and_no_second_document() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::CreateThenFail]);
    // not yet to be seen, then not to be reached, then there
    outbox.submitter.hide_documents(true);
    for _ in 0..2 {
        finish(&outbox.dispatcher()).await;
        outbox.clock.advance(DispatchSettings::default().visibility_lag);
    }
    outbox.submitter.hide_documents(false);
    outbox.submitter.fail_look_ups(Some(ErrorKind::Transient));
    for _ in 0..20 {
        outbox.clock.advance(HOUR);
        finish(&outbox.dispatcher()).await;
    }
    assert_eq!(state_of(&outbox, "o1").await, ActState::InDoubt);
    outbox.submitter.fail_look_ups(None);
    outbox.settle_all().await;
    assert_eq!((outbox.documents(), outbox.submitter.submits().len()), (vec!["o1".to_owned()], 1));
    // the business fact comes again, in whatever guise
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.settle_all().await;
    assert_eq!(outbox.documents(), ["o1"]);
}

#[tokio::test]
async fn f68_every_attempt_carries_the_key_of_the_business_fact_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let mut outbox = Outbox::new(FakeSubmitter::new());
    let reactions = [Reaction::NotSent, Reaction::FailUnclear, Reaction::Hang, Reaction::NotSent];
    outbox.submitter.script(reactions);
    for attempt in 0..5 {
        // each attempt is one of a process of its own
        outbox.store = Arc::new(SqliteStore::open(&path).unwrap().with_clock(outbox.clock.clone()));
        outbox.enqueue(&[("order:demo:77", "k1")]).await;
        for _ in 0..5 {
            if outbox.submitter.submits().len() > attempt {
                break;
            }
            let (dispatcher, run) = (outbox.dispatcher(), RunContext::default());
            let mut step = Box::pin(dispatcher.step(&run));
            let mut is_over = false;
            while !is_over && outbox.submitter.submits().len() <= attempt {
                is_over = futures::poll!(&mut step).is_ready();
                tokio::task::yield_now().await;
            }
            // the third never answers
            if !is_over && attempt != 2 {
                step.await.unwrap();
            }
            outbox.clock.advance(HOUR);
        }
    }
    let submits = outbox.submitter.submits();
    assert_eq!(submits.len(), 5);
    let fact = act_guid(&"order:demo:77".into());
    for submit in &submits {
        assert_eq!((submit.guid, &submit.payload), (fact, &submits[0].payload));
    }
    assert_eq!(outbox.documents(), ["order:demo:77"]);
    // the same in every version of the program
    assert_eq!(fact.to_string(), "9d58b476-45eb-5998-9654-7904637c7f0c");
}

#[tokio::test]
async fn f76_orders_that_a_closed_period_refuses_for_days_are_seen_and_go_through_when_they_are_let_go() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1"), ("o2", "k2"), ("o3", "k1")]).await;
    outbox.submitter.script(vec![Reaction::Refuse; 3]);
    for _ in 0..3 {
        finish(&outbox.dispatcher()).await;
        outbox.clock.advance(24 * HOUR);
    }
    let refused = outbox.store.acts(&ActFilter::settled()).await.unwrap();
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|act| act.state == ActState::Rejected && act.reason.is_some()));
    assert_eq!(outbox.submitter.submits().len(), 3, "what is refused is not tried again by itself");
    // the period is open again, and meanwhile another order came
    outbox.enqueue(&[("o4", "k1")]).await;
    for op_key in ["o1", "o2", "o3"] {
        outbox.store.release(&op_key.into(), "Anna", "the period is open").await.unwrap();
    }
    outbox.settle_all().await;
    let mut documents = outbox.documents();
    assert_eq!(documents.iter().filter(|document| *document != "o2").collect::<Vec<_>>(), ["o4", "o1", "o3"]);
    documents.sort();
    assert_eq!(documents, ["o1", "o2", "o3", "o4"]);
}

/// Orders whose documents the target lets be edited and cancelled, if it does.
#[derive(Debug)]
struct Changeable(bool);

impl Mapper<(String, String)> for Changeable {
    type Out = NewAct;

    fn map(
        &self,
        key: &Key,
        (order_key, business): (String, String),
        _: &Links,
    ) -> std::result::Result<Mapped<NewAct>, Reason> {
        if business == "cancelled" {
            return Ok(Mapped::LeaveOut(Reason::new("cancelled")));
        }
        let act = NewAct::new(key.as_str(), order_key, "order", &business, &business)?;
        Ok(Mapped::Send(if self.0 { act.with_edits("edit").with_cancel("cancel") } else { act }))
    }
}

#[tokio::test]
async fn f78_a_change_after_transfer_is_an_act_on_the_same_document_or_reported_and_never_a_second_document()
{
    for can_change in [true, false] {
        let outbox = Outbox::new(FakeSubmitter::new());
        let name = FlowName::new("demo/orders").unwrap();
        let flow = Flow::to_outbox(name, outbox.source.clone(), Changeable(can_change), outbox.store.clone())
            .with_clock(outbox.clock.clone());
        let kinds = ["order", "edit", "cancel"].map(ActKind::from);
        let name = FlowName::new("demo/out").unwrap();
        let dispatcher = Dispatcher::new(name, kinds, outbox.submitter.clone(), outbox.store.clone())
            .with_clock(outbox.clock.clone());
        for business in ["v1", "v2", "cancelled"] {
            outbox.source.put("o1", ("k1".to_owned(), business.to_owned()));
            finish(&flow).await;
            finish(&dispatcher).await;
        }
        let submits = outbox.submitter.submits();
        let kinds: Vec<_> = submits.iter().map(|act| act.kind.as_str()).collect();
        let rejects = outbox.store.rejects(&RejectFilter::all()).await.unwrap();
        if can_change {
            assert_eq!(kinds, ["order", "edit", "cancel"]);
            let first = outbox.store.acts(&ActFilter::one("o1")).await.unwrap().remove(0).created.unwrap();
            for (version, act) in submits.iter().enumerate().skip(1) {
                assert_eq!((act.document.as_str(), act.version as usize), ("o1", version));
                assert_eq!(act.document_id.as_ref(), Some(&first.target_id));
            }
            assert_eq!(submits[1].payload.as_json(), "\"v2\"");
            assert!(rejects.is_empty());
        } else {
            assert_eq!(kinds, ["order"]);
            assert_eq!(rejects[0].reason.code(), Reason::WITHDRAWN_AFTER_TRANSFER);
        }
    }
}

/// What it makes has no number yet, and is linked to its order.
#[derive(Debug)]
struct Buffer;

#[async_trait]
impl Submitter for Buffer {
    async fn submit(&self, act: &Act) -> Submission {
        let document = format!("doc-{}", act.op_key);
        let link = Link::new("order", act.op_key.as_str(), document.as_str());
        Submission::Done(Created::new(document).with_number("BUFOR").with_link(link))
    }

    async fn look_up(&self, _: &Act) -> Result<Option<Created>> {
        Ok(None)
    }
}

/// Tells the portal under which id an order is there.
#[derive(Debug)]
struct Transferred;

impl Mapper<ActStatus> for Transferred {
    type Out = (String, Option<String>);

    fn map(&self, _: &Key, act: ActStatus, _: &Links) -> std::result::Result<Mapped<Self::Out>, Reason> {
        let made = act.created.map(|created| created.target_id.to_string());
        Ok(Mapped::Send((act.state.as_str().to_owned(), made)))
    }
}

/// Tells the portal an order's number, as the target has it now.
#[derive(Debug)]
struct Numbers;

impl Numbers {
    fn order(document: &str) -> LinkRef {
        LinkRef::of_b("order", document)
    }
}

impl Mapper<(String, String)> for Numbers {
    type Out = (String, String);

    fn links_needed(&self, (document, _): &(String, String)) -> Vec<LinkRef> {
        vec![Self::order(document)]
    }

    fn map(
        &self,
        _: &Key,
        (document, number): (String, String),
        links: &Links,
    ) -> std::result::Result<Mapped<Self::Out>, Reason> {
        let wanted = Self::order(&document);
        let Some(order) = links.get(&wanted) else { return Err(Reason::missing_link(wanted)) };
        Ok(Mapped::Send((order.to_owned(), number)))
    }
}

#[tokio::test]
async fn f80_a_number_of_the_buffer_is_never_an_orders_number_for_good_but_read_again_after_approval() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    let (store, clock) = (outbox.store.clone(), outbox.clock.clone());
    let documents = Arc::new(MemorySource::token());
    let (told, numbers) = (Arc::new(MemorySink::new()), Arc::new(MemorySink::new()));
    let flow = |name: &str| FlowName::new(format!("demo/{name}")).unwrap();
    let back = SettledActs::new(store.clone(), [ActKind::from("order")]);
    let back = Flow::new(flow("back"), back, Transferred, told.clone(), store.clone());
    let back = back.with_clock(clock.clone());
    let status = Flow::new(flow("numbers"), documents.clone(), Numbers, numbers.clone(), store.clone());
    let status = status.with_clock(clock.clone());

    // the target tells of the document before the act that made it is settled
    documents.put("doc-o1", ("doc-o1".to_owned(), "BUFOR".to_owned()));
    assert_eq!(finish(&status).await.rejected, 1);
    assert_eq!(finish(&back).await.fetched, 0);
    let dispatcher = Dispatcher::new(flow("out"), [ActKind::from("order")], Buffer, store.clone());
    finish(&dispatcher.with_clock(clock)).await;
    finish(&back).await;
    finish(&status).await;
    assert_eq!(told.records()[&Key::from("o1")], ("done".to_owned(), Some("doc-o1".to_owned())));
    let number = || numbers.records()[&Key::from("doc-o1")].clone();
    assert_eq!(number(), ("o1".to_owned(), "BUFOR".to_owned()));

    documents.put("doc-o1", ("doc-o1".to_owned(), "ZO/7/2026".to_owned()));
    finish(&status).await;
    assert_eq!(number(), ("o1".to_owned(), "ZO/7/2026".to_owned()));
    assert!(store.rejects(&RejectFilter::all()).await.unwrap().is_empty());
}

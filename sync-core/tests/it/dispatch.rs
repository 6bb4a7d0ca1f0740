//! The act lane.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use rstest::rstest;
use sync_core::testing::{FakeSubmitter, Fault, Faults, FaultyStore, ManualClock, MemorySource, Reaction};
use sync_core::{
    Act, ActFilter, ActKind, ActState, Clock, Created, DispatchSettings, Dispatcher, ErrorKind, Flow,
    FlowName, Job, Key, Links, Mapped, Mapper, MemoryStore, NewAct, Reason, RunContext, Store, Submission,
    Submitter,
};
use tokio::sync::Notify;

use crate::world::{crash_after, finish};

/// Makes an order of `(order key, business content)`; the record's key is the op key.
#[derive(Debug)]
pub(crate) struct Orders;

impl Mapper<(String, String)> for Orders {
    type Out = NewAct;

    fn map(&self, key: &Key, order: (String, String), _: &Links) -> Result<Mapped<NewAct>, Reason> {
        let (order_key, business) = order;
        if business == "withdrawn" {
            return Ok(Mapped::LeaveOut(Reason::new("withdrawn")));
        }
        Ok(Mapped::Send(NewAct::new(key.as_str(), order_key, "order", &business, &business)?))
    }
}

/// A source of orders, the outbox, and the target.
pub(crate) struct Outbox {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) source: Arc<MemorySource<(String, String)>>,
    pub(crate) submitter: Arc<FakeSubmitter>,
}

pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

impl Outbox {
    pub(crate) fn new(submitter: FakeSubmitter) -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        Self { clock, store, source: Arc::new(MemorySource::token()), submitter: Arc::new(submitter) }
    }

    pub(crate) fn flow(&self) -> Flow {
        let name = FlowName::new("demo/orders").unwrap();
        Flow::to_outbox(name, self.source.clone(), Orders, self.store.clone()).with_clock(self.clock.clone())
    }

    pub(crate) fn dispatcher(&self) -> Dispatcher {
        let name = FlowName::new("demo/orders-out").unwrap();
        Dispatcher::new(name, [ActKind::from("order")], self.submitter.clone(), self.store.clone())
            .with_clock(self.clock.clone())
    }

    pub(crate) async fn enqueue(&self, acts: &[(&str, &str)]) {
        for (op_key, order_key) in acts {
            self.source.put(*op_key, ((*order_key).to_owned(), "v1".to_owned()));
        }
        finish(&self.flow()).await;
    }

    pub(crate) async fn enqueue_payload(&self, op_key: &str, business: &str) {
        self.source.put(op_key, (op_key.to_owned(), business.to_owned()));
        finish(&self.flow()).await;
    }

    /// Dispatches and waits until everything is settled.
    pub(crate) async fn settle_all(&self) {
        for _ in 0..50 {
            finish(&self.dispatcher()).await;
            if self.store.acts(&ActFilter::open()).await.unwrap().is_empty() {
                return;
            }
            self.clock.advance(HOUR);
        }
        panic!("not settled: {:?}", self.store.acts(&ActFilter::open()).await.unwrap());
    }

    pub(crate) fn documents(&self) -> Vec<String> {
        self.submitter.documents().iter().map(ToString::to_string).collect()
    }

    pub(crate) async fn states(&self) -> Vec<(String, ActState)> {
        let acts = self.store.acts(&ActFilter::all()).await.unwrap();
        acts.into_iter().map(|status| (status.act.op_key.to_string(), status.state)).collect()
    }

    async fn state(&self) -> ActState {
        self.states().await[0].1
    }
}

#[tokio::test]
async fn an_act_in_doubt_is_looked_up_after_the_lag_and_resubmitted_only_after_two_spaced_misses() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::FailUnclear]);
    let settings = DispatchSettings::default();
    let (lag, spacing) = (settings.visibility_lag, settings.lookup_spacing);
    let run = async |look_ups: usize, submits: usize| {
        finish(&outbox.dispatcher()).await;
        let seen = (outbox.submitter.look_ups().len(), outbox.submitter.submits().len());
        assert_eq!(seen, (look_ups, submits));
    };
    run(0, 1).await;
    outbox.clock.advance(lag - Duration::from_millis(1));
    run(0, 1).await;
    outbox.clock.advance(Duration::from_millis(1));
    run(1, 1).await;
    outbox.clock.advance(spacing - Duration::from_millis(1));
    run(1, 1).await;
    outbox.clock.advance(Duration::from_millis(1));
    run(2, 2).await;
    let submits = outbox.submitter.submits();
    assert_eq!(submits[0].guid, submits[1].guid);
    assert_eq!(submits[0].payload, submits[1].payload);
    assert_eq!((submits[0].attempt, submits[1].attempt), (1, 2));
    assert_eq!(outbox.documents(), ["o1"]);
}

#[tokio::test]
async fn a_document_that_shows_late_is_adopted_and_not_made_again() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::CreateThenFail]);
    outbox.submitter.hide_documents(true);
    finish(&outbox.dispatcher()).await;
    outbox.clock.advance(HOUR);
    finish(&outbox.dispatcher()).await;
    outbox.submitter.hide_documents(false);
    outbox.clock.advance(HOUR);
    finish(&outbox.dispatcher()).await;
    assert_eq!((outbox.state().await, outbox.documents()), (ActState::Done, vec!["o1".to_owned()]));
    let acts = outbox.store.acts(&ActFilter::settled()).await.unwrap();
    assert_eq!(acts[0].created.as_ref().unwrap().target_id.as_str(), "doc-o1");
}

#[rstest]
#[case(ErrorKind::Unsupported, ActState::Manual)]
#[case(ErrorKind::Config, ActState::Manual)]
#[case(ErrorKind::Transient, ActState::InDoubt)]
#[case(ErrorKind::Auth, ActState::InDoubt)]
#[tokio::test]
async fn a_look_up_that_is_impossible_is_for_a_person_and_one_that_fails_teaches_nothing(
    #[case] kind: ErrorKind,
    #[case] expected: ActState,
) {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::FailUnclear]);
    outbox.submitter.fail_look_ups(Some(kind));
    for _ in 0..5 {
        finish(&outbox.dispatcher()).await;
        outbox.clock.advance(HOUR);
    }
    assert_eq!(outbox.state().await, expected);
    assert_eq!(outbox.submitter.submits().len(), 1);
}

#[tokio::test]
async fn what_was_not_sent_is_tried_again_without_end_and_ever_more_slowly() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script(vec![Reaction::NotSent; 12]);
    let mut waits = Vec::new();
    for _ in 0..12 {
        finish(&outbox.dispatcher()).await;
        let status = &outbox.store.acts(&ActFilter::open()).await.unwrap()[0];
        let wait = (status.next_at.unwrap() - outbox.clock.now()).to_std().unwrap();
        waits.push(wait.as_secs());
        outbox.clock.advance(wait);
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]);
    finish(&outbox.dispatcher()).await;
    assert_eq!(outbox.documents(), ["o1"]);
}

#[tokio::test]
async fn a_held_act_waits_for_a_person_and_its_submitter_sees_the_release() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1"), ("o2", "k1")]).await;
    outbox.submitter.script([Reaction::Hold, Reaction::Hold]);
    for _ in 0..3 {
        finish(&outbox.dispatcher()).await;
        outbox.clock.advance(HOUR);
    }
    assert_eq!(outbox.submitter.submits().len(), 1);
    outbox.store.release(&"o1".into(), "Anna", "agreed by phone").await.unwrap();
    finish(&outbox.dispatcher()).await;
    assert_eq!(outbox.documents(), ["o1", "o2"]);
    assert_eq!(outbox.submitter.submits()[1].released.as_ref().unwrap().by, "Anna");
}

#[tokio::test]
async fn a_refused_act_is_not_tried_again_and_lets_the_next_of_its_key_go() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1"), ("o2", "k1")]).await;
    outbox.submitter.script([Reaction::Refuse]);
    let counts = finish(&outbox.dispatcher()).await;
    assert_eq!((counts.fetched, counts.applied, counts.rejected), (2, 1, 1));
    assert_eq!(outbox.documents(), ["o2"]);
}

#[tokio::test]
async fn acts_of_different_keys_are_submitted_at_the_same_time_up_to_the_bound() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("a", "a"), ("b", "b"), ("b2", "b"), ("c", "c"), ("d", "d"), ("e", "e")]).await;
    outbox.submitter.script(vec![Reaction::Hang; 6]);
    let dispatcher = outbox.dispatcher().with_settings(DispatchSettings::default().concurrency(3));
    let run = RunContext::default();
    assert!(crash_after(5, dispatcher.step(&run)).is_none());
    let submitted: Vec<_> = outbox.submitter.submits().iter().map(|act| act.op_key.to_string()).collect();
    assert_eq!(submitted, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_claim_is_extended_while_a_submit_takes_long() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::Hang]);
    let (dispatcher, run) = (outbox.dispatcher(), RunContext::default());
    let mut long = Box::pin(dispatcher.step(&run));
    for _ in 0..10 {
        assert!(futures::poll!(&mut long).is_pending());
        outbox.clock.advance(DispatchSettings::default().claim_ttl / 3);
    }
    assert!(futures::poll!(&mut long).is_pending());
    assert_eq!(finish(&outbox.dispatcher()).await.fetched, 0);
    assert_eq!(outbox.state().await, ActState::Sending);
}

#[rstest]
#[tokio::test]
async fn a_submit_whose_claim_cannot_be_extended_in_time_is_given_up_and_in_doubt(
    #[values(Fault::FailBefore, Fault::HangBefore)] fault: Fault,
) {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    outbox.submitter.script([Reaction::Hang]);
    let faults = Faults::none();
    let store = Arc::new(FaultyStore::new(outbox.store.clone(), faults.clone()));
    let cut_off =
        Outbox { store, clock: outbox.clock.clone(), submitter: outbox.submitter.clone(), ..outbox };
    let (dispatcher, run) = (cut_off.dispatcher(), RunContext::default());
    let mut long = Box::pin(dispatcher.step(&run));
    for _ in 0..9 {
        assert!(futures::poll!(&mut long).is_pending());
    }
    faults.always(Some(fault));
    let mut tally = None;
    for _ in 0..30 {
        if let std::task::Poll::Ready(done) = futures::poll!(&mut long) {
            tally = Some(done.unwrap());
            break;
        }
        cut_off.clock.advance(DispatchSettings::default().claim_ttl / 9);
    }
    assert_eq!(tally.unwrap().counts.in_doubt, 1);
    faults.clear();
    cut_off.settle_all().await;
    assert_eq!(cut_off.documents(), ["o1"]);
}

/// A submitter that asks for something before it writes; how often it wrote.
#[derive(Debug, Default)]
struct ChecksFirst {
    answered: Notify,
    written: AtomicU32,
}

#[async_trait]
impl Submitter for ChecksFirst {
    async fn submit(&self, act: &Act) -> Submission {
        self.answered.notified().await;
        self.written.fetch_add(1, Ordering::Relaxed);
        Submission::Done(Created::new(act.op_key.as_str()))
    }

    async fn look_up(&self, _: &Act) -> sync_core::Result<Option<Created>> {
        Ok(None)
    }
}

#[tokio::test]
async fn a_dispatcher_that_slept_through_its_claim_writes_only_if_the_claim_is_still_its_own() {
    for taken in [false, true] {
        let outbox = Outbox::new(FakeSubmitter::new());
        outbox.enqueue(&[("o1", "k1")]).await;
        let slow = Arc::new(ChecksFirst::default());
        let name = FlowName::new("demo/slow").unwrap();
        let dispatcher = Dispatcher::new(name, [ActKind::from("order")], slow.clone(), outbox.store.clone())
            .with_clock(outbox.clock.clone());
        let run = RunContext::default();
        let mut step = Box::pin(dispatcher.step(&run));
        assert!(futures::poll!(&mut step).is_pending());
        if taken {
            // the claim lapses, two look-ups find nothing, another one submits it
            outbox.clock.advance(HOUR);
            outbox.settle_all().await;
        } else {
            outbox.clock.advance(HOUR);
        }
        slow.answered.notify_one();
        let tally = step.await.unwrap();
        assert_eq!((tally.counts.in_doubt, tally.counts.applied), if taken { (1, 0) } else { (0, 1) });
        assert_eq!(slow.written.load(Ordering::Relaxed), u32::from(!taken));
        assert_eq!(outbox.documents().len(), usize::from(taken));
        assert_eq!(outbox.state().await, ActState::Done);
    }
}

#[tokio::test]
async fn a_dispatcher_that_slept_between_its_claim_and_the_submit_asks_for_the_claim_first() {
    let outbox = Outbox::new(FakeSubmitter::new());
    outbox.enqueue(&[("o1", "k1")]).await;
    // the store's calls give way before and after their work
    let store = Arc::new(FaultyStore::new(outbox.store.clone(), Faults::none()));
    let sleepy = Outbox { store, clock: outbox.clock.clone(), ..outbox };
    let (dispatcher, run) = (sleepy.dispatcher(), RunContext::default());
    let mut step = Box::pin(dispatcher.step(&run));
    while sleepy.state().await == ActState::Ready {
        assert!(futures::poll!(&mut step).is_pending());
    }
    sleepy.clock.advance(HOUR);
    sleepy.settle_all().await;
    assert_eq!(step.await.unwrap().counts.in_doubt, 1);
    assert_eq!(sleepy.documents(), ["o1"]);
}

#[tokio::test]
async fn a_settlement_that_fails_hides_no_other_and_alone_fails_the_step() {
    // the claim is the first call
    for (failing, expected) in [(vec![2], Ok((1, 1))), (vec![2, 3], Err(ErrorKind::Transient))] {
        let outbox = Outbox::new(FakeSubmitter::new());
        outbox.enqueue(&[("a", "a"), ("b", "b")]).await;
        let faults = Faults::none();
        failing.iter().for_each(|call| faults.on_call(*call, Fault::FailBefore));
        let store = Arc::new(FaultyStore::new(outbox.store.clone(), faults));
        let faulty = Outbox { store, clock: outbox.clock.clone(), ..outbox };
        let result = faulty.dispatcher().step(&RunContext::default()).await;
        let got = result.map(|tally| (tally.counts.fetched, tally.counts.applied)).map_err(|e| e.kind());
        assert_eq!(got, expected);
    }
}

/// Whatever store call fails and wherever the process dies: one document for each act.
#[tokio::test]
async fn one_document_per_act_whatever_store_call_fails_and_wherever_the_process_dies() {
    let reactions = [Reaction::CreateThenFail, Reaction::NotSent, Reaction::Create, Reaction::FailUnclear];
    for fault in [None, Some(Fault::FailBefore), Some(Fault::FailAfter)] {
        for n in 1.. {
            let outbox = Outbox::new(FakeSubmitter::new());
            outbox.enqueue(&[("a1", "a"), ("a2", "a"), ("b1", "b")]).await;
            outbox.submitter.script(reactions.clone());
            let faults = fault.map_or_else(Faults::none, |fault| Faults::at(n, fault));
            let store = Arc::new(FaultyStore::new(outbox.store.clone(), faults.clone()));
            let faulty = Outbox { store, clock: outbox.clock.clone(), ..outbox };
            let mut polls = if fault.is_none() { usize::try_from(n).unwrap() } else { usize::MAX };
            let mut finished = true;
            for _ in 0..6 {
                let (dispatcher, run) = (faulty.dispatcher(), RunContext::default());
                finished &= crash_after(polls, dispatcher.step(&run)).is_some();
                // the next process is not killed
                polls = usize::MAX;
                faulty.clock.advance(HOUR);
            }
            let over = if fault.is_none() { finished } else { faults.calls() < n };
            faults.clear();
            faulty.settle_all().await;
            let mut documents = faulty.documents();
            documents.sort();
            assert_eq!(documents, ["a1", "a2", "b1"], "{fault:?} at {n}");
            if over {
                assert!(n > 4);
                break;
            }
        }
    }
}

//! Invoices that are added by POST: through the outbox, looked up when nobody knows.
#![expect(clippy::indexing_slicing, reason = "a failed test may panic, also in its helpers")]

use api_transport::simulation::Fault;
use async_trait::async_trait;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use sync_core::testing::{SubmitterUnderTest, Trouble, submitter_conformance};
use sync_core::{
    Act, ActFilter, ActState, Created, DispatchSettings, RunContext, Submission, Submitter, run_until_done,
};
use sync_flows::flows::invoices::{INVOICES, InvoiceSettings, invoice_act_kind, invoice_op_key};
use sync_flows::one::InvoiceSubmitter;

use crate::papers::Papers;
use crate::world::World;
use crate::world::play;

/// The acts of a tenant whose invoices wait, and a submitter of them.
struct Added {
    papers: Papers,
    submitter: Arc<InvoiceSubmitter>,
    acts: Vec<Act>,
}

impl Added {
    async fn of(invoices: usize) -> Self {
        let papers = Papers::of(invoices).await;
        let World { one, setup, .. } = &papers.world;
        let jobs = papers.invoices_to_one(&papers.setup(None), one.clone(), InvoiceSettings::default());
        play(jobs.flow, None).await;
        let acts = setup
            .store
            .acts(&ActFilter::open())
            .await
            .unwrap()
            .into_iter()
            .map(|status| status.act)
            .collect();
        let kind = invoice_act_kind("demo");
        let submitter = Arc::new(InvoiceSubmitter::new(one.clone(), Arc::clone(&setup.store), kind));
        Self { papers, submitter, acts }
    }

    /// Sends what waits, at once and one after the other.
    async fn dispatch(&self, most: usize) {
        let World { setup, .. } = &self.papers.world;
        let times = DispatchSettings::default()
            .visibility_lag(Duration::ZERO)
            .lookups(2, Duration::ZERO)
            .retry(Duration::ZERO, Duration::ZERO)
            .concurrency(1);
        let dispatcher = setup
            .dispatcher(INVOICES.id, [invoice_act_kind("demo")], Arc::clone(&self.submitter))
            .unwrap()
            .with_settings(times);
        for _ in 0..most {
            let _ = run_until_done(&dispatcher, &RunContext::default()).await;
        }
    }

    async fn states(&self) -> Vec<ActState> {
        let acts = self.papers.world.setup.store.acts(&ActFilter::all()).await.unwrap();
        acts.into_iter().map(|act| act.state).collect()
    }
}

#[tokio::test]
async fn the_name_of_an_invoices_act_never_changes() {
    let added = Added::of(1).await;
    let id = added.papers.documents(true)[0].id;
    assert_eq!(added.acts[0].op_key, invoice_op_key("demo", soneta_webapi::DokumentId(id)));
    assert_eq!(added.acts[0].op_key.as_str(), format!("invoice:demo:{id}"));
    assert_eq!(added.acts[0].kind.as_str(), "invoice:demo");
}

#[tokio::test]
async fn an_invoice_that_was_lost_on_the_way_is_sent_again_only_after_a_look_up_that_is_known_to_work() {
    let added = Added::of(2).await;
    let faults = added.papers.world.sim.faults();
    // the second one does not arrive
    faults.add(Fault::on("/invoices").method("POST").nth(2).drop_before());
    added.dispatch(1).await;
    assert_eq!(added.states().await, [ActState::Done, ActState::Done]);
    assert_eq!(faults.calls("/invoices"), 3);
}

#[tokio::test]
async fn not_found_of_a_look_up_that_has_never_found_anything_is_left_to_a_person() {
    let added = Added::of(1).await;
    added.papers.world.sim.faults().add(Fault::on("/invoices").method("POST").drop_before());
    added.dispatch(1).await;
    assert_eq!(added.states().await, [ActState::Manual]);
    assert_eq!(added.papers.world.sim.faults().calls("/invoices"), 1);
}

#[tokio::test]
async fn a_correction_is_not_sent_before_what_it_corrects() {
    let papers = Papers::of(1).await;
    papers.correct_first(true);
    papers.world.sim.faults().add(Fault::on("/invoices").method("POST").drop_before());
    papers.send_invoices(None).await;
    let acts = papers.world.setup.store.acts(&ActFilter::all()).await.unwrap();
    let states: Vec<_> = acts.iter().map(|act| act.state).collect();
    assert_eq!(states, [ActState::Manual, ActState::Ready]);
    assert_eq!(papers.world.sim.records("invoices").len(), 0);
}

#[tokio::test]
async fn an_invoice_that_one_has_already_is_taken_as_sent() {
    let added = Added::of(1).await;
    let number = added.papers.documents(true).remove(0).numer;
    let earlier = one_client::invoices::Invoice::builder().number(number.as_str()).build();
    added.papers.world.one.invoices().create(&earlier).await.unwrap();
    added.dispatch(1).await;
    assert_eq!(added.states().await, [ActState::Done]);
}

#[tokio::test]
async fn an_invoice_that_one_refuses_stops_only_itself() {
    let added = Added::of(3).await;
    let number = added.papers.documents(true).remove(1).numer;
    added.papers.world.sim.refuse(422, [number]).unwrap();
    added.dispatch(1).await;
    assert_eq!(added.states().await, [ActState::Done, ActState::Rejected, ActState::Done]);
}

/// A submitter that once finds nobody at ONe's address.
#[derive(Debug)]
struct Switched {
    reached: Arc<InvoiceSubmitter>,
    unreachable: InvoiceSubmitter,
    once: AtomicBool,
}

#[async_trait]
impl Submitter for Switched {
    async fn submit(&self, act: &Act) -> Submission {
        match self.once.swap(false, Ordering::Relaxed) {
            true => self.unreachable.submit(act).await,
            false => self.reached.submit(act).await,
        }
    }

    async fn look_up(&self, act: &Act) -> sync_core::Result<Option<Created>> {
        self.reached.look_up(act).await
    }
}

struct UnderTest {
    added: Added,
    submitter: Arc<Switched>,
}

#[async_trait]
impl SubmitterUnderTest for UnderTest {
    fn submitter(&self) -> Arc<dyn Submitter> {
        self.submitter.clone()
    }

    fn act(&self, n: u32) -> Act {
        let known = &self.added.acts[1];
        let mut request: serde_json::Value = serde_json::from_str(known.payload.as_json()).unwrap();
        request["invoice"]["number"] = format!("FV/{n}").into();
        request["dokument"] = (n + 10_000).into();
        let payload = sync_core::Payload::of(&request).unwrap();
        let name = format!("invoice:demo:{}", n + 10_000);
        Act::new(name.as_str(), name.as_str(), invoice_act_kind("demo"), payload, known.enqueued_at)
    }

    async fn documents(&self, act: &Act) -> sync_core::Result<usize> {
        let request: serde_json::Value = act.payload.decode()?;
        let number = request["invoice"]["number"].as_str().unwrap_or_default();
        Ok(usize::from(self.added.papers.world.sim.record("invoices", number).is_some()))
    }

    async fn meets(&self, trouble: Trouble) -> sync_core::Result<bool> {
        let post = Fault::on("/invoices").method("POST");
        let fault = match trouble {
            Trouble::AnswerLost => post.drop_after(),
            Trouble::Unreachable => {
                self.submitter.once.store(true, Ordering::Relaxed);
                return Ok(true);
            }
            Trouble::Refused => post.refuse(422, ""),
            _ => return Ok(false),
        };
        self.added.papers.world.sim.faults().add(fault);
        Ok(true)
    }

    async fn put_decoy(&self, _act: &Act) -> sync_core::Result<bool> {
        // the number is the only reference, and ONe has a number once
        Ok(false)
    }

    fn is_guarded_by_key(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn the_submitter_keeps_what_a_dispatcher_relies_on() {
    let added = Added::of(2).await;
    // a look-up that has found something before
    added.dispatch(1).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = one_client::Url::parse(&format!("http://{nobody}")).unwrap();
    let World { setup, .. } = &added.papers.world;
    let one =
        one_client::Client::builder(url, "demo", one_client::SecretString::from("key")).build().unwrap();
    let unreachable = InvoiceSubmitter::new(one, Arc::clone(&setup.store), invoice_act_kind("demo"));
    let reached = Arc::clone(&added.submitter);
    let submitter = Arc::new(Switched { reached, unreachable, once: AtomicBool::new(false) });
    submitter_conformance(&UnderTest { added, submitter }).await.unwrap();
}

use api_transport::RetryPolicy;
use api_transport::simulation::Fault;
use one_client::ShipmentId;
use one_client::simulator::{DraftLine, OrderDraft, Simulator};
use rust_decimal::Decimal;
use soneta_webapi::KontrahentId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use sync_core::testing::ManualClock;
use sync_core::{
    ActFilter, ActState, ActStatus, DispatchSettings, Dispatcher, Flow, FlowSettings, Job, Key, MemoryStore,
    Reason, RejectFilter, RetrySettings, RunContext, Store,
};
use sync_flows::enova::OrderSubmitter;
use sync_flows::flows::orders::{
    CostPlacement, ORDER_ACT, OrderMapper, OrderSettings, PriceChange, PricePolicy, contractor_link,
};
use sync_flows::one::OrderSource;

use crate::erp::{CreateFault, FakeErp};
use crate::{name, one, run};

const CLIENT: &str = "00000000-0000-4000-8000-000000000001";

/// Everything between ONe's feed and the ERP's documents.
struct Bench {
    sim: Simulator,
    erp: FakeErp,
    store: Arc<dyn Store>,
    clock: Arc<ManualClock>,
    flow: Flow,
    dispatcher: Dispatcher,
}

fn settings() -> OrderSettings {
    let units = BTreeMap::from([("PR".to_owned(), "para".to_owned())]);
    OrderSettings::builder().tenant("demo").magazyn("F").units(units).build()
}

impl Bench {
    async fn new(settings: OrderSettings, policy: PricePolicy) -> Self {
        let (sim, client) = one().await;
        let clock = Arc::new(ManualClock::at("2026-11-21T23:30:00Z".parse().unwrap()));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        store.put_links(&[contractor_link(&format!("org:{CLIENT}"), KontrahentId(17))]).await.unwrap();
        let erp = FakeErp::default();
        erp.set_price("ŁYŻWY/40", "51.76");
        erp.set_price("NARTY", "100");
        let flow = Flow::to_outbox(
            name("orders"),
            OrderSource::new(client, "demo"),
            OrderMapper::new(settings, clock.clone()),
            Arc::clone(&store),
        );
        let submitter = OrderSubmitter::new(Arc::new(erp.clone()), Arc::new(erp.clone()), policy);
        let times = DispatchSettings::default()
            .visibility_lag(Duration::from_secs(5))
            .lookups(2, Duration::from_secs(70));
        let dispatcher = Dispatcher::new(name("submit"), [ORDER_ACT.into()], submitter, Arc::clone(&store))
            .with_settings(times)
            .with_clock(clock.clone());
        Self { sim, erp, store, clock, flow, dispatcher }
    }

    fn place(&self, draft: OrderDraft) -> ShipmentId {
        self.sim.place_order(draft).unwrap()
    }

    async fn round(&self) {
        run(&self.flow).await;
        run(&self.dispatcher).await;
    }

    async fn only_act(&self) -> ActStatus {
        let mut acts = self.store.acts(&ActFilter::all()).await.unwrap();
        assert_eq!(acts.len(), 1);
        acts.remove(0)
    }
}

fn draft() -> OrderDraft {
    let line = DraftLine::new("ŁYŻWY/40", Decimal::from(3)).priced("51.76".parse().unwrap()).in_unit("PR");
    OrderDraft::new(CLIENT).with_line(line)
}

#[tokio::test]
async fn an_order_becomes_one_document_with_its_contractor_lines_prices_and_notes() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    let shipment = bench.place(draft().customer_purchase_number("ZAM 7/2026").notes("Zażółć gęślą jaźń"));
    bench.round().await;
    bench.round().await;

    let documents = bench.erp.documents();
    assert_eq!(documents.len(), 1);
    // the guid, and everything else of the frozen request, must not change from version to version
    let act = bench.only_act().await;
    insta::assert_snapshot!(act.act.payload.as_json());
    assert_eq!(act.state, ActState::Done);
    let created = act.created.unwrap();
    assert_eq!((created.target_id.as_str(), created.number.as_deref()), ("7", None));
    assert_eq!(act.act.op_key.as_str(), format!("order:demo:{shipment}"));
}

#[tokio::test]
async fn costs_go_onto_a_service_line_and_are_not_compared_with_the_erp() {
    let settings = OrderSettings::builder()
        .tenant("demo")
        .magazyn("F")
        .delivery_cost(CostPlacement::ServiceLine("DOSTAWA".into()))
        .build();
    let bench = Bench::new(settings, PricePolicy::default()).await;
    bench.place(draft().delivery_cost("19.90".parse().unwrap()));
    bench.round().await;
    let documents = bench.erp.documents();
    let lines: Vec<_> = documents[0]
        .pozycje
        .iter()
        .map(|line| (line.kod.as_deref().unwrap(), line.cena_netto.value.to_string()))
        .collect();
    assert_eq!(lines, [("ŁYŻWY/40", "51.76".to_owned()), ("DOSTAWA", "19.9".to_owned())]);
}

#[tokio::test]
async fn costs_go_into_the_notes_where_no_service_is_named() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    bench.place(draft().delivery_cost("19.90".parse().unwrap()));
    bench.round().await;
    let documents = bench.erp.documents();
    assert_eq!(documents[0].pozycje.len(), 1);
    assert_eq!(documents[0].uwagi.as_deref(), Some("Koszt (dostawa): 19.9 PLN netto"));
}

#[tokio::test]
async fn an_order_of_an_unknown_client_is_a_reject_and_comes_by_itself_once_the_client_is_linked() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    bench.place(OrderDraft::new("somebody").priced_line("NARTY", Decimal::ONE, Decimal::from(100)));
    bench.place(draft());
    bench.round().await;
    assert_eq!(bench.erp.documents().len(), 1);
    let rejects = bench.store.rejects(&RejectFilter::all().limit(10)).await.unwrap();
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0].reason.code(), Reason::MISSING_LINK);
    bench.store.put_links(&[contractor_link("somebody", KontrahentId(2))]).await.unwrap();
    bench.round().await;
    assert_eq!(bench.erp.documents().len(), 2);
    assert_eq!(bench.store.count_rejects(&RejectFilter::all()).await.unwrap().count, 0);
}

#[tokio::test]
async fn f41_a_shipment_that_one_alone_cannot_give_holds_up_no_other_for_ever_and_comes_with_a_replay() {
    let mut bench = Bench::new(settings(), PricePolicy::default()).await;
    let once = RetryPolicy::new().attempts(1);
    let client = bench.sim.client_builder().transport(|transport| transport.retry(once)).build().unwrap();
    let (source, mapper) =
        (OrderSource::new(client, "demo"), OrderMapper::new(settings(), bench.clock.clone()));
    bench.flow = Flow::to_outbox(name("orders"), source, mapper, Arc::clone(&bench.store))
        .with_settings(FlowSettings::default().retry(RetrySettings::none()))
        .with_clock(bench.clock.clone());
    let poisoned = bench.place(draft());
    bench.place(draft());
    // the first one each time: whoever fails ends the reading, until the patience with it is over
    bench.sim.faults().add(Fault::on("order/shipment").times(16).unavailable());
    let mut runs = 0;
    while bench.store.acts(&ActFilter::all()).await.unwrap().is_empty() {
        runs += 1;
        assert!(runs < 50, "one shipment stops them all");
        let _failed_or_paused = bench.flow.step(&RunContext::default()).await;
        bench.clock.advance(Duration::from_secs(15 * 60));
    }
    assert_eq!(runs, 16);
    bench.round().await;
    assert_eq!(bench.erp.documents().len(), 1);
    let rejects = bench.store.rejects(&RejectFilter::all()).await.unwrap();
    assert_eq!(rejects.len(), 1);
    assert!(rejects[0].key.as_str().ends_with(poisoned.as_str()));

    bench.store.replay_rejects(&RejectFilter::all()).await.unwrap();
    bench.round().await;
    assert_eq!(bench.erp.documents().len(), 2);
    assert_eq!(bench.store.count_rejects(&RejectFilter::all()).await.unwrap().count, 0);
}

#[tokio::test]
async fn under_refuse_a_changed_price_makes_no_document_and_the_reason_names_both() {
    for current in ["51.75", "51.77"] {
        let bench = Bench::new(settings(), PricePolicy::new(PriceChange::Refuse, PriceChange::Refuse)).await;
        bench.place(draft());
        bench.erp.set_price("ŁYŻWY/40", current);
        bench.round().await;
        assert!(bench.erp.documents().is_empty());
        let act = bench.only_act().await;
        assert_eq!(act.state, ActState::Rejected);
        let reason = act.reason.unwrap();
        assert_eq!(reason.code(), "price-changed");
        let detail = reason.detail().unwrap();
        assert!(detail.contains("51.76 PLN confirmed") && detail.contains(current), "{detail}");
    }
}

#[tokio::test]
async fn cheaper_and_dearer_are_told_apart() {
    let policy = PricePolicy::new(PriceChange::ConfirmedPrice, PriceChange::Hold);
    let cheaper = Bench::new(settings(), policy).await;
    cheaper.place(draft());
    cheaper.erp.set_price("ŁYŻWY/40", "50");
    cheaper.round().await;
    let document = &cheaper.erp.documents()[0];
    assert_eq!(document.pozycje[0].cena_netto.value, "51.76".parse().unwrap());
    assert!(document.pozycje[0].cena_stala);
    assert_eq!(cheaper.only_act().await.created.unwrap().remarks.len(), 1);

    let dearer = Bench::new(settings(), policy).await;
    dearer.place(draft());
    dearer.erp.set_price("ŁYŻWY/40", "60");
    dearer.round().await;
    assert!(dearer.erp.documents().is_empty());
    assert_eq!(dearer.only_act().await.state, ActState::Held);
}

#[tokio::test]
async fn a_held_order_waits_until_a_person_releases_it_and_then_goes_at_the_confirmed_price() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    bench.place(draft());
    bench.erp.set_price("ŁYŻWY/40", "60");
    bench.round().await;
    bench.clock.advance(Duration::from_secs(3600));
    bench.round().await;
    assert!(bench.erp.documents().is_empty());

    let op_key = bench.only_act().await.act.op_key;
    bench.store.release(&op_key, "Anna", "cena uzgodniona").await.unwrap();
    bench.round().await;
    assert_eq!(bench.erp.documents()[0].pozycje[0].cena_netto.value, "51.76".parse().unwrap());
}

#[tokio::test]
async fn the_price_is_checked_again_at_each_submit() {
    let bench = Bench::new(settings(), PricePolicy::new(PriceChange::Refuse, PriceChange::Refuse)).await;
    bench.erp.with(|s| s.create_fails = vec![CreateFault::LostBefore]);
    bench.place(draft());
    bench.round().await;
    assert_eq!(bench.only_act().await.state, ActState::InDoubt);
    bench.erp.set_price("ŁYŻWY/40", "60");
    for _ in 0..3 {
        bench.clock.advance(Duration::from_secs(120));
        bench.round().await;
    }
    assert!(bench.erp.documents().is_empty());
    assert_eq!(bench.only_act().await.state, ActState::Rejected);
    assert_eq!(bench.erp.with(|s| s.price_checks), 2);
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_and_never_makes_a_second_document() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    bench.erp.with(|s| s.create_fails = vec![CreateFault::AppliedThenLost]);
    bench.place(draft());
    bench.round().await;
    assert_eq!(bench.only_act().await.state, ActState::InDoubt);
    bench.clock.advance(Duration::from_secs(6));
    bench.round().await;
    assert_eq!(bench.only_act().await.state, ActState::Done);
    assert_eq!(bench.erp.documents().len(), 1);
    assert_eq!(bench.erp.with(|s| s.price_checks), 1);
}

#[tokio::test]
async fn a_refusal_of_the_erp_is_kept_with_its_code() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    bench.erp.with(|s| s.create_fails = vec![CreateFault::Refused("OkresZamkniety")]);
    bench.place(draft());
    bench.round().await;
    let act = bench.only_act().await;
    assert_eq!((act.state, act.reason.unwrap().code()), (ActState::Rejected, "OkresZamkniety"));
}

#[tokio::test]
async fn a_refused_order_that_the_buyer_corrects_is_placed() {
    let bench = Bench::new(settings(), PricePolicy::new(PriceChange::Refuse, PriceChange::Refuse)).await;
    let shipment = bench.place(draft());
    bench.erp.set_price("ŁYŻWY/40", "60");
    bench.round().await;
    assert_eq!(bench.only_act().await.state, ActState::Rejected);
    let corrected = OrderDraft::new(CLIENT).priced_line("ŁYŻWY/40", Decimal::ONE, Decimal::from(60));
    bench.sim.edit_order(&shipment, corrected).unwrap();
    bench.round().await;
    assert_eq!(bench.only_act().await.state, ActState::Done);
    assert_eq!(bench.erp.documents().len(), 1);
}

#[tokio::test]
async fn what_says_nothing_about_the_order_does_not_refuse_it() {
    use CreateFault::{Inexpressible, NotFound, Refused};
    for (fault, state) in [
        (NotFound, ActState::Ready),
        (Refused("System.InvalidOperationException"), ActState::Held),
        (Refused("BrakUprawnien"), ActState::Held),
        (Inexpressible, ActState::Held),
    ] {
        let bench = Bench::new(settings(), PricePolicy::default()).await;
        bench.erp.with(|s| s.create_fails = vec![fault]);
        bench.place(draft());
        bench.round().await;
        assert_eq!(bench.only_act().await.state, state, "{fault:?}");
    }
}

#[tokio::test]
async fn the_first_run_begins_where_the_settings_say() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    bench.place(draft());
    let later = bench.place(draft());
    let client = bench.sim.client_builder().build().unwrap();
    let source = OrderSource::new(client, "demo").starting_at(one_client::FeedPosition::new(2));
    let mapper = OrderMapper::new(settings(), bench.clock.clone());
    run(&Flow::to_outbox(name("orders"), source, mapper, Arc::clone(&bench.store))).await;
    run(&bench.dispatcher).await;
    assert_eq!(bench.only_act().await.act.order_key.as_str(), later.as_str());
}

#[tokio::test]
async fn a_quantity_beyond_reason_is_a_reject_of_that_order_alone() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    let absurd = Decimal::from(10_u128.pow(20));
    bench.place(OrderDraft::new(CLIENT).priced_line("NARTY", Decimal::from(1_000_000), absurd));
    bench.place(draft());
    bench.round().await;
    assert_eq!(bench.erp.documents().len(), 1);
    assert_eq!(
        bench.store.rejects(&RejectFilter::all().limit(10)).await.unwrap()[0].reason.code(),
        "bad-quantity"
    );
}

#[tokio::test]
async fn an_edit_before_the_transfer_replaces_the_order_and_a_cancellation_drops_it() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    let edited = bench.place(draft());
    let cancelled = bench.place(draft());
    run(&bench.flow).await;
    bench.sim.edit_order(&edited, draft().priced_line("NARTY", Decimal::ONE, Decimal::from(100))).unwrap();
    bench.sim.cancel_order(&cancelled).unwrap();
    bench.round().await;
    let documents = bench.erp.documents();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].pozycje.len(), 2);
    assert_eq!(bench.store.count_rejects(&RejectFilter::all()).await.unwrap().count, 0);
}

#[tokio::test]
async fn an_edit_or_cancellation_after_the_transfer_is_a_reject_and_never_a_second_document() {
    let bench = Bench::new(settings(), PricePolicy::default()).await;
    let edited = bench.place(draft());
    let cancelled = bench.place(draft());
    let paid = bench.place(draft());
    bench.round().await;
    let before = bench.erp.documents();
    assert_eq!(before.len(), 3);
    bench.sim.edit_order(&edited, draft().priced_line("NARTY", Decimal::ONE, Decimal::from(100))).unwrap();
    bench.sim.cancel_order(&cancelled).unwrap();
    bench.sim.change_payment(&paid, "PAID").unwrap();
    bench.round().await;
    assert_eq!(bench.erp.documents(), before);
    let mut rejects = bench.store.rejects(&RejectFilter::all().limit(10)).await.unwrap();
    rejects.sort_by(|a, b| a.key.cmp(&b.key));
    let shipment = |key: &Key| key.as_str().split_once('|').map(|(_, shipment)| shipment.to_owned());
    let found: Vec<_> =
        rejects.iter().map(|reject| (shipment(&reject.key), reject.reason.code().to_owned())).collect();
    let (changed, withdrawn) = (Reason::CHANGED_AFTER_TRANSFER, Reason::WITHDRAWN_AFTER_TRANSFER);
    let told = |id: &ShipmentId, code: &str| (Some(id.as_str().to_owned()), code.to_owned());
    assert_eq!(found, [told(&edited, changed), told(&cancelled, withdrawn)]);
}

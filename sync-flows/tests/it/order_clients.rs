//! Whose order it is: new clients, merged contractors, contracts that name them by Kod.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use one_client::simulator::OrderDraft;
use soneta_webapi::KontrahentId;
use soneta_webapi::altone::AltOneZamowienia;
use sync_core::testing::MemorySource;
use sync_core::{
    Act, ActState, Created, Dispatcher, Flow, Key, Links, Mapped, Mapper, NewAct, Reason, Submission,
    Submitter,
};
use sync_flows::flows::clients::{NEW_CONTRACTOR_ACT, merger_links, new_contractor_op_key};
use sync_flows::flows::orders::{
    self, NewClients, OrderRequest, OrderSettings, PriceChange, PricePolicy, Reservation, contractor_link,
};

use crate::ordering::{CLIENT, Ordering};
use crate::world::run_to_end;
use crate::{name, run};

const NEWCOMER: &str = "00000000-0000-4000-8000-000000000002";

/// Makes the act of each organisation's contractor.
#[derive(Debug)]
struct Newcomers;

impl Mapper<String> for Newcomers {
    type Out = NewAct;

    fn map(&self, _: &Key, organization: String, _: &Links) -> Result<Mapped<NewAct>, Reason> {
        let op_key = new_contractor_op_key("demo", &organization);
        let act =
            NewAct::new(op_key, organization.as_str(), NEW_CONTRACTOR_ACT, &organization, &organization);
        act.map(Mapped::Send).map_err(Reason::from)
    }
}

/// Calls this contractor the new one.
#[derive(Debug)]
struct Registry(i32);

#[async_trait]
impl Submitter for Registry {
    async fn submit(&self, act: &Act) -> Submission {
        let organization: String = act.payload.decode().unwrap();
        let link = contractor_link(&organization, KontrahentId(self.0));
        Submission::Done(Created::new(self.0.to_string()).with_link(link))
    }

    async fn look_up(&self, _: &Act) -> sync_core::Result<Option<Created>> {
        Ok(None)
    }
}

async fn register(ordering: &Ordering, organization: &str, kontrahent: i32) {
    let source = MemorySource::token();
    source.put(organization, organization.to_owned());
    run(&Flow::to_outbox(name("newcomers"), source, Newcomers, ordering.store().clone())).await;
    let kinds = [NEW_CONTRACTOR_ACT.into()];
    run(&Dispatcher::new(name("registry"), kinds, Registry(kontrahent), ordering.store().clone())).await;
}

async fn of_newcomer(ordering: &Ordering) -> OrderDraft {
    let mut draft = ordering.draft(0, 2).await;
    draft.organization_id = format!("org:{NEWCOMER}");
    draft
}

#[tokio::test]
async fn an_order_of_a_new_client_waits_for_its_contractor_and_its_frozen_request_gets_only_that_id() {
    let settings = OrderSettings::builder().tenant("demo").magazyn("F").new_clients(NewClients::Wait).build();
    let ordering = Ordering::with(settings).await;
    let shipment = ordering.place(of_newcomer(&ordering).await);
    let known = ordering.place(ordering.draft(1, 1).await);
    ordering.round().await;
    assert_eq!(ordering.documents().len(), 1, "the other client's order goes on");
    assert_eq!(ordering.last_act(&known).await.state, ActState::Done);
    let waiting = ordering.last_act(&shipment).await;
    assert_eq!(waiting.waits_for_acts, [new_contractor_op_key("demo", NEWCOMER)]);
    assert_eq!(ordering.world.rejects().await.len(), 0);

    // the buyer's own prices are the confirmed ones, so the newcomer is another card of the same
    register(&ordering, NEWCOMER, ordering.buyer().id).await;
    ordering.world.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").drop_after());
    ordering.round().await;
    let done = ordering.last_act(&shipment).await;
    assert_eq!((done.state, &done.act.payload), (ActState::Done, &waiting.act.payload));
    let frozen: OrderRequest = done.act.payload.decode().unwrap();
    assert_eq!(frozen.order.kontrahent_id, KontrahentId(0));
    assert_eq!(ordering.document(&shipment).kontrahent_id, ordering.buyer().id);
    assert_eq!(ordering.documents().len(), 2);
}

#[tokio::test]
async fn an_order_of_a_merged_contractor_goes_to_the_one_that_stands_for_it() {
    let mut ordering = Ordering::begin().await;
    ordering.price = PricePolicy::new(PriceChange::ConfirmedPrice, PriceChange::ConfirmedPrice);
    let (old, draft) = (ordering.buyer(), ordering.draft(0, 2).await);
    let new = ordering
        .world
        .enova
        .contractors()
        .into_iter()
        .find(|other| !other.blokada_sprzedazy && other.id != old.id);
    let new = new.unwrap();
    let before = ordering.place(draft.clone());
    ordering.world.enova.merge_contractor(&old.kod, &new.kod).unwrap();
    ordering.world.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").drop_after());
    ordering.round().await;
    let act = ordering.last_act(&before).await;
    assert_eq!(act.state, ActState::Done, "{:?}", act.reason.as_ref().and_then(Reason::detail));
    assert_eq!(ordering.document(&before).kontrahent_id, new.id);
    assert_eq!(ordering.documents().len(), 1);
}

#[tokio::test]
async fn an_edit_of_an_order_of_a_merged_contractor_is_an_edit_of_the_same_document() {
    let mut ordering = Ordering::begin().await;
    ordering.price = PricePolicy::new(PriceChange::ConfirmedPrice, PriceChange::ConfirmedPrice);
    let (old, draft) = (ordering.buyer(), ordering.draft(0, 2).await);
    let others = ordering.world.enova.contractors();
    let new = others.iter().find(|other| !other.blokada_sprzedazy && other.id != old.id).unwrap();
    let shipment = ordering.place(draft.clone());
    ordering.round().await;
    ordering.world.enova.merge_contractor(&old.kod, &new.kod).unwrap();
    let links = merger_links(CLIENT, KontrahentId(old.id), KontrahentId(new.id));
    ordering.store().put_links(&links).await.unwrap();
    ordering.world.sim.edit_order(&shipment, draft.notes("pilne")).unwrap();
    ordering.round().await;
    let act = ordering.last_act(&shipment).await;
    assert_eq!((act.act.version, act.state), (1, ActState::Done), "{:?}", act.reason);
    assert_eq!(ordering.document(&shipment).uwagi.as_deref(), Some("pilne"));
}

#[tokio::test]
async fn a_contract_that_names_contractors_by_kod_gets_it() {
    let settings = OrderSettings::builder().tenant("demo").magazyn("F").reserve(Reservation::None).build();
    let ordering = Ordering::with(settings).await;
    let altone = AltOneZamowienia::builder().client(ordering.world.erp.clone()).forma_platnosci("Przelew");
    let mixed = ordering.installation().with_zamowienia(altone.build());
    let setup = &ordering.world.setup;
    let submitter = orders::submitter(setup, &mixed, ordering.price, ordering.stock).unwrap();
    let mut draft = ordering.draft(0, 2).await;
    draft.delivery_external_id = None;
    draft.lines[0].unit = Some(ordering.good(0).jednostka);
    draft.organization_id = CLIENT.to_owned();
    let shipment = ordering.place(draft);
    run_to_end(&ordering.flow()).await;
    run_to_end(&orders::dispatcher(setup, submitter).unwrap()).await;
    let act = ordering.last_act(&shipment).await;
    assert_eq!(act.state, ActState::Done, "{:?}", act.reason.as_ref().and_then(Reason::detail));
    assert_eq!(ordering.document(&shipment).kontrahent_id, ordering.buyer().id);
}

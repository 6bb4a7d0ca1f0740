//! Edits and cancellations after the transfer, on both simulators.

use api_transport::simulation::Fault;
use one_client::ShipmentId;
use one_client::simulator::{DraftAddress, OrderDraft};
use rust_decimal::Decimal;
use soneta_webapi::{DokumentId, Zamowienia as _};
use std::sync::Arc;
use std::time::Duration;
use sync_core::testing::MemorySink;
use sync_core::{
    ActState, ClaimRequest, Flow, Holder, Item, Key, Link, LinkRef, Links, Mapped, Mapper, OpenLinks,
    PageQuery, Part, Reason, Settlement, SourceIdentity, Submission, Submitter as _, Verdict,
};
use sync_flows::flows::order_status::{self, OrderStatusMapper, StatusWords, in_words};
use sync_flows::flows::orders::{
    ORDER_ACT, ORDER_CANCEL_ACT, ORDER_EDIT_ACT, ORDER_LINE_LINK, ORDER_LINK, OrderOutcome,
    OrderOutcomeMapper, OrderSettings, Shortage, StockPolicy, outcomes_to,
};

use crate::ordering::{CLIENT, Ordering, available};
use crate::{name, run};

#[tokio::test]
async fn an_edit_and_then_a_cancellation_happen_to_the_same_document_in_their_order() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 2).await.customer_purchase_number("PO 1"));
    ordering.round().await;
    ordering.world.sim.edit_order(&shipment, ordering.draft(1, 3).await.notes("pilne")).unwrap();
    ordering.round().await;
    let edited = ordering.document(&shipment);
    assert_eq!((edited.wersja, edited.numer_obcy, edited.uwagi.as_deref()), (2, None, Some("pilne")));
    assert_eq!(edited.pozycje[0].kod, ordering.good(1).kod);
    ordering.world.sim.cancel_order(&shipment).unwrap();
    ordering.round().await;
    let acts = ordering.acts(&shipment).await;
    let kinds: Vec<_> = acts.iter().map(|status| (status.act.kind.as_str(), status.state)).collect();
    let done = ActState::Done;
    assert_eq!(kinds, [("order", done), (ORDER_EDIT_ACT, done), (ORDER_CANCEL_ACT, done)]);
    assert!(ordering.document(&shipment).anulowany);
    assert_eq!((ordering.documents().len(), ordering.world.rejects().await.len()), (1, 0));
}

#[tokio::test]
async fn an_order_that_is_cancelled_on_one_is_cancelled_in_the_erp_and_its_link_closed_without_a_reject() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 2).await);
    ordering.round().await;
    let tell = async || {
        let mapper = in_words(OrderStatusMapper::default(), StatusWords::default());
        let zamowienia = Arc::new(ordering.world.erp.b2b().zamowienia());
        let one = ordering.world.one.clone();
        run(&order_status::to_one(&ordering.world.setup, zamowienia, one, mapper).unwrap()).await;
        ordering.store().open_links(&ORDER_LINK.into(), None, 10).await.unwrap().len()
    };
    assert_eq!(tell().await, 1);
    assert_eq!(ordering.world.sim.order_status(&shipment).as_deref(), Some("PROCESSING"));
    ordering.world.sim.cancel_order(&shipment).unwrap();
    ordering.round().await;
    assert!(ordering.document(&shipment).anulowany);
    assert_eq!(tell().await, 0);
    assert_eq!(ordering.world.sim.faults().calls("/order/status"), 2);
    assert!(ordering.world.rejects().await.is_empty());
}

/// The lines of the shipment's document that are linked, as (key of the link, key of the line there).
async fn linked_lines(ordering: &Ordering, shipment: &ShipmentId) -> Vec<(String, String)> {
    let lines = ordering.document(shipment).pozycje;
    let reference = |id: i32| LinkRef::of_b(ORDER_LINE_LINK, id.to_string());
    let asked = PageQuery::new(Vec::new(), lines.iter().map(|line| reference(line.id)).collect());
    let links = ordering.store().read_page(&Part::whole(&name("reader")), asked).await.unwrap().links;
    let found = lines
        .iter()
        .filter_map(|line| Some((links.get(&reference(line.id))?.to_owned(), line.id_obcy.clone())));
    found.collect()
}

/// So many lines, each linked to the shipment's line of its own key.
fn first_lines(shipment: &ShipmentId, count: usize) -> Vec<(String, String)> {
    let keys = (1..=count).map(|number| format!("{shipment}/{number:02}"));
    keys.map(|key| (format!("{shipment}|{key}"), key)).collect()
}

async fn lines(ordering: &Ordering, goods: &[usize]) -> OrderDraft {
    let mut draft = OrderDraft::new(CLIENT);
    for nth in goods {
        draft.lines.append(&mut ordering.draft(*nth, 2).await.lines);
    }
    draft
}

#[tokio::test]
async fn a_line_that_an_edit_adds_is_linked_and_one_that_comes_back_contradicts_no_link() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(lines(&ordering, &[0]).await);
    ordering.round().await;
    for (goods, linked) in [(vec![0, 1], 2), (vec![0], 1), (vec![0, 2], 1)] {
        ordering.world.sim.edit_order(&shipment, lines(&ordering, &goods).await).unwrap();
        ordering.round().await;
        assert_eq!(ordering.document(&shipment).pozycje.len(), goods.len());
        assert_eq!(linked_lines(&ordering, &shipment).await, first_lines(&shipment, linked), "{goods:?}");
    }
    assert!(ordering.world.rejects().await.is_empty());
}

#[tokio::test]
async fn an_edit_links_the_lines_of_an_order_whose_id_a_person_told_also_if_its_answer_is_lost() {
    for lost in [false, true] {
        let ordering = Ordering::begin().await;
        let faults = ordering.world.enova.faults();
        faults.add(Fault::on("B2BZamowienia/Dodaj").drop_after());
        // the look-up finds another client's document
        let own = format!("\"KontrahentId\":{}", ordering.buyer().id);
        faults.add(Fault::on("B2BZamowienia/Pobierz").rewrite(own, "\"KontrahentId\":999999").always());
        let shipment = ordering.place(lines(&ordering, &[0, 1]).await);
        ordering.round().await;
        let order = ordering.last_act(&shipment).await;
        assert_eq!(order.state, ActState::Manual);
        let id = ordering.document(&shipment).id;
        let happened = Verdict::Happened(sync_core::Created::new(id.to_string()));
        ordering.store().resolve(&order.act.op_key, &happened, "Anna", "widać w enova365").await.unwrap();
        faults.clear();
        assert_eq!(linked_lines(&ordering, &shipment).await, []);
        if lost {
            faults.add(Fault::on("B2BZamowienia/Zmien").drop_after());
        }
        ordering.world.sim.edit_order(&shipment, lines(&ordering, &[0, 1, 2]).await).unwrap();
        ordering.round().await;
        assert_eq!(ordering.last_act(&shipment).await.state, ActState::Done);
        assert_eq!(linked_lines(&ordering, &shipment).await, first_lines(&shipment, 3));
    }
}

#[tokio::test]
async fn an_edit_of_an_approved_document_is_refused_with_the_erps_reason_and_changes_nothing() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 2).await);
    ordering.round().await;
    ordering.world.enova.approve(ordering.document(&shipment).id).unwrap();
    let before = ordering.document(&shipment);
    ordering.world.sim.edit_order(&shipment, ordering.draft(0, 3).await).unwrap();
    ordering.round().await;
    let edit = ordering.last_act(&shipment).await;
    assert_eq!((edit.state, edit.reason.unwrap().code()), (ActState::Rejected, "BledneDane"));
    assert_eq!(ordering.documents(), [before]);
}

#[tokio::test]
async fn an_edit_that_makes_it_another_clients_order_is_refused() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 2).await);
    ordering.round().await;
    let other = ordering.world.enova.contractors().pop().unwrap().id;
    assert_ne!(other, ordering.buyer().id);
    ordering.link("another", other).await;
    let mut draft = ordering.draft(0, 2).await;
    draft.organization_id = "another".to_owned();
    ordering.world.sim.edit_order(&shipment, draft).unwrap();
    ordering.round().await;
    let edit = ordering.last_act(&shipment).await;
    assert_eq!((edit.state, edit.reason.unwrap().code()), (ActState::Rejected, "other-client"));
    assert_eq!(ordering.document(&shipment).wersja, 1);
}

#[tokio::test]
async fn somebody_elses_change_in_between_is_not_overwritten_unseen_but_read_first() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 2).await);
    ordering.round().await;
    // the version that was read is not the one that is there
    ordering
        .world
        .enova
        .faults()
        .add(Fault::on("B2BZamowienia/Pobierz").rewrite("\"Wersja\":1", "\"Wersja\":7"));
    ordering.world.sim.edit_order(&shipment, ordering.draft(0, 3).await).unwrap();
    ordering.round().await;
    assert_eq!(ordering.last_act(&shipment).await.state, ActState::Ready);
    assert_eq!(ordering.document(&shipment).wersja, 1);
    ordering.clock.advance(std::time::Duration::from_secs(61));
    ordering.round().await;
    assert_eq!(ordering.document(&shipment).wersja, 2);
}

#[tokio::test]
async fn a_lost_answer_of_an_edit_that_nobody_can_see_is_left_to_a_person() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 2).await);
    ordering.round().await;
    ordering.world.enova.faults().add(Fault::on("B2BZamowienia/Zmien").drop_after());
    ordering.world.sim.edit_order(&shipment, ordering.draft(0, 2).await.notes("pod rampę")).unwrap();
    ordering.round().await;
    let edit = ordering.last_act(&shipment).await;
    assert_eq!(edit.state, ActState::Manual);
    let happened = Verdict::Happened(sync_core::Created::new(ordering.document(&shipment).id.to_string()));
    ordering.store().resolve(&edit.act.op_key, &happened, "Anna", "widać w uwagach").await.unwrap();
    ordering.world.sim.edit_order(&shipment, ordering.draft(0, 4).await).unwrap();
    ordering.round().await;
    assert_eq!(ordering.document(&shipment).wersja, 3);
}

#[tokio::test]
async fn what_an_edit_takes_away_and_the_erp_keeps_is_remarked() {
    let ordering = Ordering::begin().await;
    let address = DraftAddress::new("Sklep", "Długa 1", "50-001", "Wrocław");
    let shipment = ordering.place(ordering.draft(0, 2).await.delivery_address(address));
    ordering.round().await;
    ordering.world.sim.edit_order(&shipment, ordering.draft(0, 3).await).unwrap();
    ordering.round().await;
    let made = ordering.last_act(&shipment).await.created.unwrap();
    assert_eq!(made.remarks, ["the delivery address was taken away; enova365 still has it"]);
}

#[tokio::test]
async fn what_the_order_has_reserved_for_itself_counts_as_available_to_its_edit() {
    let mut ordering = Ordering::begin().await;
    let good = ordering.good(0);
    for stan in &good.stany {
        let quantity =
            if stan.magazyn == "F" { stan.zarezerwowane + Decimal::from(10) } else { stan.zarezerwowane };
        ordering.world.enova.set_stock(&good.kod, &stan.magazyn, quantity).unwrap();
    }
    ordering.stock = StockPolicy::new(Shortage::Refuse, Shortage::Accept);
    let shipment = ordering.place(ordering.draft(0, 6).await);
    ordering.round().await;
    let reserved = ordering.world.enova.goods().into_iter().find(|now| now.kod == good.kod).unwrap();
    assert_eq!(available(&reserved), Decimal::from(4));
    for (quantity, state) in [(9, ActState::Done), (11, ActState::Rejected)] {
        let price = ordering.price_of(&good.kod, quantity).await;
        let draft = one_client::simulator::OrderDraft::new(CLIENT);
        let draft = draft.priced_line(&good.kod, Decimal::from(quantity), price);
        ordering.world.sim.edit_order(&shipment, draft).unwrap();
        ordering.round().await;
        assert_eq!(ordering.last_act(&shipment).await.state, state, "{quantity}");
    }
}

/// Hands on the number of an open order.
#[derive(Debug)]
struct Numbers;

impl Mapper<String> for Numbers {
    type Out = String;

    fn map(&self, _: &Key, number: String, _: &Links) -> Result<Mapped<String>, Reason> {
        Ok(Mapped::Send(number))
    }
}

#[tokio::test]
async fn a_number_of_the_buffer_is_none_and_is_read_again_over_the_open_link_after_approval() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 2).await);
    ordering.round().await;
    assert_eq!(ordering.last_act(&shipment).await.created.unwrap().number, None);
    let zamowienia = ordering.world.erp.b2b().zamowienia();
    let ask = move |links: Vec<Link>| {
        let zamowienia = zamowienia.clone();
        async move {
            let ids: Vec<_> = links.iter().map(|link| DokumentId(link.b.parse().unwrap())).collect();
            let rows = zamowienia.get_statusy(&ids).await.unwrap().into_iter().flatten();
            let numbered = rows.filter(|order| order.is_numbered());
            Ok(numbered.map(|order| Item::upsert(Key::from(order.id.to_string()), order.numer)).collect())
        }
    };
    let source = OpenLinks::new(
        ordering.store().clone(),
        ORDER_LINK,
        SourceIdentity::new("enova", "numbers"),
        100,
        ask,
    );
    let told = Arc::new(MemorySink::new());
    let flow = Flow::new(name("numbers"), source, Numbers, told.clone(), ordering.store().clone());
    run(&flow).await;
    assert!(told.records().is_empty());
    let number = ordering.world.enova.approve(ordering.document(&shipment).id).unwrap();
    run(&flow).await;
    assert_eq!(told.records().into_values().collect::<Vec<_>>(), [number]);
}

#[tokio::test]
async fn a_portal_of_ones_own_hears_what_became_of_orders_and_their_changes() {
    let settings = OrderSettings::builder().tenant("demo").magazyn("F").changes(true).approve(true).build();
    let ordering = Ordering::with(settings).await;
    let shipment = ordering.place(ordering.draft(0, 2).await);
    let told: Arc<MemorySink<OrderOutcome>> = Arc::new(MemorySink::new().without_removal());
    let flow = outcomes_to(&ordering.world.setup, OrderOutcomeMapper::new("demo"), told.clone()).unwrap();
    ordering.round().await;
    run(&flow).await;
    ordering.world.sim.edit_order(&shipment, ordering.draft(0, 3).await).unwrap();
    ordering.round().await;
    run(&flow).await;
    let document = ordering.document(&shipment);
    let outcomes: Vec<_> = told.records().into_values().collect();
    assert_eq!(outcomes.len(), 2);
    for (outcome, kind) in outcomes.iter().zip(["order", ORDER_EDIT_ACT]) {
        assert_eq!((outcome.shipment.as_str(), outcome.kind.as_str()), (shipment.as_str(), kind));
        assert_eq!(outcome.document, Some(document.id.to_string()));
    }
    assert_eq!((outcomes[0].number.as_ref(), &outcomes[0].refused), (Some(&document.numer), &None));
    assert_eq!(outcomes[1].refused.as_ref().unwrap().0, "BledneDane");
}

#[tokio::test]
async fn an_order_that_is_cancelled_on_one_while_its_answer_is_awaited_is_cancelled_once_it_is_there() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 2).await);
    run(&ordering.flow()).await;
    let request = ClaimRequest::new(vec![ORDER_ACT.into()], Holder::from("one"), Duration::from_secs(60), 1);
    let claim = ordering.store().claim(&request).await.unwrap().remove(0);
    // it is created, and nobody knows
    let Submission::Done(created) = ordering.submitter().submit(&claim.act).await else {
        panic!("not created")
    };
    ordering.world.sim.cancel_order(&shipment).unwrap();
    run(&ordering.flow()).await;
    let rejects = ordering.world.rejects().await;
    let codes: Vec<&str> = rejects.iter().map(|reject| reject.reason.code()).collect();
    assert_eq!(codes, [Reason::WITHDRAWN_AFTER_TRANSFER]);
    ordering.store().settle(&claim, Settlement::Done(created)).await.unwrap();
    // ONe does not tell it again
    ordering.round().await;
    assert!(ordering.document(&shipment).anulowany);
    assert!(ordering.world.rejects().await.is_empty());
}

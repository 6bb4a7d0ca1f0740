//! Price, stock, quantities, reservation and approval at the transfer, on both simulators.

use async_trait::async_trait;
use one_client::simulator::{DraftLine, OrderDraft};
use rust_decimal::Decimal;
use soneta_webapi::wire::{Cecha, Quantity};
use soneta_webapi::{Change, ChangesQuery, Rows, Towar, TowarId, Towary, WirePage};
use std::sync::Arc;
use sync_core::{ActState, Job as _};
use sync_flows::flows::orders::{
    self, OrderMapper, OrderRequest, OrderSettings, Reservation, Shortage, StockPolicy,
};

use crate::ordering::{CLIENT, Ordering};
use crate::world::run_to_end;

/// So many of a good lie in the order's warehouse, and none elsewhere.
fn stocked(ordering: &Ordering, quantity: u32) {
    let good = ordering.good(0);
    for stan in &good.stany {
        let own = if stan.magazyn == "F" { Decimal::from(quantity) } else { Decimal::ZERO };
        ordering.world.enova.set_stock(&good.kod, &stan.magazyn, stan.zarezerwowane + own).unwrap();
    }
}

#[tokio::test]
async fn more_than_there_is_is_accepted_noted_held_or_refused_by_policy() {
    for (missing, state, remarks) in [
        (Shortage::Accept, ActState::Done, 0),
        (Shortage::Note, ActState::Done, 1),
        (Shortage::Hold, ActState::Held, 0),
        (Shortage::Refuse, ActState::Rejected, 0),
    ] {
        let mut ordering = Ordering::begin().await;
        ordering.stock = StockPolicy::new(missing, Shortage::Accept);
        let (enough, too_many) = (ordering.draft(0, 10).await, ordering.draft(0, 11).await);
        stocked(&ordering, 10);
        let shipment = ordering.place(too_many);
        ordering.round().await;
        let act = ordering.last_act(&shipment).await;
        assert_eq!(act.state, state, "{missing:?}");
        assert_eq!(act.created.map_or(0, |made| made.remarks.len()), remarks);
        if let Some(reason) = &act.reason {
            assert_eq!(reason.code(), "not-in-stock");
            assert!(reason.detail().unwrap().contains("11 ordered, 10 available"), "{:?}", reason.detail());
        }
        if state == ActState::Held {
            ordering.store().release(&act.act.op_key, "Anna", "dostawa jutro").await.unwrap();
            ordering.round().await;
            assert_eq!(ordering.last_act(&shipment).await.state, ActState::Done);
        }
        if state == ActState::Rejected {
            let other = ordering.place(enough);
            ordering.round().await;
            assert_eq!(ordering.last_act(&other).await.state, ActState::Done);
        }
    }
}

#[tokio::test]
async fn lines_of_one_good_are_added_up_for_the_stock_in_whatever_unit_they_are() {
    let mut ordering = Ordering::begin().await;
    ordering.stock = StockPolicy::new(Shortage::Refuse, Shortage::Accept);
    let good = ordering.good(0);
    let price = ordering.price_of(&good.kod, 6).await;
    stocked(&ordering, 10);
    let lines = |last: u32| {
        let line = |quantity: u32| DraftLine::new(&good.kod, quantity.into()).priced(price);
        OrderDraft::new(CLIENT).with_line(line(6).in_unit(&good.jednostka)).with_line(line(last))
    };
    let too_many = ordering.place(lines(5));
    ordering.round().await;
    assert_eq!(ordering.last_act(&too_many).await.reason.unwrap().code(), "not-in-stock");
    let enough = ordering.place(lines(4));
    ordering.round().await;
    assert_eq!(ordering.last_act(&enough).await.state, ActState::Done);
}

/// Goods of which at least 4 are sold, in pairs.
#[derive(Debug)]
struct Pairs;

#[async_trait]
impl Towary for Pairs {
    async fn list_towary(&self, _: &ChangesQuery) -> soneta_webapi::Result<WirePage<Change<Towar>>> {
        panic!("not listed")
    }

    async fn get_towary(&self, ids: &[TowarId]) -> soneta_webapi::Result<Rows<Towar>> {
        let good = |id: &TowarId| {
            Towar::builder()
                .id(*id)
                .kod("K")
                .nazwa("N")
                .jednostka("szt")
                .minimum(Quantity::new(Decimal::from(4), "szt"))
                .wielokrotnosc(Quantity::new(Decimal::TWO, ""))
                .build()
        };
        Ok(ids.iter().map(|id| Ok(good(id))).collect())
    }

    async fn get_towary_by_kod(&self, _: &[String]) -> soneta_webapi::Result<Rows<Towar>> {
        panic!("not asked by Kod")
    }
}

#[tokio::test]
async fn quantities_that_a_good_is_not_sold_in_follow_the_policy() {
    for (quantity, refused) in [(2, Some("quantity-too-small")), (5, Some("no-multiple")), (6, None)] {
        let mut ordering = Ordering::begin().await;
        ordering.stock = StockPolicy::new(Shortage::Accept, Shortage::Refuse);
        let shipment = ordering.place(ordering.draft(0, quantity).await);
        let submitter = ordering.submitter().with_goods(Arc::new(Pairs));
        run_to_end(&ordering.flow()).await;
        run_to_end(&orders::dispatcher(&ordering.world.setup, submitter).unwrap()).await;
        let act = ordering.last_act(&shipment).await;
        let code = act.reason.as_ref().map(|reason| reason.code());
        assert_eq!(code, refused, "{quantity}");
        assert_eq!(act.state == ActState::Done, refused.is_none());
    }
}

#[tokio::test]
async fn the_erp_reserves_and_approves_as_the_settings_say() {
    let settings = |reserve| OrderSettings::builder().tenant("demo").magazyn("F").reserve(reserve);
    for (reserve, reserved) in
        [(Reservation::None, Some(0)), (Reservation::Available, Some(10)), (Reservation::All, None)]
    {
        let ordering = Ordering::with(settings(reserve).approve(true).build()).await;
        let draft = ordering.draft(0, 11).await;
        stocked(&ordering, 10);
        let shipment = ordering.place(draft);
        ordering.round().await;
        let act = ordering.last_act(&shipment).await;
        let Some(reserved) = reserved else {
            assert_eq!((act.state, act.reason.unwrap().code()), (ActState::Rejected, "BrakStanu"));
            continue;
        };
        let document = ordering.document(&shipment);
        assert_eq!(document.pozycje[0].zarezerwowano, Decimal::from(reserved));
        assert!(document.zatwierdzony);
        assert_eq!(act.created.unwrap().number, Some(document.numer));
    }
}

#[tokio::test]
async fn a_script_in_an_order_arrives_as_text() {
    const SCRIPT: &str = "<script>alert('x')</script> & \"zażółć\"";
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 1).await.notes(SCRIPT).customer_purchase_number(SCRIPT));
    ordering.round().await;
    let document = ordering.document(&shipment);
    assert_eq!((document.uwagi.as_deref(), document.numer_obcy.as_deref()), (Some(SCRIPT), Some(SCRIPT)));
}

#[tokio::test]
async fn a_request_can_be_changed_before_it_is_frozen_and_stays_the_same_order() {
    let ordering = Ordering::begin().await;
    let shipment = ordering.place(ordering.draft(0, 1).await);
    run_to_end(&ordering.flow()).await;
    let before = ordering.last_act(&shipment).await;
    let mapper = |settings: &OrderSettings| {
        OrderMapper::new(settings.clone(), ordering.clock.clone()).adjusted(
            |shipment, request: &mut OrderRequest| {
                let channel = Cecha::new("Kanał", shipment.order_id.as_str());
                request.order.pozycje.iter_mut().for_each(|line| line.cechy.push(channel.clone()));
                Ok(())
            },
        )
    };
    let (one, setup) = (ordering.world.one.clone(), &ordering.world.setup);
    ordering.flow().leave().await;
    let flow = |id: &str| {
        let source = sync_flows::one::OrderSource::new(one.clone(), "demo");
        setup.flow_to_outbox(id, source, mapper(&ordering.settings)).unwrap()
    };
    // the same order, written otherwise: nothing happens to it
    run_to_end(&flow("again")).await;
    assert_eq!(ordering.acts(&shipment).await, [before]);
    let other = ordering.place(ordering.draft(0, 2).await);
    run_to_end(&flow("again")).await;
    let request: OrderRequest = ordering.last_act(&other).await.act.payload.decode().unwrap();
    assert_eq!(request.order.pozycje[0].cechy[0].nazwa, "Kanał");
}

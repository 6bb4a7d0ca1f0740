//! Status of orders: E6 with O16 to ONe, and E6 to a portal of one's own.

mod rest;

use async_trait::async_trait;
use one_client::ShipmentId;
use one_client::simulator::OrderDraft;
use rust_decimal::Decimal;
use soneta_webapi::simulator::OrderDocument;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    AnulowanieZamowienia, DokumentId, KontrahentId, NoweZamowienie, PozycjaZamowienia, Rezerwacja,
    ZmianyZamowien as _,
};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use sync_core::testing::MemorySink;
use sync_core::{Flow, Link};
use sync_flows::Setup;
use sync_flows::flows::order_status::{self, OrderStatus, OrderStatusMapper, StatusWords, in_words};
use sync_flows::flows::orders::ORDER_LINK;
use uuid::Uuid;

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play};

rows! { e6_o16: ToOne, e6: ToPortal }

/// Orders of ONe that are documents of the ERP, each with an open link.
struct Scene {
    world: World,
    /// Shipment and document.
    orders: Vec<(ShipmentId, i32)>,
    confirmed: Mutex<BTreeSet<i32>>,
    spoilt: Spoilt<i32>,
}

impl Scene {
    async fn of_orders(count: u128) -> Self {
        let world = World::of_goods(30).await;
        let mut orders = Vec::new();
        for nth in 0..count {
            let shipment = world
                .sim
                .place_order(OrderDraft::new("o-1").priced_line("A", Decimal::ONE, Decimal::TEN))
                .unwrap();
            let document = place(&world, nth).await;
            let link = Link::new(ORDER_LINK, shipment.as_str(), document.to_string()).open();
            world.setup.store.put_links(&[link]).await.unwrap();
            orders.push((shipment, document));
        }
        Self { world, orders, confirmed: Mutex::default(), spoilt: Spoilt::default() }
    }

    fn nth(&self, nth: usize) -> (ShipmentId, i32) {
        self.orders.get(nth).unwrap().clone()
    }

    fn setup(&self, pages: Option<usize>) -> Setup {
        self.world.paged(2, pages)
    }

    fn zamowienia(&self) -> Arc<dyn soneta_webapi::Zamowienia> {
        Arc::new(self.world.erp.b2b().zamowienia())
    }

    fn document(&self, id: i32) -> OrderDocument {
        self.world.enova.orders().into_iter().find(|order| order.id == id).unwrap()
    }

    /// What a person would say of the order, looking at the ERP.
    fn status(&self, id: i32) -> &'static str {
        let order = self.document(id);
        let documents = self.world.enova.documents();
        let of_order: Vec<_> = documents
            .iter()
            .filter(|document| document.pozycje.iter().any(|line| line.zamowienie_id == id))
            .collect();
        match (
            order.anulowany,
            of_order.is_empty(),
            of_order.iter().any(|document| document.kind.is_invoice()),
        ) {
            (true, ..) => "cancelled",
            (false, false, true) => "invoiced",
            (false, false, false) => "shipped",
            (false, true, _) if self.confirmed.lock().unwrap().contains(&id) => "confirmed",
            (false, true, _) => "processing",
        }
    }

    fn expected(&self, spell: impl Fn(&str, &OrderDocument) -> String) -> Shown {
        let good = self.orders.iter().filter(|(_, id)| !self.spoilt.is(id));
        good.map(|(shipment, id)| (shipment.to_string(), spell(self.status(*id), &self.document(*id))))
            .collect()
    }

    fn confirm(&self, nth: usize) {
        let id = self.nth(nth).1;
        self.world.enova.confirm(id).unwrap();
        self.confirmed.lock().unwrap().insert(id);
    }

    async fn cancel(&self, nth: usize) {
        let order = self.document(self.nth(nth).1);
        let cancel = AnulowanieZamowienia::builder().id(DokumentId(order.id)).wersja(order.wersja).build();
        self.world.erp.b2b().zamowienia().cancel_zamowienie(&cancel).await.unwrap();
    }

    async fn open_documents(&self) -> BTreeSet<String> {
        let links = self.world.setup.store.open_links(&ORDER_LINK.into(), None, 100).await.unwrap();
        links.into_iter().map(|link| link.b).collect()
    }

    fn spoil(&self, nth: usize) {
        let (_, id) = self.nth(nth);
        let numer = self.document(id).numer;
        let find = format!("\"Numer\":\"{numer}\"");
        self.spoilt.spoil(&self.world, &["B2BZamowienia/Statusy"], &find, "\"Numer\":7", id);
    }

    fn heal(&self) {
        self.spoilt.heal(&self.world);
    }
}

/// An approved order of one piece.
async fn place(world: &World, nth: u128) -> i32 {
    order(world, nth, true).await
}

async fn order(world: &World, nth: u128, approved: bool) -> i32 {
    let goods = world.enova.goods();
    let good = goods
        .iter()
        .find(|good| good.stany.iter().any(|stan| stan.magazyn == "F" && stan.stan > Decimal::from(20)))
        .unwrap();
    let buyers = world.enova.contractors();
    let buyer = buyers.iter().find(|buyer| !buyer.blokada_sprzedazy).unwrap();
    let line = PozycjaZamowienia::builder()
        .id_obcy("1")
        .kod(&good.kod)
        .ilosc(Quantity::new(Decimal::TWO, &good.jednostka))
        .cena_netto(Currency::new(Decimal::TEN, "PLN"))
        .build();
    let order = NoweZamowienie::builder()
        .guid(Uuid::from_u128(nth + 1))
        .kontrahent_id(KontrahentId(buyer.id))
        .magazyn("F")
        .data("2026-11-21".parse().unwrap())
        .rezerwuj(Rezerwacja::Ile)
        .zatwierdz(approved)
        .pozycje(vec![line])
        .build();
    world.erp.b2b().zamowienia().create_once(&order).await.unwrap().id.0
}

struct ToOne(Scene);

impl ToOne {
    fn flow(scene: &Scene, pages: Option<usize>) -> Flow {
        let mapper = in_words(OrderStatusMapper::default(), StatusWords::default());
        order_status::to_one(&scene.setup(pages), scene.zamowienia(), scene.world.one.clone(), mapper)
            .unwrap()
    }
}

#[async_trait]
impl Row for ToOne {
    async fn begin() -> Self {
        Self(Scene::of_orders(5).await)
    }

    fn world(&self) -> &World {
        &self.0.world
    }

    async fn run(&self, pages: Option<usize>) {
        play(Self::flow(&self.0, pages), pages).await;
    }

    async fn expected(&self) -> Shown {
        self.0.expected(|status, _| status.to_uppercase())
    }

    async fn shown(&self) -> Shown {
        let told =
            |shipment: &ShipmentId| Some((shipment.to_string(), self.0.world.sim.order_status(shipment)?));
        self.0.orders.iter().filter_map(|(shipment, _)| told(shipment)).collect()
    }

    fn sent(&self) -> u64 {
        self.0.world.sim.faults().calls("/order/status")
    }

    async fn change_one(&self) {
        self.0.confirm(0);
    }

    async fn remove_one(&self) {
        self.0.cancel(1).await;
    }

    async fn removed(&self) {
        let (shipment, document) = self.0.nth(1);
        assert_eq!(self.0.world.sim.order_status(&shipment).as_deref(), Some("CANCELLED"));
        let open = self.0.open_documents().await;
        assert!(open.len() == 4 && !open.contains(&document.to_string()), "{open:?}");
    }

    async fn spoil_one(&self) {
        self.0.spoil(2);
    }

    async fn heal(&self) {
        self.0.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.0.world.sim.faults(), "/order/status")]
    }
}

struct ToPortal {
    scene: Scene,
    portal: OwnPortal<OrderStatus>,
}

#[async_trait]
impl Row for ToPortal {
    async fn begin() -> Self {
        let portal = OwnPortal::of(MemorySink::new().without_removal());
        Self { scene: Scene::of_orders(5).await, portal }
    }

    fn world(&self) -> &World {
        &self.scene.world
    }

    async fn run(&self, pages: Option<usize>) {
        let flow = order_status::to(
            &self.scene.setup(pages),
            self.scene.zamowienia(),
            OrderStatusMapper::default(),
            Arc::clone(&self.portal.sink),
        );
        play(flow.unwrap(), pages).await;
    }

    async fn expected(&self) -> Shown {
        self.scene.expected(|status, order| format!("{} {status}", order.numer))
    }

    async fn shown(&self) -> Shown {
        let told = |status: OrderStatus| {
            (status.order, format!("{} {}", status.number.unwrap_or_default(), status.status.as_str()))
        };
        self.portal.sink.records().into_values().map(told).collect()
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    async fn change_one(&self) {
        let document = self.scene.nth(0).1;
        self.scene.world.enova.ship(document, &[]).unwrap();
    }

    async fn remove_one(&self) {
        self.scene.cancel(1).await;
    }

    async fn removed(&self) {
        assert_eq!(self.scene.open_documents().await.len(), 4);
    }

    async fn spoil_one(&self) {
        self.scene.spoil(2);
    }

    async fn heal(&self) {
        self.scene.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}

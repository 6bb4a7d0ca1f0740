//! Orders that were not born on ONe: O17.

use async_trait::async_trait;
use one_client::orders::OfflineOrder;
use rust_decimal::Decimal;
use soneta_webapi::simulator::OrderDocument;
use soneta_webapi::wire::{Cecha, Currency, Quantity};
use soneta_webapi::{
    AnulowanieZamowienia, DokumentId, KontrahentId, NoweZamowienie, PozycjaZamowienia, Zamowienie,
    ZmianyZamowien as _,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use sync_core::testing::MemorySource;
use sync_core::{Identity, Key, Link, LinkRef, Links, Mapped, Mapper as _, NewAct, Reason, act_guid};
use sync_flows::Tick;
use sync_flows::enova::{ErpOrder, ZamowieniaList, changes};
use sync_flows::flows::offline_orders::{self, OfflineOrderMapper, OfflineOrderSettings};
use sync_flows::flows::orders::{CONTRACTOR_LINK, ORDER_ACT, ORDER_LINK, contractor_link, order_op_key};
use uuid::Uuid;

use super::{Lost, Row, Shown, Spoilt, rows};
use crate::world::{World, play, run_to_end};

rows! { o17: Offline }

struct Offline {
    world: World,
    spoilt: Spoilt<i32>,
}

impl Offline {
    fn buyer(&self) -> KontrahentId {
        let buyers = self.world.enova.contractors();
        KontrahentId(buyers.iter().find(|buyer| !buyer.blokada_sprzedazy).unwrap().id)
    }

    /// An approved order of two pieces.
    async fn place(&self, guid: Uuid, buyer: KontrahentId) -> i32 {
        let goods = self.world.enova.goods();
        let stocked = |stan: &soneta_webapi::simulator::SimulatedStan| {
            stan.magazyn == "F" && stan.stan > Decimal::from(20)
        };
        let good = goods.iter().find(|good| good.stany.iter().any(stocked)).unwrap();
        let line = PozycjaZamowienia::builder()
            .id_obcy("1")
            .kod(&good.kod)
            .ilosc(Quantity::new(Decimal::TWO, &good.jednostka))
            .cena_netto(Currency::new(Decimal::TEN, "PLN"))
            .build();
        let order = NoweZamowienie::builder()
            .guid(guid)
            .kontrahent_id(buyer)
            .magazyn("F")
            .data("2026-11-21".parse().unwrap())
            .zatwierdz(true)
            .pozycje(vec![line])
            .build();
        self.world.erp.b2b().zamowienia().create_once(&order).await.unwrap().id.0
    }

    /// The orders that nobody placed on ONe, oldest first.
    async fn offline(&self) -> Vec<OrderDocument> {
        let links = self.world.setup.store.open_links(&ORDER_LINK.into(), None, 100).await.unwrap();
        let ours: BTreeSet<String> = links.into_iter().map(|link| link.b).collect();
        self.world.enova.orders().into_iter().filter(|order| !ours.contains(&order.id.to_string())).collect()
    }

    fn shipped(&self, order: i32) -> Decimal {
        let documents = self.world.enova.documents();
        let lines = documents.iter().flat_map(|document| &document.pozycje);
        lines.filter(|line| line.zamowienie_id == order).map(|line| line.stan.ilosc).sum()
    }
}

#[async_trait]
impl Row for Offline {
    async fn begin() -> Self {
        let row = Self { world: World::of_goods(30).await, spoilt: Spoilt::default() };
        let buyer = row.buyer();
        row.world.setup.store.put_links(&[contractor_link("org:o-1", buyer)]).await.unwrap();
        for nth in 0..5 {
            row.place(Uuid::from_u128(nth), buyer).await;
        }
        let born_on_one = row.place(Uuid::from_u128(99), buyer).await;
        let link = Link::new(ORDER_LINK, "OF/1/11/2026/01", born_on_one.to_string()).open();
        row.world.setup.store.put_links(&[link]).await.unwrap();
        row
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let setup = self.world.paged(2, pages);
        let list = ZamowieniaList::new(Arc::new(self.world.erp.b2b().zamowienia()));
        let orders = changes(list, &setup.erp, Arc::clone(&setup.clock));
        let flow = offline_orders::to_one(&setup, orders, self.world.one.clone(), mapper()).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let orders = self.offline().await.into_iter().filter(|order| !self.spoilt.is(&order.id));
        orders
            .map(|order| {
                let gross = order.suma_brutto.normalize();
                (format!("enova-{}", order.id), format!("{} {gross} {}", order.numer, self.shipped(order.id)))
            })
            .collect()
    }

    async fn shown(&self) -> Shown {
        let records = self.world.sim.records("offline-orders");
        records
            .into_iter()
            .map(|(id, json)| {
                let order: serde_json::Value = serde_json::from_str(&json).unwrap();
                let at = |path: &str| order.pointer(path).unwrap();
                let number = |path: &str| at(path).to_string().parse::<Decimal>().unwrap().normalize();
                assert_eq!(at("/organization/id"), "o-1");
                let (gross, shipped) =
                    (number("/price/totalGross"), number("/productLines/0/quantityShipped"));
                (id, format!("{} {gross} {shipped}", at("/orderId").as_str().unwrap()))
            })
            .collect()
    }

    fn sent(&self) -> u64 {
        self.world.sim.faults().calls("/offline-order/shipment")
    }

    async fn change_one(&self) {
        let order = self.offline().await.remove(0).id;
        self.world.enova.ship(order, &[]).unwrap();
    }

    async fn remove_one(&self) {
        let order = self.offline().await.remove(1);
        let cancel = AnulowanieZamowienia::builder().id(DokumentId(order.id)).wersja(order.wersja).build();
        self.world.erp.b2b().zamowienia().cancel_zamowienie(&cancel).await.unwrap();
    }

    async fn removed(&self) {
        let rejects = self.world.rejects().await;
        let told: Vec<_> = rejects.iter().map(|reject| (reject.key.as_str(), reject.reason.code())).collect();
        let cancelled = self.offline().await.remove(1).id.to_string();
        assert_eq!(told, [(cancelled.as_str(), Reason::REMOVAL_NOT_SUPPORTED)]);
    }

    async fn spoil_one(&self) {
        let order = self.offline().await.remove(2);
        let find = format!("\"Numer\":\"{}\"", order.numer);
        self.spoilt.spoil(&self.world, &["B2BZamowienia/Lista"], &find, "\"Numer\":7", order.id);
    }

    async fn heal(&self) {
        self.spoilt.heal(&self.world);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.world.sim.faults(), "/offline-order/shipment")]
    }
}

fn mapper() -> OfflineOrderMapper {
    OfflineOrderMapper::new(OfflineOrderSettings::builder().payment_method("Przelew").build())
}

#[tokio::test]
async fn an_order_born_on_one_never_comes_back_not_even_while_its_answer_is_awaited() {
    let row = Offline::begin().await;
    row.run(None).await;
    let (sent, setup) = (row.sent(), &row.world.setup);

    // the ERP has the document, and nobody knows it yet: the act is not settled, and there is no link
    let op_key = order_op_key("demo", "OF/2/11/2026/01");
    let orders = MemorySource::token();
    orders.put("1", NewAct::new(op_key.clone(), "1", ORDER_ACT, "order", "order").unwrap());
    run_to_end(&setup.flow_to_outbox("orders", orders, Identity).unwrap()).await;
    let id = row.place(act_guid(&op_key), row.buyer()).await;
    row.run(None).await;
    assert_eq!(row.sent(), sent);

    let link = Link::new(ORDER_LINK, "OF/2/11/2026/01", id.to_string()).open();
    setup.store.put_links(&[link]).await.unwrap();
    row.world.enova.ship(id, &[]).unwrap();
    row.run(None).await;
    assert_eq!(row.sent(), sent);
    let records = row.world.sim.records("offline-orders");
    assert!(records.len() == 5 && !records.contains_key(&format!("enova-{id}")));
}

#[tokio::test]
async fn an_order_of_somebody_who_is_no_client_of_one_is_left_out() {
    let row = Offline::begin().await;
    let buyers = row.world.enova.contractors();
    let other = buyers.iter().rfind(|buyer| !buyer.blokada_sprzedazy).unwrap();
    assert_ne!(KontrahentId(other.id), row.buyer());
    let id = row.place(Uuid::from_u128(50), KontrahentId(other.id)).await;
    row.run(None).await;
    let records = row.world.sim.records("offline-orders");
    assert!(records.len() == 5 && !records.contains_key(&format!("enova-{id}")));
    assert!(row.world.rejects().await.is_empty());
}

/// Two lines, the second of which is the delivery.
fn order() -> Zamowienie {
    let text = r#"{"ID": 7, "Numer": "ZO/7/26", "Stan": "Zatwierdzony", "KontrahentId": 1,
        "SumaNetto": {"Value": 115.00, "Symbol": "PLN"}, "SumaBrutto": {"Value": 141.45, "Symbol": "PLN"},
        "Pozycje": [
            {"ID": 1, "Kod": "ŚRUBA", "Nazwa": "Śruba", "Ilosc": {"Value": 2, "Symbol": "op"},
             "Zrealizowano": {"Value": 1, "Symbol": "op"}, "WartoscBrutto": {"Value": 123.00, "Symbol": "PLN"}},
            {"ID": 2, "Kod": "KURIER", "Ilosc": {"Value": 1, "Symbol": "szt"},
             "WartoscNetto": {"Value": 15, "Symbol": "PLN"}, "WartoscBrutto": {"Value": 18.45, "Symbol": "PLN"}}]}"#;
    serde_json::from_str(text).unwrap()
}

fn mapped(settings: OfflineOrderSettings, order: Zamowienie) -> Result<OfflineOrder, String> {
    mapped_of("o-1", settings, order)
}

fn mapped_of(
    client: &str,
    settings: OfflineOrderSettings,
    order: Zamowienie,
) -> Result<OfflineOrder, String> {
    let links: Links = [(LinkRef::of_b(CONTRACTOR_LINK, "1"), client.to_owned())].into_iter().collect();
    let mapper = OfflineOrderMapper::new(settings);
    match mapper.map(&Key::from("7"), ErpOrder::new(order), &links) {
        Ok(Mapped::Send(order)) => Ok(order),
        Ok(Mapped::LeaveOut(reason)) | Err(reason) => Err(reason.code().to_owned()),
        Ok(other) => panic!("{other:?}"),
    }
}

#[test]
fn the_delivery_is_no_line_and_the_sums_add_up() {
    let mut settings = OfflineOrderSettings::builder().payment_method("Przelew").build();
    settings.delivery = BTreeSet::from(["KURIER".to_owned()]);
    settings.units.insert("op".to_owned(), "PACK".to_owned());
    let OfflineOrder { id, order_id, price, payment_method, product_lines, .. } =
        mapped(settings, order()).unwrap();
    assert_eq!((id.as_str(), order_id.as_str()), ("enova-7", "ZO/7/26"));
    assert_eq!(payment_method.name, "Przelew");
    let decimal = |text: &str| -> Decimal { text.parse().unwrap() };
    assert_eq!((price.delivery_net, price.delivery_gross), (decimal("15"), Some(decimal("18.45"))));
    assert_eq!((price.products_net, price.products_gross), (decimal("100"), Some(decimal("123"))));
    assert_eq!(
        (price.total_net, price.total_tax, price.total_gross),
        (decimal("115"), decimal("26.45"), decimal("141.45"))
    );
    let [line] = <[_; 1]>::try_from(product_lines).unwrap();
    assert_eq!((line.sku.as_str(), line.name.as_deref()), ("ŚRUBA", Some("Śruba")));
    assert_eq!(
        (line.quantity_ordered_in_content_unit, line.quantity_shipped),
        (Decimal::TWO, Some(Decimal::ONE))
    );
    assert_eq!(line.content_unit_code.as_deref(), Some("PACK"));
}

#[test]
fn what_one_cannot_show_is_a_reject_and_what_is_not_ticked_is_left_out() {
    let settings = || OfflineOrderSettings::builder().payment_method("Przelew").build();
    let changed = |change: fn(&mut Zamowienie)| {
        let mut order = order();
        change(&mut order);
        mapped(settings(), order)
    };
    let in_euro = changed(|order| order.suma_brutto = Some(Currency::new(Decimal::ONE, "EUR")));
    assert_eq!(in_euro.unwrap_err(), "other-currency");
    assert_eq!(changed(|order| order.suma_netto = None).unwrap_err(), "incomplete");
    assert_eq!(changed(|order| order.kontrahent_id = None).unwrap_err(), "incomplete");
    assert_eq!(changed(|order| order.pozycje[0].kod = None).unwrap_err(), "incomplete");
    assert_eq!(changed(|order| order.numer = "BUFOR".to_owned()).unwrap_err(), "in-the-buffer");
    let huge = |order: &mut Zamowienie| {
        order.suma_netto = Some(Currency::new(Decimal::MIN, "PLN"));
        order.suma_brutto = Some(Currency::new(Decimal::MAX, "PLN"));
    };
    assert_eq!(changed(huge).unwrap_err(), "bad-amount");
    assert!(
        changed(|order| order.forma_platnosci = Some("BLIK".to_owned())).unwrap().payment_method.name
            == "BLIK"
    );

    let mut by_cecha = settings();
    by_cecha.tick = Tick::Cecha("Portal".to_owned());
    assert_eq!(mapped(by_cecha.clone(), order()).unwrap_err(), "not-ticked");
    let mut ticked = order();
    ticked.cechy = vec![Cecha::new("Portal", true)];
    assert!(mapped(by_cecha, ticked).is_ok());
    assert_eq!(mapped_of("ind:1", settings(), order()).unwrap_err(), "person");
}

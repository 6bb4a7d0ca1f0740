//! Offline orders, enova365 → ONe (O17): what clients ordered elsewhere, by telephone or mail, for them to look at.
//!
//! ```text
//! ListaZamowien ─► (marked: is the portal just placing it?)
//!               ─► OfflineOrderMapper (never one that was born on ONe; only of clients that ONe has)
//!               ─► OfflineOrderSink   (ONe's offline-order/shipment, which replaces by id)
//! ```
//!
//! An order that was born on ONe never comes back: it is known by its [`ORDER_LINK`], and as long as nobody knows
//! whether it was placed, by its Guid, which follows from the shipment.
//!
//! ONe has no way to take an offline order back: one that is cancelled, or loses its tick, is a reject `removal-not-supported`. Of
//! the order's date, address and status ONe documents no field, so they are not sent.

use one_client::ShipmentId;
use one_client::orders::{
    OfflineLine, OfflineLinePrice, OfflineOrder, OfflinePaymentMethod, OfflinePrice, Organization,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use soneta_webapi::wire::Currency;
use soneta_webapi::{Area, PozycjaRealizacji, StanDokumentu, Zamowienie};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use sync_core::{Class, Flow, Key, LinkRef, Links, Mapped, Mapper, Reason, Source};

use super::clients::{client_links, client_of_documents};
use super::orders::ORDER_LINK;
use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::enova::{ErpOrder, ErpOrders};
use crate::one::OfflineOrderSink;
use crate::setup::Setup;
use crate::tick::Tick;

/// Offline orders to ONe.
pub const OFFLINE_ORDERS: Entry = Entry {
    id: "offline-orders",
    rows: &["O17"],
    what: "orders that were not born on ONe, for its clients to look at",
    from: System::Enova,
    to: System::One,
    lane: Lane::State,
    class: Class::Regular,
    ticks: Ticks::every(60),
    stage: Some(Stage::III),
    needs: &[Area::OrderList],
    after: &["new-clients", "orders"],
    guarantee: "an order that was born on ONe never comes back; a cancelled one is reported, since ONe takes none back",
};

/// The flow [`OFFLINE_ORDERS`]. `orders` is the ERP's list of orders, read by changes or whole
/// ([`ZamowieniaList`](crate::enova::ZamowieniaList)).
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn to_one<S, M>(setup: &Setup, orders: S, one: one_client::Client, mapper: M) -> sync_core::Result<Flow>
where
    S: Source<Record = Zamowienie> + 'static,
    M: Mapper<ErpOrder, Out = OfflineOrder> + 'static,
{
    let orders = ErpOrders::new(orders, Arc::clone(&setup.store), &setup.tenant);
    setup.with_daily_full_pass().flow(OFFLINE_ORDERS.id, orders, mapper, OfflineOrderSink::new(one))
}

/// Settings of the offline orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(deny_unknown_fields)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct OfflineOrderSettings {
    /// Which orders go to ONe.
    #[serde(default)]
    #[builder(default)]
    pub tick: Tick,
    /// What the way of paying is called, which ONe requires, of orders that name none.
    pub payment_method: String,
    /// ONe's currency: its offline orders name none. An order in another one is a reject `other-currency`.
    #[serde(default = "pln")]
    #[builder(default = pln())]
    pub waluta: String,
    /// What the ids of offline orders begin with, before the document's id: no shipment of ONe's own begins so.
    #[serde(default = "prefix")]
    #[builder(default = prefix())]
    pub id_prefix: String,
    /// Kody of services that are the delivery: their value is shown as such, and not as a line.
    #[serde(default)]
    #[builder(default)]
    pub delivery: BTreeSet<String>,
    /// The ERP's symbol of a unit → ONe's code; one that is not named is passed on as it is.
    #[serde(default)]
    #[builder(default)]
    pub units: BTreeMap<String, String>,
}

fn pln() -> String {
    "PLN".to_owned()
}

fn prefix() -> String {
    "enova-".to_owned()
}

/// From an order of the ERP to ONe's offline order. Its id is made of the document's, the order's id is the document's number.
#[derive(Debug, Clone)]
pub struct OfflineOrderMapper {
    settings: OfflineOrderSettings,
}

impl OfflineOrderMapper {
    /// Maps by these settings.
    #[must_use]
    pub fn new(settings: OfflineOrderSettings) -> Self {
        Self { settings }
    }

    fn amount(&self, of: Option<&Currency>, what: &str) -> Result<Decimal, Reason> {
        let amount = of.ok_or_else(|| missing(what))?;
        if amount.symbol != self.settings.waluta {
            let detail = format!("{what} is in {}, ONe shows {}", amount.symbol, self.settings.waluta);
            return Err(Reason::new("other-currency").with_detail(detail));
        }
        Ok(amount.value.normalize())
    }

    fn price(&self, order: &Zamowienie) -> Result<OfflinePrice, Reason> {
        let net = self.amount(order.suma_netto.as_ref(), "SumaNetto")?;
        let gross = self.amount(order.suma_brutto.as_ref(), "SumaBrutto")?;
        let (mut delivery_net, mut delivery_gross) = (Decimal::ZERO, Decimal::ZERO);
        for line in order.pozycje.iter().filter(|line| self.is_delivery(line)) {
            let line_net = self.amount(line.wartosc_netto.as_ref(), "WartoscNetto of the delivery")?;
            let line_gross = self.amount(line.wartosc_brutto.as_ref(), "WartoscBrutto of the delivery")?;
            delivery_net = exact(delivery_net.checked_add(line_net))?;
            delivery_gross = exact(delivery_gross.checked_add(line_gross))?;
        }
        Ok(OfflinePrice::builder()
            .delivery_net(delivery_net)
            .delivery_gross(delivery_gross)
            .products_net(exact(net.checked_sub(delivery_net))?)
            .products_gross(exact(gross.checked_sub(delivery_gross))?)
            .total_net(net)
            .total_gross(gross)
            .total_tax(exact(gross.checked_sub(net))?)
            .build())
    }

    fn is_delivery(&self, line: &PozycjaRealizacji) -> bool {
        line.kod.as_ref().is_some_and(|kod| self.settings.delivery.contains(kod))
    }

    fn line(&self, number: usize, line: &PozycjaRealizacji) -> Result<OfflineLine, Reason> {
        let sku = line.kod.as_ref().ok_or_else(|| missing("Kod of a line"))?;
        let unit = &line.ilosc.symbol;
        let code = self.settings.units.get(unit).unwrap_or(unit);
        let gross = line.wartosc_brutto.as_ref().map(|gross| gross.value.normalize());
        Ok(OfflineLine::builder()
            .sku(sku.as_str())
            .quantity_ordered_in_content_unit(line.ilosc.value.normalize())
            // told in the line's own unit only
            .maybe_quantity_shipped(
                line.zrealizowano
                    .as_ref()
                    .filter(|shipped| shipped.symbol == *unit)
                    .map(|shipped| shipped.value.normalize()),
            )
            .maybe_content_unit_code((!code.is_empty()).then(|| code.clone()))
            .line_number(number.to_string())
            .maybe_name(line.nazwa.clone())
            .maybe_price(gross.map(|gross| OfflineLinePrice::builder().gross_value(gross).build()))
            .build())
    }
}

impl Mapper<ErpOrder> for OfflineOrderMapper {
    type Out = OfflineOrder;

    fn links_needed(&self, record: &ErpOrder) -> Vec<LinkRef> {
        let client = record.zamowienie.kontrahent_id.into_iter().flat_map(client_links);
        client.chain([own(&record.zamowienie)]).collect()
    }

    fn map(&self, _key: &Key, record: ErpOrder, links: &Links) -> Result<Mapped<OfflineOrder>, Reason> {
        let ErpOrder { zamowienie: order, is_being_placed } = record;
        let left_out = |why| Ok(Mapped::LeaveOut(Reason::new(why)));
        if is_being_placed || links.get(&own(&order)).is_some() {
            return left_out("born-on-one");
        }
        if !self.settings.tick.sends(None, &order.cechy) {
            return left_out("not-ticked");
        }
        if order.stan == StanDokumentu::Anulowany {
            return left_out("cancelled");
        }
        if !order.is_numbered() {
            return left_out("in-the-buffer");
        }
        let kontrahent = order.kontrahent_id.ok_or_else(|| missing("KontrahentId"))?;
        let Some(client) = client_of_documents(kontrahent, links) else {
            return left_out("no-client-of-one");
        };
        // ONe's offline orders name an organisation
        let Some(organization) = client.organization() else { return left_out("person") };
        let lines = order.pozycje.iter().filter(|line| !self.is_delivery(line)).zip(1..);
        let lines = lines.map(|(line, number)| self.line(number, line)).collect::<Result<Vec<_>, _>>()?;
        let payment = order.forma_platnosci.as_deref().filter(|name| !name.trim().is_empty());
        Ok(Mapped::Send(
            OfflineOrder::builder()
                .id(ShipmentId::new(format!("{}{}", self.settings.id_prefix, order.id)))
                .order_id(order.numer.as_str())
                .organization(Organization::new(organization))
                .price(self.price(&order)?)
                .payment_method(OfflinePaymentMethod::new(payment.unwrap_or(&self.settings.payment_method)))
                .product_lines(lines)
                .build(),
        ))
    }
}

fn own(order: &Zamowienie) -> LinkRef {
    LinkRef::of_b(ORDER_LINK, order.id.to_string())
}

fn missing(what: &str) -> Reason {
    Reason::new("incomplete").with_detail(format!("the contract does not tell {what}"))
}

fn exact(amount: Option<Decimal>) -> Result<Decimal, Reason> {
    amount.map(|amount| amount.normalize()).ok_or_else(|| Reason::new("bad-amount"))
}

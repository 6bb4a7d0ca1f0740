//! Orders, ONe → enova365.

mod contractors;

use std::collections::BTreeMap;
use std::sync::Arc;

use one_client::FeedPosition;
use serde::Deserialize;
use soneta_webapi::Area;
use sync_core::{Act, Class, Link};
use sync_flows::catalog::{Entry, Lane, Stage, System, Ticks};
use sync_flows::enova::OrderSubmitter;
use sync_flows::flows::orders::{
    CostPlacement, ORDER_ACT, ORDER_LINK, OrderMapper, OrderSettings, PricePolicy, Reservation,
};
use sync_flows::one::OrderSource;

use super::Wiring;
use crate::error::Result;
use crate::wire::{Wire, Wired};
use contractors::ContractorLinks;

const ORDERS: Entry = Entry {
    id: "orders",
    rows: &["E5", "E15", "O15"],
    what: "orders as documents, after a check of every price",
    from: System::One,
    to: System::Enova,
    lane: Lane::Acts,
    class: Class::Orders,
    ticks: Ticks::every(60),
    stage: Some(Stage::III),
    needs: &[Area::Orders, Area::Prices, Area::Contractors],
    guarantee: "one shipment is at most one document; what is not placed is listed with its reason",
};

/// `[tenants.flows.orders]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Orders {
    /// Position of ONe's feed at which the very first run begins; 1 for everything that ONe still has. What lies before it
    /// is never transferred: orders that an earlier integration has booked are not to come again.
    start_at: i64,
    /// Symbol of the warehouse that orders are placed on.
    warehouse: String,
    /// Symbol of the document definition.
    #[serde(default = "zo")]
    definition: String,
    /// Whether the ERP approves documents at once.
    #[serde(default)]
    approve: bool,
    /// How much the ERP reserves: `none`, `available`, `all`.
    #[serde(default = "available")]
    reserve: Reservation,
    /// Currency of ONe's prices.
    #[serde(default = "pln")]
    currency: String,
    /// ONe's unit code → the ERP's symbol, where they differ.
    #[serde(default)]
    units: BTreeMap<String, String>,
    /// Kod of the service that carries delivery and payment costs; in the notes without one.
    delivery_service: Option<String>,
    /// Kod of the service that carries additional costs of lines; in the notes without one.
    additional_cost_service: Option<String>,
    /// What to do when a price changed: `confirmed_price`, `hold`, `refuse`, for `cheaper` and `dearer` apart.
    #[serde(default)]
    price_policy: PricePolicy,
    /// ONe's organisation id → Kod of the contractor.
    #[serde(default)]
    contractors: BTreeMap<String, String>,
}

fn zo() -> String {
    "ZO".to_owned()
}

fn available() -> Reservation {
    Reservation::Available
}

fn pln() -> String {
    "PLN".to_owned()
}

impl Wiring for Orders {
    const ENTRY: &'static Entry = &ORDERS;

    fn check(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if self.start_at < 1 {
            wrong.push((
                "start_at",
                "expected a position of ONe's order feed, 1 for its beginning".to_owned(),
            ));
        }
        wrong
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let setup = &wire.setup;
        let source =
            OrderSource::new(wire.one.clone(), &setup.tenant).starting_at(FeedPosition::new(self.start_at));
        let mapper = OrderMapper::new(self.settings(&setup.tenant), Arc::clone(&setup.clock));
        let flow = setup.flow_to_outbox(ORDERS.id, source, mapper)?;
        let installation = wire.installation;
        let submitter =
            OrderSubmitter::new(installation.zamowienia()?, installation.ceny()?, self.price_policy);
        let links = ContractorLinks::new(
            setup.name("orders-contractors")?,
            installation.kontrahenci()?,
            Arc::clone(&setup.store),
            self.contractors.clone(),
        );
        Ok(vec![
            wire.setting_up(links)?,
            wire.flow(flow),
            wire.dispatcher("orders-submit", [ORDER_ACT.into()], submitter, order_link)?,
        ])
    }
}

/// What is learned when a person tells the id of an order's document.
fn order_link(act: &Act, id: &str) -> Vec<Link> {
    // `order:tenant:shipment`; an edit learns nothing new
    let shipment = act.op_key.as_str().splitn(3, ':').nth(2);
    shipment
        .filter(|_| act.version == 0)
        .map(|shipment| Link::new(ORDER_LINK, shipment, id))
        .into_iter()
        .collect()
}

impl Orders {
    fn settings(&self, tenant: &str) -> OrderSettings {
        let place = |service: &Option<String>| match service {
            Some(kod) => CostPlacement::ServiceLine(kod.clone()),
            None => CostPlacement::Notes,
        };
        OrderSettings::builder()
            .tenant(tenant)
            .magazyn(self.warehouse.clone())
            .definicja(self.definition.clone())
            .approve(self.approve)
            .reserve(self.reserve)
            .waluta(self.currency.clone())
            .units(self.units.clone())
            .delivery_cost(place(&self.delivery_service))
            .additional_costs(place(&self.additional_cost_service))
            .build()
    }
}

//! Orders, ONe → enova365.

mod contractors;

use std::collections::BTreeMap;
use std::sync::Arc;

use one_client::FeedPosition;
use serde::Deserialize;
use soneta_webapi::Area;
use sync_core::{Act, Link};
use sync_flows::catalog::Entry;
use sync_flows::flows::clients::CLIENTS_TO_ENOVA;
use sync_flows::flows::orders::{
    self, CostPlacement, NewClients, ORDER_ACT, ORDER_CANCEL_ACT, ORDER_EDIT_ACT, ORDER_LINK, ORDERS,
    OrderMapper, OrderSettings, PricePolicy, Reservation, StockPolicy,
};

use super::Wiring;
use crate::error::Result;
use crate::wire::{Learned, Wire, Wired};
use contractors::ContractorLinks;

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
    #[serde(default = "crate::flows::pln")]
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
    /// What to do when more is ordered than is available (`missing`), or a quantity that the good is not sold in (`quantity`):
    /// `accept`, `note`, `hold`, `refuse`.
    #[serde(default)]
    stock_policy: StockPolicy,
    /// What becomes of an order of a client without a contractor: `reject`, or `wait` until `clients-to-enova` has made it one.
    #[serde(default)]
    new_clients: NewClients,
    /// Whether edits and cancellations after the transfer change the document, where the installation can do that.
    #[serde(default = "crate::flows::yes")]
    changes: bool,
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

    fn beside(&self) -> Vec<&'static str> {
        match self.new_clients {
            NewClients::Wait => vec![CLIENTS_TO_ENOVA.id],
            _ => Vec::new(),
        }
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let (setup, installation) = (&wire.setup, wire.installation);
        let mapper = OrderMapper::new(self.settings(wire), Arc::clone(&setup.clock));
        let flow = orders::from_one(setup, wire.one.clone(), FeedPosition::new(self.start_at), mapper)?;
        let submitter = orders::submitter(setup, installation, self.price_policy, self.stock_policy)?;
        let links = ContractorLinks::new(
            setup.name("orders-contractors")?,
            installation.kontrahenci()?,
            Arc::clone(&setup.store),
            self.contractors.clone(),
        );
        Ok(vec![
            wire.setting_up(links)?,
            wire.flow(flow),
            wire.dispatcher(
                [ORDER_ACT, ORDER_EDIT_ACT, ORDER_CANCEL_ACT].map(Into::into),
                submitter,
                order_link,
            )?,
        ])
    }
}

/// What is learned when a person tells the id of an order's document: its states are asked for from then on.
fn order_link(act: &Act, id: &str) -> Learned {
    let expected =
        "expected the id of its document in enova365, a whole number, and not the document's number";
    let id: i32 = id.parse().map_err(|_| expected)?;
    // `order:tenant:shipment`; an edit or a cancellation learns nothing new
    let shipment = act.document.as_str().splitn(3, ':').nth(2).filter(|_| act.kind.as_str() == ORDER_ACT);
    let link = shipment.map(|shipment| Link::new(ORDER_LINK, shipment, id.to_string()).open());
    Ok(link.into_iter().collect())
}

impl Orders {
    fn settings(&self, wire: &Wire<'_>) -> OrderSettings {
        let place = |service: &Option<String>| match service {
            Some(kod) => CostPlacement::ServiceLine(kod.clone()),
            None => CostPlacement::Notes,
        };
        OrderSettings::builder()
            .tenant(&wire.setup.tenant)
            .magazyn(self.warehouse.clone())
            .definicja(self.definition.clone())
            .approve(self.approve)
            .reserve(self.reserve)
            .waluta(self.currency.clone())
            .units(self.units.clone())
            .delivery_cost(place(&self.delivery_service))
            .additional_costs(place(&self.additional_cost_service))
            .new_clients(self.new_clients)
            .changes(self.changes && wire.installation.has(Area::OrderChanges))
            .build()
    }
}

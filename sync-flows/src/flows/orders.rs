//! Orders, ONe → enova365 (E5, O15), with their prices and stock checked at the transfer (E15).
//!
//! ```text
//! order feed ─► OrderSource (each shipment as it is now)
//!            ─► OrderMapper (contractor by link; the whole request is frozen) ─► outbox
//! outbox     ─► OrderSubmitter (every line is asked of the ERP, then the document is created under its Guid)
//! ```
//!
//! One shipment is one document of the ERP, which alone numbers it. The document's Guid follows from the shipment's id,
//! so a repeat answers the first document, and a lost answer is looked up by it.
//!
//! An edit or cancellation that arrives before the transfer replaces or drops the order. After it, it changes the same document
//! ([`OrderSettings::changes`]), where the installation can do that; else it is a reject `changed-after-transfer`, a cancellation
//! `withdrawn-after-transfer`. There is never a second document.
//!
//! Contractors are found by the link table: kind [`CONTRACTOR_LINK`], ONe's organisation id on side `a`, the ERP's id on
//! side `b`. What becomes of a shipment of an unknown organisation, [`NewClients`] says. A contractor that was merged is followed
//! when the order is sent.
//!
//! Links and acts are told apart by their kinds alone: every tenant has a store of its own.
//!
//! # What goes back
//! The document's id and its number are in what the act [made](sync_core::Created), and [`outcomes_to`] tells a portal of your own.
//! A number that reads `BUFOR` is none. Whoever tells the order's states reads the number again with them: the link of kind
//! [`ORDER_LINK`] is open for that, until the order has come to its end. ONe has no field for either.
//!
//! # A shop of your own
//! It makes its acts with [`order_act`]: in a flow that reads its table, or in its own transaction (`outbox_sql` of the store). The same
//! [`dispatcher`] carries them out.
//!
//! ```
//! use soneta_webapi::wire::{Currency, Quantity};
//! use soneta_webapi::{KontrahentId, NoweZamowienie, PozycjaZamowienia};
//! use sync_flows::flows::orders::{OrderRequest, OrderSettings, order_act};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = OrderSettings::builder().tenant("shop").magazyn("F").build();
//! let line = PozycjaZamowienia::builder()
//!     .id_obcy("1")
//!     .kod("BUTY-42")
//!     .ilosc(Quantity::new(2.into(), "para"))
//!     .cena_netto(Currency::new("264.00".parse()?, "PLN"))
//!     .build();
//! let order = NoweZamowienie::builder()
//!     .guid(uuid::Uuid::nil()) // order_act gives the document its Guid
//!     .kontrahent_id(KontrahentId(17))
//!     .magazyn(&settings.magazyn)
//!     .data("2026-11-21".parse()?)
//!     .pozycje(vec![line])
//!     .build();
//! let act = order_act(&settings, OrderRequest::new("2026/4711", order))?;
//! assert_eq!(act.op_key.as_str(), "order:shop:2026/4711");
//! // with a store: let statement = store.outbox_sql(&part).await?.enqueue(&act)?;
//! # Ok(())
//! # }
//! ```

mod act;
mod business;
mod mapper;
mod open;
mod outcome;
mod price_policy;
mod request;
mod settings;
mod stock_policy;

pub use act::order_act;
pub use mapper::OrderMapper;
pub(crate) use open::OpenQuantities;
pub use outcome::{ORDER_OUTCOMES, OrderOutcome, OrderOutcomeMapper, outcomes_to};
pub use price_policy::{PriceChange, PricePolicy};
pub use request::OrderRequest;
pub use settings::{CostPlacement, NewClients, OrderSettings, Reservation};
pub use stock_policy::{Shortage, StockPolicy};

use one_client::orders::Shipment;
use one_client::{Client, FeedPosition};
use soneta_webapi::{Area, Installation, KontrahentId};
use std::sync::Arc;
use sync_core::{ActKind, Class, Dispatcher, Flow, Link, Mapper, NewAct, OpKey, Result};

use crate::catalog::{Entry, Lane, Stage, System, Ticks};
use crate::client_error::engine_error;
use crate::enova::OrderSubmitter;
use crate::one::OrderSource;
use crate::setup::Setup;

/// Orders from ONe.
pub const ORDERS: Entry = Entry {
    id: "orders",
    rows: &["E5", "E15", "O15"],
    what: "orders placed on ONe, their edits and cancellations, with price and stock checked by policy",
    from: System::One,
    to: System::Enova,
    lane: Lane::Acts,
    class: Class::Orders,
    ticks: Ticks::every(60),
    stage: Some(Stage::III),
    needs: &[Area::Orders, Area::Prices],
    after: &["clients-to-enova", "new-clients"],
    guarantee: "one shipment is at most one document; a later edit or cancellation changes that document or is reported",
};

/// Kind of the links between an organisation of ONe (`a`) and a contractor of the ERP (`b`).
pub const CONTRACTOR_LINK: &str = "contractor";

/// Kind of the links between a shipment of ONe (`a`) and its document in the ERP (`b`). Open until the order has come to its end:
/// who tells its states closes it.
pub const ORDER_LINK: &str = "order";

/// Kind of the links between a line of a shipment of ONe (`a`: the shipment's id, `|`, the line's number, escaped) and the line of its
/// document in the ERP (`b`, the line's id). Learned from the answers to the order and to its edits; lines of costs have none. Invoices
/// and delivery notes name the shipment's line by it, and leave it out without.
pub const ORDER_LINE_LINK: &str = "order-line";

/// Kind of the acts that create orders.
pub const ORDER_ACT: &str = "order";

/// Kind of the acts that edit them.
pub const ORDER_EDIT_ACT: &str = "order-edit";

/// Kind of the acts that cancel them.
pub const ORDER_CANCEL_ACT: &str = "order-cancel";

/// The flow [`ORDERS`] into the outbox, from this position of the feed on if none is stored yet.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a flow's.
pub fn from_one<M>(setup: &Setup, one: Client, start_at: FeedPosition, mapper: M) -> Result<Flow>
where
    M: Mapper<Shipment, Out = NewAct> + 'static,
{
    let source = OrderSource::new(one, &setup.tenant).starting_at(start_at);
    setup.flow_to_outbox(ORDERS.id, source, mapper)
}

/// What carries the outbox's orders out in this installation. Contractors, goods and changes of orders are used where it gives
/// them.
///
/// # Errors
/// Kind `Config` if it gives no orders or no prices.
pub fn submitter(
    setup: &Setup,
    installation: &Installation,
    price: PricePolicy,
    stock: StockPolicy,
) -> Result<OrderSubmitter> {
    let lacks = |error| engine_error("orders cannot be placed here", error);
    let zamowienia = installation.zamowienia().map_err(lacks)?;
    let ceny = installation.ceny().map_err(lacks)?;
    let mut submitter = OrderSubmitter::new(zamowienia, ceny, price).with_stock_policy(stock);
    if let Ok(kontrahenci) = installation.kontrahenci() {
        submitter = submitter.with_contractors(kontrahenci);
    }
    if let Ok(towary) = installation.towary() {
        submitter = submitter.with_goods(towary);
    }
    if let Ok(changes) = installation.zmiany_zamowien() {
        submitter = submitter.with_changes(changes, Arc::clone(&setup.store));
    }
    Ok(submitter)
}

/// Runs the submitter over the outbox: new orders, edits and cancellations.
///
/// # Errors
/// Kind `Config` if the tenant's name cannot be part of a job's.
pub fn dispatcher(setup: &Setup, submitter: OrderSubmitter) -> Result<Dispatcher> {
    let kinds = [ORDER_ACT, ORDER_EDIT_ACT, ORDER_CANCEL_ACT].map(ActKind::from);
    setup.dispatcher(ORDERS.id, kinds, submitter)
}

/// The link between an organisation of ONe, with or without the prefix `org:`, and a contractor.
#[must_use]
pub fn contractor_link(organization: &str, kontrahent: KontrahentId) -> Link {
    Link::new(CONTRACTOR_LINK, bare_organization(organization), kontrahent.to_string())
}

/// The link between a line of a shipment, by its number there, and the line of the ERP's document.
#[must_use]
pub fn order_line_link(shipment: &str, line: &str, pozycja_id: i32) -> Link {
    Link::new(ORDER_LINE_LINK, crate::key::pair(shipment, line).as_str(), pozycja_id.to_string())
}

/// The name of the act that transfers a shipment: for ever the same, so that it happens once.
#[must_use]
pub fn order_op_key(tenant: &str, shipment: &str) -> OpKey {
    OpKey::from(format!("order:{tenant}:{shipment}"))
}

/// ONe calls an organisation `org:<id>` in one place and `<id>` in another; links use the bare id.
pub(crate) fn bare_organization(id: &str) -> &str {
    id.strip_prefix("org:").unwrap_or(id)
}

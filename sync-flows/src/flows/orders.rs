//! Orders, ONe → enova365.
//!
//! ```text
//! order feed ─► OrderSource (each shipment as it is now)
//!            ─► OrderMapper (contractor by link; the whole request is frozen) ─► outbox
//! outbox     ─► OrderSubmitter (every line's price is asked of the ERP, then the document is created under its Guid)
//! ```
//!
//! One shipment is one document of the ERP, which alone numbers it. The document's Guid follows from the shipment's id,
//! so a repeat answers the first document, and a lost answer is looked up by it. An edit or cancellation that arrives
//! after the transfer becomes a reject `changed-after-transfer`.
//!
//! Contractors are found by the link table: kind [`CONTRACTOR_LINK`], ONe's organisation id on side `a`, the ERP's id on
//! side `b`. A shipment of an unknown organisation becomes a reject `missing-link`.

mod business;
mod mapper;
mod open;
mod price_policy;
mod request;

pub use mapper::OrderMapper;
pub(crate) use open::OpenQuantities;
pub use price_policy::{PriceChange, PricePolicy};
pub use request::OrderRequest;

use serde::Deserialize;
use soneta_webapi::KontrahentId;
use std::collections::BTreeMap;
use sync_core::{Link, OpKey};

/// Kind of the links between an organisation of ONe (`a`) and a contractor of the ERP (`b`).
pub const CONTRACTOR_LINK: &str = "contractor";

/// Kind of the links between a shipment of ONe (`a`) and its document in the ERP (`b`).
pub const ORDER_LINK: &str = "order";

/// Kind of the acts that create orders.
pub const ORDER_ACT: &str = "order";

/// The link between an organisation of ONe, with or without the prefix `org:`, and a contractor.
#[must_use]
pub fn contractor_link(organization: &str, kontrahent: KontrahentId) -> Link {
    Link::new(CONTRACTOR_LINK, bare_organization(organization), kontrahent.to_string())
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

/// How much of an order the ERP reserves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reservation {
    /// Nothing.
    None,
    /// What there is.
    Available,
    /// All, or the order is refused (`BrakStanu`).
    All,
}

/// Where a cost goes that the portal charges beside the goods (delivery, payment, waste equipment).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CostPlacement {
    /// Onto a line of its own: a service of the ERP with this Kod, at the net amount that the buyer confirmed.
    ServiceLine(String),
    /// Into the document's notes, in words. The document's sums are then those of the goods alone.
    Notes,
}

/// Settings of the order flow.
#[derive(Debug, Clone, PartialEq, Eq, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct OrderSettings {
    /// The name that the configuration gives ONe's tenant; part of every act's name, so it never changes.
    pub tenant: String,
    /// Symbol of the warehouse that orders are placed on.
    pub magazyn: String,
    /// Symbol of the document definition.
    #[builder(default = "ZO".to_owned())]
    pub definicja: String,
    /// Whether the ERP approves the document at once. Otherwise it stays in the buffer and its number reads `BUFOR`.
    #[builder(default)]
    pub approve: bool,
    /// How much the ERP reserves.
    #[builder(default = Reservation::Available)]
    pub reserve: Reservation,
    /// Currency of ONe's prices.
    #[builder(default = "PLN".to_owned())]
    pub waluta: String,
    /// ONe's code of a content unit → the ERP's symbol. A code that is not named is passed on as it is; a line without
    /// one is in the good's base unit.
    #[builder(default)]
    pub units: BTreeMap<String, String>,
    /// Where delivery and payment costs go.
    #[builder(default = CostPlacement::Notes)]
    pub delivery_cost: CostPlacement,
    /// Where additional costs of lines go.
    #[builder(default = CostPlacement::Notes)]
    pub additional_costs: CostPlacement,
}

//! Settings of the order flow.

use serde::Deserialize;
use std::collections::BTreeMap;

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
    /// What becomes of an order of a client without a contractor.
    #[builder(default)]
    pub new_clients: NewClients,
    /// Whether an edit or a cancellation that comes after the transfer changes the document; else it is a reject
    /// `changed-after-transfer` or `withdrawn-after-transfer`. The installation has to give
    /// [`Area::OrderChanges`](soneta_webapi::Area::OrderChanges), and only a document in the buffer can be edited.
    #[builder(default)]
    pub changes: bool,
}

/// What becomes of an order of a client that has no contractor in the ERP yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NewClients {
    /// It is a reject `missing-link`, and comes by itself once the client is linked.
    #[default]
    Reject,
    /// It enters the outbox and waits there for the act that makes the contractor
    /// ([`new_contractor_op_key`](crate::flows::clients::new_contractor_op_key)); meanwhile its quantities are taken off the
    /// stock that is shown. Only where that flow runs: an order whose client nobody makes waits for ever, also if somebody links
    /// the client by hand.
    Wait,
}

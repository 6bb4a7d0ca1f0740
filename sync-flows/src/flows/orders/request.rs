//! The frozen request.

use serde::{Deserialize, Serialize};
use soneta_webapi::{KontrahentId, NoweZamowienie};
use std::collections::BTreeSet;
use std::fmt;
use sync_core::OpKey;

/// A document of the ERP as it is asked for, frozen when the order entered the outbox, so that each attempt sends the
/// same. Stored as JSON: fields are added with a default, never renamed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderRequest {
    /// The portal's name of the order: ONe's shipment.
    pub shipment: String,
    /// The document. Its contractor is 0 if `new_client` is set.
    pub order: NoweZamowienie,
    /// The act that makes the order's contractor, if there is none yet: its target's id is the contractor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_client: Option<OpKey>,
    /// Lines (by their `IdObcy`) that carry costs which the portal alone decides: their prices are not compared with the
    /// ERP's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cost_lines: BTreeSet<String>,
}

impl OrderRequest {
    /// This document for the order that the portal calls so.
    #[must_use]
    pub fn new(shipment: impl Into<String>, order: NoweZamowienie) -> Self {
        Self { shipment: shipment.into(), order, new_client: None, cost_lines: BTreeSet::new() }
    }

    /// Its contractor is made by this act, which is waited for; whatever contractor the document names does not count.
    #[must_use]
    pub fn of_new_client(mut self, op_key: impl Into<OpKey>) -> Self {
        self.new_client = Some(op_key.into());
        self.order.kontrahent_id = KontrahentId(0);
        self
    }

    /// The price of this line (by its `IdObcy`) is not compared with the ERP's.
    #[must_use]
    pub fn with_cost_line(mut self, id_obcy: impl Into<String>) -> Self {
        self.cost_lines.insert(id_obcy.into());
        self
    }
}

impl fmt::Debug for OrderRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderRequest").field("shipment", &self.shipment).finish_non_exhaustive()
    }
}

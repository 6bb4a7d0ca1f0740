//! The frozen request.

use serde::{Deserialize, Serialize};
use soneta_webapi::NoweZamowienie;
use std::collections::BTreeSet;
use std::fmt;

/// A document of the ERP as it is asked for, frozen when the order entered the outbox, so that each attempt sends the
/// same. Stored as JSON: fields are added with a default, never renamed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderRequest {
    /// ONe's shipment.
    pub shipment: String,
    /// The document.
    pub order: NoweZamowienie,
    /// Lines (by their `IdObcy`) that carry costs which the portal alone decides: their prices are not compared with the
    /// ERP's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cost_lines: BTreeSet<String>,
}

impl fmt::Debug for OrderRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderRequest").field("shipment", &self.shipment).finish_non_exhaustive()
    }
}

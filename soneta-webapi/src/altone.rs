//! AltOne's public add-on contract, as far as the ports need it: goods.
//!
//! It has no prices and no stock, so [`AltOne`] implements [`Towary`](crate::Towary) alone, and a flow that needs more does not
//! compile with it.
//!
//! How sure: shapes follow the OpenAPI description of a real server (build 2510.0.0) and the vendor's documentation of 2606;
//! nothing here has met a live server.

mod towary;

pub use self::towary::{
    Filter, FilterOperator, GetTowary, KartotekaTowarowa, LogicalOperator, Packet, Zalacznik,
};

use crate::{Client, Installation};

/// AltOne's contract on one server.
#[derive(Debug, Clone)]
pub struct AltOne {
    client: Client,
}

impl AltOne {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The areas of the contract.
    pub fn installation(&self) -> Installation {
        Installation::default().with_towary(self.clone())
    }
}

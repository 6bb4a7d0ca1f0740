//! The status of a shipment, ERP → ONe.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{OrderId, ShipmentId};
use crate::service::service;
use crate::wire::extra::Extra;
use api_transport::{Effect, Endpoint, Path, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A word for how far a shipment is.
///
/// The documentation's list of them was not readable, so this crate knows none: they come from whoever sets the
/// integration up and are sent as they are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderStatus(String);

impl OrderStatus {
    /// A word of the tenant's ONe.
    pub fn new(word: impl Into<String>) -> Self {
        Self(word.into())
    }

    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for OrderStatus {
    fn from(word: &str) -> Self {
        Self(word.to_owned())
    }
}

impl From<String> for OrderStatus {
    fn from(word: String) -> Self {
        Self(word)
    }
}

/// A shipment and its new status. All of it is *inferred*: no page shows the body.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StatusChange {
    /// `orderId`: left out if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// `shipmentId`.
    pub shipment_id: ShipmentId,
    /// `status`.
    pub status: OrderStatus,
    /// What else is to be sent.
    #[serde(flatten)]
    pub extra: Extra,
}

impl StatusChange {
    /// The status of a shipment.
    pub fn new(shipment_id: impl Into<ShipmentId>, status: impl Into<OrderStatus>) -> Self {
        Self {
            order_id: None,
            shipment_id: shipment_id.into(),
            status: status.into(),
            extra: Extra::default(),
        }
    }

    /// The order it belongs to.
    #[must_use]
    pub fn with_order_id(mut self, order_id: impl Into<OrderId>) -> Self {
        self.order_id = Some(order_id.into());
        self
    }

    /// Further fields of the body.
    #[must_use]
    pub fn with_extra(mut self, extra: Extra) -> Self {
        self.extra = extra;
        self
    }
}

/// `PUT /api/v1/orders/integrations/auth-required/order/status`: sets the status of one shipment.
///
/// Method *documented*; path *path only* and its service disputed (quirk Q1), so the service is a setting; body
/// *inferred*. Whether one call may name several shipments is unknown, so it names one. The answer is not documented and
/// not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutOrderStatus<'a> {
    /// The body.
    pub change: &'a StatusChange,
    /// The path segment after `/api/v1/`.
    #[serde(skip)]
    pub service: &'a str,
}

impl<'a> PutOrderStatus<'a> {
    /// The call under the service `orders`.
    pub fn new(change: &'a StatusChange) -> Self {
        Self { change, service: "orders" }
    }

    /// The call under another service.
    #[must_use]
    pub fn with_service(mut self, service: &'a str) -> Self {
        self.service = service;
        self
    }
}

impl Endpoint for PutOrderStatus<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service(self.service).segment("order").segment("status")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutOrderStatus<'_> {
    const PATH: &'static str = "orders/…/order/status";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .quirks(&[1])
        .rows(&["O16"]);
}

//! The feed of order shipments that came, changed or went.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{Feed, FeedPosition};
use crate::ids::{OrderId, ShipmentId};
use crate::paging::Keyed;
use crate::service::service;
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::query::ListStyle;
use crate::wire::{self, open_enum};
use api_transport::{Effect, Endpoint, Path, Priority, Result};
use serde::{Deserialize, Serialize};

open_enum! {
    /// What happened to a shipment (*documented*; an open set).
    OrderEventType {
        /// It is new.
        Added = "ADDED",
        /// It is gone.
        Removed = "REMOVED",
        /// Its content changed.
        Changed = "CHANGED",
        /// Its payment changed.
        ChangedPayment = "CHANGED_PAYMENT",
    }
}

/// One event of the order feed (*documented*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct OrderEvent {
    /// The order.
    #[serde(deserialize_with = "wire::text::required")]
    pub order_id: OrderId,
    /// The shipment of that order.
    #[serde(deserialize_with = "wire::text::required")]
    pub shipment_id: ShipmentId,
    /// What happened.
    pub event_type: OrderEventType,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(OrderEvent);

impl OrderEvent {
    /// An event, for tests of code that reads feeds.
    pub fn new(
        order_id: impl Into<OrderId>,
        shipment_id: impl Into<ShipmentId>,
        event_type: OrderEventType,
    ) -> Self {
        Self {
            order_id: order_id.into(),
            shipment_id: shipment_id.into(),
            event_type,
            extra: Extra::default(),
        }
    }
}

impl Keyed for OrderEvent {
    const KEY: &'static str = "shipmentId";
}

/// `GET /api/v1/orders/integrations/auth-required/synchronization/order`: events of order shipments.
///
/// *Documented*, with a whole example. All three query parameters are called required, so all three
/// are always sent. How several event types are told is *inferred*: a setting.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetOrderFeed {
    /// `startId`: where to begin, inclusive (*inferred*).
    #[builder(default)]
    pub start_id: FeedPosition,
    /// `numberOfEvents`: how many at most. The maximum is unknown; 100 is the example's.
    #[builder(default = 100)]
    pub number_of_events: u32,
    /// `eventTypes`: only these; empty = all (*documented*).
    #[builder(default)]
    pub event_types: Vec<OrderEventType>,
    /// How several event types are told.
    #[serde(skip)]
    #[builder(default)]
    pub list_style: ListStyle,
}

impl Endpoint for GetOrderFeed {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Feed<OrderEvent>;

    fn path(&self) -> Path {
        service("orders").segment("synchronization").segment("order")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let types = self.event_types.iter().map(OrderEventType::as_str);
        let mut query = self.list_style.parameters("eventTypes", types);
        query.push(("numberOfEvents", self.number_of_events.to_string()));
        query.push(("startId", self.start_id.to_string()));
        query
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    fn decode(&self, body: &[u8]) -> Result<Feed<OrderEvent>> {
        Feed::decode(self.start_id, body)
    }
}

impl Evidenced for GetOrderFeed {
    const PATH: &'static str = "orders/…/synchronization/order";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Documented)
        .quirks(&[16])
        .rows(&["O15"]);
}

//! Orders, ONe → ERP: the feed of shipments that came, changed or went, and one shipment with its lines.
//!
//! The shipment is the unit of exchange (*documented*). The loop (*inferred*): read the feed, get the
//! shipment of each event, keep `nextId` when all of them are dealt with.

mod shipment;

pub use shipment::{
    AdditionalCost, Address, Amounts, DeliveryMethod, DeliveryType, LinePrice, Organization, PaymentMethod,
    ProductLine, Shipment,
};

use crate::client::Client;
use crate::feed::{BadEvent, Feed, FeedEvent, FeedPosition};
use crate::ids::{OrderId, ShipmentId};
use crate::wire::open_enum;
use api_transport::{Effect, Endpoint, Page, Path, Priority, Result, decode_json, pages};
use futures::Stream;
use serde::{Deserialize, Serialize};

/// The service under which the order shipment is asked for unless the client says otherwise (quirk Q1).
pub(crate) const DEFAULT_SERVICE: &str = "orders";

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
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OrderEvent {
    /// The order.
    pub order_id: OrderId,
    /// The shipment of that order.
    pub shipment_id: ShipmentId,
    /// What happened.
    pub event_type: OrderEventType,
}

impl OrderEvent {
    /// An event, for tests of code that reads feeds.
    pub fn new(
        order_id: impl Into<OrderId>,
        shipment_id: impl Into<ShipmentId>,
        event_type: OrderEventType,
    ) -> Self {
        Self { order_id: order_id.into(), shipment_id: shipment_id.into(), event_type }
    }
}

impl FeedEvent for OrderEvent {
    const KEY: &'static str = "shipmentId";
}

/// `GET /api/v1/orders/integrations/auth-required/synchronization/order`: events of order shipments.
///
/// *Documented*, with a whole example. All three query parameters are called required, so all three
/// are always sent. *Inferred:* several event types are joined with commas.
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
}

impl Endpoint for GetOrderFeed {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Feed<OrderEvent>;

    fn path(&self) -> Path {
        Path::new(["api", "v1", "orders", "integrations", "auth-required", "synchronization", "order"])
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        let types: Vec<&str> = self.event_types.iter().map(OrderEventType::as_str).collect();
        vec![
            ("eventTypes", types.join(",")),
            ("numberOfEvents", self.number_of_events.to_string()),
            ("startId", self.start_id.to_string()),
        ]
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    fn decode(&self, body: &[u8]) -> Result<Feed<OrderEvent>> {
        Feed::decode(self.start_id, body)
    }
}

/// `GET /api/v1/orders/integrations/auth-required/order/shipment`: one shipment with its lines.
///
/// Method *documented*; path *path only* and its service disputed (quirk Q1: the vendor's table says
/// `account`, feed and offline orders are under `orders`), so the service is a setting; query
/// *inferred* from the request for quotation's shipment. What the answer holds, and how far that is
/// known, is said at [`Shipment`].
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetOrderShipment {
    /// `orderId`.
    #[builder(into)]
    pub order_id: OrderId,
    /// `shipmentId`.
    #[builder(into)]
    pub shipment_id: ShipmentId,
    /// The path segment after `/api/v1/`.
    #[serde(skip)]
    #[builder(into, default = DEFAULT_SERVICE)]
    pub service: String,
}

impl Endpoint for GetOrderShipment {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Shipment;

    fn path(&self) -> Path {
        Path::new(["api", "v1"])
            .segment(&self.service)
            .segment("integrations")
            .segment("auth-required")
            .segment("order")
            .segment("shipment")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![
            ("orderId", self.order_id.as_str().to_owned()),
            ("shipmentId", self.shipment_id.as_str().to_owned()),
        ]
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    fn decode(&self, body: &[u8]) -> Result<Shipment> {
        decode_json(body)
    }
}

/// The calls about orders: `client.orders()`.
#[derive(Clone, Copy, Debug)]
pub struct Orders<'a> {
    client: &'a Client,
}

impl<'a> Orders<'a> {
    pub(crate) fn new(client: &'a Client) -> Self {
        Self { client }
    }

    /// Up to `number_of_events` events of all types from `start_id` on. An answer without events means
    /// that there is nothing new.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`]; also an answer whose `nextId` does not lead beyond `start_id`
    /// although it has events (see [`Feed`]).
    pub async fn feed(&self, start_id: FeedPosition, number_of_events: u32) -> Result<Feed<OrderEvent>> {
        let call = GetOrderFeed::builder().start_id(start_id).number_of_events(number_of_events).build();
        self.client.send(&call).await
    }

    /// Everything the feed has from `start_id` on, answer by answer, until one is without events.
    ///
    /// A page's `next` is the position to keep once its items are dealt with; the stream can be begun
    /// anew from there. Only the last page, which is empty, has none.
    pub fn list_events(
        &self,
        start_id: FeedPosition,
        number_of_events: u32,
    ) -> impl Stream<Item = Result<Page<std::result::Result<OrderEvent, BadEvent>, FeedPosition>>> + 'a {
        let client = self.client;
        pages(Some(start_id), move |from: Option<FeedPosition>| async move {
            let feed = Self::new(client).feed(from.unwrap_or_default(), number_of_events).await?;
            let next = (!feed.events.is_empty()).then_some(feed.next_id);
            Ok(Page { items: feed.events, next })
        })
    }

    /// One shipment with its lines.
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`]. `NotFound` is about this shipment alone: it was removed meanwhile
    /// (*inferred*), and reading the feed goes on.
    pub async fn get_shipment(&self, order_id: &OrderId, shipment_id: &ShipmentId) -> Result<Shipment> {
        let call = GetOrderShipment::builder()
            .order_id(order_id.clone())
            .shipment_id(shipment_id.clone())
            .service(self.client.order_shipment_service())
            .build();
        self.client.send(&call).await
    }
}

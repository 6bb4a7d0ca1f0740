//! Orders, ONe → ERP.

use super::{GetOrderFeed, OrderEvent, PutOrderStatus, Shipment, StatusChange};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{self, Feed, FeedCursor, FeedPosition, FollowedEvent};
use crate::ids::{OrderId, ShipmentId};
use crate::service::{handle, service};
use api_transport::{Effect, Endpoint, Path, Priority, Result, decode_json};
use futures::Stream;
use serde::Serialize;

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
    #[builder(into, default = "orders")]
    pub service: String,
}

impl Endpoint for GetOrderShipment {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Shipment;

    fn path(&self) -> Path {
        service(&self.service).segment("order").segment("shipment")
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

impl Evidenced for GetOrderShipment {
    const PATH: &'static str = "orders/…/order/shipment";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::PathOnly)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .quirks(&[1])
        .rows(&["O15"]);
}

handle! {
    /// The calls about orders: `client.orders()`.
    Orders
}

impl<'a> Orders<'a> {
    /// Up to `number_of_events` events of all types from `start_id` on. An answer without events means
    /// that there is nothing new.
    ///
    /// How far the wire is known: [`GetOrderFeed`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); also an answer whose `nextId` does not lead beyond `start_id`
    /// although it has events (see [`Feed`]).
    pub async fn feed(&self, start_id: FeedPosition, number_of_events: u32) -> Result<Feed<OrderEvent>> {
        self.client.send(&self.feed_call(start_id, number_of_events)).await
    }

    /// Everything the feed has from `start` on, event by event, until it has no more; asked for `number_of_events`
    /// at a time. Each event says where to go on once it is handled.
    ///
    /// How far the wire is known: [`GetOrderFeed`].
    ///
    /// ```
    /// use futures::TryStreamExt as _;
    /// use one_client::simulator::{OrderDraft, Simulator};
    /// use one_client::{Decimal, FeedCursor};
    /// use std::pin::pin;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let simulator = Simulator::builder().start().await?;
    /// let one = simulator.client_builder().build()?;
    /// let draft = OrderDraft::new("organization-1").priced_line("ŚRUBA-M8", Decimal::from(4), Decimal::ONE);
    /// simulator.place_order(draft)?;
    ///
    /// let mut cursor = FeedCursor::FIRST;
    /// let mut events = pin!(one.orders().follow(cursor.clone(), 100));
    /// while let Some(followed) = events.try_next().await? {
    ///     if let Some(event) = followed.event {
    ///         let event = event?;
    ///         let shipment = one.orders().get_shipment(&event.order_id, &event.shipment_id).await?;
    ///         assert_eq!(shipment.product_lines[0].sku.as_str(), "ŚRUBA-M8");
    ///     }
    ///     cursor = followed.after; // Kept once the shipment is.
    /// }
    /// # assert_eq!(cursor.position().get(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`feed`](Self::feed); the stream ends with one.
    pub fn follow(
        &self,
        start: FeedCursor,
        number_of_events: u32,
    ) -> impl Stream<Item = Result<FollowedEvent<OrderEvent>>> + 'a {
        let orders = *self;
        feed::follow(self.client, start, move |start_id| orders.feed_call(start_id, number_of_events))
    }

    fn feed_call(&self, start_id: FeedPosition, number_of_events: u32) -> GetOrderFeed {
        GetOrderFeed::builder()
            .start_id(start_id)
            .number_of_events(number_of_events)
            .list_style(self.client.settings().list_style)
            .build()
    }

    /// One shipment with its lines.
    ///
    /// How far the wire is known: [`GetOrderShipment`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` is about this shipment alone: it was removed meanwhile
    /// (*inferred*), and reading the feed goes on.
    pub async fn get_shipment(&self, order_id: &OrderId, shipment_id: &ShipmentId) -> Result<Shipment> {
        let call = GetOrderShipment::builder()
            .order_id(order_id.clone())
            .shipment_id(shipment_id.clone())
            .service(&self.client.settings().order_service)
            .build();
        self.client.send(&call).await
    }

    /// Sets the status of a shipment: one call, one shipment.
    ///
    /// How far the wire is known: [`PutOrderStatus`].
    ///
    /// ```
    /// use one_client::orders::StatusChange;
    /// use one_client::simulator::{OrderDraft, Simulator};
    /// use one_client::Decimal;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let simulator = Simulator::builder().start().await?;
    /// let one = simulator.client_builder().build()?;
    /// let draft = OrderDraft::new("organization-1").priced_line("ŚRUBA-M8", Decimal::from(4), Decimal::ONE);
    /// let shipment = simulator.place_order(draft)?;
    ///
    /// // The word is the tenant's own: from the integration's settings.
    /// one.orders().update_status(&StatusChange::new(shipment.clone(), "W_REALIZACJI")).await?;
    /// assert_eq!(simulator.order_status(&shipment).as_deref(), Some("W_REALIZACJI"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` is about this shipment alone (*inferred*).
    pub async fn update_status(&self, change: &StatusChange) -> Result<()> {
        let service = &self.client.settings().order_service;
        self.client.send(&PutOrderStatus::new(change).with_service(service)).await
    }
}

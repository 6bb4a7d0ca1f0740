//! Requests for quotation, ONe → ERP: a client asks for a price.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::feed::{self, Feed, FeedCursor, FeedPosition, FollowedEvent};
use crate::ids::{RfqId, RfqShipmentId, Sku};
use crate::orders::{DeliveryMethod, LinePrice, PaymentMethod};
use crate::paging::Keyed;
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use futures::Stream;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One shipment of a request for quotation (*example only*; the example ends within the price of the payment).
///
/// Required are the ids, the lines, and of each line SKU and quantity in content units; of a price, where one comes, the
/// net price of a content unit, and of a cost the net amount. `Debug` shows ids.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct RfqShipment {
    /// The shipment's id.
    #[serde(deserialize_with = "wire::text::required")]
    pub id: RfqShipmentId,
    /// The request it belongs to.
    #[serde(deserialize_with = "wire::text::required")]
    pub rfq_id: RfqId,
    /// Coupon that was used.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub rfq_coupon_code: Option<String>,
    /// The client's own number.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub customer_purchase_number: Option<String>,
    /// The lines.
    pub product_lines: Vec<RfqLine>,
    /// How it is to be delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<DeliveryMethod>,
    /// How it is to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_method: Option<PaymentMethod>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(RfqShipment { id, rfq_id });

/// One line of a request for quotation (*example only*). `appliedCampaigns` was seen empty alone: it is in `extra`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct RfqLine {
    /// The product.
    #[serde(deserialize_with = "wire::text::required")]
    pub sku: Sku,
    /// Its name as the client saw it.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The line's number, a path: `RFQ/3/2022/01/01`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub line_number: Option<String>,
    /// How much, in order units; deprecated by the vendor for orders.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    pub quantity_ordered: Option<Decimal>,
    /// How much, in content units.
    #[serde(with = "wire::decimal")]
    pub quantity_ordered_in_content_unit: Decimal,
    /// What it costs, as long as nobody offers another price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<LinePrice>,
    /// The content unit, for example `pack`.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub content_unit_code: Option<String>,
    /// What the client wrote to this line.
    #[serde(default, deserialize_with = "wire::text::option")]
    pub notes: Option<String>,
    /// The product as the shop has it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_info: Option<CurrentInfo>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

shows!(RfqLine { line_number, sku });

/// Where the shop has a product (*example only*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct CurrentInfo {
    /// Its name in addresses.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its page, without host.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

/// One event of the feed of requests for quotation: a client sent one.
///
/// That the feed exists is *documented*; its events were not readable. The names of the ids are *inferred* from the
/// request for a shipment (and `shipmentId` from the feed of orders); whatever else an event says is in `extra`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct RfqEvent {
    /// The request.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub rfq_id: Option<RfqId>,
    /// Its shipment.
    #[serde(
        default,
        deserialize_with = "wire::text::option",
        alias = "shipmentId",
        skip_serializing_if = "Option::is_none"
    )]
    pub rfq_shipment_id: Option<RfqShipmentId>,
    /// What happened; the words are unknown.
    #[serde(default, deserialize_with = "wire::text::option", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(RfqShipment, RfqLine, CurrentInfo, RfqEvent);

impl Keyed for RfqEvent {
    const KEY: &'static str = "rfqShipmentId";
}

/// `GET /api/v1/orderpath/integrations/auth-required/synchronization/rfq`: events of requests for quotation.
///
/// Method, path and query *documented*; the answer is a feed (*documented*) of events that were not readable: see
/// [`RfqEvent`].
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetRfqFeed {
    /// `startId`: where to begin, inclusive (*inferred*).
    #[builder(default)]
    pub start_id: FeedPosition,
    /// `numberOfEvents`: how many at most. The maximum is unknown.
    #[builder(default = 100)]
    pub number_of_events: u32,
}

impl Endpoint for GetRfqFeed {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Feed<RfqEvent>;

    fn path(&self) -> Path {
        service("orderpath").segment("synchronization").segment("rfq")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![("numberOfEvents", self.number_of_events.to_string()), ("startId", self.start_id.to_string())]
    }

    fn decode(&self, body: &[u8]) -> Result<Feed<RfqEvent>> {
        Feed::decode(self.start_id, body)
    }
}

impl Evidenced for GetRfqFeed {
    const PATH: &'static str = "orderpath/…/synchronization/rfq";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Inferred);
}

/// `GET /api/v1/orderpath/integrations/auth-required/rfq/shipment`: one shipment of a request for quotation.
///
/// *Example only*; the answer is cut within the price of the payment.
#[derive(Clone, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetRfqShipment {
    /// `rfqId`.
    #[builder(into)]
    pub rfq_id: RfqId,
    /// `rfqShipmentId`.
    #[builder(into)]
    pub rfq_shipment_id: RfqShipmentId,
}

impl Endpoint for GetRfqShipment {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = RfqShipment;

    fn path(&self) -> Path {
        service("orderpath").segment("rfq").segment("shipment")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        vec![
            ("rfqId", self.rfq_id.as_str().to_owned()),
            ("rfqShipmentId", self.rfq_shipment_id.as_str().to_owned()),
        ]
    }

    fn decode(&self, body: &[u8]) -> Result<RfqShipment> {
        decode_json(body)
    }
}

impl Evidenced for GetRfqShipment {
    const PATH: &'static str = "orderpath/…/rfq/shipment";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly);
}

handle! {
    /// The calls about requests for quotation: `client.rfqs()`.
    Rfqs
}

impl<'a> Rfqs<'a> {
    /// Up to `number_of_events` events from `start_id` on.
    ///
    /// How far the wire is known: [`GetRfqFeed`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send) and of [`Feed`].
    pub async fn feed(&self, start_id: FeedPosition, number_of_events: u32) -> Result<Feed<RfqEvent>> {
        let call = GetRfqFeed::builder().start_id(start_id).number_of_events(number_of_events).build();
        self.client.send(&call).await
    }

    /// Everything the feed has from `start` on, event by event, until it has no more.
    ///
    /// How far the wire is known: [`GetRfqFeed`].
    ///
    /// # Errors
    ///
    /// Those of [`feed`](Self::feed); the stream ends with one.
    pub fn follow(
        &self,
        start: FeedCursor,
        number_of_events: u32,
    ) -> impl Stream<Item = Result<FollowedEvent<RfqEvent>>> + 'a {
        feed::follow(self.client, start, move |start_id| {
            GetRfqFeed::builder().start_id(start_id).number_of_events(number_of_events).build()
        })
    }

    /// One shipment of a request for quotation with its lines.
    ///
    /// How far the wire is known: [`GetRfqShipment`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). `NotFound` is about this shipment alone (*inferred*).
    pub async fn get_shipment(&self, rfq_id: &RfqId, rfq_shipment_id: &RfqShipmentId) -> Result<RfqShipment> {
        let call =
            GetRfqShipment::builder().rfq_id(rfq_id.clone()).rfq_shipment_id(rfq_shipment_id.clone()).build();
        self.client.send(&call).await
    }
}

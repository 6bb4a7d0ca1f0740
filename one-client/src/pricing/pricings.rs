//! Price lists themselves: the main catalogue's, new ones, and which takes its base prices from which.

use super::Discount;
use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::PricingId;
use crate::service::{handle, service};
use crate::wire::extra::Extra;
use crate::wire::{open_enum, shows};
use api_transport::{Effect, Endpoint, Error, Path, Result, decode_json};
use serde::{Deserialize, Serialize};

/// An answer that names a price list: a field, or a bare JSON string. Which of them is not documented.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    Bare(PricingId),
    #[serde(rename_all = "camelCase")]
    Named {
        #[serde(default)]
        main_catalog_id: Option<PricingId>,
        #[serde(default)]
        pricing_id: Option<PricingId>,
        #[serde(default)]
        id: Option<PricingId>,
    },
}

/// `GET /api/v1/pricing/integrations/auth-required/pricing/main-catalog-id`: the price list of the main
/// catalogue.
///
/// *Documented*. The answer's field `mainCatalogId` is named, its shape was not seen: `{"mainCatalogId": "…"}` and a bare JSON
/// string are read (*inferred*).
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct GetMainCatalogId {}

impl GetMainCatalogId {
    /// The call.
    pub fn new() -> Self {
        Self {}
    }
}

impl Endpoint for GetMainCatalogId {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = PricingId;

    fn path(&self) -> Path {
        service("pricing").segment("pricing").segment("main-catalog-id")
    }

    fn decode(&self, body: &[u8]) -> Result<PricingId> {
        let id = match decode_json(body)? {
            Told::Bare(id) => Some(id),
            Told::Named { main_catalog_id, .. } => main_catalog_id,
        };
        id.filter(|id| !id.as_str().is_empty())
            .ok_or_else(|| Error::decode_at("the answer does not name the main catalogue"))
    }
}

impl Evidenced for GetMainCatalogId {
    const PATH: &'static str = "pricing/…/pricing/main-catalog-id";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Documented).answer(Evidence::Inferred);
}

open_enum! {
    /// What a condition of a price list is about (*documented*; there may be more words).
    ConditionType {
        /// `TIME_RANGE`: the list holds from a start to an end.
        TimeRange = "TIME_RANGE",
    }
}

/// When a price list holds. Names *documented*, nesting *inferred*.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[non_exhaustive]
pub struct PricingCondition {
    /// `type`: what it is about.
    #[serde(rename = "type")]
    pub kind: ConditionType,
    /// Where the range begins. The format is not documented, so this is text; ONe has four formats elsewhere,
    /// from `yyyy-MM-dd` to `yyyy-MM-ddTHH:mm:ssZ`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Where it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// What else is to be sent.
    #[serde(flatten)]
    pub extra: Extra,
}

impl PricingCondition {
    /// A time range. The texts go as they are.
    pub fn time_range(start: impl Into<String>, end: impl Into<String>) -> Self {
        Self {
            kind: ConditionType::TimeRange,
            start: Some(start.into()),
            end: Some(end.into()),
            extra: Extra::default(),
        }
    }
}

/// A new price list with a discount. Names *documented*, nesting and types *inferred*: the body was cut, so there may
/// be more, which goes into `extra`. `Debug` shows neither name nor discount.
///
/// ```
/// use one_client::Decimal;
/// use one_client::pricing::{Discount, DiscountPricing, DiscountType, PricingCondition};
///
/// let autumn = DiscountPricing::builder()
///     .name("Jesień – hurt")
///     .priority(10)
///     .conditions(vec![PricingCondition::time_range("2026-10-01", "2026-12-20")])
///     .default_discount(Discount::new(DiscountType::PercentMultiplicative, Decimal::from(10)))
///     .build();
/// assert_eq!(autumn.global, None);
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct DiscountPricing {
    /// The list's name.
    #[builder(into)]
    pub name: String,
    /// Which list goes before which; the order is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// Whether it is for everybody (*inferred* from the name).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub global: Option<bool>,
    /// When it holds; none = always (*inferred*).
    #[builder(default)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<PricingCondition>,
    /// The discount on what has none of its own (*inferred* from the name).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_discount: Option<Discount>,
    /// What else is to be sent.
    #[builder(default)]
    #[serde(flatten)]
    pub extra: Extra,
}

shows!(DiscountPricing { priority, global, conditions, extra });

/// `POST /api/v1/pricing/integrations/auth-required/pricing/discount`: creates a price list with a discount.
///
/// Method and path *documented*; body *inferred* (see [`DiscountPricing`]); the answer is not documented, and since a
/// list without its id is of no use, `{"pricingId": "…"}`, `{"id": "…"}` and a bare JSON string are read (*inferred*).
/// Any other answer is an error of which [`may_have_been_applied`](Error::may_have_been_applied) holds. A second delivery may
/// create a second list.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostDiscountPricing<'a> {
    /// The new list.
    pub pricing: &'a DiscountPricing,
}

impl<'a> PostDiscountPricing<'a> {
    /// One message.
    pub fn new(pricing: &'a DiscountPricing) -> Self {
        Self { pricing }
    }
}

impl Endpoint for PostDiscountPricing<'_> {
    const EFFECT: Effect = Effect::Create;
    type Response = PricingId;

    fn path(&self) -> Path {
        service("pricing").segment("pricing").segment("discount")
    }

    fn decode(&self, body: &[u8]) -> Result<PricingId> {
        let id = match decode_json(body)? {
            Told::Bare(id) => Some(id),
            Told::Named { pricing_id, id, .. } => pricing_id.or(id),
        };
        id.filter(|id| !id.as_str().is_empty())
            .ok_or_else(|| Error::decode_at("the answer does not name the new price list"))
    }
}

impl Evidenced for PostDiscountPricing<'_> {
    const PATH: &'static str = "pricing/…/pricing/discount";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Inferred)
        .answer(Evidence::Inferred)
        .rows(&["O9"]);
}

/// That one price list takes its base prices from another (*documented*).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PricingConnection {
    /// The list whose prices are the base.
    pub base_price_source: PricingId,
    /// The list that uses them.
    pub receiver: PricingId,
}

impl PricingConnection {
    /// A connection.
    pub fn new(base_price_source: impl Into<PricingId>, receiver: impl Into<PricingId>) -> Self {
        Self { base_price_source: base_price_source.into(), receiver: receiver.into() }
    }

    fn key(&self) -> &str {
        self.receiver.as_str()
    }
}

/// `PUT /api/v1/pricing/integrations/auth-required/pricing-connections`: sets which lists take their base prices
/// from which.
///
/// *Documented*; the verb is PUT in prose and POST in the example (quirk Q6: prose). The body is a bare array, the
/// answer is not documented and not read. *Inferred:* connections that are not named stay.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutPricingConnections<'a> {
    /// The connections.
    pub connections: &'a [PricingConnection],
}

impl<'a> PutPricingConnections<'a> {
    /// One message.
    pub fn new(connections: &'a [PricingConnection]) -> Self {
        Self { connections }
    }
}

impl Endpoint for PutPricingConnections<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricing").segment("pricing-connections")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutPricingConnections<'_> {
    const PATH: &'static str = "pricing/…/pricing-connections";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .quirks(&[6]);
}

handle! {
    /// The calls about price lists: `client.pricings()`.
    Pricings
}

impl Pricings<'_> {
    /// The price list of the main catalogue: where prices go that are not of a list of one's own.
    ///
    /// How far the wire is known: [`GetMainCatalogId`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `Decode` if the answer names no list.
    pub async fn main_catalog_id(&self) -> Result<PricingId> {
        self.client.send(&GetMainCatalogId::new()).await
    }

    /// Creates a price list with a discount and says its id. Not repeated when in doubt.
    ///
    /// How far the wire is known: [`PostDiscountPricing`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send); `Decode` if the answer names no list, which may have been
    /// created nevertheless.
    pub async fn create(&self, pricing: &DiscountPricing) -> Result<PricingId> {
        self.client.send(&PostDiscountPricing::new(pricing)).await
    }

    /// Sets any number of connections, in order, split to the wire's limits. Two lines of one receiver never share a
    /// request, so the later one is the last word.
    ///
    /// How far the wire is known: [`PutPricingConnections`].
    pub async fn save_connections(&self, connections: &[PricingConnection]) -> BulkReport {
        self.save_connections_with(connections, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later line on.
    ///
    /// How far the wire is known: [`PutPricingConnections`].
    pub async fn save_connections_with(
        &self,
        connections: &[PricingConnection],
        options: &BulkWrite,
    ) -> BulkReport {
        let call = BulkCall {
            key: PricingConnection::key,
            check: bulk::unchecked,
            endpoint: PutPricingConnections::new,
            not_found: NotFound::ALine,
        };
        bulk::write(self.client, connections, options, call).await
    }
}

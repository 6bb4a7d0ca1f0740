//! Discounts within price lists, ERP → ONe.

use super::Priced;
use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{PricingId, ProductGroupId, Sku};
use crate::service::{handle, service};
use crate::wire::{self, open_enum, shows};
use api_transport::{Effect, Endpoint, Path, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

open_enum! {
    /// How a discount is counted. The words are *documented*, their meanings are not.
    DiscountType {
        /// `PERCENT_MULTIPLICATIVE`: applied to what earlier discounts left (*inferred* from the name).
        PercentMultiplicative = "PERCENT_MULTIPLICATIVE",
        /// `PERCENT_ADDITIVE`: added to other percentages (*inferred* from the name).
        PercentAdditive = "PERCENT_ADDITIVE",
        /// `FLAT_VALUE`: an amount (*inferred* from the name).
        FlatValue = "FLAT_VALUE",
    }
}

/// A discount (*documented*). `Debug` shows its type alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Discount {
    /// `type`: how it is counted.
    #[serde(rename = "type")]
    pub kind: DiscountType,
    /// Percent, 10 for 10 % (*inferred* from the types' names), or an amount.
    #[serde(with = "wire::decimal")]
    pub value: Decimal,
}

shows!(Discount { kind });

impl Discount {
    /// A discount.
    pub fn new(kind: DiscountType, value: Decimal) -> Self {
        Self { kind, value }
    }
}

/// The discount on one product or one group of products in one price list (*documented*, whole). `Debug` shows
/// ids and the discount's type.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Fields")]
#[non_exhaustive]
pub struct DiscountLine {
    /// The discount.
    pub discount: Discount,
    /// The price list.
    pub pricing_id: PricingId,
    /// `productId` or `productGroupId`.
    #[serde(flatten)]
    pub priced: Priced,
}

impl DiscountLine {
    /// A discount on a product ([`Sku`]) or a group ([`ProductGroupId`]).
    pub fn new(
        pricing_id: impl Into<PricingId>,
        priced: impl Into<Priced>,
        kind: DiscountType,
        value: Decimal,
    ) -> Self {
        let discount = Discount::new(kind, value);
        Self { discount, pricing_id: pricing_id.into(), priced: priced.into() }
    }

    fn key(&self) -> (&PricingId, &Priced) {
        (&self.pricing_id, &self.priced)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    discount: Discount,
    pricing_id: PricingId,
    #[serde(default)]
    product_id: Option<Sku>,
    #[serde(default)]
    product_group_id: Option<ProductGroupId>,
}

impl TryFrom<Fields> for DiscountLine {
    type Error = &'static str;

    fn try_from(fields: Fields) -> std::result::Result<Self, &'static str> {
        let priced = Priced::of(fields.product_id, fields.product_group_id)?;
        Ok(Self { discount: fields.discount, pricing_id: fields.pricing_id, priced })
    }
}

/// `PUT /api/v1/pricing/integrations/auth-required/discounts`: sets discounts within price lists.
///
/// *Documented*, with whole examples; the body is a bare array. The answer is not documented and not
/// read. *Inferred:* what is not named keeps its discount. No call that takes one away is known.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutDiscounts<'a> {
    /// The discounts.
    pub discounts: &'a [DiscountLine],
}

impl<'a> PutDiscounts<'a> {
    /// One message.
    pub fn new(discounts: &'a [DiscountLine]) -> Self {
        Self { discounts }
    }
}

impl Endpoint for PutDiscounts<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricing").segment("discounts")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutDiscounts<'_> {
    const PATH: &'static str = "pricing/…/discounts";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Documented).request(Evidence::Documented);
}

handle! {
    /// The calls about discounts: `client.discounts()`.
    Discounts
}

impl Discounts<'_> {
    /// Sets any number of discounts, in order, split to the wire's limits.
    ///
    /// How far the wire is known: [`PutDiscounts`].
    ///
    /// See [`BulkReport`] for what is known of each line afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    pub async fn save(&self, discounts: &[DiscountLine]) -> BulkReport {
        self.save_with(discounts, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later line on.
    ///
    /// How far the wire is known: [`PutDiscounts`].
    pub async fn save_with(&self, discounts: &[DiscountLine], options: &BulkWrite) -> BulkReport {
        let call = BulkCall {
            key: DiscountLine::key,
            check: bulk::unchecked,
            endpoint: PutDiscounts::new,
            not_found: NotFound::ALine,
        };
        bulk::write(self.client, discounts, options, call).await
    }
}

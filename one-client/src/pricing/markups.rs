//! Markups within purchase price lists, ERP → ONe.

use super::Priced;
use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{PricingId, ProductGroupId, Sku};
use crate::service::{handle, service};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A markup (*documented*). `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Markup {
    /// How much; its unit is not documented.
    #[serde(with = "wire::decimal")]
    pub value: Decimal,
}

shows!(Markup {});

impl Markup {
    /// A markup.
    pub fn new(value: Decimal) -> Self {
        Self { value }
    }
}

/// The markup on one product or one group of products in one price list (*documented*, whole). `Debug` shows ids
/// alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Fields")]
#[non_exhaustive]
pub struct MarkupLine {
    /// The markup.
    pub markup: Markup,
    /// The price list, which must be of the type purchase.
    pub pricing_id: PricingId,
    /// `productId` or `productGroupId`.
    #[serde(flatten)]
    pub priced: Priced,
}

impl MarkupLine {
    /// A markup on a product ([`Sku`]) or a group ([`ProductGroupId`]).
    pub fn new(pricing_id: impl Into<PricingId>, priced: impl Into<Priced>, value: Decimal) -> Self {
        Self { markup: Markup::new(value), pricing_id: pricing_id.into(), priced: priced.into() }
    }

    fn key(&self) -> (&PricingId, &Priced) {
        (&self.pricing_id, &self.priced)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    markup: Markup,
    pricing_id: PricingId,
    #[serde(default)]
    product_id: Option<Sku>,
    #[serde(default)]
    product_group_id: Option<ProductGroupId>,
}

impl TryFrom<Fields> for MarkupLine {
    type Error = &'static str;

    fn try_from(fields: Fields) -> std::result::Result<Self, &'static str> {
        let priced = Priced::of(fields.product_id, fields.product_group_id)?;
        Ok(Self { markup: fields.markup, pricing_id: fields.pricing_id, priced })
    }
}

/// `PUT /api/v1/pricing/integrations/auth-required/markups`: sets markups within purchase price lists.
///
/// *Documented*, with whole examples; the body is a bare array. The server answers with an error unless the
/// price list is of the type purchase (*documented*); the call that creates such a list is not known. The answer is not documented and not read. *Inferred:* what is not named keeps its markup.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutMarkups<'a> {
    /// The markups.
    pub markups: &'a [MarkupLine],
}

impl<'a> PutMarkups<'a> {
    /// One message.
    pub fn new(markups: &'a [MarkupLine]) -> Self {
        Self { markups }
    }
}

impl Endpoint for PutMarkups<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricing").segment("markups")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutMarkups<'_> {
    const PATH: &'static str = "pricing/…/markups";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Documented).request(Evidence::Documented);
}

handle! {
    /// The calls about markups: `client.markups()`.
    Markups
}

impl Markups<'_> {
    /// Sets any number of markups, in order, split to the wire's limits. A line whose price list is not of the type
    /// purchase is refused by the server, alone.
    ///
    /// How far the wire is known: [`PutMarkups`].
    ///
    /// See [`BulkReport`] for what is known of each line afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    pub async fn save(&self, markups: &[MarkupLine]) -> BulkReport {
        self.save_with(markups, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later line on.
    ///
    /// How far the wire is known: [`PutMarkups`].
    pub async fn save_with(&self, markups: &[MarkupLine], options: &BulkWrite) -> BulkReport {
        let call = BulkCall {
            key: MarkupLine::key,
            check: bulk::unchecked,
            endpoint: PutMarkups::new,
            not_found: NotFound::ALine,
        };
        bulk::write(self.client, markups, options, call).await
    }
}

//! Minimal prices: by the name, the least a product may be sold for, level by level.

use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::Sku;
use crate::paging::{self, Keyed, Listing, PageNumber, Row};
use crate::service::{handle, service};
use crate::wire::extra::{Extra, keeps_extra};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Error, Page, Path, Result, decode_json};
use futures::Stream;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The most levels a product may have (*documented*).
pub const MAX_MINIMAL_PRICE_LEVELS: usize = 10;

/// The minimal prices of one product (*example only*). `Debug` shows the product alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "camelCase")]
#[non_exhaustive]
pub struct MinimalPrice {
    /// The product.
    pub sku_id: Sku,
    /// Prices by the level's name; names are free. ONe's own request example writes strings: both are read, numbers
    /// are sent.
    #[serde(default, with = "wire::decimal::map")]
    pub levels: BTreeMap<String, Decimal>,
    /// What else came.
    #[serde(flatten, skip_deserializing)]
    pub extra: Extra,
}

keeps_extra!(MinimalPrice);
shows!(MinimalPrice { sku_id, extra });

impl MinimalPrice {
    /// A product without levels yet.
    pub fn new(sku_id: impl Into<Sku>) -> Self {
        Self { sku_id: sku_id.into(), levels: BTreeMap::new(), extra: Extra::default() }
    }

    /// Adds a level, or replaces its price.
    #[must_use]
    pub fn with_level(mut self, name: impl Into<String>, price: Decimal) -> Self {
        self.levels.insert(name.into(), price);
        self
    }

    fn key(&self) -> &str {
        self.sku_id.as_str()
    }

    fn check(&self) -> Result<()> {
        if self.levels.len() > MAX_MINIMAL_PRICE_LEVELS {
            return Err(Error::invalid("a product has more than 10 levels of minimal prices"));
        }
        Ok(())
    }
}

impl Keyed for MinimalPrice {
    const KEY: &'static str = "skuId";
}

/// `GET /api/v1/pricehelper/integrations/auth-required/minimal-prices`: the minimal prices of all products, page by
/// page.
///
/// *Example only*, question and answer whole.
#[derive(Clone, Copy, Debug, Serialize, bon::Builder)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GetMinimalPrices {
    /// Which page.
    #[builder(default)]
    pub page_number: PageNumber,
    /// How many on a page; the largest allowed number is not documented.
    #[builder(default = 100)]
    pub page_size: u32,
}

impl Endpoint for GetMinimalPrices {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = Listing<MinimalPrice, PageNumber>;

    fn path(&self) -> Path {
        service("pricehelper").segment("minimal-prices")
    }

    fn query(&self) -> Vec<(&'static str, String)> {
        self.page_number.query(self.page_size)
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Listing::numbered(self.page_number, body)
    }
}

impl Evidenced for GetMinimalPrices {
    const PATH: &'static str = "pricehelper/…/minimal-prices";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly)
        .request(Evidence::ExampleOnly)
        .answer(Evidence::ExampleOnly);
}

/// `GET /api/v1/pricehelper/integrations/auth-required/minimal-prices/{skuId}`: the minimal prices of one product.
///
/// *Documented*; the answer was not seen and is read like a row of the list (*inferred*).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct GetMinimalPrice {
    /// The product.
    pub sku_id: Sku,
}

impl GetMinimalPrice {
    /// The call.
    pub fn new(sku_id: impl Into<Sku>) -> Self {
        Self { sku_id: sku_id.into() }
    }
}

impl Endpoint for GetMinimalPrice {
    const EFFECT: Effect = Effect::Read;
    const METHOD: http::Method = http::Method::GET;
    type Response = MinimalPrice;

    fn path(&self) -> Path {
        service("pricehelper").segment("minimal-prices").id(&self.sku_id)
    }

    fn decode(&self, body: &[u8]) -> Result<MinimalPrice> {
        decode_json(body)
    }
}

impl Evidenced for GetMinimalPrice {
    const PATH: &'static str = "pricehelper/…/minimal-prices/{skuId}";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::Documented, Evidence::Documented).answer(Evidence::Inferred);
}

/// `PUT /api/v1/pricehelper/integrations/auth-required/minimal-prices`: sets minimal prices.
///
/// *Example only*, whole. The example's prices are strings; numbers are sent (*inferred*, as in the answers). Whether a
/// product's levels that are not named stay is not documented. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PutMinimalPrices<'a> {
    /// The products.
    pub minimal_prices: &'a [MinimalPrice],
}

impl<'a> PutMinimalPrices<'a> {
    /// One message.
    pub fn new(minimal_prices: &'a [MinimalPrice]) -> Self {
        Self { minimal_prices }
    }
}

impl Endpoint for PutMinimalPrices<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricehelper").segment("minimal-prices")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutMinimalPrices<'_> {
    const PATH: &'static str = "pricehelper/…/minimal-prices";
    const EVIDENCE: EndpointEvidence =
        EndpointEvidence::new(Evidence::ExampleOnly, Evidence::ExampleOnly).request(Evidence::ExampleOnly);
}

handle! {
    /// The calls about minimal prices: `client.minimal_prices()`.
    MinimalPrices
}

impl<'a> MinimalPrices<'a> {
    /// All products that have minimal prices from page `from` on, page by page and only when asked; `page_size` at a
    /// time.
    ///
    /// How far the wire is known: [`GetMinimalPrices`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send), and a list that does not move on; the stream ends with one.
    pub fn list(
        &self,
        from: PageNumber,
        page_size: u32,
    ) -> impl Stream<Item = Result<Page<Row<MinimalPrice>, PageNumber>>> + 'a {
        paging::list(self.client, from, move |page_number| GetMinimalPrices { page_number, page_size })
    }

    /// The minimal prices of one product.
    ///
    /// How far the wire is known: [`GetMinimalPrice`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). What is answered for a product without any is not documented.
    pub async fn get(&self, sku_id: &Sku) -> Result<MinimalPrice> {
        self.client.send(&GetMinimalPrice::new(sku_id.clone())).await
    }

    /// Sets the minimal prices of any number of products, in order, split to the wire's limits. A product with more
    /// than [`MAX_MINIMAL_PRICE_LEVELS`] levels fails unsent (`Invalid`); the others go.
    ///
    /// How far the wire is known: [`PutMinimalPrices`].
    ///
    /// See [`BulkReport`] for what is known of each product afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    pub async fn save(&self, minimal_prices: &[MinimalPrice]) -> BulkReport {
        self.save_with(minimal_prices, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later product on.
    ///
    /// How far the wire is known: [`PutMinimalPrices`].
    pub async fn save_with(&self, minimal_prices: &[MinimalPrice], options: &BulkWrite) -> BulkReport {
        let call = BulkCall {
            key: MinimalPrice::key,
            check: MinimalPrice::check,
            endpoint: PutMinimalPrices::new,
            not_found: NotFound::ALine,
        };
        bulk::write(self.client, minimal_prices, options, call).await
    }
}

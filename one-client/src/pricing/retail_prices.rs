//! Retail (B2C) prices, ERP → ONe.

use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::Sku;
use crate::service::{handle, service};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The retail price of one product (*documented*, whole). `Debug` shows the product alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RetailPrice {
    /// Net price; of one content unit, in the tenant's currency (*inferred*).
    #[serde(with = "wire::decimal")]
    pub price: Decimal,
    /// The product.
    pub product_id: Sku,
}

shows!(RetailPrice { product_id });

impl RetailPrice {
    /// A price.
    pub fn new(product_id: impl Into<Sku>, price: Decimal) -> Self {
        Self { price, product_id: product_id.into() }
    }

    fn key(&self) -> &str {
        self.product_id.as_str()
    }
}

/// `PUT /api/v1/pricing/integrations/auth-required/retail-prices`: sets net retail prices.
///
/// *Documented*, with a whole example; the body is a bare array. The answer is not documented and not
/// read. *Inferred:* products that are not named keep their prices, since the vendor asks for requests
/// of at most 10,000 lines. There is no call that takes a price away, and a price of 0 is not that.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutRetailPrices<'a> {
    /// The prices.
    pub prices: &'a [RetailPrice],
}

impl<'a> PutRetailPrices<'a> {
    /// One message.
    pub fn new(prices: &'a [RetailPrice]) -> Self {
        Self { prices }
    }
}

impl Endpoint for PutRetailPrices<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricing").segment("retail-prices")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutRetailPrices<'_> {
    const PATH: &'static str = "pricing/…/retail-prices";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .rows(&["O8"]);
}

handle! {
    /// The calls about retail prices: `client.retail_prices()`.
    RetailPrices
}

impl RetailPrices<'_> {
    /// Sets any number of prices, in order, split to the wire's limits.
    ///
    /// How far the wire is known: [`PutRetailPrices`].
    ///
    /// See [`BulkReport`] for what is known of each price afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    ///
    /// O8: a product that ONe refuses costs its own line.
    ///
    /// ```
    /// use one_client::pricing::RetailPrice;
    /// use one_client::simulator::Simulator;
    /// use one_client::Decimal;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let simulator = Simulator::builder().start().await?;
    /// let one = simulator.client_builder().build()?;
    ///
    /// simulator.refuse_products(["NIEZNANY"]);
    /// let price = Decimal::new(1999, 2);
    /// let prices = ["ŁOŻYSKO-6204", "NIEZNANY", "888"].map(|sku| RetailPrice::new(sku, price));
    /// let report = one.retail_prices().save(&prices).await;
    /// assert_eq!(report.accepted(), 2);
    /// let refused: Vec<_> = report.failures().map(|(lines, _)| lines).collect();
    /// assert_eq!(refused, [1..2]);
    /// assert_eq!(simulator.retail_price("888"), Some(price));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn save(&self, prices: &[RetailPrice]) -> BulkReport {
        self.save_with(prices, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later price on.
    ///
    /// How far the wire is known: [`PutRetailPrices`].
    pub async fn save_with(&self, prices: &[RetailPrice], options: &BulkWrite) -> BulkReport {
        let call = BulkCall {
            key: RetailPrice::key,
            check: bulk::unchecked,
            endpoint: PutRetailPrices::new,
            not_found: NotFound::ALine,
        };
        bulk::write(self.client, prices, options, call).await
    }
}

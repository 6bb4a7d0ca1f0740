//! Prices of price lists (B2B), ERP → ONe.

use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{PricingId, Sku};
use crate::service::{handle, service};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The price of one product in one price list (*documented*, whole). `Debug` shows the ids alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Price {
    /// Net price; of one content unit, in the tenant's currency (*inferred*).
    #[serde(with = "wire::decimal")]
    pub price: Decimal,
    /// The price list: the main catalogue's or one that was created.
    pub pricing_id: PricingId,
    /// The product.
    pub product_id: Sku,
}

shows!(Price { pricing_id, product_id });

impl Price {
    /// A price.
    pub fn new(pricing_id: impl Into<PricingId>, product_id: impl Into<Sku>, price: Decimal) -> Self {
        Self { price, pricing_id: pricing_id.into(), product_id: product_id.into() }
    }

    fn key(&self) -> (&str, &str) {
        (self.pricing_id.as_str(), self.product_id.as_str())
    }
}

/// `PUT /api/v1/pricing/integrations/auth-required/prices`: sets net prices of price lists.
///
/// *Documented*, with a whole example; the body is a bare array. The answer is not documented and not
/// read. *Inferred:* a product that is not named keeps its prices. There is no call that takes a price
/// out of a list, and a price of 0 is not that.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutPrices<'a> {
    /// The prices.
    pub prices: &'a [Price],
}

impl<'a> PutPrices<'a> {
    /// One message.
    pub fn new(prices: &'a [Price]) -> Self {
        Self { prices }
    }
}

impl Endpoint for PutPrices<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricing").segment("prices")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutPrices<'_> {
    const PATH: &'static str = "pricing/…/prices";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .rows(&["O9"]);
}

handle! {
    /// The calls about prices of price lists: `client.prices()`.
    Prices
}

impl Prices<'_> {
    /// Sets any number of prices of any price lists, in order, split to the wire's limits.
    ///
    /// How far the wire is known: [`PutPrices`].
    ///
    /// See [`BulkReport`] for what is known of each price afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    ///
    /// O9: a price list, its prices, and the clients that get it. A client that ONe does not know costs its own line.
    ///
    /// ```
    /// use one_client::pricing::{ClientToPricing, Discount, DiscountPricing, DiscountType, Price};
    /// use one_client::simulator::Simulator;
    /// use one_client::{ClientId, Decimal, ErrorKind};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let simulator = Simulator::builder().start().await?;
    /// let one = simulator.client_builder().build()?;
    ///
    /// let discount = Discount::new(DiscountType::PercentMultiplicative, Decimal::from(10));
    /// let hurt = DiscountPricing::builder().name("Hurt").default_discount(discount).build();
    /// let hurt = one.pricings().create(&hurt).await?; // to be kept: no call finds it again
    /// let prices = [Price::new(hurt.clone(), "ŁOŻYSKO-6204", Decimal::new(1799, 2))];
    /// one.prices().save(&prices).await.into_result()?;
    /// assert_eq!(simulator.price(hurt.as_str(), "ŁOŻYSKO-6204"), Some(Decimal::new(1799, 2)));
    ///
    /// simulator.unknown_clients(["org:8"]);
    /// let lines = ["org:7", "org:8", "ind:9"].map(|id| ClientToPricing::new(ClientId::from(id), hurt.clone()));
    /// let report = one.clients_to_pricings().save(&lines).await;
    /// assert_eq!(report.accepted(), 2);
    /// for (unknown, error) in report.failures() {
    ///     assert_eq!((unknown, error.kind()), (1..2, ErrorKind::NotFound));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn save(&self, prices: &[Price]) -> BulkReport {
        self.save_with(prices, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later price on.
    ///
    /// How far the wire is known: [`PutPrices`].
    pub async fn save_with(&self, prices: &[Price], options: &BulkWrite) -> BulkReport {
        let call = BulkCall {
            key: Price::key,
            check: bulk::unchecked,
            endpoint: PutPrices::new,
            not_found: NotFound::ALine,
        };
        bulk::write(self.client, prices, options, call).await
    }
}

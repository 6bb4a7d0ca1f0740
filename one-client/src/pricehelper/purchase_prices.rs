//! What products cost the seller, by default and by warehouse.

use crate::bulk::{self, BulkCall, BulkReport, BulkWrite, NotFound};
use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::{Sku, WarehouseId};
use crate::service::{handle, service};
use crate::wire::{self, shows};
use api_transport::{Effect, Endpoint, Path, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What one product costs the seller (*documented*, whole). `Debug` shows the product alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PurchasePrice {
    /// Where no warehouse has a price of its own.
    #[serde(with = "wire::decimal")]
    pub default: Decimal,
    /// Prices of single warehouses; may be empty.
    #[serde(default, with = "wire::decimal::map")]
    pub per_warehouse: BTreeMap<WarehouseId, Decimal>,
    /// The product.
    pub sku_id: Sku,
}

shows!(PurchasePrice { sku_id });

impl PurchasePrice {
    /// The same price in all warehouses.
    pub fn new(sku_id: impl Into<Sku>, default: Decimal) -> Self {
        Self { default, per_warehouse: BTreeMap::new(), sku_id: sku_id.into() }
    }

    /// Another price in one warehouse.
    #[must_use]
    pub fn with_warehouse(mut self, warehouse: impl Into<WarehouseId>, price: Decimal) -> Self {
        self.per_warehouse.insert(warehouse.into(), price);
        self
    }

    fn key(&self) -> &str {
        self.sku_id.as_str()
    }
}

/// `PUT /api/v1/pricehelper/integrations/auth-required/purchase-prices`: sets purchase prices.
///
/// *Documented*, with a whole example, whose address is another call's (quirk Q13: the prose's path). What is sent overrides
/// what the product had before (*documented*), warehouses included. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PutPurchasePrices<'a> {
    /// The products.
    pub purchase_prices: &'a [PurchasePrice],
}

impl<'a> PutPurchasePrices<'a> {
    /// One message.
    pub fn new(purchase_prices: &'a [PurchasePrice]) -> Self {
        Self { purchase_prices }
    }
}

impl Endpoint for PutPurchasePrices<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("pricehelper").segment("purchase-prices")
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutPurchasePrices<'_> {
    const PATH: &'static str = "pricehelper/…/purchase-prices";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .repeat(Evidence::Documented)
        .request(Evidence::Documented)
        .quirks(&[13]);
}

handle! {
    /// The calls about purchase prices: `client.purchase_prices()`.
    PurchasePrices
}

impl PurchasePrices<'_> {
    /// Sets the purchase prices of any number of products, in order, split to the wire's limits. Each line is all that
    /// is known of its product: warehouses that it does not name lose their prices.
    ///
    /// How far the wire is known: [`PutPurchasePrices`].
    ///
    /// See [`BulkReport`] for what is known of each product afterwards and [`BulkWrite`] for sizes,
    /// progress and resuming.
    pub async fn save(&self, purchase_prices: &[PurchasePrice]) -> BulkReport {
        self.save_with(purchase_prices, &BulkWrite::default()).await
    }

    /// The same with other sizes, progress, or from a later product on.
    ///
    /// How far the wire is known: [`PutPurchasePrices`].
    pub async fn save_with(&self, purchase_prices: &[PurchasePrice], options: &BulkWrite) -> BulkReport {
        let call = BulkCall {
            key: PurchasePrice::key,
            check: bulk::unchecked,
            endpoint: PutPurchasePrices::new,
            not_found: NotFound::ALine,
        };
        bulk::write(self.client, purchase_prices, options, call).await
    }
}

//! Prices: retail prices, price lists and who has which.

mod retail_prices;

pub use retail_prices::{PutRetailPrices, RetailPrice, RetailPrices};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Retail (B2C) prices, ERP → ONe (O8).
    pub fn retail_prices(&self) -> RetailPrices<'_> {
        RetailPrices::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![pricing: PutRetailPrices<'_>]
}

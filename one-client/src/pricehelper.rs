//! Minimal prices, bonuses, purchase prices.

mod bonuses;
mod minimal_prices;
mod purchase_prices;

pub use bonuses::{Bonus, Bonuses, BonusesOf, GetBonuses, MAX_BONUS_LEVELS, PutBonuses};
pub use minimal_prices::{
    GetMinimalPrice, GetMinimalPrices, MAX_MINIMAL_PRICE_LEVELS, MinimalPrice, MinimalPrices,
    PutMinimalPrices,
};
pub use purchase_prices::{PurchasePrice, PurchasePrices, PutPurchasePrices};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Minimal prices of products, level by level.
    pub fn minimal_prices(&self) -> MinimalPrices<'_> {
        MinimalPrices::new(self)
    }

    /// Bonuses of products, level by level.
    pub fn bonuses(&self) -> Bonuses<'_> {
        Bonuses::new(self)
    }

    /// Purchase prices, by default and by warehouse, ERP → ONe.
    pub fn purchase_prices(&self) -> PurchasePrices<'_> {
        PurchasePrices::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![pricehelper:
        GetMinimalPrices,
        GetMinimalPrice,
        PutMinimalPrices<'_>,
        GetBonuses,
        PutBonuses<'_>,
        PutPurchasePrices<'_>,
    ]
}

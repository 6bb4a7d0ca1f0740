//! Prices: retail prices, price lists and who has which.
//!
//! A B2B price stands in a price list ([`Price`]), so there must be one first: the main catalogue's
//! ([`Pricings::main_catalog_id`]) or a new one ([`Pricings::create`]). Clients get lists one by one or as
//! members of a group ([`ClientsToPricings`], [`ClientGroups`]); [`PriceListPlan`] says who has too many.
//!
//! Not here, because too little is known: `PUT products/tax` (its body was not seen) and the creation of a
//! purchase price list (its path was not seen). No call is documented that deletes a price list, a discount or an assignment.

mod client_groups;
mod clients_to_pricings;
mod discounts;
mod markups;
mod price_lists;
mod priced;
mod prices;
mod pricings;
mod product_groups;
mod retail_prices;

pub use client_groups::{ClientGroups, ClientToGroup, PostClientGroup, PutClientToGroups};
pub use clients_to_pricings::{ClientToPricing, ClientsToPricings, PricingHolder, PutClientsToPricings};
pub use discounts::{Discount, DiscountLine, DiscountType, Discounts, PutDiscounts};
pub use markups::{Markup, MarkupLine, Markups, PutMarkups};
pub use price_lists::{ClientPriceLists, MAX_PRICE_LISTS, PriceListPlan};
pub use priced::Priced;
pub use prices::{Price, Prices, PutPrices};
pub use pricings::{
    ConditionType, DiscountPricing, GetMainCatalogId, PostDiscountPricing, PricingCondition,
    PricingConnection, Pricings, PutPricingConnections,
};
pub use product_groups::{PostProductGroup, ProductGroups, PutProductGroupProducts};
pub use retail_prices::{PutRetailPrices, RetailPrice, RetailPrices};

use crate::client::Client;
use crate::evidence::{EndpointInfo, endpoints_of};

impl Client {
    /// Retail (B2C) prices, ERP → ONe (O8).
    pub fn retail_prices(&self) -> RetailPrices<'_> {
        RetailPrices::new(self)
    }

    /// Prices of price lists (B2B), ERP → ONe (O9).
    pub fn prices(&self) -> Prices<'_> {
        Prices::new(self)
    }

    /// Price lists themselves.
    pub fn pricings(&self) -> Pricings<'_> {
        Pricings::new(self)
    }

    /// Discounts within price lists, ERP → ONe.
    pub fn discounts(&self) -> Discounts<'_> {
        Discounts::new(self)
    }

    /// Markups within purchase price lists, ERP → ONe.
    pub fn markups(&self) -> Markups<'_> {
        Markups::new(self)
    }

    /// Who has which price lists, ERP → ONe.
    pub fn clients_to_pricings(&self) -> ClientsToPricings<'_> {
        ClientsToPricings::new(self)
    }

    /// Groups of clients, which share price lists.
    pub fn client_groups(&self) -> ClientGroups<'_> {
        ClientGroups::new(self)
    }

    /// Groups of products, which share discounts and markups.
    pub fn product_groups(&self) -> ProductGroups<'_> {
        ProductGroups::new(self)
    }
}

pub(crate) fn endpoints() -> Vec<EndpointInfo> {
    endpoints_of![pricing:
        PutRetailPrices<'_>,
        PutPrices<'_>,
        GetMainCatalogId,
        PostDiscountPricing<'_>,
        PutPricingConnections<'_>,
        PutDiscounts<'_>,
        PutMarkups<'_>,
        PutClientsToPricings<'_>,
        PostClientGroup,
        PutClientToGroups<'_>,
        PostProductGroup,
        PutProductGroupProducts<'_>,
    ]
}

//! Retail prices, enova365 → ONe.

use serde::Deserialize;
use sync_flows::catalog::Entry;
use sync_flows::enova::RetailPriceSource;
use sync_flows::flows::retail_prices::{self, RETAIL_PRICES, RetailPriceMapper};

use super::Wiring;
use crate::error::Result;
use crate::named::{Dictionary, Named};
use crate::wire::{Wire, Wired};

/// `[tenants.flows.retail-prices]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetailPrices {
    /// The price list (definicja ceny).
    #[serde(default = "detaliczna")]
    price_list: String,
    /// Currency of ONe's retail prices.
    #[serde(default = "crate::flows::pln")]
    currency: String,
}

fn detaliczna() -> String {
    "Detaliczna".to_owned()
}

impl Wiring for RetailPrices {
    const ENTRY: &'static Entry = &RETAIL_PRICES;

    fn named(&self) -> Vec<Named> {
        vec![Named::new("retail-prices.price_list", [&self.price_list], Dictionary::CenyDetaliczne)]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let mapper = RetailPriceMapper::new(&self.currency);
        let ceny = wire.installation.ceny()?;
        let prices = RetailPriceSource::new(ceny, wire.setup.erp.clone(), &self.price_list);
        let source = wire.of_ticked_goods(prices)?;
        let flow = retail_prices::source_to_one(&wire.setup, source, wire.one.clone(), mapper)?;
        Ok(vec![wire.flow(flow)])
    }
}

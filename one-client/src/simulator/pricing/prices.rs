//! Prices of price lists, *documented* whole. Not on a shelf: a hundred lists of ten thousand products are a
//! million of them.

use super::pricings;
use crate::simulator::SimulatorError;
use crate::simulator::books::{Books, Known, shared};
use crate::simulator::call::Call;
use crate::simulator::journal::Entry;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;
use rust_decimal::Decimal;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    price: Number,
    pricing_id: String,
    product_id: String,
}

/// `PUT /prices`: net prices by price list and product.
pub(super) async fn put(call: Call) -> Result<StatusCode, Refusal> {
    let lines: Vec<Price> = call.read_lines()?;
    let mut books = call.books();
    pricings::check(&call, &books, lines.iter().map(|line| line.pricing_id.as_str()))?;
    let lines = lines.into_iter().map(|line| (line.pricing_id, line.product_id, line.price.0));
    books.receive_list_prices(lines.collect())?;
    Ok(StatusCode::OK)
}

impl Books {
    fn receive_list_prices(&mut self, lines: Vec<(String, String, Decimal)>) -> Result<(), SimulatorError> {
        let count = lines.len() as u64;
        if self.journal.is_some() {
            let lines = lines.into_iter().map(|(list, sku, price)| (list, sku, price.to_string()));
            self.record(Entry::ListPrices(lines.collect()))?;
        } else {
            self.known.set_list_prices(lines);
        }
        self.received.prices += count;
        Ok(())
    }

    pub(in crate::simulator) fn list_price(&self, pricing: &str, sku: &str) -> Option<Decimal> {
        self.known.list_prices.get(pricing)?.get(sku).copied()
    }

    pub(in crate::simulator) fn list_prices(
        &self,
        pricing: &str,
        sku: Option<&str>,
    ) -> BTreeMap<String, Decimal> {
        let prices = self.known.list_prices.get(pricing).into_iter().flatten();
        prices
            .filter(|(name, _)| sku.is_none_or(|wanted| wanted == &***name))
            .map(|(name, price)| (name.to_string(), *price))
            .collect()
    }
}

impl Known {
    pub(in crate::simulator) fn set_list_prices(&mut self, lines: Vec<(String, String, Decimal)>) {
        for (list, sku, price) in lines {
            let sku = shared(&mut self.names, &sku);
            match self.list_prices.get_mut(&list) {
                Some(prices) => prices.insert(sku, price),
                None => self.list_prices.entry(list).or_default().insert(sku, price),
            };
        }
    }
}

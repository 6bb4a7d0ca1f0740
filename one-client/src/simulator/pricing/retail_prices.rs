//! Retail prices, *documented* whole.

use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetailPrice {
    price: Number,
    product_id: String,
}

/// `PUT /retail-prices`: net prices by product.
pub(super) async fn put(call: Call) -> Result<StatusCode, Refusal> {
    let lines: Vec<RetailPrice> = call.read_lines()?;
    let lines = lines.into_iter().map(|line| (line.product_id, line.price.0));
    call.books().receive_prices(lines.collect())?;
    Ok(StatusCode::OK)
}

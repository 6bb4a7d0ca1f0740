//! Purchase prices, *documented* whole.

use crate::simulator::body;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PurchasePrice {
    default: Number,
    per_warehouse: BTreeMap<String, Number>,
    sku_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PurchasePrices {
    purchase_prices: Vec<PurchasePrice>,
}

/// `PUT /purchase-prices`: overrides what the product had (*documented*).
pub(super) async fn put(call: Call) -> Result<StatusCode, Refusal> {
    let rows = call.read::<PurchasePrices>()?.purchase_prices;
    body::check_lines(rows.len())?;
    call.books().put_all("purchase-prices", rows.into_iter().map(|row| (row.sku_id.clone(), row)))?;
    Ok(StatusCode::OK)
}

//! Stocks. The body was not seen anywhere: its spelling is *inferred*, and the same as the client's.

use crate::simulator::body;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;

/// A stock message.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::simulator) struct StockMessage {
    #[serde(rename = "stocks")]
    pub(in crate::simulator) set: Vec<StockLine>,
    #[serde(default, rename = "stocksToRemove")]
    pub(in crate::simulator) remove: Vec<String>,
}

#[derive(Deserialize)]
pub(in crate::simulator) struct StockLine {
    pub(in crate::simulator) id: String,
    pub(in crate::simulator) sku: String,
    pub(in crate::simulator) quantity: Number,
}

/// `POST /warehouses/{warehouse}/stocks/incremental`: levels of some entries, the ids of entries to delete.
pub(super) async fn incremental(Path(warehouse): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let message: StockMessage = call.read()?;
    body::check_lines(message.set.len() + message.remove.len())?;
    call.books().receive_stocks(warehouse, message)?;
    Ok(StatusCode::OK)
}

/// The body of a write that replaces everything.
#[derive(Deserialize)]
struct AllStocks {
    stocks: Vec<StockLine>,
}

/// `PUT /warehouses/{warehouse}/stocks`: what the warehouse has from now on, and nothing else. The path is *inferred* too.
pub(super) async fn replace(Path(warehouse): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let AllStocks { stocks } = call.read()?;
    body::check_lines(stocks.len())?;
    call.books().replace_stocks(warehouse, stocks)?;
    Ok(StatusCode::OK)
}

//! Minimal prices and bonuses: amounts by level, pages in style P1.

use crate::simulator::body;
use crate::simulator::call::Call;
use crate::simulator::number::NumberOrText;
use crate::simulator::page::Items;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const MINIMAL_PRICES: &str = "minimal-prices";
const BONUSES: &str = "bonuses";

/// Amounts by the level's name. The request examples have texts, the answers numbers.
type Levels = BTreeMap<String, NumberOrText>;

fn check_levels(sku: &str, levels: &Levels, most: usize) -> Result<(), Refusal> {
    if levels.len() > most {
        let message = format!("{} levels of {sku}; at most {most} are allowed", levels.len());
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "TOO_MANY_LEVELS", message));
    }
    Ok(())
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MinimalPrice {
    sku_id: String,
    levels: Levels,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MinimalPrices {
    minimal_prices: Vec<MinimalPrice>,
}

/// `GET /minimal-prices`.
pub(super) async fn minimal_prices(call: Call) -> Result<Json<Items<MinimalPrice>>, Refusal> {
    let parameters = call.parameters(&[], &["pageNumber", "pageSize"])?;
    Ok(parameters.page(call.books().values(MINIMAL_PRICES)?)?.items())
}

/// `GET /minimal-prices/{skuId}`: a row of the list (*inferred*).
pub(super) async fn minimal_price(
    Path(sku): Path<String>,
    call: Call,
) -> Result<Json<MinimalPrice>, Refusal> {
    call.parameters(&[], &[])?;
    call.books().find(MINIMAL_PRICES, &sku, "minimal price").map(Json)
}

/// `PUT /minimal-prices`: at most 10 levels (*documented*). A row replaces all levels of its product (made up).
pub(super) async fn put_minimal_prices(call: Call) -> Result<StatusCode, Refusal> {
    let rows = call.read::<MinimalPrices>()?.minimal_prices;
    body::check_lines(rows.len())?;
    rows.iter().try_for_each(|row| check_levels(&row.sku_id, &row.levels, 10))?;
    call.books().put_all(MINIMAL_PRICES, rows.into_iter().map(|row| (row.sku_id.clone(), row)))?;
    Ok(StatusCode::OK)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bonus {
    sku_id: String,
    bonuses: Levels,
}

#[derive(Deserialize)]
struct Bonuses {
    bonuses: Vec<Bonus>,
}

/// `GET /bonuses`, of one product, of some, or of all.
pub(super) async fn bonuses(call: Call) -> Result<Json<Items<Bonus>>, Refusal> {
    let parameters = call.parameters(&[], &["skuId", "skuIds", "pageNumber", "pageSize"])?;
    let mut rows: Vec<Bonus> = call.books().values(BONUSES)?;
    if let Some(sku) = parameters.text("skuId") {
        rows.retain(|row| row.sku_id == sku);
    }
    if parameters.text("skuIds").is_some() {
        let skus = parameters.list("skuIds");
        rows.retain(|row| skus.contains(&row.sku_id.as_str()));
    }
    Ok(parameters.page(rows)?.items())
}

/// `PUT /bonuses`: at most 3 levels (*documented*). A row replaces all levels of its product (made up).
pub(super) async fn put_bonuses(call: Call) -> Result<StatusCode, Refusal> {
    let rows = call.read::<Bonuses>()?.bonuses;
    body::check_lines(rows.len())?;
    rows.iter().try_for_each(|row| check_levels(&row.sku_id, &row.bonuses, 3))?;
    call.books().put_all(BONUSES, rows.into_iter().map(|row| (row.sku_id.clone(), row)))?;
    Ok(StatusCode::OK)
}

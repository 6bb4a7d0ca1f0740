//! The service `catalog`.

mod imports;
mod manufacturers;
mod plugin_data;

use super::call::Call;
use super::refusal::Refusal;
use super::state::Shared;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde_json::value::RawValue;

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/categories/list", get(categories))
        .route("/products/by-sku", get(product))
        .route("/pluginsData/{plugin}", get(plugin_data::list))
        .route("/pluginsData/{plugin}/by-product", post(plugin_data::add))
        .route("/dictionaries/manufacturers", post(manufacturers::add))
        .route("/dictionaries/manufacturers/{id}", put(manufacturers::set))
        .route("/attributes/import", post(imports::attributes))
        .route("/categories/import", post(imports::categories))
        .route("/products/import-all", post(imports::all_products))
}

/// `GET /categories/list`: the shelf as it is.
async fn categories(call: Call) -> Result<Json<Vec<Box<RawValue>>>, Refusal> {
    call.parameters(&[], &[])?;
    Ok(Json(call.books().values("categories")?))
}

/// `GET /products/by-sku?id=`: the record as it is.
async fn product(call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    let asked = call.parameters(&["id"], &[])?;
    call.books().find("products", asked.required("id"), "product").map(Json)
}

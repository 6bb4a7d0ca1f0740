//! Groups of products, *documented*.

use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const SHELF: &str = "product-groups";

#[derive(Deserialize)]
struct NewGroup {
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    product_group_id: String,
    name: String,
    #[serde(default)]
    products: Vec<String>,
}

/// `POST /product-group`: answers `{productGroupId, name}`.
pub(super) async fn post(call: Call) -> Result<Json<Value>, Refusal> {
    let NewGroup { name } = call.read()?;
    let mut books = call.books();
    let group = Group { product_group_id: books.new_id()?, name, products: Vec::new() };
    books.put(SHELF, &group.product_group_id, &group)?;
    Ok(Json(json!({ "productGroupId": group.product_group_id, "name": group.name })))
}

/// `PUT /product-group/{id}/products`: a bare array of SKUs. It replaces what the group had; whether ONe does
/// that is not documented.
pub(super) async fn put_products(Path(id): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let products = call.read_lines()?;
    let mut books = call.books();
    let group: Group = books.find(SHELF, &id, "product group")?;
    books.put(SHELF, &id, &Group { products, ..group })?;
    Ok(StatusCode::OK)
}

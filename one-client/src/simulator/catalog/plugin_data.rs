//! What plugins keep about products. Rows and pages are *documented*; the query and body of a write are *inferred*, and
//! the same as the client's.

use crate::simulator::call::Call;
use crate::simulator::page::Items;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PluginData<'a> {
    plugin_id: &'a str,
    product_id: &'a str,
    metadata: Box<RawValue>,
}

/// Ids have any characters, so each plugin has a shelf of its own.
fn shelf(plugin: &str) -> String {
    format!("pluginData:{plugin}")
}

/// `GET /pluginsData/{plugin}`: a page of a plugin's rows, in the order of the products.
pub(super) async fn list(
    Path(plugin): Path<String>,
    call: Call,
) -> Result<Json<Items<Box<RawValue>>>, Refusal> {
    let asked = call.parameters(&[], &["pageNumber", "pageSize"])?;
    let all = call.books().values(&shelf(&plugin))?;
    Ok(asked.page(all)?.items())
}

/// `POST /pluginsData/{plugin}/by-product?productId=`: the metadata alone. It takes the place of what was kept
/// about the product; whether it does so in ONe is not documented.
pub(super) async fn add(Path(plugin): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let asked = call.parameters(&["productId"], &[])?;
    let product_id = asked.required("productId");
    let row = PluginData { plugin_id: &plugin, product_id, metadata: call.read_body()? };
    call.books().put(&shelf(&plugin), product_id, &row)?;
    Ok(StatusCode::OK)
}

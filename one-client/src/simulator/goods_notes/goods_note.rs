//! Goods notes. Names are *documented*, nesting and types *inferred*.

use crate::simulator::body;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    number: String,
    client_id: Option<String>,
    notes: Option<String>,
    purchase_order_number: Option<String>,
    document_date: Option<NaiveDate>,
    sale_date: Option<NaiveDate>,
    delivery_date: Option<NaiveDate>,
    product_lines: Option<Vec<Line>>,
    delivery_address: Option<Address>,
    payment_method: Option<Named>,
    delivery_method: Option<Named>,
    warehouse: Option<Named>,
    operator: Option<Named>,
    prices: Option<Prices>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    line_number: Option<u64>,
    sales_order_line_number: Option<String>,
    sales_order_reference_number: Option<String>,
    notes: Option<String>,
    quantity: Option<Number>,
    product: Option<Product>,
    prices: Option<LinePrices>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    gtin: Option<String>,
    sku: Option<String>,
    manufacturer_index: Option<String>,
    name: Option<String>,
    pkwiu: Option<String>,
    unit: Option<String>,
    manufacturer: Option<Manufacturer>,
}

#[derive(Deserialize, Serialize)]
struct Manufacturer {
    name: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct LinePrices {
    tax_rate: Option<Number>,
    discount: Option<Number>,
    additional_costs: Option<Vec<Cost>>,
    base: Option<Amounts>,
}

#[derive(Deserialize, Serialize)]
struct Cost {
    #[serde(rename = "type")]
    kind: Option<String>,
    item: Option<Amounts>,
    line: Option<Amounts>,
}

#[derive(Deserialize, Serialize)]
struct Amounts {
    net: Option<Number>,
    gross: Option<Number>,
    tax: Option<Number>,
}

#[derive(Deserialize, Serialize)]
struct Prices {
    total: Option<Amounts>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    name: Option<String>,
    street: Option<String>,
    city: Option<String>,
    post_code: Option<String>,
    country: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Named {
    id: Option<String>,
    name: Option<String>,
}

/// Adds a note, or replaces the one of this number (*inferred* from the verb).
pub(super) fn put(shelf: &str, call: &Call) -> Result<StatusCode, Refusal> {
    let note: Note = call.read()?;
    if note.number.trim().is_empty() {
        return Err(Refusal::malformed("a note needs a number"));
    }
    let lines = note.product_lines.as_deref().unwrap_or_default();
    body::check_lines(lines.len())?;
    let has_order = lines.iter().any(|line| line.sales_order_reference_number.is_some());
    if has_order && lines.iter().filter_map(|line| line.line_number).min() != Some(1) {
        return Err(Refusal::malformed("line numbers start at 1 when the note refers to a sales order"));
    }
    call.books().put(shelf, &note.number, &note)?;
    Ok(StatusCode::OK)
}

/// One note, by `number` (*inferred*). What was not told is null.
pub(super) fn get(shelf: &str, call: &Call) -> Result<Json<Box<RawValue>>, Refusal> {
    let given = call.parameters(&["number"], &[])?;
    call.books().find(shelf, given.required("number"), "note").map(Json)
}

//! Orders that were placed elsewhere. Names and requiredness are *documented*, but for what a line must have.

use crate::simulator::body;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

const SHELF: &str = "offline-orders";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    id: String,
    order_id: String,
    organization: Organization,
    price: Price,
    payment_method: PaymentMethod,
    product_lines: Vec<Line>,
    #[serde(default)]
    authorized_people: Vec<Person>,
    notes: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Organization {
    id: String,
    external_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Price {
    delivery_net: Number,
    delivery_gross: Option<Number>,
    products_net: Number,
    products_gross: Option<Number>,
    #[serde(default)]
    additional_costs: Vec<Cost>,
    total_gross: Number,
    total_net: Number,
    total_tax: Number,
}

#[derive(Serialize, Deserialize)]
struct Cost {
    #[serde(rename = "type")]
    kind: String,
    net: Number,
    tax: Number,
    gross: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentMethod {
    name: String,
    id: Option<String>,
    external_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    sku: String,
    quantity_ordered_in_content_unit: Number,
    quantity_ordered: Option<Number>,
    quantity_shipped: Option<Number>,
    content_unit_code: Option<String>,
    content_unit_name: Option<String>,
    last_change: Option<String>,
    line_number: Option<String>,
    manufacturer_index: Option<String>,
    manufacturer_name: Option<String>,
    name: Option<String>,
    notes: Option<String>,
    price: Option<LinePrice>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinePrice {
    catalog_price_discount: Option<Number>,
    gross_value: Option<Number>,
    net_catalog_price: Option<Number>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Person {
    user_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// `PUT /offline-order/shipment`: takes the place of the one with this id. One of ONe's own shipments is refused with
/// 409 (*inferred*).
pub(super) async fn put(call: Call) -> Result<StatusCode, Refusal> {
    let order: Order = call.read()?;
    body::check_lines(order.product_lines.len())?;
    let mut books = call.books();
    if books.order(&order.id).is_some() {
        return Err(Refusal::conflict(format!("{} is a shipment of this shop, no offline order", order.id)));
    }
    books.put(SHELF, &order.id, &order)?;
    Ok(StatusCode::OK)
}

//! Price lists: the main catalogue's, there from the start, and those that were created.

use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The price list of the main catalogue. New ids count from 1.
const MAIN_CATALOG: &str = "00000000-0000-4000-9000-000000000000";

const SHELF: &str = "pricings";

/// 404 if one of these is no price list, when strict.
pub(super) fn check<'i>(
    call: &Call,
    books: &Books,
    ids: impl IntoIterator<Item = &'i str>,
) -> Result<(), Refusal> {
    let is_known = |id: &str| id == MAIN_CATALOG || books.raw(SHELF, id).is_some();
    match ids.into_iter().find(|id| call.is_strict() && !is_known(id)) {
        Some(id) => Err(Refusal::not_found(&format!("pricing {id}"))),
        None => Ok(()),
    }
}

/// Whether a price list is of the type purchase. No call that creates one is known, so a test lays it on the shelf.
pub(super) fn is_purchase(books: &Books, id: &str) -> Result<bool, Refusal> {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(default, rename = "type")]
        pricing_type: Option<String>,
    }
    let pricing: Option<Typed> = books.get(SHELF, id)?;
    Ok(pricing.is_some_and(|pricing| pricing.pricing_type.as_deref() == Some("PURCHASE")))
}

/// A discount, here and on single products.
#[derive(Serialize, Deserialize)]
pub(super) struct Discount {
    #[serde(rename = "type")]
    discount_type: DiscountType,
    value: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DiscountType {
    PercentMultiplicative,
    PercentAdditive,
    FlatValue,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "SCREAMING_SNAKE_CASE")]
enum Condition {
    TimeRange { start: String, end: String },
}

/// A new list. Names *documented*, nesting *inferred*.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DiscountPricing {
    name: String,
    #[serde(default)]
    priority: Option<i64>,
    #[serde(default)]
    global: Option<bool>,
    #[serde(default)]
    conditions: Vec<Condition>,
    #[serde(default)]
    default_discount: Option<Discount>,
}

/// `GET /pricing/main-catalog-id`: `{mainCatalogId}` (*inferred*).
pub(super) async fn main_catalog_id(call: Call) -> Result<Json<Value>, Refusal> {
    call.parameters(&[], &[])?;
    Ok(Json(json!({ "mainCatalogId": MAIN_CATALOG })))
}

/// `POST /pricing/discount`: a new list; answers `{pricingId}` (*inferred*).
pub(super) async fn post_discount(call: Call) -> Result<Json<Value>, Refusal> {
    #[derive(Serialize)]
    struct Kept {
        #[serde(rename = "pricingId")]
        id: String,
        #[serde(rename = "type")]
        pricing_type: &'static str,
        #[serde(flatten)]
        pricing: DiscountPricing,
    }
    let pricing: DiscountPricing = call.read()?;
    let mut books = call.books();
    let id = books.new_id()?;
    books.put(SHELF, &id, &Kept { id: id.clone(), pricing_type: "DISCOUNT", pricing })?;
    Ok(Json(json!({ "pricingId": id })))
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    base_price_source: String,
    receiver: String,
}

/// `PUT /pricing-connections`: which lists take their base prices from which.
pub(super) async fn put_connections(call: Call) -> Result<StatusCode, Refusal> {
    let lines: Vec<Connection> = call.read_lines()?;
    let mut books = call.books();
    let ids = lines.iter().flat_map(|line| [line.base_price_source.as_str(), line.receiver.as_str()]);
    check(&call, &books, ids)?;
    books.put_all("pricing-connections", lines.into_iter().map(|line| (line.receiver.clone(), line)))?;
    Ok(StatusCode::OK)
}

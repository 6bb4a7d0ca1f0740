//! External reservations. The answer is an *example*, the body of the write *inferred* to be the same.

use crate::simulator::body;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

const SHELF: &str = "external-reservations";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reservation {
    sales_order_number: String,
    products: Vec<Product>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    product_id: String,
    line_number: String,
    reserved_quantity: Number,
}

/// `GET /external-reservations?salesOrderNumber=`.
pub(super) async fn get(call: Call) -> Result<Json<Reservation>, Refusal> {
    let parameters = call.parameters(&["salesOrderNumber"], &[])?;
    let number = parameters.required("salesOrderNumber");
    Ok(Json(call.books().find(SHELF, number, "external reservation")?))
}

/// `PUT /external-reservations`: sets the lines that are named (by their numbers, *inferred*) and leaves the others.
pub(super) async fn put(call: Call) -> Result<StatusCode, Refusal> {
    let told: Reservation = call.read()?;
    body::check_lines(told.products.len())?;
    let mut books = call.books();
    let kept: Option<Reservation> = books.get(SHELF, &told.sales_order_number)?;
    let mut products = kept.map(|kept| kept.products).unwrap_or_default();
    for product in told.products {
        match products.iter_mut().find(|kept| kept.line_number == product.line_number) {
            Some(kept) => *kept = product,
            None => products.push(product),
        }
    }
    let number = told.sales_order_number;
    books.put(SHELF, &number.clone(), &Reservation { sales_order_number: number, products })?;
    Ok(StatusCode::OK)
}

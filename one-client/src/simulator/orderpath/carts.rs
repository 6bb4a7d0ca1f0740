//! Carts: what is added stays in them.

use crate::simulator::body;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

const SHELF: &str = "carts";

/// The body of a call, and what is in a cart.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cart {
    configurable_products: Vec<Product>,
}

#[derive(Serialize, Deserialize)]
struct Product {
    main: Line,
    #[serde(default)]
    children: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    product_id: String,
    quantity: Quantity,
    #[serde(default = "yes")]
    allow_quantity_change: bool,
    #[serde(default = "yes")]
    allow_quantity_splitting: bool,
    #[serde(default = "yes")]
    removable: bool,
    external_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Quantity {
    #[serde(rename = "type")]
    kind: QuantityType,
    value: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum QuantityType {
    ContentQuantity,
    OrderQuantity,
}

fn yes() -> bool {
    true
}

/// `PUT /carts/{cart}/add-configurable-products`: adds, also what is there already. 404 without such a cart, since
/// nothing says that this makes one (*inferred*).
pub(super) async fn add_configurable_products(
    Path(id): Path<String>,
    call: Call,
) -> Result<StatusCode, Refusal> {
    let added: Cart = call.read()?;
    body::check_lines(added.configurable_products.iter().map(|product| 1 + product.children.len()).sum())?;
    let mut books = call.books();
    let mut cart: Cart = books.find(SHELF, &id, "cart")?;
    cart.configurable_products.extend(added.configurable_products);
    books.put(SHELF, &id, &cart)?;
    Ok(StatusCode::OK)
}

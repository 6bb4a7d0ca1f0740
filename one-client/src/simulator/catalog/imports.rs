//! Imports of ETIM. They are counted; what they do in ONe is not documented.

use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;

/// `POST /attributes/import`.
pub(super) async fn attributes(call: Call) -> Result<StatusCode, Refusal> {
    count(&call, "attributes")
}

/// `POST /categories/import`.
pub(super) async fn categories(call: Call) -> Result<StatusCode, Refusal> {
    count(&call, "categories")
}

/// `POST /products/import-all`.
pub(super) async fn all_products(call: Call) -> Result<StatusCode, Refusal> {
    count(&call, "products")
}

fn count(call: &Call, what: &str) -> Result<StatusCode, Refusal> {
    call.parameters(&[], &[])?;
    let mut books = call.books();
    let started = books.get::<u64>("imports", what)?.unwrap_or_default();
    books.put("imports", what, &(started + 1))?;
    Ok(StatusCode::OK)
}

//! What is paid of an invoice: *inferred* from fiscal receipts.

use super::STATUSES;
use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) number: String,
    pub(super) amount_paid: Option<Number>,
    pub(super) is_paid: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Write {
    number: String,
    amount_paid: Number,
    is_paid: bool,
}

/// `PUT /invoices/status`.
pub(super) async fn put(call: Call) -> Result<StatusCode, Refusal> {
    let Write { number, amount_paid, is_paid } = call.read()?;
    let mut books = call.books();
    books.find::<Box<RawValue>>(STATUSES, &number, "invoice")?;
    let status = Status { number, amount_paid: Some(amount_paid), is_paid: Some(is_paid) };
    books.put(STATUSES, &status.number, &status)?;
    Ok(StatusCode::OK)
}

/// `GET /invoices/status`, by `number`.
pub(super) async fn get(call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    let given = call.parameters(&["number"], &[])?;
    call.books().find(STATUSES, given.required("number"), "invoice").map(Json)
}

//! Invoices. Names of the header are *documented*; lines are unknown, and taken as anything under `productLines`.

use super::{INVOICES, STATUSES};
use crate::simulator::body;
use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::invoices::status::Status;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Invoice {
    number: String,
    receipt_reference_number: Option<String>,
    sale_date: Option<NaiveDate>,
    payment_date: Option<NaiveDate>,
    currency_code: Option<String>,
    split_payment: Option<bool>,
    is_paid: Option<bool>,
    amount_paid: Option<Number>,
    #[serde(default)]
    customer_purchase_numbers: Vec<String>,
    notes: Option<String>,
    total_prices: Option<Totals>,
    client_data: Option<Party>,
    payer_data: Option<Party>,
    tenant_data: Option<Party>,
    operator_data: Option<Operator>,
    #[serde(default)]
    product_lines: Vec<Box<RawValue>>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    net_price: Number,
    gross_price: Number,
    tax_value: Number,
}

/// Client, payer or seller; the latter two have fewer fields.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Party {
    client_id: Option<String>,
    tin: Option<String>,
    client_type: Option<ClientType>,
    phone: Option<String>,
    invoice_email: Option<String>,
    address_data: Option<Address>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "UPPERCASE")]
enum ClientType {
    Individual,
    Organization,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    city: Option<String>,
    country: Option<String>,
    name: Option<String>,
    postal_code: Option<String>,
    street: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct Operator {
    id: Option<String>,
    name: Option<String>,
}

/// `POST /invoices`: a number that is there already is refused with 409 (*inferred*).
pub(super) async fn add(call: Call) -> Result<StatusCode, Refusal> {
    let invoice: Invoice = call.read()?;
    let mut books = call.books();
    if books.raw(INVOICES, &invoice.number).is_some() {
        return Err(Refusal::conflict("there is an invoice of this number"));
    }
    keep(&mut books, &invoice)
}

/// `PUT /invoices`, in case that is the verb (quirk Q22): replaces.
pub(super) async fn replace(call: Call) -> Result<StatusCode, Refusal> {
    let invoice: Invoice = call.read()?;
    keep(&mut call.books(), &invoice)
}

fn keep(books: &mut Books, invoice: &Invoice) -> Result<StatusCode, Refusal> {
    body::check_lines(invoice.product_lines.len())?;
    if invoice.number.trim().is_empty() {
        return Err(Refusal::malformed("an invoice needs a number"));
    }
    let status =
        Status { number: invoice.number.clone(), amount_paid: invoice.amount_paid, is_paid: invoice.is_paid };
    books.put(INVOICES, &invoice.number, invoice)?;
    books.put(STATUSES, &invoice.number, &status)?;
    Ok(StatusCode::OK)
}

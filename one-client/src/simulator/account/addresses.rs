//! Addresses of clients: exactly one of each client is the billing address (*documented*; its word `BILLING` is
//! *inferred*).

use super::check_client;
use super::clients::Address as InClient;
use crate::simulator::SimulatorError;
use crate::simulator::books::Books;
use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const BILLING: &str = "BILLING";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Address {
    id: String,
    client_id: String,
    organization_id: Option<String>,
    external_id: Option<String>,
    name: Option<String>,
    street: Option<String>,
    city: Option<String>,
    zip_code: Option<String>,
    country: Option<String>,
    phone: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    context: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    client_id: String,
    external_id: Option<String>,
    name: Option<String>,
    street: Option<String>,
    city: Option<String>,
    zip_code: Option<String>,
    country: Option<String>,
    phone: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

fn address(id: String, client_id: &str, kind: String, given: InClient) -> Address {
    let InClient { external_id, name, street, city, zip_code, country, phone } = given;
    Address {
        id,
        client_id: client_id.to_owned(),
        organization_id: client_id.strip_prefix("org:").map(str::to_owned),
        external_id,
        name,
        street,
        city,
        zip_code,
        country,
        phone,
        kind,
        context: "INTEGRATIONS".to_owned(),
    }
}

fn billing(books: &Books, client: &str) -> Result<Option<String>, SimulatorError> {
    let all: Vec<Address> = books.values("addresses")?;
    let billing = all.into_iter().find(|address| address.client_id == client && address.kind == BILLING);
    Ok(billing.map(|address| address.id))
}

/// What a client itself says of its billing address. One of a new client is not looked for among all addresses.
pub(super) fn save_billing(
    books: &mut Books,
    client: &str,
    is_new: bool,
    given: InClient,
) -> Result<(), Refusal> {
    let known = if is_new { None } else { billing(books, client)? };
    let id = match known {
        Some(id) => id,
        None => books.new_id()?,
    };
    let address = address(id, client, BILLING.to_owned(), given);
    books.put("addresses", &address.id, &address)?;
    Ok(())
}

pub(super) async fn list(call: Call) -> Result<Json<Vec<Box<RawValue>>>, Refusal> {
    call.parameters(&[], &["rows", "start"])?.rows("start", call.books().values("addresses")?)
}

pub(super) async fn create(call: Call) -> Result<Json<Address>, Refusal> {
    let Body { client_id, external_id, name, street, city, zip_code, country, phone, kind } = call.read()?;
    let mut books = call.books();
    check_client(&books, &client_id)?;
    let kind = kind.unwrap_or_else(|| "ADDITIONAL".to_owned());
    if kind == BILLING && billing(&books, &client_id)?.is_some() {
        return Err(Refusal::conflict("the client has a billing address"));
    }
    let given = InClient { external_id, name, street, city, zip_code, country, phone };
    let address = address(books.new_id()?, &client_id, kind, given);
    books.put("addresses", &address.id, &address)?;
    Ok(Json(address))
}

pub(super) async fn get(Path(id): Path<String>, call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    call.parameters(&[], &[])?;
    call.books().find("addresses", &id, "address").map(Json)
}

pub(super) async fn delete(Path(id): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    call.parameters(&[], &[])?;
    let mut books = call.books();
    let address: Address = books.find("addresses", &id, "address")?;
    if address.kind == BILLING {
        return Err(Refusal::conflict("a client has exactly one billing address"));
    }
    books.remove("addresses", &id)?;
    Ok(StatusCode::OK)
}

//! Warehouses. Names are *documented*, types *inferred*, the verb is not known: POST and PUT do the same.

use crate::simulator::call::Call;
use crate::simulator::number::Number;
use crate::simulator::refusal::Refusal;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

const SHELF: &str = "warehouses";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Warehouse {
    id: String,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pickup_point: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supported: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<Address>,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Kind {
    Central,
    Local,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    #[serde(rename = "TIN", skip_serializing_if = "Option::is_none")]
    tin: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    apartment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_info: Option<String>,
}

/// `POST` or `PUT /warehouses`: creates a warehouse, or replaces what was known of it.
pub(super) async fn save(call: Call) -> Result<StatusCode, Refusal> {
    let warehouse: Warehouse = call.read()?;
    if warehouse.reservation == Some(true) && warehouse.reservation_time.is_none() {
        return Err(Refusal::malformed("reservation needs reservationTime"));
    }
    let mut books = call.books();
    if let Some(parent) = &warehouse.parent {
        if warehouse.kind != Kind::Local {
            return Err(Refusal::malformed("only a LOCAL warehouse has a parent"));
        }
        let above: Option<Warehouse> = books.get(SHELF, parent)?;
        if above.is_none_or(|above| above.kind != Kind::Central) {
            return Err(Refusal::malformed(format!("{parent} is no CENTRAL warehouse")));
        }
    }
    books.put(SHELF, &warehouse.id, &warehouse)?;
    Ok(StatusCode::OK)
}

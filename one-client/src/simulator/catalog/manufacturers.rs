//! The dictionary of manufacturers, *documented*. It takes two with the same `externalId`: that ONe does not is not
//! documented.

use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

const SHELF: &str = "manufacturers";

/// All three are required.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Manufacturer {
    name: String,
    external_id: String,
    acronym: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Added {
    manufacturer_id: String,
}

/// `POST /dictionaries/manufacturers`: answers the new id.
pub(super) async fn add(call: Call) -> Result<Json<Added>, Refusal> {
    let manufacturer: Manufacturer = call.read()?;
    let mut books = call.books();
    let manufacturer_id = books.new_id()?;
    books.put(SHELF, &manufacturer_id, &manufacturer)?;
    Ok(Json(Added { manufacturer_id }))
}

/// `PUT /dictionaries/manufacturers/{id}`: all fields anew.
pub(super) async fn set(Path(id): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let manufacturer: Manufacturer = call.read()?;
    let mut books = call.books();
    books.find::<Manufacturer>(SHELF, &id, "manufacturer")?;
    books.put(SHELF, &id, &manufacturer)?;
    Ok(StatusCode::OK)
}

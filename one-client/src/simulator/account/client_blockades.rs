//! Blockades of clients: one for each. The body of a write is *inferred*.

use super::check_client;
use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

const TYPES: [&str; 3] = ["TRADE_CREDIT", "SALE", "CLIENT"];

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blockade {
    id: String,
    external_id: String,
    #[serde(rename = "type")]
    kind: String,
    label: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    external_id: String,
    #[serde(rename = "type")]
    kind: String,
    label: Option<String>,
    message: Option<String>,
}

pub(super) async fn get(Path(client): Path<String>, call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    call.parameters(&[], &[])?;
    let books = call.books();
    check_client(&books, &client)?;
    books.find("client-blockades", &client, "blockade").map(Json)
}

pub(super) async fn put(Path(client): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let Body { external_id, kind, label, message } = call.read()?;
    if call.is_strict() && !TYPES.contains(&kind.as_str()) {
        return Err(Refusal::malformed("type is none of TRADE_CREDIT, SALE, CLIENT"));
    }
    let mut books = call.books();
    check_client(&books, &client)?;
    let before: Option<Blockade> = books.get("client-blockades", &client)?;
    let id = match before {
        Some(before) => before.id,
        None => books.new_id()?,
    };
    books.put("client-blockades", &client, &Blockade { id, external_id, kind, label, message })?;
    Ok(StatusCode::OK)
}

pub(super) async fn delete(Path(client): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    call.parameters(&[], &[])?;
    let mut books = call.books();
    check_client(&books, &client)?;
    match books.remove("client-blockades", &client)? {
        true => Ok(StatusCode::OK),
        false => Err(Refusal::not_found("blockade")),
    }
}

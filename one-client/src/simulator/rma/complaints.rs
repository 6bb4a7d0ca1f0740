//! Complaints, told as they were laid down. The answer of the list was not seen anywhere: its rows are *inferred*
//! to be like the one complaint.

use crate::simulator::call::Call;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::value::RawValue;

const SHELF: &str = "complaints";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Whose {
    #[serde(default)]
    client_id: Option<String>,
}

/// `GET /complaint/{id}`.
pub(super) async fn one(Path(id): Path<String>, call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    call.parameters(&[], &[])?;
    call.books().find(SHELF, &id, "complaint").map(Json)
}

/// `GET /complaints`: of one client or of all, in the order of the ids.
pub(super) async fn list(call: Call) -> Result<Json<Vec<Box<RawValue>>>, Refusal> {
    let asked = call.parameters(&[], &["clientId", "offset", "rows"])?;
    let books = call.books();
    let client = asked.text("clientId");
    let whose = books.values::<Whose>(SHELF)?;
    let rows = books.values::<Box<RawValue>>(SHELF)?.into_iter().zip(whose);
    let wanted = rows.filter(|(_, whose)| client.is_none() || whose.client_id.as_deref() == client);
    asked.rows("offset", wanted.map(|(row, _)| row).collect())
}

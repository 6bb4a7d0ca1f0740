//! Offers: told as they were laid down.

use crate::simulator::call::Call;
use crate::simulator::feed::FeedAnswer;
use crate::simulator::refusal::Refusal;
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use url::form_urlencoded::byte_serialize;

const SHELF: &str = "offers";
/// The last reason why an offer could not be taken over.
const FAILURES: &str = "offer-failures";

/// As much of an offer as finding an attachment needs.
#[derive(Deserialize)]
struct Offer {
    #[serde(default)]
    notes: Vec<Note>,
}

#[derive(Deserialize)]
struct Note {
    #[serde(default)]
    attachments: Vec<Attachment>,
}

/// `id` is *inferred*: only an empty list was seen.
#[derive(Deserialize)]
struct Attachment {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DownloadUrl {
    download_url: String,
}

#[derive(Serialize, Deserialize)]
struct Failure {
    reason: String,
}

/// `GET /synchronization/offer`. A blank filter is none.
pub(super) async fn synchronization(call: Call) -> Result<Json<FeedAnswer>, Refusal> {
    let given = call.parameters(&["numberOfEvents", "startId"], &["filter"])?;
    let filter = given.text("filter").unwrap_or_default();
    given.feed(&call.books(), SHELF, |event| {
        filter.is_empty() || event.word("eventType").as_deref() == Some(filter)
    })
}

/// `GET /offer`, by `offerId`.
pub(super) async fn get(call: Call) -> Result<Json<Box<RawValue>>, Refusal> {
    let given = call.parameters(&["offerId"], &[])?;
    call.books().find(SHELF, given.required("offerId"), "offer").map(Json)
}

/// `GET /offers/{offer}/attachments/{attachment}/download-url`: an address where there is nothing.
pub(super) async fn download_url(
    Path((offer, attachment)): Path<(String, String)>,
    call: Call,
) -> Result<Json<DownloadUrl>, Refusal> {
    call.parameters(&[], &[])?;
    let known: Offer = call.books().find(SHELF, &offer, "offer")?;
    let mut attachments = known.notes.iter().flat_map(|note| &note.attachments);
    if !attachments.any(|known| known.id == attachment) {
        return Err(Refusal::not_found("attachment"));
    }
    let [offer, attachment] = [offer, attachment].map(|id| byte_serialize(id.as_bytes()).collect::<String>());
    let download_url = format!("https://files.invalid/{offer}/{attachment}?signature=simulated");
    Ok(Json(DownloadUrl { download_url }))
}

/// `PUT /offers/{offer}/transfer-failed`: the last reason is remembered; the offer stays as it is.
pub(super) async fn transfer_failed(Path(offer): Path<String>, call: Call) -> Result<StatusCode, Refusal> {
    let failure: Failure = call.read()?;
    let mut books = call.books();
    if books.raw(SHELF, &offer).is_none() {
        return Err(Refusal::not_found("offer"));
    }
    books.put(FAILURES, &offer, &failure)?;
    Ok(StatusCode::OK)
}

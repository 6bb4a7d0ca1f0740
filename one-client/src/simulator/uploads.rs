//! PDFs: begin, the bytes to an address, complete. All of it is *inferred*, and the same as the client's
//! default way.
//!
//! Neither what was begun nor a PDF is kept in the state file.

use super::call::Call;
use super::refusal::Refusal;
use super::state::Shared;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use url::form_urlencoded::byte_serialize;

/// What was begun, and the PDFs of uploads that were completed, by shelf and number.
#[derive(Debug, Default)]
pub(super) struct Uploads {
    begun: BTreeMap<String, Begun>,
    pdfs: BTreeMap<(String, String), Bytes>,
}

#[derive(Debug)]
struct Begun {
    shelf: &'static str,
    number: String,
    /// The query of the address.
    signature: String,
    pdf: Option<Bytes>,
}

impl Uploads {
    pub(super) fn pdf(&self, shelf: &str, number: &str) -> Option<Bytes> {
        self.pdfs.get(&(shelf.to_owned(), number.to_owned())).cloned()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begin {
    number: String,
    file_extension: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    upload_id: String,
    upload_url: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complete {
    upload_id: String,
    number: String,
}

/// The two calls about the PDFs of a shelf's records.
pub(super) fn of(shelf: &'static str, begin_at: &str, complete_at: &str) -> Router<Shared> {
    Router::new()
        .route(begin_at, post(async move |headers: HeaderMap, call: Call| begin(shelf, &headers, &call)))
        .route(complete_at, post(async move |call: Call| complete(shelf, &call)))
}

/// Where the bytes go. Nobody asks for a key here: who knows the address may write.
pub(super) fn router() -> Router<Shared> {
    Router::new().route("/uploads/{upload_id}/content", put(receive))
}

fn begin(shelf: &'static str, headers: &HeaderMap, call: &Call) -> Result<Json<Address>, Refusal> {
    let Begin { number, file_extension } = call.read()?;
    if !file_extension.eq_ignore_ascii_case("pdf") {
        return Err(Refusal::malformed("only files with the extension pdf"));
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.ok_or_else(|| Refusal::malformed("the header Host is missing"))?;
    let mut books = call.books();
    books.find::<Box<RawValue>>(shelf, &number, "document")?;
    let upload_id = books.new_id()?;
    // With everything that a client could spoil by decoding and encoding it anew. Each tenant counts its own ids.
    let tenant = byte_serialize(call.tenant_name().as_bytes()).collect::<String>();
    let signature = format!("signature={tenant}%2Fa+b%2Bc%3D&expires=");
    let upload_url = format!("http://{host}/uploads/{upload_id}/content?{signature}");
    books.uploads.begun.insert(upload_id.clone(), Begun { shelf, number, signature, pdf: None });
    Ok(Json(Address { upload_id, upload_url }))
}

/// `PUT /uploads/{uploadId}/content`: once or several times until the upload is completed; the last one
/// counts.
async fn receive(
    State(shared): State<Shared>,
    Path(upload_id): Path<String>,
    RawQuery(signature): RawQuery,
    headers: HeaderMap,
    pdf: Bytes,
) -> Result<StatusCode, Refusal> {
    if shared.first.settings.strict {
        if headers.contains_key("ApiAuth") || headers.contains_key("one-tenant") {
            return Err(Refusal::malformed("the key is not for this address"));
        }
        if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/pdf") {
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "NO_PDF", "send application/pdf"));
        }
    }
    for tenant in shared.tenants() {
        let mut books = tenant.books();
        if let Some(begun) = books.uploads.begun.get_mut(&upload_id)
            && signature.as_ref() == Some(&begun.signature)
        {
            begun.pdf = Some(pdf);
            return Ok(StatusCode::OK);
        }
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, "NO_SUCH_ADDRESS", "this address is wrong, or was used up"))
}

fn complete(shelf: &'static str, call: &Call) -> Result<StatusCode, Refusal> {
    let Complete { upload_id, number } = call.read()?;
    let mut books = call.books();
    let uploads = &mut books.uploads;
    let begun = uploads.begun.get(&upload_id).filter(|begun| begun.shelf == shelf);
    let begun = begun.ok_or_else(|| Refusal::not_found("upload"))?;
    if begun.number != number {
        return Err(Refusal::malformed("this upload is for another document"));
    }
    let pdf = begun.pdf.clone().ok_or_else(|| Refusal::conflict("no bytes were uploaded"))?;
    uploads.begun.remove(&upload_id);
    uploads.pdfs.insert((shelf.to_owned(), number), pdf);
    Ok(StatusCode::OK)
}

//! The service `invoices`.

mod invoice;
mod status;

use super::state::Shared;
use super::uploads;
use axum::Router;
use axum::routing::{get, post};

const INVOICES: &str = "invoices";
const STATUSES: &str = "invoice-statuses";

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/invoices", post(invoice::add).put(invoice::replace))
        .route("/invoices/status", get(status::get).put(status::put))
        .merge(uploads::of(INVOICES, "/invoices/file-upload-begin", "/invoices/file-upload-complete"))
}

//! The service `goods-issued-notes`: goods issued notes, and goods received notes of the same form.

mod goods_note;

use super::call::Call;
use super::state::Shared;
use super::uploads;
use axum::Router;
use axum::routing::put;

const ISSUED: &str = "goods-issued-notes";
const RECEIVED: &str = "goods-received-notes";

pub(super) fn router() -> Router<Shared> {
    notes(ISSUED).merge(notes(RECEIVED))
}

/// The calls about one kind; its path is the name of its shelf.
fn notes(shelf: &'static str) -> Router<Shared> {
    let (begin, complete) =
        (format!("/{shelf}/file-upload-initialize"), format!("/{shelf}/file-upload-finalize"));
    let save = async move |call: Call| goods_note::put(shelf, &call);
    let read = async move |call: Call| goods_note::get(shelf, &call);
    Router::new()
        .route(&format!("/{shelf}"), put(save).get(read))
        .merge(uploads::of(shelf, &begin, &complete))
}

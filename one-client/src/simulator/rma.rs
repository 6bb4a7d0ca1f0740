//! The service `rma`.

mod complaints;

use super::state::Shared;
use axum::Router;
use axum::routing::get;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/complaint/{id}", get(complaints::one)).route("/complaints", get(complaints::list))
}

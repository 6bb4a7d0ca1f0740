//! The service `stock`.

pub(super) mod stocks;

use super::state::Shared;
use axum::Router;
use axum::routing::post;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/warehouses/{warehouse}/stocks/incremental", post(stocks::incremental))
}

/// What is answered under the service that is set for warehouses (quirk Q2).
pub(super) fn warehouse_router() -> Router<Shared> {
    Router::new()
}

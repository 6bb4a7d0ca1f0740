//! The service `stock`.

mod external_reservations;
mod reservations;
pub(super) mod stocks;
mod warehouses;

use super::state::Shared;
use axum::Router;
use axum::routing::{get, post, put};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/warehouses/{warehouse}/stocks/incremental", post(stocks::incremental))
        .route("/warehouses/{warehouse}/stocks", put(stocks::replace))
        .route("/external-reservations", get(external_reservations::get).put(external_reservations::put))
        .route("/reservations", get(reservations::list))
}

/// What is answered under the service that is set for warehouses (quirk Q2).
pub(super) fn warehouse_router() -> Router<Shared> {
    Router::new().route("/warehouses", post(warehouses::save).put(warehouses::save))
}

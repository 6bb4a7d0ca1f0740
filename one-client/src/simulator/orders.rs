//! The service `orders`.

pub(super) mod draft;
mod feed;
mod offline_order;
pub(super) mod shipment;
pub(super) mod status;

use super::state::Shared;
use axum::Router;
use axum::routing::{get, put};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/synchronization/order", get(feed::synchronization))
        .route("/offline-order/shipment", put(offline_order::put))
}

/// What is answered under the service that is set for orders (quirk Q1).
pub(super) fn order_router() -> Router<Shared> {
    Router::new().route("/order/shipment", get(shipment::get)).route("/order/status", put(status::put))
}

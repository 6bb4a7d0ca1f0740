//! The service `orders`.

pub(super) mod draft;
mod feed;
pub(super) mod shipment;

use super::state::Shared;
use axum::Router;
use axum::routing::get;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/synchronization/order", get(feed::synchronization))
}

/// What is answered under the service that is set for orders (quirk Q1).
pub(super) fn order_router() -> Router<Shared> {
    Router::new().route("/order/shipment", get(shipment::get))
}

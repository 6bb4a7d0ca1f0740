//! The service `orderpath`. Requests for quotation, offers and carts come from the shop: they are laid on their shelves.

mod carts;
mod offers;
mod rfqs;

use super::state::Shared;
use axum::Router;
use axum::routing::{get, put};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/synchronization/rfq", get(rfqs::synchronization))
        .route("/rfq/shipment", get(rfqs::get))
        .route("/synchronization/offer", get(offers::synchronization))
        .route("/offer", get(offers::get))
        .route("/offers/{offer}/attachments/{attachment}/download-url", get(offers::download_url))
        .route("/offers/{offer}/transfer-failed", put(offers::transfer_failed))
        .route("/carts/{cart}/add-configurable-products", put(carts::add_configurable_products))
}

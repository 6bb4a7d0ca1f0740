//! The service `pricehelper`.

mod levels;
mod purchase_prices;

use super::state::Shared;
use axum::Router;
use axum::routing::{get, put};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/minimal-prices", get(levels::minimal_prices).put(levels::put_minimal_prices))
        .route("/minimal-prices/{sku}", get(levels::minimal_price))
        .route("/bonuses", get(levels::bonuses).put(levels::put_bonuses))
        .route("/purchase-prices", put(purchase_prices::put))
}

//! The service `pricing`.

mod clients;
mod discounts;
mod prices;
mod pricings;
mod product_groups;
mod retail_prices;

use super::state::Shared;
use axum::Router;
use axum::routing::{get, post, put};

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/retail-prices", put(retail_prices::put))
        .route("/prices", put(prices::put))
        .route("/pricing/main-catalog-id", get(pricings::main_catalog_id))
        .route("/pricing/discount", post(pricings::post_discount))
        .route("/pricing-connections", put(pricings::put_connections))
        .route("/discounts", put(discounts::put))
        .route("/markups", put(discounts::put_markups))
        .route("/clients-to-pricings", put(clients::put_pricings))
        .route("/client-group", post(clients::post_group))
        .route("/client-to-groups", put(clients::put_groups))
        .route("/product-group", post(product_groups::post))
        .route("/product-group/{id}/products", put(product_groups::put_products))
}

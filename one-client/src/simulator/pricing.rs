//! The service `pricing`.

mod retail_prices;

use super::state::Shared;
use axum::Router;
use axum::routing::put;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/retail-prices", put(retail_prices::put))
}

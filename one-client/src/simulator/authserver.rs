//! The service `authserver`.

use super::state::Shared;
use axum::Router;

pub(super) fn router() -> Router<Shared> {
    Router::new()
}

/// What is answered under the service that is set for operators (quirk Q3).
pub(super) fn operator_router() -> Router<Shared> {
    Router::new()
}

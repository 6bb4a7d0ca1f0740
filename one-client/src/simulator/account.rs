//! The service `account`.

use super::state::Shared;
use axum::Router;

pub(super) fn router() -> Router<Shared> {
    Router::new()
}

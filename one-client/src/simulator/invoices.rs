//! The service `invoices`.

use super::state::Shared;
use axum::Router;

pub(super) fn router() -> Router<Shared> {
    Router::new()
}

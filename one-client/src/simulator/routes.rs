//! ONe's own paths, `/api/v1/{service}/integrations/auth-required/…`.

use super::refusal::Refusal;
use super::state::{Settings, Shared};
use super::{
    account, authserver, catalog, goods_notes, invoices, orderpath, orders, pricehelper, pricing, rma, stock,
    uploads,
};
use axum::Router;
use axum::http::StatusCode;

pub(super) fn router(shared: Shared) -> Router {
    let Settings { order_service, warehouse_service, operator_service, .. } = &*shared.first.settings;
    let services = [
        ("account", account::router()),
        ("authserver", authserver::router()),
        (operator_service, authserver::operator_router()),
        ("catalog", catalog::router()),
        ("goods-issued-notes", goods_notes::router()),
        ("invoices", invoices::router()),
        ("orderpath", orderpath::router()),
        ("orders", orders::router()),
        (order_service, orders::order_router()),
        ("pricehelper", pricehelper::router()),
        ("pricing", pricing::router()),
        ("rma", rma::router()),
        ("stock", stock::router()),
        (warehouse_service, stock::warehouse_router()),
    ];
    services
        .into_iter()
        .fold(Router::new(), |all, (service, routes)| {
            all.nest(&format!("/api/v1/{service}/integrations/auth-required"), routes)
        })
        .merge(uploads::router())
        .fallback(|| async { Refusal::new(StatusCode::NOT_FOUND, "NO_SUCH_PATH", "there is no such path") })
        .method_not_allowed_fallback(|| async {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "WRONG_METHOD", "this path has another method")
        })
        .with_state(shared)
}

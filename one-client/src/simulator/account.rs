//! The service `account`.

mod addresses;
mod client_blockades;
mod clients;
mod segments;
mod trade_credits;
mod users;

use super::books::Books;
use super::refusal::Refusal;
use super::state::Shared;
use axum::Router;
use axum::routing::get;
use serde::Serialize;

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/segments", get(segments::list).post(segments::create))
        .route("/segments/{segment}", get(segments::get).put(segments::update).delete(segments::delete))
        .route("/clients", get(clients::list).post(clients::create))
        .route("/clients/synchronization", get(clients::synchronization))
        .route("/clients/{client}", get(clients::get).put(clients::update).delete(clients::delete))
        .route("/trade-credits/synchronization", get(trade_credits::synchronization))
        .route(
            "/trade-credits/{organization}",
            get(trade_credits::get).put(trade_credits::put).delete(trade_credits::delete),
        )
        .route(
            "/client-blockades/{client}",
            get(client_blockades::get).put(client_blockades::put).delete(client_blockades::delete),
        )
        .route("/users", get(users::list).post(users::create))
        .route("/users/{user}", get(users::get).put(users::update).delete(users::delete))
        .route("/addresses", get(addresses::list).post(addresses::create))
        .route("/addresses/{address}", get(addresses::get).delete(addresses::delete))
}

/// An event of the feeds of clients and trade credits.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    client_id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// Refuses with the only error that is documented, if there is no such client.
pub(super) fn check_client(books: &Books, client: &str) -> Result<(), Refusal> {
    books.raw("clients", client).map(|_| ()).ok_or_else(|| Refusal::not_found("client"))
}

//! The service `authserver`. No call of this API that writes is known: roles and operators are laid down.

use super::account::check_client;
use super::call::Call;
use super::page::ListElement;
use super::refusal::Refusal;
use super::state::Shared;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) fn router() -> Router<Shared> {
    Router::new().route("/roles", get(roles))
}

/// What is answered under the service that is set for operators (quirk Q3).
pub(super) fn operator_router() -> Router<Shared> {
    Router::new().route("/operators", get(operators))
}

/// `GET /roles?clientId=`: the client's own and everybody's, in one bare array.
async fn roles(call: Call) -> Result<Json<Vec<Box<RawValue>>>, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Role {
        client_id: Option<String>,
    }
    let given = call.parameters(&["clientId"], &[])?;
    let client = given.required("clientId");
    let books = call.books();
    check_client(&books, client)?;
    let roles = books.all::<Role>("roles")?.into_iter();
    let roles = roles.filter(|(_, role)| role.client_id.as_ref().is_none_or(|owner| owner == client));
    Ok(Json(roles.filter_map(|(key, _)| books.raw("roles", &key).map(ToOwned::to_owned)).collect()))
}

/// `GET /operators`, in pages of style P2.
async fn operators(call: Call) -> Result<Json<ListElement<Box<RawValue>>>, Refusal> {
    let given = call.parameters(&[], &["pageNumber", "pageSize"])?;
    Ok(given.page(call.books().values("operators")?)?.list_element())
}

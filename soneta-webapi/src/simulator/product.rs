//! The three calls of Soneta's own product API.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{
    Shared,
    session::{bearer, unauthorized},
};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/CurrentVersion", get(current_version))
        .route("/api/LoginApi", post(login))
        .route("/api/LogoutApi", post(logout))
}

async fn current_version() -> Json<Value> {
    Json(json!({"ProductClass": "enova365", "Version": "2510.0.0"}))
}

async fn login(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if bearer(&headers) != Some(shared.application_token().expose_secret()) {
        return unauthorized();
    }
    let now = shared.now();
    let token = shared.sessions().login(now);
    let body = Json(json!({"Token": token, "IsSingleDb": true}));
    ([(header::AUTHORIZATION, token)], body).into_response()
}

async fn logout(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let now = shared.now();
    let left = bearer(&headers).is_some_and(|token| shared.sessions().leave(token, now));
    if left { Json(json!({"LoggedOut": true})).into_response() } else { unauthorized() }
}

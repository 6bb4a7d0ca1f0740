//! Methods of an add-on of one's own.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};

use super::Shared;

/// From the body's text to the answer's.
pub(super) type Answer = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// (controller, method) → what it answers.
pub(super) type Methods = BTreeMap<(String, String), Answer>;

pub(super) fn routes(methods: Methods) -> Router<Shared> {
    if methods.is_empty() {
        return Router::new();
    }
    let methods = Arc::new(methods);
    let handler = move |Path(path): Path<(String, String)>, body: Bytes| async move {
        match methods.get(&path) {
            Some(answer) => json(answer(&String::from_utf8_lossy(&body))),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    };
    Router::new().route("/api/{controller}/{method}", post(handler))
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

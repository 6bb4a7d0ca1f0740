//! The control paths: a fault script driven from another process.

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use super::{fault::Fault, script::Faults};

pub(super) fn routes(faults: Faults) -> Router {
    Router::new()
        .route("/_sim/faults", get(show).post(add).delete(clear))
        .route("/_sim/faults/release", post(release))
        .with_state(faults)
}

async fn show(State(faults): State<Faults>) -> Json<Value> {
    Json(faults.describe())
}

async fn add(State(faults): State<Faults>, body: Bytes) -> Response {
    let list = serde_json::from_slice::<Vec<Fault>>(&body);
    // A single fault is read again by itself, so that the message is about it and not about a missing list.
    let list = match list {
        Ok(list) => Ok(list),
        Err(error) if body.trim_ascii_start().starts_with(b"[") => Err(error),
        Err(_) => serde_json::from_slice::<Fault>(&body).map(|fault| vec![fault]),
    };
    match list {
        Ok(list) => {
            let ids: Vec<u64> = list.into_iter().map(|fault| faults.add(fault).id()).collect();
            Json(json!({"ids": ids})).into_response()
        }
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    }
}

async fn clear(State(faults): State<Faults>) -> Json<Value> {
    faults.clear();
    Json(json!({}))
}

async fn release(State(faults): State<Faults>) -> Json<Value> {
    faults.release();
    Json(json!({}))
}

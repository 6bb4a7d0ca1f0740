//! Shelves and feeds from another process.

use super::read;
use crate::simulator::refusal::Refusal;
use crate::simulator::shelves::APPLICATION;
use crate::simulator::state::{Shared, TenantState};
use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/_sim/records/{shelf}", get(all))
        .route("/_sim/records/{shelf}/{key}", get(one).put(put).delete(remove))
        .route("/_sim/feeds/{feed}", post(tell))
}

async fn all(tenant: TenantState, Path(shelf): Path<String>) -> Json<BTreeMap<String, Box<RawValue>>> {
    let books = tenant.books();
    let records = books.records(&shelf).map(|(key, json)| (key.to_owned(), json.to_owned()));
    Json(records.collect())
}

async fn one(
    tenant: TenantState,
    Path((shelf, key)): Path<(String, String)>,
) -> Result<Json<Box<RawValue>>, Refusal> {
    let books = tenant.books();
    books.raw(&shelf, &key).map(|json| Json(json.to_owned())).ok_or_else(|| Refusal::not_found("record"))
}

async fn put(
    tenant: TenantState,
    Path((shelf, key)): Path<(String, String)>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let record: Box<RawValue> = read(&body)?;
    tenant.books().put(&shelf, &key, &record)?;
    Ok(Json(json!({})))
}

async fn remove(
    tenant: TenantState,
    Path((shelf, key)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    match tenant.books().remove(&shelf, &key)? {
        true => Ok(Json(json!({}))),
        false => Err(Refusal::not_found("record")),
    }
}

async fn tell(tenant: TenantState, Path(feed): Path<String>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let event: Box<RawValue> = read(&body)?;
    tenant.books().tell_from(APPLICATION, &feed, &event)?;
    Ok(Json(json!({})))
}

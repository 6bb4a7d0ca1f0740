//! `/_sim/…`: the simulator's own paths, so that another process can drive it.

use super::order::OrderDraft;
use super::routes::{Exact, Refusal};
use super::{Shared, SimulatorError};
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/_sim/orders", post(place))
        .route("/_sim/orders/edit", post(edit))
        .route("/_sim/orders/cancel", post(cancel))
        .route("/_sim/orders/payment", post(payment))
        .route("/_sim/products/refuse", post(refuse_products))
        .route("/_sim/stocks", get(stocks))
        .route("/_sim/prices", get(prices))
        .route("/_sim/status", get(status))
        .with_state(shared)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Edit {
    shipment_id: String,
    draft: OrderDraft,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Cancel {
    shipment_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Payment {
    shipment_id: String,
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    warehouse: Option<String>,
    sku: Option<String>,
}

fn read<'de, T: Deserialize<'de>>(body: &'de Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::new(StatusCode::BAD_REQUEST, "MALFORMED", error.to_string()))
}

fn refused(error: SimulatorError) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "REFUSED", error.to_string())
}

async fn place(State(shared): State<Shared>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let draft = read(&body)?;
    let now = (shared.now)();
    let (order_id, shipment_id) = shared.books().place_order(draft, now).map_err(refused)?;
    Ok(Json(json!({ "orderId": order_id, "shipmentId": shipment_id })))
}

async fn edit(State(shared): State<Shared>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let edit: Edit = read(&body)?;
    let now = (shared.now)();
    shared.books().edit_order(&edit.shipment_id, edit.draft, now).map_err(refused)?;
    Ok(Json(json!({})))
}

async fn cancel(State(shared): State<Shared>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let cancel: Cancel = read(&body)?;
    shared.books().cancel_order(&cancel.shipment_id).map_err(refused)?;
    Ok(Json(json!({})))
}

async fn payment(State(shared): State<Shared>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let payment: Payment = read(&body)?;
    shared.books().change_payment(&payment.shipment_id, payment.status).map_err(refused)?;
    Ok(Json(json!({})))
}

async fn refuse_products(State(shared): State<Shared>, body: Bytes) -> Result<Json<Value>, Refusal> {
    let skus: BTreeSet<String> = read(&body)?;
    shared.books().refuse_products(skus);
    Ok(Json(json!({})))
}

type Exacts = BTreeMap<String, Exact>;

fn exacts(numbers: BTreeMap<String, rust_decimal::Decimal>) -> Exacts {
    numbers.into_iter().map(|(name, number)| (name, Exact(number))).collect()
}

async fn stocks(
    State(shared): State<Shared>,
    Query(wanted): Query<Wanted>,
) -> Json<BTreeMap<String, Exacts>> {
    let stocks = shared.books().stocks(wanted.warehouse.as_deref(), wanted.sku.as_deref());
    Json(stocks.into_iter().map(|(warehouse, entries)| (warehouse, exacts(entries))).collect())
}

async fn prices(State(shared): State<Shared>, Query(wanted): Query<Wanted>) -> Json<Exacts> {
    Json(exacts(shared.books().prices(wanted.sku.as_deref())))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    tenant: String,
    shipments: usize,
    events: usize,
    stock_entries: usize,
    retail_prices: usize,
    lines_received: Received,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    stocks: u64,
    stock_removals: u64,
    retail_prices: u64,
}

async fn status(State(shared): State<Shared>) -> Json<Status> {
    let books = shared.books();
    let [shipments, events, stock_entries, retail_prices] = books.counts();
    let received = books.received();
    Json(Status {
        tenant: shared.tenant.to_string(),
        shipments,
        events,
        stock_entries,
        retail_prices,
        lines_received: Received {
            stocks: received.stocks,
            stock_removals: received.stock_removals,
            retail_prices: received.retail_prices,
        },
    })
}

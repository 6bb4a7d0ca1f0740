//! `/_sim/…`: the simulator's own paths, so that another process can drive it.

mod records;

use super::SimulatorError;
use super::number::exact;
use super::orders::draft::OrderDraft;
use super::refusal::Refusal;
use super::refused::Because;
use super::state::{Shared, TenantState};
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
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
        .route("/_sim/clients/unknown", post(unknown_clients))
        .route("/_sim/refuse", post(refuse))
        .route("/_sim/stocks", get(stocks))
        .route("/_sim/prices", get(prices))
        .route("/_sim/status", get(status))
        .merge(records::router())
        .with_state(shared)
}

/// The tenant that the header `one-tenant` names; the first without one.
impl FromRequestParts<Shared> for TenantState {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Refusal> {
        let Some(name) = parts.headers.get("one-tenant") else { return Ok(shared.first.clone()) };
        let named = shared.tenants().find(|tenant| name.as_bytes() == tenant.name.as_bytes());
        named.cloned().ok_or_else(|| Refusal::not_found("tenant"))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refuse {
    status: u16,
    names: BTreeSet<String>,
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
    pricing: Option<String>,
    sku: Option<String>,
}

fn read<'de, T: Deserialize<'de>>(body: &'de Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::malformed(error.to_string()))
}

fn refused(error: SimulatorError) -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "REFUSED", error.to_string())
}

async fn place(tenant: TenantState, body: Bytes) -> Result<Json<Value>, Refusal> {
    let draft = read(&body)?;
    let now = (tenant.settings.now)();
    let (order_id, shipment_id) = tenant.books().place_order(draft, now).map_err(refused)?;
    Ok(Json(json!({ "orderId": order_id, "shipmentId": shipment_id })))
}

async fn edit(tenant: TenantState, body: Bytes) -> Result<Json<Value>, Refusal> {
    let edit: Edit = read(&body)?;
    let now = (tenant.settings.now)();
    tenant.books().edit_order(&edit.shipment_id, edit.draft, now).map_err(refused)?;
    Ok(Json(json!({})))
}

async fn cancel(tenant: TenantState, body: Bytes) -> Result<Json<Value>, Refusal> {
    let cancel: Cancel = read(&body)?;
    tenant.books().cancel_order(&cancel.shipment_id).map_err(refused)?;
    Ok(Json(json!({})))
}

async fn payment(tenant: TenantState, body: Bytes) -> Result<Json<Value>, Refusal> {
    let payment: Payment = read(&body)?;
    tenant.books().change_payment(&payment.shipment_id, payment.status).map_err(refused)?;
    Ok(Json(json!({})))
}

async fn refuse_products(tenant: TenantState, body: Bytes) -> Result<Json<Value>, Refusal> {
    let skus: BTreeSet<String> = read(&body)?;
    tenant.books().refuse(Because::UnknownProduct, skus);
    Ok(Json(json!({})))
}

async fn unknown_clients(tenant: TenantState, body: Bytes) -> Result<Json<Value>, Refusal> {
    let ids: BTreeSet<String> = read(&body)?;
    tenant.books().refuse(Because::UnknownClient, ids);
    Ok(Json(json!({})))
}

async fn refuse(tenant: TenantState, body: Bytes) -> Result<Json<Value>, Refusal> {
    let Refuse { status, names } = read(&body)?;
    let because = Because::told(status).map_err(refused)?;
    tenant.books().refuse(because, names);
    Ok(Json(json!({})))
}

/// A decimal in an answer.
#[derive(Serialize)]
#[serde(transparent)]
struct Exact(#[serde(with = "exact")] rust_decimal::Decimal);

type Exacts = BTreeMap<String, Exact>;

fn exacts(numbers: BTreeMap<String, rust_decimal::Decimal>) -> Exacts {
    numbers.into_iter().map(|(name, number)| (name, Exact(number))).collect()
}

async fn stocks(tenant: TenantState, Query(wanted): Query<Wanted>) -> Json<BTreeMap<String, Exacts>> {
    let stocks = tenant.books().stocks(wanted.warehouse.as_deref(), wanted.sku.as_deref());
    Json(stocks.into_iter().map(|(warehouse, entries)| (warehouse, exacts(entries))).collect())
}

async fn prices(tenant: TenantState, Query(wanted): Query<Wanted>) -> Json<Exacts> {
    let (books, sku) = (tenant.books(), wanted.sku.as_deref());
    Json(exacts(match &wanted.pricing {
        Some(pricing) => books.list_prices(pricing, sku),
        None => books.prices(sku),
    }))
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
    prices: u64,
}

async fn status(tenant: TenantState) -> Json<Status> {
    let books = tenant.books();
    let [shipments, events, stock_entries, retail_prices] = books.counts();
    let received = books.received();
    Json(Status {
        tenant: tenant.name.to_string(),
        shipments,
        events,
        stock_entries,
        retail_prices,
        lines_received: Received {
            stocks: received.stocks,
            stock_removals: received.stock_removals,
            retail_prices: received.retail_prices,
            prices: received.prices,
        },
    })
}

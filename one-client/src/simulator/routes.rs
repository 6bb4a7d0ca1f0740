//! ONe's own paths.

use super::number::exact;
use super::{Shared, bodies};
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use secrecy::ExposeSecret;
use serde::Serialize;

/// The most lines one request may have.
const MAX_LINES: usize = 10_000;

pub(super) fn router(shared: Shared) -> Router {
    let shipment =
        format!("/api/v1/{}/integrations/auth-required/order/shipment", shared.order_shipment_service);
    Router::new()
        .route(
            "/api/v1/stock/integrations/auth-required/warehouses/{warehouse}/stocks/incremental",
            post(stocks_incremental),
        )
        .route("/api/v1/pricing/integrations/auth-required/retail-prices", put(retail_prices))
        .route("/api/v1/orders/integrations/auth-required/synchronization/order", get(order_feed))
        .route(&shipment, get(order_shipment))
        .layer(middleware::from_fn_with_state(shared.clone(), check_headers))
        .fallback(|| async { Refusal::new(StatusCode::NOT_FOUND, "NO_SUCH_PATH", "there is no such path") })
        .method_not_allowed_fallback(|| async {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "WRONG_METHOD", "this path has another method")
        })
        .with_state(shared)
}

/// An error answer. Its form is made up: ONe's is not documented.
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MALFORMED", message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "code": self.code, "message": self.message });
        (self.status, Json(body)).into_response()
    }
}

async fn check_headers(
    State(shared): State<Shared>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    authorize(&shared, request.headers())?;
    Ok(next.run(request).await)
}

fn authorize(shared: &Shared, headers: &HeaderMap) -> Result<(), Refusal> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if header("ApiAuth") != Some(shared.api_key.expose_secret()) {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "WRONG_KEY", "ApiAuth is missing or wrong"));
    }
    if header("one-tenant") != Some(&*shared.tenant) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "WRONG_TENANT", "this key is not of that tenant"));
    }
    Ok(())
}

fn check_write(shared: &Shared, headers: &HeaderMap, lines: usize) -> Result<(), Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if shared.strict && !kind.starts_with("application/json") {
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "NOT_JSON", "send application/json"));
    }
    if lines > MAX_LINES {
        let message = format!("{lines} lines; at most {MAX_LINES} are allowed");
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_MANY_LINES", message));
    }
    Ok(())
}

fn unknown_product(sku: &str) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "UNKNOWN_PRODUCT", format!("unknown product {sku}"))
}

fn not_kept(_: super::SimulatorError) -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "NOT_KEPT", "the state cannot be written")
}

async fn stocks_incremental(
    State(shared): State<Shared>,
    Path(warehouse): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let message = bodies::stocks(&body, shared.strict).map_err(Refusal::malformed)?;
    check_write(&shared, &headers, message.set.len() + message.remove.len())?;
    let mut books = shared.books();
    if let Some(sku) = books.refused(message.set.iter().map(|(_, sku, _)| sku.as_str())) {
        return Err(unknown_product(sku));
    }
    books.receive_stocks(warehouse, message).map_err(not_kept)?;
    Ok(StatusCode::OK)
}

async fn retail_prices(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let lines = bodies::prices(&body, shared.strict).map_err(Refusal::malformed)?;
    check_write(&shared, &headers, lines.len())?;
    let mut books = shared.books();
    if let Some(sku) = books.refused(lines.iter().map(|(sku, _)| sku.as_str())) {
        return Err(unknown_product(sku));
    }
    books.receive_prices(lines).map_err(not_kept)?;
    Ok(StatusCode::OK)
}

/// The parameters by name: each must be there once, others only when lenient.
fn parameters<const N: usize>(
    shared: &Shared,
    given: Vec<(String, String)>,
    names: [&str; N],
) -> Result<[String; N], Refusal> {
    let mut values = [const { None::<String> }; N];
    for (name, value) in given {
        match names.iter().zip(values.iter_mut()).find(|(known, _)| **known == name) {
            Some((_, slot)) => *slot = Some(value),
            None if shared.strict => {
                return Err(Refusal::malformed(format!("unknown parameter {name}")));
            }
            None => {}
        }
    }
    if let Some((name, _)) = names.iter().zip(&values).find(|(_, value)| value.is_none()) {
        return Err(Refusal::malformed(format!("parameter {name} is required")));
    }
    Ok(values.map(Option::unwrap_or_default))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Feed {
    next_id: u64,
    events: Vec<FeedEvent>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FeedEvent {
    order_id: String,
    shipment_id: String,
    event_type: &'static str,
}

async fn order_feed(
    State(shared): State<Shared>,
    Query(given): Query<Vec<(String, String)>>,
) -> Result<Json<Feed>, Refusal> {
    let [types, limit, start] = parameters(&shared, given, ["eventTypes", "numberOfEvents", "startId"])?;
    let limit = limit.parse().map_err(|_| Refusal::malformed("numberOfEvents is not a number"))?;
    let start = start.parse().map_err(|_| Refusal::malformed("startId is not a number"))?;
    let wanted = |kind: &str| types.is_empty() || types.split(',').any(|wanted| wanted == kind);
    let (events, next_id) = shared.books().events(start, limit, wanted);
    let events = events.into_iter().map(|event| FeedEvent {
        order_id: event.order_id,
        shipment_id: event.shipment_id,
        event_type: event.kind,
    });
    Ok(Json(Feed { next_id, events: events.collect() }))
}

async fn order_shipment(
    State(shared): State<Shared>,
    Query(given): Query<Vec<(String, String)>>,
) -> Result<Response, Refusal> {
    let [order_id, shipment_id] = parameters(&shared, given, ["orderId", "shipmentId"])?;
    let books = shared.books();
    let Some(order) = books.order(&shipment_id).filter(|order| order.order_id == order_id) else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "NOT_FOUND", "shipment not found"));
    };
    let told = order.tell().map_err(|_| {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "NOT_TOLD", "the shipment does not encode")
    })?;
    Ok(([(header::CONTENT_TYPE, "application/json")], told).into_response())
}

/// A decimal in an answer of the control paths.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct Exact(#[serde(with = "exact")] pub(super) rust_decimal::Decimal);

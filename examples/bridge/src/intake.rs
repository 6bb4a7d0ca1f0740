//! Webhooks: hints that a record of the ERP changed, taken in on a public listener behind a reverse proxy.
//!
//! `POST /hooks/{tenant}` with a *Standard Webhooks* signature, or `POST /hooks/{tenant}/{secret}` of a sender that cannot sign. A hint
//! carries nothing: the flows that read its record look it up at once instead of at their next tick. So what is late, doubled, lost or
//! senseless does no harm.
//!
//! | answer | means |
//! |---|---|
//! | 202 | taken: the record is looked up, or its flow runs |
//! | 200 | it came before: nothing more happens |
//! | 204 | no flow here reads such a record |
//! | 400 | signed, but no hint |
//! | 401 | forged, changed on its way, too old, or another secret |
//! | 404 | no such tenant, or it takes no hints |
//! | 408 | the body did not come in time |
//! | 413 | longer than 64 KiB; it is not read |
//! | 503 | the store is away: send it again later |

mod hooks;
mod routes;

pub use hooks::{Hooks, HooksBuilder};
pub(crate) use routes::EVENTS;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use sync_core::CancellationToken;
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::engine::Face;
use crate::error::Result;
use crate::listeners::serve;
use hooks::Receiver;

/// The longest body: a hint has some hundred bytes.
const LONGEST: usize = 64 * 1024;

/// How long a body may take to come.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The public listener.
#[derive(Debug, Default)]
pub struct Intake {
    tenants: BTreeMap<String, Receiver>,
}

type Tenants = Arc<BTreeMap<String, Receiver>>;

impl Intake {
    /// Knows no tenant yet: everybody is refused.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes hints for this tenant's flows from senders who know one of these secrets.
    ///
    /// # Errors
    /// No secret, or one that is too short or not Base64.
    pub fn tenant(mut self, face: &Face, hooks: Hooks) -> Result<Self> {
        self.tenants.insert(face.tenant.clone(), Receiver::new(face, hooks)?);
        Ok(self)
    }

    /// Answers until `stop` is cancelled.
    pub async fn serve(self, listener: TcpListener, stop: CancellationToken) {
        serve(listener, self.router(), stop).await;
    }

    fn router(self) -> Router {
        Router::new()
            .route("/hooks/{tenant}", post(signed))
            .route("/hooks/{tenant}/{secret}", post(by_path))
            .layer(DefaultBodyLimit::max(LONGEST))
            .with_state(Arc::new(self.tenants))
    }
}

async fn signed(State(tenants): State<Tenants>, Path(tenant): Path<String>, request: Request) -> StatusCode {
    let Some(receiver) = tenants.get(&tenant) else { return StatusCode::NOT_FOUND };
    let headers = request.headers().clone();
    match body(&headers, request).await {
        Ok(body) => receiver.signed(&headers, &body).await,
        Err(status) => status,
    }
}

async fn by_path(
    State(tenants): State<Tenants>,
    Path((tenant, secret)): Path<(String, String)>,
    request: Request,
) -> StatusCode {
    let Some(receiver) = tenants.get(&tenant) else { return StatusCode::NOT_FOUND };
    if let Err(refused) = receiver.knows(&secret) {
        return refused;
    }
    let headers = request.headers().clone();
    match body(&headers, request).await {
        Ok(body) => receiver.by_path(&body).await,
        Err(status) => status,
    }
}

/// The body, of which no more is read than is allowed: one that says how long it is, not at all.
async fn body(headers: &HeaderMap, request: Request) -> Result<Bytes, StatusCode> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > LONGEST as u64) {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    match timeout(BODY_TIME, Bytes::from_request(request, &())).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(rejection)) => Err(rejection.into_response().status()),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

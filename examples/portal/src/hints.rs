//! Hints of the ERP by webhook: "look at this order". Polling finds the same, later.

use http::{HeaderMap, StatusCode};
use soneta_webapi::webhook::{
    self, PolaWskazowki, WebhookError, WebhookErrorKind, WebhookVerifier, Wskazowka, Zdarzenie,
};
use sync_core::{Clock, Delivery, FlowName, Inbox, Result, RunnerHandle};
use sync_flows::Setup;
use sync_flows::enova::id_key;
use sync_flows::flows::invoices::PORTAL_INVOICES;
use sync_flows::flows::order_status::STATUS_TO_PORTAL;

use std::sync::Arc;

/// Takes hints in: call it from a route of any web framework, and answer what it says.
#[derive(Debug)]
pub struct Hints {
    verifier: WebhookVerifier,
    inbox: Inbox,
    clock: Arc<dyn Clock>,
}

impl Hints {
    /// Hints from whom the verifier knows; `runner` looks the records up at once. Without one they wait for the next tick.
    ///
    /// # Errors
    /// Kind `Config` if the tenant's name cannot be part of a flow's.
    pub(crate) fn new(
        setup: &Setup,
        verifier: WebhookVerifier,
        runner: Option<RunnerHandle>,
    ) -> Result<Self> {
        let key = |id: &str| id.parse().map_or_else(|_| id.into(), id_key);
        let inbox = Inbox::new(Arc::clone(&setup.store))
            .route(Zdarzenie::ZamowienieStatus.as_str(), setup.name(STATUS_TO_PORTAL.id)?, key)
            .route(Zdarzenie::FakturaWystawiona.as_str(), setup.name(PORTAL_INVOICES.id)?, key)
            .waking(move |flow: &FlowName| {
                if let Some(runner) = &runner {
                    // a flow that works in another process takes the hint up there
                    runner.wake(flow.as_str()).ok();
                }
            });
        Ok(Self { verifier, inbox, clock: Arc::clone(&setup.clock) })
    }

    /// A signed request, with the very bytes of its body.
    pub async fn signed(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        match self.verifier.verify(headers, body) {
            Ok(delivery) => self.take(Some(&delivery), body).await,
            Err(error) => refused(&error),
        }
    }

    /// A request of a sender that cannot sign: the secret is the last segment of the path.
    pub async fn by_path(&self, secret: &str, body: &[u8]) -> StatusCode {
        match self.verifier.verify_path(secret) {
            Ok(()) => self.take(None, body).await,
            Err(error) => refused(&error),
        }
    }

    async fn take(&self, delivery: Option<&webhook::Delivery>, body: &[u8]) -> StatusCode {
        let hint = match Wskazowka::parse(body, &PolaWskazowki::default()) {
            Ok(hint) => hint,
            Err(error) => return refused(&error),
        };
        // a hint without an id is about nothing that a flow here reads
        let Some(id) = hint.id.map(|id| id.to_string()) else { return StatusCode::NO_CONTENT };
        let entity = hint.zdarzenie.as_str();
        let delivery = match hint.klucz(delivery) {
            Some(message) => Delivery::new("enova", message),
            None => Delivery::without_id("enova", entity, &id, self.clock.now()),
        };
        match self.inbox.receive(&delivery, entity, &id).await {
            Ok(_) => StatusCode::NO_CONTENT,
            // nothing is kept: the sender tries again
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

fn refused(error: &WebhookError) -> StatusCode {
    match error.kind() {
        WebhookErrorKind::BadBody => StatusCode::BAD_REQUEST,
        _ => StatusCode::UNAUTHORIZED,
    }
}

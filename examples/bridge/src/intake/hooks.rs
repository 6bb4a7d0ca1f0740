//! What becomes of one request, for one tenant.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use soneta_webapi::webhook::{
    PolaWskazowki, WebhookError, WebhookErrorKind, WebhookVerifier, WebhookVerifierBuilder, Wskazowka,
    Zdarzenie,
};
use sync_core::{Clock, Delivery, FlowName, HintOutcome, Inbox, Key, RunnerHandle};

use super::routes::{EVENTS, readers};
use crate::engine::Face;
use crate::error::{Error, Result};

/// The endpoint of signed messages, and that of the others: their ids are of different making.
const SIGNED: &str = "hooks";
const BY_PATH: &str = "hooks/path";

/// Who may send hints for a tenant, and how they are written.
#[derive(Debug, Clone, bon::Builder)]
#[non_exhaustive]
pub struct Hooks {
    /// Secrets of signatures, Base64 with or without `whsec_`; several while they are exchanged, with white space between.
    pub secret: Option<SecretString>,
    /// Secrets in the path, of senders that cannot sign, at least 24 characters each; several likewise.
    pub path_secret: Option<SecretString>,
    /// What the sender calls the fields.
    #[builder(default)]
    pub fields: PolaWskazowki,
    /// What the sender calls events: its word → ours. Words that are ours need not be here.
    #[builder(default)]
    pub events: BTreeMap<String, Zdarzenie>,
}

impl Hooks {
    /// What tells who knows these secrets.
    pub(crate) fn verifier(&self) -> WebhookVerifierBuilder {
        let mut verifier = WebhookVerifier::builder();
        for secret in several(self.secret.as_ref()) {
            verifier = verifier.secret(secret);
        }
        for secret in several(self.path_secret.as_ref()) {
            verifier = verifier.path_secret(secret);
        }
        verifier
    }
}

/// Takes in the hints for a tenant.
pub(super) struct Receiver {
    tenant: String,
    verifier: WebhookVerifier,
    fields: PolaWskazowki,
    events: BTreeMap<String, Zdarzenie>,
    flows: Vec<FlowName>,
    inbox: Inbox,
    runner: RunnerHandle,
    clock: Arc<dyn Clock>,
}

impl Receiver {
    pub(super) fn new(face: &Face, hooks: Hooks) -> Result<Self> {
        let clock = Arc::clone(&face.clock);
        let verifier = hooks.verifier().now(move || clock.now().into()).build().map_err(|error| {
            Error::config(format!("the secrets of the tenant {}'s hooks cannot be used", face.tenant))
                .because(error)
        })?;
        let runner = face.runner.clone();
        let mut inbox = Inbox::new(Arc::clone(&face.store)).waking(move |flow| {
            // an error: the job is not this runner's
            runner.wake(flow.as_str()).ok();
        });
        let flows: Vec<FlowName> = face.flows.iter().map(|flow| flow.flow_name().clone()).collect();
        for event in &EVENTS {
            for flow in reading(&face.tenant, &flows, event) {
                inbox = inbox.route(event.as_str(), flow.clone(), |id| Key::from(id));
            }
        }
        Ok(Self {
            tenant: face.tenant.clone(),
            verifier,
            fields: hooks.fields,
            events: hooks.events,
            flows,
            inbox,
            runner: face.runner.clone(),
            clock: Arc::clone(&face.clock),
        })
    }

    /// A signed request.
    pub(super) async fn signed(&self, headers: &HeaderMap, body: &[u8]) -> StatusCode {
        match self.verifier.verify(headers, body) {
            Err(error) => self.refused(&error),
            Ok(delivery) => match Wskazowka::parse(body, &self.fields) {
                Err(error) => self.refused(&error),
                Ok(hint) => self.take(&hint, Delivery::new(SIGNED, delivery.id)).await,
            },
        }
    }

    /// Whether this is a secret of the path; else the answer.
    pub(super) fn knows(&self, secret: &str) -> Result<(), StatusCode> {
        self.verifier.verify_path(secret).map_err(|error| self.refused(&error))
    }

    /// A request whose path held the secret.
    pub(super) async fn by_path(&self, body: &[u8]) -> StatusCode {
        let hint = match Wskazowka::parse(body, &self.fields) {
            Err(error) => return self.refused(&error),
            Ok(hint) => hint,
        };
        let delivery = match hint.klucz(None) {
            Some(key) => Delivery::new(BY_PATH, key),
            None => {
                let row = hint.id.map(|id| id.to_string()).unwrap_or_default();
                Delivery::without_id(BY_PATH, hint.zdarzenie.as_str(), &row, self.clock.now())
            }
        };
        self.take(&hint, delivery).await
    }

    async fn take(&self, hint: &Wskazowka, delivery: Delivery) -> StatusCode {
        let event = self.events.get(hint.zdarzenie.as_str()).unwrap_or(&hint.zdarzenie);
        let Some(id) = hint.id else { return self.wake(event) };
        match self.inbox.receive(&delivery, event.as_str(), &id.to_string()).await {
            Ok(HintOutcome::New) => StatusCode::ACCEPTED,
            Ok(HintOutcome::Duplicate) => StatusCode::OK,
            Ok(_) => StatusCode::NO_CONTENT,
            Err(error) => {
                tracing::warn!(tenant = self.tenant, %error, "a hint was not kept");
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }

    /// Flows look up by id, so without one they just run; a repetition makes them run again, which is harmless.
    fn wake(&self, event: &Zdarzenie) -> StatusCode {
        let mut status = StatusCode::NO_CONTENT;
        for flow in reading(&self.tenant, &self.flows, event) {
            if self.runner.wake(flow.as_str()).is_ok() {
                status = StatusCode::ACCEPTED;
            }
        }
        status
    }

    fn refused(&self, error: &WebhookError) -> StatusCode {
        // anybody may post: what is refused may not fill a log
        tracing::info!(tenant = self.tenant, kind = ?error.kind(), "a hook was refused: {error}");
        match error.kind() {
            WebhookErrorKind::BadBody => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("tenant", &self.tenant)
            .field("inbox", &self.inbox)
            .finish_non_exhaustive()
    }
}

/// The tenant's flows that read the event's record.
fn reading<'a>(tenant: &str, flows: &'a [FlowName], event: &Zdarzenie) -> impl Iterator<Item = &'a FlowName> {
    let names: Vec<String> = readers(event).iter().map(|entry| format!("{tenant}/{}", entry.id)).collect();
    flows.iter().filter(move |flow| names.iter().any(|name| name == flow.as_str()))
}

fn several(secrets: Option<&SecretString>) -> Vec<SecretString> {
    let texts = secrets.iter().flat_map(|secrets| secrets.expose_secret().split_whitespace());
    texts.map(SecretString::from).collect()
}

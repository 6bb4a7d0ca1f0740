//! A request as the routes get it: of a tenant whose key was checked.

use super::body;
use super::books::Books;
use super::parameters::Parameters;
use super::refusal::Refusal;
use super::state::{Settings, Shared, TenantState};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts as _, Query, RawPathParams, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use secrecy::ExposeSecret;
use serde::de::DeserializeOwned;
use std::sync::MutexGuard;

/// Every handler takes one, as its last argument: without it nobody checks the key.
pub(super) struct Call {
    tenant: TenantState,
    query: Vec<(String, String)>,
    is_json: bool,
    body: Bytes,
}

impl FromRequest<Shared> for Call {
    type Rejection = Refusal;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, Refusal> {
        let tenant = authorized(shared, request.headers())?.clone();
        let (mut parts, body) = request.into_parts();
        let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|error| Refusal::malformed(error.to_string()))?;
        let is_write = ![Method::GET, Method::HEAD].contains(&parts.method);
        let path = match RawPathParams::from_request_parts(&mut parts, shared).await {
            Ok(parameters) if is_write => parameters.iter().map(|(_, value)| value.to_owned()).collect(),
            _ => Vec::new(),
        };
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_json = kind.is_some_and(|kind| kind.split(';').next() == Some("application/json"));
        let body = Bytes::from_request(Request::from_parts(parts, body), shared)
            .await
            .map_err(|error| Refusal::new(error.status(), "NO_BODY", error.body_text()))?;
        let call = Self { tenant, query, is_json, body };
        if is_write {
            call.check_names(path)?;
        }
        Ok(call)
    }
}

fn authorized<'s>(shared: &'s Shared, headers: &HeaderMap) -> Result<&'s TenantState, Refusal> {
    let says = |name, text: &str| headers.get(name).is_some_and(|value| value.as_bytes() == text.as_bytes());
    let has_key = |tenant: &&TenantState| says("ApiAuth", tenant.api_key.expose_secret());
    if !shared.tenants().any(|tenant| has_key(&tenant)) {
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "WRONG_KEY", "ApiAuth is missing or wrong"));
    }
    shared
        .tenants()
        .filter(has_key)
        .find(|tenant| says("one-tenant", &tenant.name))
        .ok_or_else(|| Refusal::new(StatusCode::FORBIDDEN, "WRONG_TENANT", "this key is not of that tenant"))
}

impl Call {
    /// What the tenant has. Let go of it before the handler waits for anything.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.tenant.books()
    }

    pub(super) fn tenant_name(&self) -> &str {
        &self.tenant.name
    }

    /// Whether what is unknown is refused.
    pub(super) fn is_strict(&self) -> bool {
        self.settings().strict
    }

    fn settings(&self) -> &Settings {
        &self.tenant.settings
    }

    /// The query: every `required` parameter is there; others than these and the `optional` ones are refused
    /// when strict.
    pub(super) fn parameters(&self, required: &[&str], optional: &[&str]) -> Result<Parameters, Refusal> {
        let Settings { strict, max_page_size, .. } = *self.settings();
        Parameters::check(self.query.clone(), required, optional, strict, max_page_size)
    }

    /// The body of a call that has no query: `application/json` and no unknown field, when strict.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        self.parameters(&[], &[])?;
        self.read_body()
    }

    /// [`read`](Self::read), where the query is for the route to check.
    pub(super) fn read_body<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        let strict = self.settings().strict;
        if strict && !self.is_json {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "NOT_JSON",
                "send application/json",
            ));
        }
        body::read(&self.body, strict)
    }

    /// A body that is a bare array of lines, 10,000 at most.
    pub(super) fn read_lines<T: DeserializeOwned>(&self) -> Result<Vec<T>, Refusal> {
        let lines: Vec<T> = self.read()?;
        body::check_lines(lines.len())?;
        Ok(lines)
    }

    /// Refuses a write that names what is to be refused: in its path, its query, or a text of its body.
    fn check_names(&self, path: Vec<String>) -> Result<(), Refusal> {
        let books = self.books();
        let refused = books.refused();
        if refused.is_empty() {
            return Ok(());
        }
        path.iter()
            .chain(self.query.iter().map(|(_, value)| value))
            .try_for_each(|name| refused.check(name))?;
        // A body that is no JSON is for the handler to refuse.
        match serde_json::from_slice(&self.body) {
            Ok(json) => refused.check_json(&json),
            Err(_) => Ok(()),
        }
    }
}

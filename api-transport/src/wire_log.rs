//! The opt-in log of what goes over the wire, masked by allow-lists.

use crate::json::is_name;
use crate::request::{Answer, Request};
use http::HeaderMap;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

const TARGET: &str = "api_transport::wire";
const MASK: &str = "***";
/// Headers that no list can show.
const ALWAYS_MASKED: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "set-cookie"];

/// Which parts of requests and answers are logged at `DEBUG` under the target `api_transport::wire`. Default: nothing.
///
/// Every scalar of a JSON body, every query value and every header value is masked unless its name is allowed here; the names
/// themselves show (of JSON fields those that look like names). Of other bodies only the length shows. The headers of a
/// [`Credential`](crate::Credential) are not logged at all.
#[derive(Clone, Debug, Default)]
pub struct WireLog(Option<Arc<Allowed>>);

#[derive(Clone, Debug, Default)]
struct Allowed {
    fields: BTreeSet<String>,
    headers: BTreeSet<String>,
}

impl WireLog {
    /// Logs nothing.
    pub fn off() -> Self {
        Self(None)
    }

    /// Logs requests and answers with every value masked.
    pub fn masked() -> Self {
        Self(Some(Arc::default()))
    }

    /// Also shows the values of these JSON fields and query parameters, by exact name.
    #[must_use]
    pub fn show_fields<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        let mut allowed = self.0.map(Arc::unwrap_or_clone).unwrap_or_default();
        allowed.fields.extend(names.into_iter().map(Into::into));
        Self(Some(Arc::new(allowed)))
    }

    /// Also shows the values of these headers of requests and answers, except `authorization` and cookies.
    #[must_use]
    pub fn show_headers<S: AsRef<str>>(self, names: impl IntoIterator<Item = S>) -> Self {
        let mut allowed = self.0.map(Arc::unwrap_or_clone).unwrap_or_default();
        let names = names.into_iter().map(|name| name.as_ref().to_ascii_lowercase());
        allowed.headers.extend(names.filter(|name| !ALWAYS_MASKED.contains(&name.as_str())));
        Self(Some(Arc::new(allowed)))
    }

    fn active(&self) -> Option<&Allowed> {
        self.0.as_deref().filter(|_| tracing::enabled!(target: TARGET, tracing::Level::DEBUG))
    }

    pub(crate) fn request(&self, request: &Request, attempt: u32) {
        let Some(allowed) = self.active() else { return };
        let query: Vec<_> = request
            .url
            .query_pairs()
            .filter(|_| !request.is_secret)
            .map(|(name, value)| {
                let value = if allowed.fields.contains(name.as_ref()) { value.as_ref() } else { MASK };
                format!("{name}={value}")
            })
            .collect();
        tracing::debug!(
            target: TARGET, method = %request.method, path = %request.path, query = %query.join("&"), attempt,
            headers = %allowed.headers(&request.headers), body = %allowed.body(request.body.as_deref().unwrap_or_default()),
            "request"
        );
    }

    pub(crate) fn answer(&self, request: &Request, answer: &Answer) {
        let Some(allowed) = self.active() else { return };
        tracing::debug!(
            target: TARGET, method = %request.method, path = %request.path, status = answer.status,
            headers = %allowed.headers(&answer.headers), body = %allowed.body(&answer.body),
            "answer"
        );
    }
}

impl Allowed {
    fn headers(&self, headers: &HeaderMap) -> String {
        let shown: Vec<_> = headers
            .iter()
            .map(|(name, value)| {
                let value = value.to_str().ok().filter(|_| self.headers.contains(name.as_str()));
                format!("{name}: {}", value.unwrap_or(MASK))
            })
            .collect();
        shown.join(", ")
    }

    fn body(&self, body: &[u8]) -> String {
        match serde_json::from_slice(body) {
            Ok(value) => self.masked(value, false).to_string(),
            Err(_) => format!("{} bytes", body.len()),
        }
    }

    fn masked(&self, value: Value, allowed: bool) -> Value {
        match value {
            Value::Object(fields) => {
                let mask = |(name, value): (String, Value)| {
                    let value = self.masked(value, self.fields.contains(&name));
                    (if is_name(&name) { name } else { MASK.to_owned() }, value)
                };
                Value::Object(fields.into_iter().map(mask).collect())
            }
            Value::Array(items) => {
                Value::Array(items.into_iter().map(|item| self.masked(item, allowed)).collect())
            }
            scalar if allowed || scalar.is_null() => scalar,
            _ => MASK.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fields_on_the_list_show() {
        let log = WireLog::masked().show_fields(["Kod", "Ceny"]);
        let allowed = log.0.unwrap();
        let body = br#"{"Kod":"A1","Nazwa":"Kowalski","Ceny":[1,{"Kod":"B2","NIP":"525"}],"Jan Kowalski":{"x":true}}"#;
        let shown = allowed.body(body);
        for expected in [r#""Kod":"A1""#, r#""Nazwa":"***""#, r#""Kod":"B2""#, r#""NIP":"***""#, "[1,"] {
            assert!(shown.contains(expected), "{shown}");
        }
        assert!(!shown.contains("Kowalski") && !shown.contains("525"), "{shown}");
        assert_eq!(allowed.body(b"plain Kowalski"), "14 bytes");
    }

    #[test]
    fn only_headers_on_the_list_show_and_authorization_never() {
        let log = WireLog::masked().show_headers(["X-Total", "Authorization"]);
        let mut headers = HeaderMap::new();
        for name in ["x-total", "x-token", "authorization"] {
            headers.insert(name, http::HeaderValue::from_static("7"));
        }
        assert_eq!(log.0.unwrap().headers(&headers), "x-total: 7, x-token: ***, authorization: ***");
    }
}

//! Calls to an address that an answer named: a place for a file, usually with a signature in its query.

use crate::request::Request;
use crate::transport::{Shared, Way};
use crate::{Effect, Result};
use bytes::Bytes;
use http::{HeaderMap, Method};
use std::fmt;
use std::sync::Arc;
use url::Url;

/// Sends calls to exactly one URL, which is not below the base URL: [`Transport::elsewhere`](crate::Transport::elsewhere).
///
/// Certificates, proxy, deadlines, retry table, retry budget and body cap are the transport's. Credentials are not sent, the
/// concurrency limit does not count these calls, a 401 is final, a redirect is an error. Whoever knows such a URL may use it, so
/// neither its path nor its query shows anywhere, not even in the wire log: only scheme and host do. A server may repeat them in
/// its own message, [`Error::detail`](crate::Error::detail).
#[derive(Clone)]
pub struct Elsewhere {
    shared: Arc<Shared>,
    url: Url,
}

impl Elsewhere {
    pub(crate) fn new(shared: &Arc<Shared>, url: Url) -> Self {
        Self { shared: Arc::clone(shared), url }
    }

    /// Sends one call with these headers and this body, and returns the body of a 2xx answer. `effect` says what a second
    /// delivery does, as for an [`Endpoint`](crate::Endpoint).
    ///
    /// # Errors
    ///
    /// As [`Transport::send`](crate::Transport::send).
    pub async fn send(
        &self,
        method: Method,
        effect: Effect,
        headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Bytes> {
        let request = Request {
            method,
            url: self.url.clone(),
            headers,
            body,
            effect,
            path: self.shown(),
            is_secret: true,
        };
        self.shared.deliver(&request, Way::Bare(None), None).await.map(|(answer, _)| answer.body)
    }

    fn shown(&self) -> String {
        format!("{}://{}/{{}}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }
}

impl fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Elsewhere({})", self.shown())
    }
}

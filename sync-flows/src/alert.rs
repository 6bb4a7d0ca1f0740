//! Alerts by webhook and the dead-man ping by HTTP, for the [watchdog](sync_core::watchdog).
//!
//! ```
//! use secrecy::SecretString;
//! use sync_core::watchdog::{LogAlerts, Policy, Watch, Watchdog};
//! use sync_core::{MemoryStore, Result};
//! use sync_flows::alert::{HttpPing, WebhookAlerts};
//!
//! # fn main() -> Result<()> {
//! let store = std::sync::Arc::new(MemoryStore::new());
//! let webhook = SecretString::from("https://chat.example/hooks/T01/s3cret");
//! let ping = SecretString::from("https://ping.example/s3cret");
//! let watchdog = Watchdog::new(store, Policy::default())
//!     .tell(LogAlerts, Watch::default())
//!     .tell(WebhookAlerts::new(&webhook)?, Watch::default())
//!     .dead_man(HttpPing::new(&ping)?);
//! # Ok(())
//! # }
//! ```

use std::time::Duration;

use api_transport::{Effect, Elsewhere, RetryPolicy, Transport, TransportBuilder};
use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use secrecy::{ExposeSecret, SecretString};
use sync_core::watchdog::{AlertSink, DeadMan, Notice};
use sync_core::{Error, Result};
use url::Url;

use crate::client_error::kind_of;

/// Posts each notice as JSON to a secret URL: a chat's incoming webhook, a ticket system.
///
/// One call per notice, in their order: `{"change":"raised","code":"late","flow":"shop/stock","part":"","since":
/// "2026-11-21T08:00:00Z","severity":"critical","text":"…"}`. Any 2xx is a success and its body is not looked at, a redirect is a
/// failure. A call that fails ends the round and is not repeated within it: the [watchdog](sync_core::watchdog::Watchdog) tells
/// all of its notices again with its next check, so what went through before the failure comes twice.
///
/// Of the URL only scheme and host show in `Debug`, errors and logs.
#[derive(Debug, Clone)]
pub struct WebhookAlerts {
    webhook: Elsewhere,
}

impl WebhookAlerts {
    /// Posts to this URL; each call takes at most 20 s.
    ///
    /// # Errors
    /// [`Config`](sync_core::ErrorKind::Config) if it is no URL, has credentials or a fragment, or is plain `http` to another
    /// machine.
    pub fn new(url: &SecretString) -> Result<Self> {
        Self::with_transport(url, |transport| transport)
    }

    /// The same through a transport with other settings: a proxy, a private certificate, other time-outs.
    ///
    /// # Errors
    /// As [`new`](Self::new), and if the settings cannot be used.
    pub fn with_transport(
        url: &SecretString,
        settings: impl FnOnce(TransportBuilder) -> TransportBuilder,
    ) -> Result<Self> {
        Ok(Self { webhook: secret_address(url, settings)? })
    }
}

#[async_trait]
impl AlertSink for WebhookAlerts {
    async fn tell(&self, notices: &[Notice]) -> Result<()> {
        for notice in notices {
            let body = serde_json::to_vec(notice).map_err(|_| Error::bug("a notice does not serialise"))?;
            let headers =
                HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
            let sent = self.webhook.send(Method::POST, Effect::Create, headers, Some(body.into())).await;
            sent.map_err(|error| failed("an alert could not be posted", error))?;
        }
        Ok(())
    }
}

/// Calls a secret URL of a service that raises the alarm when the calls stop coming.
///
/// Any 2xx is a success, a redirect is a failure. A call that fails is not repeated: the next check calls again. Of the URL only
/// scheme and host show in `Debug`, errors and logs.
#[derive(Debug, Clone)]
pub struct HttpPing {
    address: Elsewhere,
    method: Method,
}

impl HttpPing {
    /// Calls this URL with GET; a call takes at most 20 s.
    ///
    /// # Errors
    /// As [`WebhookAlerts::new`].
    pub fn new(url: &SecretString) -> Result<Self> {
        Self::with_transport(url, |transport| transport)
    }

    /// The same through a transport with other settings.
    ///
    /// # Errors
    /// As [`WebhookAlerts::with_transport`].
    pub fn with_transport(
        url: &SecretString,
        settings: impl FnOnce(TransportBuilder) -> TransportBuilder,
    ) -> Result<Self> {
        Ok(Self { address: secret_address(url, settings)?, method: Method::GET })
    }

    /// Calls with POST, without a body.
    #[must_use]
    pub fn post(mut self) -> Self {
        self.method = Method::POST;
        self
    }
}

#[async_trait]
impl DeadMan for HttpPing {
    async fn ping(&self) -> Result<()> {
        let sent = self.address.send(self.method.clone(), Effect::Idempotent, HeaderMap::new(), None).await;
        sent.map(drop).map_err(|error| failed("the dead-man switch could not be pinged", error))
    }
}

/// The one address to call. A transport shows its base URL, so that is the address without what is secret.
fn secret_address(
    url: &SecretString,
    settings: impl FnOnce(TransportBuilder) -> TransportBuilder,
) -> Result<Elsewhere> {
    let url = Url::parse(url.expose_secret()).map_err(|_| Error::config("the address is no URL"))?;
    let base = Url::parse(&url.origin().ascii_serialization())
        .map_err(|_| Error::config("the address is neither https nor http"))?;
    let transport = Transport::builder(base)
        .retry(RetryPolicy::new().attempts(1))
        .connect_timeout(Duration::from_secs(5))
        .attempt_timeout(Duration::from_secs(15))
        .total_timeout(Duration::from_secs(20))
        .body_cap(1 << 20);
    let address = settings(transport).build().and_then(|transport| transport.elsewhere(url));
    address.map_err(|error| failed("the address cannot be used", error))
}

/// Without the server's own words: they may repeat the address.
fn failed(message: &'static str, error: api_transport::Error) -> Error {
    Error::new(kind_of(&error), message).with_task(error.what_to_do()).with_source(error)
}

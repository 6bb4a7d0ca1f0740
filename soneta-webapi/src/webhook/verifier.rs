use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

use super::{WebhookError, WebhookErrorKind};

const ID: &str = "webhook-id";
const TIMESTAMP: &str = "webhook-timestamp";
const SIGNATURE: &str = "webhook-signature";

/// The least length of a secret, in bytes: what the specification asks for.
const LEAST: usize = 24;

/// Says whether a request comes from the ERP. Clones are cheap.
///
/// Senders that can sign send three headers: `webhook-id`, `webhook-timestamp` (seconds since 1970) and `webhook-signature`, a list
/// of `v1,` and the Base64 of the HMAC-SHA256 of `{id}.{timestamp}.{body}`. Senders that cannot are known by a secret in the
/// path, see [`verify_path`](Self::verify_path).
#[derive(Clone)]
pub struct WebhookVerifier {
    secrets: Arc<[SecretSlice<u8>]>,
    path_secrets: Arc<[SecretString]>,
    tolerance: TimeDelta,
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

/// A delivery whose signature and time are right.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// The sender's id of the message (`webhook-id`): the same when it is sent again.
    pub id: String,
    /// When it was sent.
    pub sent: DateTime<Utc>,
}

impl WebhookVerifier {
    /// Starts a verifier.
    pub fn builder() -> WebhookVerifierBuilder {
        WebhookVerifierBuilder::default()
    }

    /// Verifies the headers of a request and its body, in the very bytes that came.
    ///
    /// # Errors
    /// Kinds `MissingHeader`, `BadHeader`, `BadSignature` and `Stale`.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Delivery, WebhookError> {
        let header = |name| {
            let value = headers.get(name).ok_or_else(|| missing(name))?;
            value.to_str().map_err(|_| bad_header("a header holds something else than plain text"))
        };
        self.verify_parts(header(ID)?, header(TIMESTAMP)?, header(SIGNATURE)?, body)
    }

    /// As [`verify`](Self::verify), with the values of the three headers.
    ///
    /// # Errors
    /// Kinds `BadHeader`, `BadSignature` and `Stale`.
    pub fn verify_parts(
        &self,
        id: &str,
        timestamp: &str,
        signatures: &str,
        body: &[u8],
    ) -> Result<Delivery, WebhookError> {
        // With a full stop inside, one signed text could be cut into id and timestamp in two ways.
        if id.is_empty() || id.contains('.') {
            return Err(bad_header("webhook-id is empty or holds a full stop"));
        }
        let sent = sent(timestamp)?;
        let mut fits = Choice::from(0);
        for secret in self.secrets.iter() {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret())
                .map_err(|_| WebhookError::new(WebhookErrorKind::Settings, "a secret is of no use"))?;
            for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
                mac.update(part);
            }
            let expected = mac.finalize().into_bytes();
            for signature in signatures.split_ascii_whitespace() {
                // Other versions than v1 stand beside it and are not ours to judge.
                let bytes = signature.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
                if let Some(bytes) = bytes {
                    fits |= expected.as_slice().ct_eq(&bytes);
                }
            }
        }
        if !bool::from(fits) {
            return Err(WebhookError::new(WebhookErrorKind::BadSignature, "no signature fits"));
        }
        let apart = DateTime::<Utc>::from((self.now)()).signed_duration_since(sent).abs();
        if apart > self.tolerance {
            return Err(WebhookError::new(
                WebhookErrorKind::Stale,
                "the request was not sent within the tolerance around now",
            ));
        }
        Ok(Delivery { id: id.to_owned(), sent })
    }

    /// Compares the secret segment of a path, as the router decoded it, with the ones in force.
    ///
    /// Weaker than a signature: whoever sees the address (a log of a proxy) can post hints, also old ones. A hint causes only a
    /// read, so that this is bearable where the sender cannot sign.
    ///
    /// # Errors
    /// Kind `BadSignature`.
    pub fn verify_path(&self, segment: &str) -> Result<(), WebhookError> {
        let mut fits = Choice::from(0);
        for secret in self.path_secrets.iter() {
            fits |= secret.expose_secret().as_bytes().ct_eq(segment.as_bytes());
        }
        match bool::from(fits) {
            true => Ok(()),
            false => Err(WebhookError::new(WebhookErrorKind::BadSignature, "the path holds another secret")),
        }
    }
}

/// Digits alone: what was signed is the text, so no second spelling of a number is let in.
fn sent(timestamp: &str) -> Result<DateTime<Utc>, WebhookError> {
    let digits = timestamp.bytes().all(|byte| byte.is_ascii_digit());
    timestamp
        .parse()
        .ok()
        .filter(|_| digits)
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .ok_or_else(|| bad_header("webhook-timestamp is not a number of seconds since 1970"))
}

fn missing(name: &str) -> WebhookError {
    let detail = match name {
        ID => "the header webhook-id is missing",
        TIMESTAMP => "the header webhook-timestamp is missing",
        _ => "the header webhook-signature is missing",
    };
    WebhookError::new(WebhookErrorKind::MissingHeader, detail)
}

fn bad_header(detail: &'static str) -> WebhookError {
    WebhookError::new(WebhookErrorKind::BadHeader, detail)
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier").field("tolerance", &self.tolerance).finish_non_exhaustive()
    }
}

/// Settings of a [`WebhookVerifier`]. At least one secret of either sort is needed.
#[must_use]
pub struct WebhookVerifierBuilder {
    secrets: Vec<SecretSlice<u8>>,
    texts: Vec<SecretString>,
    path_secrets: Vec<SecretString>,
    tolerance: Duration,
    now: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

impl Default for WebhookVerifierBuilder {
    fn default() -> Self {
        Self {
            secrets: Vec::new(),
            texts: Vec::new(),
            path_secrets: Vec::new(),
            tolerance: Duration::from_secs(5 * 60),
            now: Arc::new(system_time),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the default clock, which a test replaces")]
fn system_time() -> SystemTime {
    SystemTime::now()
}

impl WebhookVerifierBuilder {
    /// A secret as it is handed out: Base64, with or without `whsec_` before it. While secrets are exchanged, give the old and
    /// the new one; either is accepted.
    pub fn secret(mut self, secret: SecretString) -> Self {
        self.texts.push(secret);
        self
    }

    /// A secret in bytes, at least 24 of them.
    pub fn secret_bytes(mut self, secret: impl Into<Vec<u8>>) -> Self {
        self.secrets.push(SecretSlice::from(secret.into()));
        self
    }

    /// A secret segment of the path, at least 24 characters; several while they are exchanged.
    pub fn path_secret(mut self, secret: SecretString) -> Self {
        self.path_secrets.push(secret);
        self
    }

    /// How far the time of sending may be from now, to either side. Default 5 min.
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The clock. Default: the system's.
    pub fn now(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.now = Arc::new(now);
        self
    }

    /// Makes the verifier.
    ///
    /// # Errors
    /// Kind `Settings`: there is no secret, one is shorter than 24 bytes or not Base64, or the tolerance is out of all bounds.
    pub fn build(mut self) -> Result<WebhookVerifier, WebhookError> {
        let settings = |detail| WebhookError::new(WebhookErrorKind::Settings, detail);
        for text in &self.texts {
            let text = text.expose_secret().trim();
            let bytes = STANDARD
                .decode(text.strip_prefix("whsec_").unwrap_or(text))
                .map_err(|_| settings("a secret is not Base64"))?;
            self.secrets.push(SecretSlice::from(bytes));
        }
        if self.secrets.is_empty() && self.path_secrets.is_empty() {
            return Err(settings("a verifier without a secret would accept nothing"));
        }
        let lengths = self.secrets.iter().map(|secret| secret.expose_secret().len());
        if lengths
            .chain(self.path_secrets.iter().map(|secret| secret.expose_secret().len()))
            .any(|n| n < LEAST)
        {
            return Err(settings("a secret is shorter than 24 bytes"));
        }
        Ok(WebhookVerifier {
            secrets: self.secrets.into(),
            path_secrets: self.path_secrets.into(),
            tolerance: TimeDelta::from_std(self.tolerance)
                .map_err(|_| settings("the tolerance is out of bounds"))?,
            now: self.now,
        })
    }
}

impl fmt::Debug for WebhookVerifierBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifierBuilder").field("tolerance", &self.tolerance).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! What authorises calls, and where it comes from.

use crate::{Bare, Error, Result};
use async_trait::async_trait;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::time::{Duration, SystemTime};

/// Where the credential of a [`Transport`](crate::Transport) comes from.
///
/// - [`obtain`](Self::obtain) is called before the first call, after a 401, after the idle limit or the end of validity, and by
///   [`Transport::renew_now`](crate::Transport::renew_now). Never twice at the same time: calls that wait for it share the result,
///   also a failure. The next call after a failure asks again. It may be dropped at any await when its caller gives up.
/// - [`from_answer`](Self::from_answer) is called with the headers of every 2xx answer, as soon as they arrive, possibly in
///   parallel. What it returns is used from then on, unless there was a new login since that call went out.
#[async_trait]
pub trait CredentialSource: fmt::Debug + Send + Sync {
    /// Logs in and returns the new credential. `http` sends without credential and outside the concurrency limit.
    async fn obtain(&self, http: &Bare) -> Result<Credential>;

    /// The credential that an answer hands out for the next call, if it does; `current` is the one that this call used.
    #[expect(clippy::wrong_self_convention, reason = "it is the credential that comes from the answer")]
    fn from_answer(&self, _current: &Credential, _headers: &HeaderMap) -> Option<Credential> {
        None
    }

    /// Whether a new login can cure a 401. `false` for a fixed key: then a 401 is final.
    fn renewable(&self) -> bool {
        true
    }
}

const _: fn(&dyn CredentialSource) = |_| {};

/// The headers that authorise a call, and how long they do.
#[derive(Clone)]
pub struct Credential {
    headers: Vec<(String, SecretString)>,
    idle_limit: Option<Duration>,
    valid_until: Option<SystemTime>,
}

impl Credential {
    /// A credential of one header.
    pub fn header(name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        Self { headers: Vec::new(), idle_limit: None, valid_until: None }.with_header(name, value)
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<SecretString>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The server forgets the credential after this time without a call; then a new one is obtained before the next call.
    #[must_use]
    pub fn idle_limit(mut self, limit: Duration) -> Self {
        self.idle_limit = Some(limit);
        self
    }

    /// From this time on a new credential is obtained before a call. Set it somewhat before the true end.
    #[must_use]
    pub fn valid_until(mut self, end: SystemTime) -> Self {
        self.valid_until = Some(end);
        self
    }

    /// The value of a header of this credential, for a source that needs it, for example to log out.
    pub fn value(&self, name: &str) -> Option<&SecretString> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn is_usable(&self, last_use: SystemTime, now: SystemTime) -> bool {
        let ended = self.valid_until.is_some_and(|end| now >= end);
        // A clock that was set back says nothing about idleness; the 401 will.
        let idle = now.duration_since(last_use).unwrap_or_default();
        !ended && self.idle_limit.is_none_or(|limit| idle < limit)
    }

    /// Whether more than half of the idle limit has passed and the credential is still good.
    pub(crate) fn is_ageing(&self, last_use: SystemTime, now: SystemTime) -> bool {
        let idle = now.duration_since(last_use).unwrap_or_default();
        self.is_usable(last_use, now) && self.idle_limit.is_some_and(|limit| idle >= limit / 2)
    }

    pub(crate) fn apply(&self, headers: &mut HeaderMap) -> Result<()> {
        for (name, value) in &self.headers {
            let Ok(name) = HeaderName::try_from(name.as_str()) else {
                return Err(Error::config("a credential's header name is not valid"));
            };
            let Ok(mut value) = HeaderValue::try_from(value.expose_secret()) else {
                return Err(Error::config(
                    "a credential's header value has characters that no header may have",
                ));
            };
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Credential")
            .field("headers", &names)
            .field("idle_limit", &self.idle_limit)
            .field("valid_until", &self.valid_until)
            .finish()
    }
}

/// Fixed header credentials: API keys. A 401 is final.
#[derive(Clone, Debug)]
pub struct StaticHeaders(Credential);

impl StaticHeaders {
    /// The headers of `credential`; its idle limit and end of validity have no meaning here.
    pub fn new(credential: Credential) -> Self {
        Self(Credential { idle_limit: None, valid_until: None, ..credential })
    }
}

#[async_trait]
impl CredentialSource for StaticHeaders {
    async fn obtain(&self, _http: &Bare) -> Result<Credential> {
        Ok(self.0.clone())
    }

    fn renewable(&self) -> bool {
        false
    }
}

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api_transport::{Bare, Credential, CredentialSource};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

use crate::product::LoginApi;
use crate::{ApplicationTokenClaims, Error, ErrorKind, Result};

const HEADER: &str = "Authorization";

/// The way from the application token to the session token, and from one session token to the next.
///
/// The application token is good for `LoginApi` alone. Each answer carries the session token for the next call in its header
/// `Authorization`; an answer without one leaves the token as it is. The login has it in its body too; where they differ, the
/// header's counts, as for the vendor's own client.
pub(crate) struct SessionSource {
    application_token: SecretString,
    idle_limit: Duration,
    claims: Option<Arc<ApplicationTokenClaims>>,
    warn_before_expiry: Duration,
    warned: AtomicBool,
}

impl SessionSource {
    pub(crate) fn new(application_token: SecretString, idle_limit: Duration) -> Self {
        Self {
            application_token,
            idle_limit,
            claims: None,
            warn_before_expiry: Duration::ZERO,
            warned: AtomicBool::new(false),
        }
    }

    /// Warns when a login comes so soon before the end that these claims name.
    pub(crate) fn warning(mut self, claims: Option<Arc<ApplicationTokenClaims>>, before: Duration) -> Self {
        (self.claims, self.warn_before_expiry) = (claims, before);
        self
    }

    fn expires(&self) -> Option<DateTime<Utc>> {
        self.claims.as_ref()?.expires
    }

    /// The server decides whether the token is good; this only tells people in time.
    fn warn_of_expiry(&self, now: DateTime<Utc>) {
        let Some(expires) = self.expires() else { return };
        let before = TimeDelta::from_std(self.warn_before_expiry).unwrap_or(TimeDelta::MAX);
        if expires.signed_duration_since(now) <= before && !self.warned.swap(true, Ordering::Relaxed) {
            let expires = expires.date_naive();
            if self.expires() <= Some(now) {
                tracing::warn!(%expires, "the application token is past its end");
            } else {
                tracing::warn!(%expires, "the application token expires soon; an administrator of the ERP issues new ones");
            }
        }
    }

    /// Says of a login that was not accepted that the token's time is over, if it is.
    fn explained(&self, error: Error, now: DateTime<Utc>) -> Error {
        match self.expires().filter(|expires| *expires <= now) {
            Some(expires) if error.kind() == ErrorKind::Unauthorized => error
                .with_message(format!("the application token expired on {}", expires.date_naive()))
                .with_advice(
                    "Have an administrator of the ERP issue a new application token, and set it here.",
                ),
            _ => error,
        }
    }

    fn session(&self, token: &str) -> Credential {
        bearer(token).idle_limit(self.idle_limit)
    }
}

impl fmt::Debug for SessionSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionSource").field("idle_limit", &self.idle_limit).finish_non_exhaustive()
    }
}

#[async_trait]
impl CredentialSource for SessionSource {
    async fn obtain(&self, http: &Bare) -> Result<Credential> {
        let application = bearer(bare_token(self.application_token.expose_secret()));
        let now = DateTime::<Utc>::from(http.now());
        self.warn_of_expiry(now);
        let login = http.with(application).send_for_headers(&LoginApi::default()).await;
        let (answer, headers) = login.map_err(|error| self.explained(error, now))?;
        let body = answer.token.as_ref().map(|token| bare_token(token.expose_secret()));
        match token_of(&headers).or(body.filter(|token| !token.is_empty())) {
            Some(token) => Ok(self.session(token)),
            None => Err(Error::decode_at("the login was answered without a session token")),
        }
    }

    fn from_answer(&self, _current: &Credential, headers: &HeaderMap) -> Option<Credential> {
        token_of(headers).map(|token| self.session(token))
    }
}

fn bearer(token: &str) -> Credential {
    Credential::header(HEADER, SecretString::from(format!("Bearer {token}")))
}

/// The session token of an answer; servers spell it with and without `Bearer `.
fn token_of(headers: &HeaderMap) -> Option<&str> {
    let token = bare_token(headers.get(AUTHORIZATION)?.to_str().ok()?);
    (!token.is_empty()).then_some(token)
}

pub(crate) fn bare_token(value: &str) -> &str {
    let value = value.trim();
    match value.split_at_checked("Bearer".len()) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") && token.starts_with([' ', '\t']) => {
            token.trim()
        }
        Some((scheme, "")) if scheme.eq_ignore_ascii_case("Bearer") => "",
        _ => value,
    }
}

#[cfg(test)]
mod suites;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_and_without_its_scheme() {
        for value in ["abc.def", "Bearer abc.def", "bearer  abc.def", " BEARER\tabc.def "] {
            assert_eq!(bare_token(value), "abc.def", "{value}");
        }
        assert_eq!(bare_token("Bearer "), "");
        assert_eq!(bare_token("Bearerabc"), "Bearerabc");
    }
}

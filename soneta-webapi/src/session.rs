use std::fmt;
use std::time::Duration;

use api_transport::{Bare, Credential, CredentialSource};
use async_trait::async_trait;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};

use crate::product::LoginApi;
use crate::{Error, Result};

const HEADER: &str = "Authorization";

/// The way from the application token to the session token, and from one session token to the next.
///
/// The application token is good for `LoginApi` alone. Each answer carries the session token for the next call in its header
/// `Authorization`; an answer without one leaves the token as it is.
pub(crate) struct SessionSource {
    application_token: SecretString,
    idle_limit: Duration,
}

impl SessionSource {
    pub(crate) fn new(application_token: SecretString, idle_limit: Duration) -> Self {
        Self { application_token, idle_limit }
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
        let (answer, headers) = http.with(application).send_for_headers(&LoginApi::default()).await?;
        let body = answer.token.as_ref().map(|token| bare_token(token.expose_secret()));
        match body.filter(|token| !token.is_empty()).or_else(|| token_of(&headers)) {
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

fn bare_token(value: &str) -> &str {
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

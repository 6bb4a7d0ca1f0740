//! The product's own calls: version, login, logout. Everything else on a server comes from add-ons.

use std::fmt;

use api_transport::{Effect, Endpoint, Path, decode_json};
use bytes::Bytes;
use http::Method;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// `GET api/CurrentVersion`: which product and build answers.
///
/// How sure: a real server's description (build 2510). Whether it answers without a session is unknown; the client sends one.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct CurrentVersion {}

/// The answer of [`CurrentVersion`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ProductVersion {
    /// Product.
    #[serde(rename = "ProductClass", alias = "productClass", default)]
    pub product_class: Option<String>,
    /// Build, `YYMM.minor.build`: `2510.0.0`.
    #[serde(rename = "Version", alias = "version", default)]
    pub version: Option<String>,
}

impl Endpoint for CurrentVersion {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = ProductVersion;

    fn path(&self) -> Path {
        Path::new(["api", "CurrentVersion"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        decode_json(body)
    }
}

/// `POST api/LoginApi` with the application token as bearer and an empty body: opens a session.
///
/// [`Client`](crate::Client) calls it by itself. How sure: a real server's description (build 2510) and the vendor's own client.
/// Every login makes a Login on the server, which takes a seat of the licence until it is closed or idle for too long.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct LoginApi {}

/// The answer of [`LoginApi`].
#[non_exhaustive]
pub struct LoginResult {
    /// The session token; the answer's header `Authorization` holds it too.
    pub token: Option<SecretString>,
    /// Whether the server serves one database only, where it tells.
    pub is_single_db: Option<bool>,
}

impl fmt::Debug for LoginResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginResult").field("is_single_db", &self.is_single_db).finish_non_exhaustive()
    }
}

impl Endpoint for LoginApi {
    const EFFECT: Effect = Effect::Idempotent;
    type Response = LoginResult;

    fn path(&self) -> Path {
        Path::new(["api", "LoginApi"])
    }

    /// Empty, as the vendor's client sends it.
    fn body(&self) -> Result<Option<Bytes>> {
        Ok(Some(Bytes::new()))
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        // Builds before 2510 answer in camelCase.
        #[derive(Deserialize)]
        struct Wire {
            #[serde(rename = "Token", alias = "token", default)]
            token: Option<String>,
            #[serde(rename = "IsSingleDb", alias = "isSingleDb", default)]
            is_single_db: Option<bool>,
        }
        // The header has the token as well.
        if body.trim_ascii().is_empty() {
            return Ok(LoginResult { token: None, is_single_db: None });
        }
        // What stands behind a wrong port or path is often a page of a web server.
        if body.trim_ascii_start().starts_with(b"<") {
            let error = Error::decode_at("the answer is a page (HTML or XML) instead of JSON");
            return Err(error.with_advice("Something answers, but not Soneta WebAPI: check port and path."));
        }
        let Wire { token, is_single_db } = decode_json(body).map_err(|error| error.with_detail(""))?;
        Ok(LoginResult {
            token: token.filter(|token| !token.is_empty()).map(SecretString::from),
            is_single_db,
        })
    }
}

/// `POST api/LogoutApi` with the session token as bearer and an empty body: closes the session and frees its seat.
///
/// [`Client::close`](crate::Client::close) calls it. How sure: a real server's description (build 2510).
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct LogoutApi {}

/// The answer of [`LogoutApi`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct LogoutResult {
    /// Whether a session was closed; an empty answer counts as yes.
    #[serde(rename = "LoggedOut", alias = "loggedOut", default)]
    pub logged_out: bool,
}

impl Endpoint for LogoutApi {
    const EFFECT: Effect = Effect::Idempotent;
    type Response = LogoutResult;

    fn path(&self) -> Path {
        Path::new(["api", "LogoutApi"])
    }

    /// Empty, as the vendor's client sends it.
    fn body(&self) -> Result<Option<Bytes>> {
        Ok(Some(Bytes::new()))
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        // The 2xx says enough.
        if body.trim_ascii().is_empty() {
            return Ok(LogoutResult { logged_out: true });
        }
        decode_json(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_answer_to_a_logout_is_one() {
        assert!(LogoutApi::default().decode(b" \r\n").unwrap().logged_out);
        assert!(!LogoutApi::default().decode(br#"{"loggedOut":false}"#).unwrap().logged_out);
        assert!(LogoutApi::default().decode(b"<html>").is_err());
    }
}

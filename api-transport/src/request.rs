//! A call as bytes, made once and sent as often as the retry table allows.

use crate::{Effect, Endpoint, Error, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use url::Url;

/// What every attempt of a call sends.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) effect: Effect,
    /// The path with ids masked.
    pub(crate) path: String,
    /// Whether the URL as such is a secret, so that not even its query's names may show.
    pub(crate) is_secret: bool,
}

/// A whole 2xx answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn of<E: Endpoint + ?Sized>(endpoint: &E, base: &Url) -> Result<Self> {
        let (method, path) = (endpoint.method(), endpoint.path());
        let body = endpoint.body().map_err(|error| error.with_endpoint(format!("{method} {path}")))?;
        let mut url = base.clone();
        let wanted = format!("{}/{}", base.path().trim_end_matches('/'), path.encoded()?);
        url.set_path(&wanted);
        if url.path() != wanted {
            return Err(Error::config("the path does not survive as a URL").with_endpoint(path.to_string()));
        }
        let query = endpoint.query();
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut headers = endpoint.headers();
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        if body.is_some() {
            headers.entry(header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
        }
        Ok(Self {
            method,
            url,
            headers,
            body,
            effect: endpoint.effect(),
            path: path.to_string(),
            is_secret: false,
        })
    }

    /// Method and masked path, for errors.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

//! One value = one call.

use crate::{Error, ErrorKind, Path, Result};
use bytes::Bytes;
use http::{HeaderMap, Method};
use serde::Serialize;

/// What a second delivery of a call does. It, not the HTTP verb, decides what may be repeated.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Changes something; a second delivery of the same call leaves the same state.
    Idempotent,
    /// A second delivery may make a second record. Also a call of which nobody knows.
    Create,
}

impl Effect {
    /// Whether the call changes anything.
    pub const fn is_write(self) -> bool {
        !matches!(self, Self::Read)
    }
}

/// Who goes first when calls wait for a place.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Before every normal call that waits: orders, and what they need.
    Urgent,
    /// In the order of arrival: catalogues, prices, stock.
    #[default]
    Normal,
}

/// A call: method, path, query, body, effect, and how its answer is read.
///
/// The transport calls `effect`, `method`, `path`, `query`, `headers` and `body` once per [`send`](crate::Transport::send), before
/// anything goes out, so every attempt sends the same bytes; `decode` is called once, with the whole body of a 2xx answer.
pub trait Endpoint: Serialize + Send + Sync {
    /// What a second delivery does. There is no default.
    const EFFECT: Effect;
    /// The HTTP verb.
    const METHOD: Method = Method::POST;
    /// What the answer is read into.
    type Response: Send;

    /// Where the call goes, below the base URL.
    fn path(&self) -> Path;

    /// Query parameters, in this order. Values never show in logs.
    fn query(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Further headers of this call, for example another content type than JSON.
    fn headers(&self) -> HeaderMap {
        HeaderMap::new()
    }

    /// The body: this value as JSON for POST, PUT and PATCH, none otherwise.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`]: the value cannot be written as JSON.
    fn body(&self) -> Result<Option<Bytes>> {
        if !matches!(self.method(), Method::POST | Method::PUT | Method::PATCH) {
            return Ok(None);
        }
        match serde_json::to_vec(self) {
            Ok(body) => Ok(Some(body.into())),
            Err(cause) => Err(Error::new(ErrorKind::Config, "the request cannot be written as JSON")
                .with_detail(cause.to_string())),
        }
    }

    /// The effect of this value; a call by name overrides it.
    fn effect(&self) -> Effect {
        Self::EFFECT
    }

    /// The verb of this value; a call by name overrides it.
    fn method(&self) -> Method {
        Self::METHOD
    }

    /// The priority that [`send`](crate::Transport::send) uses.
    fn priority(&self) -> Priority {
        Priority::Normal
    }

    /// Reads the body of a 2xx answer, usually with [`decode_json`](crate::decode_json).
    ///
    /// # Errors
    ///
    /// A refusal inside the answer is [`Error::refused`], an answer that cannot be read is [`ErrorKind::Decode`]. Neither is ever
    /// repeated; after the latter the transport marks a write as perhaps carried out.
    fn decode(&self, body: &[u8]) -> Result<Self::Response>;
}

use api_transport::{Effect, Endpoint, Path};
use bytes::Bytes;
use http::Method;
use serde::Serialize;

use crate::Result;

/// `GET` of the installation's OpenAPI document, to be given to [`check`](super::check).
///
/// How sure: that a server has a page of documentation at `/api/docs` is documented, where the document behind it lies is not.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct OpenApiDocument {
    #[serde(skip)]
    segments: Vec<String>,
}

impl OpenApiDocument {
    /// The document at this path below the client's base URL.
    pub fn at<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self { segments: segments.into_iter().map(Into::into).collect() }
    }
}

impl Endpoint for OpenApiDocument {
    const EFFECT: Effect = Effect::Read;
    const METHOD: Method = Method::GET;
    type Response = Bytes;

    fn path(&self) -> Path {
        Path::new(&self.segments)
    }

    fn decode(&self, body: &[u8]) -> Result<Bytes> {
        Ok(Bytes::copy_from_slice(body))
    }
}

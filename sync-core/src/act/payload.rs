//! Frozen requests.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// A frozen request body. `Debug` shows its length only.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Payload(String);

impl Payload {
    /// Freezes `value` as JSON.
    ///
    /// # Errors
    /// [`Bug`](crate::ErrorKind::Bug) if it does not serialise.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self> {
        serde_json::to_string(value)
            .map(Self)
            // the message of what does not serialise may quote it, so it is not kept as the cause
            .map_err(|_| Error::bug("a payload does not serialise"))
    }

    /// Takes JSON as it was stored.
    #[must_use]
    pub fn from_json(json: impl Into<String>) -> Self {
        Self(json.into())
    }

    /// The JSON text.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.0
    }

    /// Reads it back. Money inside keeps its digits only if `T` reads it so (through `RawValue` or a string).
    ///
    /// # Errors
    /// [`UnknownFormat`](crate::ErrorKind::UnknownFormat) if it is no `T`: another version froze it.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.0).map_err(|_| {
            // serde_json's message quotes the content, so it is not kept as the cause
            Error::new(
                crate::ErrorKind::UnknownFormat,
                "a stored payload has another shape than this version's",
            )
        })
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Payload({} bytes)", self.0.len())
    }
}

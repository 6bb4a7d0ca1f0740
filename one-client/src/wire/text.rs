//! Texts that are numbers in one place of ONe's documentation and strings in another
//! (`lineNumber`, `externalId`): always text here.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A string, a number as its digits, or `null`.
pub(crate) fn option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    match raw.get().as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => serde_json::from_str(raw.get()).map(Some).map_err(|_| super::unfit("a text")),
        Some(b'-' | b'0'..=b'9') => Ok(Some(raw.get().to_owned())),
        _ => Err(super::unfit("a text or a number")),
    }
}

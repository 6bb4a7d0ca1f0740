//! Texts that are numbers in one place of ONe's documentation and strings in another
//! (`lineNumber`, `externalId`): always text here.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A string, a number as its digits, or `null`.
pub(crate) fn option<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    if raw.get() == "null" {
        return Ok(None);
    }
    of(&raw).map(Some).ok_or_else(|| super::unfit("a text or a number"))
}

/// A string, or a number as its digits.
pub(crate) fn of(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).ok(),
        Some(b'-' | b'0'..=b'9') => Some(raw.get().to_owned()),
        _ => None,
    }
}

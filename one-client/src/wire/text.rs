//! Texts that are numbers in one place of ONe's documentation and strings in another
//! (`lineNumber`, `externalId`): always text here.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::str::FromStr;

/// A string, a number as its digits, or `null`; also for ids.
pub(crate) fn option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    if raw.get() == "null" {
        return Ok(None);
    }
    of(&raw).map(T::from).map(Some).ok_or_else(|| super::unfit("a text or a number"))
}

/// A whole number, a string that holds one, or `null`.
pub(crate) fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
{
    let text: Option<String> = option(deserializer)?;
    let number = |text: String| text.trim().parse().map_err(|_| super::unfit("a whole number or null"));
    text.map(number).transpose()
}

/// A string or a number as its digits, of a field that must be there; also for ids.
pub(crate) fn required<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    option(deserializer)?.ok_or_else(|| super::unfit("a text or a number"))
}

/// A string, or a number as its digits.
pub(crate) fn of(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first() {
        Some(b'"') => serde_json::from_str(raw.get()).ok(),
        Some(b'-' | b'0'..=b'9') => Some(raw.get().to_owned()),
        _ => None,
    }
}

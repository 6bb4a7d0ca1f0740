//! Lists that may be `null`: read as empty (with `#[serde(default)]` also when missing), since the platform writes nulls
//! explicitly. For `#[serde(deserialize_with = "wire::list::or_empty")]`.

use serde::{Deserialize, Deserializer};

/// Reads a list, `null` as an empty one.
///
/// # Errors
/// An element's.
pub fn or_empty<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

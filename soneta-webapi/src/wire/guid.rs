//! Guids that may be absent: `null`, `""` and (with `#[serde(default)]`) a missing field are `None`. Any case is read,
//! lower case with dashes is written. A Guid that must be there is a plain [`Uuid`] field.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Writes the lower-case form or `null`.
///
/// # Errors
/// The serialiser's.
pub fn serialize<S: Serializer>(value: &Option<Uuid>, serializer: S) -> Result<S::Ok, S::Error> {
    value.serialize(serializer)
}

/// Reads a Guid or nothing.
///
/// # Errors
/// The value is something else; the message holds nothing of it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
    match Option::<Cow<'_, str>>::deserialize(deserializer)?.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => Uuid::try_parse(text).map(Some).map_err(|_| D::Error::custom("not a Guid")),
    }
}

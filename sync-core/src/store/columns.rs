//! Values as databases keep them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::act::ActState;
use crate::error::{Error, ErrorKind, Result};

/// Databases count with signs.
pub(super) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}

pub(super) fn act_state(id: &str) -> Result<ActState> {
    ActState::parse(id).ok_or_else(|| {
        Error::new(ErrorKind::UnknownFormat, "an act is in a state this version does not know")
    })
}

pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    // the message of what does not serialise may quote it, so it is not kept as the cause
    serde_json::to_string(value).map_err(|_| Error::bug("a stored value does not serialise"))
}

pub(super) fn from_json<T: DeserializeOwned>(json: &str) -> Result<T> {
    // serde_json's message quotes the content, so it is not kept as the cause
    serde_json::from_str(json)
        .map_err(|_| Error::new(ErrorKind::UnknownFormat, "a stored value is unreadable"))
}

//! What is stored of a flow's position.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::{Error, ErrorKind, Result};
use crate::source::SourceInfo;

/// The format written by this version.
const FORMAT: u16 = 1;

#[derive(Serialize)]
struct Written<'a, C> {
    format: u16,
    kind: &'a str,
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<&'a C>,
}

#[derive(Deserialize)]
struct Format {
    format: u16,
}

#[derive(Deserialize)]
struct Read<'a> {
    kind: String,
    source: String,
    #[serde(borrow, default)]
    cursor: Option<&'a RawValue>,
}

/// The position as text for the store.
pub(crate) fn encode<C: Serialize>(info: &SourceInfo, cursor: Option<&C>) -> Result<String> {
    let source = info.identity.fingerprint();
    serde_json::to_string(&Written { format: FORMAT, kind: info.kind.as_str(), source: &source, cursor })
        .map_err(|_| Error::bug("a cursor does not serialise"))
}

/// The cursor in a stored position, if it is one of this source.
pub(crate) fn decode<C: DeserializeOwned>(info: &SourceInfo, stored: Option<&str>) -> Result<Option<C>> {
    let Some(stored) = stored else { return Ok(None) };
    // serde_json's message quotes the content, so it is not kept as the cause
    let unreadable =
        |_: serde_json::Error| Error::new(ErrorKind::UnknownFormat, "the stored position is unreadable");
    let Format { format } = serde_json::from_str(stored).map_err(unreadable)?;
    if format > FORMAT {
        return Err(Error::new(ErrorKind::UnknownFormat, "the stored position is of a newer version"));
    }
    let read: Read<'_> = serde_json::from_str(stored).map_err(unreadable)?;
    if read.kind != info.kind.as_str() || read.source != info.identity.fingerprint() {
        return Err(Error::new(
            ErrorKind::FingerprintMismatch,
            "the stored position belongs to another source (system, database, contract, entity or filter)",
        ));
    }
    read.cursor.map(|raw| serde_json::from_str(raw.get()).map_err(unreadable)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceIdentity, SourceKind};

    fn info() -> SourceInfo {
        SourceInfo::new(SourceKind::Token, SourceIdentity::new("one", "orders"))
    }

    #[test]
    fn a_position_comes_back_and_a_newer_or_broken_one_is_refused() {
        let text = encode(&info(), Some(&17u64)).unwrap();
        assert_eq!(decode::<u64>(&info(), Some(&text)).unwrap(), Some(17));
        assert_eq!(decode::<u64>(&info(), None).unwrap(), None);
        let cleared = encode::<u64>(&info(), None).unwrap();
        assert_eq!(decode::<u64>(&info(), Some(&cleared)).unwrap(), None);
        let newer = text.replace("\"format\":1", "\"format\":2");
        for broken in [newer.as_str(), "{", "", "{}", &text.replace("17", "\"x\"")] {
            let error = decode::<u64>(&info(), Some(broken)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnknownFormat, "{broken}");
        }
    }

    #[test]
    fn a_position_of_another_source_is_refused() {
        let text = encode(&info(), Some(&17u64)).unwrap();
        let mut other = info();
        other.identity = other.identity.filter("warehouse 2");
        let mut other_kind = info();
        other_kind.kind = SourceKind::Snapshot;
        for info in [other, other_kind] {
            let error = decode::<u64>(&info, Some(&text)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::FingerprintMismatch);
        }
    }
}

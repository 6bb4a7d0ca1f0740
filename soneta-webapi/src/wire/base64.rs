//! Files inside JSON: Base64 of RFC 4648 with padding. For `#[serde(with = "wire::base64")]`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

/// Writes the bytes of a file.
///
/// # Errors
/// The serialiser's.
pub fn serialize<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

/// Reads the bytes of a file. Line breaks between the letters are read over, as .NET writes them on request.
///
/// # Errors
/// The value is no Base64, or the file is empty; the message holds nothing of it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    option::deserialize(deserializer)?.ok_or_else(|| D::Error::custom("the file is empty"))
}

/// The bytes of a text; the library's own message would quote a letter of the file.
fn decode<E: Error>(text: &str) -> Result<Bytes, E> {
    let decoded = if text.contains(['\r', '\n']) {
        STANDARD.decode(text.replace(['\r', '\n'], ""))
    } else {
        STANDARD.decode(text)
    };
    decoded.map(Bytes::from).map_err(|_| E::custom("no Base64"))
}

/// For `Option<Bytes>`: `null`, `""` and (with `#[serde(default)]`) a missing field are `None`.
pub mod option {
    use super::{Bytes, Deserializer, Error, Serializer, Visitor, decode, fmt};

    /// Writes the bytes of a file, or `null`.
    ///
    /// # Errors
    /// The serialiser's.
    pub fn serialize<S: Serializer>(bytes: &Option<Bytes>, serializer: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => super::serialize(bytes, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads the bytes of a file, or nothing.
    ///
    /// # Errors
    /// The value is no Base64; the message holds nothing of it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bytes>, D::Error> {
        struct File;
        impl Visitor<'_> for File {
            type Value = Option<Bytes>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a file as Base64")
            }

            fn visit_unit<E: Error>(self) -> Result<Option<Bytes>, E> {
                Ok(None)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Option<Bytes>, E> {
                if text.is_empty() { Ok(None) } else { decode(text).map(Some) }
            }
        }
        deserializer.deserialize_any(File)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Option<Bytes>, String> {
        option::deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_read_also_with_line_breaks_and_escaped_letters() {
        for json in [r#""++8=""#, r#""++\r\n8=""#, r#""\u002B\u002b8=""#] {
            assert_eq!(read(json).unwrap(), Some(Bytes::from_static(&[0xfb, 0xef])), "{json}");
        }
    }

    #[test]
    fn nothing_is_no_file_and_a_file_that_must_be_there_is_missing() {
        for json in ["null", "\"\""] {
            assert_eq!(read(json).unwrap(), None);
            assert!(deserialize(&mut serde_json::Deserializer::from_str(json)).is_err());
        }
    }

    #[test]
    fn a_damaged_file_is_refused_without_showing_it() {
        for json in [r#""++8""#, r#""++8?""#, r#""++8=x""#, r#""-_8=""#] {
            let error = read(json).unwrap_err();
            assert!(!error.contains("++8") && !error.contains('?'), "{error}");
        }
    }
}

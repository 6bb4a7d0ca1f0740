//! Files inside JSON: Base64 of RFC 4648 with padding. For `#[serde(deserialize_with = "wire::base64::deserialize")]`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserializer;
use serde::de::{Error, Visitor};

/// Reads the bytes of a file. Line breaks between the letters are read over, as .NET writes them on request.
///
/// # Errors
/// The value is no Base64, or the file is empty; the message holds nothing of it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    struct File;
    impl Visitor<'_> for File {
        type Value = Bytes;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a file as Base64")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
            let decoded = if text.contains(['\r', '\n']) {
                STANDARD.decode(text.replace(['\r', '\n'], ""))
            } else {
                STANDARD.decode(text)
            };
            match decoded {
                Ok(bytes) if bytes.is_empty() => Err(E::custom("the file is empty")),
                Ok(bytes) => Ok(bytes.into()),
                // The library's message quotes a letter of the file.
                Err(_) => Err(E::custom("no Base64")),
            }
        }
    }
    deserializer.deserialize_str(File)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Bytes, String> {
        deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_is_read_also_with_line_breaks_and_escaped_letters() {
        for json in [r#""++8=""#, r#""++\r\n8=""#, r#""\u002B\u002b8=""#] {
            assert_eq!(read(json).unwrap(), Bytes::from_static(&[0xfb, 0xef]), "{json}");
        }
    }

    #[test]
    fn an_empty_or_damaged_file_is_refused_without_showing_it() {
        assert!(read(r#""""#).unwrap_err().contains("empty"));
        for json in [r#""++8""#, r#""++8?""#, r#""++8=x""#, r#""-_8=""#, "null", "7"] {
            let error = read(json).unwrap_err();
            assert!(!error.contains("++8") && !error.contains('?'), "{error}");
        }
    }
}

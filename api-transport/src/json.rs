//! Reading JSON answers without showing them.

use crate::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::Segment;
use std::fmt::Write;

/// How `serde` begins the messages whose last `, expected …` is a text of the type, not of the record.
const STANDARD_MESSAGES: [&str; 5] =
    ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant `", "unknown field `"];

/// Reads a JSON body; a UTF-8 byte order mark before it is skipped.
///
/// # Errors
///
/// [`ErrorKind::Decode`]. It shows the path, line and column, what was expected and which field is missing, never content; the
/// reader's full text is in [`Error::detail`].
pub fn decode_json<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    // The path costs time on every field, so it is looked for only when there is something to say.
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        Err(cause) => Err(explained::<T>(body, &cause)),
    }
}

fn explained<T: DeserializeOwned>(body: &[u8], cause: &serde_json::Error) -> Error {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let mut place = String::new();
    if let Err(located) = serde_path_to_error::deserialize::<_, T>(&mut reader) {
        write_path(&mut place, located.path());
    }
    if place.is_empty() {
        place.push_str("the answer");
    }
    let text = cause.to_string();
    let _ = write!(place, ", line {} column {}: ", cause.line(), cause.column());
    match cause.classify() {
        // The texts of these are fixed words of the parser.
        Category::Syntax | Category::Eof => place.push_str(without_position(&text)),
        Category::Data | Category::Io => place.push_str(&safe_words(without_position(&text))),
    }
    Error::new(ErrorKind::Decode, place).with_detail(text)
}

fn write_path(out: &mut String, path: &serde_path_to_error::Path) {
    for segment in path {
        match segment {
            Segment::Seq { index } => {
                let _ = write!(out, "[{index}]");
            }
            Segment::Map { key } => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(if is_name(key) { key } else { "{}" });
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
}

/// Whether a key looks like a field's name; other keys of a map may be content: names of people, numbers of accounts.
pub(crate) fn is_name(key: &str) -> bool {
    (1..=64).contains(&key.len())
        && key.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '$'))
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
        && key.bytes().filter(u8::is_ascii_digit).count() <= 3
}

fn without_position(text: &str) -> &str {
    text.rfind(" at line ").and_then(|end| text.get(..end)).unwrap_or(text)
}

fn safe_words(text: &str) -> String {
    for begin in ["missing field `", "duplicate field `"] {
        if let Some((field, _)) = text.strip_prefix(begin).and_then(|rest| rest.split_once('`'))
            && is_name(field)
        {
            return format!("{begin}{field}`");
        }
    }
    if STANDARD_MESSAGES.iter().any(|begin| text.starts_with(begin))
        && let Some((_, expected)) = text.rsplit_once(", expected ")
    {
        return format!("expected {expected}");
    }
    "a value that does not fit".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::value::RawValue;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only read into")]
    struct Line {
        id: u32,
        #[serde(default)]
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    enum Kind {
        Plain,
    }

    fn failure<T: DeserializeOwned + std::fmt::Debug>(body: &str) -> (String, Error) {
        let error = decode_json::<T>(body.as_bytes()).unwrap_err();
        (format!("{error} {error:?}"), error)
    }

    #[test]
    fn place_and_expectation_are_shown_but_no_content() {
        let (shown, error) = failure::<BTreeMap<String, Vec<Line>>>(
            r#"{"rows":[{"id":1},{"id":"Kowalski, expected anything"}]}"#,
        );
        assert!(shown.contains("rows[1].id, line 1 column"), "{shown}");
        assert!(shown.contains("expected u32") && !shown.contains("Kowalski"), "{shown}");
        assert!(error.detail().unwrap().contains("Kowalski"));

        let (shown, _) = failure::<Line>(r#"{"id":1,"kind":"Kowalski"}"#);
        assert!(shown.contains("expected `Plain`") && !shown.contains("Kowalski"), "{shown}");
        let (shown, _) = failure::<Line>("{}");
        assert!(shown.contains("missing field `id`"), "{shown}");
        let (shown, _) = failure::<Line>(r#"{"id":1"#);
        assert!(shown.contains("EOF while parsing"), "{shown}");
        for key in ["Jan Kowalski", "PL5250001009"] {
            let (shown, _) = failure::<BTreeMap<String, u8>>(&format!(r#"{{"{key}":"x"}}"#));
            assert!(shown.contains("{}") && !shown.contains(key), "{shown}");
        }
    }

    #[test]
    fn a_message_of_a_record_type_is_not_shown() {
        #[derive(Debug)]
        struct Odd;
        impl<'de> Deserialize<'de> for Odd {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Self, D::Error> {
                let text = String::deserialize(d)?;
                Err(serde::de::Error::custom(format!("odd, expected {text}")))
            }
        }
        let (shown, error) = failure::<Vec<Odd>>(r#"["Kowalski"]"#);
        assert!(shown.contains("[0]") && !shown.contains("Kowalski"), "{shown}");
        assert!(error.detail().unwrap().contains("Kowalski"));
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_raw_digits_are_kept() {
        let raw: Vec<Box<RawValue>> = decode_json(b"\xEF\xBB\xBF[1.10000000000000000000001]").unwrap();
        assert_eq!(raw[0].get(), "1.10000000000000000000001");
        let (shown, _) = failure::<Vec<(Box<RawValue>, u8)>>("[[1.10, 300]]");
        assert!(shown.contains("[0][1]"), "{shown}");
    }
}

//! Request bodies.

use super::refusal::Refusal;
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

/// The most lines one request may have.
const MAX_LINES: usize = 10_000;

/// Reads a body. When strict, a field that `T` does not have is refused by name.
pub(super) fn read<T: DeserializeOwned>(body: &[u8], strict: bool) -> Result<T, Refusal> {
    let mut unknown = None;
    let mut json = serde_json::Deserializer::from_slice(body);
    let read = serde_ignored::deserialize(&mut json, |path| {
        unknown.get_or_insert_with(|| path.to_string());
    })
    .and_then(|read| json.end().map(|()| read))
    .map_err(|error| Refusal::malformed(error.to_string()))?;
    match unknown {
        Some(path) if strict => Err(Refusal::malformed(format!("unknown field {path}"))),
        _ => Ok(read),
    }
}

/// Refuses more than 10,000 lines; the vendor recommends no more.
pub(super) fn check_lines(lines: usize) -> Result<(), Refusal> {
    if lines > MAX_LINES {
        let message = format!("{lines} lines; at most {MAX_LINES} are allowed");
        return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_MANY_LINES", message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::number::Number;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Deserialize)]
    struct Levels {
        levels: BTreeMap<String, Number>,
        #[serde(default)]
        note: Option<String>,
    }

    #[test]
    fn an_unknown_field_is_named_with_its_path_when_strict_and_ignored_when_not() {
        let body = r#"[{"levels": {"A": 1.50}}, {"levels": {}, "colour": {"a": 1}}]"#;
        let refused = read::<Vec<Levels>>(body.as_bytes(), true).unwrap_err();
        assert_eq!(refused, Refusal::malformed("unknown field 1.colour"));
        let read = read::<Vec<Levels>>(body.as_bytes(), false).unwrap();
        assert_eq!(read[0].levels["A"].0.to_string(), "1.50");
        assert_eq!(read[1].note, None);
    }

    #[test]
    fn something_after_the_body_is_refused() {
        assert!(read::<Vec<u8>>(b"[1] [2]", false).is_err());
        assert!(read::<Vec<u8>>(b"", false).is_err());
    }
}

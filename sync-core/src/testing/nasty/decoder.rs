//! What every decoder of an answer has to do.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::bodies;
use crate::error::{Error, Result};

/// Gives a decoder the answer `valid`, the same cut at every byte, and [everything](bodies) that came in its place elsewhere.
/// It has to take the first and refuse all others, without a panic.
///
/// `valid` is one JSON object or list, best short and with one of everything in it.
///
/// ```
/// use serde::Deserialize;
/// use sync_core::testing::nasty::decoder_conformance;
///
/// #[derive(Deserialize)]
/// struct Stock {
///     #[expect(dead_code)]
///     code: String,
/// }
///
/// # fn main() -> sync_core::Result<()> {
/// decoder_conformance(r#"[{"code":"MŁOTEK"}]"#.as_bytes(), |body| serde_json::from_slice::<Vec<Stock>>(body))
/// # }
/// ```
///
/// # Errors
/// A [`Bug`](crate::ErrorKind::Bug) that names the first body that was taken for the answer;
/// [`Config`](crate::ErrorKind::Config) if `valid` is neither object nor list.
pub fn decoder_conformance<T, E>(valid: &[u8], decode: impl Fn(&[u8]) -> Result<T, E>) -> Result<()> {
    let valid = valid.trim_ascii();
    if !matches!((valid.first(), valid.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']'))) {
        return Err(Error::config("the suite needs an answer that is a JSON object or list"));
    }
    let takes = |body: &[u8], name: &str| {
        catch_unwind(AssertUnwindSafe(|| decode(body).is_ok()))
            .map_err(|_| Error::bug(format!("a decoder does not panic: {name}")))
    };
    if !takes(valid, "valid")? {
        return Err(Error::bug("a decoder takes the valid answer"));
    }
    for at in 0..valid.len() {
        let cut = valid.get(..at).unwrap_or_default();
        if takes(cut, "cut")? {
            return Err(Error::bug(format!("a decoder refuses an answer that is cut: at byte {at} (F50)")));
        }
    }
    for body in bodies(valid) {
        if takes(&body.input, body.name)? {
            let (name, failures, why) = (body.name, body.failures, body.why);
            return Err(Error::bug(format!(
                "a decoder refuses what is not the answer: {name}, {why} ({failures})"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only whether it decodes is of interest")]
    struct Strict {
        rows: Vec<i64>,
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "only whether it decodes is of interest")]
    struct Lenient {
        #[serde(default)]
        rows: Vec<i64>,
    }

    const VALID: &[u8] = br#" {"rows":[1,2,3]} "#;

    #[test]
    fn a_strict_decoder_keeps_every_promise() {
        decoder_conformance(VALID, |body| serde_json::from_slice::<Strict>(body)).unwrap();
    }

    #[test]
    fn each_broken_promise_is_named() {
        let message = |result: Result<()>| result.unwrap_err().to_string();
        let lenient = decoder_conformance(VALID, |body| serde_json::from_slice::<Lenient>(body));
        assert!(message(lenient).contains("refusal in an envelope"));
        let first_only = decoder_conformance(VALID, |body| {
            let mut answers = serde_json::Deserializer::from_slice(body).into_iter::<Strict>();
            answers.next().unwrap_or_else(|| serde_json::from_slice(b""))
        });
        assert!(message(first_only).contains("twice"));
        let until_cut =
            decoder_conformance(VALID, |body| if body.starts_with(b"{\"rows\"") { Ok(()) } else { Err(()) });
        assert!(message(until_cut).contains("cut: at byte 7"));
        let panics = decoder_conformance(VALID, |body| {
            assert!(body.len() == 16, "scripted");
            Ok::<_, ()>(())
        });
        assert!(message(panics).contains("does not panic"));
        assert!(message(decoder_conformance(VALID, |_| Err::<(), _>(()))).contains("takes the valid answer"));
        assert!(decoder_conformance(b"17", |_| Ok::<_, ()>(())).is_err());
    }
}

//! Decimal numbers: digits in, digits out.
//!
//! Reads a JSON number or a string with a dot or a comma (`12.5`, `"12,5"`, `"1 234,56"`). A string with both separators
//! (`"1,234.56"`) is refused, since nothing tells which of them groups. `null` and `""` are no number: they never become 0.
//! Writes a JSON number with the digits that the value has (`12.50` stays `12.50`).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use super::Unreadable;

/// A `Decimal` holds no more places; digits beyond are rounded half up.
const PLACES: usize = 28;

/// The largest exponent that can matter; beyond it a number is 0 or too large.
const EXPONENT: i64 = 400;

/// Why a text is no decimal number; says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotADecimal(&'static str);

impl fmt::Display for NotADecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NotADecimal {}

impl From<NotADecimal> for Unreadable {
    fn from(NotADecimal(reason): NotADecimal) -> Self {
        Self(reason)
    }
}

/// Reads a decimal number from text: digits with a dot or a comma, an exponent, groups of three set apart by a space (also by
/// a no-break or a thin space).
///
/// Places beyond the 28th are rounded half up (binary noise such as `5.551115123125783E-17` reads as what is left of it);
/// everything else is exact or an error.
///
/// ```
/// use rust_decimal::Decimal;
/// use soneta_webapi::wire::decimal::parse;
///
/// assert_eq!(parse("1 234,56")?, Decimal::new(123_456, 2));
/// assert_eq!(parse("1e2")?, Decimal::new(100, 0));
/// assert!(parse("1,234.56").is_err());
/// # Ok::<(), soneta_webapi::wire::decimal::NotADecimal>(())
/// ```
///
/// # Errors
/// [`NotADecimal`] when the text is something else, is ambiguous or does not fit 96 bits.
pub fn parse(text: &str) -> Result<Decimal, NotADecimal> {
    let text = text.trim();
    if is_plain(text) {
        return exact(text);
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.parse::<i64>().map_err(|_| NotADecimal("an exponent is not a whole number"))?)
        }
        None => (unsigned, 0),
    };
    let (whole, fraction) = match mantissa.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, fraction),
        None => (mantissa, ""),
    };
    let whole = ungrouped(whole)?;
    if whole.is_empty() && fraction.is_empty() {
        return Err(NotADecimal("a number has no digits"));
    }
    if !(whole.bytes().all(|b| b.is_ascii_digit()) && fraction.bytes().all(|b| b.is_ascii_digit())) {
        return Err(NotADecimal("a number has a character that is no digit"));
    }
    let plain = if exponent == 0 && !whole.is_empty() && fraction.len() <= PLACES {
        if fraction.is_empty() { whole.into_owned() } else { format!("{whole}.{fraction}") }
    } else {
        shifted(&whole, fraction, exponent)?
    };
    let value = exact(&plain)?;
    Ok(if negative && !value.is_zero() { -value } else { value })
}

/// Whether the text is what nearly every server sends nearly always: digits with a dot, which need no copy.
fn is_plain(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction) && fraction.len() <= PLACES
}

fn exact(plain: &str) -> Result<Decimal, NotADecimal> {
    let mut value =
        Decimal::from_str_exact(plain).map_err(|_| NotADecimal("a number has too many digits"))?;
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    Ok(value)
}

/// The digits without the spaces between groups of three.
fn ungrouped(whole: &str) -> Result<Cow<'_, str>, NotADecimal> {
    const SPACES: [char; 4] = [' ', '\u{a0}', '\u{202f}', '\u{2009}'];
    if !whole.contains(SPACES) {
        return Ok(Cow::Borrowed(whole));
    }
    for (index, group) in whole.split(SPACES).enumerate() {
        let fits = if index == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
        if !fits {
            return Err(NotADecimal("a number has a space that sets no three digits apart"));
        }
    }
    Ok(Cow::Owned(whole.replace(SPACES, "")))
}

/// The number without its exponent, at most 28 places.
fn shifted(whole: &str, fraction: &str, exponent: i64) -> Result<String, NotADecimal> {
    let digits = format!("{whole}{fraction}");
    if digits.bytes().all(|b| b == b'0') {
        return Ok("0".to_owned());
    }
    if exponent > EXPONENT {
        return Err(NotADecimal("a number has too many digits"));
    }
    let exponent = exponent.max(-EXPONENT - i64::try_from(digits.len()).unwrap_or(0));
    let point = i64::try_from(whole.len()).unwrap_or(0) + exponent;
    let (before, after) = match usize::try_from(point) {
        Ok(point) if point >= digits.len() => {
            (format!("{digits}{}", "0".repeat(point - digits.len())), String::new())
        }
        Ok(point) => {
            let (before, after) = digits.split_at(point);
            (before.to_owned(), after.to_owned())
        }
        Err(_) => (String::new(), format!("{}{digits}", "0".repeat(usize::try_from(-point).unwrap_or(0)))),
    };
    let before = before.trim_start_matches('0');
    let before = if before.is_empty() { "0" } else { before };
    if after.len() <= PLACES {
        return Ok(if after.is_empty() { before.to_owned() } else { format!("{before}.{after}") });
    }
    let (kept, cut) = after.split_at(PLACES);
    let rounded = Decimal::from_str(&format!("{before}.{kept}"))
        .map_err(|_| NotADecimal("a number has too many digits"))?;
    let up = cut.bytes().next().is_some_and(|digit| digit >= b'5');
    let step = Decimal::new(1, 28);
    Ok(if up { rounded + step } else { rounded }.to_string())
}

/// Reads the value from the text of one JSON value, a number or a string.
pub(crate) fn from_json(json: &str) -> Result<Decimal, NotADecimal> {
    if json.starts_with('"') {
        let text: Cow<'_, str> =
            serde_json::from_str::<Text<'_>>(json).map(|t| t.0).map_err(|_| WRONG_KIND)?;
        parse(&text)
    } else if json.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        parse(json)
    } else {
        Err(WRONG_KIND)
    }
}

const WRONG_KIND: NotADecimal = NotADecimal("neither a number nor a string with one");

/// A JSON string, borrowed where it has no escapes.
#[derive(Deserialize)]
pub(crate) struct Text<'a>(#[serde(borrow)] pub(crate) Cow<'a, str>);

/// Writes the digits as a JSON number.
///
/// # Errors
/// The serialiser's.
pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(value.to_string()).map_err(S::Error::custom)?.serialize(serializer)
}

/// Reads a number or a string with one.
///
/// # Errors
/// The value is something else; the message holds nothing of it.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    from_json(raw.get()).map_err(D::Error::custom)
}

/// For `Option<Decimal>`: `null`, `""` and (with `#[serde(default)]`) a missing field are `None`.
pub mod option {
    use rust_decimal::Decimal;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};
    use serde_json::value::RawValue;

    /// Writes the digits as a JSON number, or `null`.
    ///
    /// # Errors
    /// The serialiser's.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    /// Reads a number, a string with one, or nothing.
    ///
    /// # Errors
    /// The value is something else; the message holds nothing of it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get() {
            "null" | "\"\"" => Ok(None),
            json => super::from_json(json).map(Some).map_err(D::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        #[serde(with = "super")]
        value: Decimal,
        #[serde(with = "super::option", default)]
        maybe: Option<Decimal>,
    }

    fn read(json: &str) -> Option<Decimal> {
        serde_json::from_str::<Holder>(&format!(r#"{{"value":{json}}}"#)).ok().map(|h| h.value)
    }

    #[test]
    fn every_spelling_seen_on_the_wire_reads_the_same() {
        let expected = Decimal::new(123_456, 2);
        for json in [
            "1234.56",
            "\"1234.56\"",
            "\"1234,56\"",
            "\"1 234,56\"",
            "\"1\u{a0}234,56\"",
            "123456e-2",
            "1.23456E+3",
        ] {
            assert_eq!(read(json), Some(expected), "{json}");
        }
    }

    #[test]
    fn what_is_ambiguous_or_no_number_is_refused() {
        for json in [
            "null",
            "\"\"",
            "true",
            "{}",
            "\"1,234.56\"",
            "\"1.234.567\"",
            "\"12 34\"",
            "\"abc\"",
            "\"NaN\"",
            "\"-\"",
            "\".\"",
            "1e400",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn digits_that_a_binary_float_would_lose_are_kept() {
        let json = r#"{"value":79228162514264337593543950335,"maybe":0.1000000000000000000000000001}"#;
        let read: Holder = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
    }

    #[test]
    fn binary_noise_reads_as_what_is_left_of_it() {
        assert_eq!(parse("5.551115123125783E-17").unwrap().to_string(), "0.0000000000000000555111512313");
        assert_eq!(parse("4.9E-324").unwrap(), Decimal::ZERO);
    }

    #[test]
    fn the_message_holds_nothing_of_the_value() {
        let error = serde_json::from_str::<Holder>(r#"{"value":"tajne 77"}"#).unwrap_err();
        assert!(!error.to_string().contains("tajne"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_with_its_places(mantissa in -(1i128 << 95)..(1i128 << 95), places in 0u32..=28) {
            let value = Decimal::from_i128_with_scale(mantissa, places);
            let holder = Holder { value, maybe: Some(value) };
            let text = serde_json::to_string(&holder).unwrap();
            let back: Holder = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(back.value.to_string(), value.to_string());
            prop_assert_eq!(back.maybe, Some(value));
        }

        #[test]
        fn a_comma_reads_like_a_dot(mantissa in any::<i64>(), places in 0u32..=18) {
            let value = Decimal::new(mantissa, places);
            let polish = value.to_string().replace('.', ",");
            prop_assert_eq!(parse(&polish).unwrap(), value);
        }

        #[test]
        fn an_exponent_moves_the_point_and_nothing_else(mantissa in 1i64..1_000_000_000, exponent in -19i32..10) {
            let expected = if exponent < 0 {
                Decimal::new(mantissa, exponent.unsigned_abs())
            } else {
                Decimal::from(mantissa) * Decimal::from(10i64.pow(exponent.unsigned_abs()))
            };
            let text = format!("{mantissa}e{exponent}");
            prop_assert_eq!(parse(&text).unwrap(), expected);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }
}

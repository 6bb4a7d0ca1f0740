//! The simulator's own way with numbers, so that a mistake in the client's does not hide itself.
//!
//! The digits are read from the text, so these types decode only straight from JSON: not below
//! `#[serde(flatten)]` or in an untagged enum.

use rust_decimal::Decimal;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON number, kept digit for digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(pub(super) Decimal);

/// The same, also given as a text with a number in it, as the examples of minimal prices and bonuses do. It
/// is told as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct NumberOrText(pub(super) Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.to_string()).map_err(S::Error::custom)?.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from, false).map(Self)
    }
}

impl Serialize for NumberOrText {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Number(self.0).serialize(to)
    }
}

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        read(from, true).map(Self)
    }
}

fn read<'de, D: Deserializer<'de>>(from: D, text_too: bool) -> Result<Decimal, D::Error> {
    use serde::de::Error as _;
    let raw = Box::<RawValue>::deserialize(from)?;
    parse(raw.get(), text_too).ok_or_else(|| D::Error::custom("expected a number"))
}

fn parse(json: &str, text_too: bool) -> Option<Decimal> {
    let digits = match json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(digits) if text_too => digits,
        _ => json,
    };
    Decimal::from_str_exact(digits).or_else(|_| Decimal::from_scientific(digits)).ok()
}

/// A decimal of an order draft: a number, or a text with one.
pub(super) mod exact {
    use super::{Decimal, Deserializer, Number, Serialize as _, Serializer, read};

    pub(in crate::simulator) fn serialize<S: Serializer>(value: &Decimal, to: S) -> Result<S::Ok, S::Error> {
        Number(value.normalize()).serialize(to)
    }

    pub(in crate::simulator) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        read(from, true)
    }
}

/// The same for a number that may be absent.
pub(super) mod exact_option {
    use super::{Decimal, Deserialize as _, Deserializer, RawValue, Serializer, parse};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(in crate::simulator) fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::exact::serialize(value, to),
            None => to.serialize_none(),
        }
    }

    pub(in crate::simulator) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Decimal>, D::Error> {
        use serde::de::Error as _;
        let Some(raw) = Option::<Box<RawValue>>::deserialize(from)? else { return Ok(None) };
        parse(raw.get(), true).map(Some).ok_or_else(|| D::Error::custom("expected a number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> Option<String> {
        serde_json::from_str(json).ok().map(|number: Number| serde_json::to_string(&number).unwrap())
    }

    #[test]
    fn a_number_keeps_its_digits() {
        assert_eq!(number("12.500").unwrap(), "12.500");
        assert_eq!(number("-0.000000000000001").unwrap(), "-0.000000000000001");
        assert_eq!(number("1.2E3").unwrap(), "1200");
    }

    #[test]
    fn a_text_is_a_number_only_where_that_is_known_of_the_field() {
        assert_eq!(number("\"100\""), None);
        let read: NumberOrText = serde_json::from_str("\"100\"").unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), "100");
        assert!(serde_json::from_str::<NumberOrText>("\"a lot\"").is_err());
        assert!(serde_json::from_str::<NumberOrText>("null").is_err());
    }
}

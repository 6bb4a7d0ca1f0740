//! Decimal numbers in JSON with every digit kept, and the pair of value and symbol that money and quantities are.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

/// A decimal that is a JSON number when written, and a number or a string when read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(pub(super) Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

pub(super) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    // Most quantities are whole; they need no text of their own.
    if value.scale() == 0
        && let Ok(whole) = i64::try_from(value.mantissa())
    {
        return serializer.serialize_i64(whole);
    }
    RawValue::from_string(value.to_string()).map_err(ser::Error::custom)?.serialize(serializer)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get().trim_matches('"');
    Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .map_err(|_| de::Error::custom("not a decimal number"))
}

/// `{Value, Symbol}` as it is written.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Amount<'a> {
    value: Number,
    symbol: &'a str,
}

impl<'a> Amount<'a> {
    pub(super) fn new(value: Decimal, symbol: &'a str) -> Self {
        Self { value: Number(value), symbol }
    }
}

/// `{Value, Symbol}` as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct AmountIn {
    pub(super) value: Number,
    pub(super) symbol: String,
}

/// To the grosz, halves away from zero, as enova365 rounds money.
pub(super) fn to_grosz(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
}

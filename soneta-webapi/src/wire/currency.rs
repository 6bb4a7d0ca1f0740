use std::fmt;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::decimal::{self, NotADecimal, Text};

/// An amount of money with its currency: `{"Value": 12.50, "Symbol": "PLN"}`.
///
/// Reads the object with `Value` as number or string, in any case of the first letter and also as `Wartosc`; the bare text
/// `"12.50 PLN"` or `"PLN 12.50"`; a bare number or a number in a string (then the symbol is empty, which means the system
/// currency; *inferred*). `null` is an error: a field that may be null is an `Option<Currency>`. Writes the object, `Value` as
/// a JSON number with the digits it has.
///
/// ```
/// use rust_decimal::Decimal;
/// use soneta_webapi::wire::Currency;
///
/// let price: Currency = serde_json::from_str(r#"{"Symbol":"PLN","Value":"26,50"}"#)?;
/// assert_eq!(price, Currency::new(Decimal::new(2650, 2), "PLN"));
/// assert_eq!(serde_json::to_string(&price)?, r#"{"Value":26.50,"Symbol":"PLN"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[doc(alias = "money")]
#[doc(alias = "kwota")]
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Currency {
    /// The amount.
    #[serde(with = "decimal")]
    pub value: Decimal,
    /// The currency's symbol, `PLN`; empty where the wire names none.
    pub symbol: String,
}

impl Currency {
    /// An amount in a currency.
    pub fn new(value: Decimal, symbol: impl Into<String>) -> Self {
        Self { value, symbol: symbol.into() }
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Currency").finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let (value, symbol) = read(raw.get()).map_err(D::Error::custom)?;
        Ok(Self { value, symbol })
    }
}

/// The object form; a struct of its own since `Value` needs its raw text.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(
        rename = "Value",
        alias = "value",
        alias = "Wartosc",
        alias = "wartosc",
        alias = "Ilosc",
        borrow
    )]
    value: &'a RawValue,
    #[serde(rename = "Symbol", alias = "symbol", default)]
    symbol: Option<String>,
}

#[derive(Debug)]
pub(super) enum Unreadable {
    Number(NotADecimal),
    Shape,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(error) => error.fmt(f),
            Self::Shape => {
                f.write_str("neither an object with Value and Symbol nor a text with both nor a number")
            }
        }
    }
}

/// Value and symbol of any spelling; shared with quantities, which look the same.
pub(super) fn read(json: &str) -> Result<(Decimal, String), Unreadable> {
    if json.starts_with('{') {
        let object: Object<'_> = serde_json::from_str(json).map_err(|_| Unreadable::Shape)?;
        let value = decimal::from_json(object.value.get()).map_err(Unreadable::Number)?;
        return Ok((value, object.symbol.unwrap_or_default()));
    }
    if !json.starts_with('"') {
        return decimal::from_json(json).map(|value| (value, String::new())).map_err(|_| Unreadable::Shape);
    }
    let Text(text) = serde_json::from_str(json).map_err(|_| Unreadable::Shape)?;
    let text = text.trim();
    let is_number = |c: char| c.is_ascii_digit();
    let (first, last) = (text.find(is_number), text.rfind(is_number));
    let (Some(first), Some(last)) = (first, last) else { return Err(Unreadable::Shape) };
    // A sign belongs to the number; the symbol stands before or behind it, never on both sides.
    let first = if text.get(..first).is_some_and(|before| before.ends_with('-')) { first - 1 } else { first };
    let (before, number, behind) = (
        text.get(..first).unwrap_or(""),
        text.get(first..=last).unwrap_or(""),
        text.get(last + 1..).unwrap_or(""),
    );
    let value = decimal::parse(number).map_err(Unreadable::Number)?;
    match (before.trim(), behind.trim()) {
        ("", symbol) | (symbol, "") => Ok((value, symbol.to_owned())),
        _ => Err(Unreadable::Shape),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_amount_reads_the_same() {
        let expected = Currency::new(Decimal::new(123_456, 2), "PLN");
        for json in [
            r#"{"Value":1234.56,"Symbol":"PLN"}"#,
            r#"{"Symbol":"PLN","Value":"1234.56"}"#,
            r#"{"Value":"1 234,56","Symbol":"PLN"}"#,
            r#"{"value":1234.56,"symbol":"PLN"}"#,
            r#"{"Wartosc":1234.56,"Symbol":"PLN","Inne":null}"#,
            r#""1234.56 PLN""#,
            r#""1 234,56 PLN""#,
            r#""PLN   1234.56""#,
        ] {
            assert_eq!(serde_json::from_str::<Currency>(json).unwrap(), expected, "{json}");
        }
    }

    #[test]
    fn a_bare_number_has_no_symbol() {
        for json in ["-5.10", "\"-5,10\""] {
            assert_eq!(
                serde_json::from_str::<Currency>(json).unwrap(),
                Currency::new(Decimal::new(-510, 2), "")
            );
        }
    }

    #[test]
    fn null_and_shapes_without_a_number_are_errors() {
        for json in
            ["null", "{}", r#"{"Value":null,"Symbol":"PLN"}"#, r#""PLN""#, r#""PLN 5 EUR""#, "[]", "true"]
        {
            assert!(serde_json::from_str::<Currency>(json).is_err(), "{json}");
        }
    }
}

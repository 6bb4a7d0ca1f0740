use std::fmt;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::Unreadable;
use super::decimal::{self, Text};

/// An amount of money with its currency: `{"Value": 12.50, "Symbol": "PLN"}`.
///
/// Reads the object with `Value` as number or string, in any case of the first letter and also as `Wartosc` and `Ilosc`; the bare text
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
        alias = "ilosc",
        borrow
    )]
    value: &'a RawValue,
    #[serde(rename = "Symbol", alias = "symbol", default)]
    symbol: Option<String>,
}

const SHAPE: Unreadable =
    Unreadable("neither an object with Value and Symbol nor a text with both nor a number");

/// Value and symbol of any spelling; shared with quantities, which look the same.
pub(super) fn read(json: &str) -> Result<(Decimal, String), Unreadable> {
    if json.starts_with('{') {
        let object: Object<'_> = serde_json::from_str(json).map_err(|_| SHAPE)?;
        let value = decimal::from_json(object.value.get())?;
        return Ok((value, object.symbol.unwrap_or_default()));
    }
    if !json.starts_with('"') {
        return decimal::from_json(json).map(|value| (value, String::new())).map_err(|_| SHAPE);
    }
    let Text(text) = serde_json::from_str(json).map_err(|_| SHAPE)?;
    let text = text.trim();
    if let Ok(value) = decimal::parse(text) {
        return Ok((value, String::new()));
    }
    let at_spaces =
        || text.match_indices(char::is_whitespace).filter_map(|(at, _)| text.split_at_checked(at));
    // The number is as long as it can be: `1 234,56 PLN`, `5 m2`. A symbol may hold digits and spaces.
    let behind = at_spaces().rev().find_map(|(number, symbol)| both(number, symbol));
    let before = || at_spaces().find_map(|(symbol, number)| both(number, symbol));
    behind.or_else(before).ok_or(SHAPE)
}

fn both(number: &str, symbol: &str) -> Option<(Decimal, String)> {
    let value = decimal::parse(number).ok()?;
    let symbol = symbol.trim();
    let is_symbol = !symbol.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | ','));
    is_symbol.then(|| (value, symbol.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
            r#""PLN 1 234,56""#,
            "\"1\u{a0}234,56\u{a0}PLN\"",
            r#"" +1234.56  PLN ""#,
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
    fn a_symbol_may_hold_digits_and_spaces() {
        for (json, value, symbol) in [
            (r#""12,5 m2""#, Decimal::new(125, 1), "m2"),
            (r#""1 250 m3""#, Decimal::from(1_250), "m3"),
            (r#""m2 -5""#, Decimal::from(-5), "m2"),
            (r#""3 op. zb.""#, Decimal::from(3), "op. zb."),
            (r#""1 para""#, Decimal::ONE, "para"),
        ] {
            let read: Currency = serde_json::from_str(json).unwrap();
            assert_eq!(read, Currency::new(value, symbol), "{json}");
        }
    }

    #[test]
    fn null_and_shapes_without_a_number_are_errors() {
        for json in [
            "null",
            "{}",
            r#"{"Value":null,"Symbol":"PLN"}"#,
            r#""PLN""#,
            r#""PLN 5 EUR""#,
            r#""5 6""#,
            "[]",
            "true",
        ] {
            assert!(serde_json::from_str::<Currency>(json).is_err(), "{json}");
        }
    }
    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_so_is_every_spelling(
            mantissa in -(1i128 << 95)..(1i128 << 95),
            places in 0u32..=28,
            symbol in "[A-Za-zżł%][A-Za-z0-9żł.]{0,5}",
        ) {
            let value = Decimal::from_i128_with_scale(mantissa, places);
            let amount = Currency::new(value, symbol.as_str());
            let digits = value.to_string();
            let comma = digits.replace('.', ",");
            for json in [
                serde_json::to_string(&amount).unwrap(),
                format!(r#"{{"symbol":"{symbol}","value":"{comma}"}}"#),
                format!(r#""{digits} {symbol}""#),
                format!(r#""{comma} {symbol}""#),
                format!(r#""{symbol}   {digits}""#),
            ] {
                let read: Currency = serde_json::from_str(&json).unwrap();
                prop_assert_eq!((read.value.to_string(), read.symbol.as_str()), (digits.clone(), symbol.as_str()));
            }
            let bare: Currency = serde_json::from_str(&digits).unwrap();
            prop_assert_eq!(bare, Currency::new(value, ""));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9.,eE +-]{0,16}|.{0,24}") {
            let _ = read(&text);
            let _ = read(&serde_json::to_string(&text).unwrap());
        }
    }
}

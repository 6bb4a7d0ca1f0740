use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::decimal;

/// A custom field of a row (cecha, "feature"): a name and a value of any scalar kind.
///
/// Only cechy that the administrator has opened for WebAPI arrive. Names are exact: case and Polish letters count, at most 30
/// characters. Reads `{Nazwa, Wartosc, Typ}` of the reference contract and `{Name, Value, Type}` of AltOne's.
#[doc(alias = "feature")]
#[doc(alias = "custom field")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cecha {
    /// Name of the definition.
    #[serde(rename = "Nazwa", alias = "nazwa", alias = "Name", alias = "name")]
    pub nazwa: String,
    /// The value; null where none is set.
    #[serde(rename = "Wartosc", alias = "wartosc", alias = "Value", alias = "value", default)]
    pub wartosc: WartoscCechy,
    /// The kind of the definition (`String`, `Bool`, `Decimal`, `Date` …) where the server names it.
    #[serde(
        rename = "Typ",
        alias = "typ",
        alias = "Type",
        alias = "type",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub typ: Option<String>,
}

impl Cecha {
    /// A cecha with a value; the kind is the definition's.
    pub fn new(nazwa: impl Into<String>, wartosc: impl Into<WartoscCechy>) -> Self {
        Self { nazwa: nazwa.into(), wartosc: wartosc.into(), typ: None }
    }
}

/// The value of a [`Cecha`] as its JSON text, so that a number keeps its digits.
///
/// What is made here is written as invariant text (`"123.45"`, `"true"`), which every contract takes. Readers are tolerant in the way the server is: a truth value may come as `true`, `"true"` or `"1"`, a number as number or
/// text.
#[derive(Clone)]
pub struct WartoscCechy(Box<RawValue>);

impl WartoscCechy {
    /// Whether no value is set: `null` or `""`, which the server treats alike.
    pub fn is_empty(&self) -> bool {
        matches!(self.0.get(), "null" | "\"\"")
    }

    /// The value as text: a string's content, or the digits or word of another scalar. `None` where none is set.
    pub fn text(&self) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        Some(serde_json::from_str::<String>(self.0.get()).unwrap_or_else(|_| self.0.get().to_owned()))
    }

    /// The truth value; `None` where none is set or the value is no truth value.
    pub fn bool(&self) -> Option<bool> {
        match self.text()?.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "tak" => Some(true),
            "false" | "0" | "nie" => Some(false),
            _ => None,
        }
    }

    /// The number; `None` where none is set or the value is no number.
    pub fn decimal(&self) -> Option<Decimal> {
        decimal::from_json(self.0.get()).ok()
    }
}

impl Default for WartoscCechy {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl fmt::Debug for WartoscCechy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WartoscCechy(..)")
    }
}

impl PartialEq for WartoscCechy {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Serialize for WartoscCechy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for WartoscCechy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

impl From<bool> for WartoscCechy {
    fn from(value: bool) -> Self {
        Self::from(if value { "true" } else { "false" })
    }
}

impl From<Decimal> for WartoscCechy {
    fn from(value: Decimal) -> Self {
        Self::from(value.to_string().as_str())
    }
}

impl From<&str> for WartoscCechy {
    fn from(value: &str) -> Self {
        serde_json::value::to_raw_value(value).map_or_else(|_| Self::default(), Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_the_forms_the_server_gives_them() {
        let read = |json: &str| serde_json::from_str::<WartoscCechy>(json).unwrap();
        assert_eq!(read("true").bool(), Some(true));
        assert_eq!(read("\"1\"").bool(), Some(true));
        assert_eq!(read("\"false\"").bool(), Some(false));
        assert_eq!(read("123.450").decimal().unwrap().to_string(), "123.450");
        assert_eq!(read("\"123,45\"").decimal(), Some(Decimal::new(12_345, 2)));
        assert_eq!(read("\"Zażółć\"").text().as_deref(), Some("Zażółć"));
        assert!(read("null").is_empty() && read("\"\"").is_empty());
    }
}

//! Values of which only the caller, or nobody, knows the shape.

use api_transport::Error;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use std::fmt;

/// Any JSON value, kept as its text: every digit, the order of fields and even spaces stay as they came.
///
/// `Debug` shows nothing of it: it may be anybody's data. Two values are equal if their texts are.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// The JSON of any value.
    ///
    /// # Errors
    ///
    /// `Config`: the value is none of JSON's, for example a map whose keys are no texts.
    pub fn of(value: &impl Serialize) -> Result<Self, Error> {
        serde_json::value::to_raw_value(value)
            .map(Self)
            .map_err(|_| Error::config("the value does not encode as JSON"))
    }

    /// An amount or a quantity, digit for digit.
    pub fn of_decimal(value: Decimal) -> Self {
        RawValue::from_string(value.to_string()).map(Self).unwrap_or_default()
    }

    /// A JSON text as it is.
    ///
    /// # Errors
    ///
    /// `Config`: the text is no JSON, or more than one value.
    pub fn from_text(json: impl Into<String>) -> Result<Self, Error> {
        RawValue::from_string(json.into()).map(Self).map_err(|_| Error::config("the text is no JSON value"))
    }

    /// The JSON text.
    pub fn json(&self) -> &str {
        self.0.get()
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.json() == "null"
    }

    /// The value as JSON, for looking. Numbers in it have lost their digits: an amount is read with
    /// [`decimal`](Self::decimal).
    pub fn value(&self) -> Option<serde_json::Value> {
        serde_json::from_str(self.json()).ok()
    }

    /// A number, or a string with a number in it, exactly.
    pub fn decimal(&self) -> Option<Decimal> {
        super::decimal::parse(self.json())
    }

    /// A string, or a number as its digits.
    pub fn text(&self) -> Option<String> {
        super::text::of(&self.0)
    }

    /// Reads it into a type of the caller's.
    ///
    /// # Errors
    ///
    /// `Decode`: it is of another shape. The message names the place and no content.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        api_transport::decode_json(self.json().as_bytes())
    }
}

/// `null`.
impl Default for Json {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Json").finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn a_value_is_kept_as_it_came() {
        for json in [r#"{"b": 1.50, "a": 0.1000000000000000055}"#, "null", "[1e2]", "\"ż\\u0041\"", "true"] {
            let value: Json = serde_json::from_str(json).unwrap();
            assert_eq!(value.json(), json);
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!(Json::from_text(json).unwrap(), value);
        }
        assert!(Json::default().is_null());
    }

    #[test]
    fn a_value_is_looked_at_in_several_ways_and_shows_nothing() {
        let json = Json::from_text("\"12.50\"").unwrap();
        assert_eq!((json.text().as_deref(), json.value().unwrap()), (Some("12.50"), "12.50".into()));
        assert_eq!(json.decimal(), Some(Decimal::new(1250, 2)));
        assert_eq!(Json::of_decimal(Decimal::new(1250, 2)).json(), "12.50");
        assert_eq!(Json::of(&["a"]).unwrap().read::<Vec<String>>().unwrap(), ["a"]);
        assert!(Json::of(&["a"]).unwrap().read::<Vec<u8>>().is_err());
        assert_eq!(Json::of(&["a"]).unwrap().text(), None);
        assert_eq!(format!("{json:?}"), "Json(..)");
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert!(Json::of(&BTreeMap::from([(vec![1], 1)])).is_err());
        for text in ["", "{", "1 2", "x"] {
            assert!(Json::from_text(text).is_err(), "{text}");
        }
    }
}

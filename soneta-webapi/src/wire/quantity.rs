use std::fmt;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use super::{currency, decimal};

/// A quantity with its unit: `{"Value": 3, "Symbol": "szt"}`.
///
/// Reads and writes the spellings of [`Currency`](super::Currency), among them `"3 szt"`; a bare number has an empty unit,
/// which means the good's base unit (*inferred*).
#[doc(alias = "ilosc")]
#[doc(alias = "amount")]
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Quantity {
    /// How many.
    #[serde(with = "decimal")]
    pub value: Decimal,
    /// The unit's symbol, `szt`; empty where the wire names none.
    pub symbol: String,
}

impl Quantity {
    /// A quantity in a unit.
    pub fn new(value: Decimal, symbol: impl Into<String>) -> Self {
        Self { value, symbol: symbol.into() }
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quantity").finish_non_exhaustive()
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let (value, symbol) = currency::read(raw.get()).map_err(D::Error::custom)?;
        Ok(Self { value, symbol })
    }
}

/// For `Decimal` fields that hold the value of a quantity whose unit stands elsewhere in the record: reads every spelling of
/// [`Quantity`](super::Quantity) and drops the unit, writes a JSON number.
pub mod value {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer};

    pub use crate::wire::decimal::serialize;

    /// Reads the value of a quantity.
    ///
    /// # Errors
    /// The value is something else; the message holds nothing of it.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        super::Quantity::deserialize(deserializer).map(|quantity| quantity.value)
    }

    /// For `Option<Decimal>`: `null` and (with `#[serde(default)]`) a missing field are `None`.
    pub mod option {
        use rust_decimal::Decimal;
        use serde::{Deserialize, Deserializer};

        pub use crate::wire::decimal::option::serialize;

        /// Reads the value of a quantity, or nothing.
        ///
        /// # Errors
        /// The value is something else; the message holds nothing of it.
        pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
            Ok(Option::<super::super::Quantity>::deserialize(deserializer)?.map(|quantity| quantity.value))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Deserialize)]
    struct Holder {
        #[serde(with = "super::value")]
        alone: Decimal,
        #[serde(with = "super::value::option", default)]
        maybe: Option<Decimal>,
    }

    #[test]
    fn a_value_alone_drops_the_unit() {
        let read = |json: &str| serde_json::from_str::<Holder>(json).ok();
        let holder = read(r#"{"alone":"1 para","maybe":{"Value":2,"Symbol":"szt"}}"#).unwrap();
        assert_eq!((holder.alone, holder.maybe), (Decimal::ONE, Some(Decimal::TWO)));
        assert_eq!(read(r#"{"alone":5,"maybe":null}"#).unwrap().maybe, None);
        assert!(read(r#"{"alone":null}"#).is_none() && read(r#"{"alone":1,"maybe":"para"}"#).is_none());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_so_is_every_spelling(
            mantissa in any::<i64>(),
            places in 0u32..=18,
            unit in "[a-zł%][a-z0-9ł.]{0,5}",
        ) {
            let quantity = Quantity::new(Decimal::new(mantissa, places), unit.as_str());
            let digits = quantity.value.to_string();
            let comma = digits.replace('.', ",");
            for json in [
                serde_json::to_string(&quantity).unwrap(),
                format!(r#"{{"symbol":"{unit}","ilosc":"{comma}"}}"#),
                format!(r#""{digits} {unit}""#),
                format!(r#""{comma} {unit}""#),
            ] {
                prop_assert_eq!(&serde_json::from_str::<Quantity>(&json).unwrap(), &quantity);
                let holder: Holder = serde_json::from_str(&format!(r#"{{"alone":{json},"maybe":{json}}}"#)).unwrap();
                prop_assert_eq!((holder.alone, holder.maybe), (quantity.value, Some(quantity.value)));
            }
        }
    }
}

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

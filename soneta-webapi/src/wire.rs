//! Soneta's business types on the wire.
//!
//! The modules named after a kind of value are for `#[serde(with = "…")]`; the types stand by themselves. All of them read
//! every spelling that has been seen of the value and write one: PascalCase members, numbers as JSON numbers, dates as
//! `2026-11-21`.
//!
//! Money and quantities are read from the digits of the text and never pass through a binary floating-point number, also when
//! another crate of the build switches on `serde_json/arbitrary_precision`. That needs the raw text of the value: these types
//! decode from JSON text (`serde_json::from_slice`, `from_str`), and not inside a `#[serde(flatten)]` or an untagged enum.

mod cecha;
mod currency;
pub mod date;
pub mod decimal;
pub mod guid;
pub mod instant;
pub mod list;
mod open_enum;
mod quantity;

pub use self::cecha::{Cecha, WartoscCechy};
pub use self::currency::Currency;
pub use self::quantity::Quantity;
pub use self::quantity::value as quantity_value;

pub(crate) use self::open_enum::open_enum;

/// A tick that the row has to tell: `None` means that the contract has none. For `#[serde(deserialize_with = "wire::told")]`.
///
/// # Errors
/// Missing, `null` or no truth value.
pub(crate) fn told<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    <bool as serde::Deserialize>::deserialize(deserializer).map(Some)
}

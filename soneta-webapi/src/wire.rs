//! Soneta's business types on the wire.
//!
//! The modules named after a kind of value are for `#[serde(with = "…")]`; the types stand by themselves. All of them read
//! every spelling that has been seen of the value and write one: PascalCase members, numbers as JSON numbers, dates as
//! `2026-11-21`.
//!
//! | Type or module | What it is | Forms that are read | Form that is written |
//! |---|---|---|---|
//! | [`decimal`] | number of any kind | `12.5`, `"12.5"`, `"12,5"`, `"1 234,56"`, `1.25e1` | `12.50`, with its places |
//! | [`Currency`] | money: the platform's `Currency`, `Amount`, `DoubleCy`, AltOne's `CurrencyDTO` | `{"Value":"26,50","Symbol":"PLN"}`, value as number or text; `"26.50 PLN"`, `"PLN   26.50"`, `26.5` | `{"Value":26.50,"Symbol":"PLN"}` |
//! | [`Quantity`], [`quantity_value`] | number with a unit; number alone | as money: `"1 para"` | `{"Value":1,"Symbol":"para"}`; `1` |
//! | [`Percent`] | percentage | `"50,00%"`, `"50.00%"`, `"50%"`; the share as a number, `0.5` | `"50.00%"` |
//! | [`date`], [`date::option`] | day | `"2026-11-21"`, `"21.11.2026"`, date-time, `{"Year","Month","Day"}`, `{"Rok","Miesiac","Dzien"}` | `"2026-11-21"` |
//! | [`date::parts`] | day of AltOne's contract | the same | `{"Year":2026,"Month":11,"Day":21}` |
//! | [`instant`] | date-time | ISO 8601 with an offset | `"2026-11-21T09:30:00Z"` |
//! | [`Time`] | time, also more than a day of it | `"8:05"`, `"08:05:00"` | `"8:05"` |
//! | [`YearMonth`] | month of a year | `{"Year":2022,"Month":6}`, `{"Rok","Miesiac"}`, `"2022/06"` | `{"Year":2022,"Month":6}` |
//! | [`FromTo`] | period of days | `{"From":"2022-05-09","To":"2022-05-15"}`, `"2022-05-09...2022-05-15"` | the object |
//! | [`guid`] | Guid that may be absent | any case, `""`, `null` | lower case, `null` |
//! | [`Cecha`], [`cecha::altone_list`] | custom field | `{"Nazwa","Wartosc","Typ"}`, `{"Name","Value","Type","UpdateDate"}` | the first; the second |
//! | [`WartoscCechy`] | value of a custom field | any of the above, [`OdwolanieDoWiersza`] (`"Pracownicy:5"`) and a tree path (`\Narciarstwo\Buty\`) | invariant text |
//! | [`list::or_empty`] | list | list, `null` | - |
//!
//! Members are read in PascalCase and camelCase.
//!
//! Money and quantities are read from the digits of the text and never pass through a binary floating-point number, also when
//! another crate of the build switches on `serde_json/arbitrary_precision`. That needs the raw text of the value: these types
//! decode from JSON text (`serde_json::from_slice`, `from_str`), and not inside a `#[serde(flatten)]` or an untagged enum.

pub mod base64;
pub mod cecha;
mod currency;
pub mod date;
pub mod decimal;
mod from_to;
pub mod guid;
pub mod instant;
pub mod list;
mod odwolanie;
mod open_enum;
mod percent;
mod quantity;
mod time;
mod unreadable;
mod wartosc_cechy;
mod year_month;

pub use self::cecha::Cecha;
pub use self::currency::Currency;
pub use self::from_to::FromTo;
pub use self::odwolanie::OdwolanieDoWiersza;
pub use self::percent::Percent;
pub use self::quantity::Quantity;
pub use self::quantity::value as quantity_value;
pub use self::time::Time;
pub use self::unreadable::Unreadable;
pub use self::wartosc_cechy::WartoscCechy;
pub use self::year_month::YearMonth;

pub(crate) use self::open_enum::open_enum;

/// A tick that the row has to tell: `None` means that the contract has none. For `#[serde(deserialize_with = "wire::told")]`.
///
/// # Errors
/// Missing, `null` or no truth value.
pub(crate) fn told<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    <bool as serde::Deserialize>::deserialize(deserializer).map(Some)
}

//! Customers' orders as documents of the simulated ERP.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::number;

/// The number of a document that is not approved yet.
pub(super) const BUFOR: &str = "BUFOR";

/// A customer's order (ZO) in the simulated ERP.
#[doc(alias = "zamówienie")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OrderDocument {
    /// ID of the document.
    #[serde(rename = "ID")]
    pub id: i32,
    /// The caller's idempotency key.
    pub guid: Uuid,
    /// `BUFOR` until approval, then `ZO/000001/26`.
    pub numer: String,
    /// The buyer's own number.
    pub numer_obcy: Option<String>,
    /// ID of the buyer.
    pub kontrahent_id: i32,
    /// Symbol of the warehouse.
    pub magazyn: String,
    /// Date of the document.
    pub data: NaiveDate,
    /// Whether it is approved.
    pub zatwierdzony: bool,
    /// Whether it is cancelled.
    #[serde(default)]
    pub anulowany: bool,
    /// How often it was written: 1, and one more with every change.
    #[serde(default = "first")]
    pub wersja: i64,
    /// Notes.
    pub uwagi: Option<String>,
    /// How it is to be paid, if the order says so; else as the contractor pays.
    #[serde(default)]
    pub forma_platnosci: Option<String>,
    /// Days until payment is due, if the order says so.
    #[serde(default)]
    pub termin_dni: Option<i32>,
    /// Net sum.
    #[serde(with = "number")]
    pub suma_netto: Decimal,
    /// Gross sum.
    #[serde(with = "number")]
    pub suma_brutto: Decimal,
    /// Currency of the sums and prices.
    pub waluta: String,
    /// The lines in the order of the request.
    pub pozycje: Vec<OrderLine>,
    /// When it was changed last, in milliseconds since 1970.
    pub zmieniono: i64,
    /// What was asked for, in one spelling: equal requests have equal texts. JSON.
    pub tresc: String,
}

/// A line of an [`OrderDocument`].
#[doc(alias = "pozycja")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OrderLine {
    /// ID of the line.
    #[serde(rename = "ID")]
    pub id: i32,
    /// The caller's key of the line.
    pub id_obcy: String,
    /// ID of the good.
    pub towar_id: i32,
    /// Code of the good.
    pub kod: String,
    /// How much.
    #[serde(with = "number")]
    pub ilosc: Decimal,
    /// The unit of `ilosc`.
    pub jednostka: String,
    /// Net price of one unit.
    #[serde(with = "number")]
    pub cena_netto: Decimal,
    /// Reserved, in the base unit.
    #[serde(with = "number")]
    pub zarezerwowano: Decimal,
    /// To be reserved but not there, in the base unit.
    #[serde(with = "number")]
    pub brakuje: Decimal,
}

impl OrderDocument {
    /// State of the document as a word of enova365.
    pub fn stan(&self) -> &'static str {
        match (self.anulowany, self.zatwierdzony) {
            (true, _) => "Anulowany",
            (false, true) => "Zatwierdzony",
            (false, false) => "Bufor",
        }
    }
}

/// The version of an order from before versions were counted.
fn first() -> i64 {
    1
}

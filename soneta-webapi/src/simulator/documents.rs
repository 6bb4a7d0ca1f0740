//! Delivery notes, invoices and their corrections as documents of the simulated ERP.

mod make;
mod parties;
mod pdf;
mod store;
mod sums;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Simulator, SimulatorError, number};

pub(super) use parties::Parties;
pub(super) use pdf::pdf;
pub(super) use store::Documents;
pub(super) use sums::Sums;

/// What a [`TradeDocument`] is.
#[doc(alias = "kategoria")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub enum DocumentKind {
    /// A delivery note (WZ).
    DeliveryNote,
    /// A correction of a delivery note (KWZ).
    DeliveryCorrection,
    /// An invoice (FV).
    Invoice,
    /// A correction of an invoice (KFV).
    InvoiceCorrection,
}

impl DocumentKind {
    /// Its kind as a word of enova365.
    pub fn kategoria(self) -> &'static str {
        match self {
            Self::DeliveryNote => "WydanieMagazynowe",
            Self::DeliveryCorrection => "KorektaWydaniaMagazynowego",
            Self::Invoice => "Sprzedaż",
            Self::InvoiceCorrection => "KorektaSprzedaży",
        }
    }

    /// Symbol of its definition, the series of its number.
    pub fn definicja(self) -> &'static str {
        match self {
            Self::DeliveryNote => "WZ",
            Self::DeliveryCorrection => "KWZ",
            Self::Invoice => "FV",
            Self::InvoiceCorrection => "KFV",
        }
    }

    /// Whether it is an invoice or a correction of one.
    pub fn is_invoice(self) -> bool {
        matches!(self, Self::Invoice | Self::InvoiceCorrection)
    }
}

/// An approved delivery note, invoice, or correction in the simulated ERP.
#[doc(alias = "dokument handlowy")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TradeDocument {
    /// ID of the document.
    #[serde(rename = "ID")]
    pub id: i32,
    /// Global key.
    pub guid: Uuid,
    /// What it is.
    pub kind: DocumentKind,
    /// `WZ/000001/26`.
    pub numer: String,
    /// The document that it corrects: the first one, also for a second correction.
    pub koryguje_id: Option<i32>,
    /// ID of the buyer.
    pub kontrahent_id: i32,
    /// Symbol of the warehouse.
    pub magazyn: String,
    /// Date of the document.
    pub data: NaiveDate,
    /// The buyer's own number of the order.
    pub numer_obcy: Option<String>,
    /// The lines; on a correction the corrected one alone.
    pub pozycje: Vec<DocumentLine>,
    /// Sums per VAT rate; on a correction the differences.
    pub sumy_vat: Vec<VatSum>,
    /// Net sum; on a correction the difference.
    #[serde(with = "number")]
    pub suma_netto: Decimal,
    /// Gross sum; on a correction the difference.
    #[serde(with = "number")]
    pub suma_brutto: Decimal,
    /// Currency of the sums and prices.
    pub waluta: String,
    /// How it is to be paid; delivery notes are not.
    #[serde(default)]
    pub forma_platnosci: Option<String>,
    /// When it is to be paid.
    pub termin: Option<NaiveDate>,
    /// Its number in KSeF, once it is accepted.
    pub ksef_numer: Option<String>,
    /// Day of acceptance.
    pub ksef_data: Option<NaiveDate>,
    /// When it was changed last, in milliseconds since 1970. No two changes of documents share an instant.
    pub zmieniono: i64,
}

/// The account that contractors pay to.
pub(super) const RACHUNEK: &str = "61109010140000071219812874";

impl TradeDocument {
    /// When what it asks for is to be paid; one without an amount asks for nothing.
    pub(super) fn due(&self) -> Option<NaiveDate> {
        self.termin.filter(|_| !self.suma_brutto.is_zero())
    }

    pub(super) fn ksef_status(&self) -> &'static str {
        if self.ksef_numer.is_some() { "Przyjety" } else { "Brak" }
    }

    pub(super) fn ksef_link(&self) -> Option<String> {
        self.ksef_numer.as_ref().map(|numer| format!("https://ksef.example/faktura/{numer}"))
    }
}

/// A line of a [`TradeDocument`].
#[doc(alias = "pozycja")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DocumentLine {
    /// ID of the line.
    #[serde(rename = "ID")]
    pub id: i32,
    /// Number of the line; on a correction that of the corrected line.
    pub lp: i32,
    /// ID of the good.
    pub towar_id: i32,
    /// Code of the good.
    pub kod: String,
    /// Name of the good.
    pub nazwa: String,
    /// The unit of the quantities.
    pub jednostka: String,
    /// VAT rate by its Kod.
    pub stawka_vat: String,
    /// ID of the order.
    pub zamowienie_id: i32,
    /// ID of its line.
    pub zamowienie_pozycja_id: i32,
    /// Quantity and values; on a correction those after it.
    pub stan: LineValues,
    /// Quantity and values before a correction.
    pub przed: Option<LineValues>,
}

impl DocumentLine {
    /// The quantity that it adds; on a correction the difference.
    fn difference(&self) -> Decimal {
        self.stan.ilosc - self.przed.as_ref().map_or(Decimal::ZERO, |before| before.ilosc)
    }
}

/// Quantity and values of a [`DocumentLine`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct LineValues {
    /// How much.
    #[serde(with = "number")]
    pub ilosc: Decimal,
    /// Net price of one unit.
    #[serde(with = "number")]
    pub cena_netto: Decimal,
    /// Net value.
    #[serde(with = "number")]
    pub wartosc_netto: Decimal,
    /// Gross value.
    #[serde(with = "number")]
    pub wartosc_brutto: Decimal,
}

/// The sum of one VAT rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct VatSum {
    /// VAT rate by its Kod.
    pub stawka_vat: String,
    /// Net.
    #[serde(with = "number")]
    pub netto: Decimal,
    /// Tax.
    #[serde(with = "number")]
    pub vat: Decimal,
}

/// What people do with the documents of an order.
impl Simulator {
    /// Makes a delivery note (WZ) of an approved order: of the named lines, each by its ID with a quantity in
    /// its unit, or of everything that is left. Stock and reservation go down, the order's fulfilment goes
    /// up. Services are listed too.
    ///
    /// # Errors
    ///
    /// There is no such order or line, the order is in the buffer or cancelled, more is asked for than is
    /// left or in stock, or the state file cannot be written.
    pub fn ship(&self, order: i32, lines: &[(i32, Decimal)]) -> Result<TradeDocument, SimulatorError> {
        self.shared.company().ship(order, lines)
    }

    /// Makes an invoice (FV) of what was delivered and is not invoiced yet: of a whole order, or of one
    /// delivery note. It is paid as the order says, or else as the contractor pays, and opens its settlement.
    ///
    /// # Errors
    ///
    /// There is no such order or delivery note, nothing of it is left to invoice, or the state file cannot be
    /// written.
    pub fn invoice(&self, document: i32) -> Result<TradeDocument, SimulatorError> {
        self.shared.company().invoice(document)
    }

    /// Corrects a line of an invoice (KFV) or a delivery note (KWZ), named by its ID on that document, to
    /// another quantity or net price. A correction of a delivery note takes goods back and has no price; one
    /// of an invoice has a settlement of its own, below zero if less is to be paid.
    ///
    /// # Errors
    ///
    /// There is no such document or line, it is itself a correction, nothing changes, or the state file
    /// cannot be written.
    pub fn correct(
        &self,
        document: i32,
        line: i32,
        ilosc: Option<Decimal>,
        cena_netto: Option<Decimal>,
    ) -> Result<TradeDocument, SimulatorError> {
        self.shared.company().correct(document, line, ilosc, cena_netto)
    }

    /// Lets KSeF accept an invoice or its correction, and tells the number; an accepted one keeps the number
    /// that it has.
    ///
    /// # Errors
    ///
    /// There is no such invoice, or the state file cannot be written.
    pub fn ksef_accept(&self, document: i32) -> Result<String, SimulatorError> {
        self.shared.company().ksef_accept(document)
    }

    /// Confirms an order (Potwierdzenie: Potwierdzony).
    ///
    /// # Errors
    ///
    /// There is no such order, or the state file cannot be written.
    pub fn confirm(&self, order: i32) -> Result<(), SimulatorError> {
        self.shared.company().set_confirmation(order, "Potwierdzony")
    }

    /// Rejects an order (Potwierdzenie: Odrzucony).
    ///
    /// # Errors
    ///
    /// There is no such order, or the state file cannot be written.
    pub fn reject(&self, order: i32) -> Result<(), SimulatorError> {
        self.shared.company().set_confirmation(order, "Odrzucony")
    }

    /// Sets the code of an order's status in an external system, or none.
    ///
    /// # Errors
    ///
    /// There is no such order, or the state file cannot be written.
    pub fn set_external_status(&self, order: i32, kod: Option<&str>) -> Result<(), SimulatorError> {
        self.shared.company().set_external_status(order, kod)
    }

    /// Every delivery note, invoice and correction, oldest first.
    pub fn documents(&self) -> Vec<TradeDocument> {
        self.shared.company().documents().all().to_vec()
    }
}

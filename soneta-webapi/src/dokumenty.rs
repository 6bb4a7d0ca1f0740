//! Trade documents (dokumenty handlowe): what invoices and delivery notes have in common.

use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::ids::{DokumentId, KontrahentId, TowarId, redacted_debug};
use crate::page::{ChangesQuery, Continuation};
use crate::wire::{self, Currency, Quantity, open_enum};
use crate::zamowienia::StanDokumentu;

open_enum! {
    /// Kind of a trade document (kategoria). Kinds are the platform's; symbols of definitions (`FV`, `WZ`) are configuration.
    #[doc(alias = "document kind")]
    pub enum Kategoria {
        /// Sale: invoice, receipt.
        Sprzedaz = "Sprzedaż" / 2,
        /// Correction of a sale.
        KorektaSprzedazy = "KorektaSprzedaży" / 3,
        /// Delivery note (WZ).
        WydanieMagazynowe = "WydanieMagazynowe" / 104,
        /// Correction of a delivery note.
        KorektaWydania = "KorektaWydaniaMagazynowego" / 105,
        /// A customer's order (ZO).
        ZamowienieOdbiorcy = "ZamówienieOdbiorcy" / 302,
    }
}

impl Kategoria {
    /// Whether it corrects another document.
    pub fn is_correction(&self) -> bool {
        match self {
            Self::KorektaSprzedazy | Self::KorektaWydania => true,
            Self::Unknown(word) => word.starts_with("Korekta"),
            _ => false,
        }
    }
}

/// What a list of documents is asked for. It holds approved documents only.
#[derive(Debug, Clone, bon::Builder)]
#[non_exhaustive]
pub struct DokumentyQuery {
    /// After this page; wins over `changed_since`.
    pub after: Option<Continuation>,
    /// Documents changed at or after this instant. Contracts that know days only take the whole day.
    pub changed_since: Option<DateTime<Utc>>,
    /// Of the documents changed at exactly `changed_since` only those with ids above this one; see
    /// [`ChangesQuery::after_id`](crate::ChangesQuery::after_id).
    pub after_id: Option<i32>,
    /// Only documents issued on this day or later: the start date of an integration.
    pub od_dnia: Option<NaiveDate>,
    /// How many rows at most; the server may have a lower limit of its own.
    #[builder(default = 200)]
    pub limit: u32,
}

impl Default for DokumentyQuery {
    fn default() -> Self {
        Self::builder().build()
    }
}

impl DokumentyQuery {
    /// The part of it that every change list knows.
    pub(crate) fn changes(&self) -> ChangesQuery {
        ChangesQuery::builder()
            .maybe_after(self.after.clone())
            .maybe_changed_since(self.changed_since)
            .maybe_after_id(self.after_id)
            .limit(self.limit)
            .build()
    }

    /// Whether a document of this state and day is asked for. The remote filter is a hint: add-ons have been seen to ignore one.
    pub(crate) fn asks_for(&self, stan: &StanDokumentu, data: NaiveDate) -> bool {
        *stan != StanDokumentu::Bufor && self.od_dnia.is_none_or(|day| data >= day)
    }
}

/// A line of an invoice or a delivery note (pozycja dokumentu).
#[doc(alias = "document line")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PozycjaDokumentu {
    /// Id of the line.
    #[serde(rename = "ID", alias = "Id")]
    pub id: i32,
    /// Number of the line within the document.
    #[serde(default)]
    pub lp: Option<i32>,
    /// The good, where the contract tells its id.
    #[serde(default)]
    pub towar_id: Option<TowarId>,
    /// Its Kod.
    #[serde(default)]
    pub kod: Option<String>,
    /// Its name, as printed.
    #[serde(default)]
    pub nazwa: Option<String>,
    /// How many. On a correction: after it.
    pub ilosc: Quantity,
    /// Net price of one of that unit, discounts applied. On a correction: after it.
    #[serde(default)]
    pub cena_netto: Option<Currency>,
    /// Net value. On a correction: after it.
    #[serde(default)]
    pub wartosc_netto: Option<Currency>,
    /// Gross value. On a correction: after it.
    #[serde(default)]
    pub wartosc_brutto: Option<Currency>,
    /// Kod of the VAT rate.
    #[serde(rename = "StawkaVat", alias = "StawkaVAT", default)]
    pub stawka_vat: Option<String>,
    /// The order that the line fulfils.
    #[serde(default)]
    pub zamowienie_id: Option<DokumentId>,
    /// The line of that order.
    #[serde(default)]
    pub zamowienie_pozycja_id: Option<i32>,
    /// What a correction started from.
    #[serde(default)]
    pub przed: Option<PrzedKorekta>,
}

redacted_debug!(PozycjaDokumentu { id });

/// A line as it stood before a correction.
#[doc(alias = "before correction")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PrzedKorekta {
    /// How many.
    pub ilosc: Quantity,
    /// Net price of one of that unit.
    #[serde(default)]
    pub cena_netto: Option<Currency>,
    /// Net value.
    #[serde(default)]
    pub wartosc_netto: Option<Currency>,
    /// Gross value.
    #[serde(default)]
    pub wartosc_brutto: Option<Currency>,
}

redacted_debug!(PrzedKorekta {});

/// The sum of one VAT rate on an invoice, in the currency of the document.
#[doc(alias = "VAT sum")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SumaVat {
    /// Kod of the rate: `23%`, `ZW`, `NP`.
    #[serde(rename = "StawkaVat", alias = "StawkaVAT")]
    pub stawka_vat: String,
    /// Net.
    #[serde(with = "wire::decimal")]
    pub netto: Decimal,
    /// Tax.
    #[serde(rename = "Vat", alias = "VAT", with = "wire::decimal")]
    pub vat: Decimal,
}

redacted_debug!(SumaVat {});

/// A payment that an invoice asks for (płatność).
#[doc(alias = "payment")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Platnosc {
    /// Payment method, a word of the installation's dictionary.
    #[serde(default)]
    pub forma_platnosci: Option<String>,
    /// How much.
    pub kwota: Currency,
    /// When it is due.
    #[serde(default, with = "wire::date::option")]
    pub termin: Option<NaiveDate>,
    /// Bank account to pay to.
    #[serde(default)]
    pub rachunek: Option<String>,
}

redacted_debug!(Platnosc {});

open_enum! {
    /// State of an invoice in the national e-invoice system (KSeF).
    pub enum StatusKSeF {
        /// Not an invoice for KSeF.
        NieDotyczy = "NieDotyczy" / 1,
        /// Nothing done yet.
        Brak = "Brak" / 2,
        /// Waits to be sent.
        DoWyslania = "DoWyslania" / 4,
        /// Sent, no answer yet.
        Wyslany = "Wyslany" / 8,
        /// Draft.
        Robocze = "Robocze" / 14,
        /// Accepted: it has a KSeF number.
        Przyjety = "Przyjety" / 16,
        /// Refused.
        Odrzucony = "Odrzucony" / 32,
    }
}

/// What KSeF says of an invoice.
#[doc(alias = "e-invoice")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct KSeF {
    /// State.
    pub status: StatusKSeF,
    /// Number that KSeF gave.
    #[serde(default)]
    pub numer: Option<String>,
    /// Day of acceptance.
    #[serde(default, with = "wire::date::option")]
    pub data_przyjecia: Option<NaiveDate>,
    /// Link for verification.
    #[serde(default)]
    pub link: Option<String>,
}

redacted_debug!(KSeF { status });

impl KSeF {
    /// Whether the same of it is printed at two readings of an invoice: its number and link, once KSeF has accepted it.
    pub fn prints_alike(before: Option<&Self>, after: Option<&Self>) -> bool {
        let printed = |ksef: Option<&Self>| {
            let accepted = ksef.is_some_and(|ksef| ksef.status == StatusKSeF::Przyjety);
            let numer = ksef.and_then(|ksef| ksef.numer.clone());
            (accepted, numer, ksef.and_then(|ksef| ksef.link.clone()))
        };
        printed(before) == printed(after)
    }
}

/// Who is named on a document: contractor, payer or receiver, with what the contract tells of it.
#[doc(alias = "contractor of a document")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Strona {
    /// Id of the contractor, where the contract tells it.
    #[serde(rename = "ID", alias = "Id", default)]
    pub id: Option<KontrahentId>,
    /// Its Kod.
    #[serde(default)]
    pub kod: Option<String>,
    /// Its name, as printed.
    #[serde(default)]
    pub nazwa: Option<String>,
    /// Its tax number, as printed.
    #[serde(rename = "NIP", default)]
    pub nip: Option<String>,
}

redacted_debug!(Strona { id });

/// A document as a file (PDF).
///
/// Deserialises from the reference contract's answer: Base64 that holds a PDF. Anything else, such as an empty file or a page of
/// HTML, is refused.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Pdf {
    /// Name of the file.
    pub nazwa: String,
    /// Its bytes.
    #[serde(rename = "Base64", deserialize_with = "pdf_bytes")]
    pub bytes: Bytes,
}

impl Pdf {
    /// A file.
    pub fn new(nazwa: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { nazwa: nazwa.into(), bytes: bytes.into() }
    }
}

impl fmt::Debug for Pdf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pdf").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Readers of PDF look for its mark in the first kilobyte, so a few bytes before it do no harm.
pub(crate) fn is_pdf(bytes: &[u8]) -> bool {
    bytes.windows(5).take(1_024).any(|window| window == b"%PDF-")
}

fn pdf_bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let bytes = wire::base64::deserialize(deserializer)?;
    if is_pdf(&bytes) { Ok(bytes) } else { Err(D::Error::custom("the file is no PDF")) }
}

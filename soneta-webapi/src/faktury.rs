//! Invoices (faktury sprzedaży, FV): the neutral record and the port.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Result;
use crate::dokumenty::{
    DokumentyQuery, KSeF, Kategoria, Pdf, Platnosc, PozycjaDokumentu, StatusKSeF, Strona, SumaVat,
};
use crate::ids::{DokumentId, redacted_debug};
use crate::page::{Change, WirePage};
use crate::wire::{self, Cecha, Currency};
use crate::zamowienia::StanDokumentu;

/// An invoice (faktura sprzedaży, FV; elsewhere called FS) or its correction, approved.
///
/// Deserialises from the reference contract's row. What a contract does not tell is `None` or empty.
#[doc(alias = "invoice")]
#[doc(alias = "sales invoice")]
#[doc(alias = "FV")]
#[doc(alias = "FS")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Faktura {
    /// Id of the document.
    #[serde(rename = "ID", alias = "Id")]
    pub id: DokumentId,
    /// Global key.
    #[serde(default, with = "wire::guid")]
    pub guid: Option<Uuid>,
    /// Full number.
    pub numer: String,
    /// Kind: a sale or its correction.
    pub kategoria: Kategoria,
    /// Symbol of the definition, such as `FV`.
    #[serde(default)]
    pub definicja: Option<String>,
    /// State.
    pub stan: StanDokumentu,
    /// The document that this one corrects.
    #[serde(default)]
    pub koryguje_id: Option<DokumentId>,
    /// Its number, where the contract tells it.
    #[serde(default)]
    pub koryguje_numer: Option<String>,
    /// Day of issue.
    #[serde(with = "wire::date")]
    pub data: NaiveDate,
    /// Day of the sale.
    #[serde(default, with = "wire::date::option")]
    pub data_operacji: Option<NaiveDate>,
    /// The buyer.
    pub kontrahent: Strona,
    /// Who pays, if not the buyer.
    #[serde(default)]
    pub platnik: Option<Strona>,
    /// Who receives, if not the buyer.
    #[serde(default)]
    pub odbiorca: Option<Strona>,
    /// The buyer's own number of the order.
    #[serde(default)]
    pub numer_obcy: Option<String>,
    /// The lines.
    #[serde(deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub pozycje: Vec<PozycjaDokumentu>,
    /// Sums per VAT rate.
    #[serde(rename = "SumyVat", alias = "SumyVAT", default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub sumy_vat: Vec<SumaVat>,
    /// Net total. On a correction: the difference it makes.
    #[serde(default)]
    pub suma_netto: Option<Currency>,
    /// Gross total. On a correction: the difference it makes.
    #[serde(default)]
    pub suma_brutto: Option<Currency>,
    /// Payments that it asks for.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub platnosci: Vec<Platnosc>,
    /// How much is paid, at the time of the read: a payment does not change the invoice's row, see
    /// [`Rozrachunki`](crate::Rozrachunki).
    #[serde(default)]
    pub zaplacono: Option<Currency>,
    /// Whether split payment (MPP) is due.
    #[serde(rename = "MPP", default)]
    pub mpp: Option<bool>,
    /// What KSeF says of it.
    #[serde(rename = "KSeF", default)]
    pub ksef: Option<KSeF>,
    /// Notes.
    #[serde(default)]
    pub opis: Option<String>,
    /// Custom fields.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub cechy: Vec<Cecha>,
    /// When it was changed last, where the contract tells it.
    #[serde(default, with = "wire::instant::option")]
    pub data_zmiany: Option<DateTime<Utc>>,
}

redacted_debug!(Faktura { id, guid });

impl Faktura {
    /// Whether KSeF has accepted it.
    pub fn ksef_accepted(&self) -> bool {
        self.ksef.as_ref().is_some_and(|ksef| ksef.status == StatusKSeF::Przyjety)
    }

    /// Whether a PDF that was fetched at the first of two readings of an invoice has to be fetched again at the second: KSeF has
    /// accepted it since, or its number or link is another one. They are printed on it.
    pub fn pdf_is_stale(before: &Self, after: &Self) -> bool {
        !KSeF::prints_alike(before.ksef.as_ref(), after.ksef.as_ref())
    }
}

/// Invoices, as an installation's add-on gives them.
///
/// # Contract
/// - `list_faktury` hands out every approved invoice and correction since `od_dnia` in a stable order: following `next` from the
///   start reaches `end` and has seen each at least once. Corrections are documents of their own.
/// - A row that cannot be decoded is an `Err` in its place and never the page's error.
/// - Every call may be repeated.
#[doc(alias = "invoices")]
#[async_trait]
pub trait Faktury: Debug + Send + Sync {
    /// A page of invoices in the contract's order.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_faktury(&self, query: &DokumentyQuery) -> Result<WirePage<Change<Faktura>>>;

    /// The invoice of this id; `None` if there is none.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_faktura(&self, id: DokumentId) -> Result<Option<Faktura>>;

    /// The invoice as PDF, made by the ERP. After KSeF's acceptance it is another one, with its number.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_faktura_pdf(&self, id: DokumentId) -> Result<Pdf>;
}

const _: fn(&dyn Faktury) = |_| ();

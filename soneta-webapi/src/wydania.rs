//! Delivery notes (wydania magazynowe, WZ): the neutral record and the port.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Result;
use crate::adres::Adres;
use crate::dokumenty::{DokumentyQuery, Kategoria, Pdf, PozycjaDokumentu, Strona};
use crate::ids::{DokumentId, redacted_debug};
use crate::page::{Change, WirePage};
use crate::wire::{self, Cecha, Currency};
use crate::zamowienia::StanDokumentu;

/// A delivery note (wydanie magazynowe, WZ) or its correction, approved.
///
/// Deserialises from the reference contract's row. What a contract does not tell is `None` or empty.
#[doc(alias = "delivery note")]
#[doc(alias = "goods issued note")]
#[doc(alias = "WZ")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Wydanie {
    /// Id of the document.
    #[serde(rename = "ID", alias = "Id")]
    pub id: DokumentId,
    /// Global key.
    #[serde(default, with = "wire::guid")]
    pub guid: Option<Uuid>,
    /// Full number.
    pub numer: String,
    /// Kind: a delivery note or its correction.
    pub kategoria: Kategoria,
    /// Symbol of the definition, such as `WZ`.
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
    /// Day of the movement.
    #[serde(default, with = "wire::date::option")]
    pub data_operacji: Option<NaiveDate>,
    /// Symbol of the warehouse.
    #[serde(default)]
    pub magazyn: Option<String>,
    /// The buyer.
    pub kontrahent: Strona,
    /// Who receives, if not the buyer.
    #[serde(default)]
    pub odbiorca: Option<Strona>,
    /// Where it was delivered.
    #[serde(default)]
    pub adres_dostawy: Option<Adres>,
    /// Delivery method.
    #[serde(default)]
    pub sposob_dostawy: Option<String>,
    /// The buyer's own number of the order.
    #[serde(default)]
    pub numer_obcy: Option<String>,
    /// The lines.
    #[serde(deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub pozycje: Vec<PozycjaDokumentu>,
    /// Net total, where the contract tells it.
    #[serde(default)]
    pub suma_netto: Option<Currency>,
    /// Gross total, where the contract tells it.
    #[serde(default)]
    pub suma_brutto: Option<Currency>,
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

redacted_debug!(Wydanie { id, guid });

/// Delivery notes, as an installation's add-on gives them.
///
/// # Contract
/// As [`Faktury`](crate::Faktury): every approved delivery note and correction since `od_dnia`, in a stable order, each at least
/// once; a bad row is an `Err` in its place; every call may be repeated.
#[doc(alias = "delivery notes")]
#[async_trait]
pub trait Wydania: Debug + Send + Sync {
    /// A page of delivery notes in the contract's order.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_wydania(&self, query: &DokumentyQuery) -> Result<WirePage<Change<Wydanie>>>;

    /// The delivery note of this id; `None` if there is none.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_wydanie(&self, id: DokumentId) -> Result<Option<Wydanie>>;

    /// The delivery note as PDF, made by the ERP.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_wydanie_pdf(&self, id: DokumentId) -> Result<Pdf>;
}

const _: fn(&dyn Wydania) = |_| ();

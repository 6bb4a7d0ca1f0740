//! Customers' orders (zamówienia odbiorców, ZO): what is sent, what is read, and the port.

mod create_or_find;
mod lista;
mod nowe;
mod zmiana;

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::lista::ListaZamowien;
pub use self::nowe::{NoweZamowienie, PozycjaZamowienia, Rezerwacja};
pub use self::zmiana::{AnulowanieZamowienia, ZmianaZamowienia, ZmianyZamowien};
use crate::Result;
use crate::dokumenty::Kategoria;
use crate::envelope::Rows;
use crate::ids::{DokumentId, KontrahentId, TowarId, redacted_debug};
use crate::wire::{self, Cecha, Currency, Quantity, open_enum};

/// An order in the ERP (zamówienie odbiorcy, ZO; elsewhere called ZS).
///
/// Deserialises from the reference contract's answer.
#[doc(alias = "order")]
#[doc(alias = "sales order")]
#[doc(alias = "ZO")]
#[doc(alias = "ZS")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Zamowienie {
    /// Id of the document.
    #[serde(rename = "ID", alias = "Id")]
    pub id: DokumentId,
    /// Global key; the one that the order was created with.
    #[serde(default, with = "wire::guid")]
    pub guid: Option<Uuid>,
    /// Full number; `BUFOR`, or with `/BUFOR` in it, until the document is approved.
    pub numer: String,
    /// The buyer's own number of the order.
    #[serde(default)]
    pub numer_obcy: Option<String>,
    /// State of the document.
    pub stan: StanDokumentu,
    /// Confirmation, the closest that the ERP has to an order status.
    #[serde(default)]
    pub potwierdzenie: Option<Potwierdzenie>,
    /// Code of the status in an external system, a dictionary of the installation.
    #[serde(default)]
    pub status_zewn: Option<String>,
    /// The contractor, where the contract tells it.
    #[serde(default)]
    pub kontrahent_id: Option<KontrahentId>,
    /// Net total, where the contract tells it.
    #[serde(default)]
    pub suma_netto: Option<Currency>,
    /// Gross total, where the contract tells it.
    #[serde(default)]
    pub suma_brutto: Option<Currency>,
    /// The lines.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub pozycje: Vec<PozycjaRealizacji>,
    /// Documents made from it: delivery notes, invoices, reservations.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub dokumenty: Vec<DokumentPowiazany>,
    /// Version of the document, which an edit names; where the contract tells it.
    #[serde(default)]
    pub wersja: Option<i64>,
    /// Day of issue, where the contract tells it.
    #[serde(default, with = "wire::date::option")]
    pub data: Option<NaiveDate>,
    /// Payment method by its name, where the contract tells it.
    #[serde(default)]
    pub forma_platnosci: Option<String>,
    /// Custom fields; only lists ask for any.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub cechy: Vec<Cecha>,
    /// When it was changed last.
    #[serde(default, with = "wire::instant::option")]
    pub data_zmiany: Option<DateTime<Utc>>,
}

redacted_debug!(Zamowienie { id, guid });

impl Zamowienie {
    /// Whether the ERP has numbered it; before that `numer` is no key of anything.
    pub fn is_numbered(&self) -> bool {
        is_numbered(&self.numer)
    }
}

fn is_numbered(numer: &str) -> bool {
    !numer.is_empty() && numer != "BUFOR" && !numer.contains("/BUFOR")
}

/// A line of an order and how far it is delivered.
#[doc(alias = "order line")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PozycjaRealizacji {
    /// Id of the line.
    #[serde(rename = "ID", alias = "Id")]
    pub id: i32,
    /// The id that the order's sender gave the line.
    #[serde(default)]
    pub id_obcy: Option<String>,
    /// The good, where the contract tells it.
    #[serde(default)]
    pub towar_id: Option<TowarId>,
    /// Its Kod, where the contract tells it.
    #[serde(default)]
    pub kod: Option<String>,
    /// Ordered.
    pub ilosc: Quantity,
    /// Net price of one of its unit, where the contract tells it.
    #[serde(default)]
    pub cena_netto: Option<Currency>,
    /// Delivered, where the contract tells it.
    #[serde(default)]
    pub zrealizowano: Option<Quantity>,
    /// Reserved, where the contract tells it.
    #[serde(default)]
    pub zarezerwowano: Option<Quantity>,
    /// Asked to be reserved but not there, where the contract tells it.
    #[serde(default)]
    pub brakuje: Option<Quantity>,
    /// Name of the good, as printed; where the contract tells it.
    #[serde(default)]
    pub nazwa: Option<String>,
    /// Net value, where the contract tells it.
    #[serde(default)]
    pub wartosc_netto: Option<Currency>,
    /// Gross value, where the contract tells it.
    #[serde(default)]
    pub wartosc_brutto: Option<Currency>,
}

redacted_debug!(PozycjaRealizacji { id });

/// A document that was made from an order.
#[doc(alias = "child document")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DokumentPowiazany {
    /// Kind of document.
    pub kategoria: Kategoria,
    /// Id of the document.
    #[serde(rename = "ID", alias = "Id")]
    pub id: DokumentId,
    /// Its full number.
    pub numer: String,
}

redacted_debug!(DokumentPowiazany { id });

open_enum! {
    /// State of a trade document.
    #[doc(alias = "document state")]
    pub enum StanDokumentu {
        /// In the buffer: not numbered, may still be deleted.
        Bufor = "Bufor" / 0,
        /// Approved.
        Zatwierdzony = "Zatwierdzony" / 1,
        /// Locked by the platform, for instance since it is booked.
        Zablokowany = "Zablokowany" / 2,
        /// Cancelled, for good.
        Anulowany = "Anulowany" / 3,
    }
}

open_enum! {
    /// Confirmation of a document.
    #[doc(alias = "confirmation")]
    pub enum Potwierdzenie {
        /// Not confirmed.
        Niepotwierdzony = "Niepotwierdzony" / 0,
        /// Confirmed.
        Potwierdzony = "Potwierdzony" / 1,
        /// Accepted.
        Zaakceptowany = "Zaakceptowany" / 2,
        /// Rejected.
        Odrzucony = "Odrzucony" / 3,
    }
}

/// What the ERP made of an order.
///
/// Deserialises from the reference contract's answer.
#[doc(alias = "created order")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ZapisaneZamowienie {
    /// Id of the document.
    #[serde(rename = "ID", alias = "Id")]
    pub id: DokumentId,
    /// The key it was created with.
    pub guid: Uuid,
    /// Full number; `BUFOR`, or with `/BUFOR` in it, until the document is approved: read it again then.
    pub numer: String,
    /// State of the document.
    pub stan: StanDokumentu,
    /// Net total.
    #[serde(default)]
    pub suma_netto: Option<Currency>,
    /// Gross total.
    #[serde(default)]
    pub suma_brutto: Option<Currency>,
    /// The lines, as the ERP took them.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub pozycje: Vec<ZapisanaPozycja>,
    /// Version of the document, which an edit names; where the contract tells it.
    #[serde(default)]
    pub wersja: Option<i64>,
    /// Whether it was not this call's answer that told of it: it was found by its Guid after a lost answer.
    #[serde(skip, default)]
    #[builder(default)]
    pub odnalezione: bool,
}

redacted_debug!(ZapisaneZamowienie { id, guid, odnalezione });

impl ZapisaneZamowienie {
    /// Whether the ERP has numbered it.
    pub fn is_numbered(&self) -> bool {
        is_numbered(&self.numer)
    }
}

/// A line of a [`ZapisaneZamowienie`].
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ZapisanaPozycja {
    /// The id that the sender gave the line.
    #[serde(default)]
    pub id_obcy: Option<String>,
    /// Id of the line.
    #[serde(rename = "ID", alias = "Id")]
    pub id: i32,
    /// Net price per unit, as the ERP took it.
    #[serde(default)]
    pub cena_netto: Option<Currency>,
    /// Reserved for it.
    #[serde(default)]
    pub zarezerwowano: Option<Quantity>,
    /// Asked to be reserved but not there.
    #[serde(default)]
    pub brakuje: Option<Quantity>,
}

redacted_debug!(ZapisanaPozycja { id });

/// How an order is looked up.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KluczZamowienia {
    /// By the document's id.
    Id(DokumentId),
    /// By the Guid that it was created with.
    Guid(Uuid),
    /// By the buyer's own number, which is unique for nobody but himself.
    NumerObcy {
        /// The number.
        numer: String,
        /// The buyer.
        kontrahent_id: KontrahentId,
    },
}

impl Debug for KluczZamowienia {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => f.debug_tuple("Id").field(id).finish(),
            Self::Guid(guid) => f.debug_tuple("Guid").field(guid).finish(),
            Self::NumerObcy { .. } => f.debug_struct("NumerObcy").finish_non_exhaustive(),
        }
    }
}

impl KluczZamowienia {
    /// By the buyer's own number.
    pub fn numer_obcy(numer: impl Into<String>, kontrahent_id: KontrahentId) -> Self {
        Self::NumerObcy { numer: numer.into(), kontrahent_id }
    }

    /// Whether the order has this key, as far as the contract tells.
    pub(crate) fn names(&self, order: &Zamowienie) -> bool {
        match self {
            Self::Id(id) => order.id == *id,
            Self::Guid(guid) => order.guid.is_none_or(|own| own == *guid),
            Self::NumerObcy { numer, kontrahent_id } => {
                order.numer_obcy.as_ref().is_none_or(|own| own == numer)
                    && order.kontrahent_id.is_none_or(|own| own == *kontrahent_id)
            }
        }
    }
}

/// Orders, as an installation's add-on takes and tells them.
///
/// # Contract
/// - `create_once` sends the order exactly once, save for the repeats after which nothing can have been made (nothing sent,
///   429, one new login after 401). Every other failure says by `may_have_been_applied()` whether a document may exist.
/// - A second order with the Guid of an existing document makes no second document: same content answers the first one, other
///   content is refused with `Konflikt`.
/// - An order is visible to `get_zamowienie` as soon as `create_once` has answered.
/// - May be called in parallel, also for orders of one buyer. What concerns one order (its creation, its edits, its cancellation) is called
///   one after the other by the engine.
#[doc(alias = "orders")]
#[async_trait]
pub trait Zamowienia: Debug + Send + Sync {
    /// Makes a document of the order, and asks nothing afterwards. Prefer [`create_or_find`](Self::create_or_find).
    ///
    /// # Errors
    /// The client's errors. `may_have_been_applied()` says that a document may exist: look it up before anything is repeated. A
    /// refusal with [`KodOdmowy::Konflikt`](crate::KodOdmowy::Konflikt) says that too: a document with this Guid exists.
    async fn create_once(&self, order: &NoweZamowienie) -> Result<ZapisaneZamowienie>;

    /// The order of this key; `None` if there is none.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_zamowienie(&self, klucz: &KluczZamowienia) -> Result<Option<Zamowienie>>;

    /// State and fulfilment of orders by id. One that does not exist is left out.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_statusy(&self, ids: &[DokumentId]) -> Result<Rows<Zamowienie>>;

    /// The document that this order has made, looked up by its Guid and compared with it (contractor, number of lines, net
    /// total, as far as the contract tells them); `None` if there is none, or none yet.
    ///
    /// # Errors
    /// The client's errors; refused with [`KodOdmowy::Konflikt`](crate::KodOdmowy::Konflikt) when the Guid's document is
    /// another order.
    async fn find(&self, order: &NoweZamowienie) -> Result<Option<ZapisaneZamowienie>> {
        create_or_find::find(self, order).await
    }

    /// Makes a document of the order; when the answer is lost, or the Guid is taken, looks the order up by its Guid and
    /// compares contractor, number of lines and net total (as far as the contract tells them).
    ///
    /// The safe way to place an order: it ends with the document, with a refusal after which none exists, or in doubt.
    ///
    /// # Errors
    /// The client's errors. `may_have_been_applied()` says that the order is in doubt: it was not found (yet), the document
    /// that was found is another one, or the look-up failed. Then look again later, with the same Guid; do not place it anew
    /// under another.
    async fn create_or_find(&self, order: &NoweZamowienie) -> Result<ZapisaneZamowienie> {
        create_or_find::create_or_find(self, order).await
    }
}

const _: fn(&dyn Zamowienia) = |_| ();

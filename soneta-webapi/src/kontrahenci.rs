//! Contractors (kontrahenci): the neutral record and the port.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::adres::Adres;
use crate::envelope::Rows;
use crate::ids::{KontrahentId, redacted_debug};
use crate::nip::bare_nip;
use crate::page::{Change, ChangesQuery, WirePage};
use crate::wire::{self, Cecha};
use crate::{Error, ErrorKind, Result};

/// A contractor of the ERP (kontrahent): a client, a supplier, a payer.
///
/// Deserialises from the reference contract's row.
#[doc(alias = "contractor")]
#[doc(alias = "client")]
#[doc(alias = "customer")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Kontrahent {
    /// Id in this database.
    #[serde(rename = "ID", alias = "Id")]
    pub id: KontrahentId,
    /// Global key.
    #[serde(default, with = "wire::guid")]
    pub guid: Option<Uuid>,
    /// Business code: unique in practice, but users may change it.
    pub kod: String,
    /// Name.
    pub nazwa: String,
    /// Polish tax number, as the ERP holds it (with or without dashes); empty or `None` where there is none.
    #[serde(rename = "NIP", default)]
    pub nip: Option<String>,
    /// EU tax number with its country code.
    #[serde(rename = "EuVAT", default)]
    pub eu_vat: Option<String>,
    /// Kind of VAT: `Krajowy`, `Unijny`, `Eksportowy` …
    #[serde(default)]
    pub rodzaj_vat: Option<String>,
    /// Currency of its documents.
    #[serde(default)]
    pub waluta: Option<String>,
    /// Seat.
    #[serde(default)]
    pub adres: Option<Adres>,
    /// Places to deliver to.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub miejsca_dostaw: Vec<MiejsceDostawy>,
    /// Persons.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub kontakty: Vec<Kontakt>,
    /// Who looks after it.
    #[serde(default)]
    pub opiekun: Option<String>,
    /// Price group: the value of a cecha, since the ERP has no such table.
    #[serde(default)]
    pub grupa_cenowa: Option<String>,
    /// Payment method.
    #[serde(default)]
    pub forma_platnosci: Option<String>,
    /// Days until payment is due.
    #[serde(default)]
    pub termin_dni: Option<i32>,
    /// Bank account of its own to pay to.
    #[serde(default)]
    pub rachunek_indywidualny: Option<String>,
    /// Whether it may not be sold to.
    #[builder(default)]
    pub blokada_sprzedazy: bool,
    /// The contractor that it was merged into.
    #[serde(default)]
    pub zastapiony_przez_id: Option<KontrahentId>,
    /// Segment, for the portal.
    #[serde(default)]
    pub segment: Option<String>,
    /// The tick that sends it to the portal, where the contract tells it.
    #[serde(deserialize_with = "wire::told")]
    pub zaznaczony: Option<bool>,
    /// Custom fields.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    #[builder(default)]
    pub cechy: Vec<Cecha>,
    /// Version of the row, where the contract has them; see [`ZapisKontrahenta::wersja`].
    #[serde(default)]
    pub wersja: Option<i64>,
    /// When it was changed last.
    #[serde(default, with = "wire::instant::option")]
    pub data_zmiany: Option<DateTime<Utc>>,
}

redacted_debug!(Kontrahent { id });

/// A place to deliver to (miejsce dostawy).
#[doc(alias = "delivery place")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct MiejsceDostawy {
    /// Id of the place.
    #[serde(rename = "ID", alias = "Id")]
    pub id: i32,
    /// Name.
    #[serde(default)]
    pub nazwa: Option<String>,
    /// Address.
    #[serde(default)]
    pub adres: Option<Adres>,
}

redacted_debug!(MiejsceDostawy { id });

/// A person of a contractor (kontakt).
#[doc(alias = "contact")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Kontakt {
    /// Id of the person.
    #[serde(rename = "ID", alias = "Id")]
    pub id: i32,
    /// First name.
    #[serde(default)]
    pub imie: Option<String>,
    /// Last name.
    #[serde(default)]
    pub nazwisko: Option<String>,
    /// E-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Telephone.
    #[serde(default)]
    pub telefon: Option<String>,
}

redacted_debug!(Kontakt { id });

/// How contractors are looked up.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KluczKontrahenta {
    /// By id.
    Id(KontrahentId),
    /// By Kod, exactly as spelt.
    Kod(String),
    /// By tax number; only letters and digits count. Several contractors may share one.
    Nip(String),
}

impl Debug for KluczKontrahenta {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => f.debug_tuple("Id").field(id).finish(),
            Self::Kod(_) => f.write_str("Kod(..)"),
            Self::Nip(_) => f.write_str("Nip(..)"),
        }
    }
}

/// Contractors, as an installation's add-on gives them.
///
/// # Contract
/// - A look-up is compared again by the client: a row that does not carry the key asked for is left out, since add-ons have
///   been seen to ignore a filter.
/// - A merged contractor is answered as it is, with `zastapiony_przez_id`; `resolve_kontrahent` follows it.
/// - Every call may be repeated.
#[doc(alias = "contractors")]
#[async_trait]
pub trait Kontrahenci: Debug + Send + Sync {
    /// The contractors of this key; none, one, or for a tax number several.
    ///
    /// # Errors
    /// The client's errors.
    async fn get_kontrahenci(&self, klucz: &KluczKontrahenta) -> Result<Rows<Kontrahent>>;

    /// A page of contractors in the contract's order: following `next` from the start reaches `end` and has seen each at least
    /// once.
    ///
    /// # Errors
    /// The client's errors; kind `Config` for a continuation of another list.
    async fn list_kontrahenci(&self, query: &ChangesQuery) -> Result<WirePage<Change<Kontrahent>>>;

    /// The contractor that stands for this one now: itself, or the last of those that it was merged into, one after the other.
    ///
    /// # Errors
    /// The client's errors; kind `NotFound` when a contractor on the way does not exist, kind `Unexpected` when the replacements
    /// run in a circle or do not end after 16; the row's own error when one cannot be read.
    async fn resolve_kontrahent(&self, id: KontrahentId) -> Result<Kontrahent> {
        const STEPS: usize = 16;
        let mut seen = Vec::new();
        let mut next = id;
        while seen.len() <= STEPS {
            if seen.contains(&next) {
                return Err(Error::new(
                    ErrorKind::Unexpected,
                    format!("the replacements of contractor {id} run in a circle at {next}"),
                ));
            }
            seen.push(next);
            let row = self.get_kontrahenci(&KluczKontrahenta::Id(next)).await?.into_iter().next();
            let kontrahent = row.transpose().map_err(|bad| bad.error)?.ok_or_else(|| {
                Error::new(
                    ErrorKind::NotFound,
                    match next == id {
                        true => format!("there is no contractor {id}"),
                        false => format!("contractor {id} leads to {next}, which does not exist"),
                    },
                )
            })?;
            match kontrahent.zastapiony_przez_id {
                Some(by) => next = by,
                None => return Ok(kontrahent),
            }
        }
        Err(Error::new(
            ErrorKind::Unexpected,
            format!("the replacements of contractor {id} do not end after {STEPS}"),
        ))
    }
}

const _: fn(&dyn Kontrahenci) = |_| ();

/// What is to be written of a contractor: a new one, or the fields of an existing one that change. `None` and no cechy leave a
/// field as it is; an empty text empties it.
#[doc(alias = "save contractor")]
#[derive(Clone, PartialEq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ZapisKontrahenta {
    /// Global key: the existing one, or the one that a new contractor gets. Derive it from the portal's id of the client, never
    /// at random per attempt.
    pub guid: Uuid,
    /// Version that was read; a contractor that has another one by now is refused with `Konflikt`. Absent = whatever it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub wersja: Option<i64>,
    /// Business code. A new contractor needs one, unless the ERP gives it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kod: Option<String>,
    /// Name. A new contractor needs one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nazwa: Option<String>,
    /// Polish tax number.
    #[serde(rename = "NIP", skip_serializing_if = "Option::is_none", default)]
    pub nip: Option<String>,
    /// EU tax number with its country code.
    #[serde(rename = "EuVAT", skip_serializing_if = "Option::is_none", default)]
    pub eu_vat: Option<String>,
    /// Kind of VAT: `Krajowy`, `Unijny`, `Eksportowy` …
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rodzaj_vat: Option<String>,
    /// Currency of its documents.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waluta: Option<String>,
    /// Seat, as a whole.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub adres: Option<Adres>,
    /// E-mail address; a read row has it in `adres`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// Telephone; a read row has it in `adres`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub telefon: Option<String>,
    /// Payment method.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub forma_platnosci: Option<String>,
    /// Days until payment is due.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub termin_dni: Option<i32>,
    /// Custom fields to be set.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    #[builder(default)]
    pub cechy: Vec<Cecha>,
}

redacted_debug!(ZapisKontrahenta { guid });

/// What the ERP made of a [`ZapisKontrahenta`].
#[doc(alias = "saved contractor")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct ZapisanyKontrahent {
    /// Id.
    #[serde(rename = "ID", alias = "Id")]
    pub id: KontrahentId,
    /// Global key, where the contract tells it.
    #[serde(default, with = "wire::guid")]
    pub guid: Option<Uuid>,
    /// Business code.
    #[serde(default)]
    pub kod: Option<String>,
    /// Version, where the contract has them.
    #[serde(default)]
    pub wersja: Option<i64>,
}

redacted_debug!(ZapisanyKontrahent { id, guid });

/// Writing contractors, as an installation's add-on permits it.
///
/// # Contract
/// - The Guid decides: a contractor with it is changed, otherwise one is made with it. A contractor that already holds what is
///   asked for is answered as it is, also when `wersja` is an older one. So `save_kontrahent` may be repeated.
/// - What is not named keeps its value.
#[doc(alias = "save contractors")]
#[async_trait]
pub trait ZapisKontrahentow: Debug + Send + Sync {
    /// Makes or changes a contractor.
    ///
    /// # Errors
    /// The client's errors; refused with [`KodOdmowy::Konflikt`](crate::KodOdmowy::Konflikt) when it was changed since it was read.
    async fn save_kontrahent(&self, zapis: &ZapisKontrahenta) -> Result<ZapisanyKontrahent>;
}

const _: fn(&dyn ZapisKontrahentow) = |_| ();

impl KluczKontrahenta {
    /// Whether the contractor has this key.
    pub(crate) fn names(&self, kontrahent: &Kontrahent) -> bool {
        match self {
            Self::Id(id) => kontrahent.id == *id,
            Self::Kod(kod) => kontrahent.kod == *kod,
            Self::Nip(nip) => kontrahent.nip.as_deref().is_some_and(|own| bare_nip(own) == bare_nip(nip)),
        }
    }
}

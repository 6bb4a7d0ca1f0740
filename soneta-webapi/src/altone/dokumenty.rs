//! Trade documents (dokumenty handlowe) of AltOne's contract: one shape for every kind, told apart by the definition's symbol.

mod dokument;
mod handel;
mod ksef;
mod lista;
mod pozycja;
mod strony;

use api_transport::{Effect, Endpoint, Path, Priority};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::dokument::{
    DaneKorekty, DokumentHandlowy, NumerObcyDokumentu, Podsumowanie, PozycjaVat, SposobLiczeniaVAT,
    TabelaKursowa,
};
pub use self::handel::{
    DokumentHandel, GetCommercialDocument, KontrahentHandel, NumerObcyKontrahenta, OpisAnalitycznyHandel,
    PozycjaHandel, SumyVatHandel,
};
pub use self::ksef::{
    DaneDoKSeF, DanePodmiotuTrzeciego, KSeFDokumentu, PodmiotDodatkowy, RolaPodmiotuTrzeciego,
    TypIdentyfikatora,
};
pub use self::pozycja::{ElemOpisuAnalitycznego, PlatnoscDokumentu, PozycjaDokHandlowego};
pub use self::strony::{AdresDoFaktury, DaneKontrahenta};

pub(super) use self::lista::{approved, by_guid, by_ids, page};

use super::{Filter, Packet};
use crate::Result;
use crate::envelope;
use crate::ids::{DokumentId, redacted_debug};
use crate::wire::{self, Currency};

/// `POST api/FakturyHandloweWebAPI/GetDokumentyHandlowe`: documents of all kinds in packets, ordered by id (*inferred*).
#[doc(alias = "documents")]
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetDokumentyHandlowe {
    /// Id after which to start; 0 = from the beginning.
    #[serde(rename = "LastID")]
    #[builder(default)]
    pub last_id: i32,
    /// How many at most.
    #[builder(default = 200)]
    pub packet_size: i32,
    /// Conditions on business fields.
    #[builder(default)]
    pub conditions: Vec<Filter>,
    /// Only documents changed on this day or later (*inferred*); days are as fine as it gets.
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::parts")]
    pub update_date: Option<NaiveDate>,
    /// Only these documents; builds of 2606 require the field, empty = all (*inferred*).
    #[builder(default)]
    pub id_dok_handlowych: Vec<DokumentId>,
    /// Whether to carry the e-invoices themselves; since 2606.
    #[serde(rename = "XMLContentKSeF", skip_serializing_if = "Option::is_none")]
    pub xml_content_ksef: Option<bool>,
}

impl Endpoint for GetDokumentyHandlowe {
    const EFFECT: Effect = Effect::Read;
    type Response = Packet<DokumentHandlowy>;

    fn path(&self) -> Path {
        Path::new(["api", "FakturyHandloweWebAPI", "GetDokumentyHandlowe"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Packet::decode(body)
    }
}

/// `POST api/FakturyHandloweWebAPI/InsertDokumentHandlowy`: makes a document of any kind, by the definition's symbol.
///
/// The contract has no key of idempotency: what a second delivery does is not documented. Assign a Guid and look it up before
/// anything is repeated, as [`AltOneZamowienia`](super::AltOneZamowienia) does.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct InsertDokumentHandlowy {
    /// The document; with `test_mode` it is only tried.
    pub dokument: DokumentHandlowy,
}

impl InsertDokumentHandlowy {
    /// Makes this document.
    pub fn new(dokument: DokumentHandlowy) -> Self {
        Self { dokument }
    }
}

impl Endpoint for InsertDokumentHandlowy {
    const EFFECT: Effect = Effect::Create;
    type Response = WynikZapisuDokumentu;

    fn path(&self) -> Path {
        Path::new(["api", "FakturyHandloweWebAPI", "InsertDokumentHandlowy"])
    }

    fn priority(&self) -> Priority {
        Priority::Urgent
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// What the ERP made of an [`InsertDokumentHandlowy`] (`WynikZapisuDokumentuDTO`).
#[doc(alias = "created document")]
#[derive(Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WynikZapisuDokumentu {
    /// Id of the document; none for a trial.
    #[serde(rename = "ID")]
    pub id: Option<DokumentId>,
    /// What the contract calls its Kod.
    pub kod: Option<String>,
    /// Its Guid.
    #[serde(default, with = "wire::guid")]
    pub guid: Option<Uuid>,
    /// Full number; `BUFOR`, or with `/BUFOR` in it, until the document is approved.
    pub numer_dokumentu: Option<String>,
    /// Rate of exchange.
    #[serde(default, with = "wire::decimal::option")]
    pub kurs: Option<Decimal>,
    /// Day of issue.
    #[serde(default, with = "wire::date::option")]
    pub data_wystawienia: Option<NaiveDate>,
    /// Gross total.
    pub wartosc_brutto_cy: Option<Currency>,
    /// Net total.
    pub wartosc_netto_cy: Option<Currency>,
    /// Whether nothing was written; since 2606.
    pub test_mode: Option<bool>,
}

redacted_debug!(WynikZapisuDokumentu { id, guid });

//! `HandelWebAPI/GetCommercialDocument`: one document, in the older shape that tells its Kategoria and VAT.

use api_transport::{Effect, Endpoint, Path};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::dokument::{NumerObcyDokumentu, PozycjaVat, SposobLiczeniaVAT};
use crate::Result;
use crate::altone::AdresKontrahenta;
use crate::altone::wiersz::wiersz;
use crate::dokumenty::Kategoria;
use crate::envelope;
use crate::ids::{DokumentId, redacted_debug};
use crate::wire::{self, Currency, Quantity};

/// `POST api/HandelWebAPI/GetCommercialDocument`: one document by id, or by the buyer's number together with his Kod.
///
/// Answers `None` when there is none (*inferred*). Which one it takes of several with the buyer's number is not documented.
#[derive(Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetCommercialDocument {
    /// By id.
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    pub id: Option<DokumentId>,
    /// By the buyer's own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numer_obcy: Option<NumerObcyKontrahenta>,
}

redacted_debug!(GetCommercialDocument { id });

/// A buyer's own number and who he is.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NumerObcyKontrahenta {
    /// The number.
    pub numer: String,
    /// Kod of the buyer.
    pub kod_kontrahenta: String,
}

redacted_debug!(NumerObcyKontrahenta {});

impl GetCommercialDocument {
    /// By id.
    pub fn by_id(id: DokumentId) -> Self {
        Self { id: Some(id), numer_obcy: None }
    }

    /// By the buyer's own number.
    pub fn by_numer_obcy(numer: impl Into<String>, kod_kontrahenta: impl Into<String>) -> Self {
        let numer_obcy =
            NumerObcyKontrahenta { numer: numer.into(), kod_kontrahenta: kod_kontrahenta.into() };
        Self { id: None, numer_obcy: Some(numer_obcy) }
    }
}

impl Endpoint for GetCommercialDocument {
    const EFFECT: Effect = Effect::Read;
    type Response = Option<DokumentHandel>;

    fn path(&self) -> Path {
        Path::new(["api", "HandelWebAPI", "GetCommercialDocument"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Answer {
            dokument_handlowy: Option<DokumentHandel>,
        }
        envelope::decode(body).map(|answer: Answer| answer.dokument_handlowy)
    }
}

wiersz! {
    /// A trade document in the shape of `HandelWebAPI` (`DokumentHandlowyDTO`). It does not tell its state.
    #[doc(alias = "DokumentHandlowyDTO")]
    pub struct DokumentHandel(DokumentId) {
    /// Global key.
    #[serde(default, with = "wire::guid", skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// Full number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numer_pelny: Option<String>,
    /// Symbol of the definition: `ZO`, `FV`, `WZ`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definicja: Option<String>,
    /// Symbol of the warehouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub magazyn: Option<String>,
    /// Kind of document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kategoria: Option<Kategoria>,
    /// Series of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seria: Option<String>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opis: Option<String>,
    /// Day of issue.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data: Option<NaiveDate>,
    /// Day of the sale or of the movement.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data_operacji: Option<NaiveDate>,
    /// Whether prices are net or gross.
    #[serde(rename = "SposobLiczeniaVAT", skip_serializing_if = "Option::is_none")]
    pub sposob_liczenia_vat: Option<SposobLiczeniaVAT>,
    /// The buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dane_kontrahenta: Option<KontrahentHandel>,
    /// The buyer's own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub obcy: Option<NumerObcyDokumentu>,
    /// Net total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub netto_cy: Option<Currency>,
    /// Gross total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brutto_cy: Option<Currency>,
    /// Tax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_cy: Option<Currency>,
    /// The lines.
    #[serde(default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub pozycje: Vec<PozycjaHandel>,
    /// Sums per VAT rate.
    #[serde(rename = "SumyVAT", skip_serializing_if = "Option::is_none")]
    pub sumy_vat: Option<SumyVatHandel>,
    /// Part of the shape since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(DokumentHandel { id, guid });

/// The buyer of a [`DokumentHandel`] (`DaneKontrahentaDTO` of `HandelWebAPI`).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct KontrahentHandel {
    /// His Kod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod: Option<String>,
    /// His tax number.
    #[serde(rename = "NIP", skip_serializing_if = "Option::is_none")]
    pub nip: Option<String>,
    /// His EU tax number.
    #[serde(rename = "EuVAT", skip_serializing_if = "Option::is_none")]
    pub eu_vat: Option<String>,
    /// His address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adres: Option<AdresKontrahenta>,
}

redacted_debug!(KontrahentHandel {});

/// A line of a [`DokumentHandel`] (`PozycjaDTO`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PozycjaHandel {
    /// Number of the line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lp: Option<i32>,
    /// Kod of the good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_towaru: Option<String>,
    /// Name of the good, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pelna_nazwa: Option<String>,
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ilosc: Option<Quantity>,
    /// Price of one of that unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cena: Option<Currency>,
    /// Price after discounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cena_po_rabacie: Option<Currency>,
    /// Value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wartosc: Option<Currency>,
    /// Kod of the VAT rate.
    #[serde(rename = "StawkaVAT", skip_serializing_if = "Option::is_none")]
    pub stawka_vat: Option<String>,
    /// Dimensions of controlling.
    #[serde(default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub opis_analityczny: Vec<OpisAnalitycznyHandel>,
}

redacted_debug!(PozycjaHandel { lp });

/// A dimension of controlling (`OpisAnalitycznyDTO`).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct OpisAnalitycznyHandel {
    /// Day that it is booked on.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data: Option<NaiveDate>,
    /// Symbol of the element.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// The dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wymiar: Option<String>,
    /// How much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kwota: Option<Currency>,
    /// Second amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kwota_dodatkowa: Option<Currency>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opis: Option<String>,
}

redacted_debug!(OpisAnalitycznyHandel {});

/// Sums per VAT rate of a [`DokumentHandel`] (`SumyVatDTO`).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct SumyVatHandel {
    /// Whether they are given by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub korekta: Option<bool>,
    /// The sums.
    #[serde(
        rename = "PozycjeVAT",
        default,
        deserialize_with = "wire::list::or_empty",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[builder(default)]
    pub pozycje_vat: Vec<PozycjaVat>,
}

redacted_debug!(SumyVatHandel {});

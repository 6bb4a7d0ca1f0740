//! The document of `FakturyHandloweWebAPI`, which is both what is inserted and what lists hold.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ksef::{DanePodmiotuTrzeciego, KSeFDokumentu, PodmiotDodatkowy};
use super::pozycja::{PlatnoscDokumentu, PozycjaDokHandlowego};
use super::strony::DaneKontrahenta;
use crate::altone::wiersz::wiersz;
use crate::ids::{DokumentId, redacted_debug};
use crate::wire::{self, Currency, open_enum};
use crate::zamowienia::StanDokumentu;

wiersz! {
    /// A trade document of any kind (`DokHandlowyDTO`): order, invoice, delivery note, correction.
    ///
    /// Every field may be missing in an answer. The builder asks for what the description of 2606 requires of a new document.
    ///
    /// ```
    /// use chrono::NaiveDate;
    /// use rust_decimal::Decimal;
    /// use soneta_webapi::altone::{DaneKontrahenta, DokumentHandlowy, PlatnoscDokumentu, PozycjaDokHandlowego};
    /// use soneta_webapi::wire::{Currency, Quantity};
    ///
    /// let day = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap_or_default();
    /// let pln = |grosze| Currency::new(Decimal::new(grosze, 2), "PLN");
    /// let dokument = DokumentHandlowy::builder()
    ///     .data_operacji(day)
    ///     .data(day)
    ///     .definicja("ZO")
    ///     .magazyn("F")
    ///     .dane_kontrahenta(DaneKontrahenta::builder().kod("ABC").nazwa("Sklep ABC").build())
    ///     .pozycje(vec![
    ///         PozycjaDokHandlowego::builder()
    ///             .lp(1)
    ///             .kod_towaru("BUTY-42")
    ///             .ilosc(Quantity::new(Decimal::from(2), "para"))
    ///             .cena(pln(26_400))
    ///             .build(),
    ///     ])
    ///     .platnosci(vec![PlatnoscDokumentu::builder().sposob_zaplaty("Przelew").kwota(pln(52_800)).build()])
    ///     .wartosc_cy(pln(52_800))
    ///     .build();
    /// assert_eq!(dokument.definicja.as_deref(), Some("ZO"));
    /// ```
    #[doc(alias = "trade document")]
    #[doc(alias = "DokHandlowyDTO")]
    pub struct DokumentHandlowy(DokumentId) {
    /// Global key. The caller may assign it to a new document, and finds it by it.
    #[serde(default, with = "wire::guid", skip_serializing_if = "Option::is_none")]
    pub guid: Option<Uuid>,
    /// Day of the sale or of the movement.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |day: NaiveDate| Some(day))]
    pub data_operacji: Option<NaiveDate>,
    /// Day of issue.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |day: NaiveDate| Some(day))]
    pub data: Option<NaiveDate>,
    /// Day of the delivery.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data_dostawy: Option<NaiveDate>,
    /// Symbol of the definition: `ZO`, `FV`, `WZ`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub definicja: Option<String>,
    /// Symbol of the warehouse.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub magazyn: Option<String>,
    /// Whether prices are net or gross.
    #[serde(rename = "SposobLiczeniaVAT", skip_serializing_if = "Option::is_none")]
    pub sposob_liczenia_vat: Option<SposobLiczeniaVAT>,
    /// The buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: DaneKontrahenta| Some(value))]
    pub dane_kontrahenta: Option<DaneKontrahenta>,
    /// Who receives, if not the buyer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dane_odbiorcy: Option<DaneKontrahenta>,
    /// The lines.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    pub pozycje: Vec<PozycjaDokHandlowego>,
    /// Payments that it asks for.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    pub platnosci: Vec<PlatnoscDokumentu>,
    /// Full number; `BUFOR`, or with `/BUFOR` in it, until the document is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numer_pelny: Option<String>,
    /// Total, net or gross like the prices (*inferred*).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: Currency| Some(value))]
    pub wartosc_cy: Option<Currency>,
    /// Series of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seria: Option<String>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opis: Option<String>,
    /// The buyer's own number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numer_obcy: Option<NumerObcyDokumentu>,
    /// What it corrects, if it is a correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub korekta: Option<DaneKorekty>,
    /// Whether the VAT sums are given by hand.
    #[serde(rename = "KorektaVAT", skip_serializing_if = "Option::is_none")]
    pub korekta_vat: Option<bool>,
    /// Sums per VAT rate.
    #[serde(rename = "PozycjeVAT", default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub pozycje_vat: Vec<PozycjaVat>,
    /// Totals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub podsumowanie: Option<Podsumowanie>,
    /// Rate of exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tabela_kursowa: Option<TabelaKursowa>,
    /// Whether it is approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zatwierdzony: Option<bool>,
    /// Whether it is cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anulowany: Option<bool>,
    /// State.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stan_dokumentu_handlowego: Option<StanDokumentu>,
    /// What KSeF says of it; since 2606.
    #[serde(rename = "KSeF", skip_serializing_if = "Option::is_none")]
    pub ksef: Option<KSeFDokumentu>,
    /// Third party for KSeF; since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dane_podmiotu_trzeciego: Option<DanePodmiotuTrzeciego>,
    /// Further parties for KSeF; since 2606.
    #[serde(rename = "PodmiotyDodatkoweKSeF", default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub podmioty_dodatkowe_ksef: Vec<PodmiotDodatkowy>,
    /// Whether only to try an insert: nothing is written. Since 2606; a server before it may refuse the field or ignore it and write (*unknown*).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(DokumentHandlowy { id, guid });

open_enum! {
    /// Whether the prices of a document are net or gross.
    #[doc(alias = "net or gross")]
    pub enum SposobLiczeniaVAT {
        /// Net; VAT is added.
        OdNetto = "OdNetto" / 1,
        /// Gross; VAT is contained.
        OdBrutto = "OdBrutto" / 2,
        /// VAT is the difference of both.
        OdBruttoMinusNetto = "OdBruttoMinusNetto" / 3,
        /// As the contractor's record says.
        ZaleznieOdKontrahenta = "ZależyOdKontrahenta" / 4,
    }
}

/// The buyer's own number of a document (`NumerObcyDTO`, `ObcyDTO`).
#[doc(alias = "foreign number")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct NumerObcyDokumentu {
    /// The number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numer: Option<String>,
    /// Day on which it was received.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data_otrzymania: Option<NaiveDate>,
}

redacted_debug!(NumerObcyDokumentu {});

/// The document that a correction corrects (`DaneKorektyDTO`).
#[doc(alias = "correction")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DaneKorekty {
    /// Its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub numer_zrodlowy: Option<String>,
    /// Its day of issue.
    #[serde(default, with = "wire::date::parts", skip_serializing_if = "Option::is_none")]
    pub data_dokumentu: Option<NaiveDate>,
}

redacted_debug!(DaneKorekty {});

/// The sum of one VAT rate (`PozycjaVatDTO`), in the currency of the document (*inferred*).
#[doc(alias = "VAT sum")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PozycjaVat {
    /// Kod of the rate: `23%`, `ZW`, `NP`.
    #[serde(rename = "StawkaVAT")]
    pub stawka_vat: String,
    /// Net.
    #[serde(with = "wire::decimal")]
    pub netto: Decimal,
    /// Tax.
    #[serde(rename = "VAT", with = "wire::decimal")]
    pub vat: Decimal,
}

redacted_debug!(PozycjaVat {});

/// Totals of a document (`PodsumowanieDTO`).
#[doc(alias = "totals")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Podsumowanie {
    /// Net.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub netto_cy: Option<Currency>,
    /// Gross.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brutto_cy: Option<Currency>,
}

redacted_debug!(Podsumowanie {});

/// Rate of exchange of a document (`TabelaKursowaDTO`).
#[doc(alias = "exchange rate")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TabelaKursowa {
    /// Name of the table of rates.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub nazwa_tabeli: Option<String>,
    /// The rate.
    #[serde(default, with = "wire::decimal::option", skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: Decimal| Some(value))]
    pub kurs: Option<Decimal>,
}

redacted_debug!(TabelaKursowa {});

//! What documents say for the national e-invoice system (KSeF); since 2606.
//!
//! How sure: documentation only; no server's description has these blocks.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::altone::AdresKontrahenta;
use crate::dokumenty::StatusKSeF;
use crate::ids::redacted_debug;
use crate::wire::{self, open_enum};

/// What KSeF says of a document (`KSeFDTO`).
#[doc(alias = "e-invoice")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct KSeFDokumentu {
    /// State.
    #[serde(rename = "StatusKSeF", skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: StatusKSeF| Some(value))]
    pub status_ksef: Option<StatusKSeF>,
    /// Number that KSeF gave.
    #[serde(rename = "NumerDokumentuKSeF", skip_serializing_if = "Option::is_none")]
    pub numer_dokumentu_ksef: Option<String>,
    /// Day of the document in KSeF.
    #[serde(
        rename = "DataKSeF",
        default,
        with = "wire::date::parts",
        skip_serializing_if = "Option::is_none"
    )]
    #[builder(required, with = |day: NaiveDate| Some(day))]
    pub data_ksef: Option<NaiveDate>,
    /// Day of sending.
    #[serde(
        rename = "DataPrzeslaniaKSeF",
        default,
        with = "wire::date::parts",
        skip_serializing_if = "Option::is_none"
    )]
    pub data_przeslania_ksef: Option<NaiveDate>,
    /// Day of acceptance.
    #[serde(
        rename = "DataPrzyjeciaKSeF",
        default,
        with = "wire::date::parts",
        skip_serializing_if = "Option::is_none"
    )]
    pub data_przyjecia_ksef: Option<NaiveDate>,
    /// Link for verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The e-invoice itself; lists carry it when asked to.
    #[serde(rename = "ContentXML", skip_serializing_if = "Option::is_none")]
    pub content_xml: Option<String>,
}

redacted_debug!(KSeFDokumentu { status_ksef });

/// How the third party of a document is told to KSeF (`DanePodmiotuTrzeciegoDTO`).
#[doc(alias = "third party")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DanePodmiotuTrzeciego {
    /// Whether to tell one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zastosuj: Option<bool>,
    /// Whether it is other than the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zmien: Option<bool>,
    /// Whose data are told.
    #[serde(rename = "DaneDoKSeF", skip_serializing_if = "Option::is_none")]
    pub dane_do_ksef: Option<DaneDoKSeF>,
    /// Its internal id.
    #[serde(rename = "IdentyfikatorWewnetrznyKSeF", skip_serializing_if = "Option::is_none")]
    pub identyfikator_wewnetrzny_ksef: Option<String>,
    /// Its role.
    #[serde(rename = "RolaPodmiotuTrzeciegoKSeF", skip_serializing_if = "Option::is_none")]
    pub rola: Option<RolaPodmiotuTrzeciego>,
    /// Kind of its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typ_identyfikatora_wew: Option<TypIdentyfikatora>,
}

redacted_debug!(DanePodmiotuTrzeciego {});

/// A further party of a document (`PodmiotDodatkowyDTO`).
#[doc(alias = "additional party")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct PodmiotDodatkowy {
    /// Its internal id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identyfikator_wewnetrzny: Option<String>,
    /// Its Kod.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_kontrahenta: Option<String>,
    /// Its role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rola: Option<RolaPodmiotuTrzeciego>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nazwa: Option<String>,
    /// Its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adres_podmiotu: Option<AdresKontrahenta>,
}

redacted_debug!(PodmiotDodatkowy {});

open_enum! {
    /// Whose data are told to KSeF as the third party's.
    #[doc(alias = "third party source")]
    pub enum DaneDoKSeF {
        /// Nobody's.
        Brak = "Brak",
        /// The delivery place's.
        Lokalizacja = "Lokalizacja",
        /// The receiver's.
        Odbiorca = "Odbiorca",
        /// None are sent.
        NieWysylaj = "NieWysylaj",
        /// The branch's.
        Oddzial = "Oddzial",
        /// The company's.
        DaneFirmy = "DaneFirmy",
        /// The contractor's.
        DaneKontrahenta = "DaneKontrahenta",
    }
}

open_enum! {
    /// Role of a third party in KSeF.
    #[doc(alias = "third party role")]
    pub enum RolaPodmiotuTrzeciego {
        /// None.
        Brak = "Brak",
        /// Factor.
        Faktor = "Faktor",
        /// Receiver.
        Odbiorca = "Odbiorca",
        /// Original entity.
        PodmiotPierwotny = "PodmiotPierwotny",
        /// Further buyer.
        DodatkowyNabywca = "DodatkowyNabywca",
        /// Issuer of the invoice.
        WystawcaFaktury = "WystawcaFaktury",
        /// Who pays.
        DokonujacyPlatnosci = "DokonujacyPlatnosci",
        /// Local government as issuer.
        JednostkaSamorzaduWystawca = "JednostkaSamorzaduTerytorialnegoWystawca",
        /// Local government as receiver.
        JednostkaSamorzaduOdbiorca = "JednostkaSamorzaduTerytorialnegoOdbiorca",
        /// Member of a VAT group as issuer.
        CzlonekGrupyVATWystawca = "CzłonekGrupyVATWystawca",
        /// Member of a VAT group as receiver.
        CzlonekGrupyVATOdbiorca = "CzłonekGrupyVATOdbiorca",
        /// Employee.
        Pracownik = "Pracownik",
        /// Another one.
        RolaInna = "RolaInna",
    }
}

open_enum! {
    /// Kind of a third party's id.
    #[doc(alias = "identifier kind")]
    pub enum TypIdentyfikatora {
        /// Internal.
        IdWew = "IdWew",
        /// Polish tax number.
        Nip = "NIP",
        /// None.
        BrakId = "BrakId",
        /// EU tax number.
        NrVatUE = "NrVatUE",
        /// Another number.
        NrID = "NrID",
    }
}

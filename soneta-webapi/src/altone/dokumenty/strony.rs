//! Who is named on documents, and their addresses.

use serde::{Deserialize, Serialize};

use crate::ids::redacted_debug;
use crate::wire::open_enum;

/// Buyer or receiver of a document (`DaneKontrahentaDTO` of `FakturyHandloweWebAPI`).
#[doc(alias = "contractor of a document")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct DaneKontrahenta {
    /// Its Kod.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub kod: Option<String>,
    /// Its name, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub nazwa: Option<String>,
    /// Its EU tax number.
    #[serde(rename = "EuVAT", skip_serializing_if = "Option::is_none")]
    pub eu_vat: Option<String>,
    /// Business or consumer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_podmiotu: Option<StatusPodmiotu>,
    /// Where it pays VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rodzaj_podmiotu: Option<RodzajPodmiotu>,
    /// Its address, as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adres: Option<AdresDoFaktury>,
}

redacted_debug!(DaneKontrahenta {});

open_enum! {
    /// Business or consumer.
    #[doc(alias = "entity status")]
    pub enum StatusPodmiotu {
        /// Business.
        PodmiotGospodarczy = "PodmiotGospodarczy" / 0,
        /// Consumer.
        Finalny = "Finalny" / 1,
    }
}

open_enum! {
    /// Where a contractor pays VAT.
    #[doc(alias = "entity kind")]
    pub enum RodzajPodmiotu {
        /// In Poland.
        Krajowy = "Krajowy" / 0,
        /// Outside of the EU.
        Eksportowy = "Eksportowy" / 1,
        /// Traveller from outside of the EU.
        EksportowyPodrozny = "EksportowyPodróżny" / 2,
        /// In the EU.
        Unijny = "Unijny" / 3,
        /// In the EU, triangular transaction.
        UnijnyTrojstronny = "UnijnyTrójstronny" / 4,
        /// Nowhere.
        BezVAT = "BezVAT" / 5,
    }
}

/// An address on a document (`AdresDoFaktury`). The description of 2606 requires all but post office and province.
#[doc(alias = "address")]
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AdresDoFaktury {
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub ulica: Option<String>,
    /// House number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub nr_domu: Option<String>,
    /// Flat number; empty if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub nr_lokalu: Option<String>,
    /// Postal code, `00-950`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub kod_pocztowy_s: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub miejscowosc: Option<String>,
    /// Post office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poczta: Option<String>,
    /// Province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wojewodztwo: Option<Wojewodztwo>,
    /// Country code, `PL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |text: impl Into<String>| Some(text.into()))]
    pub kod_kraju: Option<String>,
}

redacted_debug!(AdresDoFaktury {});

/// An address (`AdresDTO`).
#[doc(alias = "address")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AdresPelny {
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ulica: Option<String>,
    /// House number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nr_domu: Option<String>,
    /// Flat number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nr_lokalu: Option<String>,
    /// Postal code, `00-950`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_pocztowy_s: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miejscowosc: Option<String>,
    /// Post office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poczta: Option<String>,
    /// Municipality.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gmina: Option<String>,
    /// County.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub powiat: Option<String>,
    /// Province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wojewodztwo: Option<Wojewodztwo>,
    /// Country code, `PL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_kraju: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kraj: Option<String>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telefon: Option<String>,
    /// Fax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faks: Option<String>,
    /// A place without a postal address; since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nietypowa_lokalizacja: Option<String>,
    /// Further parts; since 2606.
    #[serde(rename = "AdresRozszerzonyDTO", skip_serializing_if = "Option::is_none")]
    pub adres_rozszerzony: Option<AdresRozszerzony>,
}

redacted_debug!(AdresPelny {});

/// Further parts of an address (`AdresRozszerzonyDTO`); since 2606.
#[doc(alias = "extended address")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AdresRozszerzony {
    /// Department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departament: Option<String>,
    /// Division.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wydzial: Option<String>,
    /// Name of the building.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nazwa_budynku: Option<String>,
    /// Floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pietro: Option<String>,
    /// District.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dzielnica: Option<String>,
    /// Province abroad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prowincja: Option<String>,
    /// Post office box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skrytka_pocztowa: Option<String>,
}

redacted_debug!(AdresRozszerzony {});

open_enum! {
    /// Province (województwo).
    #[doc(alias = "province")]
    #[doc(alias = "voivodeship")]
    pub enum Wojewodztwo {
        /// Not told.
        Nieokreslone = "nieokreślone" / 0,
        /// dolnośląskie.
        Dolnoslaskie = "dolnośląskie" / 1,
        /// kujawsko-pomorskie.
        KujawskoPomorskie = "kujawsko_pomorskie" / 2,
        /// lubelskie.
        Lubelskie = "lubelskie" / 3,
        /// lubuskie.
        Lubuskie = "lubuskie" / 4,
        /// łódzkie.
        Lodzkie = "łódzkie" / 5,
        /// małopolskie.
        Malopolskie = "małopolskie" / 6,
        /// mazowieckie.
        Mazowieckie = "mazowieckie" / 7,
        /// opolskie.
        Opolskie = "opolskie" / 8,
        /// podkarpackie.
        Podkarpackie = "podkarpackie" / 9,
        /// podlaskie.
        Podlaskie = "podlaskie" / 10,
        /// pomorskie.
        Pomorskie = "pomorskie" / 11,
        /// śląskie.
        Slaskie = "śląskie" / 12,
        /// świętokrzyskie.
        Swietokrzyskie = "świętokrzyskie" / 13,
        /// warmińsko-mazurskie.
        WarminskoMazurskie = "warmińsko_mazurskie" / 14,
        /// wielkopolskie.
        Wielkopolskie = "wielkopolskie" / 15,
        /// zachodniopomorskie.
        Zachodniopomorskie = "zachodniopomorskie" / 16,
    }
}

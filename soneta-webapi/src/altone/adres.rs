//! Addresses, as contractors, contact persons and documents have them.

use serde::{Deserialize, Serialize};

use crate::adres::Adres;
use crate::ids::redacted_debug;
use crate::wire::open_enum;

open_enum! {
    /// A voivodeship (`Wojewodztwa`).
    #[doc(alias = "voivodeship")]
    pub enum Wojewodztwo {
        /// Not told.
        Nieokreslone = "nieokreślone" / 0,
        /// Lower Silesia.
        Dolnoslaskie = "dolnośląskie" / 1,
        /// Kuyavia and Pomerania.
        KujawskoPomorskie = "kujawsko_pomorskie" / 2,
        /// Lublin.
        Lubelskie = "lubelskie" / 3,
        /// Lubusz.
        Lubuskie = "lubuskie" / 4,
        /// Łódź.
        Lodzkie = "łódzkie" / 5,
        /// Lesser Poland.
        Malopolskie = "małopolskie" / 6,
        /// Masovia.
        Mazowieckie = "mazowieckie" / 7,
        /// Opole.
        Opolskie = "opolskie" / 8,
        /// Subcarpathia.
        Podkarpackie = "podkarpackie" / 9,
        /// Podlasie.
        Podlaskie = "podlaskie" / 10,
        /// Pomerania.
        Pomorskie = "pomorskie" / 11,
        /// Silesia.
        Slaskie = "śląskie" / 12,
        /// Holy Cross.
        Swietokrzyskie = "świętokrzyskie" / 13,
        /// Warmia and Masuria.
        WarminskoMazurskie = "warmińsko_mazurskie" / 14,
        /// Greater Poland.
        Wielkopolskie = "wielkopolskie" / 15,
        /// West Pomerania.
        Zachodniopomorskie = "zachodniopomorskie" / 16,
    }
}

/// An address of a contractor or a person (`AdresDTO`).
#[doc(alias = "address")]
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct AdresKontrahenta {
    /// Street.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ulica: Option<String>,
    /// House number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nr_domu: Option<String>,
    /// Flat number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nr_lokalu: Option<String>,
    /// Postal code as text, `00-950`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_pocztowy_s: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub miejscowosc: Option<String>,
    /// Post office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poczta: Option<String>,
    /// Commune.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gmina: Option<String>,
    /// County.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub powiat: Option<String>,
    /// Voivodeship.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wojewodztwo: Option<Wojewodztwo>,
    /// Country code, `PL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kod_kraju: Option<String>,
    /// Name of the country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kraj: Option<String>,
    /// Telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telefon: Option<String>,
    /// Fax.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faks: Option<String>,
    /// A place that has no ordinary address; since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nietypowa_lokalizacja: Option<String>,
    /// Further parts, of addresses abroad; since 2606.
    #[serde(rename = "AdresRozszerzonyDTO", skip_serializing_if = "Option::is_none")]
    pub adres_rozszerzony: Option<AdresRozszerzony>,
}

redacted_debug!(AdresKontrahenta {});

/// Further parts of an address abroad (`AdresRozszerzonyDTO`); since 2606.
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
    /// District of the town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dzielnica: Option<String>,
    /// Province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prowincja: Option<String>,
    /// Post-office box.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skrytka_pocztowa: Option<String>,
}

redacted_debug!(AdresRozszerzony {});

impl AdresKontrahenta {
    /// The neutral address. Parts that are empty are `None`; the contract has no addressee and no e-mail address in it.
    pub fn into_adres(self) -> Adres {
        let text = |value: Option<String>| value.filter(|value| !value.is_empty());
        Adres::builder()
            .maybe_ulica(text(self.ulica))
            .maybe_nr_domu(text(self.nr_domu))
            .maybe_nr_lokalu(text(self.nr_lokalu))
            .maybe_kod_pocztowy(text(self.kod_pocztowy_s))
            .maybe_miejscowosc(text(self.miejscowosc))
            .maybe_kod_kraju(text(self.kod_kraju))
            .maybe_poczta(text(self.poczta))
            .maybe_telefon(text(self.telefon))
            .build()
    }
}

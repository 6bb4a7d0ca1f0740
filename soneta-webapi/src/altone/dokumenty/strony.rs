//! Who is named on documents, and their addresses.

use serde::{Deserialize, Serialize};

use crate::altone::{RodzajPodmiotu, StatusPodmiotu, Wojewodztwo};
use crate::ids::redacted_debug;

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

//! Contact persons.

use api_transport::{Effect, Endpoint, Path};
use chrono::NaiveDate;
use serde::Serialize;

use super::adres::AdresKontrahenta;
use super::dokumenty::DaneKontrahenta;
use super::packet::{Filter, Packet};
use super::wiersz::wiersz;
use crate::Result;
use crate::ids::redacted_debug;
use crate::wire;

/// `POST api/FakturyHandloweWebAPI/GetOsobyKontaktowe`: contact persons in packets, ordered by id (*inferred*).
#[doc(alias = "contact persons")]
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetOsobyKontaktowe {
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
    /// Only persons changed on this day or later (*inferred*); days are as fine as it gets.
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::parts")]
    pub update_date: Option<NaiveDate>,
    /// Only these persons; builds of 2606 require the field, empty = all (*inferred*).
    #[builder(default)]
    pub id_osob_kontaktowych: Vec<i32>,
}

impl Endpoint for GetOsobyKontaktowe {
    const EFFECT: Effect = Effect::Read;
    type Response = Packet<OsobaKontaktowa>;

    fn path(&self) -> Path {
        Path::new(["api", "FakturyHandloweWebAPI", "GetOsobyKontaktowe"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Packet::decode(body)
    }
}

wiersz! {
    /// A contact person (`OsobaKontaktowaDTO`).
    #[doc(alias = "contact person")]
    pub struct OsobaKontaktowa (i32) {
    /// Whose person it is; the contractor is named by its Kod.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: DaneKontrahenta| Some(value))]
    pub kontrahent: Option<DaneKontrahenta>,
    /// First name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub imie: Option<String>,
    /// Last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub nazwisko: Option<String>,
    /// Address, with telephone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adres: Option<AdresKontrahenta>,
    /// Whether it is out of date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nieaktualny: Option<bool>,
        /// Whether only to try: nothing is written. Since 2606.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub test_mode: Option<bool>,
    }
}

redacted_debug!(OsobaKontaktowa { id });

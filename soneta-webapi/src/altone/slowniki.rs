//! Dictionaries: named ones, VAT rates, payment methods, registers of money; and the port.

use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::WynikZapisu;
use super::packet;
use super::wiersz::wiersz;
use crate::envelope::{self, Rows};
use crate::ids::redacted_debug;
use crate::slowniki::{FormaPlatnosci, Slowniki, StawkaVat};
use crate::wire::{self, open_enum};
use crate::{Client, Error, Result};

/// What stands beside the list in an answer; its `Count` says what the list says.
#[derive(Deserialize)]
struct Beside {}

/// `POST api/OperationFunctionsWebAPI/GetDictionary`: the elements of a dictionary of the ERP.
#[doc(alias = "dictionary")]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetDictionary {
    /// Name of the dictionary; which there are is the installation's.
    pub nazwa_slownika: String,
}

impl GetDictionary {
    /// The dictionary of this name.
    pub fn new(nazwa_slownika: impl Into<String>) -> Self {
        Self { nazwa_slownika: nazwa_slownika.into() }
    }
}

impl Endpoint for GetDictionary {
    const EFFECT: Effect = Effect::Read;
    /// `None` where the answer holds no dictionary.
    type Response = Option<Slownik>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetDictionary"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "SlownikElementowDTO")]
            slownik: Option<Slownik>,
        }
        envelope::decode(body).map(|answer: Answer| answer.slownik)
    }
}

/// `POST api/OperationFunctionsWebAPI/UpdateDictionary`: makes or changes elements of a dictionary.
///
/// A `Create`: what identifies an element is not documented, so that a second delivery could make a second one.
#[doc(alias = "save dictionary")]
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct UpdateDictionary {
    /// The dictionary's name and the elements to write.
    pub slownik: Slownik,
}

impl UpdateDictionary {
    /// These elements.
    pub fn new(slownik: Slownik) -> Self {
        Self { slownik }
    }
}

impl Endpoint for UpdateDictionary {
    const EFFECT: Effect = Effect::Create;
    type Response = WynikZapisu;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "UpdateDictionary"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

wiersz! {
    /// A dictionary with its elements (`SlownikElementowDTO`).
    pub struct Slownik (i32) {
    /// Name of the dictionary.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub nazwa_slownika: Option<String>,
    /// Whether elements that are missing are made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatycznie_nowy: Option<bool>,
    /// How many elements there are; read only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liczba_elementow: Option<i32>,
    /// The elements.
    #[serde(default, deserialize_with = "wire::list::or_empty", skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub elementy_slownika: Vec<ElementSlownika>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(Slownik { id });

wiersz! {
    /// An element of a dictionary (`ElementSlownikaDTO`).
    pub struct ElementSlownika (i32) {
    /// Taken out of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada: Option<bool>,
    /// Symbol.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub symbol: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub nazwa: Option<String>,
    /// Note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(ElementSlownika { id });

/// `POST api/OperationFunctionsWebAPI/GetVATRates`: VAT rates.
#[doc(alias = "VAT rates")]
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetVATRates {
    /// Without those taken out of use.
    pub pomin_zablokowane: bool,
}

impl Endpoint for GetVATRates {
    const EFFECT: Effect = Effect::Read;
    type Response = Rows<DefinicjaStawkiVat>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetVATRates"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode_rows::<Beside, _>(body, "StawkiVAT").map(|(_, rows)| rows)
    }
}

wiersz! {
    /// A VAT rate (`DefinicjaStawkiVatDTO`).
    #[doc(alias = "VAT rate")]
    pub struct DefinicjaStawkiVat (i32) {
    /// Taken out of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada: Option<bool>,
    /// Kod, which goods and lines name it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub kod: Option<String>,
    /// The rate as text; how it is spelt is not documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub procent: Option<String>,
    /// Status as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(DefinicjaStawkiVat { id });

/// `POST api/OperationFunctionsWebAPI/GetPaymentMethods`: payment methods.
#[doc(alias = "payment methods")]
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetPaymentMethods {
    /// Without those taken out of use.
    pub pomin_zablokowane: bool,
}

impl Endpoint for GetPaymentMethods {
    const EFFECT: Effect = Effect::Read;
    type Response = Rows<SposobZaplaty>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetPaymentMethods"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode_rows::<Beside, _>(body, "SposobyZaplaty").map(|(_, rows)| rows)
    }
}

wiersz! {
    /// A payment method (`SposobZaplatyDTO`).
    #[doc(alias = "payment method")]
    pub struct SposobZaplaty (i32) {
    /// Taken out of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada: Option<bool>,
    /// Name, which contractors and documents name it by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[builder(required, with = |value: impl Into<String>| Some(value.into()))]
    pub nazwa: Option<String>,
    /// Kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typ: Option<TypSposobuZaplaty>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(SposobZaplaty { id });

open_enum! {
    /// Kind of a payment method (`TypySposobowZaplaty`).
    pub enum TypSposobuZaplaty {
        /// Cash.
        Gotowka = "Gotówka" / 1,
        /// Bank transfer.
        Przelew = "Przelew" / 2,
        /// Card.
        KartaPlatnicza = "KartaPłatnicza" / 3,
        /// Without cash.
        Bezgotowkowy = "Bezgotówkowy" / 4,
    }
}

/// `POST api/OperationFunctionsWebAPI/GetCashRegister`: registers of money, tills and bank accounts of one's own.
#[doc(alias = "cash registers")]
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[builder(on(String, into))]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct GetCashRegister {
    /// Without those taken out of use.
    #[builder(default)]
    pub pomin_zablokowane: bool,
    /// Only those in this currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waluta: Option<String>,
}

impl Endpoint for GetCashRegister {
    const EFFECT: Effect = Effect::Read;
    type Response = Rows<EwidencjaSP>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetCashRegister"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode_rows::<Beside, _>(body, "EwidencjeSP").map(|(_, rows)| rows)
    }
}

wiersz! {
    /// A register of money (`EwidencjaSP_DTO`): a till or a bank account of one's own.
    #[doc(alias = "cash register")]
    pub struct EwidencjaSP (i32) {
    /// Taken out of use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blokada: Option<bool>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nazwa: Option<String>,
    /// Symbol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// Currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waluta: Option<String>,
    /// Name of the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
    /// Number of the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numer_rachunku: Option<String>,
    /// Whether only to try: nothing is written. Since 2606.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_mode: Option<bool>,
    }
}

redacted_debug!(EwidencjaSP { id });

/// Dictionaries of AltOne's contract: VAT rates and payment methods. It has no list of the others.
#[derive(Debug, Clone)]
pub struct AltOneSlowniki {
    client: Client,
}

impl AltOneSlowniki {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }
}

#[async_trait]
impl Slowniki for AltOneSlowniki {
    /// `procent` is read from the text (`23%`, `23,00%`); `None` where it is no number.
    async fn list_stawki_vat(&self) -> Result<Rows<StawkaVat>> {
        let rows = self.client.send(&GetVATRates::default()).await?;
        let key = |stawka: &DefinicjaStawkiVat| (stawka.id, stawka.kod.clone());
        Ok(packet::neutral(rows, key, |stawka| {
            let kod = stawka.kod.ok_or_else(|| Error::decode_at("missing field `Kod`"))?;
            Ok(StawkaVat::builder()
                .kod(kod)
                .maybe_procent(stawka.procent.as_deref().and_then(percent))
                .blokada(stawka.blokada.unwrap_or_default())
                .build())
        }))
    }

    /// `termin_dni` is `None`: it is the contractor's, not the method's.
    async fn list_formy_platnosci(&self) -> Result<Rows<FormaPlatnosci>> {
        let rows = self.client.send(&GetPaymentMethods::default()).await?;
        Ok(packet::neutral(
            rows,
            |sposob| (sposob.id, None),
            |sposob| {
                let nazwa = sposob.nazwa.ok_or_else(|| Error::decode_at("missing field `Nazwa`"))?;
                Ok(FormaPlatnosci::builder().nazwa(nazwa).blokada(sposob.blokada.unwrap_or_default()).build())
            },
        ))
    }
}

/// `23%`, `23,00%`; without the sign nobody can tell 23 from 0.23.
fn percent(text: &str) -> Option<Decimal> {
    wire::decimal::parse(text.trim().strip_suffix('%')?).ok()
}

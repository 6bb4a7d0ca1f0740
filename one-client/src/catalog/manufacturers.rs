//! The dictionary of manufacturers.

use crate::evidence::{EndpointEvidence, Evidence, Evidenced};
use crate::ids::ManufacturerId;
use crate::service::{handle, service};
use crate::wire::shows;
use api_transport::{Effect, Endpoint, Path, Result, decode_json};
use serde::{Deserialize, Serialize};

/// A manufacturer; all three fields are required (*documented*). `Debug` shows the ERP's id alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Manufacturer {
    /// Its name.
    pub name: String,
    /// The ERP's id.
    pub external_id: String,
    /// A short name.
    pub acronym: String,
}

shows!(Manufacturer { external_id });

impl Manufacturer {
    /// A manufacturer.
    pub fn new(name: impl Into<String>, external_id: impl Into<String>, acronym: impl Into<String>) -> Self {
        Self { name: name.into(), external_id: external_id.into(), acronym: acronym.into() }
    }
}

/// `POST /api/v1/catalog/integrations/auth-required/dictionaries/manufacturers`: adds a manufacturer and answers its id.
///
/// *Documented*, with a whole example; prose spells the path `manufactures` (quirk Q12). Whether ONe notices that a
/// manufacturer with the same `externalId` exists is not documented, so it is never repeated after an unclear answer.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PostManufacturer<'a> {
    /// The manufacturer.
    pub manufacturer: &'a Manufacturer,
}

impl<'a> PostManufacturer<'a> {
    /// The call.
    pub fn new(manufacturer: &'a Manufacturer) -> Self {
        Self { manufacturer }
    }
}

impl Endpoint for PostManufacturer<'_> {
    const EFFECT: Effect = Effect::Create;
    const METHOD: http::Method = http::Method::POST;
    type Response = ManufacturerId;

    fn path(&self) -> Path {
        service("catalog").segment("dictionaries").segment("manufacturers")
    }

    fn decode(&self, body: &[u8]) -> Result<ManufacturerId> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Answer {
            manufacturer_id: ManufacturerId,
        }
        decode_json(body).map(|answer: Answer| answer.manufacturer_id)
    }
}

impl Evidenced for PostManufacturer<'_> {
    const PATH: &'static str = "catalog/…/dictionaries/manufacturers";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .answer(Evidence::Documented)
        .quirks(&[12]);
}

/// `PUT /api/v1/catalog/integrations/auth-required/dictionaries/manufacturers/{manufacturerId}`: sets a manufacturer's
/// fields.
///
/// *Documented*; the same body as [`PostManufacturer`]. The answer is not documented and not read.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
#[non_exhaustive]
pub struct PutManufacturer<'a> {
    /// Which.
    #[serde(skip)]
    pub manufacturer_id: &'a ManufacturerId,
    /// What it is to be.
    pub manufacturer: &'a Manufacturer,
}

impl<'a> PutManufacturer<'a> {
    /// The call.
    pub fn new(manufacturer_id: &'a ManufacturerId, manufacturer: &'a Manufacturer) -> Self {
        Self { manufacturer_id, manufacturer }
    }
}

impl Endpoint for PutManufacturer<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        service("catalog").segment("dictionaries").segment("manufacturers").id(self.manufacturer_id)
    }

    fn decode(&self, _body: &[u8]) -> Result<()> {
        Ok(())
    }
}

impl Evidenced for PutManufacturer<'_> {
    const PATH: &'static str = "catalog/…/dictionaries/manufacturers/{manufacturerId}";
    const EVIDENCE: EndpointEvidence = EndpointEvidence::new(Evidence::Documented, Evidence::Documented)
        .request(Evidence::Documented)
        .quirks(&[12]);
}

handle! {
    /// The calls about manufacturers: `client.manufacturers()`.
    Manufacturers
}

impl Manufacturers<'_> {
    /// Adds a manufacturer and gives ONe's id of it, which [`update`](Self::update) asks for and which no known call
    /// finds again: it is to be kept.
    ///
    /// How far the wire is known: [`PostManufacturer`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send). If `may_have_been_applied()`, only somebody who looks into ONe
    /// can tell.
    pub async fn create(&self, manufacturer: &Manufacturer) -> Result<ManufacturerId> {
        self.client.send(&PostManufacturer::new(manufacturer)).await
    }

    /// Sets the fields of a manufacturer.
    ///
    /// How far the wire is known: [`PutManufacturer`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::send`](crate::Client::send).
    pub async fn update(&self, id: &ManufacturerId, manufacturer: &Manufacturer) -> Result<()> {
        self.client.send(&PutManufacturer::new(id, manufacturer)).await
    }
}

use api_transport::{Effect, Endpoint, Path};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Result, envelope, wire};

/// `POST api/B2BInfo/Pobierz`: what the installation offers. Asks nothing.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct InfoPobierz {}

/// What the installation offers of the reference contract.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct Info {
    /// Version of the contract, `1.0`.
    pub wersja: String,
    /// Highest tier that is offered completely.
    pub poziom: i32,
    /// Every method that is offered, as `Controller/Method`.
    #[serde(default, deserialize_with = "wire::list::or_empty")]
    pub mozliwosci: Vec<String>,
    /// Largest page, and largest list of keys in one request.
    pub maks_ile: u32,
    /// Identity of the database: ids and continuations are worth nothing in another one.
    #[serde(default, with = "wire::guid")]
    pub baza_guid: Option<Uuid>,
    /// Name of the database.
    #[serde(default)]
    pub baza_nazwa: Option<String>,
}

impl Endpoint for InfoPobierz {
    const EFFECT: Effect = Effect::Read;
    type Response = Info;

    fn path(&self) -> Path {
        Path::new(["api", "B2BInfo", "Pobierz"])
    }

    fn decode(&self, body: &[u8]) -> Result<Info> {
        envelope::decode(body)
    }
}

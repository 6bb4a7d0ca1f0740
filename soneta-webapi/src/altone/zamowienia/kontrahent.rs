//! The contractor of an order, looked up for its name and for its Kod.

use api_transport::{Effect, Endpoint, Path};
use serde::{Deserialize, Serialize};

use crate::envelope::{self, Rows};
use crate::towary::at_most_one;
use crate::{Client, KontrahentId, Result};

/// `POST api/OperationFunctionsWebAPI/GetContractors`, of which an order needs three fields.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetContractors<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    kod: Option<&'a str>,
    #[serde(rename = "IDs", skip_serializing_if = "Option::is_none")]
    ids: Option<[KontrahentId; 1]>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Kontrahent {
    #[serde(rename = "ID")]
    pub(super) id: KontrahentId,
    pub(super) kod: String,
    pub(super) nazwa: String,
}

impl Endpoint for GetContractors<'_> {
    const EFFECT: Effect = Effect::Read;
    type Response = Rows<Kontrahent>;

    fn path(&self) -> Path {
        Path::new(["api", "OperationFunctionsWebAPI", "GetContractors"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        #[derive(Deserialize)]
        struct Beside {}
        envelope::decode_rows::<Beside, _>(body, "Kontrahenci").map(|(_, rows)| rows)
    }
}

/// The contractor of this Kod.
pub(super) async fn kontrahent_by_kod(client: &Client, kod: &str) -> Result<Option<Kontrahent>> {
    let mut rows = client.send(&GetContractors { kod: Some(kod), ids: None }).await?;
    // The remote filter is a hint.
    rows.retain(|row| row.as_ref().is_ok_and(|found| found.kod == kod));
    at_most_one(rows)
}

/// The contractor of this id.
pub(super) async fn kontrahent_by_id(client: &Client, id: KontrahentId) -> Result<Option<Kontrahent>> {
    let mut rows = client.send(&GetContractors { kod: None, ids: Some([id]) }).await?;
    rows.retain(|row| row.as_ref().is_ok_and(|found| found.id == id));
    at_most_one(rows)
}

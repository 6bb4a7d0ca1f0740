use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use serde::Serialize;

use super::lista::Wiersze;
use crate::envelope::Rows;
use crate::kontrahenci::{KluczKontrahenta, Kontrahenci, Kontrahent};
use crate::{Client, KontrahentId, Result};

/// `POST api/B2BKontrahenci/Pobierz`: contractors by id, by Kod or by tax number (of which several may be found).
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct KontrahenciPobierz {
    /// By id.
    #[serde(rename = "ID", skip_serializing_if = "Option::is_none")]
    pub id: Option<KontrahentId>,
    /// By Kod.
    #[serde(rename = "Kod", skip_serializing_if = "Option::is_none")]
    pub kod: Option<String>,
    /// By tax number.
    #[serde(rename = "NIP", skip_serializing_if = "Option::is_none")]
    pub nip: Option<String>,
}

crate::ids::redacted_debug!(KontrahenciPobierz { id });

impl From<&KluczKontrahenta> for KontrahenciPobierz {
    fn from(klucz: &KluczKontrahenta) -> Self {
        let (id, kod, nip) = match klucz {
            KluczKontrahenta::Id(id) => (Some(*id), None, None),
            KluczKontrahenta::Kod(kod) => (None, Some(kod.clone()), None),
            KluczKontrahenta::Nip(nip) => (None, None, Some(nip.clone())),
        };
        Self { id, kod, nip }
    }
}

impl Endpoint for KontrahenciPobierz {
    const EFFECT: Effect = Effect::Read;
    type Response = Wiersze<Kontrahent>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BKontrahenci", "Pobierz"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Wiersze::decode(body)
    }
}

/// Contractors of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bKontrahenci {
    client: Client,
}

impl B2bKontrahenci {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The contractors of this key; none, one, or for a tax number several.
    ///
    /// # Errors
    /// The client's errors.
    pub async fn get(&self, klucz: &KluczKontrahenta) -> Result<Rows<Kontrahent>> {
        let mut rows = self.client.send(&KontrahenciPobierz::from(klucz)).await?.pozycje;
        // The remote filter is a hint: add-ons have been seen to ignore one.
        rows.retain(|row| row.as_ref().map_or(true, |kontrahent| klucz.names(kontrahent)));
        Ok(rows)
    }
}

#[async_trait]
impl Kontrahenci for B2bKontrahenci {
    async fn get_kontrahenci(&self, klucz: &KluczKontrahenta) -> Result<Rows<Kontrahent>> {
        self.get(klucz).await
    }
}

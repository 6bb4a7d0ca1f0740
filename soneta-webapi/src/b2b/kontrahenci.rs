use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use chrono::NaiveDate;
use futures::Stream;
use serde::Serialize;

use super::lista::{Wiersze, Zmiany, changes_start};
use crate::envelope::Rows;
use crate::kontrahenci::{KluczKontrahenta, Kontrahenci, Kontrahent};
use crate::page::{Change, ChangesQuery, WirePage, stream_pages};
use crate::wire;
use crate::{Client, KontrahentId, Result};

/// Names this list in its continuations.
const LIST: &str = "b2b/kontrahenci";

/// `POST api/B2BKontrahenci/Lista`: the change list of contractors, ordered by `(DataZmiany, ID)`.
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct KontrahenciLista {
    /// Inclusive lower bound of the instant of change, exactly as an answer gave it; absent = from the beginning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zmienione_po: Option<String>,
    /// Only ids above this one at that very instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub po_id: Option<i32>,
    /// How many rows at most, from 1 on. The server answers no more than its `MaksIle`; a shorter page need not be the last.
    pub ile: u32,
    /// Only rows changed on this day or later.
    #[serde(skip_serializing_if = "Option::is_none", with = "wire::date::option")]
    pub od_dnia: Option<NaiveDate>,
    /// Names of the cechy to send with each row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[builder(default)]
    pub cechy: Vec<String>,
}

impl Endpoint for KontrahenciLista {
    const EFFECT: Effect = Effect::Read;
    type Response = Zmiany<Kontrahent>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BKontrahenci", "Lista"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Zmiany::decode(body)
    }
}

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
    cechy: Vec<String>,
}

impl B2bKontrahenci {
    pub(super) fn new(client: Client) -> Self {
        Self { client, cechy: Vec::new() }
    }

    /// The same, asking for these cechy with every row of the list; without it rows come without cechy.
    #[must_use]
    pub fn with_cechy<S: Into<String>>(mut self, cechy: impl IntoIterator<Item = S>) -> Self {
        self.cechy = cechy.into_iter().map(Into::into).collect();
        self
    }

    /// All pages of the change list, one after the other; resumable by each page's `next`.
    pub fn list(&self, query: ChangesQuery) -> impl Stream<Item = Result<WirePage<Change<Kontrahent>>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = ChangesQuery { after, ..query.clone() };
            async move { self.list_kontrahenci(&query).await }
        })
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

    async fn list_kontrahenci(&self, query: &ChangesQuery) -> Result<WirePage<Change<Kontrahent>>> {
        let (zmienione_po, po_id) = changes_start(LIST, query)?;
        let request = KontrahenciLista {
            zmienione_po,
            po_id,
            ile: query.limit,
            od_dnia: None,
            cechy: self.cechy.clone(),
        };
        Ok(self.client.send(&request).await?.into_page(LIST, query.after.clone()))
    }
}

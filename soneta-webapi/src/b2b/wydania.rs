use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use futures::Stream;
use serde::Serialize;

use super::lista::{ListaZmian, WierszListyZmian, Wiersze, changes};
use crate::dokumenty::{DokumentyQuery, Pdf};
use crate::envelope;
use crate::page::{Change, WirePage, stream_pages};
use crate::towary::at_most_one;
use crate::wydania::{Wydania, Wydanie};
use crate::zamowienia::StanDokumentu;
use crate::{Client, DokumentId, Result};

/// `POST api/B2BWydania/Lista`: the change list of approved delivery notes and their corrections, ordered by `(DataZmiany, ID)`.
pub type WydaniaLista = ListaZmian<Wydanie>;

impl WierszListyZmian for Wydanie {
    const KONTROLER: &'static str = "B2BWydania";
    const LISTA: &'static str = "b2b/wydania";
}

/// `POST api/B2BWydania/Pobierz`: the delivery note of an id, as a list of one; an empty list if there is none.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct WydaniaPobierz {
    /// The document.
    #[serde(rename = "ID")]
    pub id: DokumentId,
    /// Names of the cechy to send with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cechy: Vec<String>,
}

impl WydaniaPobierz {
    /// The delivery note of this id.
    pub fn new(id: DokumentId) -> Self {
        Self { id, cechy: Vec::new() }
    }

    /// The same, with these cechy.
    #[must_use]
    pub fn with_cechy(mut self, cechy: impl Into<Vec<String>>) -> Self {
        self.cechy = cechy.into();
        self
    }
}

impl Endpoint for WydaniaPobierz {
    const EFFECT: Effect = Effect::Read;
    type Response = Wiersze<Wydanie>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BWydania", "Pobierz"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Wiersze::decode(body)
    }
}

/// `POST api/B2BWydania/Pdf`: the delivery note as PDF, printed by the ERP at that moment; `NieZnaleziono` if there is none.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct WydaniaPdf {
    /// The document.
    #[serde(rename = "ID")]
    pub id: DokumentId,
}

impl WydaniaPdf {
    /// The PDF of this document.
    pub fn new(id: DokumentId) -> Self {
        Self { id }
    }
}

impl Endpoint for WydaniaPdf {
    const EFFECT: Effect = Effect::Read;
    type Response = Pdf;

    fn path(&self) -> Path {
        Path::new(["api", "B2BWydania", "Pdf"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// Delivery notes of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bWydania {
    client: Client,
    cechy: Vec<String>,
}

impl B2bWydania {
    pub(super) fn new(client: Client) -> Self {
        Self { client, cechy: Vec::new() }
    }

    /// The same, asking for these cechy with every document; without it documents come without cechy.
    #[must_use]
    pub fn with_cechy<S: Into<String>>(mut self, cechy: impl IntoIterator<Item = S>) -> Self {
        self.cechy = cechy.into_iter().map(Into::into).collect();
        self
    }

    /// All pages of the change list, one after the other; resumable by each page's `next`.
    pub fn list(&self, query: DokumentyQuery) -> impl Stream<Item = Result<WirePage<Change<Wydanie>>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = DokumentyQuery { after, ..query.clone() };
            async move { self.list_wydania(&query).await }
        })
    }

    /// The delivery note of this id; `None` if there is none, or none that is approved.
    ///
    /// # Errors
    /// The client's errors.
    pub async fn get(&self, id: DokumentId) -> Result<Option<Wydanie>> {
        let request = WydaniaPobierz::new(id).with_cechy(self.cechy.clone());
        let mut rows = self.client.send(&request).await?.pozycje;
        rows.retain(|row| row.as_ref().map_or(true, |row| row.id == id && row.stan != StanDokumentu::Bufor));
        at_most_one(rows)
    }

    /// The delivery note as PDF.
    ///
    /// # Errors
    /// The client's errors; refused with `NieZnaleziono` if there is no such document, kind `Decode` for a file that is no PDF.
    pub async fn pdf(&self, id: DokumentId) -> Result<Pdf> {
        self.client.send(&WydaniaPdf::new(id)).await
    }
}

#[async_trait]
impl Wydania for B2bWydania {
    async fn list_wydania(&self, query: &DokumentyQuery) -> Result<WirePage<Change<Wydanie>>> {
        let mut page = changes::<Wydanie>(&self.client, &query.changes(), query.od_dnia, &self.cechy).await?;
        page.rows.retain(|row| match row {
            Ok(Change::Upsert(row)) => query.asks_for(&row.stan, row.data),
            _ => true,
        });
        Ok(page)
    }

    async fn get_wydanie(&self, id: DokumentId) -> Result<Option<Wydanie>> {
        self.get(id).await
    }

    async fn get_wydanie_pdf(&self, id: DokumentId) -> Result<Pdf> {
        self.pdf(id).await
    }
}

use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use futures::Stream;
use serde::Serialize;

use super::lista::{ListaZmian, WierszListyZmian, Wiersze, changes};
use crate::dokumenty::{DokumentyQuery, Pdf};
use crate::envelope;
use crate::faktury::{Faktura, Faktury};
use crate::page::{Change, WirePage, stream_pages};
use crate::towary::at_most_one;
use crate::zamowienia::StanDokumentu;
use crate::{Client, DokumentId, Result};

/// `POST api/B2BFaktury/Lista`: the change list of approved invoices and their corrections, ordered by `(DataZmiany, ID)`.
pub type FakturyLista = ListaZmian<Faktura>;

impl WierszListyZmian for Faktura {
    const KONTROLER: &'static str = "B2BFaktury";
    const LISTA: &'static str = "b2b/faktury";
}

/// `POST api/B2BFaktury/Pobierz`: the invoice of an id, as a list of one; an empty list if there is none.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct FakturyPobierz {
    /// The document.
    #[serde(rename = "ID")]
    pub id: DokumentId,
    /// Names of the cechy to send with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cechy: Vec<String>,
}

impl FakturyPobierz {
    /// The invoice of this id.
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

impl Endpoint for FakturyPobierz {
    const EFFECT: Effect = Effect::Read;
    type Response = Wiersze<Faktura>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BFaktury", "Pobierz"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Wiersze::decode(body)
    }
}

/// `POST api/B2BFaktury/Pdf`: the invoice as PDF, printed by the ERP at that moment; `NieZnaleziono` if there is none.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct FakturyPdf {
    /// The document.
    #[serde(rename = "ID")]
    pub id: DokumentId,
}

impl FakturyPdf {
    /// The PDF of this document.
    pub fn new(id: DokumentId) -> Self {
        Self { id }
    }
}

impl Endpoint for FakturyPdf {
    const EFFECT: Effect = Effect::Read;
    type Response = Pdf;

    fn path(&self) -> Path {
        Path::new(["api", "B2BFaktury", "Pdf"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
    }
}

/// Invoices of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bFaktury {
    client: Client,
    cechy: Vec<String>,
}

impl B2bFaktury {
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
    pub fn list(&self, query: DokumentyQuery) -> impl Stream<Item = Result<WirePage<Change<Faktura>>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = DokumentyQuery { after, ..query.clone() };
            async move { self.list_faktury(&query).await }
        })
    }

    /// The invoice of this id; `None` if there is none, or none that is approved.
    ///
    /// # Errors
    /// The client's errors.
    pub async fn get(&self, id: DokumentId) -> Result<Option<Faktura>> {
        let request = FakturyPobierz::new(id).with_cechy(self.cechy.clone());
        let mut rows = self.client.send(&request).await?.pozycje;
        rows.retain(|row| row.as_ref().map_or(true, |row| row.id == id && row.stan != StanDokumentu::Bufor));
        at_most_one(rows)
    }

    /// The invoice as PDF; another one after KSeF's acceptance, see [`Faktura::pdf_is_stale`].
    ///
    /// # Errors
    /// The client's errors; refused with `NieZnaleziono` if there is no such document, kind `Decode` for a file that is no PDF.
    pub async fn pdf(&self, id: DokumentId) -> Result<Pdf> {
        self.client.send(&FakturyPdf::new(id)).await
    }
}

#[async_trait]
impl Faktury for B2bFaktury {
    async fn list_faktury(&self, query: &DokumentyQuery) -> Result<WirePage<Change<Faktura>>> {
        let mut page = changes::<Faktura>(&self.client, &query.changes(), query.od_dnia, &self.cechy).await?;
        page.rows.retain(|row| match row {
            Ok(Change::Upsert(row)) => query.asks_for(&row.stan, row.data),
            _ => true,
        });
        Ok(page)
    }

    async fn get_faktura(&self, id: DokumentId) -> Result<Option<Faktura>> {
        self.get(id).await
    }

    async fn get_faktura_pdf(&self, id: DokumentId) -> Result<Pdf> {
        self.pdf(id).await
    }
}

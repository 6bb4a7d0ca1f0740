use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use futures::Stream;
use serde::Serialize;

use super::KEYS_PER_CALL;
use super::lista::{ListaZmian, WierszListyZmian, Wiersze, changes};
use crate::envelope::Rows;
use crate::page::{Change, ChangesQuery, WirePage, stream_pages};
use crate::towary::{Towar, Towary};
use crate::{Client, Result, TowarId};

impl WierszListyZmian for Towar {
    const KONTROLER: &'static str = "B2BTowary";
    const LISTA: &'static str = "b2b/towary";
}

/// `POST api/B2BTowary/Lista`: the change list of goods.
pub type TowaryLista = ListaZmian<Towar>;

/// `POST api/B2BTowary/Pobierz`: goods by id or by Kod, at most `MaksIle` of them. Unknown ones are left out.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[non_exhaustive]
pub struct TowaryPobierz {
    /// By id.
    #[serde(rename = "ID", skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<TowarId>,
    /// By Kod.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kod: Vec<String>,
    /// Names of the cechy to send with each row.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cechy: Vec<String>,
}

impl TowaryPobierz {
    /// These goods by id.
    pub fn by_id(ids: impl Into<Vec<TowarId>>) -> Self {
        Self { id: ids.into(), kod: Vec::new(), cechy: Vec::new() }
    }

    /// These goods by Kod.
    pub fn by_kod(kody: impl Into<Vec<String>>) -> Self {
        Self { id: Vec::new(), kod: kody.into(), cechy: Vec::new() }
    }

    /// The same, with these cechy.
    #[must_use]
    pub fn with_cechy(mut self, cechy: impl Into<Vec<String>>) -> Self {
        self.cechy = cechy.into();
        self
    }
}

impl Endpoint for TowaryPobierz {
    const EFFECT: Effect = Effect::Read;
    type Response = Wiersze<Towar>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BTowary", "Pobierz"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Wiersze::decode(body)
    }
}

/// Goods of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bTowary {
    client: Client,
    cechy: Vec<String>,
}

impl B2bTowary {
    pub(super) fn new(client: Client) -> Self {
        Self { client, cechy: Vec::new() }
    }

    /// The same, asking for these cechy with every row; without it rows come without cechy.
    #[must_use]
    pub fn with_cechy<S: Into<String>>(mut self, cechy: impl IntoIterator<Item = S>) -> Self {
        self.cechy = cechy.into_iter().map(Into::into).collect();
        self
    }

    /// All pages of the change list, one after the other; resumable by each page's `next`.
    pub fn list(&self, query: ChangesQuery) -> impl Stream<Item = Result<WirePage<Change<Towar>>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = ChangesQuery { after, ..query.clone() };
            async move { self.list_towary(&query).await }
        })
    }

    /// Goods by id, in calls of 100.
    ///
    /// # Errors
    /// The client's errors.
    pub async fn get(&self, ids: &[TowarId]) -> Result<Rows<Towar>> {
        self.get_towary(ids).await
    }

    /// Goods by Kod, in calls of 100.
    ///
    /// # Errors
    /// The client's errors.
    pub async fn get_by_kod(&self, kody: &[String]) -> Result<Rows<Towar>> {
        self.get_towary_by_kod(kody).await
    }

    async fn pobierz(&self, request: TowaryPobierz, into: &mut Rows<Towar>) -> Result<()> {
        let answer = self.client.send(&request.with_cechy(self.cechy.clone())).await?;
        into.extend(answer.pozycje);
        Ok(())
    }
}

#[async_trait]
impl Towary for B2bTowary {
    async fn list_towary(&self, query: &ChangesQuery) -> Result<WirePage<Change<Towar>>> {
        changes(&self.client, query, None, &self.cechy).await
    }

    async fn get_towary(&self, ids: &[TowarId]) -> Result<Rows<Towar>> {
        let mut rows = Rows::new();
        for ids in ids.chunks(KEYS_PER_CALL) {
            self.pobierz(TowaryPobierz::by_id(ids), &mut rows).await?;
        }
        Ok(rows)
    }

    async fn get_towary_by_kod(&self, kody: &[String]) -> Result<Rows<Towar>> {
        let mut rows = Rows::new();
        for kody in kody.chunks(KEYS_PER_CALL) {
            self.pobierz(TowaryPobierz::by_kod(kody), &mut rows).await?;
        }
        Ok(rows)
    }
}

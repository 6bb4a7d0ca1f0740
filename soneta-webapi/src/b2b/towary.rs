use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use chrono::NaiveDate;
use futures::Stream;
use serde::Serialize;

use super::KEYS_PER_CALL;
use super::lista::{Wiersze, Zmiany, changes_start};
use crate::envelope::Rows;
use crate::page::{Change, ChangesQuery, WirePage, stream_pages};
use crate::towary::{Towar, Towary};
use crate::wire;
use crate::{Client, Result, TowarId};

/// Names this list in its continuations.
const LIST: &str = "b2b/towary";

/// `POST api/B2BTowary/Lista`: the change list of goods, ordered by `(DataZmiany, ID)`.
///
/// With `zmienione_po` alone every row changed at that instant or later; with `po_id` too only rows after the pair.
#[derive(Debug, Clone, Default, Serialize, bon::Builder)]
#[serde(rename_all = "PascalCase")]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct TowaryLista {
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

impl Endpoint for TowaryLista {
    const EFFECT: Effect = Effect::Read;
    type Response = Zmiany<Towar>;

    fn path(&self) -> Path {
        Path::new(["api", "B2BTowary", "Lista"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        Zmiany::decode(body)
    }
}

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
        let (zmienione_po, po_id) = changes_start(LIST, query)?;
        let request =
            TowaryLista { zmienione_po, po_id, ile: query.limit, od_dnia: None, cechy: self.cechy.clone() };
        Ok(self.client.send(&request).await?.into_page(LIST, query.after.clone()))
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

use api_transport::{Effect, Endpoint, Path};
use async_trait::async_trait;
use futures::Stream;
use serde::Serialize;

use super::lista::{ListaZmian, WierszListyZmian, Wiersze, changes};
use crate::envelope::{self, Rows};
use crate::kontrahenci::{
    KluczKontrahenta, Kontrahenci, Kontrahent, ZapisKontrahenta, ZapisKontrahentow, ZapisanyKontrahent,
};
use crate::page::{Change, ChangesQuery, WirePage, stream_pages};
use crate::{Client, KontrahentId, Result};

impl WierszListyZmian for Kontrahent {
    const KONTROLER: &'static str = "B2BKontrahenci";
    const LISTA: &'static str = "b2b/kontrahenci";
}

/// `POST api/B2BKontrahenci/Lista`: the change list of contractors.
pub type KontrahenciLista = ListaZmian<Kontrahent>;

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
    /// Names of the cechy to send with each row.
    #[serde(rename = "Cechy", skip_serializing_if = "Vec::is_empty")]
    pub cechy: Vec<String>,
}

impl KontrahenciPobierz {
    /// The same, with these cechy.
    #[must_use]
    pub fn with_cechy(mut self, cechy: impl Into<Vec<String>>) -> Self {
        self.cechy = cechy.into();
        self
    }
}

crate::ids::redacted_debug!(KontrahenciPobierz { id });

impl From<&KluczKontrahenta> for KontrahenciPobierz {
    fn from(klucz: &KluczKontrahenta) -> Self {
        let (id, kod, nip) = match klucz {
            KluczKontrahenta::Id(id) => (Some(*id), None, None),
            KluczKontrahenta::Kod(kod) => (None, Some(kod.clone()), None),
            KluczKontrahenta::Nip(nip) => (None, None, Some(nip.clone())),
        };
        Self { id, kod, nip, cechy: Vec::new() }
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

/// `POST api/B2BKontrahenci/Zapisz`: makes a contractor or changes fields of one, by its Guid.
///
/// May be repeated: the Guid decides, and a server answers a contractor that already holds what is asked for as it is, whatever
/// `Wersja` says. Otherwise a `Wersja` that is not the contractor's is refused with `Konflikt`, and nothing is written.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct KontrahenciZapisz<'a>(&'a ZapisKontrahenta);

impl<'a> From<&'a ZapisKontrahenta> for KontrahenciZapisz<'a> {
    fn from(zapis: &'a ZapisKontrahenta) -> Self {
        Self(zapis)
    }
}

impl Endpoint for KontrahenciZapisz<'_> {
    const EFFECT: Effect = Effect::Idempotent;
    type Response = ZapisanyKontrahent;

    fn path(&self) -> Path {
        Path::new(["api", "B2BKontrahenci", "Zapisz"])
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Response> {
        envelope::decode(body)
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

    /// The same, asking for these cechy with every row; without it rows come without cechy.
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
        let request = KontrahenciPobierz::from(klucz).with_cechy(self.cechy.clone());
        let mut rows = self.client.send(&request).await?.pozycje;
        // The remote filter is a hint: add-ons have been seen to ignore one.
        rows.retain(|row| row.as_ref().map_or(true, |kontrahent| klucz.names(kontrahent)));
        Ok(rows)
    }

    /// The contractor that stands for this one now: itself, or the last of those that it was merged into, one after the other.
    ///
    /// # Errors
    /// As [`Kontrahenci::resolve_kontrahent`].
    pub async fn resolve(&self, id: KontrahentId) -> Result<Kontrahent> {
        self.resolve_kontrahent(id).await
    }

    /// Makes a contractor, or changes those of its fields that are named.
    ///
    /// # Errors
    /// As [`ZapisKontrahentow::save_kontrahent`].
    pub async fn save(&self, zapis: &ZapisKontrahenta) -> Result<ZapisanyKontrahent> {
        self.save_kontrahent(zapis).await
    }
}

#[async_trait]
impl Kontrahenci for B2bKontrahenci {
    async fn get_kontrahenci(&self, klucz: &KluczKontrahenta) -> Result<Rows<Kontrahent>> {
        self.get(klucz).await
    }

    async fn list_kontrahenci(&self, query: &ChangesQuery) -> Result<WirePage<Change<Kontrahent>>> {
        changes(&self.client, query, None, &self.cechy).await
    }
}

#[async_trait]
impl ZapisKontrahentow for B2bKontrahenci {
    async fn save_kontrahent(&self, zapis: &ZapisKontrahenta) -> Result<ZapisanyKontrahent> {
        self.client.send(&KontrahenciZapisz::from(zapis)).await
    }
}

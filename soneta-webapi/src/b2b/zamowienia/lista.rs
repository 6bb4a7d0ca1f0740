use async_trait::async_trait;
use futures::Stream;

use super::B2bZamowienia;
use crate::Result;
use crate::b2b::lista::{ListaZmian, WierszListyZmian, changes};
use crate::dokumenty::DokumentyQuery;
use crate::ids::DokumentId;
use crate::page::{Change, WirePage, stream_pages};
use crate::zamowienia::{KluczZamowienia, ListaZamowien, StanDokumentu, Zamowienie};

/// `POST api/B2BZamowienia/Lista`: the change list of approved orders, ordered by `(DataZmiany, ID)`.
pub type ZamowieniaLista = ListaZmian<Zamowienie>;

impl WierszListyZmian for Zamowienie {
    const KONTROLER: &'static str = "B2BZamowienia";
    const LISTA: &'static str = "b2b/zamowienia";
}

impl B2bZamowienia {
    /// The same, asking for these cechy with every order of the list; without it orders come without cechy. A look-up knows none.
    #[must_use]
    pub fn with_cechy<S: Into<String>>(mut self, cechy: impl IntoIterator<Item = S>) -> Self {
        self.cechy = cechy.into_iter().map(Into::into).collect();
        self
    }

    /// All pages of the change list, one after the other; resumable by each page's `next`.
    pub fn list(
        &self,
        query: DokumentyQuery,
    ) -> impl Stream<Item = Result<WirePage<Change<Zamowienie>>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = DokumentyQuery { after, ..query.clone() };
            async move { self.list_zamowienia(&query).await }
        })
    }
}

#[async_trait]
impl ListaZamowien for B2bZamowienia {
    async fn list_zamowienia(&self, query: &DokumentyQuery) -> Result<WirePage<Change<Zamowienie>>> {
        let client = &self.client;
        let mut page = changes::<Zamowienie>(client, &query.changes(), query.od_dnia, &self.cechy).await?;
        page.rows.retain(|row| match row {
            // an order without a day is not known to be older
            Ok(Change::Upsert(row)) => match row.data {
                Some(data) => query.asks_for(&row.stan, data),
                None => row.stan != StanDokumentu::Bufor,
            },
            _ => true,
        });
        Ok(page)
    }

    async fn get_z_listy(&self, id: DokumentId) -> Result<Option<Zamowienie>> {
        let found = self.get(&KluczZamowienia::Id(id)).await?;
        Ok(found.filter(|order| order.stan != StanDokumentu::Bufor))
    }
}

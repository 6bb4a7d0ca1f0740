use async_trait::async_trait;
use futures::Stream;

use super::lista::{ListaZmian, WierszListyZmian, changes};
use crate::page::{Change, ChangesQuery, WirePage, stream_pages};
use crate::rozrachunki::{Rozrachunek, Rozrachunki};
use crate::{Client, Result};

impl WierszListyZmian for Rozrachunek {
    const KONTROLER: &'static str = "B2BRozrachunki";
    const LISTA: &'static str = "b2b/rozrachunki";
}

/// `POST api/B2BRozrachunki/Lista`: the change list of settlements. A payment changes the settlement's `DataZmiany`, whatever it
/// does to the document.
pub type RozrachunkiLista = ListaZmian<Rozrachunek>;

/// Settlements of the reference contract.
#[derive(Debug, Clone)]
pub struct B2bRozrachunki {
    client: Client,
}

impl B2bRozrachunki {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// All pages of the change list, one after the other; resumable by each page's `next`.
    pub fn list(
        &self,
        query: ChangesQuery,
    ) -> impl Stream<Item = Result<WirePage<Change<Rozrachunek>>>> + '_ {
        stream_pages(query.after.clone(), move |after| {
            let query = ChangesQuery { after, ..query.clone() };
            async move { self.list_rozrachunki(&query).await }
        })
    }
}

#[async_trait]
impl Rozrachunki for B2bRozrachunki {
    async fn list_rozrachunki(&self, query: &ChangesQuery) -> Result<WirePage<Change<Rozrachunek>>> {
        changes(&self.client, query, None, &[]).await
    }
}

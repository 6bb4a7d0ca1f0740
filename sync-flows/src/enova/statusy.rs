//! How open orders stand.

use async_trait::async_trait;
use futures::future::BoxFuture;
use soneta_webapi::{DokumentId, Rows, Zamowienia, Zamowienie};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use sync_core::{Error, Item, Key, Link, OpenLinks, Page, ReadFrom, Result, Source, SourceInfo, Store};

use super::{Erp, id_key};
use crate::client_error::engine_error;
use crate::flows::orders::ORDER_LINK;

/// How many orders one question names: as many as one call of the reference contract.
const AT_ONCE: usize = 100;

/// An order that a portal waits for, as the ERP tells it now. `Debug` shows the id only.
#[derive(Clone)]
#[non_exhaustive]
pub struct OpenOrder {
    /// Its document in the ERP.
    pub document: DokumentId,
    /// What the ERP tells of it; `None` if it has no such document any more.
    pub zamowienie: Option<Zamowienie>,
}

impl OpenOrder {
    /// What the ERP tells of this document: for tests of mappers.
    #[must_use]
    pub fn new(document: DokumentId, zamowienie: Option<Zamowienie>) -> Self {
        Self { document, zamowienie }
    }
}

impl fmt::Debug for OpenOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenOrder").field("document", &self.document).finish_non_exhaustive()
    }
}

type Ask = Box<dyn Fn(Vec<Link>) -> BoxFuture<'static, Result<Vec<Item<OpenOrder>>>> + Send + Sync>;

/// The orders whose [`ORDER_LINK`] is open, asked for by id, all of them in each cycle; one whose link is closed is asked for no
/// more, unless a hint names it. Keys are the ids of documents ([`id_key`](super::id_key)), as the ERP's hints name them.
#[derive(Debug)]
pub struct OrderStatusSource {
    zamowienia: Arc<dyn Zamowienia>,
    open: OpenLinks<Ask>,
}

impl OrderStatusSource {
    /// Asks this port for the open orders that the store knows.
    #[must_use]
    pub fn new(zamowienia: Arc<dyn Zamowienia>, store: Arc<dyn Store>, erp: &Erp) -> Self {
        let port = Arc::clone(&zamowienia);
        let ask: Ask = Box::new(move |links| {
            let port = Arc::clone(&port);
            Box::pin(async move {
                let keys: Vec<Key> = links.into_iter().map(|link| Key::from(link.b)).collect();
                ask(port.as_ref(), &keys).await
            })
        });
        let open = OpenLinks::new(store, ORDER_LINK, erp.identity("statusy zamówień"), AT_ONCE, ask);
        Self { zamowienia, open }
    }
}

#[async_trait]
impl Source for OrderStatusSource {
    type Record = OpenOrder;
    type Cursor = Option<String>;

    fn describe(&self) -> SourceInfo {
        self.open.describe()
    }

    async fn read(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<OpenOrder, Self::Cursor>> {
        self.open.read(from, limit).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<OpenOrder>>> {
        ask(self.zamowienia.as_ref(), keys).await
    }
}

/// One item per key.
async fn ask(zamowienia: &dyn Zamowienia, keys: &[Key]) -> Result<Vec<Item<OpenOrder>>> {
    let mut items = Vec::with_capacity(keys.len());
    let mut ids = Vec::with_capacity(keys.len());
    for key in keys {
        match key.as_str().parse() {
            Ok(id) => ids.push(DokumentId(id)),
            Err(_) => items.push(Item::bad(Some(key.clone()), Error::invalid("the key is no id of the ERP"))),
        }
    }
    if ids.is_empty() {
        return Ok(items);
    }
    let rows: Rows<Zamowienie> = zamowienia
        .get_statusy(&ids)
        .await
        .map_err(|error| engine_error("the statuses of orders were not read", error))?;
    let asked = ids.len();
    let mut unseen: BTreeSet<DokumentId> = ids.into_iter().collect();
    let mut nameless = None;
    for row in rows {
        match row {
            Ok(row) if unseen.remove(&row.id) => {
                let order = OpenOrder { document: row.id, zamowienie: Some(row) };
                items.push(Item::upsert(id_key(order.document.0), order));
            }
            // another order than was asked for
            Ok(_) => {}
            Err(row) => match row.id.map(DokumentId) {
                Some(id) if unseen.remove(&id) => {
                    let error = engine_error("the order cannot be decoded", row.error);
                    items.push(Item::bad(Some(id_key(id.0)), error));
                }
                Some(_) => {}
                None => nameless = Some(engine_error("an order without a readable id answers", row.error)),
            },
        }
    }
    let gone =
        |document: DokumentId| Item::upsert(id_key(document.0), OpenOrder { document, zamowienie: None });
    match nameless {
        None => items.extend(unseen.into_iter().map(gone)),
        Some(error) if asked == 1 => {
            items.extend(unseen.into_iter().next().map(|id| Item::bad(Some(id_key(id.0)), error)));
        }
        // it may be any of them, so none may be taken for gone: each is asked for by itself
        Some(_) => {
            for id in unseen {
                items.extend(Box::pin(ask(zamowienia, &[id_key(id.0)])).await?);
            }
        }
    }
    Ok(items)
}

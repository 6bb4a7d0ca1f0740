//! A list read whole.

use async_trait::async_trait;
use soneta_webapi::{Change, ChangesQuery, Continuation};
use sync_core::{Error, Item, Key, Page, ReadFrom, Result, Source, SourceIdentity, SourceInfo, SourceKind};

use super::{ErpList, bad, id_key, look_up};
use crate::client_error::engine_error;
use crate::enova::Erp;
use crate::enova::snapshot::onward;

/// A list of the ERP that is read whole each time: what is unchanged is not sent, what is missing is gone.
#[derive(Debug)]
pub struct FullList<L> {
    list: L,
    identity: SourceIdentity,
}

impl<L: ErpList> FullList<L> {
    pub(super) fn new(list: L, erp: &Erp) -> Self {
        let identity = erp.identity(list.entity()).filter(list.filter());
        Self { list, identity }
    }
}

#[async_trait]
impl<L: ErpList> Source for FullList<L> {
    type Record = L::Row;
    type Cursor = Continuation;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.identity.clone())
    }

    async fn read(&self, from: ReadFrom<&Continuation>, limit: usize) -> Result<Page<L::Row, Continuation>> {
        let query = ChangesQuery::builder()
            .maybe_after(from.cursor().cloned())
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page =
            self.list.page(&query).await.map_err(|error| engine_error("the list was not read", error))?;
        let next = onward(&page, from.cursor())?;
        let items = page.rows.into_iter().map(|row| match row {
            Ok(Change::Upsert(row)) => Item::upsert(id_key(L::id(&row)), row),
            Ok(Change::Deleted(gone)) => Item::deleted(id_key(gone.id)),
            Ok(_) => Item::bad(None, Error::invalid("an unknown kind of change")),
            Err(row) => bad(row),
        });
        let answer = Page::of_list(items.collect(), next);
        Ok(match page.as_of {
            Some(instant) => answer.with_as_of(instant),
            None => answer,
        })
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<L::Row>>> {
        look_up(&self.list, keys).await
    }
}

//! A list read by its changes.

use async_trait::async_trait;
use soneta_webapi::{Change, ChangesQuery};
use sync_core::{
    ChangeList, ChangePage, ChangeRow, Item, Key, KeysetInfo, Point, Result, SourceIdentity, Tie,
};

use super::{ErpList, bad, id_key, look_up};
use crate::client_error::engine_error;
use crate::enova::Erp;

/// A list of the ERP as the engine's list of changes, ordered by change and id.
#[derive(Debug)]
pub struct Changes<L> {
    list: L,
    identity: SourceIdentity,
}

impl<L: ErpList> Changes<L> {
    pub(super) fn new(list: L, erp: &Erp) -> Self {
        let identity = erp.identity(list.entity()).filter(list.filter());
        Self { list, identity }
    }
}

#[async_trait]
impl<L: ErpList> ChangeList for Changes<L> {
    type Record = L::Row;

    fn describe(&self) -> KeysetInfo {
        KeysetInfo::new(self.identity.clone())
    }

    async fn read(&self, from: Option<&Point>, limit: usize) -> Result<ChangePage<L::Row>> {
        let after_id = match from.and_then(|point| point.after.as_ref()) {
            Some(Tie::Number(id)) => i32::try_from(*id).ok(),
            _ => None,
        };
        let query = ChangesQuery::builder()
            .maybe_changed_since(from.map(|point| point.instant))
            .maybe_after_id(after_id)
            .limit(u32::try_from(limit).unwrap_or(u32::MAX))
            .build();
        let page = self
            .list
            .page(&query)
            .await
            .map_err(|error| engine_error("the list of changes was not read", error))?;
        let rows = page.rows.into_iter().map(|row| match row {
            Ok(Change::Upsert(row)) => {
                let id = L::id(&row);
                dated(L::changed(&row), id, Item::upsert(id_key(id), row))
            }
            Ok(Change::Deleted(gone)) => dated(gone.data_zmiany, gone.id, Item::deleted(id_key(gone.id))),
            Ok(_) => {
                ChangeRow::undated(Item::bad(None, sync_core::Error::invalid("an unknown kind of change")))
            }
            Err(row) => ChangeRow::undated(bad(row)),
        });
        let changes = ChangePage::new(rows.collect(), page.end);
        Ok(match page.as_of {
            Some(instant) => changes.as_of(instant),
            None => changes,
        })
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<L::Row>>> {
        look_up(&self.list, keys).await
    }
}

fn dated<R>(instant: Option<chrono::DateTime<chrono::Utc>>, id: i32, item: Item<R>) -> ChangeRow<R> {
    match instant {
        Some(instant) => ChangeRow::new(instant, id, item),
        None => ChangeRow::undated(item),
    }
}

//! Lists of the ERP's records, as sources.

mod areas;
mod changes;
mod full;
mod payments;
mod queue;

pub use areas::{FakturyList, KontrahenciList, RozrachunkiList, TowaryList, WydaniaList, ZamowieniaList};
pub use changes::Changes;
pub use full::FullList;
pub use payments::{PaidInvoices, paid_invoices};
pub use queue::{ChangeQueue, queue};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use soneta_webapi::{BadRow, Change, ChangesQuery, Rows, WirePage};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use sync_core::{Clock, Error, ErrorKind, Item, Key, KeysetSource, Result};

use super::Erp;
use crate::client_error::engine_error;

/// A list of records of the ERP, through a port: read by changes or whole, looked up by id.
///
/// Implemented for the change lists of [`soneta_webapi`]'s ports; implement it for an area of your own, and read it by [`changes`],
/// [`queue()`] or [`full_list`].
#[async_trait]
pub trait ErpList: Debug + Send + Sync + 'static {
    /// The record.
    type Row: Send + Sync + 'static;

    /// What it lists, in the ERP's word; part of what positions belong to.
    fn entity(&self) -> &'static str;

    /// What narrows the list; part of what positions belong to.
    fn filter(&self) -> String {
        String::new()
    }

    /// The ERP's table behind it, as a change queue names it; `None`, the default, if no queue tells of it. The names are the
    /// platform's; that AltOne's queue uses them is *inferred*.
    fn tabela(&self) -> Option<&'static str> {
        None
    }

    /// A page.
    ///
    /// # Errors
    /// The port's.
    async fn page(&self, query: &ChangesQuery) -> soneta_webapi::Result<WirePage<Change<Self::Row>>>;

    /// These records as they are now; those that do not exist are left out. `None` if the port cannot look up.
    ///
    /// # Errors
    /// The port's.
    async fn rows(&self, ids: &[i32]) -> soneta_webapi::Result<Option<Rows<Self::Row>>>;

    /// The record's id.
    fn id(row: &Self::Row) -> i32;

    /// When the record changed last, where it tells.
    fn changed(row: &Self::Row) -> Option<DateTime<Utc>>;
}

/// The list's changes since the last time, with an overlap; full passes read everything. The list has to be ordered by change and id.
pub fn changes<L: ErpList>(list: L, erp: &Erp, clock: Arc<dyn Clock>) -> KeysetSource<Changes<L>> {
    KeysetSource::new(Changes::new(list, erp)).clock(clock)
}

/// The whole list each time.
pub fn full_list<L: ErpList>(list: L, erp: &Erp) -> FullList<L> {
    FullList::new(list, erp)
}

/// The key of a record in flows that read it by [`changes`], [`queue()`] or [`full_list`]: its id, which outlives a renamed Kod.
#[must_use]
pub fn id_key(id: i32) -> Key {
    Key::from(id.to_string())
}

const UNREADABLE: &str = "the row cannot be decoded";

fn bad<R>(row: BadRow) -> Item<R> {
    Item::bad(row.id.map(id_key), engine_error(UNREADABLE, row.error))
}

/// Exactly one item per key: what the port does not know is gone.
async fn look_up<L: ErpList>(list: &L, keys: &[Key]) -> Result<Vec<Item<L::Row>>> {
    let mut items = Vec::with_capacity(keys.len());
    let mut ids = Vec::with_capacity(keys.len());
    for key in keys {
        match key.as_str().parse::<i32>() {
            Ok(id) => ids.push(id),
            Err(_) => items.push(Item::bad(Some(key.clone()), Error::invalid("the key is no id of the ERP"))),
        }
    }
    if ids.is_empty() {
        return Ok(items);
    }
    let mut answer = Answer::of(list, &ids).await?;
    items.append(&mut answer.items);
    match answer.nameless {
        None => items.extend(answer.missing.into_iter().map(|id| Item::deleted(id_key(id)))),
        // a bad row does not say whose it is: each of those that are missing is asked for by itself
        Some(_) => {
            for id in answer.missing {
                let Answer { items: found, nameless, .. } = Answer::of(list, &[id]).await?;
                items.push(match (found.into_iter().next(), nameless) {
                    (Some(item), _) => item,
                    (None, Some(error)) => Item::bad(Some(id_key(id)), error),
                    (None, None) => Item::deleted(id_key(id)),
                });
            }
        }
    }
    Ok(items)
}

/// What a port answers to a look-up.
struct Answer<R> {
    items: Vec<Item<R>>,
    /// Ids that no readable id answers.
    missing: BTreeSet<i32>,
    /// What is wrong with a row without a readable id.
    nameless: Option<Error>,
}

impl<R: Send + Sync + 'static> Answer<R> {
    async fn of<L: ErpList<Row = R>>(list: &L, ids: &[i32]) -> Result<Self> {
        let rows =
            list.rows(ids).await.map_err(|error| engine_error("the records were not looked up", error))?;
        let rows =
            rows.ok_or_else(|| Error::new(ErrorKind::Unsupported, "this port cannot look records up"))?;
        let mut answer = Self { items: Vec::new(), missing: ids.iter().copied().collect(), nameless: None };
        for row in rows {
            match row {
                Ok(row) if answer.missing.remove(&L::id(&row)) => {
                    answer.items.push(Item::upsert(id_key(L::id(&row)), row));
                }
                // another record than was asked for
                Ok(_) => {}
                Err(row) => match row.id {
                    Some(id) if answer.missing.remove(&id) => answer.items.push(bad(row)),
                    Some(_) => {}
                    None => answer.nameless = Some(engine_error(UNREADABLE, row.error)),
                },
            }
        }
        Ok(answer)
    }
}

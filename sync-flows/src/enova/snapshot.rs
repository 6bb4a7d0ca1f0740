//! From a client's page of a snapshot to the engine's.

use soneta_webapi::{Continuation, WirePage};
use sync_core::{Error, Item, Key, Page, ReadFrom, Result};

use super::lists::id_key;
use crate::client_error::engine_error;

const BAD_ROW: &str = "the row cannot be decoded";

/// Where a port's list goes on.
pub(crate) fn after(from: ReadFrom<&Continuation>) -> Option<Continuation> {
    match from {
        ReadFrom::Start => None,
        ReadFrom::After(continuation) => Some(continuation.clone()),
    }
}

/// Rows become records; a row that cannot be decoded becomes a bad item for each record it would have been, by its Kod.
pub(crate) fn snapshot_page<T, R>(
    page: WirePage<T>,
    keys_of: impl Fn(&str) -> Vec<Key>,
    mut records: impl FnMut(T, &mut Vec<Item<R>>),
) -> Result<Page<R, Continuation>> {
    let mut items = Vec::with_capacity(page.rows.len());
    for row in page.rows {
        match row {
            Ok(row) => records(row, &mut items),
            Err(bad) => {
                let mut keys = bad.kod.as_deref().map(&keys_of).unwrap_or_default().into_iter();
                items.push(Item::bad(keys.next(), engine_error(BAD_ROW, bad.error)));
                items.extend(keys.map(|key| Item::bad(Some(key), Error::invalid(BAD_ROW))));
            }
        }
    }
    paged(items, page.next, page.end)
}

/// As [`snapshot_page`], of rows that are known by an id and make one record each.
pub(crate) fn snapshot_page_by_id<T>(
    page: WirePage<T>,
    id_of: impl Fn(&T) -> i32,
) -> Result<Page<T, Continuation>> {
    let items = page.rows.into_iter().map(|row| match row {
        Ok(row) => Item::upsert(id_key(id_of(&row)), row),
        Err(bad) => Item::bad(bad.id.map(id_key), engine_error(BAD_ROW, bad.error)),
    });
    paged(items.collect(), page.next, page.end)
}

fn paged<R>(items: Vec<Item<R>>, next: Option<Continuation>, end: bool) -> Result<Page<R, Continuation>> {
    match next {
        _ if end => Ok(Page::last(items, None)),
        Some(next) => Ok(Page::more(items, next)),
        None => Err(Error::invalid("a page that is not the last one does not say where the list goes on")),
    }
}

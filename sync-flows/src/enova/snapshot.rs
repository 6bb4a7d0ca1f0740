//! From a client's page of a snapshot to the engine's.

use soneta_webapi::{Continuation, KontrahentId, WirePage};
use sync_core::{Error, Item, Key, Page, Result};

use super::lists::id_key;
use crate::client_error::engine_error;

const BAD_ROW: &str = "the row cannot be decoded";

/// Where the list goes on after a page that was asked for from `from`; `None` at its end.
pub(crate) fn onward<T>(page: &WirePage<T>, from: Option<&Continuation>) -> Result<Option<Continuation>> {
    page.onward(from).map_err(|error| engine_error("the list does not go on", error))
}

/// Rows become records; a row that cannot be decoded becomes a bad item for each record it would have been, by its Kod.
pub(crate) fn snapshot_page<T, R>(
    page: WirePage<T>,
    from: Option<&Continuation>,
    keys_of: impl Fn(&str) -> Vec<Key>,
    mut records: impl FnMut(T, &mut Vec<Item<R>>),
) -> Result<Page<R, Continuation>> {
    let next = onward(&page, from)?;
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
    Ok(Page::of_list(items, next))
}

/// As [`snapshot_page`], of rows that are known by their contractor and make one record each.
pub(crate) fn snapshot_page_by_contractor<T>(
    page: WirePage<T>,
    from: Option<&Continuation>,
    contractor_of: impl Fn(&T) -> KontrahentId,
) -> Result<Page<T, Continuation>> {
    let next = onward(&page, from)?;
    let items = page.rows.into_iter().map(|row| match row {
        Ok(row) => Item::upsert(id_key(contractor_of(&row).0), row),
        Err(bad) => {
            // an add-on that reads its rows itself may know the contractor by `id`
            let contractor = bad.kontrahent_id.map(|id| id.0).or(bad.id);
            Item::bad(contractor.map(id_key), engine_error(BAD_ROW, bad.error))
        }
    });
    Ok(Page::of_list(items.collect(), next))
}

#[cfg(test)]
mod tests {
    use soneta_webapi::{Continuation, WirePage};
    use sync_core::ErrorKind;

    use super::snapshot_page_by_contractor;

    #[test]
    fn a_page_has_more_behind_it_is_the_last_one_or_an_error_where_its_list_would_never_end() {
        let [first, second] = ["list 1", "list 2"].map(Continuation::from_stored);
        let page = |next: Option<&Continuation>, end| {
            let page = WirePage::new(Vec::new(), next.cloned()).at_end(end);
            snapshot_page_by_contractor(page, Some(&first), |id| *id)
        };
        let goes_on = page(Some(&second), false).unwrap();
        assert_eq!((goes_on.next, goes_on.end), (Some(second.clone()), false));
        let last = page(Some(&second), true).unwrap();
        assert_eq!((last.next, last.end), (None, true));
        for stays in [Some(&first), None] {
            assert_eq!(page(stays, false).unwrap_err().kind(), ErrorKind::Unreadable);
        }
    }
}

//! The tick of lists whose rows do not carry it.

mod book;

pub use book::TickBook;

use async_trait::async_trait;
use soneta_webapi::{CenaDetaliczna, LimitKredytowy, Rozrachunek};
use std::fmt::Debug;
use std::sync::Arc;
use sync_core::{Error, Item, Key, Page, ReadFrom, Reason, Receipt, Result, Source, SourceInfo};

use super::StockRow;
use book::Ticks;

/// A row that goes to the portal with the tick of the good or contractor that it belongs to.
pub trait Owned {
    /// The id of that good or contractor, where the contract tells it.
    fn owner(&self) -> Option<i32>;

    /// Its owner is ticked, whatever the row says itself.
    fn set_ticked(&mut self);
}

impl Owned for StockRow {
    fn owner(&self) -> Option<i32> {
        Some(self.towar_id.0)
    }

    fn set_ticked(&mut self) {
        self.zaznaczony = true;
    }
}

impl Owned for CenaDetaliczna {
    fn owner(&self) -> Option<i32> {
        Some(self.towar_id.0)
    }

    fn set_ticked(&mut self) {
        self.zaznaczony = Some(true);
    }
}

impl Owned for LimitKredytowy {
    fn owner(&self) -> Option<i32> {
        Some(self.kontrahent_id.0)
    }

    fn set_ticked(&mut self) {
        self.zaznaczony = Some(true);
    }
}

/// The row tells no tick, so nothing is set.
impl Owned for Rozrachunek {
    fn owner(&self) -> Option<i32> {
        self.kontrahent_id.map(|id| id.0)
    }

    fn set_ticked(&mut self) {}
}

/// The rows of `source` whose good or contractor is ticked in `book`; the others are gone, so that what was sent of them is
/// withdrawn.
///
/// For a tick that is a [cecha](crate::Tick::Cecha), where rows carry none: stock, prices, credit limits; and for settlements, which
/// tell no tick at all. A list of changes does not tell the rows of a contractor anew whose tick changed: they come, or go, with its
/// next full pass.
pub fn ticked<S>(source: S, book: Arc<TickBook>) -> Ticked<S>
where
    S: Source,
    S::Record: Owned,
{
    Ticked { source, book }
}

/// See [`ticked`].
#[derive(Debug, Clone)]
pub struct Ticked<S> {
    source: S,
    book: Arc<TickBook>,
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<S> Source for Ticked<S>
where
    S: Source,
    S::Record: Owned,
{
    type Record = S::Record;
    type Cursor = S::Cursor;

    fn describe(&self) -> SourceInfo {
        self.source.describe()
    }

    async fn read(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>> {
        let ticks = self.book.ticks().await?;
        let mut page = self.source.read(from, limit).await?;
        page.items = judged(page.items, &ticks);
        Ok(page)
    }

    async fn read_all(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>> {
        let ticks = self.book.ticks().await?;
        let mut page = self.source.read_all(from, limit).await?;
        page.items = judged(page.items, &ticks);
        Ok(page)
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Self::Record>>> {
        let ticks = self.book.ticks().await?;
        Ok(judged(self.source.fetch(keys).await?, &ticks))
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        self.source.acknowledge(outcomes).await
    }
}

fn judged<R: Owned>(items: Vec<Item<R>>, ticks: &Ticks) -> Vec<Item<R>> {
    items.into_iter().map(|item| judge(item, ticks)).collect()
}

fn judge<R: Owned>(mut item: Item<R>, ticks: &Ticks) -> Item<R> {
    let Item::Upsert { key, record, receipt, .. } = &mut item else { return item };
    let other = match record.owner() {
        None => Item::bad(Some(key.clone()), Error::invalid("the row does not tell whom it belongs to")),
        Some(owner) => match ticks.of(owner) {
            Some(true) => {
                record.set_ticked();
                return item;
            }
            Some(false) => Item::deleted(key.clone()),
            None => Item::bad(Some(key.clone()), Error::invalid("the tick of its owner cannot be read")),
        },
    };
    match receipt.take() {
        Some(receipt) => other.with_receipt(receipt),
        None => other,
    }
}

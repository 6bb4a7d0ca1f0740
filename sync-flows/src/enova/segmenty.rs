//! Segments, which the ERP knows only as what contractors carry.

use async_trait::async_trait;
use soneta_webapi::Kontrahent;
use sync_core::{Item, Key, Page, ReadFrom, Reason, Receipt, Result, Source, SourceInfo};

use crate::flows::clients::filled;
use crate::tick::Tick;

/// The name of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a name and nothing else")]
pub struct SegmentName(pub String);

/// The segments that contractors of a list are in: one record per name, under the name as its key.
#[derive(Debug)]
pub struct SegmentSource<S> {
    contractors: S,
    tick: Tick,
}

impl<S: Source<Record = Kontrahent>> SegmentSource<S> {
    /// Of contractors with this tick.
    #[must_use]
    pub fn new(contractors: S, tick: Tick) -> Self {
        Self { contractors, tick }
    }

    /// A contractor that cannot be read is told by the flow of contractors. Each item keeps its receipt, so one of a contractor without a
    /// segment stays too, under a key that no segment has: names have no white space around them.
    fn segment(&self, item: Item<Kontrahent>) -> Option<Item<SegmentName>> {
        let (record, key, receipt) = match item {
            Item::Upsert { key, record, receipt, .. } => (Some(record), Some(key), receipt),
            Item::Deleted { key, receipt, .. } => (None, Some(key), receipt),
            Item::Bad { key, receipt, .. } => (None, key, receipt),
            _ => return None,
        };
        let name = record
            .filter(|record| self.tick.sends(record.zaznaczony, &record.cechy))
            .and_then(|record| filled(record.segment.as_deref()));
        let item = match name {
            Some(name) => Item::upsert(Key::from(name.as_str()), SegmentName(name)),
            None => Item::deleted(format!(" {}", key.as_ref().map(Key::as_str).unwrap_or_default())),
        };
        match receipt {
            Some(receipt) => Some(item.with_receipt(receipt)),
            None if matches!(item, Item::Upsert { .. }) => Some(item),
            None => None,
        }
    }

    fn page(&self, mut page: Page<Kontrahent, S::Cursor>) -> Page<SegmentName, S::Cursor> {
        let contractors = std::mem::take(&mut page.items);
        let segments = contractors.into_iter().filter_map(|item| self.segment(item)).collect();
        // it counts contractors
        page.total = None;
        page.with_items(segments)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<S: Source<Record = Kontrahent>> Source for SegmentSource<S> {
    type Record = SegmentName;
    type Cursor = S::Cursor;

    fn describe(&self) -> SourceInfo {
        self.contractors.describe()
    }

    async fn read(&self, from: ReadFrom<&S::Cursor>, limit: usize) -> Result<Page<SegmentName, S::Cursor>> {
        Ok(self.page(self.contractors.read(from, limit).await?))
    }

    async fn read_all(
        &self,
        from: ReadFrom<&S::Cursor>,
        limit: usize,
    ) -> Result<Page<SegmentName, S::Cursor>> {
        Ok(self.page(self.contractors.read_all(from, limit).await?))
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<SegmentName>>> {
        // a segment is nothing but its name
        Ok(keys.iter().map(|key| Item::upsert(key.clone(), SegmentName(key.as_str().to_owned()))).collect())
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, std::result::Result<(), Reason>)]) -> Result<()> {
        self.contractors.acknowledge(outcomes).await
    }
}

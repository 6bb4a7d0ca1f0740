//! Segments, which the ERP knows only as what contractors carry.

use async_trait::async_trait;
use soneta_webapi::Kontrahent;
use std::collections::BTreeSet;
use sync_core::{Item, Key, Page, ReadFrom, Result, Source, SourceInfo};

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

    /// A contractor that cannot be read is told by the flow of contractors.
    fn segments(&self, items: &[Item<Kontrahent>]) -> Vec<Item<SegmentName>> {
        let named = items.iter().filter_map(|item| match item {
            Item::Upsert { record, .. } if self.tick.sends(record.zaznaczony, &record.cechy) => {
                record.segment.as_deref().map(str::trim).filter(|name| !name.is_empty())
            }
            _ => None,
        });
        let names: BTreeSet<&str> = named.collect();
        names.into_iter().map(|name| Item::upsert(name, SegmentName(name.to_owned()))).collect()
    }

    fn page(&self, page: Page<Kontrahent, S::Cursor>) -> Page<SegmentName, S::Cursor> {
        let items = self.segments(&page.items);
        let segments = match (page.next, page.end, page.cut_short) {
            (next, true, true) => Page::cut_short(items, next),
            (Some(next), false, _) => Page::more(items, next),
            (next, ..) => Page::last(items, next),
        };
        match page.as_of {
            Some(instant) => segments.with_as_of(instant),
            None => segments,
        }
    }
}

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
}

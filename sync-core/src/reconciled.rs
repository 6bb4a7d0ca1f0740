//! Changes from one source, full passes from another.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Reason, Result};
use crate::name::{Key, Receipt};
use crate::source::{Item, Page, ReadFrom, Source, SourceInfo};

/// A source that reads changes from `L` and, in full passes, everything from `F`: a change queue or a feed beside the list
/// of the same records. Both give the same keys.
///
/// Kind and identity are those of `L`; look-ups and acknowledgements go to it too, and the highest id is its own. Whether
/// records may slip from page to page is `F`'s matter.
#[derive(Debug, Clone)]
pub struct Reconciled<L, F> {
    changes: L,
    everything: F,
}

impl<L, F> Reconciled<L, F> {
    /// Changes from `changes`, full passes from `everything`.
    #[must_use]
    pub fn new(changes: L, everything: F) -> Self {
        Self { changes, everything }
    }
}

/// A position in the one or the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReconciledCursor<L, F> {
    /// In the changes.
    Changes(L),
    /// In the list of everything.
    Everything(F),
}

fn onward<R, C, D>(page: Page<R, C>, place: impl FnOnce(C) -> D) -> Page<R, D> {
    let Page { items, next, end, cut_short, as_of, highest, total } = page;
    Page { items, next: next.map(place), end, cut_short, as_of, highest, total }
}

fn mixed_up() -> Error {
    Error::bug("a position of the changes was taken for one of the full pass, or the other way round")
}

#[async_trait]
impl<L, F> Source for Reconciled<L, F>
where
    L: Source,
    F: Source<Record = L::Record>,
{
    type Record = L::Record;
    type Cursor = ReconciledCursor<L::Cursor, F::Cursor>;

    fn describe(&self) -> SourceInfo {
        SourceInfo { shifting: self.everything.describe().shifting, ..self.changes.describe() }
    }

    async fn read(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>> {
        let from = match from {
            ReadFrom::Start => ReadFrom::Start,
            ReadFrom::After(ReconciledCursor::Changes(cursor)) => ReadFrom::After(cursor),
            ReadFrom::After(ReconciledCursor::Everything(_)) => return Err(mixed_up()),
        };
        Ok(onward(self.changes.read(from, limit).await?, ReconciledCursor::Changes))
    }

    async fn read_all(
        &self,
        from: ReadFrom<&Self::Cursor>,
        limit: usize,
    ) -> Result<Page<Self::Record, Self::Cursor>> {
        let from = match from {
            ReadFrom::Start => ReadFrom::Start,
            ReadFrom::After(ReconciledCursor::Everything(cursor)) => ReadFrom::After(cursor),
            ReadFrom::After(ReconciledCursor::Changes(_)) => return Err(mixed_up()),
        };
        let page = self.everything.read_all(from, limit).await?;
        // ids of two lists may be two countings
        Ok(Page { highest: None, ..onward(page, ReconciledCursor::Everything) })
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<Self::Record>>> {
        self.changes.fetch(keys).await
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        self.changes.acknowledge(outcomes).await
    }
}

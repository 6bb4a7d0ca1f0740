//! Full exports: the newest complete file is the whole truth.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::blocking;
use super::folder::{Folder, Found, Listed, Stamp};
use super::format::FileFormat;
use super::opened::{Identity, Opened, Reading, stamp, survey};
use super::row::Row;
use crate::error::Result;
use crate::name::Key;
use crate::source::{Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};

/// A [snapshot](SourceKind::Snapshot) source: of the files of a [`Folder`] the newest complete one (by time of
/// change, then by name) holds everything there is, so that full passes find what is gone.
///
/// - A file is read through once before its first row is given: what does not decode, is cut off or lacks a column
///   fails the read, and nothing is sent or concluded. After its last row its hash is compared once more.
/// - A row that is wrong becomes an [`Item::bad`](crate::Item::bad), with its key where that can be read. Without a
///   key nothing is concluded from what is missing.
/// - A file that changes while it is read fails the read. If it was replaced between two pages, the newest is read
///   from its beginning and the pass concludes nothing, since it counts more rows than the file has; the next one
///   does.
/// - No complete file is a [`Transient`](crate::ErrorKind::Transient) error, never an empty list.
/// - The file's time of change is the source's clock: an older export in place of a newer one stops the flow
///   ([`WentBack`](crate::ErrorKind::WentBack)).
/// - It cannot look up. What is missing in two passes in a row is gone, also if both read the same file:
///   a flow that runs more often than the export should have as many [absences](crate::FlowSettings::absences) as it
///   runs per export.
///
/// Memory holds a page and one row; a file is read three times per pass.
pub struct FullExport<R> {
    inner: Arc<Inner<R>>,
}

struct Inner<R> {
    identity: SourceIdentity,
    folder: Folder,
    reading: Reading<R>,
    /// The file of the last page, so that the next one need not pass over its rows again.
    opened: Mutex<Option<Opened>>,
}

/// A place within a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportPosition {
    file: String,
    size: u64,
    modified: DateTime<Utc>,
    hash: String,
    row: u64,
}

impl<R> FullExport<R> {
    /// The records of the newest complete file. `key` names a row, `record` reads it; both hand out errors of [`Row`] or
    /// their own, without content.
    pub fn new(
        identity: SourceIdentity,
        folder: Folder,
        format: FileFormat,
        key: impl Fn(&Row<'_>) -> Result<Key> + Send + Sync + 'static,
        record: impl Fn(&Row<'_>) -> Result<R> + Send + Sync + 'static,
    ) -> Self {
        let reading = Reading { format, key: Box::new(key), record: Box::new(record) };
        Self { inner: Arc::new(Inner { identity, folder, reading, opened: Mutex::default() }) }
    }
}

impl<R> Inner<R> {
    fn newest(&self) -> Result<(Opened, Option<u64>)> {
        let Listed { complete, waits } = self.folder.list()?;
        let newest = complete.into_iter().max_by_key(|found| (found.stamp.modified, found.name.clone()));
        let Some(found) = newest else { return Err(self.folder.nothing(waits.as_deref())) };
        let opened = self.open(&found)?;
        Ok((opened, found.declared))
    }

    fn open(&self, found: &Found) -> Result<Opened> {
        let format = &self.reading.format;
        let (identity, whole) = survey(&found.path, &found.name, format)?;
        Opened::new(&found.path, &found.name, format, identity, whole?)
    }

    /// The file of a position behind its row, if it is still that file.
    fn resume(
        &self,
        position: &ExportPosition,
        at_hand: Option<Opened>,
    ) -> Result<Option<(Opened, Option<u64>)>> {
        let ExportPosition { file, size, modified, hash, row } = position;
        let before = Identity { stamp: Stamp { size: *size, modified: *modified }, hash: hash.clone() };
        let path = self.folder.path().join(file);
        if !stamp(&path).is_ok_and(|now| now == before.stamp) {
            return Ok(None);
        }
        let declared = self.folder.declared(file)?;
        if let Some(opened) =
            at_hand.filter(|opened| opened.identity == before && opened.given == *row && opened.file == *file)
        {
            return Ok(Some((opened, declared)));
        }
        let found = Found { name: file.clone(), path, stamp: before.stamp, declared };
        let opened = self.open(&found)?;
        if opened.identity != before {
            return Ok(None);
        }
        opened.skip_to(*row).map(|opened| Some((opened, declared)))
    }

    fn page(&self, from: Option<&ExportPosition>, limit: usize) -> Result<Page<R, ExportPosition>> {
        let at_hand = self.at_hand().take();
        let resumed = from.map(|position| self.resume(position, at_hand)).transpose()?.flatten();
        let (mut opened, declared) = match resumed {
            Some(resumed) => resumed,
            None => self.newest()?,
        };
        let mut items = Vec::new();
        while items.len() < limit.max(1) && !opened.is_at_end() {
            let Some(fields) = opened.next()? else { return Err(super::opened::changed(&opened.file)) };
            items.push(self.reading.item(&opened.file, fields));
        }
        opened.check_unchanged()?;
        let Identity { stamp: Stamp { size, modified }, hash } = opened.identity.clone();
        let total = declared.unwrap_or(opened.whole.rows);
        let page = if opened.is_at_end() {
            opened.finish()?;
            Page::last(items, None)
        } else {
            let next = ExportPosition { file: opened.file.clone(), size, modified, hash, row: opened.given };
            *self.at_hand() = Some(opened);
            Page::more(items, next)
        };
        Ok(page.with_total(total).with_as_of(modified))
    }

    fn at_hand(&self) -> std::sync::MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl<R: Send + Sync + 'static> Source for FullExport<R> {
    type Record = R;
    type Cursor = ExportPosition;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Snapshot, self.inner.identity.clone())
    }

    async fn read(&self, from: ReadFrom<&ExportPosition>, limit: usize) -> Result<Page<R, ExportPosition>> {
        let inner = Arc::clone(&self.inner);
        let from = from.cursor().cloned();
        blocking(move || inner.page(from.as_ref(), limit)).await
    }
}

impl<R> fmt::Debug for FullExport<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FullExport").field("folder", &self.inner.folder).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_position_is_read_by_later_versions() {
        let stored =
            r#"{"file":"stany.csv","size":7,"modified":"2026-11-21T08:00:00.5Z","hash":"ab","row":3}"#;
        let position: ExportPosition = serde_json::from_str(stored).unwrap();
        assert_eq!((position.file.as_str(), position.size, position.row), ("stany.csv", 7, 3));
        let again = serde_json::to_string(&position).unwrap();
        assert_eq!(serde_json::from_str::<ExportPosition>(&again).unwrap(), position);
        assert_eq!(again, stored.replace(".5Z", ".500Z"));
    }
}

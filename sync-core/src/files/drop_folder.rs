//! Drop folders: each file once, in the order of names.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::blocking;
use super::encoding::scan;
use super::fault::Fault;
use super::folder::{Folder, Found, Listed};
use super::format::FileFormat;
use super::ledger::Ledger;
use super::opened::{Opened, Reading, survey};
use super::row::Row;
use super::whole::{move_whole, remove, write_whole};
use crate::error::{Error, Reason, Result};
use crate::name::{Key, Receipt};
use crate::source::{Item, Page, ReadFrom, Source, SourceIdentity, SourceInfo, SourceKind};

/// A [queue](SourceKind::Queue) source: another program drops files of changes into a [`Folder`]; each is read
/// once, in the order of their names, and moved when all of its rows are acknowledged.
///
/// - To the folder `done` within it, or to `failed` if any row was rejected; there `x.csv.rejects` beside it says
///   which rows (their numbers, codes, details; for the eyes of whoever may see the file). A name that is taken there
///   gets the file's hash.
/// - Which rows are acknowledged lies in `.x.csv.acknowledged` beside the file until then, so that a restart goes on
///   within a file.
/// - A file that cannot be read to its end (wrong bytes, cut off, a column missing) is one bad record `file:{name}`:
///   none of its rows are given, and once that is acknowledged it is moved to `failed`. The others go on.
/// - A file that is not [complete](super::Complete) yet holds up those whose names come after its own, or an older
///   change could come after a newer one.
/// - A name of more than 200 bytes is a [`Config`](crate::ErrorKind::Config) error.
/// - A file that was replaced by another of its name is a new one. Writers should not do that.
/// - It has no list of everything, and cannot look up: put it beside a [`FullExport`](super::FullExport) with
///   [`Reconciled`](crate::Reconciled) for full passes.
pub struct DropFolder<R> {
    inner: Arc<Inner<R>>,
}

struct Inner<R> {
    identity: SourceIdentity,
    folder: Folder,
    reading: Reading<R>,
    /// The file of the last page. One call works on the folder at a time, also if the future of an earlier one was
    /// dropped.
    opened: Mutex<Option<Opened>>,
}

/// A place in a drop folder: a hint only, which files are there and acknowledged counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DropPosition {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passed: Option<Passed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Passed {
    file: String,
    hash: String,
    row: u64,
}

impl<R> DropFolder<R> {
    /// The records of the files of a folder. `key` names a row, `record` reads it; both hand out errors of [`Row`]
    /// or their own, without content.
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

/// The longest name of a file: what lies beside it, and what it is called in `done`, has a longer one, and systems allow 255.
const LONGEST_NAME: usize = 200;

/// What a receipt says: row 0 is the file as a whole.
fn receipt(row: u64, rows: u64, hash: &str, file: &str) -> Receipt {
    Receipt::from(format!("{row}/{rows}@{hash}:{file}"))
}

fn parsed(receipt: &Receipt) -> Option<(u64, u64, &str, &str)> {
    let (row, rest) = receipt.as_str().split_once('/')?;
    let (rows, rest) = rest.split_once('@')?;
    let (hash, file) = rest.split_once(':')?;
    Some((row.parse().ok()?, rows.parse().ok()?, hash, file))
}

fn failed(file: &str) -> impl Fn(io::Error) -> Error {
    move |error| Fault::io(&error).into_error(file)
}

/// Rows of one file and what became of them.
type Told<'a> = Vec<(u64, &'a Result<(), Reason>)>;

/// What one file gave.
enum Given<R> {
    /// Nothing is left in it.
    Nothing,
    Rows {
        items: Vec<Item<R>>,
        passed: Passed,
        end: bool,
    },
}

impl<R> Inner<R> {
    fn opened(&self) -> MutexGuard<'_, Option<Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ledger(&self, file: &str) -> Result<Option<Ledger>> {
        Ledger::load(&Ledger::path(self.folder.path(), file)).map_err(failed(file))
    }

    fn page(&self, from: &DropPosition, limit: usize) -> Result<Page<R, DropPosition>> {
        let mut opened = self.opened();
        let mut at_hand = opened.take();
        self.settle()?;
        let from = from.passed.as_ref();
        let Listed { complete, waits } = self.folder.list()?;
        if let Some(file) = &waits {
            tracing::info!(file, "a file is not complete yet; those after it wait");
        }
        if let Some(long) = complete.iter().find(|found| found.name.len() > LONGEST_NAME) {
            let start: String = long.name.chars().take(40).collect();
            return Err(Error::config(format!(
                "{start}…: a file's name is longer than {LONGEST_NAME} bytes"
            )));
        }
        let in_turn = |found: &Found| waits.as_ref().is_none_or(|first| found.name < *first);
        let to_come = |found: &Found| from.is_none_or(|from| found.name >= from.file);
        let files = complete.into_iter().filter(|found| in_turn(found) && to_come(found));
        let mut files = files.peekable();
        while let Some(found) = files.next() {
            let given = self.rows_of(&found, from, limit.max(1), at_hand.take(), &mut opened)?;
            let Given::Rows { items, passed, end } = given else { continue };
            if end && files.peek().is_none() {
                return Ok(Page::last(items, Some(DropPosition::default())));
            }
            return Ok(Page::more(items, DropPosition { passed: Some(passed) }));
        }
        // the next cycle begins with the first file: what was not acknowledged comes again
        Ok(Page::last(Vec::new(), Some(DropPosition::default())))
    }

    fn rows_of(
        &self,
        found: &Found,
        from: Option<&Passed>,
        limit: usize,
        at_hand: Option<Opened>,
        keep: &mut Option<Opened>,
    ) -> Result<Given<R>> {
        let from = from.filter(|from| from.file == found.name);
        let is_at_hand = |opened: &Opened| {
            opened.file == found.name
                && opened.identity.stamp == found.stamp
                && from.is_some_and(|from| from.hash == opened.identity.hash && from.row == opened.given)
        };
        let mut opened = match at_hand.filter(is_at_hand) {
            Some(opened) => opened,
            None => {
                let (identity, whole) = survey(&found.path, &found.name, &self.reading.format)?;
                let after = from.filter(|from| from.hash == identity.hash).map_or(0, |from| from.row);
                let whole = match whole {
                    Ok(whole) => whole,
                    // given before, in this cycle
                    Err(_) if from.is_some_and(|from| from.hash == identity.hash) => {
                        return Ok(Given::Nothing);
                    }
                    Err(error) => return Ok(unreadable(&found.name, identity.hash, error)),
                };
                if whole.rows == 0 {
                    let ledger = Ledger::new(&identity.hash, 0);
                    // from here on the file is moved even if the process dies when its marker is gone already
                    ledger
                        .save(&Ledger::path(self.folder.path(), &found.name))
                        .map_err(failed(&found.name))?;
                    self.finish(&found.name, &ledger)?;
                    return Ok(Given::Nothing);
                }
                Opened::new(&found.path, &found.name, &self.reading.format, identity, whole)?
                    .skip_to(after.min(whole.rows))?
            }
        };
        let ledger = self.ledger(&found.name)?.filter(|ledger| ledger.hash == opened.identity.hash);
        let mut items = Vec::new();
        while items.len() < limit && !opened.is_at_end() {
            let Some(fields) = opened.next()? else { return Err(super::opened::changed(&opened.file)) };
            let row = opened.given;
            if ledger.as_ref().is_some_and(|ledger| ledger.has(row)) {
                continue;
            }
            let item = self.reading.item(&opened.file, fields);
            items.push(item.with_receipt(receipt(
                row,
                opened.whole.rows,
                &opened.identity.hash,
                &opened.file,
            )));
        }
        opened.check_unchanged()?;
        let (file, hash) = (opened.file.clone(), opened.identity.hash.clone());
        let passed = Passed { file, hash, row: opened.given };
        let end = opened.is_at_end();
        if end {
            opened.finish()?;
        } else {
            *keep = Some(opened);
        }
        Ok(if items.is_empty() { Given::Nothing } else { Given::Rows { items, passed, end } })
    }

    /// Ends what a process that died had begun: moves files all of whose rows are acknowledged.
    fn settle(&self) -> Result<()> {
        let folder = self.folder.broken();
        for entry in fs::read_dir(self.folder.path()).map_err(&folder)? {
            let name = entry.map_err(&folder)?.file_name();
            let Some(file) = name.to_str().and_then(Ledger::file_of) else { continue };
            match self.ledger(file)? {
                Some(ledger) if ledger.is_complete() => self.finish(file, &ledger)?,
                Some(_) if self.folder.path().join(file).exists() => {}
                _ => Ledger::forget(&Ledger::path(self.folder.path(), file)).map_err(failed(file))?,
            }
        }
        Ok(())
    }

    /// Moves a file that was dealt with. The ledger goes last, so that a process that dies here does it again.
    fn finish(&self, file: &str, ledger: &Ledger) -> Result<()> {
        let folder = self.folder.path();
        let move_it = || -> io::Result<()> {
            if hash_of(&folder.join(file))?.as_ref() == Some(&ledger.hash) {
                let target = folder.join(if ledger.has_rejects() { "failed" } else { "done" });
                fs::create_dir_all(&target)?;
                let kept = match hash_of(&target.join(file))? {
                    Some(other) if other != ledger.hash => {
                        format!("{file}.{}", ledger.hash.get(..16).unwrap_or_default())
                    }
                    _ => file.to_owned(),
                };
                if ledger.has_rejects() {
                    let rejects = target.join(format!("{kept}.rejects"));
                    write_whole(&rejects, |rejects| ledger.write_rejects(rejects).map(|()| true))?;
                }
                // a marker that stayed behind would make the next half-written file of this name complete
                if let Some(marker) = self.folder.marker(file) {
                    remove(&folder.join(marker))?;
                }
                move_whole(&folder.join(file), &target.join(kept))?;
            }
            Ledger::forget(&Ledger::path(folder, file))
        };
        move_it().map_err(failed(file))
    }

    fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        let _one_at_a_time = self.opened();
        let mut files: BTreeMap<(&str, &str, u64), Told<'_>> = BTreeMap::new();
        for (receipt, outcome) in outcomes {
            let Some((row, rows, hash, file)) = parsed(receipt) else {
                return Err(Error::bug("a drop folder was told of a receipt that it did not give"));
            };
            files.entry((file, hash, rows)).or_default().push((row, outcome));
        }
        for ((file, hash, rows), told) in files {
            let ledger = self.ledger(file)?.filter(|ledger| ledger.hash == hash);
            let mut ledger = match ledger {
                Some(ledger) => ledger,
                None => match hash_of(&self.folder.path().join(file)).map_err(failed(file))? {
                    Some(now) if now == hash => Ledger::new(hash, rows),
                    // it was moved, or replaced by another
                    _ => continue,
                },
            };
            for (row, outcome) in told {
                ledger.add(row, outcome);
            }
            ledger.save(&Ledger::path(self.folder.path(), file)).map_err(failed(file))?;
            if ledger.is_complete() {
                self.finish(file, &ledger)?;
            }
        }
        Ok(())
    }
}

fn unreadable<R>(file: &str, hash: String, error: Error) -> Given<R> {
    let item = Item::bad(Some(Key::from(format!("file:{file}"))), error);
    let items = vec![item.with_receipt(receipt(0, 0, &hash, file))];
    Given::Rows { items, passed: Passed { file: file.to_owned(), hash, row: 0 }, end: true }
}

/// The hash of a file; `None` if it is not there.
fn hash_of(path: &Path) -> io::Result<Option<String>> {
    match File::open(path) {
        Ok(file) => Ok(Some(scan(file, super::TextEncoding::Auto)?.hash)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl<R: Send + Sync + 'static> Source for DropFolder<R> {
    type Record = R;
    type Cursor = DropPosition;

    fn describe(&self) -> SourceInfo {
        SourceInfo::new(SourceKind::Queue, self.inner.identity.clone())
    }

    async fn read(&self, from: ReadFrom<&DropPosition>, limit: usize) -> Result<Page<R, DropPosition>> {
        let inner = Arc::clone(&self.inner);
        let from = from.cursor().cloned().unwrap_or_default();
        blocking(move || inner.page(&from, limit)).await
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        let outcomes = outcomes.to_vec();
        blocking(move || inner.acknowledge(&outcomes)).await
    }
}

impl<R> fmt::Debug for DropFolder<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DropFolder").field("folder", &self.inner.folder).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_positions_and_receipts_are_read_by_later_versions() {
        let passed = Passed { file: "a:b@1.csv".to_owned(), hash: "ab".to_owned(), row: 3 };
        for (position, stored) in [
            (DropPosition::default(), "{}"),
            (DropPosition { passed: Some(passed) }, r#"{"passed":{"file":"a:b@1.csv","hash":"ab","row":3}}"#),
        ] {
            assert_eq!(serde_json::to_string(&position).unwrap(), stored);
            assert_eq!(serde_json::from_str::<DropPosition>(stored).unwrap(), position);
        }
        let receipt = receipt(3, 9, "ab", "a:b@1/2.csv");
        assert_eq!(receipt.as_str(), "3/9@ab:a:b@1/2.csv");
        assert_eq!(parsed(&receipt), Some((3, 9, "ab", "a:b@1/2.csv")));
        assert_eq!(parsed(&Receipt::from("x")), None);
    }
}

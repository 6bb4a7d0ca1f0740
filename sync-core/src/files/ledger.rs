//! Which rows of a file in a drop folder were dealt with, kept beside the file until all were.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::csv::line_of;
use super::whole::{remove, write_whole};
use crate::error::Reason;

/// What was acknowledged of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// The file's content, in BLAKE3: a new file of the same name begins anew.
    pub(crate) hash: String,
    pub(crate) rows: u64,
    /// Rows that were dealt with, first and last of each stretch, in order.
    done: Vec<(u64, u64)>,
    rejects: Vec<Rejected>,
}

/// A row that was not taken; row 0 is the file as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Rejected {
    row: u64,
    code: String,
    detail: String,
}

impl Ledger {
    pub(crate) fn new(hash: &str, rows: u64) -> Self {
        Self { hash: hash.to_owned(), rows, done: Vec::new(), rejects: Vec::new() }
    }

    /// Where the ledger of a file lies.
    pub(crate) fn path(folder: &Path, name: &str) -> PathBuf {
        folder.join(format!(".{name}{ENDING}"))
    }

    /// The name of the file whose ledger this is.
    pub(crate) fn file_of(name: &str) -> Option<&str> {
        name.strip_prefix('.')?.strip_suffix(ENDING)
    }

    /// `None` where there is none. One that cannot be read is an error: the program that wrote it wrote it whole.
    pub(crate) fn load(path: &Path) -> io::Result<Option<Self>> {
        match fs::read(path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map(Some).map_err(|_| io::ErrorKind::InvalidData.into())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn save(&self, path: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self).map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        write_whole(path, |file| file.write_all(&text).map(|()| true)).map(drop)
    }

    pub(crate) fn forget(path: &Path) -> io::Result<()> {
        remove(path)
    }

    pub(crate) fn has(&self, row: u64) -> bool {
        let behind = self.done.partition_point(|(_, last)| *last < row);
        self.done.get(behind).is_some_and(|(first, _)| *first <= row)
    }

    /// A row was dealt with. Told again it changes nothing.
    pub(crate) fn add(&mut self, row: u64, outcome: &Result<(), Reason>) {
        if self.has(row) {
            return;
        }
        let place = self.done.partition_point(|(_, last)| *last < row);
        self.done.insert(place, (row, row));
        let before = place.checked_sub(1).and_then(|before| self.done.get(before)).copied();
        let after = self.done.get(place + 1).copied();
        let joins = |one: Option<(u64, u64)>, other: u64| one.filter(|(_, last)| last + 1 == other);
        let first = joins(before, row).map_or(row, |(first, _)| first);
        let last = after.filter(|(first, _)| row + 1 == *first).map_or(row, |(_, last)| last);
        let from = if first < row { place - 1 } else { place };
        let to = if last > row { place + 1 } else { place };
        self.done.splice(from..=to, [(first, last)]);
        if let Err(reason) = outcome {
            let detail = reason.detail().unwrap_or_default().to_owned();
            self.rejects.push(Rejected { row, code: reason.code().to_owned(), detail });
        }
    }

    pub(crate) fn is_complete(&self) -> bool {
        // the file as a whole could not be read, or each of its rows was dealt with
        self.has(0) || self.rows == 0 || self.done.first() == Some(&(1, self.rows))
    }

    pub(crate) fn has_rejects(&self) -> bool {
        !self.rejects.is_empty()
    }

    /// The rejects as a person reads them.
    pub(crate) fn write_rejects(&self, file: &mut dyn Write) -> io::Result<()> {
        file.write_all(line_of(["row", "code", "detail"], ';').as_bytes())?;
        for Rejected { row, code, detail } in &self.rejects {
            file.write_all(line_of([row.to_string().as_str(), code, detail], ';').as_bytes())?;
        }
        Ok(())
    }
}

const ENDING: &str = ".acknowledged";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_stored_form_is_read_by_later_versions() {
        let mut ledger = Ledger::new("ab", 3);
        ledger.add(1, &Ok(()));
        ledger.add(3, &Err(Reason::new("invalid").with_detail("x")));
        let text = serde_json::to_string(&ledger).unwrap();
        let stored = r#"{"hash":"ab","rows":3,"done":[[1,1],[3,3]],"rejects":[{"row":3,"code":"invalid","detail":"x"}]}"#;
        assert_eq!(text, stored);
        assert_eq!(serde_json::from_str::<Ledger>(stored).unwrap(), ledger);
    }

    proptest! {
        #[test]
        fn rows_in_any_order_and_again_are_each_counted_once(rows in prop::collection::vec(1u64..30, 0..60)) {
            let mut ledger = Ledger::new("ab", 20);
            let mut known = BTreeSet::new();
            for row in rows {
                ledger.add(row, &if row % 3 == 0 { Err(Reason::new("x")) } else { Ok(()) });
                known.insert(row);
                for row in 0..31 {
                    prop_assert_eq!(ledger.has(row), known.contains(&row));
                }
                prop_assert!(ledger.done.windows(2).all(|two| two[0].1 + 1 < two[1].0));
            }
            prop_assert_eq!(ledger.rejects.len(), known.iter().filter(|row| **row % 3 == 0).count());
        }
    }
}

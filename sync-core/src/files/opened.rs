//! One file, surveyed as a whole before its first row is given.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::encoding::{Encoding, TextReader, scan};
use super::fault::Fault;
use super::folder::Stamp;
use super::format::{FileFormat, Rows};
use super::row::{Fields, Row};
use crate::error::{Error, ErrorKind, Result};
use crate::name::Key;
use crate::source::Item;

type Closure<T> = Box<dyn Fn(&Row<'_>) -> Result<T> + Send + Sync>;

/// How rows become records.
pub(crate) struct Reading<R> {
    pub(crate) format: FileFormat,
    pub(crate) key: Closure<Key>,
    pub(crate) record: Closure<R>,
}

impl<R> Reading<R> {
    pub(crate) fn item(&self, file: &str, fields: Result<Fields, Fault>) -> Item<R> {
        let fields = match fields {
            Ok(fields) => fields,
            Err(fault) => return Item::bad(None, fault.into_error(file)),
        };
        let FileFormat { numbers, tolerant, .. } = self.format;
        let row = Row { file, fields: &fields, numbers, tolerant };
        let damage = fields.damage().map(|fault| fault.into_error(file));
        match ((self.key)(&row), damage) {
            (Err(error), _) => Item::bad(None, error),
            (Ok(key), Some(error)) if super::encoding::is_damaged(key.as_str()) => Item::bad(None, error),
            (Ok(key), Some(error)) => Item::bad(Some(key), error),
            (Ok(key), None) => match (self.record)(&row) {
                Ok(record) => Item::upsert(key, record),
                Err(error) => Item::bad(Some(key), error),
            },
        }
    }
}

/// A file as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) stamp: Stamp,
    pub(crate) hash: String,
}

/// A file that can be read to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Whole {
    encoding: Encoding,
    /// How many rows it has, bad ones included.
    pub(crate) rows: u64,
}

pub(crate) fn stamp(path: &Path) -> std::io::Result<Stamp> {
    Stamp::of(&fs::metadata(path)?)
}

pub(crate) fn changed(file: &str) -> Error {
    Error::new(ErrorKind::Transient, format!("{file}: the file changed while it was read"))
}

/// Reads all of a file once: what it is, and whether it can be read to its end.
pub(crate) fn survey(path: &Path, file: &str, format: &FileFormat) -> Result<(Identity, Result<Whole>)> {
    let io = |error: std::io::Error| Fault::io(&error).into_error(file);
    let before = stamp(path).map_err(io)?;
    let found = scan(File::open(path).map_err(io)?, format.encoding).map_err(io)?;
    let identity = Identity { stamp: before, hash: found.hash };
    let whole = match found.encoding {
        Err(fault) => Err(fault.into_error(file)),
        Ok(encoding) => count(path, file, format, encoding, &identity),
    };
    let transient = matches!(&whole, Err(error) if error.kind() == ErrorKind::Transient);
    if found.size != before.size || stamp(path).map_err(io)? != before {
        return Err(changed(file));
    }
    match whole {
        Err(error) if transient => Err(error),
        whole => Ok((identity, whole)),
    }
}

fn count(
    path: &Path,
    file: &str,
    format: &FileFormat,
    encoding: Encoding,
    identity: &Identity,
) -> Result<Whole> {
    let mut opened = Opened::new(path, file, format, identity.clone(), Whole { encoding, rows: u64::MAX })?;
    while opened.next()?.is_some() {}
    let rows = opened.given;
    opened.finish()?;
    Ok(Whole { encoding, rows })
}

/// A file under reading.
pub(crate) struct Opened {
    path: PathBuf,
    pub(crate) file: String,
    pub(crate) identity: Identity,
    pub(crate) whole: Whole,
    rows: Rows,
    /// How many rows were given.
    pub(crate) given: u64,
}

impl Opened {
    pub(crate) fn new(
        path: &Path,
        file: &str,
        format: &FileFormat,
        identity: Identity,
        whole: Whole,
    ) -> Result<Self> {
        let handle = File::open(path).map_err(|error| Fault::io(&error).into_error(file))?;
        let text = TextReader::new(handle, whole.encoding);
        let rows = format.rows(text).map_err(|fault| fault.into_error(file))?;
        Ok(Self { path: path.to_owned(), file: file.to_owned(), identity, whole, rows, given: 0 })
    }

    pub(crate) fn next(&mut self) -> Result<Option<Result<Fields, Fault>>> {
        let next = self.rows.next().map_err(|fault| fault.into_error(&self.file))?;
        self.given += u64::from(next.is_some());
        Ok(next)
    }

    /// Passes over rows that were given before.
    pub(crate) fn skip_to(mut self, row: u64) -> Result<Self> {
        while self.given < row {
            if self.next()?.is_none() {
                return Err(changed(&self.file));
            }
        }
        Ok(self)
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.given >= self.whole.rows
    }

    /// The file is still the one that was surveyed, as far as its size and time tell.
    pub(crate) fn check_unchanged(&self) -> Result<()> {
        match stamp(&self.path) {
            Ok(now) if now == self.identity.stamp => Ok(()),
            _ => Err(changed(&self.file)),
        }
    }

    /// Every row was given: nothing follows, and what was read is byte for byte what was surveyed.
    pub(crate) fn finish(mut self) -> Result<()> {
        if self.next()?.is_some() {
            return Err(changed(&self.file));
        }
        let hash = self.rows.into_text().hash().map_err(|error| Fault::io(&error).into_error(&self.file))?;
        if hash == self.identity.hash { Ok(()) } else { Err(changed(&self.file)) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom, Write};

    use super::*;

    fn opened(path: &Path) -> Opened {
        let format = FileFormat::csv(["Kod"]);
        let (identity, whole) = survey(path, "x.csv", &format).unwrap();
        Opened::new(path, "x.csv", &format, identity, whole.unwrap()).unwrap()
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_an_error() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("x.csv");
        let rows = 100_000;
        fs::write(&path, format!("Kod\n{}", "A\n".repeat(rows))).unwrap();
        let mut file = opened(&path);
        while !file.is_at_end() {
            assert!(file.next().unwrap().is_some());
        }
        assert_eq!(file.given, rows as u64);
        file.check_unchanged().unwrap();
        file.finish().unwrap();

        // a byte near the end, without a trace in size and time
        let mut file = opened(&path);
        let mut writer = File::options().write(true).open(&path).unwrap();
        let before = writer.metadata().unwrap().modified().unwrap();
        writer.seek(SeekFrom::End(-2)).unwrap();
        writer.write_all(b"B").unwrap();
        writer.set_modified(before).unwrap();
        while !file.is_at_end() {
            file.next().unwrap();
        }
        file.check_unchanged().unwrap();
        assert_eq!(file.finish().unwrap_err().kind(), ErrorKind::Transient);

        let mut file = opened(&path);
        file.next().unwrap();
        writer.seek(SeekFrom::End(0)).unwrap();
        writer.write_all(b"C\n").unwrap();
        assert_eq!(file.check_unchanged().unwrap_err().kind(), ErrorKind::Transient);
        while !file.is_at_end() {
            file.next().unwrap();
        }
        assert_eq!(file.finish().unwrap_err().kind(), ErrorKind::Transient);
    }
}

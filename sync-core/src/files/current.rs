//! A file that holds the current state of all records, for a program that reads files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::blocking;
use super::encoding::{TextEncoding, TextReader, scan};
use super::fault::Fault;
use super::format::Rows;
use super::layout::Layout;
use super::row::Value;
use super::whole::write_whole;
use crate::error::{Error, Reason, Result};
use crate::sink::{Outcome, Sink, Write};

type Cells<R> = Box<dyn Fn(&R) -> Result<Vec<String>, Reason> + Send + Sync>;

/// A sink that keeps one file of all records up to date: prices or stocks for a program that reads files. It is CSV,
/// unless [`json`](Self::json) or [`xml`](Self::xml) says otherwise. The file is replaced whole with each batch that changes something, and its rows are ordered by key, so that the same
/// records are the same bytes.
///
/// The file itself is what the sink remembers: a batch is merged into it. Whoever reads it must leave it there.
/// Read back strictly: a file that somebody changed so that it is no longer what a sink writes is a
/// [`Config`](crate::ErrorKind::Config) error and stays as it is. After its loss a
/// [reassert](crate::FlowSettings::reassert) or a new binding fills it again.
///
/// A record that could not be read back is rejected: one with a zero character in CSV (`zero-character`) or one that XML cannot
/// hold (`control-character`), or of more than 16 MiB (`row-too-long`).
///
/// One process at a time writes a file, which the flow's lease sees to; two flows need two files.
///
/// Memory holds the batch and one row.
pub struct CurrentFile<R> {
    inner: Arc<Inner<R>>,
}

struct Inner<R> {
    path: PathBuf,
    header: Vec<String>,
    cells: Cells<R>,
    layout: Layout,
    encoding: TextEncoding,
    /// One write at a time, also if the future of an earlier one was dropped.
    writing: Mutex<()>,
}

impl<R> CurrentFile<R> {
    /// Writes to `path`. The first column of `header` is the record's key; `cells` gives the others, in their
    /// order. Numbers are written with [`NumberFormat::write`](super::NumberFormat::write).
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the header is empty, or has a column twice or with blanks around it.
    pub fn new<C: Into<String>>(
        path: impl Into<PathBuf>,
        header: impl IntoIterator<Item = C>,
        cells: impl Fn(&R) -> Result<Vec<String>, Reason> + Send + Sync + 'static,
    ) -> Result<Self> {
        let header: Vec<String> = header.into_iter().map(Into::into).collect();
        if header.is_empty() {
            return Err(Error::config("a file of current records has a column for their keys"));
        }
        let is_odd = |name: &String| name.trim() != name || name.contains(['\0', '\u{feff}']);
        let names: BTreeSet<&String> = header.iter().collect();
        if names.len() < header.len() || header.iter().any(is_odd) {
            return Err(Error::config("each column has one name, without blanks around it"));
        }
        let inner = Inner {
            path: path.into(),
            header,
            cells: Box::new(cells),
            layout: Layout::Csv { separator: ';' },
            encoding: TextEncoding::Utf8,
            writing: Mutex::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// CSV whose fields are parted by this character, which is no quotation mark; `;` without it.
    #[must_use]
    pub fn separator(self, separator: char) -> Self {
        self.with(|inner| inner.layout = Layout::Csv { separator })
    }

    /// JSON: an array of objects, whose members are the header's and all of them texts, so that numbers keep their
    /// digits.
    #[must_use]
    pub fn json(self) -> Self {
        self.with(|inner| inner.layout = Layout::Json)
    }

    /// XML: a `root` element with an element `row` for each record, and in it an element for each name of the header.
    /// Writing is refused with [`Config`](crate::ErrorKind::Config) if one of these is no plain name of an element.
    #[must_use]
    pub fn xml(self, root: impl Into<String>, row: impl Into<String>) -> Self {
        let path = [root.into(), row.into()];
        self.with(|inner| inner.layout = Layout::Xml(path))
    }

    /// Written in this encoding; UTF-8 without a mark without it. A record with a character that Windows-1250 lacks
    /// is rejected (`not-in-encoding`).
    #[must_use]
    pub fn encoding(self, encoding: TextEncoding) -> Self {
        self.with(|inner| inner.encoding = encoding)
    }

    fn with(mut self, change: impl FnOnce(&mut Inner<R>)) -> Self {
        // nobody else has it yet: it was not cloned since it was made
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            change(inner);
        }
        self
    }
}

/// The rows of a batch by key; `None` is to go.
type Lines = BTreeMap<String, Option<Vec<u8>>>;

impl<R> Inner<R> {
    fn file(&self) -> String {
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// The row of a record, which the next batch reads back.
    fn encoded<'a>(&self, fields: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, Reason> {
        let row = self.layout.row(&self.header, fields)?;
        self.encoding.encode(&row).map_err(|_| Reason::new("not-in-encoding"))
    }

    /// What a batch makes of its records.
    fn lines(&self, batch: &[Write<R>]) -> Result<(Lines, Vec<Outcome>)> {
        let (mut lines, mut outcomes) = (Lines::new(), Vec::with_capacity(batch.len()));
        for write in batch {
            let key = write.key().as_str();
            let line = match write {
                Write::Remove { .. } => Ok(None),
                Write::Upsert { record, .. } => match (self.cells)(record) {
                    Ok(cells) if cells.len() + 1 == self.header.len() => {
                        let fields = std::iter::once(key).chain(cells.iter().map(String::as_str));
                        self.encoded(fields).map(Some)
                    }
                    Ok(_) => return Err(Error::bug("a record has another number of cells than the header")),
                    Err(reason) => Err(reason),
                },
            };
            match line {
                Ok(line) => {
                    lines.insert(key.to_owned(), line);
                    outcomes.push(Outcome::applied());
                }
                Err(reason) => outcomes.push(Outcome::rejected(reason)),
            }
        }
        Ok((lines, outcomes))
    }

    /// What is there now.
    fn previous(&self) -> Result<Option<Rows>> {
        let file = self.file();
        let opened = match File::open(&self.path) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Fault::io(&error).into_error(&file)),
        };
        let found = scan(&opened, self.encoding).map_err(|error| Fault::io(&error).into_error(&file))?;
        let encoding = found.encoding.map_err(|fault| fault.into_error(&file))?;
        let opened = File::open(&self.path).map_err(|error| Fault::io(&error).into_error(&file))?;
        let rows = self.layout.rows(TextReader::new(opened, encoding));
        let rows = rows.map_err(|fault| fault.into_error(&file))?;
        if let Rows::Csv(rows) = &rows
            && rows.names() != self.header.as_slice()
        {
            return Err(Error::config(format!("{file}: the file has another header than is written")));
        }
        Ok(Some(rows))
    }

    fn write(&self, lines: Lines) -> Result<()> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let previous = self.previous()?;
        let mut wrong = None;
        let written = write_whole(&self.path, |file| match self.merge(file, previous, lines) {
            Ok(changed) => Ok(changed),
            Err(Stop::Io(error)) => Err(error),
            Err(Stop::Wrong(error)) => {
                wrong = Some(error);
                Ok(false)
            }
        });
        match (wrong, written) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => {
                Err(Error::transient(format!("{}: cannot be written: {}", self.file(), error.kind())))
            }
            (None, Ok(_)) => Ok(()),
        }
    }

    /// Writes the file anew, row by row; tells whether anything changed.
    fn merge(
        &self,
        file: &mut dyn io::Write,
        previous: Option<Rows>,
        mut lines: Lines,
    ) -> Result<bool, Stop> {
        let mut changed = previous.is_none();
        let head = self.layout.head(&self.header, self.encoding);
        file.write_all(&self.encoding.encode(&head)?)?;
        let mut is_first = true;
        let mut put = |row: &[u8]| {
            let between = if is_first { "" } else { self.layout.between() };
            is_first = false;
            file.write_all(between.as_bytes()).and_then(|()| file.write_all(row))
        };
        let mut before: Option<String> = None;
        if let Some(mut rows) = previous {
            while let Some((key, fields)) = self.row(&mut rows)? {
                if before.is_some_and(|before| before >= key) {
                    return Err(self.foreign().into());
                }
                while let Some(entry) = lines.first_entry().filter(|entry| *entry.key() < key) {
                    if let Some(new) = entry.remove() {
                        changed = true;
                        put(&new)?;
                    }
                }
                let old = self.encoded(fields.iter().map(|value| value.text.as_str()));
                let old = old.map_err(|_| self.foreign())?;
                match lines.remove(&key) {
                    None => put(&old)?,
                    Some(None) => changed = true,
                    Some(Some(new)) => {
                        changed |= new != old;
                        put(&new)?;
                    }
                }
                before = Some(key);
            }
        }
        for line in lines.into_values().flatten() {
            changed = true;
            put(&line)?;
        }
        file.write_all(self.layout.tail(!is_first).as_bytes())?;
        Ok(changed)
    }

    fn row(&self, rows: &mut Rows) -> Result<Option<(String, Vec<Value>)>> {
        let next = rows.next().map_err(|fault| fault.into_error(&self.file()))?;
        let Some(fields) = next.transpose().map_err(|_| self.foreign())? else { return Ok(None) };
        if *fields.names != self.header {
            return Err(self.foreign());
        }
        let key = fields.values.first().map(|value| value.text.clone()).ok_or_else(|| self.foreign())?;
        Ok(Some((key, fields.values)))
    }

    fn foreign(&self) -> Error {
        Error::config(format!("{}: somebody else changed the file; it is not replaced", self.file()))
    }
}

enum Stop {
    Io(io::Error),
    Wrong(Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Wrong(error)
    }
}

#[async_trait]
impl<R: Send + Sync + 'static> Sink for CurrentFile<R> {
    type Record = R;

    async fn write(&self, batch: &[Write<R>]) -> Result<Vec<Outcome>> {
        self.inner.layout.check(&self.inner.header).map_err(|fault| fault.into_error(&self.inner.file()))?;
        let (lines, outcomes) = self.inner.lines(batch)?;
        if !lines.is_empty() {
            let inner = Arc::clone(&self.inner);
            blocking(move || inner.write(lines)).await?;
        }
        Ok(outcomes)
    }
}

impl<R> fmt::Debug for CurrentFile<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurrentFile").field("path", &self.inner.path).finish_non_exhaustive()
    }
}

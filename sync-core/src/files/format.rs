//! What a file looks like, and its rows.

use super::csv::{CsvFormat, CsvRows};
use super::encoding::{TextEncoding, TextReader};
use super::fault::Fault;
use super::json::JsonRows;
use super::number::NumberFormat;
use super::row::Fields;
use super::xml::XmlRows;
use crate::error::{Error, Result};

/// What a file looks like.
///
/// | format | a row | its fields |
/// |---|---|---|
/// | [`csv`](Self::csv) | a line behind the header; quoted fields may hold line ends | columns |
/// | [`json`](Self::json) | an object of the top-level array, or of a line | members; of inner objects `cena/netto`; items of inner arrays repeat the name |
/// | [`xml`](Self::xml) | an element at the path | child elements `cena/netto`, attributes `@id` and `cena/@waluta`, the row's own text `.`; without name spaces |
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileFormat {
    kind: Kind,
    pub(crate) encoding: TextEncoding,
    pub(crate) numbers: NumberFormat,
    pub(crate) tolerant: bool,
    longest_row: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Csv(CsvFormat),
    Json,
    Xml(Vec<String>),
}

impl FileFormat {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            encoding: TextEncoding::Auto,
            numbers: NumberFormat::point(),
            tolerant: false,
            longest_row: 1024 * 1024,
        }
    }

    /// CSV with a header that has at least these columns. The header tells the separator (`;`, tab, `,`, `|`).
    #[must_use]
    pub fn csv<C: Into<String>>(columns: impl IntoIterator<Item = C>) -> Self {
        let columns = columns.into_iter().map(Into::into).collect();
        Self::new(Kind::Csv(CsvFormat { columns, separator: None }))
    }

    /// JSON: an array of objects, or one object per line.
    #[must_use]
    pub fn json() -> Self {
        Self::new(Kind::Json)
    }

    /// XML whose rows are the elements at this path from the root: `towary/towar`.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if the path has fewer than two names.
    pub fn xml(path: &str) -> Result<Self> {
        let path: Vec<String> = path.split('/').map(str::to_owned).collect();
        if path.len() < 2 || path.iter().any(String::is_empty) {
            return Err(Error::config("the path of the rows is `root/row`"));
        }
        Ok(Self::new(Kind::Xml(path)))
    }

    /// Read in this encoding; [`Auto`](TextEncoding::Auto) without it.
    #[must_use]
    pub fn encoding(mut self, encoding: TextEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Numbers are written so; `1234.50` without it. Numbers of JSON have a point in any case.
    #[must_use]
    pub fn numbers(mut self, numbers: NumberFormat) -> Self {
        self.numbers = numbers;
        self
    }

    /// Fields of CSV are parted by this character, which is no quotation mark. Does nothing for other formats.
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        if let Kind::Csv(format) = &mut self.kind {
            format.separator = Some(separator);
        }
        self
    }

    /// Names of fields are the same if they differ only in case and blanks.
    #[must_use]
    pub fn tolerant_names(mut self) -> Self {
        self.tolerant = true;
        self
    }

    /// A row has at most so many bytes as UTF-8; 1 MiB without it. A longer one fails the file.
    #[must_use]
    pub fn longest_row(mut self, bytes: u64) -> Self {
        self.longest_row = bytes.max(1);
        self
    }

    pub(crate) fn rows(&self, text: TextReader) -> Result<Rows, Fault> {
        Ok(match &self.kind {
            Kind::Csv(format) => Rows::Csv(CsvRows::new(text, format, self.longest_row, self.tolerant)?),
            Kind::Json => Rows::Json(JsonRows::new(text, self.longest_row)?),
            Kind::Xml(path) => Rows::Xml(XmlRows::new(text, path, self.longest_row)),
        })
    }
}

/// The rows of one file.
pub(crate) enum Rows {
    Csv(CsvRows),
    Json(JsonRows),
    Xml(XmlRows),
}

impl Rows {
    /// The next row: `Err` inside if it alone is wrong, `Err` outside if the file is.
    pub(crate) fn next(&mut self) -> Result<Option<Result<Fields, Fault>>, Fault> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Json(rows) => rows.next(),
            Self::Xml(rows) => rows.next(),
        }
    }

    pub(crate) fn into_text(self) -> TextReader {
        match self {
            Self::Csv(rows) => rows.into_text(),
            Self::Json(rows) => rows.into_text(),
            Self::Xml(rows) => rows.into_text(),
        }
    }
}

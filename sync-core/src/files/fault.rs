//! What is wrong with a file, without what stands in it.

use std::borrow::Cow;
use std::io;

use crate::error::{Error, ErrorKind};

/// What is wrong, and where: never the content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    kind: ErrorKind,
    line: Option<u64>,
    offset: Option<u64>,
    column: Option<String>,
    what: Cow<'static, str>,
}

impl Fault {
    fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, line: None, offset: None, column: None, what: what.into() }
    }

    /// The file as a whole cannot be read.
    pub(crate) fn file(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unreadable, what)
    }

    /// The settings do not fit the file.
    pub(crate) fn config(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Config, what)
    }

    /// One row is wrong.
    pub(crate) fn row(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid, what)
    }

    /// The file could not be read this time.
    pub(crate) fn io(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::FileTooLarge {
            return Self::file("a row is longer than allowed");
        }
        // the words of the system name neither path nor content
        Self::new(ErrorKind::Transient, format!("cannot be read: {}", error.kind()))
    }

    pub(crate) fn at(mut self, line: u64, offset: u64) -> Self {
        (self.line, self.offset) = (Some(line), Some(offset));
        self
    }

    pub(crate) fn on_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn in_column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    pub(crate) fn into_error(self, file: &str) -> Error {
        let mut message = file.to_owned();
        if let Some(line) = self.line {
            message.push_str(&format!(", line {line}"));
        }
        if let Some(offset) = self.offset {
            message.push_str(&format!(", byte {offset}"));
        }
        if let Some(column) = &self.column {
            message.push_str(&format!(", column {column}"));
        }
        Error::new(self.kind, format!("{message}: {}", self.what))
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::io(&error)
    }
}

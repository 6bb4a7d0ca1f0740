//! What a written file looks like around its rows, and each row.

use quick_xml::escape::escape;

use super::csv::{CsvFormat, CsvRows, check_separator, line_of};
use super::encoding::{TextEncoding, TextReader};
use super::fault::Fault;
use super::format::Rows;
use super::json::JsonRows;
use super::xml::XmlRows;
use crate::error::{Reason, Result};

/// The longest row that is read back.
const LONGEST_ROW: u64 = 16 * 1024 * 1024;

/// How the rows are written. What it writes, [`rows`](Self::rows) reads back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Layout {
    Csv {
        separator: char,
    },
    Json,
    /// The names of the root element and of a row.
    Xml([String; 2]),
}

impl Layout {
    /// Whether fields of these names can be written and read back.
    pub(crate) fn check(&self, header: &[String]) -> Result<(), Fault> {
        match self {
            Self::Csv { separator } => check_separator(*separator),
            Self::Json => Ok(()),
            Self::Xml(elements) if elements.iter().chain(header).all(|name| is_element(name)) => Ok(()),
            Self::Xml(_) => {
                Err(Fault::config("a name of an element has other signs than letters, digits, `_`, `-`, `.`"))
            }
        }
    }

    /// What stands before the first row.
    pub(crate) fn head(&self, header: &[String], encoding: TextEncoding) -> String {
        match self {
            Self::Csv { separator } => line_of(header.iter().map(String::as_str), *separator),
            Self::Json => "[\n".to_owned(),
            Self::Xml([root, _]) => {
                let said = if encoding == TextEncoding::Windows1250 { "windows-1250" } else { "UTF-8" };
                format!("<?xml version=\"1.0\" encoding=\"{said}\"?>\n<{root}>\n")
            }
        }
    }

    /// What stands between two rows.
    pub(crate) fn between(&self) -> &'static str {
        match self {
            Self::Csv { .. } => "",
            Self::Json => ",\n",
            Self::Xml(_) => "\n",
        }
    }

    /// What stands behind the last row, of which there is one or none.
    pub(crate) fn tail(&self, has_rows: bool) -> String {
        let end = if has_rows { "\n" } else { "" };
        match self {
            Self::Csv { .. } => String::new(),
            Self::Json => format!("{end}]\n"),
            Self::Xml([root, _]) => format!("{end}</{root}>\n"),
        }
    }

    /// One row, as far as it can be read back.
    pub(crate) fn row<'a>(
        &self,
        header: &[String],
        fields: impl IntoIterator<Item = &'a str>,
    ) -> Result<String, Reason> {
        let fields = fields.into_iter();
        let row = match self {
            Self::Csv { separator } => line_of(fields, *separator),
            Self::Json => {
                let quoted = |text: &str| serde_json::Value::from(text).to_string();
                let members: Vec<String> = header
                    .iter()
                    .zip(fields)
                    .map(|(name, field)| format!("{}:{}", quoted(name), quoted(field)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }
            Self::Xml([_, row]) => {
                let mut text = format!("<{row}>");
                for (name, field) in header.iter().zip(fields) {
                    if field.chars().any(|sign| !is_xml(sign)) {
                        return Err(Reason::new("control-character"));
                    }
                    // readers make a line feed of a carriage return that stands there as itself
                    let field = escape(field).replace('\r', "&#13;");
                    text.push_str(&format!("<{name}>{field}</{name}>"));
                }
                text.push_str(&format!("</{row}>"));
                text
            }
        };
        if matches!(self, Self::Csv { .. }) && row.contains('\0') {
            return Err(Reason::new("zero-character"));
        }
        match u64::try_from(row.len()) {
            Ok(bytes) if bytes <= LONGEST_ROW => Ok(row),
            _ => Err(Reason::new("row-too-long")),
        }
    }

    /// Reads a file that was written so.
    pub(crate) fn rows(&self, text: TextReader) -> Result<Rows, Fault> {
        Ok(match self {
            Self::Csv { separator } => {
                let format = CsvFormat { columns: Vec::new(), separator: Some(*separator) };
                Rows::Csv(CsvRows::new(text, &format, LONGEST_ROW, false)?)
            }
            Self::Json => Rows::Json(JsonRows::new(text, LONGEST_ROW)?),
            Self::Xml(path) => Rows::Xml(XmlRows::new(text, path, LONGEST_ROW)),
        })
    }
}

fn is_element(name: &str) -> bool {
    name.starts_with(|sign: char| sign.is_alphabetic() || sign == '_')
        && name.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.'))
}

/// Whether XML 1.0 can hold the sign at all.
fn is_xml(sign: char) -> bool {
    matches!(sign, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

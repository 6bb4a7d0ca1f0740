//! One row of a file, whatever its format: named fields.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::encoding::is_damaged;
use super::fault::Fault;
use super::number::NumberFormat;
use crate::error::{Error, Result};

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Value {
    pub(crate) text: String,
    /// A number of JSON, which has a point whatever the file's numbers have.
    pub(crate) is_json_number: bool,
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_json_number: false }
    }
}

/// The fields of a row and where it begins. Not `Debug`: it holds record content.
pub(crate) struct Fields {
    pub(crate) line: u64,
    pub(crate) names: Arc<Vec<String>>,
    pub(crate) values: Vec<Value>,
    /// The row as it stands in a JSON file.
    pub(crate) json: Option<String>,
}

/// One row: what a file's record closures read.
///
/// A field that is not there, an empty one and a zero are three things: nothing is ever made of the one or the
/// other. Errors name file, line and column, never what stands there.
pub struct Row<'a> {
    pub(crate) file: &'a str,
    pub(crate) fields: &'a Fields,
    pub(crate) numbers: NumberFormat,
    pub(crate) tolerant: bool,
}

impl<'a> Row<'a> {
    /// The line on which the row begins, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.fields.line
    }

    /// An error about this field: `what` follows the words file, line and column, and holds no content.
    #[must_use]
    pub fn invalid(&self, column: &str, what: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Fault::row(what).on_line(self.fields.line).in_column(column).into_error(self.file)
    }

    fn values(&self, column: &str) -> impl Iterator<Item = &'a Value> {
        let fields = self.fields;
        let same =
            move |name: &str| name == column || (self.tolerant && plain_name(name).eq(plain_name(column)));
        fields.names.iter().zip(&fields.values).filter(move |(name, _)| same(name)).map(|(_, value)| value)
    }

    /// All values of a field that repeats (elements of XML, items of a JSON array), in their order.
    pub fn all(&self, column: &str) -> impl Iterator<Item = &'a str> {
        self.values(column).map(|value| value.text.as_str())
    }

    fn one(&self, column: &str) -> Result<Option<&'a Value>> {
        let mut values = self.values(column);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(self.invalid(column, "is there more than once")),
            (value, None) => Ok(value),
        }
    }

    /// The field as it stands: `None` where it is absent (or `null` in JSON), an empty text where it is empty.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it is there more than once.
    pub fn get(&self, column: &str) -> Result<Option<&'a str>> {
        Ok(self.one(column)?.map(|value| value.text.as_str()))
    }

    /// A field that has to hold something besides blanks; without blanks around it.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it is absent, empty or there more than once.
    pub fn text(&self, column: &str) -> Result<&'a str> {
        let text = self.get(column)?.ok_or_else(|| self.invalid(column, "is absent"))?.trim();
        if text.is_empty() { Err(self.invalid(column, "is empty")) } else { Ok(text) }
    }

    /// A field that has to hold a number of the file's [format](NumberFormat).
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if it is absent, empty, no such number or there more than once.
    pub fn decimal(&self, column: &str) -> Result<Decimal> {
        let value = self.one(column)?.ok_or_else(|| self.invalid(column, "is absent"))?;
        let format = if value.is_json_number { NumberFormat::point() } else { self.numbers };
        format.parse(&value.text).map_err(|what| self.invalid(column, what))
    }

    /// A number, or `None` where the field is absent or empty. Never zero in place of nothing.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) if something else stands there, or it is there more than once.
    pub fn optional_decimal(&self, column: &str) -> Result<Option<Decimal>> {
        match self.get(column)? {
            None => Ok(None),
            Some(text) if text.trim().is_empty() => Ok(None),
            Some(_) => self.decimal(column).map(Some),
        }
    }

    /// The row's own text in a JSON file, for records that a `Deserialize` reads. Read money from it through
    /// `RawValue`, never as a float.
    #[must_use]
    pub fn json(&self) -> Option<&'a str> {
        self.fields.json.as_deref()
    }
}

impl std::fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Row({}, line {})", self.file, self.fields.line)
    }
}

impl Fields {
    /// What is wrong with text that was damaged before it came here: it is not to be stored.
    pub(crate) fn damage(&self) -> Option<Fault> {
        let mut fields = self.names.iter().zip(&self.values);
        let (name, _) = fields.find(|(_, value)| is_damaged(&value.text))?;
        let what = "holds letters that were encoded twice or lost (such as `Å‚` for `ł`)";
        Some(Fault::row(what).on_line(self.line).in_column(name))
    }
}

/// A name as it is compared where case and blanks do not count.
pub(crate) fn plain_name(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(|sign| !sign.is_whitespace()).flat_map(char::to_lowercase)
}

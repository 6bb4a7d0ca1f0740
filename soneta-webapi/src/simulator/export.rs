//! Reads CSV exports of enova365: `;` between fields, quoted line breaks, `1,000.00`, UTF-8 or Windows-1250.
//!
//! The encoding is detected: a byte order mark decides; without one the file is UTF-8 if it is valid UTF-8, else Windows-1250.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use csv::StringRecord;
use rust_decimal::Decimal;
use uuid::Uuid;

/// Why an export cannot be read: file, line, column and what was expected. It never shows what the field holds.
#[derive(Debug)]
pub(super) struct ExportError {
    file: PathBuf,
    line: u64,
    column: Option<&'static str>,
    problem: String,
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        if let Some(column) = self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.problem)
    }
}

impl std::error::Error for ExportError {}

/// One export file, decoded.
pub(super) struct Export {
    file: PathBuf,
    text: String,
}

impl Export {
    /// Reads and decodes `directory/name`.
    pub(super) fn open(directory: &Path, name: &str) -> Result<Self, ExportError> {
        let file = directory.join(name);
        match std::fs::read(&file) {
            Ok(bytes) => Ok(Self { file, text: decode(&bytes) }),
            Err(error) => Err(ExportError { file, line: 0, column: None, problem: error.to_string() }),
        }
    }

    /// The records, with `columns` found in the head line; other columns are skipped over.
    pub(super) fn rows<const N: usize>(
        &self,
        columns: [&'static str; N],
    ) -> Result<Vec<Row<'_, N>>, ExportError> {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(b';')
            .has_headers(false)
            .flexible(true)
            .from_reader(self.text.as_bytes());
        let mut rows = Vec::new();
        let mut places: Option<([usize; N], usize)> = None;
        for record in reader.records() {
            let record = record.map_err(|error| {
                self.error(error.position().map_or(0, csv::Position::byte), None, "not a CSV record")
            })?;
            let byte = record.position().map_or(0, csv::Position::byte);
            match places {
                None => places = Some((self.places(&record, columns)?, record.len())),
                Some((_, width)) if record.len() != width => {
                    let problem = format!("{} fields, but the head line has {width}", record.len());
                    return Err(self.error(byte, None, problem));
                }
                Some((places, _)) => rows.push(Row { export: self, byte, record, columns, places }),
            }
        }
        match places {
            Some(_) => Ok(rows),
            None => Err(self.error(0, None, "the head line is missing")),
        }
    }

    fn places<const N: usize>(
        &self,
        head: &StringRecord,
        columns: [&'static str; N],
    ) -> Result<[usize; N], ExportError> {
        let mut places = [0; N];
        for (place, column) in places.iter_mut().zip(columns) {
            *place = head
                .iter()
                .position(|name| name.trim() == column)
                .ok_or_else(|| self.error(0, Some(column), "the column is missing"))?;
        }
        Ok(places)
    }

    fn error(&self, byte: u64, column: Option<&'static str>, problem: impl Into<String>) -> ExportError {
        ExportError { file: self.file.clone(), line: self.line_of(byte), column, problem: problem.into() }
    }
}

impl Export {
    /// The line on which the record at a byte begins. The parser's own count is one behind after a CR LF.
    fn line_of(&self, byte: u64) -> u64 {
        let byte = usize::try_from(byte).unwrap_or(usize::MAX);
        let bytes = self.text.as_bytes();
        let (before, from) = bytes.split_at_checked(byte).unwrap_or((bytes, &[]));
        let blank = from.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let breaks = before.iter().chain(blank).filter(|byte| **byte == b'\n').count();
        u64::try_from(breaks).unwrap_or(0) + 1
    }
}

fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, length)) = encoding_rs::Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default()).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1250.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// One record; fields are named by their place in the list of columns that was asked for.
pub(super) struct Row<'a, const N: usize> {
    export: &'a Export,
    byte: u64,
    record: StringRecord,
    columns: [&'static str; N],
    places: [usize; N],
}

impl<const N: usize> Row<'_, N> {
    /// The field as it is, without blanks around it.
    pub(super) fn text(&self, column: usize) -> &str {
        self.places.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default().trim()
    }

    /// A field that has to hold something.
    pub(super) fn required(&self, column: usize) -> Result<&str, ExportError> {
        match self.text(column) {
            "" => Err(self.error(column, "is empty")),
            text => Ok(text),
        }
    }

    /// `True` or `False`; also `Tak` or `Nie`; empty is no.
    pub(super) fn flag(&self, column: usize) -> Result<bool, ExportError> {
        match self.text(column).to_lowercase().as_str() {
            "true" | "tak" | "1" => Ok(true),
            "false" | "nie" | "0" | "" => Ok(false),
            _ => Err(self.error(column, "neither True nor False")),
        }
    }

    /// `1,000.00`.
    pub(super) fn decimal(&self, column: usize) -> Result<Decimal, ExportError> {
        parse_decimal(self.required(column)?).ok_or_else(|| self.error(column, "not a number"))
    }

    /// `12` without decimals; empty is 0.
    pub(super) fn integer(&self, column: usize) -> Result<i32, ExportError> {
        match self.text(column) {
            "" => Ok(0),
            text => text.parse().map_err(|_| self.error(column, "not a whole number")),
        }
    }

    /// `5.00%` as 5.00; empty is 0.
    pub(super) fn percent(&self, column: usize) -> Result<Decimal, ExportError> {
        match self.text(column) {
            "" => Ok(Decimal::ZERO),
            text => {
                let digits = text.strip_suffix('%').unwrap_or(text);
                parse_decimal(digits.trim()).ok_or_else(|| self.error(column, "not a percentage"))
            }
        }
    }

    /// `0.2 kg`; without a unit (`0`, empty) there is no quantity.
    pub(super) fn quantity(&self, column: usize) -> Result<Option<(Decimal, &str)>, ExportError> {
        match self.text(column).rsplit_once(' ') {
            None => Ok(None),
            Some((value, unit)) => {
                let value =
                    parse_decimal(value.trim()).ok_or_else(|| self.error(column, "not a quantity"))?;
                Ok(Some((value, unit)))
            }
        }
    }

    /// A GUID.
    pub(super) fn guid(&self, column: usize) -> Result<Uuid, ExportError> {
        Uuid::try_parse(self.required(column)?).map_err(|_| self.error(column, "not a GUID"))
    }

    /// An error about this record and column.
    pub(super) fn error(&self, column: usize, problem: impl Into<String>) -> ExportError {
        self.export.error(self.byte, self.columns.get(column).copied(), problem)
    }
}

/// `1000`, `1,000`, `1,000.00`, `1 000,50`, `12,5`: commas before groups of three digits part thousands, any other single comma is
/// the decimal sign.
fn parse_decimal(text: &str) -> Option<Decimal> {
    let text: String = text.chars().filter(|sign| !matches!(sign, ' ' | '\u{a0}' | '\u{202f}')).collect();
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    if !whole.contains(',') {
        return Decimal::from_str_exact(&text).ok();
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default().trim_start_matches('-');
    let thousands = (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3);
    match fraction {
        _ if thousands => Decimal::from_str_exact(&text.replace(',', "")).ok(),
        None if whole.matches(',').count() == 1 => Decimal::from_str_exact(&text.replace(',', ".")).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_with_their_digits() {
        let cases =
            [("1,000.00", "1000.00"), ("-1,234,567.8", "-1234567.8"), ("0.20", "0.20"), ("12,5", "12.5")];
        for (text, digits) in cases {
            assert_eq!(parse_decimal(text).unwrap().to_string(), digits);
        }
        for text in ["", "abc", "1,00.0", "1.2.3", "1,0000,0"] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn errors_name_file_line_and_column_but_not_the_content() {
        let export = |text: &str| Export { file: PathBuf::from("cennik.csv"), text: text.to_owned() };
        let rows = export("Kod;Netto\r\n\"A\nB\";1\r\nC;tajne\r\n");
        let rows = rows.rows(["Netto", "Kod"]).unwrap();
        assert_eq!(rows[0].text(1), "A\nB");
        let message = rows[1].decimal(0).unwrap_err().to_string();
        assert_eq!(message, "cennik.csv, line 4, column Netto: not a number");
        let narrow = export("Kod;Netto\nA;1\nB\n");
        let message = narrow.rows(["Kod"]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(message, "cennik.csv, line 3: 1 fields, but the head line has 2");
        let other = export("Kod\n");
        let message = other.rows(["Brutto"]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(message, "cennik.csv, line 1, column Brutto: the column is missing");
    }
}

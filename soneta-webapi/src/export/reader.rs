//! Reads CSV exports of enova365: `;` between fields, quoted line breaks, `1,000.00`, UTF-8 or Windows-1250.

use std::fmt;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::encoding::{Decoded, decode};

/// What may part fields. The head line decides; exports of enova365 have `;`.
const SEPARATORS: [char; 4] = [';', '\t', ',', '|'];

/// Why an export cannot be read: file, line, column and what was expected. It never shows what the field holds.
#[derive(Debug)]
pub struct ExportError {
    file: PathBuf,
    line: u64,
    column: Option<&'static str>,
    problem: String,
}

impl ExportError {
    /// The line, counted from 1; 0 when it concerns the whole file.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Whatever it is about, without file and line.
    pub(crate) fn problem(&self) -> String {
        match self.column {
            Some(column) => format!("{column}: {}", self.problem),
            None => self.problem.clone(),
        }
    }
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
pub(crate) struct Export {
    file: PathBuf,
    pub(crate) decoded: Decoded,
    pub(crate) separator: char,
}

/// The records of an export.
pub(crate) struct Table<'a, const N: usize> {
    /// Names of the columns; `None` for an empty file.
    pub(crate) head: Option<Vec<String>>,
    /// Records with as many fields as the head line.
    pub(crate) rows: Vec<Row<'a, N>>,
    /// The others: line, how many fields.
    pub(crate) odd: Vec<(u64, usize)>,
    /// What was asked for and is not there.
    pub(crate) missing: Vec<&'static str>,
}

impl Export {
    /// Reads and decodes a file.
    pub(crate) fn open(file: &Path) -> Result<Self, ExportError> {
        let file = file.to_owned();
        match std::fs::read(&file) {
            Ok(bytes) => Ok(Self::new(file, decode(&bytes))),
            Err(error) => Err(ExportError { file, line: 0, column: None, problem: error.to_string() }),
        }
    }

    fn new(file: PathBuf, decoded: Decoded) -> Self {
        let head = decoded.text.lines().next().unwrap_or_default();
        let count = |separator: &char| head.matches(*separator).count();
        // The first of those that occur most.
        let separator = SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(';');
        Self { file, decoded, separator }
    }

    /// The records, with `columns` found in the head line; other columns are skipped over. Nothing may be missing or odd.
    #[cfg(feature = "simulator")]
    pub(crate) fn rows<const N: usize>(
        &self,
        columns: [&'static str; N],
    ) -> Result<Vec<Row<'_, N>>, ExportError> {
        let table = self.table(columns);
        let Some(head) = table.head else { return Err(self.error(1, None, "the head line is missing")) };
        if let Some(column) = table.missing.first() {
            return Err(self.error(1, Some(column), "the column is missing"));
        }
        if let Some((line, fields)) = table.odd.first() {
            let problem = format!("{fields} fields, but the head line has {}", head.len());
            return Err(self.error(*line, None, problem));
        }
        Ok(table.rows)
    }

    /// The records, as far as they can be read.
    pub(crate) fn table<const N: usize>(&self, columns: [&'static str; N]) -> Table<'_, N> {
        let mut table = Table { head: None, rows: Vec::new(), odd: Vec::new(), missing: Vec::new() };
        let mut places = [None; N];
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(u8::try_from(self.separator).unwrap_or(b';'))
            .has_headers(false)
            .flexible(true)
            .from_reader(self.decoded.text.as_bytes());
        let mut lines = Lines { bytes: self.decoded.text.as_bytes(), place: 0, line: 1 };
        for record in reader.records().map_while(Result::ok) {
            let line = lines.of(record.position().map_or(0, csv::Position::byte));
            let Some(head) = &table.head else {
                for (place, column) in places.iter_mut().zip(columns) {
                    *place = record.iter().position(|name| name.trim() == column);
                    table.missing.extend(place.is_none().then_some(column));
                }
                table.head = Some(record.iter().map(|name| name.trim().to_owned()).collect());
                continue;
            };
            match record.len() == head.len() {
                true => table.rows.push(Row { export: self, line, record, columns, places }),
                false => table.odd.push((line, record.len())),
            }
        }
        table
    }

    fn error(&self, line: u64, column: Option<&'static str>, problem: impl Into<String>) -> ExportError {
        ExportError { file: self.file.clone(), line, column, problem: problem.into() }
    }
}

/// Tells the line on which a record begins. The parser's own count is one behind after a CR LF.
struct Lines<'a> {
    bytes: &'a [u8],
    place: usize,
    line: u64,
}

impl Lines<'_> {
    /// Of the record at a byte; records come in their order.
    fn of(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).min(self.bytes.len());
        let blank = self.bytes.iter().skip(from).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let passed = self.bytes.get(self.place..from + blank).unwrap_or_default();
        let breaks = passed.iter().filter(|byte| **byte == b'\n').count();
        self.place = from + blank;
        self.line += u64::try_from(breaks).unwrap_or(0);
        self.line
    }
}

/// One record; fields are named by their place in the list of columns that was asked for.
pub(crate) struct Row<'a, const N: usize> {
    export: &'a Export,
    pub(crate) line: u64,
    record: StringRecord,
    columns: [&'static str; N],
    places: [Option<usize>; N],
}

impl<const N: usize> Row<'_, N> {
    /// The field as it is; empty where the column is missing.
    pub(crate) fn raw(&self, column: usize) -> &str {
        let place = self.places.get(column).copied().flatten();
        place.and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// The field without blanks around it.
    pub(crate) fn text(&self, column: usize) -> &str {
        self.raw(column).trim()
    }

    /// A field that has to hold something.
    pub(crate) fn required(&self, column: usize) -> Result<&str, ExportError> {
        match self.text(column) {
            "" => Err(self.error(column, "is empty")),
            text => Ok(text),
        }
    }

    /// `True` or `False`; also `Tak` or `Nie`; empty is no.
    pub(crate) fn flag(&self, column: usize) -> Result<bool, ExportError> {
        match self.text(column).to_lowercase().as_str() {
            "true" | "tak" | "1" => Ok(true),
            "false" | "nie" | "0" | "" => Ok(false),
            _ => Err(self.error(column, "neither True nor False")),
        }
    }

    /// `1,000.00`.
    pub(crate) fn decimal(&self, column: usize) -> Result<Decimal, ExportError> {
        parse_decimal(self.required(column)?).ok_or_else(|| self.error(column, "not a number"))
    }

    /// `12` without decimals; empty is 0.
    pub(crate) fn integer(&self, column: usize) -> Result<i32, ExportError> {
        match self.text(column) {
            "" => Ok(0),
            text => text.parse().map_err(|_| self.error(column, "not a whole number")),
        }
    }

    /// `5.00%` as 5.00; empty is 0.
    pub(crate) fn percent(&self, column: usize) -> Result<Decimal, ExportError> {
        match self.text(column) {
            "" => Ok(Decimal::ZERO),
            text => {
                let digits = text.strip_suffix('%').unwrap_or(text);
                parse_decimal(digits.trim()).ok_or_else(|| self.error(column, "not a percentage"))
            }
        }
    }

    /// `0.2 kg`; without a unit (`0`, empty) there is no quantity.
    pub(crate) fn quantity(&self, column: usize) -> Result<Option<(Decimal, &str)>, ExportError> {
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
    pub(crate) fn guid(&self, column: usize) -> Result<Uuid, ExportError> {
        Uuid::try_parse(self.required(column)?).map_err(|_| self.error(column, "not a GUID"))
    }

    /// An error about this record and column.
    pub(crate) fn error(&self, column: usize, problem: impl Into<String>) -> ExportError {
        self.export.error(self.line, self.columns.get(column).copied(), problem)
    }
}

/// `1000`, `1,000.00`, `1,000,000`, `1 000,50`, `12,5`, `0,250`: commas before groups of three digits part thousands if a point or
/// another comma shows it; any other single comma is the decimal sign. `1,250` may be either, and a number that is a thousand times
/// another one is worse than none.
fn parse_decimal(text: &str) -> Option<Decimal> {
    let text: String = text.chars().filter(|sign| !matches!(sign, ' ' | '\u{a0}' | '\u{202f}')).collect();
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    if !whole.contains(',') {
        return Decimal::from_str_exact(&text).ok();
    }
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default().trim_start_matches('-');
    let thousands = (1..=3).contains(&first.len()) && first != "0" && groups.all(|group| group.len() == 3);
    match fraction {
        None if thousands && whole.matches(',').count() == 1 => None,
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
        let cases = [
            ("1,000.00", "1000.00"),
            ("-1,234,567.8", "-1234567.8"),
            ("1,234,567", "1234567"),
            ("0.20", "0.20"),
            ("12,5", "12.5"),
            ("1000,250", "1000.250"),
            ("0,250", "0.250"),
            ("-0,250", "-0.250"),
        ];
        for (text, digits) in cases {
            assert_eq!(parse_decimal(text).unwrap().to_string(), digits);
        }
        for text in ["", "abc", "1,00.0", "1.2.3", "1,0000,0", "1,250", "-12,500", "0,250.5", "0,250,000"] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn errors_name_file_line_and_column_but_not_the_content() {
        let export = |text: &str| Export::new(PathBuf::from("cennik.csv"), decode(text.as_bytes()));
        let rows = export("Kod;Netto\r\n\"A\nB\";1\r\n\r\nC;tajne\r\n");
        let rows = rows.rows(["Netto", "Kod"]).unwrap();
        assert_eq!(rows[0].text(1), "A\nB");
        let message = rows[1].decimal(0).unwrap_err().to_string();
        assert_eq!(message, "cennik.csv, line 5, column Netto: not a number");
        let narrow = export("Kod;Netto\nA;1\nB\n");
        let message = narrow.rows(["Kod"]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(message, "cennik.csv, line 3: 1 fields, but the head line has 2");
        let other = export("Kod\n");
        let message = other.rows(["Brutto"]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(message, "cennik.csv, line 1, column Brutto: the column is missing");
        let empty = export("").rows(["Kod"]).map(|_| ()).unwrap_err().to_string();
        assert_eq!(empty, "cennik.csv, line 1: the head line is missing");
    }

    #[test]
    fn the_head_line_tells_the_separator() {
        for (text, separator) in
            [("Kod;Netto\n1,5;2,5,5,5", ';'), ("Kod\tNetto\n", '\t'), ("Kod,Netto\n", ','), ("Kod\n", ';')]
        {
            assert_eq!(Export::new(PathBuf::new(), decode(text.as_bytes())).separator, separator);
        }
    }
}

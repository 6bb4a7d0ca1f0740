//! Rows of a CSV file, strictly: a stray quotation mark never swallows rows unseen.

use std::collections::BTreeSet;
use std::io::BufRead;
use std::sync::Arc;

use super::encoding::TextReader;
use super::fault::Fault;
use super::row::{Fields, Value, plain_name};

/// What may part fields when nothing is set; of those that occur equally often in the header, the first.
const SEPARATORS: [char; 4] = [';', '\t', ',', '|'];

/// What a CSV file has to look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CsvFormat {
    /// The columns that have to be there.
    pub(crate) columns: Vec<String>,
    pub(crate) separator: Option<char>,
}

/// The rows of one file.
pub(crate) struct CsvRows {
    text: TextReader,
    separator: char,
    names: Arc<Vec<String>>,
    longest: u64,
}

/// A line without its end, which counts within quotation marks.
struct Line {
    text: String,
    end: &'static str,
}

/// One record as it is split.
#[derive(Debug, Default)]
struct Record {
    fields: Vec<String>,
    field: String,
    state: State,
    wrong: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Begin,
    Plain,
    Quoted,
    /// Behind a quotation mark within quotes: the end, or the first of two.
    Mark,
}

impl Record {
    fn take(&mut self, line: &str, separator: char) {
        for sign in line.chars() {
            self.state = match (self.state, sign) {
                (State::Begin, '"') => State::Quoted,
                (State::Quoted, '"') => State::Mark,
                (State::Quoted, _) => self.keep(sign, State::Quoted),
                (State::Mark, '"') => self.keep('"', State::Quoted),
                (_, sign) if sign == separator => {
                    self.fields.push(std::mem::take(&mut self.field));
                    State::Begin
                }
                (State::Mark, _) => {
                    self.wrong = true;
                    self.keep(sign, State::Plain)
                }
                (State::Begin | State::Plain, _) => self.keep(sign, State::Plain),
            };
        }
    }

    fn keep(&mut self, sign: char, state: State) -> State {
        self.field.push(sign);
        state
    }
}

impl CsvRows {
    pub(crate) fn new(
        text: TextReader,
        format: &CsvFormat,
        longest: u64,
        tolerant: bool,
    ) -> Result<Self, Fault> {
        let mut rows = Self { text, separator: ';', names: Arc::default(), longest };
        if let Some(separator) = format.separator {
            check_separator(separator)?;
        }
        let Some((line, first)) = rows.line()? else { return Err(Fault::file("the header is missing")) };
        rows.separator = format.separator.unwrap_or_else(|| separator_of(&first.text));
        let header = match rows.record(line, first)? {
            Ok(header) => header,
            Err(fault) => return Err(Fault::file("the header's quotation marks do not pair").on_line(fault)),
        };
        let names: Vec<String> = header.into_iter().map(|name| name.trim().to_owned()).collect();
        let compared = |name: &str| if tolerant { plain_name(name).collect() } else { name.to_owned() };
        let mut seen = BTreeSet::new();
        for name in &names {
            if !seen.insert(compared(name)) {
                return Err(Fault::config("the header has the column twice").on_line(line).in_column(name));
            }
        }
        let is_missing = |column: &&String| !seen.contains(&compared(column));
        let missing: Vec<&str> = format.columns.iter().filter(is_missing).map(String::as_str).collect();
        if !missing.is_empty() {
            let what = format!("the header lacks {}", missing.join(", "));
            return Err(Fault::config(what).on_line(line));
        }
        rows.names = Arc::new(names);
        Ok(rows)
    }

    /// The next line that is not empty, and its number.
    fn line(&mut self) -> Result<Option<(u64, Line)>, Fault> {
        loop {
            self.text.allow(self.longest);
            let number = self.text.line();
            let Some(line) = self.physical_line(number)? else { return Ok(None) };
            if !line.text.is_empty() {
                return Ok(Some((number, line)));
            }
        }
    }

    fn physical_line(&mut self, number: u64) -> Result<Option<Line>, Fault> {
        let mut line = Vec::new();
        self.text.read_until(b'\n', &mut line).map_err(|error| Fault::io(&error).on_line(number))?;
        if line.is_empty() {
            return Ok(None);
        }
        let line = String::from_utf8(line).map_err(|_| Fault::file("the file changed while it was read"))?;
        let ends = ["\r\n", "\n"].into_iter();
        let end = ends.filter(|end| line.ends_with(end)).max_by_key(|end| end.len()).unwrap_or_default();
        let text = line.strip_suffix(end).unwrap_or(&line).to_owned();
        Ok(Some(Line { text, end }))
    }

    /// The record that begins with this line; its number if the quotation marks do not pair.
    fn record(&mut self, number: u64, first: Line) -> Result<Result<Vec<String>, u64>, Fault> {
        let mut record = Record::default();
        record.take(&first.text, self.separator);
        let mut end = first.end;
        while record.state == State::Quoted {
            let Some(line) = self.physical_line(number)? else {
                return Err(Fault::file("a quotation mark is never closed").on_line(number));
            };
            record.field.push_str(end);
            record.take(&line.text, self.separator);
            end = line.end;
        }
        record.fields.push(record.field);
        Ok(if record.wrong { Err(number) } else { Ok(record.fields) })
    }

    pub(crate) fn next(&mut self) -> Result<Option<Result<Fields, Fault>>, Fault> {
        let Some((line, first)) = self.line()? else { return Ok(None) };
        let fields = match self.record(line, first)? {
            Ok(fields) if fields.len() == self.names.len() => fields,
            Ok(fields) => {
                let what = format!("has {} fields, the header has {}", fields.len(), self.names.len());
                return Ok(Some(Err(Fault::row(what).on_line(line))));
            }
            Err(line) => {
                let what = "has text behind a closing quotation mark";
                return Ok(Some(Err(Fault::row(what).on_line(line))));
            }
        };
        let values = fields.into_iter().map(Value::text).collect();
        Ok(Some(Ok(Fields { line, names: Arc::clone(&self.names), values, json: None })))
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    pub(crate) fn into_text(self) -> TextReader {
        self.text
    }
}

/// What fields may be parted by.
pub(crate) fn check_separator(separator: char) -> Result<(), Fault> {
    match separator {
        '"' | '\r' | '\n' | '\0' => {
            Err(Fault::config("a quotation mark, line end or zero cannot part fields"))
        }
        _ => Ok(()),
    }
}

/// The separator that occurs most in the header, outside of quotation marks.
fn separator_of(header: &str) -> char {
    let plain: String = header.split('"').step_by(2).collect();
    let count = |separator: &char| plain.matches(*separator).count();
    SEPARATORS.into_iter().rev().max_by_key(count).unwrap_or(';')
}

/// One line of a CSV file with its line end; what needs quotation marks gets them.
pub(crate) fn line_of<'a>(fields: impl IntoIterator<Item = &'a str>, separator: char) -> String {
    let mut line = String::new();
    for (n, field) in fields.into_iter().enumerate() {
        if n > 0 {
            line.push(separator);
        }
        // an empty first field alone would be an empty line, which is no row
        let needs = field.is_empty() && n == 0 || field.contains([separator, '"', '\n', '\r']);
        if needs {
            line.push('"');
            line.push_str(&field.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(field);
        }
    }
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::files::encoding::Encoding;

    fn open(text: &str, columns: &[&str], tolerant: bool) -> Result<CsvRows, String> {
        let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        let format = CsvFormat { columns, separator: None };
        let text = TextReader::new(bytes, Encoding::Utf8);
        CsvRows::new(text, &format, 1_000, tolerant).map_err(|fault| fault.into_error("x.csv").to_string())
    }

    fn rows(text: &str) -> Vec<Result<Vec<String>, String>> {
        let mut rows = open(text, &[], false).unwrap();
        let mut all = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let texts = |fields: Fields| fields.values.into_iter().map(|value| value.text).collect();
            all.push(row.map(texts).map_err(|fault| fault.into_error("x.csv").to_string()));
        }
        all
    }

    fn good(fields: &[&str]) -> Result<Vec<String>, String> {
        Ok(fields.iter().map(|field| (*field).to_owned()).collect())
    }

    #[test]
    fn quotes_line_breaks_and_inch_signs_are_read_as_they_are_meant() {
        let text = "Kod;Nazwa\r\n\r\nA;\"dwie\r\nlinie; \"\"tu\"\"\"\nB;Rura 1/2\"\n;\n\"C\";";
        assert_eq!(
            rows(text),
            [
                good(&["A", "dwie\r\nlinie; \"tu\""]),
                good(&["B", "Rura 1/2\""]),
                good(&["", ""]),
                good(&["C", ""])
            ]
        );
    }

    #[test]
    fn a_row_of_another_width_or_with_odd_quotes_stops_only_itself_and_tells_its_line() {
        let text = "Kod;Nazwa\r\n\"A\nA\";1\r\nB\r\nC;1;2\r\n\"Mega\" klej;3\r\nD;4\r\n";
        assert_eq!(
            rows(text),
            [
                good(&["A\nA", "1"]),
                Err("x.csv, line 4: has 1 fields, the header has 2 (invalid)".to_owned()),
                Err("x.csv, line 5: has 3 fields, the header has 2 (invalid)".to_owned()),
                Err("x.csv, line 6: has text behind a closing quotation mark (invalid)".to_owned()),
                good(&["D", "4"]),
            ]
        );
    }

    #[test]
    fn a_quotation_mark_that_is_never_closed_or_a_row_without_end_fails_the_file() {
        let mut rows = open("Kod;Nazwa\nA;\"x\nB;2\n", &[], false).unwrap();
        let fault = rows.next().err().unwrap();
        let message = fault.into_error("x.csv").to_string();
        assert_eq!(message, "x.csv, line 2: a quotation mark is never closed (unreadable)");
        let mut rows = open(&format!("Kod\nA\n{}\n", "x".repeat(2_000)), &[], false).unwrap();
        assert!(matches!(rows.next(), Ok(Some(Ok(_)))));
        let message = rows.next().err().unwrap().into_error("x.csv").to_string();
        assert_eq!(message, "x.csv, line 3: a row is longer than allowed (unreadable)");
    }

    #[test]
    fn the_header_tells_the_separator_and_what_is_missing() {
        for (text, separator) in
            [("A;B,5\n", ';'), ("A\tB\n", '\t'), ("A,B,C;D\n", ','), ("A|B\n", '|'), ("\"A,b,c\";B\n", ';')]
        {
            assert_eq!(open(text, &[], false).unwrap().separator, separator);
        }
        let missing = open("Kod; Stan Magazynu\n", &["Kod", "Stan", "Cena"], false).err().unwrap();
        assert_eq!(missing, "x.csv, line 1: the header lacks Stan, Cena (config)");
        assert!(open("KOD;Stan  magazynu\n", &["kod", "StanMagazynu"], true).is_ok());
        assert!(open("KOD;Stan  magazynu\n", &["kod"], false).is_err());
        let twice = open("Kod;kod \n", &[], true).err().unwrap();
        assert_eq!(twice, "x.csv, line 1, column kod: the header has the column twice (config)");
        assert_eq!(open("", &[], false).err().unwrap(), "x.csv: the header is missing (unreadable)");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            written in prop::collection::vec(prop::collection::vec("[a-zż0-9 ;,\"\r\n]{0,12}", 3), 0..8),
            separator in prop::sample::select(SEPARATORS.to_vec()),
        ) {
            let mut text = line_of(["A", "B", "C"], separator);
            for row in &written {
                text.push_str(&line_of(row.iter().map(String::as_str), separator));
            }
            let read: Vec<_> = rows(&text).into_iter().collect::<Result<_, _>>().unwrap();
            prop_assert_eq!(read, written);
        }

        #[test]
        fn no_text_makes_it_panic_or_hang(text in "[a;\"\r\n]{0,40}") {
            if let Ok(mut rows) = open(&text, &[], false) {
                while let Ok(Some(_)) = rows.next() {}
            }
        }
    }
}

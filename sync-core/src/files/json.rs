//! Rows of a JSON file: an array of objects, or one object per line.

use std::collections::BTreeSet;
use std::fmt;
use std::io::BufRead;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::encoding::TextReader;
use super::fault::Fault;
use super::row::{Fields, Value};

/// How deep a row may be.
pub(super) const DEEPEST: usize = 32;

/// How many bytes the name of a field may have, with those of what it is in: a row of a mebibyte with one long name around many
/// short ones would take gigabytes otherwise.
pub(super) const LONGEST_NAME: usize = 512;

/// The rows of one file.
pub(crate) struct JsonRows {
    text: TextReader,
    place: Place,
    longest: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Lines,
    /// Behind the opening bracket.
    First,
    /// Behind an item.
    Next,
    /// Behind the closing bracket.
    Closed,
}

impl JsonRows {
    pub(crate) fn new(text: TextReader, longest: u64) -> Result<Self, Fault> {
        let mut rows = Self { text, place: Place::Lines, longest };
        match rows.past_blanks()? {
            Some(b'[') => {
                rows.text.consume(1);
                rows.place = Place::First;
            }
            Some(_) => {}
            None => return Err(Fault::file("the file is empty")),
        }
        Ok(rows)
    }

    /// The next byte that is no blank, which stays.
    fn past_blanks(&mut self) -> Result<Option<u8>, Fault> {
        loop {
            self.text.allow(self.longest);
            match self.text.peek()? {
                Some(byte) if byte.is_ascii_whitespace() => self.text.consume(1),
                byte => return Ok(byte),
            }
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<Result<Fields, Fault>>, Fault> {
        let byte = self.past_blanks()?;
        let mut line = self.text.line();
        let raw = match (self.place, byte) {
            (Place::Lines | Place::Closed, None) => return Ok(None),
            (Place::Lines, Some(_)) => {
                let mut raw = Vec::new();
                self.text.read_until(b'\n', &mut raw).map_err(|error| Fault::io(&error).on_line(line))?;
                raw
            }
            (Place::First | Place::Next, Some(b']')) => {
                self.text.consume(1);
                self.place = Place::Closed;
                return self.next();
            }
            (Place::Next, Some(b',')) => {
                self.text.consume(1);
                if self.past_blanks()? == Some(b']') {
                    return Err(Fault::file("an item is missing behind a comma").on_line(line));
                }
                line = self.text.line();
                self.item()?
            }
            (Place::First, Some(_)) => {
                self.place = Place::Next;
                self.item()?
            }
            (Place::Next, Some(_)) => {
                return Err(Fault::file("two items without a comma between them").on_line(line));
            }
            (Place::First | Place::Next, None) => return Err(Fault::file("the array is never closed")),
            (Place::Closed, Some(_)) => {
                return Err(Fault::file("something follows behind the array").on_line(line));
            }
        };
        let raw = String::from_utf8(raw).map_err(|_| Fault::file("the file changed while it was read"))?;
        Ok(Some(fields(raw, line).map_err(|what| Fault::row(what).on_line(line))))
    }

    /// The bytes of one item, up to the comma or bracket behind it.
    fn item(&mut self) -> Result<Vec<u8>, Fault> {
        let (mut raw, mut depth, mut quoted, mut escaped) = (Vec::new(), 0_usize, false, false);
        loop {
            let line = self.text.line();
            let byte = self.text.peek().map_err(|error| Fault::io(&error).on_line(line))?;
            let Some(byte) = byte else { return Err(Fault::file("the file ends within an item")) };
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b',' | b']' if depth == 0 => return Ok(raw),
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    let closed = Fault::file("a bracket is closed that was not opened").on_line(line);
                    depth = depth.checked_sub(1).ok_or(closed)?;
                }
                _ => {}
            }
            if depth > DEEPEST {
                return Err(Fault::file("an item is deeper than allowed").on_line(line));
            }
            raw.push(byte);
            self.text.consume(1);
        }
    }

    pub(crate) fn into_text(self) -> TextReader {
        self.text
    }
}

/// The members of an object in their order, each as its own text.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<'a>(std::marker::PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Object<'a> {
            type Value = Members<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'a>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object(std::marker::PhantomData))
    }
}

fn fields(raw: String, line: u64) -> Result<Fields, &'static str> {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    let text = raw.trim();
    if !text.starts_with('{') {
        return Err("is no object");
    }
    flatten(text, "", 0, &mut names, &mut values)?;
    let json = Some(text.to_owned());
    Ok(Fields { line, names: Arc::new(names), values, json })
}

fn flatten(
    text: &str,
    name: &str,
    depth: usize,
    names: &mut Vec<String>,
    values: &mut Vec<Value>,
) -> Result<(), &'static str> {
    const NOT_JSON: &str = "is no JSON";
    if depth > DEEPEST {
        return Err("is deeper than allowed");
    }
    let mut push = |value: Value| {
        names.push(name.to_owned());
        values.push(value);
    };
    match text.bytes().next() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text).map_err(|_| NOT_JSON)?;
            let mut seen = BTreeSet::new();
            for (member, value) in &members {
                if !seen.insert(member) {
                    return Err("has a member twice");
                }
                let path = if name.is_empty() { member.clone() } else { format!("{name}/{member}") };
                if path.len() > LONGEST_NAME {
                    return Err("has a field whose name is longer than allowed");
                }
                flatten(value.get(), &path, depth + 1, names, values)?;
            }
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| NOT_JSON)?;
            for item in items {
                flatten(item.get(), name, depth + 1, names, values)?;
            }
        }
        Some(b'"') => push(Value::text(serde_json::from_str::<String>(text).map_err(|_| NOT_JSON)?)),
        Some(b'n') => {}
        Some(b't' | b'f') => push(Value::text(text)),
        Some(_) => push(Value { text: text.to_owned(), is_json_number: true }),
        None => return Err(NOT_JSON),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::encoding::Encoding;

    type Row = Vec<(String, String)>;

    fn rows(text: &str) -> Result<Vec<Result<Row, String>>, String> {
        let words = |fault: Fault| fault.into_error("x.json").to_string();
        let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
        let mut rows = JsonRows::new(TextReader::new(bytes, Encoding::Utf8), 1_000).map_err(words)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(words)? {
            let pairs = |fields: Fields| {
                let values = fields.values.iter().map(|value| value.text.clone());
                fields.names.iter().cloned().zip(values).collect()
            };
            all.push(row.map(pairs).map_err(words));
        }
        Ok(all)
    }

    fn row(fields: &[(&str, &str)]) -> Result<Row, String> {
        Ok(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn arrays_and_lines_give_the_same_rows_and_numbers_keep_their_digits() {
        let one = r#"{"kod":"Łą]},\"","cena":{"netto":12.50,"waluta":null},"ean":[1,"2"],"blokada":true}"#;
        let other = r#"{"kod":"","cena":79228162514264337593543950335}"#;
        let expected = [
            row(&[
                ("kod", "Łą]},\""),
                ("cena/netto", "12.50"),
                ("ean", "1"),
                ("ean", "2"),
                ("blokada", "true"),
            ]),
            row(&[("kod", ""), ("cena", "79228162514264337593543950335")]),
        ];
        for text in [format!("[\n{one} ,{other}\n]\n"), format!("{one}\r\n\n{other}")] {
            assert_eq!(rows(&text).unwrap(), expected, "{text}");
        }
        assert_eq!(rows("[]").unwrap(), []);
    }

    #[test]
    fn a_row_that_is_wrong_stops_only_itself() {
        let bad = |text: &str| Err(format!("x.json, line 2: {text} (invalid)"));
        for (wrong, what) in [
            ("7", "is no object"),
            (r#"{"a":1,"a":2}"#, "has a member twice"),
            (r#"{"a":01}"#, "is no JSON"),
            (r#"{"a":NaN}"#, "is no JSON"),
        ] {
            let expected = vec![row(&[("a", "1")]), bad(what), row(&[("a", "3")])];
            assert_eq!(rows(&format!("[{{\"a\":1}},\n{wrong},\n{{\"a\":3}}]")), Ok(expected.clone()));
            assert_eq!(rows(&format!("{{\"a\":1}}\n{wrong}\n{{\"a\":3}}")), Ok(expected));
        }
    }

    #[test]
    fn names_that_would_take_many_times_the_bytes_of_their_row_are_refused() {
        let long = "x".repeat(600);
        for row in
            [format!("{{\"{long}\":1}}"), format!("{{\"{}\":{{\"{}\":1}}}}", &long[..300], &long[..300])]
        {
            let rows = rows(&row).unwrap();
            let wrong = "x.json, line 1: has a field whose name is longer than allowed (invalid)";
            assert_eq!(rows, [Err(wrong.to_owned())]);
        }
    }

    #[test]
    fn an_array_cut_at_any_byte_is_an_error() {
        let whole = r#"[{"kod":"a","x":[1,{"y":"\""}]},{"kod":"b"}]"#;
        assert_eq!(rows(whole).unwrap().len(), 2);
        for end in 0..whole.len() {
            assert!(rows(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
        for wrong in ["[{}] {}", "[{} {}]", "[{},]", "[,{}]", "[{}}]"] {
            assert!(rows(wrong).is_err() || rows(wrong).unwrap().iter().any(Result::is_err), "{wrong}");
        }
        assert!(rows(&format!("[{}", "[".repeat(100))).unwrap_err().contains("deeper"));
        assert!(rows(&format!("[\"{}\"]", "x".repeat(2_000))).unwrap_err().contains("longer"));
        assert!(rows(&"[".repeat(900)).is_err());
    }
}

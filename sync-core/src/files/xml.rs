//! Rows of an XML file: one element that repeats.

use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::encoding::{Encoding, TextReader};
use super::fault::Fault;
use super::json::{DEEPEST, LONGEST_NAME};
use super::row::{Fields, Value};

/// Each attribute of an element is compared with all before it.
const MOST_ATTRIBUTES: usize = 1_000;

/// The rows of one file.
pub(crate) struct XmlRows {
    reader: Reader<TextReader>,
    path: Vec<String>,
    /// The elements that are open, by their local names.
    open: Vec<String>,
    closed: bool,
    declared: bool,
    longest: u64,
}

/// A row under construction.
struct Building {
    line: u64,
    names: Vec<String>,
    values: Vec<Value>,
    /// Text of each open element within the row, and whether it has elements inside.
    texts: Vec<(String, bool)>,
}

impl XmlRows {
    pub(crate) fn new(text: TextReader, path: &[String], longest: u64) -> Self {
        let mut reader = Reader::from_reader(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, path: path.to_vec(), open: Vec::new(), closed: false, declared: false, longest }
    }

    fn fault(&self, what: &'static str) -> Fault {
        Fault::file(what).on_line(self.reader.get_ref().line())
    }

    pub(crate) fn next(&mut self) -> Result<Option<Result<Fields, Fault>>, Fault> {
        let mut row: Option<Building> = None;
        let mut buffer = Vec::new();
        loop {
            if row.is_none() {
                self.reader.get_mut().allow(self.longest);
            }
            buffer.clear();
            let event = match self.reader.read_event_into(&mut buffer) {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => {
                    return Err(Fault::io(&error).on_line(self.reader.get_ref().line()));
                }
                Err(_) => return Err(self.fault("the file is no well-formed XML")),
            };
            match event {
                Event::Start(element) => {
                    let name = element.local_name().as_ref().to_owned();
                    if self.open.is_empty() {
                        self.check_root(&name)?;
                        if !self.declared {
                            self.check_encoding(None)?;
                        }
                    }
                    if self.open.len() >= DEEPEST {
                        return Err(self.fault("an element is deeper than allowed"));
                    }
                    self.open.push(name);
                    if row.is_some()
                        && self.open.iter().skip(self.path.len()).map(String::len).sum::<usize>()
                            > LONGEST_NAME
                    {
                        return Err(self.fault("a field's name is longer than allowed"));
                    }
                    if let Some(row) = &mut row {
                        if let Some((_, has_elements)) = row.texts.last_mut() {
                            *has_elements = true;
                        }
                        row.texts.push((String::new(), false));
                    } else if self.open == self.path {
                        let line = self.reader.get_ref().line();
                        let texts = vec![(String::new(), false)];
                        row = Some(Building { line, names: Vec::new(), values: Vec::new(), texts });
                    }
                    if let Some(row) = &mut row {
                        self.attributes(&element, row)?;
                    }
                }
                Event::End(_) => {
                    if let Some(row) = &mut row {
                        self.end(row);
                    }
                    let ends_row = self.open == self.path;
                    self.open.pop();
                    self.closed = self.open.is_empty();
                    if let (true, Some(Building { line, names, values, .. })) =
                        (ends_row, row.take_if(|_| ends_row))
                    {
                        return Ok(Some(Ok(Fields { line, names: Arc::new(names), values, json: None })));
                    }
                }
                Event::Text(text) => self.text(&mut row, &text.xml10_content())?,
                Event::CData(text) => self.text(&mut row, &text.xml10_content())?,
                Event::GeneralRef(reference) => {
                    let sign = reference.resolve_char_ref().ok().flatten().map(String::from);
                    let named = || resolve_predefined_entity(&reference).map(str::to_owned);
                    match sign.or_else(named) {
                        Some(text) => self.text(&mut row, &text)?,
                        None => return Err(self.fault("an entity that XML itself does not define")),
                    }
                }
                Event::Decl(declaration) => {
                    let said = match declaration.encoding() {
                        None => None,
                        Some(Ok(said)) => Some(said.to_lowercase()),
                        Some(Err(_)) => return Err(self.fault("the file is no well-formed XML")),
                    };
                    self.check_encoding(said.as_deref())?;
                    self.declared = true;
                }
                Event::DocType(_) => return Err(self.fault("a document type: such files are not read")),
                Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
                Event::Eof if self.closed => return Ok(None),
                Event::Eof => return Err(self.fault("the file ends before its root element does")),
            }
        }
    }

    fn check_root(&self, name: &str) -> Result<(), Fault> {
        if self.closed {
            return Err(self.fault("there is more than one root element"));
        }
        match self.path.first() {
            Some(root) if root == name => Ok(()),
            _ => Err(Fault::config("the root element is another one than the path of the rows says")),
        }
    }

    /// Bytes alone do not tell ISO-8859-2 from Windows-1250; where the file says what it is, that has to be true.
    fn check_encoding(&self, said: Option<&str>) -> Result<(), Fault> {
        match (said, self.reader.get_ref().encoding()) {
            (Some("utf-8" | "utf8" | "us-ascii"), Encoding::Utf8)
            | (Some("windows-1250" | "cp1250"), Encoding::Windows1250)
            | (None, Encoding::Utf8) => Ok(()),
            // all of the file is ASCII, or the program that wrote it is wrong about itself
            (Some("windows-1250" | "cp1250"), Encoding::Utf8) => Ok(()),
            _ => Err(Fault::config("the file's bytes are not in the encoding that its declaration says")),
        }
    }

    fn attributes(&self, element: &BytesStart<'_>, row: &mut Building) -> Result<(), Fault> {
        let inside = self.inside();
        for (n, attribute) in element.attributes().enumerate() {
            if n >= MOST_ATTRIBUTES {
                return Err(self.fault("an element has more attributes than allowed"));
            }
            let attribute = attribute.map_err(|_| self.fault("the file is no well-formed XML"))?;
            let name: &str = attribute.key.as_ref();
            if name == "xmlns" || name.starts_with("xmlns:") {
                continue;
            }
            let name = attribute.key.local_name().as_ref().to_owned();
            if inside.len() + name.len() > LONGEST_NAME {
                return Err(self.fault("a field's name is longer than allowed"));
            }
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| self.fault("an entity that XML itself does not define"))?;
            row.names.push(if inside.is_empty() { format!("@{name}") } else { format!("{inside}/@{name}") });
            row.values.push(Value::text(value));
        }
        Ok(())
    }

    /// The path of the open element within the row; empty for the row itself.
    fn inside(&self) -> String {
        self.open.get(self.path.len()..).unwrap_or_default().join("/")
    }

    fn end(&self, row: &mut Building) {
        let Some((text, has_elements)) = row.texts.pop() else { return };
        let name = self.inside();
        // blanks between elements are layout
        if (has_elements || name.is_empty()) && text.trim().is_empty() {
            return;
        }
        row.names.push(if name.is_empty() { ".".to_owned() } else { name });
        row.values.push(Value::text(text));
    }

    fn text(&self, row: &mut Option<Building>, text: &str) -> Result<(), Fault> {
        match row.as_mut().and_then(|row| row.texts.last_mut()) {
            Some((so_far, _)) => so_far.push_str(text),
            None if self.open.is_empty() && !text.trim().is_empty() => {
                return Err(self.fault("there is text outside of the root element"));
            }
            None => {}
        }
        Ok(())
    }

    pub(crate) fn into_text(self) -> TextReader {
        self.reader.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = Vec<(String, String)>;

    fn rows_in(text: &str, encoding: Encoding) -> Result<Vec<Row>, String> {
        rows_of(text, encoding, 1_000)
    }

    fn rows_of(text: &str, encoding: Encoding, longest: u64) -> Result<Vec<Row>, String> {
        let words = |fault: Fault| fault.into_error("x.xml").to_string();
        let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
        let path = ["towary".to_owned(), "towar".to_owned()];
        let mut rows = XmlRows::new(TextReader::new(bytes, encoding), &path, longest);
        let mut all = Vec::new();
        while let Some(row) = rows.next().map_err(words)? {
            let fields = row.map_err(words)?;
            let values = fields.values.iter().map(|value| value.text.clone());
            all.push(fields.names.iter().cloned().zip(values).collect());
        }
        Ok(all)
    }

    fn rows(text: &str) -> Result<Vec<Row>, String> {
        rows_in(text, Encoding::Utf8)
    }

    fn row(fields: &[(&str, &str)]) -> Row {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const FILE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- x --><t:towary xmlns:t=\"urn:x\"><data>x</data>\
        <t:towar id=\"1&amp;\">\n <kod>A &lt;ż&#x142;</kod><cena waluta=\"PLN\"><netto>12,50</netto></cena>\
        <ean>1</ean><ean/><opis><![CDATA[<b>]]></opis></t:towar><towar/></t:towary>\n";

    #[test]
    fn attributes_and_elements_of_the_repeated_element_are_fields() {
        let first = [
            ("@id", "1&"),
            ("kod", "A <żł"),
            ("cena/@waluta", "PLN"),
            ("cena/netto", "12,50"),
            ("ean", "1"),
            ("ean", ""),
            ("opis", "<b>"),
        ];
        assert_eq!(rows(FILE).unwrap(), [row(&first), row(&[])]);
    }

    #[test]
    fn a_file_cut_at_any_byte_is_an_error() {
        let whole = FILE.trim_end();
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(rows(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
    }

    #[test]
    fn names_that_would_take_many_times_the_bytes_of_their_row_are_refused() {
        let long = "x".repeat(300);
        for inside in [format!("<{long}><{long}/></{long}>"), format!("<{long}><a {long}=\"\"/></{long}>")] {
            let wrong = rows(&format!("<towary><towar>{inside}</towar></towary>")).unwrap_err();
            assert!(wrong.contains("name is longer"), "{wrong}");
        }
    }

    #[test]
    fn an_element_with_more_attributes_than_anybody_writes_is_refused() {
        let row = |most: usize| {
            let attributes: String = (0..most).map(|n| format!(" a{n}=\"\"")).collect();
            rows_of(&format!("<towary><towar{attributes}/></towary>"), Encoding::Utf8, 100_000)
        };
        assert_eq!(row(1_000).unwrap()[0].len(), 1_000);
        assert!(row(1_001).unwrap_err().contains("more attributes"));
    }

    #[test]
    fn entities_of_its_own_depth_without_end_and_false_encodings_are_refused() {
        let entity =
            "<!DOCTYPE t [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><towary><towar>&x;</towar></towary>";
        assert!(rows(entity).unwrap_err().contains("document type"));
        assert!(rows("<towary><towar>&x;</towar></towary>").unwrap_err().contains("entity"));
        assert!(rows("<towary><towar a=\"&x;\"/></towary>").unwrap_err().contains("entity"));
        assert!(rows(&format!("<towary>{}", "<a>".repeat(100))).unwrap_err().contains("deeper"));
        assert!(rows(&format!("<towary><towar>{}", "x".repeat(2_000))).unwrap_err().contains("longer"));
        assert!(rows(&format!("<towary><towar {}", "x".repeat(2_000))).unwrap_err().contains("longer"));
        assert!(rows("<inne/>").unwrap_err().contains("root element"));
        assert!(rows("<towary/><towary/>").is_err());
        assert!(rows("<towary/>x").is_err());
        let latin2 = "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?><towary/>";
        assert!(rows(latin2).unwrap_err().contains("encoding"));
        let said = "<?xml version=\"1.0\" encoding=\"Windows-1250\"?><towary/>";
        assert_eq!(rows_in(said, Encoding::Windows1250), Ok(vec![]));
        let unsaid = "<?xml version=\"1.0\"?><towary/>";
        assert!(rows_in(unsaid, Encoding::Windows1250).unwrap_err().contains("encoding"));
        assert_eq!(rows(unsaid), Ok(vec![]));
        assert!(rows_in("<towary/>", Encoding::Windows1250).unwrap_err().contains("encoding"));
    }
}

//! Checks that all files share.

use std::collections::BTreeMap;

use super::reader::{Export, ExportError, Table};
use super::report::{Content, Example, Finding, ProfileSettings, Severity};

/// Takes what the checks of one file find.
pub(super) struct Checks<'a> {
    file: &'a str,
    findings: &'a mut Vec<Finding>,
    examples: usize,
}

impl Example {
    pub(super) fn new(line: u64, kod: &str) -> Self {
        Self { line, kod: kod.to_owned(), note: None }
    }

    pub(super) fn noted(line: u64, kod: &str, note: impl Into<String>) -> Self {
        Self { line, kod: kod.to_owned(), note: Some(note.into()) }
    }
}

impl<'a> Checks<'a> {
    pub(super) fn new(file: &'a str, findings: &'a mut Vec<Finding>, settings: &ProfileSettings) -> Self {
        Self { file, findings, examples: settings.examples }
    }

    /// One check: `bad` is how bad it is if there are hits.
    pub(super) fn add(
        &mut self,
        check: &'static str,
        bad: Severity,
        mut hits: Vec<Example>,
        what_to_do: &'static str,
    ) {
        let count = hits.len();
        hits.truncate(self.examples);
        self.findings.push(Finding {
            file: self.file.to_owned(),
            check,
            severity: if count == 0 { Severity::Ok } else { bad },
            count,
            examples: hits,
            values: BTreeMap::new(),
            what_to_do,
        });
    }

    /// How often each value occurs.
    pub(super) fn count(&mut self, check: &'static str, values: BTreeMap<String, usize>) {
        self.findings.push(Finding {
            file: self.file.to_owned(),
            check,
            severity: Severity::Ok,
            count: 0,
            examples: Vec::new(),
            values,
            what_to_do: "",
        });
    }

    pub(super) fn file(&mut self, export: &Export, table: &Table<'_, 0>, content: Content) {
        let broken = export.decoded.broken_at.map(|place| Example::noted(0, "", format!("byte {place}")));
        self.add(
            "every byte has a meaning in the file's encoding",
            Severity::Failed,
            broken.into_iter().collect(),
            "Export the list anew, in UTF-8; do not save it with another program in between.",
        );
        let odd =
            table.odd.iter().map(|(line, fields)| Example::noted(*line, "", format!("{fields} fields")));
        self.add(
            "every row has as many fields as the head line",
            Severity::Failed,
            odd.collect(),
            "These rows are left out of all other checks. Quote fields that hold the separator or a quotation mark.",
        );
        let unknown = (content == Content::Unknown).then(|| Example::new(0, ""));
        self.add(
            "the columns tell what the file holds",
            Severity::Warning,
            unknown.into_iter().collect(),
            "Goods need Kod and Jednostka, prices KodTowaru and Netto, contractors Kod and NIP.",
        );
    }

    pub(super) fn columns(&mut self, missing: &[&'static str]) {
        let missing = missing.iter().map(|column| Example::noted(0, "", *column)).collect();
        self.add(
            "every column is there that is looked at",
            Severity::Warning,
            missing,
            "Export these columns too: checks of theirs have found nothing because there is nothing.",
        );
    }

    pub(super) fn unreadable(&mut self, bad: Vec<(String, ExportError)>) {
        let bad = bad.into_iter().map(|(kod, error)| Example::noted(error.line(), &kod, error.problem()));
        self.add(
            "every number, flag and Guid can be read",
            Severity::Failed,
            bad.collect(),
            "Look at the field in the ERP; a shop cannot take what cannot be read.",
        );
    }

    /// Codes as they stand in the file, with their lines.
    pub(super) fn codes(&mut self, codes: &[(u64, &str)], settings: &ProfileSettings) {
        let empty = codes.iter().filter(|(_, kod)| kod.trim().is_empty());
        self.add(
            "every record has a Kod",
            Severity::Failed,
            empty.map(|(line, _)| Example::new(*line, "")).collect(),
            "Give it one in the ERP: it is the key by which the other side knows the record.",
        );
        let trimmed =
            || codes.iter().map(|(line, kod)| (*line, kod.trim())).filter(|(_, kod)| !kod.is_empty());
        self.add(
            "no Kod occurs twice",
            Severity::Failed,
            twice(trimmed().map(|(line, kod)| (line, kod, kod.to_owned()))),
            "Rename one of them, or block the one that is not used: the other side cannot tell them apart.",
        );
        self.add(
            "no two Kod differ only in case or blanks",
            Severity::Warning,
            alike(trimmed()),
            "Many systems hold these for the same. Rename one.",
        );
        let odd = codes.iter().filter(|(_, kod)| odd_blanks(kod));
        self.add(
            "no Kod has odd blanks",
            Severity::Warning,
            odd.map(|(line, kod)| Example::new(*line, kod)).collect(),
            "Remove blanks at the ends, doubled ones, tabs and fixed spaces: they get lost on the way, and then the key is another.",
        );
        let foreign = codes.iter().filter_map(|(line, kod)| {
            let sign = kod.chars().find(|sign| lookalike(*sign))?;
            Some(Example::noted(*line, kod, format!("U+{:04X}", u32::from(sign))))
        });
        self.add(
            "no Kod has signs of other scripts",
            Severity::Warning,
            foreign.collect(),
            "Type the Kod anew: a Cyrillic А or a long dash looks like the usual sign and is another.",
        );
        let long = codes.iter().filter_map(|(line, kod)| {
            let length = kod.trim().chars().count();
            (length > settings.longest_kod)
                .then(|| Example::noted(*line, kod, format!("{length} characters")))
        });
        self.add(
            "no Kod is too long",
            Severity::Warning,
            long.collect(),
            "Ask how long a key the other side takes, and set `longest_kod` to it.",
        );
    }
}

/// Records whose key another one has: `(line, Kod, key)`.
pub(super) fn twice<'a>(records: impl Iterator<Item = (u64, &'a str, String)>) -> Vec<Example> {
    let mut first: BTreeMap<String, u64> = BTreeMap::new();
    let mut hits = Vec::new();
    for (line, kod, key) in records {
        match first.get(&key) {
            Some(other) => hits.push(Example::noted(line, kod, format!("as on line {other}"))),
            None => {
                first.insert(key, line);
            }
        }
    }
    hits
}

fn alike<'a>(codes: impl Iterator<Item = (u64, &'a str)>) -> Vec<Example> {
    let mut first: BTreeMap<String, (u64, &str)> = BTreeMap::new();
    let mut hits = Vec::new();
    for (line, kod) in codes {
        let key = kod.chars().filter(|sign| !blank(*sign)).flat_map(char::to_lowercase).collect();
        let (other, spelling) = *first.entry(key).or_insert((line, kod));
        if spelling != kod {
            hits.push(Example::noted(line, kod, format!("`{spelling}` on line {other}")));
        }
    }
    hits
}

/// A space of any sort, also those without width.
fn blank(sign: char) -> bool {
    sign.is_whitespace() || matches!(sign, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

fn odd_blanks(kod: &str) -> bool {
    let ends = [kod.chars().next(), kod.chars().next_back()];
    ends.into_iter().flatten().any(blank)
        || kod.contains("  ")
        || kod.chars().any(|sign| blank(sign) && sign != ' ')
}

/// Outside ASCII only Latin letters are usual.
fn lookalike(sign: char) -> bool {
    !sign.is_ascii() && !blank(sign) && !('\u{c0}'..='\u{24f}').contains(&sign)
}

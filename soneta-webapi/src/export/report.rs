use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// What counts as odd where the ERP sets no limit.
#[derive(Debug, Clone, PartialEq, Eq, bon::Builder)]
#[builder(on(String, into))]
#[non_exhaustive]
pub struct ProfileSettings {
    /// The longest Kod that the other side takes, in characters. Default 40.
    #[builder(default = 40)]
    pub longest_kod: usize,
    /// The price list (definicja ceny) in which every good should have a price. Default `Detaliczna`.
    #[builder(default = "Detaliczna".to_owned())]
    pub definicja_ceny: String,
    /// The longest term of payment that is not odd, in days. Default 90.
    #[builder(default = 90)]
    pub longest_termin: i32,
    /// How many examples a finding shows. Default 5.
    #[builder(default = 5)]
    pub examples: usize,
}

impl Default for ProfileSettings {
    fn default() -> Self {
        Self::builder().build()
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// The check found nothing, or only counts.
    Ok,
    /// It works, but some records will be wrong, left out or need a look.
    Warning,
    /// Records cannot be told apart or cannot be read. Mend this first.
    Failed,
}

/// What a file holds, by its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Content {
    /// Goods.
    #[doc(alias = "goods")]
    Towary,
    /// A price list.
    #[doc(alias = "prices")]
    Cennik,
    /// Contractors.
    #[doc(alias = "contractors")]
    Kontrahenci,
    /// None of them.
    Unknown,
}

/// A file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ExportFile {
    /// Its name.
    pub file: String,
    /// What it holds.
    pub content: Content,
    /// `UTF-8`, `UTF-8 with a byte order mark`, `UTF-16LE`, `UTF-16BE` or `windows-1250`.
    pub encoding: String,
    /// The first byte, counted from 0, that has no meaning in this encoding.
    pub broken_at: Option<usize>,
    /// What parts fields.
    pub separator: char,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its records, without the head line.
    pub rows: usize,
}

/// Where something is odd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Example {
    /// The line on which the record begins, from 1; 0 = the file as a whole.
    pub line: u64,
    /// Code of the good or contractor.
    pub kod: String,
    /// What it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The file.
    pub file: String,
    /// What was checked, as it should be.
    pub check: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How many records are concerned.
    pub count: usize,
    /// The first of them.
    pub examples: Vec<Example>,
    /// How often each value occurs, for checks that only count.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, usize>,
    /// What to do about it; empty when there is nothing to do.
    pub what_to_do: &'static str,
}

/// The profile of a data export: what is in it and what is odd. Print it, or write it as JSON.
///
/// It shows codes of goods and contractors: the user's own data, for his own screen.
#[doc(alias = "profile")]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Profil {
    /// The files.
    pub files: Vec<ExportFile>,
    /// Every check that was made, also those that found nothing.
    pub findings: Vec<Finding>,
}

impl Profil {
    /// The worst severity.
    pub fn worst(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Ok)
    }
}

impl fmt::Display for Profil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            let content = match file.content {
                Content::Towary => "goods",
                Content::Cennik => "prices",
                Content::Kontrahenci => "contractors",
                Content::Unknown => "unknown",
            };
            let (name, encoding, separator) = (&file.file, &file.encoding, file.separator.escape_default());
            let columns = file.columns.len();
            writeln!(
                f,
                "{name}: {content}, {} rows, {columns} columns, {encoding}, `{separator}`",
                file.rows
            )?;
        }
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        let count = |severity| self.findings.iter().filter(|finding| finding.severity == severity).count();
        let (failed, warnings) = (count(Severity::Failed), count(Severity::Warning));
        writeln!(f, "{} ok, {warnings} warnings, {failed} failed", count(Severity::Ok))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Ok => "ok",
            Severity::Warning => "warning",
            Severity::Failed => "FAILED",
        };
        write!(f, "{severity:<7}  {}: {}", self.file, self.check)?;
        if self.count > 0 {
            write!(f, ": {}", if self.severity == Severity::Ok { "" } else { "not so for " })?;
            write!(f, "{}", self.count)?;
        }
        for (n, (value, count)) in self.values.iter().enumerate() {
            let lead = if n == 0 { " (" } else { ", " };
            let value = if value.is_empty() { "none" } else { value };
            write!(f, "{lead}{} {count}", value.escape_debug())?;
        }
        f.write_str(if self.values.is_empty() { "" } else { ")" })?;
        for Example { line, kod, note } in &self.examples {
            let parts = [
                Some(format!("line {line}")).filter(|_| *line > 0),
                Some(kod.escape_debug().to_string()).filter(|kod| !kod.is_empty()),
                note.as_deref().map(|note| note.escape_debug().to_string()),
            ];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            if !parts.is_empty() {
                write!(f, "\n           {}", parts.join(": "))?;
            }
        }
        match self.severity {
            Severity::Ok => Ok(()),
            _ => write!(f, "\n           {}", self.what_to_do),
        }
    }
}

//! Data exports of enova365 (feature `export`): what is in them, and what is odd, before anything is connected.
//!
//! [`profile`] reads the CSV files that a person exports from the ERP's lists and checks what an integration stumbles over: codes
//! that occur twice or differ only in case or blanks, EAN and NIP that are missing or mistyped, units under two names,
//! prices that are missing or do not fit.
//!
//! ```
//! use soneta_webapi::export::{ProfileSettings, Severity, profile};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let folder = folder.path();
//! std::fs::write(folder.join("towary.csv"), "Kod;Nazwa;Jednostka\nPK1;Piłka;szt\npk1 ;Piłka;szt.\n")?;
//! let profil = profile([folder], &ProfileSettings::default())?;
//! assert_eq!(profil.worst(), Severity::Warning);
//! println!("{profil}");
//! # Ok(())
//! # }
//! ```
//!
//! # The files
//!
//! `towary.csv`, `cennik.csv` and `kontrahenci.csv` of a folder, or any files, which are then known by their columns. Columns are
//! called as the ERP's fields are; others are skipped over:
//!
//! | file | columns |
//! |---|---|
//! | goods | `Guid`, `Kod`, `Nazwa`, `EAN`, `Typ`, `Jednostka`, `MasaNetto`, `Blokada` |
//! | prices | `KodTowaru`, `DefinicjaCeny`, `Netto`, `Brutto`, `Waluta`, `Ilosc`, `Jednostka` |
//! | contractors | `Guid`, `Kod`, `Nazwa`, `NIP`, `EuVAT`, `TerminDni`, `Waluta`, `Rabat`, `BlokadaSprzedazy`, `StatusPodmiotu` |
//!
//! The head line tells the separator (`;`, tab, `,`, `|`). A byte order mark tells the encoding; without one a file is UTF-8 where
//! it is (nearly) valid UTF-8, else Windows-1250. Numbers are `1,000.00` or `1 000,00`.
//!
//! Unlike errors and logs elsewhere in this crate, a profile shows codes: it is made of the user's own data, for his own
//! screen. It shows no names, tax numbers or prices. Do not write it to a log that others read.

mod checks;
mod contractors;
mod encoding;
mod goods;
mod reader;
mod report;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use self::checks::Checks;
use self::goods::Goods;
#[cfg(feature = "simulator")]
pub(crate) use self::reader::Export;
#[cfg(not(feature = "simulator"))]
use self::reader::Export;

pub use self::reader::ExportError;
pub use self::report::{Content, Example, ExportFile, Finding, Profil, ProfileSettings, Severity};

/// The files of a folder.
const NAMES: [&str; 3] = ["towary.csv", "cennik.csv", "kontrahenci.csv"];

/// Profiles exports: folders with the usual three files, or single files.
///
/// Prices are compared with the first file of goods among them.
///
/// # Errors
/// A file cannot be read. What is wrong inside a file is a finding, not an error.
pub fn profile<P: AsRef<Path>>(
    paths: impl IntoIterator<Item = P>,
    settings: &ProfileSettings,
) -> Result<Profil, ExportError> {
    let mut profil = Profil::default();
    let mut exports = Vec::new();
    for path in paths {
        for file in files(path.as_ref(), &mut profil, settings) {
            let export = Export::open(&file)?;
            let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            exports.push((name, export));
        }
    }
    let mut goods = None;
    // Goods first, since prices refer to them.
    exports.sort_by_cached_key(|(_, export)| content(export));
    for (name, export) in &exports {
        let table = export.table([]);
        let content = content(export);
        let mut checks = Checks::new(name, &mut profil.findings, settings);
        checks.file(export, &table, content);
        match content {
            Content::Towary => {
                let these = Goods::profile(export, &mut checks, settings);
                goods.get_or_insert(these);
            }
            Content::Cennik => goods::prices(export, &mut checks, goods.as_ref(), settings),
            Content::Kontrahenci => contractors::profile(export, &mut checks, settings),
            Content::Unknown => {}
        }
        profil.files.push(ExportFile {
            file: name.clone(),
            content,
            encoding: export.decoded.encoding.clone(),
            broken_at: export.decoded.broken_at,
            separator: export.separator,
            columns: table.head.unwrap_or_default(),
            rows: table.rows.len() + table.odd.len(),
        });
    }
    Ok(profil)
}

fn files(path: &Path, profil: &mut Profil, settings: &ProfileSettings) -> Vec<PathBuf> {
    if !path.is_dir() {
        return vec![path.to_owned()];
    }
    let (there, missing): (Vec<_>, Vec<_>) = NAMES.into_iter().partition(|name| path.join(name).is_file());
    for name in missing {
        let missing = vec![Example::new(0, "")];
        Checks::new(name, &mut profil.findings, settings).add(
            "the file is there",
            Severity::Warning,
            missing,
            "Export this list too, or go on without its checks.",
        );
    }
    there.into_iter().map(|name| path.join(name)).collect()
}

fn content(export: &Export) -> Content {
    let head = export.table([]).head.unwrap_or_default();
    let has = |columns: [&str; 2]| columns.iter().all(|column| head.iter().any(|name| name == column));
    match () {
        () if has(["KodTowaru", "Netto"]) => Content::Cennik,
        () if has(["Kod", "NIP"]) => Content::Kontrahenci,
        () if has(["Kod", "Jednostka"]) => Content::Towary,
        () => Content::Unknown,
    }
}

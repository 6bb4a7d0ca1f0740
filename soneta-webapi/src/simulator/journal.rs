//! The state file: JSON lines, only ever appended to. The first line says whose they are, each further one is an event.
//!
//! A last line that was torn by a crash is cut off; the event on it was never answered.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    altone::{powiazania::Powiazanie, slowniki::Element},
    attachments::Attachment,
    catalogue::Kontrahent,
    documents::TradeDocument,
    error::SimulatorError,
    number,
    orders::OrderDocument,
    settlements::SimulatedRozrachunek,
};

/// Whose events a state file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Header {
    /// Identity of the database.
    pub(super) baza: Uuid,
    /// Identity of the catalogue, since events name its records.
    pub(super) katalog: Uuid,
}

/// Something that happened to the company.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Event {
    Stan {
        kod: String,
        magazyn: String,
        #[serde(with = "number")]
        stan: Decimal,
    },
    Cena {
        kod: String,
        #[serde(with = "number")]
        netto: Decimal,
        #[serde(with = "number")]
        brutto: Decimal,
        /// Absent in files from before prices became invalid.
        #[serde(default)]
        chwila: i64,
    },
    Rabat {
        kod: String,
        #[serde(with = "number")]
        rabat: Decimal,
        chwila: i64,
    },
    Promocja {
        kod: String,
        #[serde(with = "number")]
        procent: Decimal,
        od: NaiveDate,
        r#do: NaiveDate,
        chwila: i64,
    },
    Zaznaczenie {
        kod: String,
        zaznaczony: bool,
        chwila: i64,
    },
    Zamowienie(Box<OrderDocument>),
    /// The whole document as it is now.
    ZmianaZamowienia(Box<OrderDocument>),
    /// A contractor's whole card, as AltOne's contract wrote it.
    KartaKontrahenta {
        miejsce: usize,
        karta: String,
        chwila: i64,
    },
    KartotekaTowaru(Box<Kartoteka>),
    Zatwierdzenie {
        id: i32,
        numer: String,
        chwila: i64,
    },
    Dokument(Box<TradeDocument>),
    KSeF {
        id: i32,
        numer: String,
        data: NaiveDate,
        chwila: i64,
    },
    Potwierdzenie {
        id: i32,
        potwierdzenie: String,
        chwila: i64,
    },
    StatusZewn {
        id: i32,
        kod: Option<String>,
        chwila: i64,
    },
    Kontrahent {
        id: i32,
        kontrahent: Box<Kontrahent>,
    },
    Rozrachunek(Box<SimulatedRozrachunek>),
    Powiazanie(Box<Powiazanie>),
    Slownik {
        nazwa: String,
        elementy: Vec<Element>,
    },
    Zalacznik(Box<Attachment>),
    Odebrano {
        system: String,
        id: i32,
        sukces: bool,
        informacja: Option<String>,
    },
}

/// A good as AltOne's contract wrote it, at its place in the catalogue or at its end.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kartoteka {
    pub(super) miejsce: usize,
    pub(super) guid: Uuid,
    pub(super) kod: String,
    pub(super) nazwa: String,
    pub(super) ean: Option<String>,
    pub(super) typ: String,
    pub(super) vat: String,
    pub(super) jednostka: String,
    pub(super) blokada: bool,
    pub(super) zaznaczony: bool,
    pub(super) chwila: i64,
}

/// An open state file.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
}

impl Journal {
    /// Opens or makes the file; `baza` is used for a new one, and has to fit an old one if it is `fixed`. Each event that it holds
    /// goes to `replay`.
    pub(super) fn open(
        path: &Path,
        new: Header,
        fixed: bool,
        mut replay: impl FnMut(Event) -> Result<(), SimulatorError>,
    ) -> Result<(Self, Header), SimulatorError> {
        let failed = |what: &str| SimulatorError::state_file(format!("{}: {what}", path.display()));
        let broken = |error: std::io::Error| failed("cannot be read or written").because(error);
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(broken)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(broken)?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(broken)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        text.truncate(whole);
        file.set_len(u64::try_from(whole).unwrap_or(0)).map_err(broken)?;
        file.seek(SeekFrom::End(0)).map_err(broken)?;
        let mut journal = Self { file };
        let mut lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let Some(first) = lines.next() else {
            journal.write(&new)?;
            return Ok((journal, new));
        };
        let header: Header =
            serde_json::from_slice(first).map_err(|error| failed("line 1 is no head line").because(error))?;
        if header.katalog != new.katalog {
            return Err(failed("belongs to another catalogue (goods, contractors or warehouses differ)"));
        }
        if fixed && header.baza != new.baza {
            return Err(failed("belongs to another database"));
        }
        for (n, line) in lines.enumerate() {
            let event = serde_json::from_slice(line)
                .map_err(|error| failed(&format!("line {} is no event", n + 2)).because(error))?;
            replay(event)?;
        }
        Ok((journal, header))
    }

    /// Appends one line in one write.
    pub(super) fn write(&mut self, value: &impl Serialize) -> Result<(), SimulatorError> {
        let failed = || SimulatorError::state_file("the state file cannot be written");
        let mut line = serde_json::to_vec(value).map_err(|error| failed().because(error))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(|error| failed().because(error))
    }
}

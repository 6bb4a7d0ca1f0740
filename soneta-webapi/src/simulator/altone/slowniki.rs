//! AltOne's dictionaries.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    FeatureIn,
    koperta::{Zapisano, answer},
};
use crate::simulator::{
    answer::{Blad, Outcome},
    catalogue::Vat,
    company::Company,
    journal::Event,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Pomin {
    #[expect(dead_code, reason = "nothing is taken out of use")]
    pomin_zablokowane: Option<bool>,
}

pub(super) fn stawki(_: &mut Company, _: Pomin) -> Outcome {
    let row = |(n, vat): (usize, Vat)| {
        json!({"ID": n + 1, "TableName": "DefStawekVat", "Blokada": false, "Kod": vat.kod(), "Procent": vat.kod(),
               "Status": "Opodatkowana", "Features": [], "Attachments": null, "AttachmentsCount": 0})
    };
    let rows: Vec<Value> = Vat::ALL.into_iter().enumerate().map(row).collect();
    answer(&json!({"Count": rows.len(), "StawkiVAT": rows}))
}

pub(super) fn sposoby(_: &mut Company, _: Pomin) -> Outcome {
    let row = |id: i32, nazwa: &str, typ: &str| {
        json!({"ID": id, "TableName": "FormyPlatnosci", "Blokada": false, "Nazwa": nazwa, "Typ": typ,
               "Features": null, "Attachments": null, "AttachmentsCount": 0})
    };
    let rows = [row(1, "Przelew", "Przelew"), row(2, "Gotówka", "Gotówka")];
    answer(&json!({"Count": 2, "SposobyZaplaty": rows}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Ewidencje {
    #[expect(dead_code, reason = "nothing is taken out of use")]
    pomin_zablokowane: Option<bool>,
    waluta: Option<String>,
}

pub(super) fn ewidencje(_: &mut Company, question: Ewidencje) -> Outcome {
    let row = |id: i32, symbol: &str, nazwa: &str, numer: &str| {
        json!({"ID": id, "TableName": "EwidencjeSP", "Blokada": false, "Nazwa": nazwa, "Symbol": symbol,
               "Waluta": "PLN", "Bank": null, "NumerRachunku": numer, "Features": [], "Attachments": []})
    };
    let mut rows =
        vec![row(1, "KASA", "Kasa", ""), row(2, "RB", "Rachunek bieżący", "00000000000000000000000002")];
    if question.waluta.is_some_and(|waluta| waluta != "PLN") {
        rows.clear();
    }
    answer(&json!({"Count": rows.len(), "EwidencjeSP": rows}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Slownik {
    nazwa_slownika: String,
}

/// What AltOne's contract has written into a dictionary, in the order in which it came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::simulator) struct Element {
    symbol: String,
    nazwa: String,
    note: Option<String>,
    blokada: bool,
}

/// The elements of a dictionary; `None` if there is no such one. `Jednostki` begins with the units that goods have.
fn elementy(company: &Company, nazwa: &str) -> Option<Vec<Element>> {
    let units = company.catalogue.towary.iter().map(|towar| company.catalogue.words.word(towar.jednostka));
    let units: BTreeSet<&str> = units.filter(|_| nazwa == "Jednostki").collect();
    let unit =
        |unit: &str| Element { symbol: unit.to_owned(), nazwa: unit.to_owned(), note: None, blokada: false };
    let mut all: Vec<Element> = units.into_iter().map(unit).collect();
    let written = company.slowniki.get(nazwa);
    for element in written.into_iter().flatten() {
        match all.iter_mut().find(|known| known.symbol == element.symbol) {
            Some(known) => known.clone_from(element),
            None => all.push(element.clone()),
        }
    }
    (!all.is_empty()).then_some(all)
}

pub(super) fn slownik(company: &mut Company, question: Slownik) -> Outcome {
    let nazwa = question.nazwa_slownika;
    let all = elementy(company, &nazwa).ok_or_else(|| Blad::not_found("NazwaSlownika", "Brak słownika."))?;
    let row = |(id, element): (i32, &Element)| json!({"ID": id, "Blokada": element.blokada, "Symbol": element.symbol, "Nazwa": element.nazwa, "Note": element.note});
    let rows: Vec<Value> = (1..).zip(&all).map(row).collect();
    answer(&json!({"SlownikElementowDTO": {
        "NazwaSlownika": nazwa, "AutomatycznieNowy": false, "LiczbaElementow": rows.len(), "ElementySlownika": rows}}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "some fields are accepted and dropped")]
pub(super) struct Zapisz {
    #[serde(rename = "ID")]
    id: Option<i32>,
    attachments_count: Option<i32>,
    table_name: Option<String>,
    features: Option<Vec<FeatureIn>>,
    attachments: Option<Vec<Value>>,
    nazwa_slownika: Option<String>,
    automatycznie_nowy: Option<bool>,
    liczba_elementow: Option<i32>,
    elementy_slownika: Option<Vec<ElementIn>>,
    test_mode: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "some fields are accepted and dropped")]
struct ElementIn {
    #[serde(rename = "ID")]
    id: Option<i32>,
    attachments_count: Option<i32>,
    table_name: Option<String>,
    features: Option<Vec<FeatureIn>>,
    attachments: Option<Vec<Value>>,
    blokada: Option<bool>,
    symbol: Option<String>,
    nazwa: Option<String>,
    note: Option<String>,
    test_mode: Option<bool>,
}

/// Elements are found by their symbols; those that are not there are made if `AutomatycznieNowy` says so.
pub(super) fn zapisz(company: &mut Company, question: Zapisz) -> Outcome {
    let nazwa = question.nazwa_slownika.ok_or_else(|| Blad::missing("NazwaSlownika"))?;
    let known = elementy(company, &nazwa).unwrap_or_default();
    let mut written = Vec::new();
    for element in question.elementy_slownika.unwrap_or_default() {
        let symbol = element.symbol.ok_or_else(|| Blad::missing("Symbol"))?;
        let nazwa = element.nazwa.ok_or_else(|| Blad::missing("Nazwa"))?;
        if question.automatycznie_nowy != Some(true) && !known.iter().any(|one| one.symbol == symbol) {
            return Err(Blad::not_found("Symbol", format!("Brak elementu „{symbol}”.")).into());
        }
        let blokada = element.blokada.unwrap_or_default();
        written.push(Element { symbol, nazwa, note: element.note, blokada });
    }
    let test_mode = question.test_mode == Some(true);
    let kod = nazwa.clone();
    if !test_mode {
        company.record(Event::Slownik { nazwa, elementy: written })?;
    }
    answer(&Zapisano { id: None, kod: Some(&kod), test_mode })
}

/// Dictionaries by name.
pub(in crate::simulator) type Slowniki = BTreeMap<String, Vec<Element>>;

/// Puts elements into a dictionary, each in the place of the one of its symbol.
pub(in crate::simulator) fn put(slowniki: &mut Slowniki, nazwa: String, elementy: Vec<Element>) {
    let all = slowniki.entry(nazwa).or_default();
    for element in elementy {
        match all.iter_mut().find(|known| known.symbol == element.symbol) {
            Some(known) => *known = element,
            None => all.push(element),
        }
    }
}

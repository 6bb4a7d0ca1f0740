//! What `B2BFaktury` and `B2BWydania` share: the change list, documents by ID, and printing.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::question::{date, how_many, instant};
use crate::simulator::{
    answer::{Blad, Failure, Outcome, Rows, written},
    catalogue::{Instant, Kontrahent},
    company::Company,
    documents::{self, DocumentLine, LineValues, Parties, TradeDocument},
    number::Amount,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Lista {
    zmienione_po: Option<String>,
    po_id: Option<i32>,
    ile: Option<i64>,
    od_dnia: Option<String>,
    /// Documents have no features here.
    #[serde(rename = "Cechy")]
    _cechy: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pobierz {
    #[serde(rename = "ID")]
    id: Option<i32>,
    #[serde(rename = "Cechy")]
    _cechy: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wydruk {
    #[serde(rename = "ID")]
    id: Option<i32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Zmiany<R> {
    success: bool,
    czas_serwera: String,
    pozycje: Vec<R>,
    koniec: bool,
    zmienione_po: Option<String>,
    po_id: Option<i32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Plik {
    success: bool,
    nazwa: String,
    base64: String,
}

/// The fields of both kinds of rows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Naglowek<'a> {
    #[serde(rename = "ID")]
    id: i32,
    guid: Uuid,
    numer: &'a str,
    kategoria: &'static str,
    definicja: &'static str,
    stan: &'static str,
    koryguje_id: Option<i32>,
    koryguje_numer: Option<&'a str>,
    data: String,
    data_operacji: String,
    kontrahent: Option<Strona<'a>>,
    odbiorca: Option<Strona<'a>>,
    numer_obcy: Option<&'a str>,
    pozycje: Vec<Pozycja<'a>>,
    suma_netto: Amount<'a>,
    suma_brutto: Amount<'a>,
    opis: &'static str,
    cechy: [u8; 0],
    data_zmiany: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Strona<'a> {
    #[serde(rename = "ID")]
    id: i32,
    kod: &'a str,
    nazwa: &'a str,
    #[serde(rename = "NIP")]
    nip: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Pozycja<'a> {
    #[serde(rename = "ID")]
    id: i32,
    lp: i32,
    towar_id: i32,
    kod: &'a str,
    nazwa: &'a str,
    #[serde(flatten)]
    stan: Wartosci<'a>,
    stawka_vat: &'a str,
    zamowienie_id: i32,
    zamowienie_pozycja_id: i32,
    przed: Option<Wartosci<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wartosci<'a> {
    ilosc: Amount<'a>,
    cena_netto: Amount<'a>,
    wartosc_netto: Amount<'a>,
    wartosc_brutto: Amount<'a>,
}

/// A page of the documents that `listed` lets through.
pub(super) fn lista<'a, R: Serialize>(
    company: &'a Company,
    question: Lista,
    listed: impl Fn(&TradeDocument) -> bool,
    row: impl Fn(&'a TradeDocument) -> R,
) -> Outcome {
    zmiany(
        company,
        question,
        |from, day| {
            let listed = move |document: &&TradeDocument| {
                listed(document) && day.is_none_or(|day| document.data >= day)
            };
            company.documents().changed(from).filter(listed)
        },
        |document| (Instant(document.zmieniono), document.id),
        row,
    )
}

/// A page of a change list. `changed` gives the documents from an instant and ID on, issued on a day or later, in their order.
pub(super) fn zmiany<'a, D: 'a, I: Iterator<Item = &'a D>, R: Serialize>(
    company: &'a Company,
    question: Lista,
    changed: impl FnOnce((Instant, i32), Option<NaiveDate>) -> I,
    stamp: impl Fn(&D) -> (Instant, i32),
    row: impl Fn(&'a D) -> R,
) -> Outcome {
    let czas_serwera = company.now().text();
    let ile = how_many(question.ile, company.maks_ile)?;
    let asked = question.zmienione_po.as_deref().map(|text| instant(text, "ZmienionePo")).transpose()?;
    let day = question.od_dnia.as_deref().map(|text| date(text, "OdDnia")).transpose()?;
    let from = match (asked, question.po_id) {
        (None, Some(_)) => return Err(Blad::invalid("PoId", "PoId wymaga ZmienionePo.").into()),
        (None, None) => (Instant(i64::MIN), 0),
        (Some(instant), id) => (instant, id.map_or(0, |id| id.saturating_add(1))),
    };
    let mut page: Vec<&D> = changed(from, day).take(ile + 1).collect();
    let koniec = page.len() <= ile;
    page.truncate(ile);
    let last = page.last().map(|document| stamp(document));
    written(&Zmiany {
        success: true,
        czas_serwera,
        pozycje: page.into_iter().map(row).collect(),
        koniec,
        zmienione_po: last.map(|(instant, _)| instant.text()).or(question.zmienione_po),
        po_id: last.map(|(_, id)| id).or(question.po_id),
    })
}

pub(super) fn pobierz<'a, R: Serialize>(
    company: &'a Company,
    question: &Pobierz,
    listed: impl Fn(&TradeDocument) -> bool,
    row: impl Fn(&'a TradeDocument) -> R,
) -> Outcome {
    let id = question.id.ok_or_else(|| Blad::missing("ID"))?;
    let found = company.documents().get(id).filter(|document| listed(document));
    written(&Rows::all(found.map(row).into_iter().collect()))
}

pub(super) fn pdf(company: &Company, question: &Wydruk, listed: impl Fn(&TradeDocument) -> bool) -> Outcome {
    let id = question.id.ok_or_else(|| Blad::missing("ID"))?;
    let document = company.documents().get(id).filter(|document| listed(document)).ok_or_else(|| {
        Failure::from(Blad::not_found("ID", format!("Nie znaleziono dokumentu o ID {id}.")))
    })?;
    written(&Plik {
        success: true,
        nazwa: format!("{}.pdf", document.numer.replace('/', "_")),
        base64: STANDARD.encode(documents::pdf(document)),
    })
}

pub(super) fn naglowek<'a>(
    company: &'a Company,
    document: &'a TradeDocument,
    parties: &Parties,
) -> Naglowek<'a> {
    let waluta = &document.waluta;
    let corrected = document.koryguje_id.and_then(|id| company.documents().get(id));
    Naglowek {
        id: document.id,
        guid: document.guid,
        numer: &document.numer,
        kategoria: document.kind.kategoria(),
        definicja: document.kind.definicja(),
        stan: "Zatwierdzony",
        koryguje_id: document.koryguje_id,
        koryguje_numer: corrected.map(|corrected| corrected.numer.as_str()),
        data: document.data.to_string(),
        data_operacji: document.data.to_string(),
        kontrahent: strona(company, Some(document.kontrahent_id)),
        odbiorca: strona(company, parties.odbiorca_id),
        numer_obcy: document.numer_obcy.as_deref(),
        pozycje: document.pozycje.iter().map(|line| pozycja(line, waluta)).collect(),
        suma_netto: Amount::new(document.suma_netto, waluta),
        suma_brutto: Amount::new(document.suma_brutto, waluta),
        opis: "",
        cechy: [],
        data_zmiany: Instant(document.zmieniono).text(),
    }
}

pub(super) fn strona(company: &Company, id: Option<i32>) -> Option<Strona<'_>> {
    let id = id?;
    let Kontrahent { kod, nazwa, nip, .. } = company.catalogue.kontrahent(id)?;
    Some(Strona { id, kod, nazwa, nip })
}

fn pozycja<'a>(line: &'a DocumentLine, waluta: &'a str) -> Pozycja<'a> {
    let values = |values: &LineValues| Wartosci {
        ilosc: Amount::new(values.ilosc, &line.jednostka),
        cena_netto: Amount::new(values.cena_netto, waluta),
        wartosc_netto: Amount::new(values.wartosc_netto, waluta),
        wartosc_brutto: Amount::new(values.wartosc_brutto, waluta),
    };
    Pozycja {
        id: line.id,
        lp: line.lp,
        towar_id: line.towar_id,
        kod: &line.kod,
        nazwa: &line.nazwa,
        stan: values(&line.stan),
        stawka_vat: &line.stawka_vat,
        zamowienie_id: line.zamowienie_id,
        zamowienie_pozycja_id: line.zamowienie_pozycja_id,
        przed: line.przed.as_ref().map(values),
    }
}

/// A delivery address as it is written.
pub(super) type Adres = Map<String, Value>;

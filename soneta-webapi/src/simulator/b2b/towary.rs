//! `B2BTowary`: the change list of goods, and goods by key.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::question::{date, day_begins, few_enough, how_many, instant};
use crate::simulator::{
    answer::{Blad, Outcome, Rows, written},
    catalogue::{Instant, id_of},
    company::Company,
    number::Amount,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Lista {
    zmienione_po: Option<String>,
    po_id: Option<i32>,
    ile: Option<i64>,
    od_dnia: Option<String>,
    cechy: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Pobierz {
    #[serde(rename = "ID")]
    id: Option<Vec<i32>>,
    kod: Option<Vec<String>>,
    cechy: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Zmiany<'a> {
    success: bool,
    czas_serwera: String,
    pozycje: Vec<Wiersz<'a>>,
    koniec: bool,
    zmienione_po: Option<String>,
    po_id: Option<i32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wiersz<'a> {
    #[serde(rename = "ID")]
    id: i32,
    guid: Uuid,
    kod: &'a str,
    nazwa: &'a str,
    #[serde(rename = "EAN")]
    ean: &'a [Box<str>],
    jednostka: &'a str,
    jednostki: Vec<Jednostka>,
    minimum: Option<Amount<'a>>,
    wielokrotnosc: Option<Amount<'a>>,
    stawka_vat: &'static str,
    #[serde(rename = "GTU")]
    gtu: Option<&'static str>,
    #[serde(rename = "MPP")]
    mpp: bool,
    typ: &'static str,
    opis: &'static str,
    grupa: &'a str,
    producent: &'a str,
    #[serde(rename = "PKWiU")]
    pkwiu: &'static str,
    masa_netto: Option<Amount<'a>>,
    blokada: bool,
    zaznaczony: bool,
    cechy: Vec<Cecha>,
    data_zmiany: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Jednostka {
    kod: &'static str,
    licznik: u16,
    mianownik: u16,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Cecha {
    nazwa: &'static str,
    typ: &'static str,
    wartosc: &'static str,
}

/// The feature that carries the portal's tick.
pub(in crate::simulator) const TICK: &str = "Portal";

pub(super) fn lista(company: &mut Company, question: Lista) -> Outcome {
    let czas_serwera = company.now().text();
    let ile = how_many(question.ile, company.maks_ile)?;
    let asked = question.zmienione_po.as_deref().map(|text| instant(text, "ZmienionePo")).transpose()?;
    let day = question.od_dnia.as_deref().map(|text| date(text, "OdDnia")).transpose()?.map(day_begins);
    let mut from = match (asked, question.po_id) {
        (None, Some(_)) => return Err(Blad::invalid("PoId", "PoId wymaga ZmienionePo.").into()),
        (None, None) => (Instant(i64::MIN), 0),
        (Some(instant), id) => (instant, id.map_or(0, |id| id.saturating_add(1))),
    };
    if let Some(day) = day.filter(|day| *day > from.0) {
        from = (day, 0);
    }
    let mut page: Vec<(Instant, i32)> = company.changed(from).take(ile + 1).collect();
    let koniec = page.len() <= ile;
    page.truncate(ile);
    let last = page.last().copied();
    let cechy = question.cechy.unwrap_or_default();
    let pozycje = page.iter().filter_map(|(_, id)| company.catalogue.place_of_id(*id));
    written(&Zmiany {
        success: true,
        czas_serwera,
        pozycje: pozycje.filter_map(|place| wiersz(company, place, &cechy)).collect(),
        koniec,
        zmienione_po: last.map(|(instant, _)| instant.text()).or(question.zmienione_po),
        po_id: last.map(|(_, id)| id).or(question.po_id),
    })
}

pub(super) fn pobierz(company: &mut Company, question: Pobierz) -> Outcome {
    let catalogue = &company.catalogue;
    let places: Vec<usize> = match (&question.id, &question.kod) {
        (Some(ids), None) => {
            few_enough(ids.len(), "ID", company.maks_ile)?;
            ids.iter().filter_map(|id| catalogue.place_of_id(*id)).collect()
        }
        (None, Some(kody)) => {
            few_enough(kody.len(), "Kod", company.maks_ile)?;
            kody.iter().filter_map(|kod| catalogue.place_of(kod)).collect()
        }
        _ => return Err(Blad::invalid("ID", "Podaj ID albo Kod.").into()),
    };
    let cechy = question.cechy.unwrap_or_default();
    written(&Rows::all(places.into_iter().filter_map(|place| wiersz(company, place, &cechy)).collect()))
}

fn wiersz<'a>(company: &'a Company, place: usize, cechy: &[String]) -> Option<Wiersz<'a>> {
    let towar = company.catalogue.towary.get(place)?;
    let words = &company.catalogue.words;
    let jednostki = match towar.w_kartonie {
        0 => Vec::new(),
        licznik => vec![Jednostka { kod: "karton", licznik, mianownik: 1 }],
    };
    let cechy = if cechy.iter().any(|cecha| cecha == TICK) {
        vec![Cecha { nazwa: TICK, typ: "Bool", wartosc: if towar.zaznaczony { "true" } else { "false" } }]
    } else {
        Vec::new()
    };
    Some(Wiersz {
        id: id_of(place),
        guid: towar.guid,
        kod: &towar.kod,
        nazwa: &towar.nazwa,
        ean: towar.ean.as_slice(),
        jednostka: words.word(towar.jednostka),
        jednostki,
        minimum: None,
        wielokrotnosc: None,
        stawka_vat: towar.vat.kod(),
        gtu: None,
        mpp: false,
        typ: towar.typ.word(),
        opis: "",
        grupa: words.word(towar.grupa),
        producent: words.word(towar.producent),
        pkwiu: "",
        masa_netto: towar.masa.map(|(value, unit)| Amount::new(value, words.word(unit))),
        blokada: towar.blokada,
        zaznaczony: towar.zaznaczony,
        cechy,
        data_zmiany: towar.zmieniono.text(),
    })
}

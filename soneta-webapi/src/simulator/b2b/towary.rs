//! `B2BTowary`: the change list of goods, and goods by key.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    cecha::{Cecha, TICK},
    question::{ChangeList, few_enough},
};
use crate::simulator::{
    answer::{Blad, Outcome, Rows, written},
    catalogue::id_of,
    company::Company,
    number::Amount,
};

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
    cechy: Vec<Cecha<'static>>,
    data_zmiany: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Jednostka {
    kod: &'static str,
    licznik: u16,
    mianownik: u16,
}

pub(super) fn lista(company: &mut Company, mut question: ChangeList) -> Outcome {
    let company = &*company;
    let cechy = question.cechy.take().unwrap_or_default();
    let row = |id| wiersz(company, company.catalogue.place_of_id(id)?, &cechy);
    question.page(company, |from| company.changed(from), row)
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
        vec![Cecha::tick(towar.zaznaczony)]
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

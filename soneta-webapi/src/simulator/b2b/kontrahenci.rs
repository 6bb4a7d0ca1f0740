//! `B2BKontrahenci`: the change list of contractors, and contractors by key. Saving them is in `zapisz.rs`.

mod zapisz;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) use zapisz::zapisz;

use super::{
    cecha::{Cecha, PRICE_GROUP, SEGMENT, TICK},
    question::ChangeList,
};
use crate::simulator::{
    answer::{Blad, Outcome, Rows, written},
    catalogue::{Adres, Kontakt, Kontrahent, MiejsceDostawy, id_of},
    company::Company,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Pobierz {
    #[serde(rename = "ID")]
    id: Option<i32>,
    kod: Option<String>,
    #[serde(rename = "NIP")]
    nip: Option<String>,
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
    #[serde(rename = "NIP")]
    nip: &'a str,
    #[serde(rename = "EuVAT")]
    eu_vat: &'a str,
    rodzaj_vat: &'a str,
    waluta: &'a str,
    adres: &'a Adres,
    miejsca_dostaw: &'a [MiejsceDostawy],
    kontakty: &'a [Kontakt],
    opiekun: Option<&'a str>,
    grupa_cenowa: &'a str,
    forma_platnosci: &'a str,
    termin_dni: i32,
    rachunek_indywidualny: Option<&'a str>,
    blokada_sprzedazy: bool,
    zastapiony_przez_id: Option<i32>,
    segment: Option<&'a str>,
    zaznaczony: bool,
    cechy: Vec<Cecha<'a>>,
    wersja: i64,
    data_zmiany: String,
}

pub(super) fn lista(company: &mut Company, mut question: ChangeList) -> Outcome {
    let company = &*company;
    let cechy = question.cechy.take().unwrap_or_default();
    let row = |id| Some(wiersz(id, company.catalogue.kontrahent(id)?, &cechy));
    question.page(company, |from| company.contractors_changed(from), row)
}

pub(super) fn pobierz(company: &mut Company, question: Pobierz) -> Outcome {
    let nip = question.nip.as_deref().map(bare);
    let matches = |id: i32, kontrahent: &Kontrahent| match (&question.id, &question.kod, &nip) {
        (Some(asked), None, None) => *asked == id,
        (None, Some(kod), None) => *kod == kontrahent.kod,
        (None, None, Some(nip)) => {
            !nip.is_empty() && (*nip == bare(&kontrahent.nip) || *nip == bare(&kontrahent.eu_vat))
        }
        _ => false,
    };
    if [question.id.is_some(), question.kod.is_some(), nip.is_some()].iter().filter(|given| **given).count()
        != 1
    {
        return Err(Blad::invalid("ID", "Podaj dokładnie jedno z pól ID, Kod, NIP.").into());
    }
    let all = (0..).map(id_of).zip(&company.catalogue.kontrahenci);
    let found = all.filter(|(id, kontrahent)| matches(*id, kontrahent));
    let cechy = question.cechy.as_deref().unwrap_or_default();
    written(&Rows::all(found.map(|(id, kontrahent)| wiersz(id, kontrahent, cechy)).collect()))
}

/// Digits and letters only.
fn bare(nip: &str) -> String {
    nip.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn wiersz<'a>(id: i32, kontrahent: &'a Kontrahent, cechy: &[String]) -> Wiersz<'a> {
    let all = [
        (TICK, Cecha::tick(kontrahent.zaznaczony)),
        (PRICE_GROUP, Cecha::text(PRICE_GROUP, &kontrahent.grupa_cenowa)),
        (SEGMENT, Cecha::text(SEGMENT, &kontrahent.segment)),
    ];
    let asked = all.into_iter().filter(|(name, _)| cechy.iter().any(|cecha| cecha == name));
    Wiersz {
        id,
        guid: kontrahent.guid,
        kod: &kontrahent.kod,
        nazwa: &kontrahent.nazwa,
        nip: &kontrahent.nip,
        eu_vat: &kontrahent.eu_vat,
        rodzaj_vat: &kontrahent.rodzaj_vat,
        waluta: &kontrahent.waluta,
        adres: &kontrahent.adres,
        miejsca_dostaw: &kontrahent.miejsca_dostaw,
        kontakty: &kontrahent.kontakty,
        opiekun: kontrahent.opiekun.as_deref(),
        grupa_cenowa: &kontrahent.grupa_cenowa,
        forma_platnosci: &kontrahent.forma_platnosci,
        termin_dni: kontrahent.termin_dni,
        rachunek_indywidualny: None,
        blokada_sprzedazy: kontrahent.blokada_sprzedazy,
        zastapiony_przez_id: kontrahent.zastapiony_przez_id,
        segment: Some(kontrahent.segment.as_str()).filter(|segment| !segment.is_empty()),
        zaznaczony: kontrahent.zaznaczony,
        cechy: asked.map(|(_, cecha)| cecha).collect(),
        wersja: kontrahent.wersja,
        data_zmiany: kontrahent.zmieniono.text(),
    }
}

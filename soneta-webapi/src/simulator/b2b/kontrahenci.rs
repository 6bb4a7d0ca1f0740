//! `B2BKontrahenci`: contractors by key.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::{
    answer::{Blad, Outcome, Rows, written},
    catalogue::{Instant, Kontrahent, id_of},
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
    rodzaj_vat: &'static str,
    waluta: &'a str,
    adres: Adres<'a>,
    miejsca_dostaw: [u8; 0],
    kontakty: [u8; 0],
    opiekun: Option<&'a str>,
    grupa_cenowa: &'static str,
    forma_platnosci: &'static str,
    termin_dni: i32,
    rachunek_indywidualny: Option<&'a str>,
    blokada_sprzedazy: bool,
    zastapiony_przez_id: Option<i32>,
    segment: Option<&'a str>,
    zaznaczony: bool,
    cechy: [u8; 0],
    data_zmiany: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Adres<'a> {
    ulica: &'a str,
    nr_domu: &'a str,
    nr_lokalu: &'a str,
    kod_pocztowy: &'a str,
    miejscowosc: &'a str,
    kod_kraju: &'a str,
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
    let all = company.catalogue.kontrahenci.iter().enumerate();
    let found = all.filter(|(place, kontrahent)| matches(id_of(*place), kontrahent));
    written(&Rows::all(found.map(|(place, kontrahent)| wiersz(place, kontrahent)).collect()))
}

/// Digits and letters only.
fn bare(nip: &str) -> String {
    nip.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn wiersz(place: usize, kontrahent: &Kontrahent) -> Wiersz<'_> {
    let country = match kontrahent.eu_vat.get(..2) {
        Some(prefix) if prefix.chars().all(|sign| sign.is_ascii_uppercase()) => prefix,
        _ => "PL",
    };
    Wiersz {
        id: id_of(place),
        guid: kontrahent.guid,
        kod: &kontrahent.kod,
        nazwa: &kontrahent.nazwa,
        nip: &kontrahent.nip,
        eu_vat: &kontrahent.eu_vat,
        rodzaj_vat: if country == "PL" { "Krajowy" } else { "Unijny" },
        waluta: &kontrahent.waluta,
        adres: Adres {
            ulica: &kontrahent.ulica,
            nr_domu: &kontrahent.nr_domu,
            nr_lokalu: &kontrahent.nr_lokalu,
            kod_pocztowy: &kontrahent.kod_pocztowy,
            miejscowosc: &kontrahent.miejscowosc,
            kod_kraju: country,
        },
        miejsca_dostaw: [],
        kontakty: [],
        opiekun: None,
        grupa_cenowa: "",
        forma_platnosci: "Przelew",
        termin_dni: kontrahent.termin_dni,
        rachunek_indywidualny: None,
        blokada_sprzedazy: kontrahent.blokada_sprzedazy,
        zastapiony_przez_id: None,
        segment: None,
        zaznaczony: true,
        cechy: [],
        data_zmiany: Instant::of_import(place).text(),
    }
}

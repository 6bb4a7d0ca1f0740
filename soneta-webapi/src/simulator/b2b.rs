//! The controllers of the contract `b2b`, tier 1. Wire shapes: `contract/b2b.openapi.json`; each file answers one controller.

mod ceny;
mod dokumenty;
mod faktury;
mod kontrahenci;
mod line;
mod question;
mod stany;
mod towary;
mod wydania;
mod zamowienia;

use axum::Router;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Shared,
    answer::{Outcome, method, written},
    company::Company,
};

pub(super) use question::day_begins;
pub(super) use towary::TICK;

const METHODS: &[&str] = &[
    "B2BInfo/Pobierz",
    "B2BTowary/Lista",
    "B2BTowary/Pobierz",
    "B2BStany/Lista",
    "B2BCeny/Detaliczne",
    "B2BCeny/Wycen",
    "B2BCeny/DlaKontrahenta",
    "B2BCeny/Profile",
    "B2BCeny/DlaProfilu",
    "B2BCeny/Wyjatki",
    "B2BCeny/Uniewaznione",
    "B2BZamowienia/Dodaj",
    "B2BZamowienia/Pobierz",
    "B2BZamowienia/Statusy",
    "B2BZamowienia/Zmien",
    "B2BZamowienia/Anuluj",
    "B2BKontrahenci/Pobierz",
    "B2BFaktury/Lista",
    "B2BFaktury/Pobierz",
    "B2BFaktury/Pdf",
    "B2BWydania/Lista",
    "B2BWydania/Pobierz",
    "B2BWydania/Pdf",
];

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/B2BInfo/Pobierz", method(info))
        .route("/api/B2BTowary/Lista", method(towary::lista))
        .route("/api/B2BTowary/Pobierz", method(towary::pobierz))
        .route("/api/B2BStany/Lista", method(stany::lista))
        .route("/api/B2BCeny/Detaliczne", method(ceny::detaliczne))
        .route("/api/B2BCeny/Wycen", method(ceny::wycen))
        .route("/api/B2BCeny/DlaKontrahenta", method(ceny::dla_kontrahenta))
        .route("/api/B2BCeny/Profile", method(ceny::profile))
        .route("/api/B2BCeny/DlaProfilu", method(ceny::dla_profilu))
        .route("/api/B2BCeny/Wyjatki", method(ceny::wyjatki))
        .route("/api/B2BCeny/Uniewaznione", method(ceny::uniewaznione))
        .route("/api/B2BZamowienia/Dodaj", method(zamowienia::dodaj))
        .route("/api/B2BZamowienia/Pobierz", method(zamowienia::pobierz))
        .route("/api/B2BZamowienia/Statusy", method(zamowienia::statusy))
        .route("/api/B2BZamowienia/Zmien", method(zamowienia::zmien))
        .route("/api/B2BZamowienia/Anuluj", method(zamowienia::anuluj))
        .route("/api/B2BKontrahenci/Pobierz", method(kontrahenci::pobierz))
        .route("/api/B2BFaktury/Lista", method(faktury::lista))
        .route("/api/B2BFaktury/Pobierz", method(faktury::pobierz))
        .route("/api/B2BFaktury/Pdf", method(faktury::pdf))
        .route("/api/B2BWydania/Lista", method(wydania::lista))
        .route("/api/B2BWydania/Pobierz", method(wydania::pobierz))
        .route("/api/B2BWydania/Pdf", method(wydania::pdf))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Info<'a> {
    success: bool,
    wersja: &'static str,
    poziom: u8,
    mozliwosci: &'static [&'static str],
    maks_ile: usize,
    baza_guid: Uuid,
    baza_nazwa: &'a str,
}

fn info(company: &mut Company, _: Nothing) -> Outcome {
    written(&Info {
        success: true,
        wersja: "1.0",
        poziom: 1,
        mozliwosci: METHODS,
        maks_ile: company.maks_ile,
        baza_guid: company.baza,
        baza_nazwa: &company.baza_nazwa,
    })
}

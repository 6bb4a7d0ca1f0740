//! The controllers of the contract `b2b`. Wire shapes: `contract/b2b.openapi.json`; each file answers one controller.

mod cecha;
mod ceny;
mod dokumenty;
mod faktury;
mod kontrahenci;
mod limity;
pub(super) mod line;
mod question;
mod rozrachunki;
mod slowniki;
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

pub(super) use cecha::TICK;
pub(super) use question::day_begins;

/// Every method with its tier.
const METHODS: &[(u8, &str)] = &[
    (1, "B2BInfo/Pobierz"),
    (1, "B2BTowary/Lista"),
    (1, "B2BTowary/Pobierz"),
    (1, "B2BStany/Lista"),
    (1, "B2BCeny/Detaliczne"),
    (1, "B2BCeny/Wycen"),
    (1, "B2BZamowienia/Dodaj"),
    (1, "B2BZamowienia/Pobierz"),
    (1, "B2BZamowienia/Statusy"),
    (1, "B2BKontrahenci/Pobierz"),
    (2, "B2BKontrahenci/Lista"),
    (2, "B2BKontrahenci/Zapisz"),
    (2, "B2BLimity/Lista"),
    (2, "B2BCeny/DlaKontrahenta"),
    (2, "B2BFaktury/Lista"),
    (2, "B2BFaktury/Pobierz"),
    (2, "B2BFaktury/Pdf"),
    (2, "B2BWydania/Lista"),
    (2, "B2BWydania/Pobierz"),
    (2, "B2BWydania/Pdf"),
    (3, "B2BCeny/Profile"),
    (3, "B2BCeny/DlaProfilu"),
    (3, "B2BCeny/Wyjatki"),
    (3, "B2BCeny/Uniewaznione"),
    (3, "B2BZamowienia/Zmien"),
    (3, "B2BZamowienia/Anuluj"),
    (3, "B2BZamowienia/Lista"),
    (3, "B2BRozrachunki/Lista"),
    (3, "B2BGrupyCenowe/Lista"),
    (3, "B2BSlowniki/Magazyny"),
    (3, "B2BSlowniki/StawkiVat"),
    (3, "B2BSlowniki/FormyPlatnosci"),
    (3, "B2BSlowniki/Cechy"),
    (3, "B2BSlowniki/DefinicjeDokumentow"),
];

/// The methods up to a tier; those above it are not there, as on an installation that does not have them.
pub(super) fn routes(level: u8) -> Router<Shared> {
    let tiers = [(1, tier_1 as fn() -> Router<Shared>), (2, tier_2), (3, tier_3)];
    let offered = tiers.into_iter().filter(|(tier, _)| *tier <= level);
    offered.fold(Router::new(), |router, (_, routes)| router.merge(routes()))
}

fn tier_1() -> Router<Shared> {
    Router::new()
        .route("/api/B2BInfo/Pobierz", method(info))
        .route("/api/B2BTowary/Lista", method(towary::lista))
        .route("/api/B2BTowary/Pobierz", method(towary::pobierz))
        .route("/api/B2BStany/Lista", method(stany::lista))
        .route("/api/B2BCeny/Detaliczne", method(ceny::detaliczne))
        .route("/api/B2BCeny/Wycen", method(ceny::wycen))
        .route("/api/B2BZamowienia/Dodaj", method(zamowienia::dodaj))
        .route("/api/B2BZamowienia/Pobierz", method(zamowienia::pobierz))
        .route("/api/B2BZamowienia/Statusy", method(zamowienia::statusy))
        .route("/api/B2BKontrahenci/Pobierz", method(kontrahenci::pobierz))
}

fn tier_2() -> Router<Shared> {
    Router::new()
        .route("/api/B2BKontrahenci/Lista", method(kontrahenci::lista))
        .route("/api/B2BKontrahenci/Zapisz", method(kontrahenci::zapisz))
        .route("/api/B2BLimity/Lista", method(limity::lista))
        .route("/api/B2BCeny/DlaKontrahenta", method(ceny::dla_kontrahenta))
        .route("/api/B2BFaktury/Lista", method(faktury::lista))
        .route("/api/B2BFaktury/Pobierz", method(faktury::pobierz))
        .route("/api/B2BFaktury/Pdf", method(faktury::pdf))
        .route("/api/B2BWydania/Lista", method(wydania::lista))
        .route("/api/B2BWydania/Pobierz", method(wydania::pobierz))
        .route("/api/B2BWydania/Pdf", method(wydania::pdf))
}

fn tier_3() -> Router<Shared> {
    Router::new()
        .route("/api/B2BCeny/Profile", method(ceny::profile))
        .route("/api/B2BCeny/DlaProfilu", method(ceny::dla_profilu))
        .route("/api/B2BCeny/Wyjatki", method(ceny::wyjatki))
        .route("/api/B2BCeny/Uniewaznione", method(ceny::uniewaznione))
        .route("/api/B2BZamowienia/Zmien", method(zamowienia::zmien))
        .route("/api/B2BZamowienia/Anuluj", method(zamowienia::anuluj))
        .route("/api/B2BZamowienia/Lista", method(zamowienia::lista))
        .route("/api/B2BRozrachunki/Lista", method(rozrachunki::lista))
        .route("/api/B2BGrupyCenowe/Lista", method(slowniki::grupy_cenowe))
        .route("/api/B2BSlowniki/Magazyny", method(slowniki::magazyny))
        .route("/api/B2BSlowniki/StawkiVat", method(slowniki::stawki_vat))
        .route("/api/B2BSlowniki/FormyPlatnosci", method(slowniki::formy_platnosci))
        .route("/api/B2BSlowniki/Cechy", method(slowniki::cechy))
        .route("/api/B2BSlowniki/DefinicjeDokumentow", method(slowniki::definicje_dokumentow))
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
    mozliwosci: Vec<&'static str>,
    maks_ile: usize,
    baza_guid: Uuid,
    baza_nazwa: &'a str,
}

fn info(company: &mut Company, _: Nothing) -> Outcome {
    let offered = METHODS.iter().filter(|(tier, _)| *tier <= company.level);
    written(&Info {
        success: true,
        wersja: "1.0",
        poziom: company.level,
        mozliwosci: offered.map(|(_, name)| *name).collect(),
        maks_ile: company.maks_ile,
        baza_guid: company.baza,
        baza_nazwa: &company.baza_nazwa,
    })
}

//! `B2BSlowniki` and `B2BGrupyCenowe`: the words of the company.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{
    Nothing,
    cecha::{PRICE_GROUP, SEGMENT, TICK},
};
use crate::simulator::{
    answer::{Outcome, Rows, written},
    catalogue::{Vat, id_of},
    company::Company,
    generate::PRICE_GROUPS,
    number::Number,
};

/// Names and days of the payment methods.
pub(super) const PAYMENT_METHODS: [(&str, i32); 3] =
    [("Gotówka", 0), ("Karta płatnicza", 0), ("Przelew", 14)];

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Magazyn<'a> {
    #[serde(rename = "ID")]
    id: i32,
    symbol: &'a str,
    nazwa: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StawkaVat {
    kod: &'static str,
    procent: Number,
    blokada: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FormaPlatnosci {
    nazwa: &'static str,
    termin_dni: i32,
    blokada: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DefinicjaCechy {
    tabela: &'static str,
    nazwa: &'static str,
    typ: &'static str,
    tylko_odczyt: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DefinicjaDokumentu {
    symbol: &'static str,
    nazwa: &'static str,
    kategoria: &'static str,
    blokada: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GrupaCenowa {
    nazwa: &'static str,
    cecha: &'static str,
    blokada: bool,
}

pub(super) fn magazyny(company: &mut Company, _: Nothing) -> Outcome {
    let magazyny = company.catalogue.magazyny.iter().enumerate().map(|(place, magazyn)| Magazyn {
        id: id_of(place),
        symbol: &magazyn.symbol,
        nazwa: format!("Magazyn {}", magazyn.symbol),
    });
    written(&Rows::all(magazyny.collect()))
}

pub(super) fn stawki_vat(_: &mut Company, _: Nothing) -> Outcome {
    let stawki = Vat::ALL.into_iter().map(|vat| StawkaVat {
        kod: vat.kod(),
        procent: Number(Decimal::from(vat.percent())),
        blokada: false,
    });
    written(&Rows::all(stawki.collect()))
}

pub(super) fn formy_platnosci(_: &mut Company, _: Nothing) -> Outcome {
    let formy = PAYMENT_METHODS.into_iter().map(|(nazwa, termin_dni)| FormaPlatnosci {
        nazwa,
        termin_dni,
        blokada: false,
    });
    written(&Rows::all(formy.collect()))
}

pub(super) fn cechy(_: &mut Company, _: Nothing) -> Outcome {
    let cechy = [
        ("Towary", TICK, "Bool"),
        ("Kontrahenci", TICK, "Bool"),
        ("Kontrahenci", PRICE_GROUP, "String"),
        ("Kontrahenci", SEGMENT, "String"),
    ];
    let cechy = cechy.into_iter().map(|(tabela, nazwa, typ)| DefinicjaCechy {
        tabela,
        nazwa,
        typ,
        tylko_odczyt: false,
    });
    written(&Rows::all(cechy.collect()))
}

pub(super) fn definicje_dokumentow(_: &mut Company, _: Nothing) -> Outcome {
    let definicje = [
        ("ZO", "Zamówienie odbiorcy", "ZamówienieOdbiorcy"),
        ("FV", "Faktura sprzedaży", "Sprzedaż"),
        ("WZ", "Wydanie zewnętrzne", "WydanieMagazynowe"),
    ];
    let definicje = definicje.into_iter().map(|(symbol, nazwa, kategoria)| DefinicjaDokumentu {
        symbol,
        nazwa,
        kategoria,
        blokada: false,
    });
    written(&Rows::all(definicje.collect()))
}

pub(super) fn grupy_cenowe(_: &mut Company, _: Nothing) -> Outcome {
    let grupy =
        PRICE_GROUPS.into_iter().map(|nazwa| GrupaCenowa { nazwa, cecha: PRICE_GROUP, blokada: false });
    written(&Rows::all(grupy.collect()))
}

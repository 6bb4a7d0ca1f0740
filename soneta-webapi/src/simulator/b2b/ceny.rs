//! `B2BCeny`: retail prices, and what contractors pay.

mod kontrahenta;
mod profile;

use serde::{Deserialize, Serialize};

pub(super) use kontrahenta::dla_kontrahenta;
pub(super) use profile::{dla_profilu, profile, uniewaznione, wyjatki};

use super::{
    line::named,
    question::{Snapshot, date, few_enough},
};
use crate::simulator::{
    answer::{Blad, Failure, Outcome, Rows, written},
    catalogue::id_of,
    company::Company,
    import::RETAIL,
    number::{Amount, AmountIn, to_grosz},
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Detaliczna<'a> {
    towar_id: i32,
    kod: &'a str,
    zaznaczony: bool,
    definicja_ceny: &'static str,
    netto: Amount<'a>,
    brutto: Amount<'a>,
    stawka_vat: &'static str,
    jednostka: &'a str,
    za_ilosc: Amount<'a>,
    liczona_od: &'a str,
    wazna_do: Option<&'a str>,
}

pub(super) fn detaliczne(company: &mut Company, question: Snapshot) -> Outcome {
    let company = &*company;
    if question.magazyny.is_some() {
        return Err(Blad::invalid("Magazyny", "Ceny nie zależą od magazynu.").into());
    }
    let page = question.places(company, kontrahenta::told)?;
    let liczona_od = company.now().text();
    let po_id = page.places.last().map_or(question.po_id.unwrap_or(0), |place| id_of(*place));
    let words = &company.catalogue.words;
    let rows = page.places.iter().filter_map(|place| {
        let towar = company.catalogue.towary.get(*place)?;
        let cena = towar.cena?;
        let (waluta, jednostka) = (words.word(cena.waluta), words.word(cena.jednostka));
        Some(Detaliczna {
            towar_id: id_of(*place),
            kod: &towar.kod,
            zaznaczony: towar.zaznaczony,
            definicja_ceny: RETAIL,
            netto: Amount::new(cena.netto, waluta),
            brutto: Amount::new(cena.brutto, waluta),
            stawka_vat: towar.vat.kod(),
            jednostka,
            za_ilosc: Amount::new(cena.za_ilosc, jednostka),
            liczona_od: &liczona_od,
            wazna_do: None,
        })
    });
    written(&Rows::snapshot(rows.collect(), page.koniec, po_id))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Wycen {
    kontrahent_id: Option<i32>,
    pozycje: Option<Vec<WycenPozycja>>,
    dzien: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct WycenPozycja {
    towar_id: Option<i32>,
    kod: Option<String>,
    ilosc: Option<AmountIn>,
    jednostka: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wyceniona<'a> {
    lp: usize,
    towar_id: i32,
    kod: &'a str,
    netto: Amount<'a>,
    brutto: Amount<'a>,
    wartosc_netto: Amount<'a>,
    wartosc_brutto: Amount<'a>,
    stawka_vat: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dostepne: Option<Amount<'a>>,
    liczona_od: &'a str,
}

pub(super) fn wycen(company: &mut Company, question: Wycen) -> Outcome {
    let company = &*company;
    let day = question.dzien.as_deref().map(|day| date(day, "Dzien")).transpose()?;
    let day = day.unwrap_or_else(|| company.price_day());
    let id = question.kontrahent_id.ok_or_else(|| Blad::missing("KontrahentId"))?;
    if company.catalogue.kontrahent(id).is_none() {
        let message = format!("Nie znaleziono kontrahenta o ID {id}.");
        return Err(Blad::not_found("KontrahentId", message).into());
    }
    let pozycje = question.pozycje.unwrap_or_default();
    few_enough(pozycje.len(), "Pozycje", company.maks_ile)?;
    let liczona_od = company.now().text();
    let words = &company.catalogue.words;
    let mut rows = Vec::with_capacity(pozycje.len());
    let mut errors = Vec::new();
    for (lp, pozycja) in (1..).zip(&pozycje) {
        let kod = pozycja.kod.as_deref();
        match named(company, pozycja.towar_id, kod, pozycja.ilosc.as_ref(), pozycja.jednostka.as_deref()) {
            Err(error) => errors.push(error.in_line(lp)),
            Ok(line) => {
                let (netto, brutto) = company.price(id, line.place, (line.ilosc, line.base_units), day);
                let wartosc = to_grosz(netto * line.ilosc);
                let waluta = line.towar.cena.map_or("PLN", |cena| words.word(cena.waluta));
                let base = words.word(line.towar.jednostka);
                rows.push(Wyceniona {
                    lp,
                    towar_id: id_of(line.place),
                    kod: &line.towar.kod,
                    netto: Amount::new(netto, waluta),
                    brutto: Amount::new(brutto, waluta),
                    wartosc_netto: Amount::new(wartosc, waluta),
                    wartosc_brutto: Amount::new(line.towar.vat.gross(wartosc), waluta),
                    stawka_vat: line.towar.vat.kod(),
                    dostepne: line
                        .towar
                        .typ
                        .has_stock()
                        .then(|| Amount::new(company.available(line.place), base)),
                    liczona_od: &liczona_od,
                });
            }
        }
    }
    if errors.is_empty() { written(&Rows::all(rows)) } else { Err(Failure::Refused(errors)) }
}

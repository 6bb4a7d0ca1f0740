//! `B2BStany`: stock per good and warehouse.

use serde::Serialize;

use super::question::Snapshot;
use crate::simulator::{
    answer::{Blad, Outcome, Rows, written},
    catalogue::id_of,
    company::Company,
    number::Amount,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Stan<'a> {
    towar_id: i32,
    kod: &'a str,
    zaznaczony: bool,
    jednostka: &'a str,
    magazyny: Vec<Magazyn<'a>>,
    liczona_od: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Magazyn<'a> {
    magazyn_id: i32,
    magazyn: &'a str,
    stan: Amount<'a>,
    zarezerwowane: Amount<'a>,
    dostepne: Amount<'a>,
}

pub(super) fn lista(company: &mut Company, question: Snapshot) -> Outcome {
    let company = &*company;
    let magazyny: Vec<usize> = match &question.magazyny {
        None => (0..company.catalogue.magazyny.len()).collect(),
        Some(symbols) => symbols
            .iter()
            .map(|symbol| {
                let place = company.catalogue.place_of_magazyn(symbol);
                place.ok_or_else(|| {
                    Blad::not_found("Magazyny", format!("Nie znaleziono magazynu „{symbol}”."))
                })
            })
            .collect::<Result<_, _>>()?,
    };
    let page = question.places(company, |catalogue, place| {
        catalogue.towary.get(place).is_some_and(|towar| towar.typ.has_stock())
    })?;
    let liczona_od = company.now().text();
    let po_id = page.places.last().map_or(question.po_id.unwrap_or(0), |place| id_of(*place));
    let rows = page.places.iter().filter_map(|place| stan(company, *place, &magazyny, &liczona_od)).collect();
    written(&Rows::snapshot(rows, page.koniec, po_id))
}

fn stan<'a>(company: &'a Company, place: usize, magazyny: &[usize], liczona_od: &'a str) -> Option<Stan<'a>> {
    let towar = company.catalogue.towary.get(place)?;
    let jednostka = company.catalogue.words.word(towar.jednostka);
    let magazyny = magazyny.iter().filter_map(|magazyn| {
        let (stan, zarezerwowane) = company.stock(place, *magazyn);
        Some(Magazyn {
            magazyn_id: id_of(*magazyn),
            magazyn: &company.catalogue.magazyny.get(*magazyn)?.symbol,
            stan: Amount::new(stan, jednostka),
            zarezerwowane: Amount::new(zarezerwowane, jednostka),
            dostepne: Amount::new(stan - zarezerwowane, jednostka),
        })
    });
    Some(Stan {
        towar_id: id_of(place),
        kod: &towar.kod,
        zaznaczony: towar.zaznaczony,
        jednostka,
        magazyny: magazyny.collect(),
        liczona_od,
    })
}

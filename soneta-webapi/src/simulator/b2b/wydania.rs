//! `B2BWydania`: delivery notes and their corrections.

use serde::Serialize;

use super::dokumenty::{self, Adres, Lista, Naglowek, Pobierz, Wydruk, naglowek};
use crate::simulator::{
    answer::Outcome,
    company::Company,
    documents::{Parties, TradeDocument},
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wiersz<'a> {
    #[serde(flatten)]
    naglowek: Naglowek<'a>,
    magazyn: &'a str,
    adres_dostawy: Option<Adres>,
    sposob_dostawy: Option<String>,
}

fn listed(document: &TradeDocument) -> bool {
    !document.kind.is_invoice()
}

pub(super) fn lista(company: &mut Company, question: Lista) -> Outcome {
    let company = &*company;
    dokumenty::lista(company, question, listed, |document| wiersz(company, document))
}

pub(super) fn pobierz(company: &mut Company, question: Pobierz) -> Outcome {
    let company = &*company;
    dokumenty::pobierz(company, &question, listed, |document| wiersz(company, document))
}

pub(super) fn pdf(company: &mut Company, question: Wydruk) -> Outcome {
    dokumenty::pdf(company, &question, listed)
}

fn wiersz<'a>(company: &'a Company, document: &'a TradeDocument) -> Wiersz<'a> {
    let parties = Parties::of(company, document);
    Wiersz {
        naglowek: naglowek(company, document, &parties),
        magazyn: &document.magazyn,
        adres_dostawy: parties.adres_dostawy(),
        sposob_dostawy: parties.sposob_dostawy,
    }
}

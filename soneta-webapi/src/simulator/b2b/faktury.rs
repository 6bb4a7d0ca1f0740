//! `B2BFaktury`: invoices and their corrections.

use serde::Serialize;

use super::dokumenty::{self, Lista, Naglowek, Pobierz, Strona, Wydruk, naglowek, strona};
use crate::simulator::{
    answer::Outcome,
    company::Company,
    documents::{Parties, RACHUNEK, TradeDocument, VatSum},
    number::{Amount, Number},
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wiersz<'a> {
    #[serde(flatten)]
    naglowek: Naglowek<'a>,
    platnik: Option<Strona<'a>>,
    sumy_vat: Vec<Suma<'a>>,
    platnosci: Vec<Platnosc<'a>>,
    zaplacono: Amount<'a>,
    #[serde(rename = "MPP")]
    mpp: bool,
    #[serde(rename = "KSeF")]
    ksef: KSeF<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Suma<'a> {
    stawka_vat: &'a str,
    netto: Number,
    vat: Number,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Platnosc<'a> {
    forma_platnosci: &'a str,
    kwota: Amount<'a>,
    termin: String,
    rachunek: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct KSeF<'a> {
    status: &'static str,
    numer: Option<&'a str>,
    data_przyjecia: Option<String>,
    link: Option<String>,
}

fn listed(document: &TradeDocument) -> bool {
    document.kind.is_invoice()
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
    let waluta = &document.waluta;
    let suma = |sum: &'a VatSum| Suma {
        stawka_vat: &sum.stawka_vat,
        netto: Number(sum.netto),
        vat: Number(sum.vat),
    };
    let platnosc = document.due().map(|termin| Platnosc {
        // Invoices of older state files do not say it.
        forma_platnosci: document.forma_platnosci.as_deref().unwrap_or("Przelew"),
        kwota: Amount::new(document.suma_brutto, waluta),
        termin: termin.to_string(),
        rachunek: RACHUNEK,
    });
    Wiersz {
        platnik: strona(company, parties.platnik_id),
        sumy_vat: document.sumy_vat.iter().map(suma).collect(),
        platnosci: platnosc.into_iter().collect(),
        zaplacono: Amount::new(company.settlements.paid(document.id), waluta),
        mpp: false,
        ksef: KSeF {
            status: document.ksef_status(),
            numer: document.ksef_numer.as_deref(),
            data_przyjecia: document.ksef_data.map(|data| data.to_string()),
            link: document.ksef_link(),
        },
        naglowek: naglowek(company, document, &parties),
    }
}

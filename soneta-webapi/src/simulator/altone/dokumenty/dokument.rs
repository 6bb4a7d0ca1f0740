//! The company's documents of every kind in one form, from which AltOne's shapes are written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::simulator::{
    catalogue::{Instant, Kontrahent, Towar},
    company::Company,
    documents::TradeDocument,
    number::to_grosz,
    orders::OrderDocument,
};

/// What both shapes are written from: one document of any kind.
pub(super) struct Dokument<'a> {
    pub(super) id: i32,
    pub(super) guid: Uuid,
    pub(super) numer: &'a str,
    pub(super) numer_obcy: Option<&'a str>,
    pub(super) definicja: &'static str,
    pub(super) kategoria: &'static str,
    pub(super) magazyn: &'a str,
    pub(super) data: NaiveDate,
    pub(super) stan: &'static str,
    pub(super) opis: Option<&'a str>,
    pub(super) kontrahent: Option<&'a Kontrahent>,
    pub(super) waluta: &'a str,
    pub(super) netto: Decimal,
    pub(super) brutto: Decimal,
    pub(super) linie: Vec<Linia<'a>>,
    /// Net and tax of each rate.
    pub(super) sumy_vat: Vec<(&'a str, Decimal, Decimal)>,
    /// The settlement's ID and the invoice.
    pub(super) platnosc: Option<(i32, &'a TradeDocument)>,
    pub(super) koryguje: Option<&'a TradeDocument>,
    pub(super) ksef: Option<(&'a str, NaiveDate)>,
    pub(super) zmieniono: Instant,
}

/// A line of any document; of a correction as it is after it.
pub(super) struct Linia<'a> {
    pub(super) id: i32,
    pub(super) lp: i32,
    pub(super) kod: &'a str,
    pub(super) towar: Option<&'a Towar>,
    pub(super) ilosc: Decimal,
    pub(super) jednostka: &'a str,
    pub(super) cena: Decimal,
    pub(super) wartosc: Decimal,
}

/// Every document that the company has, ordered by ID.
pub(super) fn documents(company: &Company) -> Vec<Dokument<'_>> {
    let orders = company.orders().iter().map(|order| of_order(company, order));
    let others = company.documents().all().iter().map(|document| of_trade(company, document));
    let mut all: Vec<_> = orders.chain(others).collect();
    all.sort_by_key(|dokument| dokument.id);
    all
}

fn of_order<'a>(company: &'a Company, order: &'a OrderDocument) -> Dokument<'a> {
    let mut sums = BTreeMap::new();
    let linie = (1..).zip(&order.pozycje).map(|(lp, line)| {
        let (towar, wartosc) = (towar(company, line.towar_id), to_grosz(line.cena_netto * line.ilosc));
        if let Some(towar) = towar {
            *sums.entry(towar.vat).or_insert(Decimal::ZERO) += wartosc;
        }
        Linia {
            id: line.id,
            lp,
            kod: &line.kod,
            towar,
            ilosc: line.ilosc,
            jednostka: &line.jednostka,
            cena: line.cena_netto,
            wartosc,
        }
    });
    let linie = linie.collect();
    Dokument {
        id: order.id,
        guid: order.guid,
        numer: &order.numer,
        numer_obcy: order.numer_obcy.as_deref(),
        definicja: "ZO",
        kategoria: "ZamówienieOdbiorcy",
        magazyn: &order.magazyn,
        data: order.data,
        stan: order.stan(),
        opis: order.uwagi.as_deref(),
        kontrahent: company.catalogue.kontrahent(order.kontrahent_id),
        waluta: &order.waluta,
        netto: order.suma_netto,
        brutto: order.suma_brutto,
        linie,
        sumy_vat: sums.into_iter().map(|(vat, netto)| (vat.kod(), netto, vat.gross(netto) - netto)).collect(),
        platnosc: None,
        koryguje: None,
        ksef: None,
        zmieniono: Instant(order.zmieniono),
    }
}

fn of_trade<'a>(company: &'a Company, document: &'a TradeDocument) -> Dokument<'a> {
    let linie = document.pozycje.iter().map(|line| Linia {
        id: line.id,
        lp: line.lp,
        kod: &line.kod,
        towar: towar(company, line.towar_id),
        ilosc: line.stan.ilosc,
        jednostka: &line.jednostka,
        cena: line.stan.cena_netto,
        wartosc: line.stan.wartosc_netto,
    });
    let settlement = company.settlements.of_document(document.id).next();
    Dokument {
        id: document.id,
        guid: document.guid,
        numer: &document.numer,
        numer_obcy: document.numer_obcy.as_deref(),
        definicja: document.kind.definicja(),
        kategoria: document.kind.kategoria(),
        magazyn: &document.magazyn,
        data: document.data,
        stan: "Zatwierdzony",
        opis: None,
        kontrahent: company.catalogue.kontrahent(document.kontrahent_id),
        waluta: &document.waluta,
        netto: document.suma_netto,
        brutto: document.suma_brutto,
        linie: linie.collect(),
        sumy_vat: document.sumy_vat.iter().map(|sum| (sum.stawka_vat.as_str(), sum.netto, sum.vat)).collect(),
        platnosc: settlement.map(|settlement| (settlement.id, document)),
        koryguje: document.koryguje_id.and_then(|id| company.documents().get(id)),
        ksef: document.ksef_numer.as_deref().zip(document.ksef_data),
        zmieniono: Instant(document.zmieniono),
    }
}

fn towar(company: &Company, id: i32) -> Option<&Towar> {
    company.catalogue.towary.get(company.catalogue.place_of_id(id)?)
}

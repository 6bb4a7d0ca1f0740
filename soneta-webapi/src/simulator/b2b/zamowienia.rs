//! `B2BZamowienia`: orders by key, and how they stand. Making them is in `dodaj.rs`, editing and cancelling in `zmien.rs`.

mod dodaj;
mod zmien;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) use dodaj::dodaj;
pub(super) use zmien::{anuluj, zmien};

use super::dokumenty::{Lista, zmiany};
use super::question::few_enough;
use crate::simulator::{
    answer::{Blad, Outcome, Rows, written},
    catalogue::{Instant, Towar, Vat},
    company::Company,
    documents::{Sums, TradeDocument},
    number::Amount,
    orders::{OrderDocument, OrderLine},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Pobierz {
    #[serde(rename = "ID")]
    id: Option<i32>,
    guid: Option<Uuid>,
    numer_obcy: Option<String>,
    kontrahent_id: Option<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Statusy {
    #[serde(rename = "ID")]
    id: Option<Vec<i32>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wiersz<'a> {
    #[serde(rename = "ID")]
    id: i32,
    guid: Uuid,
    numer: &'a str,
    numer_obcy: Option<&'a str>,
    kontrahent_id: i32,
    stan: &'static str,
    potwierdzenie: String,
    status_zewn: Option<String>,
    suma_netto: Amount<'a>,
    suma_brutto: Amount<'a>,
    pozycje: Vec<Pozycja<'a>>,
    dokumenty: Vec<Powiazany<'a>>,
    wersja: i64,
    data: String,
    forma_platnosci: Option<&'a str>,
    /// Documents have no features here.
    cechy: [u8; 0],
    data_zmiany: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Pozycja<'a> {
    #[serde(rename = "ID")]
    id: i32,
    id_obcy: &'a str,
    towar_id: i32,
    kod: &'a str,
    ilosc: Amount<'a>,
    cena_netto: Amount<'a>,
    zrealizowano: Amount<'a>,
    zarezerwowano: Amount<'a>,
    brakuje: Amount<'a>,
    nazwa: Option<&'a str>,
    wartosc_netto: Amount<'a>,
    wartosc_brutto: Amount<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Powiazany<'a> {
    kategoria: &'static str,
    #[serde(rename = "ID")]
    id: i32,
    numer: &'a str,
}

pub(super) fn pobierz(company: &mut Company, question: Pobierz) -> Outcome {
    let company = &*company;
    let Pobierz { id, guid, numer_obcy, kontrahent_id } = question;
    let orders = company.orders().iter();
    let rows = match (id, guid, numer_obcy, kontrahent_id) {
        (Some(id), None, None, None) => rows(company, orders.filter(|order| order.id == id)),
        (None, Some(guid), None, None) => rows(company, company.order_of(guid).map(|(_, order)| order)),
        (None, None, Some(numer), Some(kontrahent)) => rows(
            company,
            orders.filter(|order| {
                order.numer_obcy.as_ref() == Some(&numer) && order.kontrahent_id == kontrahent
            }),
        ),
        _ => return Err(Blad::invalid("ID", "Podaj ID, Guid albo NumerObcy z KontrahentId.").into()),
    };
    written(&Rows::all(rows))
}

pub(super) fn statusy(company: &mut Company, question: Statusy) -> Outcome {
    let company = &*company;
    let ids = question.id.ok_or_else(|| Blad::missing("ID"))?;
    few_enough(ids.len(), "ID", company.maks_ile)?;
    let found = ids.iter().filter_map(|id| company.orders().iter().find(|order| order.id == *id));
    written(&Rows::all(rows(company, found)))
}

pub(super) fn lista(company: &mut Company, question: Lista) -> Outcome {
    let company = &*company;
    let stamp = |order: &OrderDocument| (Instant(order.zmieniono), order.id);
    let changed = |from: (Instant, i32), day: Option<NaiveDate>| {
        let listed = |order: &&OrderDocument| {
            let approved = order.zatwierdzony || order.anulowany;
            approved && stamp(order) >= from && day.is_none_or(|day| order.data >= day)
        };
        let mut orders: Vec<&OrderDocument> = company.orders().iter().filter(listed).collect();
        orders.sort_by_key(|order| stamp(order));
        orders.into_iter()
    };
    zmiany(company, question, changed, stamp, |order| wiersz(company, order))
}

fn rows<'a>(company: &'a Company, orders: impl IntoIterator<Item = &'a OrderDocument>) -> Vec<Wiersz<'a>> {
    orders.into_iter().map(|order| wiersz(company, order)).collect()
}

fn wiersz<'a>(company: &'a Company, order: &'a OrderDocument) -> Wiersz<'a> {
    let documents = company.documents();
    let course = documents.course(order.id);
    let mut sums = Sums::default();
    let powiazany = |document: &'a TradeDocument| Powiazany {
        kategoria: document.kind.kategoria(),
        id: document.id,
        numer: &document.numer,
    };
    Wiersz {
        id: order.id,
        guid: order.guid,
        numer: &order.numer,
        numer_obcy: order.numer_obcy.as_deref(),
        kontrahent_id: order.kontrahent_id,
        stan: order.stan(),
        potwierdzenie: course.potwierdzenie.unwrap_or_else(|| "Niepotwierdzony".to_owned()),
        status_zewn: course.status_zewn,
        suma_netto: Amount::new(order.suma_netto, &order.waluta),
        suma_brutto: Amount::new(order.suma_brutto, &order.waluta),
        pozycje: order.pozycje.iter().map(|line| pozycja(company, order, line, &mut sums)).collect(),
        wersja: order.wersja,
        dokumenty: documents.of_order(order.id).map(powiazany).collect(),
        data: order.data.to_string(),
        forma_platnosci: order.forma_platnosci.as_deref().or_else(|| pays_by(company, order.kontrahent_id)),
        cechy: [],
        data_zmiany: Instant(order.zmieniono).text(),
    }
}

fn pozycja<'a>(
    company: &'a Company,
    order: &'a OrderDocument,
    line: &'a OrderLine,
    sums: &mut Sums,
) -> Pozycja<'a> {
    let towar = towar(company, line.towar_id);
    let base = towar.map_or("", |towar| company.catalogue.words.word(towar.jednostka));
    let vat = towar.map_or(Vat::Podstawowa, |towar| towar.vat);
    let values = sums.line(vat, line.ilosc, line.cena_netto);
    Pozycja {
        id: line.id,
        id_obcy: &line.id_obcy,
        towar_id: line.towar_id,
        kod: &line.kod,
        ilosc: Amount::new(line.ilosc, &line.jednostka),
        cena_netto: Amount::new(line.cena_netto, &order.waluta),
        zrealizowano: Amount::new(company.documents().done(order.id, line.id, false), &line.jednostka),
        zarezerwowano: Amount::new(line.zarezerwowano, base),
        brakuje: Amount::new(line.brakuje, base),
        nazwa: towar.map(|towar| towar.nazwa.as_ref()),
        wartosc_netto: Amount::new(values.wartosc_netto, &order.waluta),
        wartosc_brutto: Amount::new(values.wartosc_brutto, &order.waluta),
    }
}

fn pays_by(company: &Company, kontrahent: i32) -> Option<&str> {
    company.catalogue.kontrahent(kontrahent).map(|kontrahent| kontrahent.forma_platnosci.as_str())
}

fn towar(company: &Company, id: i32) -> Option<&Towar> {
    company.catalogue.towary.get(company.catalogue.place_of_id(id)?)
}

fn base_unit(company: &Company, towar_id: i32) -> &str {
    towar(company, towar_id).map_or("", |towar| company.catalogue.words.word(towar.jednostka))
}

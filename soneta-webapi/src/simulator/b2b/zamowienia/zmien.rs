//! `B2BZamowienia/Zmien` and `/Anuluj`: edits and cancels an order, guarded by its version.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::{
    dodaj::{Adres, Errors, PozycjaIn, Rezerwuj, kontrahent, miejsce_dostawy, pozycje},
    rows,
};
use crate::simulator::{
    answer::{Blad, Failure, Outcome, Rows, written},
    b2b::question::date,
    company::Company,
    documents::Parties,
    orders::OrderDocument,
};

/// The request. Like `Dodaj`, the simulator looks at every field and keeps number, payment, notes and lines.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "fields that the simulated ERP takes and does not keep")]
pub(in crate::simulator::b2b) struct Zmien {
    #[serde(rename = "ID")]
    id: Option<i32>,
    wersja: Option<i64>,
    numer_obcy: Option<String>,
    platnik_id: Option<i32>,
    odbiorca_id: Option<i32>,
    miejsce_dostawy_id: Option<i32>,
    adres_dostawy: Option<Adres>,
    termin_dostawy: Option<String>,
    sposob_dostawy: Option<String>,
    forma_platnosci: Option<String>,
    termin_dni: Option<i32>,
    uwagi: Option<String>,
    rezerwuj: Option<String>,
    pozycje: Option<Vec<PozycjaIn>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::b2b) struct Anuluj {
    #[serde(rename = "ID")]
    id: Option<i32>,
    wersja: Option<i64>,
}

pub(in crate::simulator::b2b) fn zmien(company: &mut Company, question: Zmien) -> Outcome {
    let order = order(company, question.id)?;
    same_version(order, question.wersja)?;
    no_documents(company, order)?;
    if order.zatwierdzony || order.anulowany {
        return Err(Blad::invalid(
            "ID",
            format!("Dokument w stanie {} nie może być zmieniony.", order.stan()),
        )
        .into());
    }
    let changed = changed(company, order, question).map_err(Failure::Refused)?;
    change(company, changed)
}

pub(in crate::simulator::b2b) fn anuluj(company: &mut Company, question: Anuluj) -> Outcome {
    let order = order(company, question.id)?;
    if order.anulowany {
        return written(&Rows::all(rows(company, [order])));
    }
    same_version(order, question.wersja)?;
    no_documents(company, order)?;
    let mut cancelled = order.clone();
    cancelled.anulowany = true;
    for line in &mut cancelled.pozycje {
        (line.zarezerwowano, line.brakuje) = (Decimal::ZERO, Decimal::ZERO);
    }
    change(company, cancelled)
}

fn order(company: &Company, id: Option<i32>) -> Result<&OrderDocument, Blad> {
    let id = id.ok_or_else(|| Blad::missing("ID"))?;
    let order = company.orders().iter().find(|order| order.id == id);
    order.ok_or_else(|| Blad::not_found("ID", format!("Nie znaleziono zamówienia o ID {id}.")))
}

fn same_version(order: &OrderDocument, wersja: Option<i64>) -> Result<(), Blad> {
    let wersja = wersja.ok_or_else(|| Blad::missing("Wersja"))?;
    if order.wersja == wersja {
        return Ok(());
    }
    Err(Blad::new("Konflikt", "Wersja", format!("Dokument ma wersję {}.", order.wersja)))
}

/// What is delivered or invoiced is not changed any more.
fn no_documents(company: &Company, order: &OrderDocument) -> Result<(), Blad> {
    match company.documents().of_order(order.id).next() {
        Some(made) => Err(Blad::invalid("ID", format!("Do dokumentu wystawiono już {}.", made.numer))),
        None => Ok(()),
    }
}

fn change(company: &mut Company, mut document: OrderDocument) -> Outcome {
    let id = document.id;
    document.wersja += 1;
    document.zmieniono = company.now().0;
    company.change_order(document)?;
    written(&Rows::all(rows(company, company.orders().iter().filter(|order| order.id == id))))
}

/// The document as the edit makes it.
fn changed(company: &Company, order: &OrderDocument, question: Zmien) -> Result<OrderDocument, Vec<Blad>> {
    let mut errors = Errors::default();
    for (id, pole) in [(question.platnik_id, "PlatnikId"), (question.odbiorca_id, "OdbiorcaId")] {
        if let Some(id) = id {
            errors.keep(kontrahent(company, id, pole));
        }
    }
    let receiver = question.odbiorca_id.or_else(|| Parties::of_order(order).odbiorca_id);
    let receiver = receiver.unwrap_or(order.kontrahent_id);
    errors.keep(miejsce_dostawy(company, Some(receiver), question.miejsce_dostawy_id));
    if let Some(termin) = &question.termin_dostawy {
        errors.keep(date(termin, "TerminDostawy"));
    }
    errors.check(question.rezerwuj.is_none() || question.pozycje.is_some(), || {
        Blad::invalid("Rezerwuj", "Rezerwuj tylko razem z Pozycje.")
    });
    let mut document = order.clone();
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    if let Some(numer) = question.numer_obcy {
        document.numer_obcy = text(numer);
    }
    if let Some(uwagi) = question.uwagi {
        document.uwagi = text(uwagi);
    }
    if let Some(forma) = question.forma_platnosci {
        document.forma_platnosci = text(forma);
    }
    document.termin_dni = question.termin_dni.or(document.termin_dni);
    if let Some(lines) = question.pozycje {
        errors.check(!lines.is_empty(), || Blad::missing("Pozycje"));
        let reserved = order.pozycje.iter().any(|line| !(line.zarezerwowano + line.brakuje).is_zero());
        let rezerwuj = match question.rezerwuj {
            Some(word) => errors.keep(Rezerwuj::of(&word)),
            None => Some(if reserved { Rezerwuj::Ile } else { Rezerwuj::Brak }),
        };
        let reserve = company.catalogue.place_of_magazyn(&order.magazyn).zip(rezerwuj);
        let (made, sums) =
            pozycje(company, Some(order.kontrahent_id), &lines, reserve, Some(order), &mut errors);
        document.pozycje = made;
        document.suma_netto = sums.values().sum();
        document.suma_brutto = sums.iter().map(|(vat, netto)| vat.gross(*netto)).sum();
    }
    errors.none().map(|()| document)
}

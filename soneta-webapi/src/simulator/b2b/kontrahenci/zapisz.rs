//! `B2BKontrahenci/Zapisz`: makes a contractor or changes fields of one, by its Guid.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::simulator::{
    answer::{Blad, Failure, Outcome, written},
    b2b::{
        cecha::{PRICE_GROUP, SEGMENT, TICK},
        slowniki::PAYMENT_METHODS,
    },
    catalogue::{Adres, Kontrahent, id_of},
    company::Company,
    error::SimulatorError,
    generate::PRICE_GROUPS,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(in crate::simulator::b2b) struct Zapisz {
    guid: Option<Uuid>,
    wersja: Option<i64>,
    kod: Option<String>,
    nazwa: Option<String>,
    #[serde(rename = "NIP")]
    nip: Option<String>,
    #[serde(rename = "EuVAT")]
    eu_vat: Option<String>,
    rodzaj_vat: Option<String>,
    waluta: Option<String>,
    adres: Option<Adres>,
    email: Option<String>,
    telefon: Option<String>,
    forma_platnosci: Option<String>,
    termin_dni: Option<i32>,
    cechy: Option<Vec<CechaIn>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CechaIn {
    nazwa: String,
    #[serde(rename = "Typ")]
    _typ: Option<String>,
    wartosc: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Zapisany<'a> {
    success: bool,
    #[serde(rename = "ID")]
    id: i32,
    guid: Uuid,
    kod: &'a str,
    wersja: i64,
}

pub(in crate::simulator::b2b) fn zapisz(company: &mut Company, question: Zapisz) -> Outcome {
    let guid = question.guid.ok_or_else(|| Blad::missing("Guid"))?;
    let wersja = question.wersja;
    let known = company.catalogue.kontrahenci.iter().position(|kontrahent| kontrahent.guid == guid);
    let before = known.and_then(|place| company.catalogue.kontrahenci.get(place));
    if before.is_none() && wersja.is_some() {
        return Err(Blad::not_found("Guid", "Nie znaleziono kontrahenta o tym identyfikatorze.").into());
    }
    let id = known.map_or_else(|| company.next_contractor_id(), id_of);
    let mut after = before.cloned().unwrap_or_else(|| Kontrahent::fresh(guid));
    let mut errors = question.apply(&mut after);
    check(company, id, &after, &mut errors);
    if !errors.is_empty() {
        return Err(Failure::Refused(errors));
    }
    // What is there already is no change, so that a repeat after a lost answer is none.
    if before != Some(&after) {
        if let Some(now) = before.filter(|before| wersja.is_some_and(|wersja| wersja != before.wersja)) {
            let message = format!("Kontrahent „{}” został w międzyczasie zmieniony.", now.kod);
            return Err(Blad::new("Konflikt", "Wersja", message).into());
        }
        company.keep_contractor(id, after)?;
    }
    match company.catalogue.kontrahent(id) {
        Some(now) => written(&Zapisany { success: true, id, guid, kod: &now.kod, wersja: now.wersja }),
        None => Err(SimulatorError::unknown("the contractor is gone").into()),
    }
}

impl Zapisz {
    /// Writes the fields that are named; tells which features cannot be.
    fn apply(self, to: &mut Kontrahent) -> Vec<Blad> {
        if let Some(adres) = self.adres {
            // E-mail and telephone have fields of their own in this request; an address without them leaves them.
            let Adres { email, telefon, .. } = std::mem::replace(&mut to.adres, adres);
            for (place, before) in [(&mut to.adres.email, email), (&mut to.adres.telefon, telefon)] {
                if place.is_empty() {
                    *place = before;
                }
            }
        }
        for (asked, place) in [
            (self.kod, &mut to.kod),
            (self.nazwa, &mut to.nazwa),
            (self.nip, &mut to.nip),
            (self.eu_vat, &mut to.eu_vat),
            (self.rodzaj_vat, &mut to.rodzaj_vat),
            (self.waluta, &mut to.waluta),
            (self.email, &mut to.adres.email),
            (self.telefon, &mut to.adres.telefon),
            (self.forma_platnosci, &mut to.forma_platnosci),
        ] {
            if let Some(asked) = asked {
                *place = asked;
            }
        }
        to.termin_dni = self.termin_dni.unwrap_or(to.termin_dni);
        let mut errors = Vec::new();
        for (lp, CechaIn { nazwa, wartosc, .. }) in (1..).zip(self.cechy.unwrap_or_default()) {
            let wartosc = wartosc.unwrap_or_default();
            match (nazwa.as_str(), wartosc.as_str()) {
                (TICK, "true" | "false") => to.zaznaczony = wartosc == "true",
                (PRICE_GROUP, group) if PRICE_GROUPS.contains(&group) => to.grupa_cenowa = wartosc,
                (SEGMENT, _) => to.segment = wartosc,
                (TICK | PRICE_GROUP, _) => {
                    errors.push(Blad::invalid("Cechy", "Cecha nie ma takiej wartości.").in_line(lp));
                }
                _ => errors.push(Blad::not_found("Cechy", format!("Nie ma cechy „{nazwa}”.")).in_line(lp)),
            }
        }
        errors
    }
}

/// Whether the contractor can be kept.
fn check(company: &Company, id: i32, kontrahent: &Kontrahent, errors: &mut Vec<Blad>) {
    for (text, pole) in [
        (&kontrahent.kod, "Kod"),
        (&kontrahent.nazwa, "Nazwa"),
        (&kontrahent.rodzaj_vat, "RodzajVat"),
        (&kontrahent.waluta, "Waluta"),
    ] {
        if text.trim().is_empty() {
            errors.push(Blad::missing(pole));
        }
    }
    if company.contractor_of(&kontrahent.kod).is_some_and(|(other, _)| other != id) {
        errors.push(Blad::invalid("Kod", format!("Kod „{}” ma już inny kontrahent.", kontrahent.kod)));
    }
    if !PAYMENT_METHODS.iter().any(|(name, _)| *name == kontrahent.forma_platnosci) {
        errors.push(Blad::not_found("FormaPlatnosci", "Nie ma takiej formy płatności."));
    }
    if kontrahent.termin_dni < 0 {
        errors.push(Blad::invalid("TerminDni", "Liczba dni nie może być ujemna."));
    }
}

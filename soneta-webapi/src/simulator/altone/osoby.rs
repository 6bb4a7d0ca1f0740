//! AltOne's contact persons: those of the contractors, without their e-mail addresses, for which the contract has no field.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Date, Filter, first_instant,
    koperta::{Packet, answer},
};
use crate::simulator::{
    answer::Outcome,
    catalogue::{Kontakt, Kontrahent},
    company::Company,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Osoby {
    #[serde(rename = "LastID")]
    last_id: Option<i32>,
    packet_size: Option<i32>,
    #[serde(rename = "Conditions")]
    _conditions: Option<Vec<Filter>>,
    update_date: Option<Date>,
    id_osob_kontaktowych: Option<Vec<i32>>,
}

pub(super) fn osoby(company: &mut Company, question: Osoby) -> Outcome {
    let company = &*company;
    let since = question.update_date.as_ref().and_then(first_instant);
    let ids = question.id_osob_kontaktowych.unwrap_or_default();
    let changed = company.catalogue.kontrahenci.iter();
    let changed = changed.filter(|of| since.is_none_or(|since| of.zmieniono >= since));
    let persons: BTreeMap<i32, (&Kontrahent, &Kontakt)> = changed
        .flat_map(|of| of.kontakty.iter().map(move |person| (person.id, (of, person))))
        .filter(|(id, _)| ids.is_empty() || ids.contains(id))
        .collect();
    let persons = persons.into_iter();
    answer(&Packet::of(persons, question.last_id, question.packet_size, company.maks_ile, osoba))
}

fn osoba((kontrahent, person): (&Kontrahent, &Kontakt)) -> Value {
    json!({
        "ID": person.id, "AttachmentsCount": 0, "TableName": "KontaktyOsoby", "Features": [], "Attachments": [],
        "Kontrahent": {"Kod": kontrahent.kod, "Nazwa": kontrahent.nazwa, "EuVAT": kontrahent.eu_vat},
        "Imie": person.imie, "Nazwisko": person.nazwisko, "Adres": {"Telefon": person.telefon}, "Nieaktualny": false,
    })
}

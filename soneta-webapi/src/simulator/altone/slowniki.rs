//! AltOne's dictionaries and what the server says of itself.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Date, Filter, odmowa, page};
use crate::simulator::{
    answer::{Outcome, written},
    catalogue::Vat,
    company::Company,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Pomin {
    #[expect(dead_code, reason = "nothing is taken out of use")]
    pomin_zablokowane: Option<bool>,
}

pub(super) fn stawki(_: &mut Company, _: Pomin) -> Outcome {
    let row = |(n, vat): (usize, Vat)| {
        json!({"ID": n + 1, "TableName": "DefStawekVat", "Blokada": false, "Kod": vat.kod(), "Procent": vat.kod(),
               "Status": "Opodatkowana", "Features": [], "Attachments": null, "AttachmentsCount": 0})
    };
    let rows: Vec<Value> = Vat::ALL.into_iter().enumerate().map(row).collect();
    written(&json!({"Count": rows.len(), "StawkiVAT": rows, "Success": true, "Errors": null}))
}

pub(super) fn sposoby(_: &mut Company, _: Pomin) -> Outcome {
    let row = |id: i32, nazwa: &str, typ: &str| {
        json!({"ID": id, "TableName": "FormyPlatnosci", "Blokada": false, "Nazwa": nazwa, "Typ": typ,
               "Features": null, "Attachments": null, "AttachmentsCount": 0})
    };
    let rows = [row(1, "Przelew", "Przelew"), row(2, "Gotówka", "Gotówka")];
    written(&json!({"Count": 2, "SposobyZaplaty": rows, "Success": true, "Errors": null}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Ewidencje {
    #[expect(dead_code, reason = "nothing is taken out of use")]
    pomin_zablokowane: Option<bool>,
    waluta: Option<String>,
}

pub(super) fn ewidencje(_: &mut Company, question: Ewidencje) -> Outcome {
    let row = |id: i32, symbol: &str, nazwa: &str, numer: &str| {
        json!({"ID": id, "TableName": "EwidencjeSP", "Blokada": false, "Nazwa": nazwa, "Symbol": symbol,
               "Waluta": "PLN", "Bank": null, "NumerRachunku": numer, "Features": [], "Attachments": []})
    };
    let mut rows =
        vec![row(1, "KASA", "Kasa", ""), row(2, "RB", "Rachunek bieżący", "00000000000000000000000002")];
    if question.waluta.is_some_and(|waluta| waluta != "PLN") {
        rows.clear();
    }
    written(&json!({"Count": rows.len(), "EwidencjeSP": rows, "Success": true, "Errors": null}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Slownik {
    nazwa_slownika: String,
}

/// `Jednostki`: the units that goods have. There is no other dictionary, and none can be written.
pub(super) fn slownik(company: &mut Company, question: Slownik) -> Outcome {
    if question.nazwa_slownika != "Jednostki" {
        return odmowa("Soneta.Business.RowNotFoundException", "Brak słownika.");
    }
    let units = company.catalogue.towary.iter().map(|towar| company.catalogue.words.word(towar.jednostka));
    let units: BTreeSet<&str> = units.collect();
    let row = |(n, unit): (usize, &str)| json!({"ID": n + 1, "Blokada": false, "Symbol": unit, "Nazwa": unit, "Note": null});
    let rows: Vec<Value> = units.into_iter().enumerate().map(row).collect();
    written(&json!({"Success": true, "Errors": null, "SlownikElementowDTO": {
        "NazwaSlownika": "Jednostki", "AutomatycznieNowy": false, "LiczbaElementow": rows.len(),
        "ElementySlownika": rows}}))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

pub(super) fn info(company: &mut Company, _: Nothing) -> Outcome {
    written(&json!({"Success": true, "Errors": null, "WebServiceInfoDTO": {
        "BiezacaData": company.today().format("%Y-%m-%d").to_string(), "WersjaEnova": "2510.0.0",
        "NazwaBazyEnova": company.baza_nazwa, "LoginSuccess": true, "ZalogowanyOperator": "Symulator"}}))
}

pub(super) fn services(_: &mut Company, _: Nothing) -> Outcome {
    let rows =
        super::METHODS.iter().filter_map(|method| method.split_once('/')).map(|(controller, _)| controller);
    let rows: BTreeSet<&str> = rows.collect();
    let row = |controller: &str| json!({"Service": format!("I{controller}"), "Controller": controller});
    written(&json!({"Success": true, "Errors": null, "Data": rows.into_iter().map(row).collect::<Vec<_>>()}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "accepted and ignored")]
pub(super) struct Osoby {
    #[serde(rename = "LastID")]
    last_id: Option<i32>,
    packet_size: Option<i32>,
    conditions: Option<Vec<Filter>>,
    update_date: Option<Date>,
    id_osob_kontaktowych: Option<Vec<i32>>,
}

/// The simulated company knows no persons.
pub(super) fn osoby(company: &mut Company, question: Osoby) -> Outcome {
    page(company.maks_ile, question.last_id, question.packet_size, Vec::new(), |_| None::<Value>)
}

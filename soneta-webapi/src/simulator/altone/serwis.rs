//! What AltOne's server says of itself.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;

use super::{METHODS, koperta::answer};
use crate::simulator::{answer::Outcome, company::Company};

/// Of the library and of the enova365 that it stands for.
const WERSJA: &str = "2510.0.0";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

pub(super) fn info(company: &mut Company, _: Nothing) -> Outcome {
    answer(&json!({"WebServiceInfoDTO": {
        "BiezacaData": company.today().format("%Y-%m-%d").to_string(), "WersjaBibliotekiWS": WERSJA, "WersjaEnova": WERSJA,
        "NazwaBazyEnova": company.baza_nazwa, "LoginSuccess": true, "ZalogowanyOperator": "Symulator"}}))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
#[expect(dead_code, reason = "the text is the same in every form")]
pub(super) struct Documentation {
    typ_uslugi: Option<String>,
    wersja: Option<i32>,
    schema_json: Option<bool>,
    dla_zapisu: Option<bool>,
    dynamic_api: Option<bool>,
}

/// The methods of a service, or of all.
pub(super) fn documentation(_: &mut Company, question: Documentation) -> Outcome {
    let of = question.typ_uslugi.unwrap_or_default();
    let listed = METHODS.iter().filter(|method| method.starts_with(of.as_str()));
    let html: String = listed.map(|method| format!("<li>{method}</li>")).collect();
    answer(&json!({"DocumentationDTO": {"Version": WERSJA, "Html": format!("<ul>{html}</ul>")}}))
}

pub(super) fn services(_: &mut Company, _: Nothing) -> Outcome {
    let rows = METHODS.iter().filter_map(|method| method.split_once('/')).map(|(controller, _)| controller);
    let rows: BTreeSet<&str> = rows.collect();
    let row = |controller: &str| json!({"Service": format!("I{controller}"), "Controller": controller});
    answer(&json!({"Data": rows.into_iter().map(row).collect::<Vec<_>>()}))
}

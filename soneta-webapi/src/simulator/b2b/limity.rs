//! `B2BLimity`: credit limits and how much of them is used.

use serde::{Deserialize, Serialize};

use super::question::how_many;
use crate::simulator::{
    answer::{Outcome, Rows, written},
    catalogue::id_of,
    company::Company,
    number::Amount,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Lista {
    po_id: Option<i32>,
    ile: Option<i64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Limit<'a> {
    kontrahent_id: i32,
    kod: &'a str,
    zaznaczony: bool,
    rodzaj: &'static str,
    limit: Option<Amount<'static>>,
    wykorzystano: Amount<'static>,
    dostepny: Option<Amount<'static>>,
    termin_dni: i32,
    liczona_od: &'a str,
}

pub(super) fn lista(company: &mut Company, question: Lista) -> Outcome {
    const PLN: &str = "PLN";
    let company = &*company;
    let ile = how_many(question.ile, company.maks_ile)?;
    let after = question.po_id.unwrap_or(0);
    let liczona_od = company.now().text();
    let used = company.credit_used();
    let all = (0..).map(id_of).zip(&company.catalogue.kontrahenci);
    let mut rows: Vec<Limit<'_>> = all
        .filter(|(id, _)| *id > after)
        .take(ile + 1)
        .map(|(id, kontrahent)| {
            let used = used.get(&id).copied().unwrap_or_default();
            Limit {
                kontrahent_id: id,
                kod: &kontrahent.kod,
                zaznaczony: kontrahent.zaznaczony,
                rodzaj: if kontrahent.limit.is_some() { "Kwota" } else { "Nieograniczony" },
                limit: kontrahent.limit.map(|limit| Amount::new(limit.0, PLN)),
                wykorzystano: Amount::new(used, PLN),
                dostepny: kontrahent.limit.map(|limit| Amount::new(limit.0 - used, PLN)),
                termin_dni: kontrahent.termin_dni,
                liczona_od: &liczona_od,
            }
        })
        .collect();
    let koniec = rows.len() <= ile;
    rows.truncate(ile);
    let po_id = rows.last().map_or(after, |row| row.kontrahent_id);
    written(&Rows::snapshot(rows, koniec, po_id))
}

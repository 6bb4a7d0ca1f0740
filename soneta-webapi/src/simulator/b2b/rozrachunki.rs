//! `B2BRozrachunki`: the change list of settlements.

use serde::Serialize;

use super::question::ChangeList;
use crate::simulator::{
    answer::Outcome, catalogue::Instant, company::Company, number::Amount, settlements::SimulatedRozrachunek,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Wiersz<'a> {
    #[serde(rename = "ID")]
    id: i32,
    dokument_id: i32,
    numer: &'a str,
    kontrahent_id: i32,
    kwota: Amount<'static>,
    pozostalo: Amount<'static>,
    termin: String,
    zaplacono: bool,
    data_zmiany: String,
}

pub(super) fn lista(company: &mut Company, question: ChangeList) -> Outcome {
    let company = &*company;
    let settlements = &company.settlements;
    question.page(company, |from| settlements.changed(from), |id| settlements.by_id(id).map(wiersz))
}

fn wiersz(settlement: &SimulatedRozrachunek) -> Wiersz<'_> {
    Wiersz {
        id: settlement.id,
        dokument_id: settlement.dokument_id,
        numer: &settlement.numer,
        kontrahent_id: settlement.kontrahent_id,
        kwota: Amount::new(settlement.kwota, "PLN"),
        pozostalo: Amount::new(settlement.pozostalo, "PLN"),
        termin: settlement.termin.to_string(),
        zaplacono: settlement.pozostalo.is_zero(),
        data_zmiany: Instant(settlement.zmieniono).text(),
    }
}

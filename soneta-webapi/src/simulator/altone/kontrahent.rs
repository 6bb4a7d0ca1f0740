//! AltOne's `OperationFunctionsWebAPI/GetContractors`, as far as an order needs it: by `Kod` or `IDs`, identity only.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::koperta::answer;
use crate::simulator::{answer::Outcome, catalogue::id_of, company::Company};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct GetContractors {
    kod: Option<String>,
    #[serde(rename = "IDs")]
    ids: Option<Vec<i32>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Found<'a> {
    count: usize,
    kontrahenci: Vec<Kontrahent<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Kontrahent<'a> {
    #[serde(rename = "ID")]
    id: i32,
    guid: Uuid,
    kod: &'a str,
    nazwa: &'a str,
    #[serde(rename = "EuVAT")]
    eu_vat: &'a str,
}

pub(super) fn get_contractors(company: &mut Company, question: GetContractors) -> Outcome {
    let GetContractors { kod, ids } = question;
    let all = company.catalogue.kontrahenci.iter().enumerate();
    let kontrahenci: Vec<_> = all
        .map(|(place, one)| Kontrahent {
            id: id_of(place),
            guid: one.guid,
            kod: &one.kod,
            nazwa: &one.nazwa,
            eu_vat: &one.eu_vat,
        })
        .filter(|one| kod.as_ref().is_none_or(|kod| one.kod == kod))
        .filter(|one| ids.as_ref().is_none_or(|ids| ids.is_empty() || ids.contains(&one.id)))
        .collect();
    answer(&Found { count: kontrahenci.len(), kontrahenci })
}

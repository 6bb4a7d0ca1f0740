//! AltOne's `DataTableExchchangeWebAPI`: the change queue of a consumer who knows his code. The misspelling is the wire's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Date, Filter, first_instant,
    koperta::{Packet, Zapisano, answer},
};
use crate::simulator::{
    answer::{Blad, Outcome},
    catalogue::Instant,
    changes::Waiting,
    company::Company,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Tables {
    external_system: Option<String>,
    security_code: Option<String>,
    #[serde(rename = "ShowFutureRecords")]
    _show_future_records: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Records {
    #[serde(rename = "LastID")]
    last_id: Option<i32>,
    packet_size: Option<i32>,
    #[serde(rename = "Conditions")]
    _conditions: Option<Vec<Filter>>,
    update_date: Option<Date>,
    source_table: Option<String>,
    external_system: Option<String>,
    security_code: Option<String>,
    #[serde(rename = "ShowFutureRecords")]
    _show_future_records: Option<String>,
    #[serde(rename = "SourceID")]
    source_id: Option<i32>,
    hide_errors: Option<bool>,
    extended: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Confirm {
    external_system: Option<String>,
    security_code: Option<String>,
    list_confirm_data_change_update: Option<Vec<Confirmation>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Confirmation {
    #[serde(rename = "ID_RecordChange")]
    id: Option<i32>,
    success: Option<bool>,
    information: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Waits<'a> {
    external_system: &'a str,
    list_tables_records_change: Vec<Table>,
    key: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    source_table: &'static str,
    to_read_records: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Page<'a> {
    #[serde(flatten)]
    packet: Packet<Record<'a>>,
    source_table: &'a str,
    external_system: &'a str,
    extended: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Record<'a> {
    #[serde(rename = "ID_RecordChange")]
    id: i32,
    #[serde(rename = "ID_Source")]
    source: i32,
    source_state: &'static str,
    error: bool,
    description: Option<&'a str>,
    extended: Option<Extended>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Extended {
    creation_time: String,
    term_to_export: String,
    operator: &'static str,
    memo: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Confirmed<'a> {
    #[serde(flatten)]
    zapisano: Zapisano<'a>,
    external_system: &'a str,
}

/// The consumer, if his code is right.
fn consumer<'a>(company: &Company, system: Option<&'a str>, code: Option<&str>) -> Result<&'a str, Blad> {
    let system = system.ok_or_else(|| Blad::missing("ExternalSystem"))?;
    let code = code.ok_or_else(|| Blad::missing("SecurityCode"))?;
    if company.consumers.get(system).is_some_and(|own| own == code) {
        return Ok(system);
    }
    Err(Blad::new("BrakUprawnien", "SecurityCode", "Nieprawidłowy system zewnętrzny lub kod bezpieczeństwa."))
}

pub(super) fn tables(company: &mut Company, question: Tables) -> Outcome {
    let (system, code) = (question.external_system.as_deref(), question.security_code.as_deref());
    let external_system = consumer(company, system, code)?;
    let mut tables = BTreeMap::new();
    for waiting in company.queue.waiting(external_system) {
        *tables.entry(waiting.change.tabela).or_insert(0) += 1;
    }
    let tables = tables.into_iter();
    let list_tables_records_change =
        tables.map(|(source_table, to_read_records)| Table { source_table, to_read_records }).collect();
    answer(&Waits { external_system, list_tables_records_change, key: None })
}

pub(super) fn records(company: &mut Company, question: Records) -> Outcome {
    let (system, code) = (question.external_system.as_deref(), question.security_code.as_deref());
    let external_system = consumer(company, system, code)?;
    let source_table = question.source_table.as_deref().ok_or_else(|| Blad::missing("SourceTable"))?;
    let (hide, extended) = (question.hide_errors.unwrap_or(false), question.extended.unwrap_or(false));
    let since = question.update_date.as_ref().and_then(first_instant);
    let wanted = |waiting: &Waiting<'_>| {
        waiting.change.tabela == source_table
            && question.source_id.is_none_or(|id| id == waiting.change.wiersz)
            && !(hide && waiting.failed.is_some())
            && since.is_none_or(|since| waiting.change.chwila.is_none_or(|chwila| chwila >= since))
    };
    let rows = company.queue.waiting(external_system).filter(wanted);
    let rows = rows.map(|waiting| (waiting.id, waiting));
    let row = |waiting| record(&waiting, extended);
    let packet = Packet::of(rows, question.last_id, question.packet_size, company.maks_ile, row);
    answer(&Page { packet, source_table, external_system, extended })
}

fn record<'a>(waiting: &Waiting<'a>, extended: bool) -> Record<'a> {
    let change = waiting.change;
    let time = change.chwila.unwrap_or_else(|| Instant::of_import(0)).text();
    let details = || Extended {
        creation_time: time.clone(),
        term_to_export: time.clone(),
        operator: "Administrator",
        memo: "",
    };
    Record {
        id: waiting.id,
        source: change.wiersz,
        source_state: change.stan,
        error: waiting.failed.is_some(),
        description: waiting.failed.flatten(),
        extended: extended.then(details),
    }
}

pub(super) fn confirm(company: &mut Company, question: Confirm) -> Outcome {
    let (system, code) = (question.external_system.as_deref(), question.security_code.as_deref());
    let external_system = consumer(company, system, code)?;
    let list = question.list_confirm_data_change_update;
    let list = list.ok_or_else(|| Blad::missing("ListConfirmDataChangeUpdate"))?;
    // Every entry is looked at before the first takes effect.
    let mut told = Vec::with_capacity(list.len());
    for Confirmation { id, success, information } in list {
        let id = id.ok_or_else(|| Blad::missing("ID_RecordChange"))?;
        let success = success.ok_or_else(|| Blad::missing("Success"))?;
        if !company.queue.has(id) {
            return Err(
                Blad::not_found("ID_RecordChange", format!("Nie znaleziono zmiany o ID {id}.")).into()
            );
        }
        told.push((id, success, information));
    }
    for (id, success, information) in told {
        company.confirm(external_system, id, success, information)?;
    }
    let zapisano = Zapisano { id: None, kod: None, test_mode: false };
    answer(&Confirmed { zapisano, external_system })
}

//! AltOne's contract: goods, contractors and trade documents in packets, ordered by ID; attachments and PDFs; the change queue;
//! dictionaries; the service's own words.
//!
//! Of goods `Conditions` are accepted and ignored. `UpdateDate` means *changed on that day or later*. The portal's tick is the feature
//! `Portal`. `ToReadRecords` counts what is still waiting after this packet.

mod dokumenty;
pub(super) mod kontrahenci;
mod koperta;
mod slowniki;
mod upsert;
mod zalaczniki;
mod zmiany;

use axum::Router;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Shared,
    answer::{Outcome, method, written},
    b2b::{TICK, day_begins},
    catalogue::{Instant, id_of},
    company::Company,
};

/// Packet size when none is asked for.
const PACKET: usize = 200;

const METHODS: [&str; 21] = [
    "FakturyHandloweWebAPI/GetTowary",
    "FakturyHandloweWebAPI/UpsertKartotekaTowarowa",
    "FakturyHandloweWebAPI/GetOsobyKontaktowe",
    "FakturyHandloweWebAPI/GetDokumentyHandlowe",
    "FakturyHandloweWebAPI/InsertDokumentHandlowy",
    "FakturyHandloweWebAPI/GetFilePDF",
    "HandelWebAPI/GetCommercialDocument",
    "OperationFunctionsWebAPI/GetAttachments",
    "OperationFunctionsWebAPI/InsertAttachment",
    "OperationFunctionsWebAPI/GetContractors",
    "OperationFunctionsWebAPI/GetPackableContractors",
    "OperationFunctionsWebAPI/UpdateContractor",
    "OperationFunctionsWebAPI/GetVATRates",
    "OperationFunctionsWebAPI/GetPaymentMethods",
    "OperationFunctionsWebAPI/GetCashRegister",
    "OperationFunctionsWebAPI/GetDictionary",
    "OperationFunctionsWebAPI/GetWebServiceInfo",
    "OperationFunctionsWebAPI/GetServicesToControllersMap",
    "DataTableExchchangeWebAPI/GetTablesWaitingForExport",
    "DataTableExchchangeWebAPI/GetRecordsChange",
    "DataTableExchchangeWebAPI/UpdateRecordsChangeStatus",
];

pub(super) fn routes() -> Router<Shared> {
    const FAKTURY: &str = "/api/FakturyHandloweWebAPI";
    const FUNCTIONS: &str = "/api/OperationFunctionsWebAPI";
    const CHANGES: &str = "/api/DataTableExchchangeWebAPI";
    Router::new()
        .route(&format!("{FAKTURY}/GetTowary"), method(get_towary))
        .route(&format!("{FAKTURY}/UpsertKartotekaTowarowa"), method(upsert::upsert))
        .route(&format!("{FAKTURY}/GetOsobyKontaktowe"), method(slowniki::osoby))
        .route(&format!("{FAKTURY}/GetDokumentyHandlowe"), koperta::method(dokumenty::lista))
        .route(&format!("{FAKTURY}/InsertDokumentHandlowy"), koperta::method(dokumenty::insert))
        .route(&format!("{FAKTURY}/GetFilePDF"), koperta::method(zalaczniki::get_file_pdf))
        .route("/api/HandelWebAPI/GetCommercialDocument", koperta::method(dokumenty::handel))
        .route(&format!("{FUNCTIONS}/GetAttachments"), koperta::method(zalaczniki::get_attachments))
        .route(&format!("{FUNCTIONS}/InsertAttachment"), koperta::method(zalaczniki::insert_attachment))
        .route(&format!("{FUNCTIONS}/GetContractors"), method(kontrahenci::get_contractors))
        .route(&format!("{FUNCTIONS}/GetPackableContractors"), method(kontrahenci::get_packable_contractors))
        .route(&format!("{FUNCTIONS}/UpdateContractor"), method(kontrahenci::update_contractor))
        .route(&format!("{FUNCTIONS}/GetVATRates"), method(slowniki::stawki))
        .route(&format!("{FUNCTIONS}/GetPaymentMethods"), method(slowniki::sposoby))
        .route(&format!("{FUNCTIONS}/GetCashRegister"), method(slowniki::ewidencje))
        .route(&format!("{FUNCTIONS}/GetDictionary"), method(slowniki::slownik))
        .route(&format!("{FUNCTIONS}/GetWebServiceInfo"), method(slowniki::info))
        .route(&format!("{FUNCTIONS}/GetServicesToControllersMap"), method(slowniki::services))
        .route(&format!("{CHANGES}/GetTablesWaitingForExport"), koperta::method(zmiany::tables))
        .route(&format!("{CHANGES}/GetRecordsChange"), koperta::method(zmiany::records))
        .route(&format!("{CHANGES}/UpdateRecordsChangeStatus"), koperta::method(zmiany::confirm))
}

/// `UpdateResult`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Zapisano<'a> {
    success: bool,
    errors: Option<[u8; 0]>,
    #[serde(rename = "ID")]
    id: i32,
    kod: &'a str,
    test_mode: bool,
}

impl<'a> Zapisano<'a> {
    fn new(id: i32, kod: &'a str, test_mode: bool) -> Self {
        Self { success: true, errors: None, id, kod, test_mode }
    }
}

/// A refusal in AltOne's form.
fn odmowa(kind: &str, message: &str) -> Outcome {
    let error = serde_json::json!({"Source": null, "Type": kind, "Message": message, "StackTrace": null});
    written(
        &serde_json::json!({"Success": false, "Description": message, "Errors": [error], "Warnings": null}),
    )
}

/// A packet of the rows at these places.
fn page<R: Serialize>(
    most: usize,
    last_id: Option<i32>,
    packet_size: Option<i32>,
    mut places: Vec<usize>,
    row: impl Fn(usize) -> Option<R>,
) -> Outcome {
    let size = packet_size.and_then(|size| usize::try_from(size).ok()).filter(|size| *size > 0);
    let size = size.unwrap_or(PACKET).min(most);
    let waiting = places.len().saturating_sub(size);
    places.truncate(size);
    written(&Packet {
        all_rows: waiting == 0,
        last_id: places.last().map_or(last_id.unwrap_or(0), |place| id_of(*place)),
        to_read_records: waiting,
        read_records: places.len(),
        data: places.into_iter().filter_map(row).collect(),
        success: true,
        description: None,
        errors: None,
        warnings: None,
        key: None,
    })
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct GetTowary {
    #[serde(rename = "LastID")]
    last_id: Option<i32>,
    packet_size: Option<i32>,
    #[expect(dead_code, reason = "accepted and ignored")]
    conditions: Option<Vec<Filter>>,
    update_date: Option<Date>,
    id_towarow: Option<Vec<i32>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    logical_operator: Option<String>,
    operator: Option<String>,
    column_name: Option<String>,
    filter_value: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Date {
    year: i32,
    month: u32,
    day: u32,
}

impl Date {
    fn day(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year, self.month, self.day)
    }
}

/// From when on something counts as changed on a day or later.
fn first_instant(date: &Date) -> Option<Instant> {
    date.day().map(day_begins)
}

/// A feature as it is sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FeatureIn {
    name: String,
    value: Option<serde_json::Value>,
    r#type: Option<String>,
    update_date: Option<Date>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Packet<R> {
    all_rows: bool,
    #[serde(rename = "LastID")]
    last_id: i32,
    to_read_records: usize,
    read_records: usize,
    data: Vec<R>,
    success: bool,
    description: Option<u8>,
    errors: Option<[u8; 0]>,
    warnings: Option<[u8; 0]>,
    key: Option<u8>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Kartoteka<'a> {
    guid: Uuid,
    kod: &'a str,
    nazwa: &'a str,
    typ_towaru: &'static str,
    kod_kreskowy: &'a str,
    numer_katalogowy: &'a str,
    #[serde(rename = "PKWiU")]
    pkwiu: &'a str,
    #[serde(rename = "GTU")]
    gtu: Option<&'a str>,
    jednostka: &'a str,
    podstawa_zwolnienia: Option<&'a str>,
    blokada: bool,
    #[serde(rename = "StawkaVATSprzedazy")]
    stawka_vat_sprzedazy: &'static str,
    #[serde(rename = "StawkaVATZakupu")]
    stawka_vat_zakupu: &'static str,
    opis: &'a str,
    dozwolona_edycja_opisu: bool,
    #[serde(rename = "ID")]
    id: i32,
    attachments_count: i32,
    table_name: &'static str,
    features: [Feature; 1],
    attachments: [u8; 0],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Feature {
    name: &'static str,
    value: &'static str,
    r#type: &'static str,
    update_date: Option<u8>,
}

fn get_towary(company: &mut Company, question: GetTowary) -> Outcome {
    let company = &*company;
    let catalogue = &company.catalogue;
    let last_id = question.last_id.unwrap_or(0).max(0);
    let since = question.update_date.as_ref().and_then(first_instant);
    let wanted = |place: &usize| {
        let changed = catalogue.towary.get(*place).map(|towar| towar.zmieniono);
        since.is_none_or(|since| changed >= Some(since))
    };
    let places: Vec<usize> = match question.id_towarow.as_deref() {
        None | Some([]) => {
            (usize::try_from(last_id).unwrap_or(0)..catalogue.towary.len()).filter(wanted).collect()
        }
        Some(ids) => {
            let mut ids: Vec<i32> = ids.iter().copied().filter(|id| *id > last_id).collect();
            ids.sort_unstable();
            ids.dedup();
            ids.into_iter().filter_map(|id| catalogue.place_of_id(id)).filter(wanted).collect()
        }
    };
    page(company.maks_ile, Some(last_id), question.packet_size, places, |place| kartoteka(company, place))
}

fn kartoteka(company: &Company, place: usize) -> Option<Kartoteka<'_>> {
    let towar = company.catalogue.towary.get(place)?;
    let value = if towar.zaznaczony { "true" } else { "false" };
    Some(Kartoteka {
        guid: towar.guid,
        kod: &towar.kod,
        nazwa: &towar.nazwa,
        typ_towaru: towar.typ.word(),
        kod_kreskowy: towar.ean.as_deref().unwrap_or_default(),
        numer_katalogowy: "",
        pkwiu: "",
        gtu: None,
        jednostka: company.catalogue.words.word(towar.jednostka),
        podstawa_zwolnienia: None,
        blokada: towar.blokada,
        stawka_vat_sprzedazy: towar.vat.kod(),
        stawka_vat_zakupu: towar.vat.kod(),
        opis: "",
        dozwolona_edycja_opisu: false,
        id: id_of(place),
        attachments_count: 0,
        table_name: "Towary",
        features: [Feature { name: TICK, value, r#type: "Bool", update_date: None }],
        attachments: [],
    })
}

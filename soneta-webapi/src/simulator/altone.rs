//! AltOne's contract: goods, contractors and trade documents in packets, ordered by ID; attachments and PDFs; the change queue;
//! persons; relations of contractors; dictionaries; the service's own words.
//!
//! Of goods `Conditions` are accepted and ignored. `UpdateDate` means *changed on that day or later*. The portal's tick is the feature
//! `Portal`. `ToReadRecords` counts what is still waiting after this packet.

mod dokumenty;
pub(super) mod kontrahenci;
mod koperta;
mod osoby;
pub(super) mod powiazania;
mod serwis;
pub(super) mod slowniki;
mod upsert;
mod zalaczniki;
mod zmiany;

use axum::Router;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::koperta::{Packet, answer, method};
use super::{
    Shared,
    answer::Outcome,
    b2b::{TICK, day_begins},
    catalogue::{Instant, Towar, id_of},
    company::Company,
};

const METHODS: [&str; 25] = [
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
    "OperationFunctionsWebAPI/ZastapKontrahenta",
    "OperationFunctionsWebAPI/DodajPowiazanieKontrahenta",
    "OperationFunctionsWebAPI/GetVATRates",
    "OperationFunctionsWebAPI/GetPaymentMethods",
    "OperationFunctionsWebAPI/GetCashRegister",
    "OperationFunctionsWebAPI/GetDictionary",
    "OperationFunctionsWebAPI/UpdateDictionary",
    "OperationFunctionsWebAPI/GetWebServiceInfo",
    "OperationFunctionsWebAPI/GetDocumentation",
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
        .route(&format!("{FAKTURY}/GetOsobyKontaktowe"), method(osoby::osoby))
        .route(&format!("{FAKTURY}/GetDokumentyHandlowe"), method(dokumenty::lista))
        .route(&format!("{FAKTURY}/InsertDokumentHandlowy"), method(dokumenty::insert))
        .route(&format!("{FAKTURY}/GetFilePDF"), method(zalaczniki::get_file_pdf))
        .route("/api/HandelWebAPI/GetCommercialDocument", method(dokumenty::handel))
        .route(&format!("{FUNCTIONS}/GetAttachments"), method(zalaczniki::get_attachments))
        .route(&format!("{FUNCTIONS}/InsertAttachment"), method(zalaczniki::insert_attachment))
        .route(&format!("{FUNCTIONS}/GetContractors"), method(kontrahenci::get_contractors))
        .route(&format!("{FUNCTIONS}/GetPackableContractors"), method(kontrahenci::get_packable_contractors))
        .route(&format!("{FUNCTIONS}/UpdateContractor"), method(kontrahenci::update_contractor))
        .route(&format!("{FUNCTIONS}/ZastapKontrahenta"), method(powiazania::zastap))
        .route(&format!("{FUNCTIONS}/DodajPowiazanieKontrahenta"), method(powiazania::dodaj))
        .route(&format!("{FUNCTIONS}/GetVATRates"), method(slowniki::stawki))
        .route(&format!("{FUNCTIONS}/GetPaymentMethods"), method(slowniki::sposoby))
        .route(&format!("{FUNCTIONS}/GetCashRegister"), method(slowniki::ewidencje))
        .route(&format!("{FUNCTIONS}/GetDictionary"), method(slowniki::slownik))
        .route(&format!("{FUNCTIONS}/UpdateDictionary"), method(slowniki::zapisz))
        .route(&format!("{FUNCTIONS}/GetWebServiceInfo"), method(serwis::info))
        .route(&format!("{FUNCTIONS}/GetDocumentation"), method(serwis::documentation))
        .route(&format!("{FUNCTIONS}/GetServicesToControllersMap"), method(serwis::services))
        .route(&format!("{CHANGES}/GetTablesWaitingForExport"), method(zmiany::tables))
        .route(&format!("{CHANGES}/GetRecordsChange"), method(zmiany::records))
        .route(&format!("{CHANGES}/UpdateRecordsChangeStatus"), method(zmiany::confirm))
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

#[derive(Debug, Clone, Serialize, Deserialize)]
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
    let since = question.update_date.as_ref().and_then(first_instant);
    let ids = question.id_towarow.unwrap_or_default();
    let towary = company.catalogue.towary.iter().enumerate().map(|(place, towar)| (id_of(place), towar));
    let wanted = towary
        .filter(|(id, _)| ids.is_empty() || ids.contains(id))
        .filter(|(_, towar)| since.is_none_or(|since| towar.zmieniono >= since))
        .map(|(id, towar)| (id, (id, towar)));
    let row = |(id, towar)| kartoteka(company, id, towar);
    answer(&Packet::of(wanted, question.last_id, question.packet_size, company.maks_ile, row))
}

fn kartoteka<'a>(company: &'a Company, id: i32, towar: &'a Towar) -> Kartoteka<'a> {
    let value = if towar.zaznaczony { "true" } else { "false" };
    Kartoteka {
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
        id,
        attachments_count: 0,
        table_name: "Towary",
        features: [Feature { name: TICK, value, r#type: "Bool", update_date: None }],
        attachments: [],
    }
}

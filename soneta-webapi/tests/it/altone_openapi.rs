//! AltOne's contract against the description of a real server: requests fit its schemas, answers made from its schemas are
//! read, and records have exactly its fields and those of the 2606 documentation.
//!
//! To add an endpoint: a line in [`cases`]; to add a record: a line in [`records`]. Field names are in
//! `tests/fixtures/altone_fields.json`, for when the description is not at hand.

mod description;
mod documents;
mod masters;
mod probe;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;
use soneta_webapi::altone::{
    AdresDoFaktury, AdresKontrahenta, AdresRozszerzony, DaneKontrahenta, DaneKorekty, DanePodmiotuTrzeciego,
    DefinicjaStawkiVat, Documentation, DodajPowiazanieKontrahenta, DokumentHandel, DokumentHandlowy,
    ElemOpisuAnalitycznego, ElementSlownika, EwidencjaSP, Filter, GetCashRegister, GetCommercialDocument,
    GetContractors, GetDictionary, GetDokumentyHandlowe, GetFilePDF, GetPackableContractors,
    GetPaymentMethods, GetServicesToControllersMap, GetVATRates, GetWebServiceInfo, InsertAttachment,
    InsertDokumentHandlowy, KSeFDokumentu, KartotekaKontrahenta, KartotekaTowarowa, KontaktKontrahenta,
    KontrahentBase, KontrahentHandel, ListaKontrahentow, NumerObcyDokumentu, OdsetkiKarne,
    OpisAnalitycznyHandel, OsobaKontaktowa, Packet, PlatnoscDokumentu, PodmiotDodatkowy, Podsumowanie,
    PowiazaniaKontrahenta, PowiazanieKontrahenta, PozycjaDokHandlowego, PozycjaHandel, PozycjaVat,
    RachunekBankowy, RekordZmiany, ServiceToController, Slownik, SposobZaplaty, SumyVatHandel,
    SzczegolyZmiany, TabelaKursowa, TabelaZmian, UpdateContractor, UpdateDictionary, UpsertKartotekaTowarowa,
    WarunkiHandlowe, WarunkiPlatnosci, WebServiceInfo, Wojewodztwo, WynikZapisu, WynikZapisuDokumentu,
    Zalacznik,
};
use soneta_webapi::wire::Cecha;
use soneta_webapi::{DokumentId, Endpoint, Rows, TypTowaru};

use self::description::{Description, Style, names};
use self::masters::{
    documentation, kartoteka_towarowa, kontrahent, lista, osoby, powiazanie, slownik, towary, zapisz_calosc,
    zastap,
};
use self::probe::fields;

/// Where the description and the server differ, and what the checks do about it.
const DEFECTS: [(&str, &str); 6] = [
    (
        "`nullable` beside `type` is OpenAPI 3.0, no JSON Schema",
        "requests hold no nulls; nulls are not permitted in them",
    ),
    ("`additionalProperties: false`, while every release adds fields", "fields of 2606 are permitted too"),
    ("nothing is `required`", "what the 2606 documentation requires is"),
    ("a `$ref` beside which `nullable` cannot stand", "each may be null in answers"),
    (
        "`Value`, `Symbol` of amounts and the keys of the change queue are neither `required` nor documented as such",
        "they are always sent",
    ),
    ("`Base64`, Guids and instants are plain texts", "answers hold texts that each of them may be"),
];

type Read = Box<dyn Fn(&[u8]) -> soneta_webapi::Result<usize>>;

/// One endpoint: a request with every field, and how its answer is read.
struct Case {
    path: String,
    request: Value,
    /// Reads an answer; how many of its rows are bad.
    read: Read,
}

fn case<E: Endpoint + 'static>(request: E, bad: fn(E::Response) -> usize) -> Case {
    Case {
        path: request.path().to_string(),
        request: serde_json::to_value(&request).unwrap(),
        read: Box::new(move |body| request.decode(body).map(bad)),
    }
}

fn bad<T>(rows: Rows<T>) -> usize {
    rows.iter().filter(|row| row.is_err()).count() + usize::from(rows.is_empty())
}

fn bad_packet<T>(packet: Packet<T>) -> usize {
    bad(packet.data)
}

fn there<T>(record: Option<T>) -> usize {
    usize::from(record.is_none())
}

fn cases() -> Vec<Case> {
    vec![
        case(towary(), bad_packet),
        case(UpsertKartotekaTowarowa::new(kartoteka_towarowa()), |_| 0),
        case(GetContractors::new(lista()), bad),
        case(GetPackableContractors::new(lista()), bad_packet),
        case(UpdateContractor::new(kontrahent()), |_| 0),
        case(zapisz_calosc(), |_| 0),
        case(zastap(), |_| 0),
        case(DodajPowiazanieKontrahenta::new(powiazanie()), |_| 0),
        case(osoby(), bad_packet),
        case(GetDictionary::new("Jednostki"), |_| 0),
        case(UpdateDictionary::new(slownik()), |_| 0),
        case(GetVATRates::default(), bad),
        case(GetPaymentMethods::default(), bad),
        case(GetCashRegister::builder().waluta("PLN").build(), bad),
        case(GetWebServiceInfo::default(), |_| 0),
        case(documentation(), |_| 0),
        case(GetServicesToControllersMap::default(), bad),
        case(documents::lista(), bad_packet),
        case(GetCommercialDocument::by_id(DokumentId(5)), |_| 0),
        case(GetCommercialDocument::by_numer_obcy("ZAM/7", "ABC"), |_| 0),
        case(InsertDokumentHandlowy::new(documents::dokument()), |_| 0),
        case(GetFilePDF::new(DokumentId(5), "dokument.pdf"), |_| 0),
        case(documents::zalaczniki(), bad),
        case(InsertAttachment::new(documents::zalacznik()), |_| 0),
        case(documents::tabele(), |tables| usize::from(tables.is_empty())),
        case(documents::zmiany(), bad_packet),
        case(documents::potwierdzenia(), |_| 0),
    ]
}

/// Each record and the schema that it is.
fn records() -> Vec<(&'static str, Vec<&'static str>)> {
    vec![
        ("AdresDTO", fields::<AdresKontrahenta>()),
        ("AdresDoFaktury", fields::<AdresDoFaktury>()),
        ("AdresRozszerzonyDTO", fields::<AdresRozszerzony>()),
        ("DaneKontrahentaDTO (FakturyHandlowe)", fields::<DaneKontrahenta>()),
        ("DefinicjaStawkiVatDTO", fields::<DefinicjaStawkiVat>()),
        ("DocumentationDTO", fields::<Documentation>()),
        ("ElementSlownikaDTO", fields::<ElementSlownika>()),
        ("EwidencjaSP_DTO", fields::<EwidencjaSP>()),
        ("FormaPlatnosciDTO", fields::<WarunkiPlatnosci>()),
        ("KartotekaTowarowaDTO", fields::<KartotekaTowarowa>()),
        ("KontaktDTO", fields::<KontaktKontrahenta>()),
        ("KontrahentBaseDTO", fields::<KontrahentBase>()),
        ("KontrahentDTO", fields::<KartotekaKontrahenta>()),
        ("OdsetkiKarneDTO", fields::<OdsetkiKarne>()),
        ("OsobaKontaktowaDTO", fields::<OsobaKontaktowa>()),
        ("PowiazaniaKontrahentaDTO", fields::<PowiazaniaKontrahenta>()),
        ("PowiazanieKontrahentaDTO", fields::<PowiazanieKontrahenta>()),
        ("RachunekBankowyDTO", fields::<RachunekBankowy>()),
        ("ServiceToControllerMapDTO", fields::<ServiceToController>()),
        ("SlownikElementowDTO", fields::<Slownik>()),
        ("SposobZaplatyDTO", fields::<SposobZaplaty>()),
        ("WarunkiHandloweDTO", fields::<WarunkiHandlowe>()),
        ("WebServiceInfoDTO", fields::<WebServiceInfo>()),
        ("Filter", sent(&filter())),
        ("GetDocumentationParams", sent(&documentation())),
        ("GetEwidencjeSPParams", sent(&GetCashRegister::builder().waluta("PLN").build())),
        ("GetListaKontrahentowParams", sent(&lista())),
        ("GetServicesToControllersMapParams", sent(&GetServicesToControllersMap::default())),
        ("GetSlownikElementowParams", sent(&GetDictionary::new("Jednostki"))),
        ("GetSlownikStawekVatParams", sent(&GetVATRates::default())),
        ("GetSposobyZaplatyParams", sent(&GetPaymentMethods::default())),
        ("GetWebServiceInfoParams", sent(&GetWebServiceInfo::default())),
        ("KartotekiTowaroweParams", sent(&towary())),
        ("OsobaKontaktowaParams", sent(&osoby())),
        ("ZastapKontrahentaParams", sent(&zastap())),
        ("AttachmentDTO", fields::<Zalacznik>()),
        ("DaneKontrahentaDTO (Core)", fields::<KontrahentHandel>()),
        ("DaneKorektyDTO", fields::<DaneKorekty>()),
        ("DanePodmiotuTrzeciegoDTO", fields::<DanePodmiotuTrzeciego>()),
        ("DokHandlowyDTO", fields::<DokumentHandlowy>()),
        ("DokumentHandlowyDTO", fields::<DokumentHandel>()),
        ("ElemOpisuAnalitycznegoDTO", fields::<ElemOpisuAnalitycznego>()),
        ("KSeFDTO", fields::<KSeFDokumentu>()),
        ("NumerObcyDTO", fields::<NumerObcyDokumentu>()),
        ("ObcyDTO", fields::<NumerObcyDokumentu>()),
        ("OpisAnalitycznyDTO", fields::<OpisAnalitycznyHandel>()),
        ("PlatnoscDTO", fields::<PlatnoscDokumentu>()),
        ("PodmiotDodatkowyDTO", fields::<PodmiotDodatkowy>()),
        ("PodsumowanieDTO", fields::<Podsumowanie>()),
        ("PozycjaDTO", fields::<PozycjaHandel>()),
        ("PozycjaDokHanDTO", fields::<PozycjaDokHandlowego>()),
        ("PozycjaVatDTO (Core)", fields::<PozycjaVat>()),
        ("PozycjaVatDTO (FakturyHandlowe)", fields::<PozycjaVat>()),
        ("RecordChange", fields::<RekordZmiany>()),
        ("RecordChangeExt", fields::<SzczegolyZmiany>()),
        ("SumyVatDTO", fields::<SumyVatHandel>()),
        ("TabelaKursowaDTO", fields::<TabelaKursowa>()),
        ("TableDataChange", fields::<TabelaZmian>()),
        ("UpdateResult", in_envelope(fields::<WynikZapisu>())),
        ("WynikZapisuDokumentuDTO", in_envelope(fields::<WynikZapisuDokumentu>())),
        ("ConfirmRecordChange", sent(&documents::potwierdzenie())),
        ("DokHandlowyParams", sent(&documents::lista())),
        ("GetAttachmentParams", sent(&GetFilePDF::new(DokumentId(5), "dokument.pdf"))),
        ("GetAttachmentsParams", sent(&documents::zalaczniki())),
        ("GetDokumentHandlowyParams", both_keys()),
        ("NumerObcy", sent(&GetCommercialDocument::by_numer_obcy("ZAM/7", "ABC").numer_obcy)),
        ("RecordsChangeParams", sent(&documents::zmiany())),
        ("TablesDataChangeWaitingForReadParams", sent(&documents::tabele())),
        ("UpdateRecordsChangeStatusParams", sent(&documents::potwierdzenia())),
    ]
}

/// With the fields of every answer, which are read apart from the record.
fn in_envelope(mut fields: Vec<&'static str>) -> Vec<&'static str> {
    fields.extend(["Success", "Description", "Errors", "Warnings"]);
    fields.sort_unstable();
    fields
}

/// A document is asked for by one key or the other.
fn both_keys() -> Vec<&'static str> {
    let by_id = sent(&GetCommercialDocument::by_id(DokumentId(5)));
    [by_id, sent(&GetCommercialDocument::by_numer_obcy("ZAM/7", "ABC"))].concat()
}

/// The fields of a request in which everything is set, sorted.
fn sent(request: &impl Serialize) -> Vec<&'static str> {
    let request = serde_json::to_value(request).unwrap();
    let mut fields: Vec<&'static str> =
        request.as_object().unwrap().keys().map(|name| &*name.clone().leak()).collect();
    fields.sort_unstable();
    fields
}

#[test]
fn every_record_has_exactly_the_fields_of_its_schema() {
    let names = names();
    for (record, fields) in records() {
        assert_eq!(fields, names[record].all(), "{record}");
    }
}

#[test]
fn every_checked_in_name_belongs_to_a_record() {
    let known: Vec<&str> = records().into_iter().map(|(record, _)| record).collect();
    let left: Vec<String> = names().into_keys().filter(|name| !known.contains(&name.as_str())).collect();
    assert_eq!(left, ["FeatureDTO"], "a feature is read by hand");
}

/// The methods for trade; the rest of the server is payroll, bookkeeping and cost invoices.
const METHODS: [&str; 25] = [
    "/api/DataTableExchchangeWebAPI/GetRecordsChange",
    "/api/DataTableExchchangeWebAPI/GetTablesWaitingForExport",
    "/api/DataTableExchchangeWebAPI/UpdateRecordsChangeStatus",
    "/api/FakturyHandloweWebAPI/GetDokumentyHandlowe",
    "/api/FakturyHandloweWebAPI/GetFilePDF",
    "/api/FakturyHandloweWebAPI/GetOsobyKontaktowe",
    "/api/FakturyHandloweWebAPI/GetTowary",
    "/api/FakturyHandloweWebAPI/InsertDokumentHandlowy",
    "/api/FakturyHandloweWebAPI/UpsertKartotekaTowarowa",
    "/api/HandelWebAPI/GetCommercialDocument",
    "/api/OperationFunctionsWebAPI/DodajPowiazanieKontrahenta",
    "/api/OperationFunctionsWebAPI/GetAttachments",
    "/api/OperationFunctionsWebAPI/GetCashRegister",
    "/api/OperationFunctionsWebAPI/GetContractors",
    "/api/OperationFunctionsWebAPI/GetDictionary",
    "/api/OperationFunctionsWebAPI/GetDocumentation",
    "/api/OperationFunctionsWebAPI/GetPackableContractors",
    "/api/OperationFunctionsWebAPI/GetPaymentMethods",
    "/api/OperationFunctionsWebAPI/GetServicesToControllersMap",
    "/api/OperationFunctionsWebAPI/GetVATRates",
    "/api/OperationFunctionsWebAPI/GetWebServiceInfo",
    "/api/OperationFunctionsWebAPI/InsertAttachment",
    "/api/OperationFunctionsWebAPI/UpdateContractor",
    "/api/OperationFunctionsWebAPI/UpdateDictionary",
    "/api/OperationFunctionsWebAPI/ZastapKontrahenta",
];

#[test]
fn every_method_for_trade_has_a_case() {
    let mut paths: Vec<String> = cases().into_iter().map(|case| case.path).collect();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths, METHODS);
    if let Some(description) = Description::load() {
        for controller in
            ["DataTableExchchangeWebAPI", "FakturyHandloweWebAPI", "HandelWebAPI", "OperationFunctionsWebAPI"]
        {
            let prefix = format!("/api/{controller}/");
            let own: Vec<&str> = METHODS.into_iter().filter(|path| path.starts_with(&prefix)).collect();
            assert_eq!(description.paths_of(&prefix), own);
        }
    }
}

#[test]
fn a_server_of_2510_is_sent_only_what_it_knows() {
    let names = names();
    for (record, request) in [
        ("GetListaKontrahentowParams", sent(&ListaKontrahentow::builder().build())),
        ("KontrahentDTO", sent(&KartotekaKontrahenta::builder().nazwa("Abc").build())),
        (
            "KartotekaTowarowaDTO",
            sent(&KartotekaTowarowa::builder().kod("A").nazwa("A").typ_towaru(TypTowaru::Towar).build()),
        ),
        ("DokHandlowyParams", sent(&GetDokumentyHandlowe::builder().build())),
        ("DokHandlowyDTO", sent(&documents::najmniejszy())),
        ("PozycjaDokHanDTO", sent(&documents::najmniejszy().pozycje[0])),
        ("PlatnoscDTO", sent(&documents::najmniejszy().platnosci[0])),
        ("AttachmentDTO", sent(&Zalacznik::builder().name("list.txt").build())),
        ("SlownikElementowDTO", sent(&Slownik::builder().nazwa_slownika("Dzielnice").build())),
    ] {
        let later: Vec<_> =
            request.iter().filter(|field| !names[record].described.iter().any(|own| own == *field)).collect();
        assert!(later.is_empty(), "{record}: {later:?}");
    }
}

#[test]
fn a_record_that_is_written_sets_every_field_in_its_sample() {
    let names = names();
    for (record, sample) in [
        ("KartotekaTowarowaDTO", sent(&kartoteka_towarowa())),
        ("KontrahentDTO", sent(&kontrahent())),
        ("PowiazanieKontrahentaDTO", sent(&powiazanie())),
        ("DokHandlowyDTO", sent(&documents::dokument())),
        ("DaneKontrahentaDTO (FakturyHandlowe)", sent(&documents::strona())),
        ("PozycjaDokHanDTO", sent(&documents::pozycja())),
        ("ElemOpisuAnalitycznegoDTO", sent(&documents::opis_analityczny())),
        ("PlatnoscDTO", sent(&documents::platnosc())),
        ("KSeFDTO", sent(&documents::ksef())),
        ("DanePodmiotuTrzeciegoDTO", sent(&documents::podmiot_trzeci())),
        ("PodmiotDodatkowyDTO", sent(&documents::podmiot_dodatkowy())),
    ] {
        let by_the_erp = ["AttachmentsCount", "TableName", "Attachments", "IdPowiazania"];
        let expected: Vec<_> =
            names[record].all().into_iter().filter(|field| !by_the_erp.contains(field)).collect();
        assert_eq!(sample, expected, "{record}");
    }
}

#[test]
fn the_checked_in_names_are_those_of_the_description() {
    let Some(description) = Description::load() else { return };
    for (record, names) in names() {
        let Some(schema) = &names.schema else { continue };
        let mut described = description.described(schema).unwrap_or_else(|| panic!("{schema} is gone"));
        let mut listed: Vec<&str> = names.described.iter().map(String::as_str).collect();
        described.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, described, "{record}");
    }
}

#[test]
fn every_request_fits_its_schema() {
    let Some(description) = Description::load() else { return };
    for case in cases() {
        let faults = description.faults(&case.path, &case.request);
        assert!(faults.is_empty(), "{}: {faults:?}, known and worked round: {DEFECTS:?}", case.path);
        let mut wrong = case.request.clone();
        wrong["NieMaTakiegoPola"] = Value::from(1);
        assert_eq!(description.faults(&case.path, &wrong).len(), 1, "{}", case.path);
    }
}

#[test]
fn requests_are_spelt_like_this() {
    let lines: Vec<String> = cases().iter().map(|case| format!("{}\n{}", case.path, case.request)).collect();
    insta::assert_snapshot!(lines.join("\n\n"));
}

#[test]
fn every_answer_that_the_description_permits_is_read() {
    let Some(description) = Description::load() else { return };
    for case in cases() {
        for style in Style::EACH {
            let answer = description.answer(&case.path, style);
            let bad = (case.read)(answer.to_string().as_bytes());
            assert_eq!(bad.map_err(|error| error.to_string()), Ok(0), "{}, {style:?}: {answer}", case.path);
        }
        let refused = (case.read)(br#"{"Success":false,"Errors":null,"Warnings":null,"Data":null}"#);
        assert_eq!(refused.unwrap_err().kind(), soneta_webapi::ErrorKind::Refused, "{}", case.path);
    }
}

#[test]
fn records_are_there_where_the_description_sends_them() {
    let Some(description) = Description::load() else { return };
    for case in [
        case(GetDictionary::new("Jednostki"), there),
        case(GetWebServiceInfo::default(), there),
        case(documentation(), there),
        case(GetCommercialDocument::by_id(DokumentId(5)), there),
        case(GetFilePDF::new(DokumentId(5), "dokument.pdf"), there),
    ] {
        let answer = description.answer(&case.path, Style::All);
        assert_eq!((case.read)(answer.to_string().as_bytes()).unwrap(), 0, "{}", case.path);
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 14).unwrap()
}

fn filter() -> Filter {
    Filter::builder().column_name("Kod").filter_value("PK").build()
}

fn cechy() -> Vec<Cecha> {
    vec![Cecha::new("Kolor", "żółty"), Cecha::new("Portal", true)]
}

fn adres() -> AdresKontrahenta {
    AdresKontrahenta::builder()
        .ulica("Długa")
        .nr_domu("1")
        .nr_lokalu("2")
        .kod_pocztowy_s("90-001")
        .miejscowosc("Łódź")
        .poczta("Łódź")
        .gmina("Łódź")
        .powiat("Łódź")
        .wojewodztwo(Wojewodztwo::Lodzkie)
        .kod_kraju("PL")
        .kraj("Polska")
        .telefon("42 000 00 00")
        .faks("42 000 00 01")
        .nietypowa_lokalizacja("przy porcie")
        .adres_rozszerzony(AdresRozszerzony::builder().dzielnica("Bałuty").build())
        .build()
}

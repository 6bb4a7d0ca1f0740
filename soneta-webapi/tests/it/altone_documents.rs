//! AltOne's documents, attachments and change queue against a scripted server.

use bytes::Bytes;
use chrono::{NaiveDate, TimeZone, Utc};
use rust_decimal::Decimal;
use secrecy::SecretString;
use serde_json::{Value, json};
use soneta_webapi::altone::{
    AltOneFaktury, AltOneWydania, AltOneZamowienia, AltOneZmiany, DaneDoKSeF, GetAttachments,
    GetCommercialDocument, GetDokumentyHandlowe, GetFilePDF, GetRecordsChange, GetTablesWaitingForExport,
    InsertAttachment, InsertDokumentHandlowy, KSeFDokumentu, RodzajZalacznika, RolaPodmiotuTrzeciego,
    SposobLiczeniaVAT, TabelaKursowa, UpdateRecordsChangeStatus, Wojewodztwo, Zalacznik,
};
use soneta_webapi::wire::{Cecha, Currency, Quantity};
use soneta_webapi::{
    Change, DokumentId, DokumentyQuery, Error, ErrorKind, Faktury, Kategoria, KluczZamowienia, KodOdmowy,
    KolejkaZmian, KontrahentId, NoweZamowienie, Rezerwacja, SnapshotQuery, StanDokumentu, StanWiersza,
    StatusKSeF, Wydania, Zamowienia, ZmianaWiersza,
};
use wiremock::ResponseTemplate;

use crate::endpoints::exchange;
use crate::erp::{Erp, fixture, json as answer, status};

const LISTA: &str = "FakturyHandloweWebAPI/GetDokumentyHandlowe";
const INSERT: &str = "FakturyHandloweWebAPI/InsertDokumentHandlowy";
const PDF: &str = "FakturyHandloweWebAPI/GetFilePDF";
const CONTRACTORS: &str = "OperationFunctionsWebAPI/GetContractors";
const CHANGES: &str = "DataTableExchchangeWebAPI/GetRecordsChange";

fn pln(grosze: i64) -> Currency {
    Currency::new(Decimal::new(grosze, 2), "PLN")
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

/// The order of the other contract's tests, without what this one has no field for.
fn order() -> NoweZamowienie {
    let mut order = crate::orders::order();
    order.sposob_dostawy = None;
    order.rezerwuj = Rezerwacja::Brak;
    order
}

fn port(erp: &Erp) -> AltOneZamowienia {
    AltOneZamowienia::builder().client(erp.client()).build()
}

fn contractor() -> ResponseTemplate {
    answer(r#"{"Count":1,"Kontrahenci":[{"ID":1,"Kod":"Abc","Nazwa":"Sklep Łączność"}],"Success":true}"#)
}

fn packet(rows: &Value, all_rows: bool, last_id: i32) -> ResponseTemplate {
    let count = rows.as_array().unwrap().len();
    let body =
        json!({"Data": rows, "AllRows": all_rows, "LastID": last_id, "ReadRecords": count, "Success": true});
    answer(body.to_string())
}

fn none() -> ResponseTemplate {
    packet(&json!([]), true, 0)
}

/// The document that [`order`] makes.
fn made() -> Value {
    json!({
        "ID": 101, "Guid": order().guid, "Definicja": "ZO", "NumerPelny": "ZO/000001/26", "SposobLiczeniaVAT": "OdNetto",
        "Data": {"Year": 2026, "Month": 11, "Day": 21}, "StanDokumentuHandlowego": "Zatwierdzony",
        "NumerObcy": {"Numer": "ZAM/2026/118"},
        "Pozycje": [
            {"ID": 1, "Lp": 1, "KodTowaru": "BUT_NAR_42", "Ilosc": {"Value": 3, "Symbol": "para"}, "Cena": {"Value": 271.6, "Symbol": "PLN"}},
            {"ID": 2, "Lp": 2, "KodTowaru": "PK", "Ilosc": {"Value": 1, "Symbol": "szt"}, "Cena": {"Value": 15, "Symbol": "PLN"}},
        ],
        "Podsumowanie": {"NettoCy": {"Value": 829.8, "Symbol": "PLN"}, "BruttoCy": {"Value": 1020.65, "Symbol": "PLN"}},
    })
}

#[tokio::test]
async fn get_dokumenty_handlowe() {
    let call = GetDokumentyHandlowe::builder()
        .last_id(500)
        .packet_size(4)
        .update_date(day(11, 21))
        .id_dok_handlowych(vec![DokumentId(501)])
        .xml_content_ksef(true)
        .build();
    let (sent, packet) = exchange(&call, LISTA, "altone_get_dokumenty_handlowe").await;
    insta::assert_snapshot!(sent);
    assert_eq!((packet.all_rows, packet.last_id, packet.data.len()), (false, 512, 4));
    let dokument = packet.data[0].as_ref().unwrap();
    assert_eq!(dokument.sposob_liczenia_vat, Some(SposobLiczeniaVAT::OdNetto));
    assert_eq!(dokument.features[0].wartosc.text().as_deref(), Some("B2B"));
    let zalacznik = &dokument.attachments[0];
    assert_eq!(zalacznik.content.as_deref(), Some(b"%PDF-1.4\n".as_slice()));
    assert_eq!(zalacznik.sub_type, Some(RodzajZalacznika::Document));
    let kontrahent = dokument.dane_kontrahenta.as_ref().unwrap();
    assert_eq!(kontrahent.adres.as_ref().unwrap().wojewodztwo, Some(Wojewodztwo::WarminskoMazurskie));
    let line = &dokument.pozycje[0];
    assert_eq!((line.cena_po_rabacie.clone(), line.wartosc.clone()), (Some(pln(27_160)), Some(pln(81_480))));
    assert_eq!(line.opis_analityczny[0].wymiar.as_deref(), Some("Dział"));
    let platnosc = &dokument.platnosci[0];
    assert_eq!((platnosc.termin, platnosc.kurs), (Some(day(12, 5)), Some(Decimal::new(10, 1))));
    assert_eq!(dokument.pozycje_vat[0].vat, Decimal::new(18_740, 2));
    assert_eq!(dokument.tabela_kursowa.as_ref().unwrap().kurs, Some(Decimal::new(42_517, 4)));
    assert_eq!(dokument.numer_obcy.as_ref().unwrap().data_otrzymania, Some(day(11, 19)));
    assert_eq!(dokument.ksef.as_ref().unwrap().status_ksef, Some(StatusKSeF::Przyjety));
    let trzeci = dokument.dane_podmiotu_trzeciego.as_ref().unwrap();
    assert_eq!(trzeci.dane_do_ksef, Some(DaneDoKSeF::Odbiorca));
    assert_eq!(trzeci.rola, Some(RolaPodmiotuTrzeciego::CzlonekGrupyVATOdbiorca));
    let adres = dokument.podmioty_dodatkowe_ksef[0].adres_podmiotu.as_ref().unwrap();
    assert_eq!(adres.adres_rozszerzony.as_ref().unwrap().pietro.as_deref(), Some("3"));
    assert_eq!(packet.data[1].as_ref().unwrap().korekta.as_ref().unwrap().data_dokumentu, Some(day(11, 21)));
}

#[tokio::test]
async fn insert_dokument_handlowy() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [contractor()]);
    let mut dokument = port(&erp).dokument(&order()).await.unwrap();
    dokument.features = vec![Cecha::new("Kanał", "B2B")];
    dokument.tabela_kursowa =
        Some(TabelaKursowa::builder().nazwa_tabeli("NBP").kurs(Decimal::new(42_517, 4)).build());
    dokument.ksef =
        Some(KSeFDokumentu::builder().status_ksef(StatusKSeF::DoWyslania).data_ksef(day(11, 21)).build());
    dokument.test_mode = Some(true);
    let call = InsertDokumentHandlowy::new(dokument);
    let (sent, wynik) = exchange(&call, INSERT, "altone_insert_dokument_handlowy").await;
    insta::assert_snapshot!(sent);
    assert_eq!((wynik.id, wynik.guid), (Some(DokumentId(101)), Some(order().guid)));
    assert_eq!((wynik.wartosc_netto_cy, wynik.data_wystawienia), (Some(pln(82_980)), Some(day(11, 21))));
    assert_eq!(format!("{call:?}").find("Abc"), None, "a document's content is not shown");
}

#[tokio::test]
async fn get_commercial_document() {
    let call = GetCommercialDocument::by_numer_obcy("ZAM/2026/118", "Abc");
    let path = "HandelWebAPI/GetCommercialDocument";
    let (sent, dokument) = exchange(&call, path, "altone_get_commercial_document").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/HandelWebAPI/GetCommercialDocument
    {"NumerObcy":{"Numer":"ZAM/2026/118","KodKontrahenta":"Abc"}}
    "#);
    let dokument = dokument.unwrap();
    assert_eq!(dokument.kategoria, Some(Kategoria::ZamowienieOdbiorcy));
    assert_eq!(dokument.sposob_liczenia_vat, Some(SposobLiczeniaVAT::OdNetto));
    assert_eq!((dokument.vat_cy, dokument.pozycje[0].lp), (Some(pln(19_085)), Some(1)));
    assert_eq!(dokument.sumy_vat.unwrap().pozycje_vat[0].stawka_vat, "23%");
    let by_id = serde_json::to_string(&GetCommercialDocument::by_id(DokumentId(101))).unwrap();
    insta::assert_snapshot!(by_id, @r#"{"ID":101}"#);
}

#[tokio::test]
async fn get_attachments() {
    let call = GetAttachments::builder().parent_id(501).table_name("DokHandlowe").extension("pdf").build();
    let path = "OperationFunctionsWebAPI/GetAttachments";
    let (sent, rows) = exchange(&call, path, "altone_get_attachments").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/OperationFunctionsWebAPI/GetAttachments
    {"ParentID":501,"TableName":"DokHandlowe","Extension":"pdf"}
    "#);
    let row = rows[0].as_ref().unwrap();
    assert_eq!((row.parent, row.features[0].wartosc.bool()), (Some(501), Some(true)));
}

#[tokio::test]
async fn insert_attachment() {
    let file = Zalacznik::builder()
        .name("list.txt")
        .table_name("DokHandlowe")
        .parent(501)
        .extension("txt")
        .sub_type(RodzajZalacznika::Text)
        .content(Bytes::from_static(&[0xfb, 0xef]))
        .build();
    let path = "OperationFunctionsWebAPI/InsertAttachment";
    let (sent, saved) = exchange(&InsertAttachment::new(file), path, "altone_insert_attachment").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/OperationFunctionsWebAPI/InsertAttachment
    {"TableName":"DokHandlowe","Name":"list.txt","Parent":501,"Extension":"txt","SubType":"Text","Base64":"++8="}
    "#);
    assert_eq!((saved.id, saved.test_mode), (Some(10), Some(false)));
}

#[tokio::test]
async fn get_file_pdf() {
    let call = GetFilePDF::new(DokumentId(501), "dokument.pdf");
    let (sent, file) = exchange(&call, PDF, "altone_get_file_pdf").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/FakturyHandloweWebAPI/GetFilePDF
    {"ParentID":501,"Name":"dokument.pdf"}
    "#);
    assert_eq!(file.unwrap().name.as_deref(), Some("FV_000021_26.pdf"));
}

#[tokio::test]
async fn the_change_queues_calls() {
    let code = || SecretString::from("tajny-kod");
    let call = GetTablesWaitingForExport::builder().external_system("Portal").security_code(code()).build();
    let path = "DataTableExchchangeWebAPI/GetTablesWaitingForExport";
    let (sent, tables) = exchange(&call, path, "altone_get_tables_waiting").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/DataTableExchchangeWebAPI/GetTablesWaitingForExport
    {"ExternalSystem":"Portal","SecurityCode":"tajny-kod"}
    "#);
    assert_eq!((tables[0].source_table.as_str(), tables[0].to_read_records), ("Towary", 2));
    assert!(!format!("{call:?}").contains("tajny"));

    let call = GetRecordsChange::builder()
        .last_id(10)
        .packet_size(2)
        .source_table("Towary")
        .external_system("Portal")
        .security_code(code())
        .show_future_records(Utc.with_ymd_and_hms(2026, 11, 22, 8, 0, 0).unwrap())
        .source_id(7)
        .hide_errors(false)
        .extended(true)
        .build();
    let (sent, packet) = exchange(&call, CHANGES, "altone_get_records_change").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/DataTableExchchangeWebAPI/GetRecordsChange
    {"LastID":10,"PacketSize":2,"SourceTable":"Towary","ExternalSystem":"Portal","SecurityCode":"tajny-kod","ShowFutureRecords":"2026-11-22T08:00:00Z","SourceID":7,"HideErrors":false,"Extended":true}
    "#);
    let [first, second] = [0, 1].map(|n| packet.data[n].as_ref().unwrap());
    assert_eq!((first.error, first.description.as_deref()), (Some(true), Some("brak miejsca")));
    assert_eq!(first.extended.as_ref().unwrap().operator.as_deref(), Some("Jan"));
    assert_eq!(second.source_state, StanWiersza::Deleted);
    assert!(!format!("{call:?}").contains("tajny"));

    let call = UpdateRecordsChangeStatus::builder()
        .external_system("Portal")
        .security_code(code())
        .list_confirm_data_change_update(Vec::new())
        .build();
    let path = "DataTableExchchangeWebAPI/UpdateRecordsChangeStatus";
    let (sent, said) = exchange(&call, path, "altone_update_records_change_status").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/DataTableExchchangeWebAPI/UpdateRecordsChangeStatus
    {"ExternalSystem":"Portal","SecurityCode":"tajny-kod","ListConfirmDataChangeUpdate":[]}
    "#);
    assert_eq!(said.external_system.as_deref(), Some("Portal"));
    assert!(!format!("{call:?}").contains("tajny"));
}

#[tokio::test]
async fn an_order_is_made_after_its_contractor_and_its_guid_were_looked_up() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [contractor()]);
    erp.answers(LISTA, [none()]);
    erp.answers(INSERT, [answer(fixture("altone_insert_dokument_handlowy"))]);
    let made = port(&erp).create_once(&order()).await.unwrap();
    assert_eq!((made.id, made.stan, made.odnalezione), (DokumentId(101), StanDokumentu::Bufor, false));
    assert_eq!(made.suma_brutto, Some(pln(102_065)));
    let sent: Vec<_> = erp.script().calls.iter().map(|call| call.text.clone()).collect();
    insta::assert_snapshot!(sent.join("\n"));
}

#[tokio::test]
async fn a_refused_insert_names_the_exception_and_shows_no_content() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [contractor()]);
    erp.answers(LISTA, [none()]);
    erp.answers(INSERT, [answer(fixture("altone_odmowa"))]);
    let error = port(&erp).create_or_find(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Refused, Some("Soneta.Business.RowException")));
    assert!(!error.may_have_been_applied());
    assert!(error.detail().unwrap().contains("zablokowany"));
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(!shown.contains("Abc") && !shown.contains("Save()"), "{shown}");
    }
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_by_its_guid_and_not_sent_again() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [contractor()]);
    erp.answers(LISTA, [none(), packet(&json!([made()]), true, 101)]);
    erp.answers(INSERT, [status(503)]);
    let found = port(&erp).create_or_find(&order()).await.unwrap();
    assert_eq!((found.id, found.odnalezione, found.pozycje.len()), (DokumentId(101), true, 2));
    // Placed again, it is found before anything is sent.
    assert!(port(&erp).create_once(&order()).await.unwrap().odnalezione);
    assert_eq!(erp.count(INSERT), 1);
}

#[tokio::test]
async fn a_guid_of_another_order_is_a_conflict_and_nothing_is_sent() {
    let erp = Erp::start().await;
    let mut other = made();
    other["Pozycje"].as_array_mut().unwrap().pop();
    erp.answers(CONTRACTORS, [contractor()]);
    erp.answers(LISTA, [packet(&json!([other]), true, 101)]);
    let error = port(&erp).create_once(&order()).await.unwrap_err();
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::Konflikt));
    assert!(error.may_have_been_applied());
    assert_eq!(erp.count(INSERT), 0);
}

#[tokio::test]
async fn a_server_that_ignores_the_restriction_neither_matches_nor_denies() {
    let mut other = made();
    other["Guid"] = json!("00000000-0000-0000-0000-000000000001");
    other["ID"] = json!(7);
    for rows in [json!([other]), json!([other, made()]), json!([made(), {"ID": "?"}, other])] {
        let erp = Erp::start().await;
        erp.answers(CONTRACTORS, [contractor()]);
        erp.answers(LISTA, [packet(&rows, true, 101)]);
        let port = port(&erp);
        let decode = |error: Error| {
            assert!(matches!(error.kind(), ErrorKind::Decode | ErrorKind::Unexpected), "{error}");
        };
        decode(port.get_zamowienie(&KluczZamowienia::Guid(order().guid)).await.unwrap_err());
        decode(port.get_zamowienie(&KluczZamowienia::Id(DokumentId(101))).await.unwrap_err());
        decode(port.get_statusy(&[DokumentId(101)]).await.unwrap_err());
        decode(port.create_once(&order()).await.unwrap_err());
        let faktury = AltOneFaktury::builder().client(erp.client()).definicje(vec!["ZO".to_owned()]).build();
        decode(faktury.get_faktura(DokumentId(101)).await.unwrap_err());
        assert_eq!(erp.count(INSERT), 0);
    }
}

#[tokio::test]
async fn what_the_contract_cannot_say_is_refused_before_anything_is_sent() {
    let erp = Erp::start().await;
    erp.answers(LISTA, [none()]);
    let change = |change: fn(&mut NoweZamowienie)| {
        let mut order = order();
        change(&mut order);
        order
    };
    for order in [
        change(|order| order.kontrahent_kod = None),
        change(|order| order.platnik_id = Some(KontrahentId(2))),
        change(|order| order.sposob_dostawy = Some("Kurier".to_owned())),
        change(|order| order.rezerwuj = Rezerwacja::Ile),
        change(|order| order.pozycje[0].cena_stala = false),
        change(|order| order.pozycje[0].kod = None),
        change(|order| order.pozycje[0].cena_netto.symbol = "EUR".to_owned()),
        change(|order| order.pozycje.clear()),
        change(|order| order.termin_dni = Some(-1)),
    ] {
        let error = port(&erp).create_once(&order).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Invalid, false));
    }
    // Not the order, but a setting of the port.
    for order in
        [change(|order| order.forma_platnosci = None), change(|order| order.definicja = "ZW".to_owned())]
    {
        assert_eq!(port(&erp).create_once(&order).await.unwrap_err().kind(), ErrorKind::Config);
    }
    assert!(erp.script().calls.iter().all(|call| call.path.ends_with("GetDokumentyHandlowe")));
    // A Kod of another contractor shows only when it is looked up.
    erp.answers(
        CONTRACTORS,
        [answer(r#"{"Kontrahenci":[{"ID":2,"Kod":"Abc","Nazwa":"Inny"}],"Success":true}"#)],
    );
    assert_eq!(port(&erp).create_once(&order()).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(erp.count(INSERT), 0);
}

#[tokio::test]
async fn a_document_of_the_guid_is_never_nothing_whatever_its_symbol() {
    for symbol in [json!("ZOB"), Value::Null] {
        let mut made = made();
        made["Definicja"] = symbol;
        let erp = Erp::start().await;
        erp.answers(CONTRACTORS, [contractor()]);
        erp.answers(LISTA, [packet(&json!([made]), true, 101)]);
        let error = port(&erp).create_or_find(&order()).await.unwrap_err();
        assert!(error.may_have_been_applied(), "{error}");
        assert_eq!(erp.count(INSERT), 0);
    }
}

#[tokio::test]
async fn an_insert_that_is_refused_since_an_earlier_one_got_there_first_is_found() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [contractor()]);
    erp.answers(LISTA, [none(), packet(&json!([made()]), true, 101)]);
    let refusal = r#"{"Success":false,"Errors":[{"Type":"Soneta.Business.DuplicateException"}]}"#;
    erp.answers(INSERT, [answer(refusal)]);
    let found = port(&erp).create_once(&order()).await.unwrap();
    assert_eq!((found.id, found.odnalezione, erp.count(INSERT)), (DokumentId(101), true, 1));
}

#[tokio::test]
async fn a_document_that_did_not_get_the_guid_is_in_doubt() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [contractor()]);
    erp.answers(LISTA, [none()]);
    erp.answers(INSERT, [answer(fixture("altone_insert_dokument_handlowy").replace("6f1e8ac6", "00000000"))]);
    assert!(port(&erp).create_or_find(&order()).await.unwrap_err().may_have_been_applied());
}

#[tokio::test]
async fn an_order_is_found_by_the_buyers_number() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [contractor()]);
    erp.answers("HandelWebAPI/GetCommercialDocument", [answer(fixture("altone_get_commercial_document"))]);
    erp.answers(LISTA, [packet(&json!([made()]), true, 101)]);
    let klucz = |numer: &str| KluczZamowienia::numer_obcy(numer, KontrahentId(1));
    let found = port(&erp).get_zamowienie(&klucz("ZAM/2026/118")).await.unwrap().unwrap();
    assert_eq!((found.id, found.pozycje[0].cena_netto.clone()), (DokumentId(101), Some(pln(27_160))));
    assert_eq!((found.pozycje[0].zrealizowano.clone(), found.suma_netto), (None, Some(pln(82_980))));
    assert!(port(&erp).get_zamowienie(&klucz("ZAM/1")).await.unwrap().is_none());
}

#[tokio::test]
async fn invoices_and_delivery_notes_are_told_apart_by_symbols_and_the_buffer_is_left_out() {
    let erp = Erp::start().await;
    erp.answers(LISTA, [answer(fixture("altone_get_dokumenty_handlowe"))]);
    let faktury = AltOneFaktury::builder().client(erp.client()).korekty(vec!["KFV".to_owned()]).build();
    let query =
        DokumentyQuery::builder().changed_since(Utc.with_ymd_and_hms(2026, 11, 21, 23, 30, 0).unwrap());
    let page = faktury.list_faktury(&query.limit(4).build()).await.unwrap();
    let rows: Vec<_> = page.rows.into_iter().map(|row| row.unwrap().upsert().unwrap()).collect();
    let [faktura, korekta] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((faktura.id, faktura.stan.clone()), (DokumentId(501), StanDokumentu::Zablokowany));
    assert_eq!(
        (faktura.suma_brutto.clone(), faktura.kontrahent.kod.as_deref()),
        (Some(pln(100_220)), Some("Abc"))
    );
    assert_eq!(faktura.pozycje[0].wartosc_netto, Some(pln(81_480)));
    assert_eq!(faktura.ksef.as_ref().unwrap().status, StatusKSeF::Przyjety);
    assert_eq!(
        (korekta.kategoria.clone(), korekta.koryguje_numer.as_deref()),
        (Kategoria::KorektaSprzedazy, Some("FV/000021/26"))
    );
    assert_eq!((page.end, page.next.as_ref().unwrap().as_str()), (false, "altone/faktury 512 2026-11-21"));
    insta::assert_snapshot!(erp.only_call().text, @r#"
    POST /api/FakturyHandloweWebAPI/GetDokumentyHandlowe
    {"LastID":0,"PacketSize":4,"Conditions":[],"UpdateDate":{"Year":2026,"Month":11,"Day":21},"IdDokHandlowych":[]}
    "#);
    let next = DokumentyQuery::builder().maybe_after(page.next).od_dnia(day(11, 22)).build();
    assert!(
        faktury
            .list_faktury(&DokumentyQuery::builder().od_dnia(day(11, 22)).build())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    // The same packet again moves nothing on.
    assert_eq!(faktury.list_faktury(&next).await.unwrap_err().kind(), ErrorKind::Decode);

    let wydania = AltOneWydania::builder().client(erp.client()).build();
    let page = wydania.list_wydania(&DokumentyQuery::default()).await.unwrap();
    let [Ok(Change::Upsert(wydanie))] = page.rows.as_slice() else { panic!("{:?}", page.rows) };
    assert_eq!((wydanie.id, wydanie.kategoria.clone()), (DokumentId(511), Kategoria::WydanieMagazynowe));
    assert_eq!(wydanie.pozycje[0].ilosc, Quantity::new(Decimal::from(3), "para"));
    let adres = wydanie.adres_dostawy.as_ref().unwrap();
    assert_eq!((adres.nazwa.as_deref(), adres.ulica.as_deref()), (Some("Magazyn Gdynia"), Some("Morska")));
}

#[tokio::test]
async fn a_document_that_cannot_be_read_is_a_bad_row_in_its_place() {
    let erp = Erp::start().await;
    let row = |id: i32| {
        json!({"ID": id, "Definicja": "FV", "NumerPelny": "FV/1", "Data": {"Year": 2026, "Month": 11, "Day": 21},
               "DaneKontrahenta": {"Kod": "A", "Nazwa": "A"}, "Zatwierdzony": true})
    };
    let (mut no_date, mut bad_amount) = (row(2), row(3));
    no_date["Data"] = Value::Null;
    bad_amount["WartoscCy"] = json!({"Value": "dużo", "Symbol": "PLN"});
    erp.answers(LISTA, [packet(&json!([row(1), no_date, bad_amount, row(4)]), true, 4)]);
    let faktury = AltOneFaktury::builder().client(erp.client()).build();
    let page = faktury.list_faktury(&DokumentyQuery::default()).await.unwrap();
    let ids: Vec<_> = page.rows.iter().map(|row| row.as_ref().err().map(|bad| bad.id)).collect();
    assert_eq!(ids, [None, Some(Some(2)), Some(Some(3)), None]);
    assert!(page.end && page.next.is_none());
}

#[tokio::test]
async fn a_packet_that_is_empty_and_not_the_last_one_is_an_error() {
    let erp = Erp::start().await;
    erp.answers(LISTA, [packet(&json!([]), false, 900)]);
    erp.answers(CHANGES, [packet(&json!([]), false, 900)]);
    let faktury = AltOneFaktury::builder().client(erp.client()).build();
    let error = faktury.list_faktury(&DokumentyQuery::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(faktury.get_faktura(DokumentId(1)).await.is_err());
    let zmiany = AltOneZmiany::builder().client(erp.client()).external_system("Portal");
    let zmiany = zmiany.security_code(SecretString::from("tajny-kod")).build();
    assert!(zmiany.list_zmiany("Towary", &SnapshotQuery::default()).await.is_err());
    assert!(!format!("{zmiany:?}").contains("tajny"));
}

#[tokio::test]
async fn pages_of_the_change_queue_go_on_after_the_last_id_of_their_table() {
    let erp = Erp::start().await;
    erp.answers(CHANGES, [answer(fixture("altone_get_records_change")), none()]);
    let zmiany = AltOneZmiany::builder().client(erp.client()).external_system("Portal");
    let zmiany = zmiany.security_code(SecretString::from("tajny-kod")).build();
    let page = zmiany.list_zmiany("Towary", &SnapshotQuery::default()).await.unwrap();
    let rows: Vec<ZmianaWiersza> = page.rows.into_iter().map(Result::unwrap).collect();
    assert_eq!((rows[0].id, rows[0].wiersz_id, rows[0].bledna), (11, 7, true));
    assert_eq!((rows[1].stan.clone(), rows[1].bledna), (StanWiersza::Deleted, false));
    let query = SnapshotQuery::builder().maybe_after(page.next).build();
    assert_eq!(zmiany.list_zmiany("Kontrahenci", &query).await.unwrap_err().kind(), ErrorKind::Config);
    assert!(zmiany.list_zmiany("Towary", &query).await.unwrap().end);
    assert!(erp.script().calls[1].text.contains(r#""LastID":12"#));
}

#[tokio::test]
async fn a_pdf_is_bytes_with_a_name_and_anything_else_is_an_error() {
    let erp = Erp::start().await;
    let none = r#"{"Attachment":null,"Success":true}"#.to_owned();
    let html = fixture("altone_get_file_pdf").replace("JVBERi0xLjQK", "PGh0bWw+");
    erp.answers(PDF, [fixture("altone_get_file_pdf"), html, none].map(answer));
    let faktury = AltOneFaktury::builder().client(erp.client()).nazwa_pdf("wydruk.pdf").build();
    let pdf = faktury.get_faktura_pdf(DokumentId(501)).await.unwrap();
    assert_eq!((pdf.nazwa.as_str(), pdf.bytes.as_ref()), ("FV_000021_26.pdf", b"%PDF-1.4\n".as_slice()));
    assert!(erp.only_call().text.contains(r#""Name":"wydruk.pdf""#));
    for _ in ["html", "none"] {
        assert_eq!(faktury.get_faktura_pdf(DokumentId(501)).await.unwrap_err().kind(), ErrorKind::Decode);
    }
}

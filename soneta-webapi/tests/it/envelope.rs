//! Refusals inside a 200, and rows decoded one by one.

use futures::TryStreamExt;
use rstest::rstest;
use serde_json::Value;
use soneta_webapi::altone::GetTowary;
use soneta_webapi::b2b::{InfoPobierz, StanyLista};
use soneta_webapi::envelope;
use soneta_webapi::{Change, ChangesQuery, Endpoint, ErrorKind, KodOdmowy, Refusal, StanyQuery, Towary};

use crate::erp::{Erp, fixture, json};

fn info(body: &str) -> soneta_webapi::Error {
    InfoPobierz::default().decode(body.as_bytes()).unwrap_err()
}

#[test]
fn every_error_of_a_refusal_is_kept_and_the_stack_trace_is_not() {
    let error = info(
        r#"{"Success":false,"Description":"opis","Errors":[
            {"Kod":"BrakStanu","Message":"Brak towaru","Lp":2,"Pole":"Ilosc"},
            {"Type":"Soneta.Business.RowException","Message":"Wyjątek","StackTrace":"w Soneta.Tajne()"},
            {"Kod":"to jest zdanie o kliencie Kowalski","Message":"!"}]}"#,
    );
    assert_eq!((error.kind(), error.code()), (ErrorKind::Refused, Some("BrakStanu")));
    assert_eq!(error.detail(), Some("Brak towaru; Wyjątek; !"));
    let entries = Refusal::of(&error).unwrap().entries();
    assert_eq!(
        (entries[0].kod.as_deref(), entries[0].lp, entries[0].pole.as_deref()),
        (Some("BrakStanu"), Some(2), Some("Ilosc"))
    );
    assert_eq!(entries[1].kod.as_deref(), Some("Soneta.Business.RowException"));
    assert_eq!(entries[2].kod, None);
    let shown = format!("{error} {error:?} {:?}", std::error::Error::source(&error).map(ToString::to_string));
    for hidden in ["Brak towaru", "Wyjątek", "Tajne", "Kowalski"] {
        assert!(!shown.contains(hidden), "{shown}");
    }
}

#[rstest]
#[case::description_alone(
    r#"{"Success":false,"Description":"Nie wolno","Errors":null}"#,
    None,
    Some("Nie wolno")
)]
#[case::camel_case(r#"{"success":false,"errors":[{"type":"X","message":"Nie"}]}"#, Some("X"), Some("Nie"))]
#[case::texts(r#"{"Success":false,"Errors":["Nie","wolno"]}"#, None, Some("Nie; wolno"))]
#[case::no_success_but_errors(
    r#"{"Errors":[{"Kod":"BledneDane","Message":"Źle"}]}"#,
    Some("BledneDane"),
    Some("Źle")
)]
#[case::odd_errors(r#"{"Success":false,"Errors":{"a":1}}"#, None, None)]
fn every_form_of_a_refusal_is_seen(
    #[case] body: &str,
    #[case] code: Option<&str>,
    #[case] detail: Option<&str>,
) {
    for error in [info(body), StanyLista::builder().ile(1).build().decode(body.as_bytes()).unwrap_err()] {
        assert_eq!((error.kind(), error.code(), error.detail()), (ErrorKind::Refused, code, detail));
    }
}

#[rstest]
#[case::a_list_alone(r#"{"Errors":["Nie"]}"#, Some(true))]
#[case::with_success(r#"{"Success":false,"Errors":["Nie"]}"#, Some(false))]
#[case::none(r#"{"Errors":[]}"#, None)]
#[case::null(r#"{"Errors":null}"#, None)]
#[case::a_count(r#"{"Errors":0}"#, None)]
#[case::a_flag(r#"{"Errors":false}"#, None)]
#[case::a_text(r#"{"Errors":""}"#, None)]
#[case::an_object(r#"{"Errors":{}}"#, None)]
#[case::numbers(r#"{"Errors":[0]}"#, None)]
fn without_success_a_list_of_errors_alone_is_a_refusal_and_leaves_a_write_in_doubt(
    #[case] body: &str,
    #[case] in_doubt: Option<bool>,
) {
    let refused = envelope::decode::<Value>(body.as_bytes()).err();
    let seen = refused.map(|error| {
        assert_eq!(error.kind(), ErrorKind::Refused);
        error.may_have_been_applied()
    });
    assert_eq!(seen, in_doubt);
}

#[rstest]
#[case::success_is_a_text(r#"{"Success":"false","Wersja":"1","Poziom":1,"MaksIle":1}"#)]
#[case::a_bare_text(r#""Nie znaleziono""#)]
#[case::html("<html>")]
#[case::empty("")]
#[case::null("null")]
fn what_is_no_answer_is_neither_success_nor_refusal(#[case] body: &str) {
    assert_eq!(info(body).kind(), ErrorKind::Decode);
    assert_eq!(
        StanyLista::builder().ile(1).build().decode(body.as_bytes()).unwrap_err().kind(),
        ErrorKind::Decode
    );
}

#[test]
fn a_bare_text_is_told_in_the_detail() {
    assert_eq!(info(r#""Nie znaleziono""#).detail(), Some("Nie znaleziono"));
}

#[test]
fn a_code_of_another_version_is_kept() {
    let error = info(r#"{"Success":false,"Errors":[{"Kod":"NowyKod","Message":""}]}"#);
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::Unknown("NowyKod".to_owned())));
}

#[test]
fn a_list_that_is_null_is_empty_and_one_that_is_missing_is_an_error() {
    let call = StanyLista::builder().ile(1).build();
    let read = |body: &str| call.decode(body.as_bytes());
    assert_eq!(read(r#"{"Success":true,"Pozycje":null,"Koniec":true,"PoId":0}"#).unwrap().pozycje.len(), 0);
    let error = read(r#"{"Success":true,"Koniec":true,"PoId":0}"#).unwrap_err();
    assert!(error.to_string().contains("Pozycje"), "{error}");
    assert!(
        read(r#"{"Success":true,"Pozycje":[]}"#).is_err(),
        "without Koniec and PoId nobody knows how to go on"
    );
    assert!(read(r#"{"Pozycje":[],"Koniec":true,"PoId":0} x"#).is_err());
}

#[test]
fn members_beside_the_list_are_read_in_camel_case_too() {
    let packet = GetTowary::builder()
        .build()
        .decode(br#"{"data":[],"allRows":true,"lastID":4,"readRecords":0,"success":true}"#);
    assert_eq!(packet.unwrap().last_id, 4);
}

#[tokio::test]
async fn a_page_with_one_undecodable_record_delivers_all_others() {
    let erp = Erp::start().await;
    let good = |id: u32| {
        format!(
            r#"{{"TowarId":{id},"Kod":"K{id}","Zaznaczony":true,"Jednostka":"szt","Nowe":{{"pole":1}},"Magazyny":[{{"MagazynId":1,"Magazyn":"F",
               "Stan":{{"Value":"1 234,50","Symbol":"szt"}},"Zarezerwowane":0,"Dostepne":"7,5"}}]}}"#
        )
    };
    let bad = r#"{"TowarId":2,"Kod":"ZEPSUTY","Zaznaczony":true,"Magazyny":[{"MagazynId":1,"Magazyn":"F","Stan":"tajne dużo","Zarezerwowane":0,"Dostepne":0}]}"#;
    let body =
        format!(r#"{{"Success":true,"Pozycje":[{},{bad},{}],"Koniec":true,"PoId":3}}"#, good(1), good(3));
    erp.answers("B2BStany/Lista", [json(body)]);
    let stany = erp.client().b2b().stany();
    let pages: Vec<_> = stany.list(StanyQuery::default()).try_collect().await.unwrap();
    let rows = &pages[0].rows;
    assert_eq!(rows.len(), 3);
    for (row, id) in [(&rows[0], 1), (&rows[2], 3)] {
        let stan = row.as_ref().unwrap();
        assert_eq!(
            (stan.towar_id.0, stan.magazyny[0].stan.to_string(), stan.dostepne_razem().unwrap().to_string()),
            (id, "1234.50".into(), "7.5".into())
        );
    }
    let bad = rows[1].as_ref().unwrap_err();
    assert_eq!((bad.position, bad.id, bad.kod.as_deref()), (1, Some(2), Some("ZEPSUTY")));
    let shown = format!("{bad} {bad:?} {}", bad.error);
    assert!(!shown.contains("tajne") && !shown.contains("ZEPSUTY"), "{shown}");
}

#[tokio::test]
async fn a_list_that_does_not_move_on_is_an_error() {
    let erp = Erp::start().await;
    erp.answers("B2BStany/Lista", [json(r#"{"Success":true,"Pozycje":[],"Koniec":false,"PoId":0}"#)]);
    erp.answers(
        "FakturyHandloweWebAPI/GetTowary",
        [json(r#"{"Success":true,"Data":[],"AllRows":false,"LastID":0,"ReadRecords":0}"#)],
    );
    let client = erp.client();
    let stany = client.b2b().stany();
    let pages = stany.list(StanyQuery::default()).try_collect::<Vec<_>>().await;
    assert_eq!(pages.unwrap_err().kind(), ErrorKind::Decode);
    let altone = client.altone();
    assert!(altone.towary(ChangesQuery::default()).try_collect::<Vec<_>>().await.is_err());
}

#[tokio::test]
async fn a_change_list_goes_on_with_exactly_what_the_server_gave() {
    let erp = Erp::start().await;
    let first = fixture("b2b_towary_lista").replace(r#""Koniec": true"#, r#""Koniec": false"#);
    let last = r#"{"Success":true,"CzasSerwera":"2026-11-21T09:31:07.002+01:00","Pozycje":[],"Koniec":true,"ZmienionePo":"2026-11-21T09:30:00.125+01:00","PoId":3}"#;
    erp.answers("B2BTowary/Lista", [json(first), json(last)]);
    let client = erp.client();
    let towary = client.b2b().towary();
    let pages: Vec<_> = towary.list(ChangesQuery::default()).try_collect().await.unwrap();
    assert_eq!(pages.len(), 2);
    assert!(matches!(pages[0].rows[1], Ok(Change::Deleted(_))));
    let next = pages[1].next.clone().unwrap();
    let query = ChangesQuery::builder().after(next.clone()).build();
    towary.list_towary(&query).await.unwrap();
    let sent: Vec<_> = erp.script().calls.iter().map(|call| call.text.clone()).collect();
    insta::assert_snapshot!(sent.join("\n"), @r#"
    POST /api/B2BTowary/Lista
    {"Ile":1000}
    POST /api/B2BTowary/Lista
    {"ZmienionePo":"2026-11-21T09:30:00.125+01:00","PoId":3,"Ile":1000}
    POST /api/B2BTowary/Lista
    {"ZmienionePo":"2026-11-21T09:30:00.125+01:00","PoId":3,"Ile":1000}
    "#);
    let error = client.altone().list_towary(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "a continuation of another list");
}

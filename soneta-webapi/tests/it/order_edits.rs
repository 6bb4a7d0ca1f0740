//! Edits and cancellations of orders: an edit whose answer was lost is looked up, a cancellation is repeated.

use api_transport::simulation::Fault;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use soneta_webapi::b2b::{ZamowieniaAnuluj, ZamowieniaZmien};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    AnulowanieZamowienia, Client, DokumentId, Effect, Endpoint, ErrorKind, KodOdmowy, KontrahentId,
    NoweZamowienie, PozycjaZamowienia, Rezerwacja, StanDokumentu, TowarId, ZmianaZamowienia, ZmianyZamowien,
};
use uuid::Uuid;

use crate::endpoints::{exchange, must_match_contract};
use crate::erp::{Erp, fixture, json, status};

const ZMIEN: &str = "B2BZamowienia/Zmien";
const ANULUJ: &str = "B2BZamowienia/Anuluj";
const POBIERZ: &str = "B2BZamowienia/Pobierz";

/// The edit of the fixtures: five pairs instead of three.
fn edit() -> ZmianaZamowienia {
    let line = |id_obcy: &str, ilosc: Quantity, cena: Decimal| {
        PozycjaZamowienia::builder().id_obcy(id_obcy).ilosc(ilosc).cena_netto(Currency::new(cena, "PLN"))
    };
    let pairs = Quantity::new(Decimal::from(5), "para");
    ZmianaZamowienia::builder()
        .id(DokumentId(101))
        .wersja(1)
        .rezerwuj(Rezerwacja::Ile)
        .pozycje(vec![
            line("1", pairs, Decimal::new(27_160, 2)).towar_id(TowarId(2)).kod("BUT_NAR_42").build(),
            line("dostawa", Quantity::new(Decimal::ONE, "szt"), Decimal::new(1_500, 2)).kod("PK").build(),
        ])
        .build()
}

fn cancellation() -> AnulowanieZamowienia {
    AnulowanieZamowienia::builder().id(DokumentId(101)).wersja(2).build()
}

fn lost() -> wiremock::ResponseTemplate {
    json(r#"{"Success":true,"Pozycje":[{"ID":"#)
}

#[tokio::test]
async fn b2b_zamowienia_zmien() {
    let edit = edit();
    let (sent, order) = exchange(&ZamowieniaZmien::from(&edit), ZMIEN, "b2b_zamowienia_zmien").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BZamowienia/Zmien
    {"ID":101,"Wersja":1,"Rezerwuj":"Ile","Pozycje":[{"IdObcy":"1","TowarId":2,"Kod":"BUT_NAR_42","Ilosc":{"Value":5,"Symbol":"para"},"CenaNetto":{"Value":271.60,"Symbol":"PLN"},"CenaStala":true},{"IdObcy":"dostawa","Kod":"PK","Ilosc":{"Value":1,"Symbol":"szt"},"CenaNetto":{"Value":15.00,"Symbol":"PLN"},"CenaStala":true}]}
    "#);
    assert_eq!((order.id, order.wersja, order.stan), (DokumentId(101), Some(2), StanDokumentu::Bufor));
    assert_eq!(ZamowieniaZmien::EFFECT, Effect::Create);
}

#[tokio::test]
async fn b2b_zamowienia_anuluj() {
    let cancellation = cancellation();
    let call = ZamowieniaAnuluj::from(&cancellation);
    let (sent, order) = exchange(&call, ANULUJ, "b2b_zamowienia_anuluj").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BZamowienia/Anuluj
    {"ID":101,"Wersja":2}
    "#);
    assert_eq!((order.wersja, order.stan), (Some(3), StanDokumentu::Anulowany));
    assert_eq!(ZamowieniaAnuluj::EFFECT, Effect::Idempotent);
}

#[test]
fn a_frozen_edit_is_the_same_digit_by_digit_and_names_only_what_it_changes() {
    let header = ZmianaZamowienia::builder()
        .id(DokumentId(101))
        .wersja(9_007_199_254_740_993)
        .uwagi("")
        .termin_dostawy(NaiveDate::from_ymd_opt(2026, 11, 28).unwrap())
        .build();
    let text = serde_json::to_string(&header).unwrap();
    insta::assert_snapshot!(text, @r#"{"ID":101,"Wersja":9007199254740993,"TerminDostawy":"2026-11-28","Uwagi":""}"#);
    must_match_contract(ZMIEN, &text);
    for edit in [edit(), header] {
        let frozen = serde_json::to_string(&edit).unwrap();
        let thawed: ZmianaZamowienia = serde_json::from_str(&frozen).unwrap();
        assert_eq!((serde_json::to_string(&thawed).unwrap(), &thawed), (frozen, &edit));
    }
}

#[tokio::test]
async fn an_edit_is_sent_once_and_its_lost_answer_is_in_doubt() {
    for answer in [status(503), lost()] {
        let erp = Erp::start().await;
        erp.answers(ZMIEN, [answer]);
        let error = erp.client().b2b().zamowienia().update_zamowienie(&edit()).await.unwrap_err();
        assert!(error.may_have_been_applied());
        assert_eq!(erp.count(ZMIEN), 1);
    }
}

#[tokio::test]
async fn an_answer_about_another_order_is_in_doubt() {
    let erp = Erp::start().await;
    erp.answers(ZMIEN, [json(fixture("b2b_zamowienia_zmien").replace(r#""ID": 101,"#, r#""ID": 102,"#))]);
    let error = erp.client().b2b().zamowienia().update_zamowienie(&edit()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Decode, true));
}

#[tokio::test]
async fn a_conflict_of_versions_changed_nothing() {
    let erp = Erp::start().await;
    erp.answers(ZMIEN, [json(fixture("b2b_zamowienia_zmien_konflikt"))]);
    let error = erp.client().b2b().zamowienia().update_zamowienie(&edit()).await.unwrap_err();
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::Konflikt));
    assert!(!error.may_have_been_applied());
}

#[tokio::test]
async fn an_edit_whose_answer_was_lost_or_that_was_sent_twice_is_found_in_the_order() {
    for answer in [status(503), lost(), json(fixture("b2b_zamowienia_zmien_konflikt"))] {
        let erp = Erp::start().await;
        erp.answers(ZMIEN, [answer]);
        erp.answers(POBIERZ, [json(fixture("b2b_zamowienia_zmien"))]);
        let zamowienia = erp.client().b2b().zamowienia();
        let mut lines = edit();
        lines.rezerwuj = None;
        let order = zamowienia.update_or_find(&lines).await.unwrap();
        assert_eq!((order.id, order.wersja), (DokumentId(101), Some(2)));
        assert_eq!((erp.count(ZMIEN), erp.count(POBIERZ)), (1, 1));
        // The same lines with a reservation that somebody else may have made.
        assert!(zamowienia.update_or_find(&edit()).await.is_err());
    }
}

#[tokio::test]
async fn an_edit_that_is_not_seen_in_the_order_stays_in_doubt() {
    let found = fixture("b2b_zamowienia_zmien");
    let same_version = found.replace(r#""Wersja": 2"#, r#""Wersja": 1"#);
    let no_version = found.replace(r#""Wersja": 2"#, r#""Wersja": null"#);
    let other_quantity = found.replacen(r#""Value": 5"#, r#""Value": 6"#, 1);
    let other_price = found.replacen("271.6", "271.7", 1);
    for found in [same_version, no_version, other_quantity, other_price] {
        assert_ne!(found, fixture("b2b_zamowienia_zmien"));
        let erp = Erp::start().await;
        erp.answers(ZMIEN, [status(503)]);
        erp.answers(POBIERZ, [json(found)]);
        let error = erp.client().b2b().zamowienia().update_or_find(&edit()).await.unwrap_err();
        assert!(error.may_have_been_applied());
    }
    let erp = Erp::start().await;
    erp.answers(ZMIEN, [status(503)]);
    erp.answers(POBIERZ, [json(fixture("b2b_zamowienia_zmien"))]);
    let mut notes = edit();
    notes.uwagi = Some("nowe".to_owned());
    let error = erp.client().b2b().zamowienia().update_or_find(&notes).await.unwrap_err();
    assert!(error.may_have_been_applied(), "notes are not told, so nobody sees whether they changed");
}

#[tokio::test]
async fn an_edit_that_is_refused_for_good_is_not_looked_up() {
    let erp = Erp::start().await;
    let refused = fixture("b2b_zamowienia_zmien_konflikt").replace("Konflikt", "BledneDane");
    erp.answers(ZMIEN, [json(refused)]);
    let error = erp.client().b2b().zamowienia().update_or_find(&edit()).await.unwrap_err();
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::BledneDane));
    assert_eq!(erp.count(POBIERZ), 0);
}

#[tokio::test]
async fn a_cancellation_is_repeated() {
    let erp = Erp::start().await;
    erp.answers(ANULUJ, [status(503), json(fixture("b2b_zamowienia_anuluj"))]);
    let order = erp.client().b2b().zamowienia().cancel_zamowienie(&cancellation()).await.unwrap();
    assert_eq!((order.stan, erp.count(ANULUJ)), (StanDokumentu::Anulowany, 2));
}

#[tokio::test]
async fn an_edit_and_a_cancellation_that_were_applied_without_an_answer_are_found_and_happen_once() {
    let simulator = Simulator::builder().goods(5).start().await.unwrap();
    let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
    let zamowienia = client.b2b().zamowienia();
    let courier = |ilosc: u32| {
        let line = PozycjaZamowienia::builder().id_obcy("1").kod("PK");
        let line = line.ilosc(Quantity::new(Decimal::from(ilosc), "szt"));
        vec![line.cena_netto(Currency::new(Decimal::new(1_550, 2), "PLN")).build()]
    };
    let order = NoweZamowienie::builder()
        .guid(Uuid::from_u128(1))
        .kontrahent_id(KontrahentId(1))
        .magazyn("F")
        .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
        .pozycje(courier(1))
        .build();
    let created = zamowienia.create_or_find(&order).await.unwrap();
    simulator.faults().add(Fault::on(ZMIEN).nth(1).apply_then_fail(503));
    simulator.faults().add(Fault::on(ANULUJ).nth(1).apply_then_fail(503));
    let edit = ZmianaZamowienia::builder()
        .id(created.id)
        .wersja(created.wersja.unwrap())
        .pozycje(courier(3))
        .build();
    let edited = zamowienia.update_or_find(&edit).await.unwrap();
    assert_eq!((edited.wersja, edited.suma_netto.unwrap().value), (Some(2), Decimal::new(4_650, 2)));
    assert_eq!(zamowienia.update_or_find(&edit).await.unwrap().wersja, Some(2), "the same edit once more");
    let cancellation = AnulowanieZamowienia::builder().id(created.id).wersja(2).build();
    let cancelled = zamowienia.cancel(&cancellation).await.unwrap();
    assert_eq!((cancelled.wersja, cancelled.stan), (Some(3), StanDokumentu::Anulowany));
    assert_eq!((simulator.faults().calls(ZMIEN), simulator.faults().calls(ANULUJ)), (2, 2));
}

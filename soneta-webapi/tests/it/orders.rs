//! Orders: a create that nobody answered is looked up, never sent again.

use std::time::Duration;

use chrono::NaiveDate;
use futures::poll;
use rust_decimal::Decimal;
use soneta_webapi::b2b::{InfoPobierz, ZamowieniaDodaj};
use soneta_webapi::wire::{Cecha, Currency, Quantity};
use soneta_webapi::{
    Adres, DokumentId, ErrorKind, KodOdmowy, KontrahentId, NoweZamowienie, PozycjaZamowienia, Rezerwacja,
    StanTowaru, TowarId,
};
use uuid::Uuid;
use wiremock::ResponseTemplate;

use crate::erp::{Erp, fixture, json, status};

const DODAJ: &str = "B2BZamowienia/Dodaj";
const POBIERZ: &str = "B2BZamowienia/Pobierz";

/// The order of the fixtures.
pub(crate) fn order() -> NoweZamowienie {
    let line = |id_obcy: &str, ilosc: Quantity, grosze: i64| {
        PozycjaZamowienia::builder()
            .id_obcy(id_obcy)
            .ilosc(ilosc)
            .cena_netto(Currency::new(Decimal::new(grosze, 2), "PLN"))
    };
    NoweZamowienie::builder()
        .guid(Uuid::parse_str("6f1e8ac6-87dc-4720-b50d-f769e475ed40").unwrap())
        .numer_obcy("ZAM/2026/118")
        .kontrahent_id(KontrahentId(1))
        .kontrahent_kod("Abc")
        .adres_dostawy(
            Adres::builder()
                .nazwa("Sklep Łączność")
                .ulica("Świętojańska")
                .nr_domu("12")
                .kod_pocztowy("81-368")
                .miejscowosc("Gdynia")
                .kod_kraju("PL")
                .build(),
        )
        .magazyn("F")
        .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
        .termin_dostawy(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap())
        .sposob_dostawy("Kurier")
        .forma_platnosci("Przelew")
        .termin_dni(14)
        .waluta("PLN")
        .uwagi("Proszę dzwonić przed dostawą")
        .rezerwuj(Rezerwacja::Ile)
        .pozycje(vec![
            line("1", Quantity::new(Decimal::from(3), "para"), 27_160)
                .towar_id(TowarId(2))
                .kod("BUT_NAR_42")
                .cechy(vec![Cecha::new("Grawer", Decimal::new(150, 2)), Cecha::new("Prezent", true)])
                .build(),
            line("dostawa", Quantity::new(Decimal::ONE, "szt"), 1_500).kod("PK").build(),
        ])
        .build()
}

fn found() -> ResponseTemplate {
    json(fixture("b2b_zamowienia_pobierz"))
}

fn none() -> ResponseTemplate {
    json(r#"{"Success":true,"Pozycje":[],"Koniec":true}"#)
}

#[tokio::test]
async fn create_is_not_repeated_after_503_and_says_so() {
    let erp = Erp::start().await;
    erp.answers(DODAJ, [status(503)]);
    let error = erp.client().b2b().zamowienia().create_once(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_applied()), (ErrorKind::Unavailable, true));
    assert_eq!(erp.count(DODAJ), 1);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_found_and_not_sent_again() {
    let slow = json(fixture("b2b_zamowienia_dodaj")).set_delay(Duration::from_secs(30));
    let unreadable = json(r#"{"Success":true,"ID":"#);
    for lost in [status(503), slow, unreadable] {
        let erp = Erp::start().await;
        erp.answers(DODAJ, [lost]);
        erp.answers(POBIERZ, [found()]);
        let client = erp.builder().attempt_timeout(Duration::from_millis(300)).build().unwrap();
        let order = order();
        let created = client.b2b().zamowienia().create_or_find(&order).await.unwrap();
        assert_eq!((created.id, created.guid, created.odnalezione), (DokumentId(101), order.guid, true));
        assert_eq!(created.pozycje[0].cena_netto, Some(order.pozycje[0].cena_netto.clone()));
        assert_eq!((erp.count(DODAJ), erp.count(POBIERZ)), (1, 1));
    }
}

#[tokio::test]
async fn a_taken_guid_is_looked_up() {
    let erp = Erp::start().await;
    erp.answers(DODAJ, [json(fixture("b2b_zamowienia_dodaj_konflikt"))]);
    erp.answers(POBIERZ, [found(), none()]);
    let zamowienia = erp.client().b2b().zamowienia();
    assert!(zamowienia.create_or_find(&order()).await.unwrap().odnalezione);
    let error = zamowienia.create_or_find(&order()).await.unwrap_err();
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::Konflikt));
    assert!(error.may_have_been_applied(), "a document exists, though it was not found");
}

#[tokio::test]
async fn an_order_that_is_not_found_or_is_another_one_stays_in_doubt() {
    let other = |from: &str, to: &str| {
        let body = fixture("b2b_zamowienia_pobierz");
        assert!(body.contains(from));
        json(body.replace(from, to))
    };
    for looked_up in [
        none(),
        status(500),
        json(r#"{"Success":false,"Errors":[{"Kod":"BrakUprawnien","Message":"nie"}]}"#),
        other(r#""KontrahentId": 1"#, r#""KontrahentId": 2"#),
        other("829.8", "829.7"),
        other("6f1e8ac6", "00000000"),
    ] {
        let erp = Erp::start().await;
        erp.answers(DODAJ, [status(502)]);
        erp.answers(POBIERZ, [looked_up]);
        let error = erp.client().b2b().zamowienia().create_or_find(&order()).await.unwrap_err();
        assert!(error.may_have_been_applied());
        assert_eq!(error.status(), Some(502), "the create's own failure is told");
        assert_eq!(erp.count(DODAJ), 1);
    }
}

#[tokio::test]
async fn amounts_beyond_what_a_decimal_holds_are_no_total_and_no_panic() {
    let huge = Decimal::from(100_000_000_000_000_000_000_i128);
    let mut order = order();
    order.pozycje[0].ilosc.value = huge;
    order.pozycje[0].cena_netto.value = huge;
    assert_eq!((order.pozycje[0].wartosc_netto(), order.suma_netto()), (None, None));
    let mut sum = order.clone();
    for line in &mut sum.pozycje {
        (line.ilosc.value, line.cena_netto.value) = (Decimal::ONE, Decimal::MAX);
    }
    assert_eq!((sum.pozycje[0].wartosc_netto(), sum.suma_netto()), (Some(Decimal::MAX), None));
    let mut stan: StanTowaru = serde_json::from_str(
        r#"{"TowarId":1,"Kod":"K","Zaznaczony":true,"Magazyny":[
            {"MagazynId":1,"Magazyn":"F","Stan":1,"Zarezerwowane":0,"Dostepne":79228162514264337593543950335}]}"#,
    )
    .unwrap();
    assert_eq!(stan.dostepne_razem(), Some(Decimal::MAX));
    stan.magazyny.push(stan.magazyny[0].clone());
    assert_eq!(stan.dostepne_razem(), None);

    // Neither is the document that a look-up finds this order then, nor one whose total is as far off as can be.
    let least = fixture("b2b_zamowienia_pobierz").replace("829.8", "-79228162514264337593543950335");
    for (order, looked_up) in [(order, found()), (self::order(), json(least))] {
        let erp = Erp::start().await;
        erp.answers(DODAJ, [status(502)]);
        erp.answers(POBIERZ, [looked_up]);
        let error = erp.client().b2b().zamowienia().create_or_find(&order).await.unwrap_err();
        assert!(error.may_have_been_applied());
    }
}

#[tokio::test]
async fn a_refused_order_is_not_looked_up() {
    let erp = Erp::start().await;
    erp.answers(
        DODAJ,
        [json(r#"{"Success":false,"Errors":[{"Kod":"BlokadaSprzedazy","Message":"Zablokowany","Pole":"KontrahentId"}]}"#)],
    );
    let error = erp.client().b2b().zamowienia().create_or_find(&order()).await.unwrap_err();
    assert_eq!(
        (error.kind(), KodOdmowy::of(&error)),
        (ErrorKind::Refused, Some(KodOdmowy::BlokadaSprzedazy))
    );
    assert!(!error.may_have_been_applied());
    assert_eq!(erp.count(POBIERZ), 0);
}

#[tokio::test]
async fn an_order_waits_behind_at_most_one_other_call() {
    let erp = Erp::start().await;
    erp.answers("B2BInfo/Pobierz", [json(fixture("b2b_info"))]);
    erp.answers(DODAJ, [json(fixture("b2b_zamowienia_dodaj"))]);
    let client = erp.client();
    client.log_in().await.unwrap();
    let (info, order) = (InfoPobierz::default(), order());
    let create = ZamowieniaDodaj::from(&order);
    let mut wave: Vec<_> = (0..6).map(|_| Box::pin(client.send(&info))).collect();
    for call in &mut wave {
        assert!(poll!(call.as_mut()).is_pending());
    }
    let mut urgent = Box::pin(client.send(&create));
    assert!(poll!(urgent.as_mut()).is_pending());
    let (created, wave) = futures::join!(urgent, futures::future::join_all(wave));
    assert!(created.is_ok() && wave.iter().all(Result::is_ok));
    let calls: Vec<_> = erp.script().calls.iter().map(|call| call.path.clone()).collect();
    assert_eq!(calls.iter().position(|path| path.ends_with("Dodaj")), Some(1), "{calls:?}");
}

#[tokio::test]
async fn a_stored_order_is_read_back_digit_by_digit() {
    let order = order();
    let stored = serde_json::to_vec(&order).unwrap();
    let read: NoweZamowienie = serde_json::from_slice(&stored).unwrap();
    assert!(read == order);
    assert_eq!(serde_json::to_vec(&read).unwrap(), stored);
}

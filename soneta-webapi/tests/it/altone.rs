//! AltOne's ports over the simulated enova365, and what is made of odd answers.

use std::collections::BTreeSet;

use chrono::{TimeZone, Utc};
use futures::TryStreamExt;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use soneta_webapi::altone::{
    GetCashRegister, GetContractors, GetDictionary, GetServicesToControllersMap, GetWebServiceInfo,
    KartotekaTowarowa, ListaKontrahentow, UpdateContractor, UpsertKartotekaTowarowa, ZapiszCalosc,
};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::wire::Cecha;
use soneta_webapi::{
    Adres, Change, ChangesQuery, Client, Effect, Endpoint, ErrorKind, KluczKontrahenta, KodOdmowy,
    Kontrahenci, KontrahentId, Limity, Slowniki, SnapshotQuery, TowarId, Towary, TypTowaru, ZapisKontrahenta,
    ZapisKontrahentow,
};
use uuid::Uuid;

use crate::erp::{Erp, json as answer};

async fn bench() -> (Simulator, Client) {
    let simulator = Simulator::builder().goods(10).seed(7).start().await.unwrap();
    let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
    (simulator, client)
}

const CONTRACTORS: &str = "OperationFunctionsWebAPI/GetContractors";
const PACKETS: &str = "OperationFunctionsWebAPI/GetPackableContractors";
const UPDATE: &str = "OperationFunctionsWebAPI/UpdateContractor";

fn new_one() -> ZapisKontrahenta {
    ZapisKontrahenta::builder()
        .guid(Uuid::from_u128(77))
        .kod("NOWY")
        .nazwa("Nowy Sp. z o.o.")
        .nip("1111111128")
        .adres(Adres::builder().ulica("Długa").nr_domu("1").nr_lokalu("2").miejscowosc("Łódź").build())
        .email("biuro@nowy.pl")
        .forma_platnosci("Przelew")
        .termin_dni(14)
        .waluta("PLN")
        .cechy(vec![Cecha::new("Portal", true)])
        .build()
}

#[tokio::test]
async fn packets_of_contractors_reach_every_one_once() {
    let (simulator, client) = bench().await;
    let query = ChangesQuery::builder().limit(3).build();
    let pages: Vec<_> = client.altone().kontrahenci().list(query).try_collect().await.unwrap();
    assert!(pages.len() > 1);
    let ids: Vec<i32> = pages
        .into_iter()
        .flat_map(|page| page.rows)
        .filter_map(|row| row.unwrap().upsert())
        .map(|one| one.id.0)
        .collect();
    assert_eq!(ids, simulator.contractors().iter().map(|one| one.id).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_contractor_is_found_by_each_key_and_by_each_spelling_of_its_tax_number() {
    let (simulator, client) = bench().await;
    let kontrahenci = client.altone().kontrahenci();
    kontrahenci.save_kontrahent(&new_one()).await.unwrap();
    let id = simulator.contractors().last().unwrap().id;
    for klucz in [
        KluczKontrahenta::Id(KontrahentId(id)),
        KluczKontrahenta::Kod("NOWY".to_owned()),
        KluczKontrahenta::Nip("1111111128".to_owned()),
        KluczKontrahenta::Nip("PL 111-111-11-28".to_owned()),
    ] {
        let found = kontrahenci.get_kontrahenci(&klucz).await.unwrap();
        let ids: BTreeSet<i32> = found.iter().map(|row| row.as_ref().unwrap().id.0).collect();
        assert!(ids.contains(&id), "{klucz:?}");
        assert_eq!(ids.len(), found.len(), "nobody comes twice");
    }
    let nobody = KluczKontrahenta::Nip("9999999999".to_owned());
    assert!(kontrahenci.get_kontrahenci(&nobody).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_tax_number_that_the_erp_holds_with_dashes_or_a_country_is_found() {
    let (_simulator, client) = bench().await;
    let kontrahenci = client.altone().kontrahenci();
    for (n, stored) in ["526-025-02-74", "526-02-50-274", "PL5260250274"].into_iter().enumerate() {
        let guid = Uuid::from_u128(n as u128 + 1);
        let zapis =
            ZapisKontrahenta::builder().guid(guid).kod(format!("N{n}")).nazwa("N").eu_vat(stored).build();
        kontrahenci.save_kontrahent(&zapis).await.unwrap();
    }
    let found = kontrahenci.get_kontrahenci(&KluczKontrahenta::Nip("5260250274".to_owned())).await.unwrap();
    assert_eq!(found.len(), 3);
    assert!(kontrahenci.get_kontrahenci(&KluczKontrahenta::Nip(" - ".to_owned())).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_contractors_changed_on_the_day_or_later_come() {
    let (_simulator, client) = bench().await;
    let kontrahenci = client.altone().kontrahenci();
    let query =
        ChangesQuery::builder().changed_since(Utc.with_ymd_and_hms(2026, 1, 1, 12, 0, 0).unwrap()).build();
    assert!(kontrahenci.list_kontrahenci(&query).await.unwrap().rows.is_empty());
    let saved = kontrahenci.save_kontrahent(&new_one()).await.unwrap();
    let page = kontrahenci.list_kontrahenci(&query).await.unwrap();
    let Ok(Change::Upsert(one)) = &page.rows[0] else { panic!("{:?}", page.rows) };
    assert_eq!((page.rows.len(), one.id, page.end), (1, saved.id, true));
}

#[tokio::test]
async fn saving_twice_makes_one_contractor_and_what_is_not_named_survives() {
    let (simulator, client) = bench().await;
    let kontrahenci = client.altone().kontrahenci();
    let before = simulator.contractors().len();
    let first = kontrahenci.save_kontrahent(&new_one()).await.unwrap();
    let again = kontrahenci.save_kontrahent(&new_one()).await.unwrap();
    assert_eq!((first.id, simulator.contractors().len()), (again.id, before + 1));
    let change = ZapisKontrahenta::builder().guid(Uuid::from_u128(77)).nazwa("Inny").termin_dni(30).build();
    kontrahenci.save_kontrahent(&change).await.unwrap();
    let found = kontrahenci.get(&KluczKontrahenta::Id(first.id)).await.unwrap().remove(0).unwrap();
    assert_eq!((found.nazwa.as_str(), found.termin_dni), ("Inny", Some(30)));
    assert_eq!(
        (found.nip.as_deref(), found.forma_platnosci.as_deref()),
        (Some("1111111128"), Some("Przelew"))
    );
    assert_eq!((found.cechy.len(), found.cechy[0].wartosc.bool()), (1, Some(true)));
    let adres = found.adres.unwrap();
    assert_eq!((adres.nr_lokalu.as_deref(), adres.email.as_deref()), (Some("2"), Some("biuro@nowy.pl")));
    let moved = Adres::builder().ulica("Krótka").nr_domu("3").miejscowosc("Łódź").build();
    let moved = ZapisKontrahenta::builder().guid(Uuid::from_u128(77)).adres(moved).build();
    kontrahenci.save_kontrahent(&moved).await.unwrap();
    let found = kontrahenci.get(&KluczKontrahenta::Id(first.id)).await.unwrap().remove(0).unwrap();
    let adres = found.adres.unwrap();
    assert_eq!((adres.ulica.as_deref(), adres.nr_lokalu), (Some("Krótka"), None), "an address is one whole");
}

#[tokio::test]
async fn a_partial_upsert_loses_what_it_does_not_send() {
    let (simulator, client) = bench().await;
    let saved = client.altone().kontrahenci().save_kontrahent(&new_one()).await.unwrap();
    let partial: soneta_webapi::altone::KartotekaKontrahenta =
        serde_json::from_value(json!({"ID": saved.id, "Nazwa": "Nowy"})).unwrap();
    client.send(&UpdateContractor::new(partial)).await.unwrap();
    assert_eq!(simulator.contractors().last().unwrap().nip, "");
}

#[tokio::test]
async fn a_saved_contractor_is_in_the_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let start = async || Simulator::builder().goods(5).state_file(&file).start().await.unwrap();
    let simulator = start().await;
    let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
    client.altone().kontrahenci().save_kontrahent(&new_one()).await.unwrap();
    let before = simulator.contractors();
    simulator.stop().await;
    assert_eq!(start().await.contractors(), before);
}

#[test]
fn the_whole_contractor_goes_back_with_fields_nobody_knows_and_every_digit() {
    let read = r#"{"ID":1,"Nowe":{"Kwota":1.10},"Adres":{"Ulica":"Długa","Nowe":2.50},"Attachments":[{"ID":5}],
        "Features":[{"Name":"Wyliczana","Value":"1"}],"LimitNowy":12345678901234567.10}"#;
    let read = serde_json::value::RawValue::from_string(read.to_owned()).unwrap();
    let changes = json!({"Adres": {"Ulica": "Krótka"}, "Nazwa": "Abc"});
    let sent = serde_json::to_string(&ZapiszCalosc::new(&read, &changes).unwrap()).unwrap();
    assert_eq!(
        sent,
        r#"{"Adres":{"Nowe":2.50,"Ulica":"Krótka"},"Attachments":[],"Features":[],"ID":1,"LimitNowy":12345678901234567.10,"Nazwa":"Abc","Nowe":{"Kwota":1.10}}"#
    );
    assert_eq!(ZapiszCalosc::EFFECT, Effect::Create);
}

#[tokio::test]
async fn a_save_that_cannot_be_placed_sends_nothing() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [answer(r#"{"Success":true,"Kontrahenci":[]}"#)]);
    let kontrahenci = erp.client().altone().kontrahenci();
    let guid = Uuid::from_u128(1);
    let versioned = ZapisKontrahenta::builder().guid(guid).nazwa("Abc").wersja(3).build();
    let nameless = ZapisKontrahenta::builder().guid(guid).kod("ABC").build();
    let addressee = Adres::builder().nazwa("Jan").build();
    let addressee = ZapisKontrahenta::builder().guid(guid).nazwa("Abc").adres(addressee).build();
    for zapis in [versioned, nameless, addressee] {
        assert_eq!(kontrahenci.save_kontrahent(&zapis).await.unwrap_err().kind(), ErrorKind::Invalid);
    }
    assert!(erp.script().calls.iter().all(|call| call.path != format!("/api/{UPDATE}")));
}

#[tokio::test]
async fn a_filter_that_is_ignored_neither_changes_another_contractor_nor_hides_a_bad_row() {
    let erp = Erp::start().await;
    let other = r#"{"Success":true,"Kontrahenci":[{"ID":9,"Guid":"00000000-0000-0000-0000-000000000009","Kod":"X","Nazwa":"X"}]}"#;
    let broken = r#"{"Success":true,"Kontrahenci":[{"ID":9,"Guid":"?"}]}"#;
    // Both look-ups of the first save, by Guid and by Kod, are answered with somebody else.
    erp.answers(CONTRACTORS, [answer(other), answer(other), answer(broken)]);
    erp.answers(UPDATE, [answer(r#"{"Success":true,"ID":10,"Kod":"NOWY"}"#)]);
    let kontrahenci = erp.client().altone().kontrahenci();
    assert_eq!(kontrahenci.save_kontrahent(&new_one()).await.unwrap().id, KontrahentId(10));
    assert_eq!(kontrahenci.save_kontrahent(&new_one()).await.unwrap_err().kind(), ErrorKind::Decode);
    let calls = erp.script().calls.clone();
    let sent: Vec<&str> = calls
        .iter()
        .filter(|call| call.path.ends_with("UpdateContractor"))
        .map(|call| call.text.as_str())
        .collect();
    assert_eq!(sent.len(), 1);
    insta::assert_snapshot!(sent[0]);
}

#[tokio::test]
async fn a_refused_upsert_carries_the_net_type_and_is_not_repeated() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [answer(r#"{"Success":true,"Kontrahenci":[]}"#)]);
    let refusal = r#"{"Success":false,"Errors":[{"Type":"Soneta.Business.RowException","Message":"tajne"}]}"#;
    erp.answers(UPDATE, [answer(refusal)]);
    let error = erp.client().altone().kontrahenci().save_kontrahent(&new_one()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Refused, Some("Soneta.Business.RowException")));
    assert!(!format!("{error:?}").contains("tajne"));
    assert_eq!(erp.count(UPDATE), 1);
}

#[tokio::test]
async fn a_new_contractor_does_not_take_the_kod_of_another_one() {
    let (simulator, client) = bench().await;
    let first = simulator.contractors()[0].clone();
    let mut zapis = new_one();
    zapis.kod = Some(first.kod.clone());
    let error = client.altone().kontrahenci().save_kontrahent(&zapis).await.unwrap_err();
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::BledneDane));
    assert_eq!(simulator.contractors()[0], first);
}

#[tokio::test]
async fn a_contractor_without_a_guid_in_its_row_is_no_reason_to_make_another_one() {
    let erp = Erp::start().await;
    erp.answers(CONTRACTORS, [answer(r#"{"Success":true,"Kontrahenci":[{"ID":9,"Kod":"X","Nazwa":"X"}]}"#)]);
    let error = erp.client().altone().kontrahenci().save_kontrahent(&new_one()).await.unwrap_err();
    assert_eq!((error.kind(), erp.count(UPDATE)), (ErrorKind::Decode, 0));
}

#[tokio::test]
async fn an_empty_eu_number_does_not_wipe_the_polish_one() {
    let (simulator, client) = bench().await;
    let mut zapis = new_one();
    (zapis.eu_vat, zapis.nip) = (Some(String::new()), Some("5260250274".to_owned()));
    client.altone().kontrahenci().save_kontrahent(&zapis).await.unwrap();
    assert_eq!(simulator.contractors().last().unwrap().nip, "5260250274");
}

#[tokio::test]
async fn limits_are_the_settings_and_a_build_without_them_gives_bad_rows() {
    let (simulator, client) = bench().await;
    let limity = client.altone().limity();
    let page = limity.list_limity(&SnapshotQuery::default()).await.unwrap();
    assert_eq!((page.rows.len(), page.end), (simulator.contractors().len(), true));
    let limit = page.rows.into_iter().next().unwrap().unwrap();
    let other = client.b2b().limity().list_limity(&SnapshotQuery::default()).await.unwrap();
    assert_eq!(limit.limit, other.rows[0].as_ref().unwrap().limit, "the other contract tells the same");
    assert!(limit.limit.is_some() && limit.wykorzystano.is_none());
    let erp = Erp::start().await;
    let older = r#"{"Success":true,"AllRows":true,"LastID":1,"ReadRecords":1,"Data":[{"ID":1,"Kod":"A","Nazwa":"A"}]}"#;
    erp.answers(PACKETS, [answer(older)]);
    let page = erp.client().altone().limity().list_limity(&SnapshotQuery::default()).await.unwrap();
    assert_eq!(page.rows[0].as_ref().unwrap_err().id, Some(1));
}

#[tokio::test]
async fn a_packet_that_does_not_move_on_is_an_error() {
    let erp = Erp::start().await;
    erp.answers(
        PACKETS,
        [answer(r#"{"Success":true,"AllRows":false,"LastID":0,"ReadRecords":0,"Data":[]}"#)],
    );
    let error =
        erp.client().altone().kontrahenci().list_kontrahenci(&ChangesQuery::default()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn dictionaries_are_read_and_those_that_are_not_told_are_an_error() {
    let (_simulator, client) = bench().await;
    let slowniki = client.altone().slowniki();
    let stawki = slowniki.list_stawki_vat().await.unwrap();
    let stawki: Vec<_> =
        stawki.into_iter().map(|row| row.unwrap()).map(|row| (row.kod, row.procent)).collect();
    assert_eq!(stawki[0], ("23%".to_owned(), Some(Decimal::from(23))));
    let formy = slowniki.list_formy_platnosci().await.unwrap();
    assert_eq!(formy[1].as_ref().unwrap().nazwa, "Gotówka");
    assert_eq!(slowniki.list_magazyny().await.unwrap_err().kind(), ErrorKind::Config);
    let units = client.send(&GetDictionary::new("Jednostki")).await.unwrap().unwrap();
    assert_eq!(units.liczba_elementow, Some(i32::try_from(units.elementy_slownika.len()).unwrap()));
    assert_eq!(client.send(&GetDictionary::new("Brak")).await.unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(client.send(&GetCashRegister::builder().build()).await.unwrap().len(), 2);
    let info = client.send(&GetWebServiceInfo::default()).await.unwrap().unwrap();
    assert_eq!(info.login_success, Some(true));
    let services = client.send(&GetServicesToControllersMap::default()).await.unwrap();
    assert_eq!(services.len(), 4);
}

#[tokio::test]
async fn a_goods_card_is_made_changed_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let start = async || Simulator::builder().goods(5).state_file(&file).start().await.unwrap();
    let simulator = start().await;
    let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
    let mut card = KartotekaTowarowa::builder()
        .kod("NOWY")
        .nazwa("Nowy")
        .typ_towaru(TypTowaru::Towar)
        .jednostka("szt")
        .build();
    let made = client.send(&UpsertKartotekaTowarowa::new(card.clone())).await.unwrap();
    assert_eq!((made.id, made.kod.as_deref()), (Some(6), Some("NOWY")));
    card.nazwa = "Nowszy".to_owned();
    card.features = vec![Cecha::new("Portal", true)];
    assert_eq!(client.send(&UpsertKartotekaTowarowa::new(card.clone())).await.unwrap().id, made.id);
    let found = client.altone().get_towary_by_kod(&["NOWY".to_owned()]).await.unwrap().remove(0).unwrap();
    assert_eq!((found.nazwa.as_str(), found.cecha("Portal").unwrap().wartosc.bool()), ("Nowszy", Some(true)));
    card.id = Some(TowarId(1));
    let taken = client.send(&UpsertKartotekaTowarowa::new(card)).await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Refused);
    let before = simulator.goods();
    assert_eq!(before.len(), 6);
    simulator.stop().await;
    assert_eq!(start().await.goods(), before);
}

#[test]
fn a_contractor_is_read_from_a_full_row() {
    let body = crate::erp::fixture("altone_get_contractors");
    let call = GetContractors::new(ListaKontrahentow::builder().build());
    let rows = call.decode(body.as_bytes()).unwrap();
    let card = rows[0].as_ref().unwrap().clone();
    assert_eq!(card.powiazania_kontrahenta.as_ref().unwrap().powiazania.len(), 1);
    let kontrahent = card.into_kontrahent().unwrap();
    assert_eq!(
        (kontrahent.nip.as_deref(), kontrahent.eu_vat.as_deref()),
        (Some("1111111128"), Some("PL1111111128"))
    );
    assert_eq!(kontrahent.zastapiony_przez_id, Some(KontrahentId(8)));
    assert_eq!(kontrahent.rodzaj_vat.as_deref(), Some("EksportowyPodróżny"));
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["Count"], 1);
}

//! Prices of contractors and profiles: what is sent, what is made of the answers, and whose continuation is whose.

use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use soneta_webapi::b2b::{CenyDlaKontrahenta, CenyDlaProfilu, CenyProfile, CenyUniewaznione, CenyWyjatki};
use soneta_webapi::{
    CenyKontrahentow, Continuation, Endpoint, ErrorKind, KontrahentId, ProfilCenId, ProfileCen,
    SnapshotQuery, TowarId, ZakresCen,
};

use crate::endpoints::{changed_row, exchange, pln};
use crate::erp::{Erp, fixture, json as answer};

/// A row of a list, as JSON.
type Row = Map<String, Value>;

fn instant(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).unwrap().to_utc())
}

fn contractor() -> CenyDlaKontrahenta {
    CenyDlaKontrahenta::builder().kontrahent_id(KontrahentId(17)).ile(1_000).build()
}

fn after(text: &str) -> SnapshotQuery {
    SnapshotQuery::builder().after(Continuation::from_stored(text)).build()
}

#[tokio::test]
async fn b2b_ceny_dla_kontrahenta() {
    let call = CenyDlaKontrahenta::builder()
        .kontrahent_id(KontrahentId(17))
        .po_id(1)
        .ile(10)
        .towary_id(vec![TowarId(2), TowarId(59)])
        .build();
    let (sent, page) = exchange(&call, "B2BCeny/DlaKontrahenta", "b2b_ceny_dla_kontrahenta").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BCeny/DlaKontrahenta
    {"KontrahentId":17,"PoId":1,"Ile":10,"TowaryId":[2,59]}
    "#);
    let cena = page.pozycje[0].as_ref().unwrap();
    assert_eq!((cena.towar_id, cena.definicja_ceny.as_str(), cena.progi.len()), (TowarId(2), "Hurtowa", 2));
    for (ilosc, netto, brutto) in
        [(1, 24_444, 30_066), (10, 23_222, 28_563), (49, 23_222, 28_563), (50, 21_511, 26_459)]
    {
        assert_eq!(cena.cena_przy(Decimal::from(ilosc)), (&pln(netto), &pln(brutto)), "{ilosc}");
    }
    assert_eq!(cena.wazna_do, instant("2026-12-24T22:59:59.999Z"));
    assert_eq!(cena.liczona_od, instant("2026-11-21T08:30:00.125Z"));
    assert_eq!((page.koniec, page.po_id), (false, 59));
}

#[tokio::test]
async fn b2b_ceny_profile() {
    let call = CenyProfile::builder().ile(1_000).build();
    let (sent, page) = exchange(&call, "B2BCeny/Profile", "b2b_ceny_profile").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BCeny/Profile
    {"PoId":0,"Ile":1000}
    "#);
    let profil = page.pozycje[0].as_ref().unwrap();
    assert_eq!((profil.id, profil.nazwa.as_str()), (ProfilCenId(1), "Hurtowa"));
    assert_eq!(profil.kontrahenci_id, [KontrahentId(1), KontrahentId(17)]);
    assert!(profil.liczona_od.is_some());
}

#[tokio::test]
async fn b2b_ceny_dla_profilu() {
    let call = CenyDlaProfilu::builder().profil_id(ProfilCenId(1)).ile(1_000).build();
    let (sent, page) = exchange(&call, "B2BCeny/DlaProfilu", "b2b_ceny_dla_profilu").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BCeny/DlaProfilu
    {"ProfilId":1,"PoId":0,"Ile":1000}
    "#);
    assert_eq!(page.pozycje[0].as_ref().unwrap().progi[0].ilosc_od, Decimal::TEN);
    assert!(page.koniec);
}

#[tokio::test]
async fn b2b_ceny_wyjatki() {
    let call = CenyWyjatki::builder().po_kontrahent_id(1).po_id(7).ile(2).towary_id(vec![TowarId(2)]).build();
    let (sent, page) = exchange(&call, "B2BCeny/Wyjatki", "b2b_ceny_wyjatki").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BCeny/Wyjatki
    {"PoKontrahentId":1,"PoId":7,"Ile":2,"TowaryId":[2]}
    "#);
    let own = page.pozycje[0].as_ref().unwrap();
    assert_eq!((own.kontrahent_id, own.cena.towar_id), (KontrahentId(17), TowarId(2)));
    assert_eq!((&own.cena.netto, own.cena.progi.len()), (&pln(21_728), 0));
    assert_eq!((page.koniec, page.po_kontrahent_id, page.po_id), (false, 22, 59));
}

#[tokio::test]
async fn b2b_ceny_uniewaznione() {
    let call = CenyUniewaznione::builder().token("8f14/118").ile(1_000).build();
    let (sent, page) = exchange(&call, "B2BCeny/Uniewaznione", "b2b_ceny_uniewaznione").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BCeny/Uniewaznione
    {"Token":"8f14/118","Ile":1000}
    "#);
    let rows: Vec<_> = page.pozycje.into_iter().map(|row| row.unwrap()).collect();
    assert_eq!(rows[0].zakres, ZakresCen::Towar(TowarId(2)));
    assert_eq!(rows[0].wazna_od, instant("2026-11-30T23:00:00Z"));
    assert_eq!(rows[1].zakres, ZakresCen::Kontrahent(KontrahentId(17)));
    assert_eq!(rows[2].zakres, ZakresCen::Profil(ProfilCenId(3)));
    assert_eq!((page.koniec, page.token.as_str()), (true, "8f14/121"));
}

#[test]
fn a_scope_that_is_not_known_is_everything_and_one_without_its_id_is_a_bad_row() {
    let call = CenyUniewaznione::builder().ile(9).build();
    let read = |row: Value| {
        let body = json!({"Success": true, "Pozycje": [row], "Koniec": true, "Token": "1"});
        call.decode(body.to_string().as_bytes()).unwrap().pozycje.remove(0)
    };
    let row = read(json!({"Zakres": "Magazyn", "MagazynId": 1, "TowarId": null})).unwrap();
    assert_eq!((row.zakres, row.wazna_od), (ZakresCen::Wszystko, None));
    assert!(read(json!({"Zakres": "Towar", "KontrahentId": 3})).is_err());
}

#[rstest]
#[case::no_net_price(|row: &mut Row| { row.remove("Netto"); })]
#[case::no_tick(|row: &mut Row| { row.remove("Zaznaczony"); })]
#[case::threshold_at_nothing(|row: &mut Row| row["Progi"][0]["IloscOd"]["Value"] = json!(0))]
#[case::threshold_below_nothing(|row: &mut Row| row["Progi"][0]["IloscOd"]["Value"] = json!(-1))]
#[case::same_threshold_twice(|row: &mut Row| row["Progi"][0]["IloscOd"]["Value"] = json!("50.0"))]
#[case::threshold_without_a_price(|row: &mut Row| row["Progi"][1]["Netto"] = Value::Null)]
#[case::threshold_in_cartons(|row: &mut Row| row["Progi"][0]["IloscOd"]["Symbol"] = json!("karton"))]
#[case::price_of_a_carton(|row: &mut Row| row["ZaIlosc"]["Symbol"] = json!("karton"))]
fn a_row_that_is_no_price_is_a_bad_row_and_all_others_arrive(#[case] change: fn(&mut Row)) {
    let profile = CenyDlaProfilu::builder().profil_id(ProfilCenId(1)).ile(9).build();
    assert!(!changed_row(&contractor(), "b2b_ceny_dla_kontrahenta", change, |page| page.pozycje));
    assert!(!changed_row(&profile, "b2b_ceny_dla_profilu", change, |page| page.pozycje));
}

#[test]
fn thresholds_may_be_absent_null_in_any_order_and_without_a_unit() {
    let read = |change: &dyn Fn(&mut Value)| {
        let mut body: Value = serde_json::from_str(&fixture("b2b_ceny_dla_kontrahenta")).unwrap();
        change(&mut body["Pozycje"][0]);
        contractor().decode(body.to_string().as_bytes()).unwrap().pozycje.remove(0).unwrap().progi
    };
    let both = read(&|_| ());
    assert_eq!(read(&|row| row["Progi"].as_array_mut().unwrap().reverse()), both);
    assert_eq!(read(&|row| row["Progi"][0]["IloscOd"]["Symbol"] = json!("")), both);
    assert_eq!(read(&|row| row["Progi"] = Value::Null), []);
    assert_eq!(read(&|row| drop(row.as_object_mut().unwrap().remove("Progi"))), []);
}

#[test]
fn a_bad_exception_is_told_by_its_good_and_one_without_its_contractor_is_bad() {
    let call = CenyWyjatki::builder().ile(9).build();
    let read = |change: fn(&mut Value)| {
        let mut body: Value = serde_json::from_str(&fixture("b2b_ceny_wyjatki")).unwrap();
        change(&mut body["Pozycje"][0]);
        let mut rows = call.decode(body.to_string().as_bytes()).unwrap().pozycje;
        assert!(rows.len() == 2 && rows[1].is_ok());
        rows.remove(0).unwrap_err()
    };
    let bad = read(|row| row["Netto"] = Value::Null);
    assert_eq!((bad.id, bad.kod.as_deref()), (Some(2), Some("BUT_NAR_42")));
    read(|row| row["KontrahentId"] = Value::Null);
    let bad = read(|row| row["TowarId"] = Value::Null);
    assert!(bad.id.is_none() && bad.kontrahent_id.is_some(), "a contractor's id is no good's");
}

#[test]
fn prices_of_somebody_else_are_an_error() {
    let other = CenyDlaKontrahenta::builder().kontrahent_id(KontrahentId(1)).ile(9).build();
    let error = other.decode(fixture("b2b_ceny_dla_kontrahenta").as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let profile = CenyDlaProfilu::builder().profil_id(ProfilCenId(2)).ile(9).build();
    assert!(profile.decode(fixture("b2b_ceny_dla_profilu").as_bytes()).is_err());
}

#[tokio::test]
async fn a_continuation_goes_on_only_in_the_list_that_gave_it() {
    let erp = Erp::start().await;
    erp.answers("B2BCeny/DlaKontrahenta", [answer(fixture("b2b_ceny_dla_kontrahenta"))]);
    erp.answers("B2BCeny/Wyjatki", [answer(fixture("b2b_ceny_wyjatki"))]);
    let ceny = erp.client().b2b().ceny();
    let first = ceny.list_dla_kontrahenta(KontrahentId(17), None, &SnapshotQuery::default()).await.unwrap();
    assert_eq!(first.next.as_ref().unwrap().as_str(), "b2b/ceny-kontrahenta/17 59");
    let next = after(first.next.unwrap().as_str());
    ceny.list_dla_kontrahenta(KontrahentId(17), None, &next).await.unwrap();
    let exceptions = ceny.list_wyjatki(None, &SnapshotQuery::default()).await.unwrap();
    ceny.list_wyjatki(None, &after(exceptions.next.unwrap().as_str())).await.unwrap();
    let sent = erp.script().calls.iter().map(|call| call.text.clone()).collect::<Vec<_>>();
    assert!(sent[1].ends_with(r#"{"KontrahentId":17,"PoId":59,"Ile":1000}"#), "{}", sent[1]);
    assert!(sent[3].ends_with(r#"{"PoKontrahentId":22,"PoId":59,"Ile":1000}"#), "{}", sent[3]);
    let config = |kind: Option<ErrorKind>| assert_eq!(kind, Some(ErrorKind::Config));
    for id in [1, 7, 170] {
        let of_another = ceny.list_dla_kontrahenta(KontrahentId(id), None, &next).await;
        config(of_another.err().map(|error| error.kind()));
    }
    config(ceny.list_dla_profilu(ProfilCenId(17), None, &next).await.err().map(|error| error.kind()));
    let profile = after("b2b/ceny-profilu/1 59");
    config(ceny.list_dla_profilu(ProfilCenId(2), None, &profile).await.err().map(|error| error.kind()));
    config(ceny.list_profile(&profile).await.err().map(|error| error.kind()));
    config(ceny.list_wyjatki(None, &next).await.err().map(|error| error.kind()));
    config(ceny.list_wyjatki(None, &after("b2b/ceny-wyjatki 17")).await.err().map(|error| error.kind()));
    config(ceny.list_uniewaznione(&next).await.err().map(|error| error.kind()));
    assert_eq!(erp.script().calls.len(), 4);
}

#[tokio::test]
async fn a_choice_of_no_goods_is_an_empty_page_and_asks_nobody() {
    let erp = Erp::start().await;
    let ceny = erp.client().b2b().ceny();
    let query = SnapshotQuery::default();
    let own = ceny.list_dla_kontrahenta(KontrahentId(17), Some(&[]), &query).await.unwrap();
    let profile = ceny.list_dla_profilu(ProfilCenId(1), Some(&[]), &query).await.unwrap();
    let exceptions = ceny.list_wyjatki(Some(&[]), &query).await.unwrap();
    assert!(own.rows.is_empty() && profile.rows.is_empty() && exceptions.rows.is_empty());
    assert!(own.end && profile.end && exceptions.end);
}

#[tokio::test]
async fn a_list_that_does_not_move_on_ends_with_an_error() {
    let erp = Erp::start().await;
    erp.answers("B2BCeny/DlaKontrahenta", [answer(fixture("b2b_ceny_dla_kontrahenta"))]);
    let ceny = erp.client().b2b().ceny();
    let pages: Result<Vec<_>, _> =
        ceny.dla_kontrahenta(KontrahentId(17), SnapshotQuery::default()).try_collect().await;
    assert_eq!(pages.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(erp.script().calls.len(), 2);
}

#[tokio::test]
async fn the_token_of_an_answer_is_sent_next_also_from_its_end() {
    let erp = Erp::start().await;
    erp.answers("B2BCeny/Uniewaznione", [answer(fixture("b2b_ceny_uniewaznione"))]);
    let ceny = erp.client().b2b().ceny();
    let first = ceny.list_uniewaznione(&SnapshotQuery::default()).await.unwrap();
    assert!(first.end);
    ceny.list_uniewaznione(&after(first.next.unwrap().as_str())).await.unwrap();
    let sent = erp.script().calls.iter().map(|call| call.text.clone()).collect::<Vec<_>>();
    assert!(
        sent[0].ends_with("\n{\"Ile\":1000}") && sent[1].ends_with("\n{\"Token\":\"8f14/121\",\"Ile\":1000}")
    );
}

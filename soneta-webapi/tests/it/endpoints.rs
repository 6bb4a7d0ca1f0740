//! Every endpoint: what it sends (snapshot, and the contract's schema), what it makes of the answer, and that a cut answer is
//! never taken for a whole one.

use std::fmt::Debug;

use chrono::{NaiveDate, TimeZone, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use soneta_webapi::altone::{Filter, GetTowary, RodzajZalacznika};
use soneta_webapi::b2b::{
    CenyDetaliczne, CenyWycen, InfoPobierz, KontrahenciPobierz, StanyLista, TowaryLista, TowaryPobierz,
    ZamowieniaDodaj, ZamowieniaPobierz, ZamowieniaStatusy,
};
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    Change, ControllerCall, CurrentVersion, DokumentId, Effect, Endpoint, KluczKontrahenta, KluczZamowienia,
    KontrahentId, KontrahentId as Id, PozycjaWyceny, StanDokumentu, TowarId, TypTowaru, ZapytanieWyceny,
};
use uuid::Uuid;

use crate::erp::{Erp, fixture, json};
use crate::orders::order;

pub(crate) fn pln(grosze: i64) -> Currency {
    Currency::new(Decimal::new(grosze, 2), "PLN")
}

/// Sends the call to a server that answers the fixture; returns what was sent and what was read.
pub(crate) async fn exchange<E: Endpoint>(call: &E, path: &str, name: &str) -> (String, E::Response)
where
    E::Response: Debug,
{
    let erp = Erp::start().await;
    let body = fixture(name);
    erp.answers(path, [json(body.clone())]);
    let answer = erp.client().send(call).await.unwrap();
    let sent = erp.only_call().text;
    for end in 0..body.trim_end().len() {
        if let Some(cut) = body.get(..end) {
            assert!(call.decode(cut.as_bytes()).is_err(), "cut at {end}");
        }
    }
    if path.starts_with("B2B") {
        must_match_contract(path, sent.split_once('\n').unwrap().1);
    }
    (sent, answer)
}

pub(crate) fn must_match_contract(path: &str, body: &str) {
    let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/contract/b2b.openapi.json");
    let contract: Value = serde_json::from_str(&std::fs::read_to_string(contract).unwrap()).unwrap();
    let schema = &contract["paths"][format!("/api/{path}")]["post"]["requestBody"]["content"]["application/json"]
        ["schema"];
    let schema = serde_json::json!({"$ref": schema["$ref"], "components": contract["components"]});
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let faults: Vec<_> = validator.iter_errors(&body).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{path}: {faults:?}");
}

#[tokio::test]
async fn current_version() {
    let (sent, answer) = exchange(&CurrentVersion::default(), "CurrentVersion", "current_version").await;
    insta::assert_snapshot!(sent, @"GET /api/CurrentVersion");
    assert_eq!(answer.version.as_deref(), Some("2510.0.0"));
}

#[tokio::test]
async fn scalars_of_a_call_by_name_go_into_the_query_and_the_object_into_the_body() {
    let erp = Erp::start().await;
    erp.answers("SimpleDataApi/PostIntData", [json("7")]);
    erp.answers("SklepApi/Cena", [json(r#"{"Netto":1}"#), json(r#"{"Success":false,"Errors":[]}"#)]);
    let client = erp.client();
    let call = ControllerCall::<i64>::new("SimpleDataApi", "PostIntData", Effect::Read)
        .scalar("intValue", 5)
        .scalar("strValue", "aąb&c=ć");
    assert_eq!(client.send(&call).await.unwrap(), 7);
    let body = serde_json::json!({"Kod": "BUTY"});
    let answer: Value = client.call("SklepApi", "Cena", Effect::Read, &body).await.unwrap();
    assert_eq!(answer["Netto"], 1);
    assert!(
        client.call::<Value, _>("SklepApi", "Cena", Effect::Read, &body).await.is_err(),
        "a refusal is an error"
    );
    let sent: Vec<_> = erp.script().calls.iter().map(|call| call.text.clone()).collect();
    insta::assert_snapshot!(sent[..2].join("\n"), @r#"
    POST /api/SimpleDataApi/PostIntData?intValue=5&strValue=a%C4%85b%26c%3D%C4%87

    POST /api/SklepApi/Cena
    {"Kod":"BUTY"}
    "#);
}

#[tokio::test]
async fn b2b_info() {
    let (sent, info) = exchange(&InfoPobierz::default(), "B2BInfo/Pobierz", "b2b_info").await;
    insta::assert_snapshot!(sent, @"
    POST /api/B2BInfo/Pobierz
    {}
    ");
    assert_eq!((info.poziom, info.maks_ile, info.baza_nazwa.as_deref()), (1, 5_000, Some("demo")));
}

#[tokio::test]
async fn b2b_towary_lista() {
    let call = TowaryLista::builder()
        .zmienione_po("2026-11-21T09:30:00.125+01:00")
        .po_id(2)
        .ile(1_000)
        .od_dnia(NaiveDate::from_ymd_opt(2026, 1, 31).unwrap())
        .cechy(vec!["Kolor".to_owned()])
        .build();
    let (sent, page) = exchange(&call, "B2BTowary/Lista", "b2b_towary_lista").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BTowary/Lista
    {"ZmienionePo":"2026-11-21T09:30:00.125+01:00","PoId":2,"Ile":1000,"OdDnia":"2026-01-31","Cechy":["Kolor"]}
    "#);
    let Ok(Change::Upsert(towar)) = &page.pozycje[0] else { panic!("{:?}", page.pozycje[0]) };
    assert_eq!(
        (towar.id, towar.kod.as_str(), towar.typ.clone()),
        (TowarId(2), "BUT_NAR_42", Some(TypTowaru::Towar))
    );
    assert_eq!((towar.ean.len(), towar.jednostki.len(), towar.zaznaczony), (1, 1, Some(true)));
    assert_eq!(towar.masa_netto, Some(Quantity::new(Decimal::from(2), "kg")));
    assert_eq!(towar.cecha("Kolor").and_then(|cecha| cecha.wartosc.text()).as_deref(), Some("żółty"));
    assert_eq!(
        towar.data_zmiany,
        Some(Utc.with_ymd_and_hms(2026, 11, 21, 8, 30, 0).unwrap() + chrono::Duration::milliseconds(125))
    );
    let Ok(Change::Deleted(gone)) = &page.pozycje[1] else { panic!("{:?}", page.pozycje[1]) };
    assert_eq!((gone.id, gone.kod.as_deref()), (3, Some("WYCOFANY")));
    assert_eq!(
        (page.koniec, page.zmienione_po.as_deref(), page.po_id),
        (true, Some("2026-11-21T09:30:00.125+01:00"), Some(3))
    );
}

#[tokio::test]
async fn b2b_towary_pobierz() {
    let call = TowaryPobierz::by_kod(["BUT_NAR_42".to_owned()]).with_cechy(["Kolor".to_owned()]);
    let (sent, rows) = exchange(&call, "B2BTowary/Pobierz", "b2b_towary_pobierz").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BTowary/Pobierz
    {"Kod":["BUT_NAR_42"],"Cechy":["Kolor"]}
    "#);
    assert_eq!(rows.pozycje.len(), 1);
    let by_id = serde_json::to_string(&TowaryPobierz::by_id([TowarId(2), TowarId(999)])).unwrap();
    insta::assert_snapshot!(by_id, @r#"{"ID":[2,999]}"#);
    must_match_contract("B2BTowary/Pobierz", &by_id);
}

#[tokio::test]
async fn b2b_stany_lista() {
    let call =
        StanyLista::builder().ile(10).magazyny(vec!["F".to_owned()]).towary_id(vec![TowarId(2)]).build();
    let (sent, page) = exchange(&call, "B2BStany/Lista", "b2b_stany_lista").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BStany/Lista
    {"PoId":0,"Ile":10,"Magazyny":["F"],"TowaryId":[2]}
    "#);
    let stan = page.pozycje[0].as_ref().unwrap();
    assert_eq!(stan.dostepne_razem(), Some(Decimal::from(22)));
    assert_eq!(
        (stan.magazyny[0].zarezerwowane, stan.magazyny[0].zamowione),
        (Decimal::from(3), Some(Decimal::from(10)))
    );
    assert_eq!(stan.magazyny[0].najblizsza_dostawa, NaiveDate::from_ymd_opt(2026, 12, 1));
    assert_eq!((page.koniec, page.po_id), (false, 2));
}

#[tokio::test]
async fn stock_in_another_unit_than_the_base_unit_is_a_bad_row() {
    let erp = Erp::start().await;
    let body = fixture("b2b_stany_lista").replacen(r#""Symbol": "para""#, r#""Symbol": "karton""#, 1);
    erp.answers("B2BStany/Lista", [json(body)]);
    let page = erp.client().send(&StanyLista::builder().ile(10).build()).await.unwrap();
    assert_eq!(page.pozycje[0].as_ref().unwrap_err().id, Some(2));
}

#[tokio::test]
async fn a_price_of_another_unit_than_the_base_unit_is_a_bad_row() {
    let call = CenyDetaliczne::builder().ile(10).build();
    let read = |symbol: &str| {
        let body = fixture("b2b_ceny_detaliczne")
            .replace(r#""Symbol": "para""#, &format!(r#""Symbol": "{symbol}""#));
        call.decode(body.as_bytes()).unwrap().pozycje.remove(0)
    };
    assert_eq!(read("karton").unwrap_err().id, Some(2));
    assert_eq!(read("").unwrap().za_ilosc, Decimal::ONE);
}

/// The answer with this JSON put before the first row.
fn with_row(name: &str, row: &Value) -> (Vec<u8>, usize) {
    let mut body: Value = serde_json::from_str(&fixture(name)).unwrap();
    let rows = body["Pozycje"].as_array_mut().unwrap();
    rows.insert(0, row.clone());
    let count = rows.len();
    (body.to_string().into_bytes(), count)
}

/// Decodes the fixture with a changed copy of its first row in front; the changed row is good or bad, all others arrive.
pub(crate) fn changed_row<T, E: Endpoint>(
    call: &E,
    name: &str,
    change: impl Fn(&mut serde_json::Map<String, Value>),
    rows: impl Fn(E::Response) -> soneta_webapi::Rows<T>,
) -> bool {
    let body: Value = serde_json::from_str(&fixture(name)).unwrap();
    let mut row = body["Pozycje"][0].clone();
    change(row.as_object_mut().unwrap());
    let (body, count) = with_row(name, &row);
    let mut rows = rows(call.decode(&body).unwrap());
    assert_eq!(rows.len(), count);
    let changed = rows.remove(0).is_ok();
    assert!(rows.iter().all(Result::is_ok), "{name}");
    changed
}

/// Whether the first row of each list with a tick is good once it was changed.
fn changed_rows(change: impl Fn(&mut serde_json::Map<String, Value>)) -> [bool; 5] {
    let nip = KontrahenciPobierz::from(&KluczKontrahenta::Nip("1111111128".to_owned()));
    let towary = TowaryLista::builder().ile(9).build();
    let ceny = CenyDetaliczne::builder().ile(9).build();
    [
        changed_row(&towary, "b2b_towary_lista", &change, |page| page.pozycje),
        changed_row(&TowaryPobierz::by_id([TowarId(2)]), "b2b_towary_pobierz", &change, |page| page.pozycje),
        changed_row(&StanyLista::builder().ile(9).build(), "b2b_stany_lista", &change, |page| page.pozycje),
        changed_row(&ceny, "b2b_ceny_detaliczne", &change, |page| page.pozycje),
        changed_row(&nip, "b2b_kontrahenci_pobierz", &change, |page| page.pozycje),
    ]
}

#[test]
fn a_row_without_its_tick_is_a_bad_row_and_all_others_arrive() {
    let missing = changed_rows(|row| assert!(row.remove("Zaznaczony").is_some()));
    let null = changed_rows(|row| assert!(row.insert("Zaznaczony".to_owned(), Value::Null).is_some()));
    assert_eq!((missing, null), ([false; 5], [false; 5]));
}

#[test]
fn a_row_with_a_field_of_a_later_version_is_read() {
    let later = |row: &mut serde_json::Map<String, Value>| {
        assert!(row.insert("NowePole".to_owned(), serde_json::json!({"Value": [1, null]})).is_none());
    };
    assert_eq!(changed_rows(later), [true; 5]);
    let pobierz = ZamowieniaPobierz::from(&KluczZamowienia::Id(DokumentId(101)));
    assert!(changed_row(&pobierz, "b2b_zamowienia_pobierz", later, |answer| answer.pozycje));
    let statusy = ZamowieniaStatusy::new([DokumentId(101)]);
    assert!(changed_row(&statusy, "b2b_zamowienia_statusy", later, |answer| answer.pozycje));
}

#[tokio::test]
async fn b2b_ceny_detaliczne() {
    let call = CenyDetaliczne::builder().po_id(1).ile(1_000).build();
    let (sent, page) = exchange(&call, "B2BCeny/Detaliczne", "b2b_ceny_detaliczne").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BCeny/Detaliczne
    {"PoId":1,"Ile":1000}
    "#);
    let cena = page.pozycje[0].as_ref().unwrap();
    assert_eq!(
        (cena.netto.clone(), cena.brutto.clone(), cena.za_ilosc),
        (pln(27_160), pln(33_407), Decimal::ONE)
    );
    assert_eq!((cena.definicja_ceny.as_str(), cena.wazna_do), ("Detaliczna", None));
}

#[tokio::test]
async fn b2b_ceny_wycen() {
    let query = ZapytanieWyceny::builder()
        .kontrahent_id(KontrahentId(1))
        .pozycje(vec![
            PozycjaWyceny::new(TowarId(2), Quantity::new(Decimal::from(3), "para")),
            PozycjaWyceny::new("PK", Quantity::new(Decimal::new(15, 1), "szt")),
        ])
        .dzien(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
        .build();
    let (sent, lines) = exchange(&CenyWycen::from(&query), "B2BCeny/Wycen", "b2b_ceny_wycen").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BCeny/Wycen
    {"KontrahentId":1,"Pozycje":[{"TowarId":2,"Ilosc":{"Value":3,"Symbol":"para"}},{"Kod":"PK","Ilosc":{"Value":1.5,"Symbol":"szt"}}],"Dzien":"2026-11-21"}
    "#);
    assert_eq!((lines[0].netto.clone(), lines[0].wartosc_brutto.clone()), (pln(24_444), pln(90_198)));
    assert_eq!((lines[0].dostepne, lines[1].dostepne), (Some(Decimal::from(22)), None));
}

#[tokio::test]
async fn a_price_check_that_answers_other_lines_is_an_error() {
    let line = |kod: &str| PozycjaWyceny::new(kod, Quantity::new(Decimal::ONE, "szt"));
    for lines in [vec![line("BUT_NAR_42")], vec![line("PK"), line("BUT_NAR_42")]] {
        let query = ZapytanieWyceny::builder().kontrahent_id(KontrahentId(1)).pozycje(lines).build();
        assert!(CenyWycen::from(&query).decode(fixture("b2b_ceny_wycen").as_bytes()).is_err());
    }
}

#[tokio::test]
async fn b2b_zamowienia_dodaj() {
    let order = order();
    let (sent, created) =
        exchange(&ZamowieniaDodaj::from(&order), "B2BZamowienia/Dodaj", "b2b_zamowienia_dodaj").await;
    insta::assert_snapshot!("b2b_zamowienia_dodaj", sent);
    assert_eq!(
        (created.id, created.stan.clone(), created.is_numbered()),
        (DokumentId(101), StanDokumentu::Bufor, false)
    );
    assert_eq!((created.suma_netto, created.pozycje[0].id_obcy.as_deref()), (Some(pln(82_980)), Some("1")));
    assert_eq!(created.pozycje[0].brakuje, Some(Quantity::new(Decimal::ONE, "para")));
    assert!(!created.odnalezione);
}

#[tokio::test]
async fn b2b_zamowienia_pobierz() {
    let guid = Uuid::parse_str("6f1e8ac6-87dc-4720-b50d-f769e475ed40").unwrap();
    let call = ZamowieniaPobierz::from(&KluczZamowienia::Guid(guid));
    let (sent, rows) = exchange(&call, "B2BZamowienia/Pobierz", "b2b_zamowienia_pobierz").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BZamowienia/Pobierz
    {"Guid":"6f1e8ac6-87dc-4720-b50d-f769e475ed40"}
    "#);
    let found = rows.pozycje[0].as_ref().unwrap();
    assert_eq!((found.guid, found.is_numbered(), found.dokumenty.len()), (Some(guid), true, 1));
    assert_eq!(found.pozycje[0].zrealizowano, Some(Quantity::new(Decimal::ONE, "para")));
    let by = |klucz: KluczZamowienia| {
        let body = serde_json::to_string(&ZamowieniaPobierz::from(&klucz)).unwrap();
        must_match_contract("B2BZamowienia/Pobierz", &body);
        body
    };
    insta::assert_snapshot!(by(KluczZamowienia::Id(DokumentId(101))), @r#"{"ID":101}"#);
    insta::assert_snapshot!(by(KluczZamowienia::numer_obcy("ZAM/2026/118", Id(1))), @r#"{"NumerObcy":"ZAM/2026/118","KontrahentId":1}"#);
}

#[tokio::test]
async fn b2b_zamowienia_statusy() {
    let call = ZamowieniaStatusy::new([DokumentId(101), DokumentId(102)]);
    let (sent, rows) = exchange(&call, "B2BZamowienia/Statusy", "b2b_zamowienia_statusy").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BZamowienia/Statusy
    {"ID":[101,102]}
    "#);
    assert_eq!(rows.pozycje[0].as_ref().unwrap().stan, StanDokumentu::Zatwierdzony);
}

#[tokio::test]
async fn b2b_kontrahenci_pobierz() {
    let call = KontrahenciPobierz::from(&KluczKontrahenta::Nip("111-111-11-28".to_owned()));
    let (sent, rows) = exchange(&call, "B2BKontrahenci/Pobierz", "b2b_kontrahenci_pobierz").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BKontrahenci/Pobierz
    {"NIP":"111-111-11-28"}
    "#);
    let found = rows.pozycje[0].as_ref().unwrap();
    assert_eq!((found.id, found.kod.as_str(), found.miejsca_dostaw[0].id), (KontrahentId(1), "Abc", 11));
    assert_eq!(found.adres.as_ref().unwrap().miejscowosc.as_deref(), Some("Łódź"));
    let by = |klucz| serde_json::to_string(&KontrahenciPobierz::from(&klucz)).unwrap();
    insta::assert_snapshot!(by(KluczKontrahenta::Id(Id(1))), @r#"{"ID":1}"#);
    insta::assert_snapshot!(by(KluczKontrahenta::Kod("Abc".to_owned())), @r#"{"Kod":"Abc"}"#);
    let with_cechy = serde_json::to_string(&call.with_cechy(["Segment".to_owned()])).unwrap();
    insta::assert_snapshot!(with_cechy, @r#"{"NIP":"111-111-11-28","Cechy":["Segment"]}"#);
    must_match_contract("B2BKontrahenci/Pobierz", &with_cechy);
}

#[tokio::test]
async fn contractors_that_do_not_have_the_key_are_left_out() {
    let erp = Erp::start().await;
    erp.answers("B2BKontrahenci/Pobierz", [json(fixture("b2b_kontrahenci_pobierz"))]);
    let kontrahenci = erp.client().b2b().kontrahenci();
    for (klucz, found) in [
        (KluczKontrahenta::Nip("1111111128".to_owned()), 1),
        (KluczKontrahenta::Nip("9999999999".to_owned()), 0),
        (KluczKontrahenta::Kod("abc".to_owned()), 0),
        (KluczKontrahenta::Id(Id(1)), 1),
    ] {
        assert_eq!(kontrahenci.get(&klucz).await.unwrap().len(), found, "{klucz:?}");
    }
}

#[tokio::test]
async fn altone_get_towary() {
    let call = GetTowary::builder()
        .last_id(6)
        .packet_size(1)
        .conditions(vec![Filter::builder().column_name("Kod").filter_value("BUT_NAR_42").build()])
        .update_date(NaiveDate::from_ymd_opt(2026, 7, 14).unwrap())
        .build();
    let (sent, packet) = exchange(&call, "FakturyHandloweWebAPI/GetTowary", "altone_get_towary").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/FakturyHandloweWebAPI/GetTowary
    {"LastID":6,"PacketSize":1,"Conditions":[{"LogicalOperator":"And","Operator":"Equal","ColumnName":"Kod","FilterValue":"BUT_NAR_42"}],"UpdateDate":{"Year":2026,"Month":7,"Day":14},"IdTowarow":[]}
    "#);
    assert_eq!((packet.all_rows, packet.last_id, packet.to_read_records), (false, 7, Some(12)));
    let card = packet.data[0].as_ref().unwrap();
    assert_eq!(
        (card.attachments_count, card.attachments[0].sub_type.clone()),
        (Some(1), Some(RodzajZalacznika::Picture))
    );
    let towar = card.clone().into_towar().unwrap();
    assert_eq!((towar.id, towar.typ.clone(), towar.gtu.clone()), (TowarId(7), Some(TypTowaru::Usluga), None));
    assert_eq!(towar.cecha("B2B").and_then(|cecha| cecha.wartosc.bool()), Some(true));
    assert_eq!(towar.cecha("Rabat").and_then(|cecha| cecha.wartosc.decimal()), Some(Decimal::new(155, 1)));
    assert!(towar.cecha("Kolor").unwrap().wartosc.is_empty());
}

//! Invoices, delivery notes and their PDFs against a scripted server: what is sent, what is made of the answers.

use bytes::Bytes;
use chrono::NaiveDate;
use futures::TryStreamExt;
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use soneta_webapi::b2b::{
    FakturyLista, FakturyPdf, FakturyPobierz, WydaniaLista, WydaniaPdf, WydaniaPobierz, ZamowieniaLista,
};
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    Change, Continuation, DokumentId, DokumentyQuery, Endpoint, ErrorKind, Faktura, Faktury, Kategoria,
    KodOdmowy, Pdf, StatusKSeF, Wydania,
};

use crate::endpoints::{exchange, must_match_contract};
use crate::erp::{Erp, fixture, json as answer};

fn pln(grosze: i64) -> Currency {
    Currency::new(Decimal::new(grosze, 2), "PLN")
}

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

fn upsert<T>(row: soneta_webapi::Result<Change<T>, soneta_webapi::BadRow>) -> T {
    row.unwrap().upsert().unwrap()
}

/// The fixture's invoice, changed.
fn faktura(change: impl FnOnce(&mut Value)) -> Faktura {
    let mut row: Value = serde_json::from_str(&fixture("b2b_faktury_pobierz")).unwrap();
    let mut row = row["Pozycje"][0].take();
    change(&mut row);
    serde_json::from_str(&row.to_string()).unwrap()
}

#[tokio::test]
async fn b2b_faktury_lista() {
    let call = FakturyLista::builder()
        .zmienione_po("2026-11-21T09:30:00.125+01:00")
        .po_id(2)
        .ile(200)
        .od_dnia(day(11, 1))
        .cechy(vec!["Kierowca".to_owned()])
        .build();
    let (sent, page) = exchange(&call, "B2BFaktury/Lista", "b2b_faktury_lista").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BFaktury/Lista
    {"ZmienionePo":"2026-11-21T09:30:00.125+01:00","PoId":2,"Ile":200,"OdDnia":"2026-11-01","Cechy":["Kierowca"]}
    "#);
    let [fv, kfv] = <[_; 2]>::try_from(page.pozycje).unwrap().map(upsert);
    assert_eq!(
        (fv.id, fv.numer.as_str(), fv.kategoria.clone()),
        (DokumentId(150), "FV/000012/26", Kategoria::Sprzedaz)
    );
    assert_eq!((fv.suma_netto.clone(), fv.suma_brutto.clone()), (Some(pln(82_980)), Some(pln(102_065))));
    assert_eq!(
        (fv.sumy_vat[0].netto, fv.sumy_vat[0].vat),
        (Decimal::new(82_980, 2), Decimal::new(19_085, 2))
    );
    let platnosc = &fv.platnosci[0];
    assert_eq!((platnosc.kwota.clone(), platnosc.termin), (pln(102_065), Some(day(12, 5))));
    let ksef = fv.ksef.as_ref().unwrap();
    assert_eq!((ksef.status.clone(), ksef.data_przyjecia), (StatusKSeF::Przyjety, Some(day(11, 21))));
    assert_eq!((fv.zaplacono, fv.mpp, fv.platnik), (Some(pln(0)), Some(false), None));
    let line = &fv.pozycje[0];
    assert_eq!((line.zamowienie_id, line.zamowienie_pozycja_id), (Some(DokumentId(101)), Some(1_001)));
    assert_eq!(
        (line.ilosc.clone(), line.wartosc_brutto.clone()),
        (Quantity::new(3.into(), "para"), Some(pln(100_220)))
    );
    assert!(kfv.kategoria.is_correction());
    assert_eq!((kfv.koryguje_id, kfv.koryguje_numer.as_deref()), (Some(fv.id), Some("FV/000012/26")));
    let (line, before) = (&kfv.pozycje[0], kfv.pozycje[0].przed.as_ref().unwrap());
    assert_eq!((line.ilosc.value, before.ilosc.value), (2.into(), 3.into()));
    assert_eq!(
        (before.wartosc_netto.clone(), kfv.suma_netto.clone()),
        (Some(pln(81_480)), Some(pln(-27_160)))
    );
    assert!(page.koniec && page.po_id == Some(151));
}

#[tokio::test]
async fn b2b_faktury_pobierz() {
    let call = FakturyPobierz::new(DokumentId(150));
    let (sent, rows) = exchange(&call, "B2BFaktury/Pobierz", "b2b_faktury_pobierz").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BFaktury/Pobierz
    {"ID":150}
    "#);
    assert_eq!(rows.pozycje[0].as_ref().unwrap().data, day(11, 21));
    let with_cechy = serde_json::to_string(&call.with_cechy(["Kierowca".to_owned()])).unwrap();
    insta::assert_snapshot!(with_cechy, @r#"{"ID":150,"Cechy":["Kierowca"]}"#);
    must_match_contract("B2BFaktury/Pobierz", &with_cechy);
}

#[tokio::test]
async fn b2b_faktury_pdf() {
    let call = FakturyPdf::new(DokumentId(150));
    let (sent, pdf) = exchange(&call, "B2BFaktury/Pdf", "b2b_faktury_pdf").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BFaktury/Pdf
    {"ID":150}
    "#);
    assert_eq!(pdf.nazwa, "FV_000012_26.pdf");
    assert!(pdf.bytes.starts_with(b"%PDF-1.4\n") && pdf.bytes.ends_with(b"%%EOF\n"));
    assert_eq!(format!("{pdf:?}"), "Pdf { bytes: 34, .. }");
}

#[tokio::test]
async fn b2b_wydania_lista() {
    let call = WydaniaLista::builder().ile(200).od_dnia(day(11, 1)).build();
    let (sent, page) = exchange(&call, "B2BWydania/Lista", "b2b_wydania_lista").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BWydania/Lista
    {"Ile":200,"OdDnia":"2026-11-01"}
    "#);
    let [wz, kwz] = <[_; 2]>::try_from(page.pozycje).unwrap().map(upsert);
    assert_eq!(
        (wz.id, wz.kategoria.clone(), wz.magazyn.as_deref()),
        (DokumentId(140), Kategoria::WydanieMagazynowe, Some("F"))
    );
    let adres = wz.adres_dostawy.as_ref().unwrap();
    assert_eq!((adres.miejscowosc.as_deref(), wz.sposob_dostawy.as_deref()), (Some("Łódź"), Some("Kurier")));
    assert_eq!(
        (wz.numer_obcy.as_deref(), wz.kontrahent.nip.as_deref()),
        (Some("ZAM/2026/118"), Some("111-11-11-128"))
    );
    assert_eq!((kwz.kategoria.clone(), kwz.koryguje_id), (Kategoria::KorektaWydania, Some(wz.id)));
    assert_eq!(kwz.pozycje[0].przed.as_ref().unwrap().ilosc, Quantity::new(1.into(), "para"));
}

#[tokio::test]
async fn b2b_wydania_pobierz() {
    let call = WydaniaPobierz::new(DokumentId(140));
    let (sent, rows) = exchange(&call, "B2BWydania/Pobierz", "b2b_wydania_pobierz").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BWydania/Pobierz
    {"ID":140}
    "#);
    assert_eq!(rows.pozycje[0].as_ref().unwrap().numer, "WZ/000007/26");
}

#[tokio::test]
async fn b2b_wydania_pdf() {
    let call = WydaniaPdf::new(DokumentId(140));
    let (sent, pdf) = exchange(&call, "B2BWydania/Pdf", "b2b_wydania_pdf").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BWydania/Pdf
    {"ID":140}
    "#);
    assert_eq!(pdf, Pdf::new("WZ_000007_26.pdf", pdf.bytes.clone()));
}

#[test]
fn every_example_of_the_contract_decodes() {
    let contract: Value = serde_json::from_str(include_str!("../../contract/b2b.openapi.json")).unwrap();
    let mut decoded = 0;
    for path in [
        "B2BFaktury/Lista",
        "B2BFaktury/Pobierz",
        "B2BFaktury/Pdf",
        "B2BWydania/Lista",
        "B2BWydania/Pobierz",
        "B2BWydania/Pdf",
        "B2BZamowienia/Lista",
    ] {
        let answer = &contract["paths"][format!("/api/{path}")]["post"]["responses"]["200"];
        for (name, example) in answer["content"]["application/json"]["examples"].as_object().unwrap() {
            let body = example["value"].to_string();
            let id = DokumentId(1);
            let rows = |rows: usize, bad: usize| assert_eq!(bad, 0, "{path} {name}: {rows} rows");
            let result = match path {
                "B2BFaktury/Lista" => {
                    FakturyLista::builder().ile(1).build().decode(body.as_bytes()).map(|page| {
                        rows(page.pozycje.len(), page.pozycje.iter().filter(|row| row.is_err()).count());
                    })
                }
                "B2BFaktury/Pobierz" => FakturyPobierz::new(id).decode(body.as_bytes()).map(|page| {
                    rows(page.pozycje.len(), page.pozycje.iter().filter(|row| row.is_err()).count());
                }),
                "B2BWydania/Lista" => {
                    WydaniaLista::builder().ile(1).build().decode(body.as_bytes()).map(|page| {
                        rows(page.pozycje.len(), page.pozycje.iter().filter(|row| row.is_err()).count());
                    })
                }
                "B2BZamowienia/Lista" => {
                    ZamowieniaLista::builder().ile(1).build().decode(body.as_bytes()).map(|page| {
                        rows(page.pozycje.len(), page.pozycje.iter().filter(|row| row.is_err()).count());
                    })
                }
                "B2BWydania/Pobierz" => WydaniaPobierz::new(id).decode(body.as_bytes()).map(|page| {
                    rows(page.pozycje.len(), page.pozycje.iter().filter(|row| row.is_err()).count());
                }),
                "B2BFaktury/Pdf" => FakturyPdf::new(id).decode(body.as_bytes()).map(drop),
                _ => WydaniaPdf::new(id).decode(body.as_bytes()).map(drop),
            };
            match result {
                Ok(()) => assert_ne!(name, "odmowa"),
                Err(error) => assert_eq!((name.as_str(), error.kind()), ("odmowa", ErrorKind::Refused)),
            }
            decoded += 1;
        }
    }
    assert_eq!(decoded, 13);
}

#[rstest]
#[case::no_base64("JVBERi0xLjQ?")]
#[case::cut("JVBERi0xLjQ")]
#[case::empty("")]
#[case::html("PGh0bWw+QmzEhWQ8L2h0bWw+")]
#[tokio::test]
async fn a_file_that_is_no_pdf_is_an_error_that_does_not_show_it(#[case] file: &str) {
    let erp = Erp::start().await;
    let body = json!({"Success": true, "Nazwa": "Kowalski.pdf", "Base64": file}).to_string();
    erp.answers("B2BFaktury/Pdf", [answer(body)]);
    let error = erp.client().b2b().faktury().pdf(DokumentId(150)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let shown = format!("{error:?} {error}");
    assert!(shown.contains("Base64, line 1"), "{shown}");
    assert!(!shown.contains("Kowalski") && !shown.contains("JVBER") && !shown.contains("PGh0"), "{shown}");
}

#[tokio::test]
async fn a_pdf_may_have_a_few_bytes_before_its_mark_and_is_whole() {
    let erp = Erp::start().await;
    let body = r#"{"Nazwa":"a.pdf","Base64":"77u\/JVBERi0xLjQK\r\nAAEC\u002F\u002B8="}"#;
    erp.answers("B2BWydania/Pdf", [answer(body)]);
    let pdf = erp.client().b2b().wydania().get_wydanie_pdf(DokumentId(1)).await.unwrap();
    assert_eq!(pdf.bytes, Bytes::from_static(b"\xef\xbb\xbf%PDF-1.4\n\x00\x01\x02\xff\xef"));
}

#[tokio::test]
async fn a_pdf_of_an_unknown_document_is_refused() {
    let erp = Erp::start().await;
    let body = r#"{"Success":false,"Errors":[{"Kod":"NieZnaleziono","Message":"Nie ma.","Pole":"ID"}]}"#;
    erp.answers("B2BFaktury/Pdf", [answer(body)]);
    let error = erp.client().b2b().faktury().get_faktura_pdf(DokumentId(9)).await.unwrap_err();
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::NieZnaleziono));
}

#[tokio::test]
async fn a_list_goes_on_where_its_page_says_and_asks_for_the_start_date_each_time() {
    let erp = Erp::start().await;
    let mut first: Value = serde_json::from_str(&fixture("b2b_faktury_lista")).unwrap();
    first["Koniec"] = json!(false);
    erp.answers("B2BFaktury/Lista", [answer(first.to_string()), answer(fixture("b2b_faktury_lista"))]);
    let client = erp.client();
    let faktury = client.b2b().faktury().with_cechy(["Kierowca"]);
    let query = DokumentyQuery::builder().od_dnia(day(11, 1)).limit(2).build();
    // The answer's last page ends where the first does: the second is the end, so that nothing is asked twice.
    let pages: Vec<_> = faktury.list(query).try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.rows.len()).collect::<Vec<_>>(), [2, 2]);
    let sent: Vec<_> = erp.script().calls.iter().map(|call| call.text.clone()).collect();
    insta::assert_snapshot!(sent.join("\n"), @r#"
    POST /api/B2BFaktury/Lista
    {"Ile":2,"OdDnia":"2026-11-01","Cechy":["Kierowca"]}
    POST /api/B2BFaktury/Lista
    {"ZmienionePo":"2026-11-23T09:15:00.5+01:00","PoId":151,"Ile":2,"OdDnia":"2026-11-01","Cechy":["Kierowca"]}
    "#);
    let other = DokumentyQuery::builder().after(Continuation::from_stored("b2b/wydania 5")).build();
    assert_eq!(faktury.list_faktury(&other).await.unwrap_err().kind(), ErrorKind::Config);
}

#[tokio::test]
async fn documents_before_the_start_date_or_in_the_buffer_are_left_out_even_if_the_server_sends_them() {
    let erp = Erp::start().await;
    let mut body: Value = serde_json::from_str(&fixture("b2b_wydania_lista")).unwrap();
    body["Pozycje"][1]["Stan"] = json!("Bufor");
    let bufor = body["Pozycje"][1].clone();
    erp.answers("B2BWydania/Lista", [answer(body.to_string()), answer(fixture("b2b_wydania_lista"))]);
    let wydania = erp.client().b2b().wydania();
    let page = wydania.list_wydania(&DokumentyQuery::default()).await.unwrap();
    assert_eq!(page.rows.into_iter().map(upsert).map(|wz| wz.id.0).collect::<Vec<_>>(), [140]);
    let later = DokumentyQuery::builder().od_dnia(day(11, 22)).build();
    let page = wydania.list_wydania(&later).await.unwrap();
    assert!(page.rows.is_empty() && page.end && page.next.is_some());
    erp.answers(
        "B2BWydania/Pobierz",
        [
            answer(json!({"Pozycje": [bufor], "Koniec": true}).to_string()),
            answer(fixture("b2b_wydania_pobierz")),
        ],
    );
    assert_eq!(wydania.get(DokumentId(141)).await.unwrap(), None);
    assert_eq!(wydania.get_wydanie(DokumentId(99)).await.unwrap(), None, "another document is no answer");
}

#[test]
fn one_bad_document_does_not_stop_the_others() {
    let mut body: Value = serde_json::from_str(&fixture("b2b_faktury_lista")).unwrap();
    body["Pozycje"][0]["Data"] = json!("wczoraj");
    let page = FakturyLista::builder().ile(2).build().decode(body.to_string().as_bytes()).unwrap();
    assert_eq!(page.pozycje[0].as_ref().unwrap_err().id, Some(150));
    assert!(page.pozycje[1].is_ok());
}

#[test]
fn a_pdf_is_stale_once_ksef_has_accepted_the_invoice() {
    let accepted = faktura(|_| ());
    let ksef = |ksef: Value| faktura(|row| row["KSeF"] = ksef);
    let [none, sent] = [json!(null), json!({"Status": "Wyslany"})].map(ksef);
    let other = faktura(|row| row["KSeF"]["Numer"] = json!("1111111111-20261122-0100001AF62A-B0"));
    assert!(accepted.ksef_accepted() && !none.ksef_accepted() && !sent.ksef_accepted());
    for (before, after, stale) in [
        (&none, &sent, false),
        (&sent, &accepted, true),
        (&none, &accepted, true),
        (&accepted, &accepted, false),
        (&accepted, &other, true),
    ] {
        assert_eq!(Faktura::pdf_is_stale(before, after), stale, "{:?} {:?}", before.ksef, after.ksef);
    }
    let paid = faktura(|row| row["Zaplacono"]["Value"] = json!(10));
    assert!(!Faktura::pdf_is_stale(&accepted, &paid));
}

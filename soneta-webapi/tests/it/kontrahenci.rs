//! Contractors, credit limits, settlements and dictionaries: what is sent, what is read, and the ports against the simulator.

use futures::TryStreamExt;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use soneta_webapi::b2b::{
    KontrahenciLista, KontrahenciPobierz, KontrahenciZapisz, LimityLista, RozrachunkiLista, Slownik,
};
use soneta_webapi::simulator::Simulator;
use soneta_webapi::wire::{Cecha, Currency};
use soneta_webapi::{
    Adres, Change, ChangesQuery, Client, DefinicjaCechy, DefinicjaDokumentu, DokumentId, Effect, Endpoint,
    ErrorKind, FormaPlatnosci, GrupaCenowa, Kategoria, KluczKontrahenta, KodOdmowy, KontrahentId, Magazyn,
    RodzajLimitu, Rows, Slowniki, SnapshotQuery, StawkaVat, ZapisKontrahenta,
};
use uuid::Uuid;

use crate::endpoints::exchange;
use crate::erp::{Erp, fixture, json as answer};

fn pln(grosze: i64) -> Currency {
    Currency::new(Decimal::new(grosze, 2), "PLN")
}

fn all<T>(rows: impl IntoIterator<Item = Rows<T>>) -> Vec<T> {
    rows.into_iter().flatten().map(|row| row.unwrap()).collect()
}

fn zapis() -> ZapisKontrahenta {
    ZapisKontrahenta::builder()
        .guid(Uuid::from_u128(0x0c7d_2f4e_1f0b_5d6c_9b6a_3f1c_2d4e_5f60))
        .kod("ŻUK")
        .nazwa("Sklep Żuk\nJan Żukowski")
        .nip("526-025-02-74")
        .adres(Adres::builder().ulica("Świętojańska").miejscowosc("Gdynia").build())
        .email("zuk@example.com")
        .termin_dni(14)
        .cechy(vec![Cecha::new("Grupa cenowa", "Hurt")])
        .build()
}

#[tokio::test]
async fn b2b_kontrahenci_lista() {
    let call = KontrahenciLista::builder().ile(1_000).cechy(vec!["Grupa cenowa".to_owned()]).build();
    let (sent, page) = exchange(&call, "B2BKontrahenci/Lista", "b2b_kontrahenci_lista").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BKontrahenci/Lista
    {"Ile":1000,"Cechy":["Grupa cenowa"]}
    "#);
    let [Ok(Change::Upsert(first)), Ok(Change::Upsert(merged)), Ok(Change::Deleted(gone))] =
        &page.pozycje[..]
    else {
        panic!("{:?}", page.pozycje)
    };
    assert_eq!((first.wersja, first.cechy[0].wartosc.text().as_deref()), (Some(7), Some("Hurt")));
    assert_eq!((merged.zastapiony_przez_id, merged.zaznaczony), (Some(KontrahentId(1)), Some(false)));
    assert_eq!((gone.id, gone.kod.as_deref()), (9, Some("ŁYŻWY")));
}

#[tokio::test]
async fn b2b_kontrahenci_zapisz() {
    let zapis = zapis();
    let call = KontrahenciZapisz::from(&zapis);
    let (sent, saved) = exchange(&call, "B2BKontrahenci/Zapisz", "b2b_kontrahenci_zapisz").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BKontrahenci/Zapisz
    {"Guid":"0c7d2f4e-1f0b-5d6c-9b6a-3f1c2d4e5f60","Kod":"ŻUK","Nazwa":"Sklep Żuk\nJan Żukowski","NIP":"526-025-02-74","Adres":{"Ulica":"Świętojańska","Miejscowosc":"Gdynia"},"Email":"zuk@example.com","TerminDni":14,"Cechy":[{"Nazwa":"Grupa cenowa","Wartosc":"Hurt"}]}
    "#);
    assert_eq!((saved.id, saved.guid, saved.wersja), (KontrahentId(21), Some(zapis.guid), Some(1)));
    assert_eq!(<KontrahenciZapisz<'_> as Endpoint>::EFFECT, Effect::Idempotent);
    assert_eq!(format!("{call:?}").matches("uk").count(), 0, "{call:?}");
}

#[tokio::test]
async fn a_contractor_changed_meanwhile_is_refused_and_was_not_written() {
    let erp = Erp::start().await;
    erp.answers("B2BKontrahenci/Zapisz", [answer(fixture("b2b_kontrahenci_zapisz_konflikt"))]);
    let error = erp.client().b2b().kontrahenci().save(&zapis()).await.unwrap_err();
    assert_eq!((error.kind(), KodOdmowy::of(&error)), (ErrorKind::Refused, Some(KodOdmowy::Konflikt)));
    assert!(!error.may_have_been_applied() && erp.count("B2BKontrahenci/Zapisz") == 1);
}

#[tokio::test]
async fn b2b_limity_lista() {
    let call = LimityLista::builder().po_id(0).ile(1_000).build();
    let (sent, page) = exchange(&call, "B2BLimity/Lista", "b2b_limity_lista").await;
    insta::assert_snapshot!(sent, @r#"
    POST /api/B2BLimity/Lista
    {"PoId":0,"Ile":1000}
    "#);
    let rows = all([page.pozycje]);
    assert_eq!(
        (rows[0].dostepny.clone(), rows[0].rodzaj.clone()),
        (Some(pln(-234_567)), RodzajLimitu::Kwota)
    );
    assert_eq!((rows[1].limit.clone(), rows[1].rodzaj.clone()), (None, RodzajLimitu::Nieograniczony));
}

#[tokio::test]
async fn b2b_rozrachunki_lista() {
    let call = RozrachunkiLista::builder().ile(1_000).build();
    let (_, page) = exchange(&call, "B2BRozrachunki/Lista", "b2b_rozrachunki_lista").await;
    let [Ok(Change::Upsert(open)), Ok(Change::Upsert(paid)), Ok(Change::Deleted(gone))] = &page.pozycje[..]
    else {
        panic!("{:?}", page.pozycje)
    };
    assert_eq!((open.dokument_id, open.pozostalo.clone()), (DokumentId(103), pln(2_065)));
    assert_eq!((open.zaplacono, paid.zaplacono, gone.id), (false, true, 3));
}

#[tokio::test]
async fn b2b_dictionaries() {
    let call = Slownik::<Magazyn>::default();
    let (sent, magazyny) = exchange(&call, "B2BSlowniki/Magazyny", "b2b_slowniki_magazyny").await;
    insta::assert_snapshot!(sent, @r"
    POST /api/B2BSlowniki/Magazyny
    {}
    ");
    assert_eq!(all([magazyny.pozycje])[1].nazwa.as_deref(), Some("Magazyn Kraków – Śródmieście"));
    let call = Slownik::<StawkaVat>::default();
    let (_, stawki) = exchange(&call, "B2BSlowniki/StawkiVat", "b2b_slowniki_stawki_vat").await;
    let stawki: Vec<_> = all([stawki.pozycje]).into_iter().map(|vat| (vat.kod, vat.procent)).collect();
    assert_eq!(stawki, [("23%".to_owned(), Some(Decimal::from(23))), ("ZW".to_owned(), None)]);
    let call = Slownik::<FormaPlatnosci>::default();
    let (_, formy) = exchange(&call, "B2BSlowniki/FormyPlatnosci", "b2b_slowniki_formy_platnosci").await;
    assert_eq!(all([formy.pozycje])[1].termin_dni, Some(14));
    let call = Slownik::<DefinicjaCechy>::default();
    let (_, cechy) = exchange(&call, "B2BSlowniki/Cechy", "b2b_slowniki_cechy").await;
    assert_eq!(all([cechy.pozycje])[1].nazwa, "Grupa cenowa");
    let call = Slownik::<DefinicjaDokumentu>::default();
    let (_, definicje) =
        exchange(&call, "B2BSlowniki/DefinicjeDokumentow", "b2b_slowniki_definicje_dokumentow").await;
    assert_eq!(all([definicje.pozycje])[0].kategoria, Kategoria::ZamowienieOdbiorcy);
    let call = Slownik::<GrupaCenowa>::default();
    let (_, grupy) = exchange(&call, "B2BGrupyCenowe/Lista", "b2b_grupy_cenowe_lista").await;
    assert_eq!(all([grupy.pozycje])[1].nazwa, "Hurt");
}

#[test]
fn a_contractor_or_a_limit_without_its_tick_is_a_bad_row_and_the_others_arrive() {
    let untold = |name: &str| {
        let mut body: Value = serde_json::from_str(&fixture(name)).unwrap();
        body["Pozycje"][0].as_object_mut().unwrap().remove("Zaznaczony").unwrap();
        body.to_string()
    };
    let list = KontrahenciLista::builder().ile(9).build();
    let rows = list.decode(untold("b2b_kontrahenci_lista").as_bytes()).unwrap().pozycje;
    assert_eq!(rows.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true, true]);
    let limits = LimityLista::builder().ile(9).build();
    let rows = limits.decode(untold("b2b_limity_lista").as_bytes()).unwrap().pozycje;
    assert_eq!(rows.iter().map(Result::is_ok).collect::<Vec<_>>(), [false, true]);
}

/// The answer for a contractor of this id that points to another one.
fn row(id: i32, replaced_by: Option<i32>) -> wiremock::ResponseTemplate {
    let mut body: Value = serde_json::from_str(&fixture("b2b_kontrahenci_pobierz")).unwrap();
    (body["Pozycje"][0]["ID"], body["Pozycje"][0]["ZastapionyPrzezId"]) = (json!(id), json!(replaced_by));
    answer(body.to_string())
}

async fn resolved(answers: Vec<wiremock::ResponseTemplate>) -> Result<i32, (ErrorKind, String)> {
    let erp = Erp::start().await;
    erp.answers("B2BKontrahenci/Pobierz", answers);
    let found = erp.client().b2b().kontrahenci().resolve(KontrahentId(1)).await;
    found.map(|kontrahent| kontrahent.id.0).map_err(|error| (error.kind(), error.to_string()))
}

#[tokio::test]
async fn a_merged_contractor_leads_to_the_last_one_and_a_circle_or_a_gap_is_an_error() {
    assert_eq!(resolved(vec![row(1, None)]).await, Ok(1));
    assert_eq!(resolved(vec![row(1, Some(4)), row(4, Some(7)), row(7, None)]).await, Ok(7));
    let (kind, text) = resolved(vec![row(1, Some(4)), row(4, Some(1))]).await.unwrap_err();
    assert!(kind == ErrorKind::Unexpected && text.contains("circle"), "{text}");
    let none = || answer(r#"{"Success":true,"Pozycje":[],"Koniec":true}"#);
    let (kind, text) = resolved(vec![row(1, Some(4)), none()]).await.unwrap_err();
    assert!(kind == ErrorKind::NotFound && text.contains("leads to 4"), "{text}");
    let (kind, text) = resolved(vec![none()]).await.unwrap_err();
    assert!(kind == ErrorKind::NotFound && text.contains("no contractor 1"), "{text}");
    let endless = (1..30).map(|id| row(id, Some(id + 1))).collect();
    let (kind, text) = resolved(endless).await.unwrap_err();
    assert!(kind == ErrorKind::Unexpected && text.contains("do not end"), "{text}");
}

#[tokio::test]
async fn the_ports_read_and_write_the_simulated_company() {
    let simulator = Simulator::builder().goods(5).seed(7).start().await.unwrap();
    let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
    let b2b = client.b2b();
    let kontrahenci = b2b.kontrahenci().with_cechy(["Segment"]);
    let saved = kontrahenci.save(&zapis()).await.unwrap();
    assert_eq!(kontrahenci.save(&zapis()).await.unwrap(), saved);
    simulator.merge_contractor("K0001", "ŻUK").unwrap();
    let found = kontrahenci.resolve(KontrahentId(1)).await.unwrap();
    assert_eq!((found.id, found.nazwa.as_str()), (saved.id, "Sklep Żuk\nJan Żukowski"));
    assert_eq!(found.adres.unwrap().ulica.as_deref(), Some("Świętojańska"));
    let by_kod = kontrahenci.get(&KluczKontrahenta::Kod("ŻUK".to_owned())).await.unwrap();
    assert_eq!(by_kod.len(), 1);
    assert_eq!(by_kod[0].as_ref().unwrap().cechy[0].nazwa, "Segment");

    let pages: Vec<_> =
        kontrahenci.list(ChangesQuery::builder().limit(2).build()).try_collect().await.unwrap();
    let rows = all(pages.into_iter().map(|page| page.rows));
    assert!(rows.len() == 21 && rows.into_iter().filter_map(Change::upsert).all(|row| row.cechy.len() == 1));
    let limity = b2b.limity();
    let pages: Vec<_> = limity.list(SnapshotQuery::builder().limit(2).build()).try_collect().await.unwrap();
    assert_eq!((pages.len(), all(pages.into_iter().map(|page| page.rows)).len()), (11, 21));
    let due = chrono::NaiveDate::from_ymd_opt(2026, 12, 5).unwrap();
    simulator.set_settlement(103, "FV/1/26", 1, Decimal::TEN, due).unwrap();
    let rozrachunki = b2b.rozrachunki();
    let pages: Vec<_> = rozrachunki.list(ChangesQuery::default()).try_collect().await.unwrap();
    let Change::Upsert(open) = all(pages.into_iter().map(|page| page.rows)).remove(0) else {
        panic!("removed")
    };
    assert_eq!((open.termin, open.pozostalo), (Some(due), pln(1_000)));
    let slowniki = b2b.slowniki();
    assert_eq!(all([slowniki.list_magazyny().await.unwrap()])[0].symbol, "F");
    assert_eq!(slowniki.list_stawki_vat().await.unwrap().len(), 4);
    assert_eq!(slowniki.list_formy_platnosci().await.unwrap().len(), 3);
    assert_eq!(slowniki.list_cechy().await.unwrap().len(), 4);
    assert_eq!(slowniki.list_definicje_dokumentow().await.unwrap().len(), 3);
    assert_eq!(slowniki.list_grupy_cenowe().await.unwrap().len(), 2);
    let one_call = KontrahenciPobierz::from(&KluczKontrahenta::Id(saved.id));
    assert_eq!(client.send(&one_call).await.unwrap().pozycje.len(), 1);
}

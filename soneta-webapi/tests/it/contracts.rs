//! The client against the simulated enova365, which shares no wire type with it.

use std::collections::{BTreeMap, BTreeSet};

use api_transport::simulation::Fault;
use chrono::NaiveDate;
use futures::TryStreamExt;
use futures::future::try_join_all;
use rstest::rstest;
use rust_decimal::Decimal;
use secrecy::SecretString;
use soneta_webapi::simulator::{SimulatedTowar, Simulator, SimulatorBuilder};
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    Ceny, Change, ChangesQuery, Client, DokumentId, ErrorKind, KluczKontrahenta, KluczZamowienia, KodOdmowy,
    KontrahentId, NoweZamowienie, PozycjaWyceny, PozycjaZamowienia, Rezerwacja, Rows, SnapshotQuery,
    StanDokumentu, Stany, StanyQuery, Towar, TowarId, Towary, ZapytanieWyceny,
};
use uuid::Uuid;

struct Bench {
    simulator: Simulator,
    client: Client,
}

impl Bench {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(shape: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Self {
        let simulator = shape(Simulator::builder().goods(60).seed(7)).start().await.unwrap();
        let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
        Self { simulator, client }
    }

    /// A good with a price and stock.
    fn good(&self) -> SimulatedTowar {
        let sold = |towar: &SimulatedTowar| towar.cena_detaliczna.is_some() && !towar.stany.is_empty();
        self.simulator.goods().into_iter().find(sold).unwrap()
    }

    fn buyer(&self) -> KontrahentId {
        let buyers = self.simulator.contractors();
        KontrahentId(buyers.iter().find(|buyer| !buyer.blokada_sprzedazy).unwrap().id)
    }

    fn order(&self, guid: u128) -> NoweZamowienie {
        let good = self.good();
        let line = PozycjaZamowienia::builder()
            .id_obcy("1")
            .kod(good.kod)
            .ilosc(Quantity::new(Decimal::from(3), good.jednostka))
            .cena_netto(Currency::new(Decimal::new(1_005, 2), "PLN"));
        NoweZamowienie::builder()
            .guid(Uuid::from_u128(guid))
            .numer_obcy(format!("PO/{guid}"))
            .kontrahent_id(self.buyer())
            .magazyn("F")
            .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
            .rezerwuj(Rezerwacja::Ile)
            .pozycje(vec![line.build()])
            .build()
    }
}

fn all<T>(rows: impl IntoIterator<Item = Rows<T>>) -> Vec<T> {
    rows.into_iter().flatten().map(|row| row.unwrap()).collect()
}

/// What every implementation of the port has to do, whatever the contract behind it.
async fn reads_every_good_once(port: &dyn Towary, expected: &[SimulatedTowar]) {
    let mut seen: BTreeMap<TowarId, Towar> = BTreeMap::new();
    let mut query = ChangesQuery::builder().limit(7).build();
    loop {
        let page = port.list_towary(&query).await.unwrap();
        assert!(page.rows.len() <= 7);
        for towar in all([page.rows]) {
            let Change::Upsert(towar) = towar else { panic!("nothing was removed") };
            assert!(seen.insert(towar.id, towar).is_none(), "a good came twice");
        }
        if page.end {
            break;
        }
        query.after = Some(page.next.unwrap());
    }
    assert_eq!(seen.len(), expected.len());
    for good in expected {
        let towar = &seen[&TowarId(good.id)];
        assert_eq!((towar.guid, &towar.kod, &towar.nazwa), (Some(good.guid), &good.kod, &good.nazwa));
        assert_eq!(towar.ean.first(), good.ean.as_ref());
        assert_eq!(towar.jednostka.as_deref(), Some(good.jednostka.as_str()));
        assert_eq!(towar.stawka_vat.as_deref(), Some(good.stawka_vat.as_str()));
        assert_eq!(towar.typ.as_ref().map(|typ| typ.as_str()), Some(good.typ.as_str()));
    }
    let ids = |rows: Rows<Towar>| all([rows]).iter().map(|towar| towar.id.0).collect::<BTreeSet<_>>();
    let two = BTreeSet::from([expected[1].id, expected[9].id]);
    let by_id =
        port.get_towary(&[TowarId(expected[9].id), TowarId(expected[1].id), TowarId(999_999)]).await.unwrap();
    assert_eq!(ids(by_id), two);
    let kody = [expected[1].kod.clone(), expected[9].kod.clone(), "NIE MA".to_owned()];
    assert_eq!(ids(port.get_towary_by_kod(&kody).await.unwrap()), two);
    assert!(port.get_towary(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn both_contracts_satisfy_the_port_of_goods() {
    let bench = Bench::new().await;
    let goods = bench.simulator.goods();
    let ports: [Box<dyn Towary>; 2] =
        [Box::new(bench.client.b2b().towary()), Box::new(bench.client.altone())];
    for port in &ports {
        reads_every_good_once(port.as_ref(), &goods).await;
    }
}

#[tokio::test]
async fn a_change_list_read_to_its_end_gives_only_what_changed_since() {
    let bench = Bench::new().await;
    let towary = bench.client.b2b().towary();
    let first = towary.list_towary(&ChangesQuery::builder().limit(100).build()).await.unwrap();
    assert!(first.end && first.as_of.is_some());
    let query = ChangesQuery::builder().after(first.next.unwrap()).build();
    let nothing = towary.list_towary(&query).await.unwrap();
    assert!(nothing.end && nothing.rows.is_empty());
    let good = bench.good();
    bench.simulator.set_ticked(&good.kod, !good.zaznaczony).unwrap();
    let changed =
        towary.list_towary(&ChangesQuery::builder().after(nothing.next.unwrap()).build()).await.unwrap();
    let changed: Vec<_> = all([changed.rows]).into_iter().filter_map(Change::upsert).collect();
    assert_eq!(changed.len(), 1);
    assert_eq!((changed[0].kod.as_str(), changed[0].zaznaczony), (good.kod.as_str(), Some(!good.zaznaczony)));
}

#[tokio::test]
async fn stock_comes_whole_page_by_page_and_by_choice() {
    let bench = Bench::new().await;
    let stany = bench.client.b2b().stany();
    let pages: Vec<_> = stany.list(StanyQuery::builder().limit(7).build()).try_collect().await.unwrap();
    assert!(pages.len() > 1 && pages.iter().rev().skip(1).all(|page| page.rows.len() == 7));
    let rows = all(pages.into_iter().map(|page| page.rows));
    let expected: Vec<_> =
        bench.simulator.goods().into_iter().filter(|good| !good.stany.is_empty()).collect();
    assert_eq!(rows.len(), expected.len());
    for (row, good) in rows.iter().zip(&expected) {
        assert_eq!((row.towar_id.0, &row.kod, row.zaznaczony), (good.id, &good.kod, Some(good.zaznaczony)));
        let seen: Vec<_> =
            row.magazyny.iter().map(|at| (at.magazyn.clone(), at.stan, at.zarezerwowane)).collect();
        let real: Vec<_> =
            good.stany.iter().map(|at| (at.magazyn.clone(), at.stan, at.zarezerwowane)).collect();
        assert_eq!(seen, real);
    }
    let query =
        StanyQuery::builder().magazyny(vec!["F".to_owned()]).towary(vec![TowarId(expected[3].id)]).build();
    let page = stany.list_stany(&query).await.unwrap();
    let chosen = all([page.rows]);
    assert_eq!((chosen.len(), chosen[0].magazyny.len(), page.end), (1, 1, true));
    let unknown = StanyQuery::builder().magazyny(vec!["NIE MA".to_owned()]).build();
    let error = stany.list_stany(&unknown).await.unwrap_err();
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::NieZnaleziono));
}

#[tokio::test]
async fn retail_prices_come_whole_page_by_page() {
    let bench = Bench::new().await;
    let ceny = bench.client.b2b().ceny();
    let pages: Vec<_> =
        ceny.detaliczne(SnapshotQuery::builder().limit(7).build()).try_collect().await.unwrap();
    assert!(pages.len() > 1);
    let rows = all(pages.into_iter().map(|page| page.rows));
    let seen: Vec<_> = rows.iter().map(|row| (row.towar_id.0, row.netto.value, row.brutto.value)).collect();
    let priced = |good: SimulatedTowar| good.cena_detaliczna.map(|(netto, brutto)| (good.id, netto, brutto));
    let real: Vec<_> = bench.simulator.goods().into_iter().filter_map(priced).collect();
    assert_eq!(seen, real);
    let nothing_asked = ceny.list_detaliczne(&SnapshotQuery::builder().limit(0).build()).await;
    assert_eq!(KodOdmowy::of(&nothing_asked.unwrap_err()), Some(KodOdmowy::BledneDane));
}

#[tokio::test]
async fn the_price_check_prices_every_line_by_id_and_by_kod() {
    let bench = Bench::new().await;
    let good = bench.good();
    let (ceny, ilosc) = (bench.client.b2b().ceny(), Quantity::new(Decimal::from(2), good.jednostka.as_str()));
    let lines = vec![
        PozycjaWyceny::new(TowarId(good.id), ilosc.clone()),
        PozycjaWyceny::new(good.kod.as_str(), ilosc.clone()),
    ];
    let query = ZapytanieWyceny::builder().kontrahent_id(bench.buyer()).pozycje(lines).build();
    let lines = ceny.wycen(&query).await.unwrap();
    assert!(
        lines[0].netto == lines[1].netto
            && lines[0].wartosc_netto.value == lines[0].netto.value * Decimal::TWO
    );
    let query = ZapytanieWyceny::builder()
        .kontrahent_id(bench.buyer())
        .pozycje(vec![PozycjaWyceny::new("NIE MA", ilosc)])
        .build();
    let error = ceny.wycen(&query).await.unwrap_err();
    assert_eq!((error.kind(), KodOdmowy::of(&error)), (ErrorKind::Refused, Some(KodOdmowy::NieZnaleziono)));
}

#[tokio::test]
async fn a_contractor_is_found_by_each_of_its_keys() {
    let bench = Bench::new().await;
    let kontrahenci = bench.client.b2b().kontrahenci();
    let contractors = bench.simulator.contractors();
    let known = contractors.iter().find(|known| !known.nip.is_empty()).unwrap();
    let dashed = known.nip.replace('-', "").chars().map(|c| format!("{c}-")).collect::<String>();
    for klucz in [
        KluczKontrahenta::Id(KontrahentId(known.id)),
        KluczKontrahenta::Kod(known.kod.clone()),
        KluczKontrahenta::Nip(known.nip.clone()),
        KluczKontrahenta::Nip(dashed.clone()),
    ] {
        let found = all([kontrahenci.get(&klucz).await.unwrap()]);
        let found = found.iter().find(|found| found.id.0 == known.id).unwrap();
        assert_eq!((&found.kod, &found.nazwa, found.guid), (&known.kod, &known.nazwa, Some(known.guid)));
    }
    assert!(kontrahenci.get(&KluczKontrahenta::Kod("NIE MA".to_owned())).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_order_is_placed_read_and_approved() {
    let bench = Bench::new().await;
    let (zamowienia, order) = (bench.client.b2b().zamowienia(), bench.order(1));
    let created = zamowienia.create_or_find(&order).await.unwrap();
    assert_eq!(
        (created.guid, created.stan.clone(), created.is_numbered()),
        (order.guid, StanDokumentu::Bufor, false)
    );
    assert_eq!(created.suma_netto, Some(Currency::new(Decimal::new(3_015, 2), "PLN")));
    let numer = bench.simulator.approve(created.id.0).unwrap();
    for klucz in [
        KluczZamowienia::Id(created.id),
        KluczZamowienia::Guid(order.guid),
        KluczZamowienia::numer_obcy("PO/1", order.kontrahent_id),
    ] {
        let found = zamowienia.get(&klucz).await.unwrap().unwrap();
        assert_eq!((found.id, &found.numer, found.is_numbered()), (created.id, &numer, true));
    }
    let statusy = all([zamowienia.statusy(&[created.id, DokumentId(999_999)]).await.unwrap()]);
    assert_eq!((statusy.len(), statusy[0].stan.clone()), (1, StanDokumentu::Zatwierdzony));
    assert!(zamowienia.get(&KluczZamowienia::Guid(Uuid::nil())).await.unwrap().is_none());
    let again = zamowienia.create_or_find(&order).await.unwrap();
    assert_eq!((again.id, bench.simulator.orders().len()), (created.id, 1));
}

#[rstest]
#[case::applied_then_failed(Fault::on("B2BZamowienia/Dodaj").nth(1).apply_then_fail(503))]
#[case::applied_then_dropped(Fault::on("B2BZamowienia/Dodaj").nth(1).drop_after())]
#[case::cut(Fault::on("B2BZamowienia/Dodaj").nth(1).cut_body(20))]
#[tokio::test]
async fn an_order_that_was_applied_without_an_answer_is_found_and_exists_once(#[case] fault: Fault) {
    let bench = Bench::new().await;
    bench.simulator.faults().add(fault);
    let order = bench.order(2);
    let created = bench.client.b2b().zamowienia().create_or_find(&order).await.unwrap();
    assert!(created.odnalezione);
    let documents = bench.simulator.orders();
    assert_eq!((documents.len(), documents[0].guid, documents[0].id), (1, order.guid, created.id.0));
    assert_eq!(bench.simulator.faults().calls("B2BZamowienia/Dodaj"), 1);
}

#[tokio::test]
async fn an_order_that_was_dropped_unread_is_in_doubt_and_a_later_attempt_makes_it() {
    let bench = Bench::new().await;
    bench.simulator.faults().add(Fault::on("B2BZamowienia/Dodaj").nth(1).drop_before());
    let (zamowienia, order) = (bench.client.b2b().zamowienia(), bench.order(3));
    let error = zamowienia.create_or_find(&order).await.unwrap_err();
    assert!(error.may_have_been_applied() && bench.simulator.orders().is_empty());
    assert!(!zamowienia.create_or_find(&order).await.unwrap().odnalezione);
    assert_eq!(bench.simulator.orders().len(), 1);
}

#[tokio::test]
async fn a_guid_of_another_order_leaves_the_caller_in_doubt_and_makes_no_second_document() {
    let bench = Bench::new().await;
    let zamowienia = bench.client.b2b().zamowienia();
    zamowienia.create_or_find(&bench.order(4)).await.unwrap();
    let mut other = bench.order(4);
    other.pozycje[0].ilosc.value = Decimal::from(5);
    let error = zamowienia.create_or_find(&other).await.unwrap_err();
    assert_eq!(KodOdmowy::of(&error), Some(KodOdmowy::Konflikt));
    assert!(error.may_have_been_applied());
    // Other notes alone: the document that exists is what this order makes.
    let mut same = bench.order(4);
    same.uwagi = Some("inne".to_owned());
    assert!(zamowienia.create_or_find(&same).await.unwrap().odnalezione);
    assert_eq!(bench.simulator.orders().len(), 1);
}

#[tokio::test]
async fn a_wrong_application_token_is_unauthorized() {
    let bench = Bench::new().await;
    let client = Client::builder(bench.simulator.url().clone(), SecretString::from("zły")).build().unwrap();
    assert_eq!(client.log_in().await.unwrap_err().kind(), ErrorKind::Unauthorized);
}

#[tokio::test]
async fn a_session_lives_through_a_batch_with_strict_roll_over_and_is_closed() {
    let bench = Bench::with(|builder| builder.strict_roll_over(true)).await;
    let b2b = bench.client.b2b();
    bench.simulator.faults().add(Fault::on("B2BInfo/Pobierz").nth(20).expire_session());
    let answers = try_join_all((0..50).map(|_| b2b.info())).await.unwrap();
    assert_eq!(answers.len(), 50);
    assert_eq!((bench.simulator.logins(), bench.simulator.sessions()), (2, 1));
    assert_eq!(bench.simulator.faults().max_in_flight(), 1);
    bench.client.close().await.unwrap();
    assert_eq!(bench.simulator.sessions(), 0);
}

#[tokio::test]
async fn the_product_tells_its_version() {
    let bench = Bench::new().await;
    assert!(bench.client.current_version().await.unwrap().version.is_some());
    let info = bench.client.b2b().info().await.unwrap();
    assert_eq!(info.baza_guid, Some(bench.simulator.database_id()));
}

#[tokio::test]
async fn reads_get_through_a_server_that_fails_now_and_then() {
    let bench = Bench::new().await;
    bench.simulator.faults().add(Fault::on("B2BStany/Lista").every(3).unavailable());
    bench.simulator.faults().add(Fault::on("B2BStany/Lista").every(4).cut_body(100));
    let stany = bench.client.b2b().stany();
    let pages: Vec<_> = stany.list(StanyQuery::builder().limit(5).build()).try_collect().await.unwrap();
    let expected = bench.simulator.goods().iter().filter(|good| !good.stany.is_empty()).count();
    assert_eq!(pages.iter().map(|page| page.rows.len()).sum::<usize>(), expected);
}

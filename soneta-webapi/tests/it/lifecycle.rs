//! The whole life of an order, seen through the client's ports: ZO, part of it delivered, the rest, invoice, KSeF, corrections.

mod altone;

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use futures::TryStreamExt;
use rust_decimal::Decimal;
use soneta_webapi::simulator::{SimulatedTowar, Simulator};
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    Adres, Change, Client, Continuation, DokumentId, DokumentyQuery, Faktura, Faktury, Kategoria,
    KontrahentId, ListaZamowien, MapaStatusow, NoweZamowienie, PozycjaRealizacji, PozycjaZamowienia,
    Realizacja, Rezerwacja, StatusKSeF, WirePage, Wydania, Wydanie, Zamowienie,
};
use uuid::Uuid;

struct Company {
    simulator: Simulator,
    client: Client,
    order: DokumentId,
    lines: Vec<i32>,
}

impl Company {
    /// A company with one approved order: three and one of two goods in different rates.
    async fn new() -> Self {
        let simulator = Simulator::builder().goods(60).seed(7).start().await.unwrap();
        let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
        let goods = simulator.goods();
        let good = |rate: &str| -> &SimulatedTowar {
            let fits = |good: &&SimulatedTowar| good.stawka_vat == rate && !good.stany.is_empty();
            goods.iter().find(fits).unwrap()
        };
        let line = |id: &str, good: &SimulatedTowar, ilosc: i32| {
            simulator.set_stock(&good.kod, "F", 10.into()).unwrap();
            PozycjaZamowienia::builder()
                .id_obcy(id)
                .kod(good.kod.clone())
                .ilosc(Quantity::new(ilosc.into(), good.jednostka.clone()))
                .cena_netto(Currency::new(Decimal::new(1_005, 2), "PLN"))
                .build()
        };
        let order = NoweZamowienie::builder()
            .guid(Uuid::from_u128(5))
            .numer_obcy("PO/5")
            .kontrahent_id(KontrahentId(1))
            .odbiorca_id(KontrahentId(2))
            .platnik_id(KontrahentId(3))
            .adres_dostawy(Adres::builder().miejscowosc("Łódź").build())
            .sposob_dostawy("Kurier")
            .magazyn("F")
            .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
            .zatwierdz(true)
            .rezerwuj(Rezerwacja::Wszystko)
            .pozycje(vec![line("1", good("23%"), 3), line("2", good("8%"), 1)])
            .build();
        let made = client.b2b().zamowienia().create_or_find(&order).await.unwrap();
        let lines = made.pozycje.iter().map(|line| line.id).collect();
        Self { simulator, client, order: made.id, lines }
    }

    async fn read(&self) -> Zamowienie {
        self.client.b2b().zamowienia().statusy(&[self.order]).await.unwrap().remove(0).unwrap()
    }

    /// The order's status and fulfilment, which its lines and the documents agree on.
    async fn status(&self) -> (String, Realizacja) {
        let (order, notes) = (self.read().await, self.notes().await);
        let realizacja = Realizacja::of_pozycje(&order.pozycje);
        assert_eq!(realizacja, Realizacja::of_wydania(&order, &notes));
        let status = MapaStatusow::default().status_of(&order).unwrap();
        (status.as_str().to_owned(), realizacja.unwrap())
    }

    async fn notes(&self) -> Vec<Wydanie> {
        let query = DokumentyQuery::builder().limit(2).build();
        let pages: Vec<_> = self.client.b2b().wydania().list(query).try_collect().await.unwrap();
        pages.into_iter().flat_map(upserts).collect()
    }

    async fn invoices(&self, after: &mut Option<Continuation>) -> Vec<Faktura> {
        let query = DokumentyQuery::builder().maybe_after(after.clone()).build();
        let page = self.client.b2b().faktury().list_faktury(&query).await.unwrap();
        assert!(page.end);
        after.clone_from(&page.next);
        upserts(page)
    }
}

fn upserts<T>(page: WirePage<Change<T>>) -> Vec<T> {
    page.rows.into_iter().map(|row| row.unwrap().upsert().unwrap()).collect()
}

fn pln(grosze: i64) -> Currency {
    Currency::new(Decimal::new(grosze, 2), "PLN")
}

#[tokio::test]
async fn an_order_goes_from_processing_to_invoiced_and_its_documents_are_seen() {
    let company = Company::new().await;
    let Company { simulator, client, order, lines } = &company;
    assert_eq!(company.status().await, ("processing".to_owned(), Realizacja::Brak));
    let before = company.read().await;
    simulator.confirm(order.0).unwrap();
    assert_eq!(company.status().await, ("confirmed".to_owned(), Realizacja::Brak));

    simulator.ship(order.0, &[(lines[0], Decimal::ONE)]).unwrap();
    assert_eq!(company.status().await, ("partly_shipped".to_owned(), Realizacja::Czesciowa));
    assert!(company.read().await.data_zmiany >= before.data_zmiany);
    let part = client.b2b().wydania().get(company.notes().await[0].id).await.unwrap().unwrap();
    assert_eq!((part.kategoria.clone(), part.magazyn.as_deref()), (Kategoria::WydanieMagazynowe, Some("F")));
    assert_eq!(
        (part.kontrahent.id, part.odbiorca.as_ref().unwrap().id),
        (Some(KontrahentId(1)), Some(KontrahentId(2)))
    );
    assert_eq!(part.adres_dostawy.as_ref().unwrap().miejscowosc.as_deref(), Some("Łódź"));
    assert_eq!((part.sposob_dostawy.as_deref(), part.numer_obcy.as_deref()), (Some("Kurier"), Some("PO/5")));
    assert_eq!(
        (part.pozycje[0].zamowienie_id, part.pozycje[0].zamowienie_pozycja_id),
        (Some(*order), Some(lines[0]))
    );

    simulator.ship(order.0, &[]).unwrap();
    assert_eq!(company.status().await, ("shipped".to_owned(), Realizacja::Pelna));
    assert_eq!(company.notes().await.iter().map(|note| note.pozycje.len()).collect::<Vec<_>>(), [1, 2]);

    let mut after = None;
    assert!(company.invoices(&mut after).await.is_empty());
    simulator.invoice(order.0).unwrap();
    assert_eq!(company.status().await, ("invoiced".to_owned(), Realizacja::Pelna));
    let [invoice] = <[_; 1]>::try_from(company.invoices(&mut after).await).unwrap();
    let row = company.read().await;
    assert_eq!(Realizacja::of_faktury(&row, std::slice::from_ref(&invoice)), Some(Realizacja::Pelna));
    let kinds: Vec<_> = row.dokumenty.iter().map(|child| child.kategoria.as_str()).collect();
    assert_eq!(kinds, ["WydanieMagazynowe", "WydanieMagazynowe", "Sprzedaż"]);
    // 30.15 in 23 %, 10.05 in 8 %.
    assert_eq!(
        (invoice.suma_netto.clone(), invoice.suma_brutto.clone()),
        (Some(pln(4_020)), Some(pln(4_793)))
    );
    let sums: Vec<_> = invoice.sumy_vat.iter().map(|sum| (sum.stawka_vat.as_str(), sum.vat)).collect();
    assert_eq!(sums, [("23%", Decimal::new(693, 2)), ("8%", Decimal::new(80, 2))]);
    let payment = &invoice.platnosci[0];
    assert_eq!((payment.kwota.clone(), payment.termin), (pln(4_793), Some(invoice.data + Days::new(14))));
    assert_eq!(
        (invoice.zaplacono.clone(), invoice.platnik.as_ref().unwrap().id),
        (Some(pln(0)), Some(KontrahentId(3)))
    );
    assert!(company.invoices(&mut after).await.is_empty(), "nothing has changed since");
}

#[tokio::test]
async fn acceptance_by_ksef_lists_the_invoice_again_and_makes_its_pdf_stale() {
    let company = Company::new().await;
    company.simulator.ship(company.order.0, &[]).unwrap();
    company.simulator.invoice(company.order.0).unwrap();
    let (faktury, mut after) = (company.client.b2b().faktury(), None);
    let before = company.invoices(&mut after).await.remove(0);
    let printed = faktury.pdf(before.id).await.unwrap();
    assert_eq!(before.ksef.as_ref().unwrap().status, StatusKSeF::Brak);
    let numer = company.simulator.ksef_accept(before.id.0).unwrap();
    let accepted = company.invoices(&mut after).await.remove(0);
    assert_eq!(accepted.id, before.id);
    let ksef = accepted.ksef.as_ref().unwrap();
    assert_eq!((ksef.status.clone(), ksef.numer.as_deref()), (StatusKSeF::Przyjety, Some(numer.as_str())));
    assert!(ksef.data_przyjecia.is_some() && accepted.data_zmiany > before.data_zmiany);
    assert!(Faktura::pdf_is_stale(&before, &accepted));
    let again = faktury.get_faktura_pdf(before.id).await.unwrap();
    assert!(again.nazwa == printed.nazwa && again.bytes != printed.bytes);
    assert_eq!(faktury.get_faktura_pdf(before.id).await.unwrap(), again, "and stays");
    assert_eq!(faktury.get(before.id).await.unwrap().unwrap(), accepted);
}

#[tokio::test]
async fn corrections_are_documents_of_their_own_with_before_and_after() {
    let company = Company::new().await;
    let Company { simulator, client, order, lines } = &company;
    simulator.ship(order.0, &[]).unwrap();
    let made = simulator.invoice(order.0).unwrap();
    let mut after = None;
    let invoice = company.invoices(&mut after).await.remove(0);
    simulator.correct(made.id, made.pozycje[0].id, Some(Decimal::TWO), None).unwrap();
    simulator.correct(made.id, made.pozycje[0].id, None, Some(Decimal::new(900, 2))).unwrap();
    let [first, second] = <[_; 2]>::try_from(company.invoices(&mut after).await).unwrap();
    for correction in [&first, &second] {
        assert_eq!(
            (correction.koryguje_id, correction.koryguje_numer.as_deref()),
            (Some(invoice.id), Some(invoice.numer.as_str()))
        );
        assert!(correction.kategoria.is_correction() && correction.numer.starts_with("KFV/"));
    }
    let line = |correction: &Faktura| {
        let line = &correction.pozycje[0];
        let before = line.przed.as_ref().unwrap();
        (
            before.ilosc.value,
            line.ilosc.value,
            before.cena_netto.clone().unwrap(),
            line.cena_netto.clone().unwrap(),
        )
    };
    assert_eq!(line(&first), (3.into(), 2.into(), pln(1_005), pln(1_005)));
    assert_eq!(line(&second), (2.into(), 2.into(), pln(1_005), pln(900)));
    assert_eq!((first.suma_netto.clone(), second.suma_netto.clone()), (Some(pln(-1_005)), Some(pln(-210))));
    assert_eq!(first.platnosci[0].kwota, first.suma_brutto.clone().unwrap());
    let row = company.read().await;
    let invoiced = Realizacja::of_faktury(&row, &[invoice, first, second]);
    assert_eq!(invoiced, Some(Realizacja::Czesciowa), "two of three are invoiced now");
    assert_eq!(company.status().await.0, "invoiced");

    // Goods that come back: the order is not fulfilled any more.
    let note = simulator.documents().remove(0);
    simulator.correct(note.id, note.pozycje[0].id, Some(Decimal::ONE), None).unwrap();
    assert_eq!(company.status().await, ("partly_shipped".to_owned(), Realizacja::Czesciowa));
    let correction = company.notes().await.remove(1);
    assert_eq!(
        (correction.kategoria, correction.koryguje_id),
        (Kategoria::KorektaWydania, Some(DokumentId(note.id)))
    );
    assert_eq!(correction.pozycje[0].zamowienie_pozycja_id, Some(lines[0]));
    assert!(client.b2b().wydania().get_wydanie_pdf(correction.id).await.unwrap().nazwa.starts_with("KWZ"));
}

#[tokio::test]
async fn lists_begin_at_their_start_date_and_hold_one_kind_each() {
    let company = Company::new().await;
    company.simulator.ship(company.order.0, &[(company.lines[0], Decimal::ONE)]).unwrap();
    company.simulator.ship(company.order.0, &[]).unwrap();
    let note = company.notes().await.remove(0);
    company.simulator.invoice(note.id.0).unwrap();
    company.simulator.invoice(company.order.0).unwrap();
    let b2b = company.client.b2b();
    let from = |day| DokumentyQuery::builder().od_dnia(day).limit(1).build();
    let ids = |pages: Vec<WirePage<Change<Faktura>>>| -> BTreeSet<i32> {
        pages.into_iter().flat_map(upserts).map(|invoice| invoice.id.0).collect()
    };
    let today: Vec<_> = b2b.faktury().list(from(note.data)).try_collect().await.unwrap();
    assert_eq!(today.len(), 2, "a page each");
    assert_eq!(ids(today), BTreeSet::from([104, 105]));
    let tomorrow: Vec<_> = b2b.faktury().list(from(note.data + Days::new(1))).try_collect().await.unwrap();
    assert!(ids(tomorrow).is_empty());
    let since = DokumentyQuery::builder().changed_since(note.data_zmiany.unwrap()).build();
    let page = b2b.wydania().list_wydania(&since).await.unwrap();
    assert!(page.as_of.is_some());
    assert_eq!(upserts(page).into_iter().map(|note| note.id.0).collect::<Vec<_>>(), [102, 103]);
    assert_eq!(b2b.faktury().get(note.id).await.unwrap(), None, "a delivery note is no invoice");
    assert!(b2b.faktury().pdf(note.id).await.is_err());
}

#[tokio::test]
async fn the_list_of_orders_holds_what_is_approved_and_an_order_comes_again_when_something_was_made_of_it() {
    let company = Company::new().await;
    let port: &dyn ListaZamowien = &company.client.b2b().zamowienia();
    let all = DokumentyQuery::default();
    let order = upserts(port.list_zamowienia(&all).await.unwrap()).remove(0);
    assert_eq!((order.id, order.data), (company.order, NaiveDate::from_ymd_opt(2026, 11, 21)));
    assert!(order.forma_platnosci.is_some() && order.cechy.is_empty());
    let sum = |value: fn(&PozycjaRealizacji) -> &Option<Currency>| -> Decimal {
        order.pozycje.iter().map(|line| value(line).as_ref().unwrap().value).sum()
    };
    assert_eq!(sum(|line| &line.wartosc_netto), order.suma_netto.as_ref().unwrap().value);
    assert_eq!(sum(|line| &line.wartosc_brutto), order.suma_brutto.as_ref().unwrap().value);
    assert!(order.pozycje.iter().all(|line| line.nazwa.is_some()));

    let tomorrow = DokumentyQuery::builder().od_dnia(order.data.unwrap() + Days::new(1)).build();
    assert!(upserts(port.list_zamowienia(&tomorrow).await.unwrap()).is_empty());
    let after =
        DokumentyQuery::builder().changed_since(order.data_zmiany.unwrap()).after_id(order.id.0).build();
    assert!(upserts(port.list_zamowienia(&after).await.unwrap()).is_empty());
    company.simulator.ship(company.order.0, &[]).unwrap();
    let again = upserts(port.list_zamowienia(&all).await.unwrap()).remove(0);
    assert_eq!((again.id, again.dokumenty.len()), (company.order, 1));

    let line = PozycjaZamowienia::builder()
        .id_obcy("1")
        .kod(order.pozycje[0].kod.clone().unwrap())
        .ilosc(order.pozycje[0].ilosc.clone())
        .cena_netto(Currency::new(Decimal::ONE, "PLN"));
    let in_buffer = NoweZamowienie::builder()
        .guid(Uuid::from_u128(6))
        .kontrahent_id(KontrahentId(1))
        .magazyn("F")
        .data(order.data.unwrap())
        .pozycje(vec![line.build()])
        .build();
    let in_buffer = company.client.b2b().zamowienia().create_once(&in_buffer).await.unwrap().id;
    assert_eq!(upserts(port.list_zamowienia(&all).await.unwrap()).len(), 1);
    assert_eq!(port.get_z_listy(in_buffer).await.unwrap(), None);
    company.simulator.approve(in_buffer.0).unwrap();
    let ids: BTreeSet<_> =
        upserts(port.list_zamowienia(&all).await.unwrap()).into_iter().map(|order| order.id).collect();
    assert_eq!(ids, BTreeSet::from([company.order, in_buffer]));
    assert_eq!(port.get_z_listy(in_buffer).await.unwrap().map(|order| order.id), Some(in_buffer));
}

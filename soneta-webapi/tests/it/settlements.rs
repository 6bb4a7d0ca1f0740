//! What a contractor owes, seen through the client's ports: order, invoice, part payment, paid; and the credit limit meanwhile.

use chrono::{Days, NaiveDate};
use futures::TryStreamExt;
use rust_decimal::Decimal;
use soneta_webapi::simulator::{SimulatedTowar, Simulator, SimulatorBuilder, SimulatorErrorKind};
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{
    AnulowanieZamowienia, ChangesQuery, Client, DokumentId, Error, ErrorKind, Faktura, KodOdmowy,
    KontrahentId, LimitKredytowy, NoweZamowienie, PozycjaZamowienia, Rezerwacja, Rozrachunek, SnapshotQuery,
    StanDokumentu, ZapisaneZamowienie, ZmianaZamowienia,
};
use uuid::Uuid;

struct Company {
    simulator: Simulator,
    client: Client,
    good: SimulatedTowar,
}

impl Company {
    /// A company whose first contractor has a credit limit of 100 PLN.
    async fn new(shape: impl FnOnce(SimulatorBuilder) -> SimulatorBuilder) -> Self {
        let simulator = shape(Simulator::builder().goods(60).seed(7)).start().await.unwrap();
        let client = Client::builder(simulator.url().clone(), simulator.application_token()).build().unwrap();
        let fits = |good: &SimulatedTowar| good.stawka_vat == "23%" && !good.stany.is_empty();
        let good = simulator.goods().into_iter().find(fits).unwrap();
        simulator.set_stock(&good.kod, "F", 100.into()).unwrap();
        simulator.set_credit_limit("K0001", Some(100.into())).unwrap();
        Self { simulator, client, good }
    }

    /// An order of so many at 10 PLN, 12.30 PLN gross.
    fn order(&self, number: u128, ilosc: i32) -> NoweZamowienie {
        let line = PozycjaZamowienia::builder()
            .id_obcy("1")
            .kod(self.good.kod.clone())
            .ilosc(Quantity::new(ilosc.into(), self.good.jednostka.clone()))
            .cena_netto(Currency::new(Decimal::TEN, "PLN"))
            .build();
        let mut order = NoweZamowienie::builder()
            .guid(Uuid::from_u128(number))
            .kontrahent_id(KontrahentId(1))
            .magazyn("F")
            .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
            .zatwierdz(true)
            .rezerwuj(Rezerwacja::Wszystko)
            .pozycje(vec![line])
            .build();
        order.numer_obcy = Some(format!("PO/{number}"));
        order
    }

    async fn place(&self, order: &NoweZamowienie) -> Result<ZapisaneZamowienie, Error> {
        self.client.b2b().zamowienia().create_or_find(order).await
    }

    async fn limit(&self) -> LimitKredytowy {
        let limity = self.client.b2b().limity();
        let pages: Vec<_> = limity.list(SnapshotQuery::builder().build()).try_collect().await.unwrap();
        pages.into_iter().flat_map(|page| page.rows).next().unwrap().unwrap()
    }

    /// What of the limit is used.
    async fn used(&self) -> Decimal {
        self.limit().await.wykorzystano.unwrap().value
    }

    async fn settlements(&self) -> Vec<Rozrachunek> {
        let rozrachunki = self.client.b2b().rozrachunki();
        let pages: Vec<_> = rozrachunki.list(ChangesQuery::builder().build()).try_collect().await.unwrap();
        let rows = pages.into_iter().flat_map(|page| page.rows);
        rows.map(|row| row.unwrap().upsert().unwrap()).collect()
    }

    async fn invoice(&self, id: i32) -> Faktura {
        self.client.b2b().faktury().get(DokumentId(id)).await.unwrap().unwrap()
    }
}

fn money(grosze: i64) -> Decimal {
    Decimal::new(grosze, 2)
}

#[tokio::test]
async fn an_order_uses_the_limit_until_its_invoice_is_paid_and_counts_once() {
    let company = Company::new(|builder| builder).await;
    let Company { simulator, client, .. } = &company;
    assert_eq!(company.used().await, Decimal::ZERO);
    let made = company.place(&company.order(1, 5)).await.unwrap();
    assert_eq!(company.used().await, money(6_150));

    // Two of five are delivered and invoiced: three count as ordered, two as owed.
    simulator.ship(made.id.0, &[(made.pozycje[0].id, 2.into())]).unwrap();
    assert_eq!(company.used().await, money(6_150));
    let first = simulator.invoice(made.id.0).unwrap();
    assert_eq!(company.used().await, money(6_150));
    let settlement = company.settlements().await.remove(0);
    let due = first.data + Days::new(14);
    assert_eq!(
        (settlement.dokument_id, settlement.numer.as_str(), settlement.kontrahent_id, settlement.termin),
        (DokumentId(first.id), first.numer.as_str(), Some(KontrahentId(1)), Some(due))
    );
    assert_eq!((settlement.kwota.value, settlement.pozostalo.value), (money(2_460), money(2_460)));
    assert!(!settlement.zaplacono);

    let left = simulator.pay(first.id, &first.numer, money(1_000)).unwrap();
    assert_eq!((left, company.used().await), (money(1_460), money(5_150)));
    let invoice = company.invoice(first.id).await;
    assert_eq!(invoice.zaplacono, Some(Currency::new(money(1_000), "PLN")));
    simulator.pay(first.id, &first.numer, left).unwrap();
    assert_eq!(company.invoice(first.id).await.zaplacono, invoice.suma_brutto);
    assert!(company.settlements().await[0].zaplacono);
    assert_eq!(company.used().await, money(3_690), "what is not invoiced");

    simulator.ship(made.id.0, &[]).unwrap();
    let rest = simulator.invoice(made.id.0).unwrap();
    assert_eq!(company.used().await, money(3_690));
    simulator.pay(rest.id, &rest.numer, money(3_690)).unwrap();
    let limit = company.limit().await;
    assert_eq!((limit.wykorzystano.unwrap().value, limit.dostepny.unwrap().value), (0.into(), 100.into()));
    let paid = client.b2b().zamowienia().statusy(&[made.id]).await.unwrap().remove(0).unwrap();
    assert_eq!(paid.dokumenty.len(), 4);
}

#[tokio::test]
async fn a_correction_has_a_settlement_of_its_own_with_its_sign() {
    let company = Company::new(|builder| builder).await;
    let simulator = &company.simulator;
    let made = company.place(&company.order(1, 2)).await.unwrap();
    simulator.ship(made.id.0, &[]).unwrap();
    let invoice = simulator.invoice(made.id.0).unwrap();
    let cheaper = Some(money(900));
    let correction = simulator.correct(invoice.id, invoice.pozycje[0].id, None, cheaper).unwrap();
    let [first, second] = <[_; 2]>::try_from(company.settlements().await).unwrap();
    assert_eq!((first.kwota.value, second.kwota.value), (money(2_460), money(-246)));
    assert_eq!(second.dokument_id, DokumentId(correction.id));
    assert_eq!(company.used().await, money(2_214));

    let pay = |kwota| simulator.pay(correction.id, &correction.numer, kwota);
    assert!(pay(money(246)).is_err() && pay(money(-247)).is_err());
    assert_eq!(pay(money(-246)).unwrap(), Decimal::ZERO);
    assert_eq!(company.invoice(correction.id).await.zaplacono, Some(Currency::new(money(-246), "PLN")));
    assert_eq!(company.invoice(invoice.id).await.zaplacono, Some(Currency::new(0.into(), "PLN")));
    assert_eq!(company.used().await, money(2_460));
}

#[tokio::test]
async fn an_invoice_is_paid_as_the_order_says_and_else_as_the_contractor_pays() {
    let company = Company::new(|builder| builder).await;
    let simulator = &company.simulator;
    let mut cash = company.order(1, 1);
    (cash.forma_platnosci, cash.termin_dni) = (Some("Gotówka".to_owned()), Some(0));
    let mut edited = company.order(2, 1);
    edited.zatwierdz = false;
    let mut payments = Vec::new();
    for order in [cash, edited, company.order(3, 1)] {
        let made = company.place(&order).await.unwrap();
        if !order.zatwierdz {
            let edit =
                ZmianaZamowienia::builder().id(made.id).wersja(made.wersja.unwrap()).termin_dni(3).build();
            company.client.b2b().zamowienia().update_or_find(&edit).await.unwrap();
            simulator.approve(made.id.0).unwrap();
        }
        simulator.ship(made.id.0, &[]).unwrap();
        let invoice = company.invoice(simulator.invoice(made.id.0).unwrap().id).await;
        let payment = &invoice.platnosci[0];
        payments.push((payment.forma_platnosci.clone(), (payment.termin.unwrap() - invoice.data).num_days()));
    }
    let of = |forma: &str, days| (Some(forma.to_owned()), days);
    assert_eq!(payments, [of("Gotówka", 0), of("Przelew", 3), of("Przelew", 14)]);
}

#[tokio::test]
async fn a_cancelled_order_uses_no_credit_and_one_with_a_delivery_note_is_not_cancelled_or_edited() {
    let company = Company::new(|builder| builder).await;
    let zamowienia = company.client.b2b().zamowienia();
    let [one, two] = [1, 2].map(|number| company.order(number, 3));
    let [one, two] = [company.place(&one).await.unwrap(), company.place(&two).await.unwrap()];
    assert_eq!(company.used().await, money(7_380));
    let cancel = |made: &ZapisaneZamowienie| {
        AnulowanieZamowienia::builder().id(made.id).wersja(made.wersja.unwrap()).build()
    };
    let cancelled = zamowienia.cancel(&cancel(&one)).await.unwrap();
    assert_eq!((cancelled.stan, company.used().await), (StanDokumentu::Anulowany, money(3_690)));
    assert_eq!(company.simulator.ship(one.id.0, &[]).unwrap_err().kind(), SimulatorErrorKind::Refused);

    company.simulator.ship(two.id.0, &[(two.pozycje[0].id, Decimal::ONE)]).unwrap();
    let edit = ZmianaZamowienia::builder().id(two.id).wersja(two.wersja.unwrap()).uwagi("nowe").build();
    let refusals = [
        zamowienia.cancel(&cancel(&two)).await.unwrap_err(),
        zamowienia.update_or_find(&edit).await.unwrap_err(),
    ];
    for refused in refusals {
        assert_eq!(KodOdmowy::of(&refused), Some(KodOdmowy::BledneDane), "{refused}");
    }
    assert_eq!(company.used().await, money(3_690));
}

#[tokio::test]
async fn an_order_above_the_limit_is_refused_only_where_limits_are_controlled() {
    let company = Company::new(|builder| builder).await;
    company.place(&company.order(1, 9)).await.unwrap();
    assert_eq!(company.limit().await.dostepny.unwrap().value, money(-1_070));

    let company = Company::new(|builder| builder.credit_control(true)).await;
    let refused = company.place(&company.order(1, 9)).await.unwrap_err();
    assert_eq!(
        (refused.kind(), KodOdmowy::of(&refused)),
        (ErrorKind::Refused, Some(KodOdmowy::LimitPrzekroczony))
    );
    assert!(company.simulator.orders().is_empty());
    let first = company.place(&company.order(1, 8)).await.unwrap();
    assert_eq!(company.place(&company.order(1, 8)).await.unwrap(), first, "a repeat is the same order");
    // In the buffer an order may stand, but it is not approved.
    let mut waiting = company.order(2, 1);
    waiting.zatwierdz = false;
    let waiting = company.place(&waiting).await.unwrap();
    let above = company.simulator.approve(waiting.id.0).unwrap_err();
    assert_eq!(above.kind(), SimulatorErrorKind::Refused);
    company.simulator.ship(first.id.0, &[]).unwrap();
    let invoice = company.simulator.invoice(first.id.0).unwrap();
    company.simulator.pay(invoice.id, &invoice.numer, money(9_840)).unwrap();
    assert!(company.simulator.approve(waiting.id.0).unwrap().starts_with("ZO/"));
    company.simulator.set_credit_limit("K0001", None).unwrap();
    company.place(&company.order(3, 50)).await.unwrap();
}

#[tokio::test]
async fn settlements_are_kept_and_invoices_of_an_older_state_file_get_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("enova.jsonl");
    let company = Company::new(|builder| builder.state_file(&file)).await;
    let made = company.place(&company.order(1, 2)).await.unwrap();
    company.simulator.ship(made.id.0, &[]).unwrap();
    let invoice = company.simulator.invoice(made.id.0).unwrap();
    company.simulator.pay(invoice.id, &invoice.numer, Decimal::ONE).unwrap();
    let before = company.simulator.settlements();
    company.simulator.stop().await;
    let again = Company::new(|builder| builder.state_file(&file)).await;
    assert_eq!(again.simulator.settlements(), before);
    again.simulator.stop().await;

    // As it was before invoices opened settlements: neither these nor the words of payment.
    let text = std::fs::read_to_string(&file).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with(r#"{"Rozrachunek""#));
    let old: String = lines.map(|line| line.replace(r#""FormaPlatnosci":"Przelew","#, "") + "\n").collect();
    assert!(old.len() < text.len());
    std::fs::write(&file, old).unwrap();
    let older = Company::new(|builder| builder.state_file(&file)).await;
    let [settlement] = <[_; 1]>::try_from(older.settlements().await).unwrap();
    assert_eq!((settlement.dokument_id.0, settlement.pozostalo.value), (invoice.id, money(2_460)));
    let read = older.invoice(invoice.id).await;
    assert_eq!(read.platnosci[0].forma_platnosci.as_deref(), Some("Przelew"));
    let kept = older.simulator.settlements();
    older.simulator.stop().await;
    let again = Company::new(|builder| builder.state_file(&file)).await;
    assert_eq!(again.simulator.settlements(), kept, "they are made once");
}

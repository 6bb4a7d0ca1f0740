//! A company with orders that were delivered and invoiced, and what the flows of its documents share.
#![expect(clippy::indexing_slicing, reason = "a failed test may panic, also in its helpers")]

use api_transport::simulation::Fault;
use chrono::NaiveDate;
use one_client::Client as One;
use rust_decimal::Decimal;
use soneta_webapi::simulator::TradeDocument;
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{Faktura, KontrahentId, NoweZamowienie, PozycjaZamowienia, Wydanie};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync_core::{DispatchSettings, KeysetSource, Link};
use sync_flows::enova::{Changes, FakturyList, WydaniaList, changes};
use sync_flows::flows::invoices::{self, InvoiceMapper, InvoiceSettings};
use sync_flows::flows::orders::{ORDER_LINK, contractor_link, order_line_link};
use sync_flows::{Jobs, Setup};

use crate::world::{World, play, run_to_end};

/// ONe's client that buys, contractor 1 of the ERP.
pub(crate) const CLIENT: &str = "00000000-0000-4000-8000-000000000001";

/// The simulated world with documents: of contractor 1, which ONe has, and one of contractor 2, which it has not.
pub(crate) struct Papers {
    pub(crate) world: World,
    /// The number of the document that cannot be read now.
    pub(crate) spoilt: Mutex<Option<String>>,
}

impl Papers {
    /// So many orders of the client, each delivered and invoiced, and one of somebody else.
    pub(crate) async fn of(orders: usize) -> Self {
        let world = World::of_goods(60).await;
        let link = contractor_link(&format!("org:{CLIENT}"), KontrahentId(1));
        world.setup.store.put_links(&[link]).await.unwrap();
        let papers = Self { world, spoilt: Mutex::default() };
        for number in 1..=orders {
            papers.deliver(number, 1).await;
        }
        papers.deliver(orders + 1, 2).await;
        papers
    }

    /// An order of two lines, born on ONe as the shipment `OF/{number}`; delivered and invoiced.
    async fn deliver(&self, number: usize, kontrahent: i32) {
        let World { enova, erp, setup, .. } = &self.world;
        let goods = enova.goods();
        let stocked = |good: &&soneta_webapi::simulator::SimulatedTowar| {
            good.stawka_vat == "23%" && good.stany.iter().any(|stan| stan.magazyn == "F")
        };
        let goods: Vec<_> = goods.iter().filter(stocked).take(2).collect();
        let lines = goods.iter().zip(1..).map(|(good, line)| {
            enova.set_stock(&good.kod, "F", Decimal::from(500)).unwrap();
            PozycjaZamowienia::builder()
                .id_obcy(format!("OF/{number}/{line:02}"))
                .kod(good.kod.clone())
                .ilosc(Quantity::new(Decimal::from(5), good.jednostka.clone()))
                .cena_netto(Currency::new(Decimal::TEN, "PLN"))
                .build()
        });
        let order = NoweZamowienie::builder()
            .guid(soneta_webapi::Uuid::from_u128(u128::try_from(number).unwrap()))
            .kontrahent_id(KontrahentId(kontrahent))
            .numer_obcy(format!("PO {number}"))
            .magazyn("F")
            .data(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap())
            .zatwierdz(true)
            .pozycje(lines.collect())
            .build();
        let made = erp.b2b().zamowienia().create_or_find(&order).await.unwrap();
        let shipment = format!("OF/{number}");
        let mut links = vec![Link::new(ORDER_LINK, shipment.clone(), made.id.to_string())];
        links.extend(
            made.pozycje
                .iter()
                .map(|line| order_line_link(&shipment, line.id_obcy.as_deref().unwrap(), line.id)),
        );
        setup.store.put_links(&links).await.unwrap();
        enova.ship(made.id.0, &[]).unwrap();
        enova.invoice(made.id.0).unwrap();
    }

    /// Settings of small pages, so that a run has several.
    pub(crate) fn setup(&self, pages: Option<usize>) -> Setup {
        self.world.paged(2, pages)
    }

    pub(crate) fn faktury(&self) -> KeysetSource<Changes<FakturyList>> {
        let list = FakturyList::new(Arc::new(self.world.erp.b2b().faktury())).since(start_day());
        changes(list, &self.world.setup.erp, self.world.setup.clock.clone())
    }

    pub(crate) fn wydania(&self) -> KeysetSource<Changes<WydaniaList>> {
        let list = WydaniaList::new(Arc::new(self.world.erp.b2b().wydania())).since(start_day());
        changes(list, &self.world.setup.erp, self.world.setup.clock.clone())
    }

    pub(crate) fn invoices_to_one(&self, setup: &Setup, one: One, settings: InvoiceSettings) -> Jobs {
        invoices::to_one(setup, self.faktury(), one, InvoiceMapper::new(settings)).unwrap()
    }

    /// O10, whole.
    pub(crate) async fn send_invoices(&self, pages: Option<usize>) {
        let jobs =
            self.invoices_to_one(&self.setup(pages), self.world.one.clone(), InvoiceSettings::default());
        play(jobs.flow, pages).await;
        if let Some(dispatcher) = jobs.dispatcher {
            let at_once = DispatchSettings::default()
                .visibility_lag(Duration::ZERO)
                .lookups(2, Duration::ZERO)
                .retry(Duration::ZERO, Duration::ZERO);
            run_to_end(&dispatcher.with_settings(at_once)).await;
        }
    }

    /// The client's documents that can be read now, as the simulated ERP has them.
    pub(crate) fn documents(&self, invoices: bool) -> Vec<TradeDocument> {
        let spoilt = self.spoilt.lock().unwrap().clone();
        let mut documents = self.world.enova.documents();
        documents.retain(|it| {
            it.kind.is_invoice() == invoices && it.kontrahent_id == 1 && Some(&it.numer) != spoilt.as_ref()
        });
        documents
    }

    pub(crate) async fn faktura(&self, id: i32) -> Faktura {
        self.world.erp.b2b().faktury().get(soneta_webapi::DokumentId(id)).await.unwrap().unwrap()
    }

    pub(crate) async fn wydanie(&self, id: i32) -> Wydanie {
        self.world.erp.b2b().wydania().get(soneta_webapi::DokumentId(id)).await.unwrap().unwrap()
    }

    /// The first delivery note has another number of the buyer's from now on.
    pub(crate) fn renumber_first_note(&self) {
        for path in ["B2BWydania/Lista", "B2BWydania/Pobierz"] {
            let fault =
                Fault::on(path).rewrite("\"NumerObcy\":\"PO 1\"", "\"NumerObcy\":\"PO 1/B\"").always();
            self.world.enova.faults().add(fault);
        }
    }

    /// The list's row of the first document is cancelled from now on.
    pub(crate) fn cancel_first(&self, path: &str, invoices: bool) {
        let document = self.documents(invoices).remove(0);
        let row = |stan: &str| {
            let (kategoria, definicja) = (document.kind.kategoria(), document.kind.definicja());
            format!(
                "\"Numer\":\"{}\",\"Kategoria\":\"{kategoria}\",\"Definicja\":\"{definicja}\",\"Stan\":\"{stan}\"",
                document.numer
            )
        };
        let fault = Fault::on(path).rewrite(row("Zatwierdzony"), row("Anulowany")).always();
        self.world.enova.faults().add(fault);
    }

    /// The row of the second document cannot be decoded in answers of this path until [`heal`](Self::heal).
    pub(crate) fn spoil_second(&self, path: &str, invoices: bool) {
        let numer = self.documents(invoices).remove(1).numer;
        let fault = Fault::on(path).rewrite(format!("\"Numer\":\"{numer}\""), "\"Numer\":7").always();
        self.world.enova.faults().add(fault);
        *self.spoilt.lock().unwrap() = Some(numer);
    }

    pub(crate) fn heal(&self) {
        self.world.enova.faults().clear();
        *self.spoilt.lock().unwrap() = None;
    }

    /// Corrects the first line of the first document: another price of an invoice, four instead of five of a delivery note.
    pub(crate) fn correct_first(&self, invoices: bool) -> TradeDocument {
        let document = self.documents(invoices).remove(0);
        let (ilosc, cena) = match invoices {
            true => (None, Some(Decimal::new(999, 2))),
            false => (Some(Decimal::from(4)), None),
        };
        self.world.enova.correct(document.id, document.pozycje[0].id, ilosc, cena).unwrap()
    }

    /// Exactly one reject, for this reason.
    pub(crate) async fn only_reject(&self, code: &str) {
        let rejects = self.world.rejects().await;
        assert_eq!(rejects.iter().map(|reject| reject.reason.code()).collect::<Vec<_>>(), [code]);
    }
}

/// The start date of the integration: before all documents of the simulator.
pub(crate) fn start_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap()
}

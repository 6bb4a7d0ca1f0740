//! Invoices: E7, O10, O11, O12. E8 is in `pdf_cache`.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use rust_decimal::Decimal;
use soneta_webapi::Faktura;
use std::sync::Arc;
use sync_core::Reason;
use sync_flows::enova::paid_invoices;
use sync_flows::flows::documents::PdfMapper;
use sync_flows::flows::invoices::{self, InvoiceStatusMapper, PortalInvoiceMapper};

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, rows};
use crate::papers::{Papers, start_day};
use crate::world::{World, play};

rows! { e7: PortalInvoices, o10: Invoices, o11: InvoicePdfs, o12: InvoiceStatuses }

/// What of a record is shown: JSON.
fn json(record: &impl serde::Serialize) -> String {
    serde_json::to_string(record).unwrap()
}

struct PortalInvoices {
    papers: Papers,
    portal: OwnPortal<Faktura>,
}

#[async_trait]
impl Row for PortalInvoices {
    async fn begin() -> Self {
        Self { papers: Papers::of(4).await, portal: OwnPortal::new() }
    }

    fn world(&self) -> &World {
        &self.papers.world
    }

    async fn run(&self, pages: Option<usize>) {
        let portal = Arc::clone(&self.portal.sink);
        let source = self.papers.faktury();
        let flow =
            invoices::to(&self.papers.setup(pages), source, PortalInvoiceMapper::default(), portal).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let mut expected = Shown::new();
        for document in self.world().enova.documents().into_iter().filter(|it| it.kind.is_invoice()) {
            let spoilt = self.papers.spoilt.lock().unwrap().clone();
            if Some(&document.numer) != spoilt.as_ref() {
                let mut faktura = self.papers.faktura(document.id).await;
                faktura.data_zmiany = None;
                expected.insert(document.id.to_string(), json(&faktura));
            }
        }
        expected
    }

    async fn shown(&self) -> Shown {
        self.portal.shown(json)
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    async fn change_one(&self) {
        self.world().enova.ksef_accept(self.papers.documents(true)[0].id).unwrap();
    }

    async fn remove_one(&self) {
        self.papers.cancel_first("B2BFaktury/Lista", true);
        let numer = self.papers.documents(true).remove(0).numer;
        *self.papers.spoilt.lock().unwrap() = Some(numer);
    }

    async fn spoil_one(&self) {
        self.papers.spoil_second("B2BFaktury/Lista", true);
    }

    async fn heal(&self) {
        self.papers.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}

/// Number → gross total: what tells two invoices apart.
struct Invoices(Papers);

#[async_trait]
impl Row for Invoices {
    async fn begin() -> Self {
        Self(Papers::of(4).await)
    }

    fn world(&self) -> &World {
        &self.0.world
    }

    async fn run(&self, pages: Option<usize>) {
        self.0.send_invoices(pages).await;
    }

    async fn expected(&self) -> Shown {
        let documents = self.0.documents(true).into_iter();
        documents.map(|it| (it.numer, it.suma_brutto.normalize().to_string())).collect()
    }

    async fn shown(&self) -> Shown {
        let total = |json: String| {
            let invoice: one_client::invoices::Invoice = serde_json::from_str(&json).unwrap();
            invoice.total_prices.unwrap().gross_price.normalize().to_string()
        };
        let records = self.world().sim.records("invoices");
        records.into_iter().map(|(number, json)| (number, total(json))).collect()
    }

    fn sent(&self) -> u64 {
        self.world().sim.faults().calls("/invoices")
    }

    /// A new one: an invoice that was sent is not sent again.
    async fn change_one(&self) {
        self.0.correct_first(true);
    }

    async fn remove_one(&self) {
        self.0.cancel_first("B2BFaktury/Lista", true);
    }

    async fn removed(&self) {
        // an act that is done cannot be taken back, and ONe knows no removal: a person is told
        self.0.only_reject(Reason::WITHDRAWN_AFTER_TRANSFER).await;
    }

    async fn spoil_one(&self) {
        self.0.spoil_second("B2BFaktury/Lista", true);
    }

    async fn heal(&self) {
        self.0.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::call(self.world().sim.faults(), Fault::on("/invoices"))]
    }
}

/// Number → the PDF's text.
struct InvoicePdfs(Papers);

#[async_trait]
impl Row for InvoicePdfs {
    async fn begin() -> Self {
        let papers = Papers::of(4).await;
        papers.send_invoices(None).await;
        Self(papers)
    }

    fn world(&self) -> &World {
        &self.0.world
    }

    async fn run(&self, pages: Option<usize>) {
        let faktury = Arc::new(self.world().erp.b2b().faktury());
        let (one, mapper) = (self.world().one.clone(), PdfMapper::default());
        let setup = self.0.setup(pages);
        let flow = invoices::pdfs_to_one(&setup, self.0.faktury(), faktury, one, mapper).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let mut expected = Shown::new();
        for document in self.0.documents(true) {
            let id = soneta_webapi::DokumentId(document.id);
            let pdf = self.world().erp.b2b().faktury().pdf(id).await.unwrap();
            expected.insert(document.numer, String::from_utf8_lossy(&pdf.bytes).into_owned());
        }
        expected
    }

    async fn shown(&self) -> Shown {
        let numbers = self.world().sim.records("invoices").into_keys();
        let pdf = |number: String| {
            let pdf = self.world().sim.pdf("invoices", &number)?;
            Some((number, String::from_utf8_lossy(&pdf).into_owned()))
        };
        numbers.filter_map(pdf).collect()
    }

    fn sent(&self) -> u64 {
        self.world().sim.faults().calls("/invoices/file-upload-complete")
    }

    async fn change_one(&self) {
        self.world().enova.ksef_accept(self.0.documents(true)[0].id).unwrap();
    }

    async fn remove_one(&self) {
        self.0.cancel_first("B2BFaktury/Lista", true);
    }

    async fn removed(&self) {
        self.0.only_reject(Reason::REMOVAL_NOT_SUPPORTED).await;
    }

    async fn spoil_one(&self) {
        let numer = self.0.documents(true).remove(1).numer;
        let name = format!("\"Nazwa\":\"{}.pdf\"", numer.replace('/', "_"));
        let fault = Fault::on("B2BFaktury/Pdf").rewrite(name, "\"Nazwa\":7").always();
        self.world().enova.faults().add(fault);
        *self.0.spoilt.lock().unwrap() = Some(numer);
    }

    async fn heal(&self) {
        self.0.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.world().sim.faults(), "/invoices/file-upload-complete")]
    }
}

/// Number → paid, and whether that is all.
struct InvoiceStatuses(Papers);

#[async_trait]
impl Row for InvoiceStatuses {
    /// Invoices that were sent unpaid, and of which something was paid since.
    async fn begin() -> Self {
        let papers = Papers::of(4).await;
        papers.send_invoices(None).await;
        for document in papers.documents(true) {
            papers.world.enova.pay(document.id, &document.numer, Decimal::TEN).unwrap();
        }
        Self(papers)
    }

    fn world(&self) -> &World {
        &self.0.world
    }

    async fn run(&self, pages: Option<usize>) {
        let b2b = self.world().erp.b2b();
        let setup = self.0.setup(pages);
        let (rozrachunki, faktury) = (Arc::new(b2b.rozrachunki()), Arc::new(b2b.faktury()));
        let source = paid_invoices(rozrachunki, faktury, start_day(), &setup.erp, setup.clock.clone());
        let (one, mapper) = (self.world().one.clone(), InvoiceStatusMapper::default());
        play(invoices::status_to_one(&setup, source, one, mapper).unwrap(), pages).await;
    }

    async fn expected(&self) -> Shown {
        let settlements = self.world().enova.settlements().into_iter().filter(|it| it.kontrahent_id == 1);
        let spoilt = self.0.spoilt.lock().unwrap().clone();
        let status = |it: soneta_webapi::simulator::SimulatedRozrachunek| {
            let left = if Some(&it.numer) == spoilt.as_ref() { it.kwota } else { it.pozostalo };
            let paid = (it.kwota - left).normalize();
            (it.numer, format!("{paid} {}", left.is_zero()))
        };
        settlements.map(status).collect()
    }

    async fn shown(&self) -> Shown {
        let status = |json: String| {
            let status: one_client::invoices::InvoiceStatus = serde_json::from_str(&json).unwrap();
            format!("{} {}", status.amount_paid.unwrap().normalize(), status.is_paid.unwrap())
        };
        let records = self.world().sim.records("invoice-statuses");
        records.into_iter().map(|(number, json)| (number, status(json))).collect()
    }

    fn sent(&self) -> u64 {
        self.world().sim.faults().calls("/invoices/status")
    }

    async fn change_one(&self) {
        let document = self.0.documents(true).remove(0);
        let left = document.suma_brutto - Decimal::TEN;
        assert_eq!(self.world().enova.pay(document.id, &document.numer, left).unwrap(), Decimal::ZERO);
    }

    async fn remove_one(&self) {
        self.0.cancel_first("B2BFaktury/Pobierz", true);
    }

    async fn removed(&self) {
        self.0.only_reject(Reason::REMOVAL_NOT_SUPPORTED).await;
    }

    async fn spoil_one(&self) {
        self.0.spoil_second("B2BRozrachunki/Lista", true);
    }

    async fn heal(&self) {
        self.0.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.world().sim.faults(), "/invoices/status")]
    }
}

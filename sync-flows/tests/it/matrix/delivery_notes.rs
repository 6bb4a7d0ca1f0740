//! Delivery notes: E12, O13, O14.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use rust_decimal::Decimal;
use soneta_webapi::Wydanie;
use std::sync::Arc;
use sync_core::Reason;
use sync_flows::flows::delivery_notes::{self, GoodsNoteMapper, PortalDeliveryNoteMapper};
use sync_flows::flows::documents::PdfMapper;

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, rows};
use crate::papers::Papers;
use crate::world::{World, play};

rows! { e12: PortalNotes, o13: Notes, o14: NotePdfs }

/// What of a record is shown: JSON.
fn json(record: &impl serde::Serialize) -> String {
    serde_json::to_string(record).unwrap()
}

struct PortalNotes {
    papers: Papers,
    portal: OwnPortal<Wydanie>,
}

#[async_trait]
impl Row for PortalNotes {
    async fn begin() -> Self {
        Self { papers: Papers::of(4).await, portal: OwnPortal::new() }
    }

    fn world(&self) -> &World {
        &self.papers.world
    }

    async fn run(&self, pages: Option<usize>) {
        let (source, portal) = (self.papers.wydania(), Arc::clone(&self.portal.sink));
        let mapper = PortalDeliveryNoteMapper::default();
        play(delivery_notes::to(&self.papers.setup(pages), source, mapper, portal).unwrap(), pages).await;
    }

    async fn expected(&self) -> Shown {
        let mut expected = Shown::new();
        for document in self.world().enova.documents().into_iter().filter(|it| !it.kind.is_invoice()) {
            let spoilt = self.papers.spoilt.lock().unwrap().clone();
            if Some(&document.numer) != spoilt.as_ref() {
                let mut wydanie = self.papers.wydanie(document.id).await;
                wydanie.data_zmiany = None;
                expected.insert(document.id.to_string(), json(&wydanie));
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
        self.papers.renumber_first_note();
    }

    async fn remove_one(&self) {
        self.papers.cancel_first("B2BWydania/Lista", false);
        let numer = self.papers.documents(false).remove(0).numer;
        *self.papers.spoilt.lock().unwrap() = Some(numer);
    }

    async fn spoil_one(&self) {
        self.papers.spoil_second("B2BWydania/Lista", false);
    }

    async fn heal(&self) {
        self.papers.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}

const SHELVES: [&str; 2] = ["goods-issued-notes", "goods-received-notes"];

/// Number → the buyer's number and the quantities of the lines.
struct Notes(Papers);

fn told(order: &str, quantities: impl Iterator<Item = Decimal>) -> String {
    let quantities: Vec<_> = quantities.map(|quantity| quantity.normalize().to_string()).collect();
    format!("{order}: {}", quantities.join(" "))
}

impl Notes {
    async fn send(papers: &Papers, pages: Option<usize>) {
        let (source, one) = (papers.wydania(), papers.world.one.clone());
        let mapper = GoodsNoteMapper::default();
        play(delivery_notes::to_one(&papers.setup(pages), source, one, mapper).unwrap(), pages).await;
    }
}

#[async_trait]
impl Row for Notes {
    async fn begin() -> Self {
        Self(Papers::of(4).await)
    }

    fn world(&self) -> &World {
        &self.0.world
    }

    async fn run(&self, pages: Option<usize>) {
        Self::send(&self.0, pages).await;
    }

    async fn expected(&self) -> Shown {
        let mut expected = Shown::new();
        for document in self.0.documents(false) {
            // of a correction what came back
            let lines = document.pozycje.iter().map(|line| match &line.przed {
                Some(before) => before.ilosc - line.stan.ilosc,
                None => line.stan.ilosc,
            });
            let order = self.0.wydanie(document.id).await.numer_obcy.unwrap_or_default();
            expected.insert(document.numer.clone(), told(&order, lines));
        }
        expected
    }

    async fn shown(&self) -> Shown {
        let note = |json: String| {
            let note: one_client::goods_notes::GoodsNote = serde_json::from_str(&json).unwrap();
            let lines = note.product_lines.iter().map(|line| line.quantity.unwrap());
            told(&note.purchase_order_number.unwrap_or_default(), lines)
        };
        let records = SHELVES.into_iter().flat_map(|shelf| self.world().sim.records(shelf));
        records.map(|(number, json)| (number, note(json))).collect()
    }

    fn sent(&self) -> u64 {
        SHELVES.into_iter().map(|shelf| self.world().sim.faults().calls(&format!("/{shelf}"))).sum()
    }

    async fn change_one(&self) {
        self.0.renumber_first_note();
    }

    async fn remove_one(&self) {
        self.0.cancel_first("B2BWydania/Lista", false);
    }

    async fn removed(&self) {
        self.0.only_reject(Reason::REMOVAL_NOT_SUPPORTED).await;
    }

    async fn spoil_one(&self) {
        self.0.spoil_second("B2BWydania/Lista", false);
    }

    async fn heal(&self) {
        self.0.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.world().sim.faults(), "/goods-issued-notes")]
    }
}

/// Number → the PDF's text.
struct NotePdfs(Papers);

#[async_trait]
impl Row for NotePdfs {
    async fn begin() -> Self {
        Self(Papers::of(4).await)
    }

    fn world(&self) -> &World {
        &self.0.world
    }

    async fn run(&self, pages: Option<usize>) {
        Notes::send(&self.0, None).await;
        let wydania = Arc::new(self.world().erp.b2b().wydania());
        let (one, mapper) = (self.world().one.clone(), PdfMapper::default());
        let setup = self.0.setup(pages);
        let flow = delivery_notes::pdfs_to_one(&setup, self.0.wydania(), wydania, one, mapper).unwrap();
        play(flow, pages).await;
    }

    async fn expected(&self) -> Shown {
        let mut expected = Shown::new();
        for document in self.0.documents(false) {
            let id = soneta_webapi::DokumentId(document.id);
            let pdf = self.world().erp.b2b().wydania().pdf(id).await.unwrap();
            expected.insert(document.numer, String::from_utf8_lossy(&pdf.bytes).into_owned());
        }
        expected
    }

    async fn shown(&self) -> Shown {
        let mut shown = Shown::new();
        for shelf in SHELVES {
            for number in self.world().sim.records(shelf).into_keys() {
                let pdf = self.world().sim.pdf(shelf, &number);
                shown.extend(pdf.map(|pdf| (number, String::from_utf8_lossy(&pdf).into_owned())));
            }
        }
        shown
    }

    fn sent(&self) -> u64 {
        self.world().sim.faults().calls("/file-upload-finalize")
    }

    /// A new one: what is printed of an existing note does not change.
    async fn change_one(&self) {
        self.0.correct_first(false);
    }

    async fn remove_one(&self) {
        // of the two flows' rejects one is the note's own
        self.0.cancel_first("B2BWydania/Lista", false);
    }

    async fn removed(&self) {
        let rejects = self.world().rejects().await;
        let told = rejects.iter().map(|reject| (reject.part.flow().as_str(), reject.reason.code()));
        let told: std::collections::BTreeSet<_> = told.collect();
        let both = ["demo/delivery-note-pdfs", "demo/delivery-notes"]
            .map(|flow| (flow, Reason::REMOVAL_NOT_SUPPORTED));
        assert_eq!(told, both.into());
    }

    async fn spoil_one(&self) {
        let numer = self.0.documents(false).remove(1).numer;
        let name = format!("\"Nazwa\":\"{}.pdf\"", numer.replace('/', "_"));
        let fault = Fault::on("B2BWydania/Pdf").rewrite(name, "\"Nazwa\":7").always();
        self.world().enova.faults().add(fault);
        *self.0.spoilt.lock().unwrap() = Some(numer);
    }

    async fn heal(&self) {
        self.0.heal();
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.world().sim.faults(), "/file-upload-finalize")]
    }
}

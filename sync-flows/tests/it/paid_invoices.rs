//! Invoices whose payment changed.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use soneta_webapi::Faktura;
use std::sync::Arc;
use sync_core::{Item, ReadFrom, Reason, Source};
use sync_flows::enova::{FakturyList, full_list, id_key, paid_invoices};
use sync_flows::flows::invoices::{self, InvoiceStatusMapper};

use crate::papers::{Papers, start_day};
use crate::world::play;

fn source(papers: &Papers, day: NaiveDate) -> impl Source<Record = Faktura, Cursor: PartialEq> + use<> {
    let b2b = papers.world.erp.b2b();
    let (rozrachunki, faktury) = (Arc::new(b2b.rozrachunki()), Arc::new(b2b.faktury()));
    let setup = &papers.world.setup;
    paid_invoices(rozrachunki, faktury, day, &setup.erp, setup.clock.clone())
}

async fn read(papers: &Papers, day: NaiveDate) -> Vec<i32> {
    let page = source(papers, day).read(ReadFrom::Start, 50).await.unwrap();
    assert!(page.end);
    let invoices = page.items.into_iter().filter_map(|item| match item {
        Item::Upsert { key, record, .. } => {
            assert_eq!(key, id_key(record.id.0));
            Some(record.id.0)
        }
        _ => None,
    });
    invoices.collect()
}

#[tokio::test]
async fn several_settlements_of_an_invoice_bring_it_once() {
    let papers = Papers::of(2).await;
    let [first, second, other] = papers
        .world
        .enova
        .documents()
        .into_iter()
        .filter(|it| it.kind.is_invoice())
        .map(|it| (it.id, it.data))
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let rate = papers.world.enova.set_settlement(first.0, "rata 2", 1, Decimal::ONE, first.1);
    rate.unwrap();
    let mut invoices = read(&papers, start_day()).await;
    invoices.sort_unstable();
    assert_eq!(invoices, [first.0, second.0, other.0]);
    // a look-up asks for invoices, and what is none does not exist
    let keys = [id_key(first.0), id_key(999_999)];
    let found = source(&papers, start_day()).fetch(&keys).await.unwrap();
    let gone: Vec<_> = found.iter().map(|item| matches!(item, Item::Deleted { .. })).collect();
    assert_eq!(gone, [false, true]);
}

#[tokio::test]
async fn a_settlement_of_something_else_brings_nothing_and_holds_nothing_up() {
    let papers = Papers::of(1).await;
    let note = papers.documents(false).remove(0);
    papers.world.enova.set_settlement(note.id, "nota", 1, Decimal::ONE, note.data).unwrap();
    assert_eq!(read(&papers, start_day()).await.len(), 2);
}

#[tokio::test]
async fn invoices_from_before_the_start_date_are_not_told() {
    let papers = Papers::of(1).await;
    let issued = papers.documents(true)[0].data;
    assert_eq!(read(&papers, issued).await.len(), 2);
    assert_eq!(read(&papers, issued.succ_opt().unwrap()).await, [] as [i32; 0]);
}

#[tokio::test]
async fn without_a_list_of_settlements_the_whole_list_of_invoices_tells_what_is_paid() {
    let papers = Papers::of(3).await;
    papers.send_invoices(None).await;
    let send = async || {
        let faktury = FakturyList::new(Arc::new(papers.world.erp.b2b().faktury())).since(start_day());
        let source = full_list(faktury, &papers.world.setup.erp);
        let (one, mapper) = (papers.world.one.clone(), InvoiceStatusMapper::default());
        play(invoices::status_to_one(&papers.setup(None), source, one, mapper).unwrap(), None).await;
        papers.world.sim.faults().calls("/invoices/status")
    };
    assert_eq!(send().await, 3);
    let document = papers.documents(true).remove(0);
    papers.world.enova.pay(document.id, &document.numer, document.suma_brutto).unwrap();
    assert_eq!((send().await, send().await), (4, 4));
    let status = papers.world.sim.record("invoice-statuses", &document.numer).unwrap();
    assert!(status.contains("\"isPaid\":true"), "{status}");
}

#[tokio::test]
async fn a_status_waits_for_its_invoice() {
    let papers = Papers::of(1).await;
    let send = async || {
        let (one, mapper) = (papers.world.one.clone(), InvoiceStatusMapper::default());
        let source = source(&papers, start_day());
        play(invoices::status_to_one(&papers.setup(None), source, one, mapper).unwrap(), None).await;
    };
    send().await;
    papers.only_reject(Reason::MISSING_LINK).await;
    papers.send_invoices(None).await;
    send().await;
    assert_eq!(papers.world.rejects().await, []);
    assert_eq!(papers.world.sim.faults().calls("/invoices/status"), 1);
}

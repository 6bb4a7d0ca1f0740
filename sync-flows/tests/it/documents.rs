//! What is sent of documents, in which lane, and what waits for what.

use api_transport::simulation::Fault;
use http::Method;
use one_client::goods_notes::GoodsNote;
use one_client::simulator::{DraftLine, OrderDraft};
use rust_decimal::Decimal;
use std::sync::Arc;
use std::time::Duration;
use sync_core::testing::mapper_conformance;
use sync_core::{
    ErrorKind, FlowSettings, JobEnd, Key, LinkRef, Links, Mapped, Mapper, Reason, RunContext, Sink,
    run_until_done,
};
use sync_flows::enova::OrderSubmitter;
use sync_flows::flows::clients::MERGED_CONTRACTOR_LINK;
use sync_flows::flows::delivery_notes::{self, GoodsNoteMapper};
use sync_flows::flows::documents::{DocumentFilter, INVOICE_LINK, PdfMapper};
use sync_flows::flows::invoices::{self, InvoiceFields, InvoiceMapper, InvoiceSettings};
use sync_flows::flows::orders::{
    CONTRACTOR_LINK, ORDER_ACT, OrderMapper, OrderSettings, PriceChange, PricePolicy, contractor_link,
};
use sync_flows::one::{InvoiceSink, OrderSource};
use sync_flows::{Tick, adjust};

use crate::papers::{CLIENT, Papers};
use crate::world::play;
use crate::world::run_to_end;

fn all_fields() -> InvoiceSettings {
    let fields = InvoiceFields::builder()
        .vat_sums("vatSums")
        .payments("payments")
        .ksef("ksef")
        .corrects("correctedInvoiceNumber")
        .build();
    InvoiceSettings::builder().fields(fields).build()
}

/// The links that the documents of [`Papers`] need.
fn links(mapper: &impl Mapper<soneta_webapi::Faktura>, faktura: &soneta_webapi::Faktura) -> Links {
    let other_side = |link: &LinkRef| match link.kind.as_str() {
        CONTRACTOR_LINK => CLIENT.to_owned(),
        "order" => "OF/1".to_owned(),
        "order-line" => format!("OF/1|OF/1/{:02}", link.id.parse::<i32>().unwrap() % 2 + 1),
        other => panic!("{other}"),
    };
    mapper
        .links_needed(faktura)
        .into_iter()
        .filter(|link| ![INVOICE_LINK, MERGED_CONTRACTOR_LINK].contains(&link.kind.as_str()))
        .map(|link| {
            let other = other_side(&link);
            (link, other)
        })
        .collect()
}

fn sent<T>(mapped: Result<Mapped<T>, Reason>) -> T {
    match mapped.unwrap() {
        Mapped::Send(out) => out,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_invoice_is_sent_with_its_client_lines_orders_sums_payments_and_ksef() {
    let papers = Papers::of(1).await;
    let id = papers.documents(true)[0].id;
    papers.world.enova.ksef_accept(id).unwrap();
    let faktura = papers.faktura(id).await;
    let mapper = InvoiceMapper::new(all_fields());
    let links = links(&mapper, &faktura);
    let invoice = sent(mapper.map(&Key::from("1"), faktura.clone(), &links)).invoice;
    let json: serde_json::Value = serde_json::from_str(&serde_json::to_string(&invoice).unwrap()).unwrap();
    let ksef = faktura.ksef.clone().unwrap();
    assert_eq!(json["number"], faktura.numer);
    assert_eq!(json["clientData"]["clientId"], format!("org:{CLIENT}"));
    assert_eq!(json["customerPurchaseNumbers"], serde_json::json!(["PO 1"]));
    assert_eq!(json["totalPrices"], serde_json::json!({"netPrice": 100, "grossPrice": 123, "taxValue": 23}));
    assert_eq!((&json["amountPaid"], &json["isPaid"]), (&0.into(), &false.into()));
    assert_eq!(json["vatSums"], serde_json::json!([{"rate": "23%", "net": 100, "tax": 23}]));
    assert_eq!(json["payments"][0]["amount"], 123);
    assert_eq!(json["payments"][0]["dueDate"], json["paymentDate"]);
    assert_eq!(json["ksef"]["number"], ksef.numer.clone().unwrap());
    assert_eq!(json["notes"], format!("KSeF: {}", ksef.numer.unwrap()));
    let lines = json["productLines"].as_array().unwrap();
    assert_eq!(lines.len(), 2);
    for (line, number) in lines.iter().zip(1..) {
        assert_eq!((&line["lineNumber"], &line["quantity"]), (&number.into(), &5.into()));
        assert_eq!(line["salesOrderReferenceNumber"], "OF/1");
        assert!(line["salesOrderLineNumber"].as_str().unwrap().starts_with("OF/1/0"), "{line}");
        assert_eq!(line["prices"]["base"]["net"], 10);
    }
    let samples = [(Key::from("1"), faktura)];
    mapper_conformance(&mapper, &samples, &links).unwrap();
}

#[tokio::test]
async fn a_correction_is_an_invoice_of_its_own_that_names_what_it_corrects_and_what_was_before() {
    let papers = Papers::of(1).await;
    let corrected = papers.documents(true).remove(0);
    let correction = papers.correct_first(true);
    papers.send_invoices(None).await;
    let json = papers.world.sim.record("invoices", &correction.numer).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["notes"], format!("Korekta do {}", corrected.numer));
    assert_eq!(json["totalPrices"]["netPrice"].to_string(), "-0.05");
    let unit = &corrected.pozycje[0].jednostka;
    assert_eq!(json["productLines"][0]["notes"], format!("Przed korektą: 5 {unit} po 10 PLN"));
    assert_eq!(json["productLines"][0]["prices"]["base"]["net"].to_string(), "9.99");

    // where the contract tells no number of what it corrects, ONe's own is taken
    let mut faktura = papers.faktura(correction.id).await;
    faktura.koryguje_numer = None;
    let mapper = InvoiceMapper::new(all_fields());
    let mut links = links(&mapper, &faktura);
    links.insert(LinkRef::of_b(INVOICE_LINK, corrected.id.to_string()), "FV/ONE/1");
    let invoice = sent(mapper.map(&Key::from("1"), faktura, &links)).invoice;
    assert_eq!(invoice.extra.text("correctedInvoiceNumber").as_deref(), Some("FV/ONE/1"));
}

#[tokio::test]
async fn without_names_nothing_is_sent_that_one_does_not_document_but_the_lines() {
    let papers = Papers::of(1).await;
    let faktura = papers.faktura(papers.documents(true)[0].id).await;
    let mapper = InvoiceMapper::default();
    let links = links(&mapper, &faktura);
    let invoice = sent(mapper.map(&Key::from("1"), faktura, &links)).invoice;
    assert_eq!(invoice.extra.names().collect::<Vec<_>>(), ["productLines"]);
}

#[tokio::test]
async fn what_comes_of_an_invoice_after_it_was_added_makes_no_second_one_and_no_reject() {
    let papers = Papers::of(1).await;
    papers.send_invoices(None).await;
    let document = papers.documents(true).remove(0);
    papers.world.enova.ksef_accept(document.id).unwrap();
    papers.world.enova.pay(document.id, &document.numer, Decimal::TEN).unwrap();
    papers.send_invoices(None).await;
    assert_eq!(papers.world.sim.faults().calls("/invoices"), 1);
    assert_eq!(papers.world.rejects().await, []);
}

#[tokio::test]
async fn where_invoices_are_put_they_are_state_and_ksef_comes_after_them() {
    let papers = Papers::of(2).await;
    let put = papers.world.sim.client_builder().invoice_method(Method::PUT).build().unwrap();
    let send = async || {
        let jobs = papers.invoices_to_one(&papers.setup(None), put.clone(), InvoiceSettings::default());
        assert!(jobs.dispatcher.is_none());
        play(jobs.flow, None).await;
    };
    send().await;
    let document = papers.documents(true).remove(0);
    let numer = papers.world.enova.ksef_accept(document.id).unwrap();
    send().await;
    send().await;
    assert_eq!(papers.world.sim.faults().calls("/invoices"), 3);
    assert!(papers.world.sim.record("invoices", &document.numer).unwrap().contains(&numer));
}

#[tokio::test]
async fn a_sink_that_would_add_invoices_twice_is_refused_before_anything_is_sent() {
    let papers = Papers::of(1).await;
    let error = InvoiceSink::new(papers.world.one.clone()).write(&[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test]
async fn documents_of_a_contractor_that_one_learns_of_later_come_with_a_full_pass() {
    let papers = Papers::of(1).await;
    papers.send_invoices(None).await;
    assert_eq!(papers.world.sim.records("invoices").len(), 1);
    assert_eq!(papers.world.rejects().await, [], "contractors without a portal are no mistake");
    let link = contractor_link("somebody", soneta_webapi::KontrahentId(2));
    papers.world.setup.store.put_links(&[link]).await.unwrap();
    let mut late = papers;
    late.world.setup.settings = FlowSettings::default().full_pass(Duration::ZERO);
    late.send_invoices(None).await;
    assert_eq!(late.world.sim.records("invoices").len(), 2);
}

#[tokio::test]
async fn a_tick_and_definitions_choose_documents() {
    let papers = Papers::of(1).await;
    let mut faktura = papers.faktura(papers.documents(true)[0].id).await;
    let why = |filter: DocumentFilter, faktura: &_| {
        filter.leaves_out(faktura).map(|reason| reason.code().to_owned())
    };
    let ticked = || DocumentFilter::builder().tick(Tick::Cecha("B2B".into())).build();
    assert_eq!(why(DocumentFilter::default(), &faktura), None);
    assert_eq!(why(ticked(), &faktura).as_deref(), Some("not-ticked"));
    faktura.cechy.push(soneta_webapi::wire::Cecha::new("B2B", true));
    assert_eq!(why(ticked(), &faktura), None);
    let receipts = DocumentFilter::builder().definicje(["PAR".to_owned()].into()).build();
    assert_eq!(why(receipts, &faktura).as_deref(), Some("other-definition"));
    faktura.stan = soneta_webapi::StanDokumentu::Bufor;
    assert_eq!(why(DocumentFilter::default(), &faktura).as_deref(), Some("not-approved"));
}

#[tokio::test]
async fn a_pdf_waits_for_its_invoice_and_goes_by_itself_once_one_has_it() {
    let papers = Papers::of(3).await;
    let pdfs = async || {
        let faktury = Arc::new(papers.world.erp.b2b().faktury());
        let (one, mapper) = (papers.world.one.clone(), PdfMapper::default());
        let flow =
            invoices::pdfs_to_one(&papers.setup(None), papers.faktury(), faktury, one, mapper).unwrap();
        play(flow, None).await;
    };
    pdfs().await;
    let rejects = papers.world.rejects().await;
    assert_eq!(
        rejects.iter().map(|reject| reject.reason.code()).collect::<Vec<_>>(),
        [Reason::MISSING_LINK; 3]
    );
    assert_eq!(papers.world.sim.faults().calls("/invoices/file-upload-begin"), 0);
    papers.send_invoices(None).await;
    pdfs().await;
    assert_eq!(papers.world.rejects().await, []);
    for document in papers.documents(true) {
        assert!(papers.world.sim.pdf("invoices", &document.numer).is_some());
    }
}

#[tokio::test]
async fn a_pdf_is_new_when_ksef_accepts_and_not_when_it_only_gets_the_invoice_or_somebody_pays() {
    use soneta_webapi::{Faktura, KSeF, StatusKSeF};
    let papers = Papers::of(1).await;
    let first = papers.faktura(papers.documents(true)[0].id).await;
    let links: Links = Mapper::<Faktura>::links_needed(&PdfMapper::default(), &first)
        .into_iter()
        .map(|link| (link, "x".to_owned()))
        .collect();
    let print =
        |faktura: &Faktura| sent(PdfMapper::default().map(&Key::from("1"), faktura.clone(), &links)).printed;
    let mut sent_to_ksef = first.clone();
    sent_to_ksef.ksef = Some(KSeF::builder().status(StatusKSeF::Wyslany).build());
    sent_to_ksef.zaplacono = first.suma_brutto.clone();
    sent_to_ksef.data_zmiany = None;
    let mut accepted = first.clone();
    accepted.ksef = Some(KSeF::builder().status(StatusKSeF::Przyjety).numer("1-2-3").build());
    for (other, is_stale) in [(&sent_to_ksef, false), (&accepted, true)] {
        assert_eq!(Faktura::pdf_is_stale(&first, other), is_stale);
        assert_eq!(print(&first) != print(other), is_stale);
    }
}

#[tokio::test]
async fn a_pdf_whose_upload_lapsed_is_begun_anew() {
    let papers = Papers::of(1).await;
    papers.send_invoices(None).await;
    papers.world.sim.faults().add(Fault::on("/invoices/file-upload-complete").refuse(404, ""));
    let faktury = Arc::new(papers.world.erp.b2b().faktury());
    let (one, mapper) = (papers.world.one.clone(), PdfMapper::default());
    let flow = invoices::pdfs_to_one(&papers.setup(None), papers.faktury(), faktury, one, mapper).unwrap();
    play(flow, None).await;
    assert_eq!(papers.world.sim.faults().calls("/invoices/file-upload-begin"), 2);
    assert!(papers.world.sim.pdf("invoices", &papers.documents(true)[0].numer).is_some());
    assert_eq!(papers.world.rejects().await, []);
}

#[tokio::test]
async fn a_delivery_note_names_its_client_day_orders_and_a_correction_is_a_received_note() {
    let papers = Papers::of(1).await;
    let note = papers.documents(false).remove(0);
    let correction = papers.correct_first(false);
    let mapper = GoodsNoteMapper::builder().warehouses([("F".to_owned(), "WRO".to_owned())].into()).build();
    // one cecha or another in a field of one's own, by way of example
    let mapper =
        adjust(mapper, |wydanie: &soneta_webapi::Wydanie, out: &mut delivery_notes::OneGoodsNote| {
            out.note.delivery_date = Some(wydanie.data);
            Ok(())
        });
    let (source, one) = (papers.wydania(), papers.world.one.clone());
    play(delivery_notes::to_one(&papers.setup(None), source, one, mapper).unwrap(), None).await;
    let read = |shelf: &str, number: &str| -> GoodsNote {
        serde_json::from_str(&papers.world.sim.record(shelf, number).unwrap()).unwrap()
    };
    let issued = read("goods-issued-notes", &note.numer);
    assert_eq!(issued.client_id.unwrap().as_str(), format!("org:{CLIENT}"));
    assert_eq!((issued.document_date, issued.delivery_date), (Some(note.data), Some(note.data)));
    assert_eq!(issued.warehouse.unwrap().id.as_deref(), Some("WRO"));
    assert_eq!(issued.purchase_order_number.as_deref(), Some("PO 1"));
    let orders: Vec<_> = issued
        .product_lines
        .iter()
        .map(|line| {
            let order = line.sales_order_reference_number.as_deref();
            (line.line_number, order, line.sales_order_line_number.as_deref())
        })
        .collect();
    assert_eq!(orders, [(Some(1), Some("OF/1"), Some("OF/1/01")), (Some(2), Some("OF/1"), Some("OF/1/02"))]);
    let received = read("goods-received-notes", &correction.numer);
    assert_eq!(received.notes, Some(format!("Korekta do {}", note.numer)));
    assert_eq!(received.product_lines[0].quantity, Some(Decimal::ONE));
}

#[tokio::test]
async fn a_page_of_pdfs_that_fails_for_the_moment_is_tried_again_whole() {
    let papers = Papers::of(2).await;
    papers.send_invoices(None).await;
    papers.world.sim.faults().add(Fault::on("/content").nth(2).unavailable().times(2));
    let faktury = Arc::new(papers.world.erp.b2b().faktury());
    let (one, mapper) = (papers.world.one.clone(), PdfMapper::default());
    let flow = invoices::pdfs_to_one(&papers.setup(None), papers.faktury(), faktury, one, mapper).unwrap();
    let report = run_until_done(&flow, &RunContext::default()).await;
    assert!(!matches!(report.end, JobEnd::Done), "{report:?}");
    run_to_end(&flow).await;
    assert_eq!(papers.world.rejects().await, []);
    let document = papers.documents(true).remove(1);
    assert!(papers.world.sim.pdf("invoices", &document.numer).is_some());
}

#[tokio::test]
async fn an_order_of_one_is_named_with_shipment_and_line_by_its_delivery_note_and_invoice() {
    let papers = Papers::of(1).await;
    let Papers { world, .. } = &papers;
    let good = papers.documents(false)[0].pozycje[0].clone();
    let line = DraftLine::new(good.kod.as_str(), Decimal::TWO).priced(Decimal::TEN);
    let shipment = world.sim.place_order(OrderDraft::new(CLIENT).with_line(line)).unwrap();
    let settings = OrderSettings::builder().tenant("demo").magazyn("F").approve(true).build();
    let mapper = OrderMapper::new(settings, world.setup.clock.clone());
    let orders =
        world.setup.flow_to_outbox("orders", OrderSource::new(world.one.clone(), "demo"), mapper).unwrap();
    play(orders, None).await;
    let b2b = world.erp.b2b();
    let confirmed = PricePolicy::new(PriceChange::ConfirmedPrice, PriceChange::ConfirmedPrice);
    let submitter = OrderSubmitter::new(Arc::new(b2b.zamowienia()), Arc::new(b2b.ceny()), confirmed);
    run_to_end(&world.setup.dispatcher("orders", [ORDER_ACT.into()], submitter).unwrap()).await;

    let order = world.enova.orders().pop().unwrap();
    let note = world.enova.ship(order.id, &[]).unwrap();
    let invoice = world.enova.invoice(order.id).unwrap();
    let (source, mapper) = (papers.wydania(), GoodsNoteMapper::default());
    play(delivery_notes::to_one(&papers.setup(None), source, world.one.clone(), mapper).unwrap(), None).await;
    papers.send_invoices(None).await;
    for (shelf, number) in [("goods-issued-notes", &note.numer), ("invoices", &invoice.numer)] {
        let json: serde_json::Value =
            serde_json::from_str(&world.sim.record(shelf, number).unwrap()).unwrap();
        let line = &json["productLines"][0];
        assert_eq!(line["salesOrderReferenceNumber"], shipment.as_str());
        assert_eq!(line["salesOrderLineNumber"], format!("{shipment}/01"));
    }
}

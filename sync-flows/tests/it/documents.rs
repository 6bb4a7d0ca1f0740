//! What is sent of documents, in which lane, and what waits for what.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use http::Method;
use one_client::goods_notes::GoodsNote;
use rust_decimal::Decimal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use sync_core::testing::{SubmitterUnderTest, Trouble, mapper_conformance, submitter_conformance};
use sync_core::{
    Act, ActFilter, ActState, Created, Submission, DispatchSettings, Dispatcher, ErrorKind, FlowSettings, JobEnd, Key, LinkRef,
    Links, Mapped, Mapper, Reason, RunContext, Sink, Submitter, run_until_done,
};
use sync_flows::flows::delivery_notes::{self, GoodsNoteMapper};
use sync_flows::flows::documents::{DocumentFilter, INVOICE_LINK, PdfMapper};
use sync_flows::flows::invoices::{
    self, InvoiceFields, InvoiceMapper, InvoiceSettings, invoice_act_kind, invoice_op_key,
};
use sync_flows::flows::orders::{CONTRACTOR_LINK, contractor_link};
use sync_flows::one::{InvoiceSink, InvoiceSubmitter};
use sync_flows::{Tick, adjust};

use crate::papers::{CLIENT, Papers, play};
use crate::world::{World, run_to_end};

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
        .filter(|link| link.kind.as_str() != INVOICE_LINK)
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

/// JSON with a line for each field, and what each run makes anew named by what it is.
fn pretty(value: &impl serde::Serialize) -> String {
    let json: serde_json::Value = serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap();
    serde_json::to_string_pretty(&json).unwrap()
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
    let json = pretty(&invoice);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
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

/// The acts of a tenant whose invoices wait, and a submitter of them.
struct Added {
    papers: Papers,
    submitter: Arc<InvoiceSubmitter>,
    acts: Vec<Act>,
}

impl Added {
    async fn of(invoices: usize) -> Self {
        let papers = Papers::of(invoices).await;
        let World { one, setup, .. } = &papers.world;
        let jobs = papers.invoices_to_one(&papers.setup(None), one.clone(), InvoiceSettings::default());
        play(jobs.flow, None).await;
        let acts = setup
            .store
            .acts(&ActFilter::open())
            .await
            .unwrap()
            .into_iter()
            .map(|status| status.act)
            .collect();
        let kind = invoice_act_kind("demo");
        let submitter = Arc::new(InvoiceSubmitter::new(one.clone(), Arc::clone(&setup.store), kind));
        Self { papers, submitter, acts }
    }

    /// Sends what waits, at once and one after the other.
    async fn dispatch(&self, most: usize) {
        let World { setup, .. } = &self.papers.world;
        let times = DispatchSettings::default()
            .visibility_lag(Duration::ZERO)
            .lookups(2, Duration::ZERO)
            .retry(Duration::ZERO, Duration::ZERO)
            .concurrency(1);
        let name = setup.name("invoices-dispatch").unwrap();
        let dispatcher = Dispatcher::new(
            name,
            [invoice_act_kind("demo")],
            Arc::clone(&self.submitter),
            Arc::clone(&setup.store),
        )
        .with_settings(times);
        for _ in 0..most {
            let _ = run_until_done(&dispatcher, &RunContext::default()).await;
        }
    }

    async fn states(&self) -> Vec<ActState> {
        let acts = self.papers.world.setup.store.acts(&ActFilter::all()).await.unwrap();
        acts.into_iter().map(|act| act.state).collect()
    }
}

#[tokio::test]
async fn the_name_of_an_invoices_act_never_changes() {
    let added = Added::of(1).await;
    let id = added.papers.documents(true)[0].id;
    assert_eq!(added.acts[0].op_key, invoice_op_key("demo", soneta_webapi::DokumentId(id)));
    assert_eq!(added.acts[0].op_key.as_str(), format!("invoice:demo:{id}"));
    assert_eq!(added.acts[0].kind.as_str(), "invoice:demo");
}

#[tokio::test]
async fn an_invoice_that_was_lost_on_the_way_is_sent_again_only_after_a_look_up_that_is_known_to_work() {
    let added = Added::of(2).await;
    let faults = added.papers.world.sim.faults();
    // the second one does not arrive
    faults.add(Fault::on("/invoices").method("POST").nth(2).drop_before());
    added.dispatch(1).await;
    assert_eq!(added.states().await, [ActState::Done, ActState::Done]);
    assert_eq!(faults.calls("/invoices"), 3);
}

#[tokio::test]
async fn not_found_of_a_look_up_that_has_never_found_anything_is_left_to_a_person() {
    let added = Added::of(1).await;
    added.papers.world.sim.faults().add(Fault::on("/invoices").method("POST").drop_before());
    added.dispatch(1).await;
    assert_eq!(added.states().await, [ActState::Manual]);
    assert_eq!(added.papers.world.sim.faults().calls("/invoices"), 1);
}

#[tokio::test]
async fn an_invoice_that_one_has_already_is_taken_as_sent() {
    let added = Added::of(1).await;
    let number = added.papers.documents(true).remove(0).numer;
    let earlier = one_client::invoices::Invoice::builder().number(number.as_str()).build();
    added.papers.world.one.invoices().create(&earlier).await.unwrap();
    added.dispatch(1).await;
    assert_eq!(added.states().await, [ActState::Done]);
}

#[tokio::test]
async fn an_invoice_that_one_refuses_stops_only_itself() {
    let added = Added::of(3).await;
    let number = added.papers.documents(true).remove(1).numer;
    added.papers.world.sim.refuse(422, [number]).unwrap();
    added.dispatch(1).await;
    assert_eq!(added.states().await, [ActState::Done, ActState::Rejected, ActState::Done]);
}

/// A submitter that once finds nobody at ONe's address.
#[derive(Debug)]
struct Switched {
    reached: Arc<InvoiceSubmitter>,
    unreachable: InvoiceSubmitter,
    once: AtomicBool,
}

#[async_trait]
impl Submitter for Switched {
    async fn submit(&self, act: &Act) -> Submission {
        match self.once.swap(false, Ordering::Relaxed) {
            true => self.unreachable.submit(act).await,
            false => self.reached.submit(act).await,
        }
    }

    async fn look_up(&self, act: &Act) -> sync_core::Result<Option<Created>> {
        self.reached.look_up(act).await
    }
}

struct UnderTest {
    added: Added,
    submitter: Arc<Switched>,
}

#[async_trait]
impl SubmitterUnderTest for UnderTest {
    fn submitter(&self) -> Arc<dyn Submitter> {
        self.submitter.clone()
    }

    fn act(&self, n: u32) -> Act {
        let known = &self.added.acts[1];
        let mut request: serde_json::Value = serde_json::from_str(known.payload.as_json()).unwrap();
        request["invoice"]["number"] = format!("FV/{n}").into();
        request["dokument"] = (n + 10_000).into();
        let payload = sync_core::Payload::of(&request).unwrap();
        let name = format!("invoice:demo:{}", n + 10_000);
        Act::new(name.as_str(), name.as_str(), invoice_act_kind("demo"), payload, known.enqueued_at)
    }

    async fn documents(&self, act: &Act) -> sync_core::Result<usize> {
        let request: serde_json::Value = act.payload.decode()?;
        let number = request["invoice"]["number"].as_str().unwrap_or_default();
        Ok(usize::from(self.added.papers.world.sim.record("invoices", number).is_some()))
    }

    async fn meets(&self, trouble: Trouble) -> sync_core::Result<bool> {
        let post = Fault::on("/invoices").method("POST");
        let fault = match trouble {
            Trouble::AnswerLost => post.drop_after(),
            Trouble::Unreachable => {
                self.submitter.once.store(true, Ordering::Relaxed);
                return Ok(true);
            }
            Trouble::Refused => post.refuse(422, ""),
            _ => return Ok(false),
        };
        self.added.papers.world.sim.faults().add(fault);
        Ok(true)
    }

    async fn put_decoy(&self, _act: &Act) -> sync_core::Result<bool> {
        // the number is the only reference, and ONe has a number once
        Ok(false)
    }

    fn is_guarded_by_key(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn the_submitter_keeps_what_a_dispatcher_relies_on() {
    let added = Added::of(2).await;
    // a look-up that has found something before
    added.dispatch(1).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = one_client::Url::parse(&format!("http://{nobody}")).unwrap();
    let World { setup, .. } = &added.papers.world;
    let one = one_client::Client::builder(url, "demo", one_client::SecretString::from("key")).build().unwrap();
    let unreachable = InvoiceSubmitter::new(one, Arc::clone(&setup.store), invoice_act_kind("demo"));
    let reached = Arc::clone(&added.submitter);
    let submitter = Arc::new(Switched { reached, unreachable, once: AtomicBool::new(false) });
    submitter_conformance(&UnderTest { added, submitter }).await.unwrap();
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

//! Endpoints of the service `invoices`.

use crate::endpoints::{CONTENT, Check};
use crate::wire::{answering, sent};
use crate::{client_of, decimal, hurried, simulated};
use api_transport::simulation::Fault;
use chrono::NaiveDate;
use http::Method;
use one_client::goods_notes::{GoodsNoteLine, GoodsNoteProduct};
use one_client::invoices::{
    GetInvoiceStatus, Invoice, InvoiceAddress, InvoiceClient, InvoiceClientType, InvoiceOperator,
    InvoicePayer, InvoiceSeller, InvoiceStatus, InvoiceTotals, PostInvoice, PostInvoiceUploadBegin,
    PostInvoiceUploadComplete, PutInvoiceStatus,
};
use one_client::{DocumentNumber, Effect, Endpoint, ErrorKind, Extra};

const NUMBER: &str = "FV/01:Łódź/2022";

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let address = InvoiceAddress::builder().name(CONTENT).street(CONTENT).build();
    let client = InvoiceClient::builder().client_id(CONTENT).tin(CONTENT).address_data(address).build();
    let invoice = Invoice::builder().number(CONTENT).notes(CONTENT).client_data(client).build();
    check.endpoint(&PostInvoice::new(&invoice), "").await;

    let status = InvoiceStatus::new(CONTENT, decimal("1.5"), true);
    check.endpoint(&PutInvoiceStatus::new(&status), "").await;
    let answer = format!(r#"{{"number":"{CONTENT}","amountPaid":1.5,"isPaid":true}}"#);
    check.endpoint(&GetInvoiceStatus::new(CONTENT), &answer).await;

    let mut fields = Extra::default();
    fields.set("number", &CONTENT).unwrap();
    let begun = format!(r#"{{"uploadId":"{CONTENT}","uploadUrl":"{CONTENT}"}}"#);
    check.endpoint(&PostInvoiceUploadBegin::new(fields.clone()), &begun).await;
    check.endpoint(&PostInvoiceUploadComplete::new(fields), "").await;
}

/// Every field that is typed, and lines as somebody may find them.
fn whole() -> Invoice {
    let address = |name: &str| {
        let address = InvoiceAddress::builder().name(name).street("Gęsia 1/2").postal_code("50-001");
        address.city("Wrocław").country("PL").build()
    };
    let client = InvoiceClient::builder()
        .client_id("org:00000000-0000-4000-8000-000000000005")
        .tin("5250000000")
        .client_type(InvoiceClientType::Organization)
        .phone("+48 71 000 00 00")
        .invoice_email("faktury@example.com")
        .address_data(address("Zażółć sp. z o.o."));
    let payer = InvoicePayer::builder()
        .client_id("ind:00000000-0000-4000-8000-000000000006")
        .tin("5250000001")
        .phone("500")
        .address_data(address("Łukasz Źrebię"));
    let operator = InvoiceOperator::builder().id("00000000-0000-4000-8000-000000000007").name("Świętosława");
    let product = GoodsNoteProduct::builder().sku("ŁOŻYSKO/6204:A").build();
    let line = GoodsNoteLine::builder().line_number(1).quantity(decimal("2.50")).product(product).build();
    let mut extra = Extra::default();
    extra.set("productLines", &[line]).unwrap();
    Invoice::builder()
        .number(NUMBER)
        .receipt_reference_number("PAR/7")
        .maybe_sale_date(NaiveDate::from_ymd_opt(2022, 3, 1))
        .maybe_payment_date(NaiveDate::from_ymd_opt(2022, 3, 15))
        .currency_code("PLN")
        .split_payment(true)
        .is_paid(false)
        .amount_paid(decimal("0.00"))
        .customer_purchase_numbers(vec!["ZAM 7/2022".to_owned()])
        .notes("proszę dzwonić")
        .total_prices(InvoiceTotals::new(decimal("1000.10"), decimal("1230.12"), decimal("230.02")))
        .client_data(client.build())
        .payer_data(payer.build())
        .tenant_data(InvoiceSeller::builder().tin("5250000002").address_data(address("Sprzedawca")).build())
        .operator_data(operator.build())
        .extra(extra)
        .build()
}

#[tokio::test]
async fn an_invoice_is_posted_with_all_it_has_and_the_other_verb_is_a_setting() {
    let server = answering("").await;
    client_of(&server).build().unwrap().invoices().create(&whole()).await.unwrap();
    insta::assert_snapshot!(sent(&server).await);

    let server = answering("").await;
    let one = client_of(&server).invoice_method(Method::PUT).build().unwrap();
    one.invoices().create(&Invoice::builder().number(NUMBER).build()).await.unwrap();
    let sent = sent(&server).await;
    assert!(sent.starts_with("PUT /api/v1/invoices/integrations/auth-required/invoices\n"), "{sent}");
    assert!(sent.ends_with("\n\n{\"number\":\"FV/01:Łódź/2022\"}"), "{sent}");
}

#[test]
fn an_invoice_is_repeated_only_with_the_verb_that_replaces() {
    let invoice = whole();
    assert_eq!(PostInvoice::new(&invoice).effect(), Effect::Create);
    assert_eq!(PostInvoice::new(&invoice).with_method(Method::PUT).effect(), Effect::Idempotent);
    assert_eq!(PostInvoice::new(&invoice).with_method(Method::PATCH).effect(), Effect::Create);
}

#[tokio::test]
async fn a_status_is_put_and_asked_for_by_number() {
    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    one.invoices().update_status(&InvoiceStatus::new(NUMBER, decimal("1230.10"), true)).await.unwrap();
    insta::assert_snapshot!(sent(&server).await);

    let server = answering(r#"{"amountPaid": "0.10", "isPaid": null, "dueAmount": 1.100}"#).await;
    let one = client_of(&server).build().unwrap();
    let status = one.invoices().get_status(&NUMBER.into()).await.unwrap();
    assert_eq!((status.number, status.amount_paid, status.is_paid), (None, Some(decimal("0.10")), None));
    assert_eq!(status.extra.json("dueAmount"), Some("1.100"));
    let sent = sent(&server).await;
    let expected = "GET /api/v1/invoices/integrations/auth-required/invoices/status?number=FV%2F01%3A%C5%81%C3%B3d%C5%BA%2F2022\n";
    assert!(sent.starts_with(expected), "{sent}");
}

#[test]
fn invoices_show_number_and_ids_and_no_content() {
    let invoice = whole();
    let status = InvoiceStatus::new(NUMBER, decimal("1230.12"), true);
    let shown = format!(
        "{invoice:?} {:?} {:?} {:?} {:?} {:?} {:?} {status:?} {:?}",
        invoice.client_data,
        invoice.payer_data,
        invoice.tenant_data,
        invoice.operator_data,
        invoice.total_prices,
        invoice.client_data.as_ref().unwrap().address_data,
        PostInvoice::new(&invoice),
    );
    for id in [NUMBER, "org:0000", "ind:0000"] {
        assert!(shown.contains(id), "{id} is missing in {shown}");
    }
    for content in ["525", "Zażółć", "Gęsia", "faktury@", "1230", "Świętosława", "dzwonić", "ZAM 7"]
    {
        assert!(!shown.contains(content), "{content} in {shown}");
    }
}

#[tokio::test]
async fn o10_an_invoice_arrives_once_with_every_digit_and_its_number_is_not_taken_twice() {
    let (simulator, one) = simulated().await;
    one.invoices().create(&whole()).await.unwrap();
    let kept: serde_json::Value =
        serde_json::from_str(&simulator.record("invoices", NUMBER).unwrap()).unwrap();
    assert_eq!(kept["clientData"]["addressData"]["postalCode"], "50-001");
    assert_eq!(kept["productLines"][0]["product"]["sku"], "ŁOŻYSKO/6204:A");
    assert!(simulator.record("invoices", NUMBER).unwrap().contains(r#""netPrice":1000.10"#));

    let error = one.invoices().create(&whole()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(409)));
    assert!(!error.may_have_been_applied());
    let nameless = Invoice::builder().number(" ").build();
    assert_eq!(one.invoices().create(&nameless).await.unwrap_err().status(), Some(400));

    let put = simulator.client_builder().invoice_method(Method::PUT).transport(hurried).build().unwrap();
    let replaced = Invoice::builder().number(NUMBER).notes("poprawiona").build();
    put.invoices().create(&replaced).await.unwrap();
    assert!(simulator.record("invoices", NUMBER).unwrap().contains("poprawiona"));
}

#[test]
fn an_invoice_that_was_stored_is_read_back_digit_for_digit() {
    let written = serde_json::to_string(&whole()).unwrap();
    let read: Invoice = serde_json::from_str(&written).unwrap();
    assert_eq!(read, whole());
    assert_eq!(serde_json::to_string(&read).unwrap(), written);
}

#[tokio::test]
async fn the_verb_says_whether_an_invoice_may_be_sent_again() {
    let (simulator, one) = simulated().await;
    assert_eq!(one.invoices().effect(), Effect::Create);
    let put = simulator.client_builder().invoice_method(Method::PUT).build().unwrap();
    assert_eq!(put.invoices().effect(), Effect::Idempotent);
}

#[tokio::test]
async fn o10_an_invoice_whose_answer_was_lost_is_not_sent_again_and_its_status_tells_that_it_is_there() {
    let (simulator, one) = simulated().await;
    simulator.faults().add(Fault::on("/invoices").drop_after());
    let error = one.invoices().create(&whole()).await.unwrap_err();
    assert!(error.may_have_been_applied());
    assert_eq!(simulator.faults().calls("/invoices"), 1);
    assert_eq!(one.invoices().get_status(&NUMBER.into()).await.unwrap().is_paid, Some(false));

    simulator.faults().add(Fault::on("/invoices").drop_before());
    let other = Invoice::builder().number("FV/02/03/2022").build();
    assert!(one.invoices().create(&other).await.unwrap_err().may_have_been_applied());
    let error = one.invoices().get_status(&other.number).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn o12_what_is_paid_is_set_and_read_back_and_an_unknown_invoice_is_its_own_error() {
    let (simulator, one) = simulated().await;
    one.invoices().create(&whole()).await.unwrap();
    simulator.faults().add(Fault::on("/invoices/status").drop_after());
    let paid = InvoiceStatus::new(NUMBER, decimal("1230.12"), true);
    one.invoices().update_status(&paid).await.unwrap();
    assert_eq!(simulator.faults().calls("/invoices/status"), 2, "a level is repeated");
    assert_eq!(one.invoices().get_status(&NUMBER.into()).await.unwrap(), paid);

    let unknown = DocumentNumber::from("FV/99:ż");
    let status = InvoiceStatus::new(unknown.clone(), decimal("1"), false);
    for error in [
        one.invoices().update_status(&status).await.unwrap_err(),
        one.invoices().get_status(&unknown).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(!format!("{error}{error:?}").contains("FV/99"), "{error:?}");
    }
}

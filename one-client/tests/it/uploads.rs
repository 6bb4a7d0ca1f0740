//! How PDFs come to their documents.

use crate::{client_of, hurried, mock, simulated};
use api_transport::simulation::Fault;
use api_transport::testing::Capture;
use async_trait::async_trait;
use one_client::goods_notes::GoodsNote;
use one_client::invoices::Invoice;
use one_client::simulator::Simulator;
use one_client::{
    Bytes, Client, DocumentNumber, Error, ErrorKind, Extra, PdfOf, PdfUpload, Transport, Upload, UploadBegun,
    WireLog,
};
use rstest::rstest;
use wiremock::matchers::{any, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const NUMBER: &str = "FV/01:Łódź/2022";
const PDF: Bytes = Bytes::from_static(b"%PDF-1.7\n\xc5\xbc\xff\x00");
const ANEW: &str = "anew";

async fn with_documents() -> (Simulator, Client) {
    let (simulator, one) = simulated().await;
    one.invoices().create(&Invoice::builder().number(NUMBER).build()).await.unwrap();
    let note = GoodsNote::builder().number(NUMBER).build();
    one.goods_issued_notes().save(&note).await.unwrap();
    one.goods_received_notes().save(&note).await.unwrap();
    (simulator, one)
}

async fn upload(one: &Client, of: PdfOf, pdf: Bytes) -> Result<(), Error> {
    let number = DocumentNumber::from(NUMBER);
    match of {
        PdfOf::Invoice => one.invoices().upload_pdf(&number, pdf).await,
        PdfOf::GoodsIssuedNote => one.goods_issued_notes().upload_pdf(&number, pdf).await,
        _ => one.goods_received_notes().upload_pdf(&number, pdf).await,
    }
}

/// A server whose *begin* answers this, with its own address in the place of `{server}`.
async fn beginning(answer: &str) -> MockServer {
    let server = mock().await;
    let answer = answer.replace("{server}", &server.uri());
    let begun = ResponseTemplate::new(200).set_body_raw(answer, "application/json");
    Mock::given(path_regex("(begin|initialize)$")).respond_with(begun).with_priority(1).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    server
}

/// Every request, as text.
async fn all_sent(server: &MockServer) -> String {
    let requests = server.received_requests().await.unwrap();
    let shown = requests.iter().map(|request| {
        let has = |name: &str| request.headers.contains_key(name);
        let kind = request.headers["content-type"].to_str().unwrap();
        let target = request.url.as_str().trim_start_matches(&server.uri());
        let body = String::from_utf8_lossy(&request.body);
        let key = if has("ApiAuth") && has("one-tenant") { "with key" } else { "without key" };
        assert_eq!(has("ApiAuth"), has("one-tenant"));
        format!("{} {target}\n{kind}, {key}\n{body}\n", request.method)
    });
    shown.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_default_way_of_each_kind_is_begin_put_and_complete() {
    let mut all = String::new();
    for of in [PdfOf::Invoice, PdfOf::GoodsIssuedNote, PdfOf::GoodsReceivedNote] {
        let answer =
            r#"{"uploadId": 77, "uploadUrl": "{server}/files/a%2Fb?sig=x%2Fy%2B+z=&&e", "expires": "soon"}"#;
        let server = beginning(answer).await;
        let one = client_of(&server).build().unwrap();
        upload(&one, of, Bytes::from_static(b"%PDF-1.7")).await.unwrap();
        all += &all_sent(&server).await;
        all += "\n";
    }
    insta::assert_snapshot!(all);
}

#[rstest]
#[case::empty(b"", "the PDF is empty")]
#[case::something_else(b"<html>", "does not begin with `%PDF-`")]
#[case::a_little(b"%PDF", "does not begin with `%PDF-`")]
#[tokio::test]
async fn what_is_no_pdf_is_refused_and_nothing_is_sent(#[case] pdf: &'static [u8], #[case] says: &str) {
    let server = beginning("{}").await;
    let one = client_of(&server).build().unwrap();
    for of in [PdfOf::Invoice, PdfOf::GoodsIssuedNote, PdfOf::GoodsReceivedNote] {
        let error = upload(&one, of, Bytes::from_static(pdf)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(says), "{error}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[rstest]
#[case::no_id(r#"{"uploadUrl": "{server}/CANARY0"}"#, "step 1 of 3 (begin)")]
#[case::no_address(r#"{"uploadId": "CANARY0"}"#, "step 2 of 3")]
#[case::not_a_whole_address(r#"{"uploadId": "1", "uploadUrl": "/CANARY0"}"#, "step 2 of 3")]
#[case::an_address_that_is_no_text(r#"{"uploadId": "1", "uploadUrl": 7}"#, "step 2 of 3")]
#[case::an_open_one(r#"{"uploadId": "1", "uploadUrl": "http://storage.example/CANARY0"}"#, "step 2 of 3")]
#[case::with_a_password(r#"{"uploadId": "1", "uploadUrl": "https://a:CANARY0@127.0.0.1/"}"#, "step 2 of 3")]
#[tokio::test]
async fn an_answer_to_begin_that_leads_nowhere_ends_there_without_showing_it(
    #[case] answer: &str,
    #[case] step: &str,
) {
    let server = beginning(answer).await;
    let one = client_of(&server).build().unwrap();
    let error = upload(&one, PdfOf::Invoice, PDF).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Decode | ErrorKind::Config), "{error:?}");
    assert!(error.to_string().contains(step) && !error.may_have_been_applied(), "{error}");
    assert!(!error.what_to_do().contains(ANEW), "the same again gives the same: {}", error.what_to_do());
    assert!(!format!("{error}{error:?}").contains("CANARY0"), "{error:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1, "after begin nothing is sent");
}

#[tokio::test]
async fn neither_the_address_nor_number_nor_bytes_show_anywhere() {
    let capture = Capture::start();
    for status in [200, 403, 503] {
        let server = mock().await;
        let url = format!("{}/CANARY0/x?CANARY0=CANARY0%2F", server.uri());
        let body = format!(r#"{{"uploadId": "CANARY0", "uploadUrl": "{url}", "token": "CANARY0"}}"#);
        let begun = ResponseTemplate::new(200).set_body_raw(body, "application/json");
        Mock::given(path_regex("begin$")).respond_with(begun).with_priority(1).mount(&server).await;
        let other = ResponseTemplate::new(status).set_body_string("CANARY0");
        Mock::given(any()).respond_with(other).mount(&server).await;
        let one = client_of(&server).transport(|transport| hurried(transport).wire_log(WireLog::masked()));
        let pdf = Bytes::from_static(b"%PDF-CANARY0");
        let sent = one.build().unwrap().invoices().upload_pdf(&"CANARY0".into(), pdf).await;
        if let Err(error) = &sent {
            capture.error(error);
            assert_eq!(error.endpoint(), Some("PUT http://127.0.0.1/{}"));
        }
        assert_eq!(sent.is_ok(), status == 200);
    }
    let begun: UploadBegun = serde_json::from_str(r#"{"uploadId": "CANARY0", "url": "CANARY0"}"#).unwrap();
    capture.debug(&begun);
    capture.assert_shows_none_of(&["CANARY0"]);
}

/// The way of an integrator who knows better: other names, and the bytes go to ONe itself with the last call.
#[derive(Debug)]
struct Other;

#[async_trait]
impl Upload for Other {
    fn begin(&self, upload: &PdfUpload<'_>) -> Result<Extra, Error> {
        let mut fields = Extra::default();
        fields.set("documentNumber", &upload.number)?;
        fields.set("kind", &format!("{:?}", upload.of))?;
        Ok(fields)
    }

    async fn transfer(&self, _: &Transport, _: &PdfUpload<'_>, begun: &UploadBegun) -> Result<(), Error> {
        assert_eq!(begun.extra.value("part").unwrap(), 3);
        Ok(())
    }

    fn complete(&self, upload: &PdfUpload<'_>, begun: &UploadBegun) -> Result<Extra, Error> {
        let mut fields = Extra::default();
        fields.set("id", &begun.upload_id)?;
        fields.set("length", &upload.pdf.len())?;
        Ok(fields)
    }
}

#[tokio::test]
async fn another_way_replaces_every_part_that_is_not_documented() {
    let server = beginning(r#"{"uploadId": "u:1/ż", "part": 3}"#).await;
    let one = client_of(&server).upload(Other).build().unwrap();
    upload(&one, PdfOf::GoodsIssuedNote, PDF).await.unwrap();
    insta::assert_snapshot!(all_sent(&server).await);
}

#[rstest]
#[case::o11_of_an_invoice(PdfOf::Invoice, "invoices")]
#[case::o14_of_a_goods_issued_note(PdfOf::GoodsIssuedNote, "goods-issued-notes")]
#[case::of_a_goods_received_note(PdfOf::GoodsReceivedNote, "goods-received-notes")]
#[tokio::test]
async fn o11_o14_a_pdf_arrives_byte_for_byte_at_its_document_alone_and_is_replaced(
    #[case] of: PdfOf,
    #[case] shelf: &str,
) {
    let (simulator, one) = with_documents().await;
    upload(&one, of, PDF).await.unwrap();
    assert_eq!(simulator.pdf(shelf, NUMBER), Some(PDF));
    let shelves = ["invoices", "goods-issued-notes", "goods-received-notes"];
    assert_eq!(shelves.iter().filter(|shelf| simulator.pdf(shelf, NUMBER).is_some()).count(), 1);
    let newer = Bytes::from_static(b"%PDF-1.7 KSeF");
    upload(&one, of, newer.clone()).await.unwrap();
    assert_eq!(simulator.pdf(shelf, NUMBER), Some(newer));
    assert!(simulator.pdf(shelf, "WZ/9").is_none());
}

#[tokio::test]
async fn each_tenant_of_a_simulator_gets_its_own_pdf() {
    use one_client::invoices::PostInvoiceUploadBegin;

    let builder = Simulator::builder().another_tenant("żółty/2", "key-2".into());
    let simulator = builder.start().await.unwrap();
    let second = simulator.tenant_named("żółty/2").unwrap();
    let clients = [&*simulator, second].map(|tenant| tenant.client_builder().transport(hurried).build());
    let [first, other] = clients.map(Result::unwrap);
    for one in [&first, &other] {
        one.invoices().create(&Invoice::builder().number(NUMBER).build()).await.unwrap();
    }
    let mut fields = Extra::default();
    fields.set("number", &NUMBER).unwrap();
    fields.set("fileExtension", &"pdf").unwrap();
    // Under the id that the other tenant's upload will have.
    first.send(&PostInvoiceUploadBegin::new(fields)).await.unwrap();
    upload(&other, PdfOf::Invoice, PDF).await.unwrap();
    assert_eq!((simulator.pdf("invoices", NUMBER), second.pdf("invoices", NUMBER)), (None, Some(PDF)));
}

#[rstest]
#[case::o11_of_an_invoice(PdfOf::Invoice, "invoices", "/file-upload-begin", "/file-upload-complete")]
#[case::o14_of_a_goods_issued_note(
    PdfOf::GoodsIssuedNote,
    "goods-issued-notes",
    "/file-upload-initialize",
    "/file-upload-finalize"
)]
#[tokio::test]
async fn o11_o14_whatever_is_lost_on_the_way_the_error_says_which_step_and_anew_is_right(
    #[case] of: PdfOf,
    #[case] shelf: &str,
    #[case] begin: &str,
    #[case] complete: &str,
) {
    let (simulator, one) = with_documents().await;
    let faults = simulator.faults();
    let failed = async |fault: Fault, step: &str, applied: bool| {
        faults.add(fault);
        let error = upload(&one, of, PDF).await.unwrap_err();
        assert!(error.to_string().contains(step), "{error}");
        assert!(error.what_to_do().contains(ANEW), "{}", error.what_to_do());
        assert_eq!(error.may_have_been_applied(), applied, "{error}");
        assert_eq!(simulator.pdf(shelf, NUMBER).is_some(), applied, "{error}");
    };

    failed(Fault::on(begin).drop_after(), "step 1 of 3 (begin)", false).await;
    assert_eq!(faults.calls(begin), 1, "not repeated");
    failed(Fault::on(begin).cut_body(10), "step 1 of 3 (begin)", false).await;
    assert_eq!(faults.calls("/content"), 0);

    failed(Fault::on("/content").drop_before().times(4), "step 2 of 3 (the bytes)", false).await;
    assert_eq!(faults.calls("/content"), 4, "repeated as the policy says");
    failed(Fault::on("/content").refuse(403, "<Error>expired</Error>"), "step 2 of 3 (the bytes)", false)
        .await;
    assert_eq!(faults.calls(complete), 0);

    failed(Fault::on(complete).refuse(404, ""), "step 3 of 3 (complete)", false).await;
    failed(Fault::on(complete).drop_after(), "step 3 of 3 (complete)", true).await;
    assert_eq!(faults.calls(complete), 2, "not repeated");

    // Cut once while it travels: nobody notices.
    faults.add(Fault::on("/content").drop_after());
    let newer = Bytes::from_static(b"%PDF-1.7 nowa");
    upload(&one, of, newer.clone()).await.unwrap();
    assert_eq!(simulator.pdf(shelf, NUMBER), Some(newer));
}

#[tokio::test]
async fn the_pdf_of_an_unknown_document_is_refused_at_the_first_step_with_the_servers_own_advice() {
    let (simulator, one) = with_documents().await;
    let error = one.invoices().upload_pdf(&"FV/99".into(), PDF).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("step 1 of 3") && !error.what_to_do().contains(ANEW), "{error}");
    assert_eq!(simulator.faults().calls("/content"), 0);
}

/// Stops before the bytes go, or lets them go twice.
#[derive(Debug)]
struct Careless(usize);

#[async_trait]
impl Upload for Careless {
    fn begin(&self, upload: &PdfUpload<'_>) -> Result<Extra, Error> {
        one_client::PutToUploadUrl::default().begin(upload)
    }

    async fn transfer(
        &self,
        http: &Transport,
        upload: &PdfUpload<'_>,
        begun: &UploadBegun,
    ) -> Result<(), Error> {
        for _ in 0..self.0 {
            one_client::PutToUploadUrl::default().transfer(http, upload, begun).await?;
        }
        Ok(())
    }

    fn complete(&self, upload: &PdfUpload<'_>, begun: &UploadBegun) -> Result<Extra, Error> {
        one_client::PutToUploadUrl::default().complete(upload, begun)
    }
}

#[tokio::test]
async fn the_simulator_completes_no_upload_without_bytes_and_takes_them_more_than_once() {
    let (simulator, _) = with_documents().await;
    let client =
        |times| simulator.client_builder().transport(hurried).upload(Careless(times)).build().unwrap();
    let error = upload(&client(0), PdfOf::Invoice, PDF).await.unwrap_err();
    assert_eq!(error.status(), Some(409));
    assert!(error.to_string().contains("step 3 of 3"), "{error}");
    assert!(!error.what_to_do().contains(ANEW), "the same again gives the same: {}", error.what_to_do());
    assert!(simulator.pdf("invoices", NUMBER).is_none());
    upload(&client(2), PdfOf::Invoice, PDF).await.unwrap();
    assert_eq!(simulator.pdf("invoices", NUMBER), Some(PDF));
}

#[tokio::test]
async fn an_address_of_the_simulator_is_for_its_query_alone_without_a_key_until_the_upload_is_completed() {
    use http::{HeaderMap, HeaderValue, Method};
    use one_client::invoices::{PostInvoiceUploadBegin, PostInvoiceUploadComplete};
    use one_client::{Effect, Url};

    let (_simulator, one) = with_documents().await;
    let mut fields = Extra::default();
    fields.set("number", &NUMBER).unwrap();
    fields.set("fileExtension", &"exe").unwrap();
    let error = one.send(&PostInvoiceUploadBegin::new(fields.clone())).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    fields.set("fileExtension", &"PDF").unwrap();
    let begun = one.send(&PostInvoiceUploadBegin::new(fields)).await.unwrap();
    let address = begun.extra.value("uploadUrl").unwrap().as_str().unwrap().to_owned();
    let put = async |address: &str, name: &'static str, value: &'static str| {
        let mut headers =
            HeaderMap::from_iter([(http::header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"))]);
        headers.insert(name, HeaderValue::from_static(value));
        let place = one.transport().elsewhere(Url::parse(address).unwrap()).unwrap();
        let sent = place.send(Method::PUT, Effect::Idempotent, headers, Some(PDF)).await;
        sent.map_or_else(|error| error.status().unwrap(), |_| 200)
    };
    assert_eq!(put(&address, "apiauth", "simulated-key").await, 400);
    assert_eq!(put(&address, "content-type", "text/plain").await, 415);
    assert_eq!(put(&address.replace("%2F", "/"), "x-any", "1").await, 403);
    assert_eq!(put(&address, "x-any", "1").await, 200);

    let mut fields = Extra::default();
    fields.set("uploadId", &begun.upload_id).unwrap();
    fields.set("number", &"FV/other").unwrap();
    let complete = async |fields: &Extra| {
        let sent = one.send(&PostInvoiceUploadComplete::new(fields.clone())).await;
        sent.map_or_else(|error| error.status().unwrap(), |()| 200)
    };
    assert_eq!(complete(&fields).await, 400);
    fields.set("number", &NUMBER).unwrap();
    assert_eq!(complete(&fields).await, 200);
    assert_eq!(complete(&fields).await, 404);
    assert_eq!(put(&address, "x-any", "1").await, 403);
}

#[tokio::test]
async fn bytes_go_to_allowed_hosts_alone() {
    let (simulator, _) = with_documents().await;
    let client = |host: &str| {
        let upload = one_client::PutToUploadUrl::only_to([host]);
        simulator.client_builder().transport(hurried).upload(upload).build().unwrap()
    };
    let error = upload(&client("files.one.example"), PdfOf::Invoice, PDF).await.unwrap_err();
    assert!(error.to_string().contains("host that is not allowed"), "{error}");
    assert_eq!(simulator.faults().calls("/content"), 0);
    upload(&client("127.0.0.1"), PdfOf::Invoice, PDF).await.unwrap();
}

//! Endpoints of the service `goods-issued-notes`.

use crate::endpoints::{CONTENT, Check};
use crate::wire::{answering, sent};
use crate::{client_of, decimal, simulated};
use api_transport::simulation::Fault;
use chrono::NaiveDate;
use one_client::goods_notes::{
    GetGoodsNote, GoodsNote, GoodsNoteAddress, GoodsNoteAmounts, GoodsNoteCost, GoodsNoteKind, GoodsNoteLine,
    GoodsNoteLinePrices, GoodsNoteManufacturer, GoodsNotePrices, GoodsNoteProduct, IdAndName, Issued,
    PostGoodsNoteUploadFinalize, PostGoodsNoteUploadInitialize, PutGoodsNote, Received,
};
use one_client::{Endpoint, ErrorKind, Extra};
use rstest::rstest;

const NUMBER: &str = "WZ/01:Łódź/2022";

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    endpoints_of::<Issued>(check).await;
    endpoints_of::<Received>(check).await;
}

async fn endpoints_of<K: GoodsNoteKind>(check: &impl Check) {
    let product = GoodsNoteProduct::builder().sku(CONTENT).name(CONTENT).build();
    let line = GoodsNoteLine::builder().notes(CONTENT).product(product).build();
    let note = GoodsNote::builder().number(CONTENT).client_id(CONTENT).product_lines(vec![line]).build();
    let answer = format!(r#"{{"number":"{CONTENT}","notes":"{CONTENT}","productLines":[]}}"#);
    check.endpoint(&PutGoodsNote::<K>::new(&note).unwrap(), "").await;
    check.endpoint(&GetGoodsNote::<K>::new(CONTENT), &answer).await;

    let mut fields = Extra::default();
    fields.set("number", &CONTENT).unwrap();
    let begun = format!(r#"{{"uploadId":"{CONTENT}","uploadUrl":"{CONTENT}"}}"#);
    check.endpoint(&PostGoodsNoteUploadInitialize::<K>::new(fields.clone()), &begun).await;
    check.endpoint(&PostGoodsNoteUploadFinalize::<K>::new(fields), "").await;
}

/// Every field of the glossary.
fn whole() -> GoodsNote {
    let amounts =
        |net: &str, gross: &str, tax: &str| GoodsNoteAmounts::new(decimal(net), decimal(gross), decimal(tax));
    let cost = GoodsNoteCost::builder()
        .kind("weee_surcharge")
        .item(amounts("0.50", "0.62", "0.12"))
        .line(amounts("2.00", "2.46", "0.46"))
        .build();
    let prices = GoodsNoteLinePrices::builder()
        .tax_rate(decimal("0.23"))
        .discount(decimal("10"))
        .additional_costs(vec![cost])
        .base(amounts("410.00", "504.30", "94.30"))
        .build();
    let product = GoodsNoteProduct::builder()
        .gtin("5900000000000")
        .sku("ŁOŻYSKO/6204:A")
        .manufacturer_index("6204-2RS")
        .name("Łożysko kulkowe")
        .pkwiu("28.15.10")
        .unit("szt.")
        .manufacturer(GoodsNoteManufacturer::builder().name("Żubr").build())
        .build();
    let line = GoodsNoteLine::builder()
        .line_number(1)
        .sales_order_line_number("OF/22/8/2022/01/01")
        .sales_order_reference_number("OF/22/8/2022")
        .notes("ostrożnie")
        .quantity(decimal("4.000"))
        .product(product)
        .prices(prices)
        .build();
    let address = GoodsNoteAddress::builder().name("Zażółć sp. z o.o.").street("Gęsia 1/2").city("Wrocław");
    GoodsNote::builder()
        .number(NUMBER)
        .client_id("org:00000000-0000-4000-8000-000000000005")
        .notes("proszę dzwonić")
        .purchase_order_number("ZAM 7/2022")
        .maybe_document_date(NaiveDate::from_ymd_opt(2022, 3, 1))
        .maybe_sale_date(NaiveDate::from_ymd_opt(2022, 3, 1))
        .maybe_delivery_date(NaiveDate::from_ymd_opt(2022, 3, 2))
        .product_lines(vec![line])
        .delivery_address(address.post_code("50-001").country("PL").build())
        .payment_method(IdAndName::new("1", "przelew"))
        .delivery_method(IdAndName::new("2", "kurier"))
        .warehouse(IdAndName::new("WRO/1", "Główny"))
        .operator(IdAndName::new("7", "Świętosława"))
        .prices(GoodsNotePrices::builder().total(amounts("1642.00", "2019.66", "377.66")).build())
        .build()
}

fn referring(numbers: &[Option<u32>]) -> GoodsNote {
    let line = |number: &Option<u32>| {
        let line = GoodsNoteLine::builder().maybe_line_number(*number);
        line.sales_order_reference_number("OF/22/8/2022").build()
    };
    GoodsNote::builder().number(NUMBER).product_lines(numbers.iter().map(line).collect()).build()
}

#[tokio::test]
async fn a_note_is_put_with_all_it_has_to_the_path_of_its_kind() {
    let server = answering("").await;
    client_of(&server).build().unwrap().goods_issued_notes().save(&whole()).await.unwrap();
    insta::assert_snapshot!(sent(&server).await);

    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    one.goods_received_notes().save(&GoodsNote::builder().number("WZK/1").build()).await.unwrap();
    let sent = sent(&server).await;
    let path = "PUT /api/v1/goods-issued-notes/integrations/auth-required/goods-received-notes\n";
    assert!(sent.starts_with(path) && sent.ends_with("\n\n{\"number\":\"WZK/1\"}"), "{sent}");
}

#[tokio::test]
async fn a_note_is_asked_for_by_number_and_read_whatever_is_null_or_new() {
    let answer = r#"{"number": "WZ/1", "clientId": null, "documentDate": "2022-03-01T08:00:00Z", "colour": 1.50, "prices": null,
        "productLines": [
            {"lineNumber": "1", "salesOrderLineNumber": 3, "quantity": "2.50", "base": {"net": 1.10}, "prices": {"additionalCosts": null}},
            {"lineNumber": null, "product": {"gtin": 5900000000000}}
        ]}"#;
    let server = answering(answer).await;
    let one = client_of(&server).build().unwrap();
    let note = one.goods_issued_notes().get(&"WZ/1:ż".into()).await.unwrap();
    assert_eq!((note.document_date, note.client_id), (NaiveDate::from_ymd_opt(2022, 3, 1), None));
    assert_eq!(note.extra.json("colour"), Some("1.50"));
    let [first, second] = &note.product_lines[..] else { panic!("two lines") };
    assert_eq!((first.line_number, first.quantity), (Some(1), Some(decimal("2.50"))));
    assert_eq!(first.sales_order_line_number.as_deref(), Some("3"));
    assert_eq!(first.extra.json("base"), Some("{\"net\": 1.10}"), "where it stands is not known for certain");
    assert_eq!(second.product.as_ref().unwrap().gtin.as_deref(), Some("5900000000000"));
    let sent = sent(&server).await;
    let expected = "GET /api/v1/goods-issued-notes/integrations/auth-required/goods-issued-notes?number=WZ%2F1%3A%C5%BC\n";
    assert!(sent.starts_with(expected), "{sent}");

    let server = answering(r#"{"number": "WZK/1"}"#).await;
    let one = client_of(&server).build().unwrap();
    one.goods_received_notes().get(&"WZK/1".into()).await.unwrap();
    let sent = crate::wire::sent(&server).await;
    let expected =
        "GET /api/v1/goods-issued-notes/integrations/auth-required/goods-received-notes?number=WZK%2F1\n";
    assert!(sent.starts_with(expected), "{sent}");
}

#[rstest]
#[case(r#"{"notes": "dzwonić"}"#, "missing field `number`")]
#[case(r#"{"number": "1", "productLines": [{"lineNumber": 1.5}]}"#, "productLines[0].lineNumber")]
#[case(r#"{"number": "1", "prices": {"total": {"net": "1,50"}}}"#, "prices.total.net")]
fn a_note_that_cannot_be_read_is_an_error_that_names_the_place(#[case] answer: &str, #[case] place: &str) {
    let error = GetGoodsNote::<Issued>::new("1").decode(answer.as_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains(place) && !error.to_string().contains("dzwonić"), "{error}");
}

#[rstest]
#[case::from_zero(&[Some(0), Some(1)], false)]
#[case::from_two(&[Some(2)], false)]
#[case::none(&[None], false)]
#[case::from_one(&[Some(1), Some(2)], true)]
#[case::in_another_order(&[Some(2), Some(1)], true)]
#[tokio::test]
async fn line_numbers_start_at_1_where_the_note_refers_to_an_order_or_nothing_is_sent(
    #[case] numbers: &[Option<u32>],
    #[case] is_sent: bool,
) {
    let (simulator, one) = simulated().await;
    let note = referring(numbers);
    for (saved, path) in [
        (one.goods_issued_notes().save(&note).await, "/goods-issued-notes"),
        (one.goods_received_notes().save(&note).await, "/goods-received-notes"),
    ] {
        assert_eq!(simulator.faults().calls(path), u64::from(is_sent));
        if let Err(error) = saved {
            assert_eq!((error.kind(), is_sent), (ErrorKind::Invalid, false));
            assert!(error.to_string().contains("line numbers must start at 1"), "{error}");
        }
    }
}

#[test]
fn a_note_without_an_order_may_number_its_lines_as_it_likes() {
    let line = GoodsNoteLine::builder().line_number(7).build();
    GoodsNote::builder().number(NUMBER).product_lines(vec![line]).build().check().unwrap();
}

#[test]
fn notes_show_number_and_ids_and_no_content() {
    let note = whole();
    let line = &note.product_lines[0];
    let (product, prices) = (line.product.as_ref().unwrap(), line.prices.as_ref().unwrap());
    let shown = format!(
        "{note:?} {line:?} {product:?} {prices:?} {:?} {:?} {:?} {:?} {:?}",
        prices.additional_costs, prices.base, note.prices, note.delivery_address, note.operator,
    );
    for id in [NUMBER, "ŁOŻYSKO/6204:A", "weee_surcharge"] {
        assert!(shown.contains(id), "{id} is missing in {shown}");
    }
    for content in ["Zażółć", "Gęsia", "410", "1642", "Świętosława", "dzwonić", "ZAM 7", "ostrożnie"]
    {
        assert!(!shown.contains(content), "{content} in {shown}");
    }
}

#[tokio::test]
async fn o13_a_note_arrives_with_every_digit_is_read_back_and_replaced() {
    let (simulator, one) = simulated().await;
    simulator.faults().add(Fault::on("/goods-issued-notes").drop_after());
    one.goods_issued_notes().save(&whole()).await.unwrap();
    assert_eq!(simulator.faults().calls("/goods-issued-notes"), 2, "a PUT is repeated");
    assert_eq!(simulator.records("goods-issued-notes").len(), 1);
    let kept = simulator.record("goods-issued-notes", NUMBER).unwrap();
    assert!(kept.contains(r#""quantity":4.000"#) && kept.contains(r#""postCode":"50-001""#), "{kept}");
    assert_eq!(one.goods_issued_notes().get(&NUMBER.into()).await.unwrap(), whole());

    let replaced = GoodsNote::builder().number(NUMBER).notes("żółta").build();
    one.goods_issued_notes().save(&replaced).await.unwrap();
    assert_eq!(one.goods_issued_notes().get(&NUMBER.into()).await.unwrap(), replaced);
    let error = one.goods_received_notes().get(&NUMBER.into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "the kinds are told apart");
    let nameless = GoodsNote::builder().number("").build();
    assert_eq!(one.goods_issued_notes().save(&nameless).await.unwrap_err().status(), Some(400));
}

//! Endpoints of the service `orders`, and reading an order shipment.

mod rows;

use crate::endpoints::{CONTENT, Check};
use crate::payloads::same_json;
use crate::wire::{answering, sent};
use crate::{client_of, decimal};
use chrono::NaiveDate;
use one_client::orders::{
    AuthorizedPerson, DeliveryType, GetOrderFeed, GetOrderShipment, OfflineCost, OfflineLine,
    OfflineLinePrice, OfflineOrder, OfflinePaymentMethod, OfflinePrice, Organization, PaymentType,
    PutOfflineOrder, PutOrderStatus, Shipment, StatusChange,
};
use one_client::{Decimal, Endpoint, ErrorKind, Extra, FeedPosition, Packing};
use rstest::rstest;

const FIXTURE: &str = include_str!("../fixtures/order_shipment.json");

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let event = format!(r#"{{"orderId":"{CONTENT}","shipmentId":"{CONTENT}","eventType":"ADDED"}}"#);
    let feed = GetOrderFeed::builder().start_id(FeedPosition::new(15)).build();
    check.endpoint(&feed, &format!(r#"{{"nextId":16,"events":[{event}]}}"#)).await;

    let line = r#"{"sku":"1","quantityOrderedInContentUnit":1,"price":{"netContentUnitPrice":1}}"#;
    let answer = format!(r#"{{"id":"1","orderId":"1","productLines":[{line}],"notes":"{CONTENT}"}}"#);
    let shipment = GetOrderShipment::builder().order_id(CONTENT).shipment_id(CONTENT).build();
    check.endpoint(&shipment, &answer).await;

    let change = StatusChange::new(CONTENT, CONTENT).with_order_id(CONTENT);
    check.endpoint(&PutOrderStatus::new(&change), "{}").await;

    let order = offline_order(CONTENT);
    check.endpoint(&PutOfflineOrder::new(&order), "{}").await;
}

/// An order placed at the counter, all its texts being this one.
pub(crate) fn offline_order(text: &str) -> OfflineOrder {
    let mut price_extra = Extra::default();
    price_extra.set_decimal("netValue", decimal("410.00"));
    let line_price = OfflineLinePrice::builder()
        .catalog_price_discount(decimal("12.5"))
        .gross_value(decimal("504.30"))
        .net_catalog_price(decimal("117.1428571428571428571428571"))
        .extra(price_extra)
        .build();
    let line = OfflineLine::builder()
        .sku(text)
        .quantity_ordered_in_content_unit(decimal("4"))
        .quantity_shipped(decimal("0"))
        .content_unit_code(text)
        .content_unit_name(text)
        .line_number(text)
        .name(text)
        .manufacturer_index(text)
        .manufacturer_name(text)
        .notes(text)
        .last_change("2026-11-21T12:30:00.25Z".parse().unwrap())
        .price(line_price)
        .build()
        .with_packing(Packing::new(Decimal::TWO).unwrap())
        .unwrap();
    let cost =
        OfflineCost::builder().kind(text).net(decimal("23")).tax(decimal("5.29")).gross(decimal("28.29"));
    let price = OfflinePrice::builder()
        .delivery_net(decimal("0"))
        .delivery_gross(decimal("0.00"))
        .products_net(decimal("410.00"))
        .products_gross(decimal("504.30"))
        .additional_costs(vec![cost.build()])
        .total_net(decimal("433.00"))
        .total_tax(decimal("99.59"))
        .total_gross(decimal("532.59"))
        .build();
    let person = AuthorizedPerson::builder().user_id(text).name(text).email(text).phone(text).build();
    OfflineOrder::builder()
        .id(text)
        .order_id(text)
        .organization(Organization::new(text).with_external_id(text))
        .price(price)
        .payment_method(OfflinePaymentMethod::new(text).with_id(text).with_external_id(text))
        .product_lines(vec![line])
        .authorized_people(vec![person])
        .notes(text)
        .build()
}

fn read(json: &str) -> one_client::Result<Shipment> {
    GetOrderShipment::builder()
        .order_id("OF/22/8/2022")
        .shipment_id("OF/22/8/2022/01")
        .build()
        .decode(json.as_bytes())
}

#[test]
fn a_shipment_is_read_exactly_and_unknown_fields_are_kept_on_every_level() {
    let shipment = read(FIXTURE).unwrap();
    assert_eq!(shipment.order_id.as_str(), "OF/22/8/2022");
    assert_eq!(shipment.customer_purchase_number.as_deref(), Some("ZAM 7/2022"));
    let organization = shipment.organization.as_ref().unwrap();
    assert_eq!(organization.external_id.as_deref(), Some("1001"));

    let line = &shipment.product_lines[0];
    assert_eq!(line.name.as_deref(), Some("Łożysko kulkowe"));
    assert_eq!(line.quantity_ordered_in_content_unit, decimal("4"));
    assert_eq!(line.last_change.unwrap().to_rfc3339(), "2022-11-08T12:30:00+00:00");
    assert_eq!(line.extra.names().collect::<Vec<_>>(), ["appliedCampaigns", "currentInfo"]);
    assert_eq!(line.extra.value("currentInfo").unwrap()["slug"], "sku-a");

    assert_eq!(line.price.net_content_unit_price, decimal("410"));
    assert_eq!(line.price.catalog_price_discount, Some(decimal("59")));
    assert_eq!(line.price.base_price_net, None);
    assert_eq!(line.price.extra.decimal("roundingDifference"), Some(decimal("0.1000000000000000055")));
    let cost = &line.price.additional_costs[0];
    assert_eq!(cost.kind.as_deref(), Some("weee_surcharge"));
    assert_eq!(cost.content_unit_gross, Some(decimal("28.29")));
    assert!(cost.extra.is_empty());

    let delivery = shipment.delivery_method.as_ref().unwrap();
    assert_eq!(delivery.kind, Some(DeliveryType::ClickAndCollect));
    assert_eq!(delivery.delivery_date_required, NaiveDate::from_ymd_opt(2022, 11, 9));
    let payment = shipment.payment_method.as_ref().unwrap();
    assert_eq!(payment.price.as_ref().unwrap().gross, None);
    assert_eq!(payment.kind, Some(PaymentType::Prepaid));
    assert_eq!(shipment.notes.as_deref(), Some("proszę dzwonić"));
    assert!(shipment.extra.is_empty());
}

#[rstest]
#[case("\"productLines\"", "\"lines\"", "missing field `productLines`")]
#[case("\"netContentUnitPrice\": 410", "\"x\": 1", "productLines[0].price")]
#[case(
    "\"quantityOrderedInContentUnit\": 4",
    "\"quantityOrderedInContentUnit\": null",
    "an exact decimal number"
)]
#[case(
    "\"netContentUnitPrice\": 410",
    "\"netContentUnitPrice\": \"410,00\"",
    "productLines[0].price.netContentUnitPrice"
)]
#[case(
    "\"deliveryDateRequired\": \"2022-11-09\"",
    "\"deliveryDateRequired\": \"9.11.22\"",
    "deliveryMethod.deliveryDateRequired"
)]
fn what_an_order_cannot_do_without_is_an_error_that_names_the_place(
    #[case] find: &str,
    #[case] replace: &str,
    #[case] place: &str,
) {
    let spoilt = FIXTURE.replace(find, replace);
    assert_ne!(spoilt, FIXTURE);
    let error = read(&spoilt).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let shown = format!("{error} {error:?}");
    assert!(shown.contains(place), "{shown}");
    assert!(!shown.contains("dzwonić") && !shown.contains("410") && !shown.contains("9.11"), "{shown}");
}

#[test]
fn all_four_spellings_of_the_postal_code_are_read_and_debug_shows_no_content() {
    for name in ["zipCode", "zip", "postalCode", "postCode"] {
        let address = format!(r#""address": {{"name": "Zażółć", "{name}": "50-001", "floor": 3}}"#);
        let shipment = read(&FIXTURE.replace(r#""address": null"#, &address)).unwrap();
        let address = shipment.delivery_method.as_ref().unwrap().address.as_ref().unwrap();
        assert_eq!(address.zip_code.as_deref(), Some("50-001"));
        assert_eq!(address.extra.json("floor"), Some("3"));
        let shown = format!("{shipment:?} {:?} {address:?}", shipment.product_lines);
        for content in ["Zażółć", "50-001", "dzwonić", "ZAM 7", "410", "Łożysko"] {
            assert!(!shown.contains(content), "{content} in {shown}");
        }
    }
}

#[test]
fn an_order_shipment_encodes_to_what_came_and_invents_no_nulls() {
    // `externalId` came as a number and one amount as a text: written they are a text and a number.
    let tidy =
        FIXTURE.replace("\"externalId\": 1001", "\"externalId\": \"1001\"").replace("\"28.29\"", "28.29");
    same_json(&tidy, &read(&tidy).unwrap());

    let line = r#"{"sku":"1","quantityOrderedInContentUnit":1.50,"price":{"netContentUnitPrice":0.10}}"#;
    let bare = read(&format!(r#"{{"id":"S/1","orderId":"S","productLines":[{line}]}}"#)).unwrap();
    let line = r#"{"sku":"1","quantityOrderedInContentUnit":1.50,"notes":null,"price":{"netContentUnitPrice":0.10,"additionalCosts":[]}}"#;
    let nulls = r#""orderCouponCode":null,"customerPurchaseNumber":null"#;
    same_json(&format!(r#"{{"id":"S/1","orderId":"S",{nulls},"productLines":[{line}]}}"#), &bare);
}

#[tokio::test]
async fn the_status_of_a_shipment_is_put_under_the_service_that_was_set() {
    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    let change =
        StatusChange::new("OF/22/8/2022/01", "WYDANO Z MAGAZYNU – część").with_order_id("OF/22/8/2022");
    one.orders().update_status(&change).await.unwrap();
    insta::assert_snapshot!(sent(&server).await);

    let server = answering("").await;
    let one = client_of(&server).order_service("account").build().unwrap();
    let mut extra = Extra::default();
    extra.set("comment", &"odbiór własny").unwrap();
    one.orders().update_status(&StatusChange::new("OF/1/01", "X").with_extra(extra)).await.unwrap();
    let sent = sent(&server).await;
    assert!(sent.starts_with("PUT /api/v1/account/integrations/auth-required/order/status\n"), "{sent}");
    let body = r#"{"shipmentId":"OF/1/01","status":"X","comment":"odbiór własny"}"#;
    assert!(sent.ends_with(body), "{sent}");
}

#[tokio::test]
async fn an_offline_order_is_put_with_every_digit_and_with_what_is_unknown() {
    let server = answering("").await;
    let mut order = offline_order("ZO/7/2026: zażółć");
    order.extra.set("deliveryDate", &"2026-11-23").unwrap();
    client_of(&server).build().unwrap().offline_orders().save(&order).await.unwrap();
    insta::assert_snapshot!(sent(&server).await);
}

#[test]
fn an_offline_order_says_what_is_required_and_no_more_and_shows_no_content() {
    let price = OfflinePrice::builder()
        .delivery_net(decimal("0"))
        .products_net(decimal("1"))
        .total_net(decimal("1"))
        .total_tax(decimal("0.23"))
        .total_gross(decimal("1.23"))
        .build();
    let order = OfflineOrder::builder()
        .id("ZO/7/01")
        .order_id("ZO/7")
        .organization(Organization::new("5"))
        .price(price)
        .payment_method(OfflinePaymentMethod::new("gotówka"))
        .product_lines(vec![
            OfflineLine::builder().sku("A").quantity_ordered_in_content_unit(decimal("1")).build(),
        ])
        .build();
    let price = r#"{"deliveryNet":0,"productsNet":1,"totalGross":1.23,"totalNet":1,"totalTax":0.23}"#;
    let line = r#"{"sku":"A","quantityOrderedInContentUnit":1}"#;
    let json = format!(
        r#"{{"id":"ZO/7/01","orderId":"ZO/7","organization":{{"id":"5"}},"price":{price},
            "paymentMethod":{{"name":"gotówka"}},"productLines":[{line}]}}"#
    );
    same_json(&json, &order);

    let full = offline_order(CONTENT);
    let (line, person) = (&full.product_lines[0], &full.authorized_people[0]);
    for shown in [
        format!("{:?}", full.price),
        format!("{:?}", full.price.additional_costs),
        format!("{:?}", line.price),
    ] {
        assert!(!shown.contains("CANARY0") && !shown.contains('2'), "{shown}");
    }
    let shown = format!("{order:?} {:?} {:?}", order.product_lines, order.payment_method);
    assert!(shown.contains("ZO/7/01") && shown.contains("\"A\"") && !shown.contains("gotówka"), "{shown}");
    assert!(!format!("{line:?}").contains("2026") && !format!("{person:?}").contains("email"));
}

#[test]
fn an_offline_line_that_is_not_whole_in_order_units_is_refused() {
    let line = OfflineLine::builder().sku("A").quantity_ordered_in_content_unit(decimal("5")).build();
    assert_eq!(line.quantity_ordered, None);
    let error = line.with_packing(Packing::new(Decimal::TWO).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

//! Endpoints of the service `orders`, and reading an order shipment.

use crate::decimal;
use crate::endpoints::{CONTENT, Check};
use chrono::NaiveDate;
use one_client::orders::{DeliveryType, GetOrderFeed, GetOrderShipment, Shipment};
use one_client::{Endpoint, ErrorKind, FeedPosition};
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
    assert_eq!(payment.extra.value("type").unwrap(), "PREPAID");
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

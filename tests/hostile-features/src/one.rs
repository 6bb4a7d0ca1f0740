//! Requests and answers of ONe.

use one_client::account::{ClientRecord, PutTradeCredit, TradeCredit, TradeCreditData};
use one_client::catalog::{PluginData, PostPluginDataByProduct, Product};
use one_client::orders::{GetOrderFeed, GetOrderShipment, OrderEventType, Shipment};
use one_client::pricehelper::{Bonus, MinimalPrice, PurchasePrice};
use one_client::pricing::{ClientToPricing, DiscountLine, MarkupLine, Price, PutRetailPrices, RetailPrice};
use one_client::rma::Complaint;
use one_client::stock::{PostStocksIncremental, StockChange};
use one_client::{Endpoint, FeedPosition, Json, WarehouseId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::values::{LONG, decimal};

fn sent(call: &impl Endpoint) -> String {
    String::from_utf8(call.body().unwrap().unwrap().to_vec()).unwrap()
}

#[test]
fn stocks_and_prices_are_sent_with_their_digits() {
    let warehouse = WarehouseId::from("WRO");
    let changes = [StockChange::set("A", decimal(LONG)), StockChange::remove("B")];
    assert_eq!(
        sent(&PostStocksIncremental::new(&warehouse, &changes)),
        format!(r#"{{"stocks":[{{"id":"A","sku":"A","quantity":{LONG}}}],"stocksToRemove":["B"]}}"#)
    );
    let prices = [RetailPrice::new("A", decimal(LONG)), RetailPrice::new("B", decimal("0.10"))];
    assert_eq!(
        sent(&PutRetailPrices::new(&prices)),
        format!(r#"[{{"price":{LONG},"productId":"A"}},{{"price":0.10,"productId":"B"}}]"#)
    );
}

#[test]
fn a_credit_is_sent_with_its_digits_also_in_fields_that_nobody_knows() {
    let mut extra = one_client::Extra::default();
    extra.set_decimal("limit", decimal(LONG));
    let credit = TradeCreditData::new(decimal(LONG)).with_used(decimal("0.10")).with_extra(extra);
    assert_eq!(
        sent(&PutTradeCredit::builder().organization_id(&"1".into()).credit(&credit).build()),
        format!(r#"{{"creditValue":{LONG},"creditValueUsed":0.10,"limit":{LONG}}}"#)
    );
}

#[test]
fn an_order_is_read_with_its_digits() {
    let call = GetOrderShipment::builder().order_id("1").shipment_id("1").build();
    let answer = format!(
        r#"{{"id":"1","orderId":"1","organization":{{"id":"2","externalId":1001}},"productLines":[{{"sku":"A","lineNumber":7,"quantityOrderedInContentUnit":{LONG},
           "price":{{"netContentUnitPrice":"{LONG}","netValue":1e-2,"roundingDifference":0.1000000000000000055,
           "additionalCosts":[{{"type":"weee","contentUnitNet":{LONG}}}]}},"nowe":{LONG}}}],
           "deliveryMethod":{{"id":"3","type":"COURIER","cost":{{"net":{LONG},"tax":0,"gross":{LONG}}}}}}}"#
    );
    let shipment = call.decode(answer.as_bytes()).unwrap();
    let line = &shipment.product_lines[0];
    assert_eq!(line.quantity_ordered_in_content_unit.to_string(), LONG);
    assert_eq!(line.price.net_content_unit_price.to_string(), LONG);
    assert_eq!(line.price.net_value.unwrap().to_string(), "0.01");
    assert_eq!(line.price.additional_costs[0].content_unit_net.unwrap().to_string(), LONG);
    assert_eq!(line.line_number.as_deref(), Some("7"));
    assert_eq!(line.extra.decimal("nowe"), Some(decimal(LONG)));
    assert_eq!(line.price.extra.json("roundingDifference"), Some("0.1000000000000000055"));
    assert_eq!(shipment.organization.unwrap().external_id.as_deref(), Some("1001"));
    assert_eq!(shipment.delivery_method.unwrap().cost.unwrap().net.to_string(), LONG);
}

#[test]
fn the_feed_is_read() {
    let call = GetOrderFeed::builder().start_id(FeedPosition::new(15)).build();
    let body = include_str!("../../../one-client/tests/fixtures/order_feed.json");
    let page = call.decode(body.as_bytes()).unwrap();
    assert_eq!((page.next_id, page.events.len()), (FeedPosition::new(16), 1));
    assert_eq!(page.events[0].as_ref().unwrap().event_type, OrderEventType::ChangedPayment);
}

fn again<T: Serialize + DeserializeOwned>(json: &str) {
    let record: T = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&record).unwrap(), json);
}

/// A field nobody knows: digits and spaces that no reader would write again.
const NEW: &str = r#"{"b": 1.50, "a": [1e400, 0.1000000000000000055, "ż"]}"#;

#[test]
fn records_are_written_as_they_were_read_with_every_digit_known_and_unknown() {
    again::<ClientRecord>(&format!(
        r#"{{"clientId":"org:1","address":{{"city":"Łódź","nowe":{NEW}}},"limit":{LONG},"nowe":{NEW}}}"#
    ));
    again::<TradeCredit>(&format!(r#"{{"creditValue":{LONG},"availableCreditValue":0.10,"nowe":{NEW}}}"#));
    again::<Complaint>(&format!(
        r#"{{"id":"1","createDate":"2022-04-04 08:15:20","clientId":"org:1","items":[{{"positionOnInvoice":1,"productSku":"A","quantityOnInvoice":{LONG},"advertisedQuantity":0.10,"nowe":{NEW}}}],"inne":{LONG},"nowe":{NEW}}}"#
    ));
    again::<Product>(&format!(
        r#"{{"id":"A","createdBy":{NEW},"catalogIndex":null,"productSeries":null,"multivalueAttributes":[{{"valueType":"NUMERIC","values":[{{"value":{LONG}}},{{"value":1.50,"nowe":{NEW}}}]}}],"weight":{LONG}}}"#
    ));
    again::<PluginData>(&format!(r#"{{"pluginId":"p","productId":"A","metadata":{NEW},"nowe":{LONG}}}"#));
}

#[test]
fn lines_of_prices_are_written_as_they_were_read_with_every_digit() {
    again::<Price>(&format!(r#"{{"price":{LONG},"pricingId":"p","productId":"A"}}"#));
    again::<DiscountLine>(&format!(
        r#"{{"discount":{{"type":"FLAT_VALUE","value":{LONG}}},"pricingId":"p","productGroupId":"g"}}"#
    ));
    again::<MarkupLine>(&format!(r#"{{"markup":{{"value":{LONG}}},"pricingId":"p","productId":"A"}}"#));
    again::<ClientToPricing>(r#"{"clientId":"org:1","pricingId":"p"}"#);
    again::<MinimalPrice>(&format!(r#"{{"skuId":"A","levels":{{"a":{LONG},"ż":1.50}},"nowe":{NEW}}}"#));
    again::<Bonus>(&format!(r#"{{"skuId":"A","bonuses":{{"a":{LONG}}},"nowe":{NEW}}}"#));
    again::<PurchasePrice>(&format!(r#"{{"default":{LONG},"perWarehouse":{{"WRO/1":1.50}},"skuId":"A"}}"#));
}

#[test]
fn what_a_shipment_has_besides_is_written_again_digit_for_digit() {
    let line = format!(
        r#"{{"sku":"A","quantityOrderedInContentUnit":{LONG},"price":{{"netContentUnitPrice":{LONG},"nowe":{NEW}}},"nowe":{NEW}}}"#
    );
    let json = format!(r#"{{"id":"1","orderId":"1","productLines":[{line}],"nowe":{NEW}}}"#);
    let shipment: Shipment = serde_json::from_str(&json).unwrap();
    let written = serde_json::to_string(&shipment).unwrap();
    assert_eq!(written.matches(&format!(r#""nowe":{NEW}"#)).count(), 3, "{written}");
    assert!(written.contains(&format!(r#""quantityOrderedInContentUnit":{LONG}"#)), "{written}");
    assert!(written.contains(&format!(r#""netContentUnitPrice":{LONG}"#)), "{written}");
    assert_eq!(serde_json::from_str::<Shipment>(&written).unwrap(), shipment);
}

#[test]
fn plugin_data_is_sent_as_it_stands() {
    let call = PostPluginDataByProduct::builder().plugin_id("p").product_id("A");
    assert_eq!(sent(&call.metadata(Json::from_text(NEW).unwrap()).build()), NEW);
    assert_eq!(Json::of_decimal(decimal(LONG)).json(), LONG);
    assert_eq!(Json::of_decimal(decimal(LONG)).decimal(), Some(decimal(LONG)));
}

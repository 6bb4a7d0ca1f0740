//! Requests and answers of ONe.

use one_client::{
    Endpoint, FeedPosition, GetOrderFeed, GetOrderShipment, OrderEventType, PostStocksIncremental,
    PutRetailPrices, RetailPrice, StockChange, WarehouseId,
};

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

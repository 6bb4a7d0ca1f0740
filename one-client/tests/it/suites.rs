//! The shared suites where a setting changes what an endpoint does, and what records show of themselves.

use crate::endpoints::{CONTENT, KEY, TENANT};
use api_transport::testing::Suite;
use bytes::Bytes;
use one_client::orders::GetOrderShipment;
use one_client::pricing::{PutRetailPrices, RetailPrice};
use one_client::stock::{PostStocksIncremental, StockBody, StockChange};
use one_client::{Client, Effect, Endpoint, SecretString, Url, WarehouseId, header_credentials};

const SHIPMENT: &str = include_str!("../fixtures/order_shipment.json");

fn suite() -> Suite {
    Suite::new(|transport| transport.credentials(header_credentials(TENANT, SecretString::from(KEY))))
}

fn shipment() -> GetOrderShipment {
    GetOrderShipment::builder().order_id(CONTENT).shipment_id(CONTENT).build()
}

fn stocks() -> [StockChange; 1] {
    [StockChange::set(CONTENT, "1.5".parse().unwrap())]
}

/// The spelling of an integrator whose server adds.
#[derive(Debug)]
struct Deltas;

impl StockBody for Deltas {
    fn encode(&self, _: &[StockChange]) -> one_client::Result<Bytes> {
        Ok(Bytes::from_static(b"[]"))
    }

    fn effect(&self) -> Effect {
        Effect::Create
    }
}

#[tokio::test]
async fn differences_of_stock_follow_the_retry_table_of_creates() {
    let (warehouse, stocks) = (WarehouseId::from(CONTENT), stocks());
    suite().retry_table(&PostStocksIncremental::new(&warehouse, &stocks).with_body(&Deltas), "{}").await;
}

#[test]
fn records_show_ids_and_no_content() {
    let mut shipment = shipment().decode(SHIPMENT.as_bytes()).unwrap();
    assert!(!format!("{shipment:?}").contains("dzwonić"));
    let amount: one_client::Decimal = "98765.4321".parse().unwrap();
    let mut line = shipment.product_lines.remove(0);
    line.price.net_content_unit_price = amount;
    line.price.base_price_type = Some(CONTENT.to_owned());
    let mut cost = line.price.additional_costs.first().cloned().unwrap();
    (cost.kind, cost.content_unit_net) = (Some(CONTENT.to_owned()), Some(amount));
    let mut delivery = shipment.delivery_method.take().unwrap();
    delivery.name = Some(CONTENT.to_owned());
    let mut payment = shipment.payment_method.take().unwrap();
    payment.name = Some(CONTENT.to_owned());
    let mut amounts = delivery.cost.clone().unwrap();
    amounts.net = amount;
    delivery.cost = Some(amounts.clone());
    let stock = StockChange::set("SKU-7", amount);
    let price = RetailPrice::new("SKU-7", amount);
    let prices = [price.clone()];
    let put = PutRetailPrices::new(&prices);
    for shown in [
        format!("{line:?}"),
        format!("{:?}", line.price),
        format!("{cost:?}"),
        format!("{delivery:?}"),
        format!("{payment:?}"),
        format!("{amounts:?}"),
        format!("{stock:?}"),
        format!("{price:?}"),
        format!("{put:?}"),
    ] {
        assert!(!shown.contains("CANARY0") && !shown.contains("98765"), "{shown}");
    }
    assert!(format!("{stock:?} {price:?}").matches("SKU-7").count() >= 2);
}

#[test]
fn the_client_shows_its_tenant_and_no_key() {
    let url = Url::parse("https://one.example").unwrap();
    let builder = Client::builder(url, "my-tenant", SecretString::from(KEY));
    let shown = format!("{builder:?}");
    let shown = format!("{shown} {:?}", builder.build().unwrap());
    assert!(shown.contains("my-tenant") && !shown.contains("CANARY0"), "{shown}");
}

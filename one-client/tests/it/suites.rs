//! The suites that every client runs against itself.

use api_transport::testing::Suite;
use bytes::Bytes;
use one_client::{
    Client, Effect, Endpoint, FeedPosition, GetOrderFeed, GetOrderShipment, PostStocksIncremental,
    PutRetailPrices, RetailPrice, SecretString, StockBody, StockChange, Url, WarehouseId, header_credentials,
};

const KEY: &str = "CANARY0KEY0c0ffee:0badcafe";
const TENANT: &str = "CANARY0TENANT";
const CONTENT: &str = "CANARY0CONTENT/ż";
const FEED: &str = include_str!("../fixtures/order_feed.json");
const SHIPMENT: &str = include_str!("../fixtures/order_shipment.json");
/// A short one, since every byte of it is a call.
const SHORT: &str = r#"{"id":"1","orderId":"1","productLines":[{"sku":"1","quantityOrderedInContentUnit":1,"price":{"netContentUnitPrice":1}}]}"#;

fn suite() -> Suite {
    Suite::new(|transport| transport.credentials(header_credentials(TENANT, SecretString::from(KEY))))
}

fn feed() -> GetOrderFeed {
    GetOrderFeed::builder().start_id(FeedPosition::new(15)).build()
}

fn shipment() -> GetOrderShipment {
    GetOrderShipment::builder().order_id(CONTENT).shipment_id(CONTENT).build()
}

fn prices() -> [RetailPrice; 1] {
    [RetailPrice::new(CONTENT, "19.99".parse().unwrap())]
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
async fn reads_follow_the_retry_table_in_every_cell() {
    suite().retry_table(&feed(), FEED).await;
    suite().retry_table(&shipment(), SHIPMENT).await;
}

#[tokio::test]
async fn prices_and_levels_of_stock_follow_the_retry_table_in_every_cell() {
    let (warehouse, prices, stocks) = (WarehouseId::from(CONTENT), prices(), stocks());
    suite().retry_table(&PutRetailPrices::new(&prices), "{}").await;
    suite().retry_table(&PostStocksIncremental::new(&warehouse, &stocks), "{}").await;
}

#[tokio::test]
async fn differences_of_stock_follow_the_retry_table_of_creates() {
    let (warehouse, stocks) = (WarehouseId::from(CONTENT), stocks());
    suite().retry_table(&PostStocksIncremental::new(&warehouse, &stocks).with_body(&Deltas), "{}").await;
}

#[tokio::test]
async fn an_answer_cut_at_any_byte_is_never_a_success() {
    suite().truncation(&feed(), FEED).await;
    suite().truncation(&shipment(), SHORT).await;
}

#[tokio::test]
async fn key_tenant_ids_and_content_show_nowhere() {
    let canaries = [KEY, TENANT, CONTENT, "CANARY0"];
    let good = SHIPMENT.replace("proszę dzwonić", CONTENT);
    let (warehouse, prices, stocks) = (WarehouseId::from(CONTENT), prices(), stocks());
    suite().redaction(&shipment(), good, &canaries).await;
    let feed_of_canaries = FEED.replace("OF/22/8/2022/01", CONTENT);
    suite().redaction(&feed(), feed_of_canaries, &canaries).await;
    suite().redaction(&PutRetailPrices::new(&prices), "{}", &canaries).await;
    suite().redaction(&PostStocksIncremental::new(&warehouse, &stocks), "{}", &canaries).await;
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

//! The simulator's control paths.

use crate::{decimal, hurried, simulated};
use api_transport::{Transport, decode_json};
use one_client::orders::OrderEventType;
use one_client::pricing::RetailPrice;
use one_client::simulator::Simulator;
use one_client::stock::StockChange;
use one_client::{Effect, Endpoint, ErrorKind, FeedPosition, Path};
use serde_json::{Value, json};

/// Any HTTP client: no key, no tenant.
struct Control(Transport);

struct Call {
    method: http::Method,
    path: &'static str,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

impl serde::Serialize for Call {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.body.serialize(serializer)
    }
}

impl Endpoint for Call {
    const EFFECT: Effect = Effect::Create;
    type Response = Value;
    fn method(&self) -> http::Method {
        self.method.clone()
    }
    fn path(&self) -> Path {
        Path::new(self.path.split('/'))
    }
    fn query(&self) -> Vec<(&'static str, String)> {
        self.query.clone()
    }
    fn decode(&self, body: &[u8]) -> one_client::Result<Value> {
        decode_json(body)
    }
}

impl Control {
    fn of(simulator: &Simulator) -> Self {
        Self(hurried(Transport::builder(simulator.url().clone())).build().unwrap())
    }

    async fn post(&self, path: &'static str, body: Value) -> one_client::Result<Value> {
        self.0.send(&Call { method: http::Method::POST, path, query: Vec::new(), body: Some(body) }).await
    }

    async fn get(&self, path: &'static str, query: &[(&'static str, &str)]) -> Value {
        let query = query.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.0.send(&Call { method: http::Method::GET, path, query, body: None }).await.unwrap()
    }
}

#[tokio::test]
async fn another_process_can_place_edit_pay_and_cancel_an_order() {
    let (simulator, one) = simulated().await;
    let control = Control::of(&simulator);
    let draft = json!({
        "organizationId": "org-1",
        "organizationExternalId": "1001",
        "lines": [{ "sku": "a", "quantity": 2, "netPrice": "3.50" }],
    });
    let placed = control.post("_sim/orders", draft.clone()).await.unwrap();
    let shipment = placed["shipmentId"].clone();
    control.post("_sim/orders/edit", json!({ "shipmentId": shipment, "draft": draft })).await.unwrap();
    control.post("_sim/orders/payment", json!({ "shipmentId": shipment, "status": "PAID" })).await.unwrap();
    control.post("_sim/orders/cancel", json!({ "shipmentId": shipment })).await.unwrap();
    let again = control.post("_sim/orders/cancel", json!({ "shipmentId": shipment })).await.unwrap_err();
    assert_eq!((again.kind(), again.status()), (ErrorKind::Rejected, Some(422)));

    let feed = one.orders().feed(FeedPosition::FIRST, 100).await.unwrap();
    assert_eq!(feed.events.len(), 4);
    assert_eq!(feed.events[3].as_ref().unwrap().event_type, OrderEventType::Removed);
    assert_eq!(placed["orderId"], feed.events[0].as_ref().unwrap().order_id.as_str());
}

#[tokio::test]
async fn another_process_sees_what_arrived() {
    let (simulator, one) = simulated().await;
    let control = Control::of(&simulator);
    let lines = [StockChange::set("ż", decimal("1.50")), StockChange::set("b", decimal("2"))];
    for warehouse in ["WRO", "KRK"] {
        one.stocks().send_incremental(&warehouse.into(), &lines).await.into_result().unwrap();
    }
    one.retail_prices().save(&[RetailPrice::new("ż", decimal("9.90"))]).await.into_result().unwrap();
    let stocks = control.get("_sim/stocks", &[("warehouse", "KRK"), ("sku", "ż")]).await;
    assert_eq!(stocks, json!({ "KRK": { "ż": 1.5 } }));
    assert_eq!(control.get("_sim/prices", &[]).await, json!({ "ż": 9.9 }));
    let status = control.get("_sim/status", &[]).await;
    assert_eq!(
        status,
        json!({
            "tenant": "demo", "shipments": 0, "events": 0, "stockEntries": 4, "retailPrices": 1,
            "linesReceived": { "stocks": 4, "stockRemovals": 0, "retailPrices": 1 },
        })
    );
}

#[tokio::test]
async fn another_process_can_script_faults_and_refuse_products() {
    let (simulator, one) = simulated().await;
    let control = Control::of(&simulator);
    let fault =
        json!({ "on": "/retail-prices", "kind": { "refuse": { "status": 403, "body": "not today" } } });
    control.post("_sim/faults", fault).await.unwrap();
    let prices = [RetailPrice::new("a", decimal("1"))];
    let error = one.retail_prices().save(&prices).await.into_result().unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::Forbidden, Some("not today")));
    one.retail_prices().save(&prices).await.into_result().unwrap();

    control.post("_sim/products/refuse", json!(["a"])).await.unwrap();
    let error = one.retail_prices().save(&prices).await.into_result().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    control.post("_sim/products/refuse", json!([])).await.unwrap();
    one.retail_prices().save(&prices).await.into_result().unwrap();
}

//! The simulator's control paths.

use crate::{decimal, hurried, simulated};
use api_transport::{Transport, decode_json};
use one_client::orders::OrderEventType;
use one_client::pricing::{Price, RetailPrice};
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

    /// With the header that names a tenant.
    fn of_tenant(simulator: &Simulator, tenant: &str) -> Self {
        let headers = one_client::header_credentials(tenant, "any".into());
        let transport = Transport::builder(simulator.url().clone()).credentials(headers);
        Self(hurried(transport).build().unwrap())
    }

    async fn post(&self, path: &'static str, body: Value) -> one_client::Result<Value> {
        self.0.send(&Call { method: http::Method::POST, path, query: Vec::new(), body: Some(body) }).await
    }

    async fn get(&self, path: &'static str, query: &[(&'static str, &str)]) -> Value {
        let query = query.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.0.send(&Call { method: http::Method::GET, path, query, body: None }).await.unwrap()
    }

    async fn call(
        &self,
        method: http::Method,
        path: &'static str,
        body: Option<Value>,
    ) -> Result<Value, u16> {
        let call = Call { method, path, query: Vec::new(), body };
        self.0.send(&call).await.map_err(|error| error.status().unwrap())
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
    let main = one.pricings().main_catalog_id().await.unwrap();
    one.prices().save(&[Price::new(main.clone(), "b", decimal("7.50"))]).await.into_result().unwrap();
    let stocks = control.get("_sim/stocks", &[("warehouse", "KRK"), ("sku", "ż")]).await;
    assert_eq!(stocks, json!({ "KRK": { "ż": 1.5 } }));
    assert_eq!(control.get("_sim/prices", &[]).await, json!({ "ż": 9.9 }));
    assert_eq!(control.get("_sim/prices", &[("pricing", main.as_str())]).await, json!({ "b": 7.5 }));
    let status = control.get("_sim/status", &[]).await;
    assert_eq!(
        status,
        json!({
            "tenant": "demo", "shipments": 0, "events": 0, "stockEntries": 4, "retailPrices": 1,
            "linesReceived": { "stocks": 4, "stockRemovals": 0, "retailPrices": 1, "prices": 1 },
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

#[tokio::test]
async fn another_process_can_lay_down_and_look_at_records_and_tell_events() {
    use http::Method;
    let (simulator, one) = simulated().await;
    let control = Control::of(&simulator);
    let record = json!({ "name": "Łódź", "levels": [1, 2] });
    control.call(Method::PUT, "_sim/records/segments/org:ż", Some(record.clone())).await.unwrap();
    assert_eq!(control.get("_sim/records/segments/org:ż", &[]).await, record);
    assert_eq!(control.get("_sim/records/segments", &[]).await, json!({ "org:ż": record }));
    assert_eq!(simulator.records("segments").len(), 1);
    control.call(Method::DELETE, "_sim/records/segments/org:ż", None).await.unwrap();
    assert_eq!(control.call(Method::DELETE, "_sim/records/segments/org:ż", None).await, Err(404));
    assert_eq!(control.call(Method::GET, "_sim/records/segments/org:ż", None).await, Err(404));

    let event = json!({ "orderId": "OF/1", "shipmentId": "OF/1/01", "eventType": "ADDED" });
    control.post("_sim/feeds/orders", event).await.unwrap();
    let feed = one.orders().feed(FeedPosition::FIRST, 10).await.unwrap();
    assert_eq!(feed.events[0].as_ref().unwrap().shipment_id.as_str(), "OF/1/01");
}

#[tokio::test]
async fn another_process_can_refuse_names_and_have_clients_unknown() {
    let (simulator, one) = simulated().await;
    let control = Control::of(&simulator);
    let prices = [RetailPrice::new("org:a", decimal("1"))];
    let save = async || one.retail_prices().save(&prices).await.into_result().map_err(|error| error.status());
    control.post("_sim/clients/unknown", json!(["org:a"])).await.unwrap();
    assert_eq!(save().await.unwrap_err(), Some(404));
    control.post("_sim/clients/unknown", json!([])).await.unwrap();
    control.post("_sim/refuse", json!({ "status": 409, "names": ["org:a"] })).await.unwrap();
    assert_eq!(save().await.unwrap_err(), Some(409));
    control.post("_sim/refuse", json!({ "status": 409, "names": [] })).await.unwrap();
    save().await.unwrap();
    let nonsense = control.post("_sim/refuse", json!({ "status": 200, "names": [] })).await.unwrap_err();
    assert_eq!(nonsense.status(), Some(422));
}

#[tokio::test]
async fn another_process_drives_the_tenant_that_it_names() {
    let builder = Simulator::builder().another_tenant("second", "key-2".into());
    let simulator = builder.start().await.unwrap();
    let second = Control::of_tenant(&simulator, "second");
    second.call(http::Method::PUT, "_sim/records/segments/a", Some(json!(1))).await.unwrap();
    assert_eq!(second.get("_sim/status", &[]).await["tenant"], "second");
    assert!(simulator.records("segments").is_empty());
    assert_eq!(simulator.tenant_named("second").unwrap().records("segments").len(), 1);
    let nobody = Control::of_tenant(&simulator, "nobody");
    assert_eq!(nobody.call(http::Method::GET, "_sim/status", None).await, Err(404));
}

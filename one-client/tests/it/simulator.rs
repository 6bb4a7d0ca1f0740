//! The simulator as a server: checks, limits, orders, state.

use crate::{decimal, hurried, simulated};
use one_client::goods_notes::{GoodsNote, GoodsNoteLine};
use one_client::orders::OrderEventType;
use one_client::pricing::{PutRetailPrices, RetailPrice};
use one_client::simulator::{DraftAddress, DraftLine, OrderDraft, Simulator};
use one_client::stock::StockChange;
use one_client::{Client, Effect, Endpoint, ErrorKind, FeedPosition, Path, SecretString, WarehouseId};
use std::io::Write;
use std::time::{Duration, SystemTime};

/// A call that is made by hand.
#[derive(serde::Serialize)]
pub(crate) struct Raw {
    #[serde(skip)]
    method: http::Method,
    #[serde(skip)]
    path: &'static [&'static str],
    #[serde(skip)]
    query: Vec<(&'static str, String)>,
    #[serde(skip)]
    body: &'static str,
}

const STOCKS: &[&str] =
    &["api", "v1", "stock", "integrations", "auth-required", "warehouses", "WRO", "stocks", "incremental"];
const PRICES: &[&str] = &["api", "v1", "pricing", "integrations", "auth-required", "retail-prices"];
const SEGMENT: &[&str] = &["api", "v1", "account", "integrations", "auth-required", "segments", "7b1c"];
const FEED: &[&str] = &["api", "v1", "orders", "integrations", "auth-required", "synchronization", "order"];

impl Raw {
    pub(crate) fn write(method: http::Method, path: &'static [&'static str], body: &'static str) -> Self {
        Self { method, path, query: Vec::new(), body }
    }
}

impl Endpoint for Raw {
    const EFFECT: Effect = Effect::Read;
    type Response = ();
    fn method(&self) -> http::Method {
        self.method.clone()
    }
    fn path(&self) -> Path {
        Path::new(self.path)
    }
    fn query(&self) -> Vec<(&'static str, String)> {
        self.query.clone()
    }
    fn body(&self) -> one_client::Result<Option<bytes::Bytes>> {
        Ok((!self.body.is_empty()).then(|| self.body.into()))
    }
    fn decode(&self, _: &[u8]) -> one_client::Result<()> {
        Ok(())
    }
}

pub(crate) async fn status(one: &Client, call: Raw) -> u16 {
    one.send(&call).await.map_or_else(|error| error.status().unwrap(), |()| 200)
}

#[tokio::test]
async fn ten_thousand_lines_are_taken_and_one_more_is_refused_with_the_number() {
    let (simulator, one) = simulated().await;
    let lines: Vec<_> = (0..10_001).map(|n| RetailPrice::new(format!("{n}"), decimal("1"))).collect();
    let error = one.send(&PutRetailPrices::new(&lines)).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Rejected, Some(413)));
    assert!(error.detail().unwrap().contains("10001 lines"), "{:?}", error.detail());
    assert_eq!(simulator.lines_received().retail_prices, 0);
    one.send(&PutRetailPrices::new(&lines[1..])).await.unwrap();
    assert_eq!(simulator.lines_received().retail_prices, 10_000);

    let lines = vec![GoodsNoteLine::builder().build(); 10_001];
    let note = GoodsNote::builder().number("WZ/1:ż").product_lines(lines).build();
    assert_eq!(one.goods_issued_notes().save(&note).await.unwrap_err().status(), Some(413));
}

#[tokio::test]
async fn strict_refuses_what_it_does_not_know_and_lenient_ignores_it() {
    let unknown_field = r#"[{"price": 1, "productId": "a", "currency": "PLN"}]"#;
    let deep = r#"{"stocks": [{"id": "a", "sku": "a", "quantity": 5, "colour": 1}], "stocksToRemove": []}"#;
    let lenient = Simulator::builder().strict(false).start().await.unwrap();
    let (strict, _) = simulated().await;
    for (simulator, expected) in [(&strict, 400), (&lenient, 200)] {
        let one = simulator.client_builder().transport(hurried).build().unwrap();
        assert_eq!(status(&one, Raw::write(http::Method::PUT, PRICES, unknown_field)).await, expected);
        assert_eq!(status(&one, Raw::write(http::Method::POST, STOCKS, deep)).await, expected);
        for (method, path) in [(http::Method::PUT, PRICES), (http::Method::DELETE, SEGMENT)] {
            let mut write = Raw::write(method, path, if path == PRICES { "[]" } else { "" });
            write.query.push(("colour", "1".to_owned()));
            let unknown = one.send(&write).await.err().is_some_and(|error| {
                error.detail().is_some_and(|detail| detail.contains("unknown parameter colour"))
            });
            assert_eq!(unknown, expected == 400);
        }
        let mut feed = Raw::write(http::Method::GET, FEED, "");
        for name in ["eventTypes", "numberOfEvents", "startId", "colour"] {
            feed.query.push((name, "1".to_owned()));
        }
        assert_eq!(status(&one, feed).await, expected);
    }
    assert_eq!(lenient.stock("WRO", "a"), Some(decimal("5")));
}

#[tokio::test]
async fn strict_refuses_a_write_that_does_not_say_that_it_is_json() {
    use http::{HeaderMap, HeaderValue, header};
    let url = "api/v1/pricing/integrations/auth-required/retail-prices";
    let lenient = Simulator::builder().strict(false).start().await.unwrap();
    let (strict, _) = simulated().await;
    for (simulator, kind, expected) in [
        (&strict, "application/x-www-form-urlencoded", 415),
        (&strict, "application/jsonx", 415),
        (&strict, "application/json; charset=utf-8", 200),
        (&lenient, "text/plain", 200),
    ] {
        let one = simulator.client_builder().transport(hurried).build().unwrap();
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::HeaderName::from_static("apiauth"), HeaderValue::from_static("simulated-key")),
            (header::HeaderName::from_static("one-tenant"), HeaderValue::from_static("demo")),
        ];
        let place = one.transport().elsewhere(simulator.url().join(url).unwrap()).unwrap();
        let headers = HeaderMap::from_iter(headers);
        let sent = place.send(http::Method::PUT, Effect::Idempotent, headers, Some("[]".into())).await;
        assert_eq!(sent.map_or_else(|error| error.status().unwrap(), |_| 200), expected, "{kind}");
    }
}

#[tokio::test]
async fn nonsense_is_refused_also_when_lenient() {
    let simulator = Simulator::builder().strict(false).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let put = |body| Raw::write(http::Method::PUT, PRICES, body);
    assert_eq!(status(&one, put(r#"{"prices": []}"#)).await, 400);
    assert_eq!(status(&one, put(r#"[{"price": "5", "productId": "a"}]"#)).await, 400, "a text");
    assert_eq!(status(&one, Raw::write(http::Method::POST, PRICES, "[]")).await, 405);
    assert_eq!(status(&one, Raw::write(http::Method::GET, FEED, "")).await, 400, "parameters are required");
    assert_eq!(status(&one, Raw::write(http::Method::GET, &["api", "v2"], "")).await, 404);
}

#[tokio::test]
async fn polish_texts_and_ids_with_slash_and_colon_arrive_as_they_are() {
    let (simulator, one) = simulated().await;
    let warehouse = WarehouseId::from("Główny/1:A %2F");
    let lines = [StockChange::set("Śruba/M8:10 \"x\"", decimal("0.001"))];
    one.stocks().send_incremental(&warehouse, &lines).await.into_result().unwrap();
    assert_eq!(simulator.stock("Główny/1:A %2F", "Śruba/M8:10 \"x\""), Some(decimal("0.001")));
}

#[tokio::test]
async fn an_order_is_placed_edited_paid_and_cancelled_as_the_feed_tells() {
    let clock = SystemTime::UNIX_EPOCH + Duration::from_secs(1_785_500_000); // 2026-07-31
    let simulator = Simulator::builder().now(move || clock).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    one.retail_prices().save(&[RetailPrice::new("a", decimal("9.99"))]).await.into_result().unwrap();

    let mut line = DraftLine::new("b", decimal("4"));
    line.net_price = Some(decimal("410"));
    line.packing_quantity = Some(decimal("2"));
    line.additional_cost = Some(decimal("23"));
    let draft = OrderDraft::new("org-1")
        .organization_external_id("1001")
        .line("a", decimal("2.5"))
        .with_line(line)
        .delivery_cost(decimal("15"))
        .delivery_address(DraftAddress::new("Zażółć sp. z o.o.", "Gęsia 1", "50-001", "Wrocław"))
        .notes("proszę");
    let shipment = simulator.place_order(draft.clone()).unwrap();
    assert_eq!(shipment.as_str(), "OF/1/7/2026/01");
    assert!(simulator.place_order(OrderDraft::new("org-1").line("no price", decimal("1"))).is_err());
    assert!(simulator.place_order(OrderDraft::new("org-1")).is_err());
    let dear = OrderDraft::new("org-1").priced_line("a", decimal("1"), one_client::Decimal::MAX);
    assert!(simulator.place_order(dear).unwrap_err().to_string().contains("beyond reckoning"));
    let mut nothing = DraftLine::new("a", decimal("1"));
    nothing.packing_quantity = Some(decimal("0"));
    assert!(simulator.place_order(OrderDraft::new("org-1").with_line(nothing)).is_err());

    let told = one.orders().get_shipment(&"OF/1/7/2026".into(), &shipment).await.unwrap();
    assert_eq!(told.organization.as_ref().unwrap().external_id.as_deref(), Some("1001"));
    let [a, b] = &told.product_lines[..] else { panic!("two lines") };
    assert_eq!(
        (a.price.net_content_unit_price, a.price.net_value),
        (decimal("9.99"), Some(decimal("24.98")))
    );
    assert_eq!(b.quantity_ordered, Some(decimal("2")));
    assert_eq!(b.price.net_unit_price, Some(decimal("820")));
    assert_eq!(b.price.additional_costs[0].total_net, Some(decimal("92")));
    let delivery = told.delivery_method.as_ref().unwrap();
    assert_eq!(delivery.cost.as_ref().unwrap().gross, Some(decimal("18.45")));
    assert_eq!(delivery.address.as_ref().unwrap().city.as_deref(), Some("Wrocław"));

    simulator.edit_order(&shipment, OrderDraft::new("org-1").line("a", decimal("1"))).unwrap();
    let told = one.orders().get_shipment(&"OF/1/7/2026".into(), &shipment).await.unwrap();
    assert_eq!(told.product_lines.len(), 1);
    simulator.change_payment(&shipment, "PAID").unwrap();
    simulator.cancel_order(&shipment).unwrap();
    assert!(simulator.cancel_order(&shipment).is_err());
    let error = one.orders().get_shipment(&"OF/1/7/2026".into(), &shipment).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);

    let feed = one.orders().feed(FeedPosition::FIRST, 100).await.unwrap();
    let kinds: Vec<_> = feed.events.into_iter().map(|event| event.unwrap().event_type).collect();
    use OrderEventType::{Added, Changed, ChangedPayment, Removed};
    assert_eq!(kinds, [Added, Changed, ChangedPayment, Removed]);
    assert_eq!(feed.next_id, FeedPosition::new(5));
    let inclusive = one.orders().feed(FeedPosition::new(4), 100).await.unwrap();
    assert_eq!(inclusive.events.len(), 1);
    let news = one.orders().feed(FeedPosition::new(5), 100).await.unwrap();
    assert!(news.events.is_empty() && news.next_id == FeedPosition::new(5));
}

#[tokio::test]
async fn the_state_file_brings_everything_back_and_loses_at_most_a_torn_last_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.jsonl");
    let clock = SystemTime::UNIX_EPOCH + Duration::from_secs(1_785_500_000);
    let start = async || {
        let builder = Simulator::builder().tenant("acme").state_file(&path).now(move || clock);
        let simulator = builder.start().await.unwrap();
        let one = simulator.client_builder().transport(hurried).build().unwrap();
        (simulator, one)
    };
    let draft = || OrderDraft::new("org-1").priced_line("Żabka", decimal("1"), decimal("2.50"));

    let (simulator, one) = start().await;
    let stocks = [StockChange::set("Żabka", decimal("12.500")), StockChange::set("b", decimal("1"))];
    one.stocks().send_incremental(&"WRO".into(), &stocks).await.into_result().unwrap();
    one.stocks().send_incremental(&"WRO".into(), &[StockChange::remove("b")]).await.into_result().unwrap();
    one.retail_prices().save(&[RetailPrice::new("Żabka", decimal("3.20"))]).await.into_result().unwrap();
    let first = simulator.place_order(draft()).unwrap();
    let second = simulator.place_order(draft()).unwrap();
    simulator.edit_order(&first, draft().notes("pilne")).unwrap();
    simulator.change_payment(&first, "PAID").unwrap();
    simulator.cancel_order(&second).unwrap();
    simulator.stop().await;

    let whole = std::fs::read(&path).unwrap();
    insta::assert_snapshot!(str::from_utf8(&whole).unwrap());
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .unwrap()
        .write_all("{\"prices\":[[\"Ża".as_bytes())
        .unwrap();
    let (simulator, one) = start().await;
    assert_eq!(simulator.stock("WRO", "Żabka"), Some(decimal("12.5")));
    assert_eq!(simulator.stock("WRO", "b"), None);
    assert_eq!(simulator.retail_price("Żabka"), Some(decimal("3.2")));
    assert_eq!(simulator.lines_received(), Default::default(), "counters begin anew");
    let feed = one.orders().feed(FeedPosition::FIRST, 100).await.unwrap();
    assert_eq!((feed.events.len(), feed.next_id), (5, FeedPosition::new(6)));
    let order = feed.events[0].as_ref().unwrap().order_id.clone();
    let told = one.orders().get_shipment(&order, &first).await.unwrap();
    assert_eq!(told.notes.as_deref(), Some("pilne"));
    assert_eq!(told.extra.value("paymentStatus").unwrap(), "PAID");
    let third = simulator.place_order(draft()).unwrap();
    assert!(third.as_str().starts_with("OF/3/"), "numbers are not used twice: {third}");
    simulator.stop().await;
    assert!(std::fs::read(&path).unwrap().starts_with(&whole), "only the torn line was dropped");

    let other = Simulator::builder().tenant("other").state_file(&path).start().await;
    assert!(other.unwrap_err().to_string().contains("no state file of the tenant other"));
    std::fs::write(&path, "{\"tenant\":\"acme\"}\n{\"pri\n{\"prices\":[]}\n").unwrap();
    let damaged = Simulator::builder().tenant("acme").state_file(&path).start().await;
    assert!(damaged.unwrap_err().to_string().contains("line 2"));

    for somebodys in ["notes of mine", "notes\nof mine\n", "{\"prices\":[]}\n"] {
        std::fs::write(&path, somebodys).unwrap();
        assert!(Simulator::builder().tenant("acme").state_file(&path).start().await.is_err());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), somebodys, "left as it is");
    }
    std::fs::write(&path, "{\"tenant\":\"ac").unwrap();
    assert!(Simulator::builder().tenant("acme").state_file(&path).start().await.is_ok(), "torn at its birth");
}

#[tokio::test]
async fn two_simulators_on_one_state_file_do_not_damage_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.jsonl");
    let start = async || Simulator::builder().state_file(&path).start().await.unwrap();
    let (first, second) = (start().await, start().await);
    second.put_record("segments", "b", "2").unwrap();
    let error = first.put_record("segments", "a", "1").unwrap_err();
    assert!(error.to_string().contains("somebody else"), "{error}");
    assert!(first.records("segments").is_empty(), "what was not written down was not done");
    let kept = start().await.records("segments");
    assert_eq!(kept, [("b".to_owned(), "2".to_owned())].into());
}

#[tokio::test]
async fn every_tenant_has_its_own_key_and_state() {
    let builder = Simulator::builder().tenant("first").api_key(SecretString::from("key-1"));
    let builder = builder.another_tenant("second", SecretString::from("key-2"));
    let simulator = builder.start().await.unwrap();
    let second = simulator.tenant_named("second").unwrap();
    assert_eq!(simulator.tenant_named("first").unwrap().name(), simulator.tenant());
    assert!(simulator.tenant_named("third").is_none());

    let one = second.client_builder().transport(hurried).build().unwrap();
    one.retail_prices().save(&[RetailPrice::new("a", decimal("1"))]).await.into_result().unwrap();
    assert_eq!((simulator.retail_price("a"), second.retail_price("a")), (None, Some(decimal("1"))));

    let put = || Raw::write(http::Method::PUT, PRICES, "[]");
    for (tenant, key, expected) in [
        ("first", "key-1", 200),
        ("second", "key-2", 200),
        ("second", "key-1", 403),
        ("third", "key-2", 403),
        ("second", "key-3", 401),
    ] {
        let key = SecretString::from(key);
        let one = Client::builder(simulator.url().clone(), tenant, key).transport(hurried).build().unwrap();
        assert_eq!(status(&one, put()).await, expected, "{tenant}");
    }
    let twice = Simulator::builder().another_tenant("demo", SecretString::from("key"));
    assert!(twice.start().await.unwrap_err().to_string().contains("demo is there twice"));
}

#[tokio::test]
async fn a_write_that_names_what_is_refused_changes_nothing_and_a_read_is_answered() {
    let (simulator, one) = simulated().await;
    let prices = || Raw::write(http::Method::PUT, PRICES, r#"[{"price": 1, "productId": "7"}]"#);
    let stocks = || {
        let body = r#"{"stocks": [{"id": "org:7", "sku": "sku", "quantity": 1}], "stocksToRemove": []}"#;
        Raw::write(http::Method::POST, STOCKS, body)
    };
    simulator.unknown_clients(["org:7"]);
    let error = one.send(&stocks()).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    assert!(error.detail().unwrap().contains("client not found"), "{:?}", error.detail());
    assert_eq!(status(&one, prices()).await, 404, "without its prefix");
    simulator.unknown_clients::<&str>([]);

    simulator.refuse(409, ["WRO"]).unwrap();
    assert_eq!(status(&one, stocks()).await, 409, "in the path");
    assert_eq!(status(&one, prices()).await, 200);
    simulator.refuse(403, ["quantity", "sku"]).unwrap();
    simulator.refuse::<&str>(409, []).unwrap();
    assert_eq!(status(&one, stocks()).await, 403, "one list for each status");
    simulator.refuse(403, ["quantity", "7", "OF/7", "order"]).unwrap();
    assert_eq!(simulator.lines_received().stocks, 0);
    assert_eq!(status(&one, stocks()).await, 200, "names of fields do not count");
    one.orders().feed(FeedPosition::new(7), 7).await.unwrap();
    assert!(simulator.refuse(200, ["a"]).is_err());
}

#[tokio::test]
async fn a_feed_is_cut_to_the_largest_page_and_goes_on_from_there() {
    let simulator = Simulator::builder().max_page_size(2).start().await.unwrap();
    let one = simulator.client_builder().build().unwrap();
    for _ in 0..3 {
        simulator.place_order(OrderDraft::new("o").priced_line("a", decimal("1"), decimal("2"))).unwrap();
    }
    let feed = one.orders().feed(FeedPosition::FIRST, 100).await.unwrap();
    assert_eq!((feed.events.len(), feed.next_id), (2, FeedPosition::new(3)));
    let rest = one.orders().feed(feed.next_id, 100).await.unwrap();
    assert_eq!((rest.events.len(), rest.next_id), (1, FeedPosition::new(4)));
}

#[tokio::test]
async fn disputed_services_are_answered_where_they_were_set_and_nowhere_else() {
    let simulator = Simulator::builder().order_service("account").start().await.unwrap();
    let shipment =
        simulator.place_order(OrderDraft::new("o").priced_line("a", decimal("1"), decimal("2"))).unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let feed = one.orders().feed(FeedPosition::FIRST, 1).await.unwrap();
    let order = feed.events[0].as_ref().unwrap().order_id.clone();
    assert_eq!(one.orders().get_shipment(&order, &shipment).await.unwrap().id, shipment);
    let elsewhere = simulator.client_builder().order_service("orders").transport(hurried).build().unwrap();
    assert!(elsewhere.orders().get_shipment(&order, &shipment).await.is_err());
}

#[tokio::test]
async fn records_and_events_that_were_laid_down_by_hand_outlast_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.jsonl");
    let start = async || Simulator::builder().state_file(&path).start().await.unwrap();
    let simulator = start().await;
    simulator.put_record("segments", "a/1:ż", "{\n  \"name\": \"Łódź\",\n  \"limit\": 1.50\n}").unwrap();
    simulator.put_record("segments", "b", "1").unwrap();
    assert!(simulator.remove_record("segments", "b").unwrap());
    assert!(!simulator.remove_record("segments", "b").unwrap());
    assert!(simulator.put_record("segments", "c", "{").is_err());
    simulator.tell_event("orders", "{\"what\": \"nobody knows\"}").unwrap();
    simulator.stop().await;

    let simulator = start().await;
    let told = "{\"name\":\"Łódź\",\"limit\":1.50}";
    assert_eq!(simulator.record("segments", "a/1:ż").as_deref(), Some(told));
    assert_eq!(simulator.records("segments"), [("a/1:ż".to_owned(), told.to_owned())].into());
    assert!(simulator.records("nothing").is_empty());
    let one = simulator.client_builder().build().unwrap();
    let feed = one.orders().feed(FeedPosition::FIRST, 10).await.unwrap();
    assert!(feed.events[0].is_err(), "an event is told as it is");
    assert_eq!(feed.next_id, FeedPosition::new(2));
}

#[tokio::test]
async fn a_misspelt_shelf_or_feed_is_refused_and_the_readme_names_them_all() {
    let (simulator, _) = simulated().await;
    let shelf = simulator.put_record("client", "org:1", "{}").unwrap_err().to_string();
    let feed = simulator.tell_event("client", "{}").unwrap_err().to_string();
    let readme = include_str!("../../src/simulator/README.md");
    for (head, error) in [("| shelf |", shelf), ("| feed |", feed)] {
        let (_, known) = error.split_once("; there are ").unwrap();
        let rows = readme.split(head).nth(1).unwrap().lines().skip(2).take_while(|line| !line.is_empty());
        let named: Vec<_> = rows
            .flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
            .filter(|name| !name.starts_with("pluginData:"))
            .collect();
        assert_eq!(known.split(", ").collect::<Vec<_>>(), named);
    }
    simulator.put_record("pluginData:any", "a", "{}").unwrap();
}

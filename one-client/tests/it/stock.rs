//! The service `stock`: warehouses, stocks, reservations.

use crate::account::requests;
use crate::endpoints::{CONTENT, Check};
use crate::payloads::{payload, round_trips};
use crate::wire::{answering, sent};
use crate::{client_of, decimal, hurried, simulated};
use futures::{Stream, TryStreamExt};
use one_client::simulator::Simulator;
use one_client::stock::{
    ExternalReservation, GetExternalReservation, GetReservations, PostStocksIncremental, PostWarehouse,
    PutExternalReservation, PutStocks, Reservation, ReservationType, ReservedProduct, StockChange, StockLine,
    Warehouse, WarehouseAddress, WarehouseType,
};
use one_client::{
    Effect, Endpoint, ErrorKind, Extra, ListStyle, MAX_LINES, Page, PageNumber, ReservationId, Result, Row,
    WarehouseId,
};
use rstest::rstest;

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let address = WarehouseAddress::builder().tin(CONTENT).first_name(CONTENT).street(CONTENT).build();
    let warehouse =
        Warehouse::builder().id(CONTENT).kind(WarehouseType::Local).name(CONTENT).address(address).build();
    check.endpoint(&PostWarehouse::builder().warehouse(&warehouse).build(), "{}").await;

    let warehouse = WarehouseId::from(CONTENT);
    let changes = [StockChange::set(CONTENT, decimal("1.5"))];
    check.endpoint(&PostStocksIncremental::new(&warehouse, &changes), "{}").await;
    let lines = [StockLine::new(CONTENT, decimal("1.5"))];
    check.endpoint(&PutStocks::new(&warehouse, &lines), "{}").await;

    let reserved = ReservedProduct::new(CONTENT, CONTENT, decimal("1.5"));
    let reservation = ExternalReservation::new(CONTENT, [reserved]);
    check.endpoint(&PutExternalReservation::new(&reservation), "{}").await;
    let answer = format!(r#"{{"salesOrderNumber":"{CONTENT}","products":[]}}"#);
    check.endpoint(&GetExternalReservation::new(CONTENT), &answer).await;

    let answer = format!(r#"{{"total":1,"elements":[{{"reservationId":"{CONTENT}"}}]}}"#);
    let some = GetReservations::builder().reservation_ids(vec![CONTENT.into()]).build();
    check.endpoint(&some, &answer).await;
}

#[test]
fn the_documented_external_reservation_is_read_and_written_back() {
    round_trips::<ExternalReservation>("32_external_reservations");
    let read: ExternalReservation = serde_json::from_str(&payload("32_external_reservations")).unwrap();
    assert_eq!(read.products[0], ReservedProduct::new("SKU-A", "2", decimal("20")));
    assert_eq!(format!("{:?}", read.products[0]).matches("20").count(), 0);
}

#[test]
fn a_line_number_that_is_a_number_is_read_as_its_digits_and_one_that_is_missing_is_an_error() {
    let read = |line: &str| {
        let json = format!(r#"{{"productId":"a",{line}"reservedQuantity":1.50,"unit":"szt."}}"#);
        serde_json::from_str::<ReservedProduct>(&json)
    };
    let product = read(r#""lineNumber":7,"#).unwrap();
    assert_eq!((product.line_number.as_str(), product.reserved_quantity.to_string().as_str()), ("7", "1.50"));
    assert_eq!(product.extra.json("unit"), Some("\"szt.\""));
    assert!(read("").is_err() && read(r#""lineNumber":null,"#).is_err());
}

fn whole_warehouse() -> Warehouse {
    let mut extra = Extra::default();
    extra.set("openingHours", &["8-16"]).unwrap();
    let address = WarehouseAddress::builder()
        .tin("PL8990000000")
        .kind("BUSINESS")
        .first_name("Józef")
        .last_name("Żak")
        .company_name("Śruby sp. z o.o.")
        .zip("50-001")
        .city("Wrocław")
        .street("Świdnicka")
        .number("7/9")
        .apartment("3")
        .country("PL")
        .phone("+48 71 000 00 00")
        .latitude(decimal("51.1090"))
        .longitude(decimal("17.0320"))
        .additional_info("wjazd od podwórza")
        .build();
    Warehouse::builder()
        .id("WRO/1:żółty")
        .kind(WarehouseType::Local)
        .name("Sklep Wrocław")
        .label("Wrocław")
        .parent("WRO")
        .pickup_point(true)
        .reservation(true)
        .reservation_time(2)
        .shipping_time(24)
        .supported(false)
        .address(address)
        .extra(extra)
        .build()
}

#[test]
fn warehouses_and_reservations_show_ids_and_no_content() {
    let warehouse = whole_warehouse();
    let product = ReservedProduct::new("SKU-7", "1", decimal("98765.4321"));
    let reservation: Reservation =
        serde_json::from_str(r#"{"reservationId":"r-1","quantity":98765.4321,"note":"98765"}"#).unwrap();
    let shown = format!(
        "{warehouse:?} {:?} {:?} {product:?} {reservation:?}",
        warehouse.address,
        PostWarehouse::builder().warehouse(&warehouse).build(),
    );
    for content in ["98765", "Żak", "Wrocław", "8990000000", "8-16"] {
        assert!(!shown.contains(content), "{shown}");
    }
    assert!(shown.contains("WRO/1:żółty") && shown.contains("SKU-7") && shown.contains("r-1"), "{shown}");
}

#[tokio::test]
async fn every_call_of_the_service_stock_on_the_wire() {
    let server = answering(r#"{"salesOrderNumber":"1","products":[],"total":0,"elements":[]}"#).await;
    let one = client_of(&server).build().unwrap();
    let warehouse = WarehouseId::from("WRO/1:żółty");

    one.warehouses().save(&whole_warehouse()).await.unwrap();
    let lines = [StockLine::new("ŁOŻYSKO-6204", decimal("12.50")), StockLine::new("888", decimal("0"))];
    one.stocks().replace_all(&warehouse, &lines).await.unwrap();
    one.external_reservations().get(&"ZS/7:2026".into()).await.unwrap();
    let reserved = [ReservedProduct::new("ŁOŻYSKO-6204", "1", decimal("0.10"))];
    one.external_reservations().save(&ExternalReservation::new("ZS/7:2026", reserved)).await.unwrap();
    let ids: Vec<ReservationId> = vec!["a/1".into(), "b:2".into()];
    for style in [ListStyle::Comma, ListStyle::Repeated] {
        let one = client_of(&server).list_style(style).build().unwrap();
        let pages = one.reservations().list_of(ids.clone(), PageNumber::new(3), 10);
        assert_eq!(pages.try_collect::<Vec<_>>().await.unwrap().len(), 1);
    }
    one.reservations().list(PageNumber::FIRST, 100).try_collect::<Vec<_>>().await.unwrap();

    insta::assert_snapshot!(requests(&server).await);
}

#[tokio::test]
async fn a_warehouse_is_written_with_the_verb_and_under_the_service_that_were_set() {
    let server = answering("").await;
    let one = client_of(&server).warehouse_service("account").warehouse_method(http::Method::PUT);
    let warehouse = Warehouse::builder().id("WRO").kind(WarehouseType::Central).build();
    one.build().unwrap().warehouses().save(&warehouse).await.unwrap();
    let sent = sent(&server).await;
    assert!(sent.starts_with("PUT /api/v1/account/integrations/auth-required/warehouses\n"), "{sent}");
    assert!(sent.ends_with("\n\n{\"id\":\"WRO\",\"type\":\"CENTRAL\"}"), "{sent}");
}

#[test]
fn only_put_may_be_repeated_for_a_warehouse() {
    let warehouse = whole_warehouse();
    let effect = |method| PostWarehouse::builder().warehouse(&warehouse).method(method).build().effect();
    assert_eq!(effect(http::Method::PUT), Effect::Idempotent);
    assert_eq!(effect(http::Method::POST), Effect::Create);
    assert_eq!(effect(http::Method::PATCH), Effect::Create);
}

#[tokio::test]
async fn the_calls_about_warehouses_tell_what_a_second_delivery_does() {
    let server = answering("").await;
    let effect = |method| client_of(&server).warehouse_method(method).build().unwrap().warehouses().effect();
    assert_eq!(effect(http::Method::PUT), Effect::Idempotent);
    assert_eq!(effect(http::Method::POST), Effect::Create);
}

#[rstest]
#[case::no_time(
    Warehouse::builder().id("a").kind(WarehouseType::Local).reservation(true).build(),
    "a warehouse with reservation needs a reservationTime"
)]
#[case::central_below_another(
    Warehouse::builder().id("a").kind(WarehouseType::Central).parent("b").build(),
    "a CENTRAL warehouse has no parent"
)]
#[tokio::test]
async fn what_the_documentation_excludes_of_a_warehouse_is_not_sent(
    #[case] warehouse: Warehouse,
    #[case] detail: &str,
) {
    let (simulator, one) = simulated().await;
    let error = one.warehouses().save(&warehouse).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains(detail), "{error}");
    assert_eq!(simulator.faults().calls("/warehouses"), 0);
}

#[rstest]
#[case::no_reservation(Warehouse::builder().id("a").kind(WarehouseType::Central).reservation(false).build())]
#[case::a_new_word(Warehouse::builder().id("a").kind("HUB".into()).parent("b").build())]
fn what_the_documentation_does_not_exclude_of_a_warehouse_is_sent(#[case] warehouse: Warehouse) {
    assert!(PostWarehouse::builder().warehouse(&warehouse).build().body().is_ok());
}

#[tokio::test]
async fn more_lines_than_one_request_takes_are_not_replaced_and_the_advice_names_the_other_way() {
    let (simulator, one) = simulated().await;
    let warehouse = WarehouseId::from("WRO");
    let mut lines: Vec<_> =
        (0..=MAX_LINES).map(|n| StockLine::new(format!("Śruba/{n}"), decimal("1"))).collect();
    let error = one.stocks().replace_all(&warehouse, &lines).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("10001 stock lines"), "{error}");
    assert!(error.what_to_do().contains("send_incremental"));
    assert_eq!(simulator.faults().calls("/stocks"), 0);

    lines.pop();
    one.stocks().replace_all(&warehouse, &lines).await.unwrap();
    assert_eq!(simulator.stocks()["WRO"].len(), MAX_LINES);
    assert_eq!(simulator.faults().calls("/stocks"), 1, "one request, whole");

    let twice = [StockLine::new("a", decimal("1")), StockLine::new("b", decimal("1")).with_id("a")];
    let error = one.stocks().replace_all(&warehouse, &twice).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(simulator.faults().calls("/stocks"), 1);
}

#[tokio::test]
async fn replacing_deletes_what_is_not_named_in_that_warehouse_alone_and_no_lines_clear_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("one.jsonl");
    let simulator = Simulator::builder().state_file(&path).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let (here, there) = (WarehouseId::from("WRO/1:żółty"), WarehouseId::from("KRK"));
    let before = [StockChange::set("a", decimal("1")), StockChange::set("b", decimal("2"))];
    for warehouse in [&here, &there] {
        one.stocks().send_incremental(warehouse, &before).await.into_result().unwrap();
    }
    let lines =
        [StockLine::new("b", decimal("3.50")), StockLine::new("Śruba/M8", decimal("7")).with_id("A-01")];
    one.stocks().replace_all(&here, &lines).await.unwrap();
    let stock = |sku| simulator.stock(here.as_str(), sku);
    assert_eq!((stock("a"), stock("b")), (None, Some(decimal("3.50"))));
    assert_eq!(stock("Śruba/M8"), Some(decimal("7")));
    assert_eq!(simulator.stock("KRK", "a"), Some(decimal("1")));

    one.stocks().replace_all(&there, &[]).await.unwrap();
    assert!(simulator.stocks()["KRK"].is_empty());
    let stocks = simulator.stocks();
    simulator.stop().await;
    let again = Simulator::builder().state_file(&path).start().await.unwrap();
    assert_eq!(again.stocks(), stocks);
}

#[tokio::test]
async fn the_simulator_wants_a_central_warehouse_above_a_local_one() {
    let (simulator, one) = simulated().await;
    let local = |id: &str, parent: &str| {
        Warehouse::builder().id(id).kind(WarehouseType::Local).parent(parent).build()
    };
    assert_eq!(one.warehouses().save(&local("a", "WRO")).await.unwrap_err().status(), Some(400));
    let central = Warehouse::builder().id("WRO").kind(WarehouseType::Central).build();
    one.warehouses().save(&central).await.unwrap();
    one.warehouses().save(&local("a", "WRO")).await.unwrap();
    let error = one.warehouses().save(&local("b", "a")).await.unwrap_err();
    assert!(error.detail().unwrap().contains("a is no CENTRAL warehouse"), "{:?}", error.detail());
    let extra = one.warehouses().save(&whole_warehouse()).await.unwrap_err();
    assert!(extra.detail().unwrap().contains("unknown field openingHours"), "{:?}", extra.detail());
    assert_eq!(simulator.records("warehouses").len(), 2);
}

#[tokio::test]
async fn an_external_reservation_is_changed_line_by_line() {
    let (simulator, one) = simulated().await;
    let external = one.external_reservations();
    let number = "ZS/7:2026/ż".into();
    assert_eq!(external.get(&number).await.unwrap_err().kind(), ErrorKind::NotFound);

    let both = [
        ReservedProduct::new("Śruba/M8:10", "1", decimal("100")),
        ReservedProduct::new("NIT", "2", decimal("20")),
    ];
    external.save(&ExternalReservation::new(number.clone(), both.clone())).await.unwrap();
    let second = ReservedProduct::new("NIT", "2", decimal("0.125"));
    external.save(&ExternalReservation::new(number.clone(), [second.clone()])).await.unwrap();
    let read = external.get(&number).await.unwrap();
    assert_eq!(read, ExternalReservation::new(number, [both[0].clone(), second]));
    assert!(simulator.stocks().is_empty(), "they do not reduce stock");
}

fn reserved(simulator: &Simulator, count: usize) {
    for n in 1..=count {
        let record = format!(
            r#"{{"reservationId":"r-{n}","type":"SALES_ORDER","warehouseId":"WRO","productId":"Śruba/{n}","salesOrderNumber":"OF/22/8/2026","quantity":{n}.50}}"#
        );
        simulator.put_record("reservations", &format!("r-{n}"), &record).unwrap();
    }
}

async fn listed(
    pages: impl Stream<Item = Result<Page<Row<Reservation>, PageNumber>>>,
) -> Vec<Vec<Reservation>> {
    pages.map_ok(|page| page.items.into_iter().map(|row| row.unwrap()).collect()).try_collect().await.unwrap()
}

#[tokio::test]
async fn reservations_are_read_to_the_end_also_from_a_server_that_caps_the_page() {
    let simulator = Simulator::builder().max_page_size(3).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    reserved(&simulator, 7);
    let pages = listed(one.reservations().list(PageNumber::FIRST, 10)).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 1, 0]);
    let fourth = &pages[1][0];
    assert_eq!(fourth.reservation_id.as_str(), "r-4");
    assert_eq!(fourth.kind, Some(ReservationType::SalesOrder));
    assert_eq!(fourth.product_id.as_ref().unwrap().as_str(), "Śruba/4");
    assert_eq!(fourth.sales_order_number.as_ref().unwrap().as_str(), "OF/22/8/2026");
    assert_eq!(fourth.quantity.unwrap().to_string(), "4.50");
    assert!(fourth.extra.is_empty());

    for style in [ListStyle::Comma, ListStyle::Repeated] {
        let one = simulator.client_builder().list_style(style).transport(hurried).build().unwrap();
        let ids = ["r-2", "r-7", "r-9"].map(ReservationId::from).to_vec();
        let some = listed(one.reservations().list_of(ids, PageNumber::FIRST, 10)).await.concat();
        assert_eq!(some.iter().map(|r| r.reservation_id.as_str()).collect::<Vec<_>>(), ["r-2", "r-7"]);
    }
}

#[rstest]
#[case::none(vec![])]
#[case::comma(vec!["a,b".into()])]
#[tokio::test]
async fn reservation_ids_that_would_ask_for_others_are_refused_unsent(#[case] ids: Vec<ReservationId>) {
    let (simulator, one) = simulated().await;
    reserved(&simulator, 2);
    let pages = one.reservations().list_of(ids, PageNumber::FIRST, 10);
    assert_eq!(pages.try_collect::<Vec<_>>().await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(simulator.faults().calls("/reservations"), 0);
}

#[tokio::test]
async fn a_reservation_with_null_and_unknown_fields_is_read_and_one_without_id_costs_itself_alone() {
    let (simulator, one) = simulated().await;
    let odd =
        r#"{"reservationId":"a","type":"OFFER","quantity":null,"warehouseId":null,"until":"2026-12-01"}"#;
    simulator.put_record("reservations", "a", odd).unwrap();
    simulator.put_record("reservations", "b", r#"{"quantity":1}"#).unwrap();
    reserved(&simulator, 1);
    let pages: Vec<_> = one.reservations().list(PageNumber::FIRST, 50).try_collect().await.unwrap();
    let [a, b, c] = &pages[0].items[..] else { panic!("three rows") };
    let a = a.as_ref().unwrap();
    assert_eq!(a.kind, Some(ReservationType::Unknown("OFFER".to_owned())));
    assert_eq!((a.quantity, a.extra.json("until")), (None, Some("\"2026-12-01\"")));
    assert_eq!((b.as_ref().unwrap_err().index, &b.as_ref().unwrap_err().key), (1, &None));
    assert!(c.is_ok());
}

#[tokio::test]
async fn o2_warehouses_are_written_once_with_the_local_ones_below_their_central_one() {
    for service in ["stock", "account"] {
        let simulator = Simulator::builder().warehouse_service(service).start().await.unwrap();
        for method in [http::Method::POST, http::Method::PUT] {
            let one = simulator.client_builder().warehouse_method(method).transport(hurried).build().unwrap();
            let central = Warehouse::builder()
                .id("WRO/główny:1")
                .kind(WarehouseType::Central)
                .name("Magazyn główny")
                .supported(true)
                .build();
            let mut shop = whole_warehouse();
            (shop.parent, shop.extra) = (Some(central.id.clone()), Extra::default());
            for warehouse in [&central, &shop] {
                one.warehouses().save(warehouse).await.unwrap();
            }
            let kept = simulator.records("warehouses");
            assert_eq!(kept.len(), 2, "written again, not twice");
            let json = serde_json::to_string(&shop).unwrap();
            crate::payloads::same_json(
                &json,
                &serde_json::from_str::<&serde_json::value::RawValue>(&kept["WRO/1:żółty"]).unwrap(),
            );
        }
    }
}

#[tokio::test]
async fn o3_stocks_of_each_warehouse_are_set_and_deleted_and_the_same_message_twice_leaves_the_same_stock() {
    let (simulator, one) = simulated().await;
    let changes = [
        StockChange::set("Śruba/M8:10", decimal("12.500")),
        StockChange::Set(StockLine::new("Śruba/M8:10", decimal("7")).with_id("A-01-03")),
        StockChange::set("WYPRZEDANE", decimal("0")),
        StockChange::remove("wycofane/1"),
    ];
    let old = [StockChange::set("wycofane/1", decimal("1"))];
    for warehouse in ["WRO", "KRK/2:żółty"] {
        let warehouse = WarehouseId::from(warehouse);
        for changes in [&old[..], &changes, &changes] {
            let report = one.stocks().send_incremental(&warehouse, changes).await;
            assert_eq!((report.accepted(), report.resume_at()), (changes.len(), None));
        }
    }
    for warehouse in ["WRO", "KRK/2:żółty"] {
        assert_eq!(simulator.stock(warehouse, "Śruba/M8:10"), Some(decimal("19.5")));
        assert_eq!(simulator.stock(warehouse, "WYPRZEDANE"), Some(decimal("0")), "known, and none");
        assert_eq!(simulator.stock(warehouse, "wycofane/1"), None, "not known at all");
    }
}

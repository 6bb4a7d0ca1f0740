//! Price lists against the simulator.

use crate::simulator::{Raw, status};
use crate::{decimal, hurried, simulated};
use http::Method;
use one_client::pricing::{
    ClientToGroup, ClientToPricing, Discount, DiscountLine, DiscountPricing, DiscountType, MarkupLine, Price,
    PricingCondition, PricingConnection, RetailPrice,
};
use one_client::simulator::Simulator;
use one_client::{BulkReport, ClientGroupId, ClientId, ErrorKind, PricingId, ProductGroupId, Sku};
use rstest::rstest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn record(simulator: &Simulator, shelf: &str, key: &str) -> Value {
    serde_json::from_str(&simulator.record(shelf, key).unwrap()).unwrap()
}

fn failed(report: &BulkReport) -> Vec<(usize, ErrorKind)> {
    report.failures().flat_map(|(lines, error)| lines.map(|line| (line, error.kind()))).collect()
}

#[tokio::test]
async fn o8_retail_prices_arrive_digit_for_digit_and_a_refused_product_costs_itself() {
    let (simulator, one) = simulated().await;
    simulator.refuse_products(["NIEZNANY/1"]);
    let prices = [
        RetailPrice::new("ŁOŻYSKO 6204/2RS:C3", decimal("19.90")),
        RetailPrice::new("NIEZNANY/1", decimal("1")),
        RetailPrice::new("888", decimal("0.0001")),
    ];
    let report = one.retail_prices().save(&prices).await;
    assert_eq!(failed(&report), [(1, ErrorKind::Rejected)]);
    assert_eq!(simulator.retail_price("ŁOŻYSKO 6204/2RS:C3").unwrap().to_string(), "19.90");
    assert_eq!(simulator.retail_price("888"), Some(decimal("0.0001")));

    let again = [RetailPrice::new("888", decimal("2"))];
    one.retail_prices().save(&again).await.into_result().unwrap();
    assert_eq!(simulator.retail_price("888"), Some(decimal("2")));
    assert_eq!(simulator.retail_prices().len(), 2, "what is not named stays");
}

#[tokio::test]
async fn o9_b2b_prices_arrive_in_lists_that_clients_get_and_an_unknown_client_costs_itself() {
    let (simulator, one) = simulated().await;
    let main = one.pricings().main_catalog_id().await.unwrap();
    let pricing = DiscountPricing::builder()
        .name("Hurt – żółty")
        .priority(1)
        .global(false)
        .conditions(vec![PricingCondition::time_range("2026-10-01", "2026-12-20")])
        .default_discount(Discount::new(DiscountType::PercentAdditive, decimal("2.50")))
        .build();
    let hurt = one.pricings().create(&pricing).await.unwrap();
    let prices = [
        Price::new(main.clone(), "ŁOŻYSKO/1", decimal("100.00")),
        Price::new(hurt.clone(), "ŁOŻYSKO/1", decimal("79.90")),
        Price::new(hurt.clone(), "888", decimal("5")),
    ];
    one.prices().save(&prices).await.into_result().unwrap();
    let connections = [PricingConnection::new(main.clone(), hurt.clone())];
    one.pricings().save_connections(&connections).await.into_result().unwrap();

    let group = one.client_groups().create("Elektrycy – Łódź").await.unwrap();
    let members = [ClientToGroup::new("org:1/ż", group.clone()), ClientToGroup::new("ind:2", group.clone())];
    one.client_groups().save_members(&members).await.into_result().unwrap();
    simulator.unknown_clients(["org:nieznany"]);
    let mut lines: Vec<_> =
        (0..50).map(|n| ClientToPricing::new(ClientId::from(format!("org:{n}")), hurt.clone())).collect();
    lines.push(ClientToPricing::new(group.clone(), hurt.clone()));
    lines.push(ClientToPricing::new(ClientId::from("ind:2"), main.clone()));
    lines.insert(23, ClientToPricing::new(ClientId::from("org:nieznany"), hurt.clone()));
    let report = one.clients_to_pricings().save(&lines).await;
    assert_eq!(failed(&report), [(23, ErrorKind::NotFound)]);
    assert_eq!(report.resume_at(), None, "the integration goes on");

    assert_eq!(simulator.price(main.as_str(), "ŁOŻYSKO/1"), Some(decimal("100.00")));
    assert_eq!(simulator.price(hurt.as_str(), "ŁOŻYSKO/1").unwrap().to_string(), "79.90");
    assert_eq!(simulator.prices(hurt.as_str()).len(), 2);
    assert_eq!(simulator.lines_received().prices, 3);
    let list = record(&simulator, "pricings", hurt.as_str());
    assert_eq!((&list["name"], &list["type"]), (&json!("Hurt – żółty"), &json!("DISCOUNT")));
    assert_eq!(
        list["conditions"],
        json!([{ "type": "TIME_RANGE", "start": "2026-10-01", "end": "2026-12-20" }])
    );
    assert_eq!(list["defaultDiscount"], json!({ "type": "PERCENT_ADDITIVE", "value": 2.5 }));
    assert_eq!(record(&simulator, "pricing-connections", hurt.as_str())["basePriceSource"], json!(main));
    let arrived: BTreeSet<_> = simulator.records("clients-to-pricings").into_keys().collect();
    assert_eq!(arrived.len(), 52);
    assert!(arrived.contains(&format!("clientGroupId:{group}|{hurt}")));
    assert!(arrived.contains(&format!("clientId:ind:2|{main}")));
    assert!(arrived.contains(&format!("clientId:org:0|{hurt}")));
    assert_eq!(simulator.records("client-to-groups").len(), 2);
    assert_eq!(record(&simulator, "client-groups", group.as_str())["name"], json!("Elektrycy – Łódź"));
}

#[tokio::test]
async fn a_line_about_an_unknown_list_or_group_fails_alone() {
    let (simulator, one) = simulated().await;
    let main = one.pricings().main_catalog_id().await.unwrap();
    let group = one.product_groups().create("Łożyska").await.unwrap();
    let clients = one.client_groups().create("Elektrycy").await.unwrap();
    let lists = [main.clone(), PricingId::from("nieznany"), main.clone()];

    let prices: Vec<_> = lists
        .iter()
        .zip(["a", "b", "c"])
        .map(|(list, sku)| Price::new(list.clone(), sku, decimal("1")))
        .collect();
    let report = one.prices().save(&prices).await;
    assert_eq!(failed(&report), [(1, ErrorKind::NotFound)]);
    assert_eq!(simulator.prices(main.as_str()).len(), 2);

    let discount = |list: &PricingId, group: &ProductGroupId| {
        DiscountLine::new(list.clone(), group.clone(), DiscountType::FlatValue, decimal("1"))
    };
    let discounts =
        [discount(&main, &group), discount(&main, &"nieznana".into()), discount(&lists[1], &group)];
    let report = one.discounts().save(&discounts).await;
    assert_eq!(failed(&report), [(1, ErrorKind::NotFound), (2, ErrorKind::NotFound)]);
    let line = record(&simulator, "discounts", &format!("{main}|productGroupId:{group}"));
    assert_eq!(line["discount"], json!({ "type": "FLAT_VALUE", "value": 1 }));

    let connections = [PricingConnection::new(main.clone(), "x"), PricingConnection::new("x", main.clone())];
    assert_eq!(failed(&one.pricings().save_connections(&connections).await).len(), 2);

    let members = ["org:1", "org:2"].map(|client| ClientToGroup::new(client, clients.clone()));
    let members = [members[0].clone(), ClientToGroup::new("org:1", "nieznana"), members[1].clone()];
    let report = one.client_groups().save_members(&members).await;
    assert_eq!(failed(&report), [(1, ErrorKind::NotFound)]);

    let lines = [
        ClientToPricing::new(clients, main.clone()),
        ClientToPricing::new(ClientGroupId::from("nieznana"), main.clone()),
        ClientToPricing::new(ClientId::from("org:1"), "nieznany"),
    ];
    let report = one.clients_to_pricings().save(&lines).await;
    assert_eq!(failed(&report), [(1, ErrorKind::NotFound), (2, ErrorKind::NotFound)]);

    let lenient = Simulator::builder().strict(false).start().await.unwrap();
    let one = lenient.client_builder().transport(hurried).build().unwrap();
    one.prices().save(&prices).await.into_result().unwrap();
    one.discounts().save(&discounts).await.into_result().unwrap();
    assert_eq!(lenient.price("nieznany", "b"), Some(decimal("1")));
}

#[tokio::test]
async fn a_markup_is_refused_alone_unless_its_list_is_of_the_type_purchase() {
    let (simulator, one) = simulated().await;
    let main = one.pricings().main_catalog_id().await.unwrap();
    simulator.put_record("pricings", "zakup/1", r#"{"type":"PURCHASE"}"#).unwrap();
    let lines = [
        MarkupLine::new("zakup/1", Sku::from("ŁOŻYSKO/1"), decimal("10.50")),
        MarkupLine::new(main, Sku::from("888"), decimal("1")),
        MarkupLine::new("zakup/1", Sku::from("888"), decimal("1")),
    ];
    let report = one.markups().save(&lines).await;
    assert_eq!(failed(&report), [(1, ErrorKind::Rejected)]);
    let line = simulator.record("markups", "zakup/1|productId:ŁOŻYSKO/1").unwrap();
    assert!(line.contains(r#""markup":{"value":10.50}"#), "{line}");
    assert_eq!(simulator.records("markups").len(), 2);
}

#[tokio::test]
async fn the_products_of_a_group_are_those_that_were_told_last() {
    let (simulator, one) = simulated().await;
    let id = one.product_groups().create("Łożyska").await.unwrap();
    one.product_groups().save_products(&id, &["ŁOŻYSKO/1".into(), "888".into()]).await.unwrap();
    one.product_groups().save_products(&id, &["888".into(), "9:1".into()]).await.unwrap();
    assert_eq!(record(&simulator, "product-groups", id.as_str())["products"], json!(["888", "9:1"]));
    let error = one.product_groups().save_products(&"x/ż".into(), &[]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[rstest]
#[case("discounts", r#"[{"discount":{"type":"FLAT_VALUE","value":1},"pricingId":"p"}]"#)]
#[case("discounts", r#"[{"discount":{"type":"NO_SUCH","value":1},"pricingId":"p","productId":"a"}]"#)]
#[case(
    "discounts",
    r#"[{"discount":{"type":"FLAT_VALUE","value":1},"pricingId":"p","productId":"a","productGroupId":"b"}]"#
)]
#[case("markups", r#"[{"markup":{"value":1},"pricingId":"p"}]"#)]
#[case("clients-to-pricings", r#"[{"pricingId":"p"}]"#)]
#[case("clients-to-pricings", r#"[{"clientId":"a","clientGroupId":"b","pricingId":"p"}]"#)]
#[case("prices", r#"[{"price":"1","pricingId":"p","productId":"a"}]"#)]
#[tokio::test]
async fn the_simulator_refuses_what_the_documentation_does_not_allow(
    #[case] resource: &'static str,
    #[case] body: &'static str,
) {
    let simulator = Simulator::builder().strict(false).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let path = vec!["api", "v1", "pricing", "integrations", "auth-required", resource].leak();
    assert_eq!(status(&one, Raw::write(Method::PUT, path, body)).await, 400);
    assert!(simulator.records(resource).is_empty());
}

#[tokio::test]
async fn prices_of_lists_are_in_the_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    let simulator = Simulator::builder().state_file(&path).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let list = one.pricings().create(&DiscountPricing::builder().name("ż").build()).await.unwrap();
    let prices = [
        Price::new(list.clone(), "ŁOŻYSKO/1", decimal("79.90")),
        Price::new(list.clone(), "b", decimal("1")),
    ];
    one.prices().save(&prices).await.into_result().unwrap();
    let before = simulator.prices(list.as_str());
    simulator.stop().await;

    let simulator = Simulator::builder().state_file(&path).start().await.unwrap();
    assert_eq!(simulator.prices(list.as_str()), before);
    assert_eq!(simulator.price(list.as_str(), "ŁOŻYSKO/1").unwrap().to_string(), "79.90");
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    one.prices().save(&prices).await.into_result().unwrap();
}

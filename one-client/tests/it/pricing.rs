//! Endpoints of the service `pricing`.

mod simulated;

use crate::endpoints::{CONTENT, Check};
use crate::payloads::{payload, round_trips, same_json};
use crate::wire::{answering, request};
use crate::{client_of, decimal, mock};
use one_client::pricing::{
    ClientToGroup, ClientToPricing, Discount, DiscountLine, DiscountPricing, DiscountType, GetMainCatalogId,
    MAX_PRICE_LISTS, MarkupLine, PostClientGroup, PostDiscountPricing, PostProductGroup, Price, Priced,
    PricingCondition, PricingConnection, PutClientToGroups, PutClientsToPricings, PutDiscounts, PutMarkups,
    PutPrices, PutPricingConnections, PutProductGroupProducts, PutRetailPrices, RetailPrice,
};
use one_client::{
    BulkReport, BulkWrite, ClientGroupId, ClientId, Decimal, Endpoint, ErrorKind, MAX_LINES, ProductGroupId,
    Sku,
};
use rstest::rstest;
use std::fmt::Write as _;
use wiremock::matchers::any;
use wiremock::{Mock, Request, ResponseTemplate};

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let amount = decimal("19.99");
    check.endpoint(&PutRetailPrices::new(&[RetailPrice::new(CONTENT, amount)]), "{}").await;
    check.endpoint(&PutPrices::new(&[Price::new(CONTENT, CONTENT, amount)]), "{}").await;
    check.endpoint(&GetMainCatalogId::new(), &format!(r#"{{"mainCatalogId":"{CONTENT}"}}"#)).await;
    let pricing = DiscountPricing::builder()
        .name(CONTENT)
        .conditions(vec![PricingCondition::time_range(CONTENT, CONTENT)])
        .default_discount(Discount::new(DiscountType::FlatValue, amount))
        .build();
    check.endpoint(&PostDiscountPricing::new(&pricing), &format!("\"{CONTENT}\"")).await;
    let connections = [PricingConnection::new(CONTENT, CONTENT)];
    check.endpoint(&PutPricingConnections::new(&connections), "{}").await;
    let product = Sku::from(CONTENT);
    let discounts = [DiscountLine::new(CONTENT, product.clone(), DiscountType::FlatValue, amount)];
    check.endpoint(&PutDiscounts::new(&discounts), "{}").await;
    check.endpoint(&PutMarkups::new(&[MarkupLine::new(CONTENT, product.clone(), amount)]), "{}").await;
    let lines = [ClientToPricing::new(ClientId::from(CONTENT), CONTENT)];
    check.endpoint(&PutClientsToPricings::new(&lines), "{}").await;
    let answer = format!(r#"{{"clientGroupId":"{CONTENT}","name":"{CONTENT}"}}"#);
    check.endpoint(&PostClientGroup::new(CONTENT), &answer).await;
    check.endpoint(&PutClientToGroups::new(&[ClientToGroup::new(CONTENT, CONTENT)]), "{}").await;
    let answer = format!(r#"{{"productGroupId":"{CONTENT}","name":"{CONTENT}"}}"#);
    check.endpoint(&PostProductGroup::new(CONTENT), &answer).await;
    check.endpoint(&PutProductGroupProducts::new(&CONTENT.into(), &[product]), "{}").await;
}

#[test]
fn the_documented_retail_prices_are_read_and_written_back() {
    round_trips::<Vec<RetailPrice>>("06_retail_prices");
}

#[test]
fn the_documented_prices_are_read_and_written_back() {
    round_trips::<Vec<Price>>("07_prices");
}

#[test]
fn the_example_of_who_has_which_list_is_read_and_written_back() {
    round_trips::<Vec<ClientToPricing>>("08_client_to_pricing");
}

#[test]
fn groups_are_created_with_the_documented_bodies() {
    same_json(&payload("10_create_client_group"), &PostClientGroup::new("Group A"));
    same_json(&payload("18_create_product_group"), &PostProductGroup::new("Group A"));
}

#[test]
fn the_documented_discounts_and_markups_are_read_and_written_back() {
    round_trips::<Vec<DiscountLine>>("13_discount_product");
    round_trips::<Vec<MarkupLine>>("15_markup_product");
}

#[tokio::test]
async fn each_call_sends_what_its_page_says() {
    let mut all = String::new();
    let mut told = |request: String| {
        let lines: Vec<_> = request.lines().collect();
        writeln!(all, "{}\n{}\n", lines[0], lines.last().unwrap()).unwrap();
    };
    let ok = |report: BulkReport| report.into_result().unwrap();
    told(
        request("", async |one| {
            let lines = [
                Price::new("hurt/1", "ŁOŻYSKO-6204", decimal("112")),
                Price::new("hurt/1", "88", decimal("0.10")),
            ];
            ok(one.prices().save(&lines).await);
        })
        .await,
    );
    told(
        request(r#"{"mainCatalogId":"a:1"}"#, async |one| {
            assert_eq!(one.pricings().main_catalog_id().await.unwrap().as_str(), "a:1");
        })
        .await,
    );
    told(
        request(r#"{"pricingId":"p:1"}"#, async |one| {
            let mut pricing = DiscountPricing::builder()
                .name("Jesień – hurt")
                .priority(10)
                .global(false)
                .conditions(vec![PricingCondition::time_range("2026-10-01", "2026-12-20")])
                .default_discount(Discount::new(DiscountType::PercentMultiplicative, decimal("12.50")))
                .build();
            pricing.extra.set("description", &"dla hurtowni").unwrap();
            assert_eq!(one.pricings().create(&pricing).await.unwrap().as_str(), "p:1");
        })
        .await,
    );
    told(
        request("", async |one| {
            ok(one.pricings().save_connections(&[PricingConnection::new("main", "hurt/1")]).await);
        })
        .await,
    );
    told(
        request("", async |one| {
            let lines = [
                DiscountLine::new("hurt/1", Sku::from("10"), DiscountType::PercentAdditive, decimal("7.5")),
                DiscountLine::new("hurt/1", ProductGroupId::from("g:1"), "LOYALTY".into(), decimal("10")),
            ];
            ok(one.discounts().save(&lines).await);
        })
        .await,
    );
    told(
        request("", async |one| {
            let lines = [
                MarkupLine::new("zakup/1", Sku::from("4"), decimal("10")),
                MarkupLine::new("zakup/1", ProductGroupId::from("g:1"), decimal("0.5")),
            ];
            ok(one.markups().save(&lines).await);
        })
        .await,
    );
    told(
        request("", async |one| {
            let lines = [
                ClientToPricing::new(ClientId::from("org:ż/1"), "hurt/1"),
                ClientToPricing::new(ClientId::from("ind:2"), "hurt/1"),
                ClientToPricing::new(ClientGroupId::from("g:1"), "hurt/1"),
            ];
            ok(one.clients_to_pricings().save(&lines).await);
        })
        .await,
    );
    told(
        request(r#"{"clientGroupId":"g:1","name":"x"}"#, async |one| {
            assert_eq!(one.client_groups().create("Elektrycy").await.unwrap().as_str(), "g:1");
        })
        .await,
    );
    told(
        request("", async |one| {
            ok(one.client_groups().save_members(&[ClientToGroup::new("org:ż/1", "g:1")]).await);
        })
        .await,
    );
    told(
        request(r#"{"productGroupId":"pg:1","name":"Łożyska","colour":"x"}"#, async |one| {
            assert_eq!(one.product_groups().create("Łożyska").await.unwrap().as_str(), "pg:1");
        })
        .await,
    );
    told(
        request("", async |one| {
            let products = ["ŁOŻYSKO-6204".into(), "88/1".into()];
            one.product_groups().save_products(&"pg:ż/1".into(), &products).await.unwrap();
        })
        .await,
    );
    insta::assert_snapshot!(all);
}

#[rstest]
#[case::both(r#"{"pricingId":"p","productId":"a","productGroupId":"b","clientId":"a","clientGroupId":"b""#)]
#[case::none(r#"{"pricingId":"p""#)]
#[case::null(r#"{"pricingId":"p","productId":null,"clientId":null"#)]
fn a_line_about_both_or_neither_is_not_read(#[case] fields: &str) {
    let discount = format!(r#"{fields},"discount":{{"type":"FLAT_VALUE","value":1}}}}"#);
    assert!(serde_json::from_str::<DiscountLine>(&discount).is_err());
    let markup = format!(r#"{fields},"markup":{{"value":1}}}}"#);
    assert!(serde_json::from_str::<MarkupLine>(&markup).is_err());
    assert!(serde_json::from_str::<ClientToPricing>(&format!("{fields}}}")).is_err());
}

#[test]
fn a_line_about_a_group_is_read_and_keeps_its_digits() {
    let json = r#"{"discount":{"type":"FLAT_VALUE","value":0.1000000000000000055},"pricingId":"p","productGroupId":"g"}"#;
    let line: DiscountLine = serde_json::from_str(json).unwrap();
    assert_eq!(line.priced, Priced::Group("g".into()));
    assert_eq!(serde_json::to_string(&line).unwrap(), json);
}

#[test]
fn ids_of_price_lists_are_read_in_every_shape_and_never_made_up() {
    let main =
        |body: &str| GetMainCatalogId::new().decode(body.as_bytes()).map(one_client::PricingId::into_string);
    assert_eq!(main(r#" "ż/1" "#).unwrap(), "ż/1");
    assert_eq!(main(r#"{"mainCatalogId":"a","name":null}"#).unwrap(), "a");
    for body in ["\"\"", "null", "{}", r#"{"mainCatalogId":null}"#, r#"{"pricingId":"a"}"#, "7", "", "abc"] {
        assert_eq!(main(body).unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
    let pricing = DiscountPricing::builder().name("x").build();
    let created = |body: &str| {
        PostDiscountPricing::new(&pricing).decode(body.as_bytes()).map(one_client::PricingId::into_string)
    };
    for body in ["\"a\"", r#"{"id":"a"}"#, r#"{"pricingId":"a"}"#, r#"{"id":"other","pricingId":"a"}"#] {
        assert_eq!(created(body).unwrap(), "a", "{body}");
    }
    for body in ["", "{}", r#"{"mainCatalogId":"a"}"#, r#"{"id":""}"#, "[]", r#"["a","a","a"]"#] {
        assert_eq!(created(body).unwrap_err().kind(), ErrorKind::Decode, "{body}");
    }
}

#[rstest]
#[case(r#"{"name":"Group B"}"#)]
#[case(r#"{"clientGroupId":null,"productGroupId":null,"pricingId":null,"name":"Group B"}"#)]
#[case(r#"{"clientGroupId":"","productGroupId":"","pricingId":""}"#)]
#[case("")]
#[tokio::test]
async fn a_group_or_list_without_id_in_the_answer_is_an_error_that_may_have_been_applied(
    #[case] answer: &str,
) {
    let server = answering(answer).await;
    let one = client_of(&server).build().unwrap();
    let pricing = DiscountPricing::builder().name("x").build();
    let errors = [
        one.client_groups().create("x").await.unwrap_err(),
        one.product_groups().create("x").await.unwrap_err(),
        one.pricings().create(&pricing).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.may_have_been_applied(), "{error}");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 3, "none is repeated");
}

#[tokio::test]
async fn the_products_of_a_group_go_at_once_or_not_at_all() {
    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    let products: Vec<_> = (0..=MAX_LINES).map(|n| Sku::from(n.to_string())).collect();
    let error = one.product_groups().save_products(&"g".into(), &products).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(!error.may_have_been_applied());
    assert!(server.received_requests().await.unwrap().is_empty());
    one.product_groups().save_products(&"g".into(), &products[1..]).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    assert_eq!(serde_json::from_slice::<Vec<Sku>>(&requests[0].body).unwrap(), products[1..]);
}

#[tokio::test]
async fn a_client_that_is_unknown_costs_its_own_line_alone() {
    let server = mock().await;
    let answer = |request: &Request| {
        let unknown = String::from_utf8_lossy(&request.body).contains("org:nieznany/ż");
        ResponseTemplate::new(if unknown { 404 } else { 200 })
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let one = client_of(&server).build().unwrap();
    let mut lines: Vec<_> =
        (0..999).map(|n| ClientToPricing::new(ClientId::from(format!("org:{n}")), "hurt")).collect();
    lines.insert(617, ClientToPricing::new(ClientId::from("org:nieznany/ż"), "hurt"));
    let report = one.clients_to_pricings().save(&lines).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(617..618, ErrorKind::NotFound)]);
    assert_eq!((report.accepted(), report.resume_at()), (999, None));
}

/// 100 clients with 60 lists each, and an unknown one with 200, whose lines begin at `at` and lie `apart`.
fn with_an_unknown_client(at: usize, apart: usize) -> Vec<ClientToPricing> {
    let line = |client: &str, list: usize| ClientToPricing::new(ClientId::from(client), format!("{list}"));
    let mut lines: Vec<_> = (0..6_000).map(|n| line(&format!("org:{}", n / 60), n % 60)).collect();
    for list in 0..200 {
        lines.insert(at + list * apart, line("org:nieznany/ż", list));
    }
    lines
}

#[rstest]
#[case::first(0, 1, 40)]
#[case::in_the_middle(50 * 60, 1, 40)]
#[case::within_another_client(1_234, 1, 40)]
#[case::last(6_000, 1, 40)]
#[case::scattered(7, 3, 240)]
#[tokio::test]
async fn an_unknown_client_with_many_lists_costs_its_own_lines_and_few_requests(
    #[case] at: usize,
    #[case] apart: usize,
    #[case] most_requests: usize,
) {
    let server = mock().await;
    let answer = |request: &Request| {
        let unknown = String::from_utf8_lossy(&request.body).contains("org:nieznany/ż");
        ResponseTemplate::new(if unknown { 404 } else { 200 })
    };
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let one = client_of(&server).build().unwrap();
    let lines = with_an_unknown_client(at, apart);
    let report = one.clients_to_pricings().save(&lines).await;
    assert_eq!((report.accepted(), report.resume_at()), (6_000, None));
    for (n, line) in lines.iter().enumerate() {
        let is_unknown = line.holder == ClientId::from("org:nieznany/ż").into();
        let outcome = report.line(n).unwrap();
        assert_eq!(outcome.is_err(), is_unknown, "line {n}");
        assert!(outcome.as_ref().err().is_none_or(|error| error.kind() == ErrorKind::NotFound));
    }
    let requests = server.received_requests().await.unwrap().len();
    assert!(requests <= most_requests, "{requests}");
}

#[tokio::test]
async fn lists_beyond_the_limit_of_one_client_fail_unsent_and_the_others_go() {
    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    let full = ClientId::from("org:pełny");
    let line = |client: &ClientId, list: usize| ClientToPricing::new(client.clone(), format!("{list}"));
    let mut lines: Vec<_> = (0..MAX_PRICE_LISTS).map(|list| line(&full, list)).collect();
    // The first list again is no further list; two lists more are.
    lines.extend([line(&full, 0), line(&full, 2_000), line(&"ind:2".into(), 2_000), line(&full, 2_001)]);
    lines.push(ClientToPricing::new(ClientGroupId::from("org:pełny"), "2000"));
    let report = one.clients_to_pricings().save(&lines).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(2_001..2_002, ErrorKind::Invalid), (2_003..2_004, ErrorKind::Invalid)]);
    assert_eq!(report.accepted(), 2_003);
    let mut arrived: Vec<ClientToPricing> = Vec::new();
    for request in server.received_requests().await.unwrap() {
        arrived.extend(serde_json::from_slice::<Vec<_>>(&request.body).unwrap());
    }
    let allowed: Vec<_> =
        (0..lines.len()).filter(|n| ![2_001, 2_003].contains(n)).map(|n| lines[n].clone()).collect();
    assert_eq!(arrived, allowed);

    // Resumed after the first 2,000 lines, the same lines are refused.
    let rest = BulkWrite::builder().resume_at(2_000).build();
    let report = one.clients_to_pricings().save_with(&lines, &rest).await;
    let failed: Vec<_> = report.failures().map(|(lines, _)| lines).collect();
    assert_eq!(failed, [2_001..2_002, 2_003..2_004]);
}

#[tokio::test]
async fn one_product_in_two_lists_shares_a_request_and_twice_in_one_list_does_not() {
    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    let price = |pricing: &str, digits: &str| Price::new(pricing, "a", decimal(digits));
    let lines = [price("p", "1"), price("q", "2"), price("p", "3")];
    assert_eq!(one.prices().save(&lines).await.accepted(), 3);
    let requests = server.received_requests().await.unwrap();
    let sizes: Vec<_> = requests
        .iter()
        .map(|request| serde_json::from_slice::<Vec<Price>>(&request.body).unwrap().len())
        .collect();
    assert_eq!(sizes, [2, 1]);
}

#[test]
fn what_is_shown_of_a_record_has_no_amount_and_no_name() {
    let amount = Decimal::from(987_654);
    let shown = format!(
        "{:?} {:?} {:?} {:?} {:?}",
        Price::new("p", "a", amount),
        DiscountLine::new("p", Sku::from("a"), DiscountType::FlatValue, amount),
        MarkupLine::new("p", Sku::from("a"), amount),
        PostClientGroup::new("tajna"),
        DiscountPricing::builder().name("tajna").build(),
    );
    assert!(!shown.contains("987654") && !shown.contains("tajna"), "{shown}");
    assert!(shown.contains("Sku(\"a\")"), "{shown}");
}

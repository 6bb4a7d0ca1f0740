//! Endpoints of the service `pricehelper`.

mod simulated;

use crate::endpoints::{CONTENT, Check};
use crate::payloads::{payload, round_trips, same_json};
use crate::wire::{answering, request, sent};
use crate::{client_of, decimal};
use futures::TryStreamExt as _;
use one_client::pricehelper::{
    Bonus, BonusesOf, GetBonuses, GetMinimalPrice, GetMinimalPrices, MinimalPrice, PurchasePrice, PutBonuses,
    PutMinimalPrices, PutPurchasePrices,
};
use one_client::{BulkReport, Decimal, Endpoint, ErrorKind, ListStyle, PageNumber};
use rstest::rstest;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt::Write as _;

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let amount = decimal("19.99");
    let answer = format!(r#"{{"items":[{{"skuId":"{CONTENT}","levels":{{"{CONTENT}":1}}}}]}}"#);
    check.endpoint(&GetMinimalPrices::builder().build(), &answer).await;
    let answer = format!(r#"{{"skuId":"{CONTENT}","levels":{{"{CONTENT}":1}}}}"#);
    check.endpoint(&GetMinimalPrice::new(CONTENT), &answer).await;
    let minimal_prices = [MinimalPrice::new(CONTENT).with_level(CONTENT, amount)];
    check.endpoint(&PutMinimalPrices::new(&minimal_prices), "{}").await;
    let answer = format!(r#"{{"items":[{{"skuId":"{CONTENT}","bonuses":{{"{CONTENT}":1}}}}]}}"#);
    let of = BonusesOf::Skus(vec![CONTENT.into()]);
    check.endpoint(&GetBonuses::builder().of(of).build(), &answer).await;
    check.endpoint(&PutBonuses::new(&[Bonus::new(CONTENT).with_level(CONTENT, amount)]), "{}").await;
    let purchase_prices = [PurchasePrice::new(CONTENT, amount).with_warehouse(CONTENT, amount)];
    check.endpoint(&PutPurchasePrices::new(&purchase_prices), "{}").await;
}

#[test]
fn the_example_of_a_page_of_minimal_prices_is_read_and_written_back() {
    let fixture = payload("21_minimal_prices_list");
    let page = GetMinimalPrices::builder().build().decode(fixture.as_bytes()).unwrap();
    let items: Vec<_> = page.rows.iter().map(|row| row.as_ref().unwrap()).collect();
    assert_eq!(items[0].levels["level3"], Decimal::from(300));
    assert_eq!(page.next, None);
    let envelope = json!({
        "items": items, "totalItems": 2, "pageNumber": 1, "totalPages": 1, "pageSize": 100, "nextPage": null,
    });
    same_json(&fixture, &envelope);
}

#[test]
fn minimal_prices_that_are_strings_are_read_and_written_as_numbers() {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        minimal_prices: Vec<MinimalPrice>,
    }
    let fixture = payload("22_minimal_prices_write");
    let body: Body = serde_json::from_str(&fixture).unwrap();
    let numbers = ["100", "200", "300"]
        .iter()
        .fold(fixture, |text, number| text.replace(&format!("\"{number}\""), number));
    same_json(&numbers, &PutMinimalPrices::new(&body.minimal_prices));
}

#[test]
fn the_documented_purchase_prices_are_read_and_written_back() {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        purchase_prices: Vec<PurchasePrice>,
    }
    round_trips::<Body>("25_purchase_prices");
    let body: Body = serde_json::from_str(&payload("25_purchase_prices")).unwrap();
    same_json(&payload("25_purchase_prices"), &PutPurchasePrices::new(&body.purchase_prices));
}

#[tokio::test]
async fn each_call_sends_what_its_page_says() {
    let mut all = String::new();
    let mut told = |request: String| {
        let lines: Vec<_> = request.lines().collect();
        let body = request.split_once("\n\n").unwrap().1;
        writeln!(all, "{}\n{body}\n", lines[0]).unwrap();
    };
    let ok = |report: BulkReport| report.into_result().unwrap();
    let minimal = payload("21_minimal_prices_list");
    let bonuses = r#"{"items":[{"skuId":"9","bonuses":{"level1":1.5}}],"totalPages":1,"nextPage":null}"#;
    told(
        request(&minimal, async |one| {
            let pages: Vec<_> =
                one.minimal_prices().list(PageNumber::FIRST, 100).try_collect().await.unwrap();
            assert_eq!((pages.len(), pages[0].items.len()), (1, 2));
        })
        .await,
    );
    told(
        request(r#"{"skuId":"ŁOŻYSKO/1","levels":{"a":"1.50"},"colour":1.10}"#, async |one| {
            let price = one.minimal_prices().get(&"ŁOŻYSKO/1".into()).await.unwrap();
            assert_eq!(price.levels["a"], decimal("1.50"));
            assert_eq!(price.extra.json("colour"), Some("1.10"));
        })
        .await,
    );
    told(
        request("", async |one| {
            let price = MinimalPrice::new("ŁOŻYSKO/1")
                .with_level("hurt", decimal("0.10"))
                .with_level("detal", decimal("100"));
            ok(one.minimal_prices().save(&[price]).await);
        })
        .await,
    );
    for of in [BonusesOf::All, BonusesOf::Sku("ż/1".into()), BonusesOf::Skus(vec!["ż/1".into(), "2".into()])]
    {
        told(
            request(bonuses, async |one| {
                let pages: Vec<_> =
                    one.bonuses().list_of(of, PageNumber::new(3), 50).try_collect().await.unwrap();
                let bonus = pages[0].items[0].as_ref().unwrap();
                assert_eq!(bonus.bonuses["level1"], decimal("1.5"));
            })
            .await,
        );
    }
    told(
        request("", async |one| {
            ok(one.bonuses().save(&[Bonus::new("ż/1").with_level("level1", decimal("2.50"))]).await);
        })
        .await,
    );
    told(
        request("", async |one| {
            let prices = [
                PurchasePrice::new("888", decimal("500")),
                PurchasePrice::new("ż/1", decimal("150.05")).with_warehouse("WRO/1", decimal("120")),
            ];
            ok(one.purchase_prices().save(&prices).await);
        })
        .await,
    );
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn skus_are_repeated_where_that_is_the_style_and_then_may_have_commas() {
    let server = answering(r#"{"items":[]}"#).await;
    let one = client_of(&server).list_style(ListStyle::Repeated).build().unwrap();
    let of = BonusesOf::Skus(vec!["a,b".into(), "c".into()]);
    let pages: Vec<_> = one.bonuses().list_of(of, PageNumber::FIRST, 100).try_collect().await.unwrap();
    assert!(pages.iter().all(|page| page.items.is_empty()));
    let sent = sent(&server).await;
    assert!(sent.contains("/bonuses?skuIds=a%2Cb&skuIds=c&pageNumber=1&pageSize=100"), "{sent}");
}

#[rstest]
#[case::none(vec![])]
#[case::comma(vec!["a".into(), "b,c".into()])]
#[tokio::test]
async fn skus_that_would_ask_for_others_are_refused_unsent(#[case] skus: Vec<one_client::Sku>) {
    let server = answering(r#"{"items":[]}"#).await;
    let one = client_of(&server).build().unwrap();
    let pages = one.bonuses().list_of(BonusesOf::Skus(skus), PageNumber::FIRST, 100);
    let error = pages.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_product_with_too_many_levels_fails_alone_and_unsent() {
    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    let minimal = |levels: u32| {
        (0..levels).fold(MinimalPrice::new(format!("{levels}")), |price, level| {
            price.with_level(format!("poziom {level}"), Decimal::from(level))
        })
    };
    let report = one.minimal_prices().save(&[minimal(10), minimal(11), minimal(0)]).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(1..2, ErrorKind::Invalid)]);

    let bonus = |levels: u32| {
        (0..levels).fold(Bonus::new(format!("{levels}")), |bonus, level| {
            bonus.with_level(format!("poziom {level}"), Decimal::from(level))
        })
    };
    let report = one.bonuses().save(&[bonus(4), bonus(3)]).await;
    let failed: Vec<_> = report.failures().map(|(lines, error)| (lines, error.kind())).collect();
    assert_eq!(failed, [(0..1, ErrorKind::Invalid)]);

    for request in server.received_requests().await.unwrap() {
        let body = String::from_utf8(request.body).unwrap();
        assert!(!body.contains("\"11\"") && !body.contains("\"4\""), "{body}");
    }
}

#[test]
fn what_is_shown_of_a_record_has_no_amount() {
    let amount = Decimal::from(987_654);
    let shown = format!(
        "{:?} {:?} {:?}",
        MinimalPrice::new("a").with_level("tajny", amount),
        Bonus::new("a").with_level("tajny", amount),
        PurchasePrice::new("a", amount).with_warehouse("WRO", amount),
    );
    assert!(!shown.contains("987654") && !shown.contains("tajny") && !shown.contains("WRO"), "{shown}");
    assert!(shown.contains("Sku(\"a\")"), "{shown}");
}

//! Minimal prices, bonuses and purchase prices against the simulator.

use crate::payloads::payload;
use crate::simulator::{Raw, status};
use crate::{decimal, hurried, simulated};
use futures::TryStreamExt as _;
use http::Method;
use one_client::pricehelper::{Bonus, BonusesOf, MinimalPrice, PurchasePrice, PutBonuses, PutMinimalPrices};
use one_client::simulator::Simulator;
use one_client::{Decimal, ErrorKind, PageNumber, Sku};

const MINIMAL_PRICES: &[&str] =
    &["api", "v1", "pricehelper", "integrations", "auth-required", "minimal-prices"];

#[tokio::test]
async fn minimal_prices_come_back_page_by_page_as_they_were_saved() {
    let simulator = Simulator::builder().max_page_size(2).start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let saved: Vec<_> = ["888", "a:1", "ŁOŻYSKO/1"]
        .into_iter()
        .map(|sku| {
            MinimalPrice::new(sku).with_level("żółty", decimal("9.90")).with_level("a", decimal("0.1"))
        })
        .collect();
    one.minimal_prices().save(&saved).await.into_result().unwrap();
    let pages: Vec<_> = one.minimal_prices().list(PageNumber::FIRST, 100).try_collect().await.unwrap();
    assert_eq!(pages.len(), 2, "the server caps the page size");
    let listed: Vec<_> = pages.into_iter().flat_map(|page| page.items).map(Result::unwrap).collect();
    assert_eq!(listed, saved);

    let price = one.minimal_prices().get(&"ŁOŻYSKO/1".into()).await.unwrap();
    assert_eq!(price.levels["żółty"].to_string(), "9.90");
    let unknown = one.minimal_prices().get(&"nieznany".into()).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn minimal_prices_are_taken_as_the_examples_texts_too() {
    let (simulator, one) = simulated().await;
    let example = payload("22_minimal_prices_write").leak();
    assert_eq!(status(&one, Raw::write(Method::PUT, MINIMAL_PRICES, example)).await, 200);
    let kept = simulator.record("minimal-prices", "9").unwrap();
    assert!(kept.contains(r#""level1":100,"#), "{kept}");
    assert_eq!(one.minimal_prices().get(&"8".into()).await.unwrap().levels["level3"], decimal("300"));
}

#[tokio::test]
async fn bonuses_are_listed_of_all_products_of_some_and_of_one() {
    let (_simulator, one) = simulated().await;
    let saved = ["888", "a:1", "ŁOŻYSKO/1"].map(|sku| Bonus::new(sku).with_level("level1", decimal("1.50")));
    one.bonuses().save(&saved).await.into_result().unwrap();
    let all: Vec<_> = one.bonuses().list(PageNumber::FIRST, 100).try_collect().await.unwrap();
    assert_eq!((all.len(), all[0].items.len()), (1, 3));
    let some = vec![Sku::from("ŁOŻYSKO/1"), Sku::from("888"), Sku::from("nieznany")];
    for (of, expected) in [
        (BonusesOf::All, vec!["888", "a:1", "ŁOŻYSKO/1"]),
        (BonusesOf::Skus(some), vec!["888", "ŁOŻYSKO/1"]),
        (BonusesOf::Sku("a:1".into()), vec!["a:1"]),
        (BonusesOf::Sku("nieznany".into()), vec![]),
    ] {
        let pages: Vec<_> = one.bonuses().list_of(of, PageNumber::FIRST, 100).try_collect().await.unwrap();
        let listed: Vec<_> = pages.into_iter().flat_map(|page| page.items).map(Result::unwrap).collect();
        assert!(listed.iter().all(|bonus| bonus.bonuses["level1"].to_string() == "1.50"));
        assert_eq!(listed.iter().map(|bonus| bonus.sku_id.as_str()).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn purchase_prices_override_what_a_product_had() {
    let (simulator, one) = simulated().await;
    let first = PurchasePrice::new("ŁOŻYSKO/1", decimal("150.00")).with_warehouse("WRO/1", decimal("120"));
    one.purchase_prices().save(&[first]).await.into_result().unwrap();
    let kept = simulator.record("purchase-prices", "ŁOŻYSKO/1").unwrap();
    assert_eq!(kept, r#"{"default":150.00,"perWarehouse":{"WRO/1":120},"skuId":"ŁOŻYSKO/1"}"#);
    let second = PurchasePrice::new("ŁOŻYSKO/1", decimal("90")).with_warehouse("KRK", decimal("80"));
    one.purchase_prices().save(&[second]).await.into_result().unwrap();
    let kept = simulator.record("purchase-prices", "ŁOŻYSKO/1").unwrap();
    assert_eq!(kept, r#"{"default":90,"perWarehouse":{"KRK":80},"skuId":"ŁOŻYSKO/1"}"#);
}

#[tokio::test]
async fn the_simulator_refuses_more_levels_than_are_documented() {
    let (simulator, one) = simulated().await;
    let levels = |count: u32| (0..count).map(|level| (format!("{level}"), Decimal::from(level)));
    let minimal =
        |count| levels(count).fold(MinimalPrice::new("a"), |row, (name, price)| row.with_level(name, price));
    one.send(&PutMinimalPrices::new(&[minimal(10)])).await.unwrap();
    let error = one.send(&PutMinimalPrices::new(&[minimal(11)])).await.unwrap_err();
    assert!(error.detail().unwrap().contains("11 levels of a"), "{:?}", error.detail());
    let bonus = |count| levels(count).fold(Bonus::new("a"), |row, (name, bonus)| row.with_level(name, bonus));
    one.send(&PutBonuses::new(&[bonus(3)])).await.unwrap();
    let error = one.send(&PutBonuses::new(&[bonus(4)])).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(!simulator.record("bonuses", "a").unwrap().contains("\"3\""));
}

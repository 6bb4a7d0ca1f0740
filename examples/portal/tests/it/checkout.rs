//! What happens when the buyer confirms.

use std::sync::Arc;
use std::time::Duration;

use api_transport::simulation::Fault;
use portal::{Confirmed, basket, orders};
use rust_decimal::Decimal;
use sync_core::testing::ManualClock;
use sync_flows::flows::credit::CREDIT_LIMITS;

use crate::world::World;

#[tokio::test]
async fn a_price_that_changed_between_basket_and_confirmation_is_shown_and_confirmed_anew() {
    let world = World::open().await;
    let offer = world.take(0, 2).await;
    world.take(1, 1).await;
    world.enova.set_price(&offer.code, offer.net * Decimal::TEN).unwrap();
    let Confirmed::Changed(changes) = world.confirm().await else { panic!("the change was not shown") };
    let [change] = &changes[..] else { panic!("{changes:?}") };
    assert_eq!((change.good, change.shown, change.only), (offer.good, offer.net, None));
    let now = change.now.unwrap();
    assert!(now > offer.net);
    let shown = basket::show(&world.portal.shop, world.client).await.unwrap();
    assert_eq!(shown.iter().find(|line| line.good == offer.good).unwrap().net, now);
    assert_eq!(orders::of_client(&world.portal.shop, world.client).await.unwrap(), []);
    world.place().await;
}

#[tokio::test]
async fn what_there_is_too_little_of_is_shown_and_nothing_is_ordered() {
    let world = World::open().await;
    let offer = world.take(0, 5).await;
    let good = world.enova.goods().into_iter().find(|good| good.kod == offer.code).unwrap();
    for stan in &good.stany {
        let left = if stan.magazyn == "F" { Decimal::TWO } else { Decimal::ZERO };
        world.enova.set_stock(&good.kod, &stan.magazyn, stan.zarezerwowane + left).unwrap();
    }
    let Confirmed::Changed(changes) = world.confirm().await else { panic!("the shortage was not shown") };
    assert_eq!(changes[0].only, Some(Decimal::TWO));
    assert_eq!(world.count("shop_order"), 0);
    basket::put(&world.portal.shop, world.client, offer.good, Decimal::TWO).await.unwrap().unwrap();
    world.place().await;
}

#[tokio::test]
async fn a_second_click_orders_nothing() {
    let world = World::open().await;
    world.take(0, 1).await;
    world.place().await;
    assert_eq!(world.confirm().await, Confirmed::Nothing);
    assert_eq!((world.count("shop_order"), world.count("act")), (1, 1));
}

#[tokio::test]
async fn more_than_the_credit_limit_leaves_is_not_ordered() {
    let world = World::open().await;
    let buyer = world.enova.contractors().into_iter().find(|buyer| buyer.id == world.client.0).unwrap();
    world.enova.set_credit_limit(&buyer.kod, Some(Decimal::ONE)).unwrap();
    world.run(&CREDIT_LIMITS).await;
    world.take(0, 5).await;
    assert!(matches!(world.confirm().await, Confirmed::OverLimit { left, .. } if left <= Decimal::ONE));
    assert_eq!(world.count("shop_order"), 0);
}

#[tokio::test]
async fn an_answer_older_than_fifteen_minutes_confirms_nothing() {
    let clock = Arc::new(ManualClock::default());
    let world = World::at(clock.clone()).await;
    world.take(0, 1).await;
    let held = world.enova.faults().add(Fault::on("B2BCeny/Wycen").hold_after());
    let late = async {
        held.held().await;
        clock.advance(Duration::from_secs(16 * 60));
        held.release();
    };
    let (confirmed, ()) = tokio::join!(world.portal.checkout.confirm(world.client), late);
    assert!(confirmed.unwrap_err().to_string().contains("cannot be used; confirm again"));
    assert_eq!(world.count("shop_order"), 0);
    world.place().await;
}

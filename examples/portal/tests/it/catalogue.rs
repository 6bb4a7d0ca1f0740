//! What the shop shows.

use api_transport::simulation::Fault;
use portal::{Confirmed, basket, catalogue};
use rust_decimal::Decimal;
use sync_flows::flows::goods::GOODS;
use sync_flows::flows::stock::PORTAL_STOCK;

use crate::world::World;

#[tokio::test]
async fn a_script_in_a_name_is_text() {
    const SCRIPT: &str = "<script>alert('x')</script> & ''); DROP TABLE shop_good; --";
    let world = World::open().await;
    let offer = world.offer(0).await;
    world.enova.set_ticked(&offer.code, false).unwrap();
    world.run(&GOODS).await;
    world.enova.set_ticked(&offer.code, true).unwrap();
    let find = format!("\"Nazwa\":\"{}\"", offer.name);
    let renamed = format!("\"Nazwa\":\"{SCRIPT}\"");
    world.enova.faults().add(Fault::on("B2BTowary/Lista").rewrite(find, renamed).always());
    world.run(&GOODS).await;
    world.run(&PORTAL_STOCK).await;
    let shown = world.offers().await.into_iter().find(|shown| shown.good == offer.good).unwrap();
    assert_eq!(shown.name, SCRIPT);
    let html = catalogue::html(&[shown]);
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; "), "{html}");
    assert!(!html.contains("<script"), "{html}");
}

#[tokio::test]
async fn a_lost_tick_hides_the_good_and_keeps_its_row() {
    let world = World::open().await;
    let offer = world.take(0, 1).await;
    let (goods, offers) = (world.count("shop_good"), world.offers().await.len());
    world.enova.set_ticked(&offer.code, false).unwrap();
    world.run(&GOODS).await;
    assert_eq!(world.offers().await.len(), offers - 1);
    assert_eq!(world.count("shop_good"), goods);
    let put = basket::put(&world.portal.shop, world.client, offer.good, Decimal::ONE).await.unwrap();
    assert_eq!(put, None, "nor can it be bought");
    let Confirmed::Changed(changes) = world.confirm().await else { panic!("it lies in the basket still") };
    assert_eq!((changes[0].good, changes[0].now), (offer.good, None));
    world.enova.set_ticked(&offer.code, true).unwrap();
    world.run(&GOODS).await;
    assert_eq!(world.offers().await.len(), offers);
}

#[tokio::test]
async fn stock_is_shown_under_a_buffer_less_what_waits_in_the_outbox() {
    let world = World::open().await;
    let offer = world.offer(0).await;
    let reserved = world.enova.goods().into_iter().find(|good| good.kod == offer.code).unwrap();
    let reserved = reserved.stany.iter().find(|stan| stan.magazyn == "F").unwrap().zarezerwowane;
    world.enova.set_stock(&offer.code, "F", reserved + Decimal::ONE_HUNDRED).unwrap();
    world.run(&PORTAL_STOCK).await;
    let shown =
        async || world.offers().await.into_iter().find(|shown| shown.good == offer.good).unwrap().available;
    assert_eq!(shown().await, Some(Decimal::from(95)));
    basket::put(&world.portal.shop, world.client, offer.good, Decimal::from(20)).await.unwrap().unwrap();
    world.place().await;
    world.run(&PORTAL_STOCK).await;
    assert_eq!(shown().await, Some(Decimal::from(76)), "95 % of the 80 that are left");
}

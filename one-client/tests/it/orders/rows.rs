//! The rows O15, O16, O17 against the simulator.

use super::offline_order;
use crate::payloads::same_json;
use crate::{decimal, hurried, simulated};
use api_transport::simulation::Fault;
use futures::{StreamExt as _, TryStreamExt as _};
use one_client::orders::{OfflineLine, OrderEventType, StatusChange};
use one_client::simulator::{OrderDraft, Simulator};
use one_client::{Effect, Endpoint, ErrorKind, Extra, FeedCursor, FeedPosition, OrderId, Path};
use std::pin::pin;

fn draft() -> OrderDraft {
    OrderDraft::new("org-ż:1").priced_line("Łożysko/6204:C3", decimal("4"), decimal("410"))
}

#[tokio::test]
async fn o15_orders_are_followed_and_read_with_their_lines_and_a_removed_one_is_not_found() {
    let (simulator, one) = simulated().await;
    let first = simulator.place_order(draft()).unwrap();
    let mut second = draft();
    second.notes = Some("proszę dzwonić: Żaneta".to_owned());
    let second = simulator.place_order(second).unwrap();
    simulator.cancel_order(&first).unwrap();

    let mut cursor = FeedCursor::FIRST;
    let mut read = Vec::new();
    let mut gone = Vec::new();
    let mut events = pin!(one.orders().follow(cursor.clone(), 2));
    while let Some(followed) = events.try_next().await.unwrap() {
        let event = followed.event.unwrap().unwrap();
        match one.orders().get_shipment(&event.order_id, &event.shipment_id).await {
            Ok(shipment) => read.push(shipment),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::NotFound);
                gone.push((event.shipment_id, event.event_type));
            }
        }
        cursor = followed.after;
    }
    assert_eq!(gone, [(first.clone(), OrderEventType::Added), (first, OrderEventType::Removed)]);
    assert_eq!(read.len(), 1);
    assert_eq!(read[0].id, second);
    assert_eq!(read[0].notes.as_deref(), Some("proszę dzwonić: Żaneta"));
    assert_eq!(read[0].organization.as_ref().unwrap().id.as_str(), "org-ż:1");
    let line = &read[0].product_lines[0];
    assert_eq!((line.sku.as_str(), line.price.net_value), ("Łożysko/6204:C3", Some(decimal("1640"))));
    assert!(pin!(one.orders().follow(cursor, 2)).next().await.is_none());
}

#[tokio::test]
async fn o16_the_status_of_a_shipment_is_remembered_and_an_unknown_shipment_is_not_found() {
    let (simulator, one) = simulated().await;
    let shipment = simulator.place_order(draft()).unwrap();
    assert_eq!(simulator.order_status(&shipment), None);
    let order = OrderId::new(shipment.as_str().rsplit_once('/').unwrap().0);
    for status in ["PRZYJĘTE", "WYDANE: część/1"] {
        let change = StatusChange::new(shipment.clone(), status).with_order_id(order.clone());
        one.orders().update_status(&change).await.unwrap();
        assert_eq!(simulator.order_status(&shipment).as_deref(), Some(status));
    }
    let feed = one.orders().feed(FeedPosition::FIRST, 100).await.unwrap();
    assert_eq!(feed.events.len(), 1, "a status that was put is no news");

    for change in [
        StatusChange::new("OF/99/1/2026/01", "WYDANE"),
        StatusChange::new(shipment.clone(), "WYDANE").with_order_id("OF/99/1/2026"),
    ] {
        let error = one.orders().update_status(&change).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    let mut extra = Extra::default();
    extra.set("comment", &"część").unwrap();
    let change = StatusChange::new(shipment.clone(), "WYDANE").with_extra(extra);
    let error = one.orders().update_status(&change).await.unwrap_err();
    assert_eq!((error.status(), error.detail().unwrap().contains("comment")), (Some(400), true));
    simulator.cancel_order(&shipment).unwrap();
    let error = one.orders().update_status(&StatusChange::new(shipment, "WYDANE")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(simulator.records("order-statuses").len(), 1);
}

#[tokio::test]
async fn o16_the_status_is_put_again_after_a_lost_answer() {
    let simulator = Simulator::builder().order_service("account").start().await.unwrap();
    let one = simulator.client_builder().transport(hurried).build().unwrap();
    let shipment = simulator.place_order(draft()).unwrap();
    simulator.faults().add(Fault::on("/order/status").drop_after());
    one.orders().update_status(&StatusChange::new(shipment.clone(), "WYDANE")).await.unwrap();
    assert_eq!(simulator.order_status(&shipment).as_deref(), Some("WYDANE"));
    assert_eq!(simulator.faults().calls("/order/status"), 2);
}

#[tokio::test]
async fn o17_an_offline_order_is_put_and_replaced_whole() {
    let (simulator, one) = simulated().await;
    let mut order = offline_order("ZO/7/2026/01:ż");
    order.product_lines[0].price.as_mut().unwrap().extra = Default::default();
    one.offline_orders().save(&order).await.unwrap();
    same_json(&simulator.record("offline-orders", "ZO/7/2026/01:ż").unwrap(), &order);

    let line = OfflineLine::builder().sku("Śruba/M8").quantity_ordered_in_content_unit(decimal("0.50"));
    order.product_lines = vec![line.build()];
    order.notes = None;
    one.offline_orders().save(&order).await.unwrap();
    one.offline_orders().save(&order).await.unwrap();
    let kept = simulator.record("offline-orders", "ZO/7/2026/01:ż").unwrap();
    assert!(kept.contains("0.50") && kept.contains("Śruba/M8") && !kept.contains("weee"), "{kept}");
    assert_eq!(simulator.records("offline-orders").len(), 1);
}

#[tokio::test]
async fn o17_what_is_required_is_checked_and_a_shipment_born_on_one_does_not_come_back() {
    let (simulator, one) = simulated().await;
    let own = simulator.place_order(draft()).unwrap();
    let mut order = offline_order("ZO/8");
    order.product_lines[0].price.as_mut().unwrap().extra = Default::default();
    order.id = own;
    let error = one.offline_orders().save(&order).await.unwrap_err();
    assert_eq!(error.status(), Some(409));

    order.id = "ZO/8/01".into();
    order.price.extra.set("discount", &1).unwrap();
    let error = one.offline_orders().save(&order).await.unwrap_err();
    assert!(error.detail().unwrap().contains("price.discount"), "{error:?}");
    assert!(simulator.records("offline-orders").is_empty());
}

/// An offline order as somebody else spells it.
#[derive(serde::Serialize)]
#[serde(transparent)]
struct Put(serde_json::Value);

impl Endpoint for Put {
    const EFFECT: Effect = Effect::Idempotent;
    const METHOD: http::Method = http::Method::PUT;
    type Response = ();

    fn path(&self) -> Path {
        Path::new(["api", "v1", "orders", "integrations", "auth-required", "offline-order", "shipment"])
    }

    fn decode(&self, _: &[u8]) -> one_client::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn o17_an_order_without_something_that_is_required_is_refused() {
    let (simulator, one) = simulated().await;
    let whole = serde_json::json!({
        "id": "ZO/9/01",
        "orderId": "ZO/9",
        "organization": { "id": "5", "externalId": null },
        "price": {
            "deliveryNet": 0, "productsNet": 1, "totalGross": 1, "totalNet": 1, "totalTax": 0,
            "additionalCosts": [{ "type": "weee", "net": 1, "tax": 0, "gross": 1 }],
        },
        "paymentMethod": { "name": "gotówka" },
        "productLines": [{ "sku": "Ł/1", "quantityOrderedInContentUnit": 1 }],
    });
    one.send(&Put(whole.clone())).await.unwrap();
    for required in [
        "/id",
        "/orderId",
        "/organization",
        "/organization/id",
        "/price",
        "/price/deliveryNet",
        "/price/productsNet",
        "/price/totalGross",
        "/price/totalNet",
        "/price/totalTax",
        "/price/additionalCosts/0/type",
        "/price/additionalCosts/0/net",
        "/price/additionalCosts/0/tax",
        "/price/additionalCosts/0/gross",
        "/paymentMethod",
        "/paymentMethod/name",
        "/productLines",
        "/productLines/0/sku",
        "/productLines/0/quantityOrderedInContentUnit",
    ] {
        let (parent, name) = required.rsplit_once('/').unwrap();
        let mut cut = whole.clone();
        cut.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        let error = one.send(&Put(cut)).await.unwrap_err();
        assert_eq!(error.status(), Some(400), "{required}");
        assert!(error.detail().unwrap().contains(name), "{required}: {error:?}");
    }
    assert_eq!(simulator.records("offline-orders").len(), 1);
}

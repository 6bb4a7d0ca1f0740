//! Requests for quotation, offers and carts against the simulator.

use super::{OFFER, products};
use crate::payloads::{payload, same_json};
use crate::simulated;
use api_transport::simulation::Fault;
use futures::TryStreamExt as _;
use one_client::orderpath::OfferStatus;
use one_client::{CartId, ErrorKind, FeedCursor, FeedPosition, OfferId};

#[tokio::test]
async fn a_request_for_quotation_is_found_through_the_feed_and_only_under_its_own_number() {
    let (simulator, one) = simulated().await;
    let rfq = payload("28_rfq_shipment");
    simulator.put_record("rfqs", "RFQ/3/2022/01", &rfq).unwrap();
    let event = r#"{"rfqId":"RFQ/3/2022","rfqShipmentId":"RFQ/3/2022/01","nowe":"żółw"}"#;
    simulator.tell_event("rfqs", event).unwrap();

    let events: Vec<_> = one.rfqs().follow(FeedCursor::FIRST, 10).try_collect().await.unwrap();
    let event = events[0].event.as_ref().unwrap().as_ref().unwrap();
    let (rfq_id, shipment_id) = (event.rfq_id.clone().unwrap(), event.rfq_shipment_id.clone().unwrap());
    same_json(&rfq, &one.rfqs().get_shipment(&rfq_id, &shipment_id).await.unwrap());
    assert_eq!(one.rfqs().feed(events[0].after.position(), 10).await.unwrap().events.len(), 0);

    let error = one.rfqs().get_shipment(&"RFQ/4/2022".into(), &shipment_id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = one.rfqs().get_shipment(&rfq_id, &"RFQ/3/2022/02".into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_won_offer_is_read_its_attachment_found_and_its_failure_told() {
    let (simulator, one) = simulated().await;
    let offer = OfferId::from("oferta/1:ż");
    let attached = OFFER.replace(r#""attachments": []"#, r#""attachments": [{"id": "plik/ż:1"}]"#);
    simulator.put_record("offers", offer.as_str(), &attached).unwrap();
    simulator.tell_event("offers", r#"{"offerId":"inna","eventType":"LOST"}"#).unwrap();
    simulator.tell_event("offers", r#"{"offerId":"oferta/1:ż","eventType":"WON_TRANSFERRED"}"#).unwrap();

    let all = one.offers().feed(FeedPosition::FIRST, 10, None).await.unwrap();
    assert_eq!((all.events.len(), all.next_id), (2, FeedPosition::new(3)));
    let won = one.offers().follow(FeedCursor::FIRST, 1, Some(OfferStatus::WonTransferred));
    let won: Vec<_> = won.try_collect().await.unwrap();
    assert_eq!(won.len(), 1);
    assert_eq!(won[0].event.as_ref().unwrap().as_ref().unwrap().offer_id, offer);

    let read = one.offers().get(&offer).await.unwrap();
    same_json(&attached, &read);
    let attachment = read.notes[0].attachments[0].id.clone().unwrap();
    let url = one.offers().attachment_url(&offer, &attachment).await.unwrap();
    assert!(url.download_url.starts_with("https://files.invalid/oferta%2F1%3A%C5%BC/plik%2F%C5%BC%3A1?"));
    let missing = one.offers().attachment_url(&offer, &"plik/2".into()).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);

    simulator.faults().add(Fault::on("/transfer-failed").drop_after());
    one.offers().update_transfer_failed(&offer, "brak kontrahenta „Żuk”").await.unwrap();
    let failure = simulator.record("offer-failures", offer.as_str()).unwrap();
    assert_eq!(failure, r#"{"reason":"brak kontrahenta „Żuk”"}"#);
    let missing = one.offers().update_transfer_failed(&"oferta/2".into(), "x").await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    assert_eq!(one.offers().get(&"oferta/2".into()).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn products_added_to_a_cart_twice_are_there_twice_so_it_is_not_repeated() {
    let (simulator, one) = simulated().await;
    let cart = CartId::from("koszyk/1:ż");
    let products = products("Śruba/M8");
    let missing = one.carts().add(&cart, &products).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);

    simulator.put_record("carts", cart.as_str(), r#"{"configurableProducts": []}"#).unwrap();
    let count = || simulator.record("carts", cart.as_str()).unwrap().matches("\"main\"").count();
    simulator.faults().add(Fault::on("/add-configurable-products").drop_after());
    let in_doubt = one.carts().add(&cart, &products).await.unwrap_err();
    assert!(in_doubt.may_have_been_applied());
    assert_eq!(count(), 1);
    one.carts().add(&cart, &products).await.unwrap();
    assert_eq!(count(), 2);
    let kept = simulator.record("carts", cart.as_str()).unwrap();
    assert!(kept.contains(r#""quantity":{"type":"ORDER_QUANTITY","value":3}"#), "{kept}");
}

//! Endpoints of the service `orderpath`.

mod simulated;

use crate::endpoints::{CONTENT, Check};
use crate::payloads::{round_trips, same_json};
use crate::wire::{answering, sent};
use crate::{client_of, decimal};
use one_client::orderpath::{
    AvailabilityState, CartLine, CartQuantity, ConfigurableProduct, GetAttachmentUrl, GetOffer, GetOfferFeed,
    GetRfqFeed, GetRfqShipment, Offer, OfferStatus, PersonType, PutConfigurableProducts, PutTransferFailed,
    RfqEvent, RfqShipment,
};
use one_client::orders::{DeliveryType, PaymentType};
use one_client::{CartId, ErrorKind, FeedPosition, Packing};

const OFFER: &str = include_str!("../fixtures/offer.json");

/// One value of each endpoint, with canaries wherever a text is the caller's.
pub(crate) async fn endpoints(check: &impl Check) {
    let event = format!(r#"{{"rfqId":"{CONTENT}","rfqShipmentId":"{CONTENT}"}}"#);
    let feed = GetRfqFeed::builder().start_id(FeedPosition::new(15)).build();
    check.endpoint(&feed, &format!(r#"{{"nextId":16,"events":[{event}]}}"#)).await;

    let line = r#"{"sku":"1","quantityOrderedInContentUnit":1}"#;
    let answer = format!(r#"{{"id":"1","rfqId":"{CONTENT}","productLines":[{line}]}}"#);
    let shipment = GetRfqShipment::builder().rfq_id(CONTENT).rfq_shipment_id(CONTENT).build();
    check.endpoint(&shipment, &answer).await;

    let event = format!(r#"{{"offerId":"{CONTENT}","eventType":"WON_TRANSFERRED"}}"#);
    let feed = GetOfferFeed::builder().filter(CONTENT.into()).build();
    check.endpoint(&feed, &format!(r#"{{"nextId":2,"events":[{event}]}}"#)).await;

    let offer = GetOffer::builder().offer_id(CONTENT).build();
    check.endpoint(&offer, &format!(r#"{{"id":"1","notes":[{{"content":"{CONTENT}"}}]}}"#)).await;

    let url = GetAttachmentUrl::builder().offer_id(CONTENT).attachment_id(CONTENT).build();
    check.endpoint(&url, &format!(r#"{{"downloadUrl":"{CONTENT}"}}"#)).await;

    let failed = PutTransferFailed::builder().offer_id(CONTENT).reason(CONTENT).build();
    check.endpoint(&failed, "{}").await;

    let (cart, products) = (CartId::from(CONTENT), products(CONTENT));
    check.endpoint(&PutConfigurableProducts::new(&cart, &products), "{}").await;
}

pub(crate) fn products(text: &str) -> [ConfigurableProduct; 1] {
    let packing = Packing::new(decimal("100")).unwrap();
    let main = CartLine::builder()
        .product_id(text)
        .quantity(CartQuantity::packed(decimal("300"), packing).unwrap())
        .external_id(text)
        .build();
    let child = CartLine::builder()
        .product_id(text)
        .quantity(CartQuantity::content(decimal("2.50")))
        .allow_quantity_change(false)
        .allow_quantity_splitting(false)
        .removable(false)
        .build();
    [ConfigurableProduct::new(main).with_children(vec![child])]
}

#[test]
fn the_documented_request_for_quotation_is_read_and_written_back() {
    round_trips::<RfqShipment>("28_rfq_shipment");
    let rfq: RfqShipment = serde_json::from_str(&crate::payloads::payload("28_rfq_shipment")).unwrap();
    let line = &rfq.product_lines[0];
    assert_eq!(line.quantity_ordered, Some(decimal("2")));
    assert_eq!(line.price.as_ref().unwrap().additional_costs[0].content_unit_tax, Some(decimal("5.29")));
    assert_eq!(line.current_info.as_ref().unwrap().slug.as_deref(), Some("sku-a"));
    assert_eq!(line.extra.names().collect::<Vec<_>>(), ["appliedCampaigns"]);
    assert!(rfq.extra.is_empty() && rfq.delivery_method.unwrap().extra.is_empty());
}

#[test]
fn a_request_for_quotation_may_be_without_prices() {
    let json = r#"{"id":"RFQ/1/01","rfqId":"RFQ/1","productLines":[{"sku":"Ł/1","quantityOrderedInContentUnit":0.5,"price":null}]}"#;
    let rfq: RfqShipment = serde_json::from_str(json).unwrap();
    assert_eq!(rfq.product_lines[0].price, None);
}

#[test]
fn an_event_of_a_request_for_quotation_is_read_whatever_its_shipment_is_called() {
    for name in ["rfqShipmentId", "shipmentId"] {
        let json = format!(r#"{{"rfqId":"RFQ/1","{name}":"RFQ/1/01","eventType":"SENT","nowe":[1.10]}}"#);
        let event: RfqEvent = serde_json::from_str(&json).unwrap();
        assert_eq!(event.rfq_shipment_id.unwrap().as_str(), "RFQ/1/01");
        assert_eq!(event.extra.json("nowe"), Some("[1.10]"));
    }
    let other: RfqEvent = serde_json::from_str(r#"{"id":"RFQ/1"}"#).unwrap();
    assert_eq!((other.rfq_id, other.extra.json("id")), (None, Some("\"RFQ/1\"")));
}

#[test]
fn an_offer_is_read_and_written_back_and_debug_shows_no_content() {
    let offer: Offer = serde_json::from_str(OFFER).unwrap();
    same_json(OFFER, &offer);
    assert_eq!(offer.status, Some(OfferStatus::WonTransferred));
    assert!(!offer.client_id.as_ref().unwrap().is_individual());
    assert_eq!(offer.payment_method.as_ref().unwrap().kind, Some(PaymentType::Prepaid));
    assert_eq!(offer.offer_creator_user.as_ref().unwrap().kind, Some(PersonType::Operator));
    let note = &offer.notes[0];
    assert_eq!(note.created_on.unwrap().and_utc().timestamp_subsec_micros(), 398_696);
    assert_eq!(note.last_modified_date.unwrap().and_utc().timestamp_subsec_micros(), 0);
    let slot = &offer.split.as_ref().unwrap().slots[0];
    assert_eq!(slot.availability_state, Some(AvailabilityState::NoneAvailable));
    let delivery = slot.delivery.as_ref().unwrap();
    assert_eq!(delivery.method.as_ref().unwrap().kind, Some(DeliveryType::CrossDocking));
    let warehouse = delivery.pickup_point_warehouse.as_ref().unwrap();
    assert_eq!(warehouse.label.as_deref(), Some("Magazyn Wrocław"));
    assert_eq!(slot.product_lines[0].extra.decimal("price"), Some(decimal("0.1000000000000000055")));

    let people = (&offer.offer_creator_user, &note.author);
    let shown = format!("{offer:?} {:?} {people:?} {:?}", offer.notes, slot.product_lines);
    for content in ["Wójcik", "zaneta", "Rabat", "0.1"] {
        assert!(!shown.contains(content), "{content} in {shown}");
    }
}

#[test]
fn an_offer_of_which_everything_but_the_id_is_new_or_null_is_read() {
    let json = r#"{"id":"1","status":"LOST","notes":null,"split":{"slots":[{"productLines":null,"nowe":1}]},"nowe":2}"#;
    let offer: Offer = serde_json::from_str(json).unwrap();
    assert_eq!(offer.status, Some(OfferStatus::Unknown("LOST".to_owned())));
    assert_eq!(offer.extra.json("nowe"), Some("2"));
    assert!(offer.split.unwrap().slots[0].product_lines.is_empty());
    assert!(serde_json::from_str::<Offer>(r#"{"status":"LOST"}"#).is_err());
}

#[tokio::test]
async fn what_is_asked_and_told_about_requests_offers_and_carts() {
    let mut requests = Vec::new();
    let server = answering(r#"{"nextId":15,"events":[]}"#).await;
    client_of(&server).build().unwrap().rfqs().feed(FeedPosition::new(15), 50).await.unwrap();
    requests.push(sent(&server).await);

    let server = answering(&crate::payloads::payload("28_rfq_shipment")).await;
    let one = client_of(&server).build().unwrap();
    one.rfqs().get_shipment(&"RFQ/3/2022".into(), &"RFQ/3/2022/01".into()).await.unwrap();
    requests.push(sent(&server).await);

    let server = answering(r#"{"nextId":2,"events":[]}"#).await;
    let one = client_of(&server).build().unwrap();
    one.offers().feed(FeedPosition::FIRST, 1, Some(OfferStatus::WonTransferred)).await.unwrap();
    requests.push(sent(&server).await);

    let server = answering(r#"{"nextId":2,"events":[]}"#).await;
    client_of(&server).build().unwrap().offers().feed(FeedPosition::FIRST, 1, None).await.unwrap();
    requests.push(sent(&server).await);

    let server = answering(OFFER).await;
    client_of(&server).build().unwrap().offers().get(&"oferta/1:ż".into()).await.unwrap();
    requests.push(sent(&server).await);

    let server = answering(r#"{"downloadUrl":"https://files.example/secret"}"#).await;
    let one = client_of(&server).build().unwrap();
    let url = one.offers().attachment_url(&"oferta/1:ż".into(), &"plik/2".into()).await.unwrap();
    assert_eq!(url.download_url, "https://files.example/secret");
    assert!(!format!("{url:?}").contains("secret"));
    requests.push(sent(&server).await);

    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    one.offers().update_transfer_failed(&"oferta/1:ż".into(), "nie ma takiego kontrahenta").await.unwrap();
    requests.push(sent(&server).await);

    let server = answering("").await;
    let one = client_of(&server).build().unwrap();
    one.carts().add(&"koszyk/1:ż".into(), &products("ŚRUBA/M8")).await.unwrap();
    requests.push(sent(&server).await);

    insta::assert_snapshot!(requests.join("\n\n"));
}

#[test]
fn a_cart_takes_no_part_of_an_order_unit() {
    let error = CartQuantity::packed(decimal("250"), Packing::new(decimal("100")).unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

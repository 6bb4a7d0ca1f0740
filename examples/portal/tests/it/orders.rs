//! What becomes of orders, whatever breaks.

use std::sync::Arc;

use api_transport::simulation::Fault;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderValue, StatusCode};
use portal::orders::{Order, of_client};
use portal::{SEND_ORDERS, invoices};
use sha2::Sha256;
use soneta_webapi::KontrahentId;
use soneta_webapi::webhook::WebhookVerifier;
use sync_core::testing::ManualClock;
use sync_core::{Clock as _, RunContext, act_guid};
use sync_flows::flows::orders::{ORDER_OUTCOMES, order_op_key};

use crate::world::World;

const SECRET: &[u8] = b"an example, not a secret";

impl World {
    async fn order(&self) -> Order {
        of_client(&self.portal.shop, self.client).await.unwrap().remove(0)
    }

    /// The one document in the ERP is this order's, and the shop knows it.
    async fn assert_one_document(&self, number: &str) {
        let documents = self.enova.orders();
        let [document] = &documents[..] else { panic!("{} documents", documents.len()) };
        assert_eq!(document.guid, act_guid(&order_op_key("shop", number)));
        let order = self.order().await;
        assert_eq!((order.number.as_str(), order.status.as_str()), (number, "accepted"));
        assert_eq!(order.document, Some(document.id));
    }
}

#[tokio::test]
async fn a_crash_between_commit_and_submit_makes_one_document() {
    let world = World::open().await;
    world.take(0, 2).await;
    let number = world.place().await;
    assert_eq!(world.enova.orders().len(), 0);
    let world = world.crash().await;
    world.run(&SEND_ORDERS).await;
    world.run(&ORDER_OUTCOMES).await;
    world.assert_one_document(&number).await;
}

#[tokio::test]
async fn a_lost_answer_makes_one_document() {
    let world = World::open().await;
    world.take(0, 2).await;
    let number = world.place().await;
    let lost = world.enova.faults().add(Fault::on("B2BZamowienia/Dodaj").drop_after());
    world.run(&SEND_ORDERS).await;
    world.run(&ORDER_OUTCOMES).await;
    assert_eq!(lost.met(), 1);
    world.assert_one_document(&number).await;
}

#[tokio::test]
async fn a_price_that_changes_between_confirmation_and_erp_waits_for_a_person() {
    let world = World::open().await;
    let offer = world.take(0, 2).await;
    let number = world.place().await;
    world.enova.set_price(&offer.code, offer.net * rust_decimal::Decimal::TEN).unwrap();
    world.run(&SEND_ORDERS).await;
    assert_eq!(world.enova.orders().len(), 0);
    assert_eq!((world.count("act WHERE state = 'held'"), world.order().await.number), (1, number));
}

/// What the ERP's add-on does on its side.
fn signed(id: &str, sent: DateTime<Utc>, body: &str) -> HeaderMap {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).unwrap();
    mac.update(format!("{id}.{}.{body}", sent.timestamp()).as_bytes());
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let header = |text: &str| HeaderValue::from_str(text).unwrap();
    [
        ("webhook-id", header(id)),
        ("webhook-timestamp", header(&sent.timestamp().to_string())),
        ("webhook-signature", header(&signature)),
    ]
    .into_iter()
    .map(|(name, value)| (name.parse().unwrap(), value))
    .collect()
}

#[tokio::test]
async fn a_status_arrives_by_hint_before_the_poll() {
    let clock = Arc::new(ManualClock::default());
    let world = World::at(clock.clone()).await;
    world.take(0, 1).await;
    world.place().await;
    let run = RunContext::default().with_clock(clock.clone());
    let mut runner = world.portal.runner().unwrap();
    // everything is due at once, then again at its ticks
    runner.run_due(&run).await;
    world.round().await;
    let document = world.order().await.document.unwrap();
    assert_eq!(world.order().await.status, "processing");

    world.enova.approve(document).unwrap();
    world.enova.ship(document, &[]).unwrap();
    runner.run_due(&run).await;
    assert_eq!(world.order().await.status, "processing", "the next poll is not yet due");

    let now = clock.clone();
    let verifier =
        WebhookVerifier::builder().secret_bytes(SECRET).now(move || now.now().into()).build().unwrap();
    let hints = world.portal.hints(verifier, Some(runner.handle())).unwrap();
    let body = format!(r#"{{"Zdarzenie":"ZamowienieStatus","ID":{document}}}"#);
    let forged = signed("zd-1", clock.now(), "{}");
    assert_eq!(hints.signed(&forged, body.as_bytes()).await, StatusCode::UNAUTHORIZED);
    runner.run_due(&run).await;
    assert_eq!(world.order().await.status, "processing");

    let headers = signed("zd-1", clock.now(), &body);
    assert_eq!(hints.signed(&headers, body.as_bytes()).await, StatusCode::NO_CONTENT);
    runner.run_due(&run).await;
    let order = world.order().await;
    assert_eq!((order.status.as_str(), order.erp_number.is_some()), ("shipped", true));
    // sent again, it is the same
    assert_eq!(hints.signed(&headers, body.as_bytes()).await, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn without_a_hint_the_poll_finds_status_and_invoice() {
    let world = World::open().await;
    world.take(0, 1).await;
    world.place().await;
    world.round().await;
    let document = world.order().await.document.unwrap();
    world.enova.approve(document).unwrap();
    world.enova.ship(document, &[]).unwrap();
    let invoice = world.enova.invoice(document).unwrap();
    world.round().await;
    assert_eq!(world.order().await.status, "invoiced");
    let invoices = invoices::of_client(&world.portal.shop, world.client).await.unwrap();
    assert_eq!(invoices.len(), 1);
    assert_eq!((invoices[0].id.0, &invoices[0].number), (invoice.id, &invoice.numer));

    let pdf = world.portal.pdfs.get(world.client, invoices[0].id).await.unwrap().unwrap();
    assert!(pdf.bytes.starts_with(b"%PDF"));
    let prints = || world.enova.faults().calls("B2BFaktury/Pdf");
    let printed = prints();
    assert_eq!(world.portal.pdfs.get(world.client, invoices[0].id).await.unwrap().unwrap(), pdf);
    assert_eq!(prints(), printed, "it is kept");
    let somebody = KontrahentId(world.client.0 + 1);
    assert_eq!(world.portal.pdfs.get(somebody, invoices[0].id).await.unwrap(), None);

    world.enova.ksef_accept(invoice.id).unwrap();
    world.round().await;
    world.portal.pdfs.get(world.client, invoices[0].id).await.unwrap().unwrap();
    assert_eq!(prints(), printed + 1, "KSeF's number is printed on it");
}

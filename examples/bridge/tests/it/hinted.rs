//! Hints to flows as the settings wire them: the record is looked up at once, while its flow's tick is minutes or hours away.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bridge::{AlertAddresses, Engine, Hooks, Intake, Tenant, listen};
use secrecy::SecretString;
use sync_core::testing::ManualClock;
use sync_core::{CancellationToken, Clock, MemoryStore, SystemClock};

use crate::company::{Company, flows};
use crate::http::post;

const SECRET: &str = "a-secret-of-the-path-of-some-length";

struct World {
    company: Company,
    clock: Arc<ManualClock>,
    engine: Engine,
    address: SocketAddr,
}

impl World {
    /// Orders, their status, and invoices, in the night: nothing of the two ticks within minutes.
    async fn new() -> Self {
        let company = Company::of_goods(5).await;
        let every = company.whole_settings();
        let settings = company.settings(|table| {
            *flows(table) = flows(&mut every.clone()).clone();
            flows(table).retain(|flow, _| ["orders", "order-status", "invoices"].contains(&flow));
        });
        let night = SystemClock.now().date_naive().and_hms_opt(2, 1, 0).unwrap().and_utc();
        let clock = Arc::new(ManualClock::at(night));
        let store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        let tenant = Tenant::builder(&settings.tenants[0], store)
            .enova(company.simulation.enova_client().unwrap())
            .one(company.simulation.one_client().unwrap())
            .engine(settings.engine)
            .clock(clock.clone())
            .build()
            .unwrap();
        let bridge = bridge::Bridge::new([tenant]).engine_settings(settings.engine);
        let engine = bridge.engine(&settings.alerts, AlertAddresses::default()).await.unwrap();
        let hooks = Hooks::builder().path_secret(SecretString::from(SECRET)).build();
        let intake = Intake::new().tenant(&engine.faces()[0], hooks).unwrap();
        let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(intake.serve(listener, CancellationToken::new()));
        Self { company, clock, engine, address }
    }

    async fn work(&mut self) {
        self.engine.run_due().await;
    }

    /// Dispatchers work every second.
    async fn work_for_seconds(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.clock.advance(Duration::from_secs(1));
            self.work().await;
        }
    }

    async fn hint(&self, event: &str, id: i32) {
        let body = format!(r#"{{"Zdarzenie":"{event}","ID":{id}}}"#);
        let answer = post(self.address, &format!("/hooks/demo/{SECRET}"), &[], body.as_bytes()).await;
        assert_eq!(answer.status, 202, "{event}");
    }

    /// An order that became a document.
    async fn ordered(&mut self) -> (one_client::ShipmentId, i32) {
        let shipment = self.company.place(self.company.order(1));
        self.work_for_seconds(3).await;
        (shipment, self.company.simulation.enova.orders()[0].id)
    }
}

#[tokio::test]
async fn a_hint_about_an_order_tells_its_status_at_once() {
    let mut world = World::new().await;
    let (shipment, order) = world.ordered().await;
    let status = |world: &World| world.company.simulation.one.order_status(&shipment);
    world.company.simulation.enova.approve(order).unwrap();
    world.company.simulation.enova.confirm(order).unwrap();
    world.work().await;
    assert_ne!(status(&world).as_deref(), Some("CONFIRMED"), "its tick is minutes away");
    world.hint("ZamowienieStatus", order).await;
    world.work().await;
    assert_eq!(status(&world).as_deref(), Some("CONFIRMED"));
}

#[tokio::test]
async fn a_hint_about_an_invoice_sends_it_at_once() {
    let mut world = World::new().await;
    let (_, order) = world.ordered().await;
    let enova = &world.company.simulation.enova;
    enova.approve(order).unwrap();
    enova.confirm(order).unwrap();
    enova.ship(order, &[]).unwrap();
    let invoice = enova.invoice(order).unwrap();
    world.work_for_seconds(2).await;
    let sent = |world: &World| world.company.simulation.one.records("invoices").contains_key(&invoice.numer);
    assert!(!sent(&world), "invoices go by day");
    world.hint("FakturaWystawiona", invoice.id).await;
    world.work_for_seconds(2).await;
    assert!(sent(&world));
}

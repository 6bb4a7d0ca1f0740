//! The first hours of a bridge that runs for ever, from nothing.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bridge::{AlertAddresses, Bridge, Simulation, Tenant};
use chrono::{DateTime, TimeDelta, Utc};
use one_client::simulator::Simulator as One;
use soneta_webapi::simulator::Simulator as Enova;
use sync_core::testing::ManualClock;
use sync_core::watchdog::{AlertSink, Notice};
use sync_core::{ActFilter, Clock, Job, RejectFilter, Result, RunContext, SqliteStore, Store};

/// Keeps what it is told.
#[derive(Debug, Default)]
struct Reader(Mutex<Vec<Notice>>);

#[async_trait]
impl AlertSink for Reader {
    async fn tell(&self, notices: &[Notice]) -> Result<()> {
        self.0.lock().unwrap().extend_from_slice(notices);
        Ok(())
    }
}

/// Runs every flow of the simulation for so long from then on, by its schedule and with its own watchdog.
async fn first_load(began: &str, hours: i64) {
    let began: DateTime<Utc> = began.parse().unwrap();
    let clock = Arc::new(ManualClock::at(began));
    let (of_enova, of_one) = (clock.clone(), clock.clone());
    let enova = Enova::builder().goods(40).now(Arc::new(move || of_enova.now())).start().await.unwrap();
    let one = One::builder().now(move || of_one.now().into()).start().await.unwrap();
    let simulation = Simulation { enova, one };
    simulation.introduce_clients().unwrap();
    simulation.place_first_order(&simulation.enova_client().unwrap()).await.unwrap();

    let system_time = |clock: Arc<ManualClock>| move || clock.now().into();
    let (enova, one) = (&simulation.enova, &simulation.one);
    let enova = soneta_webapi::Client::builder(enova.url().clone(), enova.application_token())
        .now(system_time(clock.clone()))
        .build()
        .unwrap();
    let now = system_time(clock.clone());
    let one = one.client_builder().transport(|transport| transport.now(now)).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("demo.sqlite")).unwrap();
    let store: Arc<dyn Store> = Arc::new(store.with_clock(clock.clone()));
    let settings = simulation.settings().unwrap();
    let tenant = Tenant::builder(&settings.tenants[0], store.clone())
        .enova(enova)
        .one(one)
        .engine(settings.engine)
        .clock(clock.clone())
        .build()
        .unwrap();
    let reader = Arc::new(Reader::default());
    let bridge = Bridge::new([tenant]).engine_settings(settings.engine).alerts_to(reader.clone());
    let mut engine = bridge.engine(&settings.alerts, AlertAddresses::default()).await.unwrap();

    let mut waited = 0;
    while clock.now() < began + TimeDelta::hours(hours) {
        let next = engine.run_due().await.unwrap();
        waited = waited.max(store.count_rejects(&RejectFilter::all()).await.unwrap().count);
        clock.set(next);
    }
    assert!(waited > 20, "{began}: so few records waited that nothing was tried: {waited}");
    assert_eq!(*reader.0.lock().unwrap(), [], "{began}");
    let face = &engine.faces()[0];
    face.watchdog.step(&RunContext::default()).await.unwrap();
    assert_eq!(face.watchdog.alerts().await, [], "{began}");
    assert_eq!(store.rejects(&RejectFilter::all()).await.unwrap(), [], "{began}");
    let acts = store.acts(&ActFilter::all()).await.unwrap();
    assert!(acts.iter().all(|act| act.state == sync_core::ActState::Done), "{began}: {acts:?}");
    assert_eq!(simulation.enova.orders().len(), 1, "{began}");
    let clients = simulation.one.records("clients").len();
    assert_eq!(clients, simulation.enova.contractors().len(), "{began}");
}

#[tokio::test]
async fn a_first_load_begun_in_the_morning_comes_to_rest_by_itself_without_an_alert() {
    // Monday 09:29:58 in Warsaw, before a tick at which nothing is linked yet
    first_load("2026-03-02T08:29:58Z", 3).await;
}

#[tokio::test]
async fn a_first_load_begun_at_night_comes_to_rest_with_the_first_documents_of_the_day_without_an_alert() {
    // Monday 05:40 in Warsaw; documents go from 8 to 20
    first_load("2026-03-02T04:40:00Z", 4).await;
}

//! `/healthz`, `/readyz`, `/metrics`.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use api_transport::testing::{RawServer, Reply};
use async_trait::async_trait;
use bridge::{AlertAddresses, Bridge, Engine, Face, Faces, Meter, Progress, Tenant, listen};
use one_client::simulator::{DraftLine, OrderDraft};
use rust_decimal::Decimal;
use secrecy::SecretString;
use sync_core::testing::{Fault, Faults, FaultyStore, ManualClock};
use sync_core::watchdog::{AlertSink, FlowPolicy, Freshness, Notice, Policy, Watchdog};
use sync_core::{
    CancellationToken, FlowName, Job, MemoryStore, Observer, Report, Result, RunContext, Runner, Store,
};
use toml::value::Datetime;

use crate::company::Company;
use crate::http::get;

const DAY: Duration = Duration::from_secs(86_400);

/// A bridge by a clock that the test moves.
struct World {
    company: Company,
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
}

impl World {
    async fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        Self { company: Company::of_goods(5).await, clock, store }
    }

    fn tenant(&self, name: &str, store: Arc<MemoryStore>) -> Tenant {
        let mut settings = self.company.settings(|table| {
            let tenant = table["tenants"].as_array_mut().unwrap()[0].as_table_mut().unwrap();
            // the day of the oldest documents, long before any flow was wired
            tenant.insert("start_date".to_owned(), "2026-01-01".parse::<Datetime>().unwrap().into());
        });
        settings.tenants[0].name = name.to_owned();
        Tenant::builder(&settings.tenants[0], store)
            .enova(self.company.simulation.enova_client().unwrap())
            .one(self.company.simulation.one_client().unwrap())
            .engine(settings.engine)
            .clock(self.clock.clone())
            .build()
            .unwrap()
    }

    fn bridge(&self) -> Bridge {
        let tenant = self.tenant("demo", self.store.clone());
        Bridge::new([tenant]).engine_settings(self.company.settings(|_| {}).engine)
    }

    async fn engine(&self, bridge: &Bridge) -> Engine {
        let settings = self.company.settings(|_| {});
        bridge.engine(&settings.alerts, AlertAddresses::default()).await.unwrap()
    }
}

async fn served(faces: Vec<Face>, meter: Meter) -> SocketAddr {
    let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(Faces::new(faces, meter).serve(listener, CancellationToken::new()));
    address
}

/// Stops the engine once each of these jobs has ended.
#[derive(Debug)]
struct UntilEnded {
    missing: Mutex<BTreeSet<&'static str>>,
    stop: CancellationToken,
}

impl Observer for UntilEnded {
    fn ended(&self, report: &Report) {
        let mut missing = self.missing.lock().unwrap();
        missing.remove(report.name.as_str());
        if missing.is_empty() {
            self.stop.cancel();
        }
    }
}

impl Progress for UntilEnded {}

#[tokio::test]
async fn after_a_run_health_tells_the_jobs_readiness_is_given_and_metrics_count() {
    let world = World::new().await;
    // of a client that nobody knows: a reject
    let good = world.company.good(0);
    let (netto, _) = good.cena_detaliczna.unwrap();
    let line = DraftLine::new(good.kod, Decimal::ONE).priced(netto).in_unit(good.jednostka);
    let stranger = "00000000-0000-4000-8000-000000000077";
    let order = world.company.place(OrderDraft::new(stranger).with_line(line).notes("tajne"));
    let stop = CancellationToken::new();
    let jobs = ["demo/stock", "demo/retail-prices", "demo/orders"];
    let progress = UntilEnded { missing: Mutex::new(BTreeSet::from(jobs)), stop: stop.clone() };
    let bridge = world.bridge().progress(Arc::new(progress));
    let meter = Meter::new();
    let engine = world.engine(&bridge).await.metered(&meter);
    let faces = engine.faces();
    engine.run(stop).await;
    let address = served(faces, meter).await;

    let health = get(address, "/healthz").await;
    assert_eq!(health.status, 200);
    let told = health.json();
    assert_eq!(told["tenants"][0]["tenant"], "demo");
    let told = told["tenants"][0]["jobs"].as_array().unwrap().clone();
    for job in jobs {
        let facts = told.iter().find(|facts| facts["job"] == job).unwrap();
        assert_eq!((&facts["failures"], &facts["stuck"]), (&0.into(), &false.into()), "{facts}");
        assert!(facts["last_done_at"].is_string(), "{facts}");
    }

    let ready = get(address, "/readyz").await;
    assert_eq!((ready.status, &ready.json()["ready"]), (200, &true.into()), "{}", ready.body);

    let metrics = get(address, "/metrics").await;
    assert_eq!(metrics.status, 200);
    assert!(metrics.head.contains("text/plain; version=0.0.4"), "{}", metrics.head);
    for line in [
        "sync_cycle_total{flow=\"demo/stock\",result=\"done\"} 1",
        "sync_step_seconds_count{flow=\"demo/stock\"} ",
        "sync_last_ok_age_seconds{flow=\"demo/retail-prices\"} 0",
        "sync_dlq{flow=\"demo/orders\",class=\"map\"} 1",
        "sync_outbox{state=\"ready\"} 0",
        "sync_job_running{flow=\"demo/stock\",class=\"stock\"} 0",
        "bridge_store_up{tenant=\"demo\"} 1",
        "bridge_alerts{tenant=\"demo\",severity=\"critical\"} 0",
    ] {
        assert!(metrics.body.lines().any(|told| told.starts_with(line)), "{line}\n{}", metrics.body);
    }
    for answer in [health, ready, metrics] {
        for record in [stranger, "tajne", order.as_ref()] {
            assert!(!answer.body.contains(record), "no key and no record is shown: {}", answer.body);
        }
    }
    assert_eq!(get(address, "/elsewhere").await.status, 404);
}

#[tokio::test]
async fn readiness_is_taken_away_while_a_flow_is_late_by_the_clock_and_given_back_by_its_run() {
    let world = World::new().await;
    let bridge = world.bridge();
    let address = served(world.engine(&bridge).await.faces(), Meter::new()).await;
    assert_eq!(get(address, "/readyz").await.status, 200, "nothing is due yet");
    world.clock.advance(2 * DAY);
    let codes = |told: &serde_json::Value| -> BTreeSet<(String, String)> {
        let alerts = told["tenants"][0]["alerts"].as_array().unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        alerts.iter().map(|alert| (text(&alert["flow"]), text(&alert["code"]))).collect()
    };
    let all = |code: &str| {
        ["demo/orders", "demo/retail-prices", "demo/stock"]
            .map(|flow| (flow.to_owned(), code.to_owned()))
            .into()
    };
    let never = get(address, "/readyz").await;
    assert_eq!((never.status, codes(&never.json())), (503, all("never-ran")));
    let restarted = served(world.engine(&world.bridge()).await.faces(), Meter::new()).await;
    let still = get(restarted, "/readyz").await;
    assert_eq!(
        (still.status, codes(&still.json())),
        (503, all("never-ran")),
        "a restart makes nothing young"
    );
    bridge.once(CancellationToken::new()).await.unwrap();
    assert_eq!(get(address, "/readyz").await.status, 200);
    world.clock.advance(2 * DAY);
    let late = get(address, "/readyz").await;
    assert_eq!((late.status, codes(&late.json())), (503, all("late")));
    assert_eq!(get(address, "/healthz").await.status, 200, "the process itself works");
    let metrics = get(address, "/metrics").await.body;
    assert!(metrics.contains("bridge_alerts{tenant=\"demo\",severity=\"critical\"} 3"), "{metrics}");
    assert!(metrics.contains("sync_last_ok_age_seconds{flow=\"demo/stock\"} 172800"), "{metrics}");
}

#[tokio::test]
async fn the_dead_man_switch_is_pinged_only_while_every_company_is_well() {
    let switch = RawServer::answering(|_, _| Reply::json(200, "{}")).await;
    let world = World::new().await;
    let other = Arc::new(MemoryStore::new().with_clock(world.clock.clone()));
    let demo = || world.tenant("demo", world.store.clone());
    let both = || Bridge::new([demo(), world.tenant("other", other.clone())]);
    let alerts = world.company.settings(|_| {}).alerts;
    let ping = AlertAddresses::new(None, Some(SecretString::from(switch.url().to_string())));
    let faces = both().engine(&alerts, ping).await.unwrap().faces();
    world.clock.advance(2 * DAY);
    Bridge::new([demo()]).once(CancellationToken::new()).await.unwrap();
    for face in faces.iter().chain(&faces) {
        face.watchdog.step(&RunContext::default()).await.unwrap();
    }
    assert_eq!(switch.requests().len(), 0, "the other company's flows never ran");
    both().once(CancellationToken::new()).await.unwrap();
    for face in &faces {
        face.watchdog.step(&RunContext::default()).await.unwrap();
    }
    assert_eq!(switch.requests().len(), 1);
}

/// Stops the engine when it is told anything.
#[derive(Debug)]
struct Stops(CancellationToken);

#[async_trait]
impl AlertSink for Stops {
    async fn tell(&self, _: &[Notice]) -> Result<()> {
        self.0.cancel();
        Ok(())
    }
}

#[tokio::test]
async fn the_first_check_of_the_very_first_start_finds_everything_well() {
    let stop = CancellationToken::new();
    let pinged = stop.clone();
    let switch = RawServer::answering(move |_, _| {
        pinged.cancel();
        Reply::json(200, "{}")
    })
    .await;
    let world = World::new().await;
    let alerts = world.company.settings(|_| {}).alerts;
    let ping = AlertAddresses::new(None, Some(SecretString::from(switch.url().to_string())));
    let bridge = world.bridge().alerts_to(Arc::new(Stops(stop.clone())));
    bridge.engine(&alerts, ping).await.unwrap().run(stop).await;
    // it is made only as long as there is nothing to tell
    assert_eq!(switch.requests().len(), 1);
}

#[tokio::test]
async fn a_store_that_is_away_takes_readiness_away_and_leaves_health() {
    let clock = Arc::new(ManualClock::default());
    let faults = Faults::none();
    let store: Arc<dyn Store> =
        Arc::new(FaultyStore::new(Arc::new(MemoryStore::new().with_clock(clock.clone())), faults.clone()));
    let flow = FlowPolicy::new(
        FlowName::new("demo/stock").unwrap(),
        Freshness::within(DAY),
        store.now().await.unwrap(),
    );
    let face = Face::builder()
        .tenant("demo")
        .runner(Runner::new([]).unwrap().handle())
        .watchdog(Arc::new(Watchdog::new(Arc::clone(&store), Policy::default().flow(flow))))
        .store(store)
        .clock(clock)
        .build();
    let address = served(vec![face], Meter::new()).await;
    assert_eq!(get(address, "/readyz").await.status, 200);
    faults.always(Some(Fault::FailBefore));
    let ready = get(address, "/readyz").await;
    assert_eq!((ready.status, &ready.json()["tenants"][0]["store"]), (503, &"away".into()));
    assert_eq!(get(address, "/healthz").await.status, 200);
    let metrics = get(address, "/metrics").await;
    assert!(metrics.body.contains("bridge_store_up{tenant=\"demo\"} 0"), "{}", metrics.body);
    faults.always(None);
    assert_eq!(get(address, "/readyz").await.status, 200);
}

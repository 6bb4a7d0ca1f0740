//! Hints of the ERP: what is refused, what is harmless, and that a good one makes its flow look at once.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bridge::{Face, Hooks, Intake, listen};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::SecretString;
use sha2::Sha256;
use soneta_webapi::simulator::SimulatedKontrahent;
use soneta_webapi::webhook::{PolaWskazowki, Zdarzenie};
use sync_core::testing::{Fault, Faults, FaultyStore, ManualClock, MemorySink};
use sync_core::watchdog::{Policy, Watchdog};
use sync_core::{
    CancellationToken, Class, Clock, Flow, Job, JobPlan, MemoryStore, Part, RejectFilter, RunContext, Runner,
    Schedule, Store,
};
use sync_flows::enova::{KontrahenciList, changes, id_key};
use sync_flows::flows::clients::{self, ContractorMapper, PortalContractor};
use sync_flows::flows::stock::{self, StockMapper, StockMode, StockSettings};
use sync_flows::{Erp, Setup, Tick};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use toml::Table;

use crate::company::Company;
use crate::endless::terminate;
use crate::http::{get, post, request};
use crate::program::{bridge_at, ran};

const SECRET: &[u8] = b"twenty-four bytes and some more";
const PATH_SECRET: &str = "a-secret-of-the-path-of-some-length";

/// A portal of one's own that two flows feed, each once an hour by a clock that the test moves, and its intake.
struct World {
    company: Company,
    clock: Arc<ManualClock>,
    store: Arc<dyn Store>,
    faults: Faults,
    contractors: Arc<MemorySink<PortalContractor>>,
    flows: Vec<Arc<Flow>>,
    face: Face,
    runner: Runner,
    run: RunContext,
    address: SocketAddr,
}

impl World {
    async fn new() -> Self {
        let company = Company::of_goods(5).await;
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_248_600, 0).unwrap()));
        let faults = Faults::none();
        let memory = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        let store: Arc<dyn Store> = Arc::new(FaultyStore::new(memory, faults.clone()));
        let erp = Erp::new("enova", company.simulation.enova.database_id());
        let setup = Setup::builder()
            .tenant("demo")
            .erp(erp.clone())
            .store(Arc::clone(&store))
            .clock(clock.clone())
            .build();
        let installation = company.simulation.enova_client().unwrap().b2b().installation();
        let contractors = Arc::new(MemorySink::new());
        let source = changes(KontrahenciList::new(installation.kontrahenci().unwrap()), &erp, clock.clone());
        let flow = clients::to(&setup, source, ContractorMapper::new(Tick::Everything), contractors.clone())
            .unwrap();
        let mode = StockMode::per_warehouse([("F", "F")]);
        let settings = StockSettings::builder().mode(mode.clone()).build();
        let mapper = StockMapper::new(settings).unwrap();
        let stock =
            stock::to(&setup, installation.stany().unwrap(), mode, mapper, MemorySink::new()).unwrap();
        let flows = vec![Arc::new(flow), Arc::new(stock)];
        let hourly = || JobPlan::new(Schedule::every(Duration::from_secs(3_600)).unwrap(), Class::Regular);
        let runner = Runner::new(flows.iter().map(|flow| (flow.clone() as Arc<dyn Job>, hourly()))).unwrap();
        let face = Face::builder()
            .tenant("demo")
            .runner(runner.handle())
            .watchdog(Arc::new(Watchdog::new(Arc::clone(&store), Policy::default())))
            .store(Arc::clone(&store))
            .flows(flows.clone())
            .clock(clock.clone())
            .build();
        let run = RunContext::default().with_clock(clock.clone());
        let address = "127.0.0.1:0".parse().unwrap();
        let mut world =
            Self { company, clock, store, faults, contractors, flows, face, runner, run, address };
        let hooks = Hooks::builder()
            .secret(SecretString::from(STANDARD.encode(SECRET)))
            .path_secret(SecretString::from(PATH_SECRET))
            .build();
        world.address = world.intake(hooks).await;
        world.work().await;
        world
    }

    /// An intake with these hooks; where it listens.
    async fn intake(&self, hooks: Hooks) -> SocketAddr {
        let listener = listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let intake = Intake::new().tenant(&self.face, hooks).unwrap();
        tokio::spawn(intake.serve(listener, CancellationToken::new()));
        address
    }

    async fn flow_rejects(&self) -> u64 {
        let rejects = RejectFilter::of_flow(self.flows[0].flow_name());
        self.store.count_rejects(&rejects).await.unwrap().count
    }

    /// Whatever is due by the clock, or was woken.
    async fn work(&mut self) {
        self.runner.run_due(&self.run).await;
    }

    async fn hints(&self, flow: usize) -> usize {
        self.store.hints(&Part::whole(self.flows[flow].flow_name()), None, 100).await.unwrap().len()
    }

    /// How often the ERP was asked for this.
    fn asked(&self, call: &str) -> u64 {
        self.company.simulation.enova.faults().calls(call)
    }

    async fn post(&self, path: &str, headers: &[(&str, String)], body: &str) -> u16 {
        post(self.address, path, headers, body.as_bytes()).await.status
    }

    async fn signed(&self, id: &str, body: &str) -> u16 {
        self.post("/hooks/demo", &signature(id, self.clock.now(), body, SECRET), body).await
    }

    /// What the portal has of the first contractor: whether it may be sold to.
    fn blocked(&self) -> bool {
        self.contractors.records()[&id_key(self.first().id)].kontrahent.blokada_sprzedazy
    }

    fn first(&self) -> SimulatedKontrahent {
        self.company.simulation.enova.contractors().swap_remove(0)
    }

    /// Changes the first contractor in the ERP; its hint.
    fn change(&self) -> String {
        let first = self.first();
        self.company.simulation.enova.set_contractor_blocked(&first.kod, !first.blokada_sprzedazy).unwrap();
        hint("KontrahentZmieniony", first.id)
    }
}

fn signature(id: &str, at: DateTime<Utc>, body: &str, secret: &[u8]) -> [(&'static str, String); 3] {
    let at = at.timestamp();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    [("webhook-id", id.to_owned()), ("webhook-timestamp", at.to_string()), ("webhook-signature", signature)]
}

fn hint(event: &str, id: i32) -> String {
    format!(r#"{{"Zdarzenie":"{event}","ID":{id}}}"#)
}

/// The look-up by key, and the list that a tick reads.
const LOOK_UP: &str = "B2BKontrahenci/Pobierz";
const STOCK: &str = "B2BStany/Lista";

#[tokio::test]
async fn a_good_hint_makes_the_flow_look_the_record_up_before_its_tick() {
    let mut world = World::new().await;
    let (before, hint) = (world.blocked(), world.change());
    world.work().await;
    assert_eq!(world.blocked(), before, "its tick is an hour away");
    assert_eq!(world.signed("zd-1", &hint).await, 202);
    world.work().await;
    assert_eq!((world.blocked(), world.asked(LOOK_UP), world.hints(0).await), (!before, 1, 0));
    // of a sender that cannot sign
    let hint = world.change();
    assert_eq!(world.post(&format!("/hooks/demo/{PATH_SECRET}"), &[], &hint).await, 202);
    world.work().await;
    assert_eq!((world.blocked(), world.asked(LOOK_UP)), (before, 2));
}

#[tokio::test]
async fn what_came_before_is_answered_with_success_and_makes_nobody_work() {
    let mut world = World::new().await;
    let hint = world.change();
    let sent = signature("zd-1", world.clock.now(), &hint, SECRET);
    assert_eq!(world.post("/hooks/demo", &sent, &hint).await, 202);
    world.work().await;
    let path = format!("/hooks/demo/{PATH_SECRET}");
    assert_eq!(world.post(&path, &[], &hint).await, 202, "another sender, another id");
    world.work().await;
    let asked = world.asked(LOOK_UP);
    assert_eq!(world.post("/hooks/demo", &sent, &hint).await, 200);
    assert_eq!(world.signed("zd-1", &hint).await, 200, "sent again later, under its id");
    assert_eq!(world.post(&path, &[], &hint).await, 200, "twice within a minute");
    world.work().await;
    assert_eq!((world.asked(LOOK_UP), world.hints(0).await), (asked, 0));
}

#[tokio::test]
async fn a_hint_about_what_is_only_read_as_a_whole_makes_its_flow_run() {
    let mut world = World::new().await;
    let asked = world.asked(STOCK);
    world.work().await;
    assert_eq!(world.asked(STOCK), asked, "its tick is an hour away");
    assert_eq!(world.signed("zd-1", &hint("StanPonizejProgu", 1)).await, 202);
    world.work().await;
    assert!(world.asked(STOCK) > asked);
    assert_eq!(world.hints(1).await, 0);
    // without an id nothing can be looked up, so the flow reads its changes
    let (before, asked) = (world.blocked(), world.asked(STOCK));
    world.change();
    world.clock.advance(Duration::from_secs(120));
    let hint = r#"{"Zdarzenie":"KontrahentZmieniony","Kod":"ABC"}"#;
    assert_eq!(world.signed("zd-2", hint).await, 202);
    world.work().await;
    assert_eq!((world.blocked(), world.asked(LOOK_UP), world.asked(STOCK)), (!before, 0, asked));
}

#[tokio::test]
async fn what_is_forged_changed_old_or_for_nobody_is_refused_and_makes_nobody_work() {
    let mut world = World::new().await;
    let (before, hint) = (world.blocked(), world.change());
    let now = world.clock.now();
    let seconds = chrono::TimeDelta::seconds;
    let other = b"another secret of twenty-four bytes";
    let right = signature("zd-1", now, &hint, SECRET);
    let refused = [
        ("not signed", 401, "/hooks/demo", vec![]),
        ("another secret", 401, "/hooks/demo", signature("zd-1", now, &hint, other).to_vec()),
        ("another body", 401, "/hooks/demo", signature("zd-1", now, "{}", SECRET).to_vec()),
        ("too old", 401, "/hooks/demo", signature("zd-1", now - seconds(301), &hint, SECRET).to_vec()),
        (
            "from the future",
            401,
            "/hooks/demo",
            signature("zd-1", now + seconds(301), &hint, SECRET).to_vec(),
        ),
        ("half a signature", 401, "/hooks/demo", right[..2].to_vec()),
        ("another tenant", 404, "/hooks/other", right.to_vec()),
        ("no tenant", 404, "/hooks/", right.to_vec()),
        ("another secret in the path", 401, "/hooks/demo/another-secret-of-the-path-0000", vec![]),
        (
            "a secret in the path of another tenant",
            404,
            "/hooks/other/a-secret-of-the-path-of-some-length",
            vec![],
        ),
        ("a path that is no text", 400, "/hooks/demo/%ff%fe", vec![]),
    ];
    for (what, status, path, headers) in refused {
        assert_eq!(world.post(path, &headers, &hint).await, status, "{what}");
    }
    let get = request(world.address, b"GET /hooks/demo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    assert_eq!(get.await.status, 405);
    world.work().await;
    assert_eq!((world.blocked(), world.asked(LOOK_UP), world.hints(0).await), (before, 0, 0));
    assert_eq!(world.post("/hooks/demo", &right, &hint).await, 202, "nothing of that spoilt the right one");
}

#[tokio::test]
async fn what_is_signed_but_no_hint_is_refused_and_an_event_that_no_flow_reads_is_harmless() {
    let mut world = World::new().await;
    let path = format!("/hooks/demo/{PATH_SECRET}");
    for body in ["", "not JSON", "[]", "{}", r#"{"Zdarzenie":"KontrahentZmieniony"}"#, "\u{0}"] {
        assert_eq!(world.signed("zd-1", body).await, 400, "{body:?}");
        assert_eq!(world.post(&path, &[], body).await, 400, "{body:?}");
    }
    for event in ["PrzelewWyslany", "ZamowienieStatus", "'; DROP TABLE hints; --"] {
        assert_eq!(world.signed("zd-1", &hint(event, 1)).await, 204, "{event}");
        assert_eq!(world.post(&path, &[], &hint(event, 1)).await, 204, "{event}");
    }
    // a record that there is not
    assert_eq!(world.signed("zd-1", &hint("KontrahentZmieniony", 999_999)).await, 202);
    let before = world.contractors.records().len();
    world.work().await;
    assert_eq!((world.contractors.records().len(), world.flow_rejects().await), (before, 0));
}

#[tokio::test]
async fn ten_megabytes_are_refused_before_they_are_read() {
    let world = World::new().await;
    // what they hold is never sent: an answer comes all the same
    let announced =
        format!("POST /hooks/demo HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{{", 10 * 1024 * 1024);
    assert_eq!(request(world.address, announced.as_bytes()).await.status, 413);
    let chunk = "x".repeat(65_537);
    let unannounced = format!(
        "POST /hooks/demo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n10001\r\n{chunk}\r\n"
    );
    assert_eq!(request(world.address, unannounced.as_bytes()).await.status, 413);
    let longest = format!("{}{}", hint("PrzelewWyslany", 1), " ".repeat(65_000));
    assert_eq!(world.signed("zd-1", &longest).await, 204, "what is allowed is read");
}

#[tokio::test]
async fn a_hint_that_cannot_be_kept_is_asked_for_again() {
    let mut world = World::new().await;
    let hint = world.change();
    world.faults.on_next_call(Fault::FailBefore);
    assert_eq!(world.signed("zd-1", &hint).await, 503);
    assert_eq!(world.signed("zd-1", &hint).await, 202);
    world.work().await;
    assert_eq!(world.asked(LOOK_UP), 1);
}

#[tokio::test]
async fn a_sender_with_words_of_its_own_and_two_secrets_at_a_time_is_understood() {
    let mut world = World::new().await;
    let old = b"an old secret of more than twenty-four bytes";
    let fields = PolaWskazowki::builder().zdarzenie("event").id("rowId").build();
    let hooks = Hooks::builder()
        .secret(SecretString::from(format!("{}\nwhsec_{}", STANDARD.encode(old), STANDARD.encode(SECRET))))
        .fields(fields)
        .events([("customer.changed".to_owned(), Zdarzenie::KontrahentZmieniony)].into())
        .build();
    world.address = world.intake(hooks).await;
    for (id, secret) in [("zd-1", &old[..]), ("zd-2", SECRET)] {
        world.change();
        let hint = format!(r#"{{"event":"customer.changed","rowId":"{}"}}"#, world.first().id);
        let before = world.blocked();
        let headers = signature(id, world.clock.now(), &hint, secret);
        assert_eq!(world.post("/hooks/demo", &headers, &hint).await, 202);
        world.work().await;
        assert_eq!(world.blocked(), !before);
    }
    assert_eq!(world.asked(LOOK_UP), 2);
}

#[tokio::test]
async fn secrets_that_are_none_are_refused_when_the_intake_is_made_and_shown_nowhere() {
    let world = World::new().await;
    for hooks in [
        Hooks::builder().build(),
        Hooks::builder().secret(SecretString::from("c2hvcnQ=")).build(),
        Hooks::builder().secret(SecretString::from("canary, which is no Base64")).build(),
        Hooks::builder().path_secret(SecretString::from("canary")).build(),
    ] {
        assert!(!format!("{hooks:?}").contains("canary"));
        let error = Intake::new().tenant(&world.face, hooks).unwrap_err();
        assert_eq!(error.kind(), bridge::ErrorKind::Config);
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

/// A line of the program's log.
async fn logged(log: &mut (impl AsyncBufReadExt + Unpin), all: &mut String, wanted: &str) -> String {
    loop {
        let mut line = String::new();
        assert!(log.read_line(&mut line).await.unwrap() > 0, "the program ended:\n{all}");
        all.push_str(&line);
        if line.contains(wanted) {
            return line;
        }
    }
}

#[tokio::test]
async fn the_program_listens_on_both_and_shows_no_secret_of_a_hook_in_its_log() {
    let company = Company::of_goods(5).await;
    let settings = company.settings_file_with(|table| {
        let faces = "private = \"127.0.0.1:0\"\npublic = \"127.0.0.1:0\"";
        table.insert("faces".to_owned(), faces.parse::<Table>().unwrap().into());
        let hooks = "secret_env = \"HOOKS\"\npath_secret_env = \"HOOKS_PATH\"";
        let tenant = table["tenants"].as_array_mut().unwrap()[0].as_table_mut().unwrap();
        tenant.insert("hooks".to_owned(), hooks.parse::<Table>().unwrap().into());
    });
    let start = || bridge_at(&company, &settings, &["run"]);
    let missing = ran(&mut start()).await;
    assert_eq!(missing.code, 2, "{}", missing.err);
    assert!(missing.err.contains("tenants[0].hooks.secret_env"), "{}", missing.err);

    let secret = STANDARD.encode(SECRET);
    let mut child = start()
        .env("HOOKS", &secret)
        .env("HOOKS_PATH", PATH_SECRET)
        .env("RUST_LOG", "trace")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut all = String::new();
    let address = |line: String| -> SocketAddr {
        line.split_once("address=").unwrap().1.split_whitespace().next().unwrap().parse().unwrap()
    };
    let public = address(logged(&mut log, &mut all, "listening for webhooks").await);
    let private = address(logged(&mut log, &mut all, "listening for health").await);
    let rest = tokio::spawn(async move {
        log.read_to_string(&mut all).await.unwrap();
        all
    });
    assert_eq!(get(private, "/healthz").await.status, 200);
    assert!(get(private, "/metrics").await.body.contains("bridge_store_up{tenant=\"demo\"} 1"));
    assert_eq!(get(public, "/healthz").await.status, 404, "what is private is not public");
    let hint = hint("StanPonizejProgu", 4_242_424);
    for path in ["/hooks/demo".to_owned(), "/hooks/demo/wrong-secret-canary-in-the-path".to_owned()] {
        assert_eq!(post(public, &path, &[], hint.as_bytes()).await.status, 401);
    }
    assert_eq!(post(public, &format!("/hooks/demo/{PATH_SECRET}"), &[], hint.as_bytes()).await.status, 202);
    let ended = terminate(child).await;
    assert_eq!(ended.code(), Some(0));
    let all = rest.await.unwrap();
    assert!(all.contains("a hook was refused") && all.contains("TRACE"));
    for canary in [&*secret, PATH_SECRET, "wrong-secret-canary", "4242424"] {
        let line = all.lines().find(|line| line.contains(canary));
        assert!(line.is_none(), "{canary} is in the log: {line:?}");
    }
}

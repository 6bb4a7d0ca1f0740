//! What outlives every process: both systems, what people did in them, and the folder with the store.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use api_transport::simulation::FaultHandle;
use bridge::{Settings, Simulation};
use chrono::{DateTime, Utc};
use one_client::ShipmentId;
use one_client::simulator::Simulator as One;
use rust_decimal::Decimal;
use soneta_webapi::simulator::{OrderDocument, Simulator as Enova};
use sync_core::{Clock, Schedule};
use sync_flows::catalog::Entry;
use tempfile::TempDir;
use toml::Table;

use super::dice::Dice;
use super::time::Time;
use crate::company::section;

const GOODS: usize = 12;

/// Organisations of ONe that have a contractor from the beginning.
const CLIENTS: [&str; 3] = [
    "00000000-0000-4000-8000-000000000001",
    "00000000-0000-4000-8000-000000000002",
    "00000000-0000-4000-8000-000000000003",
];

/// A line as the buyer sees it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) sku: String,
    pub(super) quantity: Decimal,
    pub(super) price: Decimal,
}

/// An order of ONe.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) shipment: ShipmentId,
    pub(super) client: String,
    /// What it was, the last one what it is.
    pub(super) versions: Vec<Vec<Line>>,
    pub(super) is_cancelled: bool,
}

/// Flows that mostly find nothing, and after how many minutes each runs here: a week is over sooner.
const SLOWER: [(&str, u64); 2] = [("offline-orders", 10), ("clients-to-enova", 5)];

/// When a flow runs.
pub(super) fn schedule(entry: &Entry) -> Schedule {
    match SLOWER.iter().find(|(flow, _)| *flow == entry.id) {
        Some((_, minutes)) => Schedule::every(Duration::from_secs(60 * minutes)).unwrap(),
        None => entry.ticks.schedule().unwrap(),
    }
}

pub(super) struct World {
    pub(super) time: Arc<Time>,
    pub(super) simulation: Simulation,
    pub(super) folder: TempDir,
    pub(super) settings: Settings,
    pub(super) dice: Dice,
    pub(super) placed: Vec<Placed>,
    /// Kods of goods that lost their tick.
    pub(super) unticked: Vec<String>,
    /// Kods of contractors that lost theirs.
    pub(super) unticked_contractors: Vec<String>,
    /// Kods of contractors that buy from the beginning.
    pub(super) buyers: Vec<String>,
    /// Orders that the ERP has confirmed, by id.
    pub(super) confirmed: BTreeSet<i32>,
    /// Organisations of ONe that order.
    pub(super) clients: Vec<String>,
    /// What was made so far has numbers up to this.
    pub(super) numbered: u64,
    /// What the ERP's people work with besides the simulator's own commands.
    pub(super) people: soneta_webapi::Client,
    /// Nobody reaches enova365.
    pub(super) is_enova_gone: bool,
    /// Faults that meet one call each.
    pub(super) faults: Vec<FaultHandle>,
    /// What only incidents touch.
    pub(super) kept_apart: String,
}

/// In memory where the system has such folders: a week is tens of thousands of commits, and none dies with the machine.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

impl World {
    pub(super) async fn new(seed: u64, began: DateTime<Utc>) -> Self {
        let time = Arc::new(Time::at(began));
        let (of_enova, of_one) = (time.clone(), time.clone());
        let enova = Enova::builder().goods(GOODS).seed(seed).warehouses(["F", "KRK"]);
        let enova = enova.now(Arc::new(move || of_enova.now())).start().await.unwrap();
        let one = One::builder().now(move || of_one.now().into()).start().await.unwrap();
        let simulation = Simulation { enova, one };
        let may_buy = |contractor: &soneta_webapi::simulator::SimulatedKontrahent| {
            contractor.zaznaczony && !contractor.blokada_sprzedazy && contractor.zastapiony_przez_id.is_none()
        };
        let buyers = simulation.enova.contractors().into_iter().filter(may_buy).take(CLIENTS.len());
        let buyers: Vec<String> = buyers.map(|contractor| contractor.kod).collect();
        let settings = settings(&simulation, &buyers);
        let stocked =
            |good: &soneta_webapi::simulator::SimulatedTowar| good.zaznaczony && !good.stany.is_empty();
        let kept_apart = simulation.enova.goods().into_iter().find(stocked).unwrap().kod;
        let people = enova_client(&simulation, &time);
        let world = Self {
            time,
            simulation,
            folder: folder(),
            settings,
            dice: Dice(seed),
            placed: Vec::new(),
            unticked: Vec::new(),
            unticked_contractors: Vec::new(),
            buyers,
            clients: CLIENTS.map(str::to_owned).to_vec(),
            confirmed: BTreeSet::new(),
            numbered: 0,
            people,
            is_enova_gone: false,
            faults: Vec::new(),
            kept_apart,
        };
        world.introduce_buyers();
        world
    }

    pub(super) fn is_by_telephone(&self, order: &OrderDocument) -> bool {
        order.numer_obcy.as_deref() == Some("telefon")
    }

    /// Nothing that is meant for the bridge meets somebody else's call.
    pub(super) fn is_enova_calm(&self) -> bool {
        !self.is_enova_gone && self.faults.iter().all(|fault| fault.met() > 0)
    }

    /// A client that repeats nothing: all waiting goes by the simulation's time.
    pub(super) fn enova_client(&self) -> soneta_webapi::Client {
        enova_client(&self.simulation, &self.time)
    }

    /// As [`enova_client`](Self::enova_client).
    pub(super) fn one_client(&self) -> one_client::Client {
        let now = system_time(&self.time);
        let builder = self.simulation.one.client_builder();
        builder.transport(|transport| transport.retry(once()).now(now)).build().unwrap()
    }
}

fn system_time(time: &Arc<Time>) -> impl Fn() -> SystemTime + Send + Sync + 'static {
    let time = time.clone();
    move || time.now().into()
}

fn enova_client(simulation: &Simulation, time: &Arc<Time>) -> soneta_webapi::Client {
    let enova = &simulation.enova;
    soneta_webapi::Client::builder(enova.url().clone(), enova.application_token())
        .retry(once())
        .now(system_time(time))
        .build()
        .unwrap()
}

fn once() -> api_transport::RetryPolicy {
    api_transport::RetryPolicy::new().attempts(1)
}

/// Every flow of the simulation.
fn settings(simulation: &Simulation, buyers: &[String]) -> Settings {
    let mut table: Table = simulation.settings_toml().unwrap().parse().unwrap();
    for (flow, minutes) in SLOWER {
        section(&mut table, flow).insert("every".to_owned(), format!("{minutes} min").into());
    }
    let orders = section(&mut table, "orders");
    let contractors =
        CLIENTS.iter().zip(buyers).map(|(client, kod)| ((*client).to_owned(), kod.as_str().into()));
    orders.insert("contractors".to_owned(), contractors.collect::<Table>().into());
    let policy: Table = "cheaper = \"confirmed_price\"\ndearer = \"hold\"".parse().unwrap();
    orders.insert("price_policy".to_owned(), policy.into());
    let engine: Table = "dispatch_every = \"5 min\"".parse().unwrap();
    table.insert("engine".to_owned(), engine.into());
    let alerts: Table = "check_every = \"10 min\"".parse().unwrap();
    table.insert("alerts".to_owned(), alerts.into());
    Settings::from_toml(&toml::to_string(&table).unwrap()).unwrap()
}

pub(super) fn decimal(number: usize) -> Decimal {
    Decimal::from(u64::try_from(number).unwrap())
}

/// A tax number with its check digit: none of the generated company's.
pub(super) fn nip(number: u64) -> String {
    let weights = [6, 5, 7, 2, 3, 4, 5, 6, 7];
    let with_check = |number: u64| {
        let digits = format!("{number:09}");
        let sum: u32 =
            digits.chars().zip(weights).map(|(digit, weight)| digit.to_digit(10).unwrap() * weight).sum();
        (sum % 11 < 10).then(|| format!("{digits}{}", sum % 11))
    };
    (526_000_000 + 10 * number..).find_map(with_check).unwrap()
}

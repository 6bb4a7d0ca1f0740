//! What outlives every process: both systems, what people did in them, and the folder with the store.

use std::sync::Arc;
use std::time::SystemTime;

use bridge::{Settings, Simulation};
use chrono::{DateTime, Utc};
use one_client::ShipmentId;
use one_client::simulator::Simulator as One;
use rust_decimal::Decimal;
use soneta_webapi::simulator::Simulator as Enova;
use sync_core::Clock;
use tempfile::TempDir;
use toml::Table;

use super::dice::Dice;
use super::time::Time;
use crate::company::{flows, section};

const GOODS: usize = 12;

/// Organisations of ONe that have a contractor.
pub(super) const CLIENTS: [&str; 3] = [
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
    pub(super) client: &'static str,
    /// What it was, the last one what it is.
    pub(super) versions: Vec<Vec<Line>>,
    pub(super) is_cancelled: bool,
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
    /// Kods of contractors that buy.
    pub(super) buyers: Vec<String>,
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
        let settings = settings(&simulation, &buyers, began);
        let stocked =
            |good: &soneta_webapi::simulator::SimulatedTowar| good.zaznaczony && !good.stany.is_empty();
        let kept_apart = simulation.enova.goods().into_iter().find(stocked).unwrap().kod;
        Self {
            time,
            simulation,
            folder: folder(),
            settings,
            dice: Dice(seed),
            placed: Vec::new(),
            unticked: Vec::new(),
            buyers,
            kept_apart,
        }
    }

    /// A client that repeats nothing: all waiting goes by the simulation's time.
    pub(super) fn enova_client(&self) -> soneta_webapi::Client {
        let enova = &self.simulation.enova;
        soneta_webapi::Client::builder(enova.url().clone(), enova.application_token())
            .retry(once())
            .now(self.system_time())
            .build()
            .unwrap()
    }

    /// As [`enova_client`](Self::enova_client).
    pub(super) fn one_client(&self) -> one_client::Client {
        let now = self.system_time();
        let builder = self.simulation.one.client_builder();
        builder.transport(|transport| transport.retry(once()).now(now)).build().unwrap()
    }

    fn system_time(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static {
        let time = self.time.clone();
        move || time.now().into()
    }
}

fn once() -> api_transport::RetryPolicy {
    api_transport::RetryPolicy::new().attempts(1)
}

/// Stock, retail prices and orders by the schedules of the catalogue; a change after transfer is told to a person.
fn settings(simulation: &Simulation, buyers: &[String], began: DateTime<Utc>) -> Settings {
    let mut table: Table = simulation.settings_toml().unwrap().parse().unwrap();
    flows(&mut table).retain(|flow, _| ["stock", "retail-prices", "orders"].contains(&flow));
    let tenant = table["tenants"].as_array_mut().unwrap()[0].as_table_mut().unwrap();
    tenant.insert("start_date".to_owned(), began.date_naive().to_string().into());
    let orders = section(&mut table, "orders");
    orders.insert("changes".to_owned(), false.into());
    let contractors =
        CLIENTS.iter().zip(buyers).map(|(client, kod)| ((*client).to_owned(), kod.as_str().into()));
    orders.insert("contractors".to_owned(), contractors.collect::<Table>().into());
    let policy: Table = "cheaper = \"confirmed_price\"\ndearer = \"hold\"".parse().unwrap();
    orders.insert("price_policy".to_owned(), policy.into());
    let engine: Table = "dispatch_every = \"1 min\"".parse().unwrap();
    table.insert("engine".to_owned(), engine.into());
    let alerts: Table = "check_every = \"5 min\"".parse().unwrap();
    table.insert("alerts".to_owned(), alerts.into());
    Settings::from_toml(&toml::to_string(&table).unwrap()).unwrap()
}

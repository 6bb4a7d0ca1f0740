//! A simulated company and portal, and bridges between them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge::{Bridge, Settings, Simulation, SimulationOptions, Summary, Tenant};
use one_client::simulator::{DraftLine, OrderDraft, Simulator as OneSimulator};
use rust_decimal::Decimal;
use soneta_webapi::simulator::{SimulatedTowar, Simulator as EnovaSimulator};
use sync_core::guard::stock::Buffer;
use sync_core::{CancellationToken, SqliteStore, Store};
use tempfile::TempDir;
use toml::Table;

/// ONe's id of the client whose orders the settings know.
pub(crate) const CLIENT: &str = "00000000-0000-4000-8000-000000000001";

/// More rounds than anything may take that comes to its end: look-ups are milliseconds apart in these settings.
const ROUNDS: usize = 10_000;

/// Both simulators in this process, and a folder for the bridge's state.
pub(crate) struct Company {
    pub(crate) simulation: Simulation,
    pub(crate) folder: TempDir,
}

impl Company {
    pub(crate) async fn new(options: SimulationOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let simulation = Simulation::start(&options, folder.path()).await.unwrap();
        Self { simulation, folder }
    }

    /// A company whose server answers at most so many rows at once.
    pub(crate) async fn of_goods_in_pages(goods: usize, rows: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let enova = EnovaSimulator::builder().goods(goods).maks_ile(rows).start().await.unwrap();
        let one = OneSimulator::builder().start().await.unwrap();
        Self { simulation: Simulation { enova, one }, folder }
    }

    pub(crate) async fn of_goods(goods: usize) -> Self {
        Self::new(SimulationOptions::new(Some(goods), None)).await
    }

    /// The demo company's export where it lies beside the project, else generated goods.
    pub(crate) async fn demo() -> Self {
        let export = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/enova-demo");
        if export.is_dir() {
            Self::new(SimulationOptions::new(None, Some(export))).await
        } else {
            eprintln!("the demo export is not here; a generated catalogue stands in for it");
            Self::of_goods(60).await
        }
    }

    /// The simulation's settings with times that a test can wait for, and what else `change` does to them.
    pub(crate) fn settings(&self, change: impl FnOnce(&mut Table)) -> Settings {
        Settings::from_toml(&self.settings_text(change)).unwrap()
    }

    fn settings_text(&self, change: impl FnOnce(&mut Table)) -> String {
        let mut table = self.every_setting();
        // what crashes and faults are tried on, unless a test adds more
        flows(&mut table).retain(|flow, _| ["stock", "retail-prices", "orders"].contains(&flow));
        change(&mut table);
        toml::to_string(&table).unwrap()
    }

    /// Every flow that is simulated; their clients are there.
    pub(crate) fn whole_settings(&self) -> Table {
        self.simulation.introduce_clients().unwrap();
        self.every_setting()
    }

    fn every_setting(&self) -> Table {
        let mut table: Table = self.simulation.settings_toml().unwrap().parse().unwrap();
        let times = r#"
            visibility_lag = "10 ms"
            lookup_spacing = "20 ms"
            answer_timeout = "20 s"
            dispatch_every = "1 s"
        "#;
        table.insert("engine".to_owned(), times.parse::<Table>().unwrap().into());
        table
    }

    /// A bridge with every flow that is simulated.
    pub(crate) async fn whole_bridge(&self) -> Bridge {
        let settings = toml::to_string(&self.whole_settings()).unwrap();
        self.bridge(Settings::from_toml(&settings).unwrap()).await
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.folder.path().join("demo.sqlite")).unwrap())
    }

    pub(crate) async fn bridge(&self, settings: Settings) -> Bridge {
        Bridge::new([self.tenant(&settings)]).engine_settings(settings.engine)
    }

    pub(crate) fn tenant(&self, settings: &Settings) -> Tenant {
        Tenant::builder(&settings.tenants[0], self.store())
            .enova(self.simulation.enova_client().unwrap())
            .one(self.simulation.one_client().unwrap())
            .engine(settings.engine)
            .build()
            .unwrap()
    }

    /// Every flow of the simulation, and what else `change` does.
    pub(crate) async fn once_with_every_flow(&self, change: impl FnOnce(&mut Table)) -> Summary {
        let every: Table = self.simulation.settings_toml().unwrap().parse().unwrap();
        let settings = self.settings(|table| {
            *flows(table) = flows(&mut every.clone()).clone();
            change(table);
        });
        self.bridge(settings).await.once(CancellationToken::new()).await.unwrap()
    }

    pub(crate) async fn once(&self) -> Summary {
        self.bridge(self.settings(|_| {})).await.once(CancellationToken::new()).await.unwrap()
    }

    /// Rounds until nothing is open; each waits only for what another process holds.
    pub(crate) async fn rounds_until_clean(&self, settings: Settings) -> Summary {
        let bridge = self.bridge(settings).await;
        let mut summary = Summary::default();
        for _ in 0..ROUNDS {
            summary = bridge.once(CancellationToken::new()).await.unwrap();
            if summary.open.is_empty() {
                return summary;
            }
        }
        panic!("something stays open for ever:\n{summary}");
    }

    /// ONe shows of every ticked good what the ERP has of it; tells how many stocks that are.
    pub(crate) fn assert_stock_is_shown(&self) -> usize {
        let goods = self.simulation.enova.goods().into_iter().filter(|good| good.zaznaczony);
        let mut stocks = 0;
        for good in goods {
            for stan in &good.stany {
                let shown = Buffer::default().shown(stan.stan - stan.zarezerwowane, Decimal::ONE);
                assert_eq!(self.simulation.one.stock(&stan.magazyn, &good.kod), Some(shown), "{}", good.kod);
                stocks += 1;
            }
        }
        stocks
    }

    pub(crate) fn good(&self, at: usize) -> SimulatedTowar {
        self.simulation.enova.goods().into_iter().filter(|good| !good.stany.is_empty()).nth(at).unwrap()
    }

    /// An order of one good at its retail price, which is what the simulated ERP charges a client without discount.
    pub(crate) fn order(&self, quantity: i64) -> OrderDraft {
        let good = self.good(0);
        let (netto, _) = good.cena_detaliczna.unwrap();
        let line = DraftLine::new(good.kod, Decimal::from(quantity)).priced(netto).in_unit(good.jednostka);
        OrderDraft::new(CLIENT).with_line(line)
    }

    pub(crate) fn place(&self, draft: OrderDraft) -> one_client::ShipmentId {
        self.simulation.one.place_order(draft).unwrap()
    }

    pub(crate) fn documents(&self) -> usize {
        self.simulation.enova.orders().len()
    }

    /// Stock and price lines that ONe has accepted so far.
    pub(crate) fn lines(&self) -> (u64, u64) {
        let received = self.simulation.one.lines_received();
        assert_eq!(received.stock_removals, 0);
        (received.stocks, received.retail_prices)
    }

    /// Writes the settings as the program reads them; a changed price refuses an order.
    pub(crate) fn settings_file(&self) -> PathBuf {
        self.settings_file_with(|table| {
            section(table, "orders").insert("price_policy".to_owned(), policy("refuse").into());
        })
    }

    pub(crate) fn settings_file_with(&self, change: impl FnOnce(&mut Table)) -> PathBuf {
        let path = self.folder.path().join("bridge.toml");
        std::fs::write(&path, self.settings_text(change)).unwrap();
        path
    }
}

/// A section of the settings' only tenant.
pub(crate) fn section<'a>(table: &'a mut Table, flow: &str) -> &'a mut Table {
    let tenant = &mut table["tenants"].as_array_mut().unwrap()[0];
    tenant["flows"][flow].as_table_mut().unwrap()
}

/// The sections of the settings' only tenant.
pub(crate) fn flows(table: &mut Table) -> &mut Table {
    let tenant = &mut table["tenants"].as_array_mut().unwrap()[0];
    tenant["flows"].as_table_mut().unwrap()
}

/// What a killed process held lapses within a time that a test can wait for. Nowhere else: on a busy machine an act under way could
/// lapse as well.
pub(crate) fn lapse_soon(table: &mut Table) {
    let engine = table["engine"].as_table_mut().unwrap();
    for key in ["lease_ttl", "claim_ttl"] {
        engine.insert(key.to_owned(), "400 ms".into());
    }
}

pub(crate) fn policy(both: &str) -> Table {
    format!("cheaper = {both:?}\ndearer = {both:?}").parse().unwrap()
}

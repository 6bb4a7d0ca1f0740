//! A simulated company and portal, and bridges between them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge::{Bridge, Settings, Simulation, SimulationOptions, Summary};
use one_client::simulator::{DraftLine, OrderDraft, Simulator as OneSimulator};
use rust_decimal::Decimal;
use soneta_webapi::simulator::{SimulatedTowar, Simulator as EnovaSimulator};
use sync_core::{CancellationToken, SqliteStore, Store};
use tempfile::TempDir;

/// ONe's id of the client whose orders the settings know.
pub(crate) const CLIENT: &str = "00000000-0000-4000-8000-000000000001";

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
    pub(crate) fn settings(&self, change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = self.simulation.settings().unwrap();
        settings.engine.lease_ttl_ms = 400;
        settings.engine.claim_ttl_ms = 400;
        settings.engine.visibility_lag_ms = 10;
        settings.engine.lookup_spacing_ms = 20;
        settings.engine.answer_timeout_ms = 20_000;
        change(&mut settings);
        settings
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.folder.path().join("bridge.sqlite")).unwrap())
    }

    pub(crate) async fn bridge(&self, settings: Settings) -> Bridge {
        let enova = self.simulation.enova_client().unwrap();
        let one = self.simulation.one_client().unwrap();
        Bridge::builder(settings, self.store()).enova(&enova).one(one).build().await.unwrap()
    }

    pub(crate) async fn once(&self) -> Summary {
        self.bridge(self.settings(|_| {})).await.once(CancellationToken::new()).await.unwrap()
    }

    /// Rounds until nothing is open; each waits only for what another process holds.
    pub(crate) async fn rounds_until_clean(&self, settings: Settings) -> Summary {
        let bridge = self.bridge(settings).await;
        loop {
            let summary = bridge.once(CancellationToken::new()).await.unwrap();
            if summary.open.is_empty() {
                return summary;
            }
        }
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

    /// Writes the settings as the program reads them.
    pub(crate) fn settings_file(&self) -> PathBuf {
        let settings = self.settings(|_| {});
        let contractor = settings.orders.as_ref().unwrap().contractors.get(CLIENT).unwrap();
        let warehouses: Vec<String> = settings
            .stock
            .as_ref()
            .unwrap()
            .warehouses
            .iter()
            .map(|(enova, one)| format!("{enova:?} = {one:?}"))
            .collect();
        let text = format!(
            r#"
            tenant = "demo"
            enova = {{ url = "{}" }}
            one = {{ url = "{}", tenant = "{}" }}
            stock = {{ warehouses = {{ {} }} }}
            retail_prices = {{}}
            [orders]
            start_at = 1
            warehouse = {:?}
            contractors = {{ "{CLIENT}" = {contractor:?} }}
            price_policy = {{ cheaper = "refuse", dearer = "refuse" }}
            [engine]
            lease_ttl_ms = 400
            claim_ttl_ms = 400
            visibility_lag_ms = 10
            lookup_spacing_ms = 20
            "#,
            settings.enova.url,
            settings.one.url,
            settings.one.tenant,
            warehouses.join(", "),
            settings.orders.as_ref().unwrap().warehouse,
        );
        let path = self.folder.path().join("bridge.toml");
        std::fs::write(&path, text).unwrap();
        path
    }
}

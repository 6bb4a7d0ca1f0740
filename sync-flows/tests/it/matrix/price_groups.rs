//! Price groups to a portal of one's own: E3. The simulated company's words never change, so the answers are changed on their way.

use api_transport::simulation::Fault;
use async_trait::async_trait;
use soneta_webapi::{GrupaCenowa, Slowniki};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use sync_core::Job as _;
use sync_flows::flows::price_groups::{self, PriceGroupMapper};

use super::own_portal::OwnPortal;
use super::{Lost, Row, Shown, rows};
use crate::world::{World, killed_when, run_to_end};

rows! { e3: PriceGroups }

struct PriceGroups {
    world: World,
    portal: OwnPortal<GrupaCenowa>,
    refuses: AtomicBool,
}

impl PriceGroups {
    /// Whether the portal refuses the group `VIP`.
    fn refuse(&self, refuse: bool) {
        self.portal.sink.refuse("Grupa cenowa/VIP", refuse);
        self.refuses.store(refuse, Relaxed);
    }

    /// Beside the simulator's own words there are these rows from now on.
    fn rows(&self, rows: &[&str]) {
        let faults = self.world.enova.faults();
        faults.clear();
        let pozycje = format!("\"Pozycje\":[{},", rows.join(","));
        faults.add(Fault::on("B2BGrupyCenowe/Lista").rewrite("\"Pozycje\":[", pozycje).always());
    }
}

const VIP: &str = r#"{"Nazwa":"VIP","Cecha":"Grupa cenowa","Blokada":false}"#;
const VIP_OUT_OF_USE: &str = r#"{"Nazwa":"VIP","Cecha":"Grupa cenowa","Blokada":true}"#;
const VIP_OF_ANOTHER_CECHA: &str = r#"{"Nazwa":"VIP","Cecha":"Sieć","Blokada":false}"#;

#[async_trait]
impl Row for PriceGroups {
    async fn begin() -> Self {
        let (world, portal) = (World::of_goods(3).await, OwnPortal::new());
        let row = Self { world, portal, refuses: AtomicBool::new(false) };
        row.rows(&[VIP]);
        row
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let (setup, slowniki) = (&self.world.setup, self.world.erp.b2b().slowniki());
        let portal = Arc::clone(&self.portal.sink);
        let flow = price_groups::to(setup, Arc::new(slowniki), PriceGroupMapper, portal).unwrap();
        match pages {
            // there is only one page, so it is killed within that
            Some(_) => killed_when(self.portal.hang(), &flow).await,
            None => drop(run_to_end(&flow).await),
        }
        flow.leave().await;
    }

    async fn expected(&self) -> Shown {
        let rows = self.world.erp.b2b().slowniki().list_grupy_cenowe().await.unwrap();
        let in_use = rows.into_iter().map(Result::unwrap).filter(|grupa| !grupa.blokada);
        let taken = in_use.filter(|grupa| grupa.nazwa != "VIP" || !self.refuses.load(Relaxed));
        taken.map(|grupa| (grupa.nazwa, grupa.cecha.unwrap_or_default())).collect()
    }

    async fn shown(&self) -> Shown {
        let groups = self.portal.sink.records().into_values();
        groups.map(|grupa| (grupa.nazwa, grupa.cecha.unwrap_or_default())).collect()
    }

    fn sent(&self) -> u64 {
        self.portal.sent()
    }

    async fn change_one(&self) {
        self.rows(&[VIP_OF_ANOTHER_CECHA]);
    }

    async fn remove_one(&self) {
        self.rows(&[VIP_OUT_OF_USE]);
    }

    async fn removed(&self) {
        assert!(!self.shown().await.contains_key("VIP"));
    }

    async fn spoil_one(&self) {
        self.refuse(true);
    }

    async fn heal(&self) {
        self.refuse(false);
    }

    fn lose_answer(&self) -> Vec<Lost> {
        self.portal.lose_answer()
    }
}

//! Warehouses: O2, by PUT as state and by POST as acts.

mod acts;

use api_transport::RetryPolicy;
use api_transport::simulation::Fault;
use async_trait::async_trait;
use one_client::stock::WarehouseType;
use soneta_webapi::Magazyn;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use sync_core::{Job as _, Reason};
use sync_flows::Jobs;
use sync_flows::enova::SlownikSource;
use sync_flows::flows::warehouses::{self, OneWarehouse, WarehouseMapper, WarehouseSettings};

use super::{Lost, Row, Shown, rows};
use crate::world::{World, killed_when, run_to_end};

rows! { o2: Warehouses }

/// The simulator's warehouses, by symbol; the first is above the second.
const SYMBOLS: [&str; 3] = ["F", "S", "W"];

/// Both systems, ONe written to with this verb.
async fn world(verb: &str) -> World {
    let mut world = World::of_warehouses(SYMBOLS).await;
    let policy = RetryPolicy::new().attempts(2).base(Duration::from_millis(1)).cap(Duration::from_millis(2));
    let one = world.sim.client_builder().warehouse_method(verb.parse().unwrap());
    world.one = one.transport(|transport| transport.retry(policy)).build().unwrap();
    world
}

fn settings(label_of_s: &str) -> WarehouseSettings {
    let local = |id: &str| OneWarehouse::builder().id(id).kind(WarehouseType::Local);
    let warehouses = [
        // the parent comes after its local ones in the ERP's list
        ("F", local("WRO-F").parent("WRO").build()),
        ("S", local("WRO-S").label(label_of_s).build()),
        ("W", OneWarehouse::builder().id("WRO").kind(WarehouseType::Central).build()),
    ];
    let warehouses = warehouses.map(|(symbol, one)| (symbol.to_owned(), one)).into();
    WarehouseSettings::builder().warehouses(warehouses).build()
}

fn jobs(world: &World, settings: WarehouseSettings) -> Jobs {
    let setup = &world.setup;
    let slowniki = Arc::new(world.erp.b2b().slowniki());
    let source = SlownikSource::<Magazyn>::new(slowniki, setup.erp.clone());
    let mapper = WarehouseMapper::new(settings).unwrap();
    warehouses::to_one(setup, source, mapper, world.one.clone()).unwrap()
}

/// What ONe has: id → name and label.
fn shown(world: &World) -> Shown {
    let told = |json: &str| {
        let record: serde_json::Value = serde_json::from_str(json).unwrap();
        let field = |name: &str| record.get(name).unwrap_or(&serde_json::Value::Null).to_string();
        format!("{} {}", field("name"), field("label"))
    };
    world.sim.records("warehouses").into_iter().map(|(id, json)| (id, told(&json))).collect()
}

fn named(warehouses: &[(&str, &str, &str)]) -> Shown {
    let told = |name: &str, label: &str| match label {
        "" => format!("\"{name}\" null"),
        label => format!("\"{name}\" \"{label}\""),
    };
    warehouses.iter().map(|(id, name, label)| ((*id).to_owned(), told(name, label))).collect()
}

/// The second warehouse disappears from the ERP's answers, or cannot be read there.
fn second_row(world: &World, with: &str) {
    let row = r#"{"ID":2,"Symbol":"S","Nazwa":"Magazyn S"}"#;
    world.enova.faults().add(Fault::on("B2BSlowniki/Magazyny").rewrite(format!(",{row}"), with).always());
}

struct Warehouses {
    world: World,
    label: Mutex<&'static str>,
    spoilt: Mutex<bool>,
}

#[async_trait]
impl Row for Warehouses {
    async fn begin() -> Self {
        Self { world: world("PUT").await, label: Mutex::new("sklep"), spoilt: Mutex::default() }
    }

    fn world(&self) -> &World {
        &self.world
    }

    async fn run(&self, pages: Option<usize>) {
        let label = *self.label.lock().unwrap();
        let Jobs { flow, dispatcher, .. } = jobs(&self.world, settings(label));
        assert!(dispatcher.is_none());
        match pages {
            // there is only one page, so it is killed at its second warehouse
            Some(_) => {
                let hold = self.world.sim.faults().add(Fault::on("/warehouses").nth(2).hold_before());
                killed_when(hold.held(), &flow).await;
            }
            None => drop(run_to_end(&flow).await),
        }
        flow.leave().await;
    }

    async fn expected(&self) -> Shown {
        let mut all = named(&[
            ("WRO", "Magazyn W", ""),
            ("WRO-F", "Magazyn F", ""),
            ("WRO-S", "Magazyn S", *self.label.lock().unwrap()),
        ]);
        if *self.spoilt.lock().unwrap() {
            all.remove("WRO-S");
        }
        all
    }

    async fn shown(&self) -> Shown {
        shown(&self.world)
    }

    fn sent(&self) -> u64 {
        self.world.sim.faults().calls("/warehouses")
    }

    /// The page was not at its end.
    fn sent_again(&self) -> u64 {
        2
    }

    /// Only in the settings: the ERP knows no labels.
    async fn change_one(&self) {
        *self.label.lock().unwrap() = "sklep firmowy";
    }

    async fn remove_one(&self) {
        second_row(&self.world, "");
    }

    /// ONe knows no removal, so a person is told, once.
    async fn removed(&self) {
        let rejects = self.world.rejects().await;
        let told: Vec<_> = rejects.iter().map(|reject| (reject.key.as_str(), reject.reason.code())).collect();
        assert_eq!(told, [("2", Reason::REMOVAL_NOT_SUPPORTED)]);
    }

    async fn spoil_one(&self) {
        second_row(&self.world, r#",{"ID":2,"Symbol":7,"Nazwa":"Magazyn S"}"#);
        *self.spoilt.lock().unwrap() = true;
    }

    async fn heal(&self) {
        self.world.enova.faults().clear();
        *self.spoilt.lock().unwrap() = false;
    }

    fn lose_answer(&self) -> Vec<Lost> {
        vec![Lost::twice(self.world.sim.faults(), "/warehouses")]
    }
}

//! Warehouses, enova365 → ONe.

use std::collections::BTreeMap;

use serde::Deserialize;
use soneta_webapi::Magazyn;
use sync_core::Act;
use sync_flows::catalog::Entry;
use sync_flows::enova::SlownikSource;
use sync_flows::flows::warehouses::{OneWarehouse, WAREHOUSES, WarehouseMapper, WarehouseSettings, to_one};

use super::Wiring;
use crate::error::Result;
use crate::named::{Dictionary, Named};
use crate::wire::{Learned, Wire, Wired};

/// `[tenants.flows.warehouses]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Warehouses {
    /// Symbol of a warehouse in the ERP → what ONe is told of it.
    warehouses: BTreeMap<String, OneWarehouse>,
}

impl Wiring for Warehouses {
    const ENTRY: &'static Entry = &WAREHOUSES;

    fn check(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if self.warehouses.is_empty() {
            let what =
                "names none, expected one such as { SYMBOL = { id = \"id in ONe\", type = \"CENTRAL\" } }";
            wrong.push(("warehouses", what.to_owned()));
        }
        if let Err(error) = self.mapper() {
            wrong.push(("warehouses", error.to_string()));
        }
        wrong
    }

    fn named(&self) -> Vec<Named> {
        vec![Named::new("warehouses.warehouses", self.warehouses.keys(), Dictionary::Magazyny)]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let setup = &wire.setup;
        let source = SlownikSource::<Magazyn>::new(wire.installation.slowniki()?, setup.erp.clone());
        let jobs = to_one(setup, source, self.mapper()?, wire.one.clone())?;
        wire.jobs(jobs, no_links)
    }
}

impl Warehouses {
    fn mapper(&self) -> sync_core::Result<WarehouseMapper> {
        WarehouseMapper::new(WarehouseSettings::builder().warehouses(self.warehouses.clone()).build())
    }
}

/// A warehouse's id is in the settings: there is nothing to learn.
fn no_links(_: &Act, _: &str) -> Learned {
    Ok(Vec::new())
}

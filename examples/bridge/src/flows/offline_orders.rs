//! Orders that were not born on ONe, enova365 → ONe.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use soneta_webapi::Area;
use sync_flows::Tick;
use sync_flows::catalog::Entry;
use sync_flows::enova::ZamowieniaList;
use sync_flows::flows::offline_orders::{self, OFFLINE_ORDERS, OfflineOrderMapper, OfflineOrderSettings};

use super::Wiring;
use crate::error::Result;
use crate::wire::{Wire, Wired};

/// `[tenants.flows.offline-orders]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfflineOrders {
    /// What the way of paying is called, which ONe requires, of orders that name none.
    payment_method: String,
    /// Which orders go to ONe.
    #[serde(default)]
    tick: Tick,
    /// ONe's currency; an order in another one is a reject.
    #[serde(default = "crate::flows::pln")]
    currency: String,
    /// What the ids of offline orders begin with.
    #[serde(default = "prefix")]
    id_prefix: String,
    /// Kody of services that are the delivery.
    #[serde(default)]
    delivery_services: BTreeSet<String>,
    /// The ERP's symbol of a unit → ONe's code, where they differ.
    #[serde(default)]
    units: BTreeMap<String, String>,
}

fn prefix() -> String {
    "enova-".to_owned()
}

impl Wiring for OfflineOrders {
    const ENTRY: &'static Entry = &OFFLINE_ORDERS;
    const LIST: Option<Area> = Some(Area::OrderList);

    fn tick(&self) -> Option<(Area, &Tick)> {
        Some((Area::OrderList, &self.tick))
    }

    fn check(&self) -> Vec<(&'static str, String)> {
        let filled = |text: &str, key, what: &str| text.trim().is_empty().then(|| (key, what.to_owned()));
        [
            filled(
                &self.payment_method,
                "payment_method",
                "is empty, expected what ONe calls the way of paying",
            ),
            filled(
                &self.id_prefix,
                "id_prefix",
                "is empty, expected what no shipment of ONe's own begins with",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let settings = OfflineOrderSettings::builder()
            .tick(self.tick.clone())
            .payment_method(&self.payment_method)
            .waluta(&self.currency)
            .id_prefix(&self.id_prefix)
            .delivery(self.delivery_services.clone())
            .units(self.units.clone())
            .build();
        let list = ZamowieniaList::new(wire.installation.lista_zamowien()?).since(wire.first_day()?);
        let list = wire.list(Area::OrderList, list)?;
        let mapper = OfflineOrderMapper::new(settings);
        Ok(vec![wire.flow(offline_orders::to_one(&wire.setup, list, wire.one.clone(), mapper)?)])
    }
}

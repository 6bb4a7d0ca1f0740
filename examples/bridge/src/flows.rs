//! Which flows of the catalogue this program wires, and how a section of the settings becomes jobs.
//!
//! To add a flow: a struct for its section with an `impl Wiring` (its catalogue entry, its contradictions, its jobs), in the file of
//! its row group, and its line in [`wirings`].

mod client_prices;
mod clients;
mod credit;
mod delivery_notes;
mod documents;
mod good_codes;
mod invoices;
mod offline_orders;
mod order_status;
mod orders;
mod retail_prices;
mod stock;
mod warehouses;

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use soneta_webapi::Area;
use sync_core::Schedule;
use sync_flows::Tick;
use sync_flows::catalog::Entry;
use toml::{Table, Value};

use crate::error::Result;
use crate::named::Named;
use crate::settings::{Place, Reader, RunSettings};
use crate::wire::{Wire, Wired};

/// Every flow that can have a section: one line per flow.
fn wirings() -> Vec<Known> {
    vec![
        Known::of::<warehouses::Warehouses>(),
        Known::of::<stock::Stock>(),
        Known::of::<retail_prices::RetailPrices>(),
        Known::of::<good_codes::GoodCodes>(),
        Known::of::<clients::Segments>(),
        // before new clients: whom ONe has already is not looked for there
        Known::of::<clients::ClientsToEnova>(),
        Known::of::<clients::NewClients>(),
        Known::of::<clients::Clients>(),
        Known::of::<credit::TradeCredits>(),
        Known::of::<credit::ClientBlockades>(),
        Known::of::<client_prices::PriceListSection>(),
        Known::of::<client_prices::ClientPrices>(),
        Known::of::<client_prices::PriceListAssignments>(),
        Known::of::<orders::Orders>(),
        Known::of::<order_status::Status>(),
        Known::of::<order_status::Refusals>(),
        Known::of::<offline_orders::OfflineOrders>(),
        Known::of::<delivery_notes::DeliveryNotes>(),
        Known::of::<delivery_notes::DeliveryNotePdfs>(),
        Known::of::<invoices::Invoices>(),
        Known::of::<invoices::Status>(),
        Known::of::<invoices::Pdfs>(),
    ]
}

/// A section of the settings, `[tenants.flows.ID]`, without the [keys that all have](RunSettings).
pub(crate) trait Wiring: DeserializeOwned + fmt::Debug + Send + Sync + 'static {
    /// The flow's entry in the catalogue; its id is the section's name.
    const ENTRY: &'static Entry;

    /// What it reads by [`Wire::list`], if anything: of that alone the settings may say how it is read.
    const LIST: Option<Area> = None;

    /// What contradicts itself: the key (empty for the section) and what is expected.
    fn check(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Flows that need a section too, since this one is nothing without them.
    fn beside(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Which records of which area go to the portal, where the section says it itself.
    fn tick(&self) -> Option<(Area, &Tick)> {
        None
    }

    /// What it names in the ERP.
    fn named(&self) -> Vec<Named> {
        Vec::new()
    }

    /// The flow's jobs, in the order in which a round works. Calls neither system.
    ///
    /// # Errors
    /// An area that nobody gives, or settings that the flow refuses.
    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>>;
}

/// A flow of the settings.
#[derive(Debug, Clone)]
pub(crate) struct FlowSection {
    pub(crate) entry: &'static Entry,
    pub(crate) run: RunSettings,
    pub(crate) schedule: Schedule,
    pub(crate) section: Arc<dyn Section>,
}

/// A [`Wiring`] as an object.
pub(crate) trait Section: Any + fmt::Debug + Send + Sync {
    fn beside(&self) -> Vec<&'static str>;

    fn list(&self) -> Option<Area>;

    fn tick(&self) -> Option<(Area, &Tick)>;

    fn named(&self) -> Vec<Named>;

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>>;
}

impl<W: Wiring> Section for W {
    fn beside(&self) -> Vec<&'static str> {
        Wiring::beside(self)
    }

    fn list(&self) -> Option<Area> {
        W::LIST
    }

    fn tick(&self) -> Option<(Area, &Tick)> {
        Wiring::tick(self)
    }

    fn named(&self) -> Vec<Named> {
        Wiring::named(self)
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        Wiring::wire(self, wire)
    }
}

/// A flow that can have a section.
struct Known {
    entry: &'static Entry,
    read: fn(&mut Reader, Value, &Place) -> Option<Arc<dyn Section>>,
}

impl Known {
    fn of<W: Wiring>() -> Self {
        Self {
            entry: W::ENTRY,
            read: |reader, value, place| {
                let section: W = reader.read(value, place, RunSettings::KEYS)?;
                for (key, what) in section.check() {
                    let place = if key.is_empty() { place.clone() } else { place.key(key) };
                    reader.wrong(&place, what);
                }
                Some(Arc::new(section))
            },
        }
    }
}

/// The entries of all flows that can have a section, in the catalogue's order.
#[must_use]
pub fn entries() -> Vec<&'static Entry> {
    wirings().into_iter().map(|known| known.entry).collect()
}

/// Reads the sections of a tenant, in the catalogue's order.
pub(crate) fn read(reader: &mut Reader, mut sections: Table, place: &Place) -> Vec<FlowSection> {
    let known = wirings();
    let ids: Vec<&str> = known.iter().map(|known| known.entry.id).collect();
    let mut flows: Vec<FlowSection> = Vec::new();
    let given: Vec<String> = sections.keys().cloned().collect();
    for Known { entry, read } in &known {
        let place = place.key(entry.id);
        let Some(section) = sections.remove(entry.id) else { continue };
        let Value::Table(mut own) = section else {
            reader.wrong(&place, format!("expected a table [tenants.flows.{}]", entry.id));
            continue;
        };
        let keys: BTreeMap<_, _> = RunSettings::KEYS
            .iter()
            .filter_map(|key| own.remove(*key).map(|value| ((*key).to_owned(), value)))
            .collect();
        let run = Table::from_iter(keys);
        let run: Option<RunSettings> = reader.read(Value::Table(run), &place, &[]);
        let section = read(reader, Value::Table(own), &place);
        let Some(run) = run else { continue };
        run.check(reader, &place);
        match (run.schedule(entry), section) {
            (Ok(schedule), Some(section)) => {
                for needed in section.beside() {
                    if !given.iter().any(|given| given == needed) {
                        reader.wrong(&place, format!("needs a section [tenants.flows.{needed}] beside it"));
                    }
                }
                flows.push(FlowSection { entry, run, schedule, section });
            }
            (Err((key, what)), _) => reader.wrong(&place.key(key), what),
            (Ok(_), None) => {}
        }
    }
    reader.nothing_else(&sections, place, &ids);
    flows
}

/// ONe's currency unless the settings say another.
fn pln() -> String {
    "PLN".to_owned()
}

/// What is on unless the settings say no.
fn yes() -> bool {
    true
}

//! Prices of clients, enova365 → ONe: the lists, their prices, who has which.

use serde::Deserialize;
use soneta_webapi::Area;
use sync_core::{Act, Link};
use sync_flows::Tick;
use sync_flows::catalog::Entry;
use sync_flows::enova::PriceLists;
use sync_flows::flows::client_prices::{
    self, AssignmentMapper, CLIENT_PRICES, ListPriceMapper, PRICE_LIST_ASSIGNMENTS, PRICE_LIST_LINK,
    PRICE_LISTS, PriceListMapper,
};

use super::Wiring;
use crate::error::Result;
use crate::wire::{Learned, Wire, Wired};

/// `[tenants.flows.price-lists]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PriceListSection {
    /// Contractors with this tick get prices, where ONe has them.
    tick: Tick,
    /// Whether contractors of one price profile share a list, where the installation has profiles.
    by_profile: bool,
    /// So many lists of a single contractor are read in a round.
    per_round: usize,
}

/// `[tenants.flows.client-prices]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClientPrices {
    /// Currency of ONe's prices.
    currency: String,
}

/// `[tenants.flows.price-list-assignments]`
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceListAssignments {}

impl Default for PriceListSection {
    fn default() -> Self {
        Self { tick: Tick::default(), by_profile: true, per_round: PriceLists::PER_CYCLE }
    }
}

impl Default for ClientPrices {
    fn default() -> Self {
        Self { currency: "PLN".to_owned() }
    }
}

impl Wiring for PriceListSection {
    const ENTRY: &'static Entry = &PRICE_LISTS;

    fn tick(&self) -> Option<(Area, &Tick)> {
        Some((Area::Contractors, &self.tick))
    }

    fn check(&self) -> Vec<(&'static str, String)> {
        match self.per_round {
            0 => vec![("per_round", "is 0, expected at least 1".to_owned())],
            _ => Vec::new(),
        }
    }

    fn beside(&self) -> Vec<&'static str> {
        vec![CLIENT_PRICES.id]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let mapper = PriceListMapper::new(&wire.setup.tenant);
        let flow = client_prices::lists_to_one(&wire.setup, &self.lists(wire)?, mapper)?;
        let dispatcher = client_prices::dispatcher(&wire.setup, wire.one.clone())?;
        Ok(vec![wire.flow(flow), wire.outbox(dispatcher, list_link)?])
    }
}

impl Wiring for ClientPrices {
    const ENTRY: &'static Entry = &CLIENT_PRICES;

    fn beside(&self) -> Vec<&'static str> {
        vec![PRICE_LISTS.id]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let (section, mapper) = (section(wire), ListPriceMapper::new(&self.currency));
        let flow = client_prices::to_one(&wire.setup, &section.lists(wire)?, wire.one.clone(), mapper)?;
        Ok(vec![Wired { per_round: Some(section.per_round), ..wire.flow(flow) }])
    }
}

impl Wiring for PriceListAssignments {
    const ENTRY: &'static Entry = &PRICE_LIST_ASSIGNMENTS;

    fn beside(&self) -> Vec<&'static str> {
        vec![PRICE_LISTS.id, CLIENT_PRICES.id]
    }

    fn wire(&self, wire: &Wire<'_>) -> Result<Vec<Wired>> {
        let (lists, mapper) = (section(wire).lists(wire)?, AssignmentMapper::new());
        let flow = client_prices::assignments_to_one(&wire.setup, &lists, wire.one.clone(), mapper)?;
        Ok(vec![wire.flow(flow)])
    }
}

impl PriceListSection {
    fn lists(&self, wire: &Wire<'_>) -> Result<PriceLists> {
        let installation = wire.installation;
        let lists =
            PriceLists::new(&wire.setup, installation.kontrahenci()?, installation.ceny_kontrahentow()?)
                .tick(self.tick.clone())
                .per_cycle(self.per_round);
        Ok(match installation.profile_cen() {
            Ok(profile) if self.by_profile => lists.by_profile(profile),
            _ => lists,
        })
    }
}

/// The section that says which lists there are.
fn section(wire: &Wire<'_>) -> PriceListSection {
    wire.section().cloned().unwrap_or_default()
}

/// What is learned when a person tells the id of a list that was created after all.
fn list_link(act: &Act, id: &str) -> Learned {
    // `price-list:tenant:list`
    let list = act.document.as_str().splitn(3, ':').nth(2);
    Ok(list.map(|list| Link::new(PRICE_LIST_LINK, id, list).open()).into_iter().collect())
}

//! Credit: E10, E11, O6, O7.

mod limits;
mod settlements;
mod to_one;

use rust_decimal::Decimal;
use std::collections::BTreeMap;

use soneta_webapi::simulator::SimulatedKontrahent;

use crate::world::World;

/// The Kod of the n-th contractor.
fn kod(nth: usize) -> String {
    format!("K{nth:04}")
}

/// What each contractor owes, by id.
fn owed(world: &World) -> BTreeMap<i32, Decimal> {
    let mut owed = BTreeMap::new();
    for settlement in world.enova.settlements() {
        *owed.entry(settlement.kontrahent_id).or_default() += settlement.pozostalo;
    }
    owed
}

fn ticked(world: &World) -> Vec<SimulatedKontrahent> {
    world.enova.contractors().into_iter().filter(|one| one.zaznaczony).collect()
}

fn text(money: Decimal) -> String {
    money.normalize().to_string()
}

//! What holds when it is over.

pub(super) mod clients;
pub(super) mod documents;
pub(super) mod goods;
pub(super) mod orders;
pub(super) mod prices;

use std::collections::BTreeMap;

use serde_json::Value;
use sync_core::{ActFilter, Reason, RejectFilter, Store};

use super::person::is_about_an_unused_list;
use super::world::World;

/// Nothing waits for anybody.
pub(super) async fn nothing_is_left_over(store: &dyn Store) {
    let mut rejects = store.rejects(&RejectFilter::all()).await.unwrap();
    rejects.retain(|reject| !is_about_an_unused_list(reject));
    assert_eq!(rejects, []);
    let acts = store.acts(&ActFilter::all()).await.unwrap();
    let mut states: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for status in &acts {
        let is_given_up = status.reason.as_ref().is_some_and(|reason| reason.code() == Reason::GIVEN_UP);
        let state = if is_given_up { "given-up" } else { status.state.as_str() };
        states.entry(state).or_default().push(status.act.op_key.as_str());
    }
    let done = states.remove("done").unwrap_or_default();
    states.remove("given-up");
    assert!(states.is_empty(), "{states:?}");
    assert!(done.len() > 5, "{done:?}");
}

/// What ONe has on a shelf, by key.
fn shelf(world: &World, shelf: &str) -> BTreeMap<String, Value> {
    let records = world.simulation.one.records(shelf).into_iter();
    records.map(|(key, json)| (key, serde_json::from_str(&json).unwrap())).collect()
}

/// ONe's client of each contractor that has one, by the contractor's id.
fn clients_of_contractors(world: &World) -> BTreeMap<i32, (String, Value)> {
    let mut clients = BTreeMap::new();
    for (key, client) in shelf(world, "clients") {
        let contractor = client["externalId"].as_str().and_then(|id| id.parse().ok());
        let contractor = contractor.unwrap_or_else(|| panic!("{key} has no contractor"));
        let before = clients.insert(contractor, (key, client));
        assert!(before.is_none(), "{contractor} is two clients, one of them {before:?}");
    }
    clients
}

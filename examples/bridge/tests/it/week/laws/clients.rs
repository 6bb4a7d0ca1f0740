//! Clients, their credit and blockades.

use futures::TryStreamExt;
use rust_decimal::Decimal;
use serde_json::Value;
use soneta_webapi::{KluczKontrahenta, Kontrahent, KontrahentId, SnapshotQuery};

use super::{clients_of_contractors, shelf};
use crate::week::world::World;

async fn contractor(world: &World, id: i32) -> Kontrahent {
    let found = world.people.b2b().kontrahenci().get(&KluczKontrahenta::Id(KontrahentId(id))).await.unwrap();
    let [Ok(contractor)] = <[_; 1]>::try_from(found).unwrap() else { panic!("{id} cannot be read") };
    contractor
}

/// A text of ONe, without what a blank may be instead of.
fn told(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Each ticked contractor is one client of ONe, with what the ERP owns of it; each client is one contractor, with its telephone.
pub(crate) async fn each_contractor_is_one_client(world: &World) {
    let clients = clients_of_contractors(world);
    let segments = shelf(world, "segments");
    let contractors = world.simulation.enova.contractors();
    for of_erp in &contractors {
        let now = contractor(world, of_erp.id).await;
        let Some((key, client)) = clients.get(&of_erp.id) else {
            assert!(!of_erp.zaznaczony, "{} is ticked, and no client", of_erp.kod);
            continue;
        };
        let adres = now.adres.unwrap_or_default();
        assert_eq!(told(&client["phone"]), adres.telefon.filter(|text| !text.is_empty()), "{key}");
        if !of_erp.zaznaczony {
            continue;
        }
        let name = of_erp.nazwa.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(told(&client["name"]), Some(name), "{key}");
        assert_eq!(told(&client["address"]["city"]), adres.miejscowosc, "{key}");
        assert_eq!(told(&client["address"]["zipCode"]), adres.kod_pocztowy, "{key}");
        let segment = told(&client["segmentId"]).map(|id| told(&segments[&id]["name"]).unwrap());
        assert_eq!(segment, now.segment, "{key}");
    }
    assert!(clients.keys().all(|id| contractors.iter().any(|contractor| contractor.id == *id)));
    let newcomers = world.clients.iter().map(|id| format!("org:{id}"));
    let known: Vec<&String> = clients.values().map(|(key, _)| key).collect();
    for newcomer in newcomers {
        assert!(known.contains(&&newcomer), "{newcomer} is no contractor");
    }
}

/// Each ticked contractor has its limit, and what is used of it, and its blockade; no other has one.
pub(crate) async fn credit_and_blockades_are_those_of_the_erp(world: &World) {
    let clients = clients_of_contractors(world);
    let (credits, blockades) = (shelf(world, "trade-credits"), shelf(world, "client-blockades"));
    let pages: Vec<_> =
        world.people.b2b().limity().list(SnapshotQuery::default()).try_collect().await.unwrap();
    let limits: Vec<_> = pages.into_iter().flat_map(|page| page.rows).map(|row| row.unwrap()).collect();
    for contractor in world.simulation.enova.contractors() {
        let Some((key, _)) = clients.get(&contractor.id) else { continue };
        let blocked = contractor.blokada_sprzedazy && contractor.zaznaczony;
        assert_eq!(blockades.contains_key(key), blocked, "blockade of {key}");
        let limit = contractor.limit.filter(|_| contractor.zaznaczony);
        let number = |field: &Value| field.to_string().parse::<Decimal>().unwrap();
        let shown = credits
            .get(key)
            .map(|credit| (number(&credit["creditValue"]), number(&credit["creditValueUsed"])));
        let used = limits.iter().find(|limit| limit.kontrahent_id.0 == contractor.id).unwrap();
        let used = used.wykorzystano.as_ref().map_or(Decimal::ZERO, |used| used.value);
        assert_eq!(shown, limit.map(|limit| (limit, used)), "credit of {key}");
    }
}

//! Contractors' prices on the two simulators: what the flows consist of, what the ERP asks, what a client of ONe sees.

use futures::TryStreamExt;
use soneta_webapi::{CenaKontrahenta, KontrahentId, SnapshotQuery};
use std::collections::BTreeMap;
use std::sync::Arc;
use sync_core::{FlowSettings, Job, RunContext};
use sync_flows::Setup;
use sync_flows::enova::PriceLists;
use sync_flows::flows::client_prices::{
    self, AssignmentMapper, ListPriceMapper, PRICE_LIST_LINK, PriceListMapper,
};
use sync_flows::flows::orders::contractor_link;

use crate::world::{World, run_to_end};

/// Every contractor is a client of ONe.
pub(crate) async fn link_contractors(world: &World) {
    let contractors = world.enova.contractors();
    let links: Vec<_> = contractors
        .iter()
        .map(|contractor| contractor_link(&format!("c{}", contractor.id), KontrahentId(contractor.id)))
        .collect();
    world.setup.store.put_links(&links).await.unwrap();
}

pub(crate) fn lists(world: &World, setup: &Setup, by_profile: bool) -> PriceLists {
    let b2b = world.erp.b2b();
    let lists = PriceLists::new(setup, Arc::new(b2b.kontrahenci()), Arc::new(b2b.ceny()));
    let lists = lists.per_cycle(1_000);
    if by_profile { lists.by_profile(Arc::new(b2b.ceny())) } else { lists }
}

/// All flows of O9 once. With `once`, prices get one step and who has which list is not told.
pub(crate) async fn run_o9(world: &World, lists: &PriceLists, settings: FlowSettings, once: bool) {
    let setup = world.setup.with_settings(settings);
    let wanted = client_prices::lists_to_one(&setup, lists, PriceListMapper::new("demo")).unwrap();
    run_to_end(&wanted).await;
    run_to_end(&client_prices::dispatcher(&setup, world.one.clone()).unwrap()).await;
    let prices =
        client_prices::to_one(&setup, lists, world.one.clone(), ListPriceMapper::new("PLN")).unwrap();
    if once {
        prices.step(&RunContext::default()).await.unwrap();
        prices.leave().await;
        return;
    }
    run_to_end(&prices).await;
    prices.leave().await;
    let assignments =
        client_prices::assignments_to_one(&setup, lists, world.one.clone(), AssignmentMapper::new()).unwrap();
    run_to_end(&assignments).await;
    assignments.leave().await;
}

/// The lists that were created: what each is of → its id in ONe.
pub(crate) async fn created(world: &World) -> BTreeMap<String, String> {
    let links = world.setup.store.open_links(&PRICE_LIST_LINK.into(), None, 1_000).await.unwrap();
    links.into_iter().map(|link| (link.b, link.a)).collect()
}

/// Client and price list, as ONe was told.
pub(crate) fn given(world: &World) -> Vec<(String, String)> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Given {
        client_id: String,
        pricing_id: String,
    }
    let given = world.sim.records("clients-to-pricings").into_values();
    given
        .map(|json| serde_json::from_str::<Given>(&json).unwrap())
        .map(|given| (given.client_id, given.pricing_id))
        .collect()
}

/// Contractors to whom the shop sells.
pub(crate) fn active(world: &World) -> Vec<i32> {
    let sold_to = world.enova.contractors().into_iter().filter(|contractor| {
        contractor.zaznaczony && !contractor.blokada_sprzedazy && contractor.zastapiony_przez_id.is_none()
    });
    sold_to.map(|contractor| contractor.id).collect()
}

/// What the ERP asks of a contractor; rows that cannot be read are left out.
pub(crate) async fn asked(world: &World, contractor: i32) -> Vec<CenaKontrahenta> {
    let ceny = world.erp.b2b().ceny();
    let pages: Vec<_> =
        ceny.dla_kontrahenta(KontrahentId(contractor), SnapshotQuery::default()).try_collect().await.unwrap();
    pages.into_iter().flat_map(|page| page.rows).filter_map(Result::ok).collect()
}

/// A good with a price that no contractor has an exception for.
pub(crate) async fn plain_good(world: &World, nth: usize) -> String {
    let pages: Vec<_> = world.erp.b2b().ceny().wyjatki(SnapshotQuery::default()).try_collect().await.unwrap();
    let excepted: Vec<String> = pages
        .into_iter()
        .flat_map(|page| page.rows)
        .filter_map(Result::ok)
        .map(|wyjatek| wyjatek.cena.kod)
        .collect();
    let goods = world.enova.goods().into_iter();
    let mut plain = goods
        .filter(|good| good.zaznaczony && good.cena_detaliczna.is_some() && !excepted.contains(&good.kod));
    plain.nth(nth).unwrap().kod
}

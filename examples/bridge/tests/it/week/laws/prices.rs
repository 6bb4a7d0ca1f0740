//! Prices of clients.

use rust_decimal::Decimal;
use soneta_webapi::wire::Quantity;
use soneta_webapi::{KontrahentId, PozycjaWyceny, ZapytanieWyceny};

use super::{clients_of_contractors, shelf};
use crate::week::world::World;

/// The client of each ticked contractor that may buy has a list, and it holds for each ticked good what the ERP asks of that contractor.
pub(crate) async fn each_client_sees_the_prices_that_the_erp_calculates(world: &World) {
    let clients = clients_of_contractors(world);
    let assigned = shelf(world, "clients-to-pricings");
    let mut goods = world.simulation.enova.goods();
    goods.retain(|good| good.zaznaczony && good.cena_detaliczna.is_some());
    let mut compared = 0;
    for contractor in world
        .simulation
        .enova
        .contractors()
        .into_iter()
        .filter(|one| one.zaznaczony && !one.blokada_sprzedazy)
    {
        let (key, _) = &clients[&contractor.id];
        let lists = assigned.values().filter(|given| given["clientId"] == key.as_str());
        let lists: Vec<_> = lists.map(|given| given["pricingId"].as_str().unwrap()).collect();
        let lines = goods
            .iter()
            .map(|good| PozycjaWyceny::new(good.kod.as_str(), Quantity::new(Decimal::ONE, &good.jednostka)));
        let question = ZapytanieWyceny::builder()
            .kontrahent_id(KontrahentId(contractor.id))
            .pozycje(lines.collect())
            .build();
        let asked = world.people.b2b().ceny().wycen(&question).await.unwrap();
        let wrong_in = |list: &&str| {
            let prices = world.simulation.one.prices(list);
            let wrong = asked.iter().find(|asked| prices.get(&asked.kod) != Some(&asked.netto.value));
            wrong.map(|asked| {
                format!("{list}: {} is {:?}, not {}", asked.kod, prices.get(&asked.kod), asked.netto.value)
            })
        };
        let wrong: Vec<String> = lists.iter().filter_map(wrong_in).collect();
        assert!(wrong.len() < lists.len(), "{} ({key}): {lists:?} {wrong:?}", contractor.kod);
        compared += 1;
    }
    assert!(compared > 5, "{compared} clients with prices");
}

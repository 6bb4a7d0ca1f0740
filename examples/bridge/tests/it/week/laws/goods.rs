//! Stock, prices and warehouses.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use sync_core::guard::stock::Buffer;

use super::shelf;
use crate::week::world::World;

/// The portal shows the ERP's stock and prices.
pub(crate) fn the_shop_shows_what_the_erp_has(world: &World) {
    let one = &world.simulation.one;
    for good in world.simulation.enova.goods() {
        for stan in &good.stany {
            let shown = one.stock(&stan.magazyn, &good.kod);
            if good.zaznaczony {
                let wanted = Buffer::default().shown(stan.stan - stan.zarezerwowane, Decimal::ONE);
                assert_eq!(shown, Some(wanted), "stock of {} in {}", good.kod, stan.magazyn);
            } else {
                let shown = shown.unwrap_or_default();
                assert_eq!(shown, Decimal::ZERO, "stock of {} in {}, unticked", good.kod, stan.magazyn);
            }
        }
        if good.zaznaczony {
            let netto = good.cena_detaliczna.map(|(netto, _)| netto);
            assert_eq!(one.retail_price(&good.kod), netto, "price of {}", good.kod);
        }
    }
}

/// Each warehouse of the ERP is one of ONe.
pub(crate) fn each_warehouse_is_known(world: &World) {
    let of_erp: BTreeSet<String> = world
        .simulation
        .enova
        .goods()
        .into_iter()
        .flat_map(|good| good.stany)
        .map(|stan| stan.magazyn)
        .collect();
    assert_eq!(shelf(world, "warehouses").into_keys().collect::<BTreeSet<_>>(), of_erp);
}

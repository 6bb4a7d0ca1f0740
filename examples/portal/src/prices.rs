//! Prices per client (E2): final, as the ERP calculates them, with quantity thresholds. And the ERP's price groups (E3).

use std::sync::Arc;

use rusqlite::{Transaction, params};
use rust_decimal::Decimal;
use soneta_webapi::{GrupaCenowa, KontrahentId, Slowniki, TowarId};
use sync_core::{Flow, Reason, Result};
use sync_flows::enova::{ClientList, ClientPrice, PriceLists};
use sync_flows::flows::client_prices::{self, ContractorPriceMapper};
use sync_flows::flows::price_groups::{self, PriceGroupMapper};
use sync_flows::{Setup, adjust};

use crate::shop::{Shop, decimal};
use crate::table::Table;

/// The only currency of this shop.
pub(crate) const CURRENCY: &str = "PLN";

/// Prices of each active contractor into `shop_price`, in rotation: who waits longest comes first.
pub(crate) fn flow(setup: &Setup, shop: &Shop, lists: &PriceLists) -> Result<Flow> {
    // the mapper that is there, with what this shop cannot show told as a reject
    let mapper = adjust(ContractorPriceMapper::new(), |_: &ClientPrice, price: &mut ClientPrice| {
        if price.cena.netto.symbol != CURRENCY {
            return Err(Reason::new("other-currency").with_detail(price.cena.netto.symbol.clone()));
        }
        if price.cena.za_ilosc != Decimal::ONE {
            return Err(Reason::new("price-not-of-one-unit"));
        }
        Ok(())
    });
    client_prices::to(setup, lists, mapper, Table::new(shop, put).withdrawing(withdraw))
}

fn put(tx: &Transaction<'_>, key: &str, price: &ClientPrice) -> rusqlite::Result<()> {
    withdraw(tx, key)?;
    // this flow has no lists but those of contractors
    let ClientList::Kontrahent(client) = price.list else { return Ok(()) };
    let thresholds = price.cena.progi.iter().map(|prog| (prog.ilosc_od, &prog.netto));
    let sql = "INSERT OR REPLACE INTO shop_price (key, client, good, from_quantity, net) VALUES (?1, ?2, ?3, ?4, ?5)";
    let mut statement = tx.prepare_cached(sql)?;
    for (from, net) in std::iter::once((Decimal::ZERO, &price.cena.netto)).chain(thresholds) {
        let (from, net) = (from.normalize().to_string(), net.value.to_string());
        statement.execute(params![key, client.0, price.cena.towar_id.0, from, net])?;
    }
    Ok(())
}

fn withdraw(tx: &Transaction<'_>, key: &str) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM shop_price WHERE key = ?1")?.execute([key])?;
    Ok(())
}

/// What one of so many costs this client, as far as the shop knows; `None` of what he cannot buy.
pub(crate) fn at_quantity(
    tx: &Transaction<'_>,
    client: KontrahentId,
    good: TowarId,
    quantity: Decimal,
) -> rusqlite::Result<Option<Decimal>> {
    let sql = "SELECT from_quantity, net FROM shop_price WHERE client = ?1 AND good = ?2";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map([client.0, good.0], |row| Ok((decimal(row, 0)?, decimal(row, 1)?)))?;
    let prices: Vec<(Decimal, Decimal)> = rows.collect::<rusqlite::Result<_>>()?;
    let reached = prices.into_iter().filter(|(from, _)| *from <= quantity).max_by_key(|(from, _)| *from);
    Ok(reached.map(|(_, net)| net))
}

/// The words by which the ERP groups clients for prices, for the shop's own filters and pages. Prices do not follow from them.
pub(crate) fn groups(setup: &Setup, shop: &Shop, slowniki: Arc<dyn Slowniki>) -> Result<Flow> {
    let table = Table::new(shop, put_group).withdrawing(|tx, key| {
        tx.prepare_cached("DELETE FROM shop_price_group WHERE key = ?1")?.execute([key])?;
        Ok(())
    });
    price_groups::to(setup, slowniki, PriceGroupMapper, table)
}

fn put_group(tx: &Transaction<'_>, key: &str, group: &GrupaCenowa) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO shop_price_group (key, name) VALUES (?1, ?2)")?
        .execute([key, &group.nazwa])?;
    Ok(())
}

//! Clients (E9) and their credit limits (E10), as far as a basket needs them.

use std::sync::Arc;

use rusqlite::{OptionalExtension as _, Transaction, params};
use rust_decimal::Decimal;
use soneta_webapi::{Kontrahenci, KontrahentId, LimitKredytowy, Limity};
use sync_core::{Flow, Result};
use sync_flows::enova::{KontrahenciList, LimitySource, changes};
use sync_flows::flows::clients::{self, ContractorMapper, PortalContractor};
use sync_flows::flows::credit::{self, LimitMapper};
use sync_flows::{Setup, Tick};

use crate::shop::{Shop, decimal};
use crate::table::Table;

/// Ticked contractors into `shop_client`.
pub(crate) fn flow(setup: &Setup, shop: &Shop, kontrahenci: Arc<dyn Kontrahenci>) -> Result<Flow> {
    let source = changes(KontrahenciList::new(kontrahenci), &setup.erp, Arc::clone(&setup.clock));
    let table = Table::new(shop, put).withdrawing(|tx, key| {
        tx.prepare_cached("UPDATE shop_client SET may_buy = 0 WHERE id = ?1")?.execute([key])?;
        Ok(())
    });
    clients::to(setup, source, ContractorMapper::new(Tick::Told), table)
}

/// A merged or blocked contractor buys no more.
fn put(tx: &Transaction<'_>, _key: &str, client: &PortalContractor) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO shop_client (id, name, price_group, may_buy) VALUES (?1, ?2, ?3, ?4)";
    let kontrahent = &client.kontrahent;
    let may_buy = client.active && !kontrahent.blokada_sprzedazy;
    tx.prepare_cached(sql)?.execute(params![
        kontrahent.id.0,
        kontrahent.nazwa,
        kontrahent.grupa_cenowa,
        may_buy
    ])?;
    Ok(())
}

/// What is left of each credit limit, into `shop_credit`.
pub(crate) fn credit(setup: &Setup, shop: &Shop, limity: Arc<dyn Limity>) -> Result<Flow> {
    let table = Table::new(shop, put_limit).withdrawing(|tx, key| {
        tx.prepare_cached("DELETE FROM shop_credit WHERE client = ?1")?.execute([key])?;
        Ok(())
    });
    credit::limits_to(setup, LimitySource::new(limity, setup.erp.clone()), LimitMapper::default(), table)
}

fn put_limit(tx: &Transaction<'_>, _key: &str, limit: &LimitKredytowy) -> rusqlite::Result<()> {
    let left = limit.dostepny.as_ref().map(|left| left.value.to_string());
    tx.prepare_cached("INSERT OR REPLACE INTO shop_credit (client, left_over) VALUES (?1, ?2)")?
        .execute(params![limit.kontrahent_id.0, left])?;
    Ok(())
}

pub(crate) fn may_buy(tx: &Transaction<'_>, client: KontrahentId) -> rusqlite::Result<bool> {
    let sql = "SELECT may_buy FROM shop_client WHERE id = ?1";
    let told = tx.prepare_cached(sql)?.query_row([client.0], |row| row.get(0)).optional()?;
    Ok(told.unwrap_or(false))
}

/// What is left of the client's limit; `None` without one. It is some hours old: the ERP has the last word.
pub(crate) fn credit_left(tx: &Transaction<'_>, client: KontrahentId) -> rusqlite::Result<Option<Decimal>> {
    let sql = "SELECT left_over FROM shop_credit WHERE client = ?1 AND left_over IS NOT NULL";
    tx.prepare_cached(sql)?.query_row([client.0], |row| decimal(row, 0)).optional()
}

//! Stock (E4): what is free in the shop's warehouse, less our own orders that the ERP does not have yet, under a buffer.

use std::sync::Arc;

use rusqlite::{Transaction, params};
use soneta_webapi::{Slowniki, Stany};
use sync_core::guard::stock::Buffer;
use sync_core::{Error, Flow, Result};
use sync_flows::Setup;
use sync_flows::flows::stock::{self, StockLevel, StockMapper, StockMode, StockSettings};

use crate::shop::Shop;
use crate::table::Table;

/// Stock of this warehouse into `shop_stock`. Of 100 pieces 95 are shown: somebody else may be buying at the counter.
pub(crate) fn flow(setup: &Setup, shop: &Shop, stany: Arc<dyn Stany>, warehouse: &str) -> Result<Flow> {
    let mode = StockMode::per_warehouse([(warehouse, "shop")]);
    let settings = StockSettings::builder().mode(mode.clone()).buffer(Buffer::default().percent(95)).build();
    let source = stock::source(setup, stany, mode);
    stock::source_to(setup, source, StockMapper::new(settings)?, Table::new(shop, put).withdrawing(withdraw))
}

/// Whether the ERP has this warehouse: of one that it does not have there is no stock, and nothing else would say so. Where its
/// warehouses cannot be listed to the last, nothing is said.
///
/// # Errors
/// Kind `Config` if it has others.
pub async fn check_warehouse(slowniki: &dyn Slowniki, symbol: &str) -> Result<()> {
    let Ok(rows) = slowniki.list_magazyny().await else { return Ok(()) };
    let symbols = rows.into_iter().map(|row| row.map(|magazyn| magazyn.symbol));
    let Ok(there) = symbols.collect::<std::result::Result<Vec<_>, _>>() else { return Ok(()) };
    if there.is_empty() || there.iter().any(|known| known == symbol) {
        return Ok(());
    }
    let message = format!("enova365 has no warehouse {symbol:?}; it has {}", there.join(", "));
    Err(Error::config(message).with_task("name one of them, spelt exactly so"))
}

fn put(tx: &Transaction<'_>, key: &str, level: &StockLevel) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO shop_stock (key, code, available) VALUES (?1, ?2, ?3)";
    let available = level.quantity.normalize().to_string();
    tx.prepare_cached(sql)?.execute(params![key, level.sku.as_str(), available])?;
    Ok(())
}

fn withdraw(tx: &Transaction<'_>, key: &str) -> rusqlite::Result<()> {
    tx.prepare_cached("DELETE FROM shop_stock WHERE key = ?1")?.execute([key])?;
    Ok(())
}

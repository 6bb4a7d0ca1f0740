//! The basket: what the buyer has chosen, at the prices that he was shown.

use rusqlite::{OptionalExtension as _, Transaction, params};
use rust_decimal::Decimal;
use soneta_webapi::{KontrahentId, TowarId};
use sync_core::Result;

use crate::shop::{Shop, decimal};
use crate::{clients, prices};

/// A line of the basket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BasketLine {
    /// The good.
    pub good: TowarId,
    /// Its code.
    pub code: String,
    /// Its name, as the ERP has it: escape it for HTML.
    pub name: String,
    /// Symbol of the unit; empty for the good's base unit.
    pub unit: String,
    /// How many.
    pub quantity: Decimal,
    /// The net price of one that the buyer was shown.
    pub net: Decimal,
    /// Whether the shop still shows the good.
    pub for_sale: bool,
}

/// Puts so many of a good into the client's basket, in place of how many were there, at the price that the shop knows now.
/// `None` if it is not for sale, or not to him.
///
/// # Errors
/// Kind `Store`.
pub async fn put(
    shop: &Shop,
    client: KontrahentId,
    good: TowarId,
    quantity: Decimal,
) -> Result<Option<BasketLine>> {
    shop.transact(move |tx| {
        let active = tx
            .prepare_cached("SELECT 1 FROM shop_good WHERE id = ?1 AND active")?
            .query_row([good.0], |_| Ok(()))
            .optional()?;
        let price = prices::at_quantity(tx, client, good, quantity)?;
        let (Some(()), Some(net), true, true) =
            (active, price, quantity > Decimal::ZERO, clients::may_buy(tx, client)?)
        else {
            return Ok(None);
        };
        let sql = "INSERT OR REPLACE INTO shop_basket (client, good, quantity, net) VALUES (?1, ?2, ?3, ?4)";
        tx.prepare_cached(sql)?.execute(params![client.0, good.0, quantity.to_string(), net.to_string()])?;
        Ok(lines(tx, client)?.into_iter().find(|line| line.good == good))
    })
    .await
}

/// Takes a good out.
///
/// # Errors
/// Kind `Store`.
pub async fn remove(shop: &Shop, client: KontrahentId, good: TowarId) -> Result<()> {
    shop.transact(move |tx| {
        tx.execute("DELETE FROM shop_basket WHERE client = ?1 AND good = ?2", [client.0, good.0])?;
        Ok(())
    })
    .await
}

/// What is in the client's basket.
///
/// # Errors
/// Kind `Store`.
pub async fn show(shop: &Shop, client: KontrahentId) -> Result<Vec<BasketLine>> {
    shop.transact(move |tx| Ok(lines(tx, client)?)).await
}

pub(crate) fn lines(tx: &Transaction<'_>, client: KontrahentId) -> rusqlite::Result<Vec<BasketLine>> {
    let sql = "SELECT good.id, good.code, good.name, COALESCE(good.unit, ''), basket.quantity, basket.net, good.active
               FROM shop_basket AS basket JOIN shop_good AS good ON good.id = basket.good
               WHERE basket.client = ?1 ORDER BY good.id";
    let mut statement = tx.prepare_cached(sql)?;
    let rows = statement.query_map([client.0], |row| {
        Ok(BasketLine {
            good: TowarId(row.get(0)?),
            code: row.get(1)?,
            name: row.get(2)?,
            unit: row.get(3)?,
            quantity: decimal(row, 4)?,
            net: decimal(row, 5)?,
            for_sale: row.get(6)?,
        })
    })?;
    rows.collect()
}

/// The buyer is shown another price from now on.
pub(crate) fn show_price(
    tx: &Transaction<'_>,
    client: KontrahentId,
    good: TowarId,
    net: Decimal,
) -> rusqlite::Result<()> {
    let sql = "UPDATE shop_basket SET net = ?3 WHERE client = ?1 AND good = ?2";
    tx.prepare_cached(sql)?.execute(params![client.0, good.0, net.to_string()])?;
    Ok(())
}

pub(crate) fn clear(tx: &Transaction<'_>, client: KontrahentId) -> rusqlite::Result<()> {
    tx.execute("DELETE FROM shop_basket WHERE client = ?1", [client.0])?;
    Ok(())
}

//! The catalogue (E1): goods of the ERP, shown to a client with its price and what may be sold.

use std::sync::Arc;

use rusqlite::{Transaction, params};
use rust_decimal::Decimal;
use soneta_webapi::{KontrahentId, Towar, TowarId, Towary};
use sync_core::{Flow, Result};
use sync_flows::enova::{TowaryList, changes};
use sync_flows::flows::goods::{self, GoodsMapper, LogRenames};
use sync_flows::{Setup, Tick};

use crate::shop::{Shop, decimal};
use crate::table::Table;

/// Goods that carry the tick, into `shop_good`: what changed since the last time, and everything once a week.
pub(crate) fn flow(setup: &Setup, shop: &Shop, towary: Arc<dyn Towary>) -> Result<Flow> {
    let source = changes(TowaryList::new(towary), &setup.erp, Arc::clone(&setup.clock));
    let table = Table::new(shop, put).withdrawing(hide);
    goods::to(setup, source, GoodsMapper::new(Tick::Told), table, Arc::new(LogRenames))
}

/// Names are text: they are stored as they come and escaped where they are shown.
fn put(tx: &Transaction<'_>, _key: &str, towar: &Towar) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO shop_good (id, code, name, description, unit, active) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
               ON CONFLICT (id) DO UPDATE SET code = ?2, name = ?3, description = ?4, unit = ?5, active = ?6";
    let Towar { id, kod, nazwa, opis, jednostka, blokada, .. } = towar;
    tx.prepare_cached(sql)?.execute(params![id.0, kod, nazwa, opis, jednostka, !blokada])?;
    Ok(())
}

/// A good that lost its tick or vanished is hidden, never deleted: old orders name it. The key is its id.
fn hide(tx: &Transaction<'_>, key: &str) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE shop_good SET active = 0 WHERE id = ?1")?.execute([key])?;
    Ok(())
}

/// A good as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offer {
    /// The good.
    pub good: TowarId,
    /// Its code.
    pub code: String,
    /// Its name, as the ERP has it: escape it for HTML.
    pub name: String,
    /// Symbol of the unit that it is sold in.
    pub unit: String,
    /// The client's own net price of one, in PLN, below the first quantity threshold.
    pub net: Decimal,
    /// What may be sold; `None` where the ERP keeps no stock of it.
    pub available: Option<Decimal>,
}

/// What this client may buy, by name. A good without a price of his is not for him.
///
/// # Errors
/// Kind `Store`.
pub async fn offers(shop: &Shop, client: KontrahentId) -> Result<Vec<Offer>> {
    let sql = "SELECT good.id, good.code, good.name, COALESCE(good.unit, ''), price.net, stock.available
               FROM shop_good AS good
               JOIN shop_price AS price ON price.client = ?1 AND price.good = good.id AND price.from_quantity = '0'
               LEFT JOIN shop_stock AS stock ON stock.code = good.code
               WHERE good.active ORDER BY good.name, good.id";
    shop.transact(move |tx| {
        let mut statement = tx.prepare_cached(sql)?;
        let rows = statement.query_map([client.0], |row| {
            Ok(Offer {
                good: TowarId(row.get(0)?),
                code: row.get(1)?,
                name: row.get(2)?,
                unit: row.get(3)?,
                net: decimal(row, 4)?,
                available: row.get::<_, Option<String>>(5)?.map(|_| decimal(row, 5)).transpose()?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    })
    .await
}

/// The offers as rows of an HTML table. Every text of the ERP is escaped: a script in a name is shown, not run.
#[must_use]
pub fn html(offers: &[Offer]) -> String {
    let row = |offer: &Offer| {
        let texts = [&offer.code, &offer.name, &offer.unit].map(|text| escaped(text));
        let available = offer.available.map(|quantity| quantity.to_string()).unwrap_or_default();
        format!(
            "<tr><td>{}<td>{}<td>{} PLN<td>{available} {}</tr>\n",
            texts[0], texts[1], offer.net, texts[2]
        )
    };
    offers.iter().map(row).collect()
}

fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            letter => html.push(letter),
        }
    }
    html
}

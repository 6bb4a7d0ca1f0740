//! Orders (E5, E6): placed in the shop's own transaction, carried out by the engine, told back by flows.

use std::sync::Arc;

use chrono::NaiveDate;
use rusqlite::{Transaction, params, params_from_iter};
use soneta_webapi::wire::{Currency, Quantity};
use soneta_webapi::{KontrahentId, MapaStatusow, NoweZamowienie, PozycjaZamowienia, Rezerwacja, Zamowienia};
use sync_core::{Clock, Error, Flow, OutboxSql, Result};
use sync_flows::Setup;
use sync_flows::flows::order_status::{self, OrderStatus, OrderStatusMapper};
use sync_flows::flows::orders::{
    self, ORDER_ACT, OrderOutcome, OrderOutcomeMapper, OrderRequest, OrderSettings, order_act,
};
use uuid::Uuid;

use crate::basket::{self, BasketLine};
use crate::checkout::Confirmed;
use crate::prices::CURRENCY;
use crate::shop::Shop;
use crate::table::Table;

/// Places orders.
#[derive(Debug)]
pub(crate) struct Orders {
    pub(crate) shop: Shop,
    pub(crate) outbox: OutboxSql,
    pub(crate) settings: OrderSettings,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Orders {
    /// The heart of the shop: the order's row, its lines, the empty basket and the act that sends it are one commit. If the process
    /// dies before it, nothing has happened; if it dies after it, the order will be sent, once.
    pub(crate) async fn place(&self, client: KontrahentId, confirmed: Vec<BasketLine>) -> Result<Confirmed> {
        let (outbox, settings) = (self.outbox.clone(), self.settings.clone());
        let today = self.clock.now().date_naive();
        self.shop
            .transact(move |tx| {
                if basket::lines(tx, client)? != confirmed {
                    // changed in another window meanwhile, or ordered by a second click
                    return Ok(Confirmed::Nothing);
                }
                let number = insert(tx, client, today, &confirmed)?;
                let request =
                    OrderRequest::new(number.as_str(), document(&settings, client, today, &confirmed));
                let act = outbox.enqueue(&order_act(&settings, request)?)?;
                if tx.execute(&act.sql, params_from_iter(&act.parameters))? != 1 {
                    return Err(Error::bug("an order of this number is in the outbox already").into());
                }
                basket::clear(tx, client)?;
                Ok(Confirmed::Placed(number))
            })
            .await
    }
}

/// The number names the order for ever, in the ERP too: the document's Guid is made of it. The random part keeps a shop that was
/// restored from a backup from using up a number twice.
fn insert(
    tx: &Transaction<'_>,
    client: KontrahentId,
    today: NaiveDate,
    lines: &[BasketLine],
) -> rusqlite::Result<String> {
    let sql = "INSERT INTO shop_order (number, client, placed_on, status)
               SELECT 'S-' || COALESCE(MAX(id) + 1, 1) || '-' || hex(randomblob(4)), ?1, ?2, 'placed' FROM shop_order
               RETURNING id, number";
    let of_client = params![client.0, today.to_string()];
    let (id, number): (i64, String) = tx.query_row(sql, of_client, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = "INSERT INTO shop_order_line (order_id, line, good, quantity, net) VALUES (?1, ?2, ?3, ?4, ?5)";
    for (line, place) in lines.iter().zip(1..) {
        let BasketLine { good, quantity, net, .. } = line;
        tx.execute(sql, params![id, place, good.0, quantity.to_string(), net.to_string()])?;
    }
    Ok(number)
}

/// The ERP's document: exactly what the buyer confirmed.
fn document(
    settings: &OrderSettings,
    client: KontrahentId,
    today: NaiveDate,
    lines: &[BasketLine],
) -> NoweZamowienie {
    let lines = lines.iter().zip(1..).map(|(line, place): (_, u32)| {
        PozycjaZamowienia::builder()
            .id_obcy(place.to_string())
            .towar_id(line.good)
            // by its code as well: stock that is shown is less what open orders take, and stock knows codes
            .kod(line.code.as_str())
            .ilosc(Quantity::new(line.quantity, line.unit.as_str()))
            .cena_netto(Currency::new(line.net, CURRENCY))
            .build()
    });
    NoweZamowienie::builder()
        .guid(Uuid::nil()) // order_act makes it from the order's number
        .kontrahent_id(client)
        .definicja(settings.definicja.as_str())
        .magazyn(settings.magazyn.as_str())
        .waluta(CURRENCY)
        .data(today)
        .rezerwuj(Rezerwacja::Ile)
        .pozycje(lines.collect())
        .build()
}

/// What became of the orders that were sent, into `shop_order`.
pub(crate) fn outcomes(setup: &Setup, shop: &Shop) -> Result<Flow> {
    orders::outcomes_to(setup, OrderOutcomeMapper::new(&setup.tenant), Table::new(shop, put_outcome))
}

fn put_outcome(tx: &Transaction<'_>, _key: &str, outcome: &OrderOutcome) -> rusqlite::Result<()> {
    if outcome.kind != ORDER_ACT {
        return Ok(());
    }
    let status = if outcome.refused.is_some() { "refused" } else { "accepted" };
    let problem = outcome.refused.as_ref().map(|(code, words)| match words {
        Some(words) => format!("{code}: {words}"),
        None => code.clone(),
    });
    // a status that the ERP has told meanwhile is newer
    let sql = "UPDATE shop_order SET document = ?2, erp_number = COALESCE(?3, erp_number), problem = ?5,
               status = CASE WHEN status IN ('placed', 'refused') THEN ?4 ELSE status END WHERE number = ?1";
    let OrderOutcome { shipment, document, number, .. } = outcome;
    tx.prepare_cached(sql)?.execute(params![shipment, document, number, status, problem])?;
    Ok(())
}

/// How open orders stand, into `shop_order`: asked by id, those that are finished no more.
pub(crate) fn status(setup: &Setup, shop: &Shop, zamowienia: Arc<dyn Zamowienia>) -> Result<Flow> {
    let mapper = OrderStatusMapper::new(MapaStatusow::default());
    order_status::to(setup, zamowienia, mapper, Table::new(shop, put_status))
}

fn put_status(tx: &Transaction<'_>, _key: &str, status: &OrderStatus) -> rusqlite::Result<()> {
    let sql = "UPDATE shop_order SET status = ?2, erp_number = COALESCE(?3, erp_number) WHERE number = ?1";
    let values = params![status.order, status.status.as_str(), status.number];
    tx.prepare_cached(sql)?.execute(values)?;
    Ok(())
}

/// An order as its buyer sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Order {
    /// The shop's number.
    pub number: String,
    /// `placed`, `accepted`, `refused`, or what the ERP says: `processing`, `confirmed`, `shipped`, `invoiced` …
    pub status: String,
    /// The document's id in the ERP, once it has one.
    pub document: Option<i32>,
    /// Its number there, once it has left the buffer.
    pub erp_number: Option<String>,
    /// Why it was refused.
    pub problem: Option<String>,
}

/// The client's orders, the latest first.
///
/// # Errors
/// Kind `Store`.
pub async fn of_client(shop: &Shop, client: KontrahentId) -> Result<Vec<Order>> {
    let sql = "SELECT number, status, document, erp_number, problem FROM shop_order WHERE client = ?1 ORDER BY id DESC";
    shop.transact(move |tx| {
        let mut statement = tx.prepare_cached(sql)?;
        let rows = statement.query_map([client.0], |row| {
            Ok(Order {
                number: row.get(0)?,
                status: row.get(1)?,
                document: row.get(2)?,
                erp_number: row.get(3)?,
                problem: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    })
    .await
}

//! ONe's stocks.

use async_trait::async_trait;
use one_client::stock::StockChange;
use one_client::{Client, Effect, Sku, WarehouseId};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use sync_core::{Error, Outcome, Reason, Result, Sink, Write};

use super::bulk::Lines;
use crate::flows::stock::StockLevel;

/// Writes levels with ONe's incremental stock call, warehouse by warehouse.
///
/// A removal is one final 0: whether deleting an entry does what its name says is not documented. Where that is, the key tells
/// ([`StockLevel::key`]); a level with a key of another place is a reject.
///
/// A flow sends a page again whenever it cannot be sure, so a client whose spelling of stock messages sends differences
/// (`Effect::Create`) is refused before anything is sent.
#[derive(Debug, Clone)]
pub struct StockSink {
    one: Client,
}

impl StockSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for StockSink {
    type Record = StockLevel;

    async fn write(&self, batch: &[Write<StockLevel>]) -> Result<Vec<Outcome>> {
        if self.one.stocks().effect() != Effect::Idempotent {
            return Err(Error::config("stock is sent again when in doubt, so its messages must hold levels"));
        }
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(batch.len());
        let mut by_warehouse: BTreeMap<WarehouseId, Lines<StockChange>> = BTreeMap::new();
        for (record, write) in batch.iter().enumerate() {
            let quantity_at = |(warehouse, sku): &(WarehouseId, Sku)| match write {
                Write::Upsert { record: level, .. } => {
                    (level.warehouse == *warehouse && level.sku == *sku).then_some(level.quantity)
                }
                Write::Remove { .. } => Some(Decimal::ZERO),
            };
            let line = StockLevel::place(write.key()).and_then(|at| Some((quantity_at(&at)?, at)));
            outcomes.push(match line {
                Some((quantity, (warehouse, sku))) => {
                    by_warehouse.entry(warehouse).or_default().push(record, StockChange::set(sku, quantity));
                    Outcome::applied()
                }
                None => Outcome::rejected(Reason::new("key-of-another-place")),
            });
        }
        for (warehouse, lines) in by_warehouse {
            let report = self.one.stocks().send_incremental(&warehouse, lines.values()).await;
            lines.judge("the stock was not written", report, &mut outcomes)?;
        }
        Ok(outcomes)
    }
}

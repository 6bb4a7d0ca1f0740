//! ONe's stocks.

use async_trait::async_trait;
use one_client::stock::StockChange;
use one_client::{Client, Effect, Sku, WarehouseId};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use sync_core::{Error, Outcome, Reason, Result, Sink, TargetId, Write};

use super::bulk::Lines;
use crate::flows::stock::StockLevel;

/// Writes levels with ONe's incremental stock call, warehouse by warehouse.
///
/// A removal is one final 0: whether deleting an entry does what its name says is not documented. A level that moved to
/// another warehouse of ONe (a changed setting) leaves a 0 where it was.
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

/// What the engine remembers of a level: where it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    warehouse: WarehouseId,
    sku: Sku,
}

impl Place {
    fn target_id(&self) -> TargetId {
        TargetId::from(serde_json::json!([self.warehouse.as_str(), self.sku.as_str()]).to_string())
    }

    fn parse(target_id: &TargetId) -> Option<Self> {
        let (warehouse, sku): (String, String) = serde_json::from_str(target_id.as_str()).ok()?;
        Some(Self { warehouse: warehouse.into(), sku: sku.into() })
    }
}

/// One line on its way, and the record of the batch that it decides about.
struct Line {
    record: usize,
    place: Place,
    quantity: Decimal,
}

#[async_trait]
impl Sink for StockSink {
    type Record = StockLevel;

    async fn write(&self, batch: &[Write<StockLevel>]) -> Result<Vec<Outcome>> {
        if self.one.stocks().effect() != Effect::Idempotent {
            return Err(Error::config("stock is sent again when in doubt, so its messages must hold levels"));
        }
        let mut outcomes: Vec<Outcome> = Vec::with_capacity(batch.len());
        let mut lines: Vec<Line> = Vec::with_capacity(batch.len());
        let mut left: Vec<Line> = Vec::new();
        for (record, write) in batch.iter().enumerate() {
            let previous = write.previous().and_then(Place::parse);
            let place = match write {
                Write::Upsert { record: level, .. } => {
                    let place = Place { warehouse: level.warehouse.clone(), sku: level.sku.clone() };
                    lines.push(Line { record, place: place.clone(), quantity: level.quantity });
                    Some(place)
                }
                Write::Remove { .. } => None,
            };
            outcomes.push(match (&place, &previous) {
                (Some(place), _) => Outcome::applied_as(place.target_id()),
                (None, Some(_)) => Outcome::applied(),
                // written by a process that died before it could remember where
                (None, None) => Outcome::rejected(Reason::new("unknown-place")),
            });
            if let Some(previous) = previous.filter(|previous| Some(previous) != place.as_ref()) {
                left.push(Line { record, place: previous, quantity: Decimal::ZERO });
            }
        }
        // a place that another record of this batch has taken over is not emptied
        let taken: BTreeSet<Place> = lines.iter().map(|line| line.place.clone()).collect();
        lines.extend(left.into_iter().filter(|line| !taken.contains(&line.place)));

        let mut by_warehouse: BTreeMap<&WarehouseId, Lines<StockChange>> = BTreeMap::new();
        for line in &lines {
            by_warehouse
                .entry(&line.place.warehouse)
                .or_default()
                .push(line.record, StockChange::set(line.place.sku.clone(), line.quantity));
        }
        for (warehouse, lines) in by_warehouse {
            let report = self.one.stocks().send_incremental(warehouse, lines.values()).await;
            lines.judge("the stock was not written", report, &mut outcomes)?;
        }
        Ok(outcomes)
    }
}

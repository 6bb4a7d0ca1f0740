//! ONe's retail prices.

use async_trait::async_trait;
use one_client::Client;
use one_client::pricing::RetailPrice;
use sync_core::{Outcome, Reason, Removal, Result, Sink, Write};

use super::bulk::Lines;
use crate::flows::retail_prices::NetPrice;

/// Writes ONe's retail prices.
#[derive(Debug, Clone)]
pub struct RetailPriceSink {
    one: Client,
}

impl RetailPriceSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for RetailPriceSink {
    type Record = NetPrice;

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<NetPrice>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut lines: Lines<RetailPrice> = Lines::default();
        for (record, write) in batch.iter().enumerate() {
            outcomes.push(match write {
                Write::Upsert { record: price, .. } => {
                    lines.push(record, RetailPrice::new(price.sku.clone(), price.price));
                    Outcome::applied_as(price.sku.as_str())
                }
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        let report = self.one.retail_prices().save(lines.values()).await;
        lines.judge("the retail prices were not written", report, &mut outcomes)?;
        Ok(outcomes)
    }
}

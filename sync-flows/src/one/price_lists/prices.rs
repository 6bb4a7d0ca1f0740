//! Prices of ONe's price lists.

use async_trait::async_trait;
use one_client::Client;
use one_client::pricing::Price;
use sync_core::{Outcome, Reason, Removal, Result, Sink, Write};

use crate::flows::client_prices::ListPrice;
use crate::one::bulk::Lines;

/// Writes prices of ONe's price lists. ONe knows no call that takes a price out of a list, and a price of 0 is not that.
#[derive(Debug, Clone)]
pub struct ListPriceSink {
    one: Client,
}

impl ListPriceSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for ListPriceSink {
    type Record = ListPrice;

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<ListPrice>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut lines: Lines<Price> = Lines::default();
        for (record, write) in batch.iter().enumerate() {
            outcomes.push(match write {
                Write::Upsert { record: price, previous, key } => {
                    if previous.as_ref().is_some_and(|before| before.as_str() != price.sku.as_str()) {
                        tracing::warn!(%key, "the good's Kod changed: its price under the old one stays in ONe");
                    }
                    lines.push(record, Price::new(price.pricing.clone(), price.sku.clone(), price.price));
                    Outcome::applied_as(price.sku.as_str())
                }
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        let report = self.one.prices().save(lines.values()).await;
        lines.judge("the prices were not written", report, &mut outcomes)?;
        Ok(outcomes)
    }
}

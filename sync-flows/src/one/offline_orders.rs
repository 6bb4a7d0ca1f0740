//! ONe's offline orders.

use async_trait::async_trait;
use one_client::Client;
use one_client::orders::OfflineOrder;
use sync_core::{Outcome, Reason, Removal, Result, Sink, Write};

use crate::client_error::outcome_of;

/// Adds or replaces offline orders, one call each. ONe knows no way to take one back.
#[derive(Debug, Clone)]
pub struct OfflineOrderSink {
    one: Client,
}

impl OfflineOrderSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for OfflineOrderSink {
    type Record = OfflineOrder;

    /// Each is a call of its own, and a page that fails comes again as a whole.
    fn preferred_batch(&self) -> usize {
        100
    }

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<OfflineOrder>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            outcomes.push(match write {
                Write::Upsert { record: order, .. } => {
                    let saved = self.one.offline_orders().save(order).await;
                    let saved = saved.map(|()| Outcome::applied_as(order.id.as_str()));
                    outcome_of("the offline order was not written", saved)?
                }
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        Ok(outcomes)
    }
}

//! Who has which of ONe's price lists.

use async_trait::async_trait;
use one_client::Client;
use one_client::pricing::ClientToPricing;
use sync_core::{Outcome, Reason, Removal, Result, Sink, Write};

use crate::flows::client_prices::ClientAssignment;
use crate::one::bulk::Lines;

/// Gives ONe's price lists to clients. No call takes one from a client.
#[derive(Debug, Clone)]
pub struct AssignmentSink {
    one: Client,
}

impl AssignmentSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for AssignmentSink {
    type Record = ClientAssignment;

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<ClientAssignment>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut lines: Lines<ClientToPricing> = Lines::default();
        for (record, write) in batch.iter().enumerate() {
            outcomes.push(match write {
                Write::Upsert { record: given, .. } => {
                    lines.push(record, ClientToPricing::new(given.client.clone(), given.pricing.clone()));
                    Outcome::applied_as(given.pricing.as_str())
                }
                Write::Remove { .. } => Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED)),
            });
        }
        let report = self.one.clients_to_pricings().save(lines.values()).await;
        lines.judge("the price lists were not given to clients", report, &mut outcomes)?;
        Ok(outcomes)
    }
}

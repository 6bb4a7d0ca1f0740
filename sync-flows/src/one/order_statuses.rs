//! ONe's status of shipments.

use async_trait::async_trait;
use one_client::orders::StatusChange;
use one_client::{Client, ErrorKind};
use sync_core::{Outcome, Result, Sink, Write};

use crate::client_error::outcome_of;
use crate::flows::order_status::ShipmentStatus;

/// Sets the status of shipments, one call each, and closes the links of orders that are over.
///
/// A shipment that ONe does not know, or a word that it refuses, is a reject of this one alone. After a final status nothing would ever
/// be told again, so there a shipment that ONe has no more is settled: nobody is left to tell. A status is never taken back: what is to
/// be removed stays as it was told.
#[derive(Debug, Clone)]
pub struct ShipmentStatusSink {
    one: Client,
}

impl ShipmentStatusSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }

    async fn tell(&self, status: &ShipmentStatus) -> Result<Outcome> {
        let told = Outcome::applied_as(status.shipment.as_str());
        let told = match status.ended() {
            Some(link) => told.closing(link),
            None => told,
        };
        let Some(word) = &status.word else { return Ok(told) };
        let change =
            StatusChange::new(status.shipment.clone(), word.clone()).with_extra(status.extra.clone());
        match self.one.orders().update_status(&change).await {
            Err(error) if status.is_final && error.kind() == ErrorKind::NotFound => {
                tracing::info!(shipment = %status.shipment, "ONe has the shipment no more: its last status is told to nobody");
                Ok(told)
            }
            sent => outcome_of("the status of a shipment was not written", sent.map(|()| told)),
        }
    }
}

#[async_trait]
impl Sink for ShipmentStatusSink {
    type Record = ShipmentStatus;

    /// Each is a call of its own, and a page that fails comes again as a whole.
    fn preferred_batch(&self) -> usize {
        100
    }

    async fn write(&self, batch: &[Write<ShipmentStatus>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            outcomes.push(match write {
                Write::Upsert { record, .. } => self.tell(record).await?,
                Write::Remove { .. } => Outcome::applied(),
            });
        }
        Ok(outcomes)
    }
}

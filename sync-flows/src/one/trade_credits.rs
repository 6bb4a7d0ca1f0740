//! ONe's trade credits.

use async_trait::async_trait;
use one_client::account::TradeCreditData;
use one_client::{Client, ClientId, Error as ClientError, ErrorKind};
use std::collections::BTreeSet;
use std::sync::Arc;
use sync_core::{FlowName, Outcome, Reason, Result, Sink, Store, Write};

use super::linked::Linked;
use crate::client_error::outcome_of;
use crate::flows::credit::TradeCredit;

const FAILED: &str = "the trade credit was not written";

/// Writes ONe's trade credits, one call each.
///
/// A removal is ONe's `DELETE`; a client that has none any more, or that is gone, is a success. A contractor whose link leads to another
/// client now leaves nothing at the old one, unless that one stands for another contractor by now who has a limit.
#[derive(Debug, Clone)]
pub struct TradeCreditSink {
    one: Client,
    linked: Linked,
    flow: FlowName,
}

impl TradeCreditSink {
    /// Writes with this client what this flow sends; the store tells which contractor a client stands for.
    #[must_use]
    pub fn new(one: Client, store: Arc<dyn Store>, flow: FlowName) -> Self {
        Self { one, linked: Linked::new(store), flow }
    }

    async fn save(&self, credit: &TradeCredit) -> std::result::Result<(), ClientError> {
        let mut data = TradeCreditData::new(credit.value);
        data.credit_value_used = credit.used;
        data.available_credit_value = credit.available;
        for (name, value) in &credit.extra {
            data.extra.set(name, value)?;
        }
        self.one.trade_credits().save(&credit.client, &data).await
    }

    async fn take_away(&self, client: &ClientId) -> std::result::Result<(), ClientError> {
        match self.one.trade_credits().delete(client).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            deleted => deleted,
        }
    }
}

#[async_trait]
impl Sink for TradeCreditSink {
    type Record = TradeCredit;

    /// A page is one commit, and each of its records a call: few of them are sent again after a failure.
    fn preferred_batch(&self) -> usize {
        100
    }

    async fn write(&self, batch: &[Write<TradeCredit>]) -> Result<Vec<Outcome>> {
        let given: BTreeSet<&ClientId> = batch
            .iter()
            .filter_map(|write| match write {
                Write::Upsert { record, .. } => Some(&record.client),
                Write::Remove { .. } => None,
            })
            .collect();
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            let previous = write.previous().map(|id| ClientId::from(id.as_str()));
            let mut outcome = match (write, &previous) {
                (Write::Upsert { record, .. }, _) => {
                    let saved = self.save(record).await;
                    outcome_of(FAILED, saved.map(|()| Outcome::applied_as(record.client.as_str())))?
                }
                (Write::Remove { .. }, Some(_)) => Outcome::applied(),
                // written by a process that died before it could remember at whom
                (Write::Remove { .. }, None) => Outcome::rejected(Reason::new("unknown-client")),
            };
            // a client that another record of this batch has taken over keeps its credit
            let left = previous.filter(|previous| !given.contains(previous));
            if let (Outcome::Applied { .. }, Some(left)) = (&outcome, left)
                && !self.linked.is_anothers(&left, write.key(), &self.flow).await?
            {
                // one that is refused is about this record alone: the others of the batch are not sent again in parts
                let taken = self.take_away(&left).await;
                if let refused @ Outcome::Rejected(_) =
                    outcome_of(FAILED, taken.map(|()| Outcome::applied()))?
                {
                    outcome = refused;
                }
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    }
}

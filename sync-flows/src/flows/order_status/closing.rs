//! Links that close with what a sink answers.

use async_trait::async_trait;
use sync_core::{Outcome, Removal, Result, Sink, Write};

use super::OrderStatus;

/// A portal's sink that need not know of links. A status is never taken back, so it gets no removals either.
#[derive(Debug)]
pub(super) struct Closing<K>(pub(super) K);

#[async_trait]
impl<K: Sink<Record = OrderStatus>> Sink for Closing<K> {
    type Record = OrderStatus;

    fn preferred_batch(&self) -> usize {
        self.0.preferred_batch()
    }

    fn removal(&self) -> Removal {
        Removal::Sends
    }

    async fn write(&self, batch: &[Write<OrderStatus>]) -> Result<Vec<Outcome>> {
        let told: Vec<Write<OrderStatus>> = batch.iter().filter_map(upsert).collect();
        let mut outcomes = if told.is_empty() { Vec::new() } else { self.0.write(&told).await? }.into_iter();
        batch
            .iter()
            .map(|write| match write {
                Write::Upsert { record, .. } => {
                    let outcome = outcomes.next().ok_or_else(|| {
                        sync_core::Error::bug("the portal's sink did not answer every record")
                    })?;
                    Ok(match record.ended() {
                        Some(link) => outcome.closing(link),
                        None => outcome,
                    })
                }
                Write::Remove { .. } => Ok(Outcome::applied()),
            })
            .collect()
    }
}

fn upsert(write: &Write<OrderStatus>) -> Option<Write<OrderStatus>> {
    match write {
        Write::Upsert { key, record, previous } => {
            Some(Write::Upsert { key: key.clone(), record: record.clone(), previous: previous.clone() })
        }
        Write::Remove { .. } => None,
    }
}

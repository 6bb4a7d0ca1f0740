//! A table of the shop as the target of a flow.

use async_trait::async_trait;
use rusqlite::Transaction;
use sync_core::{Outcome, Removal, Result, Sink, Write};

use crate::shop::Shop;

type Put<R> = fn(&Transaction<'_>, &str, &R) -> rusqlite::Result<()>;
type Withdraw = fn(&Transaction<'_>, &str) -> rusqlite::Result<()>;

/// Writes a flow's records into a table. This is all that an own portal needs for the engine: the same batch may come twice,
/// so `put` replaces, and removing what is not there is fine.
#[derive(Debug)]
pub(crate) struct Table<R> {
    shop: Shop,
    put: Put<R>,
    withdraw: Option<Withdraw>,
}

impl<R> Table<R> {
    /// Writes records by `put`, which gets the flow's key with each; nothing is ever removed.
    pub(crate) fn new(shop: &Shop, put: Put<R>) -> Self {
        Self { shop: shop.clone(), put, withdraw: None }
    }

    /// The record of a key that is gone, or lost its tick, is withdrawn so.
    pub(crate) fn withdrawing(self, withdraw: Withdraw) -> Self {
        Self { withdraw: Some(withdraw), ..self }
    }
}

#[async_trait]
impl<R: Clone + std::fmt::Debug + Send + Sync + 'static> Sink for Table<R> {
    type Record = R;

    fn removal(&self) -> Removal {
        match self.withdraw {
            Some(_) => Removal::Sends,
            None => Removal::None,
        }
    }

    async fn write(&self, batch: &[Write<R>]) -> Result<Vec<Outcome>> {
        let rows: Vec<(String, Option<R>)> = batch.iter().map(row).collect();
        let (put, withdraw) = (self.put, self.withdraw);
        // one transaction per batch: whole or not at all, and durable before the engine remembers it
        self.shop
            .transact(move |tx| {
                for (key, record) in &rows {
                    match (record, withdraw) {
                        (Some(record), _) => put(tx, key, record)?,
                        (None, Some(withdraw)) => withdraw(tx, key)?,
                        (None, None) => {}
                    }
                }
                Ok(())
            })
            .await?;
        Ok(batch.iter().map(|_| Outcome::applied()).collect())
    }
}

fn row<R: Clone>(write: &Write<R>) -> (String, Option<R>) {
    let record = match write {
        Write::Upsert { record, .. } => Some(record.clone()),
        Write::Remove { .. } => None,
    };
    (write.key().as_str().to_owned(), record)
}

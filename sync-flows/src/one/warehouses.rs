//! ONe's warehouses.

use async_trait::async_trait;
use one_client::stock::WarehouseType;
use one_client::{Client, Effect};
use sync_core::{
    Act, Created, Error, ErrorKind, Outcome, Reason, Removal, Result, Sink, Submission, Submitter, Write,
};

use crate::client_error::{judge, outcome_of};
use crate::flows::warehouses::OneWarehouse;

/// Writes ONe's warehouses where the client's verb may be repeated (PUT); with another verb nothing is sent.
///
/// Central warehouses go before the local ones of the same page, which are below them.
#[derive(Debug, Clone)]
pub struct WarehouseSink {
    one: Client,
}

impl WarehouseSink {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Sink for WarehouseSink {
    type Record = OneWarehouse;

    fn removal(&self) -> Removal {
        Removal::None
    }

    async fn write(&self, batch: &[Write<OneWarehouse>]) -> Result<Vec<Outcome>> {
        if self.one.warehouses().effect() != Effect::Idempotent {
            return Err(Error::config("warehouses are sent again when in doubt, so their verb must be PUT"));
        }
        // a removal does not come here; what is not written below stays refused
        let refused = || Outcome::rejected(Reason::new(Reason::REMOVAL_NOT_SUPPORTED));
        let mut outcomes: Vec<Outcome> = batch.iter().map(|_| refused()).collect();
        let is_central = |record: &OneWarehouse| record.kind == WarehouseType::Central;
        for centrals in [true, false] {
            for (write, outcome) in batch.iter().zip(&mut outcomes) {
                let Write::Upsert { record, .. } = write else { continue };
                if is_central(record) != centrals {
                    continue;
                }
                let saved = self.one.warehouses().save(&record.to_wire()).await;
                let saved = saved.map(|()| Outcome::applied_as(record.id.as_str()));
                *outcome = outcome_of("the warehouse was not written", saved)?;
            }
        }
        Ok(outcomes)
    }
}

/// Creates ONe's warehouses, each at most once.
///
/// No call that reads a warehouse is known, so an unclear answer cannot be looked up: a person does, and resolves the act.
#[derive(Debug, Clone)]
pub struct WarehouseSubmitter {
    one: Client,
}

impl WarehouseSubmitter {
    /// Writes with this client.
    #[must_use]
    pub fn new(one: Client) -> Self {
        Self { one }
    }
}

#[async_trait]
impl Submitter for WarehouseSubmitter {
    async fn submit(&self, act: &Act) -> Submission {
        let warehouse: OneWarehouse = match act.payload.decode() {
            Ok(warehouse) => warehouse,
            Err(error) => return Submission::NotSent(error),
        };
        match self.one.warehouses().save(&warehouse.to_wire()).await {
            Ok(()) => Submission::Done(Created::new(warehouse.id.as_str())),
            Err(error) => judge(
                error,
                "nobody knows whether the warehouse was created",
                "the warehouse was not created",
            ),
        }
    }

    async fn look_up(&self, _act: &Act) -> Result<Option<Created>> {
        let message = "no call that reads a warehouse is known; a person looks whether it is there";
        Err(Error::new(ErrorKind::Unsupported, message))
    }
}

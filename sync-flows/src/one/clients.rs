//! ONe's clients that are there.

use async_trait::async_trait;
use futures::{StreamExt, stream};
use one_client::account::{BlockadeType, ClientBlockadeData, ClientData, ClientRecord};
use one_client::{Client, ClientId, ErrorKind, Extra};
use serde_json::value::RawValue;
use std::sync::Arc;
use sync_core::{Error, Outcome, Reason, Removal, Result, Sink, Store, Write};

use super::linked::Linked;
use crate::client_error::{outcome_of, refusal};
use crate::flows::clients::OneClient;

/// How many clients are read and written at the same time.
const CONCURRENCY: usize = 4;

/// What becomes of a client whose contractor loses its tick or is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Withdrawal {
    /// It stays as it is, and a reject `removal-not-supported` says so, once.
    #[default]
    Report,
    /// It is blocked, and the block is lifted when the contractor comes back. Not where another flow writes ONe's
    /// blockades (O7): a client has one, and the last writer wins.
    #[non_exhaustive]
    Blockade {
        /// The ERP's id of the kind of blockade, by which it is set up in ONe.
        external_id: String,
        /// What it forbids.
        kind: BlockadeType,
        /// What the client is told.
        message: Option<String>,
    },
}

impl Withdrawal {
    /// A blockade of this kind, without words for the client.
    #[must_use]
    pub fn blockade(external_id: impl Into<String>, kind: BlockadeType) -> Self {
        Self::Blockade { external_id: external_id.into(), kind, message: None }
    }
}

/// Writes what the ERP owns of linked clients.
///
/// Whether ONe keeps a field that a write leaves out is not documented, so each client is read first: what the record does
/// not tell is sent back as it came, and a client that has everything already is not written.
#[derive(Debug, Clone)]
pub struct ClientSink {
    one: Client,
    linked: Linked,
    withdrawal: Withdrawal,
}

impl ClientSink {
    /// Writes with this client; the store tells which contractor a client stands for.
    #[must_use]
    pub fn new(one: Client, store: Arc<dyn Store>, withdrawal: Withdrawal) -> Self {
        Self { one, linked: Linked::new(store), withdrawal }
    }

    async fn one_write(&self, write: &Write<OneClient>) -> Result<Outcome> {
        match write {
            Write::Upsert { record, previous, .. } => {
                let Some(id) = &record.client else { return Ok(Outcome::rejected(Reason::new("no-link"))) };
                if previous.is_none()
                    && let Withdrawal::Blockade { external_id, .. } = &self.withdrawal
                    && let Err(error) = self.lift(id, external_id).await
                {
                    return about_one("the blockade was not lifted", Err(error));
                }
                let written = self.upsert(id, record).await.map(|()| Outcome::applied_as(id.as_str()));
                about_one("the client was not written", written)
            }
            Write::Remove { key, previous } => {
                let client = match previous {
                    Some(previous) => Some(ClientId::new(previous.as_str())),
                    None => self.linked.client_of(key.as_str()).await?,
                };
                let Some(client) = client else {
                    return Ok(Outcome::rejected(Reason::new("unknown-client")));
                };
                // it followed its contractor into another, whose record says what it is
                let now = self.linked.contractor_of(client.as_str()).await?;
                if now.is_some_and(|now| now.to_string() != key.as_str()) {
                    return Ok(Outcome::applied());
                }
                match self.block(&client).await {
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(Outcome::applied()),
                    blocked => about_one("the client was not blocked", blocked.map(|()| Outcome::applied())),
                }
            }
        }
    }

    async fn upsert(&self, id: &ClientId, wanted: &OneClient) -> one_client::Result<()> {
        let clients = self.one.clients();
        let now = clients.get(id).await?;
        let before = data_of(&now);
        let mut after = before.clone();
        after.external_id = Some(wanted.external_id.clone());
        let replace = |place: &mut Option<String>, value: &Option<String>| {
            if value.is_some() {
                place.clone_from(value);
            }
        };
        replace(&mut after.name, &wanted.name);
        replace(&mut after.tin, &wanted.tin);
        replace(&mut after.phone, &wanted.phone);
        if wanted.segment.is_some() {
            after.segment_id.clone_from(&wanted.segment);
        }
        if wanted.warehouse.is_some() {
            after.warehouse_id.clone_from(&wanted.warehouse);
        }
        if let Some(address) = &wanted.address {
            let mut address = address.clone();
            if let Some(now) = before.address {
                // what the ERP does not know of it stays
                address.external_id = address.external_id.or(now.external_id);
                address.phone = address.phone.or(now.phone);
                address.extra = now.extra;
            }
            after.address = Some(address);
        }
        if after == data_of(&now) {
            return Ok(());
        }
        clients.update(id, &after).await
    }

    async fn block(&self, id: &ClientId) -> one_client::Result<()> {
        let Withdrawal::Blockade { external_id, kind, message } = &self.withdrawal else { return Ok(()) };
        let mut blockade = ClientBlockadeData::new(external_id, kind.clone());
        blockade.message.clone_from(message);
        self.one.client_blockades().save(id, &blockade).await
    }

    /// Lifts the blockade if it is ours.
    async fn lift(&self, id: &ClientId, external_id: &str) -> one_client::Result<()> {
        let blockades = self.one.client_blockades();
        match blockades.get(id).await {
            Ok(blockade) if blockade.external_id.as_deref() == Some(external_id) => {
                match blockades.delete(id).await {
                    Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                    deleted => deleted,
                }
            }
            Ok(_) => Ok(()),
            // there is none; that the client is not there is told when it is written
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// What is written of a client so that it stays as it is.
fn data_of(now: &ClientRecord) -> ClientData {
    ClientData::builder()
        .maybe_external_id(now.external_id.clone())
        .maybe_name(now.name.clone())
        .maybe_tin(now.tin.clone())
        .maybe_phone(now.phone.clone())
        .maybe_segment_id(now.segment_id.clone())
        .maybe_warehouse_id(now.warehouse_id.clone())
        .maybe_account_type(now.account_type.clone())
        .maybe_account_manager_id(now.account_manager_id.clone())
        .maybe_address(now.address.clone())
        .maybe_admin(now.admin.clone())
        .maybe_bank_account_number(now.bank_account_number.clone())
        .maybe_business_registration_number(now.business_registration_number.clone())
        .maybe_client_status(now.client_status.clone())
        .extra(without_id(&now.extra))
        .build()
}

/// Everything but the id under its other name, which is the path's.
fn without_id(extra: &Extra) -> Extra {
    let mut kept = Extra::default();
    for name in extra.names().filter(|name| *name != "id") {
        let json = extra.json(name).and_then(|json| RawValue::from_string(json.to_owned()).ok());
        if let Some(json) = json {
            // it came as JSON, so it encodes
            let _encodes = kept.set(name, &json);
        }
    }
    kept
}

/// As [`outcome_of`]; a client that cannot be read holds up no other.
fn about_one(message: &'static str, sent: one_client::Result<Outcome>) -> Result<Outcome> {
    match sent {
        Err(error) if error.kind() == ErrorKind::Decode => Ok(Outcome::rejected(refusal(&error))),
        sent => outcome_of(message, sent),
    }
}

#[async_trait]
impl Sink for ClientSink {
    type Record = OneClient;

    fn preferred_batch(&self) -> usize {
        200
    }

    fn removal(&self) -> Removal {
        match self.withdrawal {
            Withdrawal::Report => Removal::None,
            Withdrawal::Blockade { .. } => Removal::Sends,
        }
    }

    async fn write(&self, batch: &[Write<OneClient>]) -> Result<Vec<Outcome>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let writes: Vec<_> = batch.iter().map(|write| self.one_write(write)).collect();
        let mut written = stream::iter(writes).buffered(CONCURRENCY);
        while let Some(outcome) = written.next().await {
            outcomes.push(outcome?);
        }
        if outcomes.len() != batch.len() {
            return Err(Error::bug("a client was written without an outcome"));
        }
        Ok(outcomes)
    }
}

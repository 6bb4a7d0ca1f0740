//! ONe's blockades of clients.

use async_trait::async_trait;
use one_client::account::ClientBlockadeData;
use one_client::{Client, ClientId, Error as ClientError, ErrorKind};
use std::sync::Arc;
use sync_core::{FlowName, Outcome, Reason, Result, Sink, Store, TargetId, Write};

use super::linked::Linked;
use crate::client_error::outcome_of;
use crate::flows::credit::Blockade;

const FAILED: &str = "the client's blockade was not written";

/// Writes ONe's blockades of clients, and only those: a blockade with another external id was set by somebody else, so it is neither
/// replaced (the record becomes a reject `blocked-otherwise`) nor lifted.
///
/// That is seen by reading the client's blockade before each write; the answer is known from a cut example only. Nor is one lifted
/// from a client that stands for another contractor by now who is blocked.
#[derive(Debug, Clone)]
pub struct BlockadeSink {
    one: Client,
    linked: Linked,
    flow: FlowName,
}

/// What the engine remembers of a blockade: whose it is and which.
struct Place {
    client: ClientId,
    external_id: String,
}

impl Place {
    fn target_id(client: &ClientId, external_id: &str) -> TargetId {
        TargetId::from(serde_json::json!([client.as_str(), external_id]).to_string())
    }

    fn parse(target_id: &TargetId) -> Option<Self> {
        let (client, external_id): (String, String) = serde_json::from_str(target_id.as_str()).ok()?;
        Some(Self { client: client.into(), external_id })
    }
}

impl BlockadeSink {
    /// Writes with this client what this flow sends; the store tells which contractor a client stands for.
    #[must_use]
    pub fn new(one: Client, store: Arc<dyn Store>, flow: FlowName) -> Self {
        Self { one, linked: Linked::new(store), flow }
    }

    /// Whether the client has a blockade that somebody else set.
    async fn is_blocked_otherwise(
        &self,
        client: &ClientId,
        ours: [Option<&str>; 2],
    ) -> std::result::Result<bool, ClientError> {
        match self.one.client_blockades().get(client).await {
            Ok(there) => Ok(!ours.contains(&there.external_id.as_deref())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn block(
        &self,
        blockade: &Blockade,
        before: Option<&Place>,
    ) -> std::result::Result<Outcome, ClientError> {
        let mine = before.filter(|before| before.client == blockade.client);
        let ours = [Some(blockade.external_id.as_str()), mine.map(|mine| mine.external_id.as_str())];
        if self.is_blocked_otherwise(&blockade.client, ours).await? {
            return Ok(Outcome::rejected(Reason::new("blocked-otherwise")));
        }
        let mut data = ClientBlockadeData::new(blockade.external_id.clone(), blockade.kind.clone());
        data.label.clone_from(&blockade.label);
        data.message.clone_from(&blockade.message);
        self.one.client_blockades().save(&blockade.client, &data).await?;
        Ok(Outcome::applied_as(Place::target_id(&blockade.client, &blockade.external_id)))
    }

    async fn unblock(&self, place: &Place) -> std::result::Result<(), ClientError> {
        if self.is_blocked_otherwise(&place.client, [Some(&place.external_id), None]).await? {
            return Ok(());
        }
        match self.one.client_blockades().delete(&place.client).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            deleted => deleted,
        }
    }
}

#[async_trait]
impl Sink for BlockadeSink {
    type Record = Blockade;

    /// A page is one commit, and each of its records a call or two: few of them are sent again after a failure.
    fn preferred_batch(&self) -> usize {
        100
    }

    async fn write(&self, batch: &[Write<Blockade>]) -> Result<Vec<Outcome>> {
        let is_given = |client: &ClientId| {
            batch
                .iter()
                .any(|write| matches!(write, Write::Upsert { record, .. } if record.client == *client))
        };
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            let previous = write.previous().and_then(Place::parse);
            let mut outcome = match (write, &previous) {
                (Write::Upsert { record, .. }, previous) => {
                    outcome_of(FAILED, self.block(record, previous.as_ref()).await)?
                }
                (Write::Remove { .. }, Some(_)) => Outcome::applied(),
                // written by a process that died before it could remember at whom
                (Write::Remove { .. }, None) => Outcome::rejected(Reason::new("unknown-client")),
            };
            // a client that another record of this batch blocks stays blocked
            let left = previous.filter(|previous| !is_given(&previous.client));
            if let (Outcome::Applied { .. }, Some(left)) = (&outcome, left)
                && !self.linked.is_anothers(&left.client, write.key(), &self.flow).await?
            {
                // one that is refused is about this record alone: the others of the batch are not sent again in parts
                let taken = self.unblock(&left).await;
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

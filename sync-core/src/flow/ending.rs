//! The two endings of a flow: a sink, and the outbox.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::act::{ActChange, NewAct};
use crate::error::{Error, Reason, Result};
use crate::fingerprint::Fingerprint;
use crate::name::OpKey;
use crate::sink::{Outcome, Removal, Sink, Write};

/// What the ending made of one write.
#[derive(Debug)]
pub(crate) enum Delivered {
    Written(Outcome),
    /// Left to the store, which decides within the commit.
    Act(ActChange),
    /// Turned away before the outbox.
    NoAct(Reason),
}

#[async_trait]
pub(crate) trait Ending: Debug + Send + Sync {
    type Record: Send + Sync + 'static;

    fn preferred_batch(&self) -> usize;
    fn removal(&self) -> Removal;

    /// Delivers the writes; `prints` has their fingerprints (a removal's is `None`).
    async fn deliver(
        &self,
        writes: Vec<Write<Self::Record>>,
        prints: &[Option<Fingerprint>],
    ) -> Result<Vec<Delivered>>;
}

#[derive(Debug)]
pub(crate) struct Target<K>(pub(crate) K);

#[async_trait]
impl<K: Sink> Ending for Target<K> {
    type Record = K::Record;

    fn preferred_batch(&self) -> usize {
        self.0.preferred_batch()
    }

    fn removal(&self) -> Removal {
        self.0.removal()
    }

    async fn deliver(
        &self,
        writes: Vec<Write<K::Record>>,
        _prints: &[Option<Fingerprint>],
    ) -> Result<Vec<Delivered>> {
        let outcomes = self.0.write(&writes).await?;
        if outcomes.len() != writes.len() {
            return Err(Error::bug("a sink did not give one outcome per record"));
        }
        Ok(outcomes.into_iter().map(Delivered::Written).collect())
    }
}

#[derive(Debug)]
pub(crate) struct Outbox;

#[async_trait]
impl Ending for Outbox {
    type Record = NewAct;

    fn preferred_batch(&self) -> usize {
        500
    }

    fn removal(&self) -> Removal {
        Removal::Sends
    }

    async fn deliver(
        &self,
        writes: Vec<Write<NewAct>>,
        prints: &[Option<Fingerprint>],
    ) -> Result<Vec<Delivered>> {
        let decided = writes.into_iter().zip(prints).map(|(write, print)| match (write, print) {
            (Write::Upsert { record, previous, .. }, Some(fingerprint)) => {
                // another op key for the same record would be a second document
                if previous.is_some_and(|previous| previous.as_str() != record.op_key.as_str()) {
                    return Ok(Delivered::NoAct(Reason::new("op-key-changed")));
                }
                Ok(Delivered::Act(ActChange::Enqueue { act: record, fingerprint: *fingerprint }))
            }
            (Write::Remove { previous: Some(previous), .. }, None) => {
                Ok(Delivered::Act(ActChange::Withdraw { op_key: OpKey::from(String::from(previous)) }))
            }
            _ => Err(Error::bug("an outbox flow lost the op key of a record")),
        });
        decided.collect()
    }
}

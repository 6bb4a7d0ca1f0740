//! The two endings of a flow: a sink, and the outbox.

use std::fmt::Debug;

use async_trait::async_trait;

use super::Flow;
use super::draft::Note;
use super::systemic::Tolerance;
use crate::act::{ActChange, NewAct};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::name::OpKey;
use crate::sink::{Outcome, Removal, Sink, Write};

/// What the ending made of one write.
#[derive(Debug)]
pub(crate) enum Delivered {
    Written(Outcome),
    /// Turned away by a repeat, though an attempt before that failed may have written it.
    InDoubt(Reason),
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

    /// Whether this is a target whose records can be missing and taken away. Acts cannot.
    fn is_target(&self) -> bool;

    /// Delivers the writes, with what has to be remembered of each.
    async fn deliver(
        &self,
        flow: &Flow,
        limit: Tolerance,
        writes: Vec<Write<Self::Record>>,
        notes: &[Note],
    ) -> Result<Vec<Delivered>>;
}

#[derive(Debug)]
pub(crate) struct Target<K>(pub(crate) K);

impl<K: Sink> Target<K> {
    /// Writes, and halves a batch that is refused as a whole because of its records until those are found, as long as they
    /// are few. Sinks take repeats, so halving does no harm. An error about anything else than records is never halved.
    async fn write(
        &self,
        flow: &Flow,
        limit: Tolerance,
        writes: &[Write<K::Record>],
    ) -> Result<Vec<Delivered>> {
        let mut outcomes = Vec::with_capacity(writes.len());
        let mut refused = 0;
        let mut waiting = vec![(writes, false)];
        while let Some((batch, was_in_doubt)) = waiting.pop() {
            let mut attempts = 0;
            let write = || {
                attempts += 1;
                self.0.write(batch)
            };
            let written = flow.retry.run(&*flow.clock, write).await;
            let is_in_doubt = was_in_doubt || attempts > 1;
            let delivered = |outcome| match outcome {
                Outcome::Rejected(reason) if is_in_doubt => Delivered::InDoubt(reason),
                outcome => Delivered::Written(outcome),
            };
            match written {
                Ok(written) if written.len() == batch.len() => {
                    outcomes.extend(written.into_iter().map(delivered));
                }
                Ok(_) => return Err(Error::bug("a sink did not give one outcome per record")),
                Err(error) if !error.kind().is_about_records() => return Err(error),
                Err(error) if batch.len() > 1 => {
                    let (first, second) = batch.split_at(batch.len() / 2);
                    waiting.extend([(second, is_in_doubt), (first, is_in_doubt)]);
                    tracing::debug!(%error, records = batch.len(), "halving a refused batch");
                }
                Err(error) => {
                    refused += 1;
                    if limit.is_exceeded(refused, writes.len() as u64) {
                        let message = "so many records are refused that the others are not tried";
                        return Err(Error::new(ErrorKind::SystemicFailure, message).with_source(error));
                    }
                    outcomes.push(delivered(Outcome::rejected(Reason::from(&error))));
                }
            }
        }
        Ok(outcomes)
    }
}

#[async_trait]
impl<K: Sink> Ending for Target<K> {
    type Record = K::Record;

    fn preferred_batch(&self) -> usize {
        self.0.preferred_batch()
    }

    fn removal(&self) -> Removal {
        self.0.removal()
    }

    fn is_target(&self) -> bool {
        true
    }

    async fn deliver(
        &self,
        flow: &Flow,
        limit: Tolerance,
        writes: Vec<Write<K::Record>>,
        _notes: &[Note],
    ) -> Result<Vec<Delivered>> {
        if flow.planning.is_some() {
            let taken = |write: &Write<K::Record>| {
                write.previous().map_or_else(Outcome::applied, |id| Outcome::applied_as(id.clone()))
            };
            return Ok(writes.iter().map(|write| Delivered::Written(taken(write))).collect());
        }
        self.write(flow, limit, &writes).await
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

    fn is_target(&self) -> bool {
        false
    }

    async fn deliver(
        &self,
        _flow: &Flow,
        _limit: Tolerance,
        writes: Vec<Write<NewAct>>,
        notes: &[Note],
    ) -> Result<Vec<Delivered>> {
        let decided = writes.into_iter().zip(notes).map(|(write, note)| match (write, note.print) {
            (Write::Upsert { record, previous, .. }, Some(fingerprint)) => {
                // another op key for the same record would be a second document
                if previous.is_some_and(|previous| previous.as_str() != record.op_key.as_str()) {
                    return Ok(Delivered::NoAct(Reason::new("op-key-changed")));
                }
                Ok(Delivered::Act(ActChange::Enqueue { act: record, fingerprint }))
            }
            (Write::Remove { previous: Some(previous), .. }, None) => {
                let op_key = OpKey::from(String::from(previous));
                Ok(Delivered::Act(match note.is_there {
                    true => ActChange::LeaveOut { op_key },
                    false => ActChange::Withdraw { op_key },
                }))
            }
            _ => Err(Error::bug("an outbox flow lost the op key of a record")),
        });
        decided.collect()
    }
}

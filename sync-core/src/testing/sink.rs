//! A sink in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;

use super::{Faults, lock};
use crate::error::{Error, Reason, Result};
use crate::name::{Key, TargetId};
use crate::sink::{Outcome, Removal, Sink, Write};

/// A target in memory, which counts what it is sent.
pub struct MemorySink<R> {
    batch: usize,
    removal: Removal,
    state: Mutex<State<R>>,
    faults: Faults,
}

struct State<R> {
    records: BTreeMap<Key, R>,
    refused: BTreeMap<Key, Reason>,
    poison: BTreeSet<Key>,
    batches: Vec<usize>,
    log: Vec<Key>,
    previous: Vec<Option<TargetId>>,
}

impl<R: Clone> Default for MemorySink<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Clone> MemorySink<R> {
    /// An empty target that carries out removals.
    #[must_use]
    pub fn new() -> Self {
        let state = State {
            records: BTreeMap::new(),
            refused: BTreeMap::new(),
            poison: BTreeSet::new(),
            batches: Vec::new(),
            log: Vec::new(),
            previous: Vec::new(),
        };
        Self { batch: 5_000, removal: Removal::Sends, state: Mutex::new(state), faults: Faults::none() }
    }

    /// Wants so many records per page.
    #[must_use]
    pub fn batch(mut self, records: usize) -> Self {
        self.batch = records;
        self
    }

    /// Knows no removal.
    #[must_use]
    pub fn without_removal(mut self) -> Self {
        self.removal = Removal::None;
        self
    }

    /// Fails by this script.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.faults = faults;
        self
    }

    /// Refuses this key from now on, or takes it again.
    pub fn refuse(&self, key: impl Into<Key>, refuse: bool) {
        let mut state = lock(&self.state);
        let key = key.into();
        if refuse {
            state.refused.insert(key, Reason::new("refused"));
        } else {
            state.refused.remove(&key);
        }
    }

    /// Refuses this key from now on, for this reason.
    pub fn refuse_for(&self, key: impl Into<Key>, reason: Reason) {
        lock(&self.state).refused.insert(key.into(), reason);
    }

    /// From now on a batch with this key fails as a whole with [`Invalid`](crate::ErrorKind::Invalid) and applies nothing,
    /// as of a target that does not say which record it refuses; or no longer.
    pub fn poison(&self, key: impl Into<Key>, poison: bool) {
        let mut state = lock(&self.state);
        let key = key.into();
        if poison {
            state.poison.insert(key);
        } else {
            state.poison.remove(&key);
        }
    }

    /// What it holds.
    #[must_use]
    pub fn records(&self) -> BTreeMap<Key, R> {
        lock(&self.state).records.clone()
    }

    /// The keys it was sent, in order, with repeats.
    #[must_use]
    pub fn log(&self) -> Vec<Key> {
        lock(&self.state).log.clone()
    }

    /// The previous target ids that came with them.
    #[must_use]
    pub fn previous(&self) -> Vec<Option<TargetId>> {
        lock(&self.state).previous.clone()
    }

    /// The size of each batch it was sent, in order.
    #[must_use]
    pub fn batches(&self) -> Vec<usize> {
        lock(&self.state).batches.clone()
    }

    fn take(&self, batch: &[Write<R>]) -> Result<Vec<Outcome>> {
        let mut state = lock(&self.state);
        state.batches.push(batch.len());
        for write in batch {
            state.log.push(write.key().clone());
            state.previous.push(write.previous().cloned());
        }
        if batch.iter().any(|write| state.poison.contains(write.key())) {
            return Err(Error::invalid("scripted refusal of the whole batch"));
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            if let Some(reason) = state.refused.get(write.key()) {
                outcomes.push(Outcome::rejected(reason.clone()));
                continue;
            }
            match write {
                Write::Upsert { key, record, .. } => {
                    state.records.insert(key.clone(), record.clone());
                    outcomes.push(Outcome::applied_as(format!("t-{key}")));
                }
                Write::Remove { key, .. } => {
                    state.records.remove(key);
                    outcomes.push(Outcome::applied());
                }
            }
        }
        Ok(outcomes)
    }
}

#[async_trait]
impl<R: Clone + Send + Sync + 'static> Sink for MemorySink<R> {
    type Record = R;

    fn preferred_batch(&self) -> usize {
        self.batch
    }

    fn removal(&self) -> Removal {
        self.removal
    }

    async fn write(&self, batch: &[Write<R>]) -> Result<Vec<Outcome>> {
        self.faults.around(async { self.take(batch) }).await
    }
}

impl<R> fmt::Debug for MemorySink<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemorySink")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[tokio::test]
    async fn a_refusal_stops_a_record_and_poison_the_batch() {
        let sink = MemorySink::new();
        sink.refuse_for("b", Reason::new("price-missing"));
        let batch = ["a", "b"].map(|key| Write::Upsert { key: key.into(), record: 1, previous: None });
        let outcomes = sink.write(&batch).await.unwrap();
        assert_eq!(outcomes, [Outcome::applied_as("t-a"), Outcome::rejected(Reason::new("price-missing"))]);
        sink.poison("a", true);
        sink.refuse("b", false);
        assert_eq!(sink.write(&batch).await.unwrap_err().kind(), ErrorKind::Invalid);
        assert_eq!(sink.records().len(), 1);
        sink.poison("a", false);
        sink.write(&batch[1..]).await.unwrap();
        assert_eq!((sink.records().len(), sink.batches()), (2, vec![2, 2, 1]));
    }
}

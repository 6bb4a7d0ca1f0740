//! A sink in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;

use super::{Faults, lock};
use crate::error::{Reason, Result};
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
    refused: BTreeSet<Key>,
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
            refused: BTreeSet::new(),
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
            state.refused.insert(key);
        } else {
            state.refused.remove(&key);
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

    fn take(&self, batch: &[Write<R>]) -> Vec<Outcome> {
        let mut state = lock(&self.state);
        let mut outcomes = Vec::with_capacity(batch.len());
        for write in batch {
            state.log.push(write.key().clone());
            state.previous.push(write.previous().cloned());
            if state.refused.contains(write.key()) {
                outcomes.push(Outcome::rejected(Reason::new("refused")));
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
        outcomes
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
        self.faults.around(async { Ok(self.take(batch)) }).await
    }
}

impl<R> fmt::Debug for MemorySink<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemorySink")
    }
}

//! A portal of one's own, in memory, for rows that end in one.

use serde::Serialize;
use std::sync::Arc;
use sync_core::testing::{Fault, Faults, MemorySink};

use super::Shown;

/// What the portal has, and how often it was written to.
pub(crate) struct OwnPortal<R> {
    pub(crate) sink: Arc<MemorySink<R>>,
    faults: Faults,
}

impl<R: Clone + Serialize + Send + Sync + 'static> OwnPortal<R> {
    pub(crate) fn new() -> Self {
        let faults = Faults::none();
        Self { sink: Arc::new(MemorySink::new().faults(faults.clone())), faults }
    }

    /// Key → whatever `what` tells of the record.
    pub(crate) fn shown(&self, what: impl Fn(&R) -> String) -> Shown {
        let records = self.sink.records().into_iter();
        records.map(|(key, record)| (key.as_str().to_owned(), what(&record))).collect()
    }

    pub(crate) fn sent(&self) -> u64 {
        u64::try_from(self.sink.log().len()).unwrap()
    }

    pub(crate) fn lose_answer(&self) {
        self.faults.on_next_call(Fault::FailAfter);
    }
}

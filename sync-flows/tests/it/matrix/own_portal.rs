//! A portal of one's own, in memory, for rows that end in one.

use serde::Serialize;
use std::sync::Arc;
use sync_core::testing::{Fault, Faults, MemorySink};

use super::{Lost, Shown};

/// What the portal has, and how often it was written to.
pub(crate) struct OwnPortal<R> {
    pub(crate) sink: Arc<MemorySink<R>>,
    faults: Faults,
}

impl<R: Clone + Serialize + Send + Sync + 'static> OwnPortal<R> {
    pub(crate) fn new() -> Self {
        Self::of(MemorySink::new())
    }

    pub(crate) fn of(sink: MemorySink<R>) -> Self {
        let faults = Faults::none();
        Self { sink: Arc::new(sink.faults(faults.clone())), faults }
    }

    /// Key → whatever `what` tells of the record.
    pub(crate) fn shown(&self, what: impl Fn(&R) -> String) -> Shown {
        let records = self.sink.records().into_iter();
        records.map(|(key, record)| (key.as_str().to_owned(), what(&record))).collect()
    }

    pub(crate) fn sent(&self) -> u64 {
        u64::try_from(self.sink.log().len()).unwrap()
    }

    /// The next write hangs and nothing is written; ready once it hangs.
    pub(crate) fn hang(&self) -> impl Future<Output = ()> {
        let (calls, faults) = (self.faults.calls(), self.faults.clone());
        faults.on_next_call(Fault::HangBefore);
        async move {
            while faults.calls() == calls {
                tokio::task::yield_now().await;
            }
        }
    }

    pub(crate) fn lose_answer(&self) -> Vec<Lost> {
        self.faults.on_next_call(Fault::FailAfter);
        vec![Lost::Write { calls: self.faults.calls(), of: self.faults.clone() }]
    }
}

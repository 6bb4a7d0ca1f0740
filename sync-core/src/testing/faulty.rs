//! Users' own sources and sinks whose calls go wrong.

use async_trait::async_trait;

use super::Faults;
use crate::error::{Reason, Result};
use crate::name::{Key, Receipt};
use crate::sink::{Outcome, Removal, Sink, Write};
use crate::source::{Item, Page, ReadFrom, Source, SourceInfo};

/// Another source, with faults at the calls that scripts name. Each sort of call has a script of its own; a script that is
/// given to several counts them together.
///
/// ```
/// use sync_core::testing::{Fault, Faults, FaultySource, MemorySource};
/// use sync_core::{ErrorKind, ReadFrom, Source};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let stock = MemorySource::<u32>::snapshot();
/// let stock = FaultySource::new(stock).reads(Faults::at(1, Fault::FailBefore).failing_with(ErrorKind::Auth));
/// assert_eq!(stock.read(ReadFrom::Start, 10).await.unwrap_err().kind(), ErrorKind::Auth);
/// assert!(stock.read(ReadFrom::Start, 10).await.is_ok());
/// # }
/// ```
#[derive(Debug)]
pub struct FaultySource<S> {
    source: S,
    reads: Faults,
    fetches: Faults,
    acknowledgements: Faults,
}

impl<S: Source> FaultySource<S> {
    /// This source; nothing goes wrong yet.
    #[must_use]
    pub fn new(source: S) -> Self {
        let (reads, fetches, acknowledgements) = (Faults::none(), Faults::none(), Faults::none());
        Self { source, reads, fetches, acknowledgements }
    }

    /// Reads, of changes and of everything, fail by this script.
    #[must_use]
    pub fn reads(mut self, faults: Faults) -> Self {
        self.reads = faults;
        self
    }

    /// Look-ups fail by this script.
    #[must_use]
    pub fn fetches(mut self, faults: Faults) -> Self {
        self.fetches = faults;
        self
    }

    /// Acknowledgements fail by this script.
    #[must_use]
    pub fn acknowledgements(mut self, faults: Faults) -> Self {
        self.acknowledgements = faults;
        self
    }

    /// The source behind the faults.
    pub fn inner(&self) -> &S {
        &self.source
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<S: Source> Source for FaultySource<S> {
    type Record = S::Record;
    type Cursor = S::Cursor;

    fn describe(&self) -> SourceInfo {
        self.source.describe()
    }

    async fn read(&self, from: ReadFrom<&S::Cursor>, limit: usize) -> Result<Page<S::Record, S::Cursor>> {
        self.reads.around(self.source.read(from, limit)).await
    }

    async fn read_all(&self, from: ReadFrom<&S::Cursor>, limit: usize) -> Result<Page<S::Record, S::Cursor>> {
        self.reads.around(self.source.read_all(from, limit)).await
    }

    async fn fetch(&self, keys: &[Key]) -> Result<Vec<Item<S::Record>>> {
        self.fetches.around(self.source.fetch(keys)).await
    }

    async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
        self.acknowledgements.around(self.source.acknowledge(outcomes)).await
    }
}

/// Another sink, with faults at the writes that a script names.
#[derive(Debug)]
pub struct FaultySink<K> {
    sink: K,
    faults: Faults,
}

impl<K: Sink> FaultySink<K> {
    /// This sink, failing by this script.
    #[must_use]
    pub fn new(sink: K, faults: Faults) -> Self {
        Self { sink, faults }
    }

    /// The sink behind the faults.
    pub fn inner(&self) -> &K {
        &self.sink
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl<K: Sink> Sink for FaultySink<K> {
    type Record = K::Record;

    fn preferred_batch(&self) -> usize {
        self.sink.preferred_batch()
    }

    fn removal(&self) -> Removal {
        self.sink.removal()
    }

    async fn write(&self, batch: &[Write<K::Record>]) -> Result<Vec<Outcome>> {
        self.faults.around(self.sink.write(batch)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::testing::{Fault, MemoryQueue, MemorySink};

    #[tokio::test]
    async fn each_sort_of_call_has_its_own_script() {
        let queue = MemoryQueue::new();
        queue.put("a", 1);
        let acknowledgements = Faults::at(1, Fault::FailBefore).failing_with(ErrorKind::Auth);
        let source = FaultySource::new(queue)
            .reads(Faults::at(2, Fault::Unreadable))
            .fetches(Faults::at(1, Fault::FailAfter))
            .acknowledgements(acknowledgements);
        assert!(source.read(ReadFrom::Start, 10).await.is_ok());
        let kind = |error: crate::Error| error.kind();
        assert_eq!(
            source.read_all(ReadFrom::Start, 10).await.map_err(kind).err(),
            Some(ErrorKind::Unreadable)
        );
        assert_eq!(source.fetch(&[]).await.map_err(kind).err(), Some(ErrorKind::Transient));
        assert!(source.fetch(&[]).await.is_ok());
        let receipt = source.inner().pending()[0].0.clone();
        let outcomes = [(receipt, Ok(()))];
        assert_eq!(source.acknowledge(&outcomes).await.map_err(kind), Err(ErrorKind::Auth));
        assert_eq!(source.inner().pending().len(), 1);
        source.acknowledge(&outcomes).await.unwrap();
        assert!(source.inner().pending().is_empty());
    }

    #[tokio::test]
    async fn a_write_whose_answer_is_cut_was_carried_out() {
        let sink = FaultySink::new(MemorySink::new(), Faults::at(1, Fault::Unreadable));
        let batch = [Write::Upsert { key: "a".into(), record: 1, previous: None }];
        assert_eq!(sink.write(&batch).await.unwrap_err().kind(), ErrorKind::Unreadable);
        assert_eq!(sink.inner().records().len(), 1);
    }
}

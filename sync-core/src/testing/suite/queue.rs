//! What every queue has to do.

use std::collections::BTreeSet;

use super::{List, SourceExpectations, Step, broken, last_of_each, needs, promise, walk};
use crate::error::{Reason, Result};
use crate::name::Receipt;
use crate::source::Source;

/// Acknowledges what a queue gives, until it is empty, and checks that only what was acknowledged goes. **It uses the
/// queue up**: for a test system, with some pending changes and nobody else who makes or reads any.
///
/// ```
/// use sync_core::testing::{MemoryQueue, SourceExpectations, queue_conformance};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sync_core::Result<()> {
/// let goods = MemoryQueue::new().wire_page(2);
/// for key in ["MŁOTEK", "GWÓŹDŹ", "PIŁA"] {
///     goods.put(key, 1);
/// }
/// queue_conformance(&goods, &SourceExpectations::new()).await?;
/// assert!(goods.pending().is_empty());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The first promise that the source does not keep, as a [`Bug`](crate::ErrorKind::Bug); or the source's own error; or
/// [`Config`](crate::ErrorKind::Config) if fewer than two changes are pending.
pub async fn queue_conformance<S: Source>(source: &S, expected: &SourceExpectations) -> Result<()> {
    let read = async |list| walk(source, list, expected.limit(), expected.pages()).await;
    let everything = last_of_each(&read(List::Everything).await?);
    let pending = receipts(&read(List::Changes).await?)?;
    needs(pending.len() >= 2, "the suite needs a queue with two pending changes at least")?;
    promise(receipts(&read(List::Changes).await?)? == pending, "what is not acknowledged comes again")?;

    source.acknowledge(&[]).await?;
    let half: Vec<_> = pending.iter().step_by(2).enumerate().map(outcome).collect();
    let rest: BTreeSet<_> = pending.iter().skip(1).step_by(2).cloned().collect();
    for repeat in ["once", "again"] {
        source.acknowledge(&half).await.map_err(|error| {
            broken(format!("records can be acknowledged {repeat}, in part and with a reason"))
                .with_source(error)
        })?;
        let left = receipts(&read(List::Changes).await?)?;
        promise(left.is_subset(&rest), "what was acknowledged does not come again, whatever the outcome")?;
        promise(left == rest, "what was not acknowledged comes again when other records were")?;
    }
    let rest: Vec<_> = rest.iter().enumerate().map(outcome).collect();
    source.acknowledge(&rest).await?;
    promise(
        read(List::Changes).await?.iter().all(|page| page.seen.is_empty()),
        "a queue that is done is empty",
    )?;
    let still = last_of_each(&read(List::Everything).await?);
    promise(still == everything, "a full pass gives what exists, not what is pending")
}

fn receipts(pages: &[Step]) -> Result<BTreeSet<Receipt>> {
    let mut receipts = BTreeSet::new();
    for seen in pages.iter().flat_map(|page| &page.seen) {
        let receipt = seen.receipt.clone();
        receipts.insert(receipt.ok_or_else(|| broken("each record of a queue comes with a receipt"))?);
    }
    Ok(receipts)
}

/// Every third record is told to be rejected.
fn outcome((n, receipt): (usize, &Receipt)) -> (Receipt, Result<(), Reason>) {
    (receipt.clone(), if n % 3 == 2 { Err(Reason::new("conformance")) } else { Ok(()) })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::error::{Error, ErrorKind};
    use crate::source::{Page, ReadFrom, SourceInfo};
    use crate::testing::{MemoryQueue, lock};

    fn filled() -> MemoryQueue<i64> {
        let queue = MemoryQueue::new().wire_page(3);
        for n in 0..10 {
            queue.put(format!("k{n}"), n);
        }
        queue.delete("k4");
        queue
    }

    #[tokio::test]
    async fn the_fake_keeps_every_promise() {
        for queue in [filled(), filled().one_row_per_record()] {
            queue_conformance(&queue, &SourceExpectations::new()).await.unwrap();
            assert!(queue.acknowledged().iter().any(|(_, outcome)| outcome.is_err()));
        }
    }

    #[tokio::test]
    async fn an_empty_queue_shows_nothing() {
        let empty = MemoryQueue::<u8>::new();
        let error = queue_conformance(&empty, &SourceExpectations::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Breach {
        NoReceipts,
        GoneOnceRead,
        KeepsRejected,
        ForgetsAll,
        NotTwice,
        NoList,
    }

    #[derive(Debug)]
    struct Broken {
        queue: MemoryQueue<i64>,
        breach: Breach,
        known: Mutex<BTreeSet<Receipt>>,
    }

    #[async_trait]
    impl Source for Broken {
        type Record = i64;
        type Cursor = u64;

        fn describe(&self) -> SourceInfo {
            self.queue.describe()
        }

        async fn read(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<i64, u64>> {
            let mut page = self.queue.read(from, limit).await?;
            match self.breach {
                Breach::NoReceipts => {
                    for item in &mut page.items {
                        item.take_receipt();
                    }
                }
                Breach::GoneOnceRead => {
                    let receipts: Vec<_> = page
                        .items
                        .iter_mut()
                        .filter_map(|item| Some((item.take_receipt()?, Ok(()))))
                        .collect();
                    self.queue.acknowledge(&receipts).await?;
                    page.items = page
                        .items
                        .into_iter()
                        .zip(receipts)
                        .map(|(item, (receipt, _))| item.with_receipt(receipt))
                        .collect();
                }
                _ => {}
            }
            Ok(page)
        }

        async fn read_all(&self, from: ReadFrom<&u64>, limit: usize) -> Result<Page<i64, u64>> {
            if self.breach == Breach::NoList {
                return self.read(from, limit).await;
            }
            self.queue.read_all(from, limit).await
        }

        async fn acknowledge(&self, outcomes: &[(Receipt, Result<(), Reason>)]) -> Result<()> {
            let mut outcomes = outcomes.to_vec();
            match self.breach {
                Breach::KeepsRejected => outcomes.retain(|(_, outcome)| outcome.is_ok()),
                Breach::ForgetsAll if !outcomes.is_empty() => {
                    outcomes =
                        self.queue.pending().into_iter().map(|(receipt, _)| (receipt, Ok(()))).collect();
                }
                Breach::NotTwice => {
                    for (receipt, _) in &outcomes {
                        if !lock(&self.known).insert(receipt.clone()) {
                            return Err(Error::new(ErrorKind::NotFound, "unknown receipt"));
                        }
                    }
                }
                _ => {}
            }
            self.queue.acknowledge(&outcomes).await
        }
    }

    #[tokio::test]
    async fn each_broken_promise_is_named() {
        for (breach, words) in [
            (Breach::NoReceipts, "comes with a receipt"),
            (Breach::GoneOnceRead, "what is not acknowledged comes again"),
            (Breach::KeepsRejected, "does not come again, whatever the outcome"),
            (Breach::ForgetsAll, "comes again when other records were"),
            (Breach::NotTwice, "can be acknowledged again"),
            (Breach::NoList, "a full pass gives what exists"),
        ] {
            let broken = Broken { queue: filled(), breach, known: Mutex::default() };
            let error = queue_conformance(&broken, &SourceExpectations::new()).await.unwrap_err();
            assert!(error.to_string().contains(words), "{breach:?}: {error}");
        }
    }
}

//! What every sink has to do.

use std::fmt;
use std::future::Future;

use super::{DROPS, broken, dropped_at, needs, promise};
use crate::error::Result;
use crate::name::{Key, TargetId};
use crate::sink::{Outcome, Removal, Sink, Write};

/// So many records are in the small batches.
const FEW: usize = 5;

/// From this number on the small batches have not come before.
const FRESH: usize = FEW * (DROPS + 2);

/// Records that a sink is to be tried with.
pub struct SinkSamples<R> {
    make: Box<dyn Fn(usize) -> (Key, R) + Send + Sync>,
    refused: Option<Box<dyn Fn() -> (Key, R) + Send + Sync>>,
    large: Option<usize>,
}

impl<R> SinkSamples<R> {
    /// Record number `n`, always the same for the same number, that the target takes. Keys differ, and so do contents.
    #[must_use]
    pub fn new(make: impl Fn(usize) -> (Key, R) + Send + Sync + 'static) -> Self {
        Self { make: Box::new(make), refused: None, large: None }
    }

    /// A record that the target refuses: an unknown client, a price below zero.
    #[must_use]
    pub fn refused(mut self, make: impl Fn() -> (Key, R) + Send + Sync + 'static) -> Self {
        self.refused = Some(Box::new(make));
        self
    }

    /// The large batch has so many records, instead of one more than the sink's preferred batch.
    #[must_use]
    pub fn large_batch(mut self, records: usize) -> Self {
        self.large = Some(records);
        self
    }

    fn writes(&self, numbers: impl IntoIterator<Item = usize>) -> Vec<Write<R>> {
        numbers.into_iter().map(|n| upsert((self.make)(n), None)).collect()
    }
}

impl<R> fmt::Debug for SinkSamples<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SinkSamples").field("refused", &self.refused.is_some()).finish_non_exhaustive()
    }
}

/// Writes to a target and checks what a flow relies on: one outcome per record in their order, a batch that may come again in
/// whole or in part, removals that do, and a refusal that stops one record only, or its batch as the [`Sink`] contract says.
/// **It changes the target**: for a test system.
///
/// `probe` reads what the target holds of these records, as any value that can be compared. Times of writing and ids that are
/// new with each write do not belong in it.
///
/// ```
/// use std::sync::Arc;
///
/// use sync_core::testing::{MemorySink, SinkSamples, sink_conformance};
/// use sync_core::{Key, Reason};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sync_core::Result<()> {
/// let portal = Arc::new(MemorySink::new().batch(100));
/// portal.refuse_for("no-price", Reason::new("price-missing"));
/// let samples = SinkSamples::new(|n| (Key::from(format!("good-{n}")), n)).refused(|| (Key::from("no-price"), 0));
/// sink_conformance(&portal, &samples, async || Ok(portal.records())).await
/// # }
/// ```
///
/// # Errors
/// The first promise that the sink does not keep, as a [`Bug`](crate::ErrorKind::Bug); or the sink's or the probe's own
/// error; or [`Config`](crate::ErrorKind::Config) if two samples have one key.
pub async fn sink_conformance<K, P, F, T>(sink: &K, samples: &SinkSamples<K::Record>, probe: P) -> Result<()>
where
    K: Sink,
    P: Fn() -> F,
    F: Future<Output = Result<T>>,
    T: PartialEq,
{
    let case = Case { sink, samples, probe };
    promise(sink.write(&[]).await?.is_empty(), "an empty batch has no outcomes")?;
    case.repeats().await?;
    case.change().await?;
    case.interruptions().await?;
    case.refusal().await?;
    case.large_batch().await?;
    if sink.removal() == Removal::Sends { case.removals().await } else { Ok(()) }
}

struct Case<'a, K: Sink, P> {
    sink: &'a K,
    samples: &'a SinkSamples<K::Record>,
    probe: P,
}

impl<K, P, F, T> Case<'_, K, P>
where
    K: Sink,
    P: Fn() -> F,
    F: Future<Output = Result<T>>,
    T: PartialEq,
{
    /// Writes what the target takes.
    async fn write(&self, batch: &[Write<K::Record>]) -> Result<Vec<Option<TargetId>>> {
        let mut keys: Vec<_> = batch.iter().map(Write::key).collect();
        keys.sort();
        keys.dedup();
        needs(keys.len() == batch.len(), "the suite needs samples whose keys differ")?;
        let outcomes = self.sink.write(batch).await?;
        promise(outcomes.len() == batch.len(), "each record of a batch has exactly one outcome")?;
        let ids = batch.iter().zip(outcomes).map(|(write, outcome)| match outcome {
            Outcome::Applied { target_id, .. } => Ok(target_id),
            Outcome::Rejected(reason) => {
                let words = format!("a good record is applied, not rejected as `{reason}`: {}", write.key());
                Err(broken(words))
            }
        });
        ids.collect()
    }

    /// After a crash between write and commit the batch comes again as it was, later with the ids that it got.
    async fn repeats(&self) -> Result<()> {
        let empty = (self.probe)().await?;
        let batch = self.samples.writes(0..FEW);
        let ids = self.write(&batch).await?;
        let state = (self.probe)().await?;
        promise(state != empty, "what was applied is in the target when the call returns")?;
        promise(self.write(&batch).await? == ids, "the same batch again has the same outcomes")?;
        promise((self.probe)().await? == state, "the same batch again changes nothing")?;

        let part = self.samples.writes((1..FEW).step_by(2));
        let part_ids: Vec<_> = ids.iter().skip(1).step_by(2).cloned().collect();
        promise(self.write(&part).await? == part_ids, "a part of a batch again has the same outcomes")?;
        promise((self.probe)().await? == state, "a part of a batch again changes nothing")?;

        let mut backwards = self.samples.writes((0..FEW).rev());
        for (write, id) in backwards.iter_mut().zip(ids.iter().rev()) {
            if let Write::Upsert { previous, .. } = write {
                *previous = id.clone();
            }
        }
        let backwards_ids: Vec<_> = ids.into_iter().rev().collect();
        promise(self.write(&backwards).await? == backwards_ids, "outcomes come in the order of the batch")?;
        promise((self.probe)().await? == state, "a record again with its previous id changes nothing")
    }

    /// A record that changed replaces what was there.
    async fn change(&self) -> Result<()> {
        let before = (self.probe)().await?;
        let (key, _) = (self.samples.make)(0);
        let (_, other) = (self.samples.make)(1);
        self.write(&[upsert((key, other), None)]).await?;
        promise((self.probe)().await? != before, "a changed record changes the target")?;
        self.write(&self.samples.writes([0])).await?;
        promise((self.probe)().await? == before, "a record that changed back leaves nothing behind")
    }

    /// A write that was given up on comes again as a whole.
    async fn interruptions(&self) -> Result<()> {
        for polls in 1..=DROPS {
            let numbers = FEW * (polls + 1)..FEW * (polls + 2);
            let batch = self.samples.writes(numbers);
            let done = dropped_at(polls, self.sink.write(&batch)).await.is_some();
            let ids = self.write(&batch).await?;
            let state = (self.probe)().await?;
            promise(
                self.write(&batch).await? == ids,
                "a batch after an interrupted one is a batch as any other",
            )?;
            promise((self.probe)().await? == state, "a batch after an interrupted one is written once")?;
            if done {
                break;
            }
        }
        Ok(())
    }

    /// The refused record stops only itself, wherever it stands; or the batch, so that a flow halves it.
    async fn refusal(&self) -> Result<()> {
        let Some(refused) = &self.samples.refused else { return Ok(()) };
        let good = [FRESH, FRESH + 1];
        let mut batch = self.samples.writes(good);
        batch.insert(1, upsert(refused(), None));
        let outcomes = match self.sink.write(&batch).await {
            Err(error) if error.kind().is_about_records() => return self.halving(&batch, &good).await,
            outcomes => outcomes.map_err(|error| {
                let words = "a refused record fails the call only as `Invalid`, `NotFound` or `Conflict`";
                broken(words).with_source(error)
            })?,
        };
        let applied: Vec<_> =
            outcomes.iter().map(|outcome| matches!(outcome, Outcome::Applied { .. })).collect();
        promise(applied.len() == 3, "each record of a batch has exactly one outcome")?;
        promise(
            applied.get(1) == Some(&false),
            "a record that the target refuses is rejected, in its place",
        )?;
        promise(applied == [true, false, true], "a refused record stops only itself")?;
        let state = (self.probe)().await?;
        self.write(&self.samples.writes(good)).await?;
        promise((self.probe)().await? == state, "the good records beside a refused one were applied")
    }

    /// Where a batch is refused as a whole, its good records alone are taken, and the refused one alone is not.
    async fn halving(&self, batch: &[Write<K::Record>], good: &[usize]) -> Result<()> {
        self.write(&self.samples.writes(good.iter().copied())).await?;
        let state = (self.probe)().await?;
        let alone = self.sink.write(batch.get(1..2).unwrap_or_default()).await;
        let refused = match &alone {
            Ok(outcomes) => matches!(outcomes.as_slice(), [Outcome::Rejected(_)]),
            Err(error) => error.kind().is_about_records(),
        };
        promise(refused, "a record for which its batch was refused is refused alone too")?;
        promise((self.probe)().await? == state, "a refused record changes nothing")
    }

    async fn large_batch(&self) -> Result<()> {
        let size = self.samples.large.unwrap_or_else(|| self.sink.preferred_batch().saturating_add(1));
        // none of them has come before
        let numbers = FRESH * 2..size.saturating_add(FRESH * 2);
        let batch = self.samples.writes(numbers.clone());
        self.write(&batch).await?;
        let state = (self.probe)().await?;
        self.write(&self.samples.writes(numbers.last())).await?;
        promise((self.probe)().await? == state, "of a large batch the last record is applied too")?;
        self.write(&batch).await?;
        promise((self.probe)().await? == state, "a large batch again changes nothing")
    }

    async fn removals(&self) -> Result<()> {
        let id = self.write(&self.samples.writes([0])).await?.into_iter().next().flatten();
        let there = (self.probe)().await?;
        let remove =
            |n: usize, previous: Option<TargetId>| Write::Remove { key: (self.samples.make)(n).0, previous };
        self.write(&[remove(0, id.clone())]).await?;
        let gone = (self.probe)().await?;
        promise(gone != there, "a removal changes the target")?;
        for previous in [id, None] {
            self.write(&[remove(0, previous)]).await?;
            promise((self.probe)().await? == gone, "a removal again changes nothing")?;
        }
        let never = FRESH + 2;
        self.write(&[remove(never, None)]).await?;
        promise((self.probe)().await? == gone, "the removal of what is not there changes nothing")?;
        self.write(&self.samples.writes([0])).await?;
        promise((self.probe)().await? == there, "a record that comes back after its removal is there again")
    }
}

fn upsert<R>((key, record): (Key, R), previous: Option<TargetId>) -> Write<R> {
    Write::Upsert { key, record, previous }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::error::{Error, ErrorKind, Reason};
    use crate::testing::{Faults, FaultySink, MemorySink, lock};

    fn samples() -> SinkSamples<usize> {
        SinkSamples::new(|n| (Key::from(format!("k{n}")), n + 1)).refused(|| (Key::from("refused"), 0))
    }

    #[tokio::test]
    async fn the_fake_keeps_every_promise() {
        for refused in ["refused", "poison"] {
            for sink in [MemorySink::new().batch(20), MemorySink::new().without_removal()] {
                sink.refuse("refused", true);
                sink.poison("poison", true);
                let sink = FaultySink::new(sink, Faults::none());
                let samples = samples().refused(move || (Key::from(refused), 0));
                sink_conformance(&sink, &samples, async || Ok(sink.inner().records())).await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn samples_of_one_key_are_no_use() {
        let sink = MemorySink::new();
        let same = SinkSamples::new(|n| (Key::from("same"), n));
        let error = sink_conformance(&sink, &same, async || Ok(sink.records())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
    }

    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Breach {
        Adds,
        Appends,
        NotYet,
        OutcomesSorted,
        OneOutcome,
        NewIds,
        FirstWins,
        RefusesAll,
        FailsCall,
        TakesAlone,
        ReportsFalsely,
        SaysApplied,
        CutsBatch,
        NoRemoval,
        NotThere,
        EmptyFails,
        HalfDone,
    }

    #[derive(Debug)]
    struct Broken {
        breach: Breach,
        records: Mutex<BTreeMap<Key, usize>>,
        log: Mutex<Vec<Key>>,
        begun: Mutex<Vec<Key>>,
    }

    #[async_trait]
    impl Sink for Broken {
        type Record = usize;

        fn preferred_batch(&self) -> usize {
            10
        }

        async fn write(&self, batch: &[Write<usize>]) -> Result<Vec<Outcome>> {
            let breach = self.breach;
            if breach == Breach::HalfDone {
                let begun = !lock(&self.begun).is_empty();
                if begun {
                    return Ok(batch.iter().map(|_| Outcome::rejected(Reason::new("busy"))).collect());
                }
                lock(&self.begun).extend(batch.iter().map(|write| write.key().clone()));
                tokio::task::yield_now().await;
                lock(&self.begun).clear();
            }
            let mut records = lock(&self.records);
            let mut outcomes = Vec::new();
            if breach == Breach::EmptyFails && batch.is_empty() {
                return Err(Error::invalid("an empty batch"));
            }
            let refused = batch.iter().any(|write| write.key().as_str() == "refused");
            if breach == Breach::FailsCall && refused {
                return Err(Error::transient("refused"));
            }
            if breach == Breach::TakesAlone && refused && batch.len() > 1 {
                return Err(Error::invalid("refused"));
            }
            for (n, write) in batch.iter().enumerate() {
                if (breach == Breach::CutsBatch && n >= 10) || breach == Breach::NotYet {
                    outcomes.push(Outcome::applied());
                    continue;
                }
                let reject = write.key().as_str() == "refused"
                    && !matches!(breach, Breach::SaysApplied | Breach::TakesAlone);
                if reject || (refused && breach == Breach::RefusesAll) {
                    outcomes.push(Outcome::rejected(Reason::new("refused")));
                    continue;
                }
                match write {
                    Write::Upsert { .. } if refused && breach == Breach::ReportsFalsely => {}
                    Write::Upsert { key, record, .. } => {
                        let old = records.get(key).copied();
                        records.insert(
                            key.clone(),
                            match (breach, old) {
                                (Breach::Adds, Some(old)) => old + record,
                                (Breach::FirstWins, Some(old)) => old,
                                _ => *record,
                            },
                        );
                        lock(&self.log).push(key.clone());
                    }
                    Write::Remove { .. } if breach == Breach::NoRemoval => {}
                    Write::Remove { key, .. } => {
                        if records.remove(key).is_none() && breach == Breach::NotThere {
                            outcomes.push(Outcome::rejected(Reason::new("not-found")));
                            continue;
                        }
                    }
                }
                outcomes.push(match breach {
                    Breach::NewIds => Outcome::applied_as(lock(&self.log).len().to_string()),
                    _ => Outcome::applied_as(write.key().as_str()),
                });
            }
            match breach {
                Breach::OutcomesSorted => outcomes.sort_by_key(|outcome| format!("{outcome:?}")),
                Breach::OneOutcome => outcomes.truncate(1),
                _ => {}
            }
            Ok(outcomes)
        }
    }

    #[tokio::test]
    async fn each_broken_promise_is_named() {
        for (breach, words) in [
            (Breach::Adds, "the same batch again changes nothing"),
            (Breach::Appends, "the same batch again changes nothing"),
            (Breach::NotYet, "is in the target when the call returns"),
            (Breach::OutcomesSorted, "in the order of the batch"),
            (Breach::OneOutcome, "exactly one outcome"),
            (Breach::NewIds, "the same batch again has the same outcomes"),
            (Breach::FirstWins, "a changed record changes the target"),
            (Breach::RefusesAll, "stops only itself"),
            (Breach::FailsCall, "fails the call only as"),
            (Breach::TakesAlone, "is refused alone too"),
            (Breach::ReportsFalsely, "beside a refused one were applied"),
            (Breach::SaysApplied, "is rejected, in its place"),
            (Breach::CutsBatch, "the last record is applied too"),
            (Breach::NoRemoval, "a removal changes the target"),
            (Breach::NotThere, "not rejected as `not-found`"),
            (Breach::HalfDone, "not rejected as `busy`"),
            (Breach::EmptyFails, "an empty batch"),
        ] {
            let sink =
                Broken { breach, records: Mutex::default(), log: Mutex::default(), begun: Mutex::default() };
            let probe = async || {
                let log = if breach == Breach::Appends { lock(&sink.log).clone() } else { Vec::new() };
                Ok((lock(&sink.records).clone(), log))
            };
            let error = sink_conformance(&sink, &samples(), probe).await.unwrap_err();
            assert!(error.to_string().contains(words), "{breach:?}: {error}");
        }
    }
}

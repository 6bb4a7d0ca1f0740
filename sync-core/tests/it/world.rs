//! A small world: a source, a mapping with a tick and poison, a sink, a store and a clock.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sync_core::testing::{Faults, FaultyStore, ManualClock, MemorySink, MemorySource};
use sync_core::{
    Counts, Flow, FlowName, FlowSettings, Job, JobEnd, Key, Links, Mapped, Mapper, MemoryStore, Part, Reason,
    Reject, RejectFilter, RetrySettings, RunContext, Store, run_until_done,
};

pub(crate) const TTL: Duration = Duration::from_secs(60);

/// A record of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Good {
    pub(crate) value: i64,
    pub(crate) ticked: bool,
    pub(crate) poison: bool,
}

pub(crate) fn good(value: i64) -> Good {
    Good { value, ticked: true, poison: false }
}

pub(crate) fn unticked(value: i64) -> Good {
    Good { value, ticked: false, poison: false }
}

pub(crate) fn poison(value: i64) -> Good {
    Good { value, ticked: true, poison: true }
}

/// Sends the value of ticked goods.
#[derive(Debug)]
pub(crate) struct Ticked;

impl Mapper<Good> for Ticked {
    type Out = i64;

    fn map(&self, _key: &Key, good: Good, _links: &Links) -> Result<Mapped<i64>, Reason> {
        if good.poison {
            return Err(Reason::new("poison").with_detail("canary"));
        }
        Ok(if good.ticked { Mapped::Send(good.value) } else { Mapped::LeaveOut(Reason::new("not-ticked")) })
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<dyn Store>,
    /// The store without its faults, to look into.
    pub(crate) raw: Arc<dyn Store>,
    pub(crate) source: Arc<MemorySource<Good>>,
    pub(crate) sink: Arc<MemorySink<i64>>,
    pub(crate) batch: usize,
}

pub(crate) fn name() -> FlowName {
    FlowName::new("demo/goods").unwrap()
}

impl World {
    pub(crate) fn new(source: MemorySource<Good>, sink: MemorySink<i64>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        Self {
            clock,
            raw: store.clone(),
            store,
            source: Arc::new(source),
            sink: Arc::new(sink),
            batch: 5_000,
        }
    }

    pub(crate) fn snapshot() -> Self {
        Self::new(MemorySource::snapshot(), MemorySink::new())
    }

    pub(crate) fn with_store_faults(mut self, faults: Faults) -> Self {
        self.store = Arc::new(FaultyStore::new(self.store, faults));
        self
    }

    pub(crate) fn batch(mut self, records: usize) -> Self {
        self.batch = records;
        self
    }

    /// A new instance of the flow, as after a restart.
    pub(crate) fn flow(&self) -> Flow {
        Flow::new(name(), self.source.clone(), Ticked, self.sink.clone(), self.store.clone())
            .with_settings(
                FlowSettings::default().batch(self.batch).lease_ttl(TTL).retry(RetrySettings::none()),
            )
            .with_clock(self.clock.clone())
    }

    /// Runs one cycle, which has to succeed.
    pub(crate) async fn cycle(&self) -> Counts {
        finish(&self.flow()).await
    }

    pub(crate) async fn rejects(&self) -> Vec<Reject> {
        self.raw.rejects(&RejectFilter::all()).await.unwrap()
    }

    pub(crate) async fn reject_codes(&self) -> Vec<(String, String)> {
        self.rejects().await.iter().map(|r| (r.key.to_string(), r.reason.code().to_owned())).collect()
    }

    /// The number in the stored position, of a token source.
    pub(crate) async fn position(&self) -> usize {
        let state = self.raw.read_page(&Part::whole(&name()), Default::default()).await.unwrap();
        let Some(position) = state.position else { return 0 };
        let position: serde_json::Value = serde_json::from_str(&position).unwrap();
        position["cursor"].as_u64().map_or(0, |n| usize::try_from(n).unwrap())
    }

    pub(crate) fn holds(&self) -> BTreeMap<String, i64> {
        self.sink.records().into_iter().map(|(key, value)| (key.to_string(), value)).collect()
    }
}

pub(crate) fn holding(entries: &[(&str, i64)]) -> BTreeMap<String, i64> {
    entries.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect()
}

/// Runs a job until nothing is left; it has to succeed.
pub(crate) async fn finish(job: &dyn Job) -> Counts {
    let report = run_until_done(job, &RunContext::default()).await;
    assert!(matches!(report.end, JobEnd::Done), "{report:?}");
    report.counts
}

/// What was read, sent, unchanged, left out, rejected.
pub(crate) fn five(counts: Counts) -> [u64; 5] {
    [counts.fetched, counts.applied, counts.unchanged, counts.left_out, counts.rejected]
}

/// Polls a future so many times and drops it: a crash at that await. Tells its result if it got that far.
pub(crate) fn crash_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return Some(done);
        }
    }
    None
}

//! What was told of alerts, kept over a restart: otherwise what is still amiss would be told anew, and what got well meanwhile would
//! never be told to be over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sync_core::watchdog::{Watch, Watchdog};
use sync_core::{
    Acquired, FlowName, Holder, Job, PageCommit, PageQuery, Part, Result, RunContext, Store, Tally,
};
use tokio::sync::Mutex;

/// How long nobody else may write while one process does.
const TURN: Duration = Duration::from_secs(30);

/// The watch of each sink, by the sink's name, in the tenant's store beside its flows. Of several processes each keeps what its own
/// sinks were told; who starts goes on from what was kept last.
pub(super) struct Watches {
    store: Arc<dyn Store>,
    part: Part,
    kept: BTreeMap<String, Watch>,
}

impl Watches {
    pub(super) async fn of(store: Arc<dyn Store>, tenant: &str) -> Result<Self> {
        let part = Part::whole(&FlowName::new(format!("{tenant}/watchdog"))?);
        let position = store.read_page(&part, PageQuery::default()).await?.position;
        let kept = position.map(|kept| serde_json::from_str(&kept)).transpose().unwrap_or_else(|error| {
            tracing::warn!(flow = %part.flow(), %error, "what was told cannot be read, so it is told again");
            None
        });
        Ok(Self { store, part, kept: kept.unwrap_or_default() })
    }

    /// What the sink of this name was told.
    pub(super) fn watch(&self, sink: &str) -> Watch {
        self.kept.get(sink).cloned().unwrap_or_default()
    }

    /// A watchdog that keeps what it tells. The sinks' names are in the order in which it was given them.
    pub(super) fn kept_by(self, watchdog: Arc<Watchdog>, sinks: Vec<String>) -> Watching {
        let Self { store, part, kept } = self;
        Watching { watchdog, sinks, store, part, holder: Holder::unique(), kept: Mutex::new(kept) }
    }
}

/// Checks, tells, and keeps what was told. A process that dies between telling and keeping tells it again.
#[derive(Debug)]
pub(super) struct Watching {
    watchdog: Arc<Watchdog>,
    sinks: Vec<String>,
    store: Arc<dyn Store>,
    part: Part,
    holder: Holder,
    kept: Mutex<BTreeMap<String, Watch>>,
}

impl Watching {
    pub(super) fn watchdog(&self) -> Arc<Watchdog> {
        Arc::clone(&self.watchdog)
    }

    /// Whether it was this process's turn.
    async fn keep(&self, told: &BTreeMap<String, Watch>) -> Result<bool> {
        let acquired = self.store.acquire(self.part.flow(), &self.holder, TURN).await?;
        let Acquired::Granted(lease) = acquired else { return Ok(false) };
        let revision = self.store.read_page(&self.part, PageQuery::default()).await?.revision;
        let position = serde_json::to_string(told)
            .map_err(|error| sync_core::Error::bug("what was told cannot be written").with_source(error))?;
        self.store.commit(&self.part, &lease, PageCommit::new(revision, position)).await?;
        self.store.give_back(&lease).await?;
        Ok(true)
    }
}

#[async_trait]
impl Job for Watching {
    fn name(&self) -> &str {
        self.watchdog.name()
    }

    async fn step(&self, run: &RunContext) -> Result<Tally> {
        let tally = self.watchdog.step(run).await?;
        let told: BTreeMap<String, Watch> =
            self.sinks.iter().cloned().zip(self.watchdog.watches().await).collect();
        let mut kept = self.kept.lock().await;
        if *kept != told {
            match self.keep(&told).await {
                Ok(true) => *kept = told,
                // the next check tries again
                Ok(false) => {}
                Err(error) => tracing::error!(flow = %self.part.flow(), %error, "what was told is not kept"),
            }
        }
        Ok(tally)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex as Lock;

    use chrono::DateTime;
    use sync_core::testing::ManualClock;
    use sync_core::watchdog::{AlertSink, Change, FlowPolicy, Freshness, Notice, Policy};
    use sync_core::{CancellationToken, Clock, MemoryStore, Silent};

    use super::*;

    #[derive(Debug, Default)]
    struct Reader(Lock<Vec<Change>>);

    #[async_trait]
    impl AlertSink for Reader {
        async fn tell(&self, notices: &[Notice]) -> Result<()> {
            self.0.lock().unwrap().extend(notices.iter().map(|notice| notice.change));
            Ok(())
        }
    }

    /// A process that checks once by this policy, and dies.
    async fn checks(store: &Arc<dyn Store>, policy: &Policy, reader: &Arc<Reader>) {
        let watches = Watches::of(Arc::clone(store), "shop").await.unwrap();
        let watchdog = Watchdog::new(Arc::clone(store), policy.clone());
        let watchdog = watchdog.tell(Arc::clone(reader), watches.watch("reader"));
        let watching = watches.kept_by(Arc::new(watchdog), vec!["reader".to_owned()]);
        watching.step(&RunContext::new(CancellationToken::new(), Arc::new(Silent))).await.unwrap();
    }

    #[tokio::test]
    async fn what_was_told_is_not_told_again_after_a_restart_and_is_over_once_it_is_well() {
        let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH + chrono::TimeDelta::days(1)));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        let reader = Arc::new(Reader::default());
        let fresh = Freshness::within(Duration::from_secs(60));
        let late = Policy::default().flow(FlowPolicy::new(
            FlowName::new("shop/stock").unwrap(),
            fresh,
            clock.now() - chrono::TimeDelta::hours(1),
        ));
        let well = Policy::default();
        for policy in [&late, &late, &well, &well] {
            checks(&store, policy, &reader).await;
            clock.advance(Duration::from_secs(20 * 60));
        }
        assert_eq!(*reader.0.lock().unwrap(), [Change::Raised, Change::Cleared]);
    }
}

//! The act lane: claim, look up what is in doubt, submit, settle.

use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use futures::StreamExt;
use futures::stream;

use crate::clock::{Clock, SystemClock};
use crate::error::{Error, ErrorKind, Reason, Result};
use crate::job::{Counts, Job, RunContext, StepEnd, Tally};
use crate::name::{ActKind, FlowName, Holder};
use crate::store::{Claim, ClaimRequest, ClaimTask, Settlement, Store};
use crate::submitter::{Submission, Submitter};

/// Carries out the acts of the outbox.
///
/// Each step claims due acts of its kinds (never two of one order key), works on them at the same time and settles
/// each. An act in doubt, or one whose claim lapsed because its holder died, is looked up before anything else happens
/// to it. What was not sent is tried again without end; what is held waits for [`Store::release`].
///
/// Any number of dispatchers may work on one store. A step counts claims: an act that is looked up and then submitted
/// again is counted twice.
pub struct Dispatcher {
    name: FlowName,
    kinds: Vec<ActKind>,
    submitter: Arc<dyn Submitter>,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    holder: Holder,
    settings: DispatchSettings,
}

impl Dispatcher {
    /// Carries out acts of these kinds.
    #[must_use]
    pub fn new(
        name: FlowName,
        kinds: impl IntoIterator<Item = ActKind>,
        submitter: impl Submitter + 'static,
        store: Arc<dyn Store>,
    ) -> Self {
        Self {
            name,
            kinds: kinds.into_iter().collect(),
            submitter: Arc::new(submitter),
            store,
            clock: Arc::new(SystemClock),
            holder: Holder::unique(),
            settings: DispatchSettings::default(),
        }
    }

    /// The kinds of acts that it carries out.
    #[must_use]
    pub fn kinds(&self) -> &[ActKind] {
        &self.kinds
    }

    /// With these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: DispatchSettings) -> Self {
        self.settings = settings;
        self
    }

    /// Times the extension of its claims by this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// `asked` is when the claim was asked for.
    async fn handle(&self, claim: Claim, asked: DateTime<Utc>, run: &RunContext) -> Result<Counts> {
        let settled = self.under_claim(&claim, asked, self.attempt(&claim)).await;
        let mut counts = Counts { fetched: 1, ..Counts::default() };
        let settlement = match settled {
            Ok(settlement) => settlement,
            Err(error) => {
                // the claim is gone, so what was under way is in doubt and belongs to the next holder
                tracing::warn!(job = %self.name, op_key = %claim.act.op_key, %error, "claim lost");
                counts.in_doubt += 1;
                return Ok(counts);
            }
        };
        match &settlement {
            Settlement::Done(_) => counts.applied += 1,
            Settlement::Rejected(_) => counts.rejected += 1,
            Settlement::InDoubt { .. } | Settlement::Manual(_) => counts.in_doubt += 1,
            Settlement::Again { .. } | Settlement::Held(_) => counts.postponed += 1,
        }
        let settled_as = settlement.state();
        let state = settled_as.as_str();
        let (job, op_key, attempt) = (&self.name, &claim.act.op_key, claim.act.attempt);
        match settlement.reason().map(Reason::code) {
            None => tracing::info!(%job, %op_key, attempt, state, "act settled"),
            // it needs somebody's attention, or will if it stays so
            Some(reason) => tracing::warn!(%job, %op_key, attempt, state, reason, "act not carried out"),
        }
        match self.store.settle(&claim, settlement).await {
            Ok(()) => {
                run.observer.act_settled(self.name.as_str(), &claim.act.kind, settled_as);
                Ok(counts)
            }
            Err(error) if error.kind() == ErrorKind::LeaseLost => {
                tracing::warn!(job = %self.name, op_key = %claim.act.op_key, %error, "settled by somebody else");
                Ok(Counts { fetched: 1, in_doubt: 1, ..Counts::default() })
            }
            Err(error) => Err(error),
        }
    }

    async fn attempt(&self, claim: &Claim) -> Settlement {
        match claim.task {
            ClaimTask::Submit => self.after_submit(claim, self.submitter.submit(&claim.act).await),
            ClaimTask::LookUp { misses } => self.look_up(claim, misses).await,
        }
    }

    fn after_submit(&self, claim: &Claim, submission: Submission) -> Settlement {
        match submission {
            Submission::Done(created) => Settlement::Done(created),
            Submission::Refused(reason) => Settlement::Rejected(reason),
            Submission::Held(reason) => Settlement::Held(reason),
            Submission::InDoubt(error) => Settlement::InDoubt {
                after: self.settings.visibility_lag,
                misses: 0,
                reason: Reason::from(error),
            },
            Submission::NotSent(error) => {
                let floor = match error.kind() {
                    ErrorKind::Throttled { after: Some(after) } => after,
                    _ => Duration::ZERO,
                };
                let after = self.settings.retry_delay(claim.act.attempt).max(floor);
                Settlement::Again { after, reason: Reason::from(error) }
            }
        }
    }

    async fn look_up(&self, claim: &Claim, misses: u32) -> Settlement {
        let settings = &self.settings;
        match self.submitter.look_up(&claim.act).await {
            Ok(Some(created)) => Settlement::Done(created),
            Ok(None) => {
                let misses = misses.saturating_add(1);
                let reason = Reason::new("not-found-yet");
                if misses >= settings.lookups {
                    return Settlement::Again {
                        after: Duration::ZERO,
                        reason: Reason::new("surely-not-there"),
                    };
                }
                Settlement::InDoubt { after: settings.lookup_spacing, misses, reason }
            }
            Err(error) if matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::Config) => {
                Settlement::Manual(Reason::from(error))
            }
            // nothing was learned, so the misses stay as they are
            Err(error) => {
                Settlement::InDoubt { after: settings.lookup_spacing, misses, reason: Reason::from(error) }
            }
        }
    }

    /// Does the work while extending the claim; ends early if the claim is lost. The work stands still from the moment the
    /// claim may have lapsed until it is known to be extended: a process that was paused may come back to an act that
    /// somebody else has looked up and submitted by now.
    async fn under_claim<T>(
        &self,
        claim: &Claim,
        asked: DateTime<Utc>,
        work: impl Future<Output = T>,
    ) -> Result<T> {
        let ttl = self.settings.claim_ttl;
        let after = |instant: DateTime<Utc>, span: Duration| {
            let span = TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX);
            instant.checked_add_signed(span).unwrap_or(DateTime::<Utc>::MAX_UTC)
        };
        let mut work = pin!(work);
        let (mut until, mut next) = (after(asked, ttl), after(asked, ttl / 3));
        loop {
            let now = self.clock.now();
            if now < next {
                tokio::select! {
                    biased;
                    // first, so that nothing more is sent once the claim may be lost
                    () = self.clock.sleep((next - now).to_std().unwrap_or_default()) => {}
                    done = work.as_mut() => return Ok(done),
                }
            }
            let asked = self.clock.now();
            let is_ours = asked < until;
            let patience = if is_ours { (until - asked).to_std().unwrap_or_default() } else { ttl / 3 };
            let extended = tokio::select! {
                biased;
                extended = self.store.extend(claim, ttl) => extended,
                () = self.clock.sleep(patience) => Err(Error::new(ErrorKind::Store, "the store does not answer")),
                done = work.as_mut(), if is_ours => return Ok(done),
            };
            match extended {
                // not from now on: the answer may have taken long
                Ok(()) => (until, next) = (after(asked, ttl), after(asked, ttl / 3)),
                Err(error) if error.kind() == ErrorKind::LeaseLost => return Err(error),
                // somebody else may look the act up by now, so nothing more is sent
                Err(error) if self.clock.now() >= until => {
                    return Err(Error::new(ErrorKind::LeaseLost, "the claim could not be extended in time")
                        .with_source(error));
                }
                Err(error) => {
                    tracing::warn!(job = %self.name, %error, "claim not extended, trying again");
                    next = until.min(after(self.clock.now(), ttl / 3));
                }
            }
        }
    }
}

#[async_trait]
impl Job for Dispatcher {
    fn name(&self) -> &str {
        self.name.as_str()
    }

    #[tracing::instrument(level = "debug", skip_all, fields(job = %self.name, run_id = %run.run_id))]
    async fn step(&self, run: &RunContext) -> Result<Tally> {
        let settings = &self.settings;
        let concurrency = settings.concurrency.max(1);
        // only as many as can be worked on at once: a claim that waits its turn would lapse
        let request =
            ClaimRequest::new(self.kinds.clone(), self.holder.clone(), settings.claim_ttl, concurrency)
                .with_visibility_lag(settings.visibility_lag);
        let asked = self.clock.now();
        let claims = self.store.claim(&request).await?;
        if claims.is_empty() {
            return Ok(Tally::new(Counts::default(), StepEnd::End));
        }
        let mut results =
            stream::iter(claims).map(|claim| self.handle(claim, asked, run)).buffer_unordered(concurrency);
        let mut total = Counts { pages: 1, ..Counts::default() };
        let mut failed = None;
        // all of them are finished before a failure is told
        while let Some(result) = results.next().await {
            match result {
                Ok(counts) => total += counts,
                Err(error) => {
                    tracing::warn!(job = %self.name, %error, "an act could not be settled, its claim lapses");
                    failed = Some(error);
                }
            }
        }
        run.observer.page(self.name.as_str(), &total);
        // with the error, the counts of what was settled would be lost
        if let Some(error) = failed.filter(|_| total.fetched == 0) {
            return Err(error);
        }
        total.check()?;
        Ok(Tally::new(total, StepEnd::More))
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatcher")
            .field("name", &self.name.as_str())
            .field("kinds", &self.kinds)
            .field("submitter", &self.submitter)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Dispatcher`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DispatchSettings {
    /// How long a claim lasts without being extended; it is extended every third of it. An act whose dispatcher died is
    /// looked up after that. Longer than one call to the target may take. 2 min by default.
    pub claim_ttl: Duration,
    /// How many acts are worked on at the same time. 4 by default.
    pub concurrency: usize,
    /// How long the target may take to show what it has done. An act in doubt is looked up after it. 30 s by default.
    pub visibility_lag: Duration,
    /// How many look-ups must not find an act before it is submitted again. 2 by default.
    pub lookups: u32,
    /// Time between look-ups: at least the target's own limit for a request. 2 min by default.
    pub lookup_spacing: Duration,
    /// Wait after the first attempt that was not sent; doubles with each attempt. 5 s by default.
    pub retry_base: Duration,
    /// The longest such wait. 15 min by default.
    pub retry_cap: Duration,
}

impl Default for DispatchSettings {
    fn default() -> Self {
        Self {
            claim_ttl: Duration::from_secs(120),
            concurrency: 4,
            visibility_lag: Duration::from_secs(30),
            lookups: 2,
            lookup_spacing: Duration::from_secs(120),
            retry_base: Duration::from_secs(5),
            retry_cap: Duration::from_secs(15 * 60),
        }
    }
}

impl DispatchSettings {
    /// With this claim TTL.
    #[must_use]
    pub fn claim_ttl(mut self, ttl: Duration) -> Self {
        self.claim_ttl = ttl;
        self
    }

    /// With so many acts at the same time.
    #[must_use]
    pub fn concurrency(mut self, acts: usize) -> Self {
        self.concurrency = acts;
        self
    }

    /// With this visibility lag.
    #[must_use]
    pub fn visibility_lag(mut self, lag: Duration) -> Self {
        self.visibility_lag = lag;
        self
    }

    /// With so many look-ups, spaced so.
    #[must_use]
    pub fn lookups(mut self, count: u32, spacing: Duration) -> Self {
        self.lookups = count;
        self.lookup_spacing = spacing;
        self
    }

    /// With waits from `base`, doubling up to `cap`.
    #[must_use]
    pub fn retry(mut self, base: Duration, cap: Duration) -> Self {
        self.retry_base = base;
        self.retry_cap = cap;
        self
    }

    fn retry_delay(&self, attempt: u32) -> Duration {
        let factor = 1u32.checked_shl(attempt.saturating_sub(1).min(30)).unwrap_or(u32::MAX);
        self.retry_base.saturating_mul(factor).min(self.retry_cap)
    }
}

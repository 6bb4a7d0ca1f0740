//! Hints from outside: "look at this record".

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::Result;
use crate::flow::UNKEYED;
use crate::name::{FlowName, Key, Part};
use crate::store::Store;

/// The name of one message that a system sent to an endpoint. Sent again, it has the same name and does nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Delivery {
    /// Where it was received.
    pub endpoint: String,
    /// The message's id, unique within the endpoint.
    pub id: String,
}

impl Delivery {
    /// Deliveries are known for at least so long: [`Store::prune`] never forgets younger ones. A message that is repeated
    /// after that costs one look-up. 35 days.
    pub const KEPT: Duration = Duration::from_secs(35 * 86_400);

    /// The longest id, in bytes, that is kept as it is; of a longer one its hash.
    const LONGEST: usize = 255;

    /// Message `id` of this endpoint.
    #[must_use]
    pub fn new(endpoint: impl Into<String>, id: impl Into<String>) -> Self {
        let (endpoint, mut id) = (endpoint.into(), id.into());
        if id.len() > Self::LONGEST {
            id = hash(&[&id]);
        }
        Self { endpoint, id }
    }

    /// A message without an id: all about one record within one minute count as one. What changes a second time after the
    /// look-up and within the same minute is found by the poll alone, so a sender that can give ids should.
    #[must_use]
    pub fn without_id(endpoint: impl Into<String>, entity: &str, id: &str, received: DateTime<Utc>) -> Self {
        let minute = received.timestamp().div_euclid(60).to_string();
        Self { endpoint: endpoint.into(), id: hash(&[entity, id, &minute]) }
    }
}

fn hash(texts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// A record that is to be looked up. Deliveries about one record are one hint.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hint {
    /// The record.
    pub key: Key,
    /// Rises with each delivery, so that a look-up settles only those it knew of.
    pub number: u64,
    /// How many look-ups since the last delivery have found nothing new.
    pub attempts: u32,
    /// When the last delivery came.
    pub hinted_at: DateTime<Utc>,
}

impl Hint {
    /// Hint `number` of this record: for stores.
    #[must_use]
    pub fn new(key: Key, number: u64, attempts: u32, hinted_at: DateTime<Utc>) -> Self {
        Self { key, number, attempts, hinted_at }
    }
}

/// How a look-up settles a hint, unless a delivery came meanwhile: that one stays.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HintSettled {
    /// The record.
    pub key: Key,
    /// The hint's number as it was read.
    pub number: u64,
    /// It is looked up again at the earliest after this time, with one attempt more; `None` takes it out.
    pub again: Option<Duration>,
}

impl HintSettled {
    /// The hint is taken out.
    #[must_use]
    pub fn done(hint: &Hint) -> Self {
        Self { key: hint.key.clone(), number: hint.number, again: None }
    }

    /// The hint is looked up again after this time.
    #[must_use]
    pub fn again(hint: &Hint, after: Duration) -> Self {
        Self { again: Some(after), ..Self::done(hint) }
    }
}

/// What became of a delivery. Each is answered with success: sent again, none would fare better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HintOutcome {
    /// It is kept, and its record will be looked up.
    New,
    /// It came before.
    Duplicate,
    /// It is about nothing that a flow reads.
    Unknown,
}

/// What waits for a flow's next step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// Live rejects, due or not.
    pub rejects: u64,
    /// Hints that are due.
    pub hints: u64,
    /// When the next hint is due, or has been since.
    pub next_hint_at: Option<DateTime<Utc>>,
}

impl Waiting {
    /// So many rejects, and no hint: for stores.
    #[must_use]
    pub fn new(rejects: u64) -> Self {
        Self { rejects, ..Self::default() }
    }

    /// With so many hints due, and the instant of the first.
    #[must_use]
    pub fn with_hints(mut self, due: u64, next: Option<DateTime<Utc>>) -> Self {
        (self.hints, self.next_hint_at) = (due, next);
        self
    }
}

type Keys = Box<dyn Fn(&str) -> Vec<(String, Key)> + Send + Sync>;
type Wake = Box<dyn Fn(&FlowName) + Send + Sync>;

/// Takes hints in: it knows which flow reads what, keeps each delivery once, and wakes the flow.
///
/// A hint's content is never used: its flow looks the record up as it is then, and writes what it finds as it would with its
/// next cycle. So hints may come late, twice, in any order or not at all; they save time and nothing else. Whoever may
/// reach the endpoint can make the flow look up: verify the sender first.
///
/// Where the flow works in the same process, wake it: its [`Runner`](crate::Runner) then looks the record up at once, and
/// again when [its settings](crate::FlowSettings::hints_again) say so. Where it works in another process it takes up the
/// hint with its next run there, at its next tick or wake.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use sync_core::{Class, Delivery, FlowName, HintOutcome, Inbox, Job, JobPlan, Key, MemoryStore, Runner, Schedule};
/// # use sync_core::testing::{MemorySink, MemorySource};
/// # use sync_core::{Flow, Links, Mapped, Mapper, Reason, Result, RunContext};
/// # #[derive(Debug)]
/// # struct AsItIs;
/// # impl Mapper<i64> for AsItIs {
/// #     type Out = i64;
/// #     fn map(&self, _: &Key, stock: i64, _: &Links) -> Result<Mapped<i64>, Reason> { Ok(Mapped::Send(stock)) }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let store = Arc::new(MemoryStore::new());
/// let name = FlowName::new("demo/goods")?;
/// # let (source, mapper, sink) = (MemorySource::token(), AsItIs, MemorySink::new());
/// let goods: Arc<dyn Job> = Arc::new(Flow::new(name.clone(), source, mapper, sink, store.clone()));
/// let hourly = JobPlan::new(Schedule::every(Duration::from_secs(3600))?, Class::Regular);
/// let mut runner = Runner::new([(goods, hourly)])?;
///
/// let handle = runner.handle();
/// let inbox = Inbox::new(store)
///     .route("Towar", name, |id| Key::from(id))
///     .waking(move |flow| {
///         // an error: the runner has no such job, which works elsewhere
///         handle.wake(flow.as_str()).ok();
///     });
/// let delivery = Delivery::new("erp", "msg_1");
/// assert_eq!(inbox.receive(&delivery, "Towar", "17").await?, HintOutcome::New);
/// assert_eq!(inbox.receive(&delivery, "Towar", "17").await?, HintOutcome::Duplicate);
/// assert_eq!(inbox.receive(&Delivery::new("erp", "msg_2"), "Zadanie", "1").await?, HintOutcome::Unknown);
/// # runner.run_due(&RunContext::default()).await;
/// # Ok(())
/// # }
/// ```
pub struct Inbox {
    store: Arc<dyn Store>,
    routes: BTreeMap<String, Vec<(FlowName, Keys)>>,
    wake: Wake,
    counts: [AtomicU64; 3],
}

impl Inbox {
    /// Knows no entity yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, routes: BTreeMap::new(), wake: Box::new(|_| {}), counts: Default::default() }
    }

    /// Hints about `entity` are for this flow; `key` makes its key of the id. Several flows may read one entity.
    #[must_use]
    pub fn route(
        self,
        entity: impl Into<String>,
        flow: FlowName,
        key: impl Fn(&str) -> Key + Send + Sync + 'static,
    ) -> Self {
        self.route_to_parts(entity, flow, move |id| vec![(String::new(), key(id))])
    }

    /// Hints about `entity` are for these parts of a flow [over parts](crate::Flow::over_parts); none: for no part. A hint
    /// for a part that the flow does not list is never looked up, until it is [pruned](Store::prune).
    #[must_use]
    pub fn route_to_parts(
        mut self,
        entity: impl Into<String>,
        flow: FlowName,
        keys: impl Fn(&str) -> Vec<(String, Key)> + Send + Sync + 'static,
    ) -> Self {
        self.routes.entry(entity.into()).or_default().push((flow, Box::new(keys)));
        self
    }

    /// Calls this for each flow that a new hint is for, once the hint is durable. It only wakes: it must not wait.
    #[must_use]
    pub fn waking(mut self, wake: impl Fn(&FlowName) + Send + Sync + 'static) -> Self {
        self.wake = Box::new(wake);
        self
    }

    /// Takes in a hint about record `id` of `entity`. It is durable when this returns: answer the sender after that.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store): nothing is kept, the sender should try again.
    pub async fn receive(&self, delivery: &Delivery, entity: &str, id: &str) -> Result<HintOutcome> {
        let mut hints: Vec<(Part, Key)> = Vec::new();
        for (flow, keys) in self.routes.get(entity).into_iter().flatten() {
            // no record has such a key, so no source is asked for it
            let fits = |key: &Key| key.as_str().len() <= Key::LONGEST && !key.as_str().starts_with(UNKEYED);
            let of_flow = keys(id).into_iter().filter(|(_, key)| fits(key));
            hints.extend(of_flow.map(|(part, key)| (Part::named(flow, part), key)));
        }
        hints.sort();
        hints.dedup();
        let outcome = match hints.is_empty() {
            true => HintOutcome::Unknown,
            false => self.store.put_hints(delivery, &hints).await?,
        };
        self.counter(outcome).fetch_add(1, Ordering::Relaxed);
        if outcome == HintOutcome::New {
            let mut flows: Vec<&FlowName> = hints.iter().map(|(part, _)| part.flow()).collect();
            flows.dedup();
            flows.into_iter().for_each(|flow| (self.wake)(flow));
        }
        Ok(outcome)
    }

    /// How many deliveries had this outcome since the inbox was made.
    #[must_use]
    pub fn count(&self, outcome: HintOutcome) -> u64 {
        self.counter(outcome).load(Ordering::Relaxed)
    }

    fn counter(&self, outcome: HintOutcome) -> &AtomicU64 {
        let [new, duplicate, unknown] = &self.counts;
        match outcome {
            HintOutcome::New => new,
            HintOutcome::Duplicate => duplicate,
            HintOutcome::Unknown => unknown,
        }
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("entities", &self.routes.keys()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_without_an_id_are_one_per_record_and_minute() {
        let id = |entity, id, second| {
            Delivery::without_id("erp", entity, id, DateTime::from_timestamp(second, 0).unwrap()).id
        };
        assert_eq!(id("Towar", "1", 60), id("Towar", "1", 119));
        for other in [id("Towar", "1", 120), id("Towar", "2", 60), id("Towa", "r1", 60)] {
            assert_ne!(id("Towar", "1", 60), other);
        }
    }

    #[test]
    fn an_id_too_long_for_a_table_is_hashed_whole() {
        let long = |end| Delivery::new("erp", format!("{}{end}", "x".repeat(5_000)));
        assert_eq!(long("a"), long("a"));
        assert_ne!(long("a"), long("b"));
        assert!(long("a").id.len() < 100);
        assert_eq!(Delivery::new("erp", "msg_1").id, "msg_1");
    }
}

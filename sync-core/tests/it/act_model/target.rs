//! The target: it makes a document at each submit, loses answers, shows documents late, and knows what may not be.

use std::collections::BTreeMap;
use std::fmt;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sync_core::testing::ManualClock;
use sync_core::{
    Act, ActFilter, Clock, Created, Error, ErrorKind, OpKey, Reason, Result, Store, Submission, Submitter,
};
use uuid::Uuid;

use super::play::{LAG, LOOKUPS, SPACING};
use crate::model::play::Dice;

/// How the target reacts to a submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reaction {
    Create,
    CreateThenLose,
    CreateThenHang,
    /// The request is still under way when the caller has given up.
    CreateLater,
    FailUnclear,
    Hang,
    NotSent,
    Refuse,
    Hold,
}

const TROUBLE: [Reaction; 8] = [
    Reaction::CreateThenLose,
    Reaction::CreateThenHang,
    Reaction::CreateLater,
    Reaction::FailUnclear,
    Reaction::Hang,
    Reaction::NotSent,
    Reaction::Refuse,
    Reaction::Hold,
];

/// How look-ups go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookUps {
    Work,
    Fail,
    Unsupported,
}

#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) op_key: OpKey,
    pub(crate) guid: Uuid,
    pub(crate) payload: String,
    /// Look-ups see it from then on.
    shows_at: DateTime<Utc>,
}

/// What happened to one act in the target's eyes.
#[derive(Debug, Clone)]
enum Event {
    Submit {
        attempt: u32,
        at: DateTime<Utc>,
        payload: String,
        /// It surely made nothing, and said so.
        clear: bool,
    },
    Miss(DateTime<Utc>),
    /// A person has seen whether the target has it.
    Released,
    /// It was taken out of the outbox.
    Dropped,
}

/// How often something was met, over many worlds.
#[derive(Debug, Default)]
pub(crate) struct Met {
    reactions: BTreeMap<Reaction, u64>,
    pub(crate) found: u64,
    pub(crate) missed: u64,
    pub(crate) resubmitted: u64,
    pub(crate) replaced: u64,
    pub(crate) dropped: u64,
    pub(crate) refused_change: u64,
    pub(crate) claims_lost: u64,
    pub(crate) manual: u64,
    pub(crate) resolved: u64,
    /// By kind of act, how many documents were made, edited and cancelled.
    kinds: BTreeMap<String, u64>,
}

impl Met {
    pub(crate) fn add(&mut self, other: &Self) {
        for (reaction, times) in &other.reactions {
            *self.reactions.entry(*reaction).or_default() += times;
        }
        self.found += other.found;
        self.missed += other.missed;
        self.resubmitted += other.resubmitted;
        self.replaced += other.replaced;
        self.dropped += other.dropped;
        self.refused_change += other.refused_change;
        self.claims_lost += other.claims_lost;
        self.manual += other.manual;
        self.resolved += other.resolved;
        for (kind, times) in &other.kinds {
            *self.kinds.entry(kind.clone()).or_default() += times;
        }
    }

    pub(crate) fn is_everything(&self) -> bool {
        let others = [
            self.found,
            self.missed,
            self.resubmitted,
            self.replaced,
            self.dropped,
            self.refused_change,
            self.claims_lost,
            self.manual,
            self.resolved,
        ];
        self.kinds.len() == 3
            && self.reactions.len() == TROUBLE.len() + 1
            && others.iter().all(|times| *times > 0)
    }
}

pub(crate) struct State {
    dice: Dice,
    /// From now on everything goes well.
    pub(crate) calm: bool,
    pub(crate) look_ups: LookUps,
    pub(crate) documents: Vec<Document>,
    /// Requests that arrive later.
    under_way: Vec<(DateTime<Utc>, Document)>,
    log: BTreeMap<OpKey, Vec<Event>>,
    guids: BTreeMap<Uuid, OpKey>,
    pub(crate) violations: Vec<String>,
    pub(crate) met: Met,
}

pub(crate) struct Target {
    clock: Arc<ManualClock>,
    /// The store without its faults.
    raw: Arc<dyn Store>,
    state: Mutex<State>,
}

impl Target {
    pub(crate) fn new(seed: u64, clock: Arc<ManualClock>, raw: Arc<dyn Store>) -> Self {
        let state = State {
            dice: Dice::new(!seed),
            calm: false,
            look_ups: LookUps::Work,
            documents: Vec::new(),
            under_way: Vec::new(),
            log: BTreeMap::new(),
            guids: BTreeMap::new(),
            violations: Vec::new(),
            met: Met::default(),
        };
        Self { clock, raw, state: Mutex::new(state) }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What was under way arrives in time.
    pub(crate) fn arrivals(&self) {
        let (now, mut state) = (self.clock.now(), self.state());
        let (arrived, still) =
            std::mem::take(&mut state.under_way).into_iter().partition(|(at, _)| *at <= now);
        state.under_way = still;
        let arrived: Vec<(DateTime<Utc>, Document)> = arrived;
        arrived.into_iter().for_each(|(_, document)| state.make(document));
    }

    /// L14: no earlier act of the order key is open, and none that was enqueued later is at work.
    async fn check_order(&self, act: &Act) {
        let acts = self.raw.acts(&ActFilter::open()).await.unwrap();
        let of_key = acts.iter().filter(|other| other.act.order_key == act.order_key);
        let first = of_key.map(|other| &other.act.op_key).next();
        if first != Some(&act.op_key) {
            let wrong =
                format!("L14: {} was submitted while {first:?} of its order key comes first", act.op_key);
            self.state().violations.push(wrong);
        }
    }
}

impl State {
    fn make(&mut self, document: Document) {
        if self.documents.iter().any(|other| other.op_key == document.op_key) {
            self.violations.push(format!("L13: a second document of {}", document.op_key));
        }
        self.documents.push(document);
    }

    /// Whether the target has it or will have it.
    pub(crate) fn has(&self, op_key: &OpKey) -> usize {
        let under_way = self.under_way.iter().map(|(_, document)| document);
        self.documents.iter().chain(under_way).filter(|document| document.op_key == *op_key).count()
    }

    /// Whether a request for it is under way, so that nobody can know yet.
    pub(crate) fn comes(&self, op_key: &OpKey) -> bool {
        self.under_way.iter().any(|(_, document)| document.op_key == *op_key)
    }

    pub(crate) fn released(&mut self, op_key: &OpKey) {
        self.log.entry(op_key.clone()).or_default().push(Event::Released);
    }

    /// The outbox let go of a request: only what surely was not carried out may be changed or dropped.
    pub(crate) fn gone(&mut self, op_key: &OpKey, is_dropped: bool) {
        let log = self.log.entry(op_key.clone()).or_default();
        let unclear = matches!(
            log.iter().rev().find(|event| matches!(event, Event::Submit { .. } | Event::Released)),
            Some(Event::Submit { clear: false, .. })
        );
        if is_dropped {
            log.push(Event::Dropped);
            self.met.dropped += 1;
        } else {
            self.met.replaced += 1;
        }
        if unclear || self.has(op_key) > 0 {
            self.violations.push(format!("{op_key} was changed or dropped although it may have happened"));
        }
    }

    /// The laws of a submit, before it does anything.
    fn submitted(&mut self, act: &Act, at: DateTime<Utc>) {
        *self.met.kinds.entry(act.kind.to_string()).or_default() += 1;
        let known = self.guids.entry(act.guid).or_insert_with(|| act.op_key.clone());
        let mut wrong = Vec::new();
        for needed in &act.after {
            if !self.documents.iter().any(|document| document.op_key == needed.op_key) {
                wrong.push(format!("A6: {} was submitted before {}", act.op_key, needed.op_key));
            }
        }
        if act.version > 0 && act.document_id.is_none() {
            wrong.push(format!("{} is about no document", act.op_key));
        }
        if *known != act.op_key {
            wrong.push(format!("L15: {known} and {} have one guid", act.op_key));
        }
        let log = self.log.entry(act.op_key.clone()).or_default();
        let start = log.iter().rposition(|event| matches!(event, Event::Dropped)).map_or(0, |at| at + 1);
        let since = &log[start..];
        let last = since.iter().rposition(|event| matches!(event, Event::Submit { .. }));
        let (before, after) = since.split_at(last.map_or(0, |at| at + 1));
        let misses: Vec<_> = after
            .iter()
            .filter_map(|event| if let Event::Miss(at) = event { Some(*at) } else { None })
            .collect();
        let is_released = after.iter().any(|event| matches!(event, Event::Released));
        let is_looked_up = misses.len() >= LOOKUPS as usize
            && misses
                .last()
                .zip(misses.first())
                .is_some_and(|(last, first)| *last - *first >= to_delta(SPACING));
        if let Some(Event::Submit { attempt, at: sent_at, payload, clear }) = before.last() {
            let waited = misses.first().is_none_or(|first| *first - *sent_at >= to_delta(LAG));
            let may_come_again = *clear || is_released || (is_looked_up && waited);
            if !may_come_again {
                wrong.push(format!(
                    "L13: {} was submitted again from in doubt without look-ups: {since:?}",
                    act.op_key
                ));
            }
            if !clear && *payload != act.payload.as_json() {
                wrong.push(format!("{} was submitted again with another request", act.op_key));
            }
            if act.attempt <= *attempt {
                wrong.push(format!("{}: attempt {} came after {attempt}", act.op_key, act.attempt));
            }
            if act.attempt > attempt + 1 && !is_looked_up && !is_released {
                wrong.push(format!("I7: a lapsed claim of {} was followed by a submit", act.op_key));
            }
            self.met.resubmitted += u64::from(!clear);
        } else if act.attempt > 1 && !is_looked_up && !is_released {
            wrong.push(format!("I7: a lapsed claim of {} was followed by its first submit", act.op_key));
        }
        let count = |wanted: fn(&Event) -> bool| since.iter().filter(|event| wanted(event)).count();
        let submits = count(|event| matches!(event, Event::Submit { .. }));
        let budget = count(|event| matches!(event, Event::Submit { clear: true, .. }))
            + count(|event| matches!(event, Event::Miss(_))) / LOOKUPS as usize
            + count(|event| matches!(event, Event::Released));
        if submits > budget {
            wrong.push(format!("L23: submit {} of {} with a budget of {budget}", submits + 1, act.op_key));
        }
        let payload = act.payload.as_json().to_owned();
        log.push(Event::Submit { attempt: act.attempt, at, payload, clear: false });
        self.violations.extend(wrong);
    }

    fn is_clear(&mut self, op_key: &OpKey) {
        let log = self.log.entry(op_key.clone()).or_default();
        if let Some(Event::Submit { clear, .. }) =
            log.iter_mut().rev().find(|event| matches!(event, Event::Submit { .. }))
        {
            *clear = true;
        }
    }

    fn react(&mut self, act: &Act) -> Reaction {
        let reaction =
            if self.calm || self.dice.below(3) == 0 { Reaction::Create } else { self.dice.pick(&TROUBLE) };
        let reaction = match reaction {
            Reaction::Hold if act.released.is_some() => Reaction::Create,
            other => other,
        };
        *self.met.reactions.entry(reaction).or_default() += 1;
        reaction
    }
}

fn to_delta(span: Duration) -> chrono::TimeDelta {
    chrono::TimeDelta::from_std(span).unwrap()
}

pub(crate) fn created(op_key: &OpKey) -> Created {
    Created::new(format!("doc-{op_key}"))
}

fn lost() -> Submission {
    Submission::InDoubt(Error::new(ErrorKind::Ambiguous, "the answer was lost"))
}

#[async_trait]
impl Submitter for Target {
    async fn submit(&self, act: &Act) -> Submission {
        self.check_order(act).await;
        self.state().submitted(act, self.clock.now());
        // a price is asked for, and the caller may die or sleep meanwhile
        tokio::task::yield_now().await;
        self.check_order(act).await;
        let (reaction, answer) = {
            let (now, mut state) = (self.clock.now(), self.state());
            let reaction = state.react(act);
            let late = Duration::from_millis(state.dice.below(1 + LAG.as_millis() as u64));
            let payload = act.payload.as_json().to_owned();
            let document = Document {
                op_key: act.op_key.clone(),
                guid: act.guid,
                payload,
                shows_at: now + if state.calm { Duration::ZERO } else { late },
            };
            match reaction {
                Reaction::Create | Reaction::CreateThenLose | Reaction::CreateThenHang => {
                    state.make(document)
                }
                Reaction::CreateLater => {
                    let document = Document { shows_at: now, ..document };
                    state.under_way.push((now + late, document));
                }
                Reaction::NotSent | Reaction::Refuse | Reaction::Hold => state.is_clear(&act.op_key),
                Reaction::FailUnclear | Reaction::Hang => {}
            }
            let answer = match reaction {
                Reaction::Create => Submission::Done(created(&act.op_key)),
                Reaction::NotSent => Submission::NotSent(Error::transient("not connected")),
                Reaction::Refuse => Submission::Refused(Reason::new("refused")),
                Reaction::Hold => Submission::Held(Reason::new("needs-approval")),
                _ => lost(),
            };
            (reaction, answer)
        };
        if matches!(reaction, Reaction::Hang | Reaction::CreateThenHang) {
            pending::<()>().await;
        }
        tokio::task::yield_now().await;
        answer
    }

    async fn look_up(&self, act: &Act) -> Result<Option<Created>> {
        tokio::task::yield_now().await;
        let answer = {
            let (now, mut state) = (self.clock.now(), self.state());
            match state.look_ups {
                LookUps::Fail => Err(Error::transient("not connected")),
                LookUps::Unsupported => Err(Error::new(ErrorKind::Unsupported, "no look-up")),
                LookUps::Work => {
                    let found = state.documents.iter().any(|document| {
                        document.guid == act.guid
                            && document.payload == act.payload.as_json()
                            && document.shows_at <= now
                    });
                    if found {
                        state.met.found += 1;
                    } else {
                        state.met.missed += 1;
                        state.log.entry(act.op_key.clone()).or_default().push(Event::Miss(now));
                    }
                    Ok(found.then(|| created(&act.op_key)))
                }
            }
        };
        tokio::task::yield_now().await;
        answer
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Target")
    }
}

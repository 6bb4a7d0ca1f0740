//! The watchdog over generated histories: at every instant it says what a reading of the history itself says.
//!
//! The history happens in a real store, whose facts are gathered as in production. What should be said is judged from the
//! history alone, by definitions that share nothing with the watchdog: ticks are counted minute by minute on a wall clock.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Europe::Warsaw;
use proptest::prelude::*;
use serde_json::json;
use sync_core::testing::ManualClock;
use sync_core::watchdog::{
    Alert, AlertKind, Facts, FlowPolicy, Freshness, JobLimits, OutboxPolicy, Policy, check,
};
use sync_core::{
    Acquired, ActChange, ActState, Claim, ClaimRequest, Class, Created, ErrorKind, Fingerprint, FlowName,
    Holder, JobFacts, Key, MemoryStore, NewAct, NewReject, PageCommit, Part, Pause, Reason, RejectFilter,
    RejectStage, Schedule, Settlement, Store, Window,
};

const YEAR: Duration = Duration::from_secs(365 * 86_400);

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn later(instant: DateTime<Utc>, by: u64) -> DateTime<Utc> {
    instant + TimeDelta::from_std(minutes(by)).unwrap()
}

/// What can happen. Numbers are minutes unless they count.
#[derive(Debug, Clone)]
enum Event {
    Begin,
    /// A page in the middle of a cycle, which has read up to so long ago, of a source whose clock is ahead.
    Page {
        behind: u64,
        ahead: u64,
        rejects: u64,
    },
    /// The page that completes a cycle and ends the run.
    Complete,
    Fail(ErrorKind),
    CureRejects,
    Hold,
    Approve,
    Enqueue,
    /// The dispatcher claims what is due.
    Claim,
    /// One claimed act is settled so; the number says which.
    Settle(usize, ActState),
    Release(usize),
    Prune,
}

fn event() -> impl Strategy<Value = Event> {
    let kind = prop::sample::select(vec![
        ErrorKind::Transient,
        ErrorKind::Store,
        ErrorKind::Auth,
        ErrorKind::WentBack,
        ErrorKind::Throttled { after: None },
    ]);
    let state = prop::sample::select(vec![
        ActState::Done,
        ActState::Ready,
        ActState::InDoubt,
        ActState::Held,
        ActState::Manual,
        ActState::Rejected,
    ]);
    prop_oneof![
        4 => Just(Event::Begin),
        3 => (0u64..120, prop_oneof![3 => Just(0u64), 1 => 0u64..10], prop_oneof![2 => Just(0u64), 1 => 0u64..4])
            .prop_map(|(behind, ahead, rejects)| Event::Page { behind, ahead, rejects }),
        4 => Just(Event::Complete),
        3 => kind.prop_map(Event::Fail),
        1 => Just(Event::CureRejects),
        1 => Just(Event::Hold),
        1 => Just(Event::Approve),
        3 => Just(Event::Enqueue),
        3 => Just(Event::Claim),
        6 => (any::<usize>(), state).prop_map(|(which, state)| Event::Settle(which, state)),
        2 => any::<usize>().prop_map(Event::Release),
        1 => Just(Event::Prune),
    ]
}

/// A flow "shop/stock" and the outbox of "shop/out", as they live through a history.
struct World {
    clock: Arc<ManualClock>,
    store: MemoryStore,
    began: DateTime<Utc>,
    job: JobFacts,
    held: Option<DateTime<Utc>>,
    next_key: u64,
    claims: BTreeMap<String, Claim>,
    log: Log,
}

/// The states of an act, with the instants since when.
type States = Vec<(DateTime<Utc>, ActState)>;

/// The history, as it is judged.
#[derive(Default)]
struct Log {
    /// All ticks so far.
    ticks: Vec<DateTime<Utc>>,
    runs: Vec<(DateTime<Utc>, Run)>,
    rejects: Vec<DateTime<Utc>>,
    held: bool,
    /// Of each act: when it came, and what became of it.
    acts: BTreeMap<String, (DateTime<Utc>, States)>,
    pruned: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Run {
    Begin,
    Page {
        read_up_to: DateTime<Utc>,
        ahead: u64,
    },
    /// Something else was committed, outside of a cycle.
    Note,
    Complete,
    Fail(ErrorKind),
}

const FRESH_GRACE: u64 = 5;
const FIRST_LOAD: u64 = 400;
const REJECTS: u64 = 5;
const REJECTS_AGE: u64 = 45;
const LAG: u64 = 60;
const SKEW: u64 = 4;
const STUCK: u64 = 20;
const FAILURES: u32 = 3;
const WAITING: u64 = 30;
const IN_DOUBT: u64 = 50;
const MANUAL: u64 = 0;
const HELD: u64 = 40;
const REJECTED: u64 = 15;

fn flow() -> FlowName {
    FlowName::new("shop/stock").unwrap()
}

/// Every ten minutes from six to ten at night, both included, by Warsaw's clock.
fn is_tick(instant: DateTime<Utc>) -> bool {
    let shown = instant.with_timezone(&Warsaw);
    let of_day = 60 * shown.hour() + shown.minute();
    (360..=1320).contains(&of_day) && of_day.is_multiple_of(10)
}

impl World {
    fn new(began: DateTime<Utc>) -> Self {
        let clock = Arc::new(ManualClock::at(began));
        let store = MemoryStore::new().with_clock(clock.clone());
        let job = JobFacts::new(flow().as_str(), Class::Stock);
        let (log, claims) = (Log::default(), BTreeMap::new());
        Self { clock, store, began, job, held: None, next_key: 0, claims, log }
    }

    fn policy(&self) -> Policy {
        let ten = Schedule::every(minutes(10)).unwrap().within(Window::hours(6, 22).unwrap()).unwrap();
        let job = JobLimits::new(minutes(STUCK), FAILURES);
        let stock = FlowPolicy::new(flow(), Freshness::scheduled(ten, minutes(FRESH_GRACE)), self.began)
            .first_load(minutes(FIRST_LOAD))
            .rejects(REJECTS, minutes(REJECTS_AGE))
            .lag(minutes(LAG))
            .clock_skew(minutes(SKEW))
            .job(job);
        let out = OutboxPolicy::new("shop/out")
            .waiting(minutes(WAITING))
            .in_doubt(minutes(IN_DOUBT))
            .people(minutes(MANUAL), minutes(HELD))
            .rejected(minutes(REJECTED));
        Policy::default().flow(stock).outbox(out)
    }

    async fn alerts(&self) -> Vec<Alert> {
        let policy = self.policy();
        let facts = Facts::gather(&self.store, &policy).await.unwrap().with_jobs(vec![self.job.clone()]);
        check(self.store.now().await.unwrap(), &facts, &policy)
    }

    /// Commits a page of the flow at this position.
    async fn commit(
        &mut self,
        flow: &FlowName,
        position: serde_json::Value,
        change: impl FnOnce(&mut PageCommit),
    ) {
        let part = Part::whole(flow);
        let Acquired::Granted(lease) = self.store.acquire(flow, &Holder::from("test"), YEAR).await.unwrap()
        else {
            panic!("the lease is free");
        };
        let revision = self.store.read_page(&part, Default::default()).await.unwrap().revision;
        let mut page = PageCommit::new(revision, position.to_string());
        change(&mut page);
        self.store.commit(&part, &lease, page).await.unwrap();
    }

    fn position(&self, read_up_to: Option<DateTime<Utc>>, ahead: u64) -> serde_json::Value {
        let now = sync_core::Clock::now(&*self.clock);
        let cursor = read_up_to.map_or(
            json!({"mark": now}),
            |at| json!({"mark": now, "cycle": {"upper": now, "at": {"instant": at}}}),
        );
        let held = self.held.map(|since| {
            json!({"token": "t", "since": since, "removals": 1, "emptyings": 2, "rejects": 0, "of": 9})
        });
        json!({"format": 2, "kind": "keyset", "source": "s", "as_of": later(now, ahead), "cursor": cursor, "held": held})
    }

    async fn happens(&mut self, event: &Event) {
        let now = sync_core::Clock::now(&*self.clock);
        match event {
            Event::Begin if self.job.running_since.is_none() => {
                self.job.running_since = Some(now);
                self.job.last_attempt_at = Some(now);
                self.log.runs.push((now, Run::Begin));
            }
            Event::Begin => {}
            Event::Page { behind, ahead, rejects } => {
                let read_up_to = now - TimeDelta::from_std(minutes(*behind)).unwrap();
                let keys: Vec<_> = (self.next_key..self.next_key + rejects).collect();
                self.next_key += rejects;
                self.log.rejects.extend(keys.iter().map(|_| now));
                let reject = |key: u64| {
                    NewReject::new(Key::from(key.to_string()), RejectStage::Map, Reason::new("other-type"))
                };
                let position = self.position(Some(read_up_to), *ahead);
                self.commit(&flow(), position, |page| page.rejects.extend(keys.into_iter().map(reject)))
                    .await;
                self.job.last_progress_at = Some(now);
                self.log.runs.push((now, Run::Page { read_up_to, ahead: *ahead }));
            }
            Event::Complete => {
                let position = self.position(None, 0);
                self.commit(&flow(), position, |page| page.completed = true).await;
                let begun = self.job.last_attempt_at;
                self.job = JobFacts::new(flow().as_str(), Class::Stock);
                self.job.last_attempt_at = begun;
                self.log.runs.push((now, Run::Complete));
            }
            Event::Fail(kind) => {
                self.job.running_since = None;
                self.job.consecutive_failures += 1;
                self.job.failing_since.get_or_insert(now);
                self.job.last_error = Some(*kind);
                self.job.paused = match kind {
                    ErrorKind::Auth => Some(Pause::Auth { until: later(now, 15) }),
                    ErrorKind::Throttled { .. } => Some(Pause::Throttled { until: later(now, 15) }),
                    _ => None,
                };
                self.log.runs.push((now, Run::Fail(*kind)));
            }
            Event::CureRejects => {
                self.store.drop_rejects(&RejectFilter::all()).await.unwrap();
                self.log.rejects.clear();
            }
            Event::Hold | Event::Approve => {
                self.held = matches!(event, Event::Hold).then_some(now);
                let position = self.position(None, 0);
                self.commit(&flow(), position, |_| {}).await;
                self.log.held = self.held.is_some();
                self.log.runs.push((now, Run::Note));
            }
            Event::Enqueue => {
                let op_key = format!("order:{}", self.next_key);
                self.next_key += 1;
                let act =
                    NewAct::new(op_key.as_str(), op_key.as_str(), "order", "payload", "payload").unwrap();
                let change = ActChange::Enqueue { act, fingerprint: Fingerprint::of("v").unwrap() };
                let orders = FlowName::new("shop/orders").unwrap();
                let key = Key::from(op_key.as_str());
                self.commit(&orders, json!({}), |page| page.acts.push((key, change))).await;
                self.log.acts.insert(op_key, (now, vec![(now, ActState::Ready)]));
            }
            Event::Claim => {
                let request = ClaimRequest::new(vec!["order".into()], Holder::from("test"), YEAR, 99);
                for claim in self.store.claim(&request).await.unwrap() {
                    self.claims.insert(claim.act.op_key.to_string(), claim);
                }
            }
            Event::Settle(which, state) => self.settle(*which, *state, now).await,
            Event::Release(which) => {
                let wait = [ActState::Held, ActState::Manual];
                let waiting: Vec<_> = self
                    .log
                    .acts
                    .iter()
                    .filter(|(_, (_, states))| wait.contains(&states.last().unwrap().1))
                    .collect();
                if !waiting.is_empty() {
                    let op_key = waiting[which % waiting.len()].0.clone();
                    self.store.release(&op_key.as_str().into(), "somebody", "looked").await.unwrap();
                    let (came, states) = self.log.acts.get_mut(&op_key).unwrap();
                    *came = now;
                    states.push((now, ActState::Ready));
                }
            }
            Event::Prune => {
                self.store.prune(Duration::ZERO).await.unwrap();
                let settled =
                    self.log.acts.iter().filter(|(_, (_, states))| states.last().unwrap().1.is_settled());
                self.log.pruned.extend(settled.map(|(op_key, _)| op_key.clone()));
            }
        }
    }

    async fn settle(&mut self, which: usize, state: ActState, now: DateTime<Utc>) {
        if self.claims.is_empty() {
            return;
        }
        let op_key = self.claims.keys().nth(which % self.claims.len()).unwrap().clone();
        let claim = self.claims.remove(&op_key).unwrap();
        let reason = Reason::new("period-closed").with_detail("CANARY");
        let after = Duration::ZERO;
        let settlement = match state {
            ActState::Done => Settlement::Done(Created::new("1")),
            ActState::Ready => Settlement::Again { after, reason },
            ActState::InDoubt => Settlement::InDoubt { after, misses: 0, reason },
            ActState::Held => Settlement::Held(reason),
            ActState::Manual => Settlement::Manual(reason),
            _ => Settlement::Rejected(reason),
        };
        self.store.settle(&claim, settlement).await.unwrap();
        self.log.acts.get_mut(&op_key).unwrap().1.push((now, state));
    }
}

/// A code, whose it is, and how much of it there is.
type Said = BTreeSet<(&'static str, &'static str, u64)>;

impl Log {
    /// What should be said now, by the history.
    fn expected(&self, began: DateTime<Utc>, now: DateTime<Utc>) -> Said {
        let mut said = Said::new();
        self.freshness(began, now, &mut said);
        self.rejects_and_brake(now, &mut said);
        self.cycle_under_way(now, &mut said);
        self.job(now, &mut said);
        self.outbox(now, &mut said);
        said
    }

    /// When what was fresh then is too old, if that is by `now`.
    fn too_old(&self, from: DateTime<Utc>, now: DateTime<Utc>) -> Option<u64> {
        let after = self.ticks.partition_point(|tick| *tick <= from);
        let ticks = &self.ticks[after..self.ticks.partition_point(|tick| *tick <= now)];
        let second = ticks.get(1)?;
        (later(*second, FRESH_GRACE) <= now).then_some(ticks.len() as u64)
    }

    fn freshness(&self, began: DateTime<Utc>, now: DateTime<Utc>, said: &mut Said) {
        let last =
            |wanted: fn(&Run) -> bool| self.runs.iter().rev().find(|(_, run)| wanted(run)).map(|(at, _)| *at);
        let ok = last(|run| matches!(run, Run::Complete));
        let committed = last(|run| matches!(run, Run::Complete | Run::Page { .. } | Run::Note));
        match (ok, committed) {
            (Some(ok), _) => said.extend(self.too_old(ok, now).map(|missed| ("late", "", missed))),
            (None, None) => said.extend(self.too_old(began, now).map(|_| ("never-ran", "", 0))),
            (None, Some(committed)) => {
                let loading = self.too_old(committed, now).is_none() && now < later(began, FIRST_LOAD);
                said.extend(self.too_old(began, now).filter(|_| !loading).map(|_| ("never-ran", "", 0)));
            }
        }
    }

    fn rejects_and_brake(&self, now: DateTime<Utc>, said: &mut Said) {
        let count = self.rejects.len() as u64;
        if count > REJECTS || self.rejects.iter().any(|at| later(*at, REJECTS_AGE) <= now) {
            said.insert(("degraded", "", count));
        }
        if self.held {
            said.insert(("brake-held", "", 3));
        }
    }

    fn cycle_under_way(&self, now: DateTime<Utc>, said: &mut Said) {
        let commits = |run: &Run| matches!(run, Run::Complete | Run::Page { .. } | Run::Note);
        let Some((_, Run::Page { read_up_to, ahead })) = self.runs.iter().rev().find(|(_, run)| commits(run))
        else {
            return;
        };
        if self.runs.iter().any(|(_, run)| *run == Run::Complete) && later(*read_up_to, LAG) <= now {
            said.insert(("lagging", "", 0));
        }
        if *ahead >= SKEW {
            said.insert(("clock-skew", "", *ahead));
        }
    }

    fn job(&self, now: DateTime<Utc>, said: &mut Said) {
        let ended = |run: &Run| matches!(run, Run::Complete | Run::Fail(_));
        let since_end = self.runs.iter().rposition(|(_, run)| ended(run)).map_or(0, |at| at + 1);
        let open = &self.runs[since_end..];
        if let Some(begin) = open.iter().position(|(_, run)| *run == Run::Begin) {
            let moved = |run: &Run| matches!(run, Run::Begin | Run::Page { .. });
            let last = open[begin..].iter().rev().find(|(_, run)| moved(run)).unwrap().0;
            if later(last, STUCK) <= now {
                said.insert(("stuck", "", 0));
            }
        }
        let since_ok = self.runs.iter().rposition(|(_, run)| *run == Run::Complete).map_or(0, |at| at + 1);
        let failures: Vec<_> = self.runs[since_ok..]
            .iter()
            .filter_map(|(_, run)| if let Run::Fail(kind) = run { Some(*kind) } else { None })
            .collect();
        match failures.last() {
            Some(ErrorKind::Auth) => said.insert(("auth-dead", "", 0)),
            Some(ErrorKind::WentBack) => said.insert(("failing", "", failures.len() as u64)),
            Some(_) if failures.len() >= 3 => said.insert(("failing", "", failures.len() as u64)),
            _ => false,
        };
    }

    fn outbox(&self, now: DateTime<Utc>, said: &mut Said) {
        let mut limit = |code, state: ActState, minutes, from_start: bool| {
            let acts: Vec<_> = self
                .acts
                .iter()
                .filter(|(op_key, (_, states))| {
                    states.last().unwrap().1 == state && !self.pruned.contains(*op_key)
                })
                .map(|(_, (came, states))| if from_start { *came } else { states.last().unwrap().0 })
                .collect();
            if acts.iter().any(|since| later(*since, minutes) <= now) {
                said.insert((code, "order", acts.len() as u64));
            }
        };
        limit("acts-waiting", ActState::Ready, WAITING, true);
        limit("in-doubt-aged", ActState::InDoubt, IN_DOUBT, true);
        limit("manual-waiting", ActState::Manual, MANUAL, false);
        limit("held-acts", ActState::Held, HELD, false);
        limit("acts-rejected", ActState::Rejected, REJECTED, false);
    }
}

fn said(alerts: &[Alert]) -> Said {
    let of = |alert: &Alert| {
        let amount = match &alert.kind {
            AlertKind::Late { missed, .. } => *missed,
            AlertKind::Failing { count, .. } => u64::from(*count),
            AlertKind::Degraded { rejects } => *rejects,
            AlertKind::BrakeHeld { held, .. } => *held,
            AlertKind::ClockSkew { by } => u64::try_from(by.num_minutes()).unwrap(),
            AlertKind::ActsRejected { codes } => {
                assert!(codes.keys().eq(["period-closed"]), "{codes:?}");
                codes.values().sum()
            }
            AlertKind::InDoubtAged { count }
            | AlertKind::ManualWaiting { count }
            | AlertKind::HeldActs { count }
            | AlertKind::ActsWaiting { count } => *count,
            _ => 0,
        };
        let part = match (alert.flow.as_str(), alert.part.as_str()) {
            ("shop/stock", "") => "",
            ("shop/out", "order") => "order",
            other => panic!("an alert of {other:?}"),
        };
        (alert.kind.as_str(), part, amount)
    };
    alerts.iter().map(of).collect()
}

fn start() -> impl Strategy<Value = DateTime<Utc>> {
    // an ordinary Saturday, and the nights in which the clock is changed
    let days = ["2026-11-21T08:00:00Z", "2026-10-24T18:00:00Z", "2027-03-27T17:00:00Z"];
    prop::sample::select(days.to_vec()).prop_map(|text| text.parse().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn l22_at_every_instant_it_says_what_the_history_calls_for_and_time_alone_clears_nothing(
        began in start(),
        history in prop::collection::vec((prop_oneof![4 => 0u64..30, 1 => 0u64..900], event()), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(began);
            for (wait, event) in &history {
                // every limit is some whole minute, so the minutes around are looked at, and some in long waits
                let mut before = BTreeSet::new();
                for minute in 0..*wait {
                    world.clock.advance(minutes(1));
                    let now = sync_core::Clock::now(&*world.clock);
                    world.log.ticks.extend(Some(now).filter(|now| is_tick(*now)));
                    if *wait > 30 && minute % 5 != 4 && minute + 1 != *wait {
                        continue;
                    }
                    let alerts = world.alerts().await;
                    prop_assert_eq!(said(&alerts), world.log.expected(began, now), "at {}", now);
                    let codes: BTreeSet<_> = alerts.iter().map(|alert| alert.kind.as_str()).collect();
                    prop_assert!(before.is_subset(&codes), "{:?} then {:?}", before, codes);
                    prop_assert_eq!(alerts.len(), codes.len(), "each code once per flow and part");
                    for alert in &alerts {
                        prop_assert!(alert.since <= now);
                        let shown = format!("{alert} {alert:?}");
                        prop_assert!(!shown.contains("CANARY"), "{}", shown);
                    }
                    before = codes;
                }
                world.happens(event).await;
                let now = sync_core::Clock::now(&*world.clock);
                prop_assert_eq!(said(&world.alerts().await), world.log.expected(began, now), "after {:?}", event);
            }
            Ok(())
        })?;
    }
}

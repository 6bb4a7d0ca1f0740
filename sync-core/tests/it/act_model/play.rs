//! Random operations on orders, two dispatchers, the target and the clock.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use sync_core::testing::{Fault, Faults, FaultyStore, ManualClock, MemorySource};
use sync_core::{
    ActFilter, ActKind, ActState, ActStatus, DispatchSettings, Dispatcher, Flow, FlowName, FlowSettings, Job,
    Key, Links, Mapped, Mapper, MemoryStore, NewAct, OpKey, Reason, RejectFilter, Result, RetrySettings,
    RunContext, Store, Tally, Verdict,
};

use super::laws;
use super::target::{LookUps, Met, Target, created};
use crate::model::play::{Dice, Ran, polled};

pub(crate) const LAG: Duration = Duration::from_secs(10);
pub(crate) const SPACING: Duration = Duration::from_secs(20);
pub(crate) const LOOKUPS: u32 = 2;
const TTL: Duration = Duration::from_secs(30);
const LEASE: Duration = Duration::from_secs(60);
const ROUND: Duration = Duration::from_secs(90);
pub(crate) const WITHDRAWN: &str = "withdrawn";
/// More polls than any step takes.
const ALL: u64 = 10_000;

/// The kinds of acts: those that make a document, edit it and cancel it.
const KINDS: [&str; 3] = ["order", "edit", "cancel"];

/// What the target of a world offers beside making documents, and what orders wait for.
#[derive(Debug, Clone, Copy)]
struct Orders {
    edits: bool,
    cancels: bool,
    /// Every third order waits for the one before, as for a new client.
    waits: bool,
}

impl Mapper<(String, String)> for Orders {
    type Out = NewAct;

    fn map(&self, key: &Key, order: (String, String), _: &Links) -> Result<Mapped<NewAct>, Reason> {
        let (order_key, business) = order;
        if business == WITHDRAWN {
            return Ok(Mapped::LeaveOut(Reason::new("withdrawn")));
        }
        let mut act = NewAct::new(key.as_str(), order_key, KINDS[0], &business, &business)?;
        if self.edits {
            act = act.with_edits(KINDS[1]);
        }
        if self.cancels {
            act = act.with_cancel(KINDS[2]);
        }
        let number: u32 = key.as_str()[1..].parse().unwrap();
        if self.waits && number % 3 == 1 {
            act = act.after(format!("o{}", number - 1));
        }
        Ok(Mapped::Send(act))
    }
}

type Step = Pin<Box<dyn Future<Output = Result<Tally>>>>;

/// A process with a dispatcher: it may be paused between any two polls, or killed there.
struct Process {
    dispatcher: Arc<Dispatcher>,
    step: Option<Step>,
}

pub(crate) struct Play {
    dice: Dice,
    clock: Arc<ManualClock>,
    raw: Arc<dyn Store>,
    store: Arc<dyn Store>,
    faults: Faults,
    source: Arc<MemorySource<(String, String)>>,
    mapper: Orders,
    orders: BTreeMap<OpKey, (String, String)>,
    /// What a reader of settled acts has been told, and up to which number.
    told: (u64, BTreeMap<OpKey, ActState>),
    target: Arc<Target>,
    processes: [Process; 2],
    pub(crate) trace: Arc<Mutex<Vec<String>>>,
}

impl Play {
    pub(crate) fn new(seed: u64) -> Self {
        let clock = Arc::new(ManualClock::default());
        let raw: Arc<dyn Store> = Arc::new(MemoryStore::new().with_clock(clock.clone()));
        let faults = Faults::none();
        let store: Arc<dyn Store> = Arc::new(FaultyStore::new(raw.clone(), faults.clone()));
        let target = Arc::new(Target::new(seed, clock.clone(), raw.clone()));
        let process = || Process { dispatcher: dispatcher(&clock, &store, &target), step: None };
        let mut dice = Dice::new(seed);
        let mapper =
            Orders { edits: dice.below(2) == 0, cancels: dice.below(2) == 0, waits: dice.below(2) == 0 };
        let trace = Arc::new(Mutex::new(vec![format!("{mapper:?}")]));
        Self {
            dice,
            mapper,
            told: Default::default(),
            processes: [process(), process()],
            source: Arc::new(MemorySource::token()),
            orders: BTreeMap::new(),
            trace,
            clock,
            raw,
            store,
            faults,
            target,
        }
    }

    pub(crate) fn met(&self) -> Met {
        std::mem::take(&mut self.target.state().met)
    }

    fn note(&self, operation: impl Into<String>) {
        self.trace.lock().unwrap().push(operation.into());
    }

    pub(crate) fn operate(&mut self) {
        match self.dice.below(20) {
            0..=2 => self.order(),
            3..=4 => self.change_an_order(),
            5..=9 => {
                let (number, polls) = (self.process(), 1 + self.dice.below(6));
                self.work(number, polls);
            }
            10..=12 => {
                let number = self.process();
                self.work(number, ALL);
            }
            13 => {
                let number = self.process();
                self.kill(number);
            }
            14..=16 => {
                let spans = [Duration::from_secs(3), LAG, SPACING, TTL, Duration::from_secs(300)];
                let span = self.dice.pick(&spans);
                self.advance(span);
            }
            17 => {
                let how =
                    self.dice.pick(&[LookUps::Work, LookUps::Work, LookUps::Fail, LookUps::Unsupported]);
                self.note(format!("look-ups {how:?}"));
                self.target.state().look_ups = how;
            }
            18 => {
                let faults = [Fault::FailBefore, Fault::FailAfter, Fault::HangBefore, Fault::HangAfter];
                let (fault, calls) = (self.dice.pick(&faults), 1 + self.dice.below(4));
                self.note(format!("{fault:?} in {calls} store calls"));
                self.faults.on_call(self.faults.calls() + calls, fault);
            }
            _ => {
                let open = self.acts(&ActFilter::open());
                let waiting: Vec<_> = open
                    .iter()
                    .filter(|act| matches!(act.state, ActState::Held | ActState::Manual))
                    .collect();
                if !waiting.is_empty() {
                    let which = usize::try_from(self.dice.below(waiting.len() as u64)).unwrap();
                    self.release(waiting[which]);
                }
            }
        }
        self.check();
    }

    fn process(&mut self) -> usize {
        usize::try_from(self.dice.below(2)).unwrap()
    }

    fn advance(&mut self, span: Duration) {
        self.note(format!("{span:?} pass"));
        self.clock.advance(span);
        self.target.arrivals();
    }

    fn order(&mut self) {
        if self.orders.len() >= 9 {
            return;
        }
        let op_key = format!("o{}", self.orders.len());
        let order_key = format!("k{}", self.dice.below(3));
        self.put(op_key.into(), (order_key, "v1".to_owned()));
    }

    fn change_an_order(&mut self) {
        if self.orders.is_empty() {
            return;
        }
        let which = usize::try_from(self.dice.below(self.orders.len() as u64)).unwrap();
        let Some((op_key, (order_key, _))) = self.orders.iter().nth(which) else { return };
        let (op_key, order_key) = (op_key.clone(), order_key.clone());
        let business = self.dice.pick(&["v1", "v2", "v3", WITHDRAWN]);
        self.put(op_key, (order_key, business.to_owned()));
    }

    /// An order comes or changes, and the flow may be killed while it takes it over.
    fn put(&mut self, op_key: OpKey, order: (String, String)) {
        let polls = if self.dice.below(3) == 0 { 1 + self.dice.below(20) } else { ALL };
        self.note(format!("{op_key} of {} is {}, the flow makes {polls} polls", order.0, order.1));
        self.source.put(op_key.as_str(), order.clone());
        self.orders.insert(op_key, order);
        self.run_flow(polls);
    }

    fn run_flow(&mut self, polls: u64) {
        let before = self.acts(&ActFilter::all());
        let settings = FlowSettings::default().lease_ttl(LEASE).retry(RetrySettings::none());
        let name = FlowName::new("demo/orders").unwrap();
        let flow = Flow::to_outbox(name, self.source.clone(), self.mapper, self.store.clone())
            .with_settings(settings)
            .with_clock(self.clock.clone());
        let run = RunContext::default();
        // a flow that was killed, or failed, goes on with the next order
        let _ = polled(pin!(flow.step(&run)), polls);
        let after = self.acts(&ActFilter::all());
        for old in &before {
            let new = after.iter().find(|new| new.act.op_key == old.act.op_key);
            match new {
                None => self.target.state().gone(&old.act.op_key, true),
                Some(new) if new.act.payload != old.act.payload => {
                    self.target.state().gone(&old.act.op_key, false);
                }
                Some(_) => {}
            }
        }
    }

    fn work(&mut self, number: usize, polls: u64) {
        let process = &mut self.processes[number];
        let dispatcher = process.dispatcher.clone();
        let started = process.step.is_none();
        let step = process
            .step
            .get_or_insert_with(|| Box::pin(async move { dispatcher.step(&RunContext::default()).await }));
        let ran = polled(pin!(step.as_mut()), polls);
        let said = match &ran {
            Ran::Ready(Ok(tally)) => {
                self.target.state().met.claims_lost += tally.counts.in_doubt;
                format!("ends with {:?}", tally.counts)
            }
            Ran::Ready(Err(error)) => format!("fails with {error}"),
            Ran::UnderWay => format!("is under way after {polls} polls"),
            Ran::Hangs => "hangs".to_owned(),
        };
        if matches!(ran, Ran::Ready(_)) {
            process.step = None;
        }
        if matches!(&ran, Ran::Ready(Ok(tally)) if tally.counts.fetched == 0) {
            return;
        }
        let verb = if started { "begins a step and" } else { "goes on and" };
        self.note(format!("dispatcher {number} {verb} {said}"));
    }

    fn kill(&mut self, number: usize) {
        self.note(format!("dispatcher {number} is killed"));
        let dispatcher = dispatcher(&self.clock, &self.store, &self.target);
        self.processes[number] = Process { dispatcher, step: None };
    }

    /// A person lets an act go: one in doubt only after he has seen that the target does not have it.
    fn release(&self, status: &ActStatus) -> bool {
        let op_key = &status.act.op_key;
        match status.state {
            ActState::Held => {}
            ActState::Rejected if self.is_still_wanted(status) => {}
            ActState::Manual if self.target.state().has(op_key) == 0 => {}
            _ => return false,
        }
        self.note(format!("{op_key} is released"));
        if status.state == ActState::Manual {
            let mut state = self.target.state();
            state.met.manual += 1;
            state.released(op_key);
        }
        self.raw.release(op_key, "Anna", "seen to").now_or_never().unwrap().unwrap();
        true
    }

    /// A refused act that was once in doubt stays as it is when its order changes: a person reads the reject and refrains.
    fn is_still_wanted(&self, status: &ActStatus) -> bool {
        let business = &self.orders[&status.act.document].1;
        let is_cancellation = status.act.kind.as_str() == KINDS[2];
        match business.as_str() {
            WITHDRAWN => is_cancellation,
            _ => status.act.payload.as_json() == format!("\"{business}\""),
        }
    }

    /// A person looks into the target and says what he sees.
    fn resolve(&self, status: &ActStatus) -> bool {
        let op_key = &status.act.op_key;
        let is_open = matches!(status.state, ActState::InDoubt | ActState::Manual);
        if !is_open || self.target.state().comes(op_key) {
            return false;
        }
        let verdict = match self.target.state().has(op_key) {
            0 => Verdict::GivenUp,
            _ => Verdict::Happened(created(op_key)),
        };
        self.note(format!("{op_key} is resolved: {verdict:?}"));
        {
            let mut state = self.target.state();
            state.met.resolved += 1;
            state.released(op_key);
        }
        self.raw.resolve(op_key, &verdict, "Anna", "seen").now_or_never().unwrap().unwrap();
        true
    }

    fn acts(&self, filter: &ActFilter) -> Vec<ActStatus> {
        self.raw.acts(filter).now_or_never().unwrap().unwrap()
    }

    fn check(&mut self) {
        // in parts, as a flow reads it
        let kinds = KINDS.map(ActKind::from);
        let settled = self.raw.settled(&kinds, self.told.0, 2).now_or_never().unwrap().unwrap();
        for (number, status) in settled {
            assert!(number > self.told.0, "A8: {number} after {}", self.told.0);
            self.told.0 = number;
            self.told.1.insert(status.act.op_key, status.state);
        }
        laws::always(&self.acts(&ActFilter::all()), &self.target.state());
    }

    /// Everything goes well from now on; what waits for a person is let go where he can know that it is right.
    pub(crate) fn quiesce(&mut self) {
        self.note("quiet");
        self.faults.clear();
        {
            let mut state = self.target.state();
            state.calm = true;
            state.look_ups = LookUps::Work;
        }
        (0..2).for_each(|number| self.kill(number));
        self.settle_down();
        for _ in 0..60 {
            let seen_to =
                self.acts(&ActFilter::all()).iter().any(|act| self.release(act) || self.resolve(act));
            if !seen_to {
                break;
            }
            self.settle_down();
        }
        // what is still open waits for an order that was withdrawn, or for one that stands behind it in the line
        let open = self.acts(&ActFilter::open());
        for act in &open {
            let in_front =
                |other: &ActStatus| other.act.order_key == act.act.order_key && other.number < act.number;
            let waits = !act.waits_for_acts.is_empty() || open.iter().any(in_front);
            assert!(waits, "{} is left behind: {open:?}", act.act.op_key);
        }
    }

    /// Lets time pass until nothing changes any more: no wait in this world is as long as a round.
    fn settle_down(&mut self) {
        let (mut quiet, mut before) = (0, Vec::new());
        for round in 0..200 {
            self.advance(ROUND);
            self.run_flow(ALL);
            self.work(round % 2, ALL);
            self.check();
            let now = self.acts(&ActFilter::all());
            quiet = if now == before { quiet + 1 } else { 0 };
            before = now;
            if quiet == 2 {
                // the reader of settled acts reads on to their end
                (0..settled_pages(&before)).for_each(|_| self.check());
                for act in before.iter().filter(|act| act.state.is_settled()) {
                    assert_eq!(self.told.1.get(&act.act.op_key), Some(&act.state), "A8: {}", act.act.op_key);
                }
                return self.check_end();
            }
        }
        panic!("it does not come to rest");
    }

    fn check_end(&self) {
        let rejects = self.raw.rejects(&RejectFilter::all()).now_or_never().unwrap().unwrap();
        let mut state = self.target.state();
        let changed = |reject: &&_| {
            let reject: &sync_core::Reject = reject;
            [Reason::CHANGED_AFTER_TRANSFER, Reason::WITHDRAWN_AFTER_TRANSFER].contains(&reject.reason.code())
        };
        state.met.refused_change += rejects.iter().filter(changed).count() as u64;
        laws::in_the_end(&self.orders, &self.acts(&ActFilter::all()), &rejects, &state);
    }
}

/// So many pages of two are enough for all that was ever settled anew.
fn settled_pages(acts: &[ActStatus]) -> usize {
    acts.len() + 1
}

fn dispatcher(clock: &Arc<ManualClock>, store: &Arc<dyn Store>, target: &Arc<Target>) -> Arc<Dispatcher> {
    let settings = DispatchSettings::default()
        .claim_ttl(TTL)
        .concurrency(2)
        .visibility_lag(LAG)
        .lookups(LOOKUPS, SPACING)
        .retry(Duration::from_secs(5), Duration::from_secs(60));
    let name = FlowName::new("demo/orders-out").unwrap();
    let dispatcher = Dispatcher::new(name, KINDS.map(ActKind::from), target.clone(), store.clone());
    Arc::new(dispatcher.with_settings(settings).with_clock(clock.clone()))
}

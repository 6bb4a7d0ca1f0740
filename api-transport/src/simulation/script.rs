//! The script of faults, the counters, and the handles by which a test waits for a held call.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::fault::{Fault, FaultKind};

/// How many arrivals are remembered.
const ARRIVALS: usize = 100_000;

type Hook = Arc<dyn Fn() + Send + Sync>;

/// A script of faults with its counters. Clones share both.
#[derive(Clone, Default)]
pub struct Faults {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    expire_session: Mutex<Option<Hook>>,
}

#[derive(Default)]
struct State {
    last_id: u64,
    armed: Vec<Armed>,
    calls: BTreeMap<String, u64>,
    arrivals: Vec<String>,
    in_flight: u64,
    max_in_flight: u64,
}

/// A fault in the script. Used-up ones leave the script; their latch stays with their handle and their held calls.
struct Armed {
    id: u64,
    fault: Fault,
    seen: u64,
    latch: Latch,
}

/// What a fault's handle, its held calls and its releaser share.
#[derive(Debug, Clone)]
struct Latch {
    progress: watch::Sender<Progress>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    met: u64,
    held: u64,
    releases: u64,
    open: bool,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Faults")
            .field("armed", &state.armed.len())
            .field("max_in_flight", &state.max_in_flight)
            .finish_non_exhaustive()
    }
}

impl Faults {
    /// An empty script.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a fault. Of several that meet the same call, the one added first acts; all of them count it.
    pub fn add(&self, fault: Fault) -> FaultHandle {
        let latch = Latch { progress: watch::Sender::new(Progress::default()) };
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        state.armed.push(Armed { id, fault, seen: 0, latch: latch.clone() });
        FaultHandle { id, latch }
    }

    /// Removes every fault and lets go of every call that is held.
    pub fn clear(&self) {
        let armed = std::mem::take(&mut self.state().armed);
        for fault in armed {
            fault.latch.open();
        }
    }

    /// Lets go of every call that a fault of the script holds now.
    pub fn release(&self) {
        for fault in &self.state().armed {
            fault.latch.release();
        }
    }

    /// How many calls came in whose path ends with `suffix`.
    pub fn calls(&self, suffix: &str) -> u64 {
        let state = self.state();
        state.calls.iter().filter(|(call, _)| call.ends_with(suffix)).map(|(_, count)| count).sum()
    }

    /// Every call in the order of arrival as `POST /path`, up to the first 100,000.
    pub fn arrivals(&self) -> Vec<String> {
        self.state().arrivals.clone()
    }

    /// The most calls that were under way at the same time.
    pub fn max_in_flight(&self) -> u64 {
        self.state().max_in_flight
    }

    /// Sets the counters back; the faults stay.
    pub fn reset_counters(&self) {
        let mut state = self.state();
        state.calls.clear();
        state.arrivals.clear();
        state.max_in_flight = state.in_flight;
    }

    /// What [`Fault::expire_session`] does; a simulator sets it once.
    pub fn on_expire_session(&self, hook: impl Fn() + Send + Sync + 'static) {
        *self.shared.expire_session.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(hook));
    }

    pub(super) fn expire_session(&self) {
        let hook = self.shared.expire_session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(hook) = hook {
            hook();
        }
    }

    /// Counts a call and says what has to happen to it.
    pub(super) fn meet(&self, method: &str, path: &str) -> (InFlight, Option<Met>) {
        let mut state = self.state();
        let call = format!("{method} {path}");
        if state.arrivals.len() < ARRIVALS {
            state.arrivals.push(call.clone());
        }
        *state.calls.entry(call).or_default() += 1;
        state.in_flight += 1;
        state.max_in_flight = state.max_in_flight.max(state.in_flight);
        let mut met = None;
        state.armed.retain_mut(|armed| {
            if !armed.fault.matches(method, path) {
                return true;
            }
            armed.seen += 1;
            if met.is_some() || armed.latch.met() >= armed.fault.limit() || !armed.fault.meets(armed.seen) {
                return true;
            }
            let times = armed.latch.count();
            met = Some(Met { kind: armed.fault.kind.clone(), latch: armed.latch.clone() });
            // A holding fault stays listed, so that `release` and `clear` still find the calls it holds.
            times < armed.fault.limit() || armed.fault.holds()
        });
        (InFlight { faults: self.clone() }, met)
    }

    pub(super) fn describe(&self) -> Value {
        let state = self.state();
        let faults: Vec<Value> = state
            .armed
            .iter()
            .map(|armed| {
                let progress = *armed.latch.progress.borrow();
                json!({"id": armed.id, "fault": armed.fault, "met": progress.met, "held": progress.held})
            })
            .collect();
        json!({"faults": faults, "calls": state.calls, "max_in_flight": state.max_in_flight})
    }
}

impl Fault {
    fn holds(&self) -> bool {
        matches!(self.kind, FaultKind::HoldBefore | FaultKind::HoldAfter)
    }
}

impl Latch {
    fn count(&self) -> u64 {
        let mut met = 0;
        self.progress.send_modify(|progress| {
            progress.met += 1;
            met = progress.met;
        });
        met
    }

    fn met(&self) -> u64 {
        self.progress.borrow().met
    }

    fn release(&self) {
        self.progress.send_modify(|progress| progress.releases += 1);
    }

    fn open(&self) {
        self.progress.send_modify(|progress| progress.open = true);
    }
}

/// A call that a fault meets.
#[derive(Debug)]
pub(super) struct Met {
    pub(super) kind: FaultKind,
    latch: Latch,
}

impl Met {
    /// Waits until the call is let go.
    pub(super) async fn hold(&self) {
        let mut progress = self.latch.progress.subscribe();
        let before = progress.borrow().releases;
        let _held = Held::new(&self.latch);
        // The latch's sender lives in `self`, so this cannot end early.
        let _ = progress.wait_for(|now| now.open || now.releases > before).await;
    }
}

/// Counts one call as held for as long as it lives.
struct Held<'a> {
    latch: &'a Latch,
}

impl<'a> Held<'a> {
    fn new(latch: &'a Latch) -> Self {
        latch.progress.send_modify(|progress| progress.held += 1);
        Self { latch }
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.latch.progress.send_modify(|progress| progress.held -= 1);
    }
}

/// Counts one call as under way for as long as it lives.
#[derive(Debug)]
pub(super) struct InFlight {
    faults: Faults,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.faults.state().in_flight -= 1;
    }
}

/// What [`Faults::add`] returns: watches the fault and lets go of what it holds. Dropping it changes nothing.
#[derive(Debug, Clone)]
pub struct FaultHandle {
    id: u64,
    latch: Latch,
}

impl FaultHandle {
    /// The fault's number, as the control paths show it.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// How many calls the fault met.
    pub fn met(&self) -> u64 {
        self.latch.met()
    }

    /// Waits until the fault has met at least `times` calls.
    pub async fn until_met(&self, times: u64) {
        let mut progress = self.latch.progress.subscribe();
        let _ = progress.wait_for(|now| now.met >= times).await;
    }

    /// Waits until a call is being held; returns at once if one is.
    pub async fn held(&self) {
        let mut progress = self.latch.progress.subscribe();
        let _ = progress.wait_for(|now| now.held > 0).await;
    }

    /// Lets go of the calls that are held now.
    pub fn release(&self) {
        self.latch.release();
    }

    /// Lets go of the calls that are held now, and holds none any more.
    pub fn open(&self) {
        self.latch.open();
    }
}

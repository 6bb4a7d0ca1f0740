//! How many calls are in flight, and who goes next.

use crate::Priority;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// A fixed number of places. A place that becomes free goes to the first urgent waiter, else to the first normal one.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Above zero only while nobody waits.
    free: usize,
    urgent: VecDeque<oneshot::Sender<Place>>,
    normal: VecDeque<oneshot::Sender<Place>>,
}

/// The right to have one call in flight; given back on drop.
#[derive(Debug)]
pub(crate) struct Place {
    gate: Option<Arc<Gate>>,
}

impl Gate {
    pub(crate) fn new(places: usize) -> Arc<Self> {
        let state = State { free: places.max(1), urgent: VecDeque::new(), normal: VecDeque::new() };
        Arc::new(Self { state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. A waiter that is dropped loses no place: one that was already sent to it goes on to the next.
    pub(crate) async fn enter(self: &Arc<Self>, priority: Priority) -> Place {
        loop {
            let waiter = {
                let mut state = self.state();
                if state.free > 0 {
                    state.free -= 1;
                    return Place { gate: Some(Arc::clone(self)) };
                }
                let (sender, waiter) = oneshot::channel();
                let queue = match priority {
                    Priority::Urgent => &mut state.urgent,
                    Priority::Normal => &mut state.normal,
                };
                queue.retain(|other| !other.is_closed());
                queue.push_back(sender);
                waiter
            };
            if let Ok(place) = waiter.await {
                return place;
            }
        }
    }

    fn hand_on(self: Arc<Self>) {
        let mut state = self.state();
        while let Some(waiter) = state.urgent.pop_front().or_else(|| state.normal.pop_front()) {
            match waiter.send(Place { gate: Some(Arc::clone(&self)) }) {
                Ok(()) => return,
                // Gone meanwhile. The place is disarmed, or its drop would come here again.
                Err(mut refused) => refused.gate = None,
            }
        }
        state.free += 1;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.hand_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use futures::future::BoxFuture;

    fn waiter(gate: &Arc<Gate>, priority: Priority) -> BoxFuture<'static, Place> {
        let gate = Arc::clone(gate);
        let mut waiter = async move { gate.enter(priority).await }.boxed();
        assert!((&mut waiter).now_or_never().is_none(), "there is a free place");
        waiter
    }

    fn enter(gate: &Arc<Gate>) -> Place {
        gate.enter(Priority::Normal).now_or_never().expect("no free place")
    }

    #[test]
    fn a_free_place_goes_to_the_first_urgent_waiter_and_then_in_order() {
        let gate = Gate::new(1);
        let place = enter(&gate);
        let mut first = waiter(&gate, Priority::Normal);
        let mut second = waiter(&gate, Priority::Normal);
        let mut urgent = waiter(&gate, Priority::Urgent);
        drop(place);
        assert!((&mut first).now_or_never().is_none());
        let place = (&mut urgent).now_or_never().unwrap();
        drop(place);
        assert!((&mut second).now_or_never().is_none());
        let place = (&mut first).now_or_never().unwrap();
        drop(place);
        drop((&mut second).now_or_never().unwrap());
        drop(enter(&gate));
    }

    #[test]
    fn a_waiter_that_is_dropped_loses_no_place() {
        let gate = Gate::new(2);
        let places = (enter(&gate), enter(&gate));
        let gone_before = waiter(&gate, Priority::Urgent);
        let gone_after = waiter(&gate, Priority::Urgent);
        let mut stays = waiter(&gate, Priority::Normal);
        drop(gone_before);
        drop(places.0);
        // The place is on its way to this one; now it goes on.
        drop(gone_after);
        let third = (&mut stays).now_or_never().unwrap();
        drop((places.1, third));
        let both = (enter(&gate), enter(&gate));
        assert!(gate.enter(Priority::Urgent).now_or_never().is_none(), "more places than there are");
        drop(both);
    }
}

//! How many calls are in flight, and who goes next.

use crate::Priority;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// A fixed number of places, each with what its holder may use. A place that becomes free goes to the first urgent waiter, else to
/// the first normal one.
#[derive(Debug)]
pub(crate) struct Gate<L: Clone> {
    state: Mutex<State<L>>,
}

#[derive(Debug)]
struct State<L: Clone> {
    /// Not empty only while nobody waits. The one that was given back last goes first.
    free: Vec<L>,
    urgent: VecDeque<oneshot::Sender<Place<L>>>,
    normal: VecDeque<oneshot::Sender<Place<L>>>,
}

/// The right to have one call in flight; given back on drop.
#[derive(Debug)]
pub(crate) struct Place<L: Clone> {
    pub(crate) lane: L,
    gate: Option<Arc<Gate<L>>>,
}

impl<L: Clone> Gate<L> {
    /// One place per lane; the last one goes first.
    pub(crate) fn new(lanes: Vec<L>) -> Arc<Self> {
        let state = State { free: lanes, urgent: VecDeque::new(), normal: VecDeque::new() };
        Arc::new(Self { state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State<L>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. A waiter that is dropped loses no place: one that was already sent to it goes on to the next.
    pub(crate) async fn enter(self: &Arc<Self>, priority: Priority) -> Place<L> {
        loop {
            let waiter = {
                let mut state = self.state();
                if let Some(lane) = state.free.pop() {
                    return Place { lane, gate: Some(Arc::clone(self)) };
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

    /// A free place with such a lane, without waiting.
    pub(crate) fn enter_if_free(self: &Arc<Self>, fits: impl Fn(&L) -> bool) -> Option<Place<L>> {
        let mut state = self.state();
        let at = state.free.iter().position(fits)?;
        Some(Place { lane: state.free.remove(at), gate: Some(Arc::clone(self)) })
    }

    fn hand_on(self: Arc<Self>, lane: L) {
        let mut state = self.state();
        while let Some(waiter) = state.urgent.pop_front().or_else(|| state.normal.pop_front()) {
            match waiter.send(Place { lane: lane.clone(), gate: Some(Arc::clone(&self)) }) {
                Ok(()) => return,
                // Gone meanwhile. The place is disarmed, or its drop would come here again.
                Err(mut refused) => refused.gate = None,
            }
        }
        state.free.push(lane);
    }
}

impl<L: Clone> Drop for Place<L> {
    fn drop(&mut self) {
        if let Some(gate) = self.gate.take() {
            gate.hand_on(self.lane.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;
    use futures::future::BoxFuture;

    fn waiter(gate: &Arc<Gate<u8>>, priority: Priority) -> BoxFuture<'static, Place<u8>> {
        let gate = Arc::clone(gate);
        let mut waiter = async move { gate.enter(priority).await }.boxed();
        assert!((&mut waiter).now_or_never().is_none(), "there is a free place");
        waiter
    }

    fn enter(gate: &Arc<Gate<u8>>) -> Place<u8> {
        gate.enter(Priority::Normal).now_or_never().expect("no free place")
    }

    #[test]
    fn a_free_place_goes_to_the_first_urgent_waiter_and_then_in_order() {
        let gate = Gate::new(vec![1]);
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
        let gate = Gate::new(vec![1, 2]);
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

    #[test]
    fn a_lane_is_held_by_one_and_the_one_used_last_goes_first() {
        let gate = Gate::new(vec![3, 2, 1]);
        let (first, second) = (enter(&gate), enter(&gate));
        assert_eq!((first.lane, second.lane), (1, 2));
        assert!(gate.enter_if_free(|lane| *lane == 1).is_none(), "it is taken");
        assert_eq!(gate.enter_if_free(|lane| *lane == 3).map(|place| place.lane), Some(3));
        drop(second);
        assert_eq!(enter(&gate).lane, 2);
    }
}

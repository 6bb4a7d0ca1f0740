//! The time of a simulation.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use sync_core::Clock;
use tokio::sync::watch;

/// What is waited out at once: the pauses before a call is repeated.
const SHORT: Duration = Duration::from_secs(1);

/// Stands still until it is set. Who waits for a moment moves it on; who waits longer waits until it is set.
#[derive(Debug)]
pub(super) struct Time(watch::Sender<DateTime<Utc>>);

impl Time {
    pub(super) fn at(instant: DateTime<Utc>) -> Self {
        Self(watch::Sender::new(instant))
    }

    /// Goes on to this instant, never back.
    pub(super) fn go_on_to(&self, instant: DateTime<Utc>) {
        self.0.send_modify(|now| *now = (*now).max(instant));
    }
}

#[async_trait]
impl Clock for Time {
    fn now(&self) -> DateTime<Utc> {
        *self.0.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now() + TimeDelta::from_std(duration).unwrap();
        if duration <= SHORT {
            tokio::task::yield_now().await;
            self.go_on_to(until);
            return;
        }
        self.0.subscribe().wait_for(|now| *now >= until).await.unwrap();
    }
}

//! A clock that a test sets.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;

use crate::clock::Clock;

/// A clock that stands still until it is advanced.
#[derive(Debug)]
pub struct ManualClock {
    now: watch::Sender<DateTime<Utc>>,
}

impl ManualClock {
    /// Stands at this instant.
    #[must_use]
    pub fn at(instant: DateTime<Utc>) -> Self {
        Self { now: watch::Sender::new(instant) }
    }

    /// Moves on; wakes whoever sleeps until then.
    pub fn advance(&self, duration: Duration) {
        let delta = TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX);
        self.now.send_modify(|now| *now = now.checked_add_signed(delta).unwrap_or(DateTime::<Utc>::MAX_UTC));
    }

    /// Jumps to an instant, also back.
    pub fn set(&self, instant: DateTime<Utc>) {
        self.now.send_replace(instant);
    }
}

impl Default for ManualClock {
    /// Stands at 2026-11-21 08:00 UTC.
    fn default() -> Self {
        Self::at(DateTime::from_timestamp(1_795_248_000, 0).unwrap_or_default())
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        let until = TimeDelta::from_std(duration).ok().and_then(|delta| self.now().checked_add_signed(delta));
        let mut now = self.now.subscribe();
        // the sender lives as long as this clock, so waiting ends only when the time has come
        let _ = now.wait_for(|now| until.is_some_and(|until| *now >= until)).await;
    }
}

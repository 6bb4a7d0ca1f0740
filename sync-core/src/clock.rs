//! Where the engine takes the time from.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// The time as the engine and the memory and SQLite stores see it.
///
/// Tests put a `ManualClock` here (feature `testing`) and simulate days in milliseconds.
#[async_trait]
pub trait Clock: Debug + Send + Sync {
    /// The instant now.
    fn now(&self) -> DateTime<Utc>;

    /// Returns once `duration` has passed. Dropping the future is safe.
    async fn sleep(&self, duration: Duration);
}

/// The computer's own clock.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct")]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the engine asks the computer for the time"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

const _: fn(&dyn Clock) = |_| {};

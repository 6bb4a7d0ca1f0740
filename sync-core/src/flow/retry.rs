//! Repeats within a step.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::settings::RetrySettings;
use crate::clock::Clock;
use crate::error::{ErrorKind, Result};

/// A repeat costs ten, a success gives one back.
const REPEAT: u32 = 10;

/// Repeats reads, look-ups and writes that failed for the moment, within a budget that they share.
#[derive(Debug)]
pub(crate) struct Retry {
    settings: RetrySettings,
    budget: Mutex<u32>,
}

impl Retry {
    pub(crate) fn new(settings: RetrySettings) -> Self {
        Self { settings, budget: Mutex::new(settings.budget.saturating_mul(REPEAT)) }
    }

    pub(crate) async fn run<T, F: Future<Output = Result<T>>>(
        &self,
        clock: &dyn Clock,
        mut call: impl FnMut() -> F,
    ) -> Result<T> {
        let mut pauses = self.pauses();
        loop {
            let error = match call().await {
                Ok(done) => {
                    self.give_back();
                    return Ok(done);
                }
                Err(error) => error,
            };
            if error.kind() != ErrorKind::Transient {
                return Err(error);
            }
            let Some(pause) = pauses.next().filter(|_| self.take()) else { return Err(error) };
            tracing::debug!(%error, ?pause, "trying again");
            clock.sleep(pause).await;
        }
    }

    fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let plain = ExponentialBuilder::new()
            .with_min_delay(self.settings.base)
            .with_max_delay(self.settings.cap)
            .with_max_times(usize::try_from(self.settings.repeats).unwrap_or(usize::MAX));
        // backon's jitter lies between one and two delays; less one delay that is full jitter
        plain.with_jitter().build().zip(plain.build()).map(|(more, delay)| more.saturating_sub(delay))
    }

    fn take(&self) -> bool {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        let left = budget.checked_sub(REPEAT);
        *budget = left.unwrap_or(*budget);
        left.is_some()
    }

    fn give_back(&self) {
        let mut budget = self.budget.lock().unwrap_or_else(PoisonError::into_inner);
        *budget = budget.saturating_add(1).min(self.settings.budget.saturating_mul(REPEAT));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    /// Sleeps not at all, and remembers how long it should have.
    #[derive(Debug, Default)]
    struct Impatient(Mutex<Vec<Duration>>);

    #[async_trait::async_trait]
    impl Clock for Impatient {
        fn now(&self) -> chrono::DateTime<chrono::Utc> {
            chrono::DateTime::UNIX_EPOCH
        }
        async fn sleep(&self, duration: Duration) {
            self.0.lock().unwrap().push(duration);
        }
    }

    async fn calls(retry: &Retry, clock: &Impatient, kind: ErrorKind, failures: u32) -> u32 {
        let mut calls = 0;
        let result = retry
            .run(clock, || {
                calls += 1;
                let result = if calls <= failures { Err(Error::new(kind, "scripted")) } else { Ok(()) };
                std::future::ready(result)
            })
            .await;
        assert_eq!(result.is_ok(), calls > failures);
        calls
    }

    #[tokio::test]
    async fn only_what_is_transient_is_repeated_and_only_so_often() {
        let retry = Retry::new(RetrySettings::default());
        let clock = Impatient::default();
        assert_eq!(calls(&retry, &clock, ErrorKind::Transient, 1).await, 2);
        assert_eq!(calls(&retry, &clock, ErrorKind::Transient, 9).await, 3);
        for kind in [ErrorKind::Auth, ErrorKind::Throttled { after: None }, ErrorKind::Unreadable] {
            assert_eq!(calls(&retry, &clock, kind, 1).await, 1);
        }
        let pauses = clock.0.lock().unwrap();
        assert!(
            pauses.iter().zip([200, 200, 400]).all(|(pause, most)| pause.as_millis() <= most),
            "{pauses:?}"
        );
    }

    #[tokio::test]
    async fn in_an_outage_the_shared_budget_bounds_all_repeats() {
        let retry = Retry::new(RetrySettings::default().repeats(5).budget(8));
        let clock = Impatient::default();
        let mut total = 0;
        for _ in 0..100 {
            total += calls(&retry, &clock, ErrorKind::Transient, 99).await;
        }
        assert_eq!(total, 108);
        for _ in 0..10 {
            calls(&retry, &clock, ErrorKind::Transient, 0).await;
        }
        assert_eq!(calls(&retry, &clock, ErrorKind::Transient, 99).await, 2);
    }
}

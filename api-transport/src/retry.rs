//! What may be repeated, when, and how often: the retry table in one function.

mod after;

pub(crate) use after::retry_after;

use crate::{Effect, ErrorKind};
use backon::{BackoffBuilder, ExponentialBuilder};
use http::StatusCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What follows from a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    pub(crate) next: Next,
    pub(crate) may_have_been_applied: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The same request again after a pause.
    Repeat,
    /// The same request again with a newer credential, once.
    RepeatWithNewCredential,
    /// The caller gets the error.
    Stop,
}

/// The retry table. Everything that is not named is never repeated and may have been carried out.
pub(crate) const fn judge(failure: ErrorKind, effect: Effect) -> Judgement {
    let write = effect.is_write();
    let (next, may_have_been_applied) = match failure {
        ErrorKind::NotSent | ErrorKind::Throttled => (Next::Repeat, false),
        ErrorKind::Timeout | ErrorKind::Connection | ErrorKind::Unavailable => match effect {
            Effect::Read | Effect::Idempotent => (Next::Repeat, write),
            Effect::Create => (Next::Stop, true),
        },
        ErrorKind::Unauthorized => (Next::RepeatWithNewCredential, false),
        ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Rejected
        | ErrorKind::Refused
        | ErrorKind::Invalid
        | ErrorKind::Config => (Next::Stop, false),
        ErrorKind::Decode | ErrorKind::TooLarge | ErrorKind::Unexpected => (Next::Stop, write),
    };
    Judgement { next, may_have_been_applied }
}

/// The failure that a status means; none for a 2xx.
pub(crate) fn failure_of(status: StatusCode) -> Option<ErrorKind> {
    Some(match status.as_u16() {
        200..=299 => return None,
        401 => ErrorKind::Unauthorized,
        403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        408 | 500.. => ErrorKind::Unavailable,
        429 => ErrorKind::Throttled,
        400..=499 => ErrorKind::Rejected,
        _ => ErrorKind::Unexpected,
    })
}

/// The longest pause that can be set, so that no sum overflows.
const LONGEST: Duration = Duration::from_secs(365 * 86_400);

/// How often and after which pauses a call is repeated.
///
/// The n-th pause is drawn evenly from zero to `base × 2ⁿ`, at most `cap` (full jitter). `Retry-After` on 429 and 503 raises a
/// pause, never the number of attempts.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    attempts: usize,
    base: Duration,
    cap: Duration,
    retry_after_cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(30),
            retry_after_cap: Duration::from_secs(15 * 60),
        }
    }
}

impl RetryPolicy {
    /// 4 attempts, pauses from 200 ms to 30 s, `Retry-After` up to 15 minutes.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many attempts one call makes at most, the first included; at least 1. A repeat after a new login is not counted.
    #[must_use]
    pub fn attempts(mut self, attempts: usize) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The longest first pause.
    #[must_use]
    pub fn base(mut self, base: Duration) -> Self {
        self.base = base.min(LONGEST);
        self
    }

    /// The longest pause of all.
    #[must_use]
    pub fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap.min(LONGEST);
        self
    }

    /// The longest `Retry-After` that is believed; a longer one counts as this.
    #[must_use]
    pub fn retry_after_cap(mut self, cap: Duration) -> Self {
        self.retry_after_cap = cap.min(LONGEST);
        self
    }

    pub(crate) fn longest_retry_after(&self) -> Duration {
        self.retry_after_cap
    }

    /// The pauses of one call.
    pub(crate) fn pauses(&self) -> impl Iterator<Item = Duration> + Send + use<> {
        let plain = ExponentialBuilder::new()
            .with_min_delay(self.base.min(self.cap))
            .with_max_delay(self.cap)
            .with_max_times(self.attempts.saturating_sub(1));
        // backon's jitter lies between one and two delays; less one delay that is full jitter.
        plain.with_jitter().build().zip(plain.build()).map(|(more, delay)| more.saturating_sub(delay))
    }
}

/// How many repeats one server has to bear: a bucket of tokens shared by every clone of a transport.
///
/// A repeat costs tokens, a success gives one back. When the bucket is empty, failures are returned at once, so that a server in
/// trouble is not kept there.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    capacity: u32,
    cost: u32,
    throttle_cost: u32,
    left: Arc<Mutex<u32>>,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(500, 14, 5)
    }
}

impl RetryBudget {
    /// A full bucket of `capacity` tokens; a repeat costs `cost`, one after a 429 `throttle_cost`. Default: 500, 14, 5.
    ///
    /// Clones share the bucket, so several transports to one server can be given the same.
    pub fn new(capacity: u32, cost: u32, throttle_cost: u32) -> Self {
        Self { capacity, cost, throttle_cost, left: Arc::new(Mutex::new(capacity)) }
    }

    /// Pays for a repeat, or says that there is nothing left to pay with.
    pub(crate) fn pay(&self, failure: ErrorKind) -> bool {
        let cost = if failure == ErrorKind::Throttled { self.throttle_cost } else { self.cost };
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        match left.checked_sub(cost) {
            Some(rest) => {
                *left = rest;
                true
            }
            None => false,
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn left(&self) -> u32 {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn refund(&self) {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        *left = left.saturating_add(1).min(self.capacity);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_full_jitter_below_a_doubling_and_capped_bound() {
        let policy = RetryPolicy::new().attempts(9).base(Duration::from_secs(1)).cap(Duration::from_secs(10));
        let mut below_half = 0;
        for _ in 0..200 {
            let pauses: Vec<_> = policy.pauses().collect();
            assert_eq!(pauses.len(), 8);
            for (pause, bound) in pauses.iter().zip([1, 2, 4, 8, 10, 10, 10, 10]) {
                assert!(*pause <= Duration::from_secs(bound));
            }
            below_half += usize::from(pauses[7] < Duration::from_secs(5));
        }
        assert!((50..150).contains(&below_half), "not drawn from the whole range: {below_half}");
    }

    #[test]
    fn an_empty_budget_pays_nothing_until_successes_fill_it() {
        let budget = RetryBudget::new(20, 14, 5);
        let shared = budget.clone();
        assert!(budget.pay(ErrorKind::Timeout) && shared.pay(ErrorKind::Throttled));
        assert!(!budget.pay(ErrorKind::Throttled));
        (0..4).for_each(|_| shared.refund());
        assert!(budget.pay(ErrorKind::Throttled));
        (0..100).for_each(|_| budget.refund());
        assert!(budget.pay(ErrorKind::Timeout) && !budget.pay(ErrorKind::Timeout));
    }
}

//! Pauses of a failing flow.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::settings::BreakerSettings;
use crate::error::{ErrorKind, Remedy};
use crate::job::Pause;

/// What a pause is taken for when the other side does not say how long.
const THROTTLED: Duration = Duration::from_secs(30);

/// Counts failing steps and says when the flow may work. In memory: after a restart one step tries.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    pause: Option<Pause>,
}

impl Breaker {
    /// Why the flow may not work now.
    pub(crate) fn paused(&self, now: DateTime<Utc>) -> Option<Pause> {
        self.pause.filter(|pause| now < pause.until())
    }

    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Takes in a failure; tells the pause that follows from it.
    pub(crate) fn failed(
        &mut self,
        kind: ErrorKind,
        settings: &BreakerSettings,
        now: DateTime<Utc>,
    ) -> Option<Pause> {
        let (wait, pause): (_, fn(DateTime<Utc>) -> Pause) = match kind {
            ErrorKind::Throttled { after } => {
                (after.unwrap_or(THROTTLED).min(settings.cap), |until| Pause::Throttled { until })
            }
            ErrorKind::Auth => (settings.auth, |until| Pause::Auth { until }),
            // nothing is wrong: somebody else works on the flow
            ErrorKind::LeaseLost | ErrorKind::RevisionConflict => return None,
            // a person cures it, and is not to wait for a pause
            kind if kind.remedy() != Remedy::Later && kind != ErrorKind::Unreadable => return None,
            _ => {
                self.failures = self.failures.saturating_add(1);
                let over = self.failures.checked_sub(settings.failures.max(1))?;
                let wait = settings.base.saturating_mul(1u32.checked_shl(over.min(30)).unwrap_or(u32::MAX));
                (wait.min(settings.cap), |until| Pause::Failing { until })
            }
        };
        let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::MAX);
        let until = now.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC);
        self.pause = Some(pause(until));
        self.pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn wait(pause: Option<Pause>) -> Option<i64> {
        pause.map(|pause| pause.until().timestamp())
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_doubles_while_the_trials_fail() {
        let settings = BreakerSettings::default().failures(3);
        let mut breaker = Breaker::default();
        let mut fail = |kind| wait(breaker.failed(kind, &settings, at(0)));
        let waits: Vec<_> = (0..10).map(|_| fail(ErrorKind::Transient)).collect();
        let expected = [30, 60, 120, 240, 480, 900, 900, 900].map(Some);
        assert_eq!((&waits[..2], &waits[2..]), (&[None, None][..], &expected[..]));
        assert_eq!(wait(breaker.paused(at(899))), Some(900));
        assert_eq!(breaker.paused(at(900)), None);
        breaker.succeeded();
        assert_eq!(breaker.failed(ErrorKind::Transient, &settings, at(0)), None);
    }

    #[test]
    fn retry_after_is_a_floor_up_to_the_cap_and_a_lost_lease_is_no_failure() {
        let settings = BreakerSettings::default().failures(1);
        let mut breaker = Breaker::default();
        let throttled = |seconds| ErrorKind::Throttled { after: Some(Duration::from_secs(seconds)) };
        for no_failure in [ErrorKind::LeaseLost, ErrorKind::SystemicFailure, ErrorKind::FingerprintMismatch] {
            assert_eq!(breaker.failed(no_failure, &settings, at(0)), None);
        }
        assert_eq!(wait(breaker.failed(throttled(7), &settings, at(0))), Some(7));
        assert_eq!(wait(breaker.failed(throttled(86_400), &settings, at(0))), Some(900));
        assert_eq!(wait(breaker.failed(ErrorKind::Throttled { after: None }, &settings, at(0))), Some(30));
        assert_eq!(breaker.failed(ErrorKind::Auth, &settings, at(0)), Some(Pause::Auth { until: at(900) }));
    }
}

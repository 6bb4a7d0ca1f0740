//! How old a flow may be.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::schedule::Schedule;

/// How old the last complete cycle of a part may be.
#[derive(Debug, Clone)]
pub struct Freshness(Contract);

#[derive(Debug, Clone)]
enum Contract {
    Within(TimeDelta),
    Ticks { schedule: Box<Schedule>, missed: u32, grace: TimeDelta },
}

impl Freshness {
    /// Too old at `age`.
    #[must_use]
    pub fn within(age: Duration) -> Self {
        Self(Contract::Within(delta(age)))
    }

    /// Too old `grace` after the second tick that no complete cycle followed; see [`missed`](Self::missed). Outside the
    /// windows of a schedule there are no ticks, so a night without runs makes nothing late. A schedule without ticks (on
    /// events, by hand) never makes anything late.
    ///
    /// The grace is for the run that the tick begins: it should be longer than a cycle takes.
    #[must_use]
    pub fn scheduled(schedule: Schedule, grace: Duration) -> Self {
        Self(Contract::Ticks { schedule: Box::new(schedule), missed: 2, grace: delta(grace) })
    }

    /// Too old after so many ticks, at least one. Without a schedule it changes nothing.
    #[must_use]
    pub fn missed(mut self, count: u32) -> Self {
        if let Contract::Ticks { missed, .. } = &mut self.0 {
            *missed = count.max(1);
        }
        self
    }

    /// Of something that is read in one of so many rounds: as many ticks more, or as many times the age.
    pub(super) fn over_rounds(mut self, rounds: usize) -> Self {
        let rounds = u32::try_from(rounds.max(1)).unwrap_or(u32::MAX);
        match &mut self.0 {
            Contract::Within(age) => {
                let times = i32::try_from(rounds).unwrap_or(i32::MAX);
                *age = age.checked_mul(times).unwrap_or(TimeDelta::MAX);
            }
            Contract::Ticks { missed, .. } => *missed = missed.saturating_add(rounds - 1),
        }
        self
    }

    /// When something that was fresh at `from` becomes too old; `None`: never.
    #[must_use]
    pub fn ends(&self, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match &self.0 {
            Contract::Within(age) => from.checked_add_signed(*age),
            Contract::Ticks { schedule, missed, grace } => {
                let last = (0..*missed).try_fold(from, |instant, _| schedule.next_after(instant))?;
                last.checked_add_signed(*grace)
            }
        }
    }

    /// How many ticks something missed by `now` that was fresh at `from`, as far as a schedule counts; 0 without one.
    pub(super) fn missed_by(&self, from: DateTime<Utc>, now: DateTime<Utc>) -> u64 {
        match &self.0 {
            Contract::Within(_) => 0,
            Contract::Ticks { schedule, .. } => schedule.ticks_between(from, now) as u64,
        }
    }
}

/// As a difference of instants; the longest there is if it is longer.
pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

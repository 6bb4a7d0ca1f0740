//! Hints and deliveries.

use std::ops::Bound;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{State, after};
use crate::name::{FlowName, Key, Part};
use crate::webhook::{Delivery, Hint, HintOutcome, HintSettled, Waiting};

#[derive(Debug)]
pub(super) struct HintRow {
    hint: Hint,
    due_at: DateTime<Utc>,
}

impl State {
    pub(super) fn put_hints(
        &mut self,
        delivery: &Delivery,
        hints: &[(Part, Key)],
        now: DateTime<Utc>,
    ) -> HintOutcome {
        if self.deliveries.contains_key(delivery) {
            return HintOutcome::Duplicate;
        }
        self.deliveries.insert(delivery.clone(), now);
        for (part, key) in hints {
            let place = (part.clone(), key.clone());
            let number = self.hints.get(&place).map_or(0, |row| row.hint.number) + 1;
            self.hints.insert(place, HintRow { hint: Hint::new(key.clone(), number, 0, now), due_at: now });
        }
        HintOutcome::New
    }

    pub(super) fn adopt_hint(&mut self, part: &Part, hint: Hint, now: DateTime<Utc>) {
        self.hints.insert((part.clone(), hint.key.clone()), HintRow { hint, due_at: now });
    }

    pub(super) fn due_hints(
        &self,
        part: &Part,
        after: Option<&Key>,
        limit: usize,
        now: DateTime<Utc>,
    ) -> Vec<Hint> {
        let from = match after {
            Some(after) => Bound::Excluded((part.clone(), after.clone())),
            None => Bound::Included((part.clone(), Key::from(""))),
        };
        let of_part = self.hints.range((from, Bound::Unbounded)).take_while(|((of, _), _)| of == part);
        let due = of_part.filter(|(_, row)| row.due_at <= now);
        due.take(limit).map(|(_, row)| row.hint.clone()).collect()
    }

    pub(super) fn settle_hints(&mut self, part: &Part, settled: Vec<HintSettled>, now: DateTime<Utc>) {
        for settled in settled {
            let place = (part.clone(), settled.key);
            let Some(row) = self.hints.get_mut(&place).filter(|row| row.hint.number == settled.number) else {
                continue;
            };
            match settled.again {
                Some(wait) => {
                    row.hint.attempts += 1;
                    row.due_at = after(now, wait);
                }
                None => drop(self.hints.remove(&place)),
            }
        }
    }

    pub(super) fn waiting(&self, flow: &FlowName, now: DateTime<Utc>) -> Waiting {
        let rejects = self.rejects.keys().filter(|(part, _)| part.flow() == flow).count() as u64;
        let of_flow = || self.hints.iter().filter(|((part, _), _)| part.flow() == flow).map(|(_, row)| row);
        let due = of_flow().filter(|row| row.due_at <= now).count() as u64;
        Waiting::new(rejects).with_hints(due, of_flow().map(|row| row.due_at).min())
    }

    pub(super) fn prune_hints(&mut self, age: Duration, now: DateTime<Utc>) {
        let is_old = |instant| after(instant, age.max(Delivery::KEPT)) <= now;
        self.deliveries.retain(|_, received| !is_old(*received));
        self.hints.retain(|_, row| !is_old(row.hint.hinted_at));
    }
}
